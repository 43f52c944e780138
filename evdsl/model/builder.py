"""A model under construction: what the words of the language ask for, in linopy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import linopy
import numpy as np
import pandas as pd
import xarray as xr

from evdsl.data.data import Data
from evdsl.diagnostics.source import Span
from evdsl.language.combinatorial import Combinatorial
from evdsl.language.site import SlotIndex
from evdsl.language.spec import Device, Spec
from evdsl.model import linear as terms
from evdsl.model.bounds import bounds_along
from evdsl.model.linear import Linear
from evdsl.model.program import VEHICLES, Consequence, Power, Program
from evdsl.model.slots import index_slots


@dataclass(slots=True)
class ModelBuilder:
    """The `evdsl.language.builder.Builder` that makes linopy models."""

    spec: Spec
    data: Data
    slot_index: SlotIndex
    model: linopy.Model
    ledger: dict[str, Span] = field(default_factory=dict)
    requirements: list[Combinatorial] = field(default_factory=list)
    powers: list[Power] = field(default_factory=list)
    expressions: dict[str, Linear] = field(default_factory=dict)
    decisions: dict[str, Linear] = field(default_factory=dict)
    """Variables as linear expressions."""
    consequences: list[Consequence] = field(default_factory=list)

    @classmethod
    def of(cls, spec: Spec, data: Data, whole: bool = False) -> ModelBuilder:
        """An empty model for a spec and its data."""
        return cls(spec, data, index_slots(spec, data, whole), terms.empty_model())

    @classmethod
    def extending(cls, program: Program) -> ModelBuilder:
        """A builder that extends the model of a program."""
        builder = cls(program.spec, program.data, program.slot_index, program.model, program.ledger)
        builder.decisions.update(program.decisions)
        return builder

    @property
    def can_export(self) -> bool:
        """Whether anything on the site could give power to the grid."""
        return bool(len(self.slot_index.slots.outward)) or bool(self.spec.givers)

    def zero(self) -> Linear:
        """See `evdsl.language.builder.Builder.nothing`."""
        return terms.zero()

    def site_caps(self) -> tuple[Any, Any]:
        """See `evdsl.language.builder.Builder.site_caps`."""
        slots, visits, steps = self.slot_index.slots, self.data.visits, self.spec.steps
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
                high, low = bounds_along(power.amount, self.model)
                most, back = most + high.clip(min=0.0), back - low.clip(max=0.0)
        return most, back

    @property
    def feeders(self) -> frozenset[str]:
        """Names of feeders, whose flows are the sum of what hangs on them."""
        return frozenset(feeder.name for feeder in self.spec.of_kind("feeder"))

    def toggle_place(self, name: str) -> Span:
        """The statement that set a toggle; the station where it is a default."""
        span = self.spec.toggles[name].span
        return span if span is not None else self.spec.source_span()

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
        """See `evdsl.language.builder.Builder.variable`."""
        self.ledger[name] = owner
        index = pd.RangeIndex(size, name=dimension)
        if binary:
            made = self.model.add_variables(coords=[index], name=name, binary=True)
        else:
            low, high = (
                xr.DataArray(np.broadcast_to(np.asarray(bound, dtype=float), size).copy(), coords=[index])
                for bound in (lower, upper)
            )
            made = self.model.add_variables(lower=low, upper=high, coords=[index], name=name)
        self.decisions[name] = terms.decisions(np.asarray(made.labels.values), dimension)
        return self.decisions[name]

    def single(self, name: str, owner: Span, *, lower: float = 0.0, upper: float = float("inf")) -> Any:
        """See `evdsl.language.builder.Builder.single`."""
        self.ledger[name] = owner
        made = self.model.add_variables(lower=lower, upper=upper, name=name)
        self.decisions[name] = terms.decisions(np.asarray(made.labels.values).reshape(1), "")
        return self.decisions[name]

    def chosen(self, device: Device, setting: str) -> Linear:
        """See `evdsl.language.builder.Builder.chosen`; the decision is made where it is first asked for."""
        if not device.decides(setting):
            return terms.zero() + device.number(setting)
        name = device.size(setting)
        if name not in self.decisions:
            low, high = device.bounds(setting)
            self.single(name, device.place(setting), lower=low, upper=high)
        return self.decisions[name]

    def rows(self, name: str, left: Linear, relation: str, right: Any, owner: Span) -> None:
        """See `evdsl.language.builder.Builder.rows`."""
        self.ledger[name] = owner
        side = np.broadcast_to(np.asarray(right, dtype=float), left.size)
        sign = {"<=": "<=", ">=": ">=", "==": "="}[relation]
        terms.add_rows(self.model, name, left, sign, side)

    def total(self, expression: Linear) -> Linear:
        """See `evdsl.language.builder.Builder.total`."""
        return terms.total(expression)

    def group_sum(self, expression: Linear, groups: Any, dimension: str, size: int) -> Linear:
        """See `evdsl.language.builder.Builder.gather`; negative groups are left out."""
        return terms.group_sum(expression, np.asarray(groups, dtype=np.int64), dimension, size)

    def take(self, expression: Linear, positions: Any, dimension: str) -> Linear:
        """See `evdsl.language.builder.Builder.pick`."""
        return terms.take(expression, np.asarray(positions, dtype=np.int64), dimension)

    def scale(self, expression: Linear, factors: Any) -> Linear:
        """See `evdsl.language.builder.Builder.scaled`."""
        if not np.ndim(factors):
            return expression * float(factors)
        return terms.scale(expression, np.asarray(factors, dtype=float))

    def get(self, name: str) -> Linear | None:
        """See `evdsl.language.builder.Builder.get`."""
        return self.decisions.get(name)

    def need(self, name: str) -> Linear:
        """The decisions of that name, which this model has."""
        return self.decisions[name]

    def consume(self, power: Any, owner: str, feeder: str = "") -> None:
        """See `evdsl.language.builder.Builder.consume`."""
        self.powers.append(Power(owner, feeder, power))

    def decided_powers(self, feeder: str = "") -> Sequence[Any]:
        """See `evdsl.language.builder.Builder.consumed`."""
        return [power.amount for power in self.powers if power.feeder == feeder and power.decided]

    def given_powers(self, feeder: str = "") -> Any:
        """See `evdsl.language.builder.Builder.fixed`."""
        amounts = [power.amount for power in self.powers if power.feeder == feeder and not power.decided]
        return sum(amounts, np.zeros(self.spec.steps))

    def demand(self, requirement: Combinatorial) -> None:
        """See `evdsl.language.builder.Builder.demand`."""
        self.requirements.append(requirement)

    def word(self, name: str) -> Linear:
        """An objective word as a linear expression, made once."""
        from evdsl.language.objectives import declared_word

        if name not in self.expressions:
            found = declared_word(name)
            self.expressions[name] = found.expression(self)
        return self.expressions[name]

    def build(self) -> Program:
        """The program as it stands."""
        return Program(
            self.spec,
            self.data,
            self.slot_index,
            self.model,
            tuple(self.requirements),
            self.ledger,
            {name: terms.total(found) for name, found in self.expressions.items()},
            self.decisions,
            self.spec.stages,
            tuple(self.powers),
            tuple(self.consequences),
        )
