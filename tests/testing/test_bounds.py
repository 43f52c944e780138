"""What bounds an optimum holds for sound specs, and tells an optimum or a shadow price that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from evdsl.data.data import Data
from evdsl.language.spec import Spec
from evdsl.model.formulate import formulate
from evdsl.model.program import Program
from evdsl.optimization import problem
from evdsl.testing import METAMORPHIC, Trial
from evdsl.testing.properties import bounds
from evdsl.testing.properties.bounds import relaxation_bounds, shadow_prices_hold
from evdsl.testing.properties.invariant import IdleError

SITE = """
station site {{
    start   = 2024-03-12
    horizon = 4 h
    step    = 1 h
}}
grid {{
    import_limit = 10 kW
    price        = {{ 00:00: 10 ct/kWh, 02:00: 30 ct/kWh }}
    feed_in      = 5 ct/kWh
}}
port ac {{
    count = {ports}
    power = 10 kW
}}
class car {{
    charge = 10 kW
}}
vehicle first of car {{
    arrival = 00:00
    stay    = 4 h
    energy  = 15 kWh
}}
vehicle second of car {{
    arrival = 00:00
    stay    = 4 h
    energy  = 15 kWh
}}
enable partial_charging
minimize cost + 1 EUR/kWh * unmet
"""
LINEAR, DISCRETE = SITE.format(ports=2), SITE.format(ports=1)


def with_prices(factor: float) -> Callable[[Spec, Data], Program]:
    """A formulation that reads the prices wrongly; what is put back and checked has them right."""

    def faulty(spec: Spec, data: Data) -> Program:
        key = ("grid", "price")
        other = replace(data, series={**data.series, key: data.series[key] * factor})
        return replace(formulate(spec, other), data=data)

    return faulty


def test_both_are_among_what_a_campaign_holds_specs_against() -> None:
    assert {"relaxation", "shadow_prices"} <= {claim.name for claim in METAMORPHIC}


@pytest.mark.parametrize("text", [LINEAR, DISCRETE])
def test_they_hold_for_a_sound_spec(text: str, solver: str) -> None:
    trial = Trial(text, solvers=(solver,))
    for claim, held in ((relaxation_bounds, text == DISCRETE), (shadow_prices_hold, text == LINEAR)):
        if held and (claim is relaxation_bounds or solver == "highs"):
            assert claim(trial) is None
        else:  # nothing to relax, no multipliers
            with pytest.raises(IdleError):
                claim(trial)


def test_an_optimum_that_is_better_than_its_relaxation_is_told() -> None:
    trial = Trial(DISCRETE)
    good = trial.run()
    better = replace(good, stages=(replace(good.stages[0], value=good.stages[0].value - 20.0),))
    trial = Trial(DISCRETE, _runs={("highs", (), 0, ()): better})
    said = relaxation_bounds(trial)
    assert said is not None
    assert "its relaxation no less than" in said


def test_a_relaxation_that_has_no_point_leaves_none_to_the_spec(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "_relaxed", lambda _: ("infeasible", float("nan")))
    assert relaxation_bounds(Trial(DISCRETE)) == "the relaxation is infeasible, and the spec is not"


@pytest.mark.parametrize("wrong", [-1.0, 3.0, 1e-3])
def test_a_wrong_shadow_price_is_told(wrong: float, monkeypatch: pytest.MonkeyPatch) -> None:
    right = bounds.lagrangian

    def other(*given: Any) -> tuple[float, np.ndarray, np.ndarray]:
        price, by_column, by_row = right(*given)
        return wrong * price, by_column, by_row

    monkeypatch.setattr(bounds, "lagrangian", other)
    said = shadow_prices_hold(Trial(LINEAR))
    assert said is not None
    assert "`import_limit` of every grid" in said


def test_a_model_with_other_prices_has_other_shadow_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    trial = Trial(LINEAR)
    assert trial.run().stages
    monkeypatch.setattr("evdsl.optimization.explanation.variant.formulate", with_prices(0.5))
    assert shadow_prices_hold(Trial(LINEAR)) is not None
    assert problem.formulate is formulate
