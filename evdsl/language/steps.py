"""The steps that a horizon is cut into, and which of them a set has by the wall clock of the station."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from evdsl.language.clock import to_local, to_utc
from evdsl.language.sets import AllSteps, AtTime, ClockSteps, StepSet
from evdsl.language.spec import Spec

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Horizon:
    """When the horizon begins, and its `steps` of `step` hours."""

    start: datetime
    start_utc: datetime
    zone: ZoneInfo
    steps: int
    step: float


NO_HORIZON = Horizon(datetime(2000, 1, 1), datetime(2000, 1, 1), ZoneInfo("UTC"), 1, 1.0)
"""Stands for the clock of a station that has none, which is an error."""


def horizon_of(spec: Spec) -> Horizon:
    """The clock of a resolved spec."""
    return Horizon(spec.start, spec.start_utc, ZoneInfo(spec.zone), spec.steps, spec.step)


def steps_of(chosen: StepSet, horizon: Horizon) -> list[int]:
    """The numbers of the steps of a set, in order."""
    if isinstance(chosen, AllSteps):
        return list(range(horizon.steps))
    if isinstance(chosen, ClockSteps):
        return [step for step in range(horizon.steps) if _is_within(begin_of(step, horizon), chosen)]
    low, high = (_steps_until(when, horizon) for when in (chosen.low, chosen.high))
    return list(range(max(low, 0), min(high, horizon.steps)))


def step_at(place: AtTime, horizon: Horizon) -> int | None:
    """The step in which a local time lies; `None` outside the horizon."""
    elapsed = (to_utc(place.when, horizon.zone) - horizon.start_utc) / timedelta(hours=1)
    number = int((elapsed + 1e-9) // horizon.step)
    return number if 0 <= number < horizon.steps else None


def begin_of(step: int, horizon: Horizon) -> datetime:
    """The wall clock when a step begins."""
    utc = horizon.start_utc + timedelta(seconds=round(step * horizon.step * 3600, 6))
    return to_local(utc, horizon.zone)


def _is_within(begin: datetime, clock: ClockSteps) -> bool:
    hours = begin.hour + begin.minute / 60 + (begin.second + begin.microsecond / 1e6) / 3600 + 1e-7
    if clock.low < clock.high:
        return clock.low <= hours < clock.high
    return hours >= clock.low or hours < clock.high


def _steps_until(when: datetime, horizon: Horizon) -> int:
    """How many steps begin before a local time, counted from the start."""
    elapsed = (to_utc(when, horizon.zone) - horizon.start_utc) / timedelta(hours=1)
    return -int(-(elapsed - 1e-7) // horizon.step)
