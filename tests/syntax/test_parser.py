"""What the text of a spec is read as."""

from __future__ import annotations

from datetime import datetime

import pytest
from syntax.reading import HERE, X_IS_A, A, B, C, block, clean, mistakes, name, names_of, number, read, value
from worlds import FIRST_SPEC, TUTORIAL

from evdsl.syntax import ast


def binary(left: ast.Expression, operator: str, right: ast.Expression) -> ast.Binary:
    return ast.Binary(operator, left, right, HERE)


def positional(*values: ast.Expression) -> tuple[ast.Argument, ...]:
    return tuple(ast.Argument("", value, HERE) for value in values)


# What the shapes mean


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("22 kW", number(22, "kW")),
        ("22kW", number(22, "kW")),
        ("0.157 EUR/kWh", number(0.157, "EUR/kWh")),
        ("85 %", number(85, "%")),
        ("0.1 %/h", number(0.1, "%/h")),
        ("5 % / h", ast.Binary("/", number(5, "%"), ast.Name("h", HERE), HERE)),
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
        ("{ 0.1 %/h .. b: a }", ast.Table(((ast.Range(number(0.1, "%/h"), B, HERE), A),), HERE)),
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
