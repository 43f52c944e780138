"""The chart of a terminal: its labels, and what it says of exports."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

import evdsl
from evdsl.data.timeline import Timeline
from evdsl.report.run.chart import Curves, chart
from evdsl.report.run.text import text

DAY = Timeline(datetime(2024, 1, 1), ZoneInfo("UTC"), 24, 1.0)
HOUSE = (
    "station s {{\n    start = 2024-01-01\n    horizon = 24 h\n    step = 1 h\n}}\n"
    "grid {{\n    price = 0.10 EUR/kWh\n{grid}}}\n"
    "load house {{\n    power = {{ 00:00: 13.3 kW, 10:00: 2 kW }}\n}}\n{more}minimize cost\n"
)


def lines_of(top: float, bottom: float) -> list[str]:
    curves = Curves(np.linspace(top, 0.0, 24), np.linspace(0.0, bottom, 24), None, None, "EUR/kWh")
    return ["".join(text for text, _ in line) for line in chart(curves, DAY, 80).lines]


@pytest.mark.parametrize("bottom", [0.0, 0.3, 3.3, 12.2, 133.0])
@pytest.mark.parametrize("top", [0.0, 0.07, 1.2, 2.6, 10.7, 13.3, 24.9, 99.9, 101.0, 1234.5, 130_000.0])
def test_the_axis_stands_in_one_column_whatever_is_written_beside_it(top: float, bottom: float) -> None:
    if not top and not bottom:
        return
    lines = [line for line in lines_of(top, bottom) if any(mark in line for mark in "┤│┼")]
    assert len({min(line.index(mark) for mark in "┤│┼" if mark in line) for line in lines}) == 1
    assert max(map(len, lines)) <= 80


def test_a_label_between_round_ones_is_written_whole() -> None:
    spec = evdsl.loads(HOUSE.format(grid="", more=""))
    report = text(evdsl.compile(spec).run("highs"), width=80)
    assert "\n  15 ┤\n" in report
    assert "\n12.5 ┤██" in report
    assert "\n  10 ┤██" in report


def test_what_was_not_exported_is_not_in_the_title() -> None:
    spec = evdsl.loads(HOUSE.format(grid="    feed_in = 0.05 EUR/kWh\n    export_limit = 0 kW\n", more=""))
    result = evdsl.compile(spec).run("highs")
    assert result.schedule is not None
    result.schedule["export"].values[3] = 2e-6  # what a solver may leave
    report = text(result, width=80)
    assert "kW at the connection: 161.0 kWh imported\n" in report
    assert "export, below the axis" not in report
