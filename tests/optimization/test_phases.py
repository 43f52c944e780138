"""Rules keep to the limits of phases; prices, conflicts and shortfalls name the phase that binds."""

from __future__ import annotations

import random
from typing import Any

import pytest

import evdsl
from evdsl.cli.main import main
from evdsl.optimization.policies import POLICIES
from evdsl.optimization.shortfall.reason import reasons

RULES = [policy.name for policy in POLICIES]

SITE = """
station s {
    start = 2024-03-12
    horizon = 1 h
    step = 20 min
}
grid {
    price = 0.20 EUR/kWh
    GRID
}
port first {
    count = 2
    power = 32 A
    phases = [L1]
}
port second {
    power = 32 A
    phases = [L2]
}
class one {
    charge = 32 A
    phases = 1
    ports = [first]
}
class other {
    charge = 32 A
    phases = 1
    ports = [second]
}
vehicle a of one {
    arrival = 00:00
    stay = 1 h
    energy = 7.36 kWh
}
vehicle b of one {
    arrival = 00:00
    stay = 1 h
    energy = 7.36 kWh
}
vehicle c of other {
    arrival = 00:00
    stay = 1 h
    energy = 7.36 kWh
}
minimize unmet
"""


def spec_of(grid: str, more: str = "") -> evdsl.Spec:
    return evdsl.loads(SITE.replace("GRID", grid) + more)


def missing(spec: evdsl.Spec) -> dict[str, float]:
    """By rule, what it leaves unmet; each of them keeps to its spec."""
    comparison = evdsl.compare(spec, RULES)
    assert all(ruled.verdict.ok for ruled in comparison.ruled)
    return {ruled.policy.name: ruled.verdict.terms["unmet"] for ruled in comparison.ruled}


def test_rules_without_levels_share_a_phase_and_reach_the_optimum() -> None:
    found = missing(spec_of("phase_limit = 40 A"))
    assert found == {name: pytest.approx(5.52) for name in RULES}


def test_rules_keep_phases_together() -> None:
    """Those on L1 may have no more than 20 A above L3, which carries nothing, and those on L2 as well."""
    found = missing(spec_of("unbalance_limit = 20 A"))
    assert found == {name: pytest.approx(12.88) for name in RULES}


def test_what_one_phase_takes_makes_room_on_another() -> None:
    """A house on L3 of 10 A lets L1 and L2 have 30 A, 6.9 kW each, to those who grow together; one after the
    other, the first may have 20 A."""
    house = "load house {\n power = 2.3 kW\n phases = [L3]\n}\n"
    found = missing(spec_of("unbalance_limit = 20 A", house))
    together = ("uncontrolled", "round_robin")
    assert [found[name] for name in together] == pytest.approx([22.08 - 13.8] * 2)
    assert min(found.values()) > 22.08 - 13.8 - 1e-6


def test_rules_that_lower_powers_to_a_level_leave_no_phase_too_far_from_another() -> None:
    """The car on L2 may have 20 A, which are no level of its port: nothing else counts on them."""
    rated = SITE.replace("phases = [L2]", "phases = [L2]\n    rates = [32 A]")
    spec = evdsl.loads(rated.replace("GRID", "unbalance_limit = 20 A") + "enable min_power\n")
    assert missing(spec) == {name: pytest.approx(22.08 - 4.6) for name in RULES}


def test_rules_leave_generation_that_a_phase_cannot_carry_away() -> None:
    """10 A out on each phase, with a car on L1 or without; what of the sun is on L1 counts there too."""
    roof = "solar roof {\n power = 30 kW\n}\n"
    spec = spec_of("phase_limit = 10 A\n feed_in = 0.05 EUR/kWh", roof)
    assert set(missing(spec)) == set(RULES)


def test_rules_keep_a_storage_within_its_phase() -> None:
    pack = "storage pack {\n capacity = 10 kWh\n power = 5 kW\n soc_initial = 50 %\n phases = [L3]\n}\n"
    roof = "solar roof {\n power = 9 kW\n phases = [L3]\n}\n"
    assert set(missing(spec_of("phase_limit = 12 A\n feed_in = 0.05 EUR/kWh", pack + roof))) == set(RULES)


# What is told


def why(spec: evdsl.Spec) -> dict[str, tuple[str, tuple[str, ...], str]]:
    result = evdsl.compile(spec).run("highs")
    names = result.data.vehicles.name
    return {names[at]: (found.code, found.limits, found.text) for at, found in reasons(result, 1e-3).items()}


def test_a_shortfall_names_the_phase_that_is_full() -> None:
    found = why(spec_of("phase_limit = 20 A"))
    ways = {name: limits for name, (code, limits, _) in found.items() if code == "phase"}
    assert ways["c"] == ("phase L2",)
    assert {limits for name, limits in ways.items() if name != "c"} == {("phase L1",)}
    assert found["c"][2] == "L2 of the connection is full, in 3 steps in which it could take more"


