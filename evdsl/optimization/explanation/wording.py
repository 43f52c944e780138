"""The change of a statement that is enough, in the words of a spec."""

from __future__ import annotations

import math

from evdsl.data.data import Data
from evdsl.language.spec import Spec
from evdsl.language.units import NUMBER, symbol
from evdsl.optimization.explanation.conflict import Member
from evdsl.optimization.explanation.levers import DEMAND, REQUIREMENT, TOGGLE
from evdsl.optimization.explanation.shortage import at_port


def change_that_is_enough(member: Member, spec: Spec, data: Data) -> str:
    """The least change of a statement that is enough, rounded to the safe side."""
    lever, change = member.lever, member.relief
    assert change is not None
    if lever.sort == TOGGLE:
        flip = "disable" if spec.on(lever.name) else "enable"
        short = f"; {_upward(change.amount)} kWh are then missing" if lever.name == "partial_charging" else ""
        return f"{flip} {lever.name}{short}"
    if lever.sort == DEMAND:
        vehicles = data.vehicles
        whole = float((vehicles.need * at_port(data))[vehicles.owner == lever.device].sum())
        all_of_it = change.amount >= whole * (1 - 1e-6)
        less = "nothing asked for" if all_of_it else f"{_upward(change.amount)} kWh less, at the port"
        return f"{lever.owner}: {less}"
    if lever.sort == REQUIREMENT:
        name = lever.name.partition(".")[2]
        unit = symbol(lever.dimension, spec.currency)
        more = f"looser by {_upward(change.amount)} {unit}".rstrip() if change.amount else "left out"
        return f"require {name}: {more}"
    if lever.whole and change.value is None:
        return f"{lever.owner}: {lever.name}, at each time {int(change.amount)} more"
    if lever.whole:
        assert change.value is not None
        return f"{lever.owner}: {lever.name} = {int(change.value)} ({int(change.amount)} more)"
    unit = symbol(lever.dimension, spec.currency) or "%"
    scale = 100.0 if lever.dimension == NUMBER else 1.0
    if change.value is None:
        way = "more" if lever.relaxed_by > 0 else "less"
        return f"{lever.owner}: {lever.name}, at each time {_upward(change.amount * scale)} {unit} {way}"
    value = _rounded(change.value * scale, lever.relaxed_by)
    end = {"low": "lower end of ", "high": "upper end of "}.get(lever.end, "")
    return f"{lever.owner}: {end}{lever.name} = {value} {unit}"


def _upward(value: float) -> str:
    return _rounded(value, 1.0)


def _rounded(value: float, way: float) -> str:
    """Four digits, rounded the way that is safe; a solver's rounding of a round number is that number."""
    if value == 0:
        return "0"
    digits = 3 - math.floor(math.log10(abs(value)))
    scaled = value * 10.0**digits
    near = round(scaled)
    safe = math.ceil(scaled) if way > 0 else math.floor(scaled)
    return f"{(near if abs(scaled - near) <= 1e-3 else safe) / 10.0**digits:,.10g}"
