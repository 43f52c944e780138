"""`rates` of a class: its vehicles are on at one of them or off, both ways."""

from __future__ import annotations

import pytest

import evdsl
from evdsl.data.load import load_data
from evdsl.diagnostics.source import Source
from evdsl.optimization.comparison import run
from evdsl.optimization.policies import POLICIES
from evdsl.semantics.resolve import resolve

SITE = """
station lot {
    start = 2024-03-12
    horizon = 3 h
    step = 1 h
}
grid {
    price = { 00:00: 0.10 EUR/kWh, 01:00: 0.20 EUR/kWh, 02:00: 0.40 EUR/kWh }
    feed_in = 0.30 EUR/kWh
}
port ac {
    power = 22 kW
}
class bus {
    battery = 100 kWh
    charge = 11 kW
    rates = [4 kW, 11 kW]
}
vehicle bus of bus {
    arrival = 00:00
    departure = 03:00
    soc_arrival = 50 %
    soc_target = 65 %
}
enable min_power
disable partial_charging
minimize cost
"""
V2G = (
    ("charge = 11 kW", "charge = 11 kW\n    discharge = 8 kW"),
    ("power = 22 kW", "power = 22 kW\n    discharge = 22 kW"),
    ("enable min_power", "enable min_power, v2g"),
)


def changed(*pairs: tuple[str, str]) -> str:
    text = SITE
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


