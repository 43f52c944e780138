"""A front as text for an operator and as one JSON document: its points, and what one axis costs the other.

| key of the document | |
|---|---|
| `spec`, `currency`, `digest`, `status`, `message`, `backend` | as of a single schedule |
| `axes` | both: `sense`, `expression`, `unit` |
| `asked`, `tried`, `same`, `dominated` | points asked for and answered, and those of them that are left out |
| `points` | each: `values`, `end`, `proven`, `verified`, `rate`, `terms`, and the next four |
| `status`, `backend`, `choice`, `attempts`, `stages` | of a point: as of a single schedule |
| `rate_unit` | of `rate`: what a unit better in the second costs in the first, from the point before |
| `seconds`, `diagnostics` | as of a single schedule |
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evdsl.diagnostics.diagnostic import Diagnostic, by_cause
from evdsl.language.units import symbol
from evdsl.optimization.result import attempt_lines, attempt_record, shown_record
from evdsl.optimization.rounding import difference
from evdsl.report.facts import unit_of
from evdsl.report.numbers import decimals, plural, printable, share
from evdsl.report.run.document import plain
from evdsl.report.run.summary import duration, site_line
from evdsl.report.scatter import PlotMark, scatter
from evdsl.report.width import terminal_width, wrapped
from evdsl.solver.solution import Status

if TYPE_CHECKING:
    from evdsl.language.spec import Stage
    from evdsl.optimization.front import Front

BESIDE = ("cost", "co2", "unmet", "fairness", "peak")
"""Words that are told of each point, where the spec has them and no axis is one of them."""

SHARES = ("fairness", "fairness_gap")
"""Words told in percent."""

LONGEST = 16
"""Characters of an expression above a column; a longer one is called by its place, and told in full once."""

PLACES = ("first", "second")

END, POINT, UNPROVEN = "◆", "●", "○"


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of the table: what stands above it, and its cells."""

    title: str
    cells: tuple[str, ...]
    left: bool = False

    @property
    def width(self) -> int:
        """Characters of the widest cell."""
        return max(len(cell) for cell in (self.title, *self.cells))


def is_share(stage: Stage) -> bool:
    """Whether an expression is a share that is told in percent."""
    return stage.constant == 0 and len(stage.weights) == 1 and stage.weights.get("fairness", 0.0) == 1.0


def axis_names(front: Front) -> tuple[str, str]:
    """The two expressions as titles; what is long is the `first` or the `second`, and never cut."""
    texts = [printable(stage.text, 500) for stage in front.axes]
    first, second = (t if len(t) <= LONGEST else place for t, place in zip(texts, PLACES, strict=True))
    return first, second


def rates(front: Front) -> list[float | None]:
    """For each point what a unit better in the second expression cost in the first since the one before."""
    first, second = front.axes
    found: list[float | None] = [None]
    for before, after in zip(front.points, front.points[1:], strict=False):
        worse = first.sign * difference(before.worths[0], after.worths[0])
        better = -second.sign * difference(before.worths[1], after.worths[1])
        found.append(worse / better if better > 0 else None)
    return found[: len(front.points)]


def rate_unit(front: Front) -> str:
    """The unit of `rates`; empty for a plain number."""
    first, second = front.axes
    return symbol(first.dimension.per(second.dimension), front.spec.currency)


def text(
    front: Front,
    *,
    width: int | None = None,
    color: bool = False,
    parse_seconds: float = 0.0,
    check_seconds: float = 0.0,
) -> str:
    """The report, each line ended; the first line says how the run ended."""
    wide = terminal_width(width)
    line, code = headline(front)
    lines = [f"\x1b[1;{code}m{line}\x1b[0m" if color else line]
    if front.points:
        lines += [*wrapped(site_line(front.points[0].result), wide), "", *_asked(front, wide), ""]
        columns, left_out = columns_of(front, wide)
        lines += [*_table(columns), ""]
        lines += [part for note in notes(front, left_out) for part in wrapped(note, wide, "    ")]
        lines += _drawn(front, wide)
    spent = {"parse": parse_seconds, "check": check_seconds, **front.seconds}
    parts = ", ".join(f"{name} {decimals(value, 2)}" for name, value in spent.items())
    lines += ["", *wrapped(f"{decimals(sum(spent.values()), 2)} s: {parts}", wide)]
    attempts = [attempt for point in front.points for attempt in point.result.attempts]
    lines += [part for line in attempt_lines(attempts, 1) for part in wrapped(f"solver: {line}", wide)]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def headline(front: Front) -> tuple[str, int]:
    """How the run ended, in one line, and the number of its colour."""
    count, where = plural(len(front.points), "point"), f"on {front.backend}"
    match front.status:
        case Status.OPTIMAL:
            return f"front of {count}, all optimal {where}, all verified", 32
        case Status.WITHIN_GAP:
            return f"front of {count}, all within the gap {where}, all verified", 32
        case Status.FEASIBLE:
            after = duration(front.seconds.get("solve", math.nan))
            done = f"{front.tried} of {front.asked} asked for are solved"
            what = "interrupted" if front.interrupted else "stopped"
            return f"{what} after {after} with a part of the front: {count}, verified; {done} {where}", 33
        case Status.STOPPED:
            return f"stopped without a schedule, {where}", 31
        case Status.INFEASIBLE:
            return "infeasible: no schedule meets everything that the spec asks", 31
        case Status.UNBOUNDED:
            return "unbounded: nothing bounds one end of the front", 31
    return f"failed {where}: {front.message}", 31


