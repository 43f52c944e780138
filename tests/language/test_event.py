"""Calls to draw less: optima known by hand, on both solvers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import evdsl
from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.source import Source
from evdsl.language.devices.event import RULES
from evdsl.optimization.comparison import compare
from evdsl.optimization.explanation.explain import Explanation, explain
from evdsl.optimization.policies import POLICIES
from evdsl.optimization.shortfall.reason import reasons
from evdsl.report.run import text as report
from evdsl.report.run.document import document
from evdsl.schedule.account import account_of
from evdsl.schedule.storage import ENDINGS, read, write
from evdsl.semantics.resolve import resolve
from evdsl.solver.solution import Options
from evdsl.testing import claims, misses
from evdsl.testing.trial import backend_of


def hour(*settings: str, more: str = "", begins: str = "00:00") -> str:
    """One car of 10 kWh at 10 kW in two hours at 0.10 and 0.30; a call in the first."""
    lines = "\n".join(f"    {each}" for each in settings)
    return f"""
station s {{
    start   = 2024-03-12
    horizon = 2 h
    step    = 1 h
}}
grid {{
    price = {{ 00:00: 0.10 EUR/kWh, 01:00: 0.30 EUR/kWh }}
}}
class car {{
    charge = 10 kW
}}
vehicle one of car {{
    arrival   = 00:00
    departure = 02:00
    energy    = 10 kWh
}}
event call {{
    from = {begins}
    to   = 01:00
{lines}
}}
{more}
disable partial_charging
minimize cost
"""


def solved(text: str, solver: str = "highs") -> evdsl.Result:
    spec = evdsl.loads(text)
    result = evdsl.compile(spec).run(solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.verdict is not None
    assert result.verdict.ok, result.verdict.violations
    assert result.schedule is not None
    wrong = [str(miss) for miss in misses(spec, result.data, result.schedule) if miss.wrong]
    assert wrong == []
    return result


NEAR = {"abs": 1e-6}


@pytest.mark.parametrize(
    ("settings", "cost"),
    [
        (("limit = 4 kW",), 0.40 + 1.80),
        (("limit = 4 kW", "penalty = 0.15 EUR/kWh"), 1.00 + 0.90),
        (("limit = 4 kW", "penalty = 0.30 EUR/kWh"), 0.40 + 1.80),
        (
            ("reduce = 6 kW", "baseline = 10 kW", "reward = 0.10 EUR/kWh", "penalty = 1 EUR/kWh"),
            0.40 + 1.80 - 0.60,
        ),
        (("limit = 10 kW", "baseline = 10 kW", "reward = 0.25 EUR/kWh"), 3.00 - 2.50),
        (("limit = 10 kW", "baseline = 3 kW", "reward = 0.10 EUR/kWh"), 1.00 + 0.70),
        (("reduce = 6 kW", "baseline = 10 kW"), 0.40 + 1.80),
        (("limit = { 00:00: 4 kW, 01:00: 0 kW }",), 0.40 + 1.80),
    ],
)
def test_the_optimum_is_known_by_hand(settings: tuple[str, ...], cost: float, solver: str) -> None:
    assert solved(hour(*settings), solver).terms["cost"] == pytest.approx(cost, **NEAR)


def test_without_the_call_all_is_taken_in_the_cheap_hour(solver: str) -> None:
    text = hour("limit = 10 kW")
    assert solved(text, solver).terms["cost"] == pytest.approx(1.00, **NEAR)


def test_a_step_half_inside_keeps_the_limit_and_counts_half_its_energy(solver: str) -> None:
    settings = ("limit = 4 kW", "penalty = 0.30 EUR/kWh")
    result = solved(hour(*settings, begins="00:30"), solver)
    # 0.10 + 0.30 / 2 < 0.30: all in the first hour, 6 kW over for half of it.
    assert result.terms["cost"] == pytest.approx(1.00 + 0.90, **NEAR)
    assert result.terms["event_penalty"] == pytest.approx(0.90, **NEAR)
    hard = solved(hour("limit = 4 kW", begins="00:30"), solver)
    assert hard.terms["cost"] == pytest.approx(2.20, **NEAR)
    paid = solved(hour("limit = 10 kW", "baseline = 10 kW", "reward = 0.25 EUR/kWh", begins="00:30"), solver)
    assert paid.terms["cost"] == pytest.approx(1.00, **NEAR)


def test_the_schedule_says_what_is_over_and_saved(solver: str) -> None:
    settings = ("reduce = 6 kW", "baseline = 10 kW", "reward = 0.01 EUR/kWh", "penalty = 0.05 EUR/kWh")
    schedule = solved(hour(*settings), solver).schedule
    assert schedule is not None
    assert schedule["call.over"].values == pytest.approx([6.0, 0.0], **NEAR)
    assert schedule["call.saved"].values == pytest.approx([0.0, 0.0], **NEAR)
    assert schedule["call.baseline"].values == pytest.approx([10.0, 10.0])
    assert schedule["call.over"].attrs["units"] == "kW"


def test_what_is_saved_counts_no_more_than_what_is_asked_for(solver: str) -> None:
    settings = ("reduce = 6 kW", "baseline = 10 kW", "reward = 1 EUR/kWh", "penalty = 1 EUR/kWh")
    result = solved(hour(*settings), solver)
    assert result.terms["event_revenue"] == pytest.approx(6.0, **NEAR)
    assert result.terms["cost"] == pytest.approx(2.20 - 6.00, **NEAR)


def test_calls_of_each_day_are_those_of_their_days(solver: str) -> None:
    text = """
