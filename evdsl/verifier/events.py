"""Whether calls are kept, and what a schedule says of them: drawn power, over, saved, baseline.

    g[t] <= most[t] where the call asks for it and nothing is paid for more
    over[t] = max(0, g[t] - most[t]),   saved[t] = B[t] - g[t], at most min(reduce, B[t]) with `reduce`

in the steps that a call touches, and 0 in others; the baseline is that of the spec. Calls are read off the
calendar again: of each day the hours in UTC at which the clocks show their begin and their end.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray
from evdsl.language.clock import to_utc
from evdsl.language.spec import Device, Spec
from evdsl.language.values import ClockTime, Const, Days, Instant
from evdsl.verifier.presence import PortTable
from evdsl.verifier.reading import StoredSchedule
from evdsl.verifier.tolerance import tolerance
from evdsl.verifier.violations import Findings

HOUR = timedelta(hours=1)
NEAR = 1e-9
"""Of a step: less of one is rounding of clock times."""


def check_events(
    spec: Spec, data: Data, reading: StoredSchedule, _ports: PortTable, findings: Findings
) -> None:
    """What is drawn in each call, and what the schedule says of it."""
    for event in spec.of_kind("event"):
        drawn, most = drawn_by(event, reading), most_of(event, data)
        inside, name = share_inside(event, spec) > 0, event.name
        over = np.where(inside, np.maximum(drawn - most, 0.0), 0.0)
        if event.get("penalty") is None:
            _check_most(name, drawn, np.where(inside, most, np.inf), findings)
        size = np.maximum(np.abs(drawn), most)
        _check_told(f"{name}.over", reading.devices[f"{name}.over"], over, size, findings)
        if event.get("baseline") is not None:
            baseline = given_baseline(event, data)
            saved = np.where(inside, saved_of(event, drawn, data), 0.0)
            size = np.maximum(np.abs(drawn), baseline)
            _check_told(f"{name}.saved", reading.devices[f"{name}.saved"], saved, size, findings)
            told = reading.devices[f"{name}.baseline"]
            _check_told(f"{name}.baseline", told, baseline, size, findings)


def _check_most(name: str, drawn: FloatArray, most: FloatArray, findings: Findings) -> None:
    def describe(at: int, _who: str, when: str) -> str:
        return f"{drawn[at]:.8g} kW are drawn at {when}, and `{name}` allows {most[at]:.8g} kW then"

    slack = tolerance(np.where(np.isfinite(most), most, 0.0))
    findings.beyond("event-limit", "kW", drawn - most, slack, describe, None, np.arange(len(drawn)))


def _check_told(
    name: str, told: FloatArray, wanted: FloatArray, size: FloatArray, findings: Findings
) -> None:
    def describe(at: int, _who: str, when: str) -> str:
        return f"`{name}` is {told[at]:.8g} kW at {when}, and what is drawn gives {wanted[at]:.8g} kW"

    off = np.abs(told - wanted)
    findings.beyond("event", "kW", off, tolerance(size), describe, None, np.arange(len(told)))


def drawn_by(event: Device, reading: StoredSchedule) -> FloatArray:
    """What counts for a call: the flow of its feeder, or import less export; kW."""
    feeder = "".join(event.names("feeder"))
    return reading.devices[feeder] if feeder else reading.imported - reading.exported


def given_baseline(event: Device, data: Data) -> FloatArray:
    """The baseline of an event that has one, kW."""
    baseline = data.over_time(event.name, "baseline")
    assert baseline is not None, "asked before"
    return baseline


def most_of(event: Device, data: Data) -> FloatArray:
    """What may be drawn in a call, kW."""
    limit = data.over_time(event.name, "limit")
    if limit is not None:
        return limit
    baseline = given_baseline(event, data)
    return np.maximum(baseline - event.number("reduce"), 0.0)


def saved_of(event: Device, drawn: FloatArray, data: Data) -> FloatArray:
    """What counts as saved, kW: below the baseline, and no more of it than is asked for."""
    baseline = given_baseline(event, data)
    saved: FloatArray = baseline - drawn
    if event.get("reduce") is None:
        return saved
    asked = np.full(len(baseline), event.number("reduce"))
    return np.asarray(np.minimum(saved, np.minimum(asked, baseline)))


def share_inside(event: Device, spec: Spec) -> FloatArray:
    """The share of each step that lies in a call."""
    calls = np.array([*_calls(event, spec)]).reshape(-1, 2)
    edges = np.arange(spec.steps + 1) * spec.step
    cuts = np.unique(np.clip(np.concatenate([edges, calls.ravel()]), 0.0, edges[-1]))
    middle, inside = (cuts[:-1] + cuts[1:]) / 2, np.zeros(len(cuts) - 1, dtype=bool)
    for begin, end in calls:
        low, high = np.searchsorted(middle, [begin, end])
        inside[low:high] = True
    step = np.minimum(np.searchsorted(edges, middle) - 1, spec.steps - 1)
    found = np.bincount(step, np.diff(cuts) * inside / spec.step, minlength=spec.steps).astype(float)
    return np.where(found > NEAR, found, 0.0)


def _calls(event: Device, spec: Spec) -> Iterator[tuple[float, float]]:
    """Begin and end in hours from the start."""
    first, last, lasts = (event.get(name) for name in ("from", "to", "lasts"))
    zone = ZoneInfo(spec.zone)
    assert isinstance(first, ClockTime | Instant), "others are refused"
    longest = lasts.value / 24.0 if isinstance(lasts, Const) else 1.0
    # One day more than lengths of 24 hours ask for: in spring a day has 23.
    count = int(longest) + 3 + int(spec.horizon / 24.0) + 2
    begin_day = spec.start.date() - timedelta(days=int(longest) + 2)
    days = [None] if isinstance(first, Instant) else [begin_day + timedelta(days=n) for n in range(count)]
    for day in days:
        if day is not None and not _is_called_on(event, day, spec):
            continue
        begin = _hours(first, day, zone, spec)
        if isinstance(lasts, Const):
            yield begin, begin + lasts.value
            continue
        assert isinstance(last, ClockTime | Instant), "others are refused"
        wraps = isinstance(last, ClockTime) and isinstance(first, ClockTime) and last.hours <= first.hours
        yield begin, _hours(last, day + timedelta(days=1) if day is not None and wraps else day, zone, spec)


def _hours(value: ClockTime | Instant, day: date | None, zone: ZoneInfo, spec: Spec) -> float:
    if isinstance(value, Instant):
        local = value.when
    else:
        assert day is not None, "a clock time is one of a day"
        local = datetime.combine(day, time()) + timedelta(hours=value.hours)
    return (to_utc(local, zone) - spec.start_utc) / HOUR + value.later


def _is_called_on(event: Device, day: date, spec: Spec) -> bool:
    days = event.get("days")
    if not isinstance(days, Days) or days.every or day.isoweekday() - 1 in days.weekdays:
        return True
    station = spec.only("station")
    closed = station.get("holidays") if station is not None and days.holidays else None
    periods = [*days.periods, *(closed.periods if isinstance(closed, Days) else ())]
    return any(first <= day <= last for first, last in periods)
