"""A model as it leaves the formulation: linopy, names, lines of the spec."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import linopy
import numpy as np

from evdsl.data.data import Data
from evdsl.diagnostics.source import Span
from evdsl.language.arrays import FloatArray
from evdsl.language.combinatorial import Combinatorial
from evdsl.language.site import SlotIndex
from evdsl.language.spec import Spec, Stage
from evdsl.model import linear as terms
from evdsl.model.linear import Linear, strict_alignment

VEHICLES = ("charge", "discharge")
"""Owners of the powers that all vehicles take and give together."""


@dataclass(frozen=True, slots=True)
class Consequence:
    """A decision that follows from others, such as a largest value: what it is worth at a point.

    `sizes` gives the same of absolute values: what its rounding is measured by, where terms cancel in it.
    """

    name: str
    worth: Callable[[Mapping[str, Any], linopy.Model], FloatArray]
    sizes: Callable[[Mapping[str, Any], linopy.Model], FloatArray]


@dataclass(frozen=True, slots=True)
class Program:
    """A linopy model, what it still has to satisfy, and where each part of it was asked for.

    `ledger` maps names of variables and rows to the span of the statement behind them. `words` are the
    objective words in use and the terms of the stages, as single expressions; `decisions` the variables of
    the formulation by name; `stages` the objectives in order; `consequences` what follows from decisions,
    each after what it follows from; `added_terms` what somebody added to the first stage through linopy.
    """

    spec: Spec
    data: Data
    slot_index: SlotIndex
    model: linopy.Model
    requirements: tuple[Combinatorial, ...]
    ledger: dict[str, Span]
    words: Mapping[str, Linear]
    decisions: dict[str, Linear]
    stages: tuple[Stage, ...]
    powers: tuple[Power, ...]
    consequences: tuple[Consequence, ...] = ()
    added_terms: Linear | None = None


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


def weighted_sum(program: Program, stage: Stage) -> Linear:
    """The weighted sum of a stage, each decision once; the constants of its words are in it."""
    added = program.added_terms if stage is program.stages[0] else None
    start = terms.zero() if added is None else added
    return terms.total(sum((weight * program.words[name] for name, weight in stage.weights.items()), start))


def replica(program: Program) -> Program:
    """The same program, to which rows, decisions and an objective may be added; arrays are shared.

    linopy's own copy keeps every label, so what is written in labels means the same in both.
    """
    with strict_alignment():
        model = program.model.copy(deep=False)
    return replace(program, model=model, ledger=dict(program.ledger), decisions=dict(program.decisions))


def aim(program: Program, goal: Linear, sense: str) -> None:
    """Gives a model its objective: linopy takes no constant in one, and the value is worked out with it."""
    objective = terms.as_linopy(goal.without_constant(), program.model)
    program.model.add_objective(objective, sense=sense, overwrite=True)
