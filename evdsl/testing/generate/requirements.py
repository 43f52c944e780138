"""Random requirements, from the declared quantities: rows of the user's own that are often met and may bind.

A row is `QUANTITY COMPARISON BOUND`, over sets of vehicles and of steps or aggregated over them; the quantity
may be multiplied by one that is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from hypothesis import strategies as st

from evdsl.language.declaration import Curve
from evdsl.language.names import AGGREGATES, COMPARISONS, SET_WORDS
from evdsl.language.quantities import (
    AT_DEPARTURE,
    DECLARED,
    DEPARTURE,
    OF_DEVICES,
    OF_GRID,
    QuantityDeclaration,
)
from evdsl.syntax import ast
from evdsl.testing.generate import nodes
from evdsl.testing.generate.features import OF_REQUIREMENTS, Wanted
from evdsl.testing.generate.values import AMOUNTS, Amount, SiteDraft, canonical, period

VARIABLES = {"vehicle": "v", "step": "t"}
MEMBERS = {
    "vehicles": "vehicle",
    "fleets": "vehicle",
    "classes": "vehicle",
    "ports": "vehicle",
    "steps": "step",
}
"""What the sets of the language have in them, as far as a quantity is asked for of it."""
BLOCKS = {"vehicles": ("vehicle", "fleet"), "fleets": ("fleet",), "classes": ("class",), "ports": ("port",)}
"""The blocks without which a set is empty."""


MAY_BE_NOTHING = ("charge", "discharge", "export")
"""Quantities that most sites can keep at zero: of others a row of `==` would leave nothing to be decided."""
WIDE = 20.0
"""Times the largest amount: no sum over the vehicles and steps of a site is more."""


@dataclass(frozen=True, slots=True)
class Named:
    """A quantity and the device that has it; no device for those of vehicles and of the site."""

    owner: str
    kind: str
    declared: QuantityDeclaration

    @property
    def feature(self) -> str:
        """Its name among features."""
        return f"{self.kind}.{self.declared.name}" if self.kind else self.declared.name


@dataclass(frozen=True, slots=True)
class Row:
    """What is settled of a requirement before it is drawn; what is empty may be anything."""

    quantity: Named | None = None
    known: Named | None = None
    """A quantity that is no decision, by which the first is multiplied."""
    comparison: str = ""
    aggregate: str = ""
    over: str = ""
    """The set of its last index, or of the one that the set is of."""

    def settled(self, group: str, name: str) -> Row | None:
        """The row with one thing more settled; nothing where that is settled already."""
        if group == "set":
            return None if self.over else replace(self, over=name)
        if group == "aggregate":
            return None if self.aggregate else replace(self, aggregate=name)
        return None if self.comparison else replace(self, comparison=name)

    def fits(self, quantity: Named) -> bool:
        """Whether a row over a quantity can have what is settled."""
        declared = quantity.declared
        if self.over and MEMBERS.get(self.over, "step") not in declared.over:
            return False
        if self.over in ("fleets", "classes") and not declared.adds:
            return False
        if self.over == "ports" and not declared.of_ports:
            return False
        if self.known is not None and not self._may_multiply(self.known.declared, declared):
            return False
        bent = declared.curve is not Curve.LINEAR or self.aggregate == "max"
        if bent and (self.comparison not in ("", "<=") or self.aggregate == "min"):
            return False
        if self.comparison == "==" and declared.name not in MAY_BE_NOTHING:
            return False
        if self.known is not None and (bent or self.aggregate == "min") and self.known.declared.negative:
            return False
        return self.aggregate != "min" or self.comparison in ("", ">=")

    def _may_multiply(self, known: QuantityDeclaration, declared: QuantityDeclaration) -> bool:
        """Whether what is known is asked for of the same indices, of groups and ports as well."""
        if not {*known.over} <= {*declared.over}:
            return False
        if "vehicle" not in known.over or self.over not in ("fleets", "classes", "ports"):
            return True
        return known.adds if self.over != "ports" else known.of_ports


@st.composite
def requirements(
    draw: st.DrawFn, blocks: Sequence[ast.Block], site: SiteDraft, sought: Wanted | None = None
) -> list[ast.Statement]:
    """Rows with everything that is sought of them; where nothing is, most often none and else one."""
    known = quantities(blocks)
    rows = _sought(draw, sought or Wanted(), known, blocks)
    if not rows and draw(st.sampled_from([True, True, True, False])):
        return []
    return [
        draw(_requirement(f"own{at or ''}", row, known, blocks, site))
        for at, row in enumerate(rows or [Row()])
    ]


def _sought(draw: st.DrawFn, asked: Wanted, known: list[Named], blocks: Sequence[ast.Block]) -> list[Row]:
    """As few rows as have all that is sought and can be had of this site."""
    if not any(feature.group in OF_REQUIREMENTS for feature in asked.features):
        return []
    rows: list[Row] = []
    for name in asked.of("quantity"):
        some = [each for each in known if each.feature == name]
        if some:
            one = draw(st.sampled_from(some))
            rows.append(Row(quantity=one) if one.declared.decided else Row(known=one))
    sets = [name for name in asked.of("set") if _there(name, blocks)]
    others = {"set": sets, "aggregate": asked.of("aggregate"), "comparison": asked.of("comparison")}
    for group, name in ((group, name) for group, names in others.items() for name in names):
        changed = [(at, row.settled(group, name)) for at, row in enumerate(rows)]
        possible = [(at, row) for at, row in changed if row is not None and _candidates(row, known)]
        alone = Row().settled(group, name)
        if possible:
            at, row = draw(st.sampled_from(possible))
            rows[at] = row
        elif alone is not None:
            rows.append(alone)
    return [row for row in rows if _candidates(row, known)]


def _candidates(row: Row, known: list[Named]) -> list[Named]:
    given = [row.quantity] if row.quantity is not None else [each for each in known if each.declared.decided]
    return [each for each in given if row.fits(each)]


@st.composite
def _requirement(
    draw: st.DrawFn, own: str, row: Row, known: list[Named], blocks: Sequence[ast.Block], site: SiteDraft
) -> ast.Requirement:
    quantity = draw(st.sampled_from(_candidates(row, known)))
    declared = quantity.declared
    binders = [(VARIABLES[of], draw(_set(of, row, declared, blocks, site))) for of in declared.over]
    aggregate = row.aggregate or draw(st.sampled_from(["", "", *AGGREGATES]))
    trial = replace(row, aggregate=aggregate)
    allowed = [
        each for each in COMPARISONS if replace(trial, comparison=row.comparison or each).fits(quantity)
    ]
    if not allowed:  # of an aggregate that was not asked for
        trial = replace(row, aggregate="")
        allowed = [
            each for each in COMPARISONS if replace(trial, comparison=row.comparison or each).fits(quantity)
        ]
    relation = row.comparison or draw(st.sampled_from([allowed[0], allowed[0], *allowed]))
    places: dict[str, ast.Expression] = {of: nodes.name(VARIABLES[of]) for of in declared.over}
    if binders and isinstance(binders[0][1], ast.Index) and row.known is None and draw(st.booleans()):
        # A single vehicle stands in brackets without a variable too.
        places["vehicle"] = binders.pop(0)[1]
    left: ast.Expression = _of(quantity, places)
    if row.known is not None:
        left = nodes.binary("*", _of(row.known, places), left)
    if trial.aggregate and binders:
        # Over its last index, over the others a row for each.
        variable, over = binders.pop()
        binder = ast.Binder(nodes.name(variable), over, nodes.NOWHERE)
        left = ast.Aggregate(nodes.name(trial.aggregate), binder, left, nodes.NOWHERE)
    right = draw(_bound(relation, quantity, row.known))
    return nodes.requirement(own, left, relation, right, binders)


def _of(quantity: Named, places: Mapping[str, ast.Expression]) -> ast.Expression:
    """`NAME.quantity[v, t]`, with what stands at each index."""
    at_end = next((name for name, each in AT_DEPARTURE.items() if each == quantity.declared), None)
    if at_end is not None:
        return nodes.index(nodes.name(at_end), places["vehicle"], nodes.name(DEPARTURE))
    subject = nodes.name(quantity.declared.name)
    of: ast.Expression = (
        ast.Attribute(nodes.name(quantity.owner), subject, nodes.NOWHERE) if quantity.owner else subject
    )
    over = quantity.declared.over
    return nodes.index(of, *(places[each] for each in over)) if over else of


@st.composite
def _bound(draw: st.DrawFn, relation: str, quantity: Named, factor: Named | None) -> ast.Expression:
    """What a row is held to: most often so wide that it can be met, else any amount, which may bind."""
    above = sorted((one for one in _amounts(quantity.declared) if one[0] > 0), key=canonical)
    most, unit = above[-1]
    wide = (WIDE * most, unit)
    negative = quantity.declared.negative or (factor is not None and factor.declared.negative)
    least = (-wide[0] if negative else 0.0, unit)
    of = {"<=": [wide] * 3, ">=": [least] * 3, "==": [(0.0, unit)] * 3}[relation]
    found = nodes.number(*draw(st.sampled_from([*of, draw(st.sampled_from(above))])))
    if factor is None:
        return found
    return nodes.binary("*", nodes.number(*max(_amounts(factor.declared), key=canonical)), found)


def _amounts(declared: QuantityDeclaration) -> tuple[Amount, ...]:
    return AMOUNTS.get(declared.dimension, ((1.0, ""),))


def _set(
    of: str, row: Row, declared: QuantityDeclaration, blocks: Sequence[ast.Block], site: SiteDraft
) -> st.SearchStrategy[ast.Expression]:
    """What an index runs over: the set that is settled, else any that has such members."""
    if MEMBERS.get(row.over) == of:
        return st.just(nodes.name(row.over))
    if of == "step":
        return st.one_of(st.just(nodes.name("steps")), st.just(period(0, site.minutes * 60, site)))
    own = [block.name.text for block in blocks if block.kind.text in ("vehicle", "fleet") and block.name]
    words = [
        word
        for word in SET_WORDS
        if MEMBERS[word] == of and replace(row, over=word).fits(Named("", "", declared))
    ]
    named: list[ast.Expression] = [
        nodes.name(each) for each in (*(word for word in words if _there(word, blocks)), *own)
    ]
    single = [one for block in blocks if (one := _single(block, site)) is not None]
    return st.sampled_from([*named, *single])


def _single(block: ast.Block, site: SiteDraft) -> ast.Expression | None:
    """One vehicle of a block of several, or one stay of a block that comes on every day."""
    if block.name is None or (block.kind.text == "fleet" and not _is_populated(block)):
        return None
    given = [each for each in block.body if isinstance(each, ast.Setting) and each.name.text == "days"]
    if any(not isinstance(each.value, ast.Name) or each.value.text != "all" for each in given):
        return None  # which days these are is worked out elsewhere
    number = [nodes.number(1.0, "")] if block.kind.text == "fleet" else []
    day = [nodes.date(site.start.replace(hour=0, minute=0))] if given else []
    if block.kind.text not in ("fleet", "vehicle") or not (number or day):
        return None
    return nodes.index(nodes.name(block.name.text), *number, *day)


def _is_populated(fleet: ast.Block) -> bool:
    """Whether a fleet has a vehicle for sure."""
    counts = [
        inner.value for inner in fleet.body if isinstance(inner, ast.Setting) and inner.name.text == "count"
    ]
    return any(isinstance(count, ast.Number) and count.value >= 1 for count in counts)


def _there(word: str, blocks: Sequence[ast.Block]) -> bool:
    """Whether a set of the language has anything in it."""
    return any(block.kind.text in BLOCKS.get(word, (block.kind.text,)) for block in blocks)


def _given(block: ast.Block) -> set[str]:
    return {each.name.text for each in block.body if isinstance(each, ast.Setting)}


def quantities(blocks: Sequence[ast.Block]) -> list[Named]:
    """Every quantity that there is, with the device that owns it."""
    kinds = {block.kind.text for block in blocks}
    given = {name for block in blocks if block.kind.text == "grid" for name in _given(block)}
    batteries = all("battery" in _given(block) for block in blocks if block.kind.text == "class")
    found = [
        Named("", "", one)
        for one in DECLARED.values()
        if not one.shared
        and ("vehicle" not in one.over or kinds & {"vehicle", "fleet"})
        and (one.name not in OF_GRID or one.name in given)
        and (not one.needs_battery or batteries)
    ]
    for block in blocks:
        if block.name is not None:
            known = OF_DEVICES.get(block.kind.text, {}).values()
            # Sizes are asked for where they are chosen (`evdsl.testing.generate.sizes`).
            owned = [one for one in known if not one.shared and not one.size]
            found += [Named(block.name.text, block.kind.text, one) for one in owned]
    return found
