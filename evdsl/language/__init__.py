"""Every word of the language: its declaration, its physics, its page, its colours."""
