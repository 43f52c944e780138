"""Rules serve cohorts: who of a state charges, in which order, within counts and limits."""

from __future__ import annotations

import json

import numpy as np
import pytest
from worlds import SPECS

import evdsl
from evdsl.cli.main import main
from evdsl.data.load import load_data
from evdsl.optimization.comparison import RuleResult, run
from evdsl.optimization.policies import POLICIES, policy

BUSY = SPECS / "literature" / "c_cohorts" / "cohorts.evs"
SITE = """
station lot {
    start = 2024-03-12
    horizon = 4 h
    step = 1 h
}
grid {
    import_limit = 10 kW
    price = 0.10 EUR/kWh
}
class car {
    charge = 10 kW
}
cohort cars of car {
    classes = 2
    arrivals = { 00:00: 1 vehicles/h, 01:00: 0 vehicles/h }
    spread = [0, 0, 1]
    departures = 0 %
    initial = [0, 0, 1]
}
minimize cost + 2.5 EUR/kWh * dissatisfaction
"""
VEHICLE = """
class van {
    charge = 22 kW
}
vehicle van of van {
    arrival = 00:00
    departure = 04:00
    energy = 80 kWh
}
enable partial_charging
"""


def changed(*pairs: tuple[str, str]) -> str:
    text = SITE
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


def ruled(text: str, name: str, **options: object) -> RuleResult:
    spec = evdsl.loads(text, **options)  # type: ignore[arg-type]  # passed on
    data, found = load_data(spec)
    rule = policy(name)
    assert data is not None, found
    assert rule is not None
    result = run(spec, data, rule)
    assert result.is_allowed, result.verdict.violations
    return result


def over_time(result: RuleResult, name: str) -> list[float]:
    return [float(value) for value in result.schedule[name].values]


def test_fifs_serves_who_came_first_until_that_one_is_full() -> None:
    """One is there at the start, one comes in the first step; both need two steps, and one has room."""
    result = ruled(SITE, "fifs")
    assert over_time(result, "cars.charging.2") == pytest.approx([1, 0, 1, 0])
    assert over_time(result, "cars.charging.1") == pytest.approx([0, 1, 0, 1])
    assert over_time(result, "cars.waiting") == pytest.approx([1, 2, 1, 1])


@pytest.mark.parametrize("name", ["uncontrolled", "round_robin"])
def test_rules_of_equal_parts_serve_all_states_alike(name: str) -> None:
    result = ruled(SITE, name)
    assert over_time(result, "cars.charging.2")[:3] == pytest.approx([1, 0.5, 1 / 3])
    assert over_time(result, "cars.charging.1")[:3] == pytest.approx([0, 0.5, 2 / 3])


DEPARTURES = (
    ("departures = 0 %", "departures = [0 %, 40 %, 35 %]"),
    ("initial = [0, 0, 1]", "initial = [0, 4, 4]"),
)


def test_edf_serves_first_the_state_that_leaves_sooner() -> None:
    """State 1 leaves in 2.5 steps on average, state 2 in 2.86."""
    result = ruled(changed(*DEPARTURES), "edf")
    assert over_time(result, "cars.charging.1")[0] == pytest.approx(1.0)
    assert over_time(result, "cars.charging.2")[0] == pytest.approx(0.0)


def test_llf_serves_first_the_state_that_can_wait_least() -> None:
    """State 1 could wait 2.5 - 1 steps, state 2 only 2.86 - 2."""
    result = ruled(changed(*DEPARTURES), "llf")
    assert over_time(result, "cars.charging.1")[0] == pytest.approx(0.0)
    assert over_time(result, "cars.charging.2")[0] == pytest.approx(1.0)


def test_of_equal_states_who_came_first_is_served_first() -> None:
    """Nobody leaves, so all have the same departure: whose arrival is earlier on average goes first."""
    result = ruled(SITE, "edf")
    assert over_time(result, "cars.charging.1") == pytest.approx([0, 1, 0, 1])


def test_who_leaves_is_not_charged_beyond_what_the_counts_have() -> None:
    """Half of four leave in the step, and nobody comes: two can be charged, where the limit lets four."""
    text = changed(
        ("import_limit = 10 kW", "import_limit = 40 kW"),
        ("00:00: 1 vehicles/h", "00:00: 0 vehicles/h"),
        ("departures = 0 %", "departures = 50 %"),
        ("initial = [0, 0, 1]", "initial = [0, 0, 4]"),
    )
    for rule in POLICIES:
        result = ruled(text, rule.name)
        assert over_time(result, "cars.charging.2") == pytest.approx([2, 0, 0, 0]), rule.name
        assert over_time(result, "cars.charging.1")[1] == pytest.approx(1), rule.name


