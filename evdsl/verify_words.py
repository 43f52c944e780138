"""The objective words of a schedule, worked out again from its flows, and whether what it claims is so.

Each word is a sum over steps of Δ hours, visits or vehicles; a word whose setting the spec does not give is
absent. Its `scale` is the sum of the absolute values of its terms: rounding is measured by that, since
earnings and costs may cancel.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from evdsl.data import Data
from evdsl.spec import Spec, Stage
from evdsl.timeline import FloatArray
from evdsl.units import ENERGY, ENERGY_TIME, MASS, MONEY, NUMBER, POWER, Dimension, format_value, symbol
from evdsl.verify_facts import need_of
from evdsl.verify_findings import Findings
from evdsl.verify_reading import Reading

CLAIM_SLACK = 1e-6
"""Absolute, and relative to the scale: a claim and its check add the same numbers in another order."""

STAGE_SLACK = 1e-5
"""Of the value, and of the largest weight: an earlier stage is held by a row of the later ones, which
solvers keep to 1e-6 or so."""

DIMENSIONS: dict[str, Dimension] = {
    "energy_cost": MONEY,
    "export_revenue": MONEY,
    "demand_cost": MONEY,
    "wear": MONEY,
    "cost": MONEY,
    "co2": MASS,
    "unmet": ENERGY,
    "dissatisfaction": ENERGY,
    "peak": POWER,
    "discharged": ENERGY,
    "fairness": NUMBER,
    "fairness_gap": NUMBER,
    "delay": ENERGY_TIME,
}
"""Every word that is worked out here."""


@dataclass(frozen=True, slots=True)
class Amount:
    """The value of a word in canonical units, and the sum of the absolute values of its terms."""

    value: float
    scale: float

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.value + other.value, self.scale + other.scale)

    def times(self, weight: float) -> Amount:
        """The amount with a weight."""
        return Amount(self.value * weight, self.scale * abs(weight))


ZERO = Amount(0.0, 0.0)


def words(spec: Spec, data: Data, reading: Reading) -> dict[str, Amount]:
    """Every word that the spec gives the settings of."""
    found = {**_site(spec, data, reading), **_vehicles(spec, data, reading)}
    if "energy_cost" in found:
        costs = (found["energy_cost"], found.get("demand_cost", ZERO), found["wear"])
        found["cost"] = sum(costs, found.get("export_revenue", ZERO).times(-1.0))
    return {name: found[name] for name in DIMENSIONS if name in found}


def _total(terms: FloatArray) -> Amount:
    return Amount(float(terms.sum()), float(np.abs(terms).sum()))


def _site(spec: Spec, data: Data, reading: Reading) -> dict[str, Amount]:
    """What is counted at the connection."""
    imported, exported = spec.step * reading.imported, spec.step * reading.exported
    peak = float(reading.imported.max(initial=0.0))
    found = {"peak": Amount(peak, peak)}
    for word, energy, setting in (
        ("energy_cost", imported, "price"),
        ("export_revenue", exported, "feed_in"),
        ("co2", imported, "carbon"),
    ):
        rate = data.over_time("grid", setting)
        if rate is not None:
            found[word] = _total(energy * rate)
    grid = spec.only("grid")
    if grid is not None and grid.get("demand_charge") is not None:
        found["demand_cost"] = found["peak"].times(grid.number("demand_charge"))
    return found


def _vehicles(spec: Spec, data: Data, reading: Reading) -> dict[str, Amount]:
    """What is counted at the ports and for the drivers."""
    stays, vehicles = reading.stays, data.vehicles
    given = spec.step * reading.discharge
    waited = stays.begin - stays.came[stays.vehicle]
    need = need_of(data)
    asking = need > 0
    share = 1.0 - reading.unmet[asking] / need[asking]
    least, most = float(share.min(initial=np.inf)), float(share.max(initial=-np.inf))
    return {
        "wear": _total(given * vehicles.wear[stays.vehicle]),
        "discharged": _total(given),
        "delay": _total(spec.step * reading.charge * waited),
        "unmet": _total(reading.unmet),
        "dissatisfaction": _total(reading.unmet * vehicles.priority),
        "fairness": Amount(least, 1.0) if asking.any() else Amount(1.0, 1.0),
        "fairness_gap": Amount(most - least, 1.0) if asking.any() else Amount(0.0, 1.0),
    }


def check_claims(
    spec: Spec, attributes: Mapping[object, object], found: Mapping[str, Amount], findings: Findings
) -> None:
    """Whether the words and stages that a schedule claims are what its flows give; no claim is no fault."""
    terms = _json(attributes, "terms", dict, findings)
    for name, claim in (terms or {}).items():
        if name in found:
            _check_word(spec, name, claim, found[name], findings)
    stages = _json(attributes, "stages", list, findings)
    for index, claim in enumerate(stages or []):
        _check_stage(spec, index, len(stages), claim, found, findings)


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


def _number(claim: object, key: str) -> float:
    """A number of a claim; NaN, which agrees with nothing, where there is none."""
    value = claim.get(key) if isinstance(claim, dict) else None
    return float(value) if isinstance(value, int | float) else float("nan")


def _check_word(spec: Spec, name: str, claim: object, amount: Amount, findings: Findings) -> None:
    dimension = DIMENSIONS[name]
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
    spec: Spec, index: int, count: int, claim: object, found: Mapping[str, Amount], findings: Findings
) -> None:
    """The last stage is worth what it claims; an earlier one has given way by no more than is allowed.

    The sum is taken with the weights that are claimed, and with those of the spec.
    """
    claim = claim if isinstance(claim, dict) else {}
    text, claimed = str(claim.get("expression", "")), _number(claim, "value")
    stage = next((stage for stage in spec.stages if stage.text == text), None)
    allowing = max((later.allowing for later in spec.stages[index + 1 :]), default=0.0)
    for weights, constant in _forms(claim, stage):
        if not set(weights) <= set(found):
            continue
        terms = (found[name].times(weight) for name, weight in weights.items())
        amount = sum(terms, Amount(constant, abs(constant)))
        off, slack = abs(amount.value - claimed), CLAIM_SLACK * (1.0 + amount.scale)
        if index < count - 1:
            off = (amount.value - claimed) * (-1.0 if claim.get("sense") == "maximize" else 1.0)
            largest = max([1.0, *map(abs, weights.values())])
            slack += (allowing + STAGE_SLACK) * abs(claimed) + STAGE_SLACK * largest
        if not off <= slack:
            number = f"stage {index + 1}" + (f" (`{text}`)" if text else "")
            shown = f"to reach {claimed:.10g}, and the schedule gives {amount.value:.10g}"
            unit = symbol(stage.dimension, spec.currency) if stage is not None else ""
            findings.add("claimed-value", f"{number} is claimed {shown}", size=abs(off), unit=unit)
            return


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
