"""What stands in the brackets of a quantity: single steps, single vehicles, and sets of them."""

from __future__ import annotations

from evdsl.diagnostics.source import Span
from evdsl.language.names import SET_WORDS
from evdsl.language.quantities import AT_DEPARTURE, DEPARTURE, QuantityDeclaration
from evdsl.language.sets import AsOne, AtTime, Bound, GroupSet, Place, VehicleSet
from evdsl.language.steps import step_at
from evdsl.language.values import ClockTime, Instant
from evdsl.semantics.binding import in_brackets, to_bind
from evdsl.semantics.evaluate import evaluate
from evdsl.semantics.scope import Local, Scope
from evdsl.semantics.sets import (
    dotted_member,
    kind_of,
    listed_set,
    local_time,
    member_set,
    named_set,
    usages,
)
from evdsl.syntax import ast


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
    if not declared.over:
        message = f"`{usage}` is one value, and is asked for of nothing"
        scope.report("E305", message, expression.span, "", f"write `{usage}`")
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
        if index.text == DEPARTURE:
            states = " and ".join(f"`{declared.usage()}`" for declared in AT_DEPARTURE.values())
            message = f"`{DEPARTURE}` is no step: what vehicles leave with is {states}"
            scope.report("E305", message, index.span, "", f"write `{usage}`, with `t` a step")
        elif index.text in SET_WORDS or any(d.name == index.text for d in local.devices):
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
    name = declared.written or declared.name
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
