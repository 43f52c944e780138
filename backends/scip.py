"""SCIP: linear and mixed-integer programs, through PySCIPOpt. https://scipopt.org

The model goes through an exact MPS file, which SCIP reads several times faster than Python can build it.
"""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean
from evdsl.model.export.mps import write_mps
from evdsl.solver.backend import Capabilities, Listener
from evdsl.solver.certify import certify
from evdsl.solver.muted_backend import muted_backend
from evdsl.solver.run import RawSolution, Request, Termination
from evdsl.solver.solution import Options, Solution
from evdsl.solver.supervise import run_supervised

if TYPE_CHECKING:
    import linopy
    import pyscipopt

    from evdsl.model.matrix import ModelMatrix

PRIMAL_SIMPLEX = "primal simplex"
"""What else there is where the dual simplex of the relaxations ends without an answer."""

OWN = {
    "limits/time": "the time limit of the solve",
    "limits/gap": "the gap of the solve",
    "lp/threads": "the threads of the solve",
    "parallel/maxnthreads": "the threads of the solve",
    "randomization/randomseedshift": "the seed of the solve",
}
"""Parameters that every solver has, and that are not given by their SCIP name."""

REFUSED = ("display/", "visual/", "write/", "reading/", "misc/printreason", "misc/catchctrlc", "timing/")
"""Parameters that print, write, or change what a time limit means; these are beginnings of names."""

SCALED = ("limits/absgap", "limits/primal", "limits/dual", "misc/referencevalue", "numerics/infinity")
"""Parameters that mean something else on a scaled model."""

SIMPLEX = {"lp/initalgorithm": "p", "lp/resolvealgorithm": "p"}
"""The parameters of the primal simplex."""

ENDS = {
    "optimal": (Termination.OPTIMAL, "SCIP found an optimum"),
    "gaplimit": (Termination.OPTIMAL, "SCIP reached the gap"),
    "infeasible": (Termination.INFEASIBLE, "SCIP found no feasible point"),
    "unbounded": (Termination.UNBOUNDED, "SCIP found the objective unbounded"),
    "inforunbd": (Termination.NO_OPTIMUM, "SCIP found no optimum"),
    "timelimit": (Termination.LIMIT, "SCIP reached the time limit"),
    "memlimit": (Termination.LIMIT, "SCIP ran out of memory"),
    "userinterrupt": (Termination.LIMIT, "SCIP was interrupted"),
}


class Scip:
    """The backend; see `evdsl.solver.backend.Backend`."""

    name = "scip"
    capabilities = Capabilities(integers=True, progress=True)

    def version(self) -> str:
        """The version of the SCIP library."""
        solver = _new()
        return f"{solver.getMajorVersion()}.{solver.getMinorVersion()}.{solver.getTechVersion()}"

    def check_options(self, options: Options) -> list[Diagnostic]:
        """E604 for each extra option that SCIP does not know or cannot take."""
        solver = _new()
        found = [_option_problem(solver, name, value) for name, value in options.extra.items()]
        return [problem for problem in found if problem is not None]

    def solve(self, model: linopy.Model, options: Options, listener: Listener | None = None) -> Solution:
        """Solves a model as it stands; see `evdsl.solver.backend.Backend.solve`."""
        # Who names an algorithm has that one alone.
        others = () if options.extra.keys() & SIMPLEX.keys() else (PRIMAL_SIMPLEX,)
        return certify(model, options, listener, _run, self.capabilities, others)


BACKEND = muted_backend(Scip())


def _run(matrix: ModelMatrix, request: Request) -> RawSolution:
    """One run of SCIP on a model of its own, which is freed before returning."""
    solver = _new()
    try:
        answer = _solved(solver, matrix, request)
    except Exception:
        solver.freeProb()
        raise
    # Not after a KeyboardInterrupt: that leaves while SCIP is still at work on it.
    solver.freeProb()
    return answer


def _solved(solver: pyscipopt.Model, matrix: ModelMatrix, request: Request) -> RawSolution:
    with tempfile.TemporaryDirectory(prefix="evdsl-") as folder:
        path = Path(folder) / "model.mps"
        write_mps(matrix, path)
        solver.readProblem(str(path))
    _configure(solver, request)
    known = _known_by_events(solver)
    run_supervised(
        solver.optimizeNogil,
        stop=solver.interruptSolve,
        known=lambda: (known[0], known[1]),
        notify=request.notify,
        interrupted=request.interrupted,
    )
    return _answer(solver, len(matrix.cost))


