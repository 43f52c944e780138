"""Random variations of a given spec: other values, toggles and counts, less of it, or more objectives.

Every change is one that the declarations allow. Statements that are read from data stay as they are.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from evdsl import ast
from evdsl.devices import kind
from evdsl.fuzzing import nodes
from evdsl.fuzzing.edits import scaled
from evdsl.fuzzing.objectives import stages
from evdsl.fuzzing.specs import toggles
from evdsl.fuzzing.values import Site, can_be_given, value_of
from evdsl.schema import Setting, Shape
from evdsl.spec import Spec

FIXED = ("start", "horizon", "step", "zone", "currency", "seed")
"""Settings of the station that all series and times depend on."""

SCALED = (Shape.SERIES, Shape.CONSTANT)
FACTORS = (0.5, 2.0, 0.1, 0.0, -1.0)


@st.composite
def variations(draw: st.DrawFn, file: ast.File, spec: Spec) -> ast.File:
    """A variation of a spec that was read from `file`; comments are left out."""
    site = site_of(file, spec)
    found: list[ast.Statement] = []
    for statement in file.statements:
        if isinstance(statement, ast.Block):
            block = draw(_block(statement, site))
            found += [block] if block is not None else []
        else:
            found.append(statement)
    found += draw(st.sampled_from([[], None])) or draw(toggles())
    if draw(st.sampled_from([False, False, True])):
        own = [each for each in found if isinstance(each, ast.Block)]
        found = [each for each in found if not isinstance(each, ast.Objective | ast.Pareto)]
        found += draw(stages(own))
    return nodes.file_of(_once(found))


def site_of(file: ast.File, spec: Spec) -> Site:
    """What values may depend on, as it is in a spec."""
    names: dict[str, list[str]] = {}
    for statement in file.statements:
        if isinstance(statement, ast.Block) and statement.name is not None:
            names.setdefault(statement.kind.text, []).append(statement.name.text)
    start = spec.start.replace(tzinfo=None)
    return Site(start, spec.steps, max(round(spec.step * 60), 1), names, spec.zone)


@st.composite
def _block(draw: st.DrawFn, block: ast.Block, site: Site) -> ast.Block | None:
    """A block with a few other values, or none of it."""
    declared = kind(block.kind.text)
    if declared is None:
        return block
    if not declared.single and draw(st.sampled_from([False] * 7 + [True])):
        return None
    body: list[ast.Statement] = []
    for each in block.body:
        setting = declared.setting(each.name.text) if isinstance(each, ast.Setting) else None
        changes = draw(st.sampled_from([False] * 4 + [True]))
        if not changes or setting is None or setting.name in FIXED or not isinstance(each, ast.Setting):
            body.append(each)
            continue
        value = draw(_other(setting, each.value, site))
        body += [replace(each, value=value)] if value is not None else []
    return replace(block, body=tuple(body))


def _other(setting: Setting, value: ast.Expression, site: Site) -> st.SearchStrategy[ast.Expression | None]:
    """Another value for a setting: any that is allowed, a multiple of this one, or none."""
    ways: list[st.SearchStrategy[ast.Expression | None]] = []
    if can_be_given(setting, site):
        ways.append(value_of(setting, site))
    if setting.shape in SCALED and isinstance(value, ast.Number | ast.Table | ast.Binary | ast.Call):
        allowed = [f for f in FACTORS if f > 0 or setting.minimum is None or (f == 0 and not setting.above)]
        ways.append(st.sampled_from(allowed).map(lambda factor: scaled(value, factor)))
    if not setting.required:
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
