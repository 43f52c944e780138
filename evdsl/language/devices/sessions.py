"""`sessions NAME of CLASS = csv("file", arrival="column", ...)`: vehicles read from data.

A column stands for each setting of `vehicle`; the unit of its numbers is in its name, as in
`"energy (kWh)"`, or given: `energy = column("energy", unit="kWh")`. `id` names the vehicles.
`arriving = 2019-07-24 .. 2019-07-25` keeps the rows that arrive from the first day on and before the second.
Timestamps with an offset are converted to the station's zone; those without are local to it, or of UTC where
the name of their column says so. `dialect = "eu"` or `"us"` is for other dates and numbers, as in a series.
"""

from evdsl.language.declaration import VEHICLE, Kind, Setting, Shape
from evdsl.language.devices.vehicle import DEMANDS, VISIT

KIND = Kind(
    keyword="sessions",
    doc="vehicles read from data",
    of="class",
    family=VEHICLE,
    from_data=True,
    either=DEMANDS,
    settings=(
        Setting("id", Shape.TEXT, "the column that names the vehicles", example='"session_id"'),
        Setting(
            "arriving",
            Shape.PERIOD,
            "keep the rows that arrive in this range",
            example="2019-07-24 .. 2019-07-25",
        ),
        *VISIT,
    ),
)
