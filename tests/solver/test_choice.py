"""A solver that ends without an answer is followed by its other algorithms, then by another solver."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from worlds import FEATURES, said

import evdsl
from evdsl.model.matrix import ModelMatrix
from evdsl.solver import discovery
from evdsl.solver.audit import solve
from evdsl.solver.backend import Backend, Listener
from evdsl.solver.choice import Choice
from evdsl.solver.discovery import find, installed_backends
from evdsl.solver.run import RawSolution, Request, Termination
from evdsl.solver.solution import Options, Solution, Status
from evdsl.testing import FAULTS, Fault, Faulty
from evdsl.testing.conformance.case import program
from evdsl.testing.faults import ForwardingBackend

LINEAR, INTEGER = FEATURES / "energy_cost.evs", FEATURES / "min_power.evs"
CASES = [
    pytest.param(fault, path, id=f"{fault.name}, {path.stem}")
    for fault in FAULTS
    for path in (LINEAR, INTEGER)
    if path is INTEGER or not fault.needs_integers
]
OTHER = {"highs": "scip", "scip": "highs"}
NO_ANSWER = next(fault for fault in FAULTS if fault.name == "no answer")


def choice(first: Backend, *others: Backend) -> Choice:
    named = {f"{index}": backend for index, backend in enumerate(others)}
    return Choice(first, tuple(named), named.__getitem__, solve)


@pytest.mark.parametrize(("fault", "path"), CASES)
def test_a_fault_of_one_solver_is_made_good_by_another(fault: Fault, path: Path, solver: str) -> None:
    sound = installed_backends()[OTHER[solver]]
    best = evdsl.compile(evdsl.load(path)).run(sound)
    result = evdsl.compile(evdsl.load(path)).run(choice(Faulty(installed_backends()[solver], fault), sound))
    assert result.status is Status.OPTIMAL
    assert result.backend == sound.name
    assert result.stages[-1].value == pytest.approx(best.stages[-1].value)
    assert [attempt.backend for attempt in result.attempts][:: len(result.attempts) - 1] == [
        solver,
        sound.name,
    ]


@pytest.mark.parametrize(("fault", "path"), CASES)
def test_a_fault_of_all_solvers_is_told_of_each(fault: Fault, path: Path) -> None:
    backends = [Faulty(backend, fault) for backend in installed_backends().values()]
    result = evdsl.compile(evdsl.load(path)).run(choice(*backends))
    assert result.status in (Status.ERROR, Status.FEASIBLE)
    assert {attempt.backend for attempt in result.attempts} == {"highs", "scip"}


@dataclass(frozen=True)
class Entry:
    """A backend as an installed package announces it."""

    backend: Backend

    def load(self) -> Backend:
        return self.backend


def test_the_command_tells_each_attempt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = {name: Entry(backend) for name, backend in installed_backends().items()}
    entries["highs"] = Entry(Faulty(installed_backends()["highs"], NO_ANSWER))
    monkeypatch.setattr(discovery, "_entries", lambda: entries)
    status, out, _ = said(capsys, "solve", str(LINEAR), "--json")
    document = json.loads(out)
    assert (status, document["status"], document["backend"]) == (0, "optimal", "scip")
    assert [(each["stage"], each["backend"], each["message"]) for each in document["attempts"]] == [
        (1, "highs", "highs ended with `Not Set`"),
        (1, "scip", "SCIP found an optimum"),
    ]
    status, out, _ = said(capsys, "solve", str(LINEAR))
    assert out.startswith("optimal on scip, verified")
    assert "solver: highs, usual settings: highs ended with `Not Set`\n" in out
    assert "solver: scip, usual settings: SCIP found an optimum\n" in out


def test_where_all_fail_the_command_says_so_as_ever_and_tells_each_attempt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = {name: Entry(Faulty(backend, NO_ANSWER)) for name, backend in installed_backends().items()}
    monkeypatch.setattr(discovery, "_entries", lambda: entries)
    status, out, err = said(capsys, "solve", str(LINEAR))
    assert (status, out.split("\n", 1)[0]) == (5, "failed on highs")
    assert "error[E606 solver-failed]: highs ended with `Not Set`" in err
    assert "note: highs, usual settings: highs ended with `Not Set`" in err
    assert "note: scip, usual settings: scip ended with `Not Set`" in err
    assert "help: leave out limits that limit nothing" in err


def test_an_answer_at_once_is_told_without_a_word_of_attempts(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = said(capsys, "solve", str(LINEAR), "--json")
    assert json.loads(out)["attempts"] == []
    assert "solver:" not in said(capsys, "solve", str(LINEAR))[1]


# What ends the search for an answer. The optimum of the model is 4 at (2, 1).

Told = Callable[[Options], Solution]


@dataclass(slots=True)
class Telling(ForwardingBackend):
    """A backend that says what a function makes of the options, and counts how often it is asked."""

    tell: Told = lambda _: Solution(Status.ERROR, message="nothing came of it")
    asked: int = 0

    def solve(self, model: Any, options: Options, listener: Listener | None = None) -> Solution:  # noqa: ARG002 -- the signature is the contract's
        self.asked += 1
        return self.tell(options)


def telling(solution: Solution) -> Telling:
    return Telling(installed_backends()["highs"], lambda _: solution)


def asked(*told: Solution, integer: bool = False, options: Options | None = None) -> tuple[Solution, int]:
    """The end of a choice among backends that say that, and how many of them were asked."""
    backends = [telling(solution) for solution in told]
    model = program([1, 2], [([1, 1], ">=", 3)], upper=2, integer=integer)
    solution = solve(choice(*backends), model, options or Options())
    return solution, sum(backend.asked for backend in backends)


FAILED = Solution(Status.ERROR, message="it failed")
BEST = Solution(Status.OPTIMAL, 4.0, 4.0, {"x": (2.0, 1.0)})  # type: ignore[dict-item]  # as a backend may give them
DEAR = replace(BEST, objective=5.0, bound=4.0, values={"x": (1.0, 2.0)})  # type: ignore[dict-item]  # as above
STOPPED = Solution(Status.STOPPED, message="the time is over")
NOWHERE, UNBOUNDED = Solution(Status.INFEASIBLE), Solution(Status.UNBOUNDED)


@pytest.mark.parametrize("end", [BEST, STOPPED, NOWHERE, UNBOUNDED, replace(DEAR, status=Status.FEASIBLE)])
def test_an_answer_or_a_limit_is_the_end(end: Solution) -> None:
    solution, count = asked(end, BEST)
    assert (solution.status, count) == (end.status, 1)


def test_after_a_failure_any_answer_is_the_end() -> None:
    for end in (BEST, STOPPED, NOWHERE, UNBOUNDED):
        solution, count = asked(FAILED, end, BEST)
        assert (solution.status, count, len(solution.attempts)) == (end.status, 2, 2)


def test_a_schedule_that_is_not_proven_is_proven_by_another_solver() -> None:
    solution, count = asked(DEAR, BEST)
    assert (solution.status, solution.objective, count) == (Status.OPTIMAL, 4.0, 2)
    assert solution.attempts[0].message == "highs says optimal of 5, but its bound is 4"


def test_a_schedule_that_holds_is_not_lost_to_a_claim_that_there_is_none() -> None:
    for end in (FAILED, NOWHERE, UNBOUNDED, STOPPED):
        solution, count = asked(DEAR, end)
        assert (solution.status, solution.objective, count) == (Status.FEASIBLE, 5.0, 2)


def test_nobody_else_is_asked_after_an_interrupt() -> None:
    solution, count = asked(replace(FAILED, interrupted=True), BEST)
    assert (solution.status, solution.interrupted, count) == (Status.ERROR, True, 1)


def test_nobody_else_is_asked_about_numbers_that_no_solver_can_be_trusted_with() -> None:
    backends = [telling(FAILED), telling(FAILED)]
    model = program([1, 2], [([1, 1e-14], ">=", 3)], upper=1e15)
    assert solve(choice(*backends), model, Options()).status is Status.ERROR
    assert [backend.asked for backend in backends] == [1, 0]


def test_the_time_limit_is_that_of_all_attempts_together() -> None:
    import time

    given: list[float | None] = []

    def slow(options: Options) -> Solution:
        given.append(options.time_limit)
        time.sleep(0.2)
        return FAILED

    backends = [Telling(installed_backends()["highs"], slow) for _ in range(3)]
    solution = solve(choice(*backends), program([1]), Options(time_limit=0.3))
    assert given[0] == 0.3
    assert given[1] is not None
    assert given[1] <= 0.1
    assert len(given) == 2
    assert solution.status is Status.STOPPED
    assert solution.message == "it failed, and no time was left for another solver"


def test_an_option_is_given_to_the_solvers_that_know_it_alone() -> None:
    auto = find("auto")
    assert isinstance(auto, Choice)
    assert auto.check_options(Options(extra={"presolve": "off"})) == []
    pricing = Options(extra={"lp/pricing": "s"})
    assert auto.check_options(pricing) == []
    assert solve(auto, program([1, 2], [([1, 1], ">=", 3)], upper=2), pricing).backend == "scip"
    assert [wrong.code for wrong in auto.check_options(Options(extra={"no such option": "1"}))] == ["E604"]


def test_a_solver_that_is_named_is_asked_alone() -> None:
    faulty = Faulty(installed_backends()["highs"], NO_ANSWER)
    assert evdsl.compile(evdsl.load(LINEAR)).run(faulty).status is Status.ERROR


ALGORITHMS = [
    ("highs", "interior point", ("solver", "simplex")),
    ("scip", "primal simplex", ("lp/initalgorithm", "d")),
]


@pytest.mark.parametrize(("name", "algorithm", "own"), ALGORITHMS)
@pytest.mark.parametrize("integer", [False, True])
def test_each_solver_has_another_algorithm_that_comes_to_the_same(
    name: str, algorithm: str, own: tuple[str, str], integer: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = import_module(f"evdsl.backends.{name}")
    runs: list[str] = []

    def only_by_another(matrix: ModelMatrix, request: Request) -> RawSolution:
        runs.append(request.algorithm)
        return run(matrix, request) if request.algorithm else RawSolution(Termination.FAILED, "lost")

    run = module._run
    monkeypatch.setattr(module, "_run", only_by_another)
    model = program([2, 3, 4], [([3, 2, 2], ">=", 8.5), ([1, 3, 1], ">=", 4.5)], upper=5, integer=integer)
    solution = solve(module.BACKEND, model, Options())
    assert (solution.status, runs[-1]) == (Status.OPTIMAL, algorithm)
    assert solution.objective == pytest.approx(9.0 if integer else 48 / 7)
    named = solve(module.BACKEND, model, Options(extra=dict([own])))
    assert (named.status, len(named.attempts)) == (Status.ERROR, 2)


SMALL = (
    "station s {\n    start = 2024-03-12\n    horizon = 2 h\n    step = 1 h\n}\n"
    "grid { price = { 00:00: 0.3 EUR/kWh, 01:00: 0.1 EUR/kWh } }\nclass car { charge = 10 kW }\n"
    "vehicle v of car {\n    arrival = 00:00\n    stay = 2 h\n    energy = 5 kWh\n}\n"
    "disable partial_charging\nminimize cost\n"
)
FIRST = "highs is asked first: no model without integers is known on which it is much slower"
FAILED_FIRST = "highs ended without an answer"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "s.evs"
    path.write_text(SMALL)
    return path


@pytest.fixture
def _without_highs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first solver has no answer."""
    entries = {name: Entry(backend) for name, backend in installed_backends().items()}
    entries["highs"] = Entry(Faulty(installed_backends()["highs"], NO_ANSWER))
    monkeypatch.setattr(discovery, "_entries", lambda: entries)


