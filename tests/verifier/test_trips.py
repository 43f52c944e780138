"""A schedule with trips that breaks their rules is refused, each by the rule that it breaks."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest
import xarray as xr
from language.test_trip import SOFT, bus

import evdsl


@cache
def solved(elsewhere: str) -> tuple[evdsl.Spec, xr.Dataset]:
    ends = ("minimize cost",) if elsewhere else SOFT
    spec = evdsl.loads(bus(*ends, elsewhere=elsewhere))
    schedule = evdsl.compile(spec).run("highs").schedule
    assert schedule is not None
    return spec, schedule


def rules(change: Callable[[xr.Dataset], None], elsewhere: str = "") -> set[str]:
    spec, schedule = solved(elsewhere)
    changed = schedule.copy(deep=True)
    change(changed)
    return {one.rule for one in evdsl.verify(spec, changed).violations}


def nothing(_: xr.Dataset) -> None:
    pass


def from_nowhere(schedule: xr.Dataset) -> None:
    """All of the last stay, and its end, have 5 kWh more, as if they had been taken on on the road."""
    schedule["energy"].values[2] += 5.0
    schedule["energy_departure"].values[2] += 5.0


def of_other_stay(schedule: xr.Dataset) -> None:
    """What the second trip lacks stands with the last stay."""
    schedule["unmet"].values[:] = [0.0, 0.0, 20.0]


def hidden(schedule: xr.Dataset) -> None:
    schedule["unmet"].values[:] = 0.0


def on_the_road(schedule: xr.Dataset) -> None:
    schedule["energy"].values[0, 7] = 40.0


def power_on_the_road(schedule: xr.Dataset) -> None:
    schedule["charge"].values[1, 7] = 1.0


def in_the_middle(schedule: xr.Dataset) -> None:
    """The second stay begins with all that the first had, as if the trip used nothing."""
    schedule["energy"].values[1] += 60.0
    schedule["energy_departure"].values[1] += 60.0


@pytest.mark.parametrize("elsewhere", ["", "0.40"])
def test_what_was_solved_is_accepted(elsewhere: str) -> None:
    assert rules(nothing, elsewhere) == set()


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        (from_nowhere, {"energy-balance"}),
        (in_the_middle, {"energy-balance", "unmet"}),
        (of_other_stay, {"demand", "unmet"}),
        (hidden, {"demand", "claimed-value"}),
        (on_the_road, {"presence"}),
        (power_on_the_road, {"presence"}),
    ],
)
def test_a_schedule_that_breaks_a_rule_of_trips_is_refused(
    change: Callable[[xr.Dataset], None], broken: set[str]
) -> None:
    assert rules(change) == broken


def test_what_is_bought_on_the_road_is_no_unmet_and_has_its_price() -> None:
    assert "unmet" in rules(of_other_stay, "0.40")
    spec, schedule = solved("0.40")
    assert evdsl.verify(spec, schedule).terms["elsewhere_cost"] == pytest.approx(8.0)
