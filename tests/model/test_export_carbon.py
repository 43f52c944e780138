"""Emissions that exported energy spares are taken off those of what is imported."""

from __future__ import annotations

import pytest
from worlds import FEATURES

import evdsl
from evdsl.model.lower import lower
from evdsl.optimization.problem import compile_spec
from evdsl.solver.backend import Backend
from evdsl.solver.discovery import find
from evdsl.testing import claims, misses

TEXT = (FEATURES / "export_carbon.evs").read_text(encoding="utf-8")


def solved(text: str, solver: str) -> evdsl.Result:
    result = evdsl.compile(evdsl.loads(text)).run(solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.schedule is not None
    assert result.verdict is not None
    assert result.verdict.ok, result.verdict.violations[:3]
    found = (
        *misses(result.spec, result.data, result.schedule),
        *claims(result.spec, result.data, result.schedule),
    )
    assert [str(miss) for miss in found if miss.wrong] == []
    return result


@pytest.mark.parametrize(
    ("spared", "co2"),
    [
        ("300 g/kWh", 0.0),
        ("450 g/kWh", -0.25),
        ("{ 00:00: 450 g/kWh, 01:00: 0 g/kWh }", -0.25),
        ("0 g/kWh", 0.0),
    ],
)
def test_what_exports_spare_is_taken_off(solver: str, spared: str, co2: float) -> None:
    result = solved(TEXT.replace("450 g/kWh", spared), solver)
    assert result.stages[0].value == pytest.approx(co2, abs=1e-7)
    assert result.terms["co2"] == pytest.approx(co2, abs=1e-7)


def test_nothing_is_spared_by_what_passes_through(solver: str) -> None:
    """With `import_or_export` off, up to 10 kW pass through in each hour, and spare 50 g for each kWh."""
    through = solved(f"disable import_or_export\n{TEXT}", solver)
    # Hour 1: 10 out, 5 in. Hour 2: 10 out, 15 in.
    assert through.stages[0].value == pytest.approx(0.4 * 20 - 0.45 * 20, abs=1e-7)
    apart = solved(TEXT, solver)
    assert apart.schedule is not None
    assert float((apart.schedule["import"] * apart.schedule["export"]).max()) <= 1e-9


@pytest.mark.parametrize(("spared", "count"), [("300", 0), ("400", 0), ("450", 2)])
def test_the_connection_keeps_its_binaries_where_exports_spare_more(spared: str, count: int) -> None:
    backend = find("highs")
    assert isinstance(backend, Backend)
    program = compile_spec(evdsl.loads(TEXT.replace("450 g", f"{spared} g"))).program
    model = lower(program, backend.capabilities).program.model
    name = "grid.import_or_export.second"
    assert (model.variables[name].size if name in model.variables else 0) == count
