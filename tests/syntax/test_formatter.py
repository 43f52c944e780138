"""The canonical text of a spec: what changes, what is kept, and that its meaning is kept."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import FIRST_SPEC

from evdsl.diagnostics.diagnostic import render
from evdsl.diagnostics.source import Source, Span
from evdsl.syntax import ast
from evdsl.syntax.formatter import WIDTH, format
from evdsl.syntax.parser import parse

FIRST_SPEC_CHANGES = {
    "EUR/kWh            # what": "EUR/kWh  # what",
    "    price   = {": "    price        = {",
    "                17:00: 0.26": "                     17:00: 0.26",
    "    feed_in = 0": "    feed_in      = 0",
    "    carbon  = {": "    carbon       = {",
    "    count   = 30": "    count       = 30",
    "    arrival = n": "    arrival     = n",
    "    stay    = n": "    stay        = n",
}
"""All that is not canonical in the spec of the language page: its settings are aligned in parts."""


def read(text: str) -> ast.File:
    file, diagnostics = parse(Source("site.evs", text))
    assert not diagnostics, render(diagnostics)
    return file


def canonical(text: str) -> str:
    """The formatted text, after a check that nothing is lost and that it stays as it is."""
    file = read(text)
    formatted = format(file)
    again = read(formatted)
    assert again == file
    assert format(again) == formatted
    assert not any(line != line.rstrip() for line in formatted.split("\n"))
    return formatted


def test_the_first_spec_of_the_language_page_is_nearly_canonical() -> None:
    expected = FIRST_SPEC
    for written, changed in FIRST_SPEC_CHANGES.items():
        assert expected.count(written) == 1
        expected = expected.replace(written, changed)
    assert canonical(FIRST_SPEC) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("x=22kW", "x = 22 kW"),
        ("x = 22   kW", "x = 22 kW"),
        ("x=85%", "x = 85 %"),
        ("x=0.400EUR/kWh", "x = 0.400 EUR/kWh"),
        ("x = 1_000", "x = 1_000"),
        ("x = 1e3kW", "x = 1e3 kW"),
        ("x = .5", "x = .5"),
        ("x=-a", "x = -a"),
        ("x = - - 1", "x = --1"),
        ("x=a+b*c", "x = a + b * c"),
        ("x=(a+b)*c", "x = (a + b) * c"),
        ("x=((a))", "x = a"),
        ("x = (a * b) + (c / d)", "x = a * b + c / d"),
        ("x = (a - b) - c", "x = a - b - c"),
        ("x = a - (b - c)", "x = a - (b - c)"),
        ("x = a + (b + c)", "x = a + (b + c)"),
        ("x = a / (b * c)", "x = a / (b * c)"),
        ("x = a * (b / c)", "x = a * (b / c)"),
        ("x = -(a + b)", "x = -(a + b)"),
        ("x = -(a * b)", "x = -(a * b)"),
        ("x = (-a) * b", "x = -a * b"),
        ("x = a - (-b)", "x = a - -b"),
        ("x = (-a).b", "x = (-a).b"),
        ("x = (a + b)[c]", "x = (a + b)[c]"),
        ("x = 5 kW/ a", "x = 5 kW / a"),
        ("x=10%..90%", "x = 10 % .. 90 %"),
        ("x = (a+b) .. -c", "x = a + b .. -c"),
        ("x=[ac,dc,]", "x = [ac, dc]"),
        ("x = [ ]", "x = []"),
        ('x=csv("p.csv",column = "price")', 'x = csv("p.csv", column="price")'),
        ("x = f( )", "x = f()"),
        ("x = a . b . c", "x = a.b.c"),
        ("x = a [v,t]", "x = a[v, t]"),
        ("x = sum( v in vans:charge[v,t] )", "x = sum(v in vans: charge[v, t])"),
        ("x={00:00:1,7:30:2}", "x = { 00:00: 1, 07:30: 2 }"),
        ("x = 07:00:00", "x = 07:00"),
        ("x = 7:00:05", "x = 07:00:05"),
        ("x = 24:00", "x = 24:00"),
        ("x = 2024-03-12", "x = 2024-03-12"),
        ("x = 2024-03-12T7:30", "x = 2024-03-12 07:30"),
        ("x = 2024-03-12 00:00", "x = 2024-03-12 00:00"),
        ("x = 2024-03-12 07:30:10", "x = 2024-03-12 07:30:10"),
        ('x="a  b"', 'x = "a  b"'),
        ("sessions  m  of  van=csv()", "sessions m of van = csv()"),
        ("load base=1kW", "load base = 1 kW"),
        ("param x=1", "param x = 1"),
        ("let x=a", "let x = a"),
        ("enable a,b,\n  c", "enable a, b, c"),
        ("disable  a", "disable a"),
        ("minimize  a+b", "minimize a + b"),
        ("then  maximize a  allowing  1%", "then maximize a allowing 1 %"),
        ("require q:a<=b", "require q: a <= b"),
        ("require q : a == b for v in vans,t in 1..3", "require q: a == b for v in vans, t in 1 .. 3"),
        ('include   "other.evs"', 'include "other.evs"'),
        ("pareto a,b", "pareto a, b"),
        ("pareto a,b points  15", "pareto a, b points 15"),
        ("minimize {0:00:a}", "minimize { 00:00: a }"),
        ("grid{}", "grid {\n}"),
        ("fleet  f  of c{ x=1 }", "fleet f of c {\n    x = 1\n}"),
        ("a{b{x=1}}", "a {\n    b {\n        x = 1\n    }\n}"),
    ],
)
def test_each_shape_has_one_spelling(written: str, expected: str) -> None:
    assert canonical(written) == expected + "\n"
    assert canonical(expected) == expected + "\n"


@pytest.mark.parametrize("text", ["", "\n\n", "  \t\n", "\r\n"])
def test_an_empty_file_stays_empty(text: str) -> None:
    assert canonical(text) == ""


LAYOUTS = {
    "equals signs are aligned in a run of settings, which a blank line ends": (
        "a {\nx=1\nlonger=2\n\ny=3\n}",
        "a {\n    x      = 1\n    longer = 2\n\n    y = 3\n}",
    ),
    "a comment line and another statement end a run": (
        "x=1\n# note\nlonger=2\nenable v2g\nyy=3",
        "x = 1\n# note\nlonger = 2\nenable v2g\nyy = 3",
    ),
    "blank lines are kept, one at most, and none inside the braces' edges": (
        "\n\nx=1\n\n\n\na {\n\n\ny=1\n\n\nz=1\n\n}\n\n\nw=1\n\n",
        "x = 1\n\na {\n    y = 1\n\n    z = 1\n}\n\nw = 1",
    ),
    "no blank line is made up": (
        "a {\n}\nb { x = 1 }\ny=1",
        "a {\n}\nb {\n    x = 1\n}\ny = 1",
    ),
    "comments stand where they stood, indented as their place": (
        "# top\n\na {  # on a\n# in a\nx=1 # on x\n   # before the brace\n} # after a\n    # end\n",
        "# top\n\na {  # on a\n    # in a\n    x = 1  # on x\n    # before the brace\n}  # after a\n# end",
    ),
    "a comment alone in a block stays in it": (
        "a {\n# nothing yet\n}\n# end",
        "a {\n    # nothing yet\n}\n# end",
    ),
    "a comment in a block keeps its distance from its neighbours": (
        "a {\n\n# one\n\n# two\nx=1\n\n# three\n\n}",
        "a {\n    # one\n\n    # two\n    x = 1\n\n    # three\n}",
    ),
    "a file of comments is a file": ("\n# one\n\n\n# two", "# one\n\n# two"),
    "comments at the ends of neighbouring settings are aligned": (
        "x=1 # one\nlonger=22 # two\ny=3\nz=4 # four",
        "x      = 1   # one\nlonger = 22  # two\ny      = 3\nz      = 4  # four",
    ),
    "comments at the ends of other statements are not": (
        "enable a # one\nenable abc # two",
        "enable a  # one\nenable abc  # two",
    ),
    "comments inside a table stand before its statement": (
        "x=1\ny = { 00:00: 1, # night\n # dawn\n07:00: 2 # day\n } # tariff\nz = 1",
        "x = 1\n# night\n# dawn\n# day\ny = { 00:00: 1, 07:00: 2 }  # tariff\nz = 1",
    ),
    "comments inside a list, a call and a long sum do too": (
        "x = [1, # one\n2]\n\ny = f(1, # two\n2)\nz = a + # three\nb",
        "# one\nx = [1, 2]\n\n# two\ny = f(1, 2)\n# three\nz = a + b",
    ),
    "what stands on one line is given lines of its own": (
        "a { b { x = 1 } } # note\n",
        "a {\n    b {\n        x = 1\n    }\n}  # note",
    ),
    "a comment behind the first setting of a block belongs to the setting": (
        "a { x = 1 # note\n}",
        "a {\n    x = 1  # note\n}",
    ),
    "a comment behind two braces belongs to the inner one": (
        "a { b { # note\n} }",
        "a {\n    b {  # note\n    }\n}",
    ),
    "a comment keeps its own spelling": ("#one\n#  two  \nx=1 #", "#one\n#  two\nx = 1  #"),
}


@pytest.mark.parametrize(("written", "expected"), LAYOUTS.values(), ids=LAYOUTS.keys())
def test_layout(written: str, expected: str) -> None:
    assert canonical(written) == expected + "\n"
    assert canonical(written.replace("\n", "\r\n")) == expected + "\n"


def test_a_long_table_goes_on_below_its_first_entry() -> None:
    entries = ", ".join(f"{hour:02}:00: 0.{hour:03} EUR/kWh" for hour in range(12))
    assert canonical(f"grid {{\nprice = {{ {entries} }} # tariff\n}}") == (
        "grid {\n"
        "    price = { 00:00: 0.000 EUR/kWh, 01:00: 0.001 EUR/kWh, 02:00: 0.002 EUR/kWh,\n"
        "              03:00: 0.003 EUR/kWh, 04:00: 0.004 EUR/kWh, 05:00: 0.005 EUR/kWh,\n"
        "              06:00: 0.006 EUR/kWh, 07:00: 0.007 EUR/kWh, 08:00: 0.008 EUR/kWh,\n"
        "              09:00: 0.009 EUR/kWh, 10:00: 0.010 EUR/kWh, 11:00: 0.011 EUR/kWh }  # tariff\n"
        "}\n"
    )


def test_a_long_call_goes_on_below_its_first_argument_and_keeps_the_inner_ones_whole() -> None:
    arguments = ", ".join(f"column_{n}=csv(prices_{n}, scale=2)" for n in range(4))
    assert canonical(f"let price = gaussian({arguments})") == (
        "let price = gaussian(column_0=csv(prices_0, scale=2), column_1=csv(prices_1, scale=2),\n"
        "                     column_2=csv(prices_2, scale=2), column_3=csv(prices_3, scale=2))\n"
    )


def test_a_long_sum_goes_on_after_an_operator() -> None:
    terms = " + ".join(f"weight_number_{n} * energy_number_{n}" for n in range(4))
    assert canonical(f"minimize {terms} - a * (b - c)") == (
        "minimize weight_number_0 * energy_number_0 + weight_number_1 * energy_number_1 +\n"
        "         weight_number_2 * energy_number_2 + weight_number_3 * energy_number_3 - a * (b - c)\n"
    )


@pytest.mark.parametrize("length", range(1, 30))
def test_a_list_fills_the_line_to_its_last_column_and_no_further(length: int) -> None:
    written = f"v = [{', '.join(['x' * 10] * 7 + ['y' * length])}]\n"
    formatted = canonical(written)
    assert (formatted == written) == (len(written.rstrip()) <= WIDTH)
    assert all(len(line) <= WIDTH for line in formatted.split("\n"))


def test_neighbours_of_a_long_table_are_aligned_with_it() -> None:
    entries = ", ".join(f"{hour:02}:00: {hour} EUR/kWh" for hour in range(8))
    assert canonical(f"limit=1 # one\nprice={{{entries}}} # two\nx=2 # three") == (
        "limit = 1  # one\n"
        "price = { 00:00: 0 EUR/kWh, 01:00: 1 EUR/kWh, 02:00: 2 EUR/kWh, 03:00: 3 EUR/kWh, "
        "04:00: 4 EUR/kWh,\n"
        "          05:00: 5 EUR/kWh, 06:00: 6 EUR/kWh, 07:00: 7 EUR/kWh }  # two\n"
        "x     = 2                                                         # three\n"
    )


def test_what_the_reader_takes_the_formatter_can_write() -> None:
    canonical("x = " + "(" * 99 + "a" + ")" * 99)
    canonical("x = " + "[" * 99 + "a" + "]" * 99)
    canonical("x = " + "f(a + (" * 49 + "a" + "))" * 49)
    canonical("x = " + "-" * 190 + "a")
    canonical("x = " + "a - " * 190 + "a")
    canonical("x = " + "a - (" * 98 + "a" + ")" * 98)
    canonical("a {\n" * 98 + "x = 1\n" + "}\n" * 98)


# Any file

Item = TypeVar("Item")
NOWHERE = Span(Source("made.evs", ""), 0, 0)
WORDS = ["cost", "gamma", "v", "t", "steps", "e5", "kW", "enable_x", "forecast", "_x1", "Points"]
DIGITS = ["0", "7", "22", "0.400", ".5", "1_000", "1e3", "2.5E-2", "1e+5", "00.10"]
UNITS = ["", "", "kW", "kWh", "%", "EUR/kWh", "EUR/t", "e3", "min", "\N{EURO SIGN}"]

here = st.just(NOWHERE)
names = st.builds(ast.Name, st.sampled_from(WORDS), here)
numbers = st.builds(
    lambda digits, unit: ast.Number(float(digits), unit, NOWHERE, digits),
    st.sampled_from(DIGITS),
    st.sampled_from(UNITS),
)
texts = st.builds(
    ast.Text,
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters='"\r\n,'), max_size=12),
    here,
)
clocks = st.builds(ast.Clock, st.sampled_from([0, 27_000, 27_015, 86_400]), here)
dates = st.one_of(
    st.builds(lambda when: ast.Date(when.replace(microsecond=0), True, NOWHERE), st.datetimes()),
    st.builds(lambda day: ast.Date(datetime(day.year, day.month, day.day), False, NOWHERE), st.dates()),
)


def values(expressions: st.SearchStrategy[ast.Expression]) -> st.SearchStrategy[ast.Expression]:
    """What may stand as a whole value: an expression, or a range of two."""
    return st.one_of(expressions, st.builds(ast.Range, expressions, expressions, here))


def arguments(expressions: st.SearchStrategy[ast.Expression]) -> st.SearchStrategy[ast.Argument]:
    named = st.sampled_from(["", *WORDS])
    return st.builds(ast.Argument, named, values(expressions), here)


def binders(expressions: st.SearchStrategy[ast.Expression]) -> st.SearchStrategy[ast.Binder]:
    return st.builds(ast.Binder, names, values(expressions), here)


def some(items: st.SearchStrategy[Item], least: int = 0) -> st.SearchStrategy[tuple[Item, ...]]:
    return st.lists(items, min_size=least, max_size=3).map(tuple)


def larger(inner: st.SearchStrategy[ast.Expression]) -> st.SearchStrategy[ast.Expression]:
    return st.one_of(
        st.builds(ast.Unary, st.just("-"), inner, here),
        st.builds(ast.Binary, st.sampled_from("+-*/"), inner, inner, here),
        st.builds(ast.ListOf, some(values(inner)), here),
        st.builds(ast.Table, some(st.tuples(values(inner), inner), 1), here),
        st.builds(ast.Call, names, some(arguments(inner)), here),
        st.builds(ast.Aggregate, names, binders(inner), inner, here),
        st.builds(ast.Attribute, inner, names, here),
        st.builds(ast.Index, inner, some(arguments(inner), 1), here),
    )


expressions = st.recursive(st.one_of(numbers, texts, clocks, dates, names), larger, max_leaves=8)
optional_names = st.one_of(st.none(), names)

lines: st.SearchStrategy[ast.Statement] = st.one_of(
    st.builds(ast.Setting, names, values(expressions), here),
    st.builds(ast.Declaration, names, names, optional_names, values(expressions), here),
    st.builds(ast.Param, names, values(expressions), here),
    st.builds(ast.Let, names, values(expressions), here),
    st.builds(ast.Toggle, st.booleans(), some(names, 1), here),
    st.builds(
        ast.Objective,
        st.booleans(),
        st.sampled_from(["minimize", "maximize"]),
        expressions,
        st.one_of(st.none(), expressions),
        here,
    ),
    st.builds(
        ast.Requirement,
        names,
        expressions,
        st.sampled_from(["<=", ">=", "=="]),
        expressions,
        some(binders(expressions)),
        here,
    ),
    st.builds(ast.Include, texts, here),
    st.builds(ast.Pareto, expressions, expressions, st.one_of(st.none(), expressions), here),
)


def blocks(inner: st.SearchStrategy[ast.Statement]) -> st.SearchStrategy[ast.Statement]:
    return st.builds(ast.Block, names, optional_names, optional_names, some(inner), here, here)


statements = st.recursive(lines, lambda inner: st.one_of(inner, blocks(inner)), max_leaves=6)
made_files = st.builds(ast.File, some(statements), st.just(()), st.just(NOWHERE.source))


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=200)
@given(made_files)
def test_any_file_reads_back_as_it_was(file: ast.File) -> None:
    formatted = format(file)
    assert read(formatted) == file
    assert canonical(formatted) == formatted


@pytest.mark.slow
@settings(derandomize=True, deadline=None, max_examples=200)
@given(made_files, st.data())
def test_no_comment_is_ever_lost(file: ast.File, data: st.DataObject) -> None:
    written: list[str] = []
    comments = 0
    for line in format(file).replace(", ", ",\n").split("\n"):
        above = data.draw(st.sampled_from(["", "", "\n", "\n\n\n", "# above\n"]))
        behind = data.draw(st.sampled_from(["", f" # behind {len(written)}"]))
        comments += above.startswith("#") + bool(behind)
        written += [above, f"{line}{behind}\n"]
    commented = read("".join(written))
    assert commented.statements == file.statements
    assert len(commented.comments) == comments
    assert read(canonical("".join(written))) == commented


def test_the_made_files_are_of_every_kind_of_node() -> None:
    """A new node is to be drawn above too, or the tests of any file say less than they seem to."""
    drawn = {
        kind
        for kind in vars(ast).values()
        if isinstance(kind, type) and issubclass(kind, ast.Statement | ast.Expression)
    }
    assert {kind.__name__ for kind in drawn} == {
        *("Number", "Text", "Clock", "Date", "Name", "Unary", "Binary", "Range", "ListOf", "Table"),
        *("Call", "Aggregate", "Attribute", "Index"),
        *("Setting", "Block", "Declaration", "Param", "Let", "Toggle", "Objective", "Requirement"),
        *("Include", "Pareto"),
    }


def test_the_key_of_a_table_stands_on_one_line() -> None:
    days = "mon .. fri: { 00:00: 0.12 EUR/kWh, 07:00: 0.21 EUR/kWh }, [sat, sun]: 0.10 EUR/kWh"
    text = canonical(f"grid {{\nprice = {{ {days}, 2024-12-25: 0.08 EUR/kWh }}\n}}\n")
    assert "[sat, sun]: 0.10 EUR/kWh" in text


def test_a_key_that_is_a_long_list_of_dates_is_broken() -> None:
    dates = ", ".join(f"2024-12-{day}" for day in range(10, 28))
    text = canonical(f"grid {{\nprice = {{ [{dates}]: 0.1 EUR/kWh, all: 0.2 EUR/kWh }}\n}}\n")
    assert max(map(len, text.splitlines())) <= WIDTH
