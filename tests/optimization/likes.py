"""Small sites on which rules and the optimum are compared."""

DUST = """
station s {
    start   = 2022-03-01 22:00
    horizon = 2 h
    step    = 1 h
}
port p {
    power = 11 kW
}
class bus {
    charge = 11 kW
}
vehicle a of bus {
    arrival = 22:00
    stay    = 2 h
    energy  = 10 kWh
}
minimize unmet
then minimize peak
"""
"""The second stage takes a millionth of a kWh of what the first reached."""

SCARCE = """
station s {
    start   = 2026-01-15
    horizon = 4 h
    step    = 1 h
}
grid {
    price = 1 EUR/kWh
}
port slow {
    power = 10 kW
}
port fast {
    power = 20 kW
}
class solo {
    charge = 20 kW
}
class artic {
    charge = 20 kW
    ports  = [fast]
}
vehicle a of solo {
    arrival = 00:00
    stay    = 4 h
    energy  = 10 kWh
}
vehicle b of artic {
    arrival = 01:00
    stay    = 3 h
    energy  = 10 kWh
}
disable partial_charging
minimize cost
"""
"""Whoever may use both ports leaves the fast one to the one that may use no other."""

SOLD = """
station s {
    start   = 2026-01-15
    horizon = 2 h
    step    = 1 h
}
grid {
    price = 0.10 EUR/kWh
}
port p {
    power = 10 kW
}
class car {
    battery = 20 kWh
    charge  = 10 kW
    tariff  = 0.50 EUR/kWh
}
vehicle a of car {
    arrival     = 00:00
    stay        = 2 h
    soc_arrival = 0 %
    soc_target  = 50 %
}
maximize profit
"""
"""Twice as much is sold as is asked for."""

UNSERVED = """
station s {
    start   = 2026-01-15
    horizon = 3 h
    step    = 1 h
}
grid {
    price        = { 00:00: 1 EUR/kWh, 02:00: 0.50 EUR/kWh }
    import_limit = 10 kW
}
class car {
    charge = 10 kW
}
vehicle patient of car {
    arrival = 00:00
    stay    = 3 h
    energy  = 10 kWh
}
vehicle urgent of car {
    arrival = 00:00
    stay    = 1 h
    energy  = 10 kWh
}
disable partial_charging
minimize cost
"""
"""15 EUR; whoever serves both alike leaves 5 kWh of the urgent one out."""

SUNNY = """
station s {{
    start   = 2026-06-15
    horizon = 4 h
    step    = 1 h
}}
grid {{
    price   = 0.30 EUR/kWh
    feed_in = 0.05 EUR/kWh
}}
solar roof {{
    power = {{ 00:00: {sun} kW, 02:00: 0 kW }}
}}
load house {{
    power = {{ 00:00: 2 kW, 02:00: 4 kW, 03:00: 8 kW }}
}}
storage battery {{
    capacity    = 20 kWh
    power       = 10 kW
    soc_initial = 0 %
    {more}
}}
class car {{
    charge = 1 kW
}}
vehicle a of car {{
    arrival = 00:00
    stay    = 1 h
    energy  = 0 kWh
}}
minimize cost
"""
"""What is left of the sun in two hours is given in the two after."""
