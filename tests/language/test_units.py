"""What units stand for, and how quantities are named in messages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evdsl.language import units
from evdsl.language.units import Dimension, Unit


def read(text: str) -> Unit:
    unit = units.parse(text)
    assert isinstance(unit, Unit), f"{unit} is not known"
    return unit


@pytest.mark.parametrize(
    ("text", "dimension", "factor"),
    [
        ("W", units.POWER, 0.001),
        ("kW", units.POWER, 1),
        ("MW", units.POWER, 1000),
        ("Wh", units.ENERGY, 0.001),
        ("kWh", units.ENERGY, 1),
        ("MWh", units.ENERGY, 1000),
        ("GWh", units.ENERGY, 1e6),
        ("s", units.TIME, 1 / 3600),
        ("min", units.TIME, 1 / 60),
        ("h", units.TIME, 1),
        ("d", units.TIME, 24),
        ("g", units.MASS, 0.001),
        ("kg", units.MASS, 1),
        ("t", units.MASS, 1000),
        ("%", units.NUMBER, 0.01),
        ("%/h", units.RATE, 0.01),
        ("%/d", units.RATE, 0.01 / 24),
        ("EUR", units.MONEY, 1),
        ("ct", units.MONEY, 0.01),
        ("EUR/kWh", units.MONEY_PER_ENERGY, 1),
        ("EUR/MWh", units.MONEY_PER_ENERGY, 0.001),
        ("ct/kWh", units.MONEY_PER_ENERGY, 0.01),
        ("USD/kW", units.MONEY_PER_POWER, 1),
        ("EUR/t", units.MONEY_PER_MASS, 0.001),
        ("g/kWh", units.MASS_PER_ENERGY, 0.001),
        ("lb/MWh", units.MASS_PER_ENERGY, 0.00045359237),
        ("EUR/kW/h", units.MONEY_PER_ENERGY, 1),
        ("EUR/kW/year", units.MONEY_PER_ENERGY, 1 / 8766),
        ("%/year", units.RATE, 0.01 / 8766),
        ("vehicles/year", units.RATE, 1 / 8766),
        (" EUR / kWh ", units.MONEY_PER_ENERGY, 1),
    ],
)
def test_a_unit_stands_for_a_dimension_and_a_size(text: str, dimension: Dimension, factor: float) -> None:
    unit = read(text)
    assert unit.dimension == dimension
    assert unit.factor == pytest.approx(factor, rel=1e-12)


def test_a_year_stands_behind_a_stroke_alone() -> None:
    assert units.parse("year") == "year"
    assert units.parse("year/kWh") == "year"
    assert units.mended("EUR/kW/years") == "EUR/kW/year"
    assert units.mended("years") == ""


def test_a_power_for_an_hour_is_an_energy() -> None:
    assert read("kWh/h")[:2] == read("kW")[:2]
    assert read("MWh/h").factor == read("MW").factor
    assert units.POWER.times(units.TIME) == units.ENERGY
    assert units.ENERGY.times(units.TIME) == units.ENERGY_TIME
    assert units.MONEY_PER_ENERGY.times(units.ENERGY) == units.MONEY
    assert units.MASS_PER_ENERGY.times(units.MONEY_PER_MASS) == units.MONEY_PER_ENERGY


def test_a_unit_knows_its_currency() -> None:
    assert read("GBP/kWh").currency == "GBP"
    assert read("EUR/EUR").currency == "EUR"
    assert read("ct/kWh").currency is None
    assert read("kW").currency is None


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("kw", "kw"),
        ("eur/kWh", "eur"),
        ("EUR/kwh", "kwh"),
        ("kW/", ""),
        ("", ""),
        ("/kWh", ""),
        ("EUR/USD", "USD"),
        ("minutes", "minutes"),
        ("XXX", "XXX"),
    ],
)
def test_an_unknown_unit_is_answered_with_the_part_that_is_not_known(text: str, unknown: str) -> None:
    assert units.parse(text) == unknown


def test_every_known_unit_is_one() -> None:
    known = units.unit_names()
    assert {"kW", "kWh", "min", "%", "EUR", "JPY"} <= set(known)
    assert all(isinstance(units.parse(text), Unit) for text in known)
    assert known.index("kW") < known.index("EUR") < known.index("AED")


def test_no_word_is_a_currency_and_another_unit() -> None:
    assert not units.CURRENCIES.intersection(units.SIMPLE)
    assert all(len(code) == 3 and code.isupper() for code in units.CURRENCIES)


@pytest.mark.parametrize(
    ("dimension", "text"),
    [
        (units.NUMBER, ""),
        (units.ENERGY, "kWh"),
        (units.POWER, "kW"),
        (units.TIME, "h"),
        (units.MONEY, "EUR"),
        (units.MASS, "kg"),
        (units.ENERGY_TIME, "kWh*h"),
        (units.MONEY_PER_ENERGY, "EUR/kWh"),
        (units.MONEY_PER_POWER, "EUR/kW"),
        (units.MONEY_PER_MASS, "EUR/kg"),
        (units.MASS_PER_ENERGY, "kg/kWh"),
        (units.MONEY.per(units.TIME), "EUR/h"),
        (units.NUMBER.per(units.ENERGY), "1/kWh"),
        (units.ENERGY.times(units.ENERGY), "kWh^2"),
        (units.MONEY.per(units.ENERGY).per(units.ENERGY), "EUR/kWh^2"),
        (units.POWER.per(units.TIME), "kW/h"),
        (units.POWER.times(units.POWER), "kW^2"),
        (units.MONEY.times(units.POWER), "EUR*kW"),
    ],
)
def test_a_dimension_is_written_in_canonical_units(dimension: Dimension, text: str) -> None:
    assert units.symbol(dimension) == text


def test_a_price_is_written_in_the_currency_of_the_spec() -> None:
    assert units.symbol(units.MONEY_PER_ENERGY, "CHF") == "CHF/kWh"
    assert units.expected_unit(units.MONEY, "CHF") == "CHF"
    assert units.format_value(0.157, units.MONEY_PER_ENERGY, "GBP") == "0.157 GBP/kWh"


def test_a_dimension_is_described_in_words() -> None:
    assert units.describe(units.POWER) == "a power"
    assert units.describe(units.NUMBER) == "a plain number"
    assert units.describe(units.MONEY.per(units.TIME), "USD") == "a quantity in USD/h"
    assert units.expected_unit(units.NUMBER) == "% or a plain number"
    assert units.expected_unit(units.POWER) == "kW"


@pytest.mark.parametrize(
    ("value", "dimension", "text"),
    [
        (22.0, units.POWER, "22 kW"),
        (0.1 + 0.2, units.ENERGY, "0.3 kWh"),
        (0.85, units.NUMBER, "0.85"),
        (-1.5, units.MONEY, "-1.5 EUR"),
        (0.0, units.MASS, "0 kg"),
        (1e12, units.ENERGY, "1e+12 kWh"),
    ],
)
def test_a_value_is_written_as_a_spec_would(value: float, dimension: Dimension, text: str) -> None:
    assert units.format_value(value, dimension) == text


dimensions = st.builds(Dimension, *[st.integers(-3, 3)] * 4)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(dimensions, dimensions)
def test_dimensions_multiply_and_divide_like_numbers(one: Dimension, other: Dimension) -> None:
    assert one.times(other) == other.times(one)
    assert one.times(other).per(other) == one
    assert one.per(one) == units.NUMBER


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.lists(st.sampled_from(sorted({*units.SIMPLE, "EUR"})), min_size=1, max_size=4))
def test_a_unit_is_the_first_of_its_parts_over_the_others(parts: list[str]) -> None:
    unit = read("/".join(parts))
    first, *below = [read(part) for part in parts]
    dimension, factor = first.dimension, first.factor
    for part in below:
        dimension, factor = dimension.per(part.dimension), factor / part.factor
    assert unit.dimension == dimension
    assert unit.factor == pytest.approx(factor)
    assert units.describe(dimension)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.text(max_size=8))
def test_no_text_stops_the_reading_of_units(text: str) -> None:
    found = units.parse(text)
    assert isinstance(found, Unit) or found in [part.strip() for part in text.split("/")]


@settings(derandomize=True, deadline=None, max_examples=200)
@given(dimensions)
def test_different_dimensions_are_written_differently(dimension: Dimension) -> None:
    """A message that says two units differ shows that they do."""
    for change in (units.ENERGY, units.TIME, units.MONEY, units.MASS, units.POWER):
        assert units.symbol(dimension) != units.symbol(dimension.times(change))
