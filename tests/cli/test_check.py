"""`evdsl check`: what it prints, where, and with which exit status."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from worlds import SPECS, said

from evdsl.cli.main import main

SOUND = """\
station lot {
    start   = 2024-03-12
    horizon = 24 h
    zone    = "Europe/Rome"
}
param gamma = 0.40 EUR/kWh
grid {
    price = { 00:00: 0.11 EUR/kWh, 07:00: 0.19 EUR/kWh }
}
class car {
    battery = 52 kWh
    charge  = 11 kW
}
fleet day of car {
    count       = 6
    arrival     = normal(08:15, 45 min)
    stay        = normal(8 h, 1 h)
    soc_arrival = uniform(20 %, 60 %)
    soc_target  = 80 %
}
minimize cost + gamma * unmet
"""
WRONG = SOUND.replace("charge  = 11 kW", "charge  = 11 kWh")
SESSIONS = """\
arrival,departure,energy (kWh)
2024-03-12 08:00,2024-03-12 17:00,20
2024-03-12 09:00,2024-03-12 12:00,10
2024-03-14 09:00,2024-03-14 12:00,10
"""


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sound.evs").write_text(SOUND)
    Path("wrong.evs").write_text(WRONG)


def say(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of `evdsl check`."""
    return said(capsys, "check", *arguments)


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """`evdsl check` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "evdsl.cli.main", "check", *arguments],
        capture_output=True,
        check=False,
        timeout=20,
        env={**os.environ, **environment},
    )


def test_a_sound_spec_is_said_to_be_so_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert say(capsys, "sound.evs") == (0, "sound.evs: no mistakes\n", "")


def test_mistakes_go_to_standard_error_with_a_count(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = say(capsys, "wrong.evs")
    assert (status, out) == (1, "")
    assert err == (
        "error[E301 unit-mismatch]: `class car` wants `charge` in kW, and 11 kWh is an energy\n"
        "  --> wrong.evs:12:15\n"
        "   |\n"
        "10 | class car {\n"
        "..\n"
        "12 |     charge  = 11 kWh\n"
        "   |               ^^^^^^ energy\n"
        "   |\n"
        "help: write `11 kW`\n"
        "\n"
        "wrong.evs: 1 error\n"
    )


def test_warnings_leave_the_status_at_zero(capsys: pytest.CaptureFixture[str]) -> None:
    Path("warned.evs").write_text(f"{SOUND}enable v2g\nparam spare = 3\n")
    status, out, err = say(capsys, "warned.evs")
    assert (status, out) == (0, "warned.evs: 2 warnings\n")
    assert err.count("warning[") == 2


def test_each_of_several_files_is_checked_and_the_worst_counts(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = say(capsys, "sound.evs", "wrong.evs", "missing.evs", "sound.evs")
    assert status == 1
    assert out == "sound.evs: no mistakes\nsound.evs: no mistakes\n"
    assert "wrong.evs: 1 error" in err
    assert 'error[E001 unreadable-file]: "missing.evs" cannot be read: no such file or directory\n' in err


def test_of_a_folder_a_file_in_it_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "beside.evs").touch()
    folder = tmp_path / "beside"
    folder.mkdir()
    assert main(["check", str(folder)]) == 1
    assert "is a directory\nhelp: name a file\n" in capsys.readouterr().err
    (folder / "site.evs").touch()
    assert main(["solve", str(folder)]) == 1
    assert f"help: name a file in it, such as `{folder / 'site.evs'}`" in capsys.readouterr().err


def test_a_missing_file_suggests_one_that_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert "help: did you mean `sound.evs`?\n" in say(capsys, "soun.evs")[2]


def test_a_mistake_on_the_command_line_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (
        ["--set", "gama=1 EUR/kWh"],
        ["--set", "gamma=1 kwh"],
        ["--set", "gamma=("],
        ["--enable", "v2gg"],
        ["--disable", "min_powr"],
    ):
        status, out, err = say(capsys, "sound.evs", *arguments)
        assert (status, out) == (2, "")
        assert f"--> {arguments[0]}" in err
    assert say(capsys, "wrong.evs", "--enable", "v2gg")[0] == 1


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["sound.evs", "--set", "gamma"],
        ["sound.evs", "--set", "=3"],
        ["sound.evs", "--set", "gamma="],
        ["sound.evs", "--seed", "-1"],
        ["sound.evs", "--seed", "1e3"],
        ["sound.evs", "--data", "missing"],
        ["sound.evs", "--data", "sound.evs"],
        ["sound.evs", "--colour"],
    ],
)
def test_arguments_that_say_nothing_are_wrong_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        say(capsys, *arguments)
    assert caught.value.code == 2
    assert "usage: evdsl" in capsys.readouterr().err


def test_params_toggles_and_seed_may_be_set(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = say(
        capsys, "sound.evs", "--set", "gamma=50 ct/kWh", "--disable", "partial_charging", "--seed", "3", "-v"
    )
    assert status == 0
    assert "  partial_charging: off\n" in out


# Verbose


def test_verbose_shows_the_defaults_in_force_and_who_comes(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = say(capsys, "sound.evs", "-v")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "sound.evs: no mistakes"
    assert re.fullmatch(
        r"  fleet day: 6 vehicles between 2024-03-12 0\d:\d\d and 2024-03-12 1\d:\d\d, need [\d.]+ kWh",
        lines[1],
    )
    assert lines[2] == "  96 steps of 15 min from 2024-03-12 00:00 in Europe/Rome"
    assert "  partial_charging: on (default)" in lines
    assert "  station lot: step = 15 min (default)" in lines
    assert "  class car: efficiency = 100 % (default)" in lines


def test_drawn_vehicles_are_looked_at_verbose_or_not(capsys: pytest.CaptureFixture[str]) -> None:
    Path("drawn.evs").write_text(SOUND.replace("normal(8 h, 1 h)", "normal(-9 h, 1 min)"))
    for arguments in (["drawn.evs"], ["drawn.evs", "-v"]):
        status, _, err = say(capsys, *arguments)
        assert status == 1
        assert "error[E510 impossible-draw]: `stay` of `day` is hardly ever above zero\n" in err


def test_a_given_vehicle_beyond_reach_is_told_once_verbose_or_not(capsys: pytest.CaptureFixture[str]) -> None:
    van = "vehicle van of car {\n    arrival = 08:00\n    stay = 1 h\n    energy = 40 kWh\n}\n"
    Path("van.evs").write_text(SOUND + van)
    for arguments in (["van.evs"], ["van.evs", "-v"]):
        status, out, err = say(capsys, *arguments)
        assert status == 0
        assert out.startswith("van.evs: 1 warning\n")
        assert err.count("warning[W103 demand-out-of-reach]") == 1


# Files


def with_sessions(name: str = "log.evs") -> str:
    Path("s.csv").write_text(SESSIONS)
    call = 'csv("s.csv", arrival="arrival", departure="departure", energy="energy (kWh)")'
    Path(name).write_text(f"{SOUND}sessions log of car = {call}\n")
    return name


def test_files_are_read_verbose_or_not(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = say(capsys, with_sessions())
    assert (status, out) == (0, "log.evs: 1 warning\n")
    assert 'warning[W101 rows-left-out]: 1 of 3 rows of "s.csv" lie outside the horizon' in err


def test_verbose_says_what_was_taken_from_each_file(capsys: pytest.CaptureFixture[str]) -> None:
    halves = [f"2024-03-12 {hour:02}:{minute:02},2" for hour in range(2, 24) for minute in (0, 30)]
    hours = [f"2024-03-12 {hour:02}:00,1" for hour in range(2)]
    Path("p.csv").write_text("\n".join(["time,price (ct/kWh)", *hours, *halves]) + "\n")
    Path("c.csv").write_text("when,g\n2024-03-11T23:00Z,100\n2024-03-12T08:30+00:00,200\n")
    Path("t.json").write_text(
        '{"schedule": [{"effective_start": "01-01", "effective_end": "12-31", "dow_mask": "ALL", '
        '"times": [0], "tariffs": [1]}]}'
    )
    name = with_sessions()
    grid = (
        'price = csv("p.csv")\n    feed_in = tariff("t.json", unit="EUR/MWh")\n    carbon = csv("c.csv", '
        'unit="g/kWh", method="changes", until=2024-03-13)\n'
    )
    text = re.sub("price = .*\n", grid, Path(name).read_text(), count=1)
    Path(name).write_text(text)
    status, out, _ = say(capsys, name, "-v")
    assert status == 0
    lines = [line.strip() for line in out.splitlines()]
    assert lines[1:7] == [
        'grid: price = column "price (ct/kWh)" of p.csv in ct/kWh, on the clocks of Europe/Rome, '
        "every 1 h, then every 30 min, hold",
        "grid: feed_in = the tariff in t.json in EUR/MWh, on the clocks of Europe/Rome, hold",
        'grid: carbon = column "g" of c.csv in g/kWh, with their offset, 2 values, '
        "changes until 2024-03-13 00:00",
        'sessions log: arrival = column "arrival" of s.csv, on the clocks of Europe/Rome',
        'sessions log: departure = column "departure" of s.csv, on the clocks of Europe/Rome',
        'sessions log: energy = column "energy (kWh)" of s.csv in kWh',
    ]


def test_files_are_found_beside_the_spec_and_in_data_folders(capsys: pytest.CaptureFixture[str]) -> None:
    Path("site").mkdir()
    with_sessions("site/log.evs")
    assert say(capsys, "site/log.evs")[0] == 1
    assert say(capsys, "site/log.evs", "--data", ".")[0] == 0
    Path("s.csv").rename("site/s.csv")
    assert say(capsys, "site/log.evs")[0] == 0


def test_real_sessions_are_checked_with_their_folder(
    data_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = SPECS / "sites/jpl.evs"
    status, out, err = say(capsys, str(spec), "-v", "--data", str(data_folder))
    assert (status, err) == (0, "")
    assert "  82 of 1489 rows of acn_jpl_sessions_2019-07.csv arrive in the range asked for\n" in out
    status, _, err = say(capsys, str(spec))
    assert status == 1
    assert err.count("error[E501 file-missing]") == 3
    assert err.count("help: `--data DIR` adds a folder to look in") == 3


# JSON


def test_json_is_one_document_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = say(capsys, "sound.evs", "wrong.evs", "--json")
    assert (status, err) == (1, "")
    document = json.loads(out)
    sound, wrong = document["files"]
    assert sound == {"file": "sound.evs", "ok": True, "diagnostics": [], "more": 0}
    assert (wrong["file"], wrong["ok"], wrong["more"]) == ("wrong.evs", False, 0)
    (found,) = wrong["diagnostics"]
    assert found["code"] == "E301"
    assert found["severity"] == "error"
    assert (found["line"], found["column"], found["end_column"]) == (12, 15, 21)
    assert found["help"] == "write `11 kW`"


def test_json_holds_at_most_fifty_findings_and_a_count_of_the_rest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("many.evs").write_text(
        SOUND + "".join(f"let {x}{y} = 3 k{x}{y}\n" for x in "qvxyz" for y in "abcdefghijkl")
    )
    (record,) = json.loads(say(capsys, "many.evs", "--json")[1])["files"]
    assert len(record["diagnostics"]) == 50
    assert record["more"] == 10


# Terminals and pipes


def test_colours_are_for_terminals_only() -> None:
    assert b"\x1b" not in process("wrong.evs").stderr


def test_names_that_are_no_text_are_written_as_escapes() -> None:
    name = b"\xff.evs"
    Path(os.fsdecode(name)).write_text(SOUND)
    done = process(os.fsdecode(name))
    assert (done.returncode, done.stdout) == (0, b"\\udcff.evs: no mistakes\n")
    document = json.loads(process(os.fsdecode(name), "--json").stdout)
    assert document["files"][0]["ok"]


def test_a_terminal_that_knows_ascii_only_is_served_too() -> None:
    Path("é.evs").write_text(WRONG.replace("param gamma", "# €\nparam gamma"))
    done = process("é.evs", PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert b"\\xe9.evs: 1 error\n" in done.stderr


def test_a_reader_that_goes_away_is_no_failure() -> None:
    done = subprocess.run(
        f"{sys.executable} -m evdsl.cli.main check {'sound.evs ' * 300} --json | head -c 1",
        shell=True,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert done.stdout == b"{"
    assert b"Traceback" not in done.stderr
    assert b"Broken" not in done.stderr


def test_a_spec_may_come_through_a_pipe() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "evdsl.cli.main", "check", "/dev/stdin"],
        input=SOUND.encode(),
        capture_output=True,
        check=False,
        timeout=20,
    )
    assert done.stdout == b"/dev/stdin: no mistakes\n"


def test_a_failure_of_the_compiler_is_told_as_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a cog came off")

    monkeypatch.setattr("evdsl.cli.commands.check.read", broken)
    status, out, err = say(capsys, "sound.evs")
    assert (status, out) == (5, "")
    assert err.startswith("bug: RuntimeError: a cog came off\n")
    assert "Traceback" not in err
