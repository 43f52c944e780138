"""Solvers find what writing out all schedules of a tiny site finds, and a planted fault does not pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from planted import (
    classes_that_list_nothing,
    devices_on_all_phases,
    dropping,
    efficiency_on_the_wrong_side,
    presence_one_step_late,
    reading_wrongly,
)

from evdsl.data import demands
from evdsl.data import load as reading
from evdsl.data.data import Data
from evdsl.data.load import load_data
from evdsl.data.paths.drawing import Drawing
from evdsl.data.series import Problem, on_steps
from evdsl.data.timeline import Timeline
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.arrays import FloatArray
from evdsl.language.objectives import WORDS
from evdsl.language.spec import Device, Spec
from evdsl.language.values import Calendar, Const, Daily, Days, Value
from evdsl.optimization.result import Result
from evdsl.testing import TinySite, Trial, brute_force, tiny_sites
from evdsl.testing import trial as trials
from evdsl.testing.brute.draws import BITS
from evdsl.testing.brute.search import optimum, schedules
from evdsl.testing.brute.sites import UNITS, TinyMeter, TinyPorts, TinyStage, TinyVehicle
from evdsl.testing.trial import Solver

CAR = TinyVehicle(
    arrival=0,
    departure=180,
    charge=7,
    discharge=0,
    battery=0,
    soc=(0.0, 1.0),
    efficiency=(1.0, 1.0),
    comes_with=None,
    target=0.0,
    energy=14,
    priority=1,
    wear=0,
    end_value=0,
    blocks=(0,),
)
SITE = TinySite(
    steps=3,
    minutes=60,
    rounding="exact",
    vehicles=(CAR,),
    ports=(TinyPorts(1, 7, (7.0,), 7, 1, False),),
    price=(0.3, 0.1, 0.2),
    feed_in=None,
    carbon=(0.0, 0.0, 0.0),
    import_limit=None,
    export_limit=None,
    demand_charge=0,
    load=None,
    load_on_feeder=False,
    feeder_limit=None,
    solar=None,
    on=frozenset({"min_power", "hold_port", "exclusive", "import_or_export", "curtailment"}),
    stages=(TinyStage((("cost", 1.0),), 0),),
)
"""14 kWh at 7 kW in two of three hours: the price of the two cheapest is 0.1 and 0.2 EUR/kWh."""


def best_of(site: TinySite) -> list[float]:
    every = schedules(site)
    return [ends[0] for ends in optimum(site, every)] if len(every.charge) else []


def with_toggle(site: TinySite, name: str, on: bool) -> TinySite:
    return replace(site, on=site.on | {name} if on else site.on - {name})


WITH_BATTERY = replace(CAR, battery=20, comes_with=0.5, energy=None, target=0.5, discharge=7)
SOLD = replace(SITE, feed_in=(0.5, 0.0, 0.0))

BY_HAND: dict[str, tuple[TinySite, int, list[float]]] = {
    "the two cheapest of three hours": (SITE, 3, [7 * 0.1 + 7 * 0.2]),
    "a demand that no hours make up": (replace(SITE, vehicles=(replace(CAR, energy=13),)), 0, []),
    "in part where that is allowed": (
        with_toggle(replace(SITE, vehicles=(replace(CAR, energy=13),)), "partial_charging", True),
        4,
        [0.0],
    ),
    "charging does not pause": (with_toggle(SITE, "uninterrupted", True), 2, [7 * 0.1 + 7 * 0.2]),
    "a price between the two dear hours": (
        with_toggle(replace(SITE, price=(0.1, 0.9, 0.2)), "uninterrupted", True),
        2,
        [7 * 0.1 + 7 * 0.9],
    ),
    "a connection that the load leaves too little of": (
        replace(SITE, import_limit=(9.0,) * 3, load=(0.0, 3.0, 0.0)),
        1,
        [7 * 0.3 + 3 * 0.1 + 7 * 0.2],
    ),
    "losses of the port": (
        replace(SITE, ports=(replace(SITE.ports[0], efficiency=0.5),)),
        3,
        [14 * 0.1 + 14 * 0.2],
    ),
    "sun first, the rest bought": (replace(SITE, solar=(0.0, 4.0, 0.0)), 3, [3 * 0.1 + 7 * 0.2]),
    "bought back after it was sold": (
        with_toggle(replace(SOLD, vehicles=(WITH_BATTERY,)), "v2g", True),
        12,
        [-7 * 0.5 + 7 * 0.1],
    ),
    "sold no more than may be": (
        with_toggle(replace(SOLD, vehicles=(WITH_BATTERY,), export_limit=5), "v2g", True),
        4,
        [0.0],
    ),
    "a meter of two hours, less what was reached": (
        # 14 kWh in the first two hours are a mean of 7 kW; in the last of them and after it, 3.5 and 7.
        replace(SITE, meters=(TinyMeter(2, 120, None, 5, False),)),
        3,
        [7 * 0.1 + 7 * 0.2 + 2 * 2],
    ),
    "a meter that sees the cheapest hour alone": (
        replace(SITE, meters=(TinyMeter(0.5, None, (60, 120), 0, False),)),
        3,
        [7 * 0.3 + 7 * 0.2],
    ),
    "no more is given than was bought by who comes below": (
        # 2 of 20 kWh, or 9: in each hour it stays or changes. 7 are bought at 0.1, sold at 0.5, 2 kept.
        with_toggle(
            replace(
                SITE,
                feed_in=(0.0, 0.0, 0.5),
                vehicles=(
                    replace(WITH_BATTERY, soc=(0.3, 0.7), widens=True, comes_with=0.1, energy=0, target=0.5),
                ),
            ),
            "v2g",
            True,
        ),
        8,
        [7 * 0.1 - 7 * 0.5],
    ),
    "the cheapest, and of these the earliest": (
        replace(
            SITE,
            price=(0.2, 0.1, 0.2),
            stages=(*SITE.stages, TinyStage((("delay", 1.0),), 0)),
        ),
        3,
        [7 * 0.2 + 7 * 0.1, 7 * 0 + 7 * 1],
    ),
}
"""Sites with how many schedules meet them and what the best of these reach, worked out on paper."""


@pytest.mark.parametrize("name", BY_HAND)
def test_what_is_written_out_is_what_paper_says(name: str) -> None:
    site, number, best = BY_HAND[name]
    assert len(schedules(site).charge) == number
    assert best_of(site) == pytest.approx(best)
    assert brute_force(site).check(Trial(site.text)) is None


@pytest.mark.parametrize(
    ("leaves", "comes", "count", "held", "number"),
    [
        (60, 60, 1, True, 2),  # one leaves when the other comes
        (90, 60, 1, True, 0),  # both are there from 01:00 to 01:30
        (90, 60, 2, True, 2),
        (90, 60, 1, False, 2),  # the first has it in its first hour, the second in one of its two
    ],
)
def test_a_port_is_one_vehicles_for_as_long_as_it_is_there(
    leaves: int, comes: int, count: int, held: bool, number: int
) -> None:
    first = replace(CAR, departure=leaves, energy=7)
    second = replace(CAR, arrival=comes, energy=7)
    ports = (replace(SITE.ports[0], count=count),)
    site = with_toggle(replace(SITE, vehicles=(first, second), ports=ports), "hold_port", held)
    assert len(schedules(site).charge) == number
    assert brute_force(site).check(Trial(site.text)) is None


@pytest.mark.slow
def test_random_sites_are_solved_as_if_all_schedules_were_written_out() -> None:
    met: Counter[str] = Counter()

    @settings(max_examples=20, derandomize=True, database=None, deadline=None)
    @given(tiny_sites())
    def run(site: TinySite) -> None:
        trial = Trial(site.text)
        assert brute_force(site).check(trial) is None, site.text
        met[trial.run().status.value] += 1

    run()
    assert met["optimal"] >= 8, met


@pytest.mark.slow
def test_sites_are_many_and_never_refused() -> None:
    met: Counter[str] = Counter()

    @settings(
        max_examples=300,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(tiny_sites())
    def run(site: TinySite) -> None:
        assert Trial(site.text).has_no_errors, site.text
        met.update(site.on)
        met.update({word for stage in site.stages for word, _ in stage.weights})
        met["crowded"] += sum(ports.count for ports in site.ports) < len(site.vehicles)
        number = len(schedules(site).charge)
        assert number <= 2**BITS
        met["many"] += number > 50

    run()
    assert set(UNITS) <= set(met)
    assert set(UNITS) <= {word.name for word in WORDS}
    assert {"v2g", "hold_port", "uninterrupted", "partial_charging"} <= set(met)
    assert met["many"] >= 15
    assert met["crowded"] >= 5


def hold_two_hundred(seldom: Callable[[TinySite], bool] = lambda _: True) -> None:
    """200 sites, of those that have what is seldom drawn."""

    @settings(
        max_examples=200,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(tiny_sites().filter(seldom))
    def hold(site: TinySite) -> None:
        assert brute_force(site).check(Trial(site.text, solvers=("highs",))) is None, "caught"

    hold()


def cheaper_by_half(data: Data) -> Data:
    price = {("grid", "price"): data.series["grid", "price"] / 2}
    return replace(data, series={**data.series, **price})


def a_step_late(value: Value, timeline: Timeline, drawing: Drawing) -> FloatArray | Problem:
    """A reading that the model and all who check it share: only the brute force reads for itself."""
    found = on_steps(value, timeline, drawing)
    return np.roll(found, 1) if isinstance(found, np.ndarray) else found


def stays_read_late(spec: Spec) -> tuple[Data | None, list[Diagnostic]]:
    data, found = load_data(spec)
    return (None if data is None else presence_one_step_late(data)), found


def first_that_holds(table: Calendar, day: date, holidays: Days | None) -> Const | Daily | None:
    """A table by day that is read from its begin, whatever is finer behind."""
    held = (value for days, value in table.entries if days.rank_on(day, holidays) is not None)
    found = next(held, None)
    return found.on(day, holidays) if isinstance(found, Calendar) else found


def emptied(_: Device, low: FloatArray, high: FloatArray, start: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Bounds that who comes outside does not have: it may give all that it came with."""
    return 0.0 * low, np.fmax(high, start)


