"""A `voltage` that looks like the one between two phases: networks are named by that one."""

from __future__ import annotations

from math import sqrt

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.spec import Spec
from evdsl.language.units import VOLTAGE, format_value

LEAST = 0.35
"""kV to neutral: the highest of low-voltage networks is 347 V, of a network of 600 V."""
EQUAL = 1e-6
"""kV, of the rounding of units."""
NAMED = {0.208: 0.12, 0.38: 0.22, 0.4: 0.23, 0.415: 0.24, 0.48: 0.277, 0.6: 0.347, 0.69: 0.4}
"""kV between phases and to neutral, as networks are named."""


def check(spec: Spec) -> list[Diagnostic]:
    """W113 for a voltage that no low-voltage network has to neutral."""
    station = spec.only("station")
    if station is None or "voltage" not in station.given:
        return []
    given = station.number("voltage", 0.0)
    if given < LEAST and abs(given - min(NAMED)) > EQUAL:
        return []
    named = next((one for one in NAMED if abs(one - given) < EQUAL), None)
    neutral = round(given / sqrt(3.0), 3) if named is None else NAMED[named]
    told, meant = format_value(given, VOLTAGE), format_value(neutral, VOLTAGE)
    message = f"`voltage` is that of a phase to neutral, and {told} is what lies between two phases"
    help = f"write `voltage = {meant}`, if it is a network of {told}"
    return [Diagnostic("W113", message, station.place("voltage"), "", help, (), station.header)]
