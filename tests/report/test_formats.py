"""`evdsl check --format github` and `--format sarif`: the same findings, in the forms that others read."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from worlds import said

from evdsl.cli.main import main
from evdsl.diagnostics.codes import SLUGS

SOUND = """\
station lot {
    start   = 2024-03-12
    horizon = 24 h
}
param gamma = 0.40 EUR/kWh
grid {
    price = 0.11 EUR/kWh
}
class car {
    battery = 52 kWh
    charge  = 11 kW
}
vehicle van of car {
    arrival     = 08:00
    stay        = 8 h
    soc_arrival = 20 %
    soc_target  = 80 %
}
minimize cost + gamma * unmet
"""
WRONG = SOUND.replace("charge  = 11 kW", "charge  = 11 kWh").replace("stay  ", "stya  ")
COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("sound.evs").write_text(SOUND)
    Path("wrong.evs").write_text(WRONG)


def check(capsys: pytest.CaptureFixture[str], form: str, *arguments: str) -> tuple[int, str]:
    """Exit status and standard output; nothing is said on standard error."""
    status, out, err = said(capsys, "check", "--format", form, *arguments)
    assert err == ""
    return status, out


def commands(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[tuple[str, dict[str, str], str]]:
    """Each workflow command as the runner of GitHub reads it."""
    found = []
    for line in check(capsys, "github", *arguments)[1].splitlines():
        match = COMMAND.fullmatch(line)
        assert match is not None, line
        pairs = dict(pair.split("=", 1) for pair in match[2].split(","))
        found.append((match[1], {key: unquote(value) for key, value in pairs.items()}, unquote(match[3])))
    return found


def log(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """The run of a SARIF log, held against what the schema of SARIF 2.1.0 requires."""
    document = json.loads(check(capsys, "sarif", *arguments)[1])
    assert set(document) == {"$schema", "version", "runs"}
    assert document["version"] == "2.1.0"
    assert document["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = document["runs"]
    assert set(run) == {"tool", "columnKind", "invocations", "results"}
    assert run["columnKind"] in ("utf16CodeUnits", "unicodeCodePoints")
    driver = run["tool"]["driver"]
    assert driver["name"] == "evdsl"
    assert driver["version"]
    for rule in driver["rules"]:
        assert rule["name"] == SLUGS[rule["id"]]
        for text in (rule["shortDescription"], rule["fullDescription"], rule["help"]):
            assert text["text"].strip()
        assert rule["defaultConfiguration"]["level"] in ("none", "note", "warning", "error")
    assert len({rule["id"] for rule in driver["rules"]}) == len(driver["rules"])
    (invocation,) = run["invocations"]
    assert isinstance(invocation["executionSuccessful"], bool)
    for result in run["results"]:
        _is_a_result(result, driver["rules"])
    return dict(run)


def _is_a_result(result: dict[str, Any], rules: list[dict[str, Any]]) -> None:
    assert set(result) == {
        "ruleId",
        "ruleIndex",
        "level",
        "message",
        "locations",
        "partialFingerprints",
    }
    assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    assert rules[result["ruleIndex"]]["defaultConfiguration"]["level"] == result["level"]
    assert result["message"]["text"]
    (location,) = result["locations"]
    artifact = location["physicalLocation"]["artifactLocation"]
    assert re.fullmatch(r"[A-Za-z0-9_.~%/-]+|file:///[A-Za-z0-9_.~%/-]+", artifact["uri"])
    assert artifact.get("uriBaseId") == (None if artifact["uri"].startswith("file:") else "%SRCROOT%")
    if "region" in location["physicalLocation"]:
        region = location["physicalLocation"]["region"]
        assert set(region) == {"startLine", "startColumn", "endLine", "endColumn"}
        assert all(isinstance(number, int) and number >= 1 for number in region.values())
        begin, end = (region["startLine"], region["startColumn"]), (region["endLine"], region["endColumn"])
        assert begin <= end
    assert all(isinstance(value, str) and value for value in result["partialFingerprints"].values())


def where(result: dict[str, Any]) -> tuple[str, tuple[int, ...]]:
    """The file of a result, and its region."""
    place = result["locations"][0]["physicalLocation"]
    return unquote(place["artifactLocation"]["uri"]), tuple(place.get("region", {}).values())


def fingerprints(run: dict[str, Any]) -> list[str]:
    """What a code scanner knows each finding again by."""
    return [value for result in run["results"] for value in result["partialFingerprints"].values()]


# GitHub


def test_github_says_file_place_title_message_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    status, out = check(capsys, "github", "sound.evs", "wrong.evs")
    assert status == 1
    assert out.splitlines()[0] == (
        "::error file=wrong.evs,line=11,endLine=11,col=15,endColumn=21,title=E301 unit-mismatch::"
        "`class car` wants `charge` in kW, and 11 kWh is an energy%0Ahelp: write `11 kW`"
    )


def test_a_sound_spec_has_no_command_at_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert check(capsys, "github", "sound.evs") == (0, "")
    assert check(capsys, "github", "sound.evs", "-v") == (0, "")


def test_mistakes_of_several_lines_and_files_are_told_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    Path("warned.evs").write_text(f"{SOUND}param spare = 3\n")
    found = commands(capsys, "wrong.evs", "missing.evs", "warned.evs")
    assert [(severity, p["file"], p.get("line"), p["title"][:4]) for severity, p, _ in found] == [
        ("error", "wrong.evs", "11", "E301"),
        ("error", "wrong.evs", "15", "E202"),
        ("error", "missing.evs", None, "E001"),
        ("warning", "warned.evs", "20", "W105"),
    ]
    assert found[2][2].startswith('"missing.evs" cannot be read')


def test_what_would_end_a_command_or_a_property_is_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    name = "100%,a:b é.evs"
    Path(name).write_text(SOUND.replace("soc_target  = 80 %", "soc_target  = 180 %"))
    _, out = check(capsys, "github", name)
    assert out.startswith("::error file=100%25%2Ca%3Ab é.evs,line=17,")
    assert "180 %25" in out
    assert "%," not in out
    ((_, properties, message),) = commands(capsys, name)
    assert properties["file"] == name
    assert "180 %" in message


def test_a_mistake_over_several_lines_has_no_columns(capsys: pytest.CaptureFixture[str]) -> None:
    Path("long.evs").write_text(
        SOUND.replace("price = 0.11 EUR/kWh", "price = {\n        00:00: 3 kW,\n        07:00: 4 kW }")
    )
    found = commands(capsys, "long.evs")
    assert any(p["line"] != p["endLine"] and "col" not in p for _, p, _ in found), found
    assert all(("col" in p) == (p["line"] == p["endLine"]) for _, p, _ in found)


def test_a_mistake_on_the_command_line_is_told_of_the_spec(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["sound.evs", "--set", "gama=3 EUR/kWh"]
    ((severity, properties, message),) = commands(capsys, *arguments)
    assert (severity, properties) == ("error", {"file": "sound.evs", "title": "E203 unknown-name"})
    assert message.startswith("in `--set gama`: ")
    assert check(capsys, "github", *arguments)[0] == 2
    assert not log(capsys, *arguments)["invocations"][0]["executionSuccessful"]


def test_a_mistake_in_an_included_file_is_told_once_and_of_that_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("parts").mkdir()
    Path("parts/more.evs").write_text("param gamma = 0.40 EUR/kwh\n")
    body = SOUND.replace("param gamma = 0.40 EUR/kWh\n", 'include "parts/more.evs"\n')
    for name in ("a.evs", "b.evs"):
        Path(name).write_text(body)
    ((_, properties, _),) = commands(capsys, "a.evs", "b.evs")
    assert (properties["file"], properties["line"]) == ("parts/more.evs", "1")
    (result,) = log(capsys, "a.evs", "b.evs")["results"]
    assert where(result) == ("parts/more.evs", (1, 15, 1, 27))


def test_a_file_outside_the_working_folder_is_named_in_full(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("below").mkdir()
    monkeypatch.chdir("below")
    full = str(Path("../wrong.evs").resolve())
    assert {p["file"] for _, p, _ in commands(capsys, "../wrong.evs")} == {full}
    assert {where(result)[0] for result in log(capsys, "../wrong.evs")["results"]} == {f"file://{full}"}


def test_at_most_fifty_findings_are_told_and_the_rest_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    Path("many.evs").write_text(
        SOUND + "".join(f"let {x}{y} = 3 k{x}{y}\n" for x in "qvxyz" for y in "abcdefghijkl")
    )
    found = commands(capsys, "many.evs")
    assert len(found) == 51
    assert found[-1] == ("notice", {"file": "many.evs"}, "10 more findings in many.evs; mend these first")
    run = log(capsys, "many.evs")
    assert len(run["results"]) == 50
    (left,) = run["invocations"][0]["toolExecutionNotifications"]
    assert left == {
        "level": "note",
        "message": {"text": "10 more findings in many.evs; mend these first"},
    }


# SARIF


def test_sarif_of_a_sound_spec_is_a_run_without_results(capsys: pytest.CaptureFixture[str]) -> None:
    run = log(capsys, "sound.evs")
    assert run["results"] == []
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 0}]


def test_sarif_has_a_result_for_each_finding_of_each_file(capsys: pytest.CaptureFixture[str]) -> None:
    Path("warned.evs").write_text(f"{SOUND}param spare = 3\n")
    run = log(capsys, "sound.evs", "wrong.evs", "warned.evs")
    assert [(r["ruleId"], r["level"], *where(r)) for r in run["results"]] == [
        ("E301", "error", "wrong.evs", (11, 15, 11, 21)),
        ("E202", "error", "wrong.evs", (15, 5, 15, 9)),
        ("W105", "warning", "warned.evs", (20, 7, 20, 12)),
    ]
    assert run["results"][0]["message"]["text"].endswith("\nhelp: write `11 kW`")
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["E202", "E301", "W105"]
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 1}]


def test_a_rule_carries_its_explanation(capsys: pytest.CaptureFixture[str]) -> None:
    (rule,) = (r for r in log(capsys, "wrong.evs")["tool"]["driver"]["rules"] if r["id"] == "E301")
    assert rule["shortDescription"]["text"] == "a value of the wrong dimension"
    assert rule["fullDescription"]["text"].startswith("The value is of another dimension")
    assert "```evs" in rule["help"]["markdown"]
    assert "```" not in rule["help"]["text"]


def test_a_spec_that_cannot_be_read_is_a_result_and_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    Path("bytes.evs").write_bytes(b"\xff\xfe")
    run = log(capsys, "sound.evs", "missing.evs", "bytes.evs")
    assert [(r["ruleId"], *where(r)) for r in run["results"]] == [
        ("E001", "missing.evs", ()),
        ("E001", "bytes.evs", ()),
    ]
    assert run["invocations"] == [{"executionSuccessful": False, "exitCode": 1}]


def test_names_that_are_not_ascii_are_uris(capsys: pytest.CaptureFixture[str]) -> None:
    Path("tŭrin é").mkdir()
    name = "tŭrin é/caffè #1.evs"
    Path(name).write_text(WRONG)
    run = log(capsys, name)
    artifact = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": "t%C5%ADrin%20%C3%A9/caff%C3%A8%20%231.evs", "uriBaseId": "%SRCROOT%"}
    strange = os.fsdecode(b"\xff.evs")
    Path(strange).write_text(WRONG)
    artifact = log(capsys, strange)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact["uri"] == "%FF.evs"


def test_columns_count_characters_and_not_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    Path("wide.evs").write_text(f'{SOUND}let name = "\N{AUTOMOBILE}é" + 3 kwh\n')
    (found,) = (r for r in log(capsys, "wide.evs")["results"] if r["ruleId"] == "E302")
    assert where(found)[1] == (20, 19, 20, 24)


def test_a_finding_is_known_again_when_its_line_has_moved(capsys: pytest.CaptureFixture[str]) -> None:
    before = fingerprints(log(capsys, "wrong.evs"))
    Path("wrong.evs").write_text("# a head\n\n" + WRONG.replace("    charge", "  charge"))
    assert fingerprints(log(capsys, "wrong.evs")) == before
    Path("wrong.evs").write_text(WRONG.replace("11 kWh", "12 kWh"))
    after = fingerprints(log(capsys, "wrong.evs"))
    assert after[0] != before[0]
    assert after[1:] == before[1:]


def test_findings_that_look_alike_have_fingerprints_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    Path("twice.evs").write_text(f"{SOUND}let a = 3 kwh\nlet a = 3 kwh\nlet b = 3 kwh + 3 kwh\n")
    found = fingerprints(log(capsys, "twice.evs"))
    assert len(found) >= 4
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
def test_the_exit_status_does_not_depend_on_the_form(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("warned.evs").write_text(f"{SOUND}param spare = 3\n")
    statuses = [
        main(["check", "--format", form, *names.split()])
        for names in ("sound.evs", "warned.evs", "wrong.evs", "sound.evs missing.evs")
    ]
    capsys.readouterr()
    assert statuses == [0, 0, 1, 1]
