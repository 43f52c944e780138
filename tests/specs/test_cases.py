"""What people stumbled on, each as they would write it: what the command prints is right.

Values were found by hand or by an independent program. Each input is one example of a kind, which has
tests of its own elsewhere; here the output of the very input is read.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from worlds import said

CASES = Path(__file__).parent / "cases"

TOLD = [
    (("solve", "mixed_resolution"), 0, ["cost 0.20 EUR"]),
    (
        ("solve", "silent_hole"),
        1,
        ["error[E506", "nothing from 2025-10-01 01:00 to 2025-10-01 01:30, between"],
    ),
    (
        ("solve", "change_points"),
        1,
        ["error[E506", 'the value changes, write `method="changes", until=2024-03-12 06:00`'],
    ),
    (("solve", "unit_in_header"), 0, ["cost 0.50 EUR"]),
    (
        ("solve", "wrong_blame"),
        3,
        [
            "2 statements cannot hold together",
            "line 6: `import_limit = 5 kW` of grid note: line 7: `power = 6 kW` of load house",
            "grid: import_limit = 6 kW; or load house: power = 5 kW",
        ],
    ),
    (("check", "check_is_silent"), 0, ["warning[W102", "write `horizon = 11 h` to plan it whole"]),
    (("solve", "check_is_silent"), 0, ["warning[W102", "write `horizon = 11 h` to plan it whole"]),
    (
        ("solve", "sold_beyond_asked"),
        0,
        ["sold 10.00 kWh beyond what was asked, to 1 vehicle", "profit 8.00 EUR"],
    ),
    (
        ("compare", "sold_beyond_asked"),
        0,
        ["sold beyond what was asked: 10.00 kWh", "the rules sell as much"],
    ),
    (
        ("price", "reward_not_in_cost", "v2g"),
        0,
        [
            "warning[W110",
            "difference profit EUR -0.50 0.00 +0.50 +100 %",
            "with v2g profit falls by 0.50 EUR, what drivers pay and are paid included v2g earns 4.00 EUR",
        ],
    ),
    (
        ("explain", "roof_price"),
        0,
        ["1 % saves 0.018 EUR costs 0.018 EUR 2 steps, 11:00..13:00", "1 kWh costs 0.30 EUR saves 0.30 EUR"],
    ),
    (
        ("solve", "cohort_not_set", "--seed", "5"),
        0,
        ["optimal on highs, verified", "dissatisfaction: 15,728.10 EUR"],
    ),
    (("solve", "cohort_not_set", "--seed", "10"), 0, ["optimal on highs, verified", ": 15,912.24 EUR"]),
    (
        ("check", "v2g_churn"),
        0,
        ["warning[W111", "turning energy round earns 0.311616 EUR/kWh", "billing = net"],
    ),
]


@pytest.mark.parametrize(("command", "status", "told"), TOLD)
def test_the_command_says_what_is_right(
    command: tuple[str, ...], status: int, told: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    name, case, *more = command
    found, out, err = said(capsys, name, str(CASES / f"{case}.evs"), *more)
    output = " ".join(f"{err}\n{out}".split())
    assert [text for text in told if text not in output] == []
    assert found == status


def test_a_house_that_takes_too_much_is_not_blamed_on_a_toggle(capsys: pytest.CaptureFixture[str]) -> None:
    assert "partial_charging" not in "".join(said(capsys, "solve", str(CASES / "wrong_blame.evs"))[1:])


@pytest.mark.parametrize("case", ["compare_dust", "rule_breaks_spec", "sold_beyond_asked"])
def test_rules_that_are_as_good_lose_nothing(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = said(capsys, "compare", str(CASES / f"{case}.evs"), "--json")
    rules = json.loads(out)["rules"]
    assert {rule["name"]: rule["worse_by"] for rule in rules} == dict.fromkeys(
        ("uncontrolled", "fifs", "edf", "llf", "round_robin"), 0.0
    )
    assert all(rule["verified"] for rule in rules)


def test_a_cohort_beside_a_storage_needs_no_binaries(capsys: pytest.CaptureFixture[str]) -> None:
    """192 of them took 44 s."""
    document = json.loads(said(capsys, "solve", str(CASES / "cohort_relaxed.evs"), "--json")[1])
    assert document["status"] == "optimal"
    assert document["objective"] == pytest.approx(916.29, abs=0.005)
    assert document["model"]["integers"] == 0
