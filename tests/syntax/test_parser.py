"""What the text of a spec is read as, and what is said about a text that is no spec."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import FIRST_SPEC, TUTORIAL

from evdsl.diagnostics.diagnostic import Diagnostic, in_order, render
from evdsl.diagnostics.source import Source
from evdsl.syntax import ast
from evdsl.syntax.parser import parse, parse_expression

EVERY_SHAPE = """\
station s { start = 2024-03-12 07:30 }
sessions monday of car = csv("acn.csv", arrival="a", arriving=2019-07-24 .. 2019-07-25,)
load base = { 00:00: 1 kW, 07:00: -(2 kW + x.y) * 3 }
param gamma = [ac, dc]
let served = sum(v in vans: charge[v, t])
enable v2g, hold_port
disable exclusive
minimize (cost + co2) * 2 - -peak
then maximize fairness allowing 1 %
require quiet: a + b <= 10 kW for v in vans, t in 1 .. 3
include "other.evs"
pareto cost, co2 points 15
port ac {
    power = 22 kW
    inner of deep { at = 23:59:59 }
}
"""


def read(text: str) -> tuple[ast.File, list[Diagnostic]]:
    return parse(Source("site.evs", text))


def clean(text: str) -> tuple[ast.Statement, ...]:
    file, diagnostics = read(text)
    assert not diagnostics, render(diagnostics)
    return file.statements


def value(text: str) -> ast.Expression:
    expression, diagnostics = parse_expression(Source("value", text))
    assert expression is not None, render(diagnostics)
    return expression


def mistakes(text: str) -> list[tuple[str, int]]:
    """The code and the line of each finding."""
    return [(found.code, found.span.line) for found in read(text)[1] if found.span is not None]


def only_mistake(text: str) -> Diagnostic:
    found = read(text)[1]
    assert len(found) == 1, render(found)
    return found[0]


def names_of(text: str) -> list[str]:
    """The names of the settings that are read from a text."""
    return [node.name.text for node in read(text)[0].statements if isinstance(node, ast.Setting)]


HERE = value("x").span


def name(text: str) -> ast.Name:
    return ast.Name(text, HERE)


def number(value: float, unit: str = "") -> ast.Number:
    return ast.Number(value, unit, HERE, "")


def binary(left: ast.Expression, operator: str, right: ast.Expression) -> ast.Binary:
    return ast.Binary(operator, left, right, HERE)


def positional(*values: ast.Expression) -> tuple[ast.Argument, ...]:
    return tuple(ast.Argument("", value, HERE) for value in values)


A, B, C = name("a"), name("b"), name("c")


# What the shapes mean


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("22 kW", number(22, "kW")),
        ("22kW", number(22, "kW")),
        ("0.157 EUR/kWh", number(0.157, "EUR/kWh")),
        ("85 %", number(85, "%")),
        (".5", number(0.5)),
        ("1_000 kW", number(1000, "kW")),
        ("1e3", number(1000)),
        ("1e+3", number(1000)),
        ("2.5E-1 kW", number(0.25, "kW")),
        ("2e1kW", number(20, "kW")),
        ("1_000", number(1000)),
        ('"Europe/Rome"', ast.Text("Europe/Rome", HERE)),
        ('""', ast.Text("", HERE)),
        ("07:30", ast.Clock(27_000, HERE)),
        ("7:30:15", ast.Clock(27_015, HERE)),
        ("24:00", ast.Clock(86_400, HERE)),
        ("2024-03-12", ast.Date(datetime(2024, 3, 12), False, HERE)),
        ("2024-03-12 07:30", ast.Date(datetime(2024, 3, 12, 7, 30), True, HERE)),
        ("2024-03-12T7:30:10", ast.Date(datetime(2024, 3, 12, 7, 30, 10), True, HERE)),
        ("enabled", name("enabled")),
        ("-a", ast.Unary("-", A, HERE)),
        ("--a", ast.Unary("-", ast.Unary("-", A, HERE), HERE)),
        ("a - b - c", binary(binary(A, "-", B), "-", C)),
        ("a - (b - c)", binary(A, "-", binary(B, "-", C))),
        ("a + b * c", binary(A, "+", binary(B, "*", C))),
        ("-a * b", binary(ast.Unary("-", A, HERE), "*", B)),
        ("5 kW / a", binary(number(5, "kW"), "/", A)),
        ("10 % .. 90 %", ast.Range(number(10, "%"), number(90, "%"), HERE)),
        ("1..2", ast.Range(number(1), number(2), HERE)),
        ("[]", ast.ListOf((), HERE)),
        ("[a, 1 .. 2,]", ast.ListOf((A, ast.Range(number(1), number(2), HERE)), HERE)),
        ("{ 00:00: a, }", ast.Table(((ast.Clock(0, HERE), A),), HERE)),
        ("2 * { 00:00: a }", binary(number(2), "*", ast.Table(((ast.Clock(0, HERE), A),), HERE))),
        ("f()", ast.Call(name("f"), (), HERE)),
        ("f(a, b=c)", ast.Call(name("f"), (*positional(A), ast.Argument("b", C, HERE)), HERE)),
        ("a.b.c", ast.Attribute(ast.Attribute(A, B, HERE), C, HERE)),
        ("-a.b", ast.Unary("-", ast.Attribute(A, B, HERE), HERE)),
        ("a[b, c=1]", ast.Index(A, (*positional(B), ast.Argument("c", number(1), HERE)), HERE)),
        ("sum(a in b: c)", ast.Aggregate(name("sum"), ast.Binder(A, B, HERE), C, HERE)),
    ],
)
def test_an_expression_is_read_as_what_it_says(text: str, expected: ast.Expression) -> None:
    assert value(text) == expected


def block(kind: str, title: str | None, of: str | None, *body: ast.Statement) -> ast.Block:
    names = [None if word is None else name(word) for word in (title, of)]
    return ast.Block(name(kind), names[0], names[1], body, HERE, HERE)


X_IS_A = ast.Setting(name("x"), A, HERE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = a", X_IS_A),
        ("grid {}", block("grid", None, None)),
        ("port ac { x = a }", block("port", "ac", None, X_IS_A)),
        ("fleet day of van {\n}", block("fleet", "day", "van")),
        ("scenarios of van { x = a\n x = a }", block("scenarios", None, "van", X_IS_A, X_IS_A)),
        ("a { b { x = a } }", block("a", None, None, block("b", None, None, X_IS_A))),
        ("load base = a", ast.Declaration(name("load"), name("base"), None, A, HERE)),
        ("sessions m of van = a", ast.Declaration(name("sessions"), name("m"), name("van"), A, HERE)),
        ("param x = a", ast.Param(name("x"), A, HERE)),
        ("let x = a", ast.Let(name("x"), A, HERE)),
        ("enable a", ast.Toggle(True, (A,), HERE)),
        ("disable a, b", ast.Toggle(False, (A, B), HERE)),
        ("minimize a", ast.Objective(False, "minimize", A, None, HERE)),
        ("maximize a", ast.Objective(False, "maximize", A, None, HERE)),
        ("then minimize a", ast.Objective(True, "minimize", A, None, HERE)),
        ("then maximize a allowing 1 %", ast.Objective(True, "maximize", A, number(1, "%"), HERE)),
        ("require x: a <= b", ast.Requirement(name("x"), A, "<=", B, (), HERE)),
        ("require x: a >= b", ast.Requirement(name("x"), A, ">=", B, (), HERE)),
        (
            "require x: a == 5 for b in c, c in [a]",
            ast.Requirement(
                name("x"),
                A,
                "==",
                number(5),
                (ast.Binder(B, C, HERE), ast.Binder(C, ast.ListOf((A,), HERE), HERE)),
                HERE,
            ),
        ),
        ('include "other.evs"', ast.Include(ast.Text("other.evs", HERE), HERE)),
        ("pareto a, b", ast.Pareto(A, B, None, HERE)),
        ("pareto a, b points 15", ast.Pareto(A, B, number(15), HERE)),
    ],
)
def test_a_statement_is_read_as_what_it_says(text: str, expected: ast.Statement) -> None:
    assert clean(text) == (expected,)
    assert clean(text + "\n") == (expected,)


def test_the_tutorial_ends_with_the_first_spec_of_the_language_page() -> None:
    tutorial = TUTORIAL / "5_lingotto.evs"
    assert read(tutorial.read_text())[0].statements == read(FIRST_SPEC)[0].statements


def test_the_first_spec_of_the_language_page_has_no_mistakes() -> None:
    kinds = [node.kind.text for node in clean(FIRST_SPEC) if isinstance(node, ast.Block)]
    assert kinds == ["station", "grid", "port", "port", "solar", "class", "fleet"]


def test_statements_are_read_once_each_and_in_order() -> None:
    written = [f"x{n}" for n in range(50)]
    text = "\n".join(f"{word} = 1" for word in written)
    assert names_of(text) == written
    assert names_of(text + "\n") == written


@pytest.mark.parametrize("end", ["", "\n"])
def test_items_are_read_once_each_also_at_the_end_of_a_file(end: str) -> None:
    assert clean("enable a, b, c" + end) == (ast.Toggle(True, (A, B, C), HERE),)
    binders = tuple(ast.Binder(word, word, HERE) for word in (A, B, C))
    found = clean("require x: a <= b for a in a, b in b, c in c" + end)
    assert found == (ast.Requirement(name("x"), A, "<=", B, binders, HERE),)


def test_a_table_may_stand_wherever_a_value_may() -> None:
    clean(
        "minimize { 00:00: a }\nrequire x: a <= b for v in { 00:00: a }\nthen minimize a allowing {00:00: b}"
    )


def test_a_word_after_a_number_is_a_unit_unless_the_statement_goes_on_with_it() -> None:
    assert value("5 furlong") == number(5, "furlong")
    clean("require x: a <= 5 for v in vans\nminimize 5 allowing 6\npareto 1, 2 points 3")


# Where a statement ends


@pytest.mark.parametrize(
    "text",
    [
        "x = [1,\n2\n\n, 3\n]\ny = 1",
        "x = f(\n1\n)\ny = 1",
        "x = (a\n+ b)\ny = 1",
        "x = {\n00:00: 1\n,\n07:00:\n2 }\ny = 1",
        "x = a[\nv\n]\ny = 1",
        "x = a +\n\n b *\n c\ny = 1",
        "x = 1 ..\n2\ny = 1",
        "x =\n1\ny = 1",
        "x = 1 # one\n\n# two\ny = 1",
    ],
)
def test_a_line_goes_on_inside_brackets_and_after_a_comma_or_an_operator(text: str) -> None:
    assert [node.name.text for node in clean(text) if isinstance(node, ast.Setting)] == ["x", "y"]


def test_a_toggle_goes_on_after_its_comma() -> None:
    assert clean("enable a,\n  b") == (ast.Toggle(True, (A, B), HERE),)


def test_a_newline_ends_a_statement_even_before_an_operator() -> None:
    assert mistakes("x = a\n+ b\ny = 1") == [("E101", 2)]


# What a text may look like


@pytest.mark.parametrize("text", ["", "\n", "  \t\r\n\n", "\ufeff"])
def test_an_empty_file_is_a_file_without_statements(text: str) -> None:
    assert clean(text) == ()


def test_line_ends_tabs_and_a_byte_order_mark_do_not_change_what_is_read() -> None:
    assert clean("\ufeff" + FIRST_SPEC.replace("    ", "\t").replace("\n", "\r\n")) == clean(FIRST_SPEC)


def test_a_carriage_return_is_no_part_of_a_text_or_a_comment() -> None:
    file, found = read('x = "open\r\ny = 1 # note\r\n')
    assert file.statements[0] == ast.Setting(name("x"), ast.Text("open", HERE), HERE)
    assert file.comments[0].text == "# note"
    assert [finding.span.text for finding in found if finding.span] == ['"open']


def test_texts_and_comments_may_be_in_any_script() -> None:
    file, found = read('zone = "駐車場 Café"  # größer\n')
    assert not found
    assert file.statements == (ast.Setting(name("zone"), ast.Text("駐車場 Café", HERE), HERE),)
    assert [comment.text for comment in file.comments] == ["# größer"]


def test_comments_know_their_line_and_whether_they_stand_alone() -> None:
    comments = read("# one\nx = 1 # two\n  # three\n# four")[0].comments
    found = [(comment.text, comment.line, comment.alone) for comment in comments]
    assert found == [("# one", 1, True), ("# two", 2, False), ("# three", 3, True), ("# four", 4, True)]


# Places


def nodes_below(node: object) -> list[object]:
    found = [node]
    for child in ast.children(node):
        found += nodes_below(child)
    return found


@pytest.mark.parametrize("text", [FIRST_SPEC, EVERY_SHAPE, EVERY_SHAPE.replace("\n", "\r\n")])
def test_the_text_under_a_node_reads_as_that_node(text: str) -> None:
    for statement in clean(text):
        assert clean(statement.span.text) == (statement,)
        for node in nodes_below(statement):
            if isinstance(node, ast.Expression):
                assert value(node.span.text) == node


@pytest.mark.parametrize(
    ("text", "under"),
    [
        ("x = (a + b) * c", "(a + b) * c"),
        ("x = a * (b + c)  # why", "a * (b + c)"),
        ("x = -(a)", "-(a)"),
        ("x = 22  kW", "22  kW"),
        ("x = f(a, )[b]", "f(a, )[b]"),
        ("x = { 00:00: 1,\n07:00: 2 }", "{ 00:00: 1,\n07:00: 2 }"),
    ],
)
def test_a_span_is_the_whole_text_of_its_value(text: str, under: str) -> None:
    (setting,) = clean(text)
    assert isinstance(setting, ast.Setting)
    assert setting.value.span.text == under


def test_headers_names_and_arguments_have_places_of_their_own() -> None:
    (found,) = clean("fleet day of van { stay = f(a, b=1 h) }")
    assert isinstance(found, ast.Block)
    assert found.header.text == "fleet day of van"
    assert [part.span.text for part in (found.kind, found.name, found.of) if part] == ["fleet", "day", "van"]
    setting = found.body[0]
    assert isinstance(setting, ast.Setting)
    assert isinstance(setting.value, ast.Call)
    assert setting.value.function.span.text == "f"
    assert [argument.span.text for argument in setting.value.arguments] == ["a", "b=1 h"]


# Mistakes


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
        ("a = { 7: 1 }", "1:7", "`7` cannot stand here; a clock time", ""),
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


# Texts that are no specs


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "(" * 100_000,
        "x = " + "[" * 100_000 + "]" * 100_000,
        "x = " + "f(" * 100_000,
        "x = " + "{ 00:00: " * 100_000,
        "a {\n" * 100_000 + "}\n" * 100_000,
        "x = " + "1+" * 100_000 + "1",
        "x = " + "-" * 100_000 + "1",
        "x = " + "1+" * 1_000 + "1",
        "x = a" + ".b" * 1_000,
        "x = [" + "1, " * 100_000 + "]",
    ],
)
def test_nesting_beyond_reason_is_told_once(text: str) -> None:
    found = only_mistake(text)
    assert found.code == "E004"
    assert found.help


def test_nesting_within_reason_is_read() -> None:
    clean("x = " + "(" * 99 + "1" + ")" * 99)
    clean("x = " + "1 + " * 150 + "1")
    clean("a {\n" * 90 + "x = 1\n" + "}\n" * 90)


def test_the_names_of_a_statement_that_is_too_deep_are_remembered() -> None:
    file, _ = read("let deep = " + "-" * 300 + "a\nx = 1")
    assert file.unread == {"deep", "a"}
    assert [type(node) for node in file.statements] == [ast.Setting]


@pytest.mark.parametrize(
    "piece", ["}\n", "a\n", '"\n', "@", "x = (\n", "a {", "= ", "a = 1\n\n", "#\n", "\0"]
)
def test_a_long_text_of_nonsense_is_read_in_reasonable_steps(piece: str) -> None:
    _, found = read(piece * (200_000 // len(piece)))
    assert len(found) <= 501


SIGNS = ["\n", "\r\n", "\t", "==", "<=", ">=", "..", *"{}()[],:=.+-*/#\"'@%"]
WORDS = ["1", "22", "kW", "07:00", "2024-03-12", "1e9", "1_0", "csv", "ac", "of", "in", "for", "then", "let"]
KEYWORDS = ["param", "enable", "minimize", "pareto", "points", "require", "include", "allowing"]
TOKENS = [*SIGNS, *WORDS, *KEYWORDS]

mutations = st.lists(
    st.tuples(
        st.integers(0, len(FIRST_SPEC)),
        st.integers(0, 8),
        st.one_of(st.just(""), st.sampled_from(TOKENS), st.text(max_size=4)),
    ),
    min_size=1,
    max_size=6,
)


@settings(derandomize=True, deadline=None, max_examples=300)
@given(mutations)
def test_no_text_stops_the_reader(changes: list[tuple[int, int, str]]) -> None:
    text = FIRST_SPEC
    for place, removed, put in changes:
        text = text[:place] + put + text[place + removed :]
    file, found = read(text)
    assert found == in_order(found)
    for finding in found:
        assert isinstance(finding, Diagnostic)
        assert finding.span is not None
        assert 0 <= finding.span.start <= finding.span.end <= len(text)
        assert finding.message
        assert finding.message == finding.message.strip()
    assert render(found) or not found
    lines = [node.span.start for node in file.statements]
    assert lines == sorted(lines)
    assert len(set(lines)) == len(lines)
