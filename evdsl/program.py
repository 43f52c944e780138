"""A model under construction, and as it leaves the formulation: linopy, names, lines of the spec."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import linopy
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from evdsl.data import Data
from evdsl.requirement import Requirement
from evdsl.seats import Seats, seats_of
from evdsl.source import Span
from evdsl.spec import Spec, Stage

Values = dict[str, NDArray[np.float64]]

VEHICLES = ("charge", "discharge")
"""Owners of the powers that all vehicles take and give together."""

# Labels of mismatched dimensions must raise, not be matched by guess; linopy's default does the latter.
os.environ.setdefault("LINOPY_SEMANTICS", "v1")
linopy.options["semantics"] = "v1"


@dataclass(frozen=True, slots=True)
class Program:
    """A linopy model, what it still has to satisfy, and where each part of it was asked for.

    `ledger` maps names of variables and rows to the span of the statement behind them. `words` are
    the objective words in use, as linear expressions; `stages` the objectives in order.
    """

    spec: Spec
    data: Data
    seats: Seats
    model: linopy.Model
    requirements: tuple[Requirement, ...]
    ledger: dict[str, Span]
    words: Mapping[str, Any]
    stages: tuple[Stage, ...]
    powers: tuple[Power, ...]


@dataclass(frozen=True, slots=True)
class Power:
    """What an owner takes from a feeder, or (empty) from the connection: decided, or an array of kW."""

    owner: str
    feeder: str
    amount: Any

    @property
    def decided(self) -> bool:
        """Whether it is an expression over decisions."""
        return not isinstance(self.amount, np.ndarray)


@dataclass(slots=True)
class ModelBuilder:
    """The `evdsl.builder.Builder` that makes linopy models."""

    spec: Spec
    data: Data
    seats: Seats
    model: linopy.Model
    ledger: dict[str, Span] = field(default_factory=dict)
    requirements: list[Requirement] = field(default_factory=list)
    powers: list[Power] = field(default_factory=list)
    expressions: dict[str, Any] = field(default_factory=dict)
    decisions: dict[str, Any] = field(default_factory=dict)
    """Variables as linear expressions, made once: linopy takes milliseconds for each."""

    @classmethod
    def of(cls, spec: Spec, data: Data) -> ModelBuilder:
        """An empty model for a spec and its data."""
        model = linopy.Model(force_dim_names=True, sparse=True)
        return cls(spec, data, seats_of(spec, data), model)

    @property
    def can_export(self) -> bool:
        """Whether anything on the site could give power to the grid."""
        return bool(len(self.seats.slots.outward)) or bool(self.spec.givers)

    def nothing(self) -> Any:
        """See `evdsl.builder.Builder.nothing`."""
        return linopy.LinearExpression.from_constant(self.model, xr.DataArray(0.0))

    def site_caps(self) -> tuple[Any, Any]:
        """See `evdsl.builder.Builder.site_caps`."""
        slots, visits, steps = self.seats.slots, self.data.visits, self.spec.steps
        taken, given = np.zeros(len(visits)), np.zeros(len(visits))
        np.maximum.at(taken, slots.visit, slots.presence * slots.charge / slots.efficiency)
        np.maximum.at(given, slots.visit, slots.presence * slots.discharge * slots.efficiency)
        most = np.bincount(visits.step, taken, minlength=steps).astype(float)
        back = np.bincount(visits.step, given, minlength=steps).astype(float)
        for power in self.powers:
            if power.owner in VEHICLES:
                continue
            if not power.decided:
                most, back = most + power.amount.clip(min=0.0), back - power.amount.clip(max=0.0)
            elif power.owner not in self.feeders:
                high, low = bounds_along(power.amount, self.model, steps)
                most, back = most + high.clip(min=0.0), back - low.clip(max=0.0)
        return most, back

    @property
    def feeders(self) -> frozenset[str]:
        """Names of feeders, whose flows are the sum of what hangs on them."""
        return frozenset(feeder.name for feeder in self.spec.of_kind("feeder"))

    def toggle_place(self, name: str) -> Span:
        """The statement that set a toggle; the station where it is a default."""
        span = self.spec.toggles[name].span
        return span if span is not None else self.spec.of_kind("station")[0].header

    def variable(
        self,
        name: str,
        dimension: str,
        size: int,
        owner: Span,
        *,
        lower: Any = 0.0,
        upper: Any = float("inf"),
        binary: bool = False,
    ) -> Any:
        """See `evdsl.builder.Builder.variable`."""
        self.ledger[name] = owner
        labels = pd.RangeIndex(size, name=dimension)
        if binary:
            self.decisions[name] = 1 * self.model.add_variables(coords=[labels], name=name, binary=True)
            return self.decisions[name]
        low = xr.DataArray(np.broadcast_to(np.asarray(lower, dtype=float), size).copy(), coords=[labels])
        high = xr.DataArray(np.broadcast_to(np.asarray(upper, dtype=float), size).copy(), coords=[labels])
        self.decisions[name] = 1 * self.model.add_variables(lower=low, upper=high, coords=[labels], name=name)
        return self.decisions[name]

    def single(self, name: str, owner: Span, *, lower: float = 0.0, upper: float = float("inf")) -> Any:
        """See `evdsl.builder.Builder.single`."""
        self.ledger[name] = owner
        self.decisions[name] = 1 * self.model.add_variables(lower=lower, upper=upper, name=name)
        return self.decisions[name]

    def rows(self, name: str, left: Any, relation: str, right: Any, owner: Span) -> None:
        """See `evdsl.builder.Builder.rows`."""
        self.ledger[name] = owner
        dims = [str(dim) for dim in left.coord_dims]
        if dims and np.ndim(right):
            size = left.sizes[dims[0]]
            right = xr.DataArray(
                np.broadcast_to(np.asarray(right, dtype=float), size).copy(), coords=[left.indexes[dims[0]]]
            )
        sign = {"<=": "<=", ">=": ">=", "==": "="}[relation]
        rows = self.model.add_constraints(left, sign, right, name=name)
        labels = np.asarray(rows.labels.values)
        if (labels < 0).any():
            raise AssertionError(f"{int((labels < 0).sum())} rows of {name} were dropped")

    def total(self, expression: Any) -> Any:
        """See `evdsl.builder.Builder.total`."""
        return expression.sum()

    def gather(self, expression: Any, groups: Any, dimension: str, size: int) -> Any:
        """See `evdsl.builder.Builder.gather`; negative groups are left out."""
        (own,) = expression.coord_dims
        groups = np.asarray(groups)
        if (groups < 0).any():
            keep = np.flatnonzero(groups >= 0)
            expression, groups = self.pick(expression, keep, str(own)), groups[keep]
        labels = xr.DataArray(groups, coords=[expression.indexes[own]], name="__group__")
        summed = expression.groupby(labels).sum().rename({"__group__": dimension})
        return summed.reindex({dimension: pd.RangeIndex(size, name=dimension)}).fillna(0)

    def pick(self, expression: Any, positions: Any, dimension: str) -> Any:
        """See `evdsl.builder.Builder.pick`."""
        (own,) = expression.coord_dims
        picked = expression.isel({own: np.asarray(positions)})
        picked = picked.assign_coords({own: pd.RangeIndex(len(positions), name=own)})
        return picked if own == dimension else picked.rename({own: dimension})

    def scaled(self, expression: Any, factors: Any) -> Any:
        """See `evdsl.builder.Builder.scaled`."""
        if not np.ndim(factors):
            return expression * float(factors)
        (own,) = expression.coord_dims
        return expression * xr.DataArray(np.asarray(factors, dtype=float), coords=[expression.indexes[own]])

    def get(self, name: str) -> Any | None:
        """See `evdsl.builder.Builder.get`."""
        return self.decisions.get(name)

    def need(self, name: str) -> Any:
        """The decisions of that name, which this model has."""
        return self.decisions[name]

    def consume(self, power: Any, owner: str, feeder: str = "") -> None:
        """See `evdsl.builder.Builder.consume`."""
        self.powers.append(Power(owner, feeder, power))

    def consumed(self, feeder: str = "") -> Sequence[Any]:
        """See `evdsl.builder.Builder.consumed`."""
        return [power.amount for power in self.powers if power.feeder == feeder and power.decided]

    def fixed(self, feeder: str = "") -> Any:
        """See `evdsl.builder.Builder.fixed`."""
        amounts = [power.amount for power in self.powers if power.feeder == feeder and not power.decided]
        return sum(amounts, np.zeros(self.spec.steps))

    def demand(self, requirement: Requirement) -> None:
        """See `evdsl.builder.Builder.demand`."""
        self.requirements.append(requirement)

    def word(self, name: str) -> Any:
        """An objective word as a linear expression, made once."""
        from evdsl.objectives import word

        if name not in self.expressions:
            found = word(name)
            assert found is not None
            self.expressions[name] = found.expression(self)
        return self.expressions[name]

    def finished(self) -> Program:
        """The program as it stands."""
        return Program(
            self.spec,
            self.data,
            self.seats,
            self.model,
            tuple(self.requirements),
            self.ledger,
            self.expressions,
            self.spec.stages,
            tuple(self.powers),
        )


def value_of(expression: Any, values: Values, model: linopy.Model) -> float:
    """A scalar linear expression at a point."""
    point = {name: np.asarray(array, dtype=float) for name, array in values.items()}
    labels, coefficients, constant = _terms(expression)
    return float(coefficients @ _by_label(point, model)[labels]) + constant


def along_time(expression: Any, values: Values, model: linopy.Model, steps: int) -> NDArray[np.float64]:
    """A linear expression over `time` at a point; shape (steps,)."""
    point = {name: np.asarray(array, dtype=float) for name, array in values.items()}
    labels, coefficients, step, constant = _terms_along(expression)
    weights = coefficients * _by_label(point, model)[labels]
    return np.asarray(np.bincount(step, weights, minlength=steps) + constant, dtype=float)


def bounds_along(
    expression: Any, model: linopy.Model, steps: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The most and the least that the bounds of its variables let an expression over `time` be."""
    lower = _by_label({name: variable.lower.values for name, variable in model.variables.items()}, model)
    upper = _by_label({name: variable.upper.values for name, variable in model.variables.items()}, model)
    labels, coefficients, step, constant = _terms_along(expression)
    high = coefficients * np.where(coefficients > 0, upper[labels], lower[labels])
    low = coefficients * np.where(coefficients > 0, lower[labels], upper[labels])
    most = np.bincount(step, high, minlength=steps) + constant
    least = np.bincount(step, low, minlength=steps) + constant
    return np.asarray(most, dtype=float), np.asarray(least, dtype=float)


