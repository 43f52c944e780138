"""The report of a front."""
