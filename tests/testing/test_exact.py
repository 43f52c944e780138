"""What is missed is told in exact fractions, and optima of linear programs are proven without trust."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache

import linopy
import numpy as np
import pytest
import xarray as xr
from worlds import EVERYTHING

from evdsl.data import series
from evdsl.data.data import Data
from evdsl.language.devices import KINDS
from evdsl.language.objectives import WORDS
from evdsl.language.spec import Spec
from evdsl.language.toggles import TOGGLES
from evdsl.language.units import NUMBER
from evdsl.language.values import Const
from evdsl.model.formulate import formulate
from evdsl.model.program import Program
from evdsl.optimization import problem
from evdsl.solver.solution import Options
from evdsl.testing import Plan, Trial, campaign, claims, misses, specs
from evdsl.testing.exact import proof as exact_proof
from evdsl.testing.exact.claims import EXACTLY
from evdsl.testing.exact.objectives import WORDS as WORKED_OUT
from evdsl.testing.exact.proof import ExactOptimum, Recorder, multipliers, proven, safe_bound, short_of
from evdsl.testing.exact.site import SIGNS
from evdsl.testing.trial import backend_of

BASE = EVERYTHING.read_text()
TEXT = BASE.replace(
    "minimize cost",
    """
cohort taxis of van {
    classes  = 2
    arrivals = 2 vehicles/h
    initial  = [0, 1, 1]
}
enable v2g, min_power, uninterrupted
require quiet: sum(v in vehicles: charge[v, t]) + turbine.power[t] <= 12 kW for t in 00:00 .. 02:00
require full: soc[v, 03:00] >= 10 % for v in car
minimize 0.01 EUR/kWh * dissatisfaction + cost""",
)
"""Every device and, in the first stage, most words."""


@cache
def solved() -> tuple[Trial, xr.Dataset]:
    trial = Trial(TEXT, solvers=("highs",))
    schedule = trial.run().schedule
    assert schedule is not None
    return trial, schedule


def wrong_rules(change: Callable[[xr.Dataset], None]) -> set[str]:
    """The rules and claims that a change of the schedule breaks."""
    trial, schedule = solved()
    changed = schedule.copy(deep=True)
    change(changed)
    found = (*misses(trial.spec, trial.data, changed), *claims(trial.spec, trial.data, changed))
    return {miss.rule for miss in found if miss.wrong}


def test_a_schedule_of_every_device_misses_nothing() -> None:
    assert wrong_rules(lambda _: None) == set()
    schedule = solved()[1]
    claimed = json.loads(schedule.attrs["terms"])
    assert {"cost", "unmet", "curtailed", "delay", "dissatisfaction"} <= set(claimed)


def put(variable: str, *at: int, by: float) -> Callable[[xr.Dataset], None]:
    def change(schedule: xr.Dataset) -> None:
        schedule[variable].values[at] += by

    return change


def at_port(vehicle: int, step: int, port: int) -> Callable[[xr.Dataset], None]:
    def change(schedule: xr.Dataset) -> None:
        schedule["port"].values[vehicle, step] = port

    return change


A, B, VAN = 0, 1, 2

CHANGES: dict[str, tuple[Callable[[xr.Dataset], None], set[str]]] = {
    "more import than is taken": (put("import", 0, by=0.01), {"power balance"}),
    "import beyond the connection": (put("import", 0, by=20), {"import at most", "power balance"}),
    "export below zero": (put("export", 0, by=-10), {"export at least zero"}),
    "both at the connection": (
        lambda s: [put(way, 0, by=3)(s) for way in ("import", "export")] and None,
        {"import or export"},
    ),
    "a power that fills no battery": (put("charge", A, 0, by=0.5), {"energy", "delivered", "power balance"}),
    "more than class and port can": (put("charge", A, 0, by=7), {"charge at most", "state of charge"}),
    "a power below zero": (put("charge", A, 0, by=-7), {"charge at least zero"}),
    "a trickle of discharge": (put("discharge", A, 1, by=0.5), {"levels"}),
    "both ways at once": (
        lambda s: [put(way, A, 0, by=3)(s) for way in ("charge", "discharge")] and None,
        {"exclusive"},
    ),
    "charging while away": (put("charge", VAN, 0, by=1), {"presence"}),
    "a port while away": (at_port(VAN, 0, 1), {"presence"}),
    "another port on the way": (at_port(A, 1, 1), {"hold_port"}),
    "a battery that gains": (put("energy", A, 2, by=0.01), {"energy"}),
    "a battery that leaves with more": (put("energy_departure", A, by=0.01), {"energy"}),
    "less delivered than flows": (put("delivered", A, by=-0.01), {"delivered"}),
    "more unmet than is missing": (put("unmet", A, by=0.01), {"unmet is what is missing", "unmet"}),
    "more unmet than is needed": (put("unmet", A, by=100), {"unmet at most"}),
    "more sun than shines": (put("roof", 1, by=3), {"generation", "feeder flow", "power balance"}),
    "another load": (put("house", 1, by=0.1), {"load", "power balance"}),
    "a storage that gains": (put("battery.energy", 2, by=0.01), {"storage energy"}),
    "a storage that ends with more": (put("battery.energy_end", by=0.01), {"storage energy"}),
    "a storage beyond its power": (put("battery.charge", 1, by=5), {"storage power"}),
    "a storage emptied": (
        put("battery.discharge", 3, by=4),
        {"storage final", "storage state of charge", "storage energy"},
    ),
    "a flow that nothing takes": (put("east", 1, by=0.01), {"feeder flow"}),
    "vehicles from nowhere": (put("taxis.count.2", 1, by=0.1), {"cohort count"}),
    "more charge than are there": (put("taxis.charging.1", 1, by=9), {"cohort charging", "cohort power"}),
    "a cohort that takes less": (put("taxis", 1, by=-0.1), {"cohort power"}),
    "fewer wait than are there": (put("taxis.waiting", 1, by=-0.1), {"cohort count"}),
    "too much at night": (put("turbine", 1, by=15), {"require quiet", "generation"}),
    "an empty battery": (put("energy", A, 3, by=-30), {"require full", "energy"}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_number_misses_the_rules_that_speak_of_it(name: str) -> None:
    change, rules = CHANGES[name]
    assert rules <= wrong_rules(change)


def test_how_much_is_missed_is_exact() -> None:
    trial, schedule = solved()
    changed = schedule.copy(deep=True)
    changed["house"].values[0] = 1.25
    off = [miss for miss in misses(trial.spec, trial.data, changed) if miss.rule == "load"]
    assert [miss.by for miss in off] == [Fraction(1, 4)]
    assert str(off[0]) == "load is missed by 0.25 at house, 12 00:00"


def test_two_at_one_port_are_told() -> None:
    site = (
        TEXT.split("grid {")[0] + "port ac {\n power = 7 kW\n count = 2\n}\nclass van {\n charge = 7 kW\n}\n"
    )
    for name in ("x", "y"):
        site += f"vehicle {name} of van {{\n arrival = 00:00\n departure = 02:00\n energy = 7 kWh\n}}\n"
    trial = Trial(site + "minimize unmet\n", solvers=("highs",))
    schedule = trial.run().schedule
    assert schedule is not None
    assert not [miss for miss in misses(trial.spec, trial.data, schedule) if miss.wrong]
    schedule["port"].values[:, :2] = 0
    shared = [miss for miss in misses(trial.spec, trial.data, schedule) if miss.rule == "port of one"]
    assert [miss.by for miss in shared] == [1, 1]


def test_a_port_that_is_taken_twice_is_told() -> None:
    site = TEXT.split("grid {")[0] + "port ac {\n power = 7 kW\n}\nclass van {\n charge = 7 kW\n}\n"
    for name in ("x", "y"):
        site += f"vehicle {name} of van {{\n arrival = 00:00\n departure = 03:00\n energy = 7 kWh\n}}\n"
    trial = Trial(site + "enable queue\nminimize unmet\nthen minimize waiting_time\n", solvers=("highs",))
    schedule = trial.run().schedule
    assert schedule is not None
    every = (*misses(trial.spec, trial.data, schedule), *claims(trial.spec, trial.data, schedule))
    assert not [miss for miss in every if miss.wrong]
    first = int(schedule["port"].values[0, 0] < 0)
    schedule["port"].values[first, :3] = [0, -1, 0]
    schedule["port"].values[1 - first, :3] = [-1, 0, -1]
    taken = [miss for miss in misses(trial.spec, trial.data, schedule) if miss.wrong]
    assert {miss.rule for miss in taken} == {"queue"}


def test_a_pause_is_told() -> None:
    def pause(schedule: xr.Dataset) -> None:
        schedule["charge"].values[A] = [3, 0, 3, 0]

    assert "uninterrupted" in wrong_rules(pause)


def test_a_claimed_word_or_stage_that_flows_do_not_make_is_told() -> None:
    def claim(schedule: xr.Dataset) -> None:
        terms, stages = json.loads(schedule.attrs["terms"]), json.loads(schedule.attrs["stages"])
        terms["cost"]["value"] += 0.001
        stages[-1]["value"] -= 0.001
        schedule.attrs |= {"terms": json.dumps(terms), "stages": json.dumps(stages)}

    assert wrong_rules(claim) == {"cost", "the last stage"}


def test_every_word_and_every_kind_of_device_is_worked_out() -> None:
    assert set(WORKED_OUT) == {word.name for word in WORDS}
    elsewhere = {
        "station",
        "grid",
        "demand_charge",
        "event",
        "feeder",
        "port",
        "class",
        "fleet",
        "vehicle",
        "sessions",
        "trip",
        "scenarios",
        "risk",
    }
    assert set(SIGNS) | elsewhere == {kind.keyword for kind in KINDS}
    known = {"v2g", "partial_charging", "exclusive", "import_or_export", "hold_port", "queue", "min_power"}
    assert known | {"uninterrupted", "curtailment"} == {toggle.name for toggle in TOGGLES}


@pytest.mark.slow
def test_random_specs_hold_in_exact_fractions() -> None:
    coverage, failure = campaign(specs(), 15, start=1, plan=Plan(invariants=EXACTLY, metamorphic=()))
    assert failure is None, f"{failure.invariant.name}: {failure.message}\n{failure.text}"
    assert coverage.statuses["optimal"] >= 6
    assert coverage.checked["exactly_kept"] == coverage.checked["exactly_worth"] >= 6
    assert coverage.checked["proven"] >= 3, "linear programs"


def test_a_campaign_holds_no_spec_against_a_claim_that_does_not_apply() -> None:
    fails = replace(EXACTLY[0], check=lambda _: "wrong", applies=lambda _: False)
    coverage, failure = campaign(specs(), 4, plan=Plan(invariants=(fails,), metamorphic=()))
    assert failure is None
    assert coverage.checked[fails.name] == 0


def test_large_specs_are_left_to_others() -> None:
    trial = Trial(BASE.replace("count   = 1", "count   = 200"))
    assert not any(one.applies(trial) for one in EXACTLY)


LINEAR = """
station site {
    start   = 2024-03-12
    horizon = 4 h
    step    = 1 h
}
grid {
    price = { 00:00: 0.30 EUR/kWh, 01:00: 0.10 EUR/kWh, 02:00: 0.20 EUR/kWh }
}
class car {
    battery    = 20 kWh
    charge     = 6 kW
    efficiency = 90 %
}
vehicle a of car {
    arrival     = 00:00
    departure   = 04:00
    soc_arrival = 20 %
    soc_target  = 70 %
}
disable partial_charging
minimize cost
then minimize peak allowing 10 %
"""
"""No port, no discharge: a linear program in both stages."""


def losses_on_the_wrong_side(spec: Spec, data: Data) -> Program:
    cars = data.vehicles
    other = replace(cars, charge_efficiency=1.0 / cars.charge_efficiency)
    return replace(formulate(spec, replace(data, vehicles=other)), data=data)


def test_a_fault_planted_in_the_formulation_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problem, "formulate", losses_on_the_wrong_side)
    kept = next(one for one in EXACTLY if one.name == "exactly_kept")
    # 9 kWh at the port would be 10 kWh in the battery, and are 8.1 kWh.
    assert kept.check(Trial(LINEAR)) == ("highs: unmet at most is missed by 1.9 at a")


def program(lower: float = 0.0) -> linopy.Model:
    """Least of x + 2 y with x + y >= 3 and x <= 2: 4, at (2, 1), by the prices 2 of the row and -1 of x."""
    model = linopy.Model(force_dim_names=True)
    x = model.add_variables(lower=lower, upper=2, name="x")
    y = model.add_variables(lower=lower, name="y")
    model.add_constraints(x + y >= 3, name="demand")
    model.add_objective(1 * x + 2 * y)
    return model


def answer(model: linopy.Model) -> ExactOptimum:
    recorder = Recorder(backend_of("highs"))
    recorder.solve(model, Options())
    return recorder.solved[0]


def test_the_multipliers_of_an_optimum_prove_it_exactly() -> None:
    found = answer(program())
    assert safe_bound(found.matrix, multipliers(found)) == 4
    assert short_of(found, Fraction(4)) is None


@pytest.mark.parametrize("price", [-1.0, 0.0, 0.5, 1.9999, 2.0, 2.0001, 3.0, 1e6])
def test_wrong_multipliers_prove_less_and_never_more(price: float) -> None:
    matrix = answer(program()).matrix
    bound = safe_bound(matrix, np.array([price]))
    assert bound <= 4
    assert (bound == 4) == (price == 2.0)


def test_a_price_that_rounding_leaves_on_a_column_without_a_bound_costs_next_to_nothing() -> None:
    found = answer(program())
    assert np.isinf(found.matrix.upper[1])
    bound = safe_bound(found.matrix, np.array([2.0 + 1e-15]))
    assert 4 - Fraction(1, 10**6) < bound < 4


def test_a_column_without_a_bound_gets_the_one_that_rows_imply() -> None:
    model = program()
    model.add_constraints(model.variables["x"] + 4 * model.variables["y"] <= 10, name="room")
    bound = safe_bound(answer(model).matrix, np.array([2.5, 0.0]))
    # The reduced cost of y is -0.5, and y is at most 10 / 4 by the second row.
    assert bound == Fraction(5, 2) * 3 + Fraction(-3, 2) * 2 - Fraction(1, 2) * Fraction(10, 4)


@pytest.mark.parametrize("off", [0.001, -0.001])
def test_a_value_that_is_not_the_least_is_not_proven(off: float) -> None:
    said = short_of(answer(program()), Fraction(4 + off))
    assert said is not None
    assert ("nothing below 4 can be" in said) == (off < 0)


TWO = LINEAR.replace("disable partial_charging\n", "").replace(
    "minimize cost",
    """let spread = max(t in steps: import[t]) - mean(t in steps: import[t])
