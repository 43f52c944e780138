"""`let` over a schedule, and what of statements is worked out beforehand."""

from __future__ import annotations

import pytest
from model.depot import DEPOT, GOAL, GRID, ODD, STATION, VANS, VISITS, best, requiring, solved

import evdsl
from evdsl.diagnostics.source import Source
from evdsl.optimization.problem import compile_spec
from evdsl.semantics.resolve import resolve


def test_a_let_that_depends_on_the_schedule_is_reported(solver: str) -> None:
    from evdsl.report.run.text import document, text

    spec = (
        "param tax = 22 %\nlet gross = (1 + tax) * cost\nlet share = 2 * tax\nlet both = gross + 1 EUR\n"
        + DEPOT
    )
    result = solved(spec, solver)
    found = document(result)
    assert found["lets"] == {
        "gross": {"value": pytest.approx(7.32), "unit": "EUR"},
        "both": {"value": pytest.approx(8.32), "unit": "EUR"},
    }
    shown = text(result, width=100)
    assert any(line.startswith("gross") and "7.32" in line for line in shown.splitlines())
    assert "share  " not in shown


def test_more_cells_than_a_workstation_holds_are_refused_before_anything_is_allocated() -> None:
    many = VANS.replace("count       = 2", "count       = 9000").replace(
        "stay        = 4 h", "stay = 1 h\n days = 2024-03-12"
    )
    long = STATION.replace("horizon = 4 h", "horizon = 30 d").replace("step    = 1 h", "step = 10 min")
    text = f"{long}{GRID}{many}{GOAL}"
    every = f"{text}require all: charge[v, t] <= 5 kW for v in vans, t in steps\n"
    (found,) = resolve(Source("d.evs", every))[1]
    assert (found.code, found.help.split(",")[0]) == ("E410", "name a set")
    assert "`all` speaks of 38,826,000 vehicles and steps" in found.message
    inner = f"{text}require all: sum(v in vans: charge[v, t]) <= 5 kW for t in steps\n"
    assert [found.code for found in resolve(Source("d.evs", inner))[1]] == ["E410"]
    named = f"{text}require all: charge[vans, t] <= 5 kW for t in steps\n"
    assert resolve(Source("d.evs", named))[1] == []


def test_a_state_of_vehicles_that_are_never_there_then_is_a_warning() -> None:
    from evdsl.data.load import load_data

    text = (
        f"{STATION}{GRID}{VISITS}{GOAL}require late: soc[v, t] >= 50 % for v in vans, t in 02:00 .. 04:00\n"
    )
    spec = evdsl.loads(text)
    data, (found,) = load_data(spec)
    assert data is not None
    assert data.diagnostics == (found,)
    assert (found.code, found.message) == (
        "W107",
        "`late` speaks of nothing: no vehicle of soc[v, t] is there then",
    )
    assert load_data(evdsl.loads(text.replace("02:00 ..", "01:00 ..")))[1] == []


LETS = """\
param limit = { 00:00: 20 kW, 02:00: 10 kW }
let early = sum(t in 23:00 .. 02:00: import[t]) * step
let worst = max(t in steps: import[t] / 1 kW - limit[t] / 1 kW)
let mixed = early + 10 kWh + 0 * unmet
let dear = max(t in steps: price[t])
let full = mean(v in vans: soc[v, 03:00])
"""


def test_a_let_over_vehicles_and_steps_is_reported_and_required(solver: str) -> None:
    from evdsl.report.run.text import document

    result = solved(f"{LETS}{DEPOT}", solver)
    lets = document(result)["lets"]
    assert isinstance(lets, dict)
    assert {name: (found["value"], found["unit"]) for name, found in lets.items()} == {
        "early": (pytest.approx(40.0), "kWh"),
        "worst": (pytest.approx(0.0), ""),
        "mixed": (pytest.approx(50.0), "kWh"),
        "full": (pytest.approx(0.6), ""),
    }
    assert best(f"{LETS}{requiring('early <= 20 kWh')}", solver) == pytest.approx(8.0)
    assert best(f"{LETS}{requiring('worst <= -8')}", solver) == pytest.approx(1.2 + 2.4 + 0.6 + 0.8 + 12.0)
    assert best(f"{LETS}{requiring('full <= 40 %')}", solver) == pytest.approx(1 * 2.0 + 2 * 4.0)


