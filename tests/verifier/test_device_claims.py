"""Words of a site with devices are worth what the schedule says, and a claim beside it is told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
import xarray as xr
from verifier.device_plans import Plan, plan_of, told

from evdsl.language.units import symbol
from evdsl.verifier import verify
from evdsl.verifier.objectives import DIMENSIONS


def test_words_are_what_a_calculator_gives() -> None:
    plan = plan_of()
    terms = verify(plan.spec, plan.dataset(), plan.data).terms
    anna, ben = 8 + 0.9 * 16, 30 + 0.9 * 2.5 - 5 / 0.9
    end_value = 0.1 * (anna + ben) + 0.3 * 7.75
    wear = 0.04 * 5 + 0.1 * 5
    bought, sold = 0.2 * (8.125 + 13), 0.05 * (4 + 16)
    revenue = 0.3 * (16 + 2.5) - 0.2 * 5
    expected = {
        "energy_cost": bought,
        "export_revenue": sold,
        "wear": wear,
        "end_value": end_value,
        "cost": bought - sold + wear - end_value,
        "revenue": revenue,
        "profit": revenue - (bought - sold + wear - end_value),
        "v2g_profit": 5 * (0.05 * 0.8 - 0.2 - 0.4 * (1 / 0.81 - 1) - 0.04),
        "unmet": 2,
        "discharged": 5,
        "curtailed": 1,
        "fairness": 1 - 2 / 6,
        "fairness_gap": 2 / 6,
        "lexfairness": 1 - 2 / 6,
    }
    assert {name: terms[name] for name in expected} == pytest.approx(expected)


def test_without_feed_in_what_vehicles_give_is_worth_the_price() -> None:
    plan = plan_of(("    feed_in = 0.05 EUR/kWh\n", ""))
    terms = verify(plan.spec, plan.dataset(), plan.data).terms
    assert terms["v2g_profit"] == pytest.approx(5 * (0.4 * 0.8 - 0.2 - 0.4 * (1 / 0.81 - 1) - 0.04))


NO_TARIFF = ("    tariff     = { 00:00: 0.30 EUR/kWh, 03:00: 0.90 EUR/kWh }\n", "")
NO_REWARD = ("    v2g_reward = { 00:00: 0.10 EUR/kWh, 03:00: 0.20 EUR/kWh }\n", "")
NO_PRICE = ("    price   = { 00:00: 0.20 EUR/kWh, 03:00: 0.40 EUR/kWh }\n", "")
NO_COST = ("minimize cost + 0.1 EUR/kWh * curtailed + 0.4 EUR/kWh * unmet", "minimize unmet")

NEVER = {"demand_cost", "elsewhere_cost", "initial_cost", "event_penalty", "event_revenue", "co2"}


@pytest.mark.parametrize(
    ("changes", "absent"),
    [
        ((), NEVER),
        ((NO_TARIFF,), NEVER),
        ((NO_REWARD,), NEVER),
        ((NO_TARIFF, NO_REWARD), {*NEVER, "revenue", "profit"}),
        ((NO_PRICE, NO_COST), {*NEVER, "energy_cost", "cost", "profit", "v2g_profit"}),
    ],
)
def test_a_word_whose_setting_is_missing_is_absent(
    changes: tuple[tuple[str, str], ...], absent: set[str]
) -> None:
    plan = plan_of(*changes)
    assert set(DIMENSIONS) - set(verify(plan.spec, plan.dataset(), plan.data).terms) == absent


def test_a_reward_alone_is_paid_and_a_tariff_alone_is_earned() -> None:
    plan = plan_of(NO_TARIFF)
    assert verify(plan.spec, plan.dataset(), plan.data).terms["revenue"] == pytest.approx(-1)
    plan = plan_of(NO_REWARD)
    assert verify(plan.spec, plan.dataset(), plan.data).terms["revenue"] == pytest.approx(5.55)


def claims(plan: Plan) -> dict[str, Any]:
    terms = verify(plan.spec, plan.dataset(), plan.data).terms
    units = {word: symbol(DIMENSIONS[word], plan.spec.currency) for word in terms}
    return {word: {"value": value, "unit": units[word]} for word, value in terms.items()}


def stated(plan: Plan, terms: Mapping[str, object]) -> xr.Dataset:
    return plan.dataset(terms=json.dumps(terms))


NEW_WORDS = ("wear", "end_value", "cost", "revenue", "profit", "v2g_profit", "curtailed", "fairness_gap")
NEW_WORDS += ("lexfairness",)


@pytest.mark.parametrize("word", NEW_WORDS)
def test_a_word_that_is_claimed_falsely_is_found(word: str) -> None:
    plan = plan_of()
    said = claims(plan)
    assert told(plan, stated(plan, said)) == set()
    said[word]["value"] *= 1.001
    (found,) = verify(plan.spec, stated(plan, said), plan.data).violations
    assert found.rule == "claimed-value"
    assert f"`{word}`" in found.message
    said = claims(plan)
    said[word]["unit"] = "kW"
    assert {rule for rule, *_ in told(plan, stated(plan, said))} == {"units"}
