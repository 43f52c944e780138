"""Means of random runs: intervals hold as often as they say, whichever way is taken, by numbers alone.

The runs are those of a site that draws uniform (or lognormal) energies at one price: what it pays is the
price times what is drawn, so the mean is known, and no solver is needed to have thousands of simulations.
"""

from __future__ import annotations

from math import inf, sqrt

import numpy as np
import pytest
from scipy.special import ndtri
from scipy.stats import t

from evdsl.optimization.simulation.estimators import (
    LARGEST_RATIO,
    LEAST_RATIO,
    Control,
    antithetic,
    beta_of,
    controlled,
    plain,
    ratio_of,
)

PRICE = 0.25
CARS, RUNS, REPETITIONS = 4, 100, 2000
MEAN = PRICE * CARS * 20.0
"""Of energies between 10 and 30 kWh."""
PAIRS = np.repeat(np.arange(RUNS // 2), 2)


def shares(generator: np.random.Generator, runs: int) -> np.ndarray:
    return generator.random((runs, CARS))


def uniform(u: np.ndarray) -> np.ndarray:
    """What each run pays."""
    return PRICE * (10.0 + 20.0 * u).sum(axis=1)


def lognormal(u: np.ndarray) -> np.ndarray:
    """Of energies of mean 20 kWh and deviation 12 kWh."""
    spread = np.log1p((12 / 20) ** 2)
    return PRICE * np.exp(np.log(20.0) - spread / 2 + sqrt(spread) * ndtri(u)).sum(axis=1)


def another(u: np.ndarray) -> np.ndarray:
    """A rule that pays something else on the same draws: it is not the mean that is asked for."""
    return 3.0 + PRICE * (25.0 * u**2).sum(axis=1)


def mirrored(generator: np.random.Generator) -> np.ndarray:
    u = shares(generator, RUNS // 2)
    return np.stack([u, 1.0 - u], axis=1).reshape(RUNS, CARS)


def covered(seed: int, way: str) -> float:
    """In which share of the simulations the interval holds the mean."""
    generator = np.random.default_rng(seed)
    hits = 0
    for _ in range(REPETITIONS):
        if way == "plain":
            found = plain(uniform(shares(generator, RUNS)))
        elif way == "antithetic":
            found = antithetic(lognormal(mirrored(generator)), PAIRS)
        else:
            pilot, runs = shares(generator, 30), shares(generator, RUNS)
            further = another(shares(generator, LEAST_RATIO * RUNS))
            beta = beta_of(uniform(pilot), another(pilot))
            found = controlled(uniform(runs), Control(another(runs), further, beta))
        assert found.half is not None
        hits += abs(found.mean - MEAN) <= found.half
    return hits / REPETITIONS


@pytest.mark.slow
@pytest.mark.parametrize("way", ["plain", "antithetic", "control"])
def test_the_interval_holds_the_mean_in_95_of_100_simulations(way: str) -> None:
    """Three standard errors of a share of 95 % over 2,000 repetitions."""
    assert 0.935 <= covered(20240312, way) <= 0.965


def test_a_plain_interval_is_that_of_a_hand() -> None:
    found = plain(np.array([1.0, 2.0, 6.0]))
    assert (found.runs, found.mean, found.reduced) == (3, 3.0, 1.0)
    assert found.half == pytest.approx(t.ppf(0.975, 2) * sqrt(7.0 / 3))


def test_uniform_energies_are_exactly_right_in_pairs() -> None:
    found = antithetic(uniform(mirrored(np.random.default_rng(1))), PAIRS)
    assert found.mean == pytest.approx(MEAN, rel=1e-14)
    assert (found.half, found.reduced) == (0.0, inf)


def test_the_interval_of_pairs_is_that_of_their_means() -> None:
    values = lognormal(mirrored(np.random.default_rng(2)))
    means = values.reshape(-1, 2).mean(axis=1)
    found, of_means = antithetic(values, PAIRS), plain(means)
    assert found.mean == pytest.approx(of_means.mean)
    assert found.half == pytest.approx(of_means.half)
    alone = values.var(ddof=1) / RUNS
    assert found.reduced == pytest.approx(alone / (means.var(ddof=1) / len(means)))


def test_a_pair_of_which_one_run_does_not_count_is_still_one_number() -> None:
    """By hand: 1, 5 and a lone 3 are off their mean by 0 and 0; with a lone 6 they are off 4 by -2 and 2."""
    pairs = np.array([1, 1, 2])
    assert antithetic(np.array([1.0, 5.0, 3.0]), pairs).half == 0.0
    found = antithetic(np.array([1.0, 5.0, 6.0]), pairs)
    assert found.half == pytest.approx(t.ppf(0.975, 1) * sqrt(8 * 2 / (1 * 9)))


def test_the_control_takes_off_what_is_by_chance_in_the_runs() -> None:
    values, control = np.array([1.0, 2.0, 6.0]), np.array([2.0, 4.0, 9.0])
    further = np.array([3.0, 4.0, 5.0, 8.0])
    found = controlled(values, Control(control, further, 0.5))
    assert found.mean == pytest.approx(3.0 - 0.5 * (5.0 - 5.0))
    left = np.array([0.0, 0.0, 1.5]).var(ddof=1) / 3 + 0.25 * further.var(ddof=1) / 4
    assert found.half == pytest.approx(t.ppf(0.975, 2) * sqrt(left))
    assert found.reduced == pytest.approx((7.0 / 3) / left)


def test_the_variance_with_the_best_share_of_the_control_is_that_of_the_correlation() -> None:
    generator = np.random.default_rng(3)
    u, further = shares(generator, 4000), another(shares(generator, 80_000))
    values, control = uniform(u), another(u)
    found = controlled(values, Control(control, further, beta_of(values, control)))
    r = np.corrcoef(values, control)[0, 1]
    told = values.var(ddof=1) * ((1 - r**2) / 4000 + r**2 / 80_000)
    assert found.half == pytest.approx(t.ppf(0.975, 3999) * sqrt(told), rel=0.01)


def test_a_single_run_has_no_interval() -> None:
    for found in (plain(np.ones(1)), antithetic(np.ones(2), np.zeros(2, dtype=np.int64))):
        assert (found.mean, found.half, found.reduced) == (1.0, None, None)


def test_what_never_varies_is_known() -> None:
    found = plain(np.full(5, 0.1) * 3)
    assert (found.half, found.reduced) == (0.0, 1.0)


def test_the_control_is_drawn_as_often_as_its_time_is_worth() -> None:
    """By hand: r = 0.9988, a draw at a fifteenth of a run: 0.9988 √(15 / 0.0024) = 79."""
    generator = np.random.default_rng(4)
    x = generator.standard_normal(200_000)
    near = x + sqrt(1 / 0.9988**2 - 1) * generator.standard_normal(len(x))
    assert np.corrcoef(x, near)[0, 1] == pytest.approx(0.9988, abs=1e-5)
    assert ratio_of(x, near, 15.0, 1.0) == 80
    assert ratio_of(x, near, 4.0, 1.0) == 40
    assert ratio_of(x, near, 1.0, 1.0) == LEAST_RATIO
    assert ratio_of(x, x, 1.0, 1.0) == LARGEST_RATIO
    assert ratio_of(x, np.ones(len(x)), 1.0, 1.0) == LEAST_RATIO
    assert beta_of(x, np.ones(len(x))) == 0.0
