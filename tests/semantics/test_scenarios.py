"""What is odd or wrong about a plan for many scenarios, beyond the mistakes of single lines."""

from __future__ import annotations

import pytest
from semantics.car_park import SOUND, read

MANY = "scenarios {\n    count = 4\n}\n"
BATTERY = "storage battery {\n    capacity = 10 kWh\n    power = 5 kW\n}\n"
SHARED = "scenarios {\n    count = 4\n    share = [battery]\n}\n"
RISK = "risk {\n    level = 95 %\n    weight = 0.3\n}\n"


def heads(text: str) -> list[str]:
    return [line for line in read(text).split("\n") if line.startswith(("error", "warning"))]


def test_a_plan_that_shares_a_storage_has_no_mistake() -> None:
    assert heads(SOUND + BATTERY + SHARED + RISK) == []


def test_scenarios_without_a_common_decision_are_said_to_have_none() -> None:
    (head,) = heads(SOUND + MANY)
    assert head.startswith("warning[W116 nothing-shared]")


def test_a_range_is_a_common_decision() -> None:
    chosen = BATTERY.replace("5 kW\n", "5 kW\n    soc_initial = 0 % .. 100 %\n")
    assert heads(SOUND + chosen + MANY) == []


def test_scenarios_of_nothing_random_are_said_to_be_alike() -> None:
    fixed = SOUND.replace("normal(08:15, 45 min)", "08:15").replace("normal(8 h, 1 h)", "8 h")
    (head,) = heads(fixed.replace("uniform(20 %, 60 %)", "30 %") + BATTERY + SHARED)
    assert head.startswith("warning[W115 scenarios-change-nothing]")


def test_more_steps_than_can_be_planned_are_refused() -> None:
    (head,) = heads(SOUND.replace("15 min", "5 min") + BATTERY + SHARED.replace("count = 4", "count = 1000"))
    assert head.startswith("error[E410 too-many-steps]: 1000 scenarios of 288 steps")


@pytest.mark.parametrize(
    ("stage", "more", "code"),
    [
        ("pareto cost, unmet", RISK, "error[E402 stage-order]"),
        ("pareto cost, unmet", "", "error[E206 not-built-yet]"),
        ("maximize lexfairness", "", "error[E404 not-linear]"),
    ],
)
def test_objectives_without_a_mean_are_refused(stage: str, more: str, code: str) -> None:
    text = SOUND.replace("minimize cost + gamma * unmet", stage).replace("param gamma = 0.40 EUR/kWh\n", "")
    (head,) = heads(text + BATTERY + SHARED + more)
    assert head.startswith(code)
