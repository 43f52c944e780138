"""A report as one page of HTML without scripts, and what notebooks show of a run."""
