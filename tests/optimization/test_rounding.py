"""Numbers that are rounding: zero in every report, and nothing is divided by them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from optimization.likes import DUST
from worlds import said

import evdsl
from evdsl.optimization.rounding import Worth, cleared, difference, share_of
from evdsl.report.front.text import rates
from evdsl.report.run.document import document

SOLVERS = ("highs", "scip")


def stored(tmp_path: Path, text: str, name: str = "site.evs") -> str:
    path = tmp_path / name
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(
    ("value", "size", "told"),
    [
        (1e-6, 0.0, 0.0),
        (3e-6, 0.0, 3e-6),
        # Of a million that cancels, a unit is rounding, and ten are not.
        (1.0, 1e6, 0.0),
        (-1.0, 1e6, 0.0),
        (10.0, 1e6, 10.0),
    ],
)
def test_what_is_small_beside_what_cancels_in_it_is_zero(value: float, size: float, told: float) -> None:
    assert cleared(value, size) == told


def test_what_differs_by_rounding_is_the_same_and_a_share_of_nothing_is_none() -> None:
    nothing, little, much = Worth(0.0, 10.0), Worth(1e-6, 10.0), Worth(5.0, 10.0)
    assert difference(nothing, little) == 0.0
    assert difference(nothing, much) == 5.0
    assert share_of(difference(nothing, little), nothing) == 0.0
    assert share_of(difference(nothing, much), nothing) is None
    assert share_of(difference(nothing, much), much) == 1.0


def test_a_weight_does_not_turn_rounding_into_a_value() -> None:
    """1e-6 kWh of `unmet` at 1e5 EUR/kWh."""
    assert difference(Worth(0.0, 0.0, 1e3), Worth(1e-3, 1e-3, 1e3)) == 0.0


@pytest.mark.parametrize("solver", SOLVERS)
def test_what_a_later_stage_spent_is_zero_in_the_report(solver: str) -> None:
    result = evdsl.compile(evdsl.loads(DUST)).run(solver)
    record = json.loads(json.dumps(document(result)))
    assert record["terms"]["unmet"]["value"] == 0.0
    assert record["terms"]["dissatisfaction"]["value"] == 0.0
    assert record["vehicles"][0]["unmet"] == 0.0
    assert record["vehicles"][0]["satisfaction"] == 1.0
    assert record["objective"] == 0.0
    assert record["gap"] == 0.0


def test_the_verdict_keeps_what_it_worked_out() -> None:
    """It shares nothing with what makes reports."""
    result = evdsl.compile(evdsl.loads(DUST)).run("highs")
    assert result.verdict is not None
    assert result.verdict.terms["unmet"] == pytest.approx(1e-6, rel=0.1)


@pytest.mark.parametrize("solver", SOLVERS)
def test_specs_that_come_to_the_same_differ_by_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], solver: str
) -> None:
    first = stored(tmp_path, DUST, "first.evs")
    second = stored(tmp_path, DUST.replace("then minimize peak\n", ""), "second.evs")
    arguments = ("diff", first, second, "--solve", "--backend", solver)
    _, out, _ = said(capsys, *arguments)
    (row,) = [line.split() for line in out.splitlines() if line.strip().startswith("unmet ")]
    assert row == ["unmet", "0.00", "0.00", "0.00", "kWh"]
    _, out, _ = said(capsys, *arguments, "--json")
    assert json.loads(out)["terms"]["unmet"]["difference"] == 0.0


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_price_is_no_multiple_of_rounding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], solver: str
) -> None:
    """As written `unmet` is a millionth above its best; there is nothing that it could be had for."""
    spec = stored(tmp_path, DUST)
    _, out, _ = said(capsys, "price", spec, "unmet", "--backend", solver, "--json")
    choice = json.loads(out)["choices"][0]
    assert choice["gain"]["value"] == 0.0
    assert choice["rate"]["value"] is None
    assert choice["objective"]["loss"] == 0.0
    assert choice["objective"]["relative"] is None


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_front_has_no_points_that_are_apart_by_rounding(solver: str) -> None:
    """One schedule is the best in both: all is delivered, and the peak of 5 kW is all that it takes."""
    text = DUST.replace("minimize unmet\nthen minimize peak", "disable partial_charging\npareto unmet, peak")
    front = evdsl.front(evdsl.loads(text), solver)
    assert [point.end for point in front.points] == ["both"]
    assert front.points[0].values == pytest.approx((0.0, 5.0), abs=1e-5)
    assert front.points[0].values[0] == 0.0
    assert rates(front) == [None]