station s {
    start   = 2024-03-11
    horizon = 72 h
    step    = 1 h
}
grid {
    price = 0.10 EUR/kWh
}
load house {
    power = 5 kW
}
event call {
    from    = 22:00
    to      = 02:00
    DAYS
    limit   = 2 kW
    penalty = 1 EUR/kWh
}
minimize cost
"""
    # Monday from midnight to 02:00 belongs to Sunday's call; the last goes on behind the horizon.
    hours = {"": 2 + 4 + 4 + 2, "days = mon": 4, "days = [sun, wed]": 2 + 2, "days = 2024-03-12": 4}
    for days, count in hours.items():
        result = solved(text.replace("DAYS", days), solver)
        assert result.terms["event_penalty"] == pytest.approx(3.0 * count, **NEAR), days


def test_a_call_on_a_date_is_once(solver: str) -> None:
    text = hour("limit = 4 kW").replace("from = 00:00", "from = 2024-03-12 00:00")
    assert solved(text.replace("to   = 01:00", "lasts = 1 h"), solver).terms["cost"] == pytest.approx(2.20)
    both = text.replace("to   = 01:00", "to = 2024-03-12 01:00")
    assert solved(both, solver).terms["cost"] == pytest.approx(2.20)


def test_calls_that_overlap_count_once(solver: str) -> None:
    text = hour("limit = 4 kW", "penalty = 0.15 EUR/kWh").replace("to   = 01:00", "lasts = 30 h")
    result = solved(text, solver)
    assert result.data.events["call"].share.tolist() == [1.0, 1.0]
    assert len(result.data.events["call"].begin) == 1


@pytest.mark.parametrize(("start", "hours"), [("2024-03-31", [1, 1]), ("2024-10-27", [1, 3])])
def test_a_night_in_which_the_clocks_change(start: str, hours: list[int]) -> None:
    text = f"""
station s {{
    start   = {start}
    horizon = 6 h
    step    = 1 h
    zone    = "Europe/Rome"
}}
grid {{
    price = 0.10 EUR/kWh
}}
load house {{
    power = 5 kW
}}
event call {{
    from    = 01:00
    to      = 03:00
    limit   = 2 kW
    penalty = 1 EUR/kWh
}}
minimize cost
"""
    result = solved(text)
    first, count = hours
    inside = [float(first <= step < first + count) for step in range(6)]
    assert result.data.events["call"].share.tolist() == inside


def test_a_call_of_two_days_before_reaches_over_a_night_of_23_hours() -> None:
    """On Saturday at 23:30 for 23.9 h, in the night to which an hour is missing: until 00:24 on Monday."""
    text = """
