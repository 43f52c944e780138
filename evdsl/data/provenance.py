"""What a spec takes from files, and what it makes of currents, for a reader.

Of a file: column, unit, clocks, distance of the rows and method.

A column that is found, a unit that stands in a header and a zone that is the station's are choices of the
program: whoever reads them sees whether they are meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from evdsl.data import cells
from evdsl.data.monthly_charges import MonthlyCharges, days_of_horizon, read_charges
from evdsl.data.paths.drawing import Drawing
from evdsl.data.paths.file_scenarios import FileScenarios
from evdsl.data.paths.history import History, history_of, origin_of
from evdsl.data.piecewise import Origin, Piecewise
from evdsl.data.readers import piecewise_of
from evdsl.data.timeline import Timeline
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.table import Table, read_table
from evdsl.language.devices.phases import voltage
from evdsl.language.spec import Device, Spec
from evdsl.language.units import CURRENT, POWER, VOLTAGE, format_value
from evdsl.language.values import (
    Column,
    Const,
    DerivedSeries,
    FileSeries,
    FileTariff,
    TextValue,
    Value,
    leaves,
)


def files_of(spec: Spec) -> list[str]:
    """A line for each value that is read from a file, in the order of the spec."""
    timeline = Timeline.of(spec)
    drawing = Drawing.of(spec, timeline)
    lines: list[str] = []
    for device in spec.devices:
        block = f"{device.kind} {device.name}".rstrip()
        table = _rows(device)
        for setting, value in device.settings.items():
            if device.kind == "demand_charge" and isinstance(value, FileTariff):
                lines.append(f"{block}: {_charges(device, value, timeline)}")
                continue
            lines += [f"{block}: {setting} = {text}" for text in _series(value, timeline, drawing)]
            if table is not None:
                lines += [
                    f"{block}: {setting} = {text}" for text in _columns(setting, value, table, timeline)
                ]
    for name, value in spec.asked_at_steps.items():
        lines += [f"{name} = {text}" for text in _series(value, timeline, drawing)]
    return lines


def currents_of(spec: Spec) -> list[str]:
    """A line for each current of a spec: the voltage that it is taken at, and of a power what it comes to."""
    volts = format_value(voltage(spec), VOLTAGE)
    lines: list[str] = []
    for device in spec.devices:
        block = f"{device.kind} {device.name}".rstrip()
        for setting, value in device.settings.items():
            powers = [leaf for leaf in leaves(value) if isinstance(leaf, Const) and leaf.amperes]
            for power in powers:
                count = round(power.value / (power.amperes or 1.0) / voltage(spec))
                phases = f"{count} phase{'s' * (count != 1)} of {volts}"
                shown = f"{format_value(power.amperes or 0.0, CURRENT)} on {phases}"
                lines.append(f"{block}: {setting} = {shown}, {format_value(power.value, POWER)}")
            if value.dimension == CURRENT:
                lines.append(f"{block}: {setting} is the current of a phase of {volts}")
    return lines


def _series(value: Value, timeline: Timeline, drawing: Drawing) -> Iterator[str]:
    found = list(leaves(value))
    # What a history takes of a file is said with it: the horizon has nothing to do with the rest.
    inside = [operand for leaf in found if isinstance(leaf, DerivedSeries) for operand in _files_of(leaf)]
    for leaf in found:
        if isinstance(leaf, DerivedSeries):
            yield from _derived(leaf, timeline, drawing)
        elif isinstance(leaf, FileSeries | FileTariff) and not any(leaf is one for one in inside):
            read = piecewise_of(leaf, timeline)
            if isinstance(read, Piecewise):
                until = ""
                if isinstance(leaf, FileSeries) and leaf.until is not None:
                    until = f" until {timeline.local(read.end):%Y-%m-%d %H:%M}"
                yield f"{_described(read.origin)}, {read.method}{until}"


def _files_of(value: DerivedSeries) -> tuple[Value, ...]:
    """Its files that are no series of the horizon: a history, a covariance."""
    if value.function == "noisy":
        return ()
    return value.operands if len(value.operands) == 1 else value.operands[1:]


def _derived(value: DerivedSeries, timeline: Timeline, drawing: Drawing) -> Iterator[str]:
    """Which past days a series is made of, or which covariance."""
    for file in _files_of(value):
        assert isinstance(file, FileSeries)
        if file is not value.operands[0]:
            yield f"the covariance in {file.shown}, of {file.unit or 'plain numbers'}"
            continue
        if value.function == "csv":
            if isinstance(drawing.listed, FileScenarios):
                count = len(drawing.listed.names)
                yield f'column "{file.column}" of {file.shown}, of {count} scenario{"s" * (count != 1)}'
            continue
        history = history_of(value, timeline)
        dates = history if isinstance(history, Diagnostic) else drawing.dates(value, history)
        if isinstance(history, History) and not isinstance(dates, Diagnostic):
            yield _described(origin_of(value, history, dates))


def _charges(device: Device, value: FileTariff, timeline: Timeline) -> str:
    """The price of each month of the horizon; of equal ones the first."""
    found = read_charges(device, timeline)
    prices: dict[float, str] = {}
    if isinstance(found, MonthlyCharges):
        for day in days_of_horizon(timeline):
            prices.setdefault(found.of_month(day) / value.factor, f"{day:%b %Y}")
    each = ", ".join(f"{price:g} {value.unit} from {month}" for price, month in prices.items())
    return f"the demand charge in {value.shown}, {each}, of each month the largest mean"


def _described(origin: Origin) -> str:
    parts = [f"{origin.source} in {origin.unit}" if origin.unit else f"{origin.source}, plain numbers"]
    parts += [text for text in (origin.clocks, origin.spacing) if text]
    return ", ".join(parts)


def _rows(device: Device) -> Table | None:
    if device.rows is None:
        return None
    table = read_table(device.rows.path, device.rows.shown, device.rows.span, device.rows.dialect or "")
    return None if isinstance(table, Diagnostic) else table


def _columns(setting: str, value: Value, table: Table, timeline: Timeline) -> Iterator[str]:
    """What `sessions` and trips take of each row."""
    if setting in ("id", "vehicle") and isinstance(value, TextValue):
        yield f'column "{value.value}" of {table.shown}'
    for leaf in leaves(value):
        if not isinstance(leaf, Column):
            continue
        source = f'column "{leaf.name}" of {table.shown}'
        position = table.column(leaf.name, leaf.span)
        if setting in ("arrival", "departure") and isinstance(position, int):
            yield f"{source}, {cells.clocks(table, position, range(len(table.rows)), timeline.zone)}"
        else:
            yield f"{source} in {leaf.unit}" if leaf.unit else f"{source}, plain numbers"
