"""The mathematics of each family of rows and variables, as data."""
