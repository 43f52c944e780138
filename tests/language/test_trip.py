"""Trips: one battery, several stays. Optima known by hand, on both solvers."""

from __future__ import annotations

import numpy as np
import pytest

import evdsl
from evdsl.testing import Trial, claims, misses


def solved(text: str, solver: str = "highs") -> evdsl.Result:
    result = evdsl.compile(evdsl.loads(text)).run(solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.verdict is not None
    assert result.verdict.ok, result.verdict.violations
    return result


def bus(*ends: str, battery: int = 100, elsewhere: str = "") -> str:
    """Two trips of 60 kWh from a full battery; what is charged in between costs 0.50 EUR/kWh."""
    price = f"elsewhere = {elsewhere} EUR/kWh\n" if elsewhere else ""
    last = "\n".join(ends)
    return f"""
station depot {{
    start   = 2024-03-12
    horizon = 24 h
    step    = 1 h
}}
grid {{
    price = {{ 00:00: 0.10 EUR/kWh, 08:00: 0.50 EUR/kWh, 10:00: 0.10 EUR/kWh }}
}}
class coach {{
    battery = {battery} kWh
    charge  = 150 kW
    {price}}}
vehicle bus of coach {{
    arrival     = 00:00
    stay        = 24 h
    soc_arrival = 100 %
    soc_target  = 0 %
}}
trip morning of bus {{
    departure = 06:00
    arrival   = 08:00
    used      = 60 kWh
}}
trip noon of bus {{
    departure = 10:00
    duration  = 2 h
    used      = 60 kWh
}}
{last}
"""


HARD = ("disable partial_charging", "minimize cost")
SOFT = ("minimize cost + 0.40 EUR/kWh * unmet",)

SELLS = """
station home {
    start   = 2024-03-12
    horizon = 4 h
    step    = 1 h
}
grid {
    price   = { 00:00: 0.10 EUR/kWh, 01:00: 0.40 EUR/kWh }
    feed_in = 0.21 EUR/kWh
}
class car {
    battery   = 10 kWh
    charge    = 10 kW
    discharge = 10 kW
}
vehicle ev of car {
    arrival     = 00:00
    stay        = 4 h
    soc_arrival = 0 %
    soc_target  = 0 %
}
trip away of ev {
    departure = 01:00
    arrival   = 03:00
    used      = 5 kWh
}
enable v2g
minimize cost
"""

RETURNS = """
station home {
    start   = 2024-03-12 12:00
    horizon = 19 h
    step    = 1 h
    zone    = "Europe/Amsterdam"
}
grid {
    price = { 00:00: 0.20 EUR/kWh, 07:00: 0.30 EUR/kWh, 12:00: 0.10 EUR/kWh, 14:00: 0.30 EUR/kWh }
}
port wallbox { power = 11 kW }
class car {
    battery = 60 kWh
    charge  = 11 kW
}
vehicle ev of car {
    arrival     = 12:00
    departure   = 07:00 + 1 d
    soc_arrival = 50 %
    soc_target  = 45 %
}
trip errand of ev {
    departure = 14:00
    arrival   = 18:00
    used      = 12 kWh
}
disable partial_charging
minimize cost
"""
"""`../shared/cases/trip_return.evs` as it is meant: one battery."""


def test_what_two_trips_lack_is_charged_between_them(solver: str) -> None:
    """20 kWh at 0.50 EUR/kWh; the cheap night cannot help, the battery is full."""
    assert solved(bus(*HARD), solver).terms["cost"] == pytest.approx(10.0, abs=1e-6)


def test_a_battery_that_holds_both_trips_charges_nothing(solver: str) -> None:
    assert solved(bus(*HARD, battery=120), solver).terms["cost"] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("price", "cost"), [("0.40", 8.0), ("0.60", 10.0)])
def test_what_is_charged_on_the_road_is_bought_where_it_is_cheaper(
    price: str, cost: float, solver: str
) -> None:
    result = solved(bus(*HARD, elsewhere=price), solver)
    assert result.terms["cost"] == pytest.approx(cost, abs=1e-6)
    assert result.terms["elsewhere_cost"] == pytest.approx(8.0 if price == "0.40" else 0.0, abs=1e-6)
    assert result.terms["unmet"] == pytest.approx(0.0, abs=1e-6)


