"""HiGHS: linear and mixed-integer programs, embedded. https://highs.dev

Driven through highspy on the arrays of the model, not through linopy, whose status hides the solver's own.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from threading import Event
from typing import TYPE_CHECKING, Any

import numpy as np

from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean
from evdsl.solver.backend import Backend, Capabilities, Listener
from evdsl.solver.certify import certify
from evdsl.solver.kept import KeptBackend
from evdsl.solver.muted_backend import muted_backend
from evdsl.solver.run import RawSolution, Request, Termination
from evdsl.solver.solution import Options, Solution
from evdsl.solver.supervise import run_supervised

if TYPE_CHECKING:
    import highspy
    import linopy

    from evdsl.model.matrix import ModelMatrix

PATIENCE = 20.0
"""Seconds after which an interior point joins a linear program that simplex has not solved. On fleets with
a binding site limit simplex is the faster one once the costs are scaled, by two times and more, and its
answer is the same vertex in every run; this is for the program on which it stalls."""

LARGE = 50_000
"""Columns from which on a linear program is given to simplex and an interior point at once, see `_raced`."""

SHARE = 2
"""Steps of simplex for each row, after which the answer of the interior point is taken."""

INTERIOR_POINT = "interior point"
"""What else there is where simplex ends without an answer: for a linear program, or at the nodes of a search.
Of 60 draws of a cohort on 24 h simplex ended `Not Set` on 15 with presolve and on 42 without, and so did the
interior point on 15 with presolve; without presolve it solved all 60."""

OWN = {
    "time_limit": "the time limit of the solve",
    "mip_rel_gap": "the gap of the solve",
    "threads": "the threads of the solve",
    "random_seed": "the seed of the solve",
}
"""Options that every solver has, and that are not given by their HiGHS name."""

REFUSED = frozenset(
    "output_flag log_to_console log_file log_dev_level log_githash timeless_log highs_debug_level "
    "highs_analysis_level mip_report_level solution_file write_solution_to_file write_solution_style "
    "write_model_file write_model_to_file write_presolved_model_file write_presolved_model_to_file "
    "write_basis_file write_iis_model_file read_solution_file read_basis_file mip_improving_solution_file "
    "mip_improving_solution_save glpsol_cost_row_location ranging solve_relaxation".split()
)
"""Options that print, touch files, or solve something else."""

SCALED = frozenset(
    "objective_bound objective_target user_objective_scale user_bound_scale mip_abs_gap infinite_cost "
    "infinite_bound small_matrix_value large_matrix_value blend_multi_objectives".split()
)
"""Options that mean something else on a scaled model."""


class Highs:
    """The backend; see `evdsl.solver.backend.Backend`."""

    name = "highs"
    capabilities = Capabilities(integers=True, semicontinuous=True, duals=True, progress=True, networks=True)

    def version(self) -> str:
        """The version of the HiGHS library."""
        return str(_new().version())

    def check_options(self, options: Options) -> list[Diagnostic]:
        """E604 for each extra option that HiGHS does not know or cannot take."""
        solver = _new()
        found = (_option_problem(solver, name, value) for name, value in options.extra.items())
        return [problem for problem in found if problem is not None]

    def solve(self, model: linopy.Model, options: Options, listener: Listener | None = None) -> Solution:
        """Solves a model as it stands; see `evdsl.solver.backend.Backend.solve`."""
        # Who names an algorithm has that one alone, and who gives an option wants HiGHS.
        named = bool(options.extra.keys() & {"solver", "mip_lp_solver"})
        others = () if named else (INTERIOR_POINT,)
        return certify(
            model,
            options,
            listener,
            _run,
            self.capabilities,
            others,
            networks=not options.extra,
        )

    def kept(self) -> Backend:
        """HiGHS that remembers what it was asked before; see `evdsl.solver.kept`."""
        return KeptBackend(self, _run, _run_from, (INTERIOR_POINT,), LARGE)


BACKEND = muted_backend(Highs())


class _Task:
    """One HiGHS object with a model in it; `run` is called in a thread of its own.

    A linear program begins at a `basis` of its size where one is given, and leaves its last one there.
    HiGHS keeps its pool of threads by the thread that calls it, so each run may ask for another number.
    """

    def __init__(
        self,
        matrix: ModelMatrix,
        request: Request,
        algorithm: str,
        stopping: Event,
        basis: highspy.HighsBasis | None = None,
        **settings: Any,
    ) -> None:
        self.matrix, self.discrete = matrix, matrix.is_discrete
        self.stopping = stopping
        self.value, self.bound = math.nan, math.nan
        self.solver = _new()
        self._configure(request, algorithm, settings)
        self._load()
        self.basis = basis
        if basis is not None:
            self.solver.setBasis(basis)

    def run(self) -> RawSolution:
        """Solves, and says what HiGHS says."""
        solver = self.solver
        for callback in (solver.cbSimplexInterrupt, solver.cbIpmInterrupt, solver.cbMipInterrupt):
            callback.subscribe(self._called)
        solver.run()
        for callback in (solver.cbSimplexInterrupt, solver.cbIpmInterrupt, solver.cbMipInterrupt):
            callback.unsubscribe(self._called)
        answer = self._answer()
        self.basis = None if self.discrete else solver.getBasis()
        solver.clear()
        return answer

    def _called(self, event: highspy.HighsCallbackEvent) -> None:
        """Runs inside the solver: it must not raise."""
        if self.discrete:
            self.value, self.bound = event.data_out.mip_primal_bound, event.data_out.mip_dual_bound
        if self.stopping.is_set():
            event.interrupt()

    def _configure(self, request: Request, algorithm: str, more: Mapping[str, Any]) -> None:
        settings: dict[str, Any] = {
            "time_limit": request.time_limit,
            "mip_rel_gap": request.gap,
            "mip_abs_gap": 1e-9,
            "threads": request.threads,
            "random_seed": request.seed,
            "mip_feasibility_tolerance": 1e-7,
            "solver": algorithm,
        }
        if request.careful:
            settings |= {
                "presolve": "off",
                "primal_feasibility_tolerance": 1e-9,
                "dual_feasibility_tolerance": 1e-9,
                "mip_feasibility_tolerance": 1e-9,
            }
        if request.algorithm == INTERIOR_POINT:
            settings |= {"mip_lp_solver": "ipm"} if self.discrete else {"solver": "ipm", "presolve": "off"}
        for name, value in {**settings, **more}.items():
            self._set(name, value)
        for name, text in request.extra.items():
            self._set(name, _converted(self.solver, name, text))

    def _set(self, name: str, value: Any) -> None:
        import highspy

        if self.solver.setOptionValue(name, value) == highspy.HighsStatus.kError:
            raise ValueError(f"HiGHS does not take {value} for `{name}`")

    def _load(self) -> None:
        import highspy

        solver, matrix = self.solver, self.matrix
        columns = len(matrix.cost)
        everything = np.arange(columns, dtype=np.int32)
        statuses = [
            solver.addVars(columns, matrix.lower, matrix.upper),
            solver.changeColsCost(columns, everything, matrix.cost),
        ]
        if self.discrete:
            kinds = np.where(matrix.semicontinuous, 2, matrix.integer).astype(np.uint8)
            statuses.append(solver.changeColsIntegrality(columns, everything, kinds))
        rows = matrix.rows
        statuses.append(
            solver.addRows(
                rows.shape[0],
                matrix.row_lower,
                matrix.row_upper,
                rows.nnz,
                rows.indptr.astype(np.int32),
                rows.indices.astype(np.int32),
                rows.data,
            )
        )
        if highspy.HighsStatus.kError in statuses:
            raise ValueError("HiGHS does not take the numbers of the model")

    def _answer(self) -> RawSolution:
        import highspy

        solver, status = self.solver, self.solver.getModelStatus()
        info, found = solver.getInfo(), solver.getSolution()
        ends = highspy.HighsModelStatus
        claims = {
            ends.kOptimal: (Termination.OPTIMAL, "HiGHS found an optimum"),
            ends.kInfeasible: (Termination.INFEASIBLE, "HiGHS found no feasible point"),
            ends.kUnbounded: (Termination.UNBOUNDED, "HiGHS found the objective unbounded"),
            ends.kUnboundedOrInfeasible: (Termination.NO_OPTIMUM, "HiGHS found no optimum"),
            ends.kTimeLimit: (Termination.LIMIT, "HiGHS reached the time limit"),
            ends.kIterationLimit: (Termination.LIMIT, "HiGHS reached the limit of iterations"),
            ends.kSolutionLimit: (Termination.LIMIT, "HiGHS reached a limit of its search"),
            ends.kMemoryLimit: (Termination.LIMIT, "HiGHS ran out of memory"),
            ends.kInterrupt: (Termination.LIMIT, "HiGHS was interrupted"),
        }
        said = f"HiGHS ended with `{solver.modelStatusToString(status)}`"
        claim, message = claims.get(status, (Termination.FAILED, said))
        point = np.asarray(found.col_value, dtype=float) if found.value_valid else None
        # A point that is not feasible is on its way, not an answer.
        if point is None or info.primal_solution_status != highspy.kSolutionStatusFeasible.value:
            point = None
        duals = None
        if claim is Termination.OPTIMAL and not self.discrete and found.dual_valid:
            duals = np.asarray(found.row_dual, dtype=float)
        return RawSolution(claim, message, point, info.mip_dual_bound if self.discrete else math.nan, duals)


def _run(matrix: ModelMatrix, request: Request) -> RawSolution:
    """One run; a linear program that takes long gets a second algorithm beside the first."""
    usual = not (request.careful or request.algorithm or request.extra)
    if usual and not matrix.is_discrete and len(matrix.cost) >= LARGE:
        return _raced(matrix, request)
    stopping = Event()
    task = _Task(matrix, request, "choose", stopping)

    def rival() -> RawSolution:
        left = replace(request, time_limit=max(0.0, request.time_limit - PATIENCE))
        return _Task(matrix, left, "ipm", stopping).run()

    # One thread asks for one algorithm; so does who names it.
    alone = matrix.is_discrete or request.threads == 1 or request.algorithm or "solver" in request.extra
    return run_supervised(
        task.run,
        stop=stopping.set,
        known=lambda: (task.value, task.bound),
        notify=request.notify,
        interrupted=request.interrupted,
        rival=None if alone or (os.cpu_count() or 1) == 1 else rival,
        after=PATIENCE,
        settles=lambda answer: answer.termination not in (Termination.FAILED, Termination.LIMIT),
    )


def _run_from(
    matrix: ModelMatrix, request: Request, basis: highspy.HighsBasis | None
) -> tuple[RawSolution, highspy.HighsBasis | None]:
    """A linear program by simplex from a basis, and the basis that it ends with."""
    stopping = Event()
    task = _Task(matrix, request, "choose" if basis is None else "simplex", stopping, basis)
    answer = run_supervised(
        task.run,
        stop=stopping.set,
        notify=request.notify,
        interrupted=request.interrupted,
    )
    return answer, task.basis


def _raced(matrix: ModelMatrix, request: Request) -> RawSolution:
    """A large linear program: the answer of simplex if that comes within some steps, or else the other's.

    Neither is presolved, which on such programs takes longer than it saves. Where no limit binds, simplex
    takes 1.2 to 1.7 steps a row; where one does, 5 to 8, each slower than the last, and an interior point a
    tenth of the time (`docs/design/solvers.md`). Which answer is taken depends on the steps and on no
    clock, so that a schedule is the same again on another machine.
    """
    stopping, enough = Event(), Event()
    steps = SHARE * matrix.rows.shape[0]
    first = _Task(matrix, request, "simplex", stopping, presolve="off", simplex_iteration_limit=steps)
    alone = request.threads == 1 or (os.cpu_count() or 1) == 1
    began = time.perf_counter()

    def second() -> RawSolution:
        left = replace(request, time_limit=max(0.0, request.time_limit - (time.perf_counter() - began)))
        return _Task(matrix, left, "ipm", enough, presolve="off").run()

    def both() -> RawSolution:
        with ThreadPoolExecutor(1) as pool:
            beside = None if alone else pool.submit(second)
            try:
                answer = first.run()
            except BaseException:
                enough.set()
                raise
            if stopping.is_set() or answer.termination not in (Termination.LIMIT, Termination.FAILED):
                enough.set()
                return answer
            return second() if beside is None else beside.result()

    def stop() -> None:
        stopping.set()
        enough.set()

    return run_supervised(
        both,
        stop=stop,
        notify=request.notify,
        interrupted=request.interrupted,
    )


def _new() -> highspy.Highs:
    import highspy

    solver = highspy.Highs()  # type: ignore[no-untyped-call]  # highspy has no types there
    # Not for the output, which is closed here, but for the time that writing takes.
    solver.setOptionValue("output_flag", False)
    return solver


@cache
def _known_options() -> tuple[str, ...]:
    """The names of all options that may be given: highspy has no list, but it can write them to a file."""
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "options"
        _new().writeOptions(str(path))
        lines = path.read_text().splitlines()
    names = (line.split("=")[0].strip() for line in lines if "=" in line and not line.startswith("#"))
    return tuple(name for name in names if name not in REFUSED | SCALED | OWN.keys())


def _option_problem(solver: highspy.Highs, name: str, text: str) -> Diagnostic | None:
    import highspy

    if name in OWN:
        return Diagnostic("E604", f"`{name}` is not an option of its own here", help=f"give {OWN[name]}")
    if name in REFUSED:
        return Diagnostic("E604", f"HiGHS is not given `{name}`: it would change what is printed or written")
    if name in SCALED:
        return Diagnostic("E604", f"HiGHS is not given `{name}`: the model that it sees is scaled")
    if solver.getOptionType(name)[0] != highspy.HighsStatus.kOk:
        known = _known_options()
        return Diagnostic("E604", f"HiGHS has no option `{name}`", help=did_you_mean(name, known))
    try:
        value = _converted(solver, name, text)
    except ValueError as error:
        return Diagnostic("E604", f"`{name}` of HiGHS takes {error}, not `{text}`")
    if solver.setOptionValue(name, value) == highspy.HighsStatus.kError:
        return Diagnostic("E604", f"HiGHS does not take `{text}` for `{name}`")
    return None


def _converted(solver: highspy.Highs, name: str, text: str) -> bool | int | float | str:
    """The value of an option in its own type; `ValueError` names the type where it is not one."""
    import highspy

    kind = solver.getOptionType(name)[1]
    if kind == highspy.HighsOptionType.kBool:
        words = {"true": True, "on": True, "yes": True, "1": True}
        words |= {"false": False, "off": False, "no": False, "0": False}
        if text.strip().lower() not in words:
            raise ValueError("true or false")
        return words[text.strip().lower()]
    if kind == highspy.HighsOptionType.kInt:
        return _number(int, text, "a whole number")
    if kind == highspy.HighsOptionType.kDouble:
        return _number(float, text, "a number")
    return text


def _number(kind: Callable[[str], float], text: str, wanted: str) -> float:
    try:
        value = kind(text)
    except ValueError:
        raise ValueError(wanted) from None
    if math.isnan(value):
        raise ValueError(wanted)
    return value
