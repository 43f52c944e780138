"""A site with every device: a schedule that keeps to its spec passes, and what breaks it is named."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from evdsl.data.data import Data
from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import render
from evdsl.diagnostics.source import Source
from evdsl.language.spec import Spec
from evdsl.language.units import symbol
from evdsl.schedule.dataset import Flows, as_dataset
from evdsl.semantics.resolve import resolve
from evdsl.verifier import verify
from evdsl.verifier.objectives import DIMENSIONS

SITE = """
station yard {
    start   = 2024-03-12
    horizon = 4 h
    step    = 1 h
}
grid {
    import_limit = 40 kW
    export_limit = 20 kW
    price   = { 00:00: 0.20 EUR/kWh, 03:00: 0.40 EUR/kWh }
    feed_in = 0.05 EUR/kWh
}
feeder main {
    limit = 16 kW
}
feeder east {
    limit  = 16 kW
    feeder = main
}
port ac {
    count      = 2
    power      = 22 kW
    efficiency = 80 %
    min_power  = 4 kW
    feeder     = east
}
port dc {
    power      = 10 kW
    discharge  = 10 kW
    efficiency = 80 %
    rates      = [5 kW, 10 kW]
    feeder     = main
}
solar roof {
    peak    = 10 kW
    profile = { 00:00: 0.2, 02:00: 1 }
    feeder  = east
}
wind mill {
    power = { 00:00: 3 kW, 03:00: 1 kW }
}
storage pack {
    capacity    = 20 kWh
    power       = 5 kW
    efficiency  = 80 %
    soc         = 10 % .. 90 %
    soc_initial = 50 %
    soc_final   = 35 %
    wear        = 0.10 EUR/kWh
    end_value   = 0.30 EUR/kWh
    feeder      = main
}
load shop {
    power  = { 00:00: 3 kW, 03:00: 1 kW }
    feeder = east
}
class car {
    battery    = 40 kWh
    charge     = 11 kW
    discharge  = 11 kW
    efficiency = 90 %
    wear       = 0.04 EUR/kWh
    tariff     = { 00:00: 0.30 EUR/kWh, 03:00: 0.90 EUR/kWh }
    v2g_reward = { 00:00: 0.10 EUR/kWh, 03:00: 0.20 EUR/kWh }
    end_value  = 0.10 EUR/kWh
}
class scooter {
    charge = 4 kW
}
vehicle anna of car {
    arrival     = 00:00
    departure   = 04:00
    soc_arrival = 20 %
    soc_target  = 50 %
}
vehicle ben of car {
    arrival     = 00:30
    departure   = 04:00
    soc_arrival = 75 %
    soc_target  = 60 %
}
vehicle carl of scooter {
    arrival   = 01:00
    departure = 03:00
    energy    = 6 kWh
}
enable v2g, min_power, uninterrupted
minimize cost + 0.1 EUR/kWh * curtailed + 0.4 EUR/kWh * unmet
"""

Told = tuple[str, str, int | None, str]
"""Rule, vehicle, step and unit of a violation."""


@cache
def world(*changes: tuple[str, str]) -> tuple[Spec, Data]:
    text = SITE
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    spec, found = resolve(Source("yard.evs", text))
    assert spec is not None, render(found)
    data, found = load_data(spec)
    assert data is not None, render(found)
    return spec, data


@dataclass
class Plan:
    """What is decided in the yard; all else follows, with the wiring of `SITE` written out by hand."""

    spec: Spec
    data: Data
    charge: dict[str, list[float]] = field(
        default_factory=lambda: {"anna": [8, 8, 0, 0], "ben": [2.5, 0, 0, 0], "carl": [0, 4, 0, 0]}
    )
    discharge: dict[str, list[float]] = field(
        default_factory=lambda: {"anna": [0, 0, 0, 0], "ben": [0, 0, 0, 5], "carl": [0, 0, 0, 0]}
    )
    roof: list[float] = field(default_factory=lambda: [2, 2, 10, 10])
    mill: list[float] = field(default_factory=lambda: [3, 3, 2, 1])
    shop: list[float] = field(default_factory=lambda: [3, 3, 3, 1])
    into_pack: list[float] = field(default_factory=lambda: [0, 0, 5, 0])
    out_of_pack: list[float] = field(default_factory=lambda: [3, 0, 0, 2])

    def dataset(self, **attributes: object) -> xr.Dataset:
        """The schedule that follows, whether it is allowed or not."""
        inward, outward = np.array(list(self.charge.values())), np.array(list(self.discharge.values()))
        net = inward / 0.8 - outward * 0.8
        east = net[0] + net[2] + np.array(self.shop) - self.roof
        pack = np.array(self.into_pack) - self.out_of_pack
        main = east + net[1] + pack
        site = main - self.mill
        stored = 10 + np.cumsum(0.8 * np.array(self.into_pack) - np.array(self.out_of_pack) / 0.8)
        devices = {
            "east": east,
            "main": main,
            "roof": self.roof,
            "mill": self.mill,
            "shop": self.shop,
            "pack": pack,
            "pack.charge": self.into_pack,
            "pack.discharge": self.out_of_pack,
            "pack.energy": np.append(10.0, stored[:-1]),
        }
        schedule = as_dataset(self.flows(inward, outward, site), self.data, {})
        for name, values in devices.items():
            unit = "kWh" if name == "pack.energy" else "kW"
            schedule[name] = (("time",), np.array(values, dtype=float), {"units": unit})
        schedule["pack.energy_end"] = ((), float(stored[-1]), {"units": "kWh"})
        return schedule.assign_attrs(digest=self.data.digest, **attributes)

    def flows(self, inward: np.ndarray, outward: np.ndarray, site: np.ndarray) -> Flows:
        visits = self.data.visits
        gained = np.cumsum(0.9 * inward - outward / 0.9, axis=1)
        held = np.column_stack([[8.0, 30.0, np.nan], np.array([[8.0], [30.0], [np.nan]]) + gained])
        left, net = held[:, -1], (inward - outward).sum(axis=1)
        at = visits.vehicle, visits.step
        return Flows(
            charge=inward[at],
            discharge=outward[at],
            energy=held[:, :-1][at],
            port=np.array([0, 2, 1])[visits.vehicle],
            energy_departure=left,
            delivered=net,
            unmet=np.maximum([20 - left[0], 24 - left[1], 6 - net[2]], 0.0),
            imported=np.maximum(site, 0.0),
            exported=np.maximum(-site, 0.0),
            port_names=("ac.1", "ac.2", "dc.1"),
        )


def plan_of(*changes: tuple[str, str]) -> Plan:
    return Plan(*world(*changes))


def told(plan: Plan, schedule: xr.Dataset | None = None) -> set[Told]:
    verdict = verify(plan.spec, plan.dataset() if schedule is None else schedule, plan.data)
    return {(found.rule, found.vehicle, found.step, found.unit) for found in verdict.violations}


ONLY_V2G = ("enable v2g, min_power, uninterrupted", "enable v2g")
ONLY_LEVELS = ("enable v2g, min_power, uninterrupted", "enable v2g, min_power")
ONLY_WHOLE = ("enable v2g, min_power, uninterrupted", "enable v2g, uninterrupted")
NO_CURTAILMENT = ("enable v2g, min_power, uninterrupted", "enable v2g\ndisable curtailment")


# Good schedules


@pytest.mark.parametrize("toggles", [(), (ONLY_V2G,), (ONLY_LEVELS,), (ONLY_WHOLE,)])
def test_a_good_day_passes_and_flows_are_what_they_were_drawn_up_to_be(
    toggles: tuple[tuple[str, str], ...],
) -> None:
    plan = plan_of(*toggles)
    schedule = plan.dataset()
    assert schedule["east"].values.tolist() == [11, 16, -7, -9]
    assert schedule["main"].values.tolist() == [11.125, 16, -2, -15]
    assert schedule["pack.energy"].values.tolist() == [10, 6.25, 6.25, 10.25]
    assert verify(plan.spec, schedule).violations == ()


def test_all_generation_may_be_used() -> None:
    plan = plan_of(NO_CURTAILMENT)
    plan.mill[2] = 3
    assert told(plan) == set()


def test_a_storage_may_go_both_ways_at_once_where_exclusive_is_off() -> None:
    plan = plan_of((ONLY_V2G[0], "enable v2g\ndisable exclusive"))
    plan.out_of_pack[2:] = [1, 1]
    assert told(plan) == set()


def test_a_storage_has_to_end_where_it_began_unless_something_else_is_asked() -> None:
    plan = plan_of(("    soc_final   = 35 %\n", ""))
    assert told(plan) == {("storage-final", "", None, "kWh")}
    plan.out_of_pack[3] = 0
    assert told(plan) == set()


def test_giving_back_after_charging_is_no_pause_nor_is_a_trickle_with_the_toggle_off() -> None:
    plan = plan_of(ONLY_V2G)
    plan.charge["anna"] = [8, 0, 8, 0.05]
    assert told(plan) == set()


def test_the_same_schedule_passes_from_a_file_and_with_the_rounding_of_a_solver(tmp_path: Path) -> None:
    plan, random = plan_of(), np.random.default_rng(3)
    schedule = plan.dataset()
    for name in (*DEVICES, "charge", "energy", "import", "export"):
        values = schedule[name].values
        schedule[name].values = values + random.uniform(-1e-6, 1e-6, values.shape)
    schedule["import"].values = np.maximum(schedule["import"].values, 0.0)
    schedule["export"].values = np.maximum(schedule["export"].values, 0.0)
    away = np.isnan(plan.dataset()["energy"].values)
    schedule["charge"].values[away & (plan.dataset()["charge"].values == 0)] = 0.0
    schedule.to_netcdf(tmp_path / "yard.nc")
    with xr.open_dataset(tmp_path / "yard.nc") as stored:
        assert told(plan, stored.load()) == set()


# Schedules in which one thing is wrong and all that follows from it is consistent


def roof_above_the_sun(plan: Plan) -> None:
    plan.roof[1] = 2.01


def roof_that_takes(plan: Plan) -> None:
    plan.roof[2] = -0.5


def mill_above_the_wind(plan: Plan) -> None:
    plan.mill[3] = 1.01


def shop_that_saves(plan: Plan) -> None:
    plan.shop[2] = 2.9


def pack_beyond_its_power(plan: Plan) -> None:
    plan.into_pack[2] = 5.01


def pack_gives_beyond_its_power(plan: Plan) -> None:
    plan.out_of_pack[0] = 5.01


def pack_that_takes_less_than_nothing(plan: Plan) -> None:
    plan.out_of_pack[1] = -0.01


def pack_both_ways(plan: Plan) -> None:
    plan.out_of_pack[2:] = [1, 1]


def pack_too_empty(plan: Plan) -> None:
    plan.out_of_pack = [5, 2, 0, 0]


def pack_too_full(plan: Plan) -> None:
    plan.out_of_pack, plan.into_pack = [0, 0, 0, 0], [1, 0, 5, 5]


def pack_left_too_empty(plan: Plan) -> None:
    plan.out_of_pack[3] = 3


def pause(plan: Plan) -> None:
    plan.charge["anna"] = [8, 0, 8, 0]


def trickle_between(plan: Plan) -> None:
    plan.charge["anna"] = [8, 0.1, 8, 0]


def trickle_at_first(plan: Plan) -> None:
    plan.charge["anna"] = [1, 8, 8, 0]


def giving_between(plan: Plan) -> None:
    plan.charge["ben"], plan.discharge["ben"] = [2.5, 0, 5, 0], [0, 5, 0, 0]


def anna_too_slowly(plan: Plan) -> None:
    plan.charge["anna"] = [8, 3.99, 0, 0]


def ben_between_rates(plan: Plan) -> None:
    plan.charge["ben"][0] = 3


def ben_gives_between_rates(plan: Plan) -> None:
    plan.discharge["ben"][3] = 5.01


def nothing_more(_: Plan) -> None:
    pass


BROKEN: list[tuple[Callable[[Plan], None], tuple[tuple[str, str], ...], set[Told]]] = [
    (roof_above_the_sun, (), {("generation", "", 1, "kW")}),
    (roof_that_takes, (), {("generation", "", 2, "kW")}),
    (mill_above_the_wind, (), {("generation", "", 3, "kW")}),
    (nothing_more, (NO_CURTAILMENT,), {("curtailment-off", "", 2, "kW")}),
    (shop_that_saves, (), {("load", "", 2, "kW")}),
    (pack_beyond_its_power, (), {("storage-power", "", 2, "kW")}),
    (
        pack_gives_beyond_its_power,
        (("soc_final   = 35 %", "soc_final   = 10 %"),),
        {("storage-power", "", 0, "kW")},
    ),
    (
        pack_that_takes_less_than_nothing,
        (("limit  = 16 kW", "limit  = 17 kW"), ("limit = 16 kW", "limit = 17 kW")),
        {("storage-power", "", 1, "kW")},
    ),
    (pack_both_ways, (), {("exclusive", "", 2, "kW")}),
    (pack_too_empty, (("soc_final   = 35 %", "soc_final   = 10 %"),), {("storage-soc", "", 2, "kWh")}),
    (pack_too_full, (), {("storage-soc", "", None, "kWh")}),
    (
        nothing_more,
        (("10 % .. 90 %", "35 % .. 90 %"),),
        {("storage-soc", "", 1, "kWh"), ("storage-soc", "", 2, "kWh")},
    ),
    (pack_left_too_empty, (), {("storage-final", "", None, "kWh")}),
    (nothing_more, (("soc_initial = 50 %", "soc_initial = 51 %"),), {("storage-energy", "", None, "kWh")}),
    (
        nothing_more,
        (("efficiency  = 80 %", "efficiency  = 81 %"),),
        {("storage-energy", "", t, "kWh") for t in (0, 2, 3)},
    ),
    (nothing_more, (("limit  = 16 kW", "limit  = 15.99 kW"),), {("feeder-limit", "", 1, "kW")}),
    (nothing_more, (("limit = 16 kW", "limit = 14.99 kW"),), {("feeder-limit", "", t, "kW") for t in (1, 3)}),
    (
        nothing_more,
        (("limit = 16 kW", "limit = { 00:00: 16 kW, 03:00: 14.99 kW }"),),
        {("feeder-limit", "", 3, "kW")},
    ),
    (
        nothing_more,
        (("rates      = [5 kW, 10 kW]\n    feeder     = main", "rates = [5 kW, 10 kW]"),),
        {("feeder-flow", "", t, "kW") for t in (0, 3)},
    ),
    (
        nothing_more,
        (("feeder = main\n}\nport ac", "\n}\nport ac"),),
        {("feeder-flow", "", t, "kW") for t in range(4)},
    ),
    (
        nothing_more,
        (("feeder  = east", "feeder  = main"), ("limit  = 16 kW", "limit  = 18 kW")),
        {("feeder-flow", "", t, "kW") for t in range(4)},
    ),
    (anna_too_slowly, (ONLY_LEVELS,), {("min-power", "anna", 1, "kW")}),
    (
        nothing_more,
        (ONLY_LEVELS, ("rates      = [5 kW, 10 kW]", "min_power = 6 kW")),
        {("min-power", "ben", t, "kW") for t in (0, 3)},
    ),
    (ben_between_rates, (ONLY_LEVELS,), {("rates", "ben", 0, "kW")}),
    (ben_gives_between_rates, (ONLY_LEVELS,), {("rates", "ben", 3, "kW")}),
    (
        nothing_more,
        (ONLY_LEVELS, ("[5 kW, 10 kW]", "[4.99 kW, 10 kW]")),
        {("rates", "ben", t, "kW") for t in (0, 3)},
    ),
    (pause, (ONLY_WHOLE,), {("uninterrupted", "anna", 1, "kW")}),
    (trickle_between, (ONLY_WHOLE,), {("uninterrupted", "anna", 1, "kW")}),
    (trickle_at_first, (ONLY_WHOLE,), {("uninterrupted", "anna", 0, "kW")}),
    (trickle_between, (ONLY_WHOLE, ("    min_power  = 4 kW\n", "")), {("uninterrupted", "anna", 1, "kW")}),
    (giving_between, (ONLY_WHOLE,), {("uninterrupted", "ben", 1, "kW")}),
    (
        nothing_more,
        (ONLY_WHOLE, ("rates      = [5 kW, 10 kW]", "min_power = 6 kW")),
        {("uninterrupted", "ben", 0, "kW")},
    ),
]


@pytest.mark.parametrize(
    ("spoil", "changes", "expected"),
    BROKEN,
    ids=[f"{n}-{min(e)[0]}-{s.__name__}" for n, (s, _, e) in enumerate(BROKEN)],
)
def test_what_is_wrong_is_named_and_nothing_else(
    spoil: Callable[[Plan], None], changes: tuple[tuple[str, str], ...], expected: set[Told]
) -> None:
    plan = plan_of(*changes)
    spoil(plan)
    assert told(plan) == expected


SIZES = """
0.01; 0.5; 0.01; 1; 0.1; 0.01; 0.01; 0.01; 1; 0.75; 0.8; 0.75 0.75; 0.5; 0.2; 0.046296 0.05 0.030864;
0.01; 1.01 0.01; 0.01; 3.125 4; 11 16 7 9; 2 2 10 10; 0.01; 0.5 1; 0.5; 0.01; 0.005 0.01; 4; 3.9; 3; 0.01;
0.1; 0.5
"""


def test_a_violation_says_by_how_much() -> None:
    found = []
    for spoil, changes, _ in BROKEN:
        plan = plan_of(*changes)
        spoil(plan)
        found.append([one.size for one in verify(plan.spec, plan.dataset(), plan.data).violations])
    sizes = [[float(size) for size in each.split()] for each in SIZES.split(";")]
    assert [pytest.approx(each, abs=1e-6) for each in sizes] == found


def test_one_percent_of_what_could_be_is_no_pause() -> None:
    plan = plan_of(ONLY_WHOLE, ("    min_power  = 4 kW\n", ""))
    plan.charge["anna"] = [8, 0.11, 8, 0]
    assert told(plan) == set()


# Labels that do not agree with the flows


MISLABELLED: list[tuple[str, int, float, set[Told]]] = [
    ("east", 1, 0.01, {("feeder-flow", "", 1, "kW")}),
    ("main", 3, -0.01, {("feeder-flow", "", 3, "kW")}),
    ("pack", 0, 0.01, {("storage-net", "", 0, "kW")}),
    ("pack.energy", 0, 0.01, {("storage-energy", "", None, "kWh"), ("storage-energy", "", 0, "kWh")}),
    ("pack.energy", 2, 0.01, {("storage-energy", "", 1, "kWh"), ("storage-energy", "", 2, "kWh")}),
    ("pack.energy_end", 0, 0.01, {("storage-energy", "", 3, "kWh")}),
    ("mill", 2, 0.5, {("power-balance", "", 2, "kW")}),
    (
        "pack.charge",
        0,
        0.01,
        {
            ("storage-net", "", 0, "kW"),
            ("exclusive", "", 0, "kW"),
            ("storage-energy", "", 0, "kWh"),
            ("feeder-flow", "", 0, "kW"),
            ("power-balance", "", 0, "kW"),
        },
    ),
]


@pytest.mark.parametrize(("name", "step", "by", "expected"), MISLABELLED)
def test_a_label_that_the_flows_belie_is_found(name: str, step: int, by: float, expected: set[Told]) -> None:
    plan = plan_of()
    schedule = plan.dataset()
    schedule[name].values[step if schedule[name].ndim else ()] += by
    assert told(plan, schedule) == expected


@pytest.mark.parametrize(("kind", "step"), [("roof", 2), ("shop", 0), ("pack", 2), ("mill", 1)])
def test_the_balance_of_the_site_has_every_device(kind: str, step: int) -> None:
    plan = plan_of()
    schedule = plan.dataset()
    side = "import" if step < 2 else "export"
    schedule[side].values[step] += abs(schedule[kind].values[step])
    assert told(plan, schedule) == {("power-balance", "", step, "kW")}


DEVICES = ("east", "main", "roof", "mill", "shop", "pack", "pack.charge", "pack.discharge")
DEVICES += ("pack.energy", "pack.energy_end")


@settings(derandomize=True, deadline=None, max_examples=150)
@given(name=st.sampled_from(DEVICES), step=st.integers(0, 3), size=st.floats(0.01, 9.0), down=st.booleans())
def test_one_wrong_number_anywhere_is_found(name: str, step: int, size: float, down: bool) -> None:
    plan = plan_of()
    schedule = plan.dataset()
    schedule[name].values[step if schedule[name].ndim else ()] += -size if down else size
    assert not verify(plan.spec, schedule, plan.data).ok


# Schedules that cannot be read


def missing(schedule: xr.Dataset, name: str) -> xr.Dataset:
    return schedule.drop_vars(name)


def no_number(schedule: xr.Dataset, name: str) -> xr.Dataset:
    schedule[name].values[0 if schedule[name].ndim else ()] = np.nan
    return schedule


def endless(schedule: xr.Dataset, name: str) -> xr.Dataset:
    schedule[name].values[-1 if schedule[name].ndim else ()] = -np.inf
    return schedule


def by_vehicle(schedule: xr.Dataset, name: str) -> xr.Dataset:
    schedule[name] = (("vehicle",), np.zeros(3), schedule[name].attrs)
    return schedule


def of_text(schedule: xr.Dataset, name: str) -> xr.Dataset:
    schedule[name] = (schedule[name].dims, schedule[name].values.astype(str), schedule[name].attrs)
    return schedule


def of_times(schedule: xr.Dataset, name: str) -> xr.Dataset:
    values = np.full(schedule[name].shape, np.datetime64("2024-03-12", "ns"))
    schedule[name] = (schedule[name].dims, values, {"units": "kW"})
    return schedule


def a_coordinate(schedule: xr.Dataset, name: str) -> xr.Dataset:
    return schedule.set_coords(name)


@pytest.mark.parametrize("name", DEVICES)
@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (missing, "shape"),
        (by_vehicle, "shape"),
        (of_text, "shape"),
        (of_times, "shape"),
        (a_coordinate, "shape"),
        (no_number, "finite"),
        (endless, "finite"),
    ],
)
def test_a_device_that_cannot_be_read_is_said_so(
    name: str, spoil: Callable[[xr.Dataset, str], xr.Dataset], rule: str
) -> None:
    plan = plan_of()
    verdict = verify(plan.spec, spoil(plan.dataset(), name), plan.data)
    assert rule in verdict.counts
    assert set(verdict.counts) <= {rule, "units"}
    assert any(f"`{name}`" in found.message for found in verdict.violations)
    assert not verdict.terms


def test_a_unit_that_is_wrong_is_found() -> None:
    plan = plan_of()
    schedule = plan.dataset()
    schedule["pack.energy"].attrs["units"] = "kW"
    assert told(plan, schedule) == {("units", "", None, "")}


# Words and claims


def test_words_are_what_a_calculator_gives() -> None:
    plan = plan_of()
    terms = verify(plan.spec, plan.dataset(), plan.data).terms
    anna, ben = 8 + 0.9 * 16, 30 + 0.9 * 2.5 - 5 / 0.9
    end_value = 0.1 * (anna + ben) + 0.3 * 7.75
    wear = 0.04 * 5 + 0.1 * 5
    bought, sold = 0.2 * (8.125 + 13), 0.05 * (4 + 16)
    revenue = 0.3 * (16 + 2.5) - 0.2 * 5
    expected = {
        "energy_cost": bought,
        "export_revenue": sold,
        "wear": wear,
        "end_value": end_value,
        "cost": bought - sold + wear - end_value,
        "revenue": revenue,
        "profit": revenue - (bought - sold + wear - end_value),
        "v2g_profit": 5 * (0.05 * 0.8 - 0.2 - 0.4 * (1 / 0.81 - 1) - 0.04),
        "unmet": 2,
        "discharged": 5,
        "curtailed": 1,
        "fairness": 1 - 2 / 6,
        "fairness_gap": 2 / 6,
        "lexfairness": 1 - 2 / 6,
    }
    assert {name: terms[name] for name in expected} == pytest.approx(expected)


def test_without_feed_in_what_vehicles_give_is_worth_the_price() -> None:
    plan = plan_of(("    feed_in = 0.05 EUR/kWh\n", ""))
    terms = verify(plan.spec, plan.dataset(), plan.data).terms
    assert terms["v2g_profit"] == pytest.approx(5 * (0.4 * 0.8 - 0.2 - 0.4 * (1 / 0.81 - 1) - 0.04))


NO_TARIFF = ("    tariff     = { 00:00: 0.30 EUR/kWh, 03:00: 0.90 EUR/kWh }\n", "")
NO_REWARD = ("    v2g_reward = { 00:00: 0.10 EUR/kWh, 03:00: 0.20 EUR/kWh }\n", "")
NO_PRICE = ("    price   = { 00:00: 0.20 EUR/kWh, 03:00: 0.40 EUR/kWh }\n", "")
NO_COST = ("minimize cost + 0.1 EUR/kWh * curtailed + 0.4 EUR/kWh * unmet", "minimize unmet")


@pytest.mark.parametrize(
    ("changes", "absent"),
    [
        ((), {"demand_cost", "co2"}),
        ((NO_TARIFF,), {"demand_cost", "co2"}),
        ((NO_REWARD,), {"demand_cost", "co2"}),
        ((NO_TARIFF, NO_REWARD), {"demand_cost", "co2", "revenue", "profit"}),
        (
            (NO_PRICE, NO_COST),
            {"demand_cost", "co2", "energy_cost", "cost", "profit", "v2g_profit"},
        ),
    ],
)
def test_a_word_whose_setting_is_missing_is_absent(
    changes: tuple[tuple[str, str], ...], absent: set[str]
) -> None:
    plan = plan_of(*changes)
    assert set(DIMENSIONS) - set(verify(plan.spec, plan.dataset(), plan.data).terms) == absent


def test_a_reward_alone_is_paid_and_a_tariff_alone_is_earned() -> None:
    plan = plan_of(NO_TARIFF)
    assert verify(plan.spec, plan.dataset(), plan.data).terms["revenue"] == pytest.approx(-1)
    plan = plan_of(NO_REWARD)
    assert verify(plan.spec, plan.dataset(), plan.data).terms["revenue"] == pytest.approx(5.55)


def claims(plan: Plan) -> dict[str, Any]:
    terms = verify(plan.spec, plan.dataset(), plan.data).terms
    units = {word: symbol(DIMENSIONS[word], plan.spec.currency) for word in terms}
    return {word: {"value": value, "unit": units[word]} for word, value in terms.items()}


def stated(plan: Plan, terms: Mapping[str, object]) -> xr.Dataset:
    return plan.dataset(terms=json.dumps(terms))


NEW_WORDS = ("wear", "end_value", "cost", "revenue", "profit", "v2g_profit", "curtailed", "fairness_gap")
NEW_WORDS += ("lexfairness",)


@pytest.mark.parametrize("word", NEW_WORDS)
def test_a_word_that_is_claimed_falsely_is_found(word: str) -> None:
    plan = plan_of()
    said = claims(plan)
    assert told(plan, stated(plan, said)) == set()
    said[word]["value"] *= 1.001
    (found,) = verify(plan.spec, stated(plan, said), plan.data).violations
    assert found.rule == "claimed-value"
    assert f"`{word}`" in found.message
    said = claims(plan)
    said[word]["unit"] = "kW"
    assert {rule for rule, *_ in told(plan, stated(plan, said))} == {"units"}


# How it is told


@pytest.mark.parametrize(
    ("spoil", "changes", "message"),
    [
        (
            roof_above_the_sun,
            (),
            "`roof` gives 2.01 kW at 2024-03-12 01:00, and 2 kW is the most that it may",
        ),
        (
            nothing_more,
            (NO_CURTAILMENT,),
            "`mill` gives 2 of 3 kW at 2024-03-12 02:00, and `curtailment` is off",
        ),
        (shop_that_saves, (), "`shop` is 2.9 kW at 2024-03-12 02:00, and its series has 3 kW"),
        (
            pack_left_too_empty,
            (),
            "`pack` ends with 6.5 kWh, and 7 kWh is the least that it may",
        ),
        (
            pack_too_full,
            (),
            "`pack` has 18.8 kWh at the end, and 2 to 18 kWh are allowed",
        ),
        (
            nothing_more,
            (("limit = 16 kW", "limit = { 00:00: 16 kW, 03:00: 14 kW }"),),
            "15 kW out of `main` flow at 2024-03-12 03:00, and 14 kW is the most that may",
        ),
        (
            ben_between_rates,
            (ONLY_LEVELS,),
            "`ben` charges 3 kW at 2024-03-12 00:00, and `dc` lists 5, 10 kW (there for 0.5 h)",
        ),
        (
            pause,
            (ONLY_WHOLE,),
            "`anna` pauses at 2024-03-12 01:00 and charges again later, and `uninterrupted` is on",
        ),
    ],
)
def test_a_message_names_the_thing_the_time_and_the_bound(
    spoil: Callable[[Plan], None], changes: tuple[tuple[str, str], ...], message: str
) -> None:
    plan = plan_of(*changes)
    spoil(plan)
    (found,) = verify(plan.spec, plan.dataset(), plan.data).violations
    assert found.message == message


# Sites with little on them

DEPOT = """
station depot {
    start   = 2024-03-12
    horizon = 3 h
    step    = 1 h
}
class van {
    charge = 10 kW
}
vehicle one of van {
    arrival   = 00:00
    departure = 03:00
    energy    = 20 kWh
}
enable uninterrupted
minimize unmet
"""


@pytest.mark.parametrize(
    ("charge", "expected"),
    [
        ([10, 10, 0], set()),
        ([10, 0.1, 9.9], set()),
        ([10, 0.09, 9.91], {("uninterrupted", "one", 1, "kW")}),
        ([10, 0, 10], {("uninterrupted", "one", 1, "kW")}),
        ([0, 0.09, 10], {("uninterrupted", "one", 1, "kW")}),
    ],
)
def test_without_ports_a_pause_is_measured_by_the_class(charge: list[float], expected: set[Told]) -> None:
    spec, found = resolve(Source("depot.evs", DEPOT))
    assert spec is not None, render(found)
    data, found = load_data(spec)
    assert data is not None, render(found)
    power, none = np.array(charge, dtype=float), np.zeros(3)
    flows = Flows(
        charge=power,
        discharge=none,
        energy=np.full(3, np.nan),
        port=np.full(3, -1),
        energy_departure=np.array([np.nan]),
        delivered=np.array([power.sum()]),
        unmet=np.array([20 - power.sum()]),
        imported=power,
        exported=none,
        port_names=(),
    )
    verdict = verify(spec, as_dataset(flows, data, {}), data)
    assert {(v.rule, v.vehicle, v.step, v.unit) for v in verdict.violations} == expected


def test_a_site_without_vehicles_has_its_words_too() -> None:
    vehicles = SITE[SITE.index("class car") : SITE.index("enable v2g")]
    plan = plan_of(
        (vehicles, ""), ("enable v2g, min_power, uninterrupted\n", ""), (" + 0.4 EUR/kWh * unmet", "")
    )
    net = np.array(plan.shop) - plan.roof + plan.into_pack - plan.out_of_pack - plan.mill
    nobody = np.zeros(0)
    flows = Flows(
        charge=nobody,
        discharge=nobody,
        energy=nobody,
        port=np.zeros(0, dtype=np.int64),
        energy_departure=nobody,
        delivered=nobody,
        unmet=nobody,
        imported=np.maximum(net, 0.0),
        exported=np.maximum(-net, 0.0),
        port_names=("ac.1", "ac.2", "dc.1"),
    )
    schedule = as_dataset(flows, plan.data, {})
    usual = plan_of().dataset()
    for name in DEVICES:
        schedule[name] = usual[name]
    schedule["east"].values[:] = np.array(plan.shop) - plan.roof
    schedule["main"].values[:] = schedule["east"].values + schedule["pack"].values
    verdict = verify(plan.spec, schedule, plan.data)
    assert verdict.violations == ()
    assert verdict.terms["end_value"] == pytest.approx(0.3 * 7.75)
    assert verdict.terms["v2g_profit"] == 0
    assert "revenue" not in verdict.terms
