"""A model as a file for other tools, by its ending: `.mps` or `.lp` for solvers, `.nc` for linopy.

linopy's own writers of the first two leave out the constant of the objective and number what they name,
and HiGHS's keeps 15 digits; so both are written here, every number so that it reads back as the same
double, and every column and row by its name. A constant of the objective is a column `objective_constant`
that is fixed at 1, which every reader takes alike.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from evdsl.diagnostics.files import replace_with
from evdsl.model.export.lp import write_lp
from evdsl.model.export.mps import write_mps
from evdsl.model.export.names import names_of
from evdsl.model.labels import index_of
from evdsl.model.linear import decisions
from evdsl.model.matrix import read
from evdsl.model.program import Program, aim, replica, weighted_sum

ENDINGS = (".mps", ".lp", ".nc")

CONSTANT = "objective_constant"


def with_first_objective(program: Program) -> Program:
    """The same with its first stage as objective, the constant of that as a column."""
    program, stage = replica(program), program.stages[0]
    found = weighted_sum(program, stage)
    constant = stage.constant + float(found.constant[0])
    if constant:
        one = program.model.add_variables(lower=1.0, upper=1.0, name=CONSTANT)
        label = np.asarray(one.labels.values).reshape(1)
        found = found.without_constant() + constant * decisions(label, "")
        program.ledger[CONSTANT] = stage.span
    aim(program, found, "min" if stage.sign > 0 else "max")
    return program


def write(program: Program, path: Path) -> None:
    """Writes a prepared program; what was there before is replaced only when all is written."""

    def written(to: Path) -> None:
        if path.suffix.lower() == ".nc":
            _netcdf(program, to)
        else:
            writer = write_mps if path.suffix.lower() == ".mps" else write_lp
            writer(read(program.model), to, names_of(index_of(program)))

    replace_with(path, written)


def _netcdf(program: Program, path: Path) -> None:
    """linopy's own file, with the names of all labels among its parameters."""
    model, index = program.model, index_of(program)
    names = {
        f"{family.kind} {family.name}": (
            f"{family.kind} {family.name} label",
            [index.label(family, i) for i in range(len(family))],
        )
        for family in index.families
        if len(family)
    }
    before = model.parameters
    model.parameters = xr.Dataset(names)
    try:
        model.to_netcdf(path, engine="netcdf4")
    finally:
        model.parameters = before
