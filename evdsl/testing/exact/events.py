"""Calls in exact fractions: what may be drawn in them, what is over and saved, what it costs and pays.

Time is counted in seconds of UTC. A call begins on each of its days when the clocks first show its begin, and
a second counts where any call has it; powers are the same all through a step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from evdsl.language.spec import Device
from evdsl.language.values import ClockTime, Days, Instant
from evdsl.testing.exact.reading import ZERO, Exact, ExactAmount, Miss, Row, setting


def event_rules(of: Exact) -> Iterator[Miss]:
    """The limits of calls that nothing is paid for, and what a schedule says of calls."""
    for event in of.spec.of_kind("event"):
        name, drawn, most, shares = event.name, drawn_in(of, event), most_in(of, event), inside(of, event)
        has_baseline = "baseline" in event.settings
        baselines = baseline_in(of, event) if has_baseline else ()
        saved_each = saved_in(of, event) if has_baseline else ()
        for step in of.steps:
            place, there = f"{name}, {of.local(step)}", shares[step] > 0
            size = max(abs(drawn[step]), most[step])
            if there and "penalty" not in event.settings:
                yield Miss("event limit", place, drawn[step] - most[step], most[step])
            over = max(drawn[step] - most[step], ZERO) if there else ZERO
            yield Miss("event", place, abs(of.of(f"{name}.over")[step] - over), size)
            if has_baseline:
                baseline, saved = baselines[step], saved_each[step] if there else ZERO
                yield Miss("event", place, abs(of.of(f"{name}.saved")[step] - saved), size + baseline)
                yield Miss("event", place, abs(of.of(f"{name}.baseline")[step] - baseline), baseline)


def penalties(of: Exact) -> ExactAmount:
    """What is paid for drawing too much."""

    def over(event: Device) -> Iterator[tuple[Fraction, Fraction]]:
        for drawn, most in zip(drawn_in(of, event), most_in(of, event), strict=True):
            yield max(drawn - most, ZERO), max(abs(drawn), most)

    return _paid(of, "penalty", over)


def rewards(of: Exact) -> ExactAmount:
    """What is paid for drawing less than the baseline."""

    def saved(event: Device) -> Iterator[tuple[Fraction, Fraction]]:
        for drawn, baseline, less in zip(
            drawn_in(of, event), baseline_in(of, event), saved_in(of, event), strict=True
        ):
            yield less, max(abs(drawn), baseline)

    return _paid(of, "reward", saved)


def _paid(
    of: Exact, name: str, powers: Callable[[Device], Iterator[tuple[Fraction, Fraction]]]
) -> ExactAmount:
    total = ExactAmount(ZERO, ZERO)
    for event in of.spec.of_kind("event"):
        if name in event.settings:
            price, shares = setting(event, name), inside(of, event)
            for share, (power, size) in zip(shares, powers(event), strict=True):
                each = price * of.step * share
                total += ExactAmount(each * power, each * size)
    return total


def drawn_in(of: Exact, event: Device) -> Row:
    """What is drawn in each step, net of what is given."""
    feeder = "".join(event.names("feeder"))
    if feeder:
        return of.of(feeder)
    return tuple(a - b for a, b in zip(of.of("import"), of.of("export"), strict=True))


def baseline_in(of: Exact, event: Device) -> Row:
    """What would be drawn without a call."""
    found = of.series(event.name, "baseline")
    assert found is not None, "one that is counted against is given"
    return found


def most_in(of: Exact, event: Device) -> Row:
    """What may be drawn."""
    limit = of.series(event.name, "limit")
    if limit is not None:
        return limit
    return tuple(max(each - setting(event, "reduce"), ZERO) for each in baseline_in(of, event))


def saved_in(of: Exact, event: Device) -> Row:
    """What counts as not drawn."""
    asked = setting(event, "reduce") if "reduce" in event.settings else None
    return tuple(
        baseline - drawn if asked is None else min(baseline - drawn, asked, baseline)
        for drawn, baseline in zip(drawn_in(of, event), baseline_in(of, event), strict=True)
    )


def inside(of: Exact, event: Device) -> Row:
    """The share of each step in a call."""
    each = round(of.spec.step * 3600)
    called: set[int] = set()
    for begin, end in _calls(of, event):
        called.update(range(max(begin, 0), min(end, each * len(of.steps))))
    counts = [0] * len(of.steps)
    for second in called:
        counts[second // each] += 1
    return tuple(Fraction(count, each) for count in counts)


def _calls(of: Exact, event: Device) -> Iterator[tuple[int, int]]:
    """Begin and end of each call, in seconds from the start."""
    first, last = event.get("from"), event.get("to")
    lasts = round(3600 * event.number("lasts", 0.0))
    if isinstance(first, Instant):
        begin = _seconds(of, first.when, first.later)
        yield begin, begin + lasts if not isinstance(last, Instant) else _seconds(of, last.when, last.later)
        return
    assert isinstance(first, ClockTime), "others are refused"
    reach = 2 + lasts // 86400
    for number in range(-reach, reach + int(of.spec.horizon // 24) + 2):
        day = of.spec.start.date() + timedelta(days=number)
        if not _is_on(of, event, day):
            continue
        begin = _seconds(of, _local(day, first.hours))
        if isinstance(last, ClockTime):
            after = last.hours if last.hours > first.hours else last.hours + 24
            yield begin, _seconds(of, _local(day, after))
        else:
            yield begin, begin + lasts


def _local(day: date, hours: float) -> datetime:
    return datetime(day.year, day.month, day.day) + timedelta(seconds=round(hours * 3600))


def _seconds(of: Exact, local: datetime, later: float = 0.0) -> int:
    there = local.replace(tzinfo=ZoneInfo(of.spec.zone)).astimezone(UTC)
    elapsed = there - of.spec.start_utc.replace(tzinfo=UTC)
    return round(elapsed.total_seconds() + 3600 * later)


def _is_on(of: Exact, event: Device, day: date) -> bool:
    days = event.get("days")
    if not isinstance(days, Days):
        return True
    holidays = next((device.get("holidays") for device in of.spec.of_kind("station")), None)
    dates = days.periods + (holidays.periods if days.holidays and isinstance(holidays, Days) else ())
    return days.every or day.weekday() in days.weekdays or any(a <= day <= b for a, b in dates)
