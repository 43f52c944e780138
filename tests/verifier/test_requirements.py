"""The verifier says which requirement is not kept, where and by how much."""

from __future__ import annotations

import numpy as np
import pytest
from model.depot import DEPOT, requiring

import evdsl
from evdsl.optimization.problem import compile_spec


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "charge[v, t] <= 5 kW for v in vans, t in steps",
            "has 5.5 kW on its left and 5 kW on its right for `vans.1` at 2024-03-12 02:00: 0.5 kW too much",
        ),
        (
            "charge[f, t] <= 10 kW for f in fleets, t in steps",
            "has 10.5 kW on its left and 10 kW on its right for `vans` at 2024-03-12 02:00: 0.5 kW too much",
        ),
        (
            "10 kWh >= sum(t in 02:00 .. 03:00: import[t]) * step",
            "has 10 kWh on its left and 10.5 kWh on its right: 0.5 kWh too little",
        ),
    ],
)
def test_the_verifier_names_what_is_not_kept(statement: str, told: str) -> None:
    """0.5 kW more for the first van in the third hour, and all that follows from it."""
    spec = evdsl.loads(requiring("charge[v, t] == 5 kW for v in vans, t in steps"))
    schedule = compile_spec(spec).solve("highs")
    changed = schedule.copy(deep=True)
    changed["charge"][0, 2] += 0.5
    changed["energy"][0, 3] += 0.5
    changed["energy_departure"][0] += 0.5
    changed["delivered"][0] += 0.5
    changed["import"][2] += 0.5
    other = evdsl.loads(requiring(statement))
    del changed.attrs["digest"]
    for name in ("terms", "stages"):
        del changed.attrs[name]
    verdict = evdsl.verify(other, changed)
    (violation,) = verdict.violations
    assert (violation.rule, violation.message) == ("require", f"`r0` ({statement}) {told}")
    assert violation.size == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("statement", "sizes"),
    [
        ("min(v in vans: charge[v, t]) >= 5.2 kW for t in 02:00 .. 03:00", [0.2]),
        ("max(v in vans: charge[v, t]) <= 5.2 kW for t in 02:00 .. 03:00", [0.3]),
        ("mean(v in vans: charge[v, t]) <= 5 kW for t in steps", [0.25]),
        ("charge[v, t] <= min(9 kW, need[v] / 1 h, 5 kW) for v in vans, t in steps", [0.5]),
        ("charge[v, t] >= max(4 kW, need[v] / 4 h, 5.5 kW) for v in vans, t in 02:00 .. 03:00", [0.5]),
        ("import[t] - charge[vans, t] >= 0.1 kW for t in 02:00 .. 04:00", [0.1, 0.1]),
        ("import[t] / 2 <= 5 kW for t in steps", [0.25]),
        ("2 * import[t] + 1 kW <= 21 kW for t in steps", [1.0]),
        ("delivered[v] == 20 kWh for v in vans", [0.5]),
        ("delivered[v] >= need[v] + 0.2 kWh for v in vans", [0.2]),
        ("soc[v, t] <= 0.5 for v in vans, t in 03:00 .. 04:00", [0.01]),
    ],
)
def test_the_verifier_says_by_how_much_a_requirement_is_missed(statement: str, sizes: list[float]) -> None:
    """0.5 kW more for the first van in the third hour, and all that follows from it."""
    spec = evdsl.loads(requiring("charge[v, t] == 5 kW for v in vans, t in steps"))
    changed = compile_spec(spec).solve("highs").copy(deep=True)
    for name, place in (
        ("charge", (0, 2)),
        ("energy", (0, 3)),
        ("energy_departure", (0,)),
        ("delivered", (0,)),
    ):
        changed[name][place] += 0.5
    changed["import"][2] += 0.5
    for name in ("digest", "terms", "stages"):
        del changed.attrs[name]
    verdict = evdsl.verify(evdsl.loads(requiring(statement)), changed)
    assert [found.rule for found in verdict.violations] == ["require"] * len(sizes)
    assert [found.size for found in verdict.violations] == pytest.approx(sizes, abs=1e-6)


def test_the_verifier_accepts_what_is_kept_to_the_tolerance() -> None:
    spec = evdsl.loads(requiring("import[t] <= 12 kW for t in steps"))
    schedule = compile_spec(spec).solve("highs")
    schedule["import"][0] += 5e-6
    assert not [v for v in evdsl.verify(spec, schedule).violations if v.rule == "require"]


def test_the_verifier_counts_every_cell() -> None:
    spec = evdsl.loads(DEPOT)
    schedule = compile_spec(spec).solve("highs")
    del schedule.attrs["digest"]
    verdict = evdsl.verify(evdsl.loads(requiring("charge[v, t] <= 1 kW for t in steps, v in vans")), schedule)
    assert verdict.counts == {"require": 4}
    assert {violation.step for violation in verdict.violations} == {0, 1}
    assert np.allclose([violation.size for violation in verdict.violations], 9.0)
