"""Results as text, documents and pictures."""
