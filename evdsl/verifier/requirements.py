"""Whether a schedule meets the user's own requirements: both sides of each, worked out from its flows.

Both sides are evaluated over the grid of what the requirement runs over, one axis for each bound variable,
with what does not depend on a variable of length 1 along its axis. A cell without a meaning (the state of a
battery while its vehicle is away, a step before the horizon) is left out, of aggregates too. How exactly a
cell is held is measured by the sum of the absolute values of its terms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.quantities import SHARED_BY
from evdsl.language.requirement import Requirement
from evdsl.language.spec import Spec
from evdsl.language.units import format_value, symbol
from evdsl.language.values import Aggregated, Const, Operation, Quantity, Value, WordUse
from evdsl.verifier import shares
from evdsl.verifier.decisions import with_sizes
from evdsl.verifier.objectives import Amount, words
from evdsl.verifier.presence import PortTable, ports_of
from evdsl.verifier.quantities import Cells, ScheduleReadings, over_cells
from evdsl.verifier.reading import StoredSchedule, read
from evdsl.verifier.sets import StepRange, range_of, summed
from evdsl.verifier.tolerance import tolerance
from evdsl.verifier.trips import of_vehicles
from evdsl.verifier.violations import Findings

if TYPE_CHECKING:
    import xarray as xr


WRONG = {"<=": "too much", ">=": "too little", "==": "apart"}


def check_requirements(
    spec: Spec, data: Data, reading: StoredSchedule, ports: PortTable, findings: Findings
) -> None:
    """Every requirement, in every cell that it has."""
    spoken = any(requirement.words() for requirement in spec.requirements)
    amounts = words(spec, data, reading, ports) if spoken else {}
    site = ScheduleReadings(spec, data, reading, ports)
    for requirement in spec.requirements:
        _Check(Worth(site, amounts), requirement).report(findings)


def term_values(
    spec: Spec, data: Data, reading: StoredSchedule, ports: PortTable, amounts: Mapping[str, Amount]
) -> dict[str, Amount]:
    """What the terms of the stages are worth, by name; those without a meaning are left out."""
    of = Worth(ScheduleReadings(spec, data, reading, ports), amounts)
    return _known({term.name: of.value(term.value, ()) for term in spec.terms})


def _known(found: Mapping[str, Cells]) -> dict[str, Amount]:
    return {
        name: Amount(float(cells.value), float(cells.scale))
        for name, cells in found.items()
        if cells.there.all()
    }


def let_value(values: Mapping[str, Value], spec: Spec, data: Data, schedule: xr.Dataset) -> dict[str, Amount]:
    """What values without bound variables come to in a schedule; those without a meaning are left out."""
    findings, ports = Findings(data), ports_of(spec)
    reading = read(spec, data, ports, schedule, findings)
    if reading is None:
        return {}
    spec, data = with_sizes(spec, data, reading)
    of = Worth(ScheduleReadings(spec, data, reading, ports), words(spec, data, reading, ports))
    return _known({name: of.value(value, ()) for name, value in values.items()})


def vehicle_shares(spec: Spec, data: Data, schedule: xr.Dataset) -> dict[str, FloatArray]:
    """What each vehicle pays of `energy_cost` and earns of `export_revenue`, where the `grid` has the price.

    A vehicle with several stays has its share at the first.
    """
    ports = ports_of(spec)
    reading = read(spec, data, ports, schedule, Findings(data))
    found: dict[str, FloatArray] = {}
    for name, price in SHARED_BY.items():
        if reading is None or data.over_time("grid", price) is None:
            continue
        flow = reading.charge if name == "energy_cost" else reading.discharge
        money = shares.of_flows(name, flow, spec, data, reading, ports)
        found[name] = of_vehicles(summed(money, reading.stays.vehicle, len(data.vehicles)), data)
    return found


@dataclass(frozen=True, slots=True)
class _Check:
    """One requirement, held against a schedule."""

    of: Worth
    own: Requirement

    def report(self, findings: Findings) -> None:
        """A violation for every cell in which the sides do not stand to each other as is asked."""
        own, spec = self.own, self.of.site.spec
        ranges = [range_of(b.name, b.over, spec, self.of.site.data) for b in own.binders]
        left, right = self.of.value(own.left, ranges), self.of.value(own.right, ranges)
        both = np.broadcast_shapes(left.shape, right.shape)
        there = np.broadcast_to(left.there & right.there, both).ravel()
        first, second = (np.broadcast_to(side.value, both).ravel() for side in (left, right))
        excess = first - second
        size = {"<=": excess, ">=": -excess, "==": np.abs(excess)}[own.relation]
        slack = tolerance(np.broadcast_to(left.scale + right.scale, both).ravel())
        positions = [np.asarray(found.ravel()) for found in np.indices(both)]
        vehicle, step, label = _labels(ranges, positions, both)
        dimension = own.left.dimension

        def describe(at: int, who: str, when: str) -> str:
            sides = [format_value(float(side[at]), dimension, spec.currency) for side in (first, second)]
            where = "".join([f" for {who}" if who else "", label(at), f" at {when}" if when else ""])
            by = f"{format_value(float(size[at]), dimension, spec.currency)} {WRONG[own.relation]}"
            both = f"{sides[0]} on its left and {sides[1]} on its right"
            return f"`{own.name}` ({own.text}) has {both}{where}: {by}"

        unit = symbol(dimension, spec.currency)
        findings.where("require", unit, there & ~(size <= slack), size, describe, vehicle, step)


@dataclass(frozen=True, slots=True)
class Worth:
    """What expressions are worth in a schedule; `amounts` are the words of the objective."""

    site: ScheduleReadings
    amounts: Mapping[str, Amount]

    def value(self, value: Value, ranges: Sequence[StepRange]) -> Cells:
        """A value over the grid of some bound variables."""
        match value:
            case Const(value=number):
                return Cells.number(number, len(ranges))
            case WordUse(name=name):
                amount = self.amounts.get(name, Amount(0.0, 0.0))
                found = Cells.number(amount.value, len(ranges))
                return Cells(found.value, np.full_like(found.scale, amount.scale), found.there)
            case Quantity():
                return over_cells(value, ranges, self.site)
            case Aggregated():
                return self._aggregate(value, ranges)
            case Operation(operator=operator, operands=operands):
                return _combined(operator, [self.value(operand, ranges) for operand in operands])
        raise TypeError(f"{type(value).__name__} has no place in a requirement")

    def _aggregate(self, value: Aggregated, ranges: Sequence[StepRange]) -> Cells:
        inner = range_of(value.variable, value.over, self.site.spec, self.site.data)
        body = self.value(value.body, [*ranges, inner])
        shape = (*np.broadcast_shapes(body.shape)[:-1], len(inner))
        there = np.broadcast_to(body.there, shape)
        found, scale = np.broadcast_to(body.value, shape), np.broadcast_to(body.scale, shape)
        count = there.sum(axis=-1)
        total = np.where(there, found, 0.0).sum(axis=-1)
        size = np.where(there, scale, 0.0).sum(axis=-1)
        some = np.asarray(count > 0)
        match value.function:
            case "sum":
                return Cells(total, size, np.ones_like(some))
            case "mean":
                return Cells(total / np.maximum(count, 1), size / np.maximum(count, 1), some)
        largest = np.where(there, scale, 0.0).max(axis=-1, initial=0.0)
        if value.function == "max":
            extreme = np.where(there, found, -np.inf).max(axis=-1, initial=-np.inf)
        else:
            extreme = np.where(there, found, np.inf).min(axis=-1, initial=np.inf)
        return Cells(np.where(some, extreme, 0.0), largest, some)


SAME_NUMBER = 1e-9
"""Of the larger of two numbers: what lies nearer together is not one above the other."""


def _combined(operator: str, parts: Sequence[Cells]) -> Cells:
    """`+ - * /`, `min`, `max` and `above`, cell by cell."""
    first, rest = parts[0], parts[1:]
    value, scale, there = first.value, first.scale, first.there
    for part in rest:
        there = there & part.there
        match operator:
            case "+":
                value, scale = value + part.value, scale + part.scale
            case "-":
                value, scale = value - part.value, scale + part.scale
            case "*":
                value, scale = value * part.value, scale * part.scale
            case "/":
                divisor = np.where(part.there, part.value, 1.0)
                value, scale = value / divisor, scale / np.abs(divisor)
            case "above":
                room = SAME_NUMBER * np.maximum(np.abs(value), np.abs(part.value))
                value = np.asarray(value - part.value > room, dtype=float)
                scale = value
            case "min":
                value, scale = np.minimum(value, part.value), np.maximum(scale, part.scale)
            case _:
                value, scale = np.maximum(value, part.value), np.maximum(scale, part.scale)
    return Cells(value, scale, there)


@dataclass(frozen=True, slots=True)
class _Label:
    """Names of the groups that a cell is of, and of vehicles beyond the first."""

    named: Sequence[tuple[Sequence[str], IntArray]]

    def __call__(self, at: int) -> str:
        return "".join(f" for `{names[int(position[at])]}`" for names, position in self.named)


def _labels(
    ranges: Sequence[StepRange], positions: Sequence[IntArray], shape: tuple[int, ...]
) -> tuple[IntArray | None, IntArray | None, _Label]:
    """The vehicle and the step of each cell, and what else it is of; none for a variable without effect."""
    vehicle: IntArray | None = None
    step: IntArray | None = None
    named: list[tuple[Sequence[str], IntArray]] = []
    for found, position, size in zip(ranges, positions, shape, strict=True):
        if size != len(found):
            continue
        if found.steps is not None:
            step = found.steps[position] if step is None else step
        elif found.each is not None:
            if vehicle is None:
                vehicle = found.each.vehicles[position]
        else:
            named.append((found.names, position))
    return vehicle, step, _Label(named)