def test_what_is_not_charged_for_a_trip_is_unmet(solver: str) -> None:
    result = solved(bus(*SOFT), solver)
    assert result.terms["unmet"] == pytest.approx(20.0, abs=1e-6)
    assert result.data.vehicles.need.sum() == pytest.approx(20.0)
    assert result.terms["cost"] + 0.40 * result.terms["unmet"] == pytest.approx(8.0, abs=1e-6)
    assert result.terms["fairness"] == pytest.approx(0.0, abs=1e-6)


def test_a_car_that_comes_back_buys_before_it_goes(solver: str) -> None:
    """9 of the 12 kWh are needed again, and noon is cheapest."""
    assert solved(RETURNS, solver).terms["cost"] == pytest.approx(0.90, abs=1e-6)


def test_energy_that_comes_from_nowhere_is_not_sold(solver: str) -> None:
    """10 kWh bought at 0.10, 5 driven, 5 sold at 0.21. With a slack on the road it would be -1.10 EUR."""
    result = solved(SELLS, solver)
    assert result.terms["cost"] == pytest.approx(-0.05, abs=1e-6)
    assert result.terms["unmet"] == pytest.approx(0.0, abs=1e-6)


def test_nothing_is_there_to_sell_where_nothing_is_bought_before_the_trip(solver: str) -> None:
    """At 0.40 EUR/kWh to sell at 0.21 nothing is bought; 5 kWh are lacked on the road, and none are sold."""
    text = SELLS.replace("00:00: 0.10 EUR/kWh, 01:00: 0.40 EUR/kWh", "00:00: 0.40 EUR/kWh")
    result = solved(text, solver)
    assert result.terms["cost"] == pytest.approx(0.0, abs=1e-6)
    assert result.terms["unmet"] == pytest.approx(5.0, abs=1e-6)


def test_what_is_left_after_a_trip_is_worth_no_more_than_was_charged(solver: str) -> None:
    """3 kWh are lacked on the way: the car ends with 0, whatever an end is worth."""
    text = f"{SELLS}".replace("discharge = 10 kW", "end_value = 0.30 EUR/kWh").replace(
        "00:00: 0.10 EUR/kWh, 01:00: 0.40 EUR/kWh", "00:00: 0.40 EUR/kWh"
    )
    result = solved(text.replace("enable v2g\n", ""), solver)
    assert result.terms["cost"] == pytest.approx(0.0, abs=1e-6)
    assert result.terms["end_value"] == pytest.approx(0.0, abs=1e-6)


def test_a_price_on_the_road_buys_what_the_trip_lacks_and_no_more(solver: str) -> None:
    """0.05 EUR/kWh on the road: 5 kWh, though 10 kWh would fit and sell at 0.21 EUR/kWh."""
    text = SELLS.replace("battery   = 10 kWh", "battery   = 10 kWh\n elsewhere = 0.05 EUR/kWh").replace(
        "00:00: 0.10 EUR/kWh, 01:00: 0.40 EUR/kWh", "00:00: 0.40 EUR/kWh"
    )
    result = solved(text, solver)
    assert result.terms["elsewhere_cost"] == pytest.approx(0.25, abs=1e-6)
    assert result.terms["cost"] == pytest.approx(0.25, abs=1e-6)


def test_a_trip_behind_the_horizon_asks_for_what_it_uses_and_for_no_target(solver: str) -> None:
    """Back on the next day: 60 kWh at departure, of which 40 are charged at 0.10; not 100 %."""
    text = (
        bus(*HARD)
        .replace("soc_arrival = 100 %", "soc_arrival = 20 %")
        .replace("soc_target  = 0 %", "soc_target  = 100 %")
    )
    text = text.replace("stay        = 24 h", "stay        = 40 h").replace(
        "duration  = 2 h", "duration  = 20 h"
    )
    text = text[: text.index("trip morning")] + text[text.index("trip noon") :]
    result = solved(text, solver)
    assert result.terms["cost"] == pytest.approx(4.0, abs=1e-6)
    assert result.data.vehicles.need.sum() == pytest.approx(40.0)


def test_a_vehicle_on_the_road_has_no_energy_and_holds_no_port() -> None:
    schedule = solved(RETURNS).schedule
    assert schedule is not None
    assert list(schedule["vehicle"].values) == ["ev", "ev/2"]
    there = ~np.isnan(schedule["energy"].values)
    assert there.sum(axis=1).tolist() == [2, 13]
    assert (schedule["port"].values[~there] == -1).all()