def test_a_let_may_bind_the_letter_of_the_requirement_that_it_stands_in(solver: str) -> None:
    """Each hour takes at most 40 % of all: 16, 16 and 8 kW."""
    text = "let all = sum(t in steps: import[t])\n" + requiring("import[t] <= 0.4 * all for t in steps")
    assert best(text, solver) == pytest.approx(1.6 + 3.2 + 2.4)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("let x = charge[v, t]\n", "E203 there is no vehicle `v`"),
        ("let x = max(t in steps: import[t])\nrequire r: x >= 3 kW\n", "E403 `max` can only be kept small"),
        ("let x = peak[3]\n", "E203 there is no quantity `peak`"),
        ("let x = y\nlet y = sum(t in steps: x * import[t])\n", "E210 `x` needs itself: x -> y -> x"),
        (
            "let x = max(t in steps: import[t])\nlet y = 2 * x\nthen maximize y\n",
            "E403 `max` is made large here",
        ),
        ("param x = sum(t in steps: import[t])\n", "E206 single vehicles and steps outside `require`"),
    ],
)
def test_a_mistake_in_a_let_is_told_once(lines: str, told: str) -> None:
    (found,) = resolve(Source("depot.evs", DEPOT + lines))[1]
    assert f"{found.code} {found.message}".startswith(told)


def test_aggregates_and_variables_are_few() -> None:
    lets = "let x0 = sum(t in steps: import[t])\n"
    lets += "".join(f"let x{n} = max(t in steps: x{n - 1} + import[t])\n" for n in range(1, 90))
    deep = [found.code for found in resolve(Source("depot.evs", DEPOT + lets))[1]]
    assert deep == ["E004"]
    many = ", ".join(f"t{n} in steps" for n in range(80))
    assert [f.code for f in resolve(Source("depot.evs", requiring(f"peak <= 4 kW for {many}")))[1]] == [
        "E004"
    ]


BENT = f"""\
{DEPOT}{ODD}load hall {{
    power = 3 kW
}}
let weight = {{ 00:00: 1, 02:00: 2 }}
let waiting = {{ 00:00: 1, 02:00: -2 }}
"""
MOST = "max(s in steps: import[s])"


@pytest.mark.parametrize(
    ("statement", "refused"),
    [
        (f"{MOST} <= 40 kW", ""),
        (f"40 kW >= {MOST}", ""),
        (f"40 kW - {MOST} >= 0 kW", ""),
        (f"0 kW <= 40 kW - {MOST}", ""),
        (f"-1 * {MOST} >= -40 kW", ""),
        (f"{MOST} / -2 >= -40 kW", ""),
        (f"{MOST} / 2 - 3 * -{MOST} <= 40 kW", ""),
        (f"0 * {MOST} + peak <= 40 kW", ""),
        (f"(2 - 2) * {MOST} + sum(t in steps: export[t]) >= 0 kW", ""),
        (f"need[v] * {MOST} <= 900 kWh * 1 kW for v in vans", ""),
        (f"priority[v] * need[v] * {MOST} <= 900 kWh * 1 kW for v in vans", ""),
        (f"sum(v in vans: need[v]) * {MOST} <= 900 kWh * 1 kW", ""),
        (f"(need[v] + battery[v]) * {MOST} <= 900 kWh * 1 kW for v in vans", ""),
        ("soc[v, t] <= 1 for v in vans, t in steps", ""),
        ("sum(v in van: energy[v, t]) <= 900 kWh for t in steps", ""),
        ("fairness >= 0.2", ""),
        ("-1 * fairness <= -0.2", ""),
        ("min(s in steps: import[s]) >= 0 kW", ""),
        ("-min(s in steps: import[s]) <= 0 kW", ""),
        ("2 - fairness <= 2", ""),
        (f"{MOST} >= 4 kW", "can only be kept small"),
        (f"4 kW <= {MOST}", "can only be kept small"),
        (f"40 kW - {MOST} <= 0 kW", "can only be kept small"),
        (f"-1 * {MOST} <= -40 kW", "can only be kept small"),
        (f"{MOST} / -2 <= 40 kW", "can only be kept small"),
        (f"2 * {MOST} >= 4 kW", "can only be kept small"),
        (f"sum(t in steps: import[t]) - {MOST} <= 90 kW", "can only be kept small"),
        (f"{MOST} == 4 kW", "cannot be set equal"),
        ("fairness <= 0.2", "can only be kept large"),
        ("2 - fairness >= 0", "can only be kept large"),
        ("min(s in steps: import[s]) <= 4 kW", "can only be kept large"),
        (f"weight[t] * {MOST} <= 40 kW for t in steps", "is multiplied by data that may be below zero"),
        (f"waiting[t] * {MOST} <= 40 kW for t in steps", "is multiplied by data that may be below zero"),
        (f"carbon[t] * {MOST} <= 4 kg/h for t in steps", "is multiplied by data that may be below zero"),
        (f"-hall.power[t] * {MOST} <= 9 kW * 1 kW for t in steps", "is multiplied by data"),
        (
            f"(need[v] - battery[v]) * {MOST} <= 900 kWh * 1 kW for v in vans",
            "is multiplied by data that may be below zero",
        ),
    ],
)
def test_a_bent_part_stands_on_its_linear_side_whatever_it_is_multiplied_by(
    statement: str, refused: str
) -> None:
    _, found = resolve(Source("depot.evs", f"{BENT}require a: {statement}\n"))
    assert [(one.code, refused in one.message) for one in found if one.is_error] == (
        [("E403", True)] if refused else []
    )


