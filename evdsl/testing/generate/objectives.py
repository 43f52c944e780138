"""Random objectives and requirements, from the declared words and quantities.

A word is weighed so that the sum is money, with the sign that its curve allows, or stands alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import strategies as st

from evdsl.language.declaration import Curve, Word
from evdsl.language.objectives import WORDS
from evdsl.language.quantities import OF_DEVICES, QUANTITIES, Declared
from evdsl.language.units import ENERGY, ENERGY_TIME, MASS, MONEY, NUMBER, POWER, Dimension
from evdsl.syntax import ast
from evdsl.testing.generate import nodes
from evdsl.testing.generate.values import AMOUNTS, Site, moment

WORTH: dict[Dimension, tuple[tuple[float, str], ...]] = {
    ENERGY: ((0.6, "EUR/kWh"), (0.05, "EUR/kWh"), (2, "EUR/kWh")),
    POWER: ((0.1, "EUR/kW"), (1, "EUR/kW")),
    MASS: ((80, "EUR/t"), (0.5, "EUR/kg")),
    ENERGY_TIME: ((0.01, "EUR/kWh/h"),),
    NUMBER: ((2, "EUR"), (0.3, "EUR")),
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
def stages(draw: st.DrawFn, blocks: Sequence[ast.Block]) -> list[ast.Statement]:
    """One to three stages; the first most often weighs service against something else."""
    words = possible(blocks)
    number = draw(st.sampled_from([1, 1, 1, 2, 2, 3]))
    found: list[ast.Statement] = []
    for position in range(number):
        allowing = draw(st.sampled_from([None, None, 1, 10])) if position else None
        share = nodes.number(allowing, "%") if allowing else None
        found.append(draw(_stage(words, position > 0, share)))
    return found


@st.composite
def _stage(draw: st.DrawFn, words: list[Word], then: bool, share: ast.Expression | None) -> ast.Objective:
    if draw(st.sampled_from([False, False, False, then, True])):
        orders = [word for word in words if word.order]  # no sum has them
        word = draw(st.sampled_from([*words, *orders, *orders]))
        against = _may_turn(word) and draw(st.sampled_from([False] * 5 + [True]))
        sense = "maximize" if (word.better == "large") != against else "minimize"
        return nodes.objective(sense, nodes.name(word.name), then, share)
    summed = [word for word in words if not word.order and word.dimension in (MONEY, *WORTH)]
    service = [word for word in summed if word.name in ("unmet", "dissatisfaction")]
    serves = bool(service) and draw(st.sampled_from([True] * 4 + [False]))
    chosen = [draw(st.sampled_from(service))] if serves else []
    whole = [word for word in summed if word.parts]
    if whole and draw(st.sampled_from([True, True, False])):
        chosen.append(draw(st.sampled_from(whole)))
    more = draw(st.lists(st.sampled_from(summed), min_size=1, max_size=2))
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


@st.composite
def requirements(draw: st.DrawFn, blocks: Sequence[ast.Block], site: Site) -> list[ast.Statement]:
    """None or one row of the user's own, over any quantity that there is."""
    if draw(st.sampled_from([True, True, True, False])):
        return []
    known = _quantities(blocks)
    owner, declared = draw(st.sampled_from(known))
    variable = {"vehicle": "v", "step": "t"}
    sets = {"vehicle": _vehicles(blocks), "step": st.just(nodes.name("steps"))}
    first_step = nodes.span_of(moment(0, site), moment(site.minutes * 60, site))
    sets["step"] = st.one_of(sets["step"], st.just(first_step))
    subject = nodes.name(declared.name)
    left: ast.Expression = ast.Attribute(nodes.name(owner), subject, nodes.NOWHERE) if owner else subject
    places: list[ast.Expression] = [nodes.name(variable[over]) for over in declared.over]
    binders = [(variable[over], draw(sets[over])) for over in declared.over]
    if binders and isinstance(binders[0][1], ast.Index) and draw(st.booleans()):
        # A single vehicle stands in brackets without a variable too.
        places[0] = binders.pop(0)[1]
    left = nodes.index(left, *places)
    if binders and draw(st.sampled_from([False, False, True])):
        # Over the last of its indices an aggregate, over the others a row for each.
        last = binders.pop()
        function = draw(st.sampled_from(["sum", "max", "mean"]))
        over = ast.Binder(nodes.name(last[0]), last[1], nodes.NOWHERE)
        left = ast.Aggregate(nodes.name(function), over, left, nodes.NOWHERE)
        relation = "<="
    else:
        relation = draw(st.sampled_from(["<=", "<=", "<=", ">="]))
    amounts = [one for one in AMOUNTS.get(declared.dimension, ((1.0, ""),)) if one[0] > 0]
    right = nodes.number(*draw(st.sampled_from(amounts)))
    return [nodes.requirement("own", left, relation, right, binders)]


def _quantities(blocks: Sequence[ast.Block]) -> list[tuple[str, Declared]]:
    """Every decided quantity, with the device that owns it."""
    vehicles = any(block.kind.text in ("vehicle", "fleet") for block in blocks)
    own = [one for one in QUANTITIES.values() if one.decided]
    found = [("", one) for one in own if vehicles or "vehicle" not in one.over]
    for block in blocks:
        if block.name is not None:
            owned = OF_DEVICES.get(block.kind.text, {}).values()
            found += [(block.name.text, one) for one in owned if one.decided]
    return found


def _vehicles(blocks: Sequence[ast.Block]) -> st.SearchStrategy[ast.Expression]:
    own = [block.name.text for block in blocks if block.kind.text in ("vehicle", "fleet") and block.name]
    single = [
        nodes.index(nodes.name(block.name.text), nodes.number(1.0, ""))
        for block in blocks
        if block.kind.text == "fleet" and block.name and _is_populated(block)
    ]
    named: list[ast.Expression] = [nodes.name(each) for each in ("vehicles", *own)]
    return st.sampled_from([*named, *single])


def _is_populated(fleet: ast.Block) -> bool:
    """Whether a fleet has a vehicle for sure."""
    counts = [
        inner.value for inner in fleet.body if isinstance(inner, ast.Setting) and inner.name.text == "count"
    ]
    return any(isinstance(count, ast.Number) and count.value >= 1 for count in counts)