station s {
    start   = 2024-04-01
    horizon = 1 h
    step    = 30 min
    zone    = "Europe/Rome"
}
grid {
    price = 0.10 EUR/kWh
}
load hall {
    power = 20 kW
}
event call {
    from    = 23:30
    lasts   = 23.9 h
    days    = DAYS
    limit   = 10 kW
    penalty = 1 EUR/kWh
}
minimize event_penalty
"""
    result = solved(text.replace("DAYS", "sat"))
    assert result.data.events["call"].share.tolist() == pytest.approx([0.8, 0.0])
    assert result.stages[0].value == pytest.approx(10 * 0.4)


@pytest.mark.parametrize(
    ("lines", "help"),
    [
        (
            "from = 17:00; to = 19:00; days = mon",
            "mend the times, or write `start = 2024-03-11 17:00` and `horizon = 9 h`",
        ),
        ("from = 01:00; to = 02:00; days = wed", "write `tue` or another of its days, or `all`"),
        ("from = 17:00; to = 19:00", "mend the times, or write `horizon = 19 h`"),
        ("from = 00:00; lasts = 0.000001 s", "a call lasts longer than that: write `lasts = 2 h`"),
        ("from = 2020-03-12; lasts = 2 h", "mend the times, or move `start` to the day of the call"),
    ],
)
def test_the_help_for_an_event_without_a_call(lines: str, help: str) -> None:
    text = hour("limit = 4 kW").replace(
        "    from = 00:00\n    to   = 01:00\n", lines.replace("; ", "\n") + "\n"
    )
    text = text.replace("step    = 1 h", "step    = 30 min")
    _, found = resolve(Source("site.evs", text))
    assert [(one.code, one.help) for one in found if one.is_error] == [("E407", help)]


FEEDER = """
feeder east {
    limit = 20 kW
}
port ac {
    power  = 10 kW
    feeder = east
}
load hall {
    power = 3 kW
}
"""


def test_a_call_of_a_feeder_counts_what_flows_into_it(solver: str) -> None:
    text = hour("limit = 4 kW", "feeder = east", more=FEEDER)
    load = 3 * 0.10 + 3 * 0.30
    assert solved(text, solver).terms["cost"] == pytest.approx(2.20 + load, **NEAR)
    # Of the connection the hall counts too: 1 kW is left to the car.
    whole = solved(hour("limit = 4 kW", more=FEEDER), solver)
    assert whole.terms["cost"] == pytest.approx(0.10 + 2.70 + load, **NEAR)


def test_a_call_of_the_connection_counts_what_is_drawn_net(solver: str) -> None:
    text = hour("limit = 4 kW", more="solar roof {\n    power = 3 kW\n}\n")
    result = solved(text, solver)
    # 4 kW of the grid and 3 of the roof in the first hour; of the 3 kWh left the roof has all.
    assert result.terms["cost"] == pytest.approx(0.40, **NEAR)


def test_both_calls_at_once_hold_and_are_paid(solver: str) -> None:
    other = "event more {\n    from = 00:00\n    to = 01:00\n    limit = 7 kW\n    baseline = 10 kW\n"
    other += "    reward = 0.10 EUR/kWh\n}\n"
    text = hour("limit = 4 kW", "baseline = 10 kW", "reward = 0.10 EUR/kWh", more=other)
    # Nothing in the first hour: 0.10 + 0.20 is as dear as 0.30, so each kWh moved earns nothing.
    assert solved(text, solver).terms["cost"] == pytest.approx(2.20 - 2 * 0.60, **NEAR)


def test_a_word_can_be_required(solver: str) -> None:
    text = hour("limit = 4 kW", "penalty = 0.15 EUR/kWh", more="require fine: event_penalty <= 0.30 EUR\n")
    # 2 kWh over at most: 6 in the first hour.
    assert solved(text, solver).terms["cost"] == pytest.approx(0.60 + 1.20 + 0.30, **NEAR)


def test_rules_keep_a_hard_limit_and_pay_the_penalty() -> None:
    rules = [policy for policy in POLICIES if policy.name == "uncontrolled"]
    hard = compare(solved(hour("limit = 4 kW")), rules).ruled[0]
    assert hard.is_allowed
    assert hard.terms["cost"] == pytest.approx(2.20, **NEAR)
    soft = compare(solved(hour("limit = 4 kW", "penalty = 0.15 EUR/kWh")), rules).ruled[0]
    assert soft.is_allowed
    assert soft.terms["cost"] == pytest.approx(1.90, **NEAR)
    assert soft.schedule["call.over"].values == pytest.approx([6.0, 0.0])


def test_a_schedule_that_breaks_a_call_is_refused() -> None:
    kept = solved(hour("limit = 4 kW"))
    free = solved(hour("limit = 10 kW"))
    assert kept.schedule is not None
    assert free.schedule is not None
    spec = evdsl.loads(hour("limit = 4 kW"))
    schedule = free.schedule.copy(deep=True)
    schedule["call.over"].values[:] = [6.0, 0.0]
    rules = {found.rule for found in evdsl.verify(spec, schedule).violations}
    assert "event-limit" in rules
    for name, value in (("call.over", 1.0), ("call.over", np.nan)):
        changed = kept.schedule.copy(deep=True)
        changed[name].values[0] = value
        assert not evdsl.verify(spec, changed).ok


@pytest.mark.parametrize("name", ["call.over", "call.saved", "call.baseline"])
def test_a_changed_number_of_a_call_is_found(name: str) -> None:
    text = hour("limit = 4 kW", "baseline = 10 kW", "reward = 0.01 EUR/kWh", "penalty = 0.15 EUR/kWh")
    schedule = solved(text).schedule
    assert schedule is not None
    changed = schedule.copy(deep=True)
    changed[name].values[0] += 0.5
    assert {found.rule for found in evdsl.verify(evdsl.loads(text), changed).violations} == {"event"}


@pytest.mark.parametrize("word", ["event_penalty", "event_revenue", "cost"])
def test_a_changed_claim_of_the_money_of_calls_is_found(word: str) -> None:
    import json

    text = hour("limit = 4 kW", "baseline = 10 kW", "reward = 0.01 EUR/kWh", "penalty = 0.15 EUR/kWh")
    schedule = solved(text).schedule
    assert schedule is not None
    terms = json.loads(schedule.attrs["terms"])
    terms[word]["value"] += 0.01
    changed = schedule.assign_attrs(terms=json.dumps(terms))
    assert not evdsl.verify(evdsl.loads(text), changed).ok


def test_optima_are_proven_in_fractions() -> None:
    for settings in (
        ("limit = 4 kW",),
        ("limit = 4 kW", "penalty = 0.15 EUR/kWh"),
        ("reduce = 6 kW", "baseline = 10 kW", "reward = 0.10 EUR/kWh", "penalty = 1 EUR/kWh"),
    ):
        spec = evdsl.loads(hour(*settings))
        result = evdsl.compile(spec).run("highs")
        assert result.schedule is not None
        assert [claim for claim in claims(spec, result.data, result.schedule) if claim.wrong] == []


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        (("limit = 4 kW",), "call  00:00 to 01:00: kept, at most 4.00 kW"),
        (
            ("limit = 4 kW", "baseline = 12 kW", "reward = 0.01 EUR/kWh", "penalty = 0.15 EUR/kWh"),
            "call  00:00 to 01:00: 2.00 of 12.00 kWh below the baseline, 0.02 EUR earned; "
            "6.00 kWh over, 0.90 EUR paid",
        ),
        (
            ("limit = 10 kW", "baseline = 3 kW", "reward = 0.10 EUR/kWh"),
            "call  00:00 to 01:00: 7.00 kWh above the baseline of 3.00, 0.70 EUR taken off",
        ),
    ],
)
def test_the_report_has_a_line_for_each_event(settings: tuple[str, ...], line: str) -> None:
    said = " ".join(report.text(solved(hour(*settings))).split())
    assert " ".join(line.split()) in said


def test_a_baseline_is_no_rule_yet() -> None:
    assert [policy.name for policy in POLICIES] == [*RULES]
    with pytest.raises(evdsl.SpecError, match=r"`baseline = edf` of `event call` is not built"):
        evdsl.loads(hour("limit = 4 kW", "baseline = edf", "reward = 0.1 EUR/kWh"))


def test_a_reduction_of_more_than_the_baseline_is_as_much_as_it_has() -> None:
    settings = ("reduce = 6 kW", "baseline = 4 kW", "reward = 0.10 EUR/kWh", "penalty = 1 EUR/kWh")
    spec = evdsl.loads(hour(*settings))
    data, found = load_data(spec)
    assert data is not None
    (warning,) = found
    assert warning.code == "W114"
    assert warning.message == "`event call` asks for 6 kW less than 4 kW at 2024-03-12 00:00"
    assert warning.help == "write `reduce = 4 kW`; as it stands nothing may be drawn then"
    # Nothing may be drawn, and 4 kWh are paid.
    assert solved(hour(*settings)).terms["cost"] == pytest.approx(3.00 - 0.40, **NEAR)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_stored_schedule_of_a_call_is_read_back(ending: str, tmp_path: Path) -> None:
    settings = ("limit = 4 kW", "baseline = 10 kW", "reward = 0.01 EUR/kWh", "penalty = 0.15 EUR/kWh")
    result = solved(hour(*settings))
    assert result.schedule is not None
    path = tmp_path / f"plan{ending}"
    assert write(path, result.schedule, document(result)) is None
    schedule = read(path)
    assert not isinstance(schedule, Diagnostic)
    assert evdsl.verify(evdsl.loads(hour(*settings)), schedule).ok


def test_nobody_has_the_money_of_calls() -> None:
    settings = ("limit = 4 kW", "baseline = 10 kW", "reward = 0.01 EUR/kWh", "penalty = 0.15 EUR/kWh")
    result = solved(hour(*settings))
    assert result.schedule is not None
    account = account_of(result.spec, result.data, result.schedule, result.terms)
    assert account.total("cost") == pytest.approx(1.00, **NEAR)
    assert account.event_cost == pytest.approx(0.90, **NEAR)
    assert account.cost == pytest.approx(result.terms["cost"], **NEAR)


def test_why_a_vehicle_is_short_is_not_said_of_a_site_with_a_call() -> None:
    text = hour("limit = 4 kW").replace("disable partial_charging", "")
    text = text.replace("minimize cost", "minimize cost + 0.05 EUR/kWh * unmet")
    found = reasons(solved(text), 0.01)
    assert [reason.code for reason in found.values()] == ["unknown"]
    assert "`event call` may keep it from more" in found[0].text


def explained(text: str) -> Explanation:
    spec = evdsl.loads(text)
    data, _ = load_data(spec)
    assert data is not None
    return explain(spec, data, backend_of("highs"), Options())


def test_a_call_that_cannot_be_kept_is_one_of_the_lines_that_conflict() -> None:
    text = hour("limit = 4 kW", more="load hall {\n    power = 5 kW\n}\n")
    spec = evdsl.loads(text)
    assert evdsl.compile(spec).run("highs").status is evdsl.Status.INFEASIBLE
    found = explained(text)
    assert found.conflict is not None
    assert {member.lever.name for member in found.conflict.members} == {"limit", "power"}


@pytest.mark.parametrize(("setting", "price"), [("limit = 4 kW", -0.20), ("reduce = 6 kW", 0.20)])
def test_a_line_of_a_call_has_a_price(setting: str, price: float) -> None:
    found = explained(hour(setting, "baseline = 10 kW"))
    assert found.prices is not None
    (one,) = (each for each in found.prices.prices if each.lever.name == setting.partition(" ")[0])
    assert one.more == pytest.approx(price, abs=1e-4)
