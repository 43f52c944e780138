"""`evdsl new`: every start is a spec that a person can solve at once and read as an example."""

from __future__ import annotations

import argparse
import tomllib
from pathlib import Path

import pytest
from worlds import ROOT

import evdsl
from evdsl.cli.commands.new import STARTS, about, add_arguments, spec
from evdsl.cli.main import main
from evdsl.diagnostics.source import Source
from evdsl.semantics.load import read
from evdsl.syntax.formatter import format
from evdsl.syntax.parser import parse

TEMPLATES = ROOT / "evdsl" / "cli" / "templates"
TEXTS = ROOT / "evdsl" / "language" / "reference" / "texts"


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def files() -> dict[str, str]:
    """What stands in the folder."""
    return {path.name: path.read_text(encoding="utf-8") for path in Path().iterdir()}


def test_every_template_is_a_start_and_the_first_is_what_the_help_says() -> None:
    assert {path.stem for path in TEMPLATES.iterdir()} == set(STARTS)
    command = argparse.ArgumentParser()
    add_arguments(command)
    (option,) = [action for action in command._actions if "--from" in action.option_strings]
    assert f"(default: {STARTS[0]})" in str(option.help)


@pytest.mark.parametrize("start", STARTS)
def test_a_start_is_checked_without_a_word_and_solved_to_the_optimum(
    start: str, solver: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", "site", "--from", start]) == 0
    assert capsys.readouterr().out.endswith("; next: evdsl solve site.evs\n")
    loaded, found = read("site.evs")
    assert found == []
    assert loaded is not None
    assert loaded.name == "site"
    result = evdsl.compile(loaded).run(solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message


@pytest.mark.parametrize("start", STARTS)
def test_a_template_is_canonical_and_begins_with_a_line_on_what_it_is(start: str) -> None:
    text = (TEMPLATES / f"{start}.evs").read_text(encoding="utf-8")
    assert format(parse(Source(start, text))[0]) == text
    assert spec(start, start) == text
    assert about(start).endswith(".")
    assert len(about(start)) < 100
    assert text.startswith(f"# {about(start)}\nstation {start} {{\n")


def test_a_long_name_leaves_a_spec_canonical() -> None:
    name = "n" * 64
    assert main(["new", name, "--from", "sessions"]) == 0
    assert main(["fmt", "--check", f"{name}.evs"]) == 0
    assert main(["check", f"{name}.evs"]) == 0


def test_the_list_names_every_start_with_what_it_is_and_writes_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["new", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[: len(STARTS)]] == list(STARTS)
    assert all(line.endswith(about(start)) for start, line in zip(STARTS, lines, strict=False))
    assert files() == {}


def test_without_a_start_it_is_the_car_park() -> None:
    assert main(["new", "site"]) == 0
    assert main(["new", "other", "--from", "car_park"]) == 0
    written = files()
    assert written["site.evs"].replace("station site", "station other") == written["other.evs"]


def test_sessions_bring_their_file_under_the_name_of_the_spec(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "yard", "--from", "sessions"]) == 0
    assert capsys.readouterr().out == (
        "yard.evs written; its data are in yard.csv; next: evdsl solve yard.evs\n"
    )
    assert set(files()) == {"yard.evs", "yard.csv"}
    assert 'csv("yard.csv"' in files()["yard.evs"]


@pytest.mark.parametrize("there", ["yard.evs", "yard.csv"])
def test_a_file_that_is_there_is_left_and_nothing_is_written_beside_it(
    there: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(there).write_text("mine")
    assert main(["new", "yard", "--from", "sessions"]) == 2
    assert capsys.readouterr().err == f"error: {there} is there already, and is left as it is\n"
    assert files() == {there: "mine"}


def test_a_link_that_leads_nowhere_is_not_written_through() -> None:
    Path("site.evs").symlink_to("elsewhere.evs")
    assert main(["new", "site"]) == 2
    assert not Path("elsewhere.evs").exists()


@pytest.mark.parametrize(
    ("typed", "error", "help"),
    [
        ("site --from fare", "there is no start `fare`", "did you mean `fair`?"),
        ("site --from zzz", "there is no start `zzz`", f"starts are {', '.join(STARTS)}"),
        ("", "no name is given", "`evdsl new NAME` begins a spec, `evdsl new --list` lists the starts"),
        ("site --list", "`--list` stands alone", "`evdsl new NAME --from START` writes a spec"),
        (
            "4x",
            "`4x` is no name of a station: letters, digits and `_`, beginning with a letter",
            "",
        ),
        ("param", "`param` is a word of the language, and no name of a station", ""),
    ],
)
def test_what_cannot_be_begun_is_refused_and_nothing_written(
    typed: str, error: str, help: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", *typed.split()]) == 2
    assert capsys.readouterr().err == f"error: {error}\n" + (f"help: {help}\n" if help else "")
    assert files() == {}


def test_every_text_is_in_the_wheel() -> None:
    globs = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    packages = {name: globs[name] for name in globs if name != "evdsl.grammars"}
    shipped = {
        path
        for name, patterns in packages.items()
        for pattern in patterns
        for path in ROOT.joinpath(*name.split(".")).glob(pattern)
    }
    texts = {path for folder in (TEXTS, TEMPLATES) for path in folder.rglob("*") if path.is_file()}
    forgotten = {str(path.relative_to(ROOT)) for path in texts - shipped}
    assert forgotten == set(), "name their ending under [tool.setuptools.package-data] in pyproject.toml"
