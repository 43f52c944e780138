"""Spec and data to a program, in one visible order."""

from __future__ import annotations

from evdsl.data.data import Data
from evdsl.language.devices import KINDS
from evdsl.language.objectives import WORDS
from evdsl.language.spec import Spec
from evdsl.language.toggles import TOGGLES
from evdsl.model import balance, origins, phases, taper
from evdsl.model.builder import ModelBuilder
from evdsl.model.program import Program
from evdsl.model.require import rows as own_rows


def formulate(spec: Spec, data: Data, whole: bool = False) -> Program:
    """The model of a spec: devices, then constraints, words, and the user's own requirements and terms.

    What no row of the spec could tell from a better choice is left out, as a slow port where a fast one is
    free all day. A model that others may add rows to is `whole`.
    """
    builder = ModelBuilder.of(spec, data, whole)
    for kind in KINDS:
        if kind.build is not None:
            kind.build(builder)
    for toggle in TOGGLES:
        if toggle.build is not None:
            toggle.build(builder)
    taper.build(builder)
    balance.build(builder)
    origins.build(builder)
    phases.build(builder)
    for word in WORDS:
        if word.name in used_words(spec):
            builder.word(word.name)
    own_rows.build(builder)
    return builder.build()


def used_words(spec: Spec) -> frozenset[str]:
    """The words that the stages weigh, and the parts of those that are sums."""
    names = {name for stage in spec.stages for name in stage.weights}
    parts = {part for word in WORDS if word.name in names for part in word.parts}
    return frozenset(names | parts)
