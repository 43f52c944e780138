"""Facts to sentences and to plain data: the one place where a template meets its fact.

`sentences(facts, spec, data)` is what a report calls; `records` is the same for `--json`:

| key | |
|---|---|
| `kind`, `values` | as in `evdsl.optimization.inquiry`; a quantity is `value` and `unit`, a time is local |
| `tested` | whether the fact was learnt from another solve |
| `text` | its sentence; empty where there is nothing to say |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from evdsl.data.data import Data
from evdsl.language.spec import Spec
from evdsl.optimization.inquiry.fact import Fact, Moment, Quantity, Value
from evdsl.report.facts import clock
from evdsl.report.inquiry import of_moment, of_rival, of_vehicle
from evdsl.report.inquiry.phrases import Phrases

TEMPLATES: dict[str, Callable[[Fact, Phrases], str]] = {
    **of_vehicle.TEMPLATES,
    **of_moment.TEMPLATES,
    **of_rival.TEMPLATES,
}


def sentences(facts: Iterable[Fact], spec: Spec, data: Data) -> tuple[str, ...]:
    """A sentence or two for each fact that says something, in order."""
    say = Phrases(spec, data)
    return tuple(text for fact in facts if (text := TEMPLATES[fact.kind](fact, say)))


def records(facts: Iterable[Fact], spec: Spec, data: Data) -> list[dict[str, object]]:
    """The facts as plain data, each with its sentence."""
    say = Phrases(spec, data)
    return [
        {
            "kind": fact.kind,
            "tested": fact.tested,
            "values": {name: _plain(value, data) for name, value in fact.values.items()},
            "text": TEMPLATES[fact.kind](fact, say),
        }
        for fact in facts
    ]


def _plain(value: Value, data: Data) -> object:
    if isinstance(value, Quantity):
        return {"value": value.value, "unit": value.unit}
    if isinstance(value, Moment):
        return clock(data, value.hours).isoformat()
    if isinstance(value, tuple):
        return [_plain(one, data) for one in value]
    if isinstance(value, Mapping):
        return {name: _plain(one, data) for name, one in value.items()}
    return value
