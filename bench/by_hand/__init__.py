"""The same sites as a user would write them without evdsl, each with one library."""
