"""The sets of a requirement: what its variables run over, and what a name in brackets stands for."""

from __future__ import annotations

from datetime import datetime, timedelta

from evdsl.diagnostics.diagnostic import excerpt
from evdsl.language.clock import wall
from evdsl.language.names import SET_WORDS
from evdsl.language.sets import AllSteps, AnySet, ClockSteps, DateSteps, GroupSet, VehicleSet
from evdsl.language.spec import VEHICLE_BLOCKS
from evdsl.language.values import ClockTime, Instant, RangeValue
from evdsl.semantics.evaluate import evaluate
from evdsl.semantics.scope import Local, Scope
from evdsl.syntax import ast


def kind_of(over: AnySet) -> str:
    """What a set is made of: `vehicle`, `group` or `step`."""
    if isinstance(over, VehicleSet):
        return "vehicle"
    return "group" if isinstance(over, GroupSet) else "step"


def set_of(expression: ast.Expression, scope: Scope) -> AnySet | None:
    """What a variable runs over; `None` where a finding has been reported."""
    local = scope.local
    assert local is not None
    if isinstance(expression, ast.Name):
        return _word(expression, local) or named_set(expression, scope)
    if isinstance(expression, ast.ListOf):
        return listed_set(expression, scope)
    if isinstance(expression, ast.Range):
        return _times(expression, scope)
    message = f"{_text(expression)} is not a set"
    help = f"sets are {', '.join(SET_WORDS)}, a block by its name, or times such as `22:00 .. 06:00`"
    scope.report("E305", message, expression.span, "", help)
    return None


def _word(name: ast.Name, local: Local) -> AnySet | None:
    """The sets that the language names itself; those of groups may be empty, which the checks tell."""
    blocks = local.blocks()
    match name.text:
        case "steps":
            return AllSteps()
        case "vehicles":
            return VehicleSet(blocks)
        case "fleets":
            names = [device.name for device in local.of_kind("fleet", "sessions")]
            return GroupSet(tuple(names), tuple(VehicleSet((name,)) for name in names))
        case "classes":
            names = [device.name for device in local.of_kind("class")]
            return GroupSet(tuple(names), tuple(_of_class(name, local) for name in names))
        case "ports":
            names = [device.name for device in local.of_kind("port")]
            return GroupSet(tuple(names), tuple(_of_port(name, local) for name in names))
    return None


def _of_class(name: str, local: Local) -> VehicleSet:
    return VehicleSet(tuple(d.name for d in local.of_kind(*VEHICLE_BLOCKS) if d.of == name))


def _of_port(name: str, local: Local) -> VehicleSet:
    """The vehicles that may use a block of ports, with the power that flows through it."""
    allowed = {d.name for d in local.of_kind("class") if not d.names("ports") or name in d.names("ports")}
    return VehicleSet(tuple(d.name for d in local.of_kind(*VEHICLE_BLOCKS) if d.of in allowed), (name,))


def named_set(name: ast.Name, scope: Scope) -> VehicleSet | None:
    """The vehicles that a name stands for: of a block, of a class, or at a block of ports, in this order."""
    local = scope.local
    assert local is not None
    if name.text == "vehicles":
        return VehicleSet(local.blocks())
    kinds = {device.kind: device for device in reversed(local.devices) if device.name == name.text}
    if kinds.keys() & set(VEHICLE_BLOCKS):
        return VehicleSet((name.text,))
    if "class" in kinds:
        return _of_class(name.text, local)
    if "port" in kinds:
        return _of_port(name.text, local)
    if kinds and name.text:
        what = f"`{name.text}` is a `{next(iter(kinds))}`, and no set of vehicles"
        scope.report("E305", what, name.span, "", f"sets are {', '.join(local.known_sets()[:20])}")
    elif name.text in local.binders:
        what = f"`{name.text}` is a variable here, and no set"
        scope.report("E305", what, name.span, "", f"sets are {', '.join(local.known_sets()[:20])}")
    elif not scope.excuses(name.text):
        known = local.known_sets()
        help = scope.near(name.text, known) or f"sets are {', '.join(known[:20])}"
        scope.report("E203", f"there is no set `{name.text}`", name.span, "", help)
    return None


def listed_set(items: ast.ListOf, scope: Scope) -> VehicleSet | None:
    """The vehicles of all names of a list, or the power through all of its blocks of ports."""
    found: list[VehicleSet] = []
    for item in items.items:
        if not isinstance(item, ast.Name):
            help = "write names of blocks, such as `[vans, taxis]`"
            scope.report("E305", f"{_text(item)} is not the name of a block", item.span, "", help)
            return None
        one = named_set(item, scope)
        if one is None:
            return None
        found.append(one)
    if not found:
        scope.report("E305", "the set is empty", items.span, "", "write names of blocks into it")
        return None
    if len({bool(one.ports) for one in found}) > 1:
        message = "a list holds vehicles, or blocks of ports, and not both"
        scope.report("E305", message, items.span, "", "write a requirement for each")
        return None
    blocks = tuple(dict.fromkeys(block for one in found for block in one.blocks))
    return VehicleSet(blocks, tuple(dict.fromkeys(port for one in found for port in one.ports)))


def _times(expression: ast.Range, scope: Scope) -> AnySet | None:
    value = evaluate(expression, scope)
    if not isinstance(value, RangeValue):
        return None
    low, high = value.low, value.high
    if isinstance(low, ClockTime) and isinstance(high, ClockTime):
        ends = [low.hours + low.later, high.hours + high.later]
        if all(0 <= hours <= 24 for hours in ends):
            return ClockSteps(ends[0], ends[1])
        message = "a range of clock times is one of each day, from 00:00 to 24:00"
        help = "write dates for a single one: `2024-03-12 22:00 .. 2024-03-13 06:00`"
        scope.report("E308", message, expression.span, "", help)
        return None
    if isinstance(low, Instant) and isinstance(high, Instant):
        first, last = local_time(low, low.when), local_time(high, high.when)
        if first < last:
            return DateSteps(first, last)
        message = "the range ends before it begins"
        text = f"write `{scope.shown(high)} .. {scope.shown(low)}`"
        scope.report("E308", message, expression.span, "", text)
        return None
    message = f"{_text(expression)} is no range of clock times or dates"
    help = "write `22:00 .. 06:00`, or `2024-03-12 07:00 .. 2024-03-12 09:00`"
    scope.report("E305", message, expression.span, "", help)
    return None


def local_time(value: ClockTime | Instant, start: datetime) -> datetime:
    """A clock time of the first day, or a date, on the wall clock."""
    return wall(value, start) + timedelta(hours=value.later)


def _text(expression: ast.Expression) -> str:
    text = " ".join(expression.span.text.split())
    return f"`{excerpt(text, 60)}`"
