"""Inverse distributions: pairs of scenarios keep the law of a spec, high in one where low in the other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from data.lots import HEAD, OBJECTIVE, fleet
from numpy.testing import assert_allclose

from evdsl.data.data import Data
from evdsl.data.load import load_data
from evdsl.data.randomness.inverse import Interval, invert
from evdsl.diagnostics.source import Source, Span
from evdsl.language.units import NUMBER
from evdsl.language.values import Const, Draw, ListValue, Value
from evdsl.semantics.resolve import resolve

ENERGY = {"soc_arrival": "", "soc_target": ""}


def scenarios(text: str, *numbers: int, antithetic: bool = True) -> list[Data]:
    spec, found = resolve(Source("lot.evs", text))
    assert spec is not None, found
    read = [load_data(replace(spec, scenario=each, antithetic=antithetic))[0] for each in numbers]
    assert None not in read
    return read  # type: ignore[return-value]  # none is None


def pair(expression: str, count: int = 20_000, setting: str = "energy") -> tuple[np.ndarray, np.ndarray]:
    """The energies of two scenarios that are a pair."""
    text = HEAD + fleet(**{**ENERGY, setting: expression, "count": str(count)}) + OBJECTIVE
    first, second = scenarios(text, 5, 6)
    return first.vehicles.demand, second.vehicles.demand


@pytest.mark.parametrize(
    ("expression", "mean", "deviation", "correlation"),
    [
        ("normal(30 kWh, 4 kWh)", 30.0, 4.0, -1.0),
        ("lognormal(30 kWh, 4 kWh)", 30.0, 4.0, -0.98),
        ("uniform(20 kWh, 40 kWh)", 30.0, 20 / np.sqrt(12), -1.0),
        ("beta(2, 5) * 70 kWh", 20.0, 70 * np.sqrt(10 / (49 * 8)), -0.96),
        ("poisson(9) * 1 kWh", 9.0, 3.0, -0.98),
        ("choice([20 kWh, 10 kWh, 60 kWh])", 30.0, np.sqrt(1400 / 3), -11 / 14),
        ("choice([10 kWh, 20 kWh], weights=[3, 1])", 12.5, np.sqrt(18.75), -1 / 3),
    ],
)
def test_each_of_a_pair_has_the_distribution_and_they_oppose_each_other(
    expression: str, mean: float, deviation: float, correlation: float
) -> None:
    found = pair(expression)
    for values in found:
        assert values.mean() == pytest.approx(mean, abs=4 * deviation / np.sqrt(len(values)))
        assert values.std() == pytest.approx(deviation, rel=0.05)
    assert np.corrcoef(*found)[0, 1] == pytest.approx(correlation, abs=0.03)


def test_a_uniform_pair_has_its_mean_exactly() -> None:
    first, second = pair("uniform(20 kWh, 40 kWh)", 50)
    assert_allclose((first + second) / 2, 30.0, rtol=1e-14)
    assert first.std() > 4


def test_what_does_not_vary_is_what_it_is() -> None:
    for expression in ("normal(30 kWh, 0 kWh)", "uniform(30 kWh, 30 kWh)", "choice([30 kWh])"):
        assert {*pair(expression, 3)[0], *pair(expression, 3)[1]} == {30.0}
    assert {*pair("poisson(0) * 1 kWh", 3)[0]} == {0.0}


SHARE = "normal(30 %, 20 %)"


def shares(expression: str) -> tuple[np.ndarray, np.ndarray]:
    text = HEAD + fleet(soc_arrival=expression, count="20000") + OBJECTIVE
    first, second = scenarios(text, 1, 2)
    return first.vehicles.initial / 52, second.vehicles.initial / 52


def test_a_truncated_normal_keeps_its_mean_in_pairs() -> None:
    """By hand, of the law that is cut to 10 .. 90 %: m + s (φ(-1) - φ(3)) / (Φ(3) - Φ(-1)) = 35.64 %."""
    first, second = shares(SHARE)
    assert min(first.min(), second.min()) >= 0.1 - 1e-6
    both = (first + second) / 2
    assert both.mean() == pytest.approx(0.3564, abs=4 * both.std() / np.sqrt(len(both)))
    assert np.corrcoef(first, second)[0, 1] < -0.9


def test_what_is_no_single_draw_is_drawn_again_alone_and_keeps_its_mean() -> None:
    """Drawing the pair again would give 30 %: what is far from the middle would be left out on both sides."""
    first, second = shares(f"{SHARE} + 0 %")
    both = (first + second) / 2
    assert both.mean() == pytest.approx(0.3564, abs=4 * both.std() / np.sqrt(len(both)))
    assert -0.4 < np.corrcoef(first, second)[0, 1] < -0.1


@pytest.mark.parametrize(
    "expression", ["lognormal(30 %, 20 %)", "beta(2, 5)", "normal(95 %, 20 %)", "lognormal(5 %, 10 %)"]
)
def test_a_law_that_is_cut_is_what_drawing_again_gives(expression: str) -> None:
    text = HEAD + fleet(soc_arrival=expression, count="20000") + OBJECTIVE
    (plain,) = scenarios(text, 1, antithetic=False)
    again = plain.vehicles.initial / 52
    for values in shares(expression):
        assert 0.1 - 1e-6 <= values.min() <= values.max() <= 0.9 + 1e-6
        error = 6 * again.std() / np.sqrt(len(values))
        assert values.mean() == pytest.approx(again.mean(), abs=error)
        assert values.std() == pytest.approx(again.std(), rel=0.05)


PLACE = Span(Source("nothing", ""), 0, 0)


def law(distribution: str, *arguments: float | tuple[float, ...]) -> Draw:
    given: list[Value] = [
        ListValue(tuple(Const(each, NUMBER, PLACE) for each in one), PLACE)
        if isinstance(one, tuple)
        else Const(one, NUMBER, PLACE)
        for one in arguments
    ]
    return Draw(distribution, tuple(given), 0, NUMBER, PLACE, False)


@pytest.mark.parametrize(
    ("draw", "low", "high", "values"),
    [
        (law("uniform", 0.0, 0.8), 0.2, 0.6, [0.21, 0.4, 0.59]),
        (law("choice", (4.0, 1.0, 2.0)), 2.0, 4.0, [2.0, 4.0, 4.0]),
        (law("choice", (4.0, 1.0, 2.0), (1.0, 7.0, 3.0)), 2.0, 9.0, [2.0, 2.0, 4.0]),
        # Of 1 and 2, which are as likely.
        (law("poisson", 2.0), 1.0, 2.0, [1.0, 2.0, 2.0]),
        (law("poisson", 2.0), 0.5, 2.5, [1.0, 2.0, 2.0]),
        # All of it, and less than can be cut.
        (law("normal", 3.0, 0.0), 2.0, 4.0, [3.0, 3.0, 3.0]),
        (law("uniform", 0.0, 1.0), 7.0, 8.0, [0.025, 0.5, 0.975]),
    ],
)
def test_shares_of_a_law_that_is_cut_are_those_of_what_is_left(
    draw: Draw, low: float, high: float, values: list[float]
) -> None:
    found = invert(draw, np.array([0.025, 0.5 + 1e-9, 0.975]), lambda _: 0.0, Interval(low, high))
    assert found == pytest.approx(values, abs=1e-8)


def test_a_departure_is_cut_to_what_lies_after_each_arrival() -> None:
    text = HEAD + fleet(stay="", departure="normal(09:30, 2 h)", count="5000") + OBJECTIVE
    first, second = (data.vehicles for data in scenarios(text, 1, 2))
    (plain,) = scenarios(text, 1, antithetic=False)
    for each in (first, second):
        assert (each.departure > each.arrival).all()
        assert each.departure.mean() == pytest.approx(plain.vehicles.departure.mean(), abs=0.1)
    assert np.corrcoef(first.departure, second.departure)[0, 1] < -0.5


def test_what_hardly_ever_has_a_meaning_is_refused_as_it_is_without_pairs() -> None:
    text = HEAD + fleet(soc_arrival="normal(300 %, 20 %)") + OBJECTIVE
    spec, _ = resolve(Source("lot.evs", text))
    assert spec is not None
    for antithetic in (False, True):
        data, found = load_data(replace(spec, scenario=1, antithetic=antithetic))
        assert data is None
        assert [one.code for one in found if one.is_error] == ["E510"]


def test_a_count_and_each_day_have_opposites() -> None:
    text = HEAD + fleet(count="poisson(40)") + OBJECTIVE
    sizes = np.array([[len(data.vehicles) for data in scenarios(text, k, k + 1)] for k in range(1, 61, 2)])
    assert sizes.mean() == pytest.approx(40, abs=2)
    assert np.corrcoef(sizes.T)[0, 1] < -0.9
    head = HEAD.replace("horizon = 24 h", "horizon = 3 d")
    blocks = fleet(days="2024-03-12 .. 2024-03-14", soc_arrival="uniform(20 %, 60 %)")
    first, second = (data.vehicles for data in scenarios(head + blocks + OBJECTIVE, 1, 2))
    assert_allclose((first.initial + second.initial) / 52, 0.8, rtol=1e-12)
    assert len(np.unique(first.initial)) == 120


def test_the_arrivals_of_a_cohort_have_opposites() -> None:
    text = HEAD + (
        "cohort cars of car {\n    classes = 3\n    arrivals = 40 vehicles/h\n    draw = poisson\n"
        "    departures = 10 %\n}\n"
    )
    first, second = (data.cohorts["cars"] for data in scenarios(text + OBJECTIVE, 1, 2))
    assert first.shape == (4, 96)
    assert np.corrcoef(first[1], second[1])[0, 1] < -0.8
    assert ((first + second) / 2).mean() == pytest.approx(2.5, abs=0.1)


def test_the_ends_of_an_interval_belong_to_it_as_it_says() -> None:
    everyone = np.arange(3)
    values = np.array([0.0, 0.5, 1.0])
    assert Interval(0.0, 1.0).has(values, everyone).tolist() == [True, True, True]
    assert Interval(0.0, 1.0, False, False).has(values, everyone).tolist() == [False, True, False]
    assert Interval(np.array([0.5, 0.5, 2.0])).has(values[::-1], everyone[::-1]).tolist() == [
        False,
        True,
        False,
    ]
