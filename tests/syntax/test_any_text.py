"""Any text is read in the end, whatever it is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from syntax.reading import clean, only_mistake, read
from worlds import FIRST_SPEC

from evdsl.diagnostics.diagnostic import Diagnostic, in_order, render
from evdsl.syntax import ast


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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
