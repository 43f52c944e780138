"""Words are worth what the schedule says, and a claim beside it is told."""

from __future__ import annotations

from typing import Any

import pytest
from verifier.plans import LANE, Plan, told, world, yard_plan

from evdsl.language.units import symbol
from evdsl.verifier import verify
from evdsl.verifier.objectives import DIMENSIONS


def test_words_are_what_a_calculator_gives() -> None:
    plan = Plan.empty(*world(LANE))
    plan.charges("one", {0: 6, 1: 4})
    plan.charges("two", {1: 4})
    verdict = verify(plan.spec, plan.dataset(), plan.data)
    assert verdict.ok
    assert verdict.terms == pytest.approx(
        {
            "energy_cost": 6 * 0.10 + 8 * 0.30,
            "demand_cost": 2 * 8,
            "wear": 0,
            "end_value": 0,
            "v2g_profit": 0,
            "cost": 3.0 + 16,
            "co2": 14 * 0.3,
            "unmet": 2,
            "dissatisfaction": 4,
            "peak": 8,
            "export_peak": 0,
            "discharged": 0,
            "curtailed": 0,
            "fairness": 1 - 2 / 12,
            "fairness_gap": 2 / 12,
            "lexfairness": 1 - 2 / 12,
            "delay": 4 * 0.75,
            "waiting_time": 0,
        }
    )


def test_words_of_giving_back_are_what_a_calculator_gives() -> None:
    plan = yard_plan()
    terms = verify(plan.spec, plan.dataset(), plan.data).terms
    charged = 0.5 * ((8 + 8 + 6) + (2 + 3 + 3) + (11 / 3 + 11)) / 0.95
    assert terms["discharged"] == pytest.approx(3.5)
    assert terms["wear"] == pytest.approx(3.5 * 0.04)
    assert terms["energy_cost"] == pytest.approx(0.2 * charged)
    assert terms["export_revenue"] == pytest.approx(0.05 * 3.5 * 0.98)
    assert terms["cost"] == pytest.approx(0.2 * charged - 0.05 * 3.5 * 0.98 + 0.14)
    assert terms["unmet"] == pytest.approx(0.1 + 12 - 22 / 3)


def test_a_word_whose_setting_is_missing_is_absent() -> None:
    changes = (
        ("    price        = 0.20 EUR/kWh\n", ""),
        ("minimize cost + 0.4 EUR/kWh * unmet", "minimize unmet"),
    )
    plan = yard_plan(*changes)
    terms = verify(plan.spec, plan.dataset(), plan.data).terms
    assert set(DIMENSIONS) - set(terms) == {
        "energy_cost",
        "demand_cost",
        "elsewhere_cost",
        "event_penalty",
        "event_revenue",
        "initial_cost",
        "cost",
        "co2",
        "revenue",
        "profit",
        "v2g_profit",
    }


def claims(plan: Plan) -> dict[str, Any]:
    """What a compiler would write beside its schedule: the yard reaches what it reached."""
    terms = verify(plan.spec, plan.dataset(), plan.data).terms
    stages = [
        {
            "sense": stage.sense,
            "expression": stage.text,
            "value": sum(weight * terms[word] for word, weight in stage.weights.items()) + stage.constant,
            "weights": dict(stage.weights),
            "constant": stage.constant,
        }
        for stage in plan.spec.stages
    ]
    units = {word: symbol(DIMENSIONS[word], plan.spec.currency) for word in terms}
    return {"terms": {w: {"value": v, "unit": units[w]} for w, v in terms.items()}, "stages": stages}


def test_true_claims_pass() -> None:
    plan = yard_plan()
    assert told(plan, plan.dataset(**claims(plan))) == set()


@pytest.mark.parametrize("word", ["energy_cost", "cost", "unmet", "fairness", "delay", "peak", "wear"])
def test_a_word_that_is_claimed_falsely_is_found(word: str) -> None:
    plan = yard_plan()
    said = claims(plan)
    said["terms"][word]["value"] *= 1.0001
    (found,) = verify(plan.spec, plan.dataset(**said), plan.data).violations
    assert (found.rule, found.unit) == ("claimed-value", said["terms"][word]["unit"])
    assert found.size == pytest.approx(0.0001 * abs(said["terms"][word]["value"]), rel=1e-3)
    assert f"`{word}`" in found.message


@pytest.mark.parametrize(
    ("stage", "change", "fine"),
    [
        (1, {"value": 0.5}, False),
        (0, {"value": 6.4}, True),  # given way by less than the 5 % that are allowed
        (0, {"value": 6.2}, False),  # by more
        (0, {"value": 9.0}, True),  # the later stage may find something better
        (0, {"value": float("nan")}, False),
        (0, {"value": "low"}, False),
        (1, {"weights": {"fairness": 2.0}}, False),
        (1, {"constant": 0.1}, False),
        (1, {"weights": {"comfort": 2.0}}, True),  # a word that is not worked out here
        (1, {"weights": {"comfort": 2.0}, "expression": "comfort"}, False),  # so that nothing can be held
        (1, {"weights": None, "expression": ""}, False),
    ],
)
def test_a_stage_is_worth_what_it_claims(stage: int, change: dict[str, Any], fine: bool) -> None:
    plan = yard_plan()
    said = claims(plan)
    assert said["stages"][0]["value"] == pytest.approx(6.5769, abs=1e-4)
    said["stages"][stage].update(change)
    expected = set() if fine else {"claimed-value"}
    assert {rule for rule, *_ in told(plan, plan.dataset(**said))} == expected


@pytest.mark.parametrize(
    ("stage", "off", "status", "fine"),
    [
        (0, 0.0, "optimal", True),
        (0, -1e-3, "within_gap", True),  # the best may lie there
        (0, -1e-3, "optimal", False),  # proven to be the best, and worse than that
        (0, 1e-3, "optimal", False),
        (0, 1e-3, "feasible", False),  # better than what can be
        (1, 1e-3, "feasible", True),  # of what is made large
        (1, -1e-3, "feasible", False),
        (0, float("nan"), "feasible", True),
        (0, float("nan"), "optimal", False),
    ],
)
def test_no_stage_beats_its_own_bound(stage: int, off: float, status: str, fine: bool) -> None:
    plan = yard_plan()
    said = claims(plan)
    assert [claim["sense"] for claim in said["stages"]] == ["minimize", "maximize"]
    claim = said["stages"][stage]
    claim.update(bound=claim["value"] + off, status=status)
    found = verify(plan.spec, plan.dataset(**said), plan.data).violations
    # Once, though the sum is taken twice.
    assert [violation.rule for violation in found] == ([] if fine else ["claimed-value"])
    assert all("is proven to be the best" in violation.message for violation in found)


def test_claims_that_are_no_claims_are_found() -> None:
    plan = yard_plan()
    assert {rule for rule, *_ in told(plan, plan.dataset(terms="cost: 3", stages="{}"))} == {"claimed-value"}
    assert {rule for rule, *_ in told(plan, plan.dataset(terms={"cost": 3.0}))} == {"claimed-value"}
    said = claims(plan)
    said["terms"]["unmet"]["unit"] = "MWh"
    assert {rule for rule, *_ in told(plan, plan.dataset(**said))} == {"units"}
