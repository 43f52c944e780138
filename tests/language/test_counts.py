"""Whether a count is whole whatever is drawn, and how large it may be before anything is drawn."""

from __future__ import annotations

import pytest

from evdsl.diagnostics.source import Source
from evdsl.language.counts import MOST, is_whole, most_of
from evdsl.language.units import NUMBER
from evdsl.language.values import Const, Value
from evdsl.semantics.evaluate import evaluate
from evdsl.semantics.functions import EVALUATORS
from evdsl.semantics.scope import Scope
from evdsl.syntax.parser import parse_expression


def value(text: str) -> Value:
    expression, problems = parse_expression(Source("a count", text))
    assert expression is not None, problems
    found = evaluate(expression, Scope({}, {}, (), set(), [], functions=EVALUATORS))
    assert found is not None
    return found


@pytest.mark.parametrize(
    "text",
    [
        "3",
        "poisson(2.5)",
        "choice([2, 3])",
        "round(normal(3, 1))",
        "10 + 2 * poisson(3) - choice([1, 2])",
        "max(1, min(poisson(3), 5))",
        "4 * above(normal(3, 1), 3)",
    ],
)
def test_a_count_of_whole_parts_is_whole(text: str) -> None:
    assert is_whole(value(text))


@pytest.mark.parametrize(
    "text", ["2.5", "normal(3, 1)", "choice([2, 2.5])", "poisson(4) / 2", "0.5 * poisson(3)", "beta(2, 3)"]
)
def test_a_count_with_a_part_that_is_none_need_not_be_whole(text: str) -> None:
    assert not is_whole(value(text))


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("30", 30),
        ("poisson(25)", 45),
        ("normal(30, 5)", 50),
        ("lognormal(30, 5)", 50),
        ("round(normal(30, 5.15))", 51),
        ("uniform(3, 8)", 8),
        ("beta(2, 5)", 1),
        ("choice([20, 40], weights=[1, 0])", 40),
        ("10 + poisson(25)", 55),
        ("100 - poisson(25)", 95),
        ("10 - normal(30, 5)", 0),
        ("-2 * normal(0, 5)", 40),
        ("30 / uniform(2, 3)", 15),
        ("30 / normal(1, 1)", MOST),
        ("min(poisson(25), 40)", 40),
        ("max(poisson(25), 60)", 60),
        ("5 * above(normal(3, 1), 3)", 5),
    ],
)
def test_the_most_of_a_count_is_its_end_or_four_deviations_above_the_mean(text: str, most: float) -> None:
    assert most_of(value(text)) == pytest.approx(most)


@pytest.mark.parametrize(
    ("text", "whole"),
    [("2.5", 3), ("2.4999", 2), ("-2.5", -2), ("-2.6", -3), ("0.285 * 100", 29), ("7", 7), ("1e11", 1e11)],
)
def test_a_number_is_rounded_a_half_up(text: str, whole: float) -> None:
    assert value(f"round({text})") == Const(whole, NUMBER, value(text).span)
