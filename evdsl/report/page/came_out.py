"""What came out of a run: its facts, the front, the rules, who is short, the plan, the money, the lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evdsl.report import comparison as rules_beside
from evdsl.report import explanation as prices_of_lines
from evdsl.report.front.text import columns_of
from evdsl.report.front.text import headline as front_headline
from evdsl.report.front.text import notes as front_notes
from evdsl.report.numbers import money as told_money
from evdsl.report.numbers import plural
from evdsl.report.page.html import Child, Element, element
from evdsl.report.page.tables import folded, plan_table, stacked
from evdsl.report.plan.columns import charges, cohort_charges, parties, ports, vehicles
from evdsl.report.run.summary import Fact, asked_in_battery, short_vehicles
from evdsl.report.run.text import STRONG, facts_of

if TYPE_CHECKING:
    from evdsl.optimization.comparison import Comparison
    from evdsl.optimization.explanation.explain import Explanation
    from evdsl.optimization.front import Front
    from evdsl.optimization.result import Result
    from evdsl.report.plan.charges import Plan

FEW = 12
"""Rows that are shown at once; more are folded."""


def facts(result: Result) -> list[Element]:
    """What the run came to, as `evdsl solve` tells it."""
    schedule = result.schedule
    assert schedule is not None
    first, later = facts_of(result, schedule)
    cells: list[Element] = []
    for fact in (*first, *later):
        cells += [element("dt", fact.name), _value(fact)]
    return [element("dl", *cells)]


def _value(fact: Fact) -> Element:
    value: Child = element("strong", fact.value) if fact.name in STRONG else fact.value
    return element("dd", value, fact.note)


def front(found: Front, point: int) -> list[Element]:
    """The points of a front, of which the plan of this page is one."""
    return [*points(found), element("p", f"Everything below is point {point} of {len(found.points)}.")]


def points(found: Front) -> list[Element]:
    """The points of a front as a table."""
    columns, _ = columns_of(found)
    titles = [column.title for column in columns]
    titles[0] = "point"
    titles[-1] = "which"
    rows = [list(row) for row in zip(*(column.cells for column in columns), strict=True)]
    words = [at for at, column in enumerate(columns) if column.left or not at]
    return [
        element("p", front_headline(found)[0]),
        stacked(titles, rows, words),
        *(element("p", note.strip(), class_="quiet") for note in front_notes(found)),
    ]


def rules(comparison: Comparison | None, why_not: str) -> list[Element]:
    """The optimum beside the rules."""
    if comparison is None:
        return [element("p", why_not)] if why_not else []
    titles, *rows = rules_beside.rows_of(comparison)
    titles = ["rule", *titles[1:]]
    docs = [f"{ruled.policy.name}: {ruled.policy.doc}" for ruled in comparison.ruled]
    return [
        element("p", element("code", f"{comparison.stage.sense} {comparison.stage.text}")),
        stacked(titles, rows),
        *(element("p", note, class_="quiet") for note in rules_beside.notes(comparison)),
        folded("What each rule does", element("ul", *(element("li", doc) for doc in docs), class_="plain")),
    ]


def short(result: Result) -> list[Element]:
    """The vehicles that did not get all, with reasons."""
    schedule = result.schedule
    assert schedule is not None
    if not len(result.data.vehicles):
        return []
    rows, why = short_vehicles(result, schedule)
    if not rows:
        return [element("p", "Nobody: every vehicle gets what it asked for.")]
    titles = ["vehicle", "arrives", "leaves", "asked kWh", "delivered", "missing", "share", "reason"]
    cells = [[r.name, r.arrives, r.leaves, r.asked, r.delivered, r.missing, r.share, r.reason] for r in rows]
    count = sum(number for _, number in why)
    told = ", ".join(f"{number:,} {reason}" for reason, number in why)
    made = [
        element("p", f"{plural(count, 'vehicle')} in all: {told}"),
        stacked(titles, cells, (0, 1, 2, 7)),
    ]
    if asked_in_battery(result, schedule):
        made.append(element("p", "delivered: at the port; asked, missing: in the battery", class_="quiet"))
    return made


def plan(found: Plan) -> list[Element]:
    """Who charges where and when."""
    made = []
    for table, what in (
        (charges(found), "of charging, by vehicle and time"),
        (cohort_charges(found), "of cohorts, by state of need and hour"),
    ):
        if table.rows:
            summary = f"{plural(len(table.rows), 'run')} {what}"
            made.append(folded(summary, plan_table(table), is_open=len(table.rows) <= FEW))
    used = ports(found)
    if used.rows:
        summary = f"Use of {plural(len(used.rows), 'port')}"
        made.append(folded(summary, plan_table(used), is_open=len(used.rows) <= FEW))
    return made or [element("p", "Nobody charges.")]


def money(found: Plan) -> list[Element]:
    """Who has what share of the cost and the emissions, and each vehicle."""
    result, spec = found.result, found.result.spec
    shares, each = parties(found), vehicles(found)
    made: list[Element] = []
    if "cost" in result.terms:
        made.append(
            element(
                "p",
                f"The cost of {told_money(found.account.cost, spec.currency)} is shared step by step: who "
                "takes power pays the price for the part of it that is imported, and who gives power earns "
                "what is exported."
                + (" Demand charges are shared by nobody." if found.account.demand_cost else "")
                + (" The money of events is shared by nobody." if found.account.event_cost else ""),
            )
        )
    if shares.rows:
        made.append(plan_table(shares))
    if each.rows:
        made.append(folded(f"Each of {plural(len(each.rows), 'vehicle')}", plan_table(each)))
    return made


def lines(found: Explanation | None) -> list[Element]:
    """What a unit more or less of each line is worth, where that was asked for."""
    if found is None or found.prices is None:
        return [element("p", problem.message) for problem in found.problems] if found is not None else []
    prices = found.prices
    stage = found.spec.stages[prices.index]
    made = [element("p", element("code", f"{stage.sense} {stage.text}"))]
    if not prices.prices:
        made.append(element("p", prices_of_lines.NO_PRICE))
    else:
        titles, *rows = prices_of_lines.price_rows(found, prices)
        names = ["line", "statement", "block", *titles[4:]]
        made.append(stacked(names, [row[1:] for row in rows], range(len(names))))
    idle = prices_of_lines.idle_statements(found, prices)
    if idle:
        made.append(element("p", f"Free of charge: {', '.join(idle)}"))
    return made + [element("p", note, class_="quiet") for note in prices_of_lines.price_notes(prices, found)]
