"""With `partial_charging` and an objective that does not weigh `unmet`, it is best to charge nobody.

It is not where a kWh that is charged earns more than it costs: by what is left in a battery, by what drivers
pay, at a price below zero, as generation that would be curtailed, or by being given back later, where energy
is dearer or at a peak. A price that is read from a file is taken to be above zero, to vary, and to be less
than what is earned.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.devices import generation
from evdsl.language.objectives import word
from evdsl.language.quantities import STATES
from evdsl.language.spec import VEHICLE_BLOCKS, Device, Spec, Stage
from evdsl.language.units import MONEY
from evdsl.language.values import Calendar, Const, Daily, Value

ASKING = frozenset(["unmet", "dissatisfaction", "fairness", "lexfairness"])


REQUIRED = ASKING | STATES | {"delivered", "charge"}
"""What a requirement may ask for, so that it is no mistake to weigh nothing of it."""


GIVING = ("discharged", "v2g_profit")
"""Words that grow with what vehicles give back."""


def check(spec: Spec) -> list[Diagnostic]:
    """W106 at the first stage, where no stage asks for energy to be delivered."""
    return _cohorts(spec) or _vehicles(spec)


def _cohorts(spec: Spec) -> list[Diagnostic]:
    """A cohort has no demand that must be met: only what its waiting counts for asks for energy."""
    asking = {"dissatisfaction", "revenue", "profit"}
    silent = not any(asking & stage.words for stage in spec.stages)
    if not spec.stages or not silent or not spec.of_kind("cohort") or spec.requirements:
        return []
    stage, cohort = spec.stages[0], spec.of_kind("cohort")[0]
    message = f"nothing asks for `cohort {cohort.name}` to be charged: leaving all of it waiting will do"
    if spec.pareto is not None:
        return [Diagnostic("W106", message, spec.pareto.span, "", f"write {_axis(spec, 'dissatisfaction')}")]
    sign = "+" if stage.sense == "minimize" else "-"
    other = f"`{stage.sense} {stage.text} {sign} 0.40 {spec.currency}/kWh * dissatisfaction`"
    if stage.dimension != MONEY:
        other = f"`minimize dissatisfaction`, and `then {stage.sense} {stage.text}`"
    return [Diagnostic("W106", message, stage.span, "", f"write {other}")]


def _vehicles(spec: Spec) -> list[Diagnostic]:
    vehicles = any(device.kind in VEHICLE_BLOCKS for device in spec.devices)
    if not vehicles or not spec.stages or not spec.on("partial_charging"):
        return []
    spoken = (*(own.references() for own in spec.requirements), *(term.references() for term in spec.terms))
    if any(REQUIRED & names for names in spoken):
        return []
    if any(ASKING & stage.words or _pays(spec, stage) for stage in spec.stages):
        return []
    stage = spec.stages[0]
    message = "nothing asks for energy to be delivered: with partial_charging on, charging nobody will do"
    if spec.pareto is not None:
        help = f"write `disable partial_charging`, or {_axis(spec, 'unmet')}"
        return [Diagnostic("W106", message, spec.pareto.span, "", help)]
    sign = "+" if stage.sense == "minimize" else "-"
    other = f"`{stage.sense} {stage.text} {sign} 0.40 {spec.currency}/kWh * unmet`"
    if stage.dimension != MONEY:
        other = f"`minimize unmet`, and `then {stage.sense} {stage.text}`"
    help = f"write `disable partial_charging`, or {other}"
    return [Diagnostic("W106", message, stage.span, "", help)]


def _axis(spec: Spec, asking: str) -> str:
    """How a front asks for energy: in an axis of money, or by an axis of its own."""
    money = next((stage for stage in spec.stages if stage.dimension == MONEY), None)
    if money is None:
        return f"`{asking}` for one of the axes"
    sign = "+" if money.sense == "minimize" else "-"
    return f"`{money.text} {sign} 0.40 {spec.currency}/kWh * {asking}` in the place of `{money.text}`"


def _pays(spec: Spec, stage: Stage) -> bool:
    """Whether a stage gains by some vehicle being charged, although nothing asks for it."""
    gains = _gains(stage)
    taken_up = min(gains.get("curtailed", 0.0), gains.get("export_peak", 0.0))
    if taken_up < 0 and any(spec.of_kind(keyword) for keyword in generation.KEYWORDS):
        return True
    used = {device.of for device in spec.devices if device.kind in VEHICLE_BLOCKS}
    classes = [category for category in spec.of_kind("class") if category.name in used]
    grid = spec.only("grid")
    gives = spec.on("v2g") and any(category.number("discharge", 0.0) > 0 for category in classes)
    if gives and (any(gains.get(name, 0.0) > 0 for name in GIVING) or _is_turned_round(grid, gains)):
        return True
    price = _ends(grid.get("price") if grid is not None else None)
    # A price of a file is not known here, and what is generated here costs nothing.
    least = 0.0 if price is None or any(map(spec.of_kind, generation.KEYWORDS)) else price[0]
    cost = -gains.get("energy_cost", 0.0) * least
    return any(_earned(category, gains) > cost for category in classes)


def _is_turned_round(grid: Device | None, gains: Mapping[str, float]) -> bool:
    """Whether energy of one step may be worth more in another, so that who gives it is charged too."""
    is_charged_for = grid is not None and grid.get("demand_charge") is not None
    if gains.get("peak", 0.0) < 0 or (is_charged_for and gains.get("demand_cost", 0.0) < 0):
        return True
    if gains.get("co2", 0.0) < 0 and _exceeds(_read(grid, "carbon"), _read(grid, "carbon")):
        return True
    if gains.get("energy_cost", 0.0) >= 0:
        return False
    price = _read(grid, "price")
    return _exceeds(price, price) or _exceeds(_read(grid, "feed_in"), price)


def _read(grid: Device | None, setting: str) -> tuple[float, float] | None:
    """The least and the largest of a series of the grid, zero where there is none; `None` of a file."""
    value = grid.get(setting) if grid is not None else None
    return (0.0, 0.0) if value is None else _ends(value)


def _exceeds(high: tuple[float, float] | None, low: tuple[float, float] | None) -> bool:
    """Whether the largest of one series may be more than the least of another."""
    return high is None or low is None or high[1] > low[0]


def _gains(stage: Stage) -> dict[str, float]:
    """What a stage gains by one unit more of each word, sums taken apart."""
    found: dict[str, float] = {}
    for name, weight in stage.weights.items():
        declared = word(name)
        parts = {} if declared is None else declared.parts or {name: 1.0}
        for part, share in parts.items():
            found[part] = found.get(part, 0.0) - stage.sign * weight * share
    return found


def _earned(category: Device, gains: Mapping[str, float]) -> float:
    """The most that a kWh earns that is charged at the port of a vehicle of a class."""
    left = gains.get("end_value", 0.0) * category.number("end_value", 0.0) * category.charge_efficiency
    tariff = _ends(category.get("tariff"))
    paid = gains.get("revenue", 0.0) * (tariff[1] if tariff is not None else inf)
    return left + (paid if "tariff" in category.given and gains.get("revenue") else 0.0)


def _ends(value: Value | None) -> tuple[float, float] | None:
    """The least and the largest of a value; `None` where that is not known before files are read."""
    if isinstance(value, Const):
        return value.value, value.value
    if isinstance(value, Daily):
        numbers = [number for _, number in value.entries]
        return min(numbers), max(numbers)
    if isinstance(value, Calendar):
        ends = [end for _, inner in value.entries for end in _ends(inner) or ()]
        return min(ends), max(ends)
    return None