def test_another_car_has_the_port_while_the_first_is_on_the_road(solver: str) -> None:
    """One port; the second comes when the first has gone and leaves before it is back."""
    text = RETURNS.replace(
        "disable",
        """vehicle guest of car {
    arrival     = 14:00
    departure   = 18:00
    soc_arrival = 50 %
    soc_target  = 60 %
}
disable""",
    )
    assert solved(text, solver).terms["cost"] == pytest.approx(0.90 + 6 * 0.30, abs=1e-6)


def test_fairness_counts_a_vehicle_once_over_all_its_stays(solver: str) -> None:
    """10 of 20 kWh lacked by the bus, over two stays; a car that lacks nothing does not change the worst."""
    text = bus("maximize fairness").replace("charge  = 150 kW", "charge  = 5 kW")
    result = solved(text, solver)
    assert result.terms["unmet"] == pytest.approx(10.0, abs=1e-6)
    assert result.terms["fairness"] == pytest.approx(0.5, abs=1e-6)


def test_what_is_lacked_by_a_vehicle_is_one_number_for_all_its_stays(solver: str) -> None:
    text = bus(
        "require enough: unmet[bus] <= 5 kWh", "require met: delivered[bus] <= 17 kWh", "minimize cost"
    )
    result = solved(text, solver)
    assert result.terms["cost"] == pytest.approx(7.5, abs=1e-6)
    assert result.terms["unmet"] == pytest.approx(5.0, abs=1e-6)


def test_a_require_on_an_energy_after_a_trip_is_met_by_charging(solver: str) -> None:
    """At 12:00 it has to be back with 30 kWh, so it leaves with 90: 50 kWh at 0.50 EUR/kWh."""
    text = bus("require back: energy[bus, 13:00] >= 50 kWh", "minimize cost")
    assert solved(text, solver).terms["cost"] == pytest.approx(50 * 0.1, abs=1e-6)
    text = bus("require back: energy[bus, 12:00] >= 30 kWh", "minimize cost")
    assert solved(text, solver).terms["cost"] == pytest.approx(50 * 0.5, abs=1e-6)


def test_the_energy_of_a_battery_on_the_road_is_refused_in_a_stage() -> None:
    with pytest.raises(evdsl.SpecError, match="E407"):
        solved(bus("maximize energy[bus, 07:00]"))


@pytest.mark.parametrize("without", ["en_route_to_nothing"])
@pytest.mark.parametrize(
    "ends", [HARD, SOFT, ("minimize cost",), ("maximize fairness", "then minimize cost")]
)
def test_the_rewrite_changes_no_optimum(ends: tuple[str, ...], without: str, solver: str) -> None:
    problem = evdsl.compile(evdsl.loads(bus(*ends)))
    with_it, bare = problem.run(solver), problem.run(solver, without=(without,))
    assert with_it.terms["cost"] == pytest.approx(bare.terms["cost"], abs=1e-6)
    assert with_it.terms["unmet"] == pytest.approx(bare.terms["unmet"], abs=1e-6)


@pytest.mark.parametrize(
    "ends",
    [
        HARD,
        SOFT,
        ("maximize fairness", "then minimize cost"),
        ("minimize fairness_gap", "then minimize unmet", "then minimize cost"),
        ("maximize lexfairness", "then minimize cost"),
        ("minimize dissatisfaction",),
    ],
)
@pytest.mark.parametrize("elsewhere", ["", "0.40"])
def test_exact_fractions_find_no_fault(ends: tuple[str, ...], elsewhere: str) -> None:
    trial = Trial(bus(*ends, elsewhere=elsewhere), solvers=("highs", "scip"))
    for solver in trial.solvers:
        schedule = trial.run(solver).schedule
        assert schedule is not None
        assert [str(m) for m in misses(trial.spec, trial.data, schedule) if m.wrong] == []
        assert [str(m) for m in claims(trial.spec, trial.data, schedule) if m.wrong] == []


