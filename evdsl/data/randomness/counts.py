"""How many vehicles a fleet has: as given, or drawn once for a seed."""

from __future__ import annotations

from evdsl.data.draws import Sampling
from evdsl.data.randomness.inverse import Interval
from evdsl.data.reader import BlockReader
from evdsl.data.timeline import Timeline
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.spec import Device, Spec
from evdsl.language.values import Const
from evdsl.semantics.checks.size import MAXIMUM_VEHICLES, too_large


def count_of(
    spec: Spec, fleet: Device, category: Device, timeline: Timeline, days: int
) -> int | list[Diagnostic]:
    """The count of a fleet that comes on so many days, from a stream that nothing else draws from.

    Errors: E510 where it is hardly ever above zero or zero, E410 where more are drawn than can be planned.
    """
    given = fleet.get("count")
    if isinstance(given, Const):
        return int(given.value)
    reader = BlockReader(fleet, category, timeline, spec.rounding, Sampling.of(spec), 1)
    help = "give it a larger mean, or write `count = max(0, ...)`"
    drawn = reader.drawn("count", Interval(0.0), "0 or more", help)
    if drawn is None:
        return reader.problems
    count = float(drawn[0])
    if count * days > MAXIMUM_VEHICLES:
        return [too_large(fleet, count * days, count * days)]
    return int(count)
