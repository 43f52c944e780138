"""Two specs differ where they mean something else, and not where they are only written in another way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from worlds import run_python

import evdsl
from evdsl.cli.main import main
from evdsl.semantics.diff.specs import Difference, compare

SITE = """
station s {
    start = 2024-03-12
    horizon = 4 h
    step = 30 min
    zone = "Europe/Rome"
}
param gamma = 60 ct/kWh
grid {
    import_limit = 14 kW
    price = { 00:00: 5 ct/kWh, 02:00: 20 ct/kWh }
    carbon = 300 g/kWh
}
port ac {
    count = 2
    power = 7 kW
}
port dc {
    count = 1
    power = 11 kW
}
class car {
    battery = 20 kWh
    charge = 9 kW
    efficiency = 95 %
    ports = [ac, dc]
}
fleet f of car {
    count = 3
    arrival = normal(00:30, 10 min)
    stay = 3 h
    soc_arrival = 30 %
    soc_target = 80 %
}
minimize cost + gamma * unmet
"""


def differences(one: str, other: str) -> list[Difference]:
    return compare(evdsl.loads(one), evdsl.loads(other))


def changed(old: str, new: str, text: str = SITE) -> list[Difference]:
    assert old in text
    return differences(text, text.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("14 kW", "14000 W"),
        ("14 kW", "7 kW * 2"),
        ("30 min", "0.5 h"),
        ("horizon = 4 h", "horizon = 240 min"),
        ("5 ct/kWh", "0.05 EUR/kWh"),
        ("300 g/kWh", "300 kg/MWh"),
        ("95 %", "0.95"),
        ("[ac, dc]", "[dc, ac]"),
        ("count = 1\n    power = 11 kW", "power = 11 kW"),
        ("fleet f of car {\n    count = 3", "fleet f of car {  # the late shift\n\n    count = 3"),
        ("    battery = 20 kWh\n    charge = 9 kW\n", "    charge = 9 kW\n    battery = 20 kWh\n"),
        ("02:00: 20 ct/kWh", "02:00: 20 ct/kWh, 03:00: 20 ct/kWh"),
        ("carbon = 300 g/kWh", "carbon = { 00:00: 300 g/kWh, 05:00: 300 g/kWh }"),
        (
            "cost + gamma * unmet",
            "energy_cost - export_revenue + demand_cost + wear - end_value + elsewhere_cost + event_penalty "
            "- event_revenue + gamma * unmet",
        ),
        ("minimize cost + gamma * unmet", "maximize -cost - gamma * unmet"),
        ("minimize cost", "enable partial_charging\nminimize cost"),
        ("gamma", "worth_of_a_kwh"),
        ("param gamma = 60 ct/kWh", "param half = 30 ct/kWh\nlet gamma = 2 * half"),
    ],
)
def test_what_is_only_written_in_another_way_is_no_difference(old: str, new: str) -> None:
    assert changed(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "subject", "what", "before", "after"),
    [
        ("import_limit = 14 kW", "import_limit = 15000 W", "grid", "import_limit", "14 kW", "15 kW"),
        ("02:00: 20 ct/kWh", "02:00: 21 ct/kWh", "grid", "price from 02:00", "0.2 EUR/kWh", "0.21 EUR/kWh"),
        ("    import_limit = 14 kW\n", "", "grid", "import_limit", "14 kW", "not set"),
        ("efficiency = 95 %", "# efficiency", "class car", "efficiency", "95 %", "100 % (default)"),
        ("carbon = 300 g/kWh", "carbon = 0.2 kg/kWh", "grid", "carbon", "300 g/kWh", "200 g/kWh"),
        ("stay = 3 h", "stay = 90 min", "fleet f", "stay", "3 h", "90 min"),
        (
            "normal(00:30, 10 min)",
            "normal(00:40, 10 min)",
            "fleet f",
            "arrival",
            "normal(00:30, 10 min)",
            "normal(00:40, 10 min)",
        ),
        ("ports = [ac, dc]", "ports = [dc]", "class car", "ports", "[ac, dc]", "[dc]"),
        ("step = 30 min", "step = 15 min", "station", "step", "30 min", "15 min"),
        ("minimize", "disable hold_port\nminimize", "toggle", "hold_port", "on (default)", "off"),
        (
            "60 ct/kWh",
            "0.5 EUR/kWh",
            "objective",
            "stage 1",
            "minimize cost + 0.6 EUR/kWh * unmet",
            "minimize cost + 0.5 EUR/kWh * unmet",
        ),
        (
            "gamma * unmet",
            "gamma * unmet\nthen minimize delay allowing 1 %",
            "objective",
            "stage 2",
            "",
            "minimize delay allowing 1 %",
        ),
    ],
)
def test_what_means_something_else_is_told_in_the_units_that_people_write(
    old: str, new: str, subject: str, what: str, before: str, after: str
) -> None:
    (change,) = changed(old, new)
    assert (change.subject, change.what, change.old, change.new) == (subject, what, before, after)


def test_blocks_come_and_go() -> None:
    (change,) = changed("port dc {", "load office {\n    power = 2 kW\n}\nport dc {")
    assert (change.how, change.subject, change.new) == ("added", "load office", "power = 2 kW")
    back = differences(SITE.replace("port dc {", "load office {\n    power = 2 kW\n}\nport dc {"), SITE)
    assert [(c.how, c.subject) for c in back] == [("removed", "load office")]


def test_a_renamed_block_is_one_difference_however_often_it_is_named() -> None:
    (change,) = changed("dc", "fast")
    assert (change.how, change.old, change.new) == ("renamed", "port dc", "port fast")
    (change,) = changed("car", "van", SITE.replace("carbon = 300 g/kWh\n", "\n"))
    assert (change.old, change.new, change.note) == ("class car", "class van", "")


def test_a_renamed_fleet_has_other_vehicles() -> None:
    (change,) = changed("fleet f", "fleet g")
    assert (change.how, change.new) == ("renamed", "fleet g")
    assert "drawn anew" in change.note


def test_a_day_is_24_hours_unless_the_clocks_change_in_it() -> None:
    assert [c.what for c in changed("horizon = 4 h", "horizon = 1 d")] == ["horizon"]
    day = SITE.replace("horizon = 4 h", "horizon = 24 h")
    assert changed("horizon = 24 h", "horizon = 1 d", day) == []
    march = day.replace("2024-03-12", "2024-03-31")
    assert [(c.what, c.old, c.new) for c in changed("24 h", "1 d", march)] == [("horizon", "24 h", "23 h")]


def test_requirements_are_compared_by_what_they_ask() -> None:
    own = SITE + "require quiet: max(t in steps: import[t]) <= 12 kW\n"
    assert changed("12 kW", "12000 W", own) == []
    (change,) = changed("12 kW", "13 kW", own)
    assert (change.subject, change.what) == ("require", "quiet")
    (change,) = differences(SITE, own)
    assert (change.how, change.what) == ("added", "quiet")
    (change,) = changed("quiet", "calm", own)
    assert (change.how, change.old, change.new) == ("renamed", "quiet", "calm")


def test_lets_count_where_a_report_shows_them() -> None:
    assert differences(SITE, SITE + "let unused_price = 3 EUR/kWh\n") == []
    own = SITE + "let waste = 2 EUR/kWh * unmet\n"
    (change,) = changed("2 EUR/kWh", "3 EUR/kWh", own)
    assert (change.subject, change.what) == ("let", "waste")


def priced(folder: Path, prices: str, name: str = "prices.csv") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"time,price\n{prices}")
    spec = folder / "site.evs"
    table = "{ 00:00: 5 ct/kWh, 02:00: 20 ct/kWh }"
    series = f'csv("{name}", column="price", time="time", unit="EUR/kWh")'
    spec.write_text(SITE.replace(table, series))
    return spec


ROWS = "".join(f"2024-03-12 0{hour}:00,0.{hour + 1}\n" for hour in range(5))


def test_change_points_are_told_from_rows_of_intervals(tmp_path: Path) -> None:
    path = priced(tmp_path / "a", ROWS)
    first = evdsl.load(path)
    path.write_text(path.read_text().replace("time=", 'method="changes", until=2024-03-13, time='))
    (change,) = compare(first, evdsl.load(path))
    assert change.old == 'column "price" of prices.csv'
    assert change.new == 'column "price" of prices.csv, changes until 2024-03-13'


def test_files_count_by_what_is_in_them(tmp_path: Path) -> None:
    one = evdsl.load(priced(tmp_path / "a", ROWS))
    same = evdsl.load(priced(tmp_path / "b", ROWS, "renamed.csv"))
    other = evdsl.load(priced(tmp_path / "c", ROWS.replace("0.2", "0.7")))
    assert compare(one, same) == []
    (change,) = compare(one, other)
    assert (change.how, change.subject, change.what) == ("file", "grid", "price")
    assert change.old.startswith("prices.csv (6 lines, ")


def files(tmp_path: Path, old: str, new: str) -> list[str]:
    (tmp_path / "a.evs").write_text(SITE)
    (tmp_path / "b.evs").write_text(SITE.replace(old, new))
    return [str(tmp_path / "a.evs"), str(tmp_path / "b.evs")]


def test_the_exit_status_is_that_of_diff(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", *files(tmp_path, "14 kW", "14000 W")]) == 0
    assert "the same in meaning" in capsys.readouterr().out
    assert main(["diff", *files(tmp_path, "14 kW", "12 kW")]) == 1
    said = capsys.readouterr().out
    assert "import_limit: 14 kW -> 12 kW" in said
    assert "b.evs:10]" in said
    assert main(["diff", *files(tmp_path, "14 kW", "14 kWh")]) == 2
    assert "E301" in capsys.readouterr().err


def test_overrides_hold_on_both_sides_and_set_b_on_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = files(tmp_path, "gamma = 60 ct/kWh", "gamma = 40 ct/kWh")
    assert main(["diff", *both]) == 1
    assert main(["diff", *both, "--set", "gamma=0.3 EUR/kWh", "--disable", "hold_port", "--seed", "4"]) == 0
    capsys.readouterr()
    assert main(["diff", both[0], "--set-b", "gamma=0.3 EUR/kWh"]) == 1
    assert "0.6 EUR/kWh * unmet -> minimize cost + 0.3 EUR/kWh * unmet" in capsys.readouterr().out
    assert main(["diff", both[0], "--set-b", "gama=0.3 EUR/kWh"]) == 2
    assert "did you mean `gamma`?" in capsys.readouterr().err


def test_solving_shows_every_word_on_both_sides(
    tmp_path: Path, solver: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pair = files(tmp_path, "import_limit = 14 kW", "import_limit = 2 kW")
    assert main(["diff", *pair, "--solve", "--json", "--backend", solver]) == 1
    document = json.loads(capsys.readouterr().out)
    for side, path in zip("ab", pair, strict=True):
        best = evdsl.compile(evdsl.load(path)).run(solver)
        assert {name: found[side] for name, found in document["terms"].items()} == pytest.approx(
            best.terms, abs=1e-4
        )
    unmet = document["terms"]["unmet"]
    assert unmet["difference"] == pytest.approx(unmet["b"] - unmet["a"])
    assert unmet["b"] > unmet["a"] + 1
    assert unmet["unit"] == "kWh"
    assert main(["diff", *pair, "--solve", "--backend", solver]) == 1
    said = capsys.readouterr().out
    assert "A: optimal" in said
    assert [line.split()[0] for line in said.splitlines() if line.split()[:1] == ["peak"]] == ["peak"]


def test_a_side_that_cannot_be_met_is_told_beside_the_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair = files(tmp_path, "minimize", "disable partial_charging\nminimize")
    text = (
        Path(pair[1])
        .read_text()
        .replace("14 kW", "1 kW")
        .replace("unmet", "peak")
        .replace("60 ct/kWh", "1 EUR/kW")
    )
    Path(pair[1]).write_text(text)
    assert main(["diff", *pair, "--solve"]) == 1
    said = capsys.readouterr().out
    assert "B: infeasible" in said
    line = next(line for line in said.splitlines() if line.split()[:1] == ["unmet"])
    assert line.split()[2:4] == ["-", "-"]


def test_comparing_loads_no_numpy(tmp_path: Path) -> None:

    program = (
        "import sys\n"
        "sys.modules.update(dict.fromkeys('numpy linopy pandas xarray highspy pyscipopt'.split()))\n"
        "from evdsl.cli.main import main\n"
        f"sys.exit(main({['diff', *files(tmp_path, '14 kW', '12 kW')]!r}))\n"
    )
    done = run_python(program, folder=tmp_path)
    assert done.returncode == 1, done.stderr
