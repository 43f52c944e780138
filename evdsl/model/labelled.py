"""A program as a linopy model for people: the objective in it, every dimension labelled.

What has an entry for each step, or for some vehicles, is over `time` or `vehicle`, and their labels are the
index. A flat dimension, which has an entry only where there is one (`slot`: a vehicle, a step and ports that
it may use), counts from 0 and has auxiliary coordinates, which linopy carries through expressions, `sel`,
`groupby` and netCDF:

| coordinate | |
|---|---|
| `vehicle` | the name of a vehicle, `day_shift.3` |
| `time` | the begin of a step, UTC without a zone as in a schedule; of an energy or a count, when it holds |
| `port` | the block of ports; several in one group are joined by `+` |
| `need` | the state of need of a cohort |

Variables have `units` and `description` among their attributes. Rows and variables keep linopy's labels, so
that a point of the one model is a point of the other.
"""

from __future__ import annotations

from typing import Any

import linopy
import numpy as np
import pandas as pd
import xarray as xr
from linopy.constraints import Constraint, CSRConstraint, Grid  # type: ignore[attr-defined]  # it does not list it
from numpy.typing import NDArray

from evdsl.language.arrays import FloatArray
from evdsl.language.spec import Stage
from evdsl.model.formulas.variables import variable_formula
from evdsl.model.labels import Family, LabelIndex, index_of
from evdsl.model.linear import as_linopy, decisions
from evdsl.model.program import Program, weighted_sum

CONSTANT = "objective_constant"
"""A variable that is fixed at 1: linopy takes no constant in an objective."""


def label(program: Program) -> linopy.Model:
    """The model of a program without open requirements, labelled; its objective is left as it is."""
    index = index_of(program)
    source, model = program.model, linopy.Model(force_dim_names=False)
    for family in index.variables:
        _add_variable(model, source.variables[family.name], family, index)
    for family in index.rows:
        _add_rows(model, source.constraints[family.name], family, index)
    _name_the_idle(model, index)
    objective = source.objective
    if objective.expression.nterm:
        model.add_objective(linopy.LinearExpression(objective.expression.data, model), sense=objective.sense)
    return model


def aim_at(model: linopy.Model, program: Program, stage: Stage) -> None:
    """Gives a labelled model the objective of a stage, its constant as a column that is fixed at 1."""
    goal = weighted_sum(program, stage)
    constant = stage.constant + float(goal.constant[0])
    goal = goal.without_constant()
    if constant:
        if CONSTANT not in model.variables:
            model.add_variables(lower=1.0, upper=1.0, name=CONSTANT)
        one = model.variables[CONSTANT]
        goal = goal + constant * decisions(np.asarray(one.labels.values).reshape(1), "")
    sense = "min" if stage.sign > 0 else "max"
    model.add_objective(as_linopy(goal, model), sense=sense, overwrite=True)


def _add_variable(model: linopy.Model, variable: linopy.Variable, family: Family, index: LabelIndex) -> None:
    dims, coords = _coordinates(tuple(map(str, variable.dims)), family, index)
    arguments: dict[str, Any] = {
        kind: True for kind in ("binary", "integer", "semi_continuous") if variable.attrs.get(kind)
    }
    if "binary" not in arguments:
        arguments |= {
            side: xr.DataArray(getattr(variable, side).values, dims=dims, coords=coords)
            for side in ("lower", "upper")
        }
    elif dims:
        arguments["coords"] = coords
    made = model.add_variables(name=family.name, **arguments)
    found = variable_formula(family.name)
    if found is not None:
        made.attrs.update({"units": found.unit or "1", "description": found.doc})
    if not np.array_equal(made.labels.values, variable.labels.values):
        raise AssertionError(f"the labels of {family.name} are not those that it had")


def _add_rows(
    model: linopy.Model, rows: linopy.constraints.ConstraintBase, family: Family, index: LabelIndex
) -> None:
    if not isinstance(rows, CSRConstraint):
        model.add_constraints(Constraint(rows.data, model), name=family.name)
        return
    dims, coords = _coordinates(tuple(rows.coord_names), family, index)
    auxiliary: dict[str, tuple[str | tuple[()], NDArray[Any]]] = {
        str(name): (dims[0], array.values) for name, array in coords.items() if name not in dims
    }
    grid = Grid({dim: pd.Index(coords[dim].values, name=dim) for dim in dims}, auxiliary)
    model.add_constraints(rows._replace(model=model, grid=grid), name=family.name, freeze=True)


def _name_the_idle(model: linopy.Model, index: LabelIndex) -> None:
    """A row `NAME.idle` that says nothing new, for binaries that stand in no row.

    Those of steps in which nothing can flow are such. A file of linopy lists them as binaries all the same,
    and SCIP refuses a name there that it has not met before.
    """
    matrix = index.matrix
    used = np.bincount(matrix.rows.indices, minlength=len(matrix.cost)) > 0
    for family in index.variables:
        columns = slice(family.start, family.start + len(family))
        idle = matrix.integer[columns] & ~used[columns]
        if idle.any():
            variable = model.variables[family.name]
            at = np.flatnonzero(idle)
            one = variable.isel({variable.dims[0]: at}) if variable.dims else variable
            model.add_constraints(one <= 1, name=f"{family.name}.idle")


def _coordinates(
    dims: tuple[str, ...], family: Family, index: LabelIndex
) -> tuple[tuple[str, ...], xr.Coordinates]:
    """The name of the dimension, its index, and the coordinates beside it; nothing without one."""
    if not dims:
        return (), xr.Coordinates()
    (dim,) = dims
    known = _names(family, index)
    if len(known) == 1:
        (name, values), *_ = known.items()
        if len(np.unique(values)) == len(values):
            return (name,), xr.Coordinates({name: values})
    return dims, xr.Coordinates(
        {dim: np.arange(len(family)), **{name: (dim, values) for name, values in known.items()}}
    )


def _names(family: Family, index: LabelIndex) -> dict[str, NDArray[Any]]:
    """What is known of every entry of a family, by the name of the coordinate."""
    at, found = family.at, dict[str, NDArray[Any]]()
    if _complete(at.vehicle):
        found["vehicle"] = np.array(index.program.data.vehicles.name, dtype=str)[at.vehicle.astype(int)]
    if _complete(at.hours):
        seconds = np.round(at.hours * 3600 * 1e6).astype("timedelta64[us]")
        start = np.datetime64(index.program.data.timeline.start_utc, "us")
        found["time"] = (start + seconds).astype("datetime64[ns]")
    if _complete(at.port):
        groups = {int(group): "+".join(index.ports(group)) for group in np.unique(at.port)}
        found["port"] = np.array([groups[int(group)] for group in at.port], dtype=str)
    if _complete(at.need):
        found["need"] = at.need.astype(int)
    return found


def _complete(axis: FloatArray) -> bool:
    return bool(len(axis)) and bool(np.isfinite(axis).all())
