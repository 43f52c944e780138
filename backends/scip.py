"""SCIP: mixed-integer programs, through PySCIPOpt. https://scipopt.org"""

from __future__ import annotations

import math
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from evdsl.backend import Capabilities, Listener
from evdsl.diagnostic import Diagnostic, did_you_mean
from evdsl.solution import Options, Solution
from evdsl.verdict import Answer, Claim, Request, judge

if TYPE_CHECKING:
    import linopy

    from evdsl.model_matrix import ModelMatrix


class Scip:
    """The backend; see `evdsl.backend.Backend`."""

    name = "scip"
    capabilities = Capabilities(integers=True, progress=True)

    def version(self) -> str:
        """The version of the SCIP library."""
        import pyscipopt

        return str(pyscipopt.Model().version())

    def check_options(self, options: Options) -> list[Diagnostic]:
        """E604 for each extra option that SCIP does not know or cannot take."""
        import pyscipopt

        model = pyscipopt.Model()
        known = model.getParams()
        found = []
        for name, value in options.extra.items():
            if name not in known:
                found.append(Diagnostic("E604", f"SCIP has no option `{name}`", help=did_you_mean(name, known)))
                continue
            try:
                model.setParam(name, _converted(known[name], value))
            except (ValueError, KeyError, OSError, LookupError) as error:
                found.append(Diagnostic("E604", f"SCIP does not take `{value}` for `{name}`: {error}"))
        return found

    def solve(self, model: linopy.Model, options: Options, listener: Listener | None = None) -> Solution:
        """Solves a model as it stands; see `evdsl.backend.Backend.solve`."""
        return judge(model, options, listener, _run, self.capabilities)


BACKEND = Scip()


def _converted(old: Any, text: str) -> Any:
    if isinstance(old, bool):
        return text.strip().lower() in ("true", "1", "yes")
    if isinstance(old, int):
        return int(text)
    return float(text) if isinstance(old, float) else text


def _run(matrix: ModelMatrix, request: Request) -> Answer:
    import pyscipopt

    solver = pyscipopt.Model()
    solver.hideOutput()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.mps"
        path.write_text(_mps(matrix))
        solver.readProblem(str(path))
    if math.isfinite(request.time_limit):
        solver.setParam("limits/time", request.time_limit)
    solver.setParam("limits/gap", request.gap / 2)
    solver.setParam("randomization/randomseedshift", request.seed % 2**31)
    solver.setParam("numerics/feastol", 1e-9 if request.careful else 1e-7)
    if request.careful:
        solver.setParam("presolving/maxrounds", 0)
    for name, value in request.extra.items():
        solver.setParam(name, _converted(solver.getParam(name), value))
    solver.optimize()
    claims = {
        "optimal": Claim.OPTIMAL,
        "gaplimit": Claim.OPTIMAL,
        "infeasible": Claim.INFEASIBLE,
        "unbounded": Claim.UNBOUNDED,
        "inforunbd": Claim.NO_OPTIMUM,
    }
    status = solver.getStatus()
    claim = claims.get(status, Claim.LIMIT if status.endswith(("limit", "interrupt")) else Claim.FAILED)
    point = None
    if solver.getNSols() and claim in (Claim.OPTIMAL, Claim.LIMIT):
        best = solver.getBestSol()
        point = np.zeros(len(matrix.cost))
        for variable in solver.getVars():
            point[int(variable.name[1:])] = best[variable]
    bound = solver.getDualbound()
    bound = bound if abs(bound) < 1e20 else -math.inf
    return Answer(claim, f"SCIP ended with `{status}`", point, bound)


def _mps(matrix: ModelMatrix) -> str:
    """The model as MPS with every digit of its numbers."""
    lines = ["NAME model", "ROWS", " N obj"]
    kinds: list[str] = []
    for low, high in zip(matrix.row_lower.tolist(), matrix.row_upper.tolist(), strict=True):
        free = math.isinf(low) and math.isinf(high)
        kinds.append("N" if free else "E" if low == high else "G" if math.isinf(high) else "L")
    lines += [f" {kind} r{i}" for i, kind in enumerate(kinds)]
    lines.append("COLUMNS")
    columns = matrix.rows.tocsc()
    starts, rows, values = columns.indptr.tolist(), columns.indices.tolist(), columns.data.tolist()
    integer = matrix.integer.tolist()
    inside = False
    for j, cost in enumerate(matrix.cost.tolist()):
        if integer[j] != inside:
            inside = integer[j]
            lines.append(f" M{j} 'MARKER' {chr(39)}{'INTORG' if inside else 'INTEND'}{chr(39)}")
        lines.append(f" x{j} obj {cost!r}")
        lines += [f" x{j} r{rows[k]} {values[k]!r}" for k in range(starts[j], starts[j + 1])]
    if inside:
        lines.append(" MEND 'MARKER' 'INTEND'")
    lines.append("RHS")
    ranges: list[str] = []
    for i, (kind, low, high) in enumerate(
        zip(kinds, matrix.row_lower.tolist(), matrix.row_upper.tolist(), strict=True)
    ):
        side = low if kind in "EG" else high
        if kind != "N" and side:
            lines.append(f" RHS r{i} {side!r}")
        if kind == "L" and math.isfinite(low):
            ranges.append(f" RNG r{i} {high - low!r}")
    lines += ["RANGES", *ranges, "BOUNDS"] if ranges else ["BOUNDS"]
    for j, (low, high) in enumerate(zip(matrix.lower.tolist(), matrix.upper.tolist(), strict=True)):
        lines.append(f" LO BND x{j} {low!r}" if math.isfinite(low) else f" MI BND x{j}")
        lines.append(f" UP BND x{j} {high!r}" if math.isfinite(high) else f" PL BND x{j}")
    lines.append("ENDATA")
    return "\n".join(lines) + "\n"
