"""Scenarios that a file has: the rows of each, and how much each weighs.

They are told apart by the texts of a column, and numbered in the order in which the first file has them. All
files of a spec have the same ones, and where several weigh them they agree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import fsum

from evdsl.data import cells
from evdsl.data.piecewise import Piecewise
from evdsl.data.readers.column import rows_in, within
from evdsl.data.timeline import Timeline
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.table import Table, read_table
from evdsl.language.spec import Spec
from evdsl.language.values import DerivedSeries, FileSeries, TextValue
from evdsl.semantics.paths.random_settings import random_series

SAME = 1e-9
"""Of a weight: two that are nearer are one."""


@dataclass(frozen=True, slots=True)
class FileScenarios:
    """The names of scenarios in their order, and their weights, which add up to 1."""

    names: tuple[str, ...]
    weights: tuple[float, ...]


def scenarios_of(spec: Spec) -> FileScenarios | Diagnostic | None:
    """Those that all files of a spec have; `None` where no file has any."""
    first: tuple[FileSeries, FileScenarios] | None = None
    is_weighed = False
    for value in random_series(spec):
        if value.function != "csv":
            continue
        found = _scenarios(value)
        if isinstance(found, Diagnostic):
            return found
        series, weighs = _file(value), value.option("weight") is not None
        if first is None:
            first, is_weighed = (series, found), weighs
            continue
        problem = _other_names(value, found, first) or (
            _other_weights(value, found, first) if weighs and is_weighed else None
        )
        if problem is not None:
            return problem
        if weighs and not is_weighed:
            weights = dict(zip(found.names, found.weights, strict=True))
            names = first[1].names
            first = series, FileScenarios(names, tuple(weights[name] for name in names))
            is_weighed = True
    return None if first is None else first[1]


def other_count(spec: Spec, listed: FileScenarios | Diagnostic | None) -> list[Diagnostic]:
    """E308 where some scenarios of a file would be left out of a plan, or more are asked for than it has."""
    block = spec.only("scenarios")
    if block is None or not isinstance(listed, FileScenarios):
        return []
    count, many = int(block.number("count")), len(listed.names)
    if count == many:
        return []
    message = f"`count` of `scenarios` is {count}, and the file has {many}, each with its weight"
    help = f"write `count = {many}`"
    return [Diagnostic("E308", message, block.place("count"), "", help, (), block.header)]


def read(
    value: DerivedSeries, timeline: Timeline, scenario: int, listed: FileScenarios | Diagnostic | None
) -> Piecewise | Diagnostic:
    """What a file says of a scenario; of a spec as it stands, of the first."""
    assert listed is not None, "the series is one of the spec"
    if isinstance(listed, Diagnostic):
        return listed
    series = _file(value)
    if scenario > len(listed.names):
        count = len(listed.names)
        message = (
            f'"{series.shown}" has {count} scenario{"s" * (count != 1)}, and number {scenario} is asked for'
        )
        return Diagnostic("E508", message, series.span, "", "ask for no more than the file has")
    table = _table(value)
    if isinstance(table, Diagnostic):
        return table
    column = table.column(_column(value, "scenario"), series.span)
    if isinstance(column, Diagnostic):
        return column
    name = listed.names[max(scenario, 1) - 1]
    kept = [at for at, row in enumerate(table.rows) if row[column].strip() == name]
    part = replace(
        table,
        rows=tuple(table.rows[at] for at in kept),
        lines=tuple(table.lines[at] for at in kept),
    )
    rows = rows_in(part, series, timeline, (0.0, timeline.horizon))
    found = rows if isinstance(rows, Diagnostic) else within(series, rows, timeline)
    if isinstance(found, Diagnostic):
        return replace(found, message=f'of the scenario "{name}": {found.message}')
    return found


def _scenarios(value: DerivedSeries) -> FileScenarios | Diagnostic:
    table, series = _table(value), _file(value)
    if isinstance(table, Diagnostic):
        return table
    column = table.column(_column(value, "scenario"), series.span)
    if isinstance(column, Diagnostic):
        return column
    rows: dict[str, list[int]] = {}
    for at, row in enumerate(table.rows):
        rows.setdefault(row[column].strip(), []).append(at)
    if "" in rows:
        line = table.lines[rows[""][0]]
        message = f'line {line} of "{series.shown}" names no scenario in the column "{table.header[column]}"'
        return Diagnostic("E505", message, series.span, "", "give each row the name of its scenario")
    weights = [1.0] * len(rows)
    if value.option("weight") is not None:
        found = _weights(value, table, rows)
        if isinstance(found, Diagnostic):
            return found
        weights = found
    total = fsum(weights)
    return FileScenarios(tuple(rows), tuple(weight / total for weight in weights))


def _weights(value: DerivedSeries, table: Table, rows: dict[str, list[int]]) -> list[float] | Diagnostic:
    """One number of each scenario, above zero."""
    series = _file(value)
    column = table.column(_column(value, "weight"), series.span)
    if isinstance(column, Diagnostic):
        return column
    numbers = cells.numbers(table, column, range(len(table.rows)), series.span)
    if isinstance(numbers, Diagnostic):
        return numbers
    weights: list[float] = []
    for name, own in rows.items():
        weight = numbers[own[0]]
        other = next((at for at in own if abs(numbers[at] - weight) > SAME * abs(weight)), None)
        if other is not None or weight <= 0.0:
            at = own[0] if other is None else other
            message = f'line {table.lines[at]} of "{series.shown}" weighs the scenario "{name}" with '
            message += f"{numbers[at]:g}"
            message += f", and line {table.lines[own[0]]} with {weight:g}" if other is not None else ""
            help = "give all rows of a scenario one weight, above 0"
            return Diagnostic("E505", message, series.span, "", help)
        weights.append(weight)
    return weights


def _other_names(
    value: DerivedSeries, found: FileScenarios, first: tuple[FileSeries, FileScenarios]
) -> Diagnostic | None:
    files = (first[0].shown, set(first[1].names)), (_file(value).shown, set(found.names))
    for (has, names), (lacks, others) in (files, files[::-1]):
        missing = sorted(names - others)
        if missing:
            message = f'"{lacks}" has no row of the scenario "{missing[0]}", which "{has}" has'
            help = "give all files the same scenarios, by the same names"
            return Diagnostic("E509", message, value.span, "", help)
    return None


def _other_weights(
    value: DerivedSeries, found: FileScenarios, first: tuple[FileSeries, FileScenarios]
) -> Diagnostic | None:
    known = dict(zip(first[1].names, first[1].weights, strict=True))
    for name, weight in zip(found.names, found.weights, strict=True):
        if abs(weight - known[name]) > SAME:
            message = f'"{_file(value).shown}" weighs the scenario "{name}" with {weight:.4g} of all, and '
            message += f'"{first[0].shown}" with {known[name]:.4g}'
            return Diagnostic("E505", message, value.span, "", "give both files the same weights")
    return None


def _file(value: DerivedSeries) -> FileSeries:
    series = value.operands[0]
    assert isinstance(series, FileSeries)
    return series


def _table(value: DerivedSeries) -> Table | Diagnostic:
    series = _file(value)
    return read_table(series.path, series.shown, series.span, series.dialect or "")


def _column(value: DerivedSeries, name: str) -> str:
    column = value.option(name)
    assert isinstance(column, TextValue)
    return column.value
