"""Solution to schedule: put on bounds, labelled, stored."""
