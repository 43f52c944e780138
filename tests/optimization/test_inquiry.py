"""Facts of a schedule: known by hand, and each that was learnt from a solve held against scipy's."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pytest
import xarray as xr
from optimization.two_hours import TWO_HOURS
from scipy.optimize import linprog
from worlds import FEATURES

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.optimization.explanation.variant import Session
from evdsl.optimization.inquiry.fact import Fact, Moment, Quantity, rows_of, words_of
from evdsl.optimization.inquiry.moment import moment_facts
from evdsl.optimization.inquiry.rival import rival_facts
from evdsl.optimization.inquiry.trial import Trial
from evdsl.optimization.inquiry.vehicle import vehicle_facts
from evdsl.optimization.problem import compile_spec
from evdsl.optimization.result import Result
from evdsl.semantics.load import load, loads
from evdsl.solver.backend import Backend
from evdsl.solver.discovery import find
from evdsl.solver.solution import Options


def backend_of(name: str) -> Backend:
    found = find(name)
    assert not isinstance(found, Diagnostic), found
    return found


def schedule_of(result: Result) -> xr.Dataset:
    assert result.schedule is not None, result.message
    return result.schedule


def solved(text: str, solver: str = "highs") -> Result:
    result = compile_spec(loads(text)).run(solver)
    assert result.status.has_schedule, result.message
    return result


def trial_of(result: Result, solver: str = "highs", exact: bool = False) -> Trial:
    return Trial(result, Session(backend_of(solver), Options()), exact)


def of_vehicle(result: Result, name: str, trial: Trial | None = None) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = {}
    for fact in vehicle_facts(result, result.data.vehicles.name.index(name), trial):
        found.setdefault(fact.kind, []).append(fact)
    return found


def number(values: object, name: str) -> float:
    assert isinstance(values, Mapping)
    found = values[name]
    assert isinstance(found, Quantity), (name, found)
    return found.value


def hours(values: object, name: str) -> float:
    assert isinstance(values, Mapping)
    found = values[name]
    assert isinstance(found, Moment)
    return found.hours


def test_who_charges_in_the_cheap_hour_is_told_what_the_dear_one_costs(solver: str) -> None:
    result = solved(TWO_HOURS, solver)
    facts = of_vehicle(result, "one", trial_of(result, solver))
    (charging,) = facts["charging"]
    assert number(charging.values, "energy") == pytest.approx(10)
    (rank,) = facts["rank"]
    assert [number(rank.values, name) for name in ("paid", "there")] == pytest.approx([0.1, 0.2])
    assert rank.values["lower"] == 0
    (move,) = facts["move"]
    assert (hours(move.values, "begin"), hours(move.values, "end")) == (1.0, 2.0)
    assert number(move.values, "worse") == pytest.approx(0.2)
    assert number(move.values["others_kept"], "worse") == pytest.approx(0.2)
    assert move.tested


TWO_CARS = TWO_HOURS.replace("import_limit = 20 kW", "import_limit = 10 kW").replace(
    "disable partial_charging",
    "vehicle two of car {\n    arrival = 00:00\n    departure = 02:00\n    energy = 4 kWh\n}\n"
    "disable partial_charging",
)
"""Of 14 kWh the cheap hour takes 10."""


def test_the_limit_that_keeps_a_vehicle_from_the_cheap_hour_is_named_and_what_more_of_it_saves(
    solver: str,
) -> None:
    result = solved(TWO_CARS, solver)
    charge = schedule_of(result)["charge"].values
    assert charge[:, 1].sum() == pytest.approx(4)
    late = result.data.vehicles.name[int(charge[:, 1].argmax())]
    facts = of_vehicle(result, late, trial_of(result, solver))
    moves = {hours(fact.values, "begin"): fact.values for fact in facts["move"]}
    # Where the other stays as it is there is no room; where both change places it costs nothing.
    early = moves[0.0]
    assert number(early, "worse") == pytest.approx(0.0, abs=1e-7)
    kept = early["others_kept"]
    assert isinstance(kept, Mapping)
    assert kept["worse"] is None
    assert words_of(early, "kept_by") == ("the connection",)
    assert number(early["eased"], "worse") == pytest.approx(-0.2)
    assert number(early["eased"], "by") == pytest.approx(1.0)
    (lower,) = facts["lower_rate"]
    assert [(row["limit"], number(row, "hours")) for row in rows_of(lower.values, "full")] == [
        ("the connection", 1.0)
    ]


def test_no_limit_is_named_where_easing_it_changes_nothing() -> None:
    # The cheap hour is full of the vehicle's own charging: nothing else keeps it.
    result = solved(TWO_HOURS)
    facts = of_vehicle(result, "one", trial_of(result))
    assert not any("kept_by" in fact.values for fact in facts["move"])
    assert "lower_rate" not in facts


def test_what_one_more_of_a_full_limit_is_worth_at_its_step(solver: str) -> None:
    result = solved(TWO_CARS, solver)
    facts = {fact.kind: fact for fact in moment_facts(result, 0, trial_of(result, solver))}
    assert words_of(facts["full"].values, "limits") == ("the connection",)
    assert number(facts["full"].values, "better") == pytest.approx(0.2)
    late = {fact.kind: fact for fact in moment_facts(result, 1, trial_of(result, solver))}
    assert "full" not in late
    assert number(late["room"].values, "room") == pytest.approx(6)


def test_who_waits_and_who_never_gets_what_it_lacks_are_told_apart() -> None:
    text = TWO_CARS.replace("disable partial_charging\nminimize cost", "minimize cost + 0.2 EUR/kWh * unmet")
    result = solved(text)
    facts = {fact.kind: fact for fact in moment_facts(result, 0)}
    lacking = np.asarray(schedule_of(result)["unmet"].values)
    idle = schedule_of(result)["charge"].values[:, 0] < 1e-3
    assert [row["vehicle"] for row in rows_of(facts["waiting"].values, "vehicles")] == [
        name
        for name, missing, rests in zip(result.data.vehicles.name, lacking, idle, strict=True)
        if rests and missing > 0.005
    ]


def test_a_kwh_more_takes_from_somebody_what_it_gives(solver: str) -> None:
    end = "minimize cost + 1 EUR/kWh * unmet"
    text = TWO_CARS.replace("disable partial_charging\nminimize cost", end)
    text = text.replace("01:00: 0.30 EUR/kWh", "01:00: 5 EUR/kWh")
    result = solved(text, solver)
    unmet = schedule_of(result)["unmet"].values
    assert unmet.sum() == pytest.approx(4)
    short = result.data.vehicles.name[int(unmet.argmax())]
    facts = of_vehicle(result, short, trial_of(result, solver))
    (give,) = facts["give"]
    other = next(name for name in result.data.vehicles.name if name != short)
    assert number(give.values, "worse") == pytest.approx(0.0, abs=1e-6)
    assert [(row["vehicle"], number(row, "less")) for row in rows_of(give.values, "losers")] == [
        (other, pytest.approx(1.0, abs=1e-3))
    ]


def test_what_giving_back_earns_is_what_the_optimum_loses_without_it(solver: str) -> None:
    result = compile_spec(load(FEATURES / "v2g.evs")).run(solver)
    facts = of_vehicle(result, "a", trial_of(result, solver))
    (given,) = facts["given"]
    assert number(given.values, "energy") == pytest.approx(5)
    assert number(given.values, "worth") == pytest.approx(2.5)
    (worth,) = facts["given_worth"]
    assert number(worth.values, "worse") == pytest.approx(2.0)


def test_what_giving_back_wore_is_told_with_its_reward() -> None:
    result = compile_spec(load(FEATURES / "v2g_profit.evs")).run("highs")
    facts = of_vehicle(result, "a", trial_of(result))
    (given,) = facts["given"]
    assert [number(given.values, name) for name in ("worth", "wear", "reward")] == pytest.approx(
        [2.0, 0.25, 0.5]
    )
    (worth,) = facts["given_worth"]
    assert number(worth.values, "worse") == pytest.approx(1.125)


def test_without_a_trial_nothing_is_solved_again() -> None:
    result = solved(TWO_CARS)
    facts = [fact for at in range(2) for fact in (*vehicle_facts(result, at), *moment_facts(result, at))]
    assert facts
    assert not any(fact.tested for fact in facts)


def test_an_order_of_schedules_is_not_asked_what_a_move_costs() -> None:
    result = solved(TWO_CARS.replace("minimize cost", "maximize lexfairness"))
    trial = trial_of(result)
    assert not trial.can_ask
    assert "move" not in of_vehicle(result, "one", trial)


ENOUGH = 1e6
"""kWh: more than is ever taken."""


@dataclass(frozen=True)
class Draw:
    """A random site whose model is a linear program that a page can state again."""

    text: str
    price: np.ndarray
    limit: float
    power: np.ndarray
    need: np.ndarray
    there: np.ndarray
    gamma: float


def draw_site(seed: int) -> Draw:
    draw = random.Random(seed)
    steps, count = 6, draw.randint(2, 4)
    price = np.array([draw.choice([0.1, 0.2, 0.3, 0.5]) for _ in range(steps)])
    limit, gamma = float(draw.randint(6, 14)), draw.choice([0.25, 0.4, 1.0])
    text = f"station s {{\n    start = 2024-03-12\n    horizon = {steps} h\n    step = 1 h\n}}\ngrid {{\n"
    rates = ", ".join(f"{hour:02}:00: {rate} EUR/kWh" for hour, rate in enumerate(price))
    text += f"    price = {{ {rates} }}\n    import_limit = {limit} kW\n}}\n"
    power, need = np.zeros(count), np.zeros(count)
    there = np.zeros((count, steps))
    for number_ in range(count):
        arrival = draw.randint(0, 3)
        stay = draw.randint(2, steps - arrival)
        power[number_], need[number_] = draw.choice([4.0, 7.0, 11.0]), draw.randint(3, 20)
        there[number_, arrival : arrival + stay] = 1
        text += f"class c{number_} {{\n    charge = {power[number_]} kW\n}}\n"
        text += f"vehicle v{number_} of c{number_} {{\n    arrival = {arrival:02}:00\n    stay = {stay} h\n"
        text += f"    energy = {need[number_]} kWh\n}}\n"
    text += f"minimize cost + {gamma} EUR/kWh * unmet\n"
    return Draw(text, price, limit, power, need, there, gamma)


def optimum(site: Draw, more: dict[int, float], rows: list[tuple[np.ndarray, float, float]]) -> float | None:
    """min price·charge + gamma·unmet, charge <= power, Σ charge <= limit (+ more by step), and further rows
    over the charge of all vehicles and steps; without any cost for what is delivered beyond the need."""
    count, steps = site.there.shape
    size = count * steps
    cost = np.concatenate([np.tile(site.price, count), np.full(count, site.gamma)])
    upper = np.concatenate([(site.there * site.power[:, None]).ravel(), site.need])
    matrix, side = [], []
    for step in range(steps):
        row = np.zeros(size + count)
        row[[vehicle * steps + step for vehicle in range(count)]] = 1
        matrix.append(row)
        side.append(site.limit + more.get(step, 0.0))
    for vehicle in range(count):
        row = np.zeros(size + count)
        row[vehicle * steps : (vehicle + 1) * steps] = -1
        row[size + vehicle] = -1
        matrix.append(row)
        side.append(-site.need[vehicle])
    for weights, least, most in rows:
        row = np.concatenate([weights.ravel(), np.zeros(count)])
        matrix += [row, -row]
        side += [most, -least]
    found = linprog(cost, np.array(matrix), side, bounds=list(zip(np.zeros(len(upper)), upper, strict=True)))
    return float(found.fun) if found.status == 0 else None


def masked(site: Draw, vehicle: int, begin: float, end: float) -> np.ndarray:
    weights = np.zeros(site.there.shape)
    weights[vehicle, int(begin) : int(np.ceil(end))] = site.there[vehicle, int(begin) : int(np.ceil(end))]
    return weights


@pytest.mark.parametrize("seed", [1, 4])
def test_what_is_told_of_a_random_site_is_what_scipy_finds(seed: int, solver: str) -> None:
    check_against_scipy(seed, solver)


@pytest.mark.slow
def test_what_is_told_of_random_sites_is_what_scipy_finds(solver: str) -> None:
    told: Counter[str] = Counter()
    for seed in range(12):
        told += check_against_scipy(seed, solver)
    assert min(told[name] for name in ("move", "kept_by", "give", "full")) >= 3, told


def check_against_scipy(seed: int, solver: str) -> Counter[str]:
    """Every tested fact of a random site; how many there are of each."""
    told: Counter[str] = Counter()
    site = draw_site(seed)
    result = solved(site.text, solver)
    charge = np.asarray(schedule_of(result)["charge"].values, dtype=float)
    best = optimum(site, {}, [])
    assert best is not None
    assert result.stages[0].value == pytest.approx(best, abs=1e-5)
    for vehicle in range(len(site.need)):
        facts = of_vehicle(result, f"v{vehicle}", trial_of(result, solver))
        whole = np.zeros(site.there.shape)
        whole[vehicle] = 1
        total = float((whole * charge).sum())
        loose = 1e-7
        for fact in facts.get("move", []):
            told["move"] += 1
            window = masked(site, vehicle, hours(fact.values, "begin"), hours(fact.values, "end"))
            now, more = float((window * charge).sum()), number(fact.values, "amount")
            as_much = (whole, total - loose, total + loose)
            others = [
                (np.eye(charge.size)[at].reshape(charge.shape), value - loose, value + loose)
                for at, value in enumerate(charge.ravel())
                if at // charge.shape[1] != vehicle
            ]
            for values, beside in ((fact.values, []), (fact.values["others_kept"], others)):
                found = optimum(site, {}, [(window, now + more, ENOUGH), as_much, *beside])
                assert isinstance(values, Mapping)
                if found is None:
                    assert values["worse"] is None
                else:
                    assert number(values, "worse") == pytest.approx(found - best, abs=2e-5)
            if "kept_by" in fact.values:
                told["kept_by"] += 1
                eased = fact.values["eased"]
                step, more = int(hours(eased, "begin")), number(eased, "amount")
                into = masked(site, vehicle, step, step + 1)
                rows = [
                    (window, now + more, ENOUGH),
                    (into, float((into * charge).sum()) + more, ENOUGH),
                    as_much,
                    *others,
                ]
                found = optimum(site, {step: number(eased, "by")}, rows)
                assert found is not None
                assert found <= best + 2e-5
                assert number(eased, "worse") == pytest.approx(found - best, abs=2e-5)
                held = optimum(site, {}, rows)
                assert held is None or held > best + 1e-7
        for fact in facts.get("give", []):
            told["give"] += 1
            found = optimum(site, {}, [(whole, total + number(fact.values, "amount"), ENOUGH)])
            assert (found is None) == (fact.values["worse"] is None)
            if found is not None:
                assert number(fact.values, "worse") == pytest.approx(found - best, abs=2e-5)
    for step in range(len(site.price)):
        for fact in moment_facts(result, step, trial_of(result, solver)):
            if fact.kind == "full":
                found = optimum(site, {step: 1.0}, [])
                assert found is not None
                assert number(fact.values, "better") == pytest.approx(best - found, abs=2e-5)
                told["full"] += 1
    return told


def test_a_plan_that_is_dearer_is_told_where(solver: str) -> None:
    result, other = solved(TWO_HOURS, solver), solved(TWO_HOURS.replace("0.30", "0.01"), solver)
    assert other.schedule is not None
    facts = {fact.kind: fact for fact in rival_facts(result, other.schedule)}
    assert "keeps" in facts
    assert number(facts["worth"].values, "worse") == pytest.approx(2.0)
    assert facts["word"].values["word"] == "energy_cost"
    told = [
        (hours(row, "begin"), hours(row, "end"), number(row, "energy"), number(row, "more"))
        for row in rows_of(facts["times"].values, "times")
    ]
    assert told == [
        (1.0, 2.0, pytest.approx(10), pytest.approx(3.0)),
        (0.0, 1.0, pytest.approx(-10), pytest.approx(-1.0)),
    ]


def test_a_plan_that_breaks_the_spec_is_told_by_which_rule_and_how_often() -> None:
    result, other = solved(TWO_CARS), solved(TWO_CARS.replace("import_limit = 10 kW", "import_limit = 20 kW"))
    assert other.schedule is not None
    (breaks,) = [fact for fact in rival_facts(result, other.schedule) if fact.kind == "breaks"]
    (rule,) = rows_of(breaks.values, "rules")
    assert (rule["rule"], rule["count"]) == ("import-limit", 1)
    assert "14 kW" in str(rule["message"])


def test_a_plan_of_another_site_is_refused_by_its_shape_alone() -> None:
    result, other = solved(TWO_CARS), solved(TWO_HOURS)
    assert other.schedule is not None
    facts = rival_facts(result, other.schedule)
    assert [fact.kind for fact in facts] == ["breaks"]


def test_the_schedule_itself_is_as_good_as_itself(solver: str) -> None:
    result = solved(TWO_CARS, solver)
    assert result.schedule is not None
    facts = rival_facts(result, result.schedule)
    assert [fact.kind for fact in facts] == ["keeps", "worth"]
    assert number(facts[1].values, "worse") == 0
