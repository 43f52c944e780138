"""What must hold of any spec and any answer."""
