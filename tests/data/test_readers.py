"""Every format of a value over time becomes the same piecewise value by a reader of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from data.days import SHORT, resolved, timeline_of

from evdsl.data.piecewise import Origin, Piecewise, means
from evdsl.data.readers import READERS, piecewise_of
from evdsl.diagnostics.source import Source, Span
from evdsl.language.units import MONEY_PER_ENERGY
from evdsl.language.values import Calendar, Const, Daily, FileSeries, FileTariff, TextValue, Value

HERE = Span(Source("t.evs", "x"), 0, 1)


def formats(folder: Path) -> dict[str, Value]:
    """The price of 1 until 12:00 and 2 after it, as far as each format can say it."""
    (folder / "p.csv").write_text(
        "time,p\n2024-03-31 12:00,2000\n2024-03-30 12:00,1000\n2024-04-01 12:00,3\n"
    )
    (folder / "t.json").write_text(
        '{"schedule": [{"effective_start": "01-01", "effective_end": "12-31", "dow_mask": "ALL", '
        '"times": [0, 12], "tariffs": [1, 2]}]}'
    )
    file, tariff = folder / "p.csv", folder / "t.json"
    return {
        "constant": Const(1.0, MONEY_PER_ENERGY, HERE),
        "daily": Daily(((0.0, 1.0), (12.0, 2.0)), MONEY_PER_ENERGY, HERE),
        "calendar": calendar_of("{ sun: { 00:00: 1 EUR/kWh, 12:00: 2 EUR/kWh }, all: 3 EUR/kWh }"),
        "column": FileSeries(file, "p.csv", "", "", "hold", 0.001, MONEY_PER_ENERGY, HERE, "EUR/MWh"),
        "tariff": FileTariff(tariff, "t.json", 1.0, MONEY_PER_ENERGY, HERE, "EUR/kWh"),
    }


def calendar_of(table: str) -> Value:
    spec, found = resolved(start=SHORT, price=table)
    assert spec is not None, found
    return spec.named("grid", "").settings["price"]


def test_every_format_has_a_reader() -> None:
    assert {form for form, _ in READERS} == {Const, Daily, Calendar, FileSeries, FileTariff}


@pytest.mark.parametrize("name", ["daily", "calendar", "column", "tariff"])
def test_the_same_price_is_the_same_value_whatever_says_it(name: str, tmp_path: Path) -> None:
    """On a day of 23 hours, on which noon is 11 hours after the start."""
    timeline = timeline_of(SHORT)
    value = piecewise_of(formats(tmp_path)[name], timeline)
    assert isinstance(value, Piecewise)
    assert value.method == "hold"
    assert value.end >= timeline.horizon == 23.0
    middles = np.arange(23) + 0.5
    piece = np.searchsorted(value.instants, middles, side="right") - 1
    assert value.values[piece].tolist() == [1.0] * 11 + [2.0] * 12
    assert means(value, timeline).tolist() == [1.0] * 11 + [2.0] * 12


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("constant", Origin("a constant")),
        ("daily", Origin("a daily table", clocks="on the clocks of Europe/Rome")),
        ("calendar", Origin("a table by day", clocks="on the clocks of Europe/Rome")),
        ("column", Origin('column "p" of p.csv', "EUR/MWh", "on the clocks of Europe/Rome", "every 23.5 h")),
        ("tariff", Origin("the tariff in t.json", "EUR/kWh", "on the clocks of Europe/Rome")),
    ],
)
def test_a_value_says_where_it_came_from(name: str, origin: Origin, tmp_path: Path) -> None:
    value = piecewise_of(formats(tmp_path)[name], timeline_of(SHORT))
    assert isinstance(value, Piecewise)
    assert value.origin == origin


def test_a_text_is_no_value_over_time() -> None:
    with pytest.raises(TypeError, match="TextValue is not a value over time"):
        piecewise_of(TextValue("x", HERE), timeline_of(SHORT))
