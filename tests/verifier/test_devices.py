"""A site with every device: a schedule that keeps to its spec passes, and what breaks it is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from verifier.device_plans import DEVICES, SITE, Plan, Told, plan_of, told

from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import render
from evdsl.diagnostics.source import Source
from evdsl.schedule.dataset import Flows, as_dataset
from evdsl.semantics.resolve import resolve
from evdsl.verifier import verify

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


@settings(derandomize=True, deadline=None, max_examples=150)
@given(name=st.sampled_from(DEVICES), step=st.integers(0, 3), size=st.floats(0.01, 9.0), down=st.booleans())
def test_one_wrong_number_anywhere_is_found(name: str, step: int, size: float, down: bool) -> None:
    plan = plan_of()
    schedule = plan.dataset()
    schedule[name].values[step if schedule[name].ndim else ()] += -size if down else size
    assert not verify(plan.spec, schedule, plan.data).ok


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
