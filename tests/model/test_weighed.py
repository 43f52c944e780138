"""What a stage weighs beside words: optima that are known by hand, on both solvers."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from worlds import ROOT

import evdsl
from evdsl.data.load import load_data
from evdsl.language.spec import Spec
from evdsl.optimization.problem import Problem, compile_spec
from evdsl.optimization.result import Result
from evdsl.semantics.diff.specs import compare
from evdsl.testing.exact.claims import claims, misses
from evdsl.verifier import verify

SOLVERS = ("highs", "scip")

TWO_HOURS = """\
station yard {
    start   = 2024-03-12 00:00
    horizon = 2 h
    step    = 1 h
}
grid { price = { 00:00: 0.10 EUR/kWh, 01:00: 0.30 EUR/kWh } }
class van { charge = 10 kW }
vehicle first of van {
    arrival   = 00:00
    departure = 02:00
    energy    = 10 kWh
}
disable partial_charging
"""

ON_THE_WAY = """\
station yard {
    start   = 2024-03-12 05:00
    horizon = 4 h
    step    = 1 h
}
grid { price = { 00:00: 0.30 EUR/kWh, 07:00: 0.10 EUR/kWh } }
class van {
    battery = 60 kWh
    charge  = 10 kW
}
vehicle first of van {
    arrival     = 05:00
    departure   = 09:00
    soc_arrival = 0 %
    soc_target  = 50 %
}
disable partial_charging
"""

AT_NIGHT = """\
station yard {
    start   = 2024-03-12 00:00
    horizon = 3 h
    step    = 1 h
}
grid {
    price   = { 00:00: 0.10 EUR/kWh, 01:00: 0.20 EUR/kWh, 02:00: 0.30 EUR/kWh }
    feed_in = 0.05 EUR/kWh
}
storage pack {
    capacity     = 10 kWh
    power        = 5 kW
    soc_initial  = 50 %
    soc_final    = 50 %
}
port slow { power = 4 kW }
port fast { power = 10 kW }
class van {
    battery   = 60 kWh
    charge    = 10 kW
    discharge = 10 kW
}
class bike { charge = 4 kW }
vehicle first of van {
    arrival     = 00:00
    departure   = 03:00
    soc_arrival = 50 %
    soc_target  = 60 %
}
vehicle second of bike {
    arrival   = 00:00
    departure = 02:00
    energy    = 4 kWh
}
"""


def run(text: str, solver: str = "highs") -> Result:
    """A solved spec, whose schedule the verifier and exact fractions agree on."""
    result = compile_spec(evdsl.loads(text)).run(solver)
    assert result.verdict is not None, result.message
    assert result.verdict.ok, result.verdict.violations
    assert result.schedule is not None
    of = (result.spec, result.data, result.schedule)
    assert not [miss for miss in (*misses(*of), *claims(*of)) if miss.wrong]
    return result


def reached(text: str, solver: str, stage: int = 0) -> float:
    return run(text, solver).stages[stage].value


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("objective", "worth"),
    [
        ("minimize cost + 0.05 EUR/kWh * max(0 kWh, sum(t in steps: import[t]) * step - 6 kWh)", 1.20),
        ("minimize cost + 0.50 EUR/kWh * sum(t in steps: max(0 kW, import[t] - 6 kW)) * step", 1.80),
        ("minimize cost + 0.15 EUR/kWh * sum(t in steps: max(0 kW, import[t] - 6 kW)) * step", 1.60),
        ("minimize cost + 0.50 EUR/kW * max(0 kW, max(t in steps: import[t]) - 6 kW)", 1.80),
        ("minimize cost + 1 EUR/kW * max(peak, 6 kW)", 7.80),
        ("maximize -cost - 1 EUR/kW * max(peak, 6 kW)", -7.80),
        ("minimize cost + 1 EUR/kW * abs(import[00:00] - import[01:00])", 2.00),
        (
            "minimize cost + 1 EUR/kW * max(import[00:00] - import[01:00], import[01:00] - import[00:00])",
            2.00,
        ),
        ("maximize min(import[00:00], import[01:00])", 5.0),
        ("maximize min(t in steps: import[t])", 5.0),
        ("minimize sum(t in 00:00 .. 01:00: import[t]) * step", 0.0),
        ("minimize charge[first, 00:00]", 0.0),
        ("minimize sum(t in steps: price[t] * import[t]) * step", 1.0),
        ("minimize cost - 0.30 EUR/kW * min(import[01:00], 4 kW)", 0.6),
        ("minimize cost + price[01:00] * delivered[first]", 4.0),
        ("minimize peak + 2 kW", 7.0),
    ],
)
def test_a_stage_weighs_what_a_requirement_speaks_of(objective: str, worth: float, solver: str) -> None:
    assert reached(f"{TWO_HOURS}{objective}\n", solver) == pytest.approx(worth)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("weight", "worth"), [(0.10, 6.00), (0.30, 7.00)])
def test_a_goal_on_the_way_costs_what_is_short_of_it(weight: float, worth: float, solver: str) -> None:
    objective = f"minimize cost + {weight} EUR/kWh * max(0 kWh, 20 kWh - energy[first, 07:00])"
    assert reached(f"{ON_THE_WAY}{objective}\n", solver) == pytest.approx(worth)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_peak_that_was_reached_before_costs_nothing_more(solver: str) -> None:
    text = (ROOT.parent / "shared" / "cases" / "peak_reached.evs").read_text()
    assert reached(text, solver) == pytest.approx(29.40)


@pytest.mark.parametrize("solver", SOLVERS)
def test_an_objective_may_tell_ports_apart(solver: str) -> None:
    """The slow port is left out only where nothing speaks of it."""
    text = AT_NIGHT + "maximize sum(t in steps: charge[slow, t]) * step\n"
    assert reached(text, solver) == pytest.approx(12.0)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("objective", "worth"),
    [
        # States when the steps begin: half full at first, full from 01:00 on.
        ("maximize sum(t in steps: pack.energy[t])", 5.0 + 10.0 + 10.0),
        ("maximize min(energy[first, 02:00], 50 kWh)", 50.0),
        ("maximize delivered[first] - max(0 kWh, unmet[second])", 30.0),
        ("minimize unmet[first]", 0.0),
    ],
)
def test_states_and_single_vehicles_are_weighed(objective: str, worth: float, solver: str) -> None:
    assert reached(f"{AT_NIGHT}enable v2g\n{objective}\n", solver) == pytest.approx(worth)


@pytest.mark.parametrize("solver", SOLVERS)
def test_later_stages_keep_what_a_term_has_reached(solver: str) -> None:
    """6 kW, and 10 % more of it: 6.6 kW in the cheap hour."""
    text = f"{TWO_HOURS}minimize max(peak, 6 kW)\n"
    assert reached(f"{text}then minimize cost\n", solver, 1) == pytest.approx(1.80)
    assert reached(f"{text}then minimize cost allowing 10 %\n", solver, 1) == pytest.approx(1.68)
    text = f"{TWO_HOURS}minimize cost\nthen minimize max(t in steps: import[t]) allowing 80 %\n"
    assert reached(text, solver, 1) == pytest.approx(6.0, abs=1e-4)


@pytest.mark.parametrize("solver", SOLVERS)
def test_both_at_once_is_kept_from_where_a_term_would_pay_for_it(solver: str) -> None:
    """What is imported and exported at once would be weighed; so would a battery that does both."""
    text = f"{AT_NIGHT}enable v2g\nmaximize sum(t in steps: export[t] + import[t]) * step\n"
    result = run(text, solver)
    assert result.schedule is not None
    both = np.minimum(result.schedule["import"].values, result.schedule["export"].values)
    assert both.max() == pytest.approx(0.0, abs=1e-9)
    text = f"{AT_NIGHT}maximize sum(t in steps: pack.charge[t] + pack.discharge[t]) * step\n"
    result = run(text, solver)
    assert result.schedule is not None
    pack = np.minimum(result.schedule["pack.charge"].values, result.schedule["pack.discharge"].values)
    assert pack.max() == pytest.approx(0.0, abs=1e-9)


def test_the_public_model_has_the_terms_of_the_objective() -> None:
    problem = compile_spec(evdsl.loads(f"{TWO_HOURS}minimize cost + 1 EUR/kW * max(peak, 6 kW)\n"))
    problem.model.solve(solver_name="highs", output_flag=False)
    assert problem.model.objective.value == pytest.approx(7.80)
    assert "objective.1.max" in problem.model.variables


def test_what_is_claimed_of_a_term_is_checked() -> None:
    result = run(f"{TWO_HOURS}minimize cost + 1 EUR/kW * max(peak, 6 kW)\n")
    schedule = result.schedule
    assert schedule is not None
    assert '"max(peak, 6 kW)": {"value": 6.0' in schedule.attrs["terms"]
    lie = schedule.attrs["terms"].replace(
        '"max(peak, 6 kW)": {"value": 6.0', '"max(peak, 6 kW)": {"value": 5.0'
    )
    verdict = verify(result.spec, schedule.assign_attrs(terms=lie), result.data)
    assert [violation.rule for violation in verdict.violations] == ["claimed-value"]
    found = [m for m in claims(result.spec, result.data, schedule.assign_attrs(terms=lie)) if m.wrong]
    assert [miss.by for miss in found] == [Fraction(1)]


def test_a_schedule_of_another_course_is_worth_what_its_flows_give() -> None:
    """The verdict of one spec's schedule under another's objective."""
    cheap = run(f"{TWO_HOURS}minimize cost\n")
    other = evdsl.loads(f"{TWO_HOURS}minimize cost + 1 EUR/kW * max(0 kW, peak - 6 kW)\n")
    data, _ = load_data(other)
    assert data is not None
    assert cheap.schedule is not None
    verdict = verify(other, cheap.schedule.drop_attrs(), data)
    assert verdict.terms["max(0 kW, peak - 6 kW)"] == pytest.approx(4.0)


def spec(text: str) -> Spec:
    return evdsl.loads(text)


def test_a_term_that_stands_in_two_stages_is_built_once() -> None:
    text = f"{TWO_HOURS}minimize max(peak, 6 kW)\nthen minimize cost + 1 EUR/kW * max(peak, 6 kW)\n"
    problem: Problem = compile_spec(spec(text))
    names = [name for name in problem.program.model.variables if name.startswith("objective.")]
    assert names == ["objective.1.max"]


@pytest.mark.parametrize(
    ("objective", "marked"),
    [
        ("minimize cost + 1 EUR/kWh * energy[first, 04:00]", "energy[first, 04:00]"),
        ("minimize max(t in 03:00 .. 05:00: energy[first, t])", "energy[first, t]"),
        ("minimize mean(t in steps: import[t + 9])", "mean(t in steps: import[t + 9])"),
    ],
)
def test_the_state_of_a_vehicle_that_is_away_has_no_value(objective: str, marked: str) -> None:
    text = ON_THE_WAY.replace("start   = 2024-03-12 05:00", "start   = 2024-03-12 03:00")
    text = text.replace("horizon = 4 h", "horizon = 6 h")
    data, found = load_data(evdsl.loads(f"{text}{objective}\n"))
    assert data is None
    assert [(one.code, one.span.text) for one in found if one.span is not None] == [("E407", marked)]


@pytest.mark.parametrize("solver", SOLVERS)
def test_what_is_absent_is_passed_over_in_a_sum(solver: str) -> None:
    """At 05:00 the battery is empty; before that it has no state."""
    text = ON_THE_WAY.replace("start   = 2024-03-12 05:00", "start   = 2024-03-12 03:00")
    text = text.replace("horizon = 4 h", "horizon = 6 h")
    # 10, 20 and 30 kWh at 06:00, 07:00 and 08:00.
    assert reached(f"{text}maximize sum(t in steps: energy[first, t])\n", solver) == pytest.approx(60.0)
    assert reached(f"{text}maximize mean(t in steps: energy[first, t])\n", solver) == pytest.approx(15.0)


@pytest.mark.parametrize("solver", SOLVERS)
def test_an_axis_of_a_front_may_be_a_term(solver: str) -> None:
    """From 1.00 EUR at 10 kW to 2.00 EUR at 5 kW; of `delivered` more is better."""
    front = evdsl.front(evdsl.loads(f"{TWO_HOURS}pareto cost, max(peak, 4 kW) points 3\n"), backend=solver)
    assert [point.values for point in front.points] == [
        pytest.approx(values, rel=1e-4) for values in ((1.0, 10.0), (1.5, 7.5), (2.0, 5.0))
    ]
    assert spec(f"{TWO_HOURS}pareto cost, delivered[first]\n").stages[1].sense == "maximize"


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_larger_of_decisions_may_be_required(solver: str) -> None:
    text = f"{TWO_HOURS}require r: max(import[00:00], 2 * import[01:00]) <= 8 kW\nminimize cost\n"
    assert reached(text, solver) == pytest.approx(0.8 + 0.6)
    text = f"{TWO_HOURS}require r: abs(import[00:00] - import[01:00]) <= 2 kW\nminimize cost\n"
    assert reached(text, solver) == pytest.approx(0.6 + 1.2)


def test_two_specs_differ_by_what_their_stages_weigh() -> None:
    one, other = (spec(f"{TWO_HOURS}minimize cost + 1 EUR/kW * max(peak, {kw} kW)\n") for kw in (6, 7))
    (found,) = compare(one, other)
    old, new = (f"minimize cost + 1 EUR/kW * max(peak, {kw} kW)" for kw in (6, 7))
    assert (found.how, found.what, found.old, found.new) == ("changed", "stage 1", old, new)
    same = spec(f"{TWO_HOURS}param most = 6 kW\nmaximize -cost - 1 EUR/kW * max(peak, most)\n")
    assert compare(one, same) == []
