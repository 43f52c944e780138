"""Functions that make a series of others: the mean of past days, and paths that each scenario draws."""
