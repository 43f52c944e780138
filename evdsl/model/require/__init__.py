"""The rows of a `require`."""
