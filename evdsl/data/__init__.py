"""Spec to data: files, clocks, draws and vehicles, as arrays."""
