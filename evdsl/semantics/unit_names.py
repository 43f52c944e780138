"""Units as they are written, and what is said of one that there is not: in a number, and for a column."""

from __future__ import annotations

from evdsl.diagnostics.source import Span
from evdsl.language import units
from evdsl.language.declaration import Setting
from evdsl.language.units import TIME, Unit
from evdsl.language.values import Calendar, Column, Daily, DerivedSeries, FileSeries, Value
from evdsl.semantics.files.columns import unit_in
from evdsl.semantics.scope import Scope
from evdsl.syntax import ast


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
    if text in ("year", "years") and before and not after:
        message = "`year` is the unit of rates, such as EUR/kW/year, and of no time"
        scope.report("E302", message, span, "", f"write `{float(before) * 365:.10g} d`")
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


def times_its_time(setting: Setting, wrong: Value, written: ast.Number | None) -> str:
    """What is paid of a charge by the year, for a setting that wants it for some time; else empty."""
    if written is None or not (written.unit or "").endswith("/year"):
        return ""
    fits = wrong.dimension.times(TIME) == setting.dimension
    return f"write `{written.span.text} * 30 d`, with the time that it is paid for" if fits else ""


def with_unit(value: Value, unit: str) -> str:
    """How a column of a file gets its unit; empty for anything else."""
    if isinstance(value, Calendar | Daily):
        return f"give every entry in {unit}"
    if isinstance(value, DerivedSeries):
        return with_unit(value.operands[0], unit)
    if not isinstance(value, Column | FileSeries):
        return ""
    said = unit_in(value.name if isinstance(value, Column) else value.column)
    meant = units.mended(said) if said else unit
    if not meant:
        return f'give the unit of the column, of which its name says "{said}", as in `unit="{unit}"`'
    if isinstance(value, Column):
        return f'write `column("{value.name}", unit="{meant}")`'
    return f'give the unit of the column: `csv("{value.shown}", ..., unit="{meant}")`'