def test_auto_says_why_it_took_its_solver(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def why(*arguments: str) -> object:
        return json.loads(said(capsys, "solve", str(small), "--json", *arguments)[1])["choice"]

    assert why() == FIRST
    assert why("--backend", "highs") is None
    unknown = "highs does not know all options that are given: `lp/pricing`"
    assert why("--solver-option", "lp/pricing=s") == unknown
    with_integers = json.loads(said(capsys, "solve", str(INTEGER), "--json")[1])["choice"]
    assert with_integers == "highs is asked first: no solver is the faster one on all models with integers"
    assert f"solver: {FIRST}" in " ".join(said(capsys, "solve", "-v", str(small))[1].split())
    assert "solver:" not in said(capsys, "solve", str(small))[1]


@pytest.mark.usefixtures("_without_highs")
@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("compare",), "solver: highs, usual settings: highs ended with `Not Set`\n"),
        (("price", "cost"), "solver, as written: highs, usual settings: highs ended with `Not Set`\n"),
        (("diff", "--solve"), "   solver: highs, usual settings: highs ended with `Not Set`\n"),
        (("explain",), "solver: highs, usual settings: highs ended with `Not Set` ("),
    ],
)
def test_every_command_that_solves_tells_each_attempt(
    command: tuple[str, ...], told: str, small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name, *more = command
    arguments = [name, str(small), *more]
    assert told in said(capsys, *arguments)[1]
    document = json.loads(said(capsys, *arguments, "--json")[1])
    solved = {
        "compare": lambda: [document["optimum"]],
        "price": lambda: document["choices"][0]["schedules"],
        "diff": lambda: document["solved"],
        "explain": lambda: [document],
    }[name]()
    assert solved
    for each in solved:
        assert each["choice"] == FAILED_FIRST
        assert [attempt["backend"] for attempt in each["attempts"][:2]] == ["highs", "scip"]
