"""A plan as text: the runs of charging as a table, and below it who has what share of the cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from evdsl.report.facts import NOTICED
from evdsl.report.numbers import clock_label, decimals, energy, money, plural, printable
from evdsl.report.plan.charges import Plan
from evdsl.report.plan.columns import VEHICLE, Cell, PlanColumn, PlanTable, charges, cohort_charges, parties
from evdsl.report.run.summary import headline, site_line
from evdsl.report.width import fitting, terminal_width, wrapped

LONGEST = 24
"""Characters of a name."""
KEPT = {"charges": 6, "cohorts": 5}
"""Columns that always stand: who, where, when, at which power."""
SHORT = {
    "mean power": "mean",
    "largest power": "most",
    "charging on average": "charging",
    "charging at most": "at most",
    "energy": "",
    "cost": "",
    "driver pays": "pays",
}
"""Titles for which a terminal has no room."""


def text(plan: Plan, order: str = VEHICLE, width: int | None = None) -> str:
    """The report, each line ended, in lines of at most `width` characters where that can be."""
    wide, result = terminal_width(width), plan.result
    lines = [headline(result)[0], *wrapped(site_line(result), wide), ""]
    for table in (charges(plan, order), cohort_charges(plan, order)):
        if table.rows:
            lines += [*_table(plan, table, wide), ""]
    if not plan.charges and not plan.cohort_charges:
        lines += ["nobody charges", ""]
    for note in _notes(plan):
        lines += wrapped(note, wide)
    return "".join(f"{line}\n" for line in lines)


def _table(plan: Plan, table: PlanTable, wide: int) -> Iterator[str]:
    days = plan.result.data.timeline.horizon / 24
    rows = [[_title(column) for column in table.columns]]
    rows += [
        [_shown(cell, column, days) for cell, column in zip(row, table.columns, strict=True)]
        for row in table.rows
    ]
    words = [any(isinstance(row[i], str) for row in table.rows) for i in range(len(table.columns))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    count = fitting(widths, KEPT[table.name], wide)
    for row in rows:
        cells = [
            f"{cell:<{size}}" if left else f"{cell:>{size}}"
            for cell, size, left in zip(row[:count], widths[:count], words[:count], strict=True)
        ]
        yield "  ".join(cells).rstrip()
    if count < len(widths):
        names = ", ".join(column.name for column in table.columns[count:])
        yield from wrapped(f"a wider terminal has columns for {names}; `--json` has all", wide)


def _title(column: PlanColumn) -> str:
    name = SHORT.get(column.name, column.name)
    return f"{name} {column.unit}".strip() if column.unit else name


def _shown(cell: Cell, column: PlanColumn, days: float) -> str:
    if isinstance(cell, str):
        return printable(cell, LONGEST)
    if isinstance(cell, datetime):
        return clock_label(cell, days)
    if column.key in ("vehicles", "most") and not column.unit:
        return decimals(cell, 1)
    return str(cell) if isinstance(cell, int) else decimals(cell, 2)


def _notes(plan: Plan) -> Iterator[str]:
    """What the plan comes to, in a line each."""
    result, spec = plan.result, plan.result.spec
    if plan.charges:
        vehicles = len({result.data.vehicles.first[charge.vehicle] for charge in plan.charges})
        taken = sum(charge.energy for charge in plan.charges if charge.energy > 0)
        line = f"{plural(len(plan.charges), 'run')} of {plural(vehicles, 'vehicle')}"
        line += f", {energy(taken)} kWh charged"
        given = -sum(charge.energy for charge in plan.charges if charge.energy < 0)
        yield line + (f", {energy(given)} kWh given back" if given > NOTICED else "")
    if plan.cohort_charges:
        taken = sum(charge.energy for charge in plan.cohort_charges)
        yield f"{energy(taken)} kWh charged by cohorts; in state 3 a vehicle needs 3 steps more, and so on"
    short = [vehicle for vehicle in plan.vehicles if vehicle.unmet > NOTICED]
    if short:
        missing = energy(sum(vehicle.unmet for vehicle in short))
        yield f"{missing} kWh are missing at {plural(len(short), 'vehicle')}; `evdsl solve` says why"
    shares = parties(plan)
    if not shares.rows:
        return
    if "cost" in result.terms:
        yield f"cost {money(plan.account.cost, spec.currency)}{_parts(shares, 'cost')}"
        if plan.account.demand_cost:
            yield "demand charges are shared by nobody: they are in no row above"
        if plan.account.event_cost:
            yield "what events cost and pay is shared by nobody: it is in no row above"
    if abs(plan.account.total("revenue")) > 5e-7:
        yield f"drivers pay {money(plan.account.total('revenue'), spec.currency)}"
    if "co2" in result.terms:
        yield f"CO2 {decimals(plan.account.total('co2'), 2)} kg{_parts(shares, 'co2')}"


def _parts(shares: PlanTable, key: str) -> str:
    """`= vehicles 12.00 + office 3.00 - roof 1.20`, where there are several parts."""
    at = next(i for i, column in enumerate(shares.columns) if column.key == key)
    parts = [(str(row[0]), float(row[at])) for row in shares.rows]  # type: ignore[arg-type]  # a number
    parts = [(name, value) for name, value in parts if abs(value) >= 5e-7]
    if len(parts) < 2:
        return ""
    told = [
        f"{'- ' if value < 0 else '+ ' if i else ''}{printable(name, LONGEST)} {decimals(abs(value), 2)}"
        for i, (name, value) in enumerate(parts)
    ]
    return f" = {' '.join(told)}"