def _asked(front: Front, width: int) -> list[str]:
    """Both expressions in full, with what they are called where they are too long for a title."""
    told = [f"{stage.sense} {printable(stage.text, 500)}" for stage in front.axes]
    names = axis_names(front)
    if all(stage.text == name for stage, name in zip(front.axes, names, strict=True)):
        return wrapped(f"front      {', '.join(told)}", width, " " * 11)
    lines = [f"{place:<11}{line}" for place, line in zip(PLACES, told, strict=True)]
    return [part for line in lines for part in wrapped(line, width, " " * 11)]


def columns_of(front: Front, width: float = math.inf) -> tuple[list[TableColumn], list[str]]:
    """The points as columns, and the words beside for which so many characters are too few."""
    first, second = front.axes
    currency = front.spec.currency
    columns = [TableColumn("", tuple(str(number + 1) for number in range(len(front.points))))]
    for at, (stage, name) in enumerate(zip(front.axes, axis_names(front), strict=True)):
        values = [point.values[at] for point in front.points]
        unit = symbol(stage.dimension, currency)
        columns.append(_numbers(name, unit, values, is_share(stage)))
    title, scale = _told_rate(front)
    cells = [None if rate is None else rate * scale for rate in rates(front)]
    columns.append(TableColumn(title, tuple("" if c is None else decimals(c, 2, 6) for c in cells)))
    ends = _end_names(front)
    marks = TableColumn("", tuple(ends), left=True)
    simple = {next(iter(s.weights)) for s in (first, second) if len(s.weights) == 1 and not s.constant}
    left_out: list[str] = []
    for name in BESIDE:
        if name in simple or not all(name in point.terms for point in front.points):
            continue
        values = [point.terms[name] for point in front.points]
        more = _numbers(name, unit_of(name, front.spec), values, name in SHARES)
        if sum(column.width + 2 for column in (*columns, more, marks)) <= width:
            columns.append(more)
        else:
            left_out.append(more.title)
    columns.append(marks)
    return columns, left_out


def _table(columns: Sequence[TableColumn]) -> list[str]:
    """The points, one a line."""
    rows = zip(*([column.title, *column.cells] for column in columns), strict=True)
    return [
        "".join(
            f"  {cell:<{column.width}}" if column.left else f"  {cell:>{column.width}}"
            for cell, column in zip(row, columns, strict=True)
        )
        for row in rows
    ]


def _numbers(name: str, unit: str, values: Sequence[float], in_percent: bool) -> TableColumn:
    """Values with so many decimals that neighbours can be told apart."""
    if in_percent:
        return TableColumn(name, tuple(share(round(value, 5)) for value in values))
    span = max(values) - min(values)
    places = 1 if unit in ("kW", "kWh", "kg") and max(map(abs, values)) >= 100 else 2
    if span > 1e-6 * max(map(abs, values)):
        places = min(max(places, 1 - math.floor(math.log10(span))), 6)
    return TableColumn(f"{name} {unit}".rstrip(), tuple(decimals(value, places) for value in values))


def _told_rate(front: Front) -> tuple[str, float]:
    """What stands above the rates, and by what they are multiplied: shares are told in percentage points."""
    first, second = front.axes
    currency = front.spec.currency
    if not is_share(first) and not is_share(second):
        return rate_unit(front) or "rate", 1.0
    names = ["pp" if is_share(s) else symbol(s.dimension, currency) or "1" for s in (first, second)]
    return "/".join(names), (100.0 if is_share(first) else 1.0) / (100.0 if is_share(second) else 1.0)