def _terms_along(
    expression: Any,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Labels, coefficients and steps of the terms of an expression over `time`, and its constants."""
    along = expression.vars.transpose("time", ...)
    labels = np.asarray(along.values)
    coefficients = np.asarray(expression.coeffs.transpose("time", ...).values, dtype=float)
    labels = labels.reshape(len(labels), -1)
    coefficients = coefficients.reshape(labels.shape)
    step = np.broadcast_to(np.arange(len(labels))[:, None], labels.shape)
    kept = labels >= 0
    constant = np.nan_to_num(np.asarray(expression.const.values, dtype=float))
    return labels[kept].astype(np.int64), coefficients[kept], step[kept], constant


def least_possible(expression: Any, sign: float, model: linopy.Model) -> float:
    """The least value of `sign * expression` that the bounds of its variables allow, rows aside."""
    lower = {name: variable.lower.values for name, variable in model.variables.items()}
    upper = {name: variable.upper.values for name, variable in model.variables.items()}
    labels, coefficients, constant = _terms(expression)
    coefficients = sign * coefficients
    ends = np.where(coefficients > 0, _by_label(lower, model)[labels], _by_label(upper, model)[labels])
    used = coefficients != 0
    return float(np.sum(coefficients[used] * ends[used])) + sign * constant


def _terms(expression: Any) -> tuple[NDArray[np.int64], NDArray[np.float64], float]:
    """Labels, coefficients and constant of a scalar expression."""
    labels = np.asarray(expression.vars.values).ravel()
    coefficients = np.asarray(expression.coeffs.values, dtype=float).ravel()
    kept = labels >= 0
    constant = float(np.nansum(np.asarray(expression.const.values, dtype=float)))
    return labels[kept].astype(np.int64), coefficients[kept], constant


def _by_label(arrays: Mapping[str, Any], model: linopy.Model) -> NDArray[np.float64]:
    """Values of variables, indexed by the model's labels."""
    labels = {name: np.asarray(model.variables[name].labels.values).ravel() for name in arrays}
    found = np.zeros(1 + max((int(array.max(initial=0)) for array in labels.values()), default=0))
    for name, array in arrays.items():
        found[labels[name]] = np.broadcast_to(array, model.variables[name].labels.shape).ravel()
    return found
