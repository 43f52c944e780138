"""Every word of the language that this version does not build is refused by its name."""

from __future__ import annotations

import pytest
from semantics.car_park import SOUND, Told, read, told

PLANNED_BLOCKS = "robust".split()


def refused(text: str) -> Told:
    """The one thing said of a text, which is that a part of the language is not built."""
    found = told(read(text))
    assert len(found) == 1, read(text)
    assert found[0].head.startswith("error[E206 not-built-yet]: "), found[0].head
    assert found[0].head.endswith("not built in this version")
    assert found[0].help
    return found[0]


@pytest.mark.parametrize("keyword", PLANNED_BLOCKS)
def test_a_block_of_a_later_version_is_refused_by_name(keyword: str) -> None:
    found = refused(f"{SOUND}{keyword} main {{\n    peak = 80 kW\n}}\n")
    assert found.marked == keyword
    assert f"`{keyword}` (" in found.head


BUILT = {
    "station": "start horizon step zone seed voltage currency rounding holidays",
    "grid": "import_limit export_limit phase_limit unbalance_limit price feed_in carbon export_carbon "
    "demand_charge",
    "demand_charge": "price interval per reached window days feeder partial",
    "event": "from to lasts days limit reduce baseline feeder reward penalty",
    "feeder": "limit phase_limit feeder",
    "port": "count power discharge min_power rates efficiency phases feeder",
    "class": "battery charge discharge phases efficiency charge_efficiency discharge_efficiency soc wear "
    "ports tariff v2g_reward billing up_to end_value taper elsewhere",
    "fleet": "count arrival departure stay energy soc_arrival soc_target priority days",
    "vehicle": "arrival departure stay energy soc_arrival soc_target priority days",
    "trip": "departure arrival duration used days vehicle",
    "sessions": "id arriving used arrival departure stay energy soc_arrival soc_target priority",
    "solar": "peak profile power phases feeder",
    "wind": "peak profile power phases feeder",
    "storage": "capacity power charge discharge min_power efficiency charge_efficiency "
    "discharge_efficiency leakage source sink soc soc_initial soc_final wear end_value phases "
    "feeder",
    "load": "power phases feeder",
    "cohort": "classes arrivals departures power dissatisfaction",
    "scenarios": "count method share",
    "risk": "level weight",
}
"""Section 4 of the language: each of these settings is taken."""
MORE = {
    "cohort": {"spread", "draw", "initial", "feeder"},
    "class": {"outside", "rates", "discharge_rates"},
    "storage": {"outside", "initial_price"},
}
"""What a kind takes beyond it."""


def test_every_setting_of_the_language_is_declared() -> None:
    from evdsl.language.devices import KINDS, PLANNED

    declared = {kind.keyword: {setting.name for setting in kind.settings} for kind in KINDS}
    assert declared == {name: set(text.split()) | MORE.get(name, set()) for name, text in BUILT.items()}
    assert list(PLANNED) == PLANNED_BLOCKS


def test_every_word_toggle_and_function_of_the_language_is_declared() -> None:
    from evdsl.language.names import FUNCTIONS
    from evdsl.language.objectives import WORDS
    from evdsl.language.toggles import TOGGLES

    words = "energy_cost export_revenue demand_cost wear cost co2 unmet dissatisfaction peak delay fairness"
    words += " waiting_time export_peak discharged end_value revenue profit v2g_profit curtailed fairness_gap"
    words += " lexfairness elsewhere_cost event_penalty event_revenue initial_cost"
    assert {word.name for word in WORDS} == set(words.split())
    toggles = (
        "v2g partial_charging exclusive import_or_export hold_port queue min_power uninterrupted curtailment"
    )
    assert {toggle.name for toggle in TOGGLES} == set(toggles.split())
    functions = (
        "csv tariff column typical gaussian bootstrap noisy normal lognormal uniform beta poisson choice "
    )
    functions += "min max abs above round"
    assert set(FUNCTIONS) == set(functions.split())
