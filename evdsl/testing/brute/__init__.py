"""Tiny sites whose schedules are all written out."""
