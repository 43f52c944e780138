"""The columns of a plan: what each is called, in which unit, and what stands in it.

The same columns are those of the table in the terminal, of `.csv`, of `.xlsx` and of `--json`; a column of
which a spec knows nothing (a price, emissions, tariffs, ports) is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, TypeVar

from evdsl.report.facts import clock
from evdsl.report.plan.charges import Charge, CohortCharge, Plan, PlannedPort, PlannedVehicle
from evdsl.schedule.account import Party

Cell: TypeAlias = str | float | int | datetime
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class PlanColumn:
    """A column: `key` is its name in JSON, `name` what stands above it, `unit` empty for words and times."""

    key: str
    name: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class PlanTable:
    """A table of a plan. `rows` have a cell for each column; `name` is that of a sheet."""

    name: str
    columns: tuple[PlanColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def titles(self) -> list[str]:
        """What stands above the columns, with units."""
        return [f"{column.name} ({column.unit})" if column.unit else column.name for column in self.columns]


VEHICLE, PORT, TIME = "vehicle", "port", "time"
ORDERS = (VEHICLE, PORT, TIME)
"""What the rows of a plan may be sorted by."""


def tables_of(plan: Plan, order: str = VEHICLE) -> list[PlanTable]:
    """Every table of a plan that has rows, the charges first."""
    made = (charges(plan, order), cohort_charges(plan, order), vehicles(plan), ports(plan), parties(plan))
    return [table for table in made if table.rows]


def charges(plan: Plan, order: str = VEHICLE) -> PlanTable:
    """The runs of charging of single vehicles."""
    spec = plan.result.spec
    keep = _known(plan)

    def when(hours: float) -> datetime:
        return clock(plan.result.data, hours)

    columns: list[tuple[PlanColumn, Callable[[Charge], Cell]]] = [
        (PlanColumn("vehicle", "vehicle"), lambda c: c.name),
        (PlanColumn("class", "class"), lambda c: c.category),
        (PlanColumn("port", "port"), lambda c: c.port),
        (PlanColumn("begin", "from"), lambda c: when(c.begin)),
        (PlanColumn("end", "to"), lambda c: when(c.end)),
        (PlanColumn("power", "mean power", "kW"), lambda c: c.power),
        (PlanColumn("most", "largest power", "kW"), lambda c: c.most),
        (PlanColumn("energy", "energy", "kWh"), lambda c: c.energy),
        (PlanColumn("cost", "cost", spec.currency), lambda c: c.cost),
        (PlanColumn("revenue", "driver pays", spec.currency), lambda c: c.revenue),
        (PlanColumn("co2", "CO2", "kg"), lambda c: c.co2),
    ]
    return _table("charges", columns, _sorted(plan.charges, order), keep)


def _sorted(rows: Sequence[Charge], order: str) -> list[Charge]:
    """By vehicle as they stand; by port or by time, and then by the other."""
    ports = {name: number for number, name in enumerate(dict.fromkeys(sorted(_port_key(r) for r in rows)))}
    if order == PORT:
        return sorted(rows, key=lambda row: (ports[_port_key(row)], row.begin, row.vehicle))
    if order == TIME:
        return sorted(rows, key=lambda row: (row.begin, ports[_port_key(row)], row.vehicle))
    return list(rows)


def _port_key(row: Charge) -> tuple[str, int]:
    """The block and the number of a port, so that the tenth follows the ninth."""
    block, _, number = row.port.rpartition(".")
    return block, int(number or 0)


def cohort_charges(plan: Plan, order: str = VEHICLE) -> PlanTable:
    """The runs of the states of cohorts."""
    spec = plan.result.spec

    def when(hours: float) -> datetime:
        return clock(plan.result.data, hours)

    columns: list[tuple[PlanColumn, Callable[[CohortCharge], Cell]]] = [
        (PlanColumn("cohort", "cohort"), lambda c: c.cohort),
        (PlanColumn("state", "state"), lambda c: c.state),
        (PlanColumn("begin", "from"), lambda c: when(c.begin)),
        (PlanColumn("end", "to"), lambda c: when(c.end)),
        (PlanColumn("vehicles", "charging on average"), lambda c: c.vehicles),
        (PlanColumn("most", "charging at most"), lambda c: c.most),
        (PlanColumn("power", "mean power", "kW"), lambda c: c.power),
        (PlanColumn("energy", "energy", "kWh"), lambda c: c.energy),
        (PlanColumn("cost", "cost", spec.currency), lambda c: c.cost),
        (PlanColumn("revenue", "driver pays", spec.currency), lambda c: c.revenue),
        (PlanColumn("co2", "CO2", "kg"), lambda c: c.co2),
    ]
    rows = plan.cohort_charges
    if order == TIME:
        rows = tuple(sorted(rows, key=lambda row: (row.begin, row.cohort, -row.state)))
    return _table("cohorts", columns, rows, _known(plan))


def vehicles(plan: Plan) -> PlanTable:
    """What becomes of each vehicle, and what it costs and earns."""
    spec = plan.result.spec
    money = spec.currency

    def when(hours: float) -> datetime:
        return clock(plan.result.data, hours)

    columns: list[tuple[PlanColumn, Callable[[PlannedVehicle], Cell]]] = [
        (PlanColumn("vehicle", "vehicle"), lambda v: v.name),
        (PlanColumn("class", "class"), lambda v: v.category),
        (PlanColumn("port", "ports"), lambda v: " ".join(v.ports)),
        (PlanColumn("arrival", "arrives"), lambda v: when(v.arrival)),
        (PlanColumn("departure", "leaves"), lambda v: when(v.departure)),
        (PlanColumn("asked", "asked", "kWh"), lambda v: v.asked),
        (PlanColumn("delivered", "delivered", "kWh"), lambda v: v.delivered),
        (PlanColumn("unmet", "missing", "kWh"), lambda v: v.unmet),
        (PlanColumn("energy_cost", "energy cost", money), lambda v: v.money.energy_cost),
        (PlanColumn("export_revenue", "export revenue", money), lambda v: v.money.export_revenue),
        (PlanColumn("wear", "wear", money), lambda v: v.money.wear),
        (PlanColumn("elsewhere_cost", "charged elsewhere", money), lambda v: v.money.elsewhere_cost),
        (PlanColumn("end_value", "value of what is left", money), lambda v: v.money.end_value),
        (PlanColumn("cost", "cost", money), lambda v: v.money.cost),
        (PlanColumn("revenue", "driver pays", money), lambda v: v.money.revenue),
        (PlanColumn("co2", "CO2", "kg"), lambda v: v.money.co2),
    ]
    return _table("vehicles", columns, plan.vehicles, _known(plan))


def ports(plan: Plan) -> PlanTable:
    """How each port is used."""
    columns: list[tuple[PlanColumn, Callable[[PlannedPort], Cell]]] = [
        (PlanColumn("port", "port"), lambda p: p.name),
        (PlanColumn("vehicles", "vehicles"), lambda p: p.vehicles),
        (PlanColumn("taken_hours", "taken", "h"), lambda p: p.taken_hours),
        (PlanColumn("charging_hours", "charging", "h"), lambda p: p.charging_hours),
        (PlanColumn("charged", "charged", "kWh"), lambda p: p.charged),
        (PlanColumn("discharged", "discharged", "kWh"), lambda p: p.discharged),
    ]
    return _table("ports", columns, plan.ports, _known(plan))


def parties(plan: Plan) -> PlanTable:
    """Who has what share of the money, single vehicles as one; demand charges and calls are nobody's."""
    spec, account = plan.result.spec, plan.account
    money = spec.currency
    columns: list[tuple[PlanColumn, Callable[[tuple[str, str, dict[str, float]]], Cell]]] = [
        (PlanColumn("party", "who"), lambda p: p[0]),
        (PlanColumn("kind", "kind"), lambda p: p[1]),
        (PlanColumn("taken", "taken", "kWh"), lambda p: p[2]["taken"]),
        (PlanColumn("given", "given", "kWh"), lambda p: p[2]["given"]),
        (PlanColumn("cost", "cost", money), lambda p: p[2]["cost"]),
        (PlanColumn("revenue", "driver pays", money), lambda p: p[2]["revenue"]),
        (PlanColumn("co2", "CO2", "kg"), lambda p: p[2]["co2"]),
    ]
    mine = [party for party in account.parties if party.vehicle >= 0]
    rows = [("vehicles", "vehicle", _sums(mine))] if mine else []
    rows += [(party.name, party.kind, _sums([party])) for party in account.parties if party.vehicle < 0]
    if account.demand_cost:
        rows.append(("demand charges", "demand_charge", {**_sums([]), "cost": account.demand_cost}))
    if account.event_cost:
        rows.append(("events", "event", {**_sums([]), "cost": account.event_cost}))
    return _table("shares", columns, rows, _known(plan))


