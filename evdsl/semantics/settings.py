"""The settings of one block, held against the declaration of its kind."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from evdsl.diagnostics.diagnostic import did_you_mean, suggest
from evdsl.diagnostics.source import Source, Span
from evdsl.language.declaration import Key, Kind, Setting, Shape
from evdsl.language.units import CURRENT, NUMBER, TIME
from evdsl.language.values import (
    SERIES,
    Calendar,
    ChargeTable,
    ClockTime,
    Column,
    Const,
    Daily,
    Draw,
    Instant,
    ListValue,
    MaximumEnergy,
    RangeValue,
    Reference,
    TextValue,
    Value,
    leaves,
)
from evdsl.semantics.arithmetic import is_clock, is_decided
from evdsl.semantics.distributions import number_draws
from evdsl.semantics.evaluate import evaluate
from evdsl.semantics.files.charges import as_block
from evdsl.semantics.functions import EVALUATORS
from evdsl.semantics.paths.numbering import number_paths
from evdsl.semantics.phases import by_phase, is_count, read_phases
from evdsl.semantics.ranges import example, is_in_range, widen
from evdsl.semantics.scope import Scope
from evdsl.semantics.times.days import read_days
from evdsl.semantics.times.tables import EXAMPLES
from evdsl.semantics.unit_names import times_its_time, with_unit
from evdsl.syntax import ast
from evdsl.syntax.parser import parse_expression

WANTED = {
    Shape.CLOCK: "a time such as `07:30`, or a distribution around one",
    Shape.INSTANT: "a date such as `2024-03-12`",
    Shape.PERIOD: "a range of dates such as `2019-07-24 .. 2019-07-25`",
    Shape.WINDOWS: "a range of clock times such as `12:00 .. 18:00`, or a list of such",
    Shape.COUNT: "a whole number",
    Shape.COUNTS: "a whole number or a table such as `{ 00:00: 10, 12:00: 8 }`",
    Shape.DRAWN_COUNT: "a whole number or a distribution of such",
    Shape.TEXT: "a text in quotes",
    Shape.RANGE: "a range such as `10 % .. 100 %`",
    Shape.LEAST: "a constant or a range such as `40 % .. 60 %`",
    Shape.REFERENCE: "the name of a block",
    Shape.REFERENCES: "a list of names such as `[ac, dc]`",
    Shape.CURVE: "a table such as `{ 0 %: 150 kW, 80 %: 80 kW, 100 %: 8 kW }`",
    Shape.NUMBERS: "a list such as `[0 kW, 3.7 kW, 11 kW]`",
    Shape.SERIES_LIST: "a list such as `[5 %, { 00:00: 5 %, 17:00: 30 % }]`",
    Shape.PHASES: "a list of phases such as `[L1]`",
}
WITHOUT_DIMENSION = (Shape.CLOCK, Shape.INSTANT, Shape.PERIOD, Shape.WINDOWS, Shape.TEXT)


def check_settings(
    kind: Kind, owner: str, given: Iterable[ast.Setting], header: Span, scope: Scope
) -> tuple[dict[str, Value], frozenset[str]]:
    """The values of a block's settings, defaults included, and the names that were written."""
    values: dict[str, Value] = {}
    seen: dict[str, Span] = {}
    meant: set[str] = set()
    for statement in given:
        name = statement.name.text
        setting = kind.setting(name)
        if setting is None:
            near = _unknown(kind, owner, statement.name, header, scope)
            meant.update(near)
            scope.opaque |= not near
            continue
        if name in seen:
            message = f"`{name}` of `{owner}` is given twice, first on line {seen[name].line}"
            scope.report("E207", message, statement.name.span, "", "keep one of them", header)
            continue
        seen[name] = statement.name.span
        value = read_setting(setting, statement.value, owner, header, scope)
        if value is not None:
            values[name] = value
    _check_presence(kind, owner, seen, meant, header, scope)
    for setting in kind.settings:
        if setting.name not in seen and setting.default is not None:
            values[setting.name] = _default(setting)
    return values, frozenset(seen) | meant


def _unknown(kind: Kind, owner: str, name: ast.Name, header: Span, scope: Scope) -> list[str]:
    """Reports a setting that the kind does not have, and says which of its settings was meant, if any.

    What was meant counts as given, so that it is not said to be missing; its value is not read.
    """
    settings = [setting.name for setting in kind.settings]
    if meaning := kind.planned.get(name.text):
        message = f"`{name.text}` of `{owner}` ({meaning}) is not built in this version"
        scope.report("E206", message, name.span, "", "remove the line", header)
        return [name.text]
    help = did_you_mean(name.text, settings)
    help = help or f"{kind.with_article} has {', '.join(settings)}"
    scope.report("E202", f"`{owner}` has no setting `{name.text}`", name.span, "", help, header)
    near = suggest(name.text, settings)
    return [near] if near else []


