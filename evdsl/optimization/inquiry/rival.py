"""Why not another plan: where it breaks the spec, or what it costs more, and where.

| fact | what it holds |
|---|---|
| `rows` | of a table of runs how many rows it has, and how many of them are not those of the schedule |
| `breaks` | how often it breaks the spec, by rule, with the largest breach of each |
| `keeps` | that it breaks nothing |
| `worth` | what each stage is worth in it and in the schedule at hand |
| `word` | an objective word that differs, and what that makes of the first stage |
| `times` | when the energy of the connection costs most more, or less, in it |
| `vehicles` | who gets more energy in it, and who less |

A plan is judged by its flows: what it claims of itself (its digest, its words) is not asked, since it may
have been made for other prices. What it is worth says nothing against the schedule where it breaks the spec.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.language.objectives import word
from evdsl.language.units import symbol
from evdsl.optimization.inquiry.fact import Fact, Moment, Quantity, Value
from evdsl.optimization.result import Result
from evdsl.optimization.rounding import difference, words, worth, worth_of_word
from evdsl.verifier import Verdict, Violation, verify

if TYPE_CHECKING:
    import xarray as xr

NOTICED = 0.005
"""kWh, or of a unit of money: what is less is no difference to an operator."""
CLAIMS = ("digest", "terms", "stages", "added_terms", "chosen")
"""What a stored schedule says of itself."""


def rival_facts(result: Result, plan: xr.Dataset) -> tuple[Fact, ...]:
    """The facts of another plan, beside the schedule of a result."""
    assert result.schedule is not None, "there is nothing to hold it against"
    unnamed = plan.assign_attrs({})
    unnamed.attrs = {key: value for key, value in plan.attrs.items() if key not in CLAIMS}
    verdict = verify(result.spec, unnamed, result.data)
    facts = list(_breaks(verdict))
    if not verdict.terms:
        return tuple(facts)
    terms = words(result.spec, result.data, unnamed, verdict)
    facts += _stages(result, terms, verdict)
    facts += _words(result, terms, verdict)
    facts += _times(result, unnamed)
    facts += _vehicles(result, unnamed)
    return tuple(facts)


def rows_of_table(count: int, changed: int) -> Fact:
    """The fact of a plan that was given as a table of runs."""
    return Fact("rows", {"count": count, "changed": changed})


def _breaks(verdict: Verdict) -> Iterator[Fact]:
    if verdict.ok:
        yield Fact("keeps", {})
        return
    first: dict[str, Violation] = {}
    for violation in sorted(verdict.violations, key=lambda one: -one.size):
        first.setdefault(violation.rule, violation)
    rules: list[dict[str, Value]] = [
        {"rule": rule, "count": count, "message": first[rule].message}
        for rule, count in verdict.counts.items()
    ]
    yield Fact("breaks", {"count": sum(verdict.counts.values()), "rules": tuple(rules)})


def _stages(result: Result, terms: dict[str, float], verdict: Verdict) -> Iterator[Fact]:
    for stage in result.spec.stages:
        mine, other = worth(stage, result.terms, result.verdict), worth(stage, terms, verdict)
        if mine is None or other is None:
            continue
        unit = symbol(stage.dimension, result.spec.currency)
        more = difference(mine, other)
        yield Fact(
            "worth",
            {
                "objective": f"{stage.sense} {stage.text}",
                "schedule": Quantity(mine.value, unit),
                "plan": Quantity(other.value, unit),
                "worse": Quantity(more * stage.sign, unit),
            },
        )


def _words(result: Result, terms: dict[str, float], verdict: Verdict) -> Iterator[Fact]:
    """The words that the first stage weighs, sums of others taken apart, the largest difference first."""
    stage = result.spec.stages[0]
    weights: dict[str, float] = {}
    for name, weight in stage.weights.items():
        declared = word(name)
        parts = declared.parts if declared is not None and declared.parts else {name: 1.0}
        for part, sign in parts.items():
            weights[part] = weights.get(part, 0.0) + weight * sign
    found: list[tuple[float, Fact]] = []
    for name, weight in weights.items():
        mine, other = (
            worth_of_word(name, *pair) for pair in ((result.terms, result.verdict), (terms, verdict))
        )
        if mine is None or other is None:
            continue
        more, declared = difference(mine, other), word(name)
        if not more or not weight:
            continue
        unit = "" if declared is None else symbol(declared.dimension, result.spec.currency)
        values: dict[str, Value] = {
            "word": name,
            "schedule": Quantity(mine.value, unit),
            "plan": Quantity(other.value, unit),
            "more": Quantity(more, unit),
            "worse": Quantity(more * weight * stage.sign, symbol(stage.dimension, result.spec.currency)),
        }
        found.append((-abs(more * weight), Fact("word", values)))
    yield from (fact for _, fact in sorted(found, key=lambda one: one[0]))


def _times(result: Result, plan: xr.Dataset) -> Iterator[Fact]:
    """Runs of steps in which the energy of the connection costs more, or less; without a price, kWh."""
    spec, data, schedule = result.spec, result.data, result.schedule
    assert schedule is not None
    price, feed_in = data.over_time("grid", "price"), data.over_time("grid", "feed_in")
    more, sold = (_more(plan, schedule, name) * spec.step for name in ("import", "export"))
    net = more - sold
    unit = "kWh" if price is None else spec.currency
    cost = net if price is None else price * more - (0.0 if feed_in is None else feed_in) * sold
    sign = np.where(np.abs(net) > NOTICED, np.sign(net), 0.0)
    edges = np.flatnonzero(np.diff(sign, prepend=np.nan, append=np.nan) != 0)
    rows: list[tuple[float, dict[str, Value]]] = []
    for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if not sign[first]:
            continue
        value = float(cost[first:last].sum())
        rows.append(
            (
                -abs(value),
                {
                    "begin": Moment(first * spec.step),
                    "end": Moment(last * spec.step),
                    "energy": Quantity(float(net[first:last].sum()), "kWh"),
                    "more": Quantity(value, unit),
                },
            )
        )
    if rows:
        rows.sort(key=lambda one: one[0])
        yield Fact("times", {"times": tuple(row for _, row in rows)})


def _more(plan: xr.Dataset, schedule: xr.Dataset, name: str) -> FloatArray:
    mine, other = (np.asarray(one[name].values, dtype=float) for one in (schedule, plan))
    return np.asarray(other - mine, dtype=float)


def _vehicles(result: Result, plan: xr.Dataset) -> Iterator[Fact]:
    vehicles = result.data.vehicles
    assert result.schedule is not None
    if not len(vehicles):
        return
    more = vehicles.of_whole(_more(plan, result.schedule, "delivered"))
    order = [int(at) for at in np.lexsort((np.arange(len(more)), -np.abs(more))) if abs(more[at]) > NOTICED]
    if order:
        rows: list[dict[str, Value]] = [
            {"vehicle": vehicles.name[at], "more": Quantity(float(more[at]), "kWh")} for at in order
        ]
        yield Fact("vehicles", {"vehicles": tuple(rows)})
