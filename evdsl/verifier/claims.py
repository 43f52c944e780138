"""Whether the words and the stages that a schedule claims are what its flows give."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from evdsl.language.spec import Spec, Stage
from evdsl.language.units import Dimension, format_value, symbol
from evdsl.verifier.objectives import DIMENSIONS, Amount
from evdsl.verifier.violations import Findings

CLAIM_SLACK = 1e-6
"""Absolute, and relative to the scale: a claim and its check add the same numbers in another order."""

STAGE_SLACK = 1e-5
"""Of the value, and of the largest weight: an earlier stage is held by a row of the later ones, which
solvers keep to 1e-6 or so."""

BOUND_SLACK = 2e-5
"""Of the scale: a schedule is put on its bounds and on its levels after it was solved."""


def check_claims(
    spec: Spec, attributes: Mapping[object, object], found: Mapping[str, Amount], findings: Findings
) -> None:
    """Whether the words and stages that a schedule claims are what its flows give; no claim is no fault."""
    terms = _json(attributes, "terms", dict, findings)
    for name, claim in (terms or {}).items():
        if name in found:
            _check_word(spec, name, claim, found[name], findings)
    stages = _json(attributes, "stages", list, findings)
    added = _added_terms(attributes, findings)
    for index, claim in enumerate(stages or []):
        _check_stage(spec, index, len(stages), claim, found, added if index == 0 else 0.0, findings)


def dimensions_of(spec: Spec) -> dict[str, Dimension]:
    """Of every word that is worked out, and of the terms of the stages."""
    return DIMENSIONS | {term.name: term.value.dimension for term in spec.terms}


def _json(attributes: Mapping[object, object], name: str, shape: type, findings: Findings) -> Any:
    if name not in attributes:
        return None
    try:
        claimed = json.loads(str(attributes[name]))
    except ValueError:
        claimed = None
    if isinstance(claimed, shape):
        return claimed
    findings.add(
        "claimed-value", f"the claimed {name} are not a JSON {'object' if shape is dict else 'list'}"
    )
    return None


def _added_terms(attributes: Mapping[object, object], findings: Findings) -> float:
    """What terms that no spec knows, added in Python, come to in the first stage: taken as it is claimed."""
    try:
        added = float(str(attributes.get("added_terms", 0.0)))
    except ValueError:
        added = math.nan
    if not math.isfinite(added):
        findings.add("claimed-value", "the claimed added_terms are no finite number")
        return 0.0
    return added


def _number(claim: object, key: str) -> float:
    """A number of a claim; NaN, which agrees with nothing, where there is none."""
    value = claim.get(key) if isinstance(claim, dict) else None
    return float(value) if isinstance(value, int | float) else float("nan")


def _check_word(spec: Spec, name: str, claim: object, amount: Amount, findings: Findings) -> None:
    dimension = dimensions_of(spec)[name]
    unit = symbol(dimension, spec.currency)
    claimed = _number(claim, "value")
    if isinstance(claim, dict) and claim.get("unit", unit) not in ({unit} if unit else {"", "1"}):
        message = f"`{name}` is claimed in {claim['unit'] or 'no unit'}, and should be in {unit or 'no unit'}"
        findings.add("units", message)
    if not abs(claimed - amount.value) <= CLAIM_SLACK * (1.0 + amount.scale):
        shown = [format_value(value, dimension, spec.currency) for value in (claimed, amount.value)]
        message = f"`{name}` is claimed to be {shown[0]}, and the schedule gives {shown[1]}"
        findings.add("claimed-value", message, size=abs(claimed - amount.value), unit=unit)


def _check_stage(
    spec: Spec,
    index: int,
    count: int,
    claim: object,
    found: Mapping[str, Amount],
    added: float,
    findings: Findings,
) -> None:
    """The last stage is worth what it claims; an earlier one has given way by no more than is allowed.

    The sum is taken with the weights that are claimed, and with those of the spec.
    """
    claim = claim if isinstance(claim, dict) else {}
    text, claimed = str(claim.get("expression", "")), _number(claim, "value")
    stage = next((stage for stage in spec.stages if stage.text == text), None)
    allowing = max((later.allowing for later in spec.stages[index + 1 :]), default=0.0)
    known = [form for form in _forms(claim, stage) if set(form[0]) <= set(dimensions_of(spec))]
    if not known:
        why = "it has neither words that are known nor an expression of the spec"
        findings.add("claimed-value", f"the claim of {_number_of(index, text)} cannot be checked: {why}")
    for weights, constant in known:
        # A word that a site has nothing for is worth nothing.
        terms = (found[name].times(weight) for name, weight in weights.items() if name in found)
        amount = sum(terms, Amount(constant + added, abs(constant) + abs(added)))
        if _beyond_bound(claim, amount.scale, index, text, findings):
            return
        off, slack = abs(amount.value - claimed), CLAIM_SLACK * (1.0 + amount.scale)
        if index < count - 1:
            off = (amount.value - claimed) * (-1.0 if claim.get("sense") == "maximize" else 1.0)
            largest = max([1.0, *map(abs, weights.values())])
            slack += (allowing + STAGE_SLACK) * abs(claimed) + STAGE_SLACK * largest
        if not off <= slack:
            number = _number_of(index, text)
            shown = f"to reach {claimed:.10g}, and the schedule gives {amount.value:.10g}"
            unit = symbol(stage.dimension, spec.currency) if stage is not None else ""
            findings.add("claimed-value", f"{number} is claimed {shown}", size=abs(off), unit=unit)
            return


def _beyond_bound(
    claim: Mapping[str, object], scale: float, index: int, text: str, findings: Findings
) -> bool:
    """Whether a stage is worth more than its own bound or, where it says `optimal`, less.

    What says `optimal` must have one. The bound is what a solver proved of the model; a schedule that beats
    it, or that falls behind it when it was put back, shows that the model was not that of the spec.
    """
    value, bound = _number(claim, "value"), _number(claim, "bound")
    beyond = (bound - value) * (-1.0 if claim.get("sense") == "maximize" else 1.0)
    off = beyond
    if claim.get("status") == "optimal":
        off = abs(beyond) if "bound" not in claim or bound == bound else float("inf")
    if not off > BOUND_SLACK * (1.0 + max(scale, abs(value))):
        return False
    shown = f"is claimed to reach {value:.10g} where {bound:.10g} is proven to be the best"
    findings.add("claimed-value", f"{_number_of(index, text)} {shown}", size=off)
    return True


def _number_of(index: int, text: str) -> str:
    return f"stage {index + 1}" + (f" (`{text}`)" if text else "")


def _forms(claim: Mapping[str, object], stage: Stage | None) -> list[tuple[Mapping[str, float], float]]:
    """The weights of the words and the constant: as claimed, and as the spec has them."""
    forms: list[tuple[Mapping[str, float], float]] = []
    weights = claim.get("weights")
    if isinstance(weights, dict):
        constant = _number(claim, "constant") if "constant" in claim else 0.0
        forms.append(({str(name): _number(weights, name) for name in weights}, constant))
    if stage is not None:
        forms.append((stage.weights, stage.constant))
    return forms
