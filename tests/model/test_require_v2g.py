"""`require` of what is given back, and the rewrites that leave binaries out."""

from __future__ import annotations

import pytest
from model.depot import best, on_solvers

import evdsl
from evdsl.model.lower import lower
from evdsl.optimization.problem import compile_spec
from evdsl.solver.solution import Status

V2G = """\
station depot {
    start   = 2024-03-12
    horizon = 2 h
    step    = 1 h
}
grid {
    price   = { 00:00: 0.1 EUR/kWh, 01:00: 0.5 EUR/kWh }
    feed_in = { 00:00: 0.1 EUR/kWh, 01:00: 0.5 EUR/kWh }
}
class van {
    battery   = 50 kWh
    charge    = 10 kW
    discharge = 10 kW
}
vehicle van of van {
    arrival     = 00:00
    stay        = 2 h
    soc_arrival = 40 %
    soc_target  = 40 %
}
enable v2g
minimize cost
"""


@pytest.mark.parametrize(
    ("statement", "optimum", "solver"),
    on_solvers(
        ("discharge[van, t] <= 4 kW for t in steps", 0.4 - 2.0),
        ("export[t] <= 3 kW for t in steps", 0.3 - 1.5),
        ("sum(t in steps: feed_in[t] * export[t]) * step <= 2 EUR", 0.4 - 2.0),
        ("export_revenue <= 2 EUR", 0.4 - 2.0),
        ("discharged <= 4 kWh", 0.4 - 2.0),
        ("energy[van, 01:00] <= 24 kWh", 0.4 - 2.0),
        ("soc[van, 01:00] == 45 %", 0.25 - 1.25),
        ("delivered[van] >= 2 kWh", 1.0 - 8 * 0.5),
    ),
)
def test_what_is_given_back_is_required(statement: str, optimum: float, solver: str) -> None:
    assert best(f"{V2G}require r: {statement}\n", solver) == pytest.approx(optimum)


def test_no_binaries_are_left_out_where_a_requirement_speaks_of_the_flows(solver: str) -> None:
    """Discharging in every step would ask for turning energy round, which `exclusive` forbids."""
    text = f"{V2G}require turn: discharge[van, t] >= 4 kW for t in steps\n"
    assert compile_spec(evdsl.loads(text)).run(solver).status is Status.INFEASIBLE
    free = compile_spec(evdsl.loads(text + "disable exclusive\n")).run(solver)
    assert free.status is Status.OPTIMAL
    export = f"{V2G}require both: import[t] + export[t] >= 25 kW for t in steps\n"
    assert compile_spec(evdsl.loads(export)).run(solver).status is Status.INFEASIBLE
    crossing = compile_spec(evdsl.loads(export + "disable import_or_export\n")).run(solver)
    assert crossing.status is Status.OPTIMAL
    assert crossing.verdict is not None
    assert crossing.verdict.ok


def taken(text: str) -> dict[str, str]:
    """The rewrites of a spec, by what they stand for."""
    from evdsl.solver.discovery import find

    backend = find("highs")
    problem = compile_spec(evdsl.loads(text))
    applied = lower(problem.program, backend.capabilities).applied  # type: ignore[union-attr]  # it is installed
    return {step.requirement: step.rewrite for step in applied}


@pytest.mark.parametrize(
    ("term", "exclusive", "crossing"),
    [
        ("0.5 EUR/kWh * max(unmet, 2 kWh)", "exclusive_to_nothing", "crossing_to_nothing"),
        ("0.5 EUR/kW * max(peak, 2 kW)", "exclusive_to_nothing", "crossing_to_nothing"),
        # Energy that is turned round, or taken and given at once, would come nearer to what is wanted.
        ("0.5 EUR/kWh * max(25 kWh - discharged, 0 kWh)", "exclusive_to_binary", "crossing_to_nothing"),
        ("max(energy_cost, 2 EUR)", "exclusive_to_nothing", "exclusive_to_binary"),
        ("max(9 EUR - export_revenue, 0 EUR)", "exclusive_to_nothing", "exclusive_to_binary"),
        (
            "0.1 EUR/kW * sum(t in steps: max(20 kW - import[t], 0 kW))",
            "exclusive_to_binary",
            "exclusive_to_binary",
        ),
    ],
)
def test_a_rewrite_says_whether_a_term_stands_against_it(term: str, exclusive: str, crossing: str) -> None:
    text = V2G.replace("minimize cost", f"minimize cost + {term}")
    assert taken(text) == {"vehicle.exclusive": exclusive, "grid.import_or_export": crossing}
    values = {}
    for solver in ("highs", "scip"):
        for without in ((), ("exclusive_to_nothing", "crossing_to_nothing")):
            result = compile_spec(evdsl.loads(text)).run(solver, without=without)
            assert result.status is Status.OPTIMAL
            assert result.verdict is not None
            assert result.verdict.ok
            values[solver, without] = result.stages[0].value
    assert max(values.values()) - min(values.values()) < 1e-6


def test_a_rewrite_says_whether_a_requirement_stands_against_it() -> None:
    assert taken(V2G) == {
        "vehicle.exclusive": "exclusive_to_nothing",
        "grid.import_or_export": "crossing_to_nothing",
    }
    for statement, crossing in [
        ("require r: delivered[van] >= 2 kWh\n", "crossing_to_nothing"),
        ("require r: unmet <= 2 kWh\n", "crossing_to_nothing"),
        ("require r: import[t] <= 5 kW for t in steps\n", "exclusive_to_binary"),
        ("require r: cost <= 5 EUR\n", "exclusive_to_binary"),
    ]:
        assert taken(V2G + statement) == {
            "vehicle.exclusive": "exclusive_to_binary",
            "grid.import_or_export": crossing,
        }
