"""A plan as one strict JSON document: what `evdsl plan --json` prints.

| key | |
|---|---|
| `spec`, `currency`, `digest`, `status`, `message`, `backend`, `verified` | as of `evdsl solve --json` |
| `charges` | each run of a vehicle: who, where, `begin`, `end`, kW, kWh at the port, its share of the money |
| `cohorts` | each run of a state of a cohort: how many `vehicles` charge on average, `most` at once |
| `vehicles` | each: when it is there, kWh asked and delivered, its share of each word |
| `ports` | each: hours in which it is `taken` and in which it is `charging`, kWh |
| `shares` | who has what part of the cost: the vehicles together, each device, demand charges |
| `units` | by table the units of its columns |

Powers and energies of a run are below zero where it discharges. `cost` is energy at the step's price, by
its share of what the site takes, with wear, less what its exports earn; that of demand charges stands in
`shares`. A key of which the spec knows nothing, such as a price, is absent.
"""

from __future__ import annotations

from datetime import datetime

from evdsl.report.plan.charges import Plan
from evdsl.report.plan.columns import VEHICLE, Cell, PlanTable, tables_of
from evdsl.report.run.document import plain

NAMES = ("charges", "cohorts", "vehicles", "ports", "shares")


def document(plan: Plan, order: str = VEHICLE) -> dict[str, object]:
    """The plan as plain data that `json.dumps(..., allow_nan=False)` takes; see the module for its keys."""
    result = plan.result
    tables = {table.name: table for table in tables_of(plan, order)}
    record: dict[str, object] = {
        "spec": result.spec.name,
        "currency": result.spec.currency,
        "digest": result.data.digest,
        "status": result.status.value,
        "message": result.message,
        "backend": result.backend,
        "verified": result.verdict is not None and result.verdict.ok,
        **{name: _records(tables.get(name)) for name in NAMES},
        "units": {name: {c.key: c.unit for c in table.columns if c.unit} for name, table in tables.items()},
    }
    return {name: plain(value) for name, value in record.items()}


def _records(table: PlanTable | None) -> list[dict[str, object]]:
    if table is None:
        return []
    keys = [column.key for column in table.columns]
    return [dict(zip(keys, map(_value, row), strict=True)) for row in table.rows]


def _value(cell: Cell) -> object:
    return cell.isoformat() if isinstance(cell, datetime) else cell