def _check_presence(
    kind: Kind, owner: str, seen: dict[str, Span], meant: set[str], header: Span, scope: Scope
) -> None:
    """What must be given, and what must not be given together; `meant` was written, but misspelled."""
    excused = meant | scope.unread
    for setting in kind.settings:
        if setting.required and setting.name not in seen and setting.name not in excused:
            scope.report(
                "E208", f"`{owner}` needs `{setting.name}`", header, "", _to_add(kind, (setting.name,), seen)
            )
    lacking: set[str] = set()
    for group in kind.either:
        given = [name for name in group if name in seen]
        if not given and not excused.intersection(group) and not lacking.intersection(group):
            lacking.update(group)
            choice = " or ".join(f"`{name}`" for name in group)
            scope.report("E208", f"`{owner}` needs {choice}", header, "", _to_add(kind, group, seen))
        elif len(given) > 1:
            both = " and ".join(f"`{name}`" for name in given)
            message = f"`{owner}` has {both}, and one follows from the other"
            scope.report("E207", message, seen[given[-1]], "", "keep one of them", header)


FURTHER = {"soc_target": "soc_arrival", "reduce": "baseline"}
"""A setting that means nothing without another, which a check asks for later."""


def _to_add(kind: Kind, group: tuple[str, ...], seen: Iterable[str]) -> str:
    """What to write for one of these settings, with what it cannot be without."""
    given = set(seen)
    choices: list[str] = []
    for name in group:
        overlapping = [other for other in kind.either if other != group and set(other) & set(group)]
        if any(name in other and given & set(other) for other in overlapping):
            continue  # it would be one too many of that group
        lacking = [other for other in overlapping if not {name, *given} & set(other)]
        more = [next(one for one in other if one not in group) for other in lacking]
        more += [FURTHER[name]] if name in FURTHER and FURTHER[name] not in given else []
        choices.append(" and ".join(_shown(kind, one) for one in (name, *more)))
    joint = ", or " if any(" and " in choice for choice in choices) else " or "
    return f"add {joint.join(choices)}"


def _shown(kind: Kind, name: str) -> str:
    setting = kind.setting(name)
    assert setting is not None
    return f'`{name}="column"`' if kind.from_data else f"`{name} = {setting.example}`"


@cache
def _default(setting: Setting) -> Value:
    source = Source(f"default of {setting.name}", setting.default or "")
    expression, problems = parse_expression(source)
    assert expression is not None and not problems, f"default of {setting.name} cannot be read"  # noqa: PT018 -- one fact
    scope = Scope({}, {}, (), set(), [], functions=EVALUATORS)
    value = read_setting(setting, expression, "", expression.span, scope)
    assert value is not None, f"default of {setting.name} does not fit its declaration"
    return value


def read_setting(
    setting: Setting, expression: ast.Expression, owner: str, header: Span, scope: Scope
) -> Value | None:
    """The value of a setting, if it has the shape, the dimension and the range that were declared."""
    bare = isinstance(expression, ast.Name) and expression.text not in scope.definitions
    if isinstance(expression, ast.Name) and bare and expression.text in setting.planned:
        message = f"`{setting.name} = {expression.text}` of `{owner}` is not built in this version"
        scope.report("E206", message, expression.span, "", example(setting), header)
        return None
    if setting.shape is Shape.CHOICE:
        return _choice(setting, expression, owner, header, scope)
    if setting.shape in (Shape.REFERENCE, Shape.REFERENCES):
        return _references(setting, expression, owner, header, scope)
    if setting.shape in (Shape.DAYS, Shape.DATES):
        return _days(setting, expression, owner, header, scope)
    if setting.shape is Shape.PHASES:
        return read_phases(setting, expression, owner, header, scope)
    counted = setting.shape is Shape.COUNT and setting.name == "phases"
    if counted and not is_count(setting, expression, owner, header, scope):
        return None
    if setting.shape is Shape.TEXT and bare:
        message = (
            f"`{owner}` wants `{setting.name}` as a text in quotes, and {expression.span.text} is a name"
        )
        scope.report("E305", message, expression.span, "", example(setting), header)
        return None
    scope.keys = setting.keys if isinstance(expression, ast.Table) and setting.keys else tuple(Key)
    value = evaluate(expression, scope)
    scope.keys = tuple(Key)
    if value is None:
        return None
    if not _fits(setting, value):
        label = f"`{owner}` wants `{setting.name}` as {WANTED.get(setting.shape, setting.shape.value)}"
        message = f"{label}, and this is {_what(value, scope)}"
        help = _every_day(setting, value) or _other_keys(setting, value)
        help = help or as_block(setting, value, owner) or example(setting)
        scope.report("E305", message, expression.span, "", help, header)
        return None
    value = widen(setting.shape, value)
    if setting.shape not in WITHOUT_DIMENSION:
        if not _has_dimension(setting, value, expression, owner, header, scope):
            return None
        if not is_in_range(setting, value, owner, header, scope):
            return None
    return number_draws(number_paths(value))[0]


