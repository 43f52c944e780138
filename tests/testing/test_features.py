"""What a campaign meets: all that the registries name, often enough, and the same for the same seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

import pytest

from evdsl.language.devices import KINDS
from evdsl.language.names import AGGREGATES, COMPARISONS, FUNCTIONS, SET_WORDS
from evdsl.language.objectives import WORDS
from evdsl.language.quantities import DECLARED, OF_DEVICES, SHARED_BY
from evdsl.language.toggles import TOGGLES
from evdsl.model.lower import SIMPLIFICATIONS
from evdsl.testing import METAMORPHIC, Coverage, Plan, Trial, campaign, specs
from evdsl.testing.campaigns import SOUGHT, drawn, least_met
from evdsl.testing.generate import nodes
from evdsl.testing.generate.features import (
    FEATURES,
    GROUPS,
    OF_REQUIREMENTS,
    OF_SIZES,
    Feature,
    features_of,
    wanted,
)
from evdsl.testing.generate.terms import TERMS
from evdsl.testing.generate.values import SiteDraft, period

OFTEN = 10
"""How often a campaign of 200 must have met each."""
SITE = """
station site {
    start   = 2024-03-12
    horizon = 2 h
    step    = 1 h
}
grid {
    price = 0.3 EUR/kWh
}
"""
CARS = """
class car {
    battery   = 10 kWh
    charge    = 3 kW
    discharge = 3 kW
}
fleet day of car {
    count   = 2
    arrival = 00:00
    stay    = 2 h
    energy  = min(2 kWh, uniform(1 kWh, 3 kWh))
}
"""


def met(text: str) -> set[Feature]:
    trial = Trial(text)
    assert trial.has_no_errors, trial.read[1]
    return {*features_of(trial.spec, trial.file)}


def names(group: str, of: Collection[Feature] = FEATURES) -> set[str]:
    return {feature.name for feature in of if feature.group == group}


@pytest.mark.slow
def test_a_campaign_of_200_meets_everything_at_least_ten_times_and_most_specs_are_taken() -> None:
    # Whether a relation has something to be changed in a spec is asked, and nothing is solved.
    asked = [replace(one, check=lambda _: None) for one in METAMORPHIC]
    plan = Plan(invariants=(), metamorphic=asked, relations=None, solvers=())
    coverage, failure = campaign(specs, 200, start=1, plan=plan)
    assert failure is None, failure
    seldom = {str(feature): coverage.met[feature] for feature in FEATURES if coverage.met[feature] < OFTEN}
    seldom |= {one.name: coverage.checked[one.name] for one in asked if coverage.checked[one.name] < OFTEN}
    seldom |= {name: coverage.fitted[name] for name in SIMPLIFICATIONS if coverage.fitted[name] < OFTEN}
    assert not seldom
    assert coverage.examples == 200
    assert coverage.refused < 200 / 3


def test_features_are_those_of_the_registries() -> None:
    """So that a campaign counts, and looks for, what is registered tomorrow."""
    written = [kind for kind in KINDS if kind.in_braces and kind.keyword not in ("scenarios", "risk")]
    assert names("device") == {kind.keyword for kind in written}
    settings = {(kind.keyword, each) for kind in written for each in kind.settings}
    assert names("setting") == {f"{owner}.{each.name}" for owner, each in settings if not each.of_rows}
    every = (*FEATURES, *OF_SIZES)
    assert names("chosen", every) == {f"{owner}.{each.name}" for owner, each in settings if each.decidable}
    assert names("toggle") == {f"{toggle.name} {way}" for toggle in TOGGLES for way in ("on", "off")}
    assert names("word") == {word.name for word in WORDS}
    assert names("comparison") == {*COMPARISONS}
    assert names("aggregate") == {*AGGREGATES}
    assert names("set") == {*SET_WORDS}
    owned = {f"{keyword}.{name}" for keyword, some in OF_DEVICES.items() for name in some}
    assert names("quantity", every) | names("share") == {*DECLARED} | owned
    assert {name.rpartition(".")[2] for name in names("share")} == {*SHARED_BY}
    left_out = {"csv", "tariff", "column", "typical", "gaussian", "bootstrap", "noisy", "abs"}
    assert {*FUNCTIONS} - names("function") == left_out, "files, scenarios, and decisions"
    assert names("term") == {*TERMS}
    assert {feature.group for feature in FEATURES} == {*GROUPS}


def test_what_a_spec_says_is_met() -> None:
    text = SITE + CARS + "enable v2g\nminimize cost\n"
    text += "require own: max(t in steps: charge[v, t]) <= 2 * need[v] / 1 h for v in fleets\n"
    found = met(text)
    assert names("device", found) == {"station", "grid", "class", "fleet"}
    assert {"fleet.energy", "class.charge", "grid.price"} <= names("setting", found)
    assert "grid.carbon" not in names("setting", found)
    assert names("word", found) == {"cost"}
    assert names("comparison", found) == {"<="}
    assert names("aggregate", found) == {"max"}
    assert names("set", found) == {"steps", "fleets"}
    assert names("quantity", found) == {"charge", "need"}
    assert names("function", found) == {"min", "uniform"}


def test_a_toggle_is_met_on_and_off_where_it_has_something_to_act_on() -> None:
    with_cars, without = SITE + CARS + "minimize cost\n", SITE + "minimize cost\n"
    assert {"v2g off", "uninterrupted off", "partial_charging on"} <= names("toggle", met(with_cars))
    assert {"v2g on", "exclusive on"} <= names("toggle", met(with_cars + "enable v2g\n"))
    assert names("toggle", met(without + "enable v2g\n")) & {"v2g on", "v2g off", "exclusive on"} == set()


def test_what_acts_with_a_toggle_alone_is_met_with_it() -> None:
    text = SITE + CARS + "minimize cost + 0.1 EUR/kWh * discharged\n"
    assert "discharged" not in names("word", met(text))
    assert "class.discharge" not in names("setting", met(text))
    assert "discharged" in names("word", met(text + "enable v2g\n"))
    assert "class.discharge" in names("setting", met(text + "enable v2g\n"))
    asked = wanted([Feature("word", "discharged")])
    assert Feature("toggle", "v2g on") in asked.features
    assert ("class", "discharge") in asked.settings
    assert "port" not in asked.kinds


def test_the_quantity_of_a_device_is_met_by_its_kind() -> None:
    roof = "load office {\n power = 2 kW\n}\n"
    found = met(SITE + roof + "minimize cost\nrequire own: import[t] <= 2 * office[t] for t in steps\n")
    assert names("quantity", found) == {"import", "load.power"}


def test_what_was_met_least_often_is_sought_first() -> None:
    often = Counter(dict.fromkeys(FEATURES, 5))
    seldom = [feature for feature in FEATURES if feature.group == "word"][:3]
    coverage = Coverage(met=often - Counter(dict.fromkeys(seldom, 2)))
    assert {*least_met(coverage, "1")[:3]} == {*seldom}
    assert len(least_met(coverage, "1")) == SOUGHT
    coverage.sought.update(dict.fromkeys(seldom, 10))
    assert not {*least_met(coverage, "1")} & {*seldom}, "what is sought in vain gives way to others"


def test_parts_of_requirements_are_sought_together() -> None:
    for group, others in (("quantity", True), ("word", False)):
        coverage = Coverage(met=Counter({feature: 5 * (feature.group != group) for feature in FEATURES}))
        for number in "12345":
            assert all((f.group in OF_REQUIREMENTS) is others for f in least_met(coverage, number))


def test_what_is_sought_needs_what_it_is_of() -> None:
    assert wanted([Feature("device", "fleet")]).kinds == {"fleet", "class"}
    assert ("grid", "carbon") in wanted([Feature("word", "co2")]).settings
    asked = wanted([Feature("setting", "fleet.soc_target")])
    assert asked.settings == {("fleet", "soc_target"), ("class", "battery")}
    assert {"storage", "feeder"} <= wanted([Feature("setting", "storage.feeder")]).kinds
    assert {"grid"} <= wanted([Feature("quantity", "feed_in")]).kinds


@pytest.mark.parametrize("group", GROUPS)
def test_a_spec_has_what_is_sought(group: str) -> None:
    """Of the last of each group, since the registries grow there."""
    sought = [feature for feature in FEATURES if feature.group == group][-1]
    for number in range(30):
        trial = Trial(nodes.print_file(drawn(specs([sought]), str(number))))
        if trial.has_no_errors and sought in features_of(trial.spec, trial.file):
            return
    raise AssertionError(f"{sought} is not met")


def test_a_spec_is_the_same_for_the_same_number() -> None:
    first, again, other = (nodes.print_file(drawn(specs(), number)) for number in ("7, 1", "7, 1", "7, 2"))
    assert first == again
    assert first != other


def test_a_period_across_midnight_is_one_of_dates() -> None:
    late = SiteDraft(datetime(2024, 3, 12, 22, 30), 2, 120, {})
    text = nodes.print_file(
        nodes.file_of([nodes.block("grid", None, None, [("price", period(0, 7200, late))])])
    )
    assert "2024-03-12 22:30 .. 2024-03-13 00:30" in text
    early = replace(late, start=datetime(2024, 3, 12))
    text = nodes.print_file(
        nodes.file_of([nodes.block("grid", None, None, [("price", period(0, 7200, early))])])
    )
    assert "00:00 .. 02:00" in text
