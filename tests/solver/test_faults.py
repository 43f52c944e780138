"""Seven faults of solvers and backends: with none of them does what is not optimal end as `optimal`."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from worlds import FEATURES

import evdsl
from evdsl.cli.main import main
from evdsl.solver import discovery
from evdsl.solver.audit import audit, solve
from evdsl.solver.backend import Backend
from evdsl.solver.discovery import installed_backends
from evdsl.solver.solution import Options, Solution, Status
from evdsl.testing import FAULTS, Fault, Faulty, IdleError, deceived, faulty
from evdsl.testing.conformance.case import program
from evdsl.testing.faults import ForwardingBackend

LINEAR, INTEGER = FEATURES / "energy_cost.evs", FEATURES / "min_power.evs"
CASES = [
    pytest.param(fault, path, id=f"{fault.name}, {path.stem}")
    for fault in FAULTS
    for path in (LINEAR, INTEGER)
    if path is INTEGER or not fault.needs_integers
]


def test_there_are_seven_faults() -> None:
    assert len({fault.name for fault in FAULTS}) == 7


@pytest.mark.parametrize("path", [LINEAR, INTEGER], ids=lambda path: path.stem)
def test_a_backend_without_a_fault_is_believed(path: Path, solver: str) -> None:
    backend = Faulty(installed_backends()[solver], None)
    assert evdsl.compile(evdsl.load(path)).run(backend).status is Status.OPTIMAL
    assert deceived(evdsl.load(path), backend) == "it ends optimal"


@pytest.mark.parametrize(("fault", "path"), CASES)
def test_a_fault_of_a_backend_is_told(fault: Fault, path: Path, solver: str) -> None:
    backend = Faulty(installed_backends()[solver], fault)
    assert deceived(evdsl.load(path), backend) is None
    assert backend.asked, "nothing was spoiled"


def test_a_fault_that_has_nothing_to_spoil_is_no_lie_that_was_believed() -> None:
    fault = next(fault for fault in FAULTS if fault.needs_integers)
    with pytest.raises(IdleError):
        deceived(evdsl.load(LINEAR), Faulty(installed_backends()["highs"], fault))


@pytest.mark.parametrize(("fault", "path"), CASES)
def test_a_fault_of_a_solver_is_not_believed_by_its_backend(
    fault: Fault, path: Path, solver: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = import_module(f"evdsl.backends.{solver}")
    best = evdsl.compile(evdsl.load(path)).run(solver)
    monkeypatch.setattr(module, "_run", faulty(module._run, fault))
    assert deceived(evdsl.load(path), module.BACKEND) is None
    monkeypatch.undo()
    # A solver that errs once is asked again, and then it is right.
    monkeypatch.setattr(module, "_run", faulty(module._run, fault, times=1))
    result = evdsl.compile(evdsl.load(path)).run(module.BACKEND)
    assert result.status is Status.OPTIMAL
    assert result.stages[-1].value == pytest.approx(best.stages[-1].value)


@dataclass(frozen=True)
class Entry:
    """A backend as an installed package announces it."""

    backend: Backend
    name: str = "faulty"

    def load(self) -> Backend:
        return self.backend


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_command_line_tells_a_fault(
    fault: Fault, solver: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = Entry(Faulty(installed_backends()[solver], fault))
    monkeypatch.setattr(discovery, "_entries", lambda: {entry.name: entry})
    status = main(["solve", str(INTEGER), "--backend", "faulty", "--json"])
    document = json.loads(capsys.readouterr().out)
    assert document["status"] in ("error", "feasible")
    assert status == (5 if document["status"] == "error" else 0)
    if status:
        assert document["diagnostics"][-1]["code"] == "E606"
        assert document["diagnostics"][-1]["message"].startswith(f"{solver} ")
    main(["solve", str(INTEGER), "--backend", "faulty"])
    told = capsys.readouterr()
    assert not told.out.startswith("optimal")


# What is believed of a backend, claim by claim. The optimum of the model is 4 at (2, 1).


def claimed(integer: bool = False, **changes: Any) -> Solution:
    model = program([1, 2], [([1, 1], ">=", 3)], upper=2, integer=integer)
    values = {"x": (2.0, 1.0)}
    sound = Solution(Status.OPTIMAL, 4.0, 4.0, values)  # type: ignore[arg-type]  # as a backend may give them
    return audit(model, replace(sound, **changes), "x", 0.01)


def test_what_holds_is_taken_as_it_is() -> None:
    assert claimed() == claimed(integer=True) == Solution(Status.OPTIMAL, 4.0, 4.0, {"x": (2.0, 1.0)})  # type: ignore[dict-item]  # as above
    assert claimed(status=Status.FEASIBLE, bound=float("nan")).status is Status.FEASIBLE
    assert claimed(status=Status.WITHIN_GAP, bound=3.97).status is Status.WITHIN_GAP
    assert claimed(status=Status.INFEASIBLE, values={}).status is Status.INFEASIBLE


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"values": {}}, "x says optimal, but it gives no values of `x`"),
        ({"values": {"x": (2.0, 1.0, 0.0)}}, "x says optimal, but it gives no values of `x`"),
        ({"values": {"x": (2.0, float("nan"))}}, "x says optimal, but a value of `x` is no finite number"),
        ({"values": {"x": (1.0, 1.0)}}, "x says optimal, but its point violates the model by 0.33"),
        ({"values": {"x": (3.0, 0.0)}}, "x says optimal, but its point violates the model by 0.5"),
        ({"objective": 3.9}, "x says optimal, but its point is worth 4, and not 3.9"),
        ({"objective": float("nan")}, "x says optimal, but its point is worth 4, and not nan"),
        (
            {"values": {"x": (1.5, 1.5)}, "integer": True},
            "x says optimal, but its point violates the model by 0.5",
        ),
    ],
)
def test_a_backend_that_contradicts_itself_is_not_used(changes: dict[str, Any], message: str) -> None:
    solution = claimed(**changes)
    assert (solution.status, solution.message, solution.values) == (Status.ERROR, message, {})


@pytest.mark.parametrize(
    ("status", "bound", "kept"),
    [
        (Status.OPTIMAL, 3.9, 3.9),
        (Status.OPTIMAL, 4.1, None),
        (Status.OPTIMAL, float("nan"), None),
        (Status.OPTIMAL, float("-inf"), None),
        (Status.WITHIN_GAP, 3.9, 3.9),
    ],
)
def test_an_optimum_without_a_proof_is_a_point(status: Status, bound: float, kept: float | None) -> None:
    solution = claimed(status=status, bound=bound)
    assert solution.status is Status.FEASIBLE
    assert solution.objective == 4.0
    assert solution.bound == kept or (kept is None and solution.bound != solution.bound)
    assert solution.message.startswith(f"x says {status.value} of 4, but ")


def test_a_maximum_has_its_bound_above(solver: str) -> None:
    model = program([1, 2], [([1, 1], "<=", 3)], upper=2, maximize=True)
    sound = installed_backends()[solver].solve(model, Options())
    assert audit(model, sound, "x", 0.0).status is Status.OPTIMAL
    below = audit(model, replace(sound, bound=4.0), "x", 0.0)
    assert (below.status, below.bound == below.bound) == (Status.FEASIBLE, False)
    above = audit(model, replace(sound, bound=6.0), "x", 0.0)
    assert (above.status, above.bound) == (Status.FEASIBLE, 6.0)


def test_what_a_listener_raises_is_no_fault_of_the_backend() -> None:
    class Told(ForwardingBackend):
        def solve(self, _: Any, __: Options, listener: Any = None) -> Solution:
            listener(None)
            raise AssertionError("not reached")

    def listener(_: object) -> None:
        raise LookupError("of the listener")

    backend = Told(installed_backends()["highs"])
    with pytest.raises(LookupError, match="of the listener"):
        solve(backend, program([1]), Options(), listener)
    assert solve(backend, program([1]), Options()).status is Status.ERROR


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "optimal",
        Solution(Status.OPTIMAL, None, 4.0, {"x": (2.0, 1.0)}),  # type: ignore[arg-type]  # on purpose
        Solution("optimal", 4.0, 4.0, {"x": (2.0, 1.0)}),  # type: ignore[arg-type]  # on purpose
        Solution(Status.OPTIMAL, 4.0, 4.0, {"x": ("2", "one")}),  # type: ignore[dict-item]  # on purpose
        Solution(Status.OPTIMAL, 4.0, 4.0, {"x": (2.0, 1.0j)}),  # type: ignore[dict-item]  # on purpose
    ],
    ids=str,
)
def test_what_is_no_answer_is_an_error_of_the_backend(answer: Any) -> None:
    class Odd(ForwardingBackend):
        def solve(self, *_: object) -> Any:
            return answer

    model = program([1, 2], [([1, 1], ">=", 3)], upper=2)
    solution = solve(Odd(installed_backends()["highs"]), model, Options())
    assert solution.status is Status.ERROR
    assert "highs" in solution.message