FAULTS: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "every series read a step late": lambda: patch.object(reading, "on_steps", a_step_late),
    "a table by day read from its begin": lambda: patch.object(Calendar, "on", first_that_holds),
    "every stay read a step late": lambda: patch.object(trials, "load_data", stays_read_late),
    "efficiency on the wrong side": lambda: reading_wrongly(efficiency_on_the_wrong_side),
    "presence one step late": lambda: reading_wrongly(presence_one_step_late),
    "another price": lambda: reading_wrongly(cheaper_by_half),
    "no rows for targets": lambda: dropping("vehicle.target"),
    "no rows for the peak": lambda: dropping("site.peak"),
    "power without a port": lambda: dropping("port.charge"),
    "no rows between phases": lambda: dropping("_over_L1"),
    "devices on all phases": devices_on_all_phases,
    "no rows for tapers": lambda: dropping("vehicle.taper"),
    "a port taken twice": lambda: dropping("port.one_begin"),
    "what is brought may be given away": lambda: patch.object(demands, "widened", emptied),
    "classes that list nothing": classes_that_list_nothing,
}


SELDOM: dict[str, Callable[[TinySite], bool]] = {
    "no rows between phases": lambda site: site.unbalance_limit is not None,
    "devices on all phases": lambda site: site.counts_phases,
    "no rows for tapers": lambda site: any(vehicle.taper for vehicle in site.vehicles),
    "classes that list nothing": lambda site: any(v.rates or v.discharge_rates for v in site.vehicles),
    "a port taken twice": lambda site: "queue" in site.on and len(site.vehicles) > 1,
    "what is brought may be given away": lambda site: (
        any(v.widens and v.discharge and not v.end_value for v in site.vehicles)
        and "v2g" in site.on
        and site.feed_in is not None
        and "partial_charging" in site.on
        and any(
            word in ("cost", "profit", "export_revenue", "v2g_profit") for word, _ in site.stages[0].weights
        )
    ),
}
"""What few sites have, of faults that are seen in those alone."""


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_caught(fault: str) -> None:
    with FAULTS[fault](), pytest.raises(AssertionError, match="caught"):
        hold_two_hundred(SELDOM.get(fault, lambda _: True))


class Elsewhere(Trial):
    """A trial whose schedules have half of the power."""

    def run(self, solver: Solver | None = None, *rest: Any, **more: Any) -> Result:
        result = super().run(solver, *rest, **more)
        assert result.schedule is not None
        schedule = result.schedule.copy(deep=True)
        schedule["charge"] *= 0.5
        return replace(result, schedule=schedule)


def test_a_schedule_that_is_none_of_those_is_told_though_its_value_is_right() -> None:
    wrong = brute_force(SITE).check(Elsewhere(SITE.text, solvers=("highs",)))
    assert wrong == "highs: its schedule is none of those that meet the site; the nearest is 3.5 kW away"