def _configure(solver: pyscipopt.Model, request: Request) -> None:
    settings: dict[str, Any] = {
        "limits/time": min(request.time_limit, 1e20),
        # SCIP divides by the smaller of value and bound: a gap that it accepts is one of ours too.
        "limits/gap": request.gap,
        "randomization/randomseedshift": request.seed,
        "lp/threads": min(request.threads, 64),
        "numerics/feastol": 1e-9 if request.careful else 1e-7,
        # Ctrl-C reaches the caller, which stops SCIP; SCIP's own handler would keep it to itself.
        "misc/catchctrlc": False,
    }
    if request.careful:
        settings |= {"numerics/dualfeastol": 1e-9, "presolving/maxrounds": 0}
    if request.algorithm == PRIMAL_SIMPLEX:
        settings |= SIMPLEX
    for name, value in settings.items():
        solver.setParam(name, value)
    for name, text in request.extra.items():
        solver.setParam(name, _converted(solver, name, text))


def _known_by_events(solver: pyscipopt.Model) -> list[float]:
    """The value and the bound known so far, kept up to date by events inside the solve."""
    from pyscipopt import Eventhdlr
    from pyscipopt.scip import PY_SCIP_EVENTTYPE

    known = [math.nan, math.nan]

    class Watcher(Eventhdlr):
        def eventinit(self) -> None:
            for event in (PY_SCIP_EVENTTYPE.BESTSOLFOUND, PY_SCIP_EVENTTYPE.NODESOLVED):
                self.model.catchEvent(event, self)

        def eventexec(self, event: object) -> None:  # noqa: ARG002 -- the signature is pyscipopt's
            known[:] = _finite(self.model.getPrimalbound()), _finite(self.model.getDualbound())

    solver.includeEventhdlr(Watcher(), "evdsl", "keeps value and bound for a listener")
    return known


def _answer(solver: pyscipopt.Model, columns: int) -> RawSolution:
    status = solver.getStatus()
    claim, message = ENDS.get(status, (Termination.FAILED, f"SCIP ended with `{status}`"))
    if claim is Termination.FAILED and status.endswith("limit"):
        claim, message = Termination.LIMIT, "SCIP reached a limit of its search"
    point = None
    if solver.getNSols() > 0:
        best, point = solver.getBestSol(), np.full(columns, np.nan)
        for variable in solver.getVars():
            # SCIP sorts its variables by kind.
            point[int(variable.name[1:])] = solver.getSolVal(best, variable)
    return RawSolution(claim, message, point, _finite(solver.getDualbound()))


def _finite(value: float) -> float:
    return value if abs(value) < 1e20 else math.nan


def _new() -> pyscipopt.Model:
    import pyscipopt

    solver = pyscipopt.Model()
    solver.hideOutput()
    return solver


def _option_problem(solver: pyscipopt.Model, name: str, text: str) -> Diagnostic | None:
    if name in OWN:
        return Diagnostic("E604", f"`{name}` is not an option of its own here", help=f"give {OWN[name]}")
    if name.startswith(REFUSED):
        return Diagnostic("E604", f"SCIP is not given `{name}`: it would change what is printed or written")
    if name in SCALED:
        return Diagnostic("E604", f"SCIP is not given `{name}`: the model that it sees is scaled")
    known = solver.getParams()
    if name not in known:
        return Diagnostic("E604", f"SCIP has no option `{name}`", help=did_you_mean(name, known))
    try:
        value = _converted(solver, name, text)
    except ValueError as error:
        return Diagnostic("E604", f"`{name}` of SCIP takes {error}, not `{text}`")
    try:
        solver.setParam(name, value)
    except (ValueError, TypeError, OverflowError):
        return Diagnostic("E604", f"SCIP does not take `{text}` for `{name}`")
    return None


def _converted(solver: pyscipopt.Model, name: str, text: str) -> bool | int | float | str:
    """The value of a parameter in its own type; `ValueError` names the type where it is not one."""
    present = solver.getParam(name)
    try:
        if isinstance(present, bool):
            words = {"true": True, "on": True, "yes": True, "1": True}
            words |= {"false": False, "off": False, "no": False, "0": False}
            return words[text.strip().lower()]
        if isinstance(present, int):
            return int(text)
        if isinstance(present, float):
            return float(text)
    except (KeyError, ValueError):
        kinds = {bool: "true or false", int: "a whole number", float: "a number"}
        raise ValueError(kinds[type(present)]) from None
    return text
