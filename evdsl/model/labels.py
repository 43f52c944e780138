"""Rows and variables of a model by what they are: `charge[day_shift.3, 08:15, ac]`.

A row or a variable is told from its fellows by up to four coordinates: a vehicle, a local time, the
ports that are used, and a state of need of a cohort. A step is named by its begin, a state of energy by the
time that it holds at. Where the dimension of a family says what its labels are, they are taken from there;
elsewhere they are what the variables of a row have in common, and for a variable, the rows that it stands in.
So a new family needs nothing here. What is left with equal coordinates is told apart by its position in the
family, `#17`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evdsl.data.timeline import Timeline
from evdsl.language.arrays import FloatArray
from evdsl.language.combinatorial import Complementarity
from evdsl.model.formulas.variables import over_of
from evdsl.model.matrix import Labelled, ModelMatrix, read
from evdsl.model.ports import has_one_port_a_stay
from evdsl.model.program import Program
from evdsl.model.taper import visits_with_states

VARIABLE, ROW = "variable", "row"

AXES = "vtpn"
"""Letters of the coordinates."""

AT_END = ("energy", "count")
"""Last words of variables that hold at the end of their step."""


@dataclass(frozen=True, slots=True, eq=False)
class Coordinates:
    """One entry a label: the number of a vehicle, hours from the start, a group of ports, a state of need of
    a cohort; NaN for none."""

    vehicle: FloatArray
    hours: FloatArray
    port: FloatArray
    need: FloatArray

    def __len__(self) -> int:
        return len(self.vehicle)

    def stacked(self) -> FloatArray:
        """All as columns."""
        return np.column_stack([self.vehicle, self.hours, self.port, self.need])


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """The variables or rows of one name; `start` is the position of the first in the matrix.

    `repeated` marks those whose coordinates another one has too.
    """

    kind: str
    name: str
    start: int
    at: Coordinates
    repeated: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True, slots=True, eq=False)
class LabelIndex:
    """Every family of a model with its coordinates, beside the model as arrays."""

    program: Program
    matrix: ModelMatrix
    variables: tuple[Family, ...]
    rows: tuple[Family, ...]

    @property
    def families(self) -> tuple[Family, ...]:
        """Variables, then rows."""
        return (*self.variables, *self.rows)

    def column(self, position: int) -> str:
        """The name of a column of the matrix."""
        return _at(self.variables, position, self)

    def row(self, position: int) -> str:
        """The name of a row of the matrix."""
        return _at(self.rows, position, self)

    def label(self, family: Family, position: int) -> str:
        """`charge[day_shift.3, 08:15, ac]`; the name alone where there is only one."""
        words = self.words(family, position)
        return f"{family.name}[{', '.join(words)}]" if words else family.name

    def words(self, family: Family, position: int) -> list[str]:
        """The coordinates of one label, as they are written."""
        at = family.at
        words = [quote(self.vehicle(at.vehicle[position]))] if at.vehicle[position] >= 0 else []
        if np.isfinite(at.hours[position]):
            words.append(clock(float(at.hours[position]), self.program.data.timeline))
        if at.port[position] >= 0:
            words += ["+".join(self.ports(at.port[position]))]
        if np.isfinite(at.need[position]):
            words.append(f"state {at.need[position]:g}")
        if family.repeated[position]:
            words.append(f"#{position + 1}")
        return words

    def vehicle(self, number: float) -> str:
        """The name of a vehicle."""
        return self.program.data.vehicles.name[int(number)]

    def ports(self, group: float) -> tuple[str, ...]:
        """The blocks of ports in a group."""
        names = self.program.slot_index.groups[int(group)].names
        return tuple(dict.fromkeys(name.rpartition(".")[0] for name in names))


def index_of(program: Program) -> LabelIndex:
    """The coordinates of everything in the model of a program without open requirements."""
    matrix = read(program.model)
    columns = [_known(program, VARIABLE, name, size) for name, size in _sizes(matrix.variables)]
    rows = [_known(program, ROW, name, size) for name, size in _sizes(matrix.families)]
    open_rows = {number for number, at in enumerate(rows) if at is None}
    entries = matrix.rows.tocoo()
    of_columns = _stacked(columns, matrix.variables)
    _derive(rows, matrix.families, of_columns, entries.row, entries.col)
    _derive(columns, matrix.variables, _stacked(rows, matrix.families), entries.col, entries.row)
    # Once more for rows over variables that had to be told by their rows themselves.
    rows = [None if number in open_rows else at for number, at in enumerate(rows)]
    _derive(rows, matrix.families, _stacked(columns, matrix.variables), entries.row, entries.col)
    return LabelIndex(
        program,
        matrix,
        _families(VARIABLE, columns, matrix.variables),
        _families(ROW, rows, matrix.families),
    )


def _sizes(labelled: Labelled) -> Iterator[tuple[str, int]]:
    for name, labels in labelled:
        yield name, int(np.count_nonzero(labels >= 0))


def _known(program: Program, kind: str, name: str, size: int) -> Coordinates | None:
    """What the dimension of a family says of its labels; `None` where it says nothing."""
    seats, slots, step = program.slot_index, program.slot_index.slots, program.spec.step
    model = program.model
    dims = model.variables[name].dims if kind == VARIABLE else model.constraints[name].coord_dims
    at_end = kind == VARIABLE and name.rpartition(".")[2] in AT_END
    nothing = np.full(size, np.nan)

    def at(vehicle: Any = None, hours: Any = None, port: Any = None, need: Any = None) -> Coordinates:
        given = (vehicle, hours, port, need)
        return Coordinates(*(nothing if axis is None else np.asarray(axis, dtype=float) for axis in given))

    switched = _switched(program, name, size) if kind == VARIABLE else None
    if switched is not None:
        return switched
    match tuple(str(dim) for dim in dims):
        case () | ("one",):
            return at()
        case ("time",) if size == program.spec.steps:
            return at(hours=(np.arange(size) + at_end) * step)
        case ("vehicle",) if size == len(program.data.vehicles):
            return at(np.arange(size))
        case ("trip",) if size == int((~program.data.vehicles.is_first).sum()):
            return at(np.flatnonzero(~program.data.vehicles.is_first))
        case ("served",) if size == int((program.data.vehicles.need > 0).sum()):
            return at(np.flatnonzero(program.data.vehicles.need > 0))
        case ("travelling",):
            vehicles = program.data.vehicles
            whole = np.flatnonzero((vehicles.need > 0) & vehicles.travels)
            return at(whole) if size == len(whole) else None
        case ("bought",) if size == int(program.data.vehicles.buys.sum()):
            return at(np.flatnonzero(program.data.vehicles.buys))
        case ("slot",) if size == len(slots):
            return at(slots.vehicle, slots.step * step, _ports(program, slots.group))
        case ("out_slot",) if size == len(slots.outward):
            out = slots.outward
            return at(slots.vehicle[out], slots.step[out] * step, _ports(program, slots.group[out]))
        case ("state",) if size == len(seats.states):
            who = seats.states.vehicle
            begin = program.data.visits.step[seats.states.visit] * step
            end = np.minimum(begin + step, program.data.vehicles.end[who])
            return at(who, end if at_end else begin)
        case ("kept",):
            # States of vehicles that have none but for a `require`, in the order of their visits.
            visits = program.data.visits
            rest = np.flatnonzero(~seats.has_states[visits.vehicle])
            rest = rest[~np.isnan(program.data.vehicles.battery[visits.vehicle[rest]])]
            if size != len(rest):
                return None
            begin = visits.step[rest] * step
            end = np.minimum(begin + step, program.data.vehicles.end[visits.vehicle[rest]])
            return at(visits.vehicle[rest], end if at_end else begin)
        case ("tapered",):
            rest = visits_with_states(program)
            who = program.data.visits.vehicle[rest]
            begin = program.data.visits.step[rest] * step
            return at(who, np.minimum(begin + step, program.data.vehicles.end[who]))
        case ("visit",) if size == len(program.data.visits):
            return at(program.data.visits.vehicle, program.data.visits.step * step)
        case ("seat",) if size == len(seats.port_choices):
            hours = nothing.copy()
            if not has_one_port_a_stay(program.spec):
                seated = np.flatnonzero(seats.gate_of_slot >= 0)
                hours[seats.gate_of_slot[seated]] = slots.step[seated] * step
            return at(seats.port_choices.vehicle, hours, _ports(program, seats.port_choices.group))
        case (dim,) if dim.endswith(".cell") and size % program.spec.steps == 0:
            state, when = np.divmod(np.arange(size), program.spec.steps)
            return at(hours=(when + at_end) * step, need=state + 1)
    return None


def _switched(program: Program, name: str, size: int) -> Coordinates | None:
    """Those of the flow that a binary chooses: some of the binaries stand in no row that would say it."""
    for requirement in program.requirements:
        if not isinstance(requirement, Complementarity) or name != f"{requirement.name}.second":
            continue
        flow = program.model.variables[requirement.first].size
        at = _known(program, VARIABLE, requirement.first, flow)
        where = np.arange(flow) if requirement.first_at is None else np.asarray(requirement.first_at)
        if at is not None and len(where) == size:
            return Coordinates(at.vehicle[where], at.hours[where], at.port[where], at.need[where])
    return None


def _ports(program: Program, group: NDArray[np.integer]) -> FloatArray:
    """Groups of ports as coordinates; none where every vehicle brings its own."""
    own = np.array([ports.own for ports in program.slot_index.groups])
    return np.where(own[group], np.nan, group)


def _stacked(found: Sequence[Coordinates | None], labelled: Labelled) -> list[FloatArray]:
    """The coordinates of each family; shapes (labels, axes)."""
    return [
        np.full((size, len(AXES)), np.nan) if at is None else at.stacked()
        for at, (_, size) in zip(found, _sizes(labelled), strict=True)
    ]


def _derive(
    found: list[Coordinates | None],
    labelled: Labelled,
    others: Sequence[FloatArray],
    mine: NDArray[np.integer],
    theirs: NDArray[np.integer],
) -> None:
    """Fills in, for families of which nothing is known, what they stand with.

    A coordinate is that of the first of the other families in which each label has one value of it: a row
    that compares two steps is no reason to doubt what another says of them.
    """
    start = 0
    for number, (name, size) in enumerate(_sizes(labelled)):
        if found[number] is None:
            inside = (mine >= start) & (mine < start + size)
            own, other = mine[inside] - start, theirs[inside]
            columns = [np.full(size, np.nan) for _ in AXES]
            begin = 0
            for family in others:
                there = (other >= begin) & (other < begin + len(family))
                for axis, letter in enumerate(AXES) if there.any() else ():
                    values = _common(own[there], family[other[there] - begin, axis], size)
                    if np.isnan(columns[axis]).all() and _allows(name, letter) and np.isfinite(values).all():
                        columns[axis] = values
                begin += len(family)
            found[number] = Coordinates(*columns)
        start += size


def _allows(name: str, letter: str) -> bool:
    """Whether a family may have this coordinate: a sum over steps has none, whatever its terms share."""
    over = over_of(name)
    return over is None or letter in over


def _common(group: NDArray[np.integer], values: FloatArray, size: int) -> FloatArray:
    """The one value of each group; NaN where it has none or several."""
    known = np.isfinite(values)
    low, high = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(low, group[known], values[known])
    np.maximum.at(high, group[known], values[known])
    return np.where(low == high, low, np.nan)


def _families(kind: str, found: Sequence[Coordinates | None], labelled: Labelled) -> tuple[Family, ...]:
    families: list[Family] = []
    start = 0
    for at, (name, size) in zip(found, _sizes(labelled), strict=True):
        assert at is not None
        _, which, counts = np.unique(
            np.nan_to_num(at.stacked(), nan=-1.0), axis=0, return_inverse=True, return_counts=True
        )
        families.append(Family(kind, name, start, at, counts[which.reshape(-1)] > 1))
        start += size
    return tuple(families)


def _at(families: Sequence[Family], position: int, index: LabelIndex) -> str:
    for family in families:
        if position < family.start + len(family):
            return index.label(family, position - family.start)
    raise IndexError("no such position")


def clock(hours: float, timeline: Timeline) -> str:
    """A local time: the date where the horizon has more than a day, the offset in a repeated hour."""
    return _forms(hours, timeline)[-1] if timeline.horizon > 24 else _forms(hours, timeline)[0]


def clock_forms(hours: float, timeline: Timeline) -> frozenset[str]:
    """All ways in which a local time may be written, with the date or without."""
    local = timeline.local(hours)
    date = f"{local:%Y-%m-%d}"
    plain = {f"{local:%H:%M}" if not local.second else f"{local:%H:%M:%S}"}
    plain |= {_forms(hours, timeline)[0]}
    return frozenset(plain | {f"{date} {form}" for form in plain})


def _forms(hours: float, timeline: Timeline) -> tuple[str, str]:
    """The clock time, and the date with it; with the offset where the clocks show it twice."""
    local = timeline.local(hours)
    form = f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"
    first, second = (timeline.zone.utcoffset(local.replace(fold=fold)) for fold in (0, 1))
    if first != second:
        offset = local - timeline.start_utc - timedelta(seconds=round(hours * 3600, 6))
        minutes = round(offset.total_seconds() / 60)
        form += f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    return form, f"{local:%Y-%m-%d} {form}"


def quote(name: str) -> str:
    """A name of a vehicle, in quotes where it could be read as something else: files may hold any."""
    plain = name and not set(name) & set(',[]"#') and ":" not in name and name == name.strip()
    return name if plain else f'"{name}"'
