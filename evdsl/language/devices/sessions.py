"""`sessions NAME of CLASS = csv("file", arrival="column", ...)`: vehicles read from data.

A column stands for each setting of `vehicle`; the unit of its numbers is in its name, as in
`"energy (kWh)"`, or given: `energy = column("energy", unit="kWh")`. `id` names the vehicles.
`arriving = 2019-07-24 .. 2019-07-25` keeps the rows that arrive from the first day on and before the second.
Timestamps with an offset are converted to the station's zone; those without are local to it, or of UTC where
the name of their column says so. Rows of one `id` are one vehicle that comes back where there is a column of
what it `used` on the way: it comes with the `soc_arrival` of its first row and asks for the
`soc_target` of its last (`trip`). `dialect = "eu"` or `"us"` is for other dates and numbers, as in a series.
"""

from evdsl.language.declaration import VEHICLE, Kind, Setting, Shape
from evdsl.language.devices.vehicle import DEMANDS, VISIT
from evdsl.language.units import ENERGY

KIND = Kind(
    keyword="sessions",
    doc="vehicles read from data",
    of="class",
    family=VEHICLE,
    from_data=True,
    in_braces=False,
    either=DEMANDS,
    settings=(
        Setting("id", Shape.TEXT, "the column that names the vehicles", example='"session_id"'),
        Setting(
            "arriving",
            Shape.PERIOD,
            "keep the rows that arrive in this range",
            example="2019-07-24 .. 2019-07-25",
        ),
        Setting(
            "used",
            Shape.RANDOM,
            "what a vehicle whose `id` comes again used on the road before it came",
            ENERGY,
            minimum=0.0,
            example='"driven (kWh)"',
        ),
        *VISIT,
    ),
)
