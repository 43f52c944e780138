"""The sets of a requirement: what its variables run over, and what a name in brackets stands for."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta

from evdsl.diagnostics.diagnostic import excerpt
from evdsl.language.calendar import dates_of
from evdsl.language.clock import wall
from evdsl.language.names import DAY_NAMES, SET_WORDS
from evdsl.language.sets import AllSteps, AnySet, ClockSteps, DateSteps, GroupSet, Member, VehicleSet, of_day
from evdsl.language.spec import VEHICLE_BLOCKS, Device
from evdsl.language.units import NUMBER
from evdsl.language.values import ClockTime, Const, Instant, RangeValue, TextValue, Value
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
    if isinstance(expression, ast.Index):
        return member_set(expression, scope)
    if isinstance(expression, ast.Range):
        return _times(expression, scope)
    message = f"{_text(expression)} is not a set"
    help = (
        dotted_member(expression, local)
        or f"sets are {', '.join(SET_WORDS)}, a block by its name, or times such as `22:00 .. 06:00`"
    )
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
    local = scope.local
    assert local is not None
    found: list[VehicleSet] = []
    for item in items.items:
        if not isinstance(item, ast.Name | ast.Index):
            help = dotted_member(item, local) or "write names of blocks, such as `[vans, taxis]`"
            scope.report("E305", f"{_text(item)} is not the name of a block", item.span, "", help)
            return None
        one = member_set(item, scope) if isinstance(item, ast.Index) else named_set(item, scope)
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
    ports = tuple(dict.fromkeys(port for one in found for port in one.ports))
    members = dict.fromkeys(member for one in found for member in one.members)
    return VehicleSet(blocks, ports, tuple(each for each in members if each.block not in blocks))


def member_set(expression: ast.Index, scope: Scope) -> VehicleSet | None:
    """`day_shift[3]`, `log["1_1_194"]`: one vehicle of a block, by its number or its name in a file."""
    local = scope.local
    assert local is not None
    owner, given = expression.owner, expression.indices
    if not isinstance(owner, ast.Name):
        scope.report("E305", f"{_text(expression)} is no vehicle", expression.span, "", usages(local))
        return None
    device = next((d for d in local.of_kind(*VEHICLE_BLOCKS) if d.name == owner.text), None)
    if device is None:
        if (
            any(owner.text in (d.name, d.kind) for d in local.devices if owner.text)
            or owner.text in SET_WORDS
        ):
            message = f"`{owner.text}` is no block of vehicles, which alone has single ones"
            scope.report("E305", message, owner.span, "", usages(local))
        elif not scope.excuses(owner.text):
            help = scope.near(owner.text, local.blocks()) or usages(local)
            scope.report("E203", f"there is no block of vehicles `{owner.text}`", owner.span, "", help)
        return None
    if device.kind == "vehicle" and device.get("days") is None:
        message = f"`{device.name}` is one vehicle, and has none inside"
        scope.report("E305", message, expression.span, "", f"write `{device.name}`")
        return None
    wanted = (device.kind != "vehicle") + (device.get("days") is not None)
    if len(given) != wanted or any(each.name for each in given):
        message = f"one vehicle of `{device.name}` is asked for, and {len(given)} stand in the brackets"
        if device.get("days") is not None:
            message = f"`{device.name}` comes on several days, and one stay is asked for by its day"
        if any(each.name for each in given):
            message = "what stands in brackets has no name"
        scope.report("E305", message, expression.span, "", f"write `{usage_of(device, local)}`")
        return None
    if device.get("days") is not None:
        return _stay(device, [each.value for each in given], expression, scope)
    value = evaluate(given[0].value, scope)
    return None if value is None else _member(device, value, expression, scope)


def _stay(
    device: Device, given: list[ast.Expression], expression: ast.Index, scope: Scope
) -> VehicleSet | None:
    """`day_shift[3, 2024-03-13]`, `bus[2024-03-13]`: a vehicle on one of the days on which it comes."""
    local = scope.local
    assert local is not None
    usage, last = f"write `{usage_of(device, local)}`", given[-1]
    if isinstance(last, ast.Name) and last.text in DAY_NAMES and last.text not in scope.definitions:
        message = f"the stays of `{device.name}` have dates, and `{last.text}` may be several days"
        scope.report("E305", message, last.span, "", usage)
        return None
    *numbers, day = (evaluate(each, scope) for each in given)
    if day is None or None in numbers:
        return None
    if not isinstance(day, Instant) or day.has_time or day.later:
        message = f"the stays of `{device.name}` have dates, and {scope.shown(day)} is none"
        scope.report("E305", message, day.span, "", usage)
        return None
    when = day.when.date()
    known = _dates(device, local)
    if known and when not in known:
        message = f"`{device.name}` does not come on {when}"
        help = f"it comes on {len(known)} day{'s' * (len(known) > 1)}, the first is {known[0]}"
        scope.report("E203", message, day.span, "", help)
        return None
    if not numbers:
        return VehicleSet((), (), (Member(device.name, of_day(device.name, None, when)),))
    number = numbers[0]
    assert number is not None, "asked above"
    one = _member(device, number, expression, scope)
    if one is None:
        return None
    assert isinstance(number, Const), "`_member` refuses all else"
    name = of_day(device.name, int(number.value), when)
    return VehicleSet((), (), (Member(device.name, name),))


def _dates(device: Device, local: Local) -> tuple[date, ...]:
    """The days on which a block comes; none where the horizon is not known."""
    if local.horizon is None:
        return ()
    station = next(iter(local.of_kind("station")), None)
    holidays = station.get("holidays") if station is not None else None
    return dates_of(device.get("days"), local.horizon, holidays)


def _member(device: Device, value: Value, expression: ast.Index, scope: Scope) -> VehicleSet | None:
    local = scope.local
    assert local is not None
    name, usage = device.name, f"write `{usage_of(device, local)}`"
    if device.get("id") is not None:
        if isinstance(value, TextValue):
            return VehicleSet((), (), (Member(name, value.value.strip()),))
        message = f"the vehicles of `{name}` have the names of its `id`, and {scope.shown(value)} is none"
        scope.report("E305", message, value.span, "", usage)
        return None
    if not isinstance(value, Const) or value.dimension != NUMBER or value.value != int(value.value):
        message = f"the vehicles of `{name}` have numbers, and {scope.shown(value)} is no whole one"
        scope.report("E305", message, value.span, "", usage)
        return None
    given = device.get("count")
    # How many are drawn is known with the data, as is what a file has.
    number, count = int(value.value), given.value if isinstance(given, Const) else math.inf
    if 1 <= number <= count:
        return VehicleSet((), (), (Member(name, f"{name}.{number}"),))
    has = f"`{name}` has {count:g}" if number > 0 else "the first is 1"
    message = f"there is no vehicle `{name}[{number}]`: {has}"
    scope.report("E203", message, expression.span, "", usage if count else "")
    return None


def usage_of(device: Device, local: Local) -> str:
    """How a vehicle of a block is written."""
    if device.get("days") is not None:
        known = _dates(device, local)
        day = f"{known[0]}" if known else "2024-03-12"
        return f"{device.name}[{day}]" if device.kind == "vehicle" else f"{device.name}[1, {day}]"
    if device.kind == "vehicle":
        return device.name
    return f"{device.name}[1]" if device.get("id") is None else f'{device.name}["name in its file"]'


def usages(local: Local) -> str:
    """How single vehicles are written, by examples of the spec."""
    examples = [f"`{usage_of(device, local)}`" for device in local.of_kind(*VEHICLE_BLOCKS)]
    return f"single vehicles are written {', '.join(examples[:3])}" if examples else ""


def dotted_member(expression: ast.Expression, local: Local) -> str:
    """How a vehicle is written that stands there as reports have it, with a `.`, or as its name alone."""
    blocks = {device.name: device for device in local.of_kind("fleet", "sessions")}
    if isinstance(expression, ast.Attribute) and isinstance(expression.owner, ast.Name):
        if expression.owner.text in blocks:
            device, name = blocks[expression.owner.text], expression.name.text
            return (
                f"write `{usage_of(device, local)}`"
                if device.get("id") is None
                else f'write `{device.name}["{name}"]`'
            )
    elif isinstance(expression, ast.Text):
        named = [name for name, device in blocks.items() if device.get("id") is not None]
        if len(named) == 1:
            return f'write `{named[0]}["{expression.value}"]`'
    return ""


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
