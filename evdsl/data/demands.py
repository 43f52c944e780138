"""What the vehicles of a block ask for: energies and states of charge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evdsl.data.randomness.inverse import Interval
from evdsl.data.reader import BlockReader
from evdsl.language.arrays import FloatArray
from evdsl.language.spec import Device
from evdsl.language.tolerances import IN_RANGE
from evdsl.language.widening import widens
from evdsl.semantics.checks.soc import allowed_of, outside


@dataclass(frozen=True, slots=True)
class Demands:
    """One entry a vehicle, in kWh; NaN where a vehicle is not asked for it. `priority` is a number."""

    battery: FloatArray
    initial: FloatArray
    low: FloatArray
    high: FloatArray
    target: FloatArray
    demand: FloatArray
    need: FloatArray
    priority: FloatArray


def read_demands(group: BlockReader) -> Demands | None:
    """The demands of a block; `None` where what is wrong was reported."""
    before = len(group.problems)
    low, high = group.category.bounds("soc")

    share = Interval(low - IN_RANGE, high + IN_RANGE)
    comes = Interval(0.0, 1.0) if widens(group.category) else share
    positive = Interval(0.0, has_high=False)
    allowed = f"between {low * 100:g} % and {high * 100:g} %"
    bounds = f"`class {group.category.name}` keeps its state of charge {allowed}"
    arrival = group.drawn("soc_arrival", comes, "inside the bounds of the class", bounds)
    target = group.drawn("soc_target", share, "inside the bounds of the class", bounds)
    energy = group.drawn("energy", positive, "zero or above", "mend the distribution")
    priority = group.drawn("priority", positive, "zero or above", "mend the distribution")
    for setting, values in (("soc_arrival", arrival), ("soc_target", target)):
        _check_share(group, setting, values, *allowed_of(group.category, setting))
    _check_sign(group, "energy", energy, " kWh")
    _check_sign(group, "priority", priority, "")
    if len(group.problems) > before:
        return None
    size = group.size
    nothing = np.full(size, np.nan)
    battery = group.category.number("battery", np.nan)
    initial = battery * (arrival if arrival is not None else np.full(size, low))
    aim = battery * target if target is not None else nothing
    asked = energy if energy is not None else nothing
    least, most = (np.full(size, battery * end) for end in (low, high))
    least, most = widened(group.category, least, most, initial)
    return Demands(
        battery=np.full(size, battery),
        initial=initial,
        low=least,
        high=most,
        target=aim,
        demand=asked,
        need=np.maximum(aim - initial, 0.0) if energy is None else asked,
        priority=priority if priority is not None else np.ones(size),
    )


def widened(
    category: Device, low: FloatArray, high: FloatArray, start: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The bounds of batteries of a class that begin with `start`, all in kWh."""
    if not widens(category):
        return low, high
    return np.fmin(low, start), np.fmax(high, start)


def _check_share(
    group: BlockReader, setting: str, values: FloatArray | None, low: float, high: float
) -> None:
    wrong = _where(values, lambda found: (found < low - IN_RANGE) | (found > high + IN_RANGE))
    if values is None or not len(wrong):
        return
    value = float(values[wrong[0]])
    who = group.line(int(wrong[0])) + _others(len(wrong))
    problem = outside(group.device, group.category, setting, (value, value), who)
    assert problem is not None
    group.problems.append(problem)


def _check_sign(group: BlockReader, setting: str, values: FloatArray | None, unit: str) -> None:
    wrong = _where(values, lambda found: found < 0.0)
    if values is not None and len(wrong):
        who = group.line(int(wrong[0])) + _others(len(wrong))
        message = f"`{setting}` of {who} is {values[wrong[0]]:g}{unit}, below 0"
        group.report("E308", message, setting, "mend the numbers")


def _where(values: FloatArray | None, wrong: Callable[[FloatArray], NDArray[np.bool_]]) -> NDArray[np.intp]:
    return np.flatnonzero(wrong(values)) if values is not None else np.zeros(0, dtype=np.intp)


def _others(count: int) -> str:
    return f" (and {count - 1} more)" if count > 1 else ""
