"""The colours of a spec in editors."""
