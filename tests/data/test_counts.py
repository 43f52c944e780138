"""The count of a fleet may be drawn: once for a seed, in a stream of its own, and never below zero."""

from __future__ import annotations

import math
from statistics import fmean

import numpy as np
import pytest
from data.lots import HEAD, OBJECTIVE, fleet, loaded, only, vehicles

from evdsl.data.randomness import counts


def drawn(count: str, seed: int = 7) -> int:
    return len(vehicles(fleet(count=count), seed=seed))


def test_the_counts_of_a_seed_stay_what_they_are() -> None:
    # Published schedules are worth nothing if the next version draws another number of cars.
    assert [drawn("poisson(30)", seed) for seed in range(4)] == [31, 30, 27, 21]
    assert [drawn("round(normal(30, 5))", seed) for seed in range(4)] == [36, 30, 36, 38]
    assert [drawn("choice([20, 40])", seed) for seed in range(4)] == [40, 40, 20, 20]


def test_a_drawn_count_is_as_often_what_its_distribution_says() -> None:
    found = [drawn("poisson(9)", seed) for seed in range(300)]
    assert fmean(found) == pytest.approx(9, abs=4 * 3 / math.sqrt(300))
    assert np.var(found) == pytest.approx(9, rel=0.3)
    assert {drawn("choice([2, 4], weights=[0, 1])", seed) for seed in range(9)} == {4}


def test_a_drawn_count_changes_no_vehicle() -> None:
    found, known = vehicles(fleet(count="poisson(30)")), vehicles(fleet(count="60"))
    assert np.array_equal(found.arrival, known.arrival[: len(found)])
    assert np.array_equal(found.initial, known.initial[: len(found)])
    together = vehicles(fleet(), fleet("night", count="poisson(3)"))
    assert np.array_equal(together.arrival[:40], vehicles(fleet()).arrival)


def test_two_fleets_draw_different_counts() -> None:
    found = [
        vehicles(fleet(count="poisson(30)"), fleet("night", count="poisson(30)"), seed=s) for s in range(9)
    ]
    pairs = [(sum(n.startswith("day") for n in each.name), len(each)) for each in found]
    assert any(first != whole - first for first, whole in pairs)


def test_a_count_below_zero_is_drawn_again() -> None:
    found = [drawn("round(normal(0, 3))", seed) for seed in range(100)]
    assert min(found) == 0
    # The mean of a normal number above -1/2 is 2.1; with 0 in the place of what lies below it would be 1.2.
    assert fmean(found) == pytest.approx(2.1, abs=0.5)


def test_a_count_that_is_never_above_zero_is_told() -> None:
    _, found = loaded(HEAD + fleet(count="round(normal(-30, 1))") + OBJECTIVE)
    assert only(found).code == "E510"
    assert only(found).message == "`count` of `day` is hardly ever 0 or more"
    assert drawn("max(0, round(normal(-30, 1)))") == 0


def test_a_count_of_more_than_was_thought_is_told_before_it_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "MAXIMUM_VEHICLES", 50)
    assert drawn("choice([40, 50])") <= 50
    _, found = loaded(HEAD + fleet(count="20 + choice([40, 50])") + OBJECTIVE)
    assert only(found).code == "E410"


def test_a_fleet_of_several_days_has_one_count() -> None:
    head = HEAD.replace("horizon = 24 h", "horizon = 72 h")
    found = vehicles(fleet(count="poisson(5)", days="all"), head=head)
    days = {name.partition("@")[2] for name in found.name}
    assert len(days) == 3
    assert len(found) == 3 * drawn("poisson(5)")


def test_what_was_drawn_is_told() -> None:
    data, _ = loaded(HEAD + fleet(count="poisson(30)") + OBJECTIVE)
    assert data is not None
    assert f"`day` has a count of {drawn('poisson(30)')}, drawn with seed 7" in data.remarks


def test_a_vehicle_beyond_the_count_that_was_drawn_is_told() -> None:
    own = "require r: charge[day[4], t] <= 5 kW for t in steps\n"
    _, found = loaded(HEAD + fleet(count="choice([3])") + own + OBJECTIVE)
    assert only(found).code == "E203"
    assert only(found).message == '`day` has no vehicle "day.4"'
    data, _ = loaded(HEAD + fleet(count="choice([4])") + own + OBJECTIVE)
    assert data is not None


def test_a_drawn_value_is_rounded_a_half_up() -> None:
    found = vehicles(fleet(soc_target="", energy="round(choice([0.5, 1.5, 2.4])) * 1 kWh"))
    assert set(found.demand) == {1.0, 2.0}