def _every_day(setting: Setting, value: Value) -> str:
    """How a window is written whose end is said to lie on the next day."""
    if setting.shape is not Shape.WINDOWS or not isinstance(value, RangeValue):
        return ""
    if not isinstance(value.low, ClockTime) or not isinstance(value.high, ClockTime):
        return ""
    low, high = (
        f"{minutes // 60:02}:{minutes % 60:02}"
        for minutes in (round(end.hours % 24 * 60) for end in (value.low, value.high))
    )
    return f"write `{setting.name} = {low} .. {high}`, which goes round midnight" if high < low else ""


def _keys(value: Value) -> set[Key]:
    """What the tables inside a value go by."""
    forms = {Daily: Key.CLOCK, Calendar: Key.DAY, ChargeTable: Key.CHARGE}
    return {forms[type(end)] for end in leaves(value) if type(end) in forms}


def _other_keys(setting: Setting, value: Value) -> str:
    """How a table is written whose keys the setting does not take, but takes others."""
    wrong = _keys(value) - set(setting.keys)
    if not wrong or not setting.keys:
        return ""
    return "give each entry of the table " + " or ".join(EXAMPLES[key] for key in setting.keys)


def _is_elsewhere(time: ClockTime) -> bool:
    """Whether a clock time is one of another day, or some time after one."""
    return bool(time.later) or not 0.0 <= time.hours < 24.0


def _fits(setting: Setting, value: Value) -> bool:
    if is_decided(value) or not _keys(value) <= set(setting.keys):
        return False
    ends = list(leaves(value))
    random = any(isinstance(end, Draw | Column | MaximumEnergy) for end in ends)
    over_time = any(isinstance(end, SERIES) for end in ends)
    clock = is_clock(value)
    plain = not isinstance(value, TextValue | ListValue | RangeValue) and not clock
    if setting.decidable and isinstance(value, RangeValue):
        return all(isinstance(end, Const) for end in ends)
    match setting.shape:
        case Shape.CONSTANT | Shape.COUNT | Shape.COUNTS:  # whether tables may stand there is known by now
            return isinstance(value, Const | Daily | Calendar)
        case Shape.SERIES | Shape.SERIES_LIST:
            each = value.items if isinstance(value, ListValue) else (value,)
            alien = random or any(isinstance(i, TextValue | RangeValue) or is_clock(i) for i in each)
            return not alien and (plain or (setting.shape is Shape.SERIES_LIST and bool(each)))
        case Shape.RANDOM:
            return plain and not over_time
        case Shape.DRAWN_COUNT:
            return plain and all(isinstance(end, Const | Draw) for end in ends)
        case Shape.CLOCK:
            return (clock and not over_time) or isinstance(value, Column)
        case Shape.INSTANT:
            return isinstance(value, Instant) and not value.later
        case Shape.PERIOD:
            return isinstance(value, RangeValue) and all(isinstance(e, Instant) and not e.later for e in ends)
        case Shape.WINDOWS:
            windows = value.items if isinstance(value, ListValue) else (value,)
            times = all(isinstance(end, ClockTime) and not _is_elsewhere(end) for end in ends)
            return bool(windows) and times and all(isinstance(one, RangeValue) for one in windows)
        case Shape.TEXT:
            return isinstance(value, TextValue)
        case Shape.CURVE:
            return isinstance(value, ChargeTable)
        case Shape.RANGE | Shape.LEAST:
            return isinstance(value, Const) or (
                isinstance(value, RangeValue) and all(isinstance(end, Const) for end in ends)
            )
        case _:
            return isinstance(value, Const | ListValue) and all(isinstance(end, Const) for end in ends)


def _what(value: Value, scope: Scope) -> str:
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (TextValue, "a text"),
        (ClockTime, "a clock time"),
        (ListValue, "a list"),
        ((Calendar, Daily, *SERIES), "a series"),
        (Draw, "a distribution"),
        (Column, "a column of a file"),
    )
    if Key.CHARGE in _keys(value):
        return "a table by state of charge"
    if isinstance(value, RangeValue):
        return f"a range of {_ends(value, scope)}"
    if isinstance(value, Instant):
        return "a point in time" if value.later else "a date" if value.has_time else "a date without a time"
    if is_decided(value):
        return "a word of the objective"
    if is_clock(value) and not isinstance(value, ClockTime | Draw):
        return "a point in time"
    found = next((text for types, text in kinds if isinstance(value, types)), "")
    return found or f"{scope.describe(value.dimension)}, {scope.shown(value)}"


