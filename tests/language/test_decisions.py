"""A range in the place of a constant is a decision: what a storage begins with, and what it pays for that."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import evdsl
from evdsl.cli.main import main
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.decisions import decisions, with_choices
from evdsl.language.devices.storage import start_range
from evdsl.language.values import Const, RangeValue
from evdsl.optimization.comparison import compare
from evdsl.optimization.policies import POLICIES
from evdsl.schedule.decisions import choices_of, with_choices_of
from evdsl.schedule.storage import read
from evdsl.testing import claims, misses

SITE = """
station s {
    start = 2024-03-12
    horizon = 2 h
    step = 1 h
}
grid {
    price = { 00:00: 0.30 EUR/kWh, 01:00: 0.50 EUR/kWh }
}
load house {
    power = 4 kW
}
storage box {
    capacity = 10 kWh
    power = 5 kW
"""
NAME = "box.soc_initial"


def site(settings: str, rest: str = "minimize cost", prices: tuple[float, float] = (0.3, 0.5)) -> str:
    text = SITE.replace("0.30", str(prices[0])).replace("0.50", str(prices[1]))
    return text + "    " + settings.replace("; ", "\n    ") + "\n}\n" + rest + "\n"


def solved(text: str, solver: str = "highs") -> evdsl.Result:
    """The optimum of a spec, verified, and held in fractions as well."""
    result = evdsl.compile(evdsl.loads(text)).run(solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.verdict is not None
    assert result.verdict.ok, result.verdict.violations[:3]
    assert result.schedule is not None
    found = (
        *misses(result.spec, result.data, result.schedule),
        *claims(result.spec, result.data, result.schedule),
    )
    assert [str(miss) for miss in found if miss.wrong] == []
    return result


def start_of(result: evdsl.Result) -> float:
    assert result.schedule is not None
    return choices_of(result.schedule)[NAME]


BOUGHT = "soc_initial = 0 % .. 100 %; soc_final = 0 %; initial_price = "


@pytest.mark.parametrize(
    ("price", "cost", "share"),
    [
        ("0.20 EUR/kWh", 8 * 0.20, 0.8),  # cheaper than both hours
        ("0.40 EUR/kWh", 8 * 0.30, 0.0),  # what the dear hour takes is charged in the cheap one
        ("0.60 EUR/kWh", 8 * 0.30, 0.0),
        ("-0.10 EUR/kWh", 10 * -0.10, 1.0),  # paid for taking all of it, of which 2 kWh are left
    ],
)
def test_the_energy_at_the_start_is_bought_where_it_is_cheaper(
    solver: str, price: str, cost: float, share: float
) -> None:
    result = solved(site(BOUGHT + price), solver)
    assert result.stages[0].value == pytest.approx(cost, abs=1e-7)
    assert result.terms["cost"] == pytest.approx(cost, abs=1e-7)
    assert start_of(result) == pytest.approx(share, abs=1e-7)


@pytest.mark.parametrize(
    ("start", "cost", "share"),
    [
        ("0 % .. 100 %", 4 * 0.1 + 4 * 0.1, None),  # any start of 4 to 10 kWh will do
        ("0 % .. 30 %", 1 * 0.5 + (4 + 3) * 0.1, 0.3),
        ("10 % .. 20 %", 2 * 0.5 + (4 + 2) * 0.1, 0.2),
        ("0 % .. 0 %", 4 * 0.5 + 4 * 0.1, 0.0),
    ],
)
def test_without_a_final_state_what_was_chosen_is_put_back(
    solver: str, start: str, cost: float, share: float | None
) -> None:
    result = solved(site(f"soc_initial = {start}", prices=(0.5, 0.1)), solver)
    assert result.stages[0].value == pytest.approx(cost, abs=1e-7)
    assert result.schedule is not None
    ends, begins = result.schedule["box.energy_end"], result.schedule["box.energy"][0]
    assert float(ends) >= float(begins) - 1e-6
    assert share is None or start_of(result) == pytest.approx(share, abs=1e-7)


def test_an_end_that_is_given_is_no_other_where_the_start_is_chosen(solver: str) -> None:
    """Ends with 6 kWh whatever it begins with: 10 kWh bought, of which 4 are given at 0.50."""
    result = solved(site("soc_initial = 0 % .. 100 %; soc_final = 60 %; initial_price = 0.2 EUR/kWh"), solver)
    # All 10 kWh at 0.20, 4 kWh given; the other 4 of the load are imported at 0.30.
    assert result.stages[0].value == pytest.approx(10 * 0.20 + 4 * 0.30, abs=1e-7)
    assert start_of(result) == pytest.approx(1.0, abs=1e-7)


@pytest.mark.parametrize(("price", "cost"), [("0.10", 8 * 0.10 + 4 * 0.30), ("0.16", 4 * 0.30 + 4 * 0.30)])
def test_what_leaks_is_bought_too(solver: str, price: str, cost: float) -> None:
    """Half of it is gone after an hour: 4 kWh in the first hour take 8 at the start."""
    settings = (
        f"leakage = 50 %/h; soc_initial = 0 % .. 100 %; soc_final = 0 %; initial_price = {price} EUR/kWh"
    )
    assert solved(site(settings, prices=(0.3, 0.3)), solver).stages[0].value == pytest.approx(cost, abs=1e-7)


def test_what_is_left_is_worth_more_than_it_cost(solver: str) -> None:
    settings = BOUGHT + "0.20 EUR/kWh; end_value = 0.25 EUR/kWh"
    result = solved(site(settings, prices=(0.22, 0.22)), solver)
    # 10 kWh bought and left, and the load from the grid.
    assert result.stages[0].value == pytest.approx(10 * (0.20 - 0.25) + 8 * 0.22, abs=1e-7)


@pytest.mark.parametrize("final", ["soc_final = 0 %", "soc_final = 40 %", "efficiency = 90 %"])
def test_a_range_with_equal_ends_is_the_constant(solver: str, final: str) -> None:
    one = solved(site(f"soc_initial = 30 %; initial_price = 0.2 EUR/kWh; {final}"), solver)
    other = solved(site(f"soc_initial = 30 % .. 30 %; initial_price = 0.2 EUR/kWh; {final}"), solver)
    assert other.stages[0].value == pytest.approx(one.stages[0].value, abs=1e-9)
    assert start_of(other) == pytest.approx(0.3, abs=1e-9)


def test_a_start_stays_in_its_range_where_a_narrower_soc_is_asked_about() -> None:
    (battery,) = evdsl.loads(site("soc = 20 % .. 90 %; soc_initial = 20 % .. 20 %")).of_kind("storage")
    soc = battery.get("soc")
    assert isinstance(soc, RangeValue)
    assert isinstance(soc.low, Const)
    narrower = replace(soc, low=replace(soc.low, value=0.21))
    assert start_range(replace(battery, settings={**battery.settings, "soc": narrower})) == (0.2, 0.2)


def test_no_constant_in_the_range_is_better_than_what_is_chosen() -> None:
    """Forty of them, each solved: the start is searched by hand."""
    settings = (
        "efficiency = 90 %; leakage = 5 %/h; initial_price = 0.22 EUR/kWh; soc_final = 20 %; soc_initial = "
    )
    best = solved(site(settings + "10 % .. 90 %")).stages[0].value
    each = [solved(site(f"{settings}{10 + 2 * at} %")).stages[0].value for at in range(41)]
    assert min(each) >= best - 1e-9
    assert min(each) == pytest.approx(best, abs=0.02), "a step of 2 % is 0.2 kWh"


def test_what_was_chosen_as_a_constant_is_the_same_optimum(solver: str) -> None:
    text = site("soc_initial = 0 % .. 100 %; initial_price = 0.2 EUR/kWh; soc_final = 10 %")
    result = solved(text, solver)
    spec = with_choices_of(result.spec, result.schedule)
    assert decisions(spec) == ()
    again = evdsl.compile(spec).run(solver)
    assert again.stages[0].value == pytest.approx(result.stages[0].value, abs=1e-7)


def test_what_is_not_chosen_stands_at_the_low_end() -> None:
    spec = evdsl.loads(site("soc_initial = 20 % .. 80 %"))
    assert [one.name for one in decisions(spec)] == [NAME]
    (box,) = with_choices(spec, {}).of_kind("storage")
    assert box.number("soc_initial") == 0.2
    with pytest.raises(LookupError):
        spec.of_kind("storage")[0].number("soc_initial")


def test_a_constant_start_costs_what_it_costs(solver: str) -> None:
    result = solved(site("soc_initial = 50 %; soc_final = 0 %; initial_price = 0.2 EUR/kWh"), solver)
    assert result.terms["initial_cost"] == pytest.approx(1.0)
    # 5 kWh from the start, of which 4 in the dear hour; 3 are imported in the cheap one.
    assert result.stages[0].value == pytest.approx(1.0 + 3 * 0.30, abs=1e-7)


@pytest.mark.parametrize("start", ["0 % .. 100 %", "40 %"])
def test_later_stages_keep_what_the_energy_at_the_start_costs(solver: str, start: str) -> None:
    rest = "minimize initial_cost\nthen minimize cost"
    settings = f"soc_initial = {start}; soc_final = 0 %; initial_price = 0.2 EUR/kWh"
    result = solved(site(settings, rest), solver)
    bought = 0.8 if start == "40 %" else 0.0
    assert [stage.value for stage in result.stages] == pytest.approx(
        [bought, bought + (4 if bought else 8) * 0.30], abs=1e-5
    )


def test_a_front_between_what_is_bought_before_and_after(solver: str) -> None:
    text = site(BOUGHT + "0.2 EUR/kWh", "pareto energy_cost, initial_cost points 3")
    found = evdsl.front(evdsl.loads(text), solver)
    ends = sorted(point.values for point in found.points)
    assert ends[0] == pytest.approx((0.0, 1.6), abs=1e-5)
    assert ends[-1] == pytest.approx((2.4, 0.0), abs=1e-5)


@pytest.mark.parametrize(
    "asked", ["box.energy[t] >= 9 kWh for t in 00:00 .. 01:00", "box.soc[t] >= 90 % for t in 00:00 .. 01:00"]
)
def test_a_requirement_speaks_of_the_start_that_is_chosen(solver: str, asked: str) -> None:
    result = solved(site(BOUGHT + "0.2 EUR/kWh", f"require full: {asked}\nminimize cost"), solver)
    assert result.stages[0].value == pytest.approx(9 * 0.20, abs=1e-7)


def test_a_start_that_is_chosen_lies_within_soc_although_it_may_widen(solver: str) -> None:
    settings = "soc = 20 % .. 50 %; outside = widen; soc_initial = 20 % .. 50 %; soc_final = 20 %"
    result = solved(site(settings), solver)
    # From the start 3 kWh above the least, all that it holds, and all for the dear hour.
    assert result.stages[0].value == pytest.approx(4 * 0.30 + 1 * 0.50, abs=1e-7)


def test_rules_run_with_what_the_optimum_chose() -> None:
    optimum = solved(site(BOUGHT + "0.2 EUR/kWh"))
    found = compare(optimum, POLICIES)
    assert len(found.ruled) == len(POLICIES)
    for ruled in found.ruled:
        assert ruled.is_allowed
        assert float(ruled.schedule["box.energy"][0]) == pytest.approx(8.0)
        assert ruled.terms["initial_cost"] == pytest.approx(1.6)


def test_a_run_tells_what_was_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "site.evs"
    path.write_text(site(BOUGHT + "0.2 EUR/kWh"))
    assert main(["solve", str(path)]) == 0
    assert "chosen  box.soc_initial 80 %, 8.00 kWh for 1.60 EUR\n" in capsys.readouterr().out
    assert main(["solve", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["chosen"] == {NAME: {"value": pytest.approx(0.8), "unit": ""}}
    assert told["terms"]["initial_cost"]["value"] == pytest.approx(1.6)
    assert main(["compare", str(path)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "the rules run with what the optimum chose: `box.soc_initial` 80 %" in said
    assert main(["explain", str(path)]) == 0
    capsys.readouterr()


def test_two_specs_differ_by_a_range(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = tmp_path / "one.evs", tmp_path / "other.evs"
    one.write_text(site("soc_initial = 50 %"))
    other.write_text(site("soc_initial = 40 % .. 60 %"))
    main(["diff", str(one), str(other)])
    assert "40 % .. 60 %" in capsys.readouterr().out


@pytest.mark.parametrize("ending", [".nc", ".csv", ".json", ".parquet"])
def test_what_was_chosen_is_stored_and_read_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ending: str
) -> None:
    path, stored = tmp_path / "site.evs", tmp_path / f"plan{ending}"
    path.write_text(site(BOUGHT + "0.2 EUR/kWh"))
    assert main(["solve", str(path), "--out", str(stored)]) == 0
    assert main(["verify", str(path), str(stored)]) == 0
    capsys.readouterr()
    schedule = read(stored)
    assert not isinstance(schedule, Diagnostic)
    assert choices_of(schedule) == {NAME: pytest.approx(0.8)}
