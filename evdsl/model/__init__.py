"""Spec and data to a program: variables, rows, rewrites."""
