"""Random variations of a given spec: other values, toggles and counts, less of it, or more objectives.

Every change is one that the declarations allow. Statements that are read from data stay as they are.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from evdsl.language.declaration import Kind, Setting, Shape
from evdsl.language.devices import kind
from evdsl.language.spec import Spec
from evdsl.syntax import ast
from evdsl.testing.generate import nodes
from evdsl.testing.generate.edits import names_in, scaled
from evdsl.testing.generate.objectives import stages
from evdsl.testing.generate.specs import setting_of, toggles
from evdsl.testing.generate.values import SiteDraft, can_be_given

FIXED = ("start", "horizon", "step", "zone", "currency", "seed")
"""Settings of the station that all series and times depend on."""

SCALED = (Shape.SERIES, Shape.CONSTANT)
FACTORS = (0.5, 2.0, 0.1, 0.0, -1.0)
MOST = 4
"""Blocks that are changed: with more of them most variations would be refused."""


@st.composite
def variations(draw: st.DrawFn, file: ast.File, spec: Spec) -> ast.File:
    """A variation of a spec that was read from `file`; comments are left out."""
    site = site_of(file, spec)
    found = [*file.statements]
    for _ in range(draw(st.integers(1, MOST))):
        places = [at for at, each in enumerate(found) if isinstance(each, ast.Block)]
        if not places:  # all of them may be in files that are included
            break
        at = draw(st.sampled_from(places))
        block = found[at]
        assert isinstance(block, ast.Block)
        if _is_free(block, found) and draw(st.sampled_from([False, False, False, True])):
            del found[at]
        else:
            found[at] = draw(_varied(block, site))
    if draw(st.booleans()):
        found += draw(toggles())
    if draw(st.sampled_from([False, False, True])):
        own = [each for each in found if isinstance(each, ast.Block)]
        found = [each for each in found if not isinstance(each, ast.Objective | ast.Pareto)]
        found += draw(stages(own))
    return nodes.file_of(_once(found))


def site_of(file: ast.File, spec: Spec) -> SiteDraft:
    """What values may depend on, as it is in a spec."""
    names: dict[str, list[str]] = {}
    for statement in file.statements:
        if isinstance(statement, ast.Block) and statement.name is not None:
            names.setdefault(statement.kind.text, []).append(statement.name.text)
    start = spec.start.replace(tzinfo=None)
    return SiteDraft(start, spec.steps, max(round(spec.step * 60), 1), names, spec.zone)


def _is_free(block: ast.Block, statements: list[ast.Statement]) -> bool:
    """Whether the spec may do without a block: nothing is of it, and nothing speaks of it."""
    declared = kind(block.kind.text)
    if declared is None or declared.single or block.name is None:
        return False
    others = [each for each in statements if each is not block]
    return block.name.text not in {name for each in others for name in names_in(each)}


@st.composite
def _varied(draw: st.DrawFn, block: ast.Block, site: SiteDraft) -> ast.Block:
    """A block with another value for one of its settings, or without it."""
    declared = kind(block.kind.text)
    places = []
    for at, each in enumerate(block.body):
        setting = declared.setting(each.name.text) if declared and isinstance(each, ast.Setting) else None
        if setting is not None and setting.name not in FIXED:
            places.append((at, setting))
    if declared is None or not places:
        return block
    at, setting = draw(st.sampled_from(places))
    given = block.body[at]
    assert isinstance(given, ast.Setting)
    value = draw(_other(declared, setting, given.value, site))
    body = [*block.body[:at], *block.body[at + 1 :]]
    if value is not None:
        body.insert(at, replace(given, value=value))
    return replace(block, body=tuple(body))


def _other(
    declared: Kind, setting: Setting, value: ast.Expression, site: SiteDraft
) -> st.SearchStrategy[ast.Expression | None]:
    """Another value for a setting: any that is allowed, a multiple of this one, or none."""
    ways: list[st.SearchStrategy[ast.Expression | None]] = []
    if can_be_given(setting, site):
        ways.append(setting_of(declared, setting, site))
    if setting.shape in SCALED and isinstance(value, ast.Number | ast.Table | ast.Binary | ast.Call):
        allowed = [f for f in FACTORS if f > 0 or setting.minimum is None or (f == 0 and not setting.above)]
        ways.append(st.sampled_from(allowed).map(lambda factor: scaled(value, factor)))
    if not setting.required and not any(setting.name in group for group in declared.either):
        ways.append(st.none())
    return st.one_of(ways) if ways else st.just(value)


def _once(statements: list[ast.Statement]) -> list[ast.Statement]:
    """A toggle that is switched twice counts as it is switched last."""
    seen: set[str] = set()
    found: list[ast.Statement] = []
    for each in reversed(statements):
        if isinstance(each, ast.Toggle):
            names = tuple(name for name in each.names if name.text not in seen)
            seen |= {name.text for name in names}
            if not names:
                continue
            each = replace(each, names=names)
        found.append(each)
    return [*reversed(found)]
