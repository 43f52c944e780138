"""Whether the numbers of a setting lie where they have a meaning, as its kind declares."""

from __future__ import annotations

from math import floor

from evdsl.diagnostics.source import Span
from evdsl.language.clock import MAXIMUM_HOURS
from evdsl.language.counts import is_whole
from evdsl.language.declaration import Setting, Shape
from evdsl.language.units import NUMBER, TIME, format_value
from evdsl.language.values import Calendar, ChargeTable, Const, Daily, Draw, ListValue, RangeValue, Value
from evdsl.semantics.scope import Scope

LARGEST = 1e12
"""Of any quantity, in canonical units: a million GWh. Beyond it no solver can be trusted."""


def widen(shape: Shape, value: Value) -> Value:
    """A constant where a range is asked for is the range of it alone, and one for a list a list of it."""
    if shape is Shape.RANGE and not isinstance(value, RangeValue):
        return RangeValue(value, value, value.span, value.dimension)
    listed = (
        (shape is Shape.NUMBERS and isinstance(value, Const))
        or (shape is Shape.WINDOWS and isinstance(value, RangeValue))
        or (shape is Shape.SERIES_LIST and not isinstance(value, ListValue))
    )
    if listed:
        return ListValue((value,), value.span, value.dimension)
    return value


def is_in_range(setting: Setting, value: Value, owner: str, header: Span, scope: Scope) -> bool:
    """Whether all constants of a value are in range; the first that is not is reported."""
    currency = scope.currency or "EUR"
    for number, span, when in _constants(value):
        reason = "" if _may_be_nothing(setting, value, number) else outside(setting, number, currency)
        if reason:
            shown = " ".join(span.text.split())[:60]
            if when:
                shown = f"{amount_of(number, setting, currency)} at {when}"
            message = f"`{setting.name}` of `{owner}` is {shown}, {reason}"
            scope.report("E308", message, span, "", _instead(setting, number, span), header)
            return False
    drawn = setting.shape is Shape.DRAWN_COUNT and not isinstance(value, Const)
    if setting.is_counted and not drawn and not _is_whole(setting, value, owner, header, scope):
        return False
    if setting.shape is Shape.DRAWN_COUNT and not is_whole(value):
        text = scope.shown(value).strip("`")
        message = f"`{setting.name}` of `{owner}` is a whole number, and `{text}` may be none"
        scope.report("E308", message, value.span, "", f"write `{setting.name} = round({text})`", header)
        return False
    if isinstance(value, RangeValue) and _is_upside_down(value):
        text = f"{scope.shown(value.high)} .. {scope.shown(value.low)}"
        message = f"`{setting.name}` of `{owner}` is upside down: its low end lies above its high end"
        scope.report("E308", message, value.span, "", f"write `{text}`", header)
        return False
    return True


def _may_be_nothing(setting: Setting, value: Value, number: float) -> bool:
    """Whether a number is the low end of what is chosen: of what is never nothing, nothing may be built."""
    ends = isinstance(value, RangeValue) and setting.decidable and setting.above
    if not ends or not isinstance(value, RangeValue) or not isinstance(value.high, Const):
        return False
    return number == setting.minimum and value.high.value > number


def _is_whole(setting: Setting, value: Value, owner: str, header: Span, scope: Scope) -> bool:
    """Whether a count is whole numbers, and over time not nothing but zeros: these are one number."""
    each = _constants(value)
    broken = next(((number, span, when) for number, span, when in each if number != floor(number)), None)
    if broken is not None:
        number, span, when = broken
        shown = f"{number:g} at {when}" if when else f"{number:g}"
        message = f"`{setting.name}` of `{owner}` is a whole number, and {shown} is none"
        scope.report("E308", message, span, "", f"write `{_in_whole_numbers(value, span, number)}`", header)
    elif not isinstance(value, Const) and not any(number for number, _, _ in each):
        message = f"`{setting.name}` of `{owner}` is 0 at all times: none is ever in order"
        scope.report("E308", message, value.span, "", f"write `{setting.name} = 0`", header)
    else:
        return True
    return False


def _in_whole_numbers(value: Value, place: Span, number: float) -> str:
    """What stands there instead of a number that is none, or of the whole table by times of day with it."""
    if isinstance(value, Calendar):
        inner = next(one for _, one in value.entries if any(span == place for _, span, _ in _constants(one)))
        return _in_whole_numbers(inner, place, number)
    if isinstance(value, Daily):
        entries = (
            f"{int(hours):02}:{round(hours * 60) % 60:02}: {floor(one)}" for hours, one in value.entries
        )
        return f"{{ {', '.join(entries)} }}"
    return f"{floor(number)}"


def _is_upside_down(value: RangeValue) -> bool:
    low, high = value.low, value.high
    return isinstance(low, Const) and isinstance(high, Const) and low.value > high.value


def amount_of(number: float, setting: Setting, currency: str) -> str:
    """A number as a setting would be written; shares in percent."""
    if setting.dimension == NUMBER and setting.maximum == 1.0:
        return f"{number * 100:g} %"
    return format_value(number, setting.dimension, currency)


def outside(setting: Setting, number: float, currency: str = "EUR") -> str:
    """Why a number is out of the range of a setting; empty where it is inside."""

    def shown(bound: float) -> str:
        if setting.dimension == NUMBER and setting.maximum == 1.0:
            return f"{bound * 100:g} %"
        if setting.leaks and bound:
            return f"{bound * 100:g} %/h"
        return format_value(bound, setting.dimension, currency) if bound else "0"

    if setting.minimum is not None and number < setting.minimum:
        return f"below {shown(setting.minimum)}"
    if setting.above and setting.minimum is not None and number <= setting.minimum:
        return f"and must lie above {shown(setting.minimum)}"
    maximum = setting.maximum
    if maximum is None:
        maximum = MAXIMUM_HOURS if setting.dimension == TIME else LARGEST
    if number > maximum or number < -LARGEST:
        return f"above {shown(maximum)}" if number > maximum else f"below {shown(-LARGEST)}"
    return ""


def _constants(value: Value) -> list[tuple[float, Span, str]]:
    """The constants in a value, each with its place, and the key in a table."""
    match value:
        case Const():
            return [(value.value, value.span, "")]
        case Daily():
            return [
                (number, value.span, f"{int(hours):02}:{round(hours * 60) % 60:02}")
                for hours, number in value.entries
            ]
        case Calendar():
            return [part for _, inner in value.entries for part in _constants(inner)]
        case ChargeTable():
            return [(number, value.span, f"{share * 100:g} %") for share, number in value.entries]
        case RangeValue(low=low, high=high):
            return _constants(low) + _constants(high)
        case ListValue(items=items):
            return [part for item in items for part in _constants(item)]
        case Draw(distribution="uniform" | "choice", arguments=arguments):
            # The weights of a choice are no values of the setting.
            bounds = arguments[:1] if value.distribution == "choice" else arguments
            return [part for argument in bounds for part in _constants(argument)]
    return []


def _instead(setting: Setting, number: float, place: Span) -> str:
    if setting.maximum == 1.0 and 1.0 < number <= 100.0 and place.text[-1:].isdigit():
        return f"write `{place.text} %`"
    return example(setting)


def example(setting: Setting) -> str:
    """What to write for a setting."""
    return f"write `{setting.name} = {setting.example}`" if setting.example else ""
