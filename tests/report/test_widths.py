"""Reports in the width of the terminal: nothing is cut that says what a number is."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import said

import evdsl
from evdsl.report.front.text import text as front_text

ROOF = """
station s {
    start   = 2026-06-15
    horizon = 24 h
    step    = 1 h
}
grid {
    price = 0.30 EUR/kWh
}
load house {
    power = 10 kW
}
solar roof {
    SUN
}
class car {
    charge = 11 kW
}
vehicle a of car {
    arrival = 00:00
    stay    = 24 h
    energy  = 5 kWh
}
disable partial_charging
minimize cost
"""

FRONT = """
station s {
    start   = 2024-03-12
    horizon = 4 h
    step    = 1 h
}
grid {
    price        = { 00:00: 0.10 EUR/kWh, 02:00: 0.30 EUR/kWh }
    carbon       = { 00:00: 500 g/kWh, 02:00: 100 g/kWh }
    import_limit = 12 kW
}
class car {
    charge = 11 kW
}
vehicle a of car {
    arrival = 00:00
    stay    = 4 h
    energy  = 30 kWh
}
pareto cost + 0.40 EUR/kWh * unmet + 0.10 EUR/kW * peak, co2 + 0.02 kg/kWh * unmet points 3
"""


@pytest.mark.parametrize(
    ("sun", "told"),
    [
        # 3 kW for two hours at 0.30: a percent is 0.06 kWh.
        (
            "power = { 00:00: 0 kW, 11:00: 3 kW, 13:00: 0 kW }",
            "1 % saves 0.018 EUR costs 0.018 EUR 2 steps, 11:00..13:00",
        ),
        # 6 kW at half of it: a kW of peak is a kWh.
        (
            "peak = 6 kW\n    profile = { 00:00: 0, 11:00: 0.5, 13:00: 0 }",
            "1 kW saves 0.30 EUR costs 0.30 EUR 2 steps, 11:00..13:00",
        ),
    ],
)
def test_a_roof_is_priced_where_it_gives_something(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], sun: str, told: str
) -> None:
    path = tmp_path / "roof.evs"
    path.write_text(ROOF.replace("SUN", sun))
    _, out, _ = said(capsys, "explain", str(path))
    assert told in " ".join(out.split())


def test_a_load_that_changes_is_priced_in_proportion_and_a_flat_one_by_the_kilowatt(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "load.evs"
    text = ROOF.replace("SUN", "power = 0 kW")
    path.write_text(text)
    _, out, _ = said(capsys, "explain", str(path))
    assert "1 kW costs 7.20 EUR saves 7.20 EUR" in " ".join(out.split())
    path.write_text(text.replace("power = 10 kW", "power = { 00:00: 5 kW, 12:00: 15 kW }"))
    _, out, _ = said(capsys, "explain", str(path))
    # 240 kWh at 0.30.
    assert "1 % costs 0.72 EUR saves 0.72 EUR" in " ".join(out.split())


@pytest.mark.parametrize("width", [60, 80, 100, 120])
def test_no_line_of_an_explanation_is_wider_than_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    path = tmp_path / "roof.evs"
    path.write_text(ROOF.replace("SUN", "power = { 00:00: 0 kW, 11:00: 3 kW, 13:00: 0 kW }"))
    _, out, _ = said(capsys, "explain", str(path))
    assert max(map(len, out.splitlines())) <= width


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_of_the_price_of_a_choice_is_wider_than_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    path = tmp_path / "front.evs"
    objective = "minimize cost + 0.40 EUR/kWh * unmet + 0.10 EUR/kW * peak\n"
    path.write_text(FRONT[: FRONT.index("pareto")] + objective)
    status, out, _ = said(capsys, "price", str(path), "co2", "fairness")
    assert status == 0
    assert max(map(len, out.splitlines())) <= width
    assert objective.strip() in " ".join(out.split())


def test_a_wide_terminal_has_each_price_on_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    path = tmp_path / "roof.evs"
    path.write_text(ROOF.replace("SUN", "power = 0 kW"))
    _, out, _ = said(capsys, "explain", str(path))
    (line,) = [line for line in out.splitlines() if "power = 10 kW" in line]
    assert line.split() == (
        "line 11 power = 10 kW load house 1 kW costs 7.20 EUR saves 7.20 EUR 24 steps, 00:00..00:00".split()
    )


@pytest.fixture(scope="module")
def front() -> evdsl.Front:
    return evdsl.front(evdsl.loads(FRONT), "highs")


def test_a_front_of_expressions_tells_cost_unmet_and_peak(front: evdsl.Front) -> None:
    lines = front_text(front, width=100).splitlines()
    assert "first      minimize cost + 0.40 EUR/kWh * unmet + 0.10 EUR/kW * peak" in lines
    assert "second     minimize co2 + 0.02 kg/kWh * unmet" in lines
    (titles,) = [line.split() for line in lines if "EUR/kg " in line]
    assert " ".join(titles) == "first EUR second kg EUR/kg cost EUR co2 kg unmet kWh fairness peak kW"


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_expression_of_a_front_is_cut(front: evdsl.Front, width: int) -> None:
    text = front_text(front, width=width)
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width


def test_an_axis_is_told_in_full_where_it_fits(front: evdsl.Front) -> None:
    lines = front_text(front, width=80).splitlines()
    assert "co2 + 0.02 kg/kWh * unmet, kg (less is better)" in lines
    assert lines[-4].strip() == "cost + 0.40 EUR/kWh * unmet + 0.10 EUR/kW * peak, EUR (less is better)"


def test_what_a_narrow_front_leaves_out_is_said(front: evdsl.Front) -> None:
    narrow, wide = (" ".join(front_text(front, width=width).split()) for width in (60, 120))
    assert "a wider terminal has columns for" in narrow
    assert "`--json` has all" in narrow
    assert "a wider terminal" not in wide
