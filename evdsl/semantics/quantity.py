"""`charge[v, t]`, `roof.power[t]` and `sum(v in vans: ...)`: what single vehicles and steps do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from evdsl.diagnostics.diagnostic import did_you_mean
from evdsl.diagnostics.source import Span
from evdsl.language.names import AGGREGATES, SET_WORDS
from evdsl.language.quantities import (
    AT_DEPARTURE,
    DEPARTURE,
    OF_DEVICES,
    OF_GRID,
    QUANTITIES,
    SHARED_BY,
    QuantityDeclaration,
)
from evdsl.language.requirement import aggregate_depth
from evdsl.language.units import MONEY_PER_ENERGY
from evdsl.language.values import (
    SERIES,
    Aggregated,
    Calendar,
    Const,
    Daily,
    ListValue,
    Operation,
    Quantity,
    RangeValue,
    TextValue,
    Value,
    leaves,
)
from evdsl.semantics.arithmetic import is_clock, is_decided
from evdsl.semantics.binding import in_brackets
from evdsl.semantics.evaluate import definition, evaluate
from evdsl.semantics.places import places_of
from evdsl.semantics.scope import Local, Scope
from evdsl.semantics.sets import (
    kind_of,
    set_of,
)
from evdsl.semantics.sizes import decides_peak, has_its_number
from evdsl.syntax import ast

MAXIMUM_NESTED = 8
"""Aggregates inside each other, and variables of one requirement: each is an axis of its cells."""

Single = ast.Index | ast.Attribute | ast.Aggregate


def single(expression: Single, scope: Scope) -> Value | None:
    """A quantity of single vehicles and steps, or an aggregate of one."""
    if isinstance(expression, ast.Aggregate):
        return _aggregate(expression, scope)
    if isinstance(expression, ast.Attribute):
        return _without_brackets(expression, scope)
    owner = expression.owner
    if isinstance(owner, ast.Attribute) and isinstance(owner.owner, ast.Name):
        found = _of_device(owner.owner, owner.name, scope)
        return None if found is None else _quantity(found, owner.owner.text, expression, scope)
    if not isinstance(owner, ast.Name):
        scope.report("E305", "brackets stand behind a name", expression.span, "", "write `charge[v, t]`")
        return None
    if owner.text in scope.definitions:
        return _series(owner, expression, scope)
    if owner.text in AT_DEPARTURE and _is_at_departure(expression, scope):
        of_vehicle = replace(expression, indices=expression.indices[:1])
        return _quantity(AT_DEPARTURE[owner.text], "", of_vehicle, scope)
    if owner.text in QUANTITIES:
        return _quantity(QUANTITIES[owner.text], "", expression, scope)
    local = scope.local
    assert local is not None
    if any(device.name == owner.text for device in local.of_kind(*OF_DEVICES)):
        found = _of_device(owner, ast.Name("power", owner.span), scope)
        return None if found is None else _quantity(found, owner.text, expression, scope)
    if owner.text in local.blocks():
        text = " ".join(expression.span.text.split())
        help = f"put it in brackets: `delivered[{text}]`"
        scope.report(
            "E305", f"`{text}` is a vehicle, and cannot be calculated with", expression.span, "", help
        )
        return None
    if not scope.excuses(owner.text):
        known = [*_usable(QUANTITIES, local), *(device.name for device in local.of_kind(*OF_DEVICES))]
        help = scope.near(owner.text, known) or f"quantities are {', '.join(known[:30])}"
        scope.report("E203", f"there is no quantity `{owner.text}`", owner.span, "", help)
    return None


def _is_at_departure(expression: ast.Index, scope: Scope) -> bool:
    """Whether `departure` stands in the place of a step, where no variable and no definition is called so."""
    if len(expression.indices) != 2:
        return False
    index, local = expression.indices[1], scope.local
    assert local is not None
    name = index.value.text if isinstance(index.value, ast.Name) and not index.name else ""
    return name == DEPARTURE and name not in local.binders and name not in scope.definitions


def bare_name(name: ast.Name, scope: Scope) -> bool:
    """Whether a name lacks its brackets; then that is reported."""
    local = scope.local
    assert local is not None
    if name.text in local.binders:
        local.used.add(name.text)
        kind = kind_of(local.binders[name.text])
        example = f"import[{name.text}]" if kind == "step" else f"delivered[{name.text}]"
        message = f"`{name.text}` is a {kind}, and cannot be calculated with"
        scope.report("E305", message, name.span, "", f"put it in brackets: `{example}`")
        return True
    declared = QUANTITIES.get(name.text)
    if declared is None:
        return False
    _report_bare(name.text, declared, name.span, scope)
    return True


def _report_bare(text: str, declared: QuantityDeclaration, span: Span, scope: Scope) -> None:
    local = scope.local
    assert local is not None
    of = " and ".join(f"a {kind}" for kind in declared.over)
    help = in_brackets(text, declared, local)
    scope.report("E305", f"`{text}` is asked for of {of}, in brackets", span, "", help)


def _without_brackets(expression: ast.Attribute, scope: Scope) -> Value | None:
    if isinstance(expression.owner, ast.Name):
        found = _of_device(expression.owner, expression.name, scope)
        if found is not None and not found.over:
            return _quantity(found, expression.owner.text, expression, scope)
        if found is not None:
            _report_bare(f"{expression.owner.text}.{found.name}", found, expression.span, scope)
        return None
    scope.report("E305", "a `.` stands between a device and its quantity", expression.span)
    return None


def _of_device(owner: ast.Name, name: ast.Name, scope: Scope) -> QuantityDeclaration | None:
    """The quantity of a device; what is wrong with either name is reported."""
    local = scope.local
    assert local is not None
    device = next((d for d in local.of_kind(*OF_DEVICES) if d.name == owner.text), None)
    if device is not None:
        if name.text in OF_DEVICES[device.kind]:
            return OF_DEVICES[device.kind][name.text]
        known = _usable(OF_DEVICES[device.kind], local)
        help = did_you_mean(name.text, known) or f"a `{device.kind}` has {', '.join(known)}"
        message = f"`{device.kind} {owner.text}` has no quantity `{name.text}`"
        scope.report("E203", message, name.span, "", help)
        return None
    other = next((d for d in local.devices if owner.text and owner.text in (d.name, d.kind)), None)
    if other is not None:
        message = f"the quantities of a `{other.kind}` are not written with a `.`"
        help = f"quantities are {', '.join(QUANTITIES[one].usage() for one in _usable(QUANTITIES, local))}"
        scope.report("E305", message, owner.span, "", help)
    elif not scope.excuses(owner.text):
        names = [d.name for d in local.of_kind(*OF_DEVICES)]
        help = scope.near(owner.text, names) or "devices with a power are " + ", ".join(OF_DEVICES)
        scope.report("E203", f"there is no device `{owner.text}`", owner.span, "", help)
    return None


def _usable(known: Mapping[str, QuantityDeclaration], local: Local) -> list[str]:
    """The quantities that may stand here: shares in a `let` alone."""
    return [name for name, declared in known.items() if local.is_let or not declared.shared]


def _series(owner: ast.Name, expression: ast.Index, scope: Scope) -> Value | None:
    """`limit[t]`, a param or let over time; one that is constant may stand there too."""
    local = scope.local
    assert local is not None
    scope.used.add(owner.text)
    value = definition(owner.text, scope, owner.span)
    declared = QuantityDeclaration(owner.text, MONEY_PER_ENERGY, ("step",), decided=False, negative=True)
    places = places_of(declared, "", expression, scope)
    if value is None or places is None:
        return None
    if isinstance(value, Const):
        return replace(value, span=expression.span)
    if not all(isinstance(leaf, (Calendar, Const, Daily, *SERIES)) for leaf in leaves(value)):
        message = f"`{owner.text}` is no series, and has no value for a step"
        scope.report("E305", message, owner.span, "", f"write `{owner.text}` without brackets")
        return None
    local.series[owner.text] = value
    return Quantity(owner.text, "let", places, value.dimension, False, expression.span)


def _quantity(
    declared: QuantityDeclaration, owner: str, expression: ast.Index | ast.Attribute, scope: Scope
) -> Value | None:
    local = scope.local
    assert local is not None
    needed = SHARED_BY[declared.name] if declared.shared else declared.name
    if declared.shared or (needed in OF_GRID and not owner):
        grid = next(iter(local.of_kind("grid")), None)
        if grid is None or needed not in grid.given:
            if not scope.opaque:
                message = f"`{declared.name}` needs the `{needed}` of the `grid`"
                scope.report("E405", message, expression.span, "", f"add `{needed} = ...` to `grid`")
            return None
    if owner and not has_its_number(declared, owner, expression.span, scope):
        return None
    places = places_of(declared, owner, expression, scope) if isinstance(expression, ast.Index) else ()
    if places is None:
        return None
    name = declared.name
    decided = declared.decided or (name == "available" and decides_peak(owner, scope))
    return Quantity(name, owner, places, declared.dimension, decided, expression.span)


def _aggregate(expression: ast.Aggregate, scope: Scope) -> Value | None:
    local = scope.local
    assert local is not None
    function, binder = expression.function, expression.binder
    if function.text not in AGGREGATES:
        help = did_you_mean(function.text, AGGREGATES) or f"aggregates are {', '.join(AGGREGATES)}"
        message = f"`{function.text}` is no aggregate"
        scope.report("E205", message, function.span, "", help)
        return None
    over = set_of(binder.over, scope)
    if over is None or not is_free(binder.variable, scope):
        return None
    name = binder.variable.text
    local.binders[name] = over
    local.used.discard(name)
    body = evaluate(expression.body, scope)
    del local.binders[name]
    if body is None:
        return None
    if isinstance(body, TextValue | RangeValue | ListValue) or is_clock(body):
        message = f"{scope.shown(body)} cannot be added or compared"
        scope.report("E305", message, body.span)
        return None
    if name not in local.used and (function.text != "sum" or is_decided(body)):
        message = f"`{name}` is not used, so `{function.text}` says nothing"
        help = f"put it in brackets: `{'import' if kind_of(over) == 'step' else 'delivered'}[{name}]`"
        scope.report("E305", message, binder.span, "", help)
        return None
    if aggregate_depth(body) >= MAXIMUM_NESTED:
        message = f"more than {MAXIMUM_NESTED} aggregates stand inside each other"
        scope.report("E004", message, expression.span, "", "a sum over vehicles and steps has two")
        return None
    size, depth = (body.size, body.depth) if isinstance(body, Operation | Aggregated) else (1, 0)
    return Aggregated(function.text, name, over, body, body.dimension, expression.span, size + 1, depth + 1)


def is_free(name: ast.Name, scope: Scope) -> bool:
    """Whether a variable can have that name; if not, that is reported."""
    local = scope.local
    assert local is not None
    if name.text in local.binders:
        message = f"`{name.text}` already runs over a set here"
        scope.report("E207", message, name.span, "", "take another letter for this one")
    elif name.text in scope.definitions:
        message = f"`{name.text}` is defined on line {scope.definitions[name.text].span.line}"
        scope.report("E207", message, name.span, "", "take another letter for the variable")
    elif name.text in scope.words or name.text in QUANTITIES or name.text in SET_WORDS or name.text == "step":
        message = f"`{name.text}` is a word of the language, and cannot be a variable"
        scope.report("E207", message, name.span, "", "take a letter such as `v` or `t`")
    else:
        return True
    return False
