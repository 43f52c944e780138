"""A user's mistake as a value with a place, and the files that may be opened."""
