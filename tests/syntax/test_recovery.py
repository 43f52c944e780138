"""What is said about a text that is no spec, and how much of it is read all the same."""

from __future__ import annotations

import pytest
from syntax.reading import HERE, X_IS_A, block, mistakes, name, names_of, number, only_mistake, read

from evdsl.diagnostics.diagnostic import in_order, render
from evdsl.diagnostics.source import Source
from evdsl.syntax import ast
from evdsl.syntax.parser import parse_expression


def test_a_broken_statement_does_not_hide_the_next() -> None:
    file, found = read("x = 1\ny = = 2\nz = 3\n")
    assert [(d.code, str(d.span)) for d in found] == [("E101", "site.evs:2:5")]
    assert names_of("x = 1\ny = = 2\nz = 3\n") == ["x", "z"]
    assert file.unread == {"y"}


def test_a_broken_statement_leaves_nothing_of_itself_behind() -> None:
    text = "a {\n  x = 1\n  y = 2\n  z = 3 3\n  w = 4\n}\nb = 5"
    kept, last = read(text)[0].statements
    assert isinstance(kept, ast.Block)
    assert [node.name.text for node in kept.body if isinstance(node, ast.Setting)] == ["x", "y", "w"]
    assert isinstance(last, ast.Setting)


def test_several_mistakes_are_each_told_once_and_in_order() -> None:
    text = (
        'a = 1 ]\nb = @\nc = "open\nd = 2024-02-30\nx = 1\ne = 25:00\nf = 1e999\ng = (1 + \nh = 1\nk = 1 1\n'
    )
    expected = ["E102", "E002", "E103", "E104", "E104", "E307", "E102", "E101"]
    found = read(text)[1]
    assert [finding.code for finding in found] == expected
    assert found == in_order(found)
    assert {"x", "h"} <= set(names_of(text))


@pytest.mark.parametrize(
    ("text", "message", "help"),
    [
        ("a = 5 \N{DEGREE SIGN}", "the character `°` has no meaning here", "remove it"),
        ("a = 1;", "the character `;` has no meaning here", "one statement a line; no `;`"),
        ("a = 5 \N{MINUS SIGN} 1", "the character `\N{MINUS SIGN}` has no meaning here", "write `-`"),
        ("require a: 1 < 2", "the character `<` has no meaning here", "write `<=`"),
        ("a = \N{NO-BREAK SPACE}5", "the character U+00A0 has no meaning here", "write a plain space"),
        ("a\0 = 1", "the character U+0000 has no meaning here", "remove it"),
        ("größe = 1", "the character `ö` has no meaning here", "remove it"),
    ],
)
def test_a_strange_character_is_named_with_what_to_write(text: str, message: str, help: str) -> None:
    found = read(text)[1][0]
    assert (found.code, found.message, found.help) == ("E002", message, help)


def test_half_a_statement_with_a_strange_character_is_not_read() -> None:
    file, found = read("a {\n  zone = 'Europe'\n  step = 1 h\n}\n")
    assert [finding.code for finding in found] == ["E002", "E002"]
    assert file.statements == (block("a", None, None, ast.Setting(name("step"), number(1, "h"), HERE)),)
    assert file.unread == {"zone", "Europe"}


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("a {\n  x = (1 + 2\n}\ny = 1", "("),
        ("a = f(1,\n  2\nb = 1", "("),
        ("a = [1, 2", "["),
        ("a = { 00:00: 1\nb = 1", "{"),
        ("a = (1 ]", "("),
        ("a {\n  b = 1\n", "{"),
        ("a = 1\n}\nb = 2", "}"),
        ("a = 1 )\nb = 2", ")"),
        ("a {\n  b = 1 ]\n}\n", "]"),
    ],
)
def test_a_bracket_without_its_other_half_is_marked(text: str, marked: str) -> None:
    found = only_mistake(text)
    assert (found.code, found.span and found.span.text) == ("E102", marked)


def test_an_unclosed_bracket_does_not_swallow_the_statements_below() -> None:
    assert names_of("a = f(1, (2\nb = 1\nc = 2\n") == ["b", "c"]


def test_brackets_that_close_too_early_are_a_missing_value() -> None:
    assert only_mistake("a = (1 + )").message == "`)` cannot stand here; a value is expected"


