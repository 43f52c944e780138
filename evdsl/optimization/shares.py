"""The shares of all vehicles as rows of a model, and the list of them that a fair stage reached, held.

The share of vehicle v is 1 - unmet[v] / need[v]; only vehicles that need something count. Let y be the
shares that a stage of `lexfairness` reached, sorted, and θ_k(s) the sum of the k smallest of s. A later
stage may use every s with

    θ_k(s) >= (1 - allowing) θ_k(y)    for k = 1, ..., n

which without allowance are the schedules that are as fair. Two forms:

1. A linear program without allowance: s >= y, vehicle by vehicle. The fairest shares are unique where the
   feasible shares are a convex set. (Proof: let s and s' be two fairest lists, S the vehicles in which they
   differ, and among the values s_v, s'_v over S let a be the smallest, say a = s_v. All vehicles outside S
   keep their share in (s + s') / 2; in S each gets more than a, since at most one of its two shares is a, and
   the list s has an entry a in S. So the middle is fairer than s, or than s' likewise.)
2. Else, with the distinct values y_1 < ... < y_m of y, which occur c_1, ..., c_m times, and decisions p >= 0:

       s_v >= a (y_1 + Σ_{l>1} p[v,l] (y_l - y_1)),   Σ_{l>1} p[v,l] <= 1,   Σ_v p[v,l] >= c_l

   with a = 1 - allowing. Exact on any set: θ_k(s) >= θ_k(z) for all k if and only if s >= z P for some doubly
   stochastic P (weak supermajorization; A. Marshall, I. Olkin, B. Arnold, "Inequalities: Theory of
   Majorization and Its Applications", 2.C.6), and columns of P whose value is the same may be added up.
"""

from __future__ import annotations

import numpy as np

from evdsl.diagnostics.source import Span
from evdsl.language.arrays import FloatArray
from evdsl.language.builder import Linear
from evdsl.language.objectives.fairness import row_size, unmet_of
from evdsl.model.builder import ModelBuilder
from evdsl.model.program import Program

SAME = 1e-7
"""Shares nearer to each other are one."""


def shortfall(builder: ModelBuilder) -> Linear:
    """1 - share of each vehicle that needs something."""
    needs = builder.data.vehicles.need
    counted = np.flatnonzero(needs > 0)
    return builder.scale(unmet_of(builder, counted), 1.0 / needs[counted])


def row_scale(needs: FloatArray) -> FloatArray:
    """What the rows about these shares are multiplied by; see `evdsl.language.objectives.fairness`."""
    return np.asarray(row_size(needs[needs > 0]), dtype=float)


def is_discrete(program: Program) -> bool:
    """Whether some decisions are not continuous, so that the shares need not be a convex set."""
    variables = program.model.variables
    kinds = (variables.binaries, variables.integers, variables.semi_continuous)
    return any(int((array.labels >= 0).sum()) for kind in kinds for array in kind.data.values())


def hold_vehicles(program: Program, name: str, least: FloatArray, slack: float, place: Span) -> None:
    """A row for each vehicle: its share is at least this, give or take the slack."""
    builder = ModelBuilder.extending(program)
    scale = row_scale(program.data.vehicles.need)
    builder.rows(name, builder.scale(shortfall(builder), scale), "<=", scale * (1.0 - least + slack), place)


def hold_list(program: Program, name: str, least: FloatArray, slack: float, place: Span) -> None:
    """The second form above: the list of shares is as fair as this one, whoever has which place in it."""
    values, counts = _distinct(np.sort(least))
    builder = ModelBuilder.extending(program)
    scale, count_all = row_scale(program.data.vehicles.need), len(least)
    left = builder.scale(shortfall(builder), scale)
    used = None
    for level, (value, count) in enumerate(zip(values[1:], counts[1:], strict=True), start=2):
        chosen = builder.variable(f"{name}.level.{level}", "served", count_all, place, upper=1.0)
        left = left + builder.scale(chosen, scale * float(value - values[0]))
        builder.rows(f"{name}.count.{level}", builder.total(chosen), ">=", float(count), place)
        used = chosen if used is None else used + chosen
    if used is not None and len(values) > 2:
        builder.rows(f"{name}.one", used, "<=", 1.0, place)
    builder.rows(name, left, "<=", scale * (1.0 - float(values[0]) + slack), place)


def _distinct(rising: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The distinct values of a sorted list, each the smallest of its group, and how often they occur."""
    starts = [0]
    for at in range(1, len(rising)):
        if rising[at] > rising[starts[-1]] + SAME:
            starts.append(at)
    return rising[starts], np.diff([*starts, len(rising)]).astype(float)
