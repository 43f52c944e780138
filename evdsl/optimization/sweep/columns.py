"""The columns of a sweep's table: their order, their units, and which are texts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from evdsl.language.objectives import WORDS
from evdsl.language.spec import Spec
from evdsl.language.units import symbol
from evdsl.optimization.sweep.prepare import Prepared

TEXTS = ("spec", "policy", "status", "reason", "solver", "digest")
FLAGS = ("verified", "proven")
WHOLE = ("seed", "scenario", "vehicles", "steps", "variables", "integers", "rows")
NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(\D.*)?", re.ASCII)


def columns_of(prepared: Prepared) -> list[str]:
    """The columns of the table, which depend on what was asked and not on what came out."""
    stages = max(len(spec.stages) for spec in prepared.specs)
    conditions = prepared.plan.conditions
    return [
        "spec",
        *(f"set.{name}" for name, _ in prepared.plan.settings),
        *("seed", *["scenario"] * conditions.simulated, "policy", "status", "reason", "verified", "proven"),
        *(f"stage_{number}" for number in range(1, stages + 1)),
        *["control"] * conditions.control,
        "saving",
        *(word.name for word in WORDS),
        *("charged", "vehicles", "steps", "variables", "integers", "rows", "solver", "seconds", "digest"),
    ]


def units_of(prepared: Prepared) -> dict[str, str]:
    """The unit of each column that has one; of a stage where all specs have the same."""
    currency = prepared.currency
    found = {word.name: symbol(word.dimension, currency) for word in WORDS}
    found |= {"seconds": "s", "saving": "", "charged": "kWh"}
    for number in range(max(len(spec.stages) for spec in prepared.specs)):
        units = {stage_unit(spec, number) for spec in prepared.specs if len(spec.stages) > number}
        found[f"stage_{number + 1}"] = units.pop() if len(units) == 1 else ""
    found["control"] = found["stage_1"]
    return {name: unit for name, unit in found.items() if unit}


def stage_unit(spec: Spec, number: int = 0) -> str:
    """The unit of a stage, counted from 0; empty for a plain number."""
    return symbol(spec.stages[number].dimension, spec.currency)


def numbers_of(values: Sequence[str]) -> tuple[list[float], str] | None:
    """Values as numbers of one unit, and that unit; `None` where they are something else."""
    found = [NUMBER.fullmatch(value.strip()) for value in values]
    units = {(one[2] or "").strip() for one in found if one is not None}
    if None in found or len(units) != 1:
        return None
    return [float(one[1]) for one in found if one is not None], units.pop()
