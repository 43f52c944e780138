"""Facts of a schedule as sentences, by templates, and as plain data."""