def solved(text: str, solver: str) -> evdsl.Result:
    result = evdsl.compile(evdsl.loads(text)).run(solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.verdict is not None
    assert result.verdict.ok
    return result


def powers(result: evdsl.Result, name: str) -> list[float]:
    assert result.schedule is not None
    return [float(value) for value in result.schedule[name].values[0]]


def test_a_vehicle_is_on_at_one_of_its_rates_or_off(solver: str) -> None:
    """15 kWh are 11 + 4, the larger in the cheaper hour."""
    result = solved(SITE, solver)
    assert powers(result, "charge") == pytest.approx([11, 4, 0])
    assert result.stages[0].value == pytest.approx(11 * 0.10 + 4 * 0.20)


def test_without_ports_the_rates_of_a_class_hold_too(solver: str) -> None:
    result = solved(changed(("port ac {\n    power = 22 kW\n}\n", "")), solver)
    assert powers(result, "charge") == pytest.approx([11, 4, 0])


def test_a_power_is_in_the_lists_of_both_port_and_class(solver: str) -> None:
    """Of 4 and 11 kW the port has 4 alone: 15 kWh cannot be had, and 12 are the most."""
    text = changed(
        ("power = 22 kW", "power = 22 kW\n    rates = [4 kW, 7 kW]"),
        ("disable partial_charging", "enable partial_charging"),
        ("minimize cost", "minimize unmet"),
    )
    assert solved(text, solver).stages[0].value == pytest.approx(3.0)


def test_a_rate_below_the_least_power_of_a_port_is_none(solver: str) -> None:
    text = changed(("power = 22 kW", "power = 22 kW\n    min_power = 6 kW"))
    assert powers(solved(text, solver), "charge") == pytest.approx([11, 11, 0])


def test_rates_count_by_the_phases_that_a_vehicle_uses(solver: str) -> None:
    """On one of its three phases 12 kW are 4, and 11 kW are 3.67."""
    text = changed(
        ("power = 22 kW", "power = 22 kW\n    phases = [L1]"),
        ("rates = [4 kW, 11 kW]", "phases = 3\n    rates = [3 kW, 9 kW]"),
        ("soc_target = 65 %", "soc_target = 56 %"),
    )
    assert powers(solved(text, solver), "charge") == pytest.approx([3, 3, 0])


@pytest.mark.parametrize(("power", "refused"), [("2.5 kW", True), ("3 kW", False)])
def test_the_least_rate_is_held_against_a_port_on_the_phases_that_are_used(power: str, refused: bool) -> None:
    """9 kW on three phases are 3 kW on the one that the port has."""
    ways = (
        ("power = 22 kW", f"power = {power}\n    phases = [L1]"),
        ("rates = [4 kW, 11 kW]", "phases = 3\n    rates = [9 kW]"),
    )
    _, found = resolve(Source("site.evs", changed(*ways)))
    told = [(one.message, one.help) for one in found if one.code == "E308"]
    least = "the least rate of `class bus` is 9 kW, and no port gives it more than 7.5 kW"
    assert told == ([(least, "write `rates = [7.5 kW]`")] if refused else [])


def test_it_gives_back_at_its_rates_or_at_those_of_discharging(solver: str) -> None:
    """Sold for 0.30 and bought for 0.10 EUR/kWh: as much as the rates let, and the target is met again."""
    at_one = solved(changed(*V2G, ("rates = [4 kW, 11 kW]", "rates = [11 kW]"), ("65 %", "50 %")), solver)
    assert powers(at_one, "discharge") == pytest.approx([0, 0, 0])
    own = ("rates = [4 kW, 11 kW]", "rates = [11 kW]\n    discharge_rates = [5 kW]")
    other = solved(changed(*V2G, own, ("65 %", "50 %")), solver)
    assert sorted(powers(other, "discharge")) == pytest.approx([0, 5, 5])


def test_a_list_does_nothing_without_its_toggle(solver: str) -> None:
    text = changed(("enable min_power\n", ""))
    assert powers(solved(text, solver), "charge") == pytest.approx([11, 4, 0])
    text = changed(("enable min_power\n", ""), ("65 %", "55 %"))
    assert powers(solved(text, solver), "charge") == pytest.approx([5, 0, 0])


@pytest.mark.parametrize(
    ("old", "new", "step"), [("[4 kW, 11 kW]", "[5 kW, 11 kW]", 1), ("[4 kW, 11 kW]", "[4 kW, 10 kW]", 0)]
)
def test_verify_finds_a_power_that_the_class_does_not_list(old: str, new: str, step: int) -> None:
    result = solved(SITE, "highs")
    assert result.schedule is not None
    other = evdsl.loads(changed((old, new)))
    data, _ = load_data(other)
    assert data is not None
    verdict = evdsl.verify(other, result.schedule.assign_attrs(digest=data.digest))
    found = [(one.rule, one.step) for one in verdict.violations if one.rule == "rates"]
    assert found == [("rates", step)]


@pytest.mark.parametrize("rule", POLICIES, ids=lambda rule: rule.name)
def test_rules_lower_a_power_to_what_the_class_lists(rule: evdsl.optimization.policies.rule.Policy) -> None:
    spec = evdsl.loads(changed(("disable partial_charging", "enable partial_charging")))
    data, _ = load_data(spec)
    assert data is not None
    done = run(spec, data, rule)
    assert done.is_allowed, done.verdict.violations
    assert [float(power) for power in done.schedule["charge"].values[0]] == pytest.approx([11, 4, 0])


@pytest.mark.parametrize(
    ("pair", "message", "help"),
    [
        (
            ("4 kW, 11 kW", "4 kW, 12 kW"),
            "a rate of `class bus` is 12 kW, above its `charge` of 11 kW",
            "write `rates = [11 kW]`",
        ),
        (
            ("rates = [4 kW, 11 kW]", "discharge = 5 kW\n    discharge_rates = [6 kW]"),
            "a rate of `class bus` is 6 kW, above its `discharge` of 5 kW",
            "write `discharge_rates = [5 kW]`",
        ),
        (
            ("rates = [4 kW, 11 kW]", "discharge_rates = [6 kW]"),
            "a rate of `class bus` is 6 kW, above its `discharge` of 0 kW",
            "leave out `discharge_rates`",
        ),
        (
            ("power = 22 kW", "power = 3 kW"),
            "the least rate of `class bus` is 4 kW, and no port gives it more than 3 kW",
            "write `rates = [3 kW]`",
        ),
        (
            ("power = 22 kW", "power = 3 kW\n    phases = [L1]"),
            "the least rate of `class bus` is 4 kW, and no port gives it more than 3 kW",
            "write `rates = [3 kW]`",
        ),
        (("4 kW, 11 kW", "0 kW, 11 kW"), "`rates` of `class bus` is 0 kW, and must lie above 0", None),
        (("4 kW, 11 kW", "4 kWh"), "`class bus` wants `rates` in kW, and 4 kWh is an energy", None),
    ],
)
def test_a_mistake_is_told_with_what_to_type(pair: tuple[str, str], message: str, help: str | None) -> None:
    _, found = resolve(Source("site.evs", changed(pair)))
    errors = [one for one in found if one.is_error]
    assert [one.message for one in errors] == [message]
    if help is not None:
        assert errors[0].help == help
    typed = (help or "").partition("`")[2].partition("`")[0]
    if typed.startswith(("rates", "discharge_rates")):
        name = typed.partition(" ")[0]
        lines = changed(pair).splitlines()
        mended = "\n".join(f"    {typed}" if line.strip().startswith(f"{name} =") else line for line in lines)
        _, left = resolve(Source("site.evs", mended))
        assert not [one for one in left if one.is_error and one.code == "E308"]
