"""Who comes: the vehicles of all fleets, blocks and files as arrays, and when each is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from evdsl import tables
from evdsl.diagnostic import Diagnostic
from evdsl.draws import Stream, sample, truncated
from evdsl.series import combined
from evdsl.spec import Device, Spec
from evdsl.timeline import FloatArray, Timeline
from evdsl.values import ClockTime, Column, Const, Draw, Instant, MaximumEnergy, Operation, TextValue, Value, leaves

IntArray = NDArray[np.int64]
EDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Vehicles:
    """One entry a vehicle. Times are hours from the start, energies kWh, powers kW.

    `arrival` and `departure` are as asked; `begin` and `end` after rounding and cut to the horizon.
    `battery`, `initial`, `low`, `high` and `target` are NaN without a battery (`target` also where
    `energy` is asked for), `demand` (at the port) where a state of charge is. `need` is the energy
    asked for: `demand`, or what lies between `initial` and `target`, in the battery.
    """

    name: tuple[str, ...]
    owner: IntArray
    category: IntArray
    arrival: FloatArray
    departure: FloatArray
    begin: FloatArray
    end: FloatArray
    battery: FloatArray
    initial: FloatArray
    low: FloatArray
    high: FloatArray
    target: FloatArray
    demand: FloatArray
    need: FloatArray
    priority: FloatArray
    charge: FloatArray
    discharge: FloatArray
    charge_efficiency: FloatArray
    discharge_efficiency: FloatArray
    wear: FloatArray
    reach: FloatArray
    """The most that each could take at the port during its stay, at full power and whole battery."""

    def __len__(self) -> int:
        return len(self.name)


@dataclass(slots=True)
class Found:
    """What the reading of one block gave, and what is to be said of it."""

    vehicles: Vehicles | None = None
    diagnostics: list[Diagnostic] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Group:
    """The vehicles of one block while they are being read."""

    device: Device
    category: Device
    timeline: Timeline
    rounding: str
    seed: int
    size: int
    rate: float
    table: tables.Table | None = None
    rows: IntArray | None = None
    maximum: FloatArray | None = None
    generators: dict[tuple[str, int], np.random.Generator] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)

    def values(self, setting: str) -> FloatArray | None:
        """A setting for each vehicle; `None` where it is not given or cannot be read."""
        value = self.device.get(setting)
        if value is None:
            return None
        result = self._evaluate(value, setting)
        if isinstance(result, Diagnostic):
            self.problems.append(result)
            return None
        return result

    def is_random(self, setting: str) -> bool:
        value = self.device.get(setting)
        return value is not None and any(isinstance(leaf, Draw) for leaf in leaves(value))

    def _evaluate(self, value: Value, setting: str) -> FloatArray | Diagnostic:
        match value:
            case Const(value=number):
                return np.full(self.size, number)
            case ClockTime(hours=hours):
                return np.full(self.size, self.timeline.clock(hours))
            case Instant(when=when):
                return np.full(self.size, self.timeline.hours(when))
            case Draw(index=index, is_clock=is_clock):
                key = (setting, index)
                if key not in self.generators:
                    stream = Stream(self.seed, self.device.name, setting)
                    self.generators[key] = stream.generator(index)
                drawn = sample(value, self.generators[key], self.size)
                return self._clocks(drawn) if is_clock else drawn
            case Column():
                return self._column(value, setting)
            case MaximumEnergy():
                assert self.maximum is not None
                return self.maximum.copy()
            case Operation(operator=operator, operands=operands):
                parts: list[FloatArray] = []
                for operand in operands:
                    part = self._evaluate(operand, setting)
                    if isinstance(part, Diagnostic):
                        return part
                    parts.append(part)
                return combined(operator, parts, value.span)
        raise TypeError(f"{type(value).__name__} is not a value of a vehicle")

    def _clocks(self, hours: FloatArray) -> FloatArray:
        if not self.timeline.changes():
            return hours + self.timeline.clock(0.0)
        return np.array([self.timeline.clock(float(hour)) for hour in hours])

    def _column(self, column: Column, setting: str) -> FloatArray | Diagnostic:
        assert self.table is not None and self.rows is not None
        position = self.table.column(column.name, column.span)
        if isinstance(position, Diagnostic):
            return position
        rows = [int(row) for row in self.rows]
        if setting in ("arrival", "departure"):
            stamps = tables.times(self.table, position, column.span)
            if isinstance(stamps, Diagnostic):
                return stamps
            return np.array([self.timeline.hours(stamps[row]) for row in rows])
        found = tables.numbers(self.table, position, rows, column.span)
        return found if isinstance(found, Diagnostic) else np.array(found) * column.factor

    def line(self, index: int) -> str:
        """How a message names vehicle `index`."""
        if self.table is not None and self.rows is not None:
            return f'line {self.table.lines[int(self.rows[index])]} of "{self.table.shown}"'
        if self.size == 1:
            return f"`{self.device.name}`"
        return f"`{self.device.name}.{index + 1}`"

    def report(self, code: str, message: str, setting: str, help: str = "") -> None:
        self.problems.append(Diagnostic(code, message, self.device.place(setting), "", help))


def rounded(begin: FloatArray, end: FloatArray, rounding: str, step: float) -> tuple[FloatArray, FloatArray]:
    """Arrivals and departures as the rounding of the station says, in hours."""
    if rounding == "floor":
        return np.floor(begin / step + EDGE) * step, np.floor(end / step + EDGE) * step
    if rounding == "inward":
        first = np.ceil(begin / step - EDGE) * step
        return first, np.maximum(np.floor(end / step + EDGE) * step, first)
    return begin, end


def read_group(spec: Spec, device: Device, timeline: Timeline, rate: float) -> Found:
    """The vehicles of one `fleet`, `vehicle` or `sessions`; `rate` is the best port's power."""
    category = spec.named("class", device.of)
    found = Found()
    size = int(device.number("count", 1.0)) if device.kind == "fleet" else 1
    group = Group(device, category, timeline, spec.rounding, spec.seed, size, rate)
    group.problems = found.diagnostics
    if device.rows is not None and not _open_rows(group, found):
        return found
    times = _stays(group, found)
    if times is None or not group.size:
        return found
    arrival, departure, begin, end = times
    length = np.maximum(end - begin, 0.0)
    group.rate = min(rate, category.number("charge", np.inf))
    if not np.isfinite(group.rate):
        message = f"nothing limits the charging power of `{device.name}`"
        help = f"give `class {category.name}` a `charge`, or its ports a `power`"
        found.diagnostics.append(Diagnostic("E411", message, category.header, "", help))
        return found
    group.maximum = length * group.rate
    demands = _demands(group)
    if demands is None:
        return found
    found.vehicles = _assembled(spec, group, arrival, departure, begin, end, demands)
    return found


