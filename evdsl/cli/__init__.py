"""The command `evdsl`: process, memory, exit statuses."""
