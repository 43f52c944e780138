"""What a run found, as text for an operator; `document` gives the same as data.

First how it ended, then what it costs, who is not served, the peak, and so on; then the power at the
connection over time, and last where the time went.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from evdsl.optimization.result import attempt_lines
from evdsl.report.facts import seconds
from evdsl.report.numbers import decimals, energy, plural, printable
from evdsl.report.run.chart import Curves, Run, chart
from evdsl.report.run.devices import devices, earnings
from evdsl.report.run.document import document
from evdsl.report.run.meters import demand_charges
from evdsl.report.run.phases import phases
from evdsl.report.run.ports import ports
from evdsl.report.run.summary import (
    Fact,
    ShortVehicle,
    asked_in_battery,
    costs_and_demand,
    headline,
    short_vehicles,
    site_and_shares,
    site_line,
)

if TYPE_CHECKING:
    import xarray as xr
    from rich.console import Console, RenderableType
    from rich.text import Text

    from evdsl.optimization.result import Result

__all__ = ["document", "text"]

NARROWEST, WIDEST = 60, 120
STYLES = {
    "import": "cyan",
    "export": "green",
    "limit": "red",
    "price": "yellow",
    "axis": "dim",
    "label": "dim",
    "strong": "bold",
    "good": "bold green",
    "fair": "bold yellow",
    "bad": "bold red",
}
STRONG = ("cost", "demand", "peak")
"""Facts that are to be seen first."""

VIOLATIONS = 5
"""Those that are told in full."""

LONGEST_NAME = 20
"""Characters of the names of facts, which `let` makes up."""


def text(
    result: Result,
    *,
    width: int | None = None,
    color: bool = False,
    parse_seconds: float | None = None,
    check_seconds: float | None = None,
    verbose: bool = False,
) -> str:
    """The report, each line ended; the first line says how the run ended.

    `width` in characters, 60 to 120; `None` is that of the terminal. `color` adds ANSI sequences.
    `verbose` says why `auto` took its solver.
    """
    wide = shutil.get_terminal_size((80, 24)).columns if width is None else width
    console = _console(min(max(wide, NARROWEST), WIDEST), color)
    console.print(_styled(*headline(result)), soft_wrap=True)
    for block in _blocks(result, console.width):
        console.print(block)
    for line in _endnotes(result, parse_seconds, check_seconds, verbose):
        console.print(_styled(line, "label"))
    assert isinstance(console.file, io.StringIO)
    return "".join(f"{line.rstrip()}\n" for line in console.file.getvalue().removesuffix("\n").split("\n"))


def body(result: Result, *, width: int, color: bool = False) -> str:
    """What is told of one schedule between the line of its station and the notes at the end."""
    console = _console(min(max(width, NARROWEST), WIDEST), color)
    for block in list(_blocks(result, console.width))[1:]:
        console.print(block)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def _blocks(result: Result, width: int) -> Iterator[RenderableType]:
    """Everything between the first line and the notes at the end."""
    schedule = result.schedule
    yield _styled(site_line(result), "label")
    if result.verdict is not None and not result.verdict.ok:
        yield from _violations(result)
    elif result.message and not result.status.has_schedule:
        yield _styled(f"\n{printable(result.message, 500)}")
    if schedule is None:
        return
    first, later = facts_of(result, schedule)
    column = 2 + min(max(len(fact.name) for fact in (*first, *later)), LONGEST_NAME)
    yield ""
    yield _grid(first, column)
    rows, why = short_vehicles(result, schedule)
    if rows:
        yield from _shortfalls(rows, why, width, asked_in_battery(result, schedule))
    yield _grid(later, column)
    yield from _drawn(result, schedule, width)


def facts_of(result: Result, schedule: xr.Dataset) -> tuple[list[Fact], list[Fact]]:
    """What is told before the vehicles that are short, and what after them."""
    later = [
        *earnings(result),
        *site_and_shares(result, schedule),
        *demand_charges(result, schedule),
        *phases(result, schedule),
        *ports(result, schedule),
        *devices(result, schedule),
    ]
    return list(costs_and_demand(result, schedule)), later


def _console(width: int, color: bool) -> Console:
    """A console that writes to memory, and looks at no terminal and no environment."""
    from rich.console import Console

    return Console(
        file=io.StringIO(),
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )


def _styled(line: str, kind: str = "") -> Text:
    from rich.text import Text

    return Text(line, style=STYLES.get(kind, ""))


def _grid(found: Sequence[Fact], column: int) -> RenderableType:
    """Facts one below the other, their names in a column of that width."""
    from rich.table import Table

    grid = Table.grid(padding=0, expand=True)
    grid.add_column(width=column)
    grid.add_column(ratio=1)
    for fact in found:
        line = _joined([(fact.value, "strong" if fact.name in STRONG else ""), (fact.note, "label")])
        grid.add_row(_styled(printable(fact.name, LONGEST_NAME), "label"), line)
    return grid


def _shortfalls(
    rows: Sequence[ShortVehicle], why: Sequence[tuple[str, int]], width: int, in_battery: bool
) -> Iterator[RenderableType]:
    """Who did not get all, the worst first; narrow terminals do without what matters least."""
    from rich.table import Table

    columns = {
        "vehicle": [row.name for row in rows],
        "arrives": [row.arrives for row in rows],
        "leaves": [row.leaves for row in rows],
        "asked kWh": [row.asked for row in rows],
        "delivered": [row.delivered for row in rows],
        "missing": [row.missing for row in rows],
        "share": [row.share for row in rows],
        "reason": [row.reason for row in rows],
    }
    widths = {name: max(len(cell) for cell in (name, *cells)) for name, cells in columns.items()}
    for name in ("arrives", "share"):
        if 2 * len(columns) + sum(widths[kept] for kept in columns) > width:
            del columns[name]
    table = Table(box=None, padding=(0, 0, 0, 2), header_style=STYLES["label"])
    for name in columns:
        left = name in ("vehicle", "reason")
        table.add_column(
            name, justify="left" if left else "right", no_wrap=True, min_width=None if left else widths[name]
        )
    for cells in zip(*columns.values(), strict=True):
        table.add_row(*(_styled(cell) for cell in cells))
    yield ""
    yield table
    count = sum(number for _, number in why)
    if count > len(rows):
        told = ", ".join(f"{number:,} {reason}" for reason, number in why)
        yield _styled(f"  and {count - len(rows):,} more; of all {count:,}: {told}", "label")
    if in_battery:
        yield _styled("  delivered: at the port; asked, missing: in the battery", "label")
    yield ""


def _violations(result: Result) -> Iterator[RenderableType]:
    verdict = result.verdict
    assert verdict is not None
    yield ""
    for violation in verdict.violations[:VIOLATIONS]:
        yield _styled(f"{violation.rule}: {printable(violation.message, 300)}", "bad")
    more = sum(verdict.counts.values()) - min(len(verdict.violations), VIOLATIONS)
    if more > 0:
        yield _styled(f"and {more:,} more", "label")


def _drawn(result: Result, schedule: xr.Dataset, width: int) -> Iterator[RenderableType]:
    """The chart below its title and its legend."""
    data, step = result.as_chosen.data, result.spec.step
    imported, exported = (np.asarray(schedule[name].values, dtype=float) for name in ("import", "export"))
    limit, price = data.over_time("grid", "import_limit"), data.over_time("grid", "price")
    unit = f"{result.spec.currency}/kWh"
    if energy(given := float(exported.sum()) * step) == energy(0.0):
        # What rounds to nothing is the dust of a solver, and is not drawn either.
        exported = np.zeros_like(exported)
    drawing = chart(Curves(imported, exported, limit, price, unit), data.timeline, width)
    if not drawing.lines:
        return
    title = f"kW at the connection: {energy(float(imported.sum()) * step)} kWh imported"
    if exported.any():
        title += f", {energy(given)} kWh exported"
    yield _styled(f"\n{title}")
    yield from _wrapped(drawing.legend, width)
    for line in drawing.lines:
        joined = _joined(line)
        joined.no_wrap = True
        yield joined


def _wrapped(entries: Sequence[Sequence[Run]], width: int) -> Iterator[RenderableType]:
    """Entries side by side, on as many lines as they need; none is broken."""
    line = _styled("")
    for entry in entries:
        joined = _joined(entry)
        if line and len(line) + 2 + len(joined) > width:
            yield line
            line = _styled("")
        line = line.append("  ").append_text(joined) if line else joined
    yield line


def _joined(runs: Sequence[Run]) -> Text:
    line = _styled("")
    for piece, kind in runs:
        line.append_text(_styled(piece, kind))
    return line


def _endnotes(result: Result, parse: float | None, check: float | None, verbose: bool) -> Iterator[str]:
    """Where the time went, how large the model was, and what is to be known of the data."""
    spent = {name: value for name, value in seconds(result, parse, check).items() if value is not None}
    parts = ", ".join(f"{name} {decimals(value, 2)}" for name, value in spent.items())
    yield f"\n{decimals(sum(spent.values()), 2)} s: {parts}"
    spec = result.spec
    variables, integers, rows = (result.size.get(name, 0) for name in ("variables", "integers", "rows"))
    whole = f" ({integers:,} integer)" if integers else ""
    steps = f"{plural(spec.steps, 'step')} of {spec.step * 60:g} min"
    yield f"model: {steps}, {plural(variables, 'variable')}{whole}, {plural(rows, 'row')}"
    if result.extended_by:
        yield f"added to the model through linopy: {printable(', '.join(result.extended_by), 300)}"
    if verbose and result.choice:
        yield f"solver: {printable(result.choice, 300)}"
    for line in attempt_lines(result.attempts, len(result.spec.stages)):
        yield f"solver: {printable(line, 300)}"
    for remark in result.data.remarks:
        yield f"data: {printable(remark, 300)}"
