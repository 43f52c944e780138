"""What one asks of a schedule: why a vehicle charges when it does, what happens at a time, why no other."""
