"""Faults planted in the formulation by hand, and which claim finds each: `python fuzz/planted.py [SEED]`.

Every fault must be found within 200 random specs. What puts a schedule back and what checks it stay as they
are, as they would if somebody had made the mistake.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

import numpy as np

from evdsl.data import trips
from evdsl.data.data import Data
from evdsl.language.arrays import BoolArray
from evdsl.language.calendar import dates_of_block
from evdsl.language.combinatorial import Combinatorial, Complementarity
from evdsl.language.devices import storage
from evdsl.language.devices.phases import LABELS
from evdsl.language.spec import Spec
from evdsl.language.values import Value
from evdsl.model import phases, slots, taper
from evdsl.model.builder import ModelBuilder
from evdsl.model.formulate import formulate
from evdsl.model.program import Program
from evdsl.optimization import problem
from evdsl.testing import INVARIANTS, Plan, campaign, specs
from evdsl.verifier import shares

EXAMPLES = 200
PLAN = Plan(invariants=INVARIANTS, relations=1, solvers=("highs",), shrinking=0.0)


@contextmanager
def reading_wrongly(change: Callable[[Data], Data]) -> Iterator[None]:
    """A formulation that reads data wrongly; what is put back and checked has them right."""

    def faulty(spec: Spec, data: Data) -> Program:
        return replace(formulate(spec, change(data)), data=data)

    with patch.object(problem, "formulate", faulty):
        yield


def efficiency_on_the_wrong_side(data: Data) -> Data:
    cars = data.vehicles
    return replace(data, vehicles=replace(cars, charge_efficiency=1.0 / cars.charge_efficiency))


def efficiency_of_one_side_left_out(data: Data) -> Data:
    cars = data.vehicles
    return replace(data, vehicles=replace(cars, discharge_efficiency=np.ones_like(cars.discharge_efficiency)))


def presence_one_step_late(data: Data) -> Data:
    visits, last = data.visits, data.timeline.steps - 1
    return replace(data, visits=replace(visits, step=np.minimum(visits.step + 1, last)))


def trips_that_use_less(data: Data) -> Data:
    cars = data.vehicles
    return replace(data, vehicles=replace(cars, target=np.where(np.isnan(cars.used), cars.target, cars.low)))


def departures_of_the_first_step(data: Data) -> Data:
    series = {
        (block, name): np.full_like(values, values[0]) if name.startswith("departures") else values
        for (block, name), values in data.series.items()
    }
    return replace(data, series=series)


def ports_that_never_fail(data: Data) -> Data:
    series = {
        (block, name): np.full_like(values, values.max()) if name == "count" else values
        for (block, name), values in data.series.items()
    }
    return replace(data, series=series)


def starts_that_may_be_given_away(data: Data) -> Data:
    cars = data.vehicles
    return replace(data, vehicles=replace(cars, low=np.where(cars.initial <= cars.low, 0.0, cars.low)))


def a_storage_that_may_be_emptied() -> Any:
    return patch.object(storage, "_least", lambda _, steps, __: [0.0] * steps)


def shares_at_the_port() -> Any:
    """In what is told, and not in the model."""
    return patch.object(shares, "_at_site", lambda _name, flow, *_: flow)


def trips_a_day_late() -> Any:
    """In the data, which the check shares."""

    def late(spec: Spec, days: Value | None) -> tuple[date, ...]:
        return tuple(day + timedelta(days=1) for day in dates_of_block(spec, days))

    return patch.object(trips, "dates_of_block", late)


def a_taper_that_ends_with_the_first_trip() -> Any:
    right = taper._rows_of

    def of_first_stays(spec: Spec, data: Data, who: BoolArray) -> Any:
        return right(spec, data, who & data.vehicles.is_first)

    return patch.object(taper, "_rows_of", of_first_stays)


@contextmanager
def a_slack_on_the_road() -> Iterator[None]:
    right = ModelBuilder.demand

    def demand(self: ModelBuilder, requirement: Combinatorial) -> None:
        if not isinstance(requirement, Complementarity) or requirement.subject != "trip":
            right(self, requirement)

    with patch.object(ModelBuilder, "demand", demand):
        yield


@contextmanager
def load_with_the_wrong_sign() -> Iterator[None]:
    right = ModelBuilder.given_powers
    with patch.object(ModelBuilder, "given_powers", lambda self, feeder="": -1.0 * right(self, feeder)):
        yield


@contextmanager
def dropping(row: str) -> Iterator[None]:
    """A formulation that leaves out the rows whose name ends so."""
    kept = ModelBuilder.rows

    def rows(self: ModelBuilder, name: str, *rest: Any) -> None:
        if not name.endswith(row):
            kept(self, name, *rest)

    with patch.object(ModelBuilder, "rows", rows):
        yield


@contextmanager
def feeders_without_a_reverse_limit() -> Iterator[None]:
    right = ModelBuilder.variable

    def variable(self: ModelBuilder, name: str, *rest: Any, **bounds: Any) -> Any:
        if name.endswith(".flow"):
            bounds["lower"] = -np.inf
        return right(self, name, *rest, **bounds)

    with patch.object(ModelBuilder, "variable", variable):
        yield


@contextmanager
def phases_without_a_reverse_limit() -> Iterator[None]:
    right = ModelBuilder.variable

    def variable(self: ModelBuilder, name: str, *rest: Any, **bounds: Any) -> Any:
        if name.rpartition(".")[2] in LABELS:
            bounds["lower"] = -np.inf
        return right(self, name, *rest, **bounds)

    with patch.object(ModelBuilder, "variable", variable):
        yield


def devices_on_all_phases() -> Any:
    return patch.object(phases, "spread_of", lambda _: phases.EVEN)


def classes_that_list_nothing() -> Any:
    return patch.object(slots, "own_rates", lambda spec, _: [() for _ in spec.of_kind("class")])


FAULTS: dict[str, Callable[[], Any]] = {
    "a wrong sign": load_with_the_wrong_sign,
    "an efficiency on the wrong side": lambda: reading_wrongly(efficiency_on_the_wrong_side),
    "an efficiency left out of one side": lambda: reading_wrongly(efficiency_of_one_side_left_out),
    "a presence off by one": lambda: reading_wrongly(presence_one_step_late),
    "a dropped row": lambda: dropping("vehicle.target"),
    "a dropped row of a storage": lambda: dropping(".final"),
    "a chosen start that need not come back": lambda: dropping(".final_start"),
    "a dropped row of trips": lambda: dropping("vehicle.trip"),
    "a trip that uses nothing": lambda: reading_wrongly(trips_that_use_less),
    "energy on the road from nowhere": a_slack_on_the_road,
    "states of a cohort that count for nothing": lambda: dropping(".counts"),
    "departures that do not change": lambda: reading_wrongly(departures_of_the_first_step),
    "classes that list nothing": classes_that_list_nothing,
    "ports that never fail": lambda: reading_wrongly(ports_that_never_fail),
    "a taper that is not there": lambda: dropping("vehicle.taper"),
    "a queue that lets vehicles come back": lambda: dropping("port.one_begin"),
    "a feeder without its reverse limit": feeders_without_a_reverse_limit,
    "phases without their reverse limit": phases_without_a_reverse_limit,
    "devices on all phases": devices_on_all_phases,
    "starts that may be given away": lambda: reading_wrongly(starts_that_may_be_given_away),
    "a storage that may be emptied": a_storage_that_may_be_emptied,
    "shares of money by what flows at the port": shares_at_the_port,
    "trips a day late": trips_a_day_late,
    "a taper that ends with the first trip": a_taper_that_ends_with_the_first_trip,
    "a call that is not kept": lambda: dropping(".most"),
}


def found(fault: str, seed: int, plan: Plan = PLAN) -> tuple[int, str, str] | None:
    """The number of the spec that shows a fault, the claim that it breaks, and what is said of it."""
    with FAULTS[fault]():
        coverage, failure = campaign(specs, EXAMPLES, start=seed, plan=plan)
    return None if failure is None else (coverage.examples, failure.invariant.name, failure.message)


def main() -> None:
    seed = int(sys.argv[1]) if sys.argv[1:] else 0
    missed = []
    for fault in FAULTS:
        caught = found(fault, seed)
        if caught is None:
            missed.append(fault)
            print(f"{fault}: NOT FOUND in {EXAMPLES} specs")
        else:
            print(f"{fault}: spec {caught[0]}, {caught[1]}: {caught[2]}", flush=True)
    sys.exit(f"not found: {', '.join(missed)}" if missed else 0)


if __name__ == "__main__":
    main()