def _open_rows(group: Group, found: Found) -> bool:
    rows = group.device.rows
    assert rows is not None
    table = tables.read(rows.path, rows.shown, rows.span)
    if isinstance(table, Diagnostic):
        found.diagnostics.append(table)
        return False
    group.table = table
    group.rows = np.arange(len(table.rows))
    group.size = len(group.rows)
    arrival = group.values("arrival")
    if arrival is None:
        return False
    total = group.size
    if rows.arriving is not None:
        low, high = (group.timeline.hours(when) for when in rows.arriving)
        group.rows = group.rows[(arrival >= low - EDGE) & (arrival < high - EDGE)]
        group.size = len(group.rows)
        found.remarks.append(f"{group.size} of {total} rows of {rows.shown} arrive in the range asked for")
    if not group.size:
        when = " in the range asked for" if rows.arriving else ""
        found.diagnostics.append(Diagnostic("E509", f'no row of "{rows.shown}" arrives{when}', rows.span))
    return group.size > 0


def _stays(group: Group, found: Found) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray] | None:
    """Arrival and departure as asked, and both after rounding and cutting."""
    device, horizon = group.device, group.timeline.horizon

    def inside(values: FloatArray, _: IntArray) -> NDArray[np.bool_]:
        return (values >= -EDGE) & (values < horizon - EDGE)

    arrival = _drawn(group, "arrival", inside, "lies in the horizon")
    if arrival is None:
        return None
    leaving = "departure" if device.get("departure") is not None else "stay"

    def later(values: FloatArray, at: IntArray) -> NDArray[np.bool_]:
        return values > (arrival[at] if leaving == "departure" else 0.0) + EDGE

    departure = _drawn(group, leaving, later, "is above zero" if leaving == "stay" else "lies after the arrival")
    if departure is None:
        return None
    if leaving == "stay":
        departure = _leave_after(group, arrival, departure)
    early = np.flatnonzero(departure <= arrival + EDGE)
    if len(early):
        at = int(early[0])
        shown = [f"{group.timeline.local(float(t)):%Y-%m-%d %H:%M}" for t in (departure[at], arrival[at])]
        message = f"{group.line(at)} leaves at {shown[0]} and comes at {shown[1]}"
        message += f"; so do {len(early) - 1} more" if len(early) > 1 else ""
        help = "give a date with the time, or `stay = 8 h`" if device.rows is None else "mend the rows, or leave them out"
        group.report("E406", message, leaving, help)
        return None
    keep = _within_horizon(group, found, arrival, departure)
    if keep is None:
        return None
    arrival, departure = arrival[keep], departure[keep]
    begin, end = np.clip(arrival, 0.0, horizon), np.clip(departure, 0.0, horizon)
    begin, end = rounded(begin, end, group.rounding, group.timeline.step)
    return arrival, departure, begin, end


