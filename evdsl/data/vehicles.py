"""Who comes: the vehicles of all fleets, blocks and files as arrays, and when each is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np

from evdsl.data.demands import Demands, read_demands
from evdsl.data.draws import Sampling
from evdsl.data.randomness.counts import count_of
from evdsl.data.reader import BlockReader
from evdsl.data.stays import Stays, read_stays
from evdsl.data.timeline import Timeline
from evdsl.data.trips import beyond_reach, with_trips
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.table import read_table
from evdsl.language.arrays import FloatArray
from evdsl.language.calendar import dates_of_block
from evdsl.language.devices.phases import best_power
from evdsl.language.site import Vehicles
from evdsl.language.spec import Spec
from evdsl.language.tolerances import SAME_TIME
from evdsl.language.values import Const, TextValue
from evdsl.semantics.checks import reach


@dataclass(slots=True)
class BlockResult:
    """What the reading of one block gave, and what is to be said of it."""

    vehicles: Vehicles | None = None
    diagnostics: list[Diagnostic] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    beyond_reach: list[Diagnostic] = field(default_factory=list)


def read_group(spec: Spec, index: int, timeline: Timeline) -> BlockResult:
    """The vehicles of the block `spec.devices[index]`: a `fleet`, a `vehicle` or `sessions`."""
    device = spec.devices[index]
    category = spec.named("class", device.of)
    days = dates_of_block(spec, device.get("days"))
    size = count_of(spec, device, category, timeline, max(len(days), 1)) if device.kind == "fleet" else 1
    if not isinstance(size, int):
        return BlockResult(diagnostics=size)
    whole = size * max(len(days), 1)
    group = BlockReader(device, category, timeline, spec.rounding, Sampling.of(spec), whole, days, size)
    found = BlockResult(None, group.problems, group.remarks)
    if device.kind == "fleet" and not isinstance(device.get("count"), Const):
        group.remarks.append(f"`{device.name}` has a count of {size}, drawn with seed {spec.seed}")
    if device.rows is not None and not _open_rows(group):
        return found
    stays = read_stays(group)
    if stays is None:
        return found
    rate = best_power(spec, category)
    group.maximum = np.maximum(stays.end - stays.begin, 0.0) * rate
    demands = read_demands(group)
    if demands is not None:
        names = _names(group)
        uncut = _assemble(spec, index, names, stays, demands, group.maximum)
        found.vehicles = with_trips(spec, group, uncut)
        if found.vehicles is None:
            return found
        found.beyond_reach = _beyond_reach(spec, group, found.vehicles)
        found.diagnostics += found.beyond_reach
    return found


def _open_rows(group: BlockReader) -> bool:
    """Reads the file of a block and chooses its rows; whether any are left."""
    rows = group.device.rows
    assert rows is not None
    table = read_table(rows.path, rows.shown, rows.span, rows.dialect or "")
    if isinstance(table, Diagnostic):
        group.problems.append(table)
        return False
    group.table = table
    group.rows = np.arange(len(table.rows))
    group.size = len(group.rows)
    if rows.arriving is None:
        return True
    arrival = group.values("arrival")
    if arrival is None:
        return False
    low, high = (group.timeline.hours(when) for when in rows.arriving)
    chosen = (arrival >= low - SAME_TIME) & (arrival < high - SAME_TIME)
    if not chosen.any():
        first, last = group.shown(float(arrival.min())), group.shown(float(arrival.max()))
        message = f'no row of "{rows.shown}" arrives in the range asked for'
        help = f"its arrivals go from {first} to {last}"
        group.problems.append(Diagnostic("E509", message, group.device.place("arriving"), "", help))
        return False
    group.keep(chosen)
    group.remarks.append(f"{group.size} of {len(chosen)} rows of {rows.shown} arrive in the range asked for")
    return True


def _assemble(
    spec: Spec, index: int, names: tuple[str, ...], stays: Stays, demands: Demands, maximum: FloatArray
) -> Vehicles:
    size = len(names)
    category = spec.named("class", spec.devices[index].of)
    inward = category.charge_efficiency
    outward = category.number("discharge_efficiency", category.number("efficiency"))

    def constant(number: float) -> FloatArray:
        return np.full(size, number)

    return Vehicles(
        name=names,
        owner=np.full(size, index),
        category=np.full(size, spec.of_kind("class").index(category)),
        arrival=stays.arrival,
        departure=stays.departure,
        begin=stays.begin,
        end=stays.end,
        battery=demands.battery,
        initial=demands.initial,
        low=demands.low,
        high=demands.high,
        target=demands.target,
        demand=demands.demand,
        need=demands.need,
        priority=demands.priority,
        phases=constant(category.number("phases", np.nan)),
        charge=constant(category.number("charge", np.inf)),
        discharge=constant(category.number("discharge")),
        charge_efficiency=constant(inward),
        discharge_efficiency=constant(outward),
        wear=constant(category.number("wear")),
        end_value=constant(category.number("end_value", 0.0)),
        reach=np.fmin(maximum, (demands.high - demands.initial) / inward),
        previous=np.full(size, -1),
        used=constant(np.nan),
        elsewhere=constant(np.nan),
    )


def _names(group: BlockReader) -> tuple[str, ...]:
    """The names of the vehicles: their own where a file gives them, numbers else."""
    column = group.device.get("id")
    if isinstance(column, TextValue) and group.table is not None and group.rows is not None:
        position = group.table.column(column.value, column.span)
        if isinstance(position, Diagnostic):
            group.problems.append(position)
        else:
            names = tuple(group.table.rows[int(row)][position].strip() for row in group.rows)
            _check_names(group, names)
            return names
    return tuple(group.name(number) for number in range(group.size))


def _check_names(group: BlockReader, names: tuple[str, ...]) -> None:
    lines: dict[str, str] = {}
    for index, name in enumerate(names):
        line = group.line(index)
        if not name:
            group.report("E505", f"{line} has no `id`", "id", "name every row, or leave `id` out")
            return
        if name in lines and group.device.get("used") is None:
            message = f'{line} names "{name}", as does {lines[name]}'
            help = "give each row a name of its own, or leave `id` out"
            help += '; if the vehicle comes back, add the column of what it used before: `used="used (kWh)"`'
            group.report("E207", message, "id", help)
            return
        lines[name] = line


def _beyond_reach(spec: Spec, group: BlockReader, vehicles: Vehicles) -> list[Diagnostic]:
    """W103 where vehicles ask for more than they could take."""
    if vehicles.travels.any():
        return beyond_reach(spec, group, vehicles)
    at_port = np.isnan(vehicles.demand)
    asked = np.where(at_port, vehicles.need / vehicles.charge_efficiency, vehicles.demand)
    short = asked - vehicles.reach
    late = int((short > reach.SLACK * np.maximum(asked, 1.0)).sum())
    if not late:
        return []
    worst = int(short.argmax())
    told = (group.line(worst), float(asked[worst]), float(vehicles.reach[worst]))
    return [reach.finding(spec, group.device, (late, len(vehicles)), told)]


def concatenate(parts: Sequence[Vehicles]) -> Vehicles:
    """Vehicles of several blocks, one after the other."""
    names = tuple(name for part in parts for name in part.name)
    whole = ("owner", "category", "previous")
    arrays = {}
    for column in (f.name for f in fields(Vehicles) if f.name != "name"):
        empty = np.zeros(0, dtype=np.int64 if column in whole else np.float64)
        arrays[column] = np.concatenate([empty, *(getattr(part, column) for part in parts)])
    sizes = [len(part) for part in parts]
    before = np.repeat(np.cumsum([0, *sizes])[: len(sizes)], sizes)
    arrays["previous"] = np.where(arrays["previous"] < 0, -1, arrays["previous"] + before)
    return Vehicles(name=names, **arrays)
