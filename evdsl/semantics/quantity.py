"""`charge[v, t]`, `roof.power[t]` and `sum(v in vans: ...)`: what single vehicles and steps do."""

from __future__ import annotations

from dataclasses import replace

from evdsl.diagnostics.diagnostic import did_you_mean
from evdsl.diagnostics.source import Span
from evdsl.language.names import AGGREGATES, SET_WORDS
from evdsl.language.quantities import OF_DEVICES, OF_GRID, QUANTITIES, QuantityDeclaration
from evdsl.language.requirement import aggregate_depth
from evdsl.language.sets import AsOne, AtTime, Bound, GroupSet, Place, VehicleSet
from evdsl.language.steps import step_at
from evdsl.language.units import MONEY_PER_ENERGY
from evdsl.language.values import (
    Aggregated,
    ClockTime,
    Const,
    Daily,
    FileSeries,
    FileTariff,
    Instant,
    ListValue,
    Operation,
    Quantity,
    RangeValue,
    TextValue,
    Value,
    leaves,
)
from evdsl.semantics.arithmetic import is_clock, is_decided
from evdsl.semantics.binding import in_brackets, to_bind
from evdsl.semantics.evaluate import definition, evaluate
from evdsl.semantics.scope import Local, Scope
from evdsl.semantics.sets import (
    dotted_member,
    kind_of,
    listed_set,
    local_time,
    member_set,
    named_set,
    set_of,
    usages,
)
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
        known = [*QUANTITIES, *(device.name for device in local.of_kind(*OF_DEVICES))]
        help = scope.near(owner.text, known) or f"quantities are {', '.join(known[:30])}"
        scope.report("E203", f"there is no quantity `{owner.text}`", owner.span, "", help)
    return None


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
        known = OF_DEVICES[device.kind]
        if name.text in known:
            return known[name.text]
        help = did_you_mean(name.text, known) or f"a `{device.kind}` has {', '.join(known)}"
        message = f"`{device.kind} {owner.text}` has no quantity `{name.text}`"
        scope.report("E203", message, name.span, "", help)
        return None
    other = next((d for d in local.devices if owner.text and owner.text in (d.name, d.kind)), None)
    if other is not None:
        message = f"the quantities of a `{other.kind}` are not written with a `.`"
        help = f"quantities are {', '.join(declared.usage() for declared in QUANTITIES.values())}"
        scope.report("E305", message, owner.span, "", help)
    elif not scope.excuses(owner.text):
        names = [d.name for d in local.of_kind(*OF_DEVICES)]
        help = scope.near(owner.text, names) or "devices with a power are " + ", ".join(OF_DEVICES)
        scope.report("E203", f"there is no device `{owner.text}`", owner.span, "", help)
    return None


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
    if not all(isinstance(leaf, Const | Daily | FileSeries | FileTariff) for leaf in leaves(value)):
        message = f"`{owner.text}` is no series, and has no value for a step"
        scope.report("E305", message, owner.span, "", f"write `{owner.text}` without brackets")
        return None
    local.series[owner.text] = value
    return Quantity(owner.text, "let", places, value.dimension, False, expression.span)


def _quantity(declared: QuantityDeclaration, owner: str, expression: ast.Index, scope: Scope) -> Value | None:
    local = scope.local
    assert local is not None
    if declared.name in OF_GRID and not owner:
        grid = next(iter(local.of_kind("grid")), None)
        if grid is None or declared.name not in grid.given:
            if not scope.opaque:
                message = f"`{declared.name}` needs the `{declared.name}` of the `grid`"
                scope.report("E405", message, expression.span, "", f"add `{declared.name} = ...` to `grid`")
            return None
    places = places_of(declared, owner, expression, scope)
    if places is None:
        return None
    name = declared.name
    return Quantity(name, owner, places, declared.dimension, declared.decided, expression.span)


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


def places_of(
    declared: QuantityDeclaration, owner: str, expression: ast.Index, scope: Scope
) -> tuple[Place, ...] | None:
    """What stands in the brackets, one for each that the quantity is asked for."""
    usage = declared.usage(owner)
    given = [argument.value for argument in expression.indices]
    named = next((argument for argument in expression.indices if argument.name), None)
    if named is not None:
        scope.report("E305", "what stands in brackets has no name", named.span, "", f"write `{usage}`")
        return None
    if len(given) != len(declared.over):
        wanted = " and ".join(f"a {kind}" for kind in declared.over)
        message = f"`{usage.split('[')[0]}` is asked for of {wanted}, and has {len(given)} in its brackets"
        local = scope.local
        assert local is not None
        scope.report("E305", message, expression.span, "", in_brackets(usage.split("[")[0], declared, local))
        return None
    places: list[Place] = []
    for kind, index in zip(declared.over, given, strict=True):
        place = _step(index, usage, scope) if kind == "step" else _vehicle(index, declared, usage, scope)
        if place is None:
            return None
        places.append(place)
    return tuple(places)


def _bound(name: str, wanted: str, span: Span, usage: str, local: Local, scope: Scope) -> bool:
    """Whether a variable runs over what is wanted: steps, or vehicles and groups of them."""
    local.used.add(name)
    kind = kind_of(local.binders[name])
    if (kind == "step") == (wanted == "step"):
        return True
    message = f"`{name}` is a {kind}, and a {wanted} is wanted there"
    scope.report("E305", message, span, "", f"write `{usage}`, with `v` a vehicle and `t` a step")
    return False


