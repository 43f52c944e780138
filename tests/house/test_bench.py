"""`python -m bench`: all ways come to one optimum, limits hold, and the tables say what was measured."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from importlib import import_module

import pytest
from worlds import run

import evdsl
from bench import __main__ as command
from bench import goals, page, table, ways
from bench.answer import Answer, Manner
from bench.arrays import Site, smallest
from bench.cases import CASES, OWN, ROOT, Case
from bench.extract import site_of
from bench.launch import measure
from bench.measurement import Measurement
from bench.ours import solve
from bench.ways import Way

EXACT = Manner(gap=1e-9)
SMALL = {
    "allocation": (ways.ALLOCATIONS, {"n": "8", "site": "40 kW"}, {}),
    "solar_storage": (ways.ALLOCATIONS, {"n": "8", "site": "40 kW"}, {}),
    "ports": (ways.PORTS, {"n": "3", "p": "2"}, {}),
    "ports, charging": (ways.PORTS, {"n": "4", "p": "2"}, {"disable": ("v2g",)}),
    "levels": ((ways.OURS, ways.LEVELS_MATRIX), {"n": "4", "site": "30 kW"}, {}),
    "levels, in one go": (
        (ways.OURS, ways.LEVELS_MATRIX),
        {"n": "3", "site": "30 kW"},
        {"enable": ("uninterrupted",)},
    ),
}
"""A small one of each spec that is measured: its ways, settings and toggles."""


# linopy's own, on what its pages show.
@pytest.mark.filterwarnings("ignore:Variable .* has absent slots")
@pytest.mark.parametrize("name", SMALL)
def test_every_way_that_is_installed_comes_to_the_same_optimum(name: str) -> None:
    tried, settings, toggles = SMALL[name]
    spec = OWN / f"{name.partition(',')[0]}.evs"
    ours = solve(spec, {"set": settings}, toggles, EXACT)
    assert ours.status == "optimal"
    assert ours.objective is not None
    site = site_of(spec, settings, toggles, "")
    for way in tried:
        if way.is_ours or way.missing:
            continue
        answer = answer_of(way, site)
        assert answer.status == "optimal", way.name
        assert answer.objective == pytest.approx(ours.objective, rel=1e-6), way.name
        assert set(answer.phases) == {"build", "solve"}


def test_the_matrix_of_a_cohort_comes_to_the_optimum_of_its_spec() -> None:
    spec = ROOT / "specs" / "literature" / "c_cohorts" / "cohorts.evs"
    ours = solve(spec, {"set": {"n": "3"}}, {}, EXACT)
    assert ours.objective is not None
    answer = answer_of(ways.COHORT_MATRICES[0], site_of(spec, {"n": "3"}, {}, ""))
    assert answer.objective == pytest.approx(ours.objective, rel=1e-7)


def answer_of(way: Way, site: Site) -> Answer:
    module, _, function = way.call.partition(":")
    found = getattr(import_module(module), function)
    assert found(smallest(site), EXACT).status == "optimal", way.name
    answer: Answer = found(site, replace(EXACT, algorithm=way.algorithm, presolve=way.presolve))
    return answer


def test_each_part_of_our_way_is_timed() -> None:
    answer = solve(ROOT / "specs" / "tutorial" / "1_one_car.evs", {}, {}, Manner())
    assert set(answer.phases) == {"load", "data", "formulate", "solve", "verify"}
    assert all(seconds > 0 for seconds in answer.phases.values())


def test_a_way_that_is_not_installed_is_told_as_such() -> None:
    way = replace(ways.PYOMO, needs=("no_such_library",))
    one = measure(CASES[0], way, None, (1.0, 1000.0), "")
    assert one.outcome == "no_such_library is not installed"


@pytest.mark.parametrize(
    ("program", "seconds", "outcome"),
    [
        ("while True: pass", 0.2, "over 0.2 s"),
        ("text = 'x' * 400_000_000; import time; time.sleep(600)", 300.0, "over 200 MB"),
    ],
)
def test_a_way_is_ended_at_its_limit(program: str, seconds: float, outcome: str) -> None:
    # Each limit alone is within reach: a busy machine may take seconds until the memory is there.
    way = Way("endless", "", command=("-c", program))
    one = measure(CASES[0], way, None, (seconds, 200.0), "")
    assert one.outcome == outcome


def test_a_way_that_fails_is_told_with_its_error() -> None:
    one = measure(CASES[0], Way("failing", "", call="json:loads"), ROOT / "none", (5.0, 1000.0), "")
    assert one.outcome.startswith("FileNotFoundError: ")


def test_what_takes_too_long_is_not_tried_on_a_larger_site() -> None:
    case = Case("large", "", OWN / "allocation.evs", (ways.OURS,), family="row", size=1000)
    key = ("row", "evdsl")
    assert command._hopeless(case, ways.OURS, {}, 60) == ""
    assert command._hopeless(case, ways.OURS, {key: (100, 5.9)}, 60) == ""
    assert command._hopeless(case, ways.OURS, {key: (100, 6.1)}, 60) == "not tried: 6 s at 100"
    over = command._hopeless(case, ways.OURS, {key: (100, math.inf)}, 60)
    assert over == "not tried: over its limit at 100"
    search = replace(case, gap=1e-3)
    assert command._hopeless(search, ways.OURS, {key: (100, math.inf)}, 60) == ""


CASE = Case(
    "small",
    "two vehicles",
    OWN / "allocation.evs",
    (ways.OURS, ways.LINOPY),
    goals=(goals.LOOSE, goals.MEMORY, goals.ECOS, goals.VERIFY),
)
MEASURED = [
    Measurement(
        "small",
        "evdsl",
        "optimal",
        0.5,
        0.7,
        {"load": 0.1, "solve": 0.3, "verify": 0.02},
        180.0,
        150.0,
        1200,
        80,
        0,
        12.5,
        0.0,
    ),
    Measurement("small", "matrix (ipm)", "optimal", 1.0, 1.5, {}, 100.0, 60.0, 1000, 80, 0, 12.5),
    Measurement("small", "matrix (simplex)", "over 60 s", 60.1, 61.0, {}, 100.0, 60.0, 1000, 80),
    Measurement("small", "linopy", "optimal", 2.0, 2.0, {}, 200.0, 150.0, 1000, 80, 0, 12.6),
    Measurement("small", "CVXPY (ECOS)", "ecos is not installed"),
]
TEXT = """\
small: two vehicles
  way                         processor s  wall s  ratio   MB  before  columns  rows  objective                    by phase                            goal
  evdsl                              0.50    0.70   0.50  180     150    1,200    80  12.5000                      load 0.10, solve 0.30, verify 0.02  0.8 of the best matrix: 0.50, met; 1.5 x the memory of the best matrix: 1.80, missed; 50 x faster than CVXPY with ECOS: CVXPY (ECOS): ecos is not installed; verify in 10 % of the solve: 7 %, met
  matrix (ipm)                       1.00    1.50   1.00  100      60    1,000    80  12.5000
  matrix (simplex)              over 60 s   61.00         100      60    1,000    80
  linopy                             2.00    2.00   2.00  200     150    1,000    80  12.6000, differs by 8.0e-03
  CVXPY (ECOS)      ecos is not installed"""  # noqa: E501  # lines of a table
LINE = "| linopy | 2.00 | 2.00 | 2.00 | 200 | 150 | 1,000 | 80 | 12.6000, differs by 8.0e-03 |  |  |"


def test_the_table_has_a_line_for_each_way_and_leaves_out_empty_columns() -> None:
    assert table.text([CASE], MEASURED) == TEXT


def test_the_table_in_markdown_has_the_same_cells() -> None:
    lines = table.markdown([CASE], MEASURED).splitlines()
    assert lines[0] == "**`small`**: two vehicles"
    assert lines[3].count("|") == lines[2].count("|")
    assert lines[7] == LINE


def test_another_optimum_fails_the_command() -> None:
    assert [command._is_wrong(one, [CASE], MEASURED) for one in MEASURED] == [
        False,
        False,
        False,
        True,
        False,
    ]


def test_a_goal_of_which_ours_has_no_answer_is_missed() -> None:
    ours = replace(MEASURED[0], outcome="over 60 s")
    assert goals.LOOSE.judge({"evdsl": ours, "matrix (ipm)": MEASURED[1]}) == ("over 60 s", False)
    assert goals.LOOSE.judge({"evdsl": ours})[1] is None
    assert goals.within(0.6).judge({"evdsl": MEASURED[0]}) == ("0.50 s", True)
    assert goals.within(9).judge({"evdsl": replace(ours, limit=5.0)})[1] is None
    assert goals.within(9).judge({"evdsl": replace(ours, limit=60.0)})[1] is False
    assert goals.within(0.4, megabytes=1000).judge({"evdsl": MEASURED[0]}) == ("0.50 s, 180 MB", False)


def test_the_cases_are_named_once_and_list_their_ways(capsys: pytest.CaptureFixture[str]) -> None:
    assert len({case.name for case in CASES}) == len(CASES)
    assert command.main(["--list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == [case.name for case in CASES]


def test_an_unknown_case_is_refused_by_name() -> None:
    with pytest.raises(SystemExit, match="there is no case `allocation`"):
        command.main(["--case", "allocation"])


def test_every_goal_stands_in_the_line_of_a_way_of_its_case() -> None:
    assert all(goal.way in {way.name for way in case.ways} for case in CASES for goal in case.goals)


def test_the_page_is_made_from_the_run_that_is_stored() -> None:
    record = json.loads((page.PAGE.with_suffix(".json")).read_text(encoding="utf-8"))
    assert page.PAGE.read_text(encoding="utf-8") == page.text(record), (
        "python -m bench --page docs/bench.json"
    )


@pytest.mark.slow
def test_the_command_measures_a_case_and_stores_it(tmp_path: object) -> None:
    stored = f"{tmp_path}/run.json"
    done = run(["-m", "bench", "--case", "front", "--limit", "30", "--json", stored], ROOT)
    assert done.returncode == 0, done.stderr
    assert "evdsl (front)" in done.stdout
    with open(stored, encoding="utf-8") as stream:
        record = json.load(stream)
    assert [one["outcome"] for one in record["measurements"]] == ["optimal", "optimal"]
    assert record["machine"]["evdsl"] == evdsl.__version__
