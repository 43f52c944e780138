"""How it is told that a schedule breaks its spec."""

from __future__ import annotations

import json

import numpy as np
import pytest
from verifier.plans import LANE, WORKPLACE, Plan, over_the_port, uncontrolled, world, yard_plan
from worlds import TESTS

from evdsl.verifier import RULES, VerificationError, verify
from evdsl.verifier.violations import LIMIT


def test_a_message_names_the_vehicle_the_time_and_the_bound() -> None:
    plan = yard_plan()
    over_the_port(plan)
    (found,) = verify(plan.spec, plan.dataset(), plan.data).violations
    assert found.message == "`anna` charges 11.01 kW at 2024-03-12 00:30, and 11 kW is the most that it may"
    assert found.size == pytest.approx(0.01)
    assert json.loads(json.dumps(found.as_record())) == {
        "rule": "rate",
        "vehicle": "anna",
        "step": 1,
        "size": pytest.approx(0.01),
        "unit": "kW",
        "message": found.message,
    }


def test_the_clock_of_a_message_is_that_of_the_wall() -> None:
    """On the last day of March there is no time between two and three."""
    night = (
        ("start   = 2024-03-12", 'start   = 2024-03-31 01:00\n    zone    = "Europe/Rome"'),
        ("horizon = 2 h", "horizon = 3 h"),
        ("arrival   = 00:15\n    departure = 02:00", "arrival   = 01:15\n    departure = 04:00"),
        ("arrival   = 01:00\n    departure = 02:00", "arrival   = 03:00\n    departure = 04:00"),
    )
    plan = Plan.empty(*world(LANE, *night))
    plan.charges("two", {1: 12})
    (found, _) = verify(plan.spec, plan.dataset(), plan.data).violations
    assert found.message == "`two` charges 12 kW at 2024-03-31 03:00, and 10 kW is the most that it may"


def test_the_exception_carries_the_violations() -> None:
    plan = yard_plan()
    over_the_port(plan)
    verdict = verify(plan.spec, plan.dataset(), plan.data)
    with pytest.raises(VerificationError, match=r"in 1 place\n  rate: `anna` charges 11\.01 kW") as caught:
        verdict.raise_for_violations()
    assert caught.value.violations == verdict.violations
    assert caught.value.verdict is verdict


def test_of_a_rule_the_largest_violations_are_told_and_all_are_counted() -> None:
    plan = uncontrolled(*world(WORKPLACE))
    schedule = plan.dataset()
    off = np.arange(1.0, 23.0)
    schedule["energy"].values[:] += np.cumsum(np.arange(1.0, 97.0))
    schedule["unmet"].values[:] += off
    verdict = verify(plan.spec, schedule, plan.data)
    told_of = [found for found in verdict.violations if found.rule == "energy-balance"]
    assert len(told_of) == LIMIT < verdict.counts["energy-balance"]
    assert [f.size for f in verdict.violations if f.rule == "unmet"] == pytest.approx(off)
    with pytest.raises(VerificationError, match=r"\.\.\. and \d+ more$"):
        verdict.raise_for_violations()


def test_every_rule_of_a_violation_is_told_once_and_planted_in_a_test() -> None:
    names = [name for name, _ in RULES]
    assert len(set(names)) == len(names)
    planted = "".join(path.read_text() for path in TESTS.rglob("test_*.py"))
    assert [name for name in names if f'"{name}"' not in planted] == []
