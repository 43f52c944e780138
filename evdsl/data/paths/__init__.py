"""Series that are made of others: the days of a history, their mean, and paths that a scenario draws."""
