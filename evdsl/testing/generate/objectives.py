"""Random objectives, from the declared words.

A word is weighed so that the sum is money, with the sign that its curve allows, or stands alone. Other terms
are added to sums.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from hypothesis import strategies as st

from evdsl.language.declaration import Curve, Word
from evdsl.language.objectives import WORDS
from evdsl.language.objectives import word as word_of
from evdsl.language.units import ENERGY, ENERGY_TIME, MASS, MONEY, NUMBER, POWER, TIME, Dimension
from evdsl.syntax import ast
from evdsl.testing.generate import nodes
from evdsl.testing.generate.terms import possible_terms, term

WORTH: dict[Dimension, tuple[tuple[float, str], ...]] = {
    ENERGY: ((0.6, "EUR/kWh"), (0.05, "EUR/kWh"), (2, "EUR/kWh")),
    POWER: ((0.1, "EUR/kW"), (1, "EUR/kW")),
    MASS: ((80, "EUR/t"), (0.5, "EUR/kg")),
    ENERGY_TIME: ((0.01, "EUR/kWh/h"),),
    NUMBER: ((2, "EUR"), (0.3, "EUR")),
    TIME: ((0.5, "EUR/h"), (2, "EUR/h")),
}
"""What one of a dimension is worth, so that it can be added to money."""


def possible(blocks: Sequence[ast.Block]) -> list[Word]:
    """The words whose settings a spec gives."""
    given = {
        (block.kind.text, each.name.text)
        for block in blocks
        for each in block.body
        if isinstance(each, ast.Setting)
    }

    def can(word: Word) -> bool:
        instead = any(other in given for other in word.or_needs)
        return all(need in given for need in (word.needs[1:] if instead else word.needs))

    return [word for word in WORDS if can(word)]


@st.composite
def stages(
    draw: st.DrawFn,
    blocks: Sequence[ast.Block],
    sought: Collection[str] = (),
    sought_terms: Collection[str] = (),
) -> list[ast.Statement]:
    """One to three stages, the words and terms that are sought in them; the first most often weighs service
    against something else."""
    words = possible(blocks)
    terms = possible_terms(blocks)
    added = [name for name in terms if name in sought_terms]
    if not added and draw(st.sampled_from([False] * 4 + [True])):
        added = [draw(st.sampled_from(terms))]
    asked = [word for word in words if word.name in sought]
    summed = [word for word in asked if _can_be_summed(word)]
    alone = [word for word in asked if word not in summed]
    number = max(draw(st.sampled_from([1, 1, 1, 2, 2, 3])), len(alone) + bool(summed))
    # Which of the stages have them: no one word is always weighed first.
    places = draw(st.permutations(range(number)))
    found: list[ast.Statement] = []
    for position in range(number):
        allowing = draw(st.sampled_from([None, None, 1, 10])) if position else None
        share = nodes.number(allowing, "%") if allowing else None
        place = places[position]
        if place < len(alone):
            found.append(draw(_alone([alone[place]], position > 0, share)))
        else:
            these = summed if place == len(alone) else []
            found.append(draw(_stage(words, position > 0, share, these)))
    return draw(_with_terms(found, added))


@st.composite
def _with_terms(draw: st.DrawFn, stages: list[ast.Statement], names: list[str]) -> list[ast.Statement]:
    """The stages with terms added to the first that is a sum of money, or in stages of their own."""
    found = list(stages)
    for name in names:
        more = draw(term(name))
        sums = [at for at, stage in enumerate(found) if _is_sum_of_money(stage)]
        if not sums:
            found.append(nodes.objective("minimize", more, bool(found)))
            continue
        stage = found[sums[0]]
        assert isinstance(stage, ast.Objective)
        found[sums[0]] = replace(stage, value=nodes.binary("+", stage.value, more))
    return found


def _is_sum_of_money(stage: ast.Statement) -> bool:
    """Whether a stage makes a sum small, which is always one of money here."""
    if not isinstance(stage, ast.Objective) or stage.sense != "minimize":
        return False
    if isinstance(stage.value, ast.Name):
        declared = word_of(stage.value.text)
        return declared is not None and declared.dimension == MONEY
    return True


def _can_be_summed(word: Word) -> bool:
    return not word.order and word.dimension in (MONEY, *WORTH)


@st.composite
def _alone(draw: st.DrawFn, words: list[Word], then: bool, share: ast.Expression | None) -> ast.Objective:
    word = draw(st.sampled_from(words))
    against = _may_turn(word) and draw(st.sampled_from([False] * 5 + [True]))
    sense = "maximize" if (word.better == "large") != against else "minimize"
    return nodes.objective(sense, nodes.name(word.name), then, share)


@st.composite
def _stage(
    draw: st.DrawFn, words: list[Word], then: bool, share: ast.Expression | None, asked: list[Word]
) -> ast.Objective:
    if not asked and draw(st.sampled_from([False, False, False, then, True])):
        orders = [word for word in words if word.order]  # no sum has them
        return draw(_alone([*words, *orders, *orders], then, share))
    summed = [word for word in words if _can_be_summed(word)]
    service = [word for word in summed if word.name in ("unmet", "dissatisfaction")]
    serves = bool(service) and draw(st.sampled_from([True] * 4 + [False]))
    chosen = [draw(st.sampled_from(service))] if serves else []
    whole = [word for word in summed if word.parts]
    if whole and draw(st.sampled_from([True, True, False])):
        chosen.append(draw(st.sampled_from(whole)))
    more = asked or draw(st.lists(st.sampled_from(summed), min_size=1, max_size=2))
    chosen = [*{word.name: word for word in (*more, *chosen)}.values()]
    value: ast.Expression | None = None
    for word in chosen:
        against = _may_turn(word) and draw(st.sampled_from([False] * 6 + [True]))
        minus = (word.better == "large") != against
        term: ast.Expression = nodes.name(word.name)
        if word.dimension != MONEY:
            term = nodes.binary("*", nodes.number(*draw(st.sampled_from(WORTH[word.dimension]))), term)
        if value is None:
            value = ast.Unary("-", term, nodes.NOWHERE) if minus else term
        else:
            value = nodes.binary("-" if minus else "+", value, term)
    assert value is not None
    return nodes.objective("minimize", value, then, share)


def _may_turn(word: Word) -> bool:
    """Whether it may be made large as well as small."""
    return word.curve is Curve.LINEAR and not word.parts
