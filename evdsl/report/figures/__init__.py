"""A run in pictures: what each figure shows, the sentences beneath it, and its numbers."""
