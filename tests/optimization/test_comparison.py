"""The rules beside the optimum: known powers, the numbers of a real day, and no rule better than it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from worlds import EVERYTHING, SPECS

import evdsl
from evdsl.cli.main import main
from evdsl.data.load import load_data
from evdsl.optimization.comparison import compare, run
from evdsl.optimization.policies import POLICIES, policy

TWO = """
station two {{
    start = 2024-03-12
    horizon = 4 h
    step = 1 h
}}
grid {{
    import_limit = 10 kW
    price = 0.20 EUR/kWh
}}
port ac {{
    count = 2
    power = 8 kW
}}
class car {{
}}
vehicle early of car {{
    arrival = 00:00
    stay = 4 h
    energy = 16 kWh
}}
vehicle urgent of car {{
    arrival = 01:00
    stay = 2 h
    energy = 12 kWh
}}
vehicle late of car {{
    arrival = 01:00
    stay = 3 h
    energy = 4 kWh
}}
{more}
minimize unmet
"""


def powers(name: str, more: str = "", **toggles: list[str]) -> dict[str, list[float]]:
    spec = evdsl.loads(TWO.format(more=more), **toggles)
    data, _ = load_data(spec)
    assert data is not None
    rule = policy(name)
    assert rule is not None
    ruled = run(spec, data, rule)
    assert ruled.verdict.ok, ruled.verdict.violations
    charge = ruled.schedule["charge"]
    return {str(v): np.round(charge.sel(vehicle=v).values, 6).tolist() for v in charge["vehicle"].values}


@pytest.mark.parametrize(
    ("name", "early", "urgent"),
    [
        # 10 kW for two that could take 8 kW each are 5 kW each; then 3 kWh are missing here, 7 kWh there.
        ("uncontrolled", [8, 5, 3, 0], [0, 5, 7, 0]),
        ("fifs", [8, 5, 3, 0], [0, 5, 5, 0]),
        ("edf", [8, 2, 6, 0], [0, 8, 4, 0]),
        ("llf", [8, 2, 6, 0], [0, 8, 4, 0]),
        ("round_robin", [8, 5, 3, 0], [0, 5, 7, 0]),
    ],
)
def test_a_rule_gives_what_it_says(name: str, early: list[float], urgent: list[float]) -> None:
    found = powers(name)
    assert found["early"] == pytest.approx(early, abs=1e-5)
    assert found["urgent"] == pytest.approx(urgent, abs=1e-5)


def test_who_finds_no_port_gets_none_where_it_is_held() -> None:
    assert powers("edf")["late"] == [0, 0, 0, 0]


def test_a_port_is_free_again_when_its_vehicle_is_served_where_it_may_be_swapped() -> None:
    assert powers("edf", disable=["hold_port"])["late"] == [0, 0, 0, 4]


def test_a_rule_knows_which_powers_a_port_allows() -> None:
    text = TWO.replace("power = 8 kW", "power = 8 kW\n    rates = [3 kW, 6 kW]")
    spec = evdsl.loads(text.format(more=""), enable=["min_power"])
    data, _ = load_data(spec)
    assert data is not None
    rule = policy("round_robin")
    assert rule is not None
    ruled = run(spec, data, rule)
    assert ruled.verdict.ok, ruled.verdict.violations
    assert set(ruled.schedule["charge"].values.ravel().tolist()) <= {0.0, 3.0, 6.0}


@pytest.mark.parametrize("toggles", [{}, {"disable": ["hold_port"]}, {"enable": ["min_power", "v2g"]}])
def test_every_rule_meets_the_spec_on_a_site_with_every_device(toggles: dict[str, list[str]]) -> None:
    spec = evdsl.load(EVERYTHING, **toggles)
    optimum = evdsl.compile(spec).run("highs")
    comparison = compare(optimum, POLICIES)
    best = comparison.best()
    assert best is not None
    for ruled in comparison.ruled:
        assert ruled.verdict.ok, (ruled.policy.name, ruled.verdict.violations[:2])
        reached = comparison.reached(ruled)
        assert reached is not None
        assert reached.value >= best.value - (0.01 + 1e-5) * abs(best.value), ruled.policy.name


def test_uncontrolled_charging_of_the_real_day_is_the_known_one(
    data_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = str(SPECS / "sites" / "jpl.evs")
    rules = ["--rules", "uncontrolled,llf", "--json"]
    assert main(["compare", spec, "--data", str(data_folder), "--set", "cap=400 kW", *rules]) == 0
    document = json.loads(capsys.readouterr().out)
    terms = {name: term["value"] for name, term in document["rules"][0]["terms"].items()}
    assert terms["energy_cost"] == pytest.approx(157.560106, abs=1e-6)
    assert terms["co2"] == pytest.approx(324.933893, abs=1e-6)
    assert terms["peak"] == pytest.approx(280.188, abs=1e-9)
    assert [rule["name"] for rule in document["rules"]] == ["uncontrolled", "llf"]
    assert all(rule["verified"] for rule in document["rules"])


def test_a_rule_that_leaves_a_demand_unmet_is_told(
    data_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = str(SPECS / "sites" / "jpl.evs")
    assert main(["compare", spec, "--data", str(data_folder), "--set", "cap=100 kW"]) == 0
    out = capsys.readouterr().out
    assert "verified: optimum, llf" in out
    assert "not allowed: uncontrolled, fifs, edf, round_robin; `garage.8` lacks 0.89 kWh" in out.replace(
        "\n ", ""
    )


def test_an_unknown_rule_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    spec = str(SPECS / "tutorial" / "1_one_car.evs")
    assert main(["compare", spec, "--rules", "fifo"]) == 2
    assert "did you mean `fifs`?" in capsys.readouterr().err


def test_a_front_has_no_objective_to_compare_with(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(SPECS / "features" / "pareto.evs")]) == 1
    assert "write `minimize ...`" in capsys.readouterr().err


def test_a_vehicle_leaves_the_fast_port_to_who_needs_it() -> None:
    spec = evdsl.loads(
        """
station s {
    start = 2024-03-12
    horizon = 4 h
    step = 1 h
}
port ac {
    power = 11 kW
}
port dc {
    power = 40 kW
}
class van {
    charge = 11 kW
}
class bus {
    charge = 40 kW
    ports = [dc]
}
vehicle first of van {
    arrival = 00:00
    stay = 4 h
    energy = 40 kWh
}
vehicle second of bus {
    arrival = 01:00
    stay = 3 h
    energy = 100 kWh
}
minimize unmet
"""
    )
    data, _ = load_data(spec)
    assert data is not None
    for rule in POLICIES:
        ruled = run(spec, data, rule)
        assert ruled.verdict.ok
        assert ruled.terms["unmet"] == pytest.approx(0.0, abs=1e-6), rule.name


@pytest.mark.parametrize("rule", [known.name for known in POLICIES])
def test_a_limit_below_the_load_leaves_nothing_and_ends(rule: str) -> None:
    text = TWO.format(more="load house {\n    power = 40 kW\n}")
    spec = evdsl.loads(text)
    data, _ = load_data(spec)
    known = policy(rule)
    assert data is not None
    assert known is not None
    assert float(run(spec, data, known).schedule["charge"].sum()) == 0.0
