"""The plan of a station: who charges where, from when to when, and what it costs and earns."""
