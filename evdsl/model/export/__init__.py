"""A program as a file for other tools."""
