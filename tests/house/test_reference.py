"""Every word of the language has a page, and what the pages show runs as they say."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from worlds import ROOT

from evdsl.cli.main import main
from evdsl.diagnostics.codes import CODES
from evdsl.language.devices import KINDS
from evdsl.language.names import STATEMENTS
from evdsl.language.objectives import WORDS
from evdsl.language.reference import texts as explanations
from evdsl.language.reference.index import Shelf, find, settings, shelves
from evdsl.language.reference.page import (
    Code,
    Element,
    Heading,
    Page,
    PageTable,
    Paragraph,
    anchor,
    as_markdown,
    as_text,
    read,
)
from evdsl.language.reference.pages import functions
from evdsl.language.toggles import TOGGLES

REFERENCE = ROOT / "docs" / "reference"
SPEC = [
    ("station", "station site {\n    start = 2024-03-12\n    horizon = 24 h\n}"),
    ("grid", "grid {\n    price = 0.20 EUR/kWh\n    carbon = 300 g/kWh\n}"),
    ("class", "class car {\n    battery = 60 kWh\n    charge = 11 kW\n}"),
    (
        "vehicle|fleet|sessions",
        "vehicle van of car {\n    arrival = 08:00\n    departure = 17:00\n    energy = 20 kWh\n}",
    ),
    (r"(?:then )?minimize|maximize|pareto", "minimize cost + 1 EUR/kWh * unmet"),
]
"""What a spec needs, each with how its statement begins; an example leaves out what it does not speak of."""
NOT_TO_BE_HAD = {
    "E605": "a limit that stops a solver on every machine before it has anything does not exist",
    "E606": "a solver does not fail on demand",
    "E607": "a solver that is wrong cannot be had on demand",
    "E608": "a spec that fills the memory takes long",
}


def completed(lines: str) -> str:
    """An example with what a spec needs beside it, below it: line numbers stay those of the example."""
    missing = [text for begins, text in SPEC if not re.search(rf"^(?:{begins})\b", lines, re.MULTILINE)]
    return "\n".join([lines, *missing]) + "\n"


def halves(code: str) -> tuple[list[Code], list[Code]]:
    """The blocks of the wrong and of the right example."""
    body: tuple[Element, ...] = explanations.of_code(code)
    at = {element.text: index for index, element in enumerate(body) if isinstance(element, Heading)}
    wrong, right = body[at["Wrong"] : at["Right"]], body[at["Right"] :]
    return [e for e in wrong if isinstance(e, Code)], [e for e in right if isinstance(e, Code)]


def said(blocks: list[Code], capsys: pytest.CaptureFixture[str]) -> str:
    """All that the command of an example prints, `evdsl check site.evs` where it names none."""
    Path("site.evs").write_text(completed(""), encoding="utf-8")
    command = "evdsl check site.evs"
    for block in blocks:
        if block.language == "sh":
            command = block.text
        elif "." in block.label:
            Path(block.label).write_text(block.text + "\n", encoding="utf-8")
        elif block.language == "evs":
            text = block.text + "\n" if block.label == "whole" else completed(block.text)
            Path("site.evs").write_text(text, encoding="utf-8")
    main(command.split()[1:])
    out, err = capsys.readouterr()
    return out + err


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("year.evs").write_text("# a log\n" * 40_000)


def test_every_code_has_an_explanation_of_two_to_six_sentences() -> None:
    lengths = {code: as_sentences(code) for code, _, _ in CODES}
    assert {code: n for code, n in lengths.items() if not 2 <= n <= 6} == {}, (
        "write evdsl/language/reference/texts/codes/CODE.md"
    )


def as_sentences(code: str) -> int:
    body = explanations.of_code(code)
    return len(re.findall(r"[.?](?= [A-Z`]|$)", getattr(body[0], "text", ""))) if body else 0


@pytest.mark.parametrize("code", [code for code, _, _ in CODES if code not in NOT_TO_BE_HAD])
def test_the_wrong_example_gives_its_code_and_the_right_one_nothing(
    code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong, right = halves(code)
    found = re.findall(r"\[([EW]\d+) ", said(wrong, capsys))
    assert set(found) == {code}, found
    after = said([block for block in wrong if "." in block.label] + right, capsys)
    assert re.findall(r"^(?:error|warning|bug).*", after, re.MULTILINE) == []


@pytest.mark.parametrize("name", [name for name, _, _ in STATEMENTS])
def test_the_example_of_a_statement_is_sound(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = [element for element in explanations.of_statement(name) if isinstance(element, Code)]
    assert said(blocks, capsys) == "site.evs: no mistakes\n"


def test_every_statement_of_the_grammar_is_explained_by_each_of_its_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = "param let require minimize maximize then allowing pareto points enable disable include".split()
    literals = set(re.findall(r'"([a-z]+)"', (ROOT / "grammars" / "evs.lark").read_text(encoding="utf-8")))
    assert literals - {"for", "in", "of"} == set(words)
    for word in words:
        assert main(["explain", word]) == 0
        assert re.search(rf"\b{word}\b", capsys.readouterr().out.split("\n\n")[0])


@pytest.mark.parametrize("name", functions())
def test_the_example_of_a_function_is_sound(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    blocks = [element for element in explanations.of_function(name) if isinstance(element, Code)]
    assert blocks, f"write evdsl/language/reference/texts/functions/{name}.md"
    assert said(blocks, capsys) == "site.evs: no mistakes\n"


def test_every_declared_thing_has_a_page_that_can_be_printed() -> None:
    names = [*(kind.keyword for kind in KINDS), *(toggle.name for toggle in TOGGLES), *functions()]
    names += [*(word.name for word in WORDS), *(code for code, _, _ in CODES)]
    names += [entry.name for _, entry in settings()]
    for name in names:
        found, _ = find(name)
        assert found, name
        for page in found:
            assert as_text(page, 80).strip()
            assert as_markdown(page).startswith("# ")
    assert len({entry.name for shelf in shelves() for entry in shelf.entries}) > 100


@pytest.mark.parametrize("term", ["E301", "e301", "unit-mismatch"])
def test_a_code_is_explained_by_number_or_name(term: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", term]) == 0
    assert capsys.readouterr().out.startswith("E301 unit-mismatch\n")


@pytest.mark.parametrize(
    ("term", "meant"), [("E3011", "E301"), ("norml", "normal"), ("solar.pek", "solar.peak")]
)
def test_an_unknown_term_gets_a_suggestion(term: str, meant: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", term]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"did you mean `evdsl explain {meant}`?" in err


def prose(text: str) -> str:
    """Markdown without its code, in which nothing is a heading or a link."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(text: str) -> list[str]:
    """The addresses of the headings of a file."""
    titles = re.findall(r"^#+ (.*)$", prose(text), re.MULTILINE)
    return [anchor(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title)) for title in titles]


