"""The commands of `evdsl`, one a module with a `run`; each imports no more than it needs."""