def test_a_state_is_asked_for_where_the_battery_is_there_and_nowhere_else() -> None:
    visit = VANS.replace("arrival     = 00:00", "arrival     = 01:00").replace("4 h", "1 h")
    text = f"{STATION}{GRID}{visit}{GOAL}require a: soc[v, t] >= 10 % for v in vans, t in "
    for steps, codes in (("01:00 .. 02:00", []), ("02:00 .. 03:00", ["W107"]), ("00:00 .. 01:00", ["W107"])):
        problem = compile_spec(evdsl.loads(f"{text}{steps}\n"))
        assert [found.code for found in problem.data.diagnostics if found.code == "W107"] == codes, steps


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("2 kW == 2000 W", "W108"),
        ("0 kW == 0 kW", "W108"),
        ("0.1 + 0.2 == 0.3", "W108"),
        ("2 kW == 2.001 kW", "E414"),
        ("2 kW <= 2 kW", "W108"),
        ("2 kW >= 2 kW", "W108"),
        ("-3 kW <= 2 kW", "W108"),
        ("2 kW >= -3 kW", "W108"),
        ("0.1 + 0.2 <= 0.3", "W108"),
        ("2.001 kW <= 2 kW", "E414"),
        ("2 kW >= 2.001 kW", "E414"),
        ("2 kW <= -3 kW", "E414"),
    ],
)
def test_two_constants_stand_to_each_other_for_ever(statement: str, code: str) -> None:
    (found,) = resolve(Source("depot.evs", f"{DEPOT}require a: {statement}\n"))[1]
    assert found.code == code


@pytest.mark.parametrize(
    ("over", "codes"), [("ghosts", ["W107"]), ("[vans, ghosts]", []), ("vans", []), ("[ghosts, vans]", [])]
)
def test_a_requirement_on_nobody_is_a_warning(over: str, codes: list[str]) -> None:
    ghosts = VANS.split("}\n", 1)[1].replace("fleet vans", "fleet ghosts").replace("= 2\n", "= 0\n")
    text = f"{STATION}{GRID}{VANS}{ghosts}{GOAL}require a: charge[v, t] <= 5 kW for v in {over}, t in steps\n"
    assert [found.code for found in resolve(Source("depot.evs", text))[1]] == codes


def test_the_ends_of_a_daily_range_may_be_worked_out() -> None:
    for ends, steps in (("01:00 .. 02:00 + 1 h", 2), ("01:00 + 1 h .. 03:00", 1), ("01:00 .. 03:00", 2)):
        text = f"{DEPOT}require a: charge[v, t] <= 5 kW for v in vans, t in {ends}\n"
        rows = compile_spec(evdsl.loads(text)).model.constraints["require.a"]
        assert int((rows.labels >= 0).sum()) == 2 * steps, ends
