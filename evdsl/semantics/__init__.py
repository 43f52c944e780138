"""Syntax tree to spec: names, units, sets, curvature."""
