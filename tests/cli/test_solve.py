"""`evdsl solve` as a user sees it: what it prints, stores and returns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from worlds import TUTORIAL

from evdsl.cli.main import main

TIGHT = """
station s {
    start = 2024-03-12
    horizon = 4 h
    step = 1 h
}
grid {
    import_limit = 5 kW
    price = 0.2 EUR/kWh
    carbon = 300 g/kWh
}
class c {
    charge = 10 kW
}
vehicle a of c {
    arrival = 00:00
    stay = 2 h
    energy = 15 kWh
}
let footprint = 2 * co2
"""


def written(tmp_path: Path, ending: str) -> str:
    path = tmp_path / "site.evs"
    path.write_text(TIGHT + ending, encoding="utf-8")
    return str(path)


def test_the_report_says_what_it_cost_who_went_short_and_when_it_peaked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["solve", written(tmp_path, "minimize cost + 1 EUR/kWh * unmet\n")]) == 0
    out = capsys.readouterr().out
    assert out.startswith("optimal on highs, verified")
    for fact in (
        "2.00 EUR",
        "5.00 of 15.00 kWh missing, 33.3 %",
        "5.00 kW",
        "3.00 kg",
        "footprint",
        "█",
        "import limit",
    ):
        assert fact in out, fact
    assert out.index("cost") < out.index("demand") < out.index("peak") < out.index("CO2") < out.index("█")


def test_the_document_is_strict_json_with_the_keys_of_the_language_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["solve", "--json", written(tmp_path, "minimize cost + 1 EUR/kWh * unmet\n")]) == 0
    document = json.loads(
        capsys.readouterr().out, parse_constant=lambda text: pytest.fail(f"{text} is no JSON")
    )
    keys = "status backend objective bound gap stages terms vehicles site model seconds"
    assert set(keys.split()) <= set(document)
    assert set("sense expression value bound gap unit".split()) <= set(document["stages"][0])
    assert set("name arrival departure demand delivered unmet satisfaction".split()) <= set(
        document["vehicles"][0]
    )
    assert set(document["seconds"]) == set("parse check build solve verify".split())
    assert len(document["site"]) == 4
    assert document["objective"] == pytest.approx(7.0)
    assert document["terms"]["unmet"] == {"value": pytest.approx(5.0), "unit": "kWh"}


@pytest.mark.parametrize(
    ("ending", "arguments", "status", "said"),
    [
        (
            "minimize cost\ndisable partial_charging\n",
            [],
            3,
            "at most 10 of the 15 kWh asked for can be delivered",
        ),
        ("minimize cots\n", [], 1, "did you mean `cost`?"),
        ("minimize unmet\n", ["--backend", "gurobi"], 2, "installed are highs, scip"),
        ("minimize unmet\n", ["--solver-option", "presolv=on"], 2, "did you mean `presolve`?"),
        ("minimize unmet\n", ["--out", "x.xlsx"], 2, ".parquet"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_status(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    ending: str,
    arguments: list[str],
    status: int,
    said: str,
) -> None:
    assert main(["solve", written(tmp_path, ending), *arguments]) == status
    assert said in capsys.readouterr().err


def test_nothing_bounds_an_export_that_pays_more_than_the_import(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = TIGHT.replace("import_limit = 5 kW", "feed_in = 0.5 EUR/kWh")
    text = text.replace("charge = 10 kW", "charge = 10 kW\n    discharge = 10 kW\n    battery = 40 kWh")
    path = tmp_path / "site.evs"
    path.write_text(text + "enable v2g\ndisable import_or_export\nminimize cost + unmet * 1 EUR/kWh\n")
    assert main(["solve", str(path)]) == 3
    assert "E602 unbounded" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["4_fair.evs", "5_lingotto.evs"])
def test_a_stored_schedule_is_accepted_by_the_command_that_solve_prints(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    out = tmp_path / "schedule.nc"
    assert main(["solve", str(TUTORIAL / name), "--seed", "5", "--out", str(out), "--quiet"]) == 0
    printed = capsys.readouterr().out
    command = printed[printed.index("evdsl verify") :].split()
    assert "--seed" in command
    assert main(command[1:]) == 0
    assert "accepted" in capsys.readouterr().out
    assert main(["verify", str(TUTORIAL / name), str(out)]) == 1


def test_show_prints_rows_by_name_with_their_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(TUTORIAL / "5_lingotto.evs")]) == 0
    out = capsys.readouterr().out
    for fact in ("port.count", "vehicle.target", "site.balance", "binaries left out", "5_lingotto.evs:"):
        assert fact in out, fact


def test_the_end_of_a_horizon_has_its_year_where_it_is_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "site.evs"
    over = TIGHT.replace("2024-03-12", "2024-12-31").replace("horizon = 4 h", "horizon = 48 h")
    for text, end in (
        (over, "Thu 2 Jan 2025 00:00"),
        (over.replace("12-31", "12-30"), "Wed 1 Jan 2025 00:00"),
    ):
        spec.write_text(f"{text}minimize unmet\n")
        assert main(["solve", str(spec)]) == 0
        assert f" to {end} (" in capsys.readouterr().out
    spec.write_text(f"{over.replace('12-31', '12-12')}minimize unmet\n")
    assert main(["solve", str(spec)]) == 0
    assert " to Sat 14 Dec 00:00 (" in capsys.readouterr().out


def test_who_comes_may_be_a_cohort(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", str(TUTORIAL.parent / "features" / "cohort.evs")]) == 0
    out = capsys.readouterr().out
    assert "), 1 cohort\n" in out
    assert ", 0 vehicles" not in out
