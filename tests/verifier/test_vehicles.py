"""A schedule that keeps to its spec passes; one that breaks it anywhere is told where, by what rule."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from verifier.plans import (
    WORKPLACE,
    YARD,
    Plan,
    entry,
    over_the_port,
    told,
    uncontrolled,
    world,
    yard_plan,
)

import evdsl.schedule.dataset
import evdsl.verifier
from evdsl.verifier import verify


def test_a_good_day_in_the_yard_passes(layout: str) -> None:
    plan = yard_plan()
    schedule = plan.dataset()
    assert (schedule["charge"].dims == ("visit",)) == (layout == "ragged")
    verdict = verify(plan.spec, schedule)
    assert verdict.violations == ()
    assert verdict.ok
    verdict.raise_for_violations()


@pytest.mark.parametrize("v2g", ["enable v2g", "disable v2g"])
@pytest.mark.parametrize("hold", ["enable hold_port", "disable hold_port"])
@pytest.mark.parametrize("rounding", ["exact", "floor", "inward"])
def test_an_uncontrolled_workplace_passes(rounding: str, hold: str, v2g: str, layout: str) -> None:
    changes = (("rounding = exact", f"rounding = {rounding}"), ("enable v2g", f"{v2g}\n{hold}"))
    spec, data = world(WORKPLACE, *changes)
    plan = uncontrolled(spec, data)
    verdict = verify(spec, plan.dataset(), data)
    assert verdict.violations == ()
    assert (verdict.terms["discharged"] > 1.0) == spec.on("v2g")
    assert verdict.terms["unmet"] > 0
    fractions = data.visits.presence < 1.0
    assert fractions.any() == (rounding == "exact")
    assert layout in ("dense", "ragged")


def test_ports_are_really_swapped_where_they_need_not_be_held() -> None:
    plan = uncontrolled(*world(WORKPLACE, ("enable v2g", "disable hold_port\nenable v2g")))
    assert told(plan) == set()
    assert len(np.unique(plan.port[plan.data.visits.vehicle == 0])) > 1
    spec, _ = world(WORKPLACE)
    assert not verify(spec, plan.dataset(), world(WORKPLACE)[1]).ok


def test_without_ports_the_class_is_the_limit(layout: str) -> None:
    ports = WORKPLACE[WORKPLACE.index("port ac") : WORKPLACE.index("class commuter")]
    changes = ((ports, ""), ("    ports  = [ac]\n", ""), ("export_limit = 20 kW\n", ""))
    plan = uncontrolled(*world(WORKPLACE, *changes))
    assert told(plan) == set()
    first = int(plan.charge.argmax())
    plan.charge[first] += 0.01
    vehicle = plan.data.vehicles.name[plan.data.visits.vehicle[first]]
    assert ("rate", vehicle, int(plan.data.visits.step[first]), "kW") in told(plan)
    assert layout


def test_an_empty_site_is_at_rest() -> None:
    text = YARD[: YARD.index("vehicle anna")] + "minimize peak"
    plan = Plan.empty(*world(text))
    verdict = verify(plan.spec, plan.dataset(), plan.data)
    assert verdict.ok
    assert verdict.terms["peak"] == 0.0
    assert verdict.terms["fairness"] == 1.0
    assert verdict.terms["fairness_gap"] == 0.0


def test_a_vehicle_that_is_there_for_no_whole_step_keeps_what_it_came_with() -> None:
    short = ("arrival   = 03:20\n    departure = 04:00", "arrival   = 03:20\n    departure = 03:40")
    inward = ("step    = 30 min", "step    = 30 min\n    rounding = inward")
    plan = Plan.empty(*world(YARD, short, inward))
    assert told(plan) == set()
    schedule = plan.dataset()
    schedule["energy_departure"].values[3] += 0.01
    assert told(plan, schedule) == {("energy-balance", "dora", None, "kWh")}


def test_exports_are_unlimited_where_only_feed_in_is_given() -> None:
    plan = yard_plan(("    export_limit = 5 kW\n", ""))
    plan.gives("bruno", {4: 7, 5: 0})
    assert told(plan) == set()


def test_a_port_may_change_hands_within_a_step_and_at_one_instant() -> None:
    assert told(yard_plan(("arrival   = 03:20", "arrival   = 03:15"))) == set()


def test_both_ways_at_once_is_fine_where_exclusive_is_off() -> None:
    plan = yard_plan(("enable v2g", "enable v2g\ndisable exclusive"))
    plan.charges("bruno", {4: 2})
    assert told(plan) == set()


def test_a_schedule_survives_a_file(tmp_path: Path, layout: str) -> None:
    plan = yard_plan()
    plan.dataset(zone="Europe/Rome").to_netcdf(tmp_path / f"{layout}.nc")
    with xr.open_dataset(tmp_path / f"{layout}.nc") as stored:
        assert told(plan, stored.load()) == set()


@pytest.mark.parametrize("seed", range(5))
def test_the_rounding_of_a_solver_is_no_fault(seed: int, layout: str) -> None:
    plan = uncontrolled(*world(WORKPLACE))
    schedule, random = plan.dataset(), np.random.default_rng(seed)
    for name in ("charge", "discharge", "energy", "energy_departure", "unmet", "import", "export"):
        values = schedule[name].values
        values += random.uniform(-1e-6, 1e-6, values.shape)
    assert told(plan, schedule) == set(), layout


# Schedules in which one thing is wrong and all that follows from it is consistent


def over_the_discharge_of_the_port(plan: Plan) -> None:
    plan.gives("bruno", {3: 7.01, 4: 0, 5: 0})


def full_power_in_half_a_step(plan: Plan) -> None:
    plan.charges("anna", {6: 6})


def negative_charge(plan: Plan) -> None:
    plan.charges("anna", {6: -1})


def a_full_battery_filled_further(plan: Plan) -> None:
    plan.gives("bruno", {4: 0, 5: 0})
    plan.charges("bruno", {2: 7, 3: 7, 4: 7, 5: 7})


def an_empty_battery_drawn_upon(plan: Plan) -> None:
    plan.gives("bruno", {4: 5, 5: 0})
    plan.charges("bruno", {5: 7, 6: 7})


def no_port(plan: Plan) -> None:
    plan.hold("anna", None)


def a_port_of_another_class(plan: Plan) -> None:
    plan.gives("bruno", {4: 0, 5: 0})
    plan.hold("bruno", None)
    plan.hold("carla", "v2g.1")


def two_on_one_port(plan: Plan) -> None:
    plan.hold("carla", "ac.1")


def another_port_halfway(plan: Plan) -> None:
    plan.gives("bruno", {4: 0, 5: 0})
    plan.hold("bruno", None)
    plan.hold("anna", "v2g.1", since=3)


def a_port_let_go(plan: Plan) -> None:
    plan.hold("anna", None, since=5)


def a_port_taken_again(plan: Plan) -> None:
    plan.charges("anna", {5: 0})
    plan.hold("anna", None, since=5)
    plan.hold("anna", "ac.1", since=6)


def too_much_back(plan: Plan) -> None:
    plan.gives("bruno", {4: 7, 5: 0})


def both_at_once(plan: Plan) -> None:
    plan.charges("bruno", {4: 2})


def more_than_asked(plan: Plan) -> None:
    plan.charges("carla", {3: 0.02})


def below_where_it_came(plan: Plan) -> None:
    plan.gives("bruno", {4: 4, 5: 4, 6: 4})


def back_from_nowhere(plan: Plan) -> None:
    a_port_of_another_class(plan)
    plan.gives("carla", {3: 1})


def nothing_more(_: Plan) -> None:
    pass


QUEUE = (("enable v2g", "enable v2g, queue"),)

Told = tuple[str, str, int | None, str]
"""Rule, vehicle, step and unit of a violation."""
BROKEN: list[tuple[Callable[[Plan], None], tuple[tuple[str, str], ...], Told]] = [
    (over_the_port, (), ("rate", "anna", 1, "kW")),
    (over_the_discharge_of_the_port, (), ("rate", "bruno", 3, "kW")),
    (full_power_in_half_a_step, (), ("rate", "anna", 6, "kW")),
    (negative_charge, (), ("rate", "anna", 6, "kW")),
    (
        a_full_battery_filled_further,
        (("soc_arrival = 80 %", "soc_arrival = 78 %"),),
        ("soc", "bruno", 6, "kWh"),
    ),
    (
        an_empty_battery_drawn_upon,
        (("soc_arrival = 80 %\n    soc_target  = 70 %", "soc_arrival = 12 %\n    soc_target  = 10 %"),),
        ("soc", "bruno", 5, "kWh"),
    ),
    (no_port, (), ("port-held", "anna", 1, "kW")),
    (a_port_of_another_class, (), ("port-allowed", "carla", 0, "")),
    (two_on_one_port, (), ("port-count", "carla", 1, "h")),
    (nothing_more, (("arrival   = 03:20", "arrival   = 03:14"),), ("port-count", "dora", 6, "h")),
    (
        two_on_one_port,
        (("enable v2g", "enable v2g\ndisable hold_port"),),
        ("port-count", "carla", 1, "h"),
    ),
    (another_port_halfway, (), ("hold-port", "anna", 3, "")),
    (a_port_let_go, (), ("hold-port", "anna", 5, "")),
    (nothing_more, (("import_limit = 20 kW", "import_limit = 11.57 kW"),), ("import-limit", "", 7, "kW")),
    (too_much_back, (), ("export-limit", "", 4, "kW")),
    (
        nothing_more,
        (("    export_limit = 5 kW\n", ""), ("    feed_in      = 0.05 EUR/kWh\n", "")),
        ("export-limit", "", 5, "kW"),
    ),
    (both_at_once, (), ("exclusive", "bruno", 4, "kW")),
    (more_than_asked, (), ("demand", "carla", None, "kWh")),
    (below_where_it_came, (), ("unmet", "bruno", None, "kWh")),
    (
        nothing_more,
        (("enable v2g", "enable v2g\ndisable partial_charging"),),
        ("unmet", "dora", None, "kWh"),
    ),
    (nothing_more, (("enable v2g", "disable v2g"),), ("v2g-off", "bruno", 5, "kW")),
    (back_from_nowhere, (("ports  = [ac]", "discharge = 3 kW"),), ("no-battery", "carla", 3, "kW")),
    (another_port_halfway, QUEUE, ("queue", "anna", 3, "")),
    (a_port_taken_again, QUEUE, ("queue", "anna", 6, "")),
    (
        nothing_more,
        (("count      = 2", "count      = { 00:00: 2, 02:00: 1 }"),),
        ("ports-in-order", "", 4, ""),
    ),
]


@pytest.mark.parametrize(
    ("spoil", "changes", "expected"),
    BROKEN,
    ids=[f"{n}-{e[0]}-{s.__name__}" for n, (s, _, e) in enumerate(BROKEN)],
)
def test_what_is_wrong_is_named_and_nothing_else(
    spoil: Callable[[Plan], None],
    changes: tuple[tuple[str, str], ...],
    expected: tuple[str, str, int | None, str],
    layout: str,
) -> None:
    plan = yard_plan(*changes)
    spoil(plan)
    found = told(plan)
    assert expected in found, layout
    assert {rule for rule, *_ in found} == {expected[0]}


SIZES = """
0.01; 0.01; 0.5; 1; 1.6 1.6 1.6; 1.777778; 8 8 6; 1 1 1 1 1; 0.5; 0.016667; 0.5; 1; 1;
0.008947 0.008947 0.008947; 1.86; 3.92 2.94; 2; 0.01; 1.666667; 0.1 4.666667; 4 3; 1; 1; 1; 1
"""


def test_a_violation_says_by_how_much() -> None:
    found = []
    for spoil, changes, _ in BROKEN:
        plan = yard_plan(*changes)
        spoil(plan)
        found.append([one.size for one in verify(plan.spec, plan.dataset(), plan.data).violations])
    sizes = [[float(size) for size in each.split()] for each in SIZES.split(";")]
    assert [pytest.approx(each, abs=1e-6) for each in sizes] == found


def test_a_site_without_a_grid_exports_nothing() -> None:
    grid = YARD[YARD.index("grid {") : YARD.index("port ac")]
    objective = ("minimize cost + 0.4 EUR/kWh * unmet", "minimize unmet")
    found = told(yard_plan((grid, ""), objective))
    assert ("export-limit", "", 4, "kW") in found
    assert {rule for rule, *_ in found} == {"export-limit"}


# Labels that do not agree with the flows


def put(schedule: xr.Dataset, name: str, place: tuple[str, int] | int, by: float) -> None:
    where = entry(schedule, *place) if isinstance(place, tuple) else place
    schedule[name].values[where] += by


MISLABELLED: list[tuple[str, tuple[str, int] | int, float, set[Told]]] = [
    (
        "energy",
        ("anna", 3),
        0.01,
        {("energy-balance", "anna", 2, "kWh"), ("energy-balance", "anna", 3, "kWh")},
    ),
    (
        "energy",
        ("anna", 1),
        -0.01,
        {("energy-balance", "anna", None, "kWh"), ("energy-balance", "anna", 1, "kWh")},
    ),
    ("energy_departure", 3, 0.01, {("energy-balance", "dora", 7, "kWh")}),
    ("import", 1, 0.01, {("power-balance", "", 1, "kW")}),
    ("export", 0, 0.01, {("power-balance", "", 0, "kW"), ("import-or-export", "", 0, "kW")}),
    ("import", 5, -0.5, {("power-balance", "", 5, "kW"), ("import-limit", "", 5, "kW")}),
    ("delivered", 1, 0.01, {("delivered", "bruno", None, "kWh")}),
    ("unmet", 0, -0.01, {("demand", "anna", None, "kWh")}),
    ("unmet", 0, 0.01, {("unmet", "anna", None, "kWh")}),
    ("unmet", 2, -0.01, {("unmet", "carla", None, "kWh"), ("demand", "carla", None, "kWh")}),
]


@pytest.mark.parametrize(("name", "place", "by", "expected"), MISLABELLED)
def test_a_label_that_the_flows_belie_is_found(
    name: str,
    place: tuple[str, int] | int,
    by: float,
    expected: set[tuple[str, str, int | None, str]],
    layout: str,
) -> None:
    plan = yard_plan()
    schedule = plan.dataset()
    put(schedule, name, place, by)
    assert told(plan, schedule) == expected, layout


def test_a_label_that_the_flows_belie_is_named_with_both_figures() -> None:
    messages = {}
    for name in ("unmet", "delivered"):
        plan = yard_plan()
        schedule = plan.dataset()
        put(schedule, name, 1, 10.0)
        (messages[name],) = (one.message for one in verify(plan.spec, schedule, plan.data).violations)
    assert messages == {
        "unmet": (
            "the schedule gives `unmet` of `bruno` as 10 kWh; by its flows 0 kWh are missing, "
            "and 0 kWh may be"
        ),
        "delivered": "the schedule gives `delivered` of `bruno` as 6.5 kWh, and its flows come to -3.5 kWh",
    }


def test_import_and_export_at_once_are_found() -> None:
    plan = yard_plan()
    schedule = plan.dataset()
    put(schedule, "import", 1, 1.0)
    put(schedule, "export", 1, 1.0)
    assert told(plan, schedule) == {("import-or-export", "", 1, "kW")}
    free = yard_plan(("enable v2g", "enable v2g\ndisable import_or_export"))
    schedule.attrs["digest"] = free.data.digest
    assert told(free, schedule) == set()


@pytest.mark.parametrize(
    ("name", "value", "unit"),
    [("charge", 0.01, "kW"), ("discharge", 2.0, "kW"), ("energy", 20.0, "kWh"), ("port", 1, "")],
)
def test_a_vehicle_that_is_away_takes_and_holds_nothing(name: str, value: float, unit: str) -> None:
    plan = yard_plan()
    schedule = plan.dataset()
    schedule[name].values[0, 7] = value
    assert told(plan, schedule) == {("presence", "anna", 7, unit)}


def test_a_ragged_entry_of_a_vehicle_that_is_away_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evdsl.schedule.dataset, "DENSE_CELLS", 0)
    plan = yard_plan()
    schedule = plan.dataset()
    extra = schedule.isel(visit=[0]).copy(deep=True)
    extra["visit_step"].values[0] = 7
    both = xr.concat([schedule, extra], "visit", data_vars="minimal")
    assert {rule for rule, *_ in told(plan, both)} == {"presence"}
    extra["charge"].values[0], extra["energy"].values[0], extra["port"].values[0] = 0.0, np.nan, -1
    both = xr.concat([schedule, extra], "visit", data_vars="minimal")
    assert told(plan, both) == set()


def test_ragged_entries_may_come_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evdsl.schedule.dataset, "DENSE_CELLS", 0)
    plan = yard_plan()
    schedule = plan.dataset()
    assert told(plan, schedule.isel(visit=slice(None, None, -1))) == set()


def test_presence_is_not_taken_from_the_data() -> None:
    """A wrong `Visits` that the schedule follows too is found nevertheless."""
    spec, data = world(YARD)
    later = yard_plan(("departure   = 03:15", "departure   = 03:45"))
    later.charges("anna", {7: 1})
    found = {
        (v.rule, v.vehicle, v.step) for v in verify(spec, later.dataset(digest=data.digest), data).violations
    }
    assert ("presence", "anna", 7) in found
