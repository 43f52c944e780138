"""A plan as a schedule: what its rows say, and all else of the site as in the schedule of a result.

A row that the plan of the result has too keeps the powers of its steps; of another one the power is the mean
while it lasts. Storages, generation and loads do what they do in the schedule: what vehicles take more or
less comes from the connection, by way of their feeders.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from evdsl.language.arrays import BoolArray, FloatArray, IntArray
from evdsl.model.ports import port_names
from evdsl.optimization.inquiry.course import block_of_port
from evdsl.optimization.result import Result
from evdsl.report.plan.charges import Charge, plan_of, visit_times
from evdsl.report.plan.reader import SECOND, PlanRow
from evdsl.schedule.account import visit_powers
from evdsl.schedule.dataset import UNITS, Flows, as_dataset
from evdsl.schedule.energy import delivered_energy, energies, energy_on_arrival, missing_energy
from evdsl.schedule.phases import feeder_path

if TYPE_CHECKING:
    import xarray as xr

NOTHING = 1e-9
"""kW."""
SAME = 0.005
"""kWh: what is less is no difference to an operator."""


def as_schedule(rows: Sequence[PlanRow], result: Result) -> tuple[xr.Dataset, int]:
    """The schedule, and how many of the rows are not those of the result."""
    mine, schedule = _Rows(rows, result), result.schedule
    assert schedule is not None, "there is nothing to fill it up from"
    spec, data = result.spec, result.data
    charge, discharge = mine.powers()
    port = mine.ports()
    old, ports = mine.old, [name for block in spec.of_kind("port") for name in port_names(block)]
    kept = np.array([*(_efficiency(result, at) for at in range(len(ports))), 1.0])
    draw = charge / kept[port] - discharge * kept[port]
    before = old.taken - old.given
    devices = {
        str(name): np.asarray(variable.values, dtype=float)
        for name, variable in schedule.data_vars.items()
        if name not in UNITS
    }
    for feeder in spec.of_kind("feeder"):
        below = np.array(
            [feeder.name in feeder_path(spec, block_of_port(spec, p)) for p in range(len(ports))]
        )
        inside = np.append(below, False)
        more = _by_step(draw * inside[port] - before * inside[old.port], result)
        devices[feeder.name] = devices[feeder.name] + more
    imported, exported = (np.asarray(schedule[name].values, dtype=float) for name in ("import", "export"))
    more = _by_step(draw - before, result)
    net, moved = imported - exported + more, np.abs(more) > NOTHING
    arrived, gained = delivered_energy(charge, discharge, data)
    flows = Flows(
        charge=charge,
        discharge=discharge,
        energy=energies(charge, discharge, data),
        port=port,
        energy_departure=energy_on_arrival(gained, data) + gained,
        delivered=arrived,
        unmet=missing_energy(arrived, gained, data),
        imported=np.where(moved, np.maximum(net, 0.0), imported),
        exported=np.where(moved, np.maximum(-net, 0.0), exported),
        port_names=tuple(ports),
        devices=devices,
    )
    return as_dataset(flows, data, {"zone": spec.zone, "step_hours": spec.step}), mine.changed


def _efficiency(result: Result, port: int) -> float:
    block = block_of_port(result.spec, port)
    return 1.0 if block is None else block.number("efficiency")


def _by_step(values: FloatArray, result: Result) -> FloatArray:
    visits = result.data.visits
    return np.bincount(visits.step, values, minlength=result.spec.steps).astype(float)


class _Rows:
    """The rows beside the runs of the schedule."""

    def __init__(self, rows: Sequence[PlanRow], result: Result) -> None:
        assert result.schedule is not None
        self.rows, self.result = rows, result
        self.begin, self.end = visit_times(result)
        self.old = visit_powers(result.spec, result.data, result.schedule)
        runs: dict[int, list[Charge]] = {}
        for run in plan_of(result).charges:
            runs.setdefault(run.vehicle, []).append(run)
        names = {str(name): at for at, name in enumerate(result.schedule["port_name"].values)}
        self.is_old = [any(_is_run(row, run, names) for run in runs.get(row.stay, [])) for row in rows]
        self.changed = len(rows) - sum(self.is_old)
        stays: dict[int, list[int]] = {}
        for at, row in enumerate(rows):
            stays.setdefault(row.stay, []).append(at)
        self.stays = stays
        self.kept_stays = {
            stay
            for stay in range(len(result.data.vehicles))
            if len(stays.get(stay, [])) == len(runs.get(stay, []))
            and all(self.is_old[at] for at in stays.get(stay, []))
        }

    def powers(self) -> tuple[FloatArray, FloatArray]:
        """Charge and discharge of each visit, kW at the port."""
        who, step = self.result.data.visits.vehicle, self.result.spec.step
        charge, discharge = np.zeros(len(who)), np.zeros(len(who))
        for row, is_old in zip(self.rows, self.is_old, strict=True):
            hours = self._hours(row)
            if is_old:
                charge[hours > SECOND] = self.old.charge[hours > SECOND]
                discharge[hours > SECOND] = self.old.discharge[hours > SECOND]
            else:
                charge += max(row.power, 0.0) * hours / step
                discharge += max(-row.power, 0.0) * hours / step
        for stay in self.kept_stays:  # also what is too little to be a run
            same = who == stay
            charge[same], discharge[same] = self.old.charge[same], self.old.discharge[same]
        return charge, discharge

    def ports(self) -> IntArray:
        """The port of each visit: that of its row, and as long beside it as the toggles of the spec say."""
        spec, who = self.result.spec, self.result.data.visits.vehicle
        port: IntArray = np.full(len(who), -1)
        for stay in self.kept_stays:
            port[who == stay] = self.old.port[who == stay]
        for stay, mine in self.stays.items():
            if stay in self.kept_stays or not spec.of_kind("port"):
                continue
            used: BoolArray = np.zeros(len(who), dtype=np.bool_)
            for at in mine:
                there = self._hours(self.rows[at]) > SECOND
                port[there], used = self.rows[at].port, used | there
            if spec.on("hold_port") and len({self.rows[at].port for at in mine}) == 1:
                where = np.flatnonzero(who == stay)
                if spec.on("queue"):
                    steps = np.flatnonzero(used)
                    where = where[(where >= steps[0]) & (where <= steps[-1])]
                port[where] = self.rows[mine[0]].port
        return port

    def _hours(self, row: PlanRow) -> FloatArray:
        """Hours of each visit in which a row lasts."""
        hours = row.hours_in(self.begin, self.end)
        return np.where(self.result.data.visits.vehicle == row.stay, hours, 0.0)


def _is_run(row: PlanRow, run: Charge, names: dict[str, int]) -> bool:
    return (
        row.port == names.get(run.port, -1)
        and abs(row.begin - run.begin) <= SECOND
        and abs(row.end - run.end) <= SECOND
        and abs(row.energy - run.energy) <= SAME
    )
