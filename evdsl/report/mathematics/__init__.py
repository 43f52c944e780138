"""The model of a spec as formulas."""
