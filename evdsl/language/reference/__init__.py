"""The pages that `evdsl explain` and `docs/reference` show."""
