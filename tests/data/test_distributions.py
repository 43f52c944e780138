"""Distributions are what they say, and what has no meaning is drawn again."""

from __future__ import annotations

import numpy as np
import pytest
from data.lots import HEAD, OBJECTIVE, fleet, loaded, vehicles
from numpy.testing import assert_allclose

from evdsl.data.draws import ATTEMPTS, Sampling, Stream, sample, truncate_draws
from evdsl.diagnostics.source import Source, Span
from evdsl.language.units import ENERGY, NUMBER
from evdsl.language.values import Const, Draw, ListValue, Value


def drawn(expression: str, count: int = 20_000) -> np.ndarray:
    """Energies drawn from a distribution, kWh."""
    changes = {"soc_arrival": "", "soc_target": "", "energy": expression, "count": str(count)}
    return vehicles(fleet(**changes)).demand


# Distributions


@pytest.mark.parametrize(
    ("expression", "mean", "deviation"),
    [
        ("normal(30 kWh, 4 kWh)", 30.0, 4.0),
        ("lognormal(30 kWh, 4 kWh)", 30.0, 4.0),
        ("lognormal(10 kWh, 8 kWh)", 10.0, 8.0),
        ("uniform(20 kWh, 40 kWh)", 30.0, 20 / np.sqrt(12)),
        ("beta(2, 5) * 70 kWh", 20.0, 70 * np.sqrt(10 / (49 * 8))),
        ("poisson(9) * 1 kWh", 9.0, 3.0),
        ("choice([10 kWh, 20 kWh, 60 kWh])", 30.0, np.sqrt(1400 / 3)),
        ("choice([10 kWh, 20 kWh], weights=[3, 1])", 12.5, np.sqrt(18.75)),
        ("choice([10 kWh, 20 kWh], weights=[0, 1])", 20.0, 0.0),
        ("normal(30 kWh, 0 kWh)", 30.0, 0.0),
        ("uniform(5 kWh, 5 kWh)", 5.0, 0.0),
        ("normal(30 kWh, 4 kWh) / 2 + 1 kWh", 16.0, 2.0),
    ],
)
def test_a_distribution_has_its_mean_and_its_deviation(
    expression: str, mean: float, deviation: float
) -> None:
    found = drawn(expression)
    error = 4 * deviation / np.sqrt(len(found))
    assert found.mean() == pytest.approx(mean, abs=error + 1e-9)
    assert found.std() == pytest.approx(deviation, rel=0.05, abs=1e-9)


def test_a_choice_gives_its_values_and_no_others() -> None:
    values, counts = np.unique(
        drawn("choice([10 kWh, 20 kWh, 40 kWh], weights=[1, 2, 1])"), return_counts=True
    )
    assert values.tolist() == [10.0, 20.0, 40.0]
    assert_allclose(counts / counts.sum(), [0.25, 0.5, 0.25], atol=0.02)


@pytest.mark.parametrize(
    ("arrival", "mean", "deviation"),
    [
        ("normal(08:15, 45 min)", 8.25, 0.75),
        ("uniform(07:00, 10:00)", 8.5, 3 / np.sqrt(12)),
        ("normal(2024-03-12 08:15, 45 min)", 8.25, 0.75),
        ("uniform(2024-03-12 07:00, 2024-03-12 10:00)", 8.5, 3 / np.sqrt(12)),
        ("choice([07:00, 10:00])", 8.5, 1.5),
        ("08:00 + uniform(0 min, 30 min)", 8.25, 0.5 / np.sqrt(12)),
        ("normal(06:00 + 2 h, 10 min)", 8.0, 1 / 6),
    ],
)
def test_clock_times_are_drawn_around_the_wall_clock(arrival: str, mean: float, deviation: float) -> None:
    found = vehicles(fleet(count="5000", arrival=arrival)).arrival
    assert found.mean() == pytest.approx(mean, abs=4 * deviation / np.sqrt(5000))
    assert found.std() == pytest.approx(deviation, rel=0.05)


@pytest.mark.parametrize(("day", "shift"), [("2024-03-31", -1.0), ("2024-03-12", 0.0), ("2024-10-27", 1.0)])
def test_drawn_clock_times_follow_the_clocks_when_they_change(day: str, shift: float) -> None:
    plain = vehicles(fleet()).arrival
    found = vehicles(fleet(), head=HEAD.replace("2024-03-12", day)).arrival
    assert_allclose(found, plain + shift)


def test_a_date_may_be_drawn_around_too() -> None:
    head = HEAD.replace("horizon = 24 h", "horizon = 3 d")
    found = vehicles(fleet(arrival="normal(2024-03-14 08:15, 5 min)"), head=head).arrival
    assert_allclose(found, 56.25, atol=0.5)
    assert_allclose(found, vehicles(fleet(arrival="normal(08:15 + 2 d, 5 min)"), head=head).arrival)


def test_a_share_of_what_the_stay_can_carry() -> None:
    found = vehicles(
        fleet(soc_target="", energy="uniform(0, 1) * max_energy", soc_arrival="10 %", stay="2 h")
    )
    assert (found.demand <= 22.0).all()
    assert found.demand.max() > 15.0
    half = vehicles(fleet(soc_target="", energy="0.5 * max_energy", stay="2 h"))
    assert_allclose(half.demand, 11.0)


