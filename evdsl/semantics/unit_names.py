"""Units as they are written, and what is said of one that there is not: in a number, and for a column."""

from __future__ import annotations

from evdsl.diagnostics.source import Span
from evdsl.language import units
from evdsl.language.units import Unit
from evdsl.semantics.scope import Scope


def read_unit(text: str, span: Span, scope: Scope, before: str = "", after: str = "") -> Unit | None:
    """The unit of a text that stands between `before` and `after` where it is written.

    Errors: E302 of what is no unit, with the unit that is meant where one is near; E306 of two currencies.
    """
    unit = units.parse(text)
    if isinstance(unit, Unit):
        scope.note_currency(unit.currency, span)
        return unit
    if unit in units.CURRENCIES:
        message = f"{text} has two currencies, and money is one currency in a spec"
        scope.report("E306", message, span, "", "convert the number")
        return None
    near = units.mended(text)
    if near:
        help = f"write `{before}{near}{after}`"
    elif unit in units.HINTS:
        help = units.HINTS[unit]
    elif not after and "/" in text and text.split("/")[0] in units.SIMPLE:
        help = f"to divide by a name, write `/ {unit}` with spaces"
    else:
        help = "units are kW, kWh, h, min, EUR, kg, %"
    scope.report("E302", f"`{unit}` is not a unit", span, "", help)
    return None
