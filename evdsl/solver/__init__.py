"""Program to solution: the contract of a backend, and what of its answer is believed."""
