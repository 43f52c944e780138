"""Why a report may be believed: the verdict of the independent check, and the energy in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evdsl.optimization.rounding import cleared
from evdsl.report.numbers import energy
from evdsl.report.page.html import Element, element
from evdsl.report.page.tables import stacked
from evdsl.schedule.account import CONNECTION

if TYPE_CHECKING:
    from evdsl.report.plan.charges import Plan

VERIFIED = (
    "The schedule was checked by code that shares nothing with the model: it works every flow, energy and "
    "limit out again from the schedule alone, and every word of the objective is worth what is claimed."
)


def proof(plan: Plan) -> list[Element]:
    """The verdict, then the balance."""
    result = plan.result
    made: list[Element] = []
    if result.verdict is not None and result.verdict.ok:
        made.append(element("p", element("span", "Verified. ", class_="status good"), VERIFIED))
    elif result.verdict is not None:
        found = (element("li", f"{one.rule}: {one.message}") for one in result.verdict.violations)
        made += [element("p", "Not verified.", class_="status bad"), element("ul", *found, class_="plain")]
    rows, apart = balance(plan)
    titles = ["energy at the site", "in kWh", "out kWh"]
    told = [[name, energy(come) if come else "", energy(gone) if gone else ""] for name, come, gone in rows]
    made += [
        element("h3", "Energy balance"),
        stacked(titles, told),
        element("p", f"What comes in and what goes out differ by {energy(apart)} kWh.", class_="quiet"),
    ]
    return made


def balance(plan: Plan) -> tuple[list[tuple[str, float, float]], float]:
    """What comes into the site and goes out of it, kWh, by whom, with the sums; and their difference."""
    schedule, step = plan.result.schedule, plan.result.spec.step
    assert schedule is not None
    imported, exported = (
        float(np.asarray(schedule[name].values).sum()) * step for name in ("import", "export")
    )
    rows = [("connection", imported, exported)]
    mine = [party.money for party in plan.account.parties if party.vehicle >= 0]
    if mine:
        rows.append(("vehicles", sum(m.given for m in mine), sum(m.taken for m in mine)))
    rows += [
        (party.name, party.money.given, party.money.taken)
        for party in plan.account.parties
        if party.vehicle < 0 and party.kind != CONNECTION
    ]
    come, gone = sum(row[1] for row in rows), sum(row[2] for row in rows)
    return [*rows, ("sum", come, gone)], cleared(abs(come - gone), come + gone)