DEPOT = """station depot {
    start   = 2024-03-12
    horizon = 36 h
    step    = 30 min
}
grid {
    price        = { 00:00: 0.10 EUR/kWh, 07:00: 0.30 EUR/kWh, 20:00: 0.15 EUR/kWh }
    import_limit = 60 kW
}
port dc {
    count = 3
    power = 50 kW
}
class coach {
    battery    = 120 kWh
    charge     = 50 kW
    efficiency = 95 %
    soc        = 10 % .. 100 %
}
fleet buses of coach {
    count       = 4
    arrival     = uniform(00:00, 00:40)
    stay        = 34 h
    soc_arrival = uniform(40 %, 70 %)
    soc_target  = 70 %
}
trip early of buses {
    departure = normal(06:30, 20 min)
    duration  = normal(2 h, 20 min)
    used      = uniform(50 kWh, 80 kWh)
}
trip late of buses {
    departure = normal(15:10, 20 min)
    duration  = normal(150 min, 20 min)
    used      = uniform(50 kWh, 80 kWh)
}
minimize cost + 1 EUR/kWh * unmet
"""


@pytest.mark.parametrize("toggles", ["", "disable hold_port\n", "enable uninterrupted\n"])
def test_rules_serve_the_stays_before_a_trip_and_after_it(toggles: str) -> None:
    """What they give is accepted, and lacks no less than the optimum of `unmet` alone."""
    from evdsl.optimization.comparison import compare
    from evdsl.optimization.policies import POLICIES

    text = DEPOT.replace("minimize", f"{toggles}minimize")
    result = solved(text)
    least = solved(text.replace("minimize cost + 1 EUR/kWh * unmet", "minimize unmet")).terms["unmet"]
    for ruled in compare(result, POLICIES).ruled:
        if "uninterrupted" not in toggles:
            assert ruled.verdict.ok, ruled.verdict.violations
        assert ruled.terms["unmet"] >= least - 1e-6


def test_a_report_tells_a_vehicle_once_with_its_stays_beneath_it() -> None:
    from evdsl.report.run.document import document
    from evdsl.report.run.text import text

    result = solved(bus(*SOFT))
    (told,) = document(result)["vehicles"]
    assert (told["name"], told["demand"], told["unmet"]) == ("bus", pytest.approx(20.0), pytest.approx(20.0))
    assert told["satisfaction"] == pytest.approx(0.0)
    stays = told["stays"]
    assert [(s["name"], s["used"]) for s in stays] == [("bus", 60.0), ("bus/2", 60.0), ("bus/3", None)]
    assert [s["en_route"] for s in stays] == pytest.approx([0.0, 20.0, 0.0])
    assert [s["energy_arrival"] for s in stays] == pytest.approx([100.0, 40.0, 0.0])
    shown = text(result, width=100)
    assert "20.00 of 20.00 kWh missing, 100 %, at 1 of 1 vehicle" in shown
    assert "2 by 1 vehicle, 120.0 kWh used, 20.00 kWh of it charged on the road" in shown
    assert "bus/2" in shown


def test_a_spec_without_trips_has_no_stays_in_its_document() -> None:
    from evdsl.report.run.document import document

    text = bus("minimize cost + 1 EUR/kWh * unmet")
    (told,) = document(solved(text[: text.index("trip morning")] + "minimize cost + 1 EUR/kWh * unmet"))[
        "vehicles"
    ]
    assert "stays" not in told


def test_why_a_trip_cannot_be_driven_is_a_conflict_with_its_demand() -> None:
    from evdsl.report.explanation import text

    spec = evdsl.loads(bus(*HARD).replace("150 kW", "5 kW"))
    shown = " ".join(text(evdsl.explain(spec), 120).split())
    assert "vehicle bus and its trips" in shown
    assert "`bus`, which makes 2 trips, asks for 20.00 kWh over its stays" in shown
    assert "vehicle bus and its trips: 10 kWh less, at the port" in shown


def _wrong(text: str, solver: str) -> list[str]:
    """What the schedule of a spec misses in exact fractions, of rules and of words."""
    trial = Trial(text)
    schedule = trial.run(solver).schedule
    assert schedule is not None
    rules, words = (check(trial.spec, trial.data, schedule) for check in (misses, claims))
    return [str(each) for each in (*rules, *words) if each.wrong]


DAYS = (
    bus(*HARD)
    .replace("24 h\n    step", "3 d\n    step")
    .replace("start   = 2024-03-12", "start   = 2026-01-12")
)