def test_a_vehicle_and_those_of_a_cohort_share_a_limit_by_heads() -> None:
    text = changed(
        ("import_limit = 10 kW", "import_limit = 44 kW"),
        ("charge = 10 kW", "charge = 22 kW"),
        ("initial = [0, 0, 1]", "initial = [0, 0, 3]"),
        ("minimize", f"{VEHICLE}minimize"),
    )
    for name in ("fifs", "round_robin", "uncontrolled"):
        result = ruled(text, name)
        assert over_time(result, "cars")[0] == pytest.approx(33.0), name
        assert float(result.schedule["charge"].values[0, 0]) == pytest.approx(11.0), name


def test_a_feeder_limits_what_a_rule_gives_a_cohort() -> None:
    text = changed(
        ("cohort cars of car {", "feeder east {\n  limit = 4 kW\n}\ncohort cars of car {\n  feeder = east")
    )
    for rule in POLICIES:
        assert over_time(ruled(text, rule.name), "east") == pytest.approx([4.0] * 4), rule.name


def independent_fifs(arrivals: np.ndarray, share: list[float], places: float) -> list[float]:
    """How many charge in each step; groups are by state and time of arrival so many vehicles."""
    groups: dict[tuple[int, int], float] = {}
    found: list[float] = []
    last, steps = arrivals.shape[0] - 1, arrivals.shape[1]

    def of_states() -> list[float]:
        return [sum(n for (state, _), n in groups.items() if state == i) for i in range(last + 1)]

    for now in range(steps):
        there, able, above = of_states(), [0.0] * (last + 1), 0.0
        for state in range(last, 0, -1):
            above = min(there[state], (1 - share[state]) * there[state] + arrivals[state, now] + above)
            able[state] = above
        room, moved = places, dict[tuple[int, int], float]()
        for when in sorted({when for _, when in groups}):
            wants = {i: min(groups.get((i, when), 0.0), able[i]) for i in range(1, last + 1)}
            part = min(room / sum(wants.values()), 1.0) if sum(wants.values()) > 0 else 0.0
            for state, want in wants.items():
                able[state] -= want
                room -= part * want
                moved[state, when] = part * want
        found.append(sum(moved.values()))
        for (state, when), number in moved.items():
            groups[state, when] = groups.get((state, when), 0.0) - number
            groups[state - 1, when] = groups.get((state - 1, when), 0.0) + number
        for state in range(last + 1):
            groups[state, now + 1] = float(arrivals[state, now])
        after = of_states()
        for state, when in groups:
            if after[state] > 0:
                stays = max(after[state] - share[state] * there[state], 0.0)
                groups[state, when] *= stays / after[state]
    return found


@pytest.mark.parametrize("site", [3300, 1000])
def test_fifs_is_that_of_groups_followed_one_by_one(site: int) -> None:
    spec = evdsl.load(BUSY, set={"n": "4", "site": f"{site} kW"})
    data, _ = load_data(spec)
    rule = policy("fifs")
    assert data is not None
    assert rule is not None
    result = run(spec, data, rule)
    assert result.is_allowed
    charged = sum(result.schedule[f"cars.charging.{state}"].values for state in range(1, 5))
    wanted = independent_fifs(data.cohorts["cars"], [(5 - i) / 6 for i in range(5)], site / 22)
    assert np.asarray(charged) == pytest.approx(np.array(wanted), abs=1e-6)
    assert charged.max() > 40


@pytest.mark.parametrize("rule", [one.name for one in POLICIES])
def test_rules_keep_the_counts_and_the_limit_of_a_busy_day(rule: str) -> None:
    result = ruled(BUSY.read_text(), rule, set={"site": "1400 kW"}, folders=(BUSY.parent,))
    power = result.schedule["cars"].values
    assert power.max() == pytest.approx(1400.0)
    assert (power <= 1400.0 + 1e-6).all()


def test_compare_tells_how_much_is_charged_of_a_cohort(capsys: pytest.CaptureFixture[str]) -> None:
    spec = str(SPECS / "features" / "cohort.evs")
    assert main(["compare", spec]) == 0
    out = capsys.readouterr().out
    assert "kWh charged of `visitors`: optimum 20.00, uncontrolled 20.00, fifs 20.00" in out
    assert "fairness" not in out
    assert main(["compare", spec, "--json", "--rules", "fifs"]) == 0
    (document,) = json.loads(capsys.readouterr().out)["rules"]
    assert document["objective"] == pytest.approx(10.5)


def test_a_sweep_puts_rules_beside_the_optimum_of_a_cohort(capsys: pytest.CaptureFixture[str]) -> None:
    spec = str(SPECS / "features" / "cohort.evs")
    assert main(["sweep", spec, "--policies", "optimum,fifs", "--json"]) == 0
    means = json.loads(capsys.readouterr().out)
    assert "fifs" in json.dumps(means)