def _end_names(front: Front) -> list[str]:
    first, second = axis_names(front)
    names = {"first": f"best {first}", "second": f"best {second}", "both": "best in both", "": ""}
    return [
        ", ".join(filter(None, [names[point.end], "" if point.proven else "not proven"]))
        for point in front.points
    ]


def notes(front: Front, left_out: Sequence[str] = ()) -> list[str]:
    """What is to be said of the table."""
    first, second = front.axes
    lines = []
    if len(front.points) > 1:
        title, _ = _told_rate(front)
        worse = "less" if first.sense == "maximize" else "more"
        better = "more" if second.sense == "maximize" else "less"
        unit = "pp" if is_share(second) else symbol(second.dimension, front.spec.currency) or "unit"
        names = axis_names(front)
        what = f"{title}: how much {worse} {names[0]} for each {unit} {better} {names[1]}"
        lines.append(f"  {what}, from the point above" + (" (pp: percentage point)" if "pp" in title else ""))
    if front.same:
        these = "level gives a point that is" if front.same == 1 else "levels give points that are"
        lines.append(f"  {front.same} of {front.asked} {these} there already")
    if front.dominated:
        are = "is" if front.dominated == 1 else "are"
        lines.append(f"  {plural(front.dominated, 'point')} that another one beats {are} left out")
    if front.status is Status.FEASIBLE:
        lines.append(f"  the front is not complete: {printable(front.message, 200)}")
    if left_out:
        lines.append(f"  a wider terminal has columns for {', '.join(left_out)}; `--json` has all")
    return lines


def _drawn(front: Front, width: int) -> list[str]:
    if len(front.points) < 2:
        return []
    first, second = front.axes
    scale = [100.0 if is_share(stage) else 1.0 for stage in (first, second)]
    marks = [
        PlotMark(
            point.values[0] * scale[0],
            point.values[1] * scale[1],
            END if point.end else POINT if point.proven else UNPROVEN,
        )
        for point in sorted(front.points, key=lambda point: bool(point.end))
    ]
    legend = f"{END} best in one  {POINT} between; what lies between two points is not computed"
    across, upward = (axis_label(front, at, min(width, 76)) for at in (0, 1))
    return ["", *scatter(marks, across, upward, width), *wrapped(legend, width)]


def axis_label(front: Front, at: int, room: int) -> str:
    """An axis with its unit and the way that is better: in full where that fits, else by its name."""
    stage = front.axes[at]
    unit = "%" if is_share(stage) else symbol(stage.dimension, front.spec.currency)
    better = "more is better" if stage.sense == "maximize" else "less is better"
    rest = f"{f', {unit}' if unit else ''} ({better})"
    whole = f"{printable(stage.text, 500)}{rest}"
    return whole if len(whole) <= room else f"{axis_names(front)[at]}{rest}"


def document(
    front: Front,
    diagnostics: Sequence[Diagnostic] = (),
    parse_seconds: float | None = None,
    check_seconds: float | None = None,
) -> dict[str, object]:
    """The front as plain data; see the module for its keys."""
    spec = front.spec
    record = {
        "spec": spec.name,
        "currency": spec.currency,
        "digest": front.data.digest,
        "status": front.status.value,
        "message": front.message,
        "backend": front.backend,
        "axes": [
            {"sense": s.sense, "expression": s.text, "unit": symbol(s.dimension, spec.currency)}
            for s in front.axes
        ],
        "asked": front.asked,
        "tried": front.tried,
        "same": front.same,
        "dominated": front.dominated,
        "rate_unit": rate_unit(front),
        "points": [
            {
                "values": list(point.values),
                "end": point.end,
                "rate": rate,
                "status": point.result.status.value,
                "backend": point.result.backend,
                "choice": point.result.choice or None,
                "attempts": [attempt_record(attempt) for attempt in point.result.attempts],
                "proven": point.proven,
                "verified": point.result.verdict is not None and point.result.verdict.ok,
                "stages": [shown_record(stage, spec) for stage in point.result.stages],
                "terms": {
                    name: {"value": value, "unit": unit_of(name, spec)} for name, value in point.terms.items()
                },
            }
            for point, rate in zip(front.points, rates(front), strict=True)
        ],
        "seconds": {"parse": parse_seconds, "check": check_seconds, **front.seconds},
        "diagnostics": [d.as_record() for d in by_cause((*front.data.diagnostics, *diagnostics))],
    }
    return {name: plain(value) for name, value in record.items()}
