"""`trip NAME of BLOCK`: an absence during a stay. The same battery comes back, with what the road left in it.

BLOCK is a `fleet`, a `vehicle` or `sessions`; each of its vehicles makes the trip, or in a file
(`trip NAME of BLOCK = csv("file", vehicle="id", departure="out", arrival="back", used="driven (kWh)")`)
the one that its row names. A trip cuts a stay in two. With e_dep the energy when stay k ends and e_arr when
the next begins, kWh in the battery:

    e_arr[k+1] = e_dep[k] + en_route[k] - used[k]
    en_route[k] = max(0, used[k] + soc_min · battery - e_dep[k])          what must be charged elsewhere

`en_route` is exactly that, never more: energy that comes from nowhere could be sold. It is part of `unmet`,
and nothing with `partial_charging` off; where the class has a price `elsewhere` it is paid for instead. Over
the whole vehicle

    need[v] = max(0, Σ_k used[k] + (soc_target - soc_arrival) · battery)
    unmet[v] = Σ_k en_route[k] + what the last stay lacks of the target, never more than need[v]

A clock time is on the day on which the stay begins, with `+ 1 d` on the next. With `days = mon .. fri` the
trip is made on each such day of the horizon on which its departure lies in the stay: its clock times are on
that day, with `+ 1 d` on the one after, and what is drawn is drawn anew. A trip that is drawn and does not
fit into the stay is drawn again; with `days` the departure that was drawn first says whether it is made. One
that ends behind the horizon ends the vehicle: what it uses is asked for at its departure, and no target after
it. Trips that end before the horizon begins, or begin behind it, are left out.
"""

from evdsl.language.declaration import VEHICLE, Kind, Setting, Shape
from evdsl.language.units import ENERGY, TIME

KIND = Kind(
    keyword="trip",
    doc="an absence during a stay, with the energy that it uses",
    of=VEHICLE,
    from_data=True,
    either=(("arrival", "duration"),),
    settings=(
        Setting("departure", Shape.CLOCK, "when it begins", required=True, example="12:00"),
        Setting("arrival", Shape.CLOCK, "when it is back", example="13:00"),
        Setting(
            "duration", Shape.RANDOM, "how long it takes", TIME, above=True, minimum=0.0, example="50 min"
        ),
        Setting(
            "used",
            Shape.RANDOM,
            "the energy that it takes out of the battery",
            ENERGY,
            required=True,
            minimum=0.0,
            example="8 kWh",
        ),
        Setting(
            "days",
            Shape.DAYS,
            "the days on which it is made, by its clock times; without it, the day on which the stay begins",
            example="mon .. fri",
        ),
        Setting("vehicle", Shape.TEXT, "the column that names the vehicles", example='"id"', of_rows=True),
    ),
)
