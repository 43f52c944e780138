"""A time on the command line: the step that it lies in, or what is wrong with it.

`18:30` is a time of the wall clock of the station, which has to come once in the horizon; `2024-03-12 18:30`
is one of a day. In an hour that the clocks repeat an offset says which is meant: `2024-10-27 02:30+02:00`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.source import Source, Span
from evdsl.language.clock import is_skipped
from evdsl.language.spec import Spec
from evdsl.language.steps import Horizon, begin_of, horizon_of
from evdsl.language.timestamps import timestamp

CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
HOUR = timedelta(hours=1)
OPTION = "--at"


def step_at(text: str, spec: Spec) -> int | Diagnostic:
    """The step in which a time lies."""
    horizon = horizon_of(spec)
    source = Source(OPTION, text)
    span = Span(source, 0, max(len(text), 1))
    found = CLOCK.fullmatch(text.strip())
    if found is not None:
        return _of_clock(int(found[1]), int(found[2]), horizon, span)
    when = timestamp(text)
    if when is None or CLOCK.search(text) is None:
        message = f"`{text.strip()}` is no time of a clock"
        return Diagnostic("E104", message, span, "", f"type {_example(horizon)}")
    steps = _of_instant(when, horizon)
    if when.tzinfo is None and is_skipped(when, horizon.zone):
        later = when + HOUR
        message = f"{when:%Y-%m-%d %H:%M} is skipped by the clocks of {horizon.zone}"
        return Diagnostic("E413", message, span, "", f'type `{OPTION} "{later:%Y-%m-%d %H:%M}"`')
    return _only(steps, f"{when:%Y-%m-%d %H:%M}", horizon, span)


def _of_clock(hour: int, minute: int, horizon: Horizon, span: Span) -> int | Diagnostic:
    """The one day on which the horizon has a clock time."""
    if hour > 23 or minute > 59:
        message = f"no clock shows {span.text.strip()}"
        return Diagnostic("E104", message, span, "", f"type {_example(horizon)}")
    day, last = horizon.start.date(), begin_of(horizon.steps, horizon).date()
    steps: list[int] = []
    while day <= last:
        steps += _of_instant(datetime(day.year, day.month, day.day, hour, minute), horizon)
        day += timedelta(days=1)
    return _only(steps, f"{hour:02}:{minute:02}", horizon, span)


def _only(steps: list[int], shown: str, horizon: Horizon, span: Span) -> int | Diagnostic:
    """The step, where a time comes once in the horizon."""
    if len(steps) == 1:
        return steps[0]
    first, end = horizon.start, begin_of(horizon.steps, horizon)
    if not steps:
        lies = f"the horizon goes from {first:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M}"
        message = f"{shown} is not in the horizon"
        return Diagnostic("E407", message, span, lies, f"type {_example(horizon)}")
    choices = [_typed(step, shown, horizon) for step in steps[:3]]
    message = f"{shown} comes {len(steps)} times in the horizon"
    more = ", and so on" if len(steps) > len(choices) else ""
    return Diagnostic("E407", message, span, "", f"type {' or '.join(choices)}{more}")


def _typed(step: int, shown: str, horizon: Horizon) -> str:
    """How the time of a clock that lies in a step is typed, so that it is that one."""
    begin = begin_of(step, horizon)
    when = datetime.combine(begin.date(), datetime.strptime(shown[-5:], "%H:%M").time())
    if when < begin:  # the step reaches over midnight
        when += timedelta(days=1)
    instants = _instants(when, horizon.zone)
    if len(instants) == 1:
        return f'`{OPTION} "{when:%Y-%m-%d %H:%M}"`'
    mine = next(utc for utc in instants if _step(utc, horizon) == step)
    offset = f"{mine.replace(tzinfo=UTC).astimezone(horizon.zone):%z}"
    return f'`{OPTION} "{when:%Y-%m-%d %H:%M}{offset[:3]}:{offset[3:]}"`'


def _of_instant(when: datetime, horizon: Horizon) -> list[int]:
    """The steps of the horizon in which a time lies: two where the clocks show it twice."""
    steps = [_step(utc, horizon) for utc in _instants(when, horizon.zone)]
    return list(dict.fromkeys(step for step in steps if 0 <= step < horizon.steps))


def _instants(when: datetime, zone: ZoneInfo) -> list[datetime]:
    """A time in UTC, without a zone; none that the clocks skip, two in an hour that they repeat."""
    if when.tzinfo is not None:
        return [when.astimezone(UTC).replace(tzinfo=None)]
    if is_skipped(when, zone):
        return []
    both = (when.replace(tzinfo=zone, fold=fold).astimezone(UTC).replace(tzinfo=None) for fold in (0, 1))
    return list(dict.fromkeys(both))


def _step(utc: datetime, horizon: Horizon) -> int:
    return int(((utc - horizon.start_utc) / HOUR + 1e-9) // horizon.step)


def _example(horizon: Horizon) -> str:
    """A time of the horizon, as it is typed."""
    middle = begin_of(horizon.steps // 2, horizon)
    if horizon.steps * horizon.step <= 24:
        return f"`{OPTION} {middle:%H:%M}`"
    return f'`{OPTION} "{middle:%Y-%m-%d %H:%M}"`'