def test_a_text_ends_on_its_line() -> None:
    found = only_mistake('a = csv("prices.csv)\nb = 1')
    assert (found.code, found.help) == ("E103", 'close it with `"`')
    assert names_of('a = csv("prices.csv)\nb = 1') == ["b"]


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("2024-02-30", "E104", "2024-02-30 is not a date of the calendar"),
        ("2024-03-12 25:00", "E104", "2024-03-12 25:00 is not a date of the calendar"),
        ("0000-01-01", "E104", "0000-01-01 is not a date of the calendar"),
        ("25:00", "E104", "25:00 is not a time of the day"),
        ("24:01", "E104", "24:01 is not a time of the day"),
        ("07:60", "E104", "07:60 is not a time of the day"),
        ("1e999 kW", "E307", "1e999 is too large for a number"),
        ("9" * 400, "E307", "99999999999999999... is too large for a number"),
    ],
)
def test_a_literal_that_means_nothing_is_told_and_its_statement_kept(
    text: str, code: str, message: str
) -> None:
    found = only_mistake(f"a = {text}\nb = 1")
    assert (found.code, found.message, found.span and found.span.text) == (code, message, text)
    assert names_of(f"a = {text}\nb = 1") == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "place", "message", "help"),
    [
        (
            "a: 1",
            "1:2",
            "`:` cannot stand here; `=` or `{` or a name or `of`",
            "a setting is written `a = value`",
        ),
        (
            "port ac:\n",
            "1:8",
            "`:` cannot stand here; `=` or `{` or `of`",
            "a block is written `port ac { ... }`",
        ),
        (
            "port ac\n{\n}\n",
            "1:8",
            "the end of the line cannot stand here; `=` or `{` or `of`",
            "put the `{` on the line of the name that it belongs to",
        ),
        (
            "minimise cost",
            "1:14",
            "the end of the file cannot stand here; `=` or `{` or `of`",
            "did you mean `minimize`?",
        ),
        (
            "a = 1,5 kW",
            "1:6",
            "`,` cannot stand here; the end of the line",
            "decimals have a point: `1.5`, not `1,5`",
        ),
        ("minimize", "1:9", "the end of the file cannot stand here; a value", ""),
        ("pareto a", "1:9", "the end of the file cannot stand here; an operator or `,`", ""),
        ("then cost", "1:6", "`cost` cannot stand here; `maximize` or `minimize`", ""),
        ("a = [1 2]", "1:8", "`2` cannot stand here; an operator or `,` or `]`", ""),
        ("a = { : 1 }", "1:7", "`:` cannot stand here; a value", ""),
        ("a { x = 1 } b", "1:13", "`b` cannot stand here; the end of the line", ""),
    ],
)
def test_a_misplaced_word_is_told_with_what_is_expected(
    text: str, place: str, message: str, help: str
) -> None:
    found = only_mistake(text)
    assert (found.code, str(found.span)) == ("E101", f"site.evs:{place}")
    assert found.message == f"{message} is expected"
    assert found.help == help


@pytest.mark.parametrize(
    ("text", "place", "last"),
    [("a =\nb = 1", 3, "="), ("a = 1 +\nlet b = 1", 7, "+"), ("enable a,\nb = 1", 9, ",")],
)
def test_a_line_that_ends_too_early_is_told_where_it_ends(text: str, place: int, last: str) -> None:
    found = only_mistake(text)
    assert (found.code, str(found.span)) == ("E101", f"site.evs:1:{place}")
    assert found.message == f"nothing follows `{last}` before the next statement"
    assert found.help == f"complete the line, or remove `{last}`"


@pytest.mark.parametrize("header", ['port "ac"', "port ac dc", "fleet day of", "port 5"])
def test_a_broken_header_does_not_hide_the_mistakes_of_its_block(header: str) -> None:
    text = f"{header} {{\n  x = 1\n  y = 2 2\n}}\nz = 3\n"
    assert mistakes(text) == [("E101", 1), ("E101", 3)]
    assert names_of(text) == ["z"]


def test_a_brace_on_the_next_line_does_not_hide_the_block() -> None:
    text = "port ac\n{\n  x = a\n}\nx = a\n"
    assert mistakes(text) == [("E101", 1)]
    assert read(text)[0].statements == (block("port", "ac", None, X_IS_A), X_IS_A)


@pytest.mark.parametrize("broken", ["00:00 1", "00:00: ] 1", "00:00: 1 2", "00:00: )"])
def test_the_other_lines_of_a_broken_table_are_no_mistakes(broken: str) -> None:
    text = f"grid {{\n  price = {{ {broken},\n            07:00: 2 }}\n  x = a\n}}\ny = a\n"
    assert [line for _, line in mistakes(text)] == [2]
    assert read(text)[0].statements[0] == block("grid", None, None, X_IS_A)


def test_what_follows_a_block_on_its_line_does_not_break_the_block() -> None:
    file, found = read("a {\n  x = a\n} b { x = a }\nx = a\n")
    assert [str(finding.span) for finding in found] == ["site.evs:3:3"]
    assert file.statements == (block("a", None, None, X_IS_A), block("b", None, None, X_IS_A), X_IS_A)


def test_a_mistake_is_shown_with_its_place() -> None:
    assert render(read("grid {\n  price = 0.1 0.2\n}\n")[1]) == (
        "error[E101 syntax]: `0.2` cannot stand here; an operator or the end of the line or `}` is expected\n"
        " --> site.evs:2:15\n"
        "  |\n"
        "2 |   price = 0.1 0.2\n"
        "  |               ^^^\n"
        "  |\n"
    )


def test_the_value_of_a_setting_on_the_command_line_is_one_expression() -> None:
    assert parse_expression(Source("--set", "0.2 EUR/kWh"))[0] == number(0.2, "EUR/kWh")
    for text in ("", "1 2", "1\nb = 2", "a = 1", "(1"):
        expression, found = parse_expression(Source("--set", text))
        assert expression is None
        assert found
