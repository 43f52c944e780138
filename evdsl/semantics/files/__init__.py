"""What a spec says of the files that it reads: which columns, in which form."""
