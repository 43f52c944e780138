"""Text to syntax tree, and back to canonical text."""
