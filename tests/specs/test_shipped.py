"""Every spec that is shipped: canonical, solved, verified, and the same on both solvers."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import OF_SCENARIOS, SPECS

import evdsl
from evdsl.diagnostics.source import Source
from evdsl.syntax.formatter import format
from evdsl.syntax.parser import parse

SHIPPED = sorted(SPECS.rglob("*.evs"))
MONTH = "jpl_july.evs"  # a minute on SCIP: solved on HiGHS below, on both by `bench/july.py`


def identity(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def run(path: Path, solver: str, folder: Path) -> evdsl.Result:
    result = evdsl.compile(evdsl.load(path, data=folder)).run(solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.verdict is not None
    assert result.verdict.ok, result.verdict.violations[:3]
    return result


@pytest.mark.parametrize("path", SHIPPED, ids=identity)
def test_a_shipped_spec_is_in_canonical_form(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    file, found = parse(Source(path.name, text))
    assert not found
    assert format(file) == text


@pytest.mark.parametrize(
    "path", [p for p in SHIPPED if p.name != MONTH and p.parent != OF_SCENARIOS], ids=identity
)
def test_both_solvers_agree_on_a_shipped_spec(path: Path, data_folder: Path) -> None:
    highs, scip = (run(path, solver, data_folder) for solver in ("highs", "scip"))
    for one, other in zip(highs.stages, scip.stages, strict=True):
        assert one.value == pytest.approx(other.value, rel=1e-6, abs=1e-6)


@pytest.mark.slow
def test_a_month_of_1489_sessions_solves_in_one_run(data_folder: Path) -> None:
    path = next(path for path in SHIPPED if path.name == MONTH)
    result = run(path, "highs", data_folder)
    assert result.schedule is not None
    assert result.schedule.sizes["vehicle"] == 1489
    assert "visit" in result.schedule.dims
    assert result.terms["peak"] <= 195.0 + 1e-6
