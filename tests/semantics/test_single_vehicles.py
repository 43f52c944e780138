"""A vehicle of a fleet or of a file: `day_shift[3]`, `log["1_1_194"]`, wherever a vehicle may stand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import evdsl
from evdsl.data.load import load_data
from evdsl.optimization.problem import compile_spec
from evdsl.report.facts import lets
from evdsl.semantics.load import read
from evdsl.syntax.formatter import format
from evdsl.testing.exact import claims
from evdsl.testing.generate.nodes import read_file

SITE = """
station s {
    start   = 2024-03-12
    horizon = 4 h
    step    = 1 h
}
grid {
    import_limit = 100 kW
    price        = { 00:00: 10 ct/kWh, 02:00: 30 ct/kWh }
}
class car {
    battery = 40 kWh
    charge  = 10 kW
}
param third = 3
fleet day_shift of car {
    count       = 3
    arrival     = 00:00
    stay        = 4 h
    soc_arrival = 50 %
    soc_target  = 75 %
}
vehicle lone of car {
    arrival = 00:00
    stay    = 4 h
    energy  = 8 kWh
}
sessions log of car = csv("log.csv", arrival="from", departure="to", energy="energy (kWh)", id="id")
sessions plain of car = csv("log.csv", arrival="from", departure="to", energy="energy (kWh)")
"""
LOG = """from,to,energy (kWh),id
2024-03-12 00:00,2024-03-12 04:00,8,1_1_194
2024-03-12 00:00,2024-03-12 04:00,6,b
"""
GOAL = "minimize cost + 2 EUR/kWh * unmet\n"
Folder = Callable[[str], Path]


@pytest.fixture
def written(tmp_path: Path) -> Folder:
    """The site with some more statements, beside its file of sessions."""

    def write(statements: str) -> Path:
        (tmp_path / "log.csv").write_text(LOG)
        path = tmp_path / "site.evs"
        path.write_text(f"{SITE}{statements}\n{GOAL}")
        return path

    return write


def solved(path: Path, solver: str) -> evdsl.Result:
    """An optimum that the verifier and the exact oracle have both checked."""
    result = compile_spec(evdsl.load(path)).run(solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.verdict is not None
    assert result.verdict.ok, result.verdict.violations
    assert result.schedule is not None
    assert not missed(result.spec, result)
    return result


def missed(spec: evdsl.Spec, result: evdsl.Result) -> list[str]:
    """The rules that the exact oracle finds missed by more than rounding."""
    assert result.schedule is not None
    found = claims.misses(spec, result.data, result.schedule)
    return [miss.rule for miss in found if float(miss.by) > 1e-6]


FREE = 0.10 * (3 * 10 + 8 + 8 + 6 + 8 + 6)
"""Everybody charges in the cheap first two hours: 66 kWh at 10 ct."""


@pytest.mark.parametrize(
    ("statement", "more"),
    [
        ("", 0.0),
        ("require late: charge[day_shift[3], t] <= 0 kW for t in 00:00 .. 02:00", 10 * 0.2),
        ("require late: charge[day_shift[third], t] <= 0 kW for t in 00:00 .. 02:00", 10 * 0.2),
        ('require less: delivered[log["1_1_194"]] <= 3 kWh', 5 * 1.9),
        ("require less: delivered[plain[2]] <= 3 kWh", 3 * 1.9),
        ("require late: charge[v, t] == 0 kW for v in day_shift[2], t in 00:00 .. 02:00", 10 * 0.2),
        (
            'require late: sum(v in [day_shift[1], log["b"], lone]: charge[v, t]) <= 0 kW '
            "for t in 00:00 .. 02:00",
            24 * 0.2,
        ),
        (
            "require late: charge[[day_shift, day_shift[1], log], t] <= 22 kW for t in 00:00 .. 02:00",
            0.0,
        ),
        (
            "require late: max(v in [day_shift[1], day_shift[2]]: charge[v, t]) <= 2 kW for t in steps",
            9.2,
        ),
        ("require late: energy[day_shift[1], 02:00] <= 24 kWh", 6 * 0.2),
        ("require late: soc[day_shift[1], 02:00] <= 60 %", 6 * 0.2),
        ("require late: sum(t in 00:00 .. 02:00: charge[day_shift[2], t]) * step <= need[lone] / 2", 6 * 0.2),
    ],
)
def test_a_single_vehicle_stands_wherever_a_vehicle_does(
    statement: str, more: float, written: Folder, solver: str
) -> None:
    result = solved(written(statement), solver)
    assert result.stages[0].value == pytest.approx(FREE + more, abs=1e-6)


def test_a_let_tells_a_single_vehicle(written: Folder, solver: str) -> None:
    path = written(
        "let second = delivered[day_shift[2]]\n"
        'let both = sum(v in [log["b"], plain[1]]: delivered[v])\n'
        "require less: delivered[day_shift[2]] <= 7 kWh"
    )
    told = lets(solved(path, solver))
    assert told["second"] == (pytest.approx(7.0, abs=1e-6), "kWh")
    assert told["both"] == (pytest.approx(14.0, abs=1e-6), "kWh")


def test_a_vehicle_that_is_named_beside_its_fleet_counts_once(written: Folder) -> None:
    spec = evdsl.load(written("let all = sum(v in [day_shift, day_shift[1], day_shift[1]]: delivered[v])"))
    assert lets(compile_spec(spec).run("highs"))["all"] == (pytest.approx(30.0), "kWh")


def test_the_verifier_sees_that_another_vehicle_of_the_fleet_kept_it(written: Folder) -> None:
    path = written("require late: charge[day_shift[3], t] <= 0 kW for t in 00:00 .. 02:00")
    result = solved(path, "highs")
    other = evdsl.load(written("require late: charge[day_shift[2], t] <= 0 kW for t in 00:00 .. 02:00"))
    verdict = evdsl.verify(other, result.schedule)  # type: ignore[arg-type]  # `solved` has one
    assert "require" in {violation.rule for violation in verdict.violations}
    assert set(missed(other, result)) == {"require late"}


def test_a_single_vehicle_is_printed_as_it_is_written() -> None:
    text = 'require late: charge[day_shift[3], t] <= 0 kW for t in steps, v in log["1_1_194"]\n'
    assert format(read_file(text)) == text


@pytest.mark.parametrize(
    ("statement", "code", "message", "help"),
    [
        (
            "require a: delivered[day_shift.3] <= 4 kWh",
            "E101",
            "`.3` cannot stand here; an operator or `,` or `=` or `]` is expected",
            "a vehicle of a fleet is written `day_shift[3]`",
        ),
        ("require a: delivered[log.b] <= 4 kWh", "E305", "`log.b` is no vehicle", 'write `log["b"]`'),
        ('require a: delivered["b"] <= 4 kWh', "E305", '`"b"` is no vehicle', 'write `log["b"]`'),
        (
            "require a: sum(v in [day_shift.x, lone]: delivered[v]) <= 4 kWh",
            "E305",
            "`day_shift.x` is not the name of a block",
            "write `day_shift[1]`",
        ),
        (
            "require a: sum(v in log.b: delivered[v]) <= 4 kWh",
            "E305",
            "`log.b` is not a set",
            'write `log["b"]`',
        ),
        (
            "require a: delivered[log[2]] <= 4 kWh",
            "E305",
            "the vehicles of `log` have the names of its `id`, and 2 is none",
            'write `log["name in its file"]`',
        ),
        (
            "require a: delivered[day_shift[1.5]] <= 4 kWh",
            "E305",
            "the vehicles of `day_shift` have numbers, and 1.5 is no whole one",
            "write `day_shift[1]`",
        ),
        (
            'require a: delivered[plain["b"]] <= 4 kWh',
            "E305",
            'the vehicles of `plain` have numbers, and "b" is no whole one',
            "write `plain[1]`",
        ),
        (
            "require a: delivered[day_shift[4]] <= 4 kWh",
            "E203",
            "there is no vehicle `day_shift[4]`: `day_shift` has 3",
            "write `day_shift[1]`",
        ),
        (
            "require a: delivered[day_shift[0]] <= 4 kWh",
            "E203",
            "there is no vehicle `day_shift[0]`: the first is 1",
            "write `day_shift[1]`",
        ),
        (
            "require a: delivered[dayshift[1]] <= 4 kWh",
            "E203",
            "there is no block of vehicles `dayshift`",
            "did you mean `day_shift`?",
        ),
        (
            "require a: delivered[car[1]] <= 4 kWh",
            "E305",
            "`car` is no block of vehicles, which alone has single ones",
            'single vehicles are written `day_shift[1]`, `lone`, `log["name in its file"]`',
        ),
        (
            "require a: delivered[lone[1]] <= 4 kWh",
            "E305",
            "`lone` is one vehicle, and has none inside",
            "write `lone`",
        ),
        (
            "require a: delivered[day_shift[1, 2]] <= 4 kWh",
            "E305",
            "one vehicle of `day_shift` is asked for, and 2 stand in the brackets",
            "write `day_shift[1]`",
        ),
        (
            "let a = day_shift[1] * 2",
            "E305",
            "`day_shift[1]` is a vehicle, and cannot be calculated with",
            "put it in brackets: `delivered[day_shift[1]]`",
        ),
        (
            "require a: delivered[nobody] <= 4 kWh",
            "E203",
            "there is no vehicle `nobody`",
            "sets of vehicles are vehicles, car, day_shift, lone, log, plain; or bind it, "
            "behind the requirement: `for nobody in vehicles`; single vehicles are written `day_shift[1]`, "
            "`lone`, "
            '`log["name in its file"]`',
        ),
    ],
)
def test_what_is_no_vehicle_is_told_with_how_one_is_written(
    statement: str, code: str, message: str, help: str, written: Folder
) -> None:
    spec, found = read(written(statement))
    assert spec is None
    told = [(finding.code, finding.message, finding.help) for finding in found if finding.is_error]
    assert told == [(code, message, help)]


@pytest.mark.parametrize(
    ("statement", "help"),
    [
        ('require a: delivered[log["c"]] <= 4 kWh', 'it has 2, the first is `log["1_1_194"]`'),
        ('require a: sum(v in [lone, log["1_1_19"]]: need[v]) <= 4 kWh', "did you mean `1_1_194`?"),
        ('require a: delivered[v] <= 4 kWh for v in log["1_1_19"]', "did you mean `1_1_194`?"),
        ('let a = delivered[log["c"]]', 'it has 2, the first is `log["1_1_194"]`'),
        ("let a = delivered[plain[3]]", "it has 2, the first is `plain[1]`"),
    ],
)
def test_a_vehicle_that_its_file_has_not_is_told(statement: str, help: str, written: Folder) -> None:
    spec = evdsl.load(written(statement))
    data, found = load_data(spec)
    assert data is None
    assert [(finding.code, finding.help) for finding in found if finding.is_error] == [("E203", help)]


EVERY_DAY = """
station s {
    start   = 2024-03-12
    horizon = 3 d
    step    = 1 h
}
class car {
    battery = 40 kWh
    charge  = 10 kW
}
fleet day_shift of car {
    count   = 3
    arrival = 08:00
    stay    = 4 h
    energy  = 8 kWh
    days    = tue .. wed
}
vehicle lone of car {
    arrival = 08:00
    stay    = 4 h
    energy  = 8 kWh
    days    = all
}
minimize unmet
"""


@pytest.mark.parametrize(
    ("inside", "code", "message", "help"),
    [
        (
            "day_shift[1]",
            "E305",
            "`day_shift` comes on several days, and one stay is asked for by its day",
            "write `day_shift[1, 2024-03-12]`",
        ),
        (
            "lone[1, 2024-03-12]",
            "E305",
            "`lone` comes on several days, and one stay is asked for by its day",
            "write `lone[2024-03-12]`",
        ),
        (
            "day_shift[1, 2024-03-14]",
            "E203",
            "`day_shift` does not come on 2024-03-14",
            "it comes on 2 days, the first is 2024-03-12",
        ),
        (
            "day_shift[4, 2024-03-12]",
            "E203",
            "there is no vehicle `day_shift[4]`: `day_shift` has 3",
            "write `day_shift[1, 2024-03-12]`",
        ),
        (
            "day_shift[1, tue]",
            "E305",
            "the stays of `day_shift` have dates, and `tue` may be several days",
            "write `day_shift[1, 2024-03-12]`",
        ),
        (
            "lone[2024-03-12 08:00]",
            "E305",
            "the stays of `lone` have dates, and 2024-03-12 08:00 is none",
            "write `lone[2024-03-12]`",
        ),
    ],
)
def test_a_stay_that_is_not_there_is_told_with_how_one_is_written(
    inside: str, code: str, message: str, help: str, tmp_path: Path
) -> None:
    path = tmp_path / "site.evs"
    path.write_text(f"{EVERY_DAY}require r: delivered[{inside}] >= 1 kWh\n")
    (found,) = read(str(path))[1]
    assert (found.code, found.message, found.help) == (code, message, help)


def test_of_a_vehicle_that_comes_on_several_days_the_name_is_all_of_its_stays(tmp_path: Path) -> None:
    path = tmp_path / "site.evs"
    path.write_text(f"{EVERY_DAY}require r: soc[lone, 09:00] >= 10 %\n")
    (found,) = read(str(path))[1]
    assert (found.code, found.message) == (
        "E305",
        "`soc` is one vehicle's, and cannot be added up over `lone`",
    )
