"""How the price and the CO2 of the grid rank: where a vehicle charges among the steps of its stay, and at a
step among those of its day.

What is paid is compared with what was possible: with the steps at which the vehicle is there, each by the
part of it in which it is, and not with a mean over a night in which nobody is.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray
from evdsl.language.spec import Spec
from evdsl.optimization.inquiry.course import NOTHING, Course
from evdsl.optimization.inquiry.fact import Fact, Quantity, Value

SAME = 1e-9
"""Of a rate: two that differ by less are one."""
FEW = 4
"""Rates that are told one by one."""


def rates(spec: Spec, data: Data) -> Iterator[tuple[str, FloatArray, str]]:
    """`price` and `co2` of the grid as far as it has them: word, series, unit."""
    for word, setting, unit in (("price", "price", f"{spec.currency}/kWh"), ("co2", "carbon", "kg/kWh")):
        series = data.over_time("grid", setting)
        if series is not None:
            yield word, series, unit


def of_course(spec: Spec, data: Data, course: Course) -> Iterator[Fact]:
    """`rank` of each rate, or `rate_constant` where it does not change while the vehicle is there."""
    charging = course.charge > NOTHING
    if not charging.any():
        return
    energy = course.charge * spec.step
    for word, series, unit in rates(spec, data):
        rate = series[course.step]
        levels = _levels(rate)
        if len(levels) == 1:
            yield Fact("rate_constant", {"of": word, "rate": Quantity(levels[0], unit)})
            continue
        paid = float(energy @ rate / energy.sum())
        dearest = float(rate[charging].max())
        values: dict[str, Value] = {
            "of": word,
            "paid": Quantity(paid, unit),
            "paid_least": Quantity(float(rate[charging].min()), unit),
            "paid_most": Quantity(dearest, unit),
            "there": Quantity(float(course.presence @ rate / course.presence.sum()), unit),
            "there_least": Quantity(levels[0], unit),
            "there_most": Quantity(levels[-1], unit),
            "rates": len(levels),
            "charging": int(charging.sum()),
            "steps": len(course),
            "lower": int((rate < dearest - SAME).sum()),
        }
        if len(levels) <= FEW:
            values["by_rate"] = tuple(
                {
                    "rate": Quantity(level, unit),
                    "energy": Quantity(float(energy[_at(rate, level)].sum()), "kWh"),
                }
                for level in levels
            )
        yield Fact("rank", values)


def at_step(spec: Spec, data: Data, step: int) -> Iterator[Fact]:
    """`day_rank` of each rate among the steps of its day that the horizon has."""
    days = np.array([data.timeline.local(at * spec.step).date().toordinal() for at in range(spec.steps)])
    mine = days == days[step]
    for word, series, unit in rates(spec, data):
        rate, now = series[mine], float(series[step])
        yield Fact(
            "day_rank",
            {
                "of": word,
                "rate": Quantity(now, unit),
                "steps": int(mine.sum()),
                "lower": int((rate < now - SAME).sum()),
                "equal": int((np.abs(rate - now) <= SAME).sum()),
                "higher": int((rate > now + SAME).sum()),
                "least": Quantity(float(rate.min()), unit),
                "most": Quantity(float(rate.max()), unit),
            },
        )


def _at(rate: FloatArray, level: float) -> np.ndarray:
    return np.abs(rate - level) <= SAME


def _levels(rate: FloatArray) -> list[float]:
    """The different rates, rising."""
    ordered = np.sort(rate)
    return [float(v) for v in ordered[np.concatenate([[True], np.diff(ordered) > SAME])]]
