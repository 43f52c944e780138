"""Schedules judged in exact fractions."""
