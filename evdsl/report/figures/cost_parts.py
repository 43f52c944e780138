"""What a run costs and what it is made of, the optimum beside the rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.language.objectives import declared_word
from evdsl.report.facts import NOTICED
from evdsl.report.figures.course import Course, joined
from evdsl.report.figures.figure import Boxes, Column, Figure, Look, NotDrawn, NumberAxis, Panel, Sentence
from evdsl.report.figures.looks import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILION, YELLOW
from evdsl.report.numbers import energy, money

NAME = "cost_parts"
TITLE = "Cost and its parts"
LOOKS = {
    "energy_cost": Look(BLUE),
    "demand_cost": Look(ORANGE),
    "wear": Look(GREY),
    "elsewhere_cost": Look(PURPLE),
    "event_penalty": Look(VERMILION),
    "initial_cost": Look(BLACK),
    "export_revenue": Look(GREEN),
    "end_value": Look(SKY),
    "event_revenue": Look(YELLOW),
}
LEAST = 0.005
"""Of the money of a part: what is less is not told."""


def figure(course: Course) -> Figure | NotDrawn:
    """A bar for the optimum and for each rule that meets the spec: what is paid to the right of zero."""
    runs = {"optimum": course.result.terms}
    if course.comparison is not None:
        runs |= {one.policy.name: dict(one.terms) for one in course.comparison.ruled if one.is_allowed}
    if "cost" not in course.result.terms:
        return NotDrawn(NAME, TITLE, "the spec has no price")
    parts = {
        name: sign
        for name, sign in declared_word("cost").parts.items()
        if any(abs(t.get(name, 0.0)) > LEAST for t in runs.values())
    }
    if not parts:
        return NotDrawn(NAME, TITLE, "nothing is paid")
    names = tuple(f"{name}, {money(terms['cost'], '').strip()}" for name, terms in runs.items())
    layers = tuple(_layers(runs, parts))
    title = TITLE if len(runs) == 1 else "Cost and its parts, the optimum beside the rules"
    panel = Panel(f"Cost, {course.currency}", NumberAxis(course.currency), layers, names, row=30)
    table = [Column("run", "", tuple(runs))]
    table += [
        Column(name.replace("_", " "), course.currency, tuple(t.get(name, 0.0) for t in runs.values()))
        for name in ("cost", *parts)
    ]
    return Figure(NAME, title, (panel,), tuple(table), tuple(_told(course, parts)))


def _layers(runs: Mapping[str, Mapping[str, float]], parts: Mapping[str, float]) -> Iterator[Boxes]:
    paid, earned = np.zeros(len(runs)), np.zeros(len(runs))
    top = np.arange(len(runs), dtype=np.float64) + 0.15
    for name, sign in parts.items():
        values: FloatArray = np.array([sign * terms.get(name, 0.0) for terms in runs.values()])
        for there in (values > 0, values < 0):
            if there.any():
                base = paid if values[there][0] > 0 else earned
                begin, end = base[there], base[there] + values[there]
                yield Boxes(
                    name.replace("_", " "),
                    LOOKS[name],
                    np.minimum(begin, end),
                    np.maximum(begin, end),
                    top[there],
                    top[there] + 0.7,
                )
                base[there] = end


def _told(course: Course, parts: Mapping[str, float]) -> Iterator[Sentence]:
    terms, currency = course.result.terms, course.currency
    cost = terms["cost"]
    paid = {n: s * terms.get(n, 0.0) for n, s in parts.items() if abs(terms.get(n, 0.0)) > LEAST}
    text = (
        f"The optimum costs {money(cost, currency)}"
        if cost >= -LEAST
        else f"The optimum earns {money(-cost, currency)}"
    )
    if len(paid) > 1:
        spent = [f"{money(v, currency)} of {n.replace('_', ' ')}" for n, v in paid.items() if v > 0]
        gained = [f"{money(-v, currency)} of {n.replace('_', ' ')}" for n, v in paid.items() if v < 0]
        text += f": {joined(spent)}" if spent else ": nothing is paid"
        text += f", less {joined(gained)}" if gained else ""
    yield Sentence("cost", f"{text}.", {"cost": cost, **paid})
    if course.comparison is None:
        return
    others = [one for one in course.comparison.ruled if one.is_allowed]
    if not others:
        yield Sentence("no_rule_allowed", "No rule meets the spec, so none has a cost beside it.")
        return
    cheapest = min(others, key=lambda one: one.terms["cost"])
    least, name = cheapest.terms["cost"], cheapest.policy.name
    apart = least - cost
    text = f"The cheapest rule, {name}, costs "
    text += (
        "as much"
        if abs(apart) < LEAST
        else f"{money(abs(apart), currency)} {'more' if apart > 0 else 'less'}"
    )
    values = {"apart": apart, "rule": least}
    missing = [one.get("unmet", 0.0) for one in (cheapest.terms, terms)]
    if abs(missing[0] - missing[1]) > NOTICED:
        values |= {"unmet_rule": missing[0], "unmet": missing[1]}
        text += f", and leaves {energy(missing[0])} kWh unmet instead of {energy(missing[1])}"
    yield Sentence("cheapest_rule", f"{text}.", values)
    barred = [one.policy.name for one in course.comparison.ruled if not one.is_allowed]
    if barred:
        verbs = ("does", "has") if len(barred) == 1 else ("do", "have")
        text = f"{joined(barred)} {verbs[0]} not meet the spec, and {verbs[1]} no bar."
        yield Sentence("not_allowed", text, {"count": len(barred)})
