"""What our specs cost beside what a user would do instead: `python -m bench`; see `bench/README.md`."""
