"""The scenarios that a plan is made for: each a spec with its data, and how much it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from evdsl.data.data import Data
from evdsl.data.load import load_data
from evdsl.data.paths.file_scenarios import FileScenarios, scenarios_of
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.arrays import FloatArray
from evdsl.language.devices.scenarios import count_of, is_antithetic
from evdsl.language.spec import Spec

EXACT = 1e-9
"""By how much the weights of all may miss 1."""


@dataclass(frozen=True, slots=True)
class Case:
    """One scenario; `name` is how it is told, and what its rows and decisions are marked with."""

    spec: Spec
    data: Data
    weight: float
    name: str


def cases_of(spec: Spec) -> tuple[tuple[Case, ...] | None, list[Diagnostic]]:
    """The scenarios of a spec; none where the data of one cannot be read.

    They are alike in weight, but for those of a file, which says it: then all of them are planned for. What
    is found at one place in several scenarios is told once, with how many there are.
    """
    count = count_of(spec)
    listed = scenarios_of(spec)
    weights = listed.weights if isinstance(listed, FileScenarios) else [1.0 / count] * count
    cases: list[Case] = []
    found: list[tuple[int, Diagnostic]] = []
    for number in range(1, count + 1):
        own = replace(spec, scenario=number, antithetic=is_antithetic(spec))
        data, more = load_data(own)
        found += [(number, one) for one in more]
        if data is None:  # of the first where the file cannot be read, or has another number of scenarios
            return None, [one for one in more if one.is_error]
        cases.append(Case(own, data, weights[number - 1], str(number)))
    return tuple(cases), _each_once(found, count)


def _each_once(found: Sequence[tuple[int, Diagnostic]], count: int) -> list[Diagnostic]:
    """The findings of scenarios: of those with one code at one place the first, and whose it is."""
    groups: dict[tuple[object, ...], list[tuple[int, Diagnostic]]] = {}
    for number, one in found:
        groups.setdefault((one.code, one.span), []).append((number, one))
    told: list[Diagnostic] = []
    for group in groups.values():
        (number, first), numbers = group[0], {number for number, _ in group}
        if len({one.message for _, one in group}) == 1 and len(numbers) == count:
            told.append(first)
        else:
            others = f", and the like in {len(numbers) - 1} more" if len(numbers) > 1 else ""
            told.append(replace(first, message=f"scenario {number}: {first.message}{others}"))
    return told


def weights_of(cases: Sequence[Case]) -> FloatArray:
    """How much each counts. Raises `ValueError` where these are no probabilities."""
    weights = np.array([case.weight for case in cases], dtype=float)
    if not len(weights) or not np.isfinite(weights).all() or (weights < 0).any():
        raise ValueError("the weights of scenarios are numbers from 0")
    if abs(float(weights.sum()) - 1.0) > EXACT:
        raise ValueError(f"the weights of scenarios add up to {float(weights.sum()):.12g}, and not to 1")
    if len({case.name for case in cases}) < len(cases):
        raise ValueError("two scenarios have one name")
    return weights
