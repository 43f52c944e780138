"""When things are: the horizon of a station, and the days and months that a spec names."""
