"""A taper of vehicles that make trips: the curve asks for what a stay begins with, which is decided."""

from __future__ import annotations

import pytest
from language.test_trip import _wrong, solved
from worlds import FEATURES

import evdsl
from evdsl.optimization.comparison import compare
from evdsl.optimization.policies import POLICIES

SOLVERS = ["highs", "scip"]
FALLS = (FEATURES / "taper_trip.evs").read_text()
RISES = (
    FALLS.replace("{ 0 %: 100 kW, 100 %: 0 kW }", "{ 0 %: 10 kW, 100 %: 110 kW }")
    .replace("charge  = 100 kW", "charge  = 110 kW")
    .replace("soc_arrival = 60 %", "soc_arrival = 0 %")
    .replace("soc_target  = 60 %", "soc_target  = 30 %")
    .replace("used      = 40 kWh", "used      = 50 kWh")
    .replace("disable partial_charging\nminimize cost", "minimize unmet")
)


@pytest.mark.parametrize("solver", SOLVERS)
def test_what_goes_in_after_a_trip_is_what_the_curve_gives_at_what_it_left(solver: str) -> None:
    """60 kWh become 80 before the trip and 40 + 30 after it, of 100 that are asked for."""
    text = FALLS.replace("soc_target  = 60 %", "soc_target  = 100 %")
    text = text.replace("disable partial_charging\nminimize cost", "minimize unmet")
    result = solved(text, solver)
    assert result.terms["unmet"] == pytest.approx(30.0)
    assert result.schedule is not None
    assert result.schedule["energy_departure"].values.tolist() == pytest.approx([80.0, 70.0])
    assert _wrong(text, solver) == []


@pytest.mark.parametrize("solver", SOLVERS)
def test_energy_on_the_road_from_nowhere_opens_no_curve_that_rises(solver: str) -> None:
    """10 kWh before the trip, 40 of its 50 on the road, back empty, 10 more: 60 of 80 are missing.

    With 10 kWh more on the road than it lacks, 20 would go in after it, and 50 be missing.
    """
    assert solved(RISES, solver).terms["unmet"] == pytest.approx(60.0)
    assert _wrong(RISES, solver) == []


@pytest.mark.parametrize("solver", SOLVERS)
def test_what_was_bought_on_the_road_is_no_more_than_the_trip_lacks_under_a_curve(solver: str) -> None:
    """All 50 kWh at 0.01 on the road; back empty it takes 10, and what is missing at the end is 20 kWh."""
    text = RISES.replace("charge  = 110 kW", "charge  = 110 kW\n    elsewhere = 0.01 EUR/kWh")
    text = text.replace("minimize unmet", "minimize cost + 1 EUR/kWh * unmet")
    result = solved(text, solver)
    assert result.terms["elsewhere_cost"] == pytest.approx(0.50)
    assert result.terms["unmet"] == pytest.approx(20.0)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_car_that_gives_back_is_kept_to_the_curve_in_each_stay(solver: str) -> None:
    """Of 50 kWh it sells at 1.00 all but the 40 of the trip, and takes (100 - 0) / 2 after it."""
    text = FALLS.replace("soc_arrival = 60 %", "soc_arrival = 50 %")
    text = text.replace("charge  = 100 kW", "charge  = 100 kW\n    discharge = 100 kW")
    text = text.replace("price = {", "feed_in = { 00:00: 1 EUR/kWh, 01:00: 0 EUR/kWh }\n    price = {")
    text = text.replace("soc_target  = 60 %", "soc_target  = 50 %").replace(
        "disable partial_charging", "enable v2g"
    )
    text = text.replace("minimize cost", "disable partial_charging\nminimize cost")
    result = solved(text, solver)
    assert result.stages[0].value == pytest.approx(50 * 0.30 - 10 * 1.00)
    assert _wrong(text, solver) == []


def test_a_taper_of_trips_is_kept_within_a_step_that_has_a_part_of_both_stays() -> None:
    """Away from 00:20 to 00:40: the curve of each stay counts its own part of the hour."""
    text = FALLS.replace("departure = 01:00", "departure = 00:20").replace(
        "duration  = 1 h", "duration  = 20 min"
    )
    text = text.replace("soc_target  = 60 %", "soc_target  = 100 %").replace("horizon = 3 h", "horizon = 1 h")
    text = text.replace("disable partial_charging\nminimize cost", "minimize unmet")
    result = solved(text)
    # A third of an hour takes c = (100 - e - c) / 3 each time: 60 + 10, then 30 + 17.5.
    assert result.terms["unmet"] == pytest.approx(100 - 47.5)
    assert _wrong(text, "highs") == []


WEEK = """
station depot {
    start   = 2024-03-12
    horizon = 36 h
    step    = 15 min
    zone    = "Europe/Rome"
}
grid {
    price        = { 00:00: 0.10 EUR/kWh, 07:00: 0.30 EUR/kWh, 20:00: 0.15 EUR/kWh }
    import_limit = 70 kW
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
    taper      = { 0 %: 20 kW, 30 %: 50 kW, 80 %: 40 kW, 100 %: 4 kW }
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
minimize unmet
"""


@pytest.mark.parametrize("toggles", ["", "disable hold_port\n"])
def test_rules_keep_to_the_curve_in_every_stay(toggles: str) -> None:
    result = solved(WEEK.replace("minimize", f"{toggles}minimize"))
    for ruled in compare(result, POLICIES).ruled:
        assert ruled.verdict.ok, ruled.verdict.violations
        assert ruled.terms["unmet"] >= result.terms["unmet"] - 1e-6


def test_a_schedule_that_passes_the_curve_after_a_trip_is_refused() -> None:
    """It takes 20 kW from 60 % and from 40 %, where another curve gives 21 and 19."""
    result = solved(FALLS)
    assert result.schedule is not None
    curve = "{ 0 %: 15 kW, 40 %: 19 kW, 60 %: 21 kW, 80 %: 20 kW, 100 %: 0 kW }"
    other = evdsl.loads(FALLS.replace("{ 0 %: 100 kW, 100 %: 0 kW }", curve))
    found = [one.message for one in evdsl.verify(other, result.schedule).violations if one.rule == "taper"]
    assert found == ["`a/2` charges 20 kW at 2024-03-12 02:00, and `taper` lets it take 19 kW"]
