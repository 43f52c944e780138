"""Every part of a spec knows its place in the text."""

from __future__ import annotations

import pytest
from syntax.reading import clean, value
from worlds import FIRST_SPEC

from evdsl.syntax import ast

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
