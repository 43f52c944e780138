"""A site of two hours, whose optimum is known without a solver, for what a program may do with it."""

from __future__ import annotations

# Cheap in the first hour, dear in the second; 10 kWh fit into either.
TWO_HOURS = """station s {
    start = 2024-03-12
    horizon = 2 h
    step = 1 h
}
grid {
    price = { 00:00: 0.10 EUR/kWh, 01:00: 0.30 EUR/kWh }
    import_limit = 20 kW
}
class car {
    charge = 10 kW
}
vehicle one of car {
    arrival = 00:00
    departure = 02:00
    energy = 10 kWh
}
disable partial_charging
minimize cost
"""