def _leave_after(group: Group, arrival: FloatArray, stay: FloatArray) -> FloatArray:
    value = group.device.get("stay")
    if isinstance(value, Const) and value.days:
        from evdsl.resolve import elapsed_hours

        starts = [group.timeline.local(float(hour)) for hour in arrival]
        lengths = [elapsed_hours(start, value, group.timeline.zone) for start in starts]
        return arrival + np.array(lengths)
    return arrival + stay


def _within_horizon(
    group: Group, found: Found, arrival: FloatArray, departure: FloatArray
) -> NDArray[np.bool_] | None:
    """Which vehicles are there at all; those of a file that are not are counted, others refused."""
    horizon = group.timeline.horizon
    keep = (arrival < horizon - EDGE) & (departure > EDGE)
    missing = int((~keep).sum())
    if missing and (group.device.rows is None or missing == len(keep)):
        at = int(np.flatnonzero(~keep)[0])
        first = f"{group.timeline.local(0.0):%Y-%m-%d %H:%M}"
        last = f"{group.timeline.local(horizon):%Y-%m-%d %H:%M}"
        message = f"{group.line(at)} is not there between {first} and {last}, the horizon"
        group.report("E407", message, "arrival", "move `start`, lengthen `horizon`, or mend the times")
        return None
    if missing and group.rows is not None and group.table is not None:
        message = f"{missing} of {len(keep)} rows of \"{group.table.shown}\" lie outside the horizon and are left out"
        help = "choose rows with `arriving = DAY .. DAY`, or lengthen the horizon"
        found.diagnostics.append(Diagnostic("W101", message, group.device.rows.span if group.device.rows else None, "", help))
        group.rows = group.rows[keep]
        group.size = int(keep.sum())
    cut = keep & ((departure > horizon + EDGE) | (arrival < -EDGE))
    if cut.any():
        count = int(cut.sum())
        what = f"{count} of {len(keep)} stays of `{group.device.name}`" if len(keep) > 1 else f"the stay of `{group.device.name}`"
        verb = "reach" if count > 1 and len(keep) > 1 else "reaches"
        message = f"{what} {verb} beyond the horizon and {'are' if verb == 'reach' else 'is'} cut"
        found.diagnostics.append(Diagnostic("W102", message, group.device.header, "", "lengthen `horizon` to plan them whole"))
    return keep


def _drawn(group: Group, setting: str, meaningful: object, condition: str) -> FloatArray | None:
    """A setting for each vehicle, its random values drawn again where they have no meaning."""
    if not group.is_random(setting):
        return group.values(setting)
    failed: list[bool] = []

    def values(_: int) -> FloatArray:
        found = group.values(setting)
        failed.append(found is None)
        return np.zeros(group.size) if found is None else found

    result = truncated(values, meaningful, group.size)  # type: ignore[arg-type]  # closures of `_stays`
    if any(failed):
        return None
    if result is None:
        message = f"`{setting}` of `{group.device.name}` hardly ever {condition}"
        group.report("E510", message, setting, "mend the distribution")
    return result


