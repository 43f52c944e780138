"""The rest of the contract: options, repetition, silence, and models that a solver is not given."""

from __future__ import annotations

import math
import os
import tempfile
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

import numpy as np

from evdsl.solver.backend import Backend
from evdsl.solver.redirect import flush_output
from evdsl.solver.solution import Options, Progress, Solution, Status
from evdsl.testing.conformance.case import (
    Case,
    Check,
    empty,
    expect,
    expect_end,
    expect_optimum,
    program,
)

if TYPE_CHECKING:
    import linopy

INTEGERS = ("integers",)


def _knapsack() -> linopy.Model:
    rng = np.random.default_rng(2)
    value, weight = (rng.integers(10, 99, 25).astype(float) for _ in range(2))
    row = (list(weight), "<=", float(np.floor(weight.sum() / 3)))
    return program(list(value), [row], binary=True, maximize=True)


def _small() -> linopy.Model:
    return program([1, 2], [([1, 1], ">=", 3)], upper=2)


def _same_for(*options: Options) -> Check:
    def check(backend: Backend, model: linopy.Model) -> None:
        first, *others = [backend.solve(model, choice) for choice in options]
        for solution in (first, *others):
            expect_optimum(solution, first.objective)

    return check


def _twice(backend: Backend, model: linopy.Model) -> None:
    before = _names_and_labels(model)
    first, second = backend.solve(model, Options()), backend.solve(model, Options())
    expect_optimum(first, second.objective)
    same = all(np.array_equal(first.values[name], second.values[name]) for name in first.values)
    expect(same, "the same solve gave another schedule")
    expect(_names_and_labels(model) == before, "the solve changed the model")


def _names_and_labels(model: linopy.Model) -> object:
    return (
        [(name, v.labels.values.tolist(), v.lower.values.tolist()) for name, v in model.variables.items()],
        [(name, c.active_labels().tolist()) for name, c in model.constraints.items()],
        model.matrices.c.tolist(),
        model.objective.sense,
        model.status,
    )


def _after_another(backend: Backend, model: linopy.Model) -> None:
    """What was solved before leaves no trace."""
    backend.solve(program([1], [([1], ">=", 2), ([1], "<=", 1)]), Options())
    backend.solve(program([-1]), Options())
    expect_optimum(backend.solve(model, Options()), 4.0)


def _unknown_option(backend: Backend, model: linopy.Model) -> None:
    options = Options(extra={"no such option": "1"})
    found = backend.check_options(options)
    expect([problem.code for problem in found] == ["E604"], f"an unknown option gives {found}")
    expect("no such option" in found[0].message, "the diagnostic does not name the option")
    solution = backend.solve(model, options)
    expect_end(solution, Status.ERROR)


def _no_options(backend: Backend, model: linopy.Model) -> None:
    found = backend.check_options(Options(time_limit=5.0, gap=0.01, threads=1, seed=3))
    expect(found == [], f"options of the contract give {found}")
    expect_optimum(backend.solve(model, Options(time_limit=60.0, threads=1, seed=3)), 4.0)


def _introduces_itself(backend: Backend, model: linopy.Model) -> None:
    expect(isinstance(backend, Backend), "it lacks a part of evdsl.solver.backend.Backend")
    expect(
        backend.name and backend.name == backend.name.lower(), "its name is empty, or not in small letters"
    )
    expect(backend.version(), "its version is empty")
    expect(model.status == "initialized", "the model was solved before")


def _silent(backend: Backend, model: linopy.Model) -> None:
    with tempfile.TemporaryFile() as file, open(file.fileno(), "w", closefd=False) as python:
        flush_output()
        saved = os.dup(1)
        os.dup2(file.fileno(), 1)
        try:
            with redirect_stdout(python):
                backend.version()
                for choice in (model, _knapsack(), program([-1]), program([1], [([1], ">=", 2)], upper=1)):
                    backend.solve(choice, Options())
                backend.check_options(Options(extra={"no such option": "1"}))
                flush_output()
        finally:
            os.dup2(saved, 1)
            os.close(saved)
        file.seek(0)
        printed = file.read()
    expect(not printed, f"it printed {printed[:200]!r}")


def _timed(backend: Backend, model: linopy.Model) -> None:
    solution = backend.solve(model, Options())
    expect(0 < solution.seconds < 60, f"the solve says that it took {solution.seconds} s")


def _no_schedule(backend: Backend, model: linopy.Model) -> None:
    solution = backend.solve(model, Options())
    expect_end(solution, Status.INFEASIBLE)
    expect(math.isnan(solution.bound), "an infeasible model has a bound")
    expect(math.isnan(solution.gap), "an infeasible model has a gap")


def _quadratic() -> linopy.Model:
    model = empty()
    x = model.add_variables(-5, 5, name="x")
    model.add_constraints(1 * x >= -4, name="row")
    model.add_objective(x * x - 2 * x)
    return model


def _special_ordered() -> linopy.Model:
    model = empty()
    x = model.add_variables(0, 5, coords=[range(3)], dims=["i"], name="x")
    model.add_sos_constraints(x, sos_type=1, sos_dim="i")
    model.add_constraints(x.sum() <= 9, name="row")
    model.add_objective(x.sum(), sense="max")
    return model


def _semicontinuous() -> linopy.Model:
    model = empty()
    x = model.add_variables(2, 5, name="x", semi_continuous=True)
    model.add_constraints(1 * x >= 1, name="row")
    model.add_objective(1 * x)
    return model


def _right_or_refused(capability: str, value: float) -> Check:
    """A backend that lacks the capability says so; it does not solve another model."""

    def check(backend: Backend, model: linopy.Model) -> None:
        solution = backend.solve(model, Options())
        if getattr(backend.capabilities, capability):
            expect_optimum(solution, value)
        else:
            expect_end(solution, Status.ERROR)

    return check


def _ignored(progress: Progress) -> None:
    """A listener that does nothing."""


def _with_listener(backend: Backend, model: linopy.Model) -> None:
    with_one: Solution = backend.solve(model, Options(), _ignored)
    expect_optimum(with_one, backend.solve(model, Options()).objective)


CASES: tuple[Case, ...] = (
    Case("it says what it is", _small, _introduces_itself),
    Case("nothing is printed", _small, _silent),
    Case("the time is measured", _small, _timed),
    Case("a model solved twice gives the same and is not changed", _knapsack, _twice, INTEGERS),
    Case("a solve leaves no trace in the next", _small, _after_another),
    Case(
        "seeds lead to the same optimum", _knapsack, _same_for(*(Options(seed=s) for s in range(4))), INTEGERS
    ),
    Case(
        "threads lead to the same optimum",
        _knapsack,
        _same_for(*(Options(threads=n) for n in (1, 2, 0, 1))),
        INTEGERS,
    ),
    Case("a listener changes nothing", _knapsack, _with_listener, INTEGERS),
    Case("an unknown option is found before the solve, and ends it", _small, _unknown_option),
    Case("options of the contract are no extra options", _small, _no_options),
    Case(
        "without a schedule there is no bound and no gap",
        lambda: program([1], [([1], ">=", 2)], upper=1),
        _no_schedule,
    ),
    Case("a quadratic objective is solved or refused", _quadratic, _right_or_refused("quadratic", -1.0)),
    Case("special ordered sets are solved or refused", _special_ordered, _right_or_refused("sos", 5.0)),
    Case(
        "semicontinuous variables are solved or refused",
        _semicontinuous,
        _right_or_refused("semicontinuous", 2.0),
    ),
)
