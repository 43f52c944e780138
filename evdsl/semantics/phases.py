"""Phases and amperes: which phases a block names, and the power that a current on each of them is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evdsl.diagnostics.diagnostic import did_you_mean
from evdsl.diagnostics.source import Span
from evdsl.language.declaration import Setting
from evdsl.language.devices.phases import LABELS, NOMINAL, ROTATE, phases_of
from evdsl.language.spec import Device
from evdsl.language.units import CURRENT, POWER, VOLTAGE, format_value
from evdsl.language.values import Const, ListValue, TextValue, Value
from evdsl.semantics.ranges import example
from evdsl.semantics.scope import Scope
from evdsl.syntax import ast

ALL = len(LABELS)


def read_phases(
    setting: Setting, expression: ast.Expression, owner: str, header: Span, scope: Scope
) -> Value | None:
    """The phases that a block names, each once; or `rotate`, where the setting allows it."""
    if isinstance(expression, ast.Name) and expression.text in setting.choices:
        return TextValue(expression.text, expression.span)
    items = expression.items if isinstance(expression, ast.ListOf) else (expression,)
    names = [item for item in items if isinstance(item, ast.Name)]
    wrong = next((item for item in items if not isinstance(item, ast.Name) or item.text not in LABELS), None)
    if wrong is not None or not names:
        place = expression if wrong is None else wrong
        text = wrong.text if isinstance(wrong, ast.Name) else ""
        message = f"`{owner}` wants `{setting.name}` as phases out of L1, L2 and L3"
        message += f", and `{text}` is none of them" if text else ""
        help = did_you_mean(text, LABELS) or _counted(place, setting)
        scope.report("E305", message, place.span, "", help, header)
        return None
    seen: set[str] = set()
    for name in names:
        if name.text in seen:
            message = f"`{setting.name}` of `{owner}` names {name.text} twice"
            once = ", ".join(dict.fromkeys(name.text for name in names))
            scope.report("E207", message, name.span, "", f"write `{setting.name} = [{once}]`", header)
            return None
        seen.add(name.text)
    return ListValue(tuple(TextValue(name.text, name.span) for name in names), expression.span)


def is_count(setting: Setting, expression: ast.Expression, owner: str, header: Span, scope: Scope) -> bool:
    """Whether the `phases` of a class are no names of phases; if they are, that is reported."""
    items = expression.items if isinstance(expression, ast.ListOf) else (expression,)
    names = [item.text for item in items if isinstance(item, ast.Name)]
    if not any(name in (*LABELS, ROTATE) and name not in scope.definitions for name in names):
        return True
    message = f"`{owner}` wants `{setting.name}` as a number, since its port says which ones they are"
    count = len(items) if ROTATE not in names and len(items) <= ALL else 1
    scope.report("E305", message, expression.span, "", f"write `{setting.name} = {count}`", header)
    return False


def _counted(place: ast.Expression, setting: Setting) -> str:
    """What to write; where a number stands, as many phases as it says."""
    count = int(place.value) if isinstance(place, ast.Number) and not place.unit else 0
    named = ", ".join(LABELS[:count] if 1 <= count <= ALL else LABELS[:1])
    return f"write `{setting.name} = [{named}]`"


def by_phase(setting: Setting, value: Value, scope: Scope) -> str:
    """What to write where a current stands for a power, or a power for a current; empty for anything else."""
    if not isinstance(value, Const) or value.value < 0:
        return ""
    if VOLTAGE in (setting.dimension, value.dimension):
        return example(setting)
    each = scope.volts
    where = f"of {each * 1e3:.10g} V"
    if setting.dimension == POWER and value.dimension == CURRENT:
        one, three = (f"{n * each * value.value:.6g} kW" for n in (1, ALL))
        if setting.name in ("import_limit", "limit"):
            limit = f"`phase_limit = {format_value(value.value, CURRENT)}`"
            each_one = f", or {limit} for each"
            if setting.required:
                each_one = f"; {limit} beside it is for each"
            return f"write `{setting.name} = {three}` for all three phases {where}{each_one}"
        return f"write `{setting.name} = {three}` for three phases {where}, or `{one}` for one"
    if setting.dimension == CURRENT and value.dimension == POWER:
        one, three = (f"{value.value / each / n:.6g} A" for n in (1, ALL))
        if setting.name == "unbalance_limit":
            return f"write `{setting.name} = {one}`, which is that power on one phase {where}"
        return (
            f"write `{setting.name} = {three}` if that is the power of three phases {where}, or `{one}` "
            "if of each"
        )
    return ""


def _rounded(number: float) -> float:
    """Without the rounding of binary fractions: 63 A are 43.47 kW."""
    return float(f"{number:.12g}")


def volts_of(statements: Sequence[ast.Statement]) -> float:
    """What an ampere is worth, as far as the text says so without calculation: for helps alone."""
    for block in statements:
        if isinstance(block, ast.Block) and block.kind.text == "station":
            for one in block.body:
                if isinstance(one, ast.Setting) and one.name.text == "voltage":
                    given = one.value
                    if isinstance(given, ast.Number) and given.unit == "V" and given.value > 0:
                        return given.value * 1e-3
    return NOMINAL


def in_kilowatts(devices: Sequence[Device]) -> list[Device]:
    """The blocks with every current that stands for a power as that power: amperes · voltage · phases.

    A class whose power is a current is one of three phases where it does not say how many it uses.
    """
    station = next((device for device in devices if device.kind == "station"), None)
    given = None if station is None else station.get("voltage")
    volts = given.value if isinstance(given, Const) and given.dimension == VOLTAGE else NOMINAL
    return [_in_kilowatts(device, volts) for device in devices]


def _in_kilowatts(device: Device, volts: float) -> Device:
    if device.kind not in ("port", "class"):
        return device
    count = len(phases_of(device)) if device.kind == "port" else int(device.number("phases", float(ALL)))
    settings = {name: _as_power(value, count * volts) for name, value in device.settings.items()}
    if settings == device.settings:
        return device
    if device.kind == "class" and "phases" not in settings:
        first = next(value for name, value in settings.items() if value != device.settings[name])
        settings["phases"] = Const(float(ALL), POWER.per(POWER), first.span)
    return replace(device, settings=settings)


def _as_power(value: Value, each: float) -> Value:
    if isinstance(value, Const) and value.dimension == CURRENT:
        return replace(value, value=_rounded(value.value * each), dimension=POWER, amperes=value.value)
    if isinstance(value, ListValue):
        dimension = POWER if value.dimension == CURRENT else value.dimension
        items = tuple(_as_power(item, each) for item in value.items)
        return replace(value, items=items, dimension=dimension)
    return value