def _demands(group: Group) -> dict[str, FloatArray] | None:
    """Energies and states of charge, in kWh; NaN where they are not asked for."""
    before = len(group.problems)
    category = group.category
    size = group.size
    nothing = np.full(size, np.nan)
    battery = category.number("battery", np.nan)
    low, high = category.bounds("soc")

    def share(values: FloatArray, _: IntArray) -> NDArray[np.bool_]:
        return (values >= low - EDGE) & (values <= high + EDGE)

    def positive(values: FloatArray, _: IntArray) -> NDArray[np.bool_]:
        return values >= 0.0

    arrival = _drawn(group, "soc_arrival", share, "lies inside the class's bounds")
    target = _drawn(group, "soc_target", share, "lies inside the class's bounds")
    energy = _drawn(group, "energy", positive, "is zero or above")
    priority = _drawn(group, "priority", positive, "is zero or above")
    if len(group.problems) > before:
        return None
    for name, values, bound in (("soc_arrival", arrival, low), ("soc_target", target, high)):
        wrong = np.flatnonzero((values < low - EDGE) | (values > high + EDGE)) if values is not None else []
        if values is not None and len(wrong):
            at = int(wrong[0])
            side = "below the minimum" if values[at] < low else "above the maximum"
            edge = low if values[at] < low else high
            message = f"{group.line(at)} has `{name}` {values[at]:.4g}, {side} {edge:.4g} of `class {category.name}`"
            group.report("E408", message, name, f"mend it, or widen `soc` of the class (here {bound:.0%})")
    if energy is not None and (energy < 0).any():
        at = int(np.flatnonzero(energy < 0)[0])
        group.report("E308", f"{group.line(at)} asks for {energy[at]:g} kWh, below zero", "energy")
    if len(group.problems) > before:
        return None
    initial = battery * (arrival if arrival is not None else np.full(size, low))
    aim = battery * target if target is not None else nothing
    asked = energy if energy is not None else nothing
    need = np.maximum(aim - initial, 0.0) if energy is None else asked
    return {
        "battery": np.full(size, battery),
        "initial": initial,
        "low": np.full(size, battery * low),
        "high": np.full(size, battery * high),
        "target": aim,
        "demand": asked,
        "need": need,
        "priority": priority if priority is not None else np.ones(size),
    }


def _assembled(
    spec: Spec,
    group: Group,
    arrival: FloatArray,
    departure: FloatArray,
    begin: FloatArray,
    end: FloatArray,
    demands: dict[str, FloatArray],
) -> Vehicles:
    category, size = group.category, group.size
    both = category.number("efficiency")
    inward = category.number("charge_efficiency", both)
    outward = category.number("discharge_efficiency", both)
    assert group.maximum is not None
    room = (demands["high"] - demands["initial"]) / inward
    classes = spec.of_kind("class")

    def constant(number: float) -> FloatArray:
        return np.full(size, number)

    return Vehicles(
        name=_names(group),
        owner=np.full(size, spec.devices.index(group.device)),
        category=np.full(size, classes.index(category)),
        arrival=arrival,
        departure=departure,
        begin=begin,
        end=end,
        charge=constant(category.number("charge", np.inf)),
        discharge=constant(category.number("discharge")),
        charge_efficiency=constant(inward),
        discharge_efficiency=constant(outward),
        wear=constant(category.number("wear")),
        reach=np.fmin(group.maximum, room),
        **demands,
    )


def _names(group: Group) -> tuple[str, ...]:
    name = group.device.name
    if group.device.kind == "vehicle":
        return (name,)
    column = group.device.get("id")
    if isinstance(column, TextValue) and group.table is not None and group.rows is not None:
        position = group.table.column(column.value, column.span)
        if isinstance(position, Diagnostic):
            group.problems.append(position)
        else:
            names = tuple(group.table.rows[int(row)][position] for row in group.rows)
            if len(set(names)) == len(names):
                return names
            twice = next(n for n in names if names.count(n) > 1)
            group.report("E207", f'"{group.table.shown}" names "{twice}" twice', "id", "leave `id` out")
    return tuple(f"{name}.{index + 1}" for index in range(group.size))


def joined(parts: Sequence[Vehicles]) -> Vehicles:
    """Vehicles of several blocks, one after the other."""
    names = tuple(name for part in parts for name in part.name)
    columns = [f.name for f in fields(Vehicles) if f.name != "name"]
    empty: dict[str, FloatArray] = {c: np.zeros(0, dtype=int if c in ("owner", "category") else float) for c in columns}
    arrays = {c: np.concatenate([getattr(part, c) for part in parts]) if parts else empty[c] for c in columns}
    return Vehicles(name=names, **arrays)