def _sums(parties: Sequence[Party]) -> dict[str, float]:
    words = ("taken", "given", "cost", "revenue", "co2")
    return {word: sum((float(getattr(party.money, word)) for party in parties), 0.0) for word in words}


def _known(plan: Plan) -> Callable[[str], bool]:
    """Which columns the spec knows something of."""
    spec, terms = plan.result.spec, plan.result.terms
    absent = set[str]()
    if not spec.of_kind("port"):
        absent.add("port")
    absent |= {word for word in ("cost", "revenue", "co2", "energy_cost") if word not in terms}
    parts = ("export_revenue", "wear", "elsewhere_cost", "end_value")
    absent |= {word for word in parts if not _is_used(plan, word)}
    if len(spec.of_kind("class")) < 2:
        absent.add("class")
    return lambda key: key not in absent


def _is_used(plan: Plan, word: str) -> bool:
    return any(getattr(vehicle.money, word) for vehicle in plan.vehicles)


def _table(
    name: str,
    columns: Sequence[tuple[PlanColumn, Callable[[Row], Cell]]],
    rows: Sequence[Row],
    is_known: Callable[[str], bool],
) -> PlanTable:
    kept = [(column, cell) for column, cell in columns if is_known(column.key)]
    cells = tuple(tuple(cell(row) for _, cell in kept) for row in rows)
    return PlanTable(name, tuple(column for column, _ in kept), cells)