def test_a_shortfall_names_the_feeder_whose_phase_is_full() -> None:
    text = SITE.replace("GRID", "").replace("phases = [L2]", "phases = [L2]\n feeder = east")
    text += "feeder east {\n limit = 50 kW\n phase_limit = 20 A\n}\n"
    found = why(evdsl.loads(text))
    assert found["c"][:2] == ("phase", ("phase L2 of feeder east",))
    assert found["c"][2].startswith("L2 of feeder east is full")


def test_sun_behind_a_full_phase_is_no_way_to_get_more() -> None:
    """L2 could carry no more away: the sun gives no more, and the car on L1 has its phase full."""
    roof = "solar roof {\n power = 30 kW\n}\n"
    text = spec_of("phase_limit = 10 A\n feed_in = 0.05 EUR/kWh", roof)
    code, limits, _ = why(text)["a"]
    assert code in ("phase", "several", "others")
    assert "phase L1" in limits


def test_a_shortfall_names_phases_that_may_be_no_further_apart() -> None:
    found = why(spec_of("unbalance_limit = 20 A"))
    assert {(code, limits) for code, limits, _ in found.values()} == {("unbalance", ("unbalance",))}
    told = "the phases are as far apart as they may be, in 3 steps in which it could take more"
    assert found["c"][2] == told


def test_where_more_would_bring_the_phases_together_their_distance_is_in_nobodys_way() -> None:
    """The house has L3 30 A above the others: two cars have 5 A of L1, and L3 none of its own to give."""
    house = "load house {\n power = 6.9 kW\n phases = [L3]\n}\n"
    found = why(spec_of("unbalance_limit = 30 A\n phase_limit = 35 A", house))
    assert {code for code, _, _ in found.values()} <= {"phase"}


@pytest.mark.parametrize("seed", range(8))
def test_phases_that_are_named_to_be_apart_are_the_reason(seed: int) -> None:
    """Who is told so gets more, or another does, as soon as they may be a little further apart."""
    draw = random.Random(seed)
    loads = "".join(
        f"load l{phase} {{\n power = {{ 00:00: {draw.randint(0, 4)} kW, 00:20: {draw.randint(0, 4)} kW }}\n"
        f" phases = [L{phase}]\n}}\n"
        for phase in (1, 2, 3)
    )
    limit, most = draw.choice([8, 15, 25]), draw.choice([20, 40])
    spec = spec_of(f"unbalance_limit = {limit} A\n phase_limit = {most} A", loads)
    found = why(spec)
    before = evdsl.compile(spec).run("highs")
    if before.status is not evdsl.Status.OPTIMAL:
        return
    assert "unknown" not in {code for code, _, _ in found.values()}
    eased = {"unbalance": (100, most), "phase": (limit, 100), "several": (100, 100), "others": (100, 100)}
    for code in {code for code, _, _ in found.values()} & set(eased):
        apart, each = eased[code]
        after = evdsl.compile(spec_of(f"unbalance_limit = {apart} A\n phase_limit = {each} A", loads)).run(
            "highs"
        )
        assert after.stages[0].value < before.stages[0].value - 1e-6, found


def test_the_price_of_a_phase_limit_names_the_phases_that_bind(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """One ampere more on L1 is 0.23 kWh; L2 has 32 of its 40 A."""
    file = tmp_path / "site.evs"
    file.write_text(SITE.replace("GRID", "phase_limit = 40 A"))
    assert main(["explain", str(file)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "phase_limit = 40 A grid 1 A better by 0.23 kWh worse by 0.23 kWh" in told
    assert "00:00..01:00 on L1" in told


def test_the_price_of_an_unbalance_limit_names_the_phases_that_are_apart(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "site.evs"
    file.write_text(SITE.replace("GRID", "unbalance_limit = 20 A"))
    assert main(["explain", str(file)]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "unbalance_limit = 20 A grid 1 A better by 0.46 kWh worse by 0.46 kWh" in told
    assert "on L1 over L3, L2 over L3" in told


def test_a_phase_limit_that_cannot_be_kept_is_named_with_what_would_do(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of 14.72 kWh on L1 in an hour need 64 A."""
    file = tmp_path / "site.evs"
    file.write_text(SITE.replace("GRID", "phase_limit = 40 A") + "disable partial_charging\n")
    main(["explain", str(file)])
    told = " ".join(capsys.readouterr().out.split())
    short = "`a` and `b` need 14.72 kWh, and `phase_limit = 40 A` (line 9) lets 9.20 kWh through on L1"
    assert f"between 00:00 and 01:00 {short}: 5.52 kWh too little" in told
    assert "grid: phase_limit = 64 A" in told