def _step(index: ast.Expression, usage: str, scope: Scope) -> Place | None:
    local = scope.local
    assert local is not None
    name, shift = _shifted(index)
    if name is not None and name.text in local.binders:
        if not _bound(name.text, "step", name.span, usage, local, scope):
            return None
        return Bound(name.text, shift)
    if isinstance(index, ast.Name) and index.text not in scope.definitions:
        if index.text in SET_WORDS or any(d.name == index.text for d in local.devices):
            help = f"write `sum(t in steps: {usage})`" if index.text == "steps" else f"write `{usage}`"
            scope.report("E305", f"`{index.text}` is not a step", index.span, "", help)
        elif not scope.excuses(index.text):
            help = to_bind(index.text, "steps", usage, local)
            scope.report("E203", f"there is no step `{index.text}`", index.span, "", help)
        return None
    value = evaluate(index, scope)
    if value is None:
        return None
    if not isinstance(value, ClockTime | Instant):
        message = f"{scope.shown(value)} is not a step"
        scope.report("E305", message, index.span, "", f"write `{usage}`, or a time such as `07:30`")
        return None
    if local.horizon is None:
        return None
    place = AtTime(local_time(value, local.horizon.start))
    if step_at(place, local.horizon) is None:
        message = f"{scope.shown(value)} lies outside the horizon"
        scope.report("E308", message, index.span, "", "clock times are on the first day; write a date")
        return None
    return place


def _shifted(index: ast.Expression) -> tuple[ast.Name | None, int]:
    """`t`, `t + 1` or `t - 1`: the name, and the whole number of steps."""
    if isinstance(index, ast.Name):
        return index, 0
    if (
        isinstance(index, ast.Binary)
        and index.operator in "+-"
        and isinstance(index.left, ast.Name)
        and isinstance(index.right, ast.Number)
        and not index.right.unit
        and index.right.value == int(index.right.value)
    ):
        return index.left, int(index.right.value) * (1 if index.operator == "+" else -1)
    return None, 0


def _vehicle(index: ast.Expression, declared: QuantityDeclaration, usage: str, scope: Scope) -> Place | None:
    local = scope.local
    assert local is not None
    if isinstance(index, ast.Name) and index.text in local.binders:
        if not _bound(index.text, "vehicle", index.span, usage, local, scope):
            return None
        over = local.binders[index.text]
        sets = over.groups if isinstance(over, GroupSet) else (over,)
        summed = isinstance(over, GroupSet)
        place: Place = Bound(index.text)
    elif isinstance(index, ast.Name | ast.ListOf | ast.Index):
        whole = _whole(index, usage, scope)
        if whole is None:
            return None
        sets, summed, place = (whole,), not local.is_single(whole), AsOne(whole)
    else:
        text = " ".join(index.span.text.split())[:60]
        message = f"`{text}` is no vehicle"
        help = dotted_member(index, local) or f"write `{usage}`, or the name of a block"
        scope.report("E305", message, index.span, "", help)
        return None
    for found in sets:
        if isinstance(found, VehicleSet) and not _fits(found, summed, declared, index.span, scope):
            return None
    return place


def _whole(index: ast.Name | ast.ListOf | ast.Index, usage: str, scope: Scope) -> VehicleSet | None:
    """The vehicles that are written in brackets, without a variable."""
    if isinstance(index, ast.Name):
        return _by_name(index, usage, scope)
    return member_set(index, scope) if isinstance(index, ast.Index) else listed_set(index, scope)


def _by_name(name: ast.Name, usage: str, scope: Scope) -> VehicleSet | None:
    local = scope.local
    assert local is not None
    if name.text in SET_WORDS and name.text != "vehicles":
        help = f"bind a variable: `for v in {name.text}`"
        scope.report("E305", f"`{name.text}` is not a vehicle", name.span, "", help)
        return None
    known = name.text == "vehicles" or any(device.name == name.text for device in local.devices)
    if not known and not scope.excuses(name.text):
        help = scope.near(name.text, [*local.known_sets(), *local.binders])
        known_names = [known for known in local.known_sets() if known == "vehicles" or known not in SET_WORDS]
        blocks = f"sets of vehicles are {', '.join(known_names[:20])}; or " if len(name.text) > 2 else ""
        several = len(name.text) > 1 and local.of_kind("fleet", "sessions")  # a letter is bound
        written = f"; {usages(local)}" if several else ""
        help = help or blocks + to_bind(name.text, "vehicles", usage, local) + written
        scope.report("E203", f"there is no vehicle `{name.text}`", name.span, "", help)
        return None
    return named_set(name, scope)


def _fits(over: VehicleSet, summed: bool, declared: QuantityDeclaration, span: Span, scope: Scope) -> bool:
    """Whether a quantity has a meaning for the vehicles of a set."""
    local = scope.local
    assert local is not None
    name = declared.name
    text = " ".join(span.text.split())
    if over.ports and not declared.of_ports:
        message = f"`{name}` is a vehicle's own, and has no part that belongs to ports"
        scope.report("E305", message, span, "", "name the vehicles: `vehicles`, a fleet or a class")
        return False
    if summed and not declared.adds:
        message = f"`{name}` is one vehicle's, and cannot be added up over `{text}`"
        scope.report("E305", message, span, "", f"write `mean(v in {text}: {declared.usage()})`")
        return False
    bare = [c.name for c in local.classes_of(over) if "battery" not in c.given]
    if declared.needs_battery and bare and not scope.opaque:
        message = f"`{name}` needs a battery, and `class {bare[0]}` has none"
        help = f"add `battery = 60 kWh` to `class {bare[0]}`, or leave its vehicles out: "
        help += f"`{name}` of the others alone"
        scope.report("E412", message, span, "", help)
        return False
    return True
