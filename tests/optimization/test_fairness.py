"""Fairness is exact: the worst share, the second worst and so on, held against brute force and by hand."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable
from dataclasses import dataclass

import linopy
import numpy as np
import pytest
from scipy.optimize import linprog
from worlds import FEATURES

import evdsl
from evdsl.optimization.lexicographic import Lexicographic
from evdsl.report.facts import gini, jain
from evdsl.report.run import text as report
from evdsl.solver.backend import Backend
from evdsl.solver.solution import Options, Solution, Status
from evdsl.testing.faults import ForwardingBackend
from evdsl.testing.trial import backend_of

HEAD = "station s {\n    start = 2024-03-12\n    horizon = 4 h\n    step = 1 h\n}\n"


def vehicle(name: str, arrival: int, stay: int, need: float, category: str = "c") -> str:
    lines = [f"arrival = {arrival:02d}:00", f"stay = {stay} h", f"energy = {need} kWh"]
    return "\n    ".join([f"vehicle {name} of {category} {{", *lines]) + "\n}\n"


def solved(text: str, solver: str | Backend = "highs", status: Status = Status.OPTIMAL) -> evdsl.Result:
    result = evdsl.compile(evdsl.loads(text)).run(solver)
    assert result.status is status, result.message
    assert result.verdict is not None
    assert result.verdict.ok, result.verdict.violations[:3]
    return result


def shares(result: evdsl.Result) -> list[float]:
    assert result.schedule is not None
    need = result.data.vehicles.need
    return [float(x) for x in 1.0 - result.schedule["unmet"].values[need > 0] / need[need > 0]]


def near(values: list[float]) -> object:
    return pytest.approx(values, abs=1e-5)


# Linear programs

WINDOWS = tuple[tuple[int, int, float], ...]


def site(limits: list[int], cars: WINDOWS) -> str:
    """Cars that share a connection: when each comes, how long it stays, what it needs."""
    table = ", ".join(f"{hour:02d}:00: {limit} kW" for hour, limit in enumerate(limits))
    text = f"{HEAD}grid {{\n    import_limit = {{ {table} }}\n    price = 0.2 EUR/kWh\n}}\n"
    text += "class c {\n    charge = 8 kW\n}\n"
    return text + "".join(vehicle(f"v{i}", *car) for i, car in enumerate(cars))


def fairest(limits: list[int], cars: WINDOWS) -> list[float]:
    """The fairest shares, one program for the worst and one for each car that might rise, again and again."""
    slots = [(i, t) for i, (come, stay, _) in enumerate(cars) for t in range(come, come + stay)]
    place = {slot: at for at, slot in enumerate(slots)}
    gain = np.zeros((len(cars), len(slots) + 1))
    for (i, _), at in place.items():
        gain[i, at] = 1.0 / cars[i][2]
    flow = np.zeros((4, len(slots) + 1))
    for (_, t), at in place.items():
        flow[t, at] = 1.0
    done: dict[int, float] = {}

    def best(goal: np.ndarray, floor: dict[int, float], with_level: list[int]) -> float:
        rows = [*flow, *gain, *(-gain[i] for i in floor), *(-gain[i] for i in with_level)]
        sides = [
            *limits,
            *np.ones(len(cars)),
            *(-value for value in floor.values()),
            *np.zeros(len(with_level)),
        ]
        matrix = np.array(rows)
        if with_level:
            matrix[-len(with_level) :, -1] = 1.0
        found = linprog(-goal, matrix, sides, bounds=[*[(0, 8)] * len(slots), (0, 1)])
        assert found.status == 0
        return float(-found.fun)

    while len(done) < len(cars):
        free = [i for i in range(len(cars)) if i not in done]
        level = best(np.eye(len(slots) + 1)[-1], done, free)
        floor = {**done, **dict.fromkeys(free, level - 1e-9)}
        done |= {i: level for i in free if best(gain[i], floor, []) < level + 1e-6}
    return [done[i] for i in range(len(cars))]


def test_three_cars_and_a_scarce_connection_by_hand(solver: str) -> None:
    path = FEATURES / "lexfairness.evs"
    result = solved(path.read_text(), solver)
    assert shares(result) == near([0.5, 0.8, 1.0])
    assert result.terms["lexfairness"] == result.terms["fairness"] == pytest.approx(0.5)
    assert result.stages[0].rounds is not None
    assert result.stages[0].rounds > 1


@pytest.mark.parametrize("seed", range(6))
def test_the_shares_of_a_linear_program_are_those_of_an_independent_one(seed: int, solver: str) -> None:
    draw = random.Random(seed)
    limits = [draw.randint(2, 9) for _ in range(4)]
    cars = []
    for _ in range(draw.randint(3, 6)):
        come = draw.randint(0, 3)
        cars.append((come, draw.randint(1, 4 - come), float(draw.randint(3, 14))))
    text = site(limits, tuple(cars))
    result = solved(text + "maximize lexfairness\n", solver)
    assert shares(result) == near(fairest(limits, tuple(cars)))
    first = solved(text + "maximize fairness\n", solver).stages[0].value
    assert result.stages[0].value == pytest.approx(first, abs=1e-6)
    later = solved(text + "maximize lexfairness\nthen minimize cost\nthen minimize peak\n", solver)
    assert shares(later) == near(shares(result))


def test_a_later_stage_may_lower_the_sums_of_the_worst_shares_by_what_it_allows(solver: str) -> None:
    text = site([6, 6, 4, 4], ((0, 1, 8.0), (0, 2, 9.0), (1, 3, 12.0), (2, 2, 9.0)))
    fair = np.sort(shares(solved(text + "maximize lexfairness\n", solver)))
    result = solved(text + "maximize lexfairness\nthen minimize cost allowing 10 %\n", solver)
    given = np.sort(shares(result))
    assert (np.cumsum(given) >= 0.9 * np.cumsum(fair) - 1e-5).all()
    # Charging less is what is cheap: all give way by a tenth.
    assert float(given.sum()) == pytest.approx(0.9 * fair.sum(), abs=1e-4)
    assert result.terms["fairness"] == pytest.approx(0.9 * fair[0], abs=1e-5)


def test_a_later_lexfairness_raises_what_the_stage_before_left_open(solver: str) -> None:
    text = site([6, 6, 4, 4], ((0, 1, 8.0), (0, 2, 9.0), (1, 3, 12.0), (2, 2, 9.0)))
    least = solved(text + "minimize unmet\n", solver).terms["unmet"]
    result = solved(text + "minimize unmet\nthen maximize lexfairness\n", solver)
    assert result.terms["unmet"] == pytest.approx(least, abs=1e-3)
    assert shares(result) == near(shares(solved(text + "maximize lexfairness\n", solver)))


# Mixed-integer programs


def harbour(count: int, cars: WINDOWS, goal: str) -> str:
    text = f"{HEAD}grid {{\n    price = {{ 00:00: 0.1 EUR/kWh, 02:00: 0.3 EUR/kWh }}\n}}\n"
    text += f"port p {{\n    count = {count}\n    power = 8 kW\n}}\nclass c {{\n    charge = 8 kW\n}}\n"
    return text + "".join(vehicle(f"v{i}", *car) for i, car in enumerate(cars)) + goal + "\n"


def fairest_seats(count: int, cars: WINDOWS) -> list[float]:
    """The fairest sorted shares over all choices of who is seated, each seated car charging all it can."""
    best: list[float] = []
    for seated in itertools.product([False, True], repeat=len(cars)):
        chosen = [car for car, sits in zip(cars, seated, strict=True) if sits]
        if any(sum(come <= t < come + stay for come, stay, _ in chosen) > count for t in range(4)):
            continue
        pairs = zip(cars, seated, strict=True)
        best = max(
            best, sorted(min(1.0, 8 * stay / need) if sits else 0.0 for (_, stay, need), sits in pairs)
        )
    return best


@pytest.mark.parametrize("seed", range(6))
def test_with_ports_the_list_of_shares_is_the_fairest_of_all_seatings(seed: int, solver: str) -> None:
    draw = random.Random(100 + seed)
    cars = []
    for _ in range(draw.randint(3, 5)):
        come = draw.randint(0, 3)
        cars.append((come, draw.randint(1, 4 - come), float(draw.randint(6, 40))))
    count = draw.randint(1, 2)
    best = fairest_seats(count, tuple(cars))
    result = solved(harbour(count, tuple(cars), "maximize lexfairness"), solver)
    assert sorted(shares(result)) == near(best)
    first = solved(harbour(count, tuple(cars), "maximize fairness"), solver)
    assert result.stages[0].value == pytest.approx(first.stages[0].value, abs=1e-6)


SEATS = ((0, 2, 16.0), (2, 2, 16.0), (0, 4, 32.0))
"""One port: the first two one after the other, or the third alone."""


def test_with_ports_no_vehicle_is_tight_in_every_optimum(solver: str) -> None:
    # The worst share is 0 whoever sits: `v2` as well as `v0` and `v1` can be at 0 or at 1, so the argument of
    # linear programs would settle none of them, or one that can rise.
    result = solved(harbour(1, SEATS, "maximize lexfairness"), solver)
    assert shares(result) == near([1.0, 1.0, 0.0])


def test_a_later_stage_may_seat_another_where_that_is_as_fair(solver: str) -> None:
    cars = ((0, 4, 32.0), (0, 2, 16.0), (1, 1, 8.0))
    fair = solved(harbour(1, cars, "maximize lexfairness"), solver)
    assert sorted(shares(fair)) == near([0.0, 0.0, 1.0])
    cheap = solved(harbour(1, cars, "maximize lexfairness\nthen minimize cost"), solver)
    assert shares(cheap) == near([0.0, 0.0, 1.0])
    assert cheap.terms["cost"] == pytest.approx(0.8, abs=1e-4)
    dear = solved(harbour(1, cars, "maximize lexfairness\nthen maximize energy_cost"), solver)
    assert shares(dear) == near([1.0, 0.0, 0.0])
    assert dear.terms["cost"] == pytest.approx(16 * 0.1 + 16 * 0.3, abs=1e-4)


def test_an_allowance_holds_for_the_list_also_with_ports(solver: str) -> None:
    result = solved(harbour(1, SEATS, "maximize lexfairness\nthen minimize cost allowing 25 %"), solver)
    assert sorted(shares(result)) == near([0.0, 0.75, 0.75])


# Ends


def test_where_nobody_needs_anything_one_round_says_so(solver: str) -> None:
    text = f"{HEAD}grid {{\n    price = 0.2 EUR/kWh\n}}\n"
    result = solved(text + "maximize lexfairness\nthen minimize fairness_gap\nthen minimize cost\n", solver)
    assert [stage.value for stage in result.stages] == [1.0, 0.0, 0.0]
    assert result.terms["fairness_gap"] == 0.0


def test_a_stage_that_is_at_its_best_already_takes_no_round(solver: str) -> None:
    text = site([9, 9, 9, 9], ((0, 4, 8.0), (0, 4, 8.0)))
    result = solved(text + "minimize unmet\nthen maximize lexfairness\nthen minimize cost\n", solver)
    assert result.stages[1].rounds == 0
    assert shares(result) == near([1.0, 1.0])


@dataclass
class Tired(ForwardingBackend):
    """A solver that stops at a limit after some solves, with nothing to show."""

    left: int
    interrupted: bool

    def solve(
        self, model: linopy.Model, options: Options, listener: Callable[..., None] | None = None
    ) -> Solution:
        self.left -= 1
        if self.left < 0:
            return Solution(Status.STOPPED, message="a limit", interrupted=self.interrupted)
        return self.inner.solve(model, options, listener)


@pytest.mark.parametrize("interrupted", [False, True])
@pytest.mark.parametrize(
    "text", [(FEATURES / "lexfairness.evs").read_text(), harbour(1, SEATS, "maximize lexfairness")]
)
def test_a_limit_within_the_rounds_leaves_the_schedule_of_the_round_before(
    text: str, interrupted: bool, solver: str
) -> None:
    whole = solved(text, solver)
    assert whole.stages[0].rounds is not None
    for solves in range(1, whole.stages[0].rounds):
        result = solved(text, Tired(backend_of(solver), solves, interrupted), Status.FEASIBLE)
        assert result.interrupted is interrupted
        assert result.stages[0].value == pytest.approx(whole.stages[0].value, abs=1e-6)
        assert f"round {solves + 1} ended stopped" in result.message
        assert "not verified" not in report.text(result)
        # What comes after keeps what was reached.
        if not interrupted:
            again = solved(
                text + "then minimize peak\n", Tired(backend_of(solver), solves, False), Status.FEASIBLE
            )
            # How far the vehicles above the round's level were served is the solver's choice.
            assert min(shares(again)) == pytest.approx(min(shares(result)), abs=1e-5)


def test_without_duals_single_vehicles_are_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    text = site([6, 6, 4, 4], ((0, 1, 8.0), (0, 2, 9.0), (1, 3, 12.0), (2, 2, 9.0)))
    with_duals = solved(text + "maximize lexfairness\n")
    monkeypatch.setattr("evdsl.optimization.lexicographic.POSITIVE", 2.0)
    without = solved(text + "maximize lexfairness\n")
    assert shares(without) == near(shares(with_duals))
    assert without.stages[0].rounds > with_duals.stages[0].rounds  # type: ignore[operator]  # both have rounds


def test_the_sums_say_the_same_of_a_linear_program_as_the_duals(
    solver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        site([6, 6, 4, 4], ((0, 1, 8.0), (0, 2, 9.0), (1, 3, 12.0), (2, 2, 9.0))) + "maximize lexfairness\n"
    )
    by_vehicles = shares(solved(text, solver))
    monkeypatch.setattr(Lexicographic, "_by_vehicles", lambda self, _: self._by_sums())
    assert shares(solved(text, solver)) == near(by_vehicles)


# Reports


def test_reports_say_how_many_rounds_it_took() -> None:
    result = solved((FEATURES / "lexfairness.evs").read_text() + "then minimize peak\n")
    stages = json.loads(json.dumps(report.document(result), allow_nan=False))["stages"]
    assert stages[0]["rounds"] == result.stages[0].rounds
    assert stages[1]["rounds"] is None
    assert f"maximize lexfairness: 0.5, in {stages[0]['rounds']} rounds" in report.text(result)


def test_the_indices_of_jain_and_gini_by_hand() -> None:
    # Shares 0.5, 0.8 and 1: (2.3)² / (3 · 1.89), and (0.3 + 0.5 + 0.2) · 2 / (2 · 3 · 2.3).
    assert jain(np.array([0.8, 1.0, 0.5])) == pytest.approx(5.29 / 5.67)
    assert gini(np.array([0.8, 1.0, 0.5])) == pytest.approx(1.0 / 6.9)
    result = solved((FEATURES / "lexfairness.evs").read_text())
    document = report.document(result)
    assert document["jain"] == pytest.approx(5.29 / 5.67, abs=1e-5)
    assert document["gini"] == pytest.approx(1.0 / 6.9, abs=1e-5)
    assert "worst share 50 %, Jain 0.933, Gini 0.145" in report.text(result)
    assert (jain(np.zeros(3)), gini(np.zeros(3))) == (1.0, 0.0)
    assert (jain(np.zeros(0)), gini(np.zeros(0))) == (None, None)


# What cannot be asked


@pytest.mark.parametrize(
    ("lines", "code", "marked", "help"),
    [
        ("minimize lexfairness", "E403", "lexfairness", "write `maximize lexfairness`"),
        ("maximize lexfairness + fairness", "E404", "lexfairness", "weigh `fairness` instead"),
        ("maximize 2 * lexfairness", "E404", "lexfairness", "weigh `fairness` instead"),
        ("minimize unmet\nthen maximize lexfairness - 1", "E404", "lexfairness", "`then ...`"),
        ("let f = lexfairness\nminimize 1 - f", "E404", "f", "weigh `fairness` instead"),
        (
            "minimize unmet\nrequire r: lexfairness >= 50 %",
            "E404",
            "lexfairness",
            "require `fairness >= ...`",
        ),
        ("maximize fairness_gap", "E403", "fairness_gap", "write `minimize fairness_gap`"),
    ],
)
def test_an_order_of_schedules_stands_alone(lines: str, code: str, marked: str, help: str) -> None:
    with pytest.raises(evdsl.SpecError) as caught:
        evdsl.loads(site([5, 5, 5, 5], ((0, 2, 8.0),)) + lines + "\n")
    (found,) = caught.value.diagnostics
    assert found.code == code
    assert found.span is not None
    assert found.span.text == marked
    assert help in found.help


def test_as_a_quantity_it_is_the_worst_share() -> None:
    text = site([4, 4, 4, 4], ((0, 2, 16.0), (2, 2, 8.0)))
    result = solved(text + "let worst = lexfairness\nmaximize worst\n")
    assert result.terms["lexfairness"] == pytest.approx(0.5)
    assert result.stages[0].rounds is not None


# The gap between best and worst


def test_the_gap_is_closed_where_that_is_worth_it(solver: str) -> None:
    result = solved((FEATURES / "fairness_gap.evs").read_text(), solver)
    assert shares(result) == near([0.5, 0.5])
    cheap = (FEATURES / "fairness_gap.evs").read_text().replace("20 kWh *", "4 kWh *")
    assert solved(cheap, solver).terms["fairness_gap"] == pytest.approx(0.5, abs=1e-5)


def test_a_vehicle_that_takes_more_than_it_asked_for_hides_no_gap(solver: str) -> None:
    text = f"{HEAD}grid {{\n    price = -1 EUR/kWh\n}}\nclass c {{\n    charge = 10 kW\n}}\n"
    text += "class big {\n    battery = 40 kWh\n    charge = 20 kW\n}\n" + vehicle("half", 0, 1, 20)
    text += "vehicle full of big {\n    arrival = 00:00\n    stay = 1 h\n"
    text += "    soc_arrival = 0 %\n    soc_target = 25 %\n}\n"
    # `half` takes 10 of its 20 kWh. `full` takes 20 kWh and has all of its 10: a gap of 0.5, at -30 EUR.
    # Without a gap it takes 5 kWh, at -15 EUR. Called unserved, it would have both.
    dear = solved(text + "minimize cost + 40 EUR * fairness_gap\n", solver)
    assert dear.stages[0].value == pytest.approx(-15.0, abs=1e-4)
    cheap = solved(text + "minimize cost + 12 EUR * fairness_gap\n", solver)
    assert cheap.stages[0].value == pytest.approx(-24.0, abs=1e-4)
    assert cheap.terms["fairness_gap"] == pytest.approx(0.5, abs=1e-5)


@pytest.mark.parametrize(
    ("goal", "value"),
    [("maximize fairness", 0.5), ("minimize fairness_gap", 0.0), ("maximize lexfairness", 0.5)],
)
def test_who_needs_nothing_has_no_share(goal: str, value: float, solver: str) -> None:
    text = site([2, 2, 2, 2], ((0, 4, 8.0), (0, 4, 8.0))).replace(
        "charge = 8 kW", "charge = 8 kW\n    battery = 9 kWh"
    )
    full = vehicle("full", 0, 4, 1.0).replace("energy = 1.0 kWh", "soc_arrival = 50 %\n    soc_target = 50 %")
    result = solved(f"{text}{full}minimize unmet\nthen {goal}\nthen minimize delay\n", solver)
    assert [stage.value for stage in result.stages][:2] == near([8.0, value])
    assert shares(result) == near([0.5, 0.5])


def test_what_is_taken_beyond_the_need_widens_no_gap(solver: str) -> None:
    """In one hour that pays for energy, the first takes 6 of 4 kWh and the second 5 of 10."""
    text = f"{HEAD}grid {{\n    price = -1 EUR/kWh\n}}\n"
    for name, power, need in (("more", 6, 4.0), ("less", 5, 10.0)):
        text += f"class {name}s {{\n    charge = {power} kW\n    battery = 50 kWh\n}}\n"
        text += vehicle(name, 0, 1, need, f"{name}s")
    result = solved(f"{text}minimize energy_cost\nthen minimize fairness_gap\n", solver)
    assert [stage.value for stage in result.stages] == near([-11.0, 0.5])


def test_no_row_is_remembered_that_has_been_taken_away() -> None:
    text = site([2, 3, 2, 3], ((0, 4, 9.0), (0, 2, 8.0), (1, 3, 7.0)))
    problem = evdsl.compile(evdsl.loads(f"{text}maximize lexfairness\nthen minimize cost\n"))
    assert problem.run("highs").status is Status.OPTIMAL
    there = {*problem.model.constraints, *problem.model.variables}
    assert set(problem.program.ledger) <= there