# Truncation


def test_values_without_a_meaning_are_drawn_again() -> None:
    found = vehicles(
        fleet(
            count="2000",
            arrival="normal(00:30, 2 h)",
            stay="normal(1 h, 3 h)",
            soc_arrival="normal(50 %, 40 %)",
            soc_target="normal(50 %, 40 %)",
        )
    )
    assert found.arrival.min() >= 0
    assert (found.departure - found.arrival).min() > 0
    assert found.initial.min() >= 5.2
    assert found.initial.max() <= 46.8 + 1e-9
    assert found.target.min() >= 5.2
    energies = drawn("normal(1 kWh, 5 kWh)")
    assert energies.min() >= 0


def test_truncation_keeps_the_shape_of_what_is_left() -> None:
    found = drawn("normal(0 kWh, 5 kWh)")
    # Half a normal distribution: its mean is the deviation times the root of (2/pi).
    assert found.mean() == pytest.approx(5 * np.sqrt(2 / np.pi), rel=0.03)


def test_what_has_a_meaning_is_not_drawn_again() -> None:
    wide = vehicles(fleet(count="500", soc_arrival="uniform(10 %, 90 %)"))
    beyond = vehicles(fleet(count="500", soc_arrival="normal(50 %, 10 %)"))
    again = vehicles(fleet(count="500", soc_arrival="normal(50 %, 10 %)", stay="1 h"))
    assert np.array_equal(beyond.initial, again.initial)
    assert len(np.unique(wide.initial)) == 500


def test_redrawing_stops_where_nothing_comes() -> None:
    calls = []

    def values() -> np.ndarray:
        calls.append(1)
        return np.array([-1.0, 1.0])

    assert truncate_draws(values, lambda found, _: found > 0, 2) is None
    assert len(calls) == ATTEMPTS + 1


@pytest.mark.parametrize(
    ("setting", "distribution", "message"),
    [
        ("arrival", "normal(08:15 + 3 d, 45 min)", "`arrival` of `day` is hardly ever inside the horizon"),
        ("stay", "normal(-9 h, 1 min)", "`stay` of `day` is hardly ever above zero"),
        ("stay", "poisson(0) * 1 h", "`stay` of `day` is hardly ever above zero"),
        ("departure", "normal(02:00, 1 min)", "`departure` of `day` is hardly ever after the arrival"),
        (
            "soc_arrival",
            "normal(5 %, 0.1 %)",
            "`soc_arrival` of `day` is hardly ever inside the bounds of the class",
        ),
        (
            "soc_target",
            "normal(99 %, 0.1 %)",
            "`soc_target` of `day` is hardly ever inside the bounds of the class",
        ),
        ("energy", "normal(-9 kWh, 1 kWh)", "`energy` of `day` is hardly ever zero or above"),
        ("priority", "normal(-9, 1)", "`priority` of `day` is hardly ever zero or above"),
    ],
)
def test_a_distribution_that_never_gives_a_value_with_a_meaning_is_refused(
    setting: str, distribution: str, message: str
) -> None:
    changes = {setting: distribution}
    if setting == "departure":
        changes["stay"] = ""
    if setting == "energy":
        changes |= {"soc_arrival": "", "soc_target": ""}
    data, found = loaded(HEAD + fleet(**changes) + OBJECTIVE)
    assert data is None
    assert [(one.code, one.message) for one in found] == [("E510", message)]
    assert found[0].help
    assert found[0].span is not None
    assert found[0].span.text == distribution


def test_a_division_by_what_is_drawn_as_zero_is_refused() -> None:
    data, found = loaded(HEAD + fleet(stay="8 h / poisson(1)") + OBJECTIVE)
    assert data is None
    assert [one.code for one in found] == ["E307"]


@pytest.mark.parametrize(
    "draw",
    [
        ("beta", (1e-300, 1e-300)),
        ("beta", (1e12, 1e-12)),
        ("normal", (1e12, 1e12)),
        ("lognormal", (5e-324, 1e12)),
        ("lognormal", (1e12, 5e-324)),
        ("uniform", (-1e12, 1e12)),
        ("poisson", (1e9,)),
    ],
)
def test_no_parameters_that_are_accepted_make_a_sampler_fail(draw: tuple[str, tuple[float, ...]]) -> None:
    place = Span(Source("", ""), 0, 0)
    name, numbers = draw
    arguments: tuple[Value, ...] = tuple(Const(number, NUMBER, place) for number in numbers)
    found = sample(
        Draw(name, arguments, 1, NUMBER, place), Stream(Sampling(0), "a", "b").generator(1), 100, float
    )  # type: ignore[arg-type]  # no points in time here
    assert found.shape == (100,)


def test_weights_of_any_size_are_shares() -> None:
    place = Span(Source("", ""), 0, 0)
    values = ListValue(tuple(Const(v, ENERGY, place) for v in (1.0, 2.0)), place)
    for weights in ((1e-300, 1e-300), (1e300, 1e300), (5e-324, 1e12)):
        shares = ListValue(tuple(Const(w, NUMBER, place) for w in weights), place)
        draw = Draw("choice", (values, shares), 1, ENERGY, place)
        assert set(sample(draw, Stream(Sampling(0), "a", "b").generator(1), 50, float)) <= {1.0, 2.0}  # type: ignore[arg-type]  # as above
