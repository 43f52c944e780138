"""A model as a file for other tools, by its ending: `.mps` or `.lp` for solvers, `.nc` for linopy.

linopy's own writers of the first two leave out the constant of the objective and number what they name,
and HiGHS's keeps 15 digits; so both are written here, every number so that it reads back as the same
double, and every column and row by its name. A constant of the objective is a column `objective_constant`
that is fixed at 1, which every reader takes alike.
"""

from __future__ import annotations

from pathlib import Path

from evdsl.diagnostics.files import replace_with
from evdsl.model.composition import Composition
from evdsl.model.export.lp import write_lp
from evdsl.model.export.mps import write_mps
from evdsl.model.export.names import names_of, names_of_periods
from evdsl.model.labelled import CONSTANT, aim_at, label
from evdsl.model.labels import index_of
from evdsl.model.matrix import read
from evdsl.model.program import Program, replica


def with_first_objective(program: Program) -> Program:
    """The same with its first stage as objective, the constant of that as a column."""
    program = replica(program)
    aim_at(program.model, program, program.stages[0])
    if CONSTANT in program.model.variables:
        program.ledger[CONSTANT] = program.stages[0].span
    return program


def write(program: Program, path: Path, composition: Composition | None = None) -> None:
    """Writes a prepared program; what was there before is replaced only when all is written.

    Where it is that of a `composition`, names are those of its periods.
    """

    def written(to: Path) -> None:
        if path.suffix.lower() == ".nc":
            _netcdf(program, to, composition)
        else:
            writer = write_mps if path.suffix.lower() == ".mps" else write_lp
            matrix = read(program.model)
            if composition is None:
                names = names_of(index_of(program))
            else:
                names = names_of_periods(composition, matrix)
            writer(matrix, to, names)

    replace_with(path, written)


def _netcdf(program: Program, path: Path, composition: Composition | None) -> None:
    """linopy's own file, with labels on every dimension; of a composition with numbers, since times recur."""
    model = label(program) if composition is None else program.model
    model.to_netcdf(path, engine="netcdf4")
