"""Draws can be relied on: the same for the same seed, and independent of each other."""

from __future__ import annotations

import numpy as np
import pytest
from data.lots import DAY, HEAD, block, fleet, vehicles
from numpy.testing import assert_allclose


def test_the_same_seed_gives_the_same_vehicles() -> None:
    first, second = vehicles(fleet()), vehicles(fleet())
    for name in ("arrival", "departure", "initial", "target"):
        assert np.array_equal(getattr(first, name), getattr(second, name))


def test_another_seed_gives_others() -> None:
    assert not np.array_equal(vehicles(fleet()).arrival, vehicles(fleet(), seed=8).arrival)
    assert np.array_equal(vehicles(fleet()).arrival, vehicles(fleet(), seed=7).arrival)


def test_the_numbers_of_a_seed_stay_what_they_are() -> None:
    # Published schedules are worth nothing if the next version draws other cars.
    found = vehicles(fleet(count="3"))
    assert_allclose(found.arrival, [8.0414515057, 6.9399277661, 8.2559978938], rtol=1e-9)
    assert_allclose(found.initial / 52, [0.5471654966, 0.5058524307, 0.2872987699], rtol=1e-9)


def test_another_block_does_not_change_the_vehicles_of_the_first() -> None:
    alone = vehicles(fleet())
    for others in ([fleet("night")], [block("vehicle", "van", {**DAY, "count": ""})]):
        for blocks in ([fleet(), *others], [*others, fleet()]):
            together = vehicles(*blocks)
            mine = [i for i, name in enumerate(together.name) if name.startswith("day.")]
            assert np.array_equal(together.arrival[mine], alone.arrival)
            assert np.array_equal(together.initial[mine], alone.initial)


def test_another_setting_does_not_change_the_others() -> None:
    alone = vehicles(fleet())
    for changes in ({"priority": "uniform(1, 3)"}, {"stay": "9 h"}, {"soc_target": "uniform(70 %, 90 %)"}):
        found = vehicles(fleet(**changes))
        assert np.array_equal(found.arrival, alone.arrival)
        assert np.array_equal(found.initial, alone.initial)


def test_the_order_of_settings_does_not_matter() -> None:
    backwards = dict(reversed(DAY.items()))
    assert np.array_equal(vehicles(block("fleet", "day", backwards)).arrival, vehicles(fleet()).arrival)


def test_blocks_and_settings_draw_different_numbers() -> None:
    found = vehicles(fleet(), fleet("night"), fleet(soc_target="uniform(20 %, 60 %)", name="late"))
    day, night, late = (found.initial[i : i + 40] for i in (0, 40, 80))
    assert abs(np.corrcoef(day, night)[0, 1]) < 0.5
    assert abs(np.corrcoef(late, found.target[80:])[0, 1]) < 0.5
    assert not np.array_equal(day, night)


def test_a_larger_fleet_begins_with_the_smaller_one() -> None:
    few, many = vehicles(fleet(count="10")), vehicles(fleet(count="40"))
    assert np.array_equal(few.arrival, many.arrival[:10])


def test_a_name_of_a_distribution_stands_for_the_distribution() -> None:
    """Wherever it is used it is drawn anew, and as if it were written there."""
    written = vehicles(fleet(soc_target="uniform(70 %, 80 %) + uniform(0 %, 10 %)"))
    head = HEAD + "param spread = uniform(0 %, 10 %)\n"
    named = vehicles(fleet(soc_target="uniform(70 %, 80 %) + spread"), head=head)
    assert np.array_equal(written.target, named.target)
    others = vehicles(
        fleet("early", soc_target="spread + 70 %"),
        fleet(soc_target="uniform(70 %, 80 %) + spread"),
        head=head,
    )
    assert np.array_equal(others.target[40:], named.target)
    twice = vehicles(fleet(soc_target="spread - spread + 70 %"), head=head)
    assert len(np.unique(twice.target)) == 40


def test_draws_of_one_setting_are_independent_of_each_other() -> None:
    found = vehicles(
        fleet(count="5000", soc_target="", energy="uniform(0 kWh, 10 kWh) + uniform(0 kWh, 10 kWh)")
    )
    # Of two equal draws the sum would spread by 5.8 kWh.
    assert found.demand.std() == pytest.approx(10 / np.sqrt(6), rel=0.03)