@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_a_vehicle_of_several_days_makes_its_trips_on_each(solver: str) -> None:
    text = DAYS.replace("arrival     = 00:00", "arrival     = 00:00\n    days        = mon .. tue")
    text = text.replace("stay        = 24 h", "stay        = 22 h")
    result = solved(text, solver)
    assert result.terms["cost"] == pytest.approx(20.0)
    assert _wrong(text, solver) == []
    fleet = text.replace("vehicle bus of coach {", "fleet bus of coach {\n    count = 2")
    assert solved(fleet, solver).terms["cost"] == pytest.approx(40.0)


COMMUTES = """
station home {
    start   = 2024-03-11
    horizon = 7 d
    step    = 1 h
    zone    = "Europe/Rome"
}
grid {
    price = { mon .. wed: 0.10 EUR/kWh, thu: 0.30 EUR/kWh, fri .. sun: 0.20 EUR/kWh }
}
class car {
    battery = 20 kWh
    charge  = 11 kW
}
vehicle ev of car {
    arrival     = 00:00
    stay        = 7 d
    soc_arrival = 100 %
    soc_target  = 50 %
}
trip work of ev {
    days      = mon .. fri
    departure = 08:00
    arrival   = 17:00
    used      = 15 kWh
}
trip market of ev {
    days      = sat
    departure = 10:00
    duration  = 1 h
    used      = 10 kWh
}
disable partial_charging
minimize cost
"""


@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_a_week_of_trips_buys_each_night_what_the_next_day_uses(solver: str) -> None:
    """45 kWh in the nights after Monday to Wednesday; 30 from Friday on for the rest and for 10 at the end.

    The battery holds one trip to work: on Thursday evening 5 kWh are left.
    """
    result = solved(COMMUTES, solver)
    assert result.stages[0].value == pytest.approx(45 * 0.10 + 30 * 0.20)
    assert _wrong(COMMUTES, solver) == []
    two_days = COMMUTES.replace("mon .. fri", "mon .. tue")
    # Home at 17:00 on Tuesday with 5 kWh: 15 more on Tuesday or Wednesday are all that is needed.
    assert solved(two_days, solver).stages[0].value == pytest.approx(30 * 0.10)


QUEUED = """
station hub {
    start   = 2026-01-12
    horizon = 6 h
    step    = 1 h
}
grid {
    price = 0.10 EUR/kWh
}
port ac {
    power = 10 kW
}
class car {
    battery = 40 kWh
    charge  = 10 kW
}
vehicle a of car {
    arrival     = 00:00
    stay        = 6 h
    soc_arrival = 50 %
    soc_target  = 50 %
}
trip out of a {
    departure = 02:00
    arrival   = 04:00
    used      = 20 kWh
}
vehicle b of car {
    arrival     = 00:00
    stay        = 6 h
    soc_arrival = 25 %
    soc_target  = 75 %
}
disable partial_charging
enable queue
minimize waiting_time
"""


@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_a_port_is_held_and_waited_for_in_each_stay(solver: str) -> None:
    """Each needs 20 kWh, two hours of the one port; `a` may take them before its trip or after it.

    The port for `a` at once, `b` from 01:00 to 04:00, and `a` again from 04:00: `b` alone waits, for 1 h.
    """
    assert solved(QUEUED, solver).terms["waiting_time"] == pytest.approx(1.0)
    assert _wrong(QUEUED, solver) == []
    # Without `queue`, a port is held for a stay: who holds it for all 6 h turns both stays of the other away.
    held = QUEUED.replace("enable queue", "disable queue").replace("disable partial_charging", "")
    assert solved(held, solver).terms["waiting_time"] == pytest.approx(4.0)


@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_what_a_vehicle_pays_is_of_all_its_stays(solver: str) -> None:
    text = bus("minimize cost + 1 EUR/kWh * unmet", "require cheap: revenue[bus] <= 3 EUR")
    text = text.replace("charge  = 150 kW", "charge  = 150 kW\n    tariff  = 0.20 EUR/kWh")
    text = text.replace("soc_target  = 0 %", "soc_target  = 50 %")
    result = solved(text, solver)
    # 20 kWh on the way between the trips and 50 after them are asked for; 3 EUR are 15 kWh.
    assert result.terms["revenue"] == pytest.approx(3.0)
    assert result.terms["unmet"] == pytest.approx(55.0)
    assert _wrong(text, solver) == []