vehicle b of car {
    arrival     = 01:00
    departure   = 03:00
    soc_arrival = 20 %
    soc_target  = 30 %
    priority    = 3
}
minimize cost""",
)

SIDES: dict[str, Fraction] = {
    "sum(t in steps: import[t])": Fraction(15),
    "mean(t in steps: import[t])": Fraction(15, 4),
    "max(t in 01:00 .. 03:00: charge[a, t])": Fraction(3),
    "max(t in 03:00 .. 01:00: import[t])": Fraction(1),
    "max(t in 2024-03-12 01:00 .. 2024-03-12 02:00: import[t])": Fraction(6),
    "charge[car, 02:00]": Fraction(8),
    "sum(v in [a, b]: charge[v, 01:00])": Fraction(6),
    "max(c in classes: charge[c, 01:00])": Fraction(6),
    "sum(t in steps: import[t - 1] - import[t])": Fraction(1),
    "mean(t in steps: energy[a, t]) / 1 h": Fraction(13, 2),
    "mean(t in steps: energy[b, t]) / 1 h": Fraction(6),
    "energy[vehicles, 01:00] / 1 h": Fraction(9),
    "energy[vehicles, 00:00] / 1 h": Fraction(4),
    "10 kW * soc[a, 02:00]": Fraction(7, 2),
    "sum(v in vehicles: delivered[v]) / 1 h": Fraction(15),
    "sum(v in vehicles: priority[v] * need[v]) / 1 h": Fraction(16),
    "battery[a] / 1 h": Fraction(20),
    "unmet[b] / 1 h": Fraction(1, 2),
    "2 * unmet / 1 h": Fraction(1),
    "1 kW * max(priority[a], priority[b])": Fraction(3),
    "import[03:00] + 1 kW * need[b] / battery[a]": Fraction(1, 10),
    "spread": Fraction(17, 4),
}
"""What stands on the left, and what it comes to in the schedule below."""


@pytest.mark.parametrize("side", SIDES)
def test_a_requirement_is_missed_by_what_its_side_comes_to(side: str) -> None:
    schedule = by_hand()
    trial = Trial(TWO.replace("minimize cost", f"require own: {side} <= 0 kW\nminimize cost"))
    off = [miss for miss in misses(trial.spec, trial.data, schedule) if miss.rule == "require own"]
    assert [miss.by for miss in off] == [pytest.approx(SIDES[side], abs=1e-12)]


@cache
def by_hand() -> xr.Dataset:
    schedule = Trial(TWO, solvers=("highs",)).run().schedule
    assert schedule is not None
    schedule["charge"].values[:] = [[1, 2, 3, 0], [0, 4, 5, 0]]
    schedule["energy"].values[:] = [[4, 5, 7, 10], [np.nan, 4, 8, np.nan]]
    schedule["import"].values[:] = [1, 6, 8, 0]
    schedule["unmet"].values[:] = [0, 0.5]
    return schedule


def test_every_stage_of_a_linear_spec_is_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    proof, asked = exact_proof.multipliers, Counter[bool]()

    def halved(found: ExactOptimum) -> np.ndarray:
        asked[found.is_linear] += 1
        return proof(found) * (0.5 if asked[True] == 2 else 1.0)

    trial = Trial(LINEAR, solvers=("highs", "scip"))
    assert proven(trial) is None
    monkeypatch.setattr(exact_proof, "multipliers", halved)
    said = proven(trial)
    assert asked == {True: 2}
    assert said is not None
    assert said.startswith("highs, solve 2: ")


def test_a_word_that_the_formulation_counts_by_half_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def halved(spec: Spec, data: Data) -> Program:
        made = formulate(spec, data)
        return replace(made, words={**made.words, "cost": 0.5 * made.words["cost"]})

    monkeypatch.setattr(problem, "formulate", halved)
    worth = next(one for one in EXACTLY if one.name == "exactly_worth")
    said = worth.check(Trial(LINEAR, solvers=("highs",)))
    assert said is not None
    assert said.startswith("highs: cost is missed by ")


DRAWN = """
station site {
    start   = 2024-03-12
    horizon = 1 h
    step    = 1 h
}
grid {
    price = 0.3 EUR/kWh
}
class car {
    charge = 3 kW
}
fleet guests of car {
    count   = COUNT
    arrival = 00:00
    stay    = 1 h
    energy  = 1 kWh
}
minimize cost
"""


@pytest.mark.parametrize(
    "count",
    [
        "2",
        "poisson(3)",
        "round(normal(0, 3))",
        "round(uniform(1, 5)) + choice([1, 2], weights=[1, 3])",
        "max(1, round(lognormal(2, 1) * 2 - beta(2, 3)))",
        "2 * above(normal(3, 1), 3) + min(poisson(2), 3)",
        "round(poisson(9) / 2)",
    ],
)
def test_a_count_is_drawn_a_second_time(count: str) -> None:
    for seed in range(5):
        text = DRAWN.replace("COUNT", count).replace("step    = 1 h", f"step    = 1 h\n    seed    = {seed}")
        trial = Trial(text, solvers=("highs",))
        assert trial.has_no_errors, trial.read[1]
        schedule = trial.run().schedule
        assert schedule is not None
        assert not [miss for miss in misses(trial.spec, trial.data, schedule) if miss.rule == "fleet.count"]
        fleet = trial.spec.named("fleet", "guests")
        said = {**fleet.settings, "count": Const(99.0, NUMBER, fleet.span)}
        other = replace(fleet, settings=said)
        devices = tuple(other if one is fleet else one for one in trial.spec.devices)
        others = replace(trial.spec, devices=devices)
        told = [miss for miss in misses(others, trial.data, schedule) if miss.rule == "fleet.count"]
        assert [miss.by for miss in told] == [99 - len(trial.data.vehicles)]


def test_a_count_that_is_rounded_down_at_a_half_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = next(one for one in EXACTLY if one.name == "exactly_kept")
    text = DRAWN.replace("COUNT", "round(choice([0.5, 2.5]))")
    assert kept.check(Trial(text, solvers=("highs",))) is None
    monkeypatch.setattr(series, "HALF_UP", 0.5 - 1e-9)
    assert kept.check(Trial(text, solvers=("highs",))) == "highs: fleet.count is missed by 1 at guests"
