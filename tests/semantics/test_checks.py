"""Single checks at the edges at which a mistake in them would go unseen."""

from __future__ import annotations

import json

import numpy as np
import pytest

import evdsl
from evdsl.data.load import load_data
from evdsl.diagnostics.source import Source
from evdsl.model.intervals import assign
from evdsl.semantics.resolve import resolve
from evdsl.solver.certify import within
from evdsl.verifier.claims import check_claims
from evdsl.verifier.objectives import Amount
from evdsl.verifier.violations import Findings

STATION = (
    "station s {\n start = 2024-03-12\n horizon = 4 h\n step = 1 h\n}\ngrid {\n price = 0.2 EUR/kWh\n}\n"
)
COHORT = "cohort {name} of {of} {{\n classes = 1\n arrivals = 1 vehicles/h\n departures = 0 %\n {more}\n}}\n"
VEHICLE = "vehicle one of car {\n arrival = 00:00\n stay = 4 h\n energy = 8 kWh\n}\n"


def codes(text: str) -> list[str]:
    return [found.code for found in resolve(Source("site", STATION + text))[1]]


@pytest.mark.parametrize(
    ("value", "bound", "size", "gap", "near"),
    [
        (0.0, 5e-10, 0.0, 1e-6, True),
        (0.0, 1e-6, 0.0, 1e-6, False),
        (5.0, 5.5, 5.0, 1e-6, False),
        (5.0, 5.5, 5.0, 0.2, True),
        (0.0, 5e-4, 1e6, 1e-6, True),
        (0.0, 5e-3, 1e6, 1e-6, False),
    ],
)
def test_a_bound_is_near_by_the_gap_and_the_rounding(
    value: float, bound: float, size: float, gap: float, near: bool
) -> None:
    assert within(value, bound, size, gap) == near


@pytest.mark.parametrize(
    ("preferred", "given"),
    [([-1, -1, -1], [0, 1, 0]), ([0, 0, 1], [0, 1, 1]), ([1, 0, 0], [1, 0, 0]), ([1, 1, -1], [1, 0, 0])],
)
def test_a_stay_gets_the_port_that_it_prefers_where_it_is_free(
    preferred: list[int], given: list[int]
) -> None:
    """Two stays at once, and one after both."""
    ports = assign(np.array([0.0, 0.5, 2.0]), np.array([1.0, 1.5, 3.0]), np.array(preferred), 2)
    assert ports.tolist() == given


def test_one_class_that_has_what_a_word_needs_is_enough() -> None:
    classes = "class car {\n charge = 7 kW\n}\nclass van {\n charge = 7 kW\n tariff = 0.4 EUR/kWh\n}\n"
    assert "E405" not in codes(f"{classes}{VEHICLE}maximize revenue\n")
    assert "E405" in codes(f"{classes.replace('tariff', 'battery = 40 kWh #')}{VEHICLE}maximize revenue\n")


@pytest.mark.parametrize(
    ("blocks", "told"),
    [
        (VEHICLE, True),
        (COHORT.format(name="many", of="car", more=""), True),
        (COHORT.format(name="many", of="car", more="power = 7 kW"), False),
        (VEHICLE + "port ac {\n power = 7 kW\n}\n", False),
        ("class van {\n charge = 3 kW\n}\n" + COHORT.format(name="many", of="van", more=""), False),
    ],
)
def test_something_limits_the_power_of_a_class_that_is_used(blocks: str, told: bool) -> None:
    assert ("E411" in codes(f"class car {{\n}}\n{blocks}minimize cost\n")) == told


@pytest.mark.parametrize(("weighed", "told"), [("cost", True), ("cost + 1 EUR/kWh * dissatisfaction", False)])
def test_something_asks_for_a_cohort_to_be_charged(weighed: str, told: bool) -> None:
    text = "class car {\n charge = 7 kW\n}\n" + COHORT.format(name="many", of="car", more="")
    assert ("W106" in codes(f"{text}minimize {weighed}\n")) == told


@pytest.mark.parametrize(("battery", "told"), [("", True), ("battery = 40 kWh", False)])
def test_an_end_value_needs_a_battery(battery: str, told: bool) -> None:
    text = f"class car {{\n charge = 7 kW\n end_value = 0.1 EUR/kWh\n {battery}\n}}\n{VEHICLE}minimize cost\n"
    assert ("E412" in codes(text)) == told


@pytest.mark.parametrize(("port", "told"), [("", True), ("discharge = 7 kW", False)])
def test_v2g_has_nothing_to_act_on_where_no_port_discharges(port: str, told: bool) -> None:
    text = f"port ac {{\n power = 7 kW\n {port}\n}}\n"
    text += "class car {\n charge = 7 kW\n discharge = 7 kW\n battery = 40 kWh\n}\n"
    text += VEHICLE.replace("energy = 8 kWh", "soc_arrival = 50 %\n soc_target = 60 %")
    assert ("W104" in codes(f"{text}enable v2g\nminimize cost\n")) == told


@pytest.mark.parametrize(
    ("allowing", "fine"), [((0.5, 0.0), False), ((0.0, 0.5), True), ((0.5, 0.5), True), ((0.0, 0.0), False)]
)
def test_a_stage_gives_way_only_to_later_ones(allowing: tuple[float, float], fine: bool) -> None:
    """The cost was 1 EUR when it was made small, and ends at 1.2 EUR."""
    first, second = (f"allowing {share:.0%}" for share in allowing)
    later = f"then minimize cost {first}\nthen minimize peak {second}\n"
    text = f"class car {{\n charge = 7 kW\n}}\n{VEHICLE}minimize unmet\n{later}"
    spec = evdsl.loads(STATION + text)
    data, _ = load_data(spec)
    assert data is not None
    values = {"unmet": 0.0, "cost": 1.0, "peak": 3.0}
    stages = [
        {"sense": "minimize", "expression": one.text, "value": values[one.text], "weights": dict(one.weights)}
        for one in spec.stages
    ]
    findings = Findings(data)
    found = {"unmet": Amount(0.0, 0.0), "cost": Amount(1.2, 1.2), "peak": Amount(3.0, 3.0)}
    check_claims(spec, {"stages": json.dumps(stages)}, found, findings)
    assert (not findings.violations) == fine
