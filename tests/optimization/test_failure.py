"""What a run without a schedule says: causes that `explain` found, or that it did not look long enough."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from worlds import said

from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.optimization import failure
from evdsl.optimization.explanation.levers import levers, whose_to_change
from evdsl.optimization.explanation.variant import Variant
from evdsl.optimization.failure import diagnose
from evdsl.optimization.problem import compile_spec
from evdsl.semantics.load import loads
from evdsl.solver.solution import Options
from evdsl.testing.trial import backend_of

STATION = "station s {\n    start   = 2024-03-12\n    horizon = 2 h\n    step    = 1 h\n}\n"
CAR = (
    "class car { charge = 11 kW }\nvehicle v of car {\n"
    "    arrival = 00:00\n    stay    = 2 h\n    energy  = ENERGY kWh\n}\n"
)


def site(blocks: str, energy: str = "0", end: str = "disable partial_charging\nminimize unmet") -> str:
    return f"{STATION}{blocks}\n{CAR.replace('ENERGY', energy)}{end}\n"


HOUSE = site("grid { import_limit = 5 kW }\nload house { power = 6 kW }\nport p { power = 11 kW }")


def told(text: str, solver: str = "highs") -> Diagnostic:
    """The one diagnostic of a run without a schedule."""
    backend = backend_of(solver)
    result = compile_spec(loads(text)).run(backend)
    (found,) = diagnose(result, backend, Options()).diagnostics
    return found


def test_a_house_behind_too_small_a_connection_is_not_blamed_on_a_car_that_asks_for_nothing(
    solver: str,
) -> None:
    found = told(HOUSE, solver)
    assert found.code == "E601"
    assert found.message == (
        "no schedule meets everything that the spec asks: 2 statements cannot hold together"
    )
    assert found.notes == (
        "line 6: `import_limit = 5 kW` of grid",
        "line 7: `power = 6 kW` of load house",
        "one of these changes is enough: grid: import_limit = 6 kW; or load house: power = 5 kW",
    )
    assert found.span is not None
    assert found.span.line == 6
    assert "partial_charging" not in " ".join((found.message, found.help, *found.notes))


def test_a_storage_that_cannot_reach_its_end_is_told_with_what_holds_it_back(solver: str) -> None:
    box = "storage box {\n    capacity = 40 kWh\n    power = 4 kW\n"
    box += "    soc_initial = 10 %\n    soc_final = 90 %\n}"
    found = told(site(box), solver)
    # Two hours of 4 kW are 8 kWh of the 32 that are missing.
    assert found.notes == (
        "line 8: `power = 4 kW` of storage box",
        "line 10: `soc_final = 90 %` of storage box",
        "one of these changes is enough: storage box: power = 16 kW; or storage box: soc_final = 30 %",
    )


def test_a_require_that_nothing_can_meet_is_told_alone(solver: str) -> None:
    own = "require some: import[t] >= 6 kW for t in steps\ndisable partial_charging\nminimize unmet"
    found = told(site("grid { import_limit = 5 kW }", "3", own), solver)
    assert found.message.endswith(": this cannot hold")
    # 3 kWh in two hours are 1.5 kW in each.
    assert found.notes == (
        "line 13: `require some: import[t] >= 6 kW for t in steps`",
        "one of these changes is enough: require some: looser by 4.5 kW",
    )


def test_a_demand_that_the_connection_cannot_carry_is_told_with_how_much_it_can(solver: str) -> None:
    found = told(site("grid { import_limit = 5 kW }", "15"), solver)
    assert found.notes == (
        "line 6: `import_limit = 5 kW` of grid",
        "line 11: `energy = 15 kWh` of vehicle v",
        "line 13: `disable partial_charging`",
        "one of these changes is enough: grid: import_limit = 7.5 kW; or vehicle v: 5 kWh less, at the port; "
        "or enable partial_charging; 5 kWh are then missing",
        "at most 10 of the 15 kWh asked for can be delivered",
    )


def test_a_change_of_what_the_car_is_comes_last() -> None:
    found = told(site("grid { price = 0.1 EUR/kWh }", "80"))
    (changes,) = [note for note in found.notes if note.startswith("one of these changes")]
    assert [change.split(":")[0] for change in changes.partition(": ")[2].split("; or ")] == [
        "vehicle v",
        "enable partial_charging; 58 kWh are then missing",
        "class car",
    ]


def test_levers_are_told_in_the_order_of_who_can_change_them() -> None:
    blocks = (
        "grid { import_limit = 5 kW }\nload house { power = 6 kW }\nport p { power = 11 kW }\n"
        "storage box {\n    capacity = 4 kWh\n    power = 4 kW\n}"
    )
    spec = loads(site(blocks, "5"))
    data, _ = load_data(spec)
    assert data is not None
    places = {f"{lever.owner} {lever.name}": whose_to_change(lever) for lever in levers(Variant(spec, data))}
    operators = ("grid import_limit", "port p power", "port p count", "storage box power")
    assert [places[name] for name in operators] == [0, 0, 0, 0]
    assert places["vehicle v energy"] == 1
    assert places["the station partial_charging"] == 2
    assert places["load house power"] == 3
    assert places["class car charge"] == 4


def test_what_was_not_found_in_time_is_not_said_and_what_to_run_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failure, "SEARCH", 1e-9)
    found = told(HOUSE)
    assert found.message == "no schedule meets everything that the spec asks"
    assert found.notes == ("which statements cannot hold together was not found in 1e-09 s",)
    assert found.help.startswith("`evdsl explain SPEC` says which lines cannot hold together")


def test_the_document_of_a_run_has_the_conflict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "house.evs"
    path.write_text(HOUSE)
    status, out, _ = said(capsys, "solve", str(path), "--json")
    assert status == 3
    document = json.loads(out)
    members = document["conflict"]
    assert [(m["line"], m["statement"], m["relief"]["value"]) for m in members] == [
        (6, "import_limit = 5 kW", pytest.approx(6.0)),
        (7, "power = 6 kW", pytest.approx(5.0)),
    ]
    assert [found["code"] for found in document["diagnostics"]] == ["E601"]


SOLD = "price = 0.10 EUR/kWh\n    feed_in = 0.20 EUR/kWh"


@pytest.mark.parametrize(("given", "named"), [("", "import_limit"), ("import_limit = 9 kW", "")])
def test_a_limit_is_said_to_bound_an_objective_where_a_run_with_it_ends(given: str, named: str) -> None:
    text = site(
        f"grid {{\n    {SOLD}\n    {given}\n}}\nsolar roof {{\n    power = 4 kW\n}}",
        end="disable import_or_export\nminimize cost",
    )
    backend = backend_of("highs")
    result = compile_spec(loads(text)).run(backend)
    found = diagnose(result, backend, Options()).diagnostics
    assert [problem.help for problem in found] == ([f"give the grid an `{named}`"] if named else [])


FRONT = site("grid {\n    price = 0.1 EUR/kWh\n    import_limit = 5 kW\n}", "15", "pareto cost, unmet")


def test_a_front_has_no_price_of_a_line_and_explain_says_so_as_price_and_compare_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "front.evs"
    path.write_text(FRONT)
    for command in (["explain", str(path)], ["price", str(path), "unmet"], ["compare", str(path)]):
        status, out, err = said(capsys, *command)
        assert (status, out) == (1, "")
        assert "E402" in err
        assert "the spec asks for a front" in err


def test_a_front_that_is_infeasible_has_its_conflict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "front.evs"
    path.write_text(FRONT.replace("pareto cost, unmet", "disable partial_charging\npareto cost, peak"))
    status, out, _ = said(capsys, "explain", str(path))
    assert status == 3
    assert "grid: import_limit = 7.5 kW" in out


@pytest.mark.parametrize(
    ("limit", "help"),
    [
        (None, "try the other solver with `--backend`, or a shorter `horizon`, or a longer `step`"),
        (2.0, "give it more time: `--time-limit 20`, or leave that limit out"),
    ],
)
def test_more_time_is_offered_where_a_limit_was_set(limit: float | None, help: str) -> None:
    """A larger `--gap` was offered, which ends no search that has no schedule."""
    assert failure.more_time(Options(time_limit=limit)) == help