def _ends(value: RangeValue, scope: Scope) -> str:
    if any(isinstance(end, ClockTime) and _is_elsewhere(end) for end in (value.low, value.high)):
        return "clock times on two days"
    if isinstance(value.low, Instant | ClockTime):
        return "dates" if isinstance(value.low, Instant) else "clock times"
    return scope.unit(value.dimension).replace("a plain number", "plain numbers")


def _has_dimension(
    setting: Setting, value: Value, expression: ast.Expression, owner: str, header: Span, scope: Scope
) -> bool:
    values = value.items if isinstance(value, ListValue) else (value,)
    also = CURRENT if setting.amperes else setting.dimension
    wrong = next((v for v in values if v.dimension not in (setting.dimension, also)), None)
    if wrong is None:
        return True
    unit = plain = scope.unit(setting.dimension)
    if setting.dimension == TIME:
        unit, plain = "min or h", setting.example.rpartition(" ")[2]
    if setting.leaks:
        unit = plain = "%/h"
    written = expression if isinstance(expression, ast.Number) else None
    if wrong.dimension == NUMBER and setting.dimension != NUMBER:
        message = f"`{owner}` wants `{setting.name}` in {unit}, and {scope.shown(wrong)} has no unit"
        help = f"write `{written.digits} {plain}`" if written else example(setting)
        help = with_unit(wrong, plain) or help
        scope.report("E303", message, wrong.span, "no unit", help, header)
        return False
    what = scope.describe(wrong.dimension)
    message = f"`{owner}` wants `{setting.name}` in {unit}, and {scope.shown(wrong)} is {what}"
    if setting.dimension == NUMBER:
        message = f"`{owner}` wants `{setting.name}` as a plain number, and {scope.shown(wrong)} is {what}"
    helpful = written is not None and setting.dimension not in (NUMBER, TIME)
    help = f"write `{written.digits} {unit}`" if helpful and written else example(setting)
    help = by_phase(setting, wrong, scope) or times_its_time(setting, wrong, written) or help
    scope.report("E301", message, wrong.span, what.removeprefix("an ").removeprefix("a "), help, header)
    return False


def _choice(
    setting: Setting, expression: ast.Expression, owner: str, header: Span, scope: Scope
) -> Value | None:
    text = expression.text if isinstance(expression, ast.Name) else None
    if text is None and isinstance(expression, ast.Text):
        text = expression.value
    if text is not None and (not setting.choices or text in setting.choices):
        return TextValue(text, expression.span)
    choices = ", ".join(setting.choices) or setting.example
    help = did_you_mean(text or "", setting.choices) or f"write `{setting.name} = {setting.example}`"
    message = f"`{setting.name}` of `{owner}` is one of {choices}"
    message += f", and `{text}` is none of them" if text else ""
    scope.report("E305", message, expression.span, "", help, header)
    return None


def _days(
    setting: Setting, expression: ast.Expression, owner: str, header: Span, scope: Scope
) -> Value | None:
    """Days by their names and dates; of some settings dates alone."""
    days = read_days(expression, scope, header)
    if days is None or setting.shape is Shape.DAYS or not (days.weekdays or days.holidays or days.every):
        return days
    message = f"`{owner}` wants `{setting.name}` as dates, and this has days that come again"
    scope.report("E305", message, expression.span, "", example(setting), header)
    return None


def _references(
    setting: Setting, expression: ast.Expression, owner: str, header: Span, scope: Scope
) -> Value | None:
    items = expression.items if isinstance(expression, ast.ListOf) else (expression,)
    names = [item for item in items if isinstance(item, ast.Name)]
    if not names or len(names) != len(items) or (setting.shape is Shape.REFERENCE and len(names) != 1):
        message = f"`{owner}` wants `{setting.name}` as {WANTED[setting.shape]}"
        named = ("a {}" if setting.shape is Shape.REFERENCE else "{}s").format(setting.refers_to or "block")
        help = f"name {named} of the spec, as in `{setting.name} = {setting.example}`"
        scope.report("E305", message, expression.span, "", help, header)
        return None
    references = tuple(Reference(name.text, name.span) for name in names)
    if setting.shape is Shape.REFERENCE:
        return references[0]
    return ListValue(references, expression.span)
