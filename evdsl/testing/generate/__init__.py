"""Random specs, their variations, and mutations of texts."""