def test_the_files_of_the_reference_are_what_the_declarations_say() -> None:
    # -P: the package is the installed one, not the folder beside.
    command = [sys.executable, "-P", "tests/reference.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run python tests/reference.py\n{done.stderr}"


def test_formulas_of_the_reference_stand_as_they_are() -> None:
    """A docstring of indented lines alone loses its indents, and its formula would run on as prose."""
    for page in REFERENCE.glob("*.md"):
        paragraphs = prose(page.read_text(encoding="utf-8")).split("\n\n")
        torn = [text for text in paragraphs if re.match(r"\w+\[[\w,]+\]\s+[<>]?=", text.strip())]
        assert torn == [], page.name


def test_links_of_the_reference_lead_to_a_heading() -> None:
    broken = []
    for page in REFERENCE.glob("*.md"):
        for target in re.findall(r"\]\(([^)]*)\)", prose(page.read_text(encoding="utf-8"))):
            name, _, place = target.partition("#")
            there = page.parent / name if name else page
            if not there.is_file() or (place and place not in anchors(there.read_text(encoding="utf-8"))):
                broken.append(f"{page.name}: {target}")
    assert broken == []


def test_the_contents_lead_to_every_page_of_the_language() -> None:
    contents = (REFERENCE / "README.md").read_text(encoding="utf-8")
    linked = re.findall(r"^- \[`(\w+)`\]\((\w+)\.md#", contents, re.MULTILINE)
    assert sorted(linked) == sorted(
        (entry.name, shelf.name) for shelf in shelves() for entry in shelf.entries
    )
    assert {f"{shelf.name}.md" for shelf in shelves()} | {"README.md", "quantities.md", "python.md"} == {
        path.name for path in REFERENCE.iterdir()
    }


@pytest.mark.parametrize("shelf", shelves(), ids=lambda shelf: shelf.name)
def test_an_address_in_a_file_is_that_of_one_thing(shelf: Shelf) -> None:
    found = Counter(anchors((REFERENCE / f"{shelf.name}.md").read_text(encoding="utf-8")))
    assert {entry.heading: found[anchor(entry.heading)] for entry in shelf.entries} == {
        entry.heading: 1 for entry in shelf.entries
    }


def test_every_setting_stands_under_its_block() -> None:
    sections = re.split(r"^## ", (REFERENCE / "blocks.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    below = {text.partition("\n")[0]: text for text in sections}
    for kind in KINDS:
        for setting in kind.settings:
            assert f"\n| `{setting.name}` | " in below[kind.keyword]


def test_no_line_of_running_text_is_taken_for_a_point_or_a_heading() -> None:
    sum_of_words = " ".join(
        ["import[t]", "-", "export[t]", "=", "charge[v]", "+", "1.", "load", "#", "x"] * 9
    )
    for width in range(12, 60):
        lines = as_markdown(Page("Balance", (Paragraph(sum_of_words),)), width).splitlines()[2:]
        assert " ".join(lines) == sum_of_words
        assert [line for line in lines if re.match(r"(?:[-+*>=]|#+|\d+[.)]) ", line)] == []


def test_a_table_is_read_and_written_as_one() -> None:
    text = "| | of |\n|---|---|\n| `a`, `b` | one |\n| `c` |  |"
    table = PageTable(("", "of"), (("`a`, `b`", "one"), ("`c`", "")))
    assert read(text) == (table,)
    page = Page("Letters", (table,))
    assert read(as_markdown(page))[1:] == (table,)
    assert as_text(page) == "Letters\n\n  a, b\n      of: one\n  c\n"


def test_words_that_are_better_large_are_shown_maximized() -> None:
    for word in WORDS:
        (page,) = (page for page in find(word.name)[0] if page.title.startswith(f"`{word.name}`:"))
        asked = [element.text for element in page.body if isinstance(element, Code)][-1]
        assert asked == f"{'maximize' if word.better == 'large' else 'minimize'} {word.name}"
