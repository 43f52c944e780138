"""What was chosen within a range is held against the range, and against what the schedule says of it."""

from __future__ import annotations

import json

import pytest
import xarray as xr
from language.test_decisions import BOUGHT, NAME, site, solved
from language.test_sizes import box
from language.test_sizes import site as sized_site

import evdsl
from evdsl.testing import claims, misses


@pytest.fixture(scope="module")
def optimum() -> evdsl.Result:
    """Begins with 8 of 10 kWh."""
    return solved(site(BOUGHT + "0.2 EUR/kWh"))


def rules(result: evdsl.Result, schedule: xr.Dataset) -> set[str]:
    return {one.rule for one in evdsl.verify(result.spec, schedule, result.data).violations}


def missed(result: evdsl.Result, schedule: xr.Dataset) -> set[str]:
    found = (*misses(result.spec, result.data, schedule), *claims(result.spec, result.data, schedule))
    return {miss.rule for miss in found if miss.wrong}


def shifted(result: evdsl.Result, by: float) -> xr.Dataset:
    """The same flows from another start."""
    assert result.schedule is not None
    wrong = result.schedule.copy(deep=True)
    for name in ("box.energy", "box.energy_end"):
        wrong[name] = wrong[name] + by
    return wrong


def test_another_start_is_another_cost_and_not_what_was_chosen(optimum: evdsl.Result) -> None:
    wrong = shifted(optimum, 1.0)
    assert rules(optimum, wrong) == {"chosen", "claimed-value"}
    assert missed(optimum, wrong) >= {f"chosen {NAME}", "initial_cost"}


@pytest.mark.parametrize(("low", "high", "by"), [("70 %", "80 %", 1.0), ("80 %", "100 %", -1.0)])
def test_a_start_beyond_the_range_is_refused_whatever_is_claimed(low: str, high: str, by: float) -> None:
    settings = f"soc_initial = {low} .. {high}; soc_final = 0 %; initial_price = 0.2 EUR/kWh"
    result = solved(site(settings))
    wrong = shifted(result, by)
    wrong.attrs = {
        key: value for key, value in wrong.attrs.items() if key not in ("chosen", "terms", "stages")
    }
    assert "chosen" in rules(result, wrong)
    assert "chosen" in missed(result, wrong)


def test_an_end_below_the_start_that_was_chosen_is_refused() -> None:
    result = solved(site("soc_initial = 20 % .. 60 %", prices=(0.5, 0.1)))
    assert result.schedule is not None
    wrong = result.schedule.copy(deep=True)
    for name in ("box.charge", "box", "import"):
        wrong[name][1] = wrong[name][1] - 1.0
    wrong["box.energy_end"] = wrong["box.energy_end"] - 1.0
    assert rules(result, wrong) == {"storage-final", "claimed-value"}
    assert missed(result, wrong) == {"storage final", "energy_cost", "cost", "the last stage"}


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ({NAME: {"value": 0.7, "unit": ""}}, "is said to be 0.7, and the schedule begins with 0.8"),
        ({NAME: {"value": "0.8"}}, "is said to be nan"),
        ({NAME: 0.8}, "is said to be nan"),
        ({}, f"does not say what was chosen for `{NAME}`"),
        (
            {NAME: {"value": 0.8, "unit": ""}, "box.power": {"value": 5.0, "unit": "kW"}},
            "`box.power` is said to be chosen, and the spec leaves no such thing open",
        ),
        ([0.8], "is not a JSON object"),
    ],
)
def test_a_claim_of_what_was_chosen_is_held_against_the_flows(
    optimum: evdsl.Result, claim: object, message: str
) -> None:
    assert optimum.schedule is not None
    wrong = optimum.schedule.assign_attrs(chosen=json.dumps(claim))
    found = evdsl.verify(optimum.spec, wrong, optimum.data).violations
    assert [one.rule for one in found] == ["chosen"]
    assert message in found[0].message


def test_a_claim_that_is_no_json_and_one_in_another_unit_are_refused(optimum: evdsl.Result) -> None:
    assert optimum.schedule is not None
    assert rules(optimum, optimum.schedule.assign_attrs(chosen="eighty percent")) == {"chosen"}
    in_energy = json.dumps({NAME: {"value": 0.8, "unit": "kWh"}})
    assert rules(optimum, optimum.schedule.assign_attrs(chosen=in_energy)) == {"units"}


def test_no_claim_is_no_fault(optimum: evdsl.Result) -> None:
    assert optimum.schedule is not None
    silent = optimum.schedule.copy()
    silent.attrs = {key: value for key, value in optimum.schedule.attrs.items() if key != "chosen"}
    assert rules(optimum, silent) == set()


@pytest.fixture(scope="module")
def sized() -> evdsl.Result:
    """A storage of 10 kWh, of which all is used."""
    text = sized_site(box(power="0 kW .. 50 kW"), "minimize cost + 0.15 EUR/kWh * box.capacity")
    return solved(text)


@pytest.mark.parametrize(
    ("variable", "by", "broken"),
    [
        ("box.size.capacity", -1.0, {"chosen", "storage-soc", "claimed-value"}),
        ("box.size.capacity", 1.0, {"chosen", "claimed-value"}),
        ("box.size.power", -1.0, {"chosen", "storage-power"}),
        ("box.size.power", 41.0, {"chosen"}),
    ],
)
def test_a_size_is_held_against_flows_claims_and_its_range(
    sized: evdsl.Result, variable: str, by: float, broken: set[str]
) -> None:
    assert sized.schedule is not None
    wrong = sized.schedule.copy(deep=True)
    wrong[variable] = wrong[variable] + by
    wrong[variable].attrs = sized.schedule[variable].attrs
    assert rules(sized, wrong) == broken
    assert any(rule.startswith("chosen") for rule in missed(sized, wrong))


def test_a_schedule_without_a_size_that_was_chosen_is_not_read(sized: evdsl.Result) -> None:
    assert sized.schedule is not None
    assert rules(sized, sized.schedule.drop_vars("box.size.capacity")) == {"shape"}
