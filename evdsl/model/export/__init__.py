"""A program as a file for other tools."""

ENDINGS = (".mps", ".lp", ".nc")
"""Of files that a model can be written to."""
