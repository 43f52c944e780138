"""Antithetic scenarios: opposites in a pair, and each by itself a draw of what the spec says."""

from __future__ import annotations

import numpy as np

from evdsl.data.draws import Sampling, Stream


def stream(scenario: int, antithetic: bool = True) -> Stream:
    return Stream(Sampling(7, scenario, antithetic), "day", "arrival")


def test_the_numbers_of_a_pair_are_exact_opposites() -> None:
    for shape in (5, (3, 2)):
        first, second = (stream(scenario).numbers(1) for scenario in (3, 4))
        assert (first.uniform(shape) + second.uniform(shape) == 1.0).all()
        assert (first.normal(shape) + second.normal(shape) == 0.0).all()


def test_pairs_are_independent_and_so_is_what_is_drawn_again() -> None:
    streams = [stream(scenario).numbers(1).generator for scenario in (1, 3)]
    streams += [stream(scenario).generator(1) for scenario in (1, 2, 3)]
    assert len({float(each.random()) for each in streams}) == 5


def test_scenarios_without_pairs_have_the_numbers_of_their_stream() -> None:
    for scenario in (0, 3, 4):
        for antithetic in (False, scenario == 0):
            own = stream(scenario, antithetic)
            assert own.numbers(1).normal(3).tolist() == own.generator(1).standard_normal(3).tolist()
            assert not own.sampling.is_mirrored


def test_a_uniform_number_is_neither_0_nor_1() -> None:
    drawn = stream(1).numbers(1).uniform(1000)
    assert 0.0 < drawn.min() < drawn.max() < 1.0
    assert abs(drawn.mean() - 0.5) < 0.05
    assert np.unique(drawn).size == 1000
