"""A plan for many scenarios as text and as data."""
