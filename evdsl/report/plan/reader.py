"""The table that `evdsl plan --out plan.csv` writes, read back after somebody edited it.

Of a row count `vehicle`, `port`, `from`, `to` and how much flows: `energy (kWh)` or `mean power (kW)`, which
have to agree where both are given. Its other columns follow from these and are not read. Times are local
where they have no offset, and a spreadsheet may have written semicolons and decimal commas. Every mistake is
told with its line.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evdsl.data.data import Data
from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean
from evdsl.diagnostics.source import Source, Span
from evdsl.language.arrays import FloatArray
from evdsl.language.spec import Spec
from evdsl.language.timestamps import timestamp
from evdsl.model.ports import port_names
from evdsl.report.facts import clock
from evdsl.report.numbers import clock_label, decimals
from evdsl.report.spreadsheet import inert

MAXIMUM_BYTES = 64_000_000
ENERGY, POWER = "energy (kWh)", "mean power (kW)"
SECOND = 1.5 / 3600
"""Hours: times in a table are those of whole seconds, and a moment so near to an end is that end."""
AGREE = 0.005
"""Relative: an energy and a power that differ by less are two roundings of one."""


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A run as a row says it: of a stay, at a port by its number (-1 for its own), hours from the start.

    `power` is kW at the port while it lasts, below zero where it gives energy back.
    """

    span: Span
    stay: int
    port: int
    begin: float
    end: float
    power: float

    @property
    def energy(self) -> float:
        """What flows, kWh."""
        return self.power * (self.end - self.begin)

    def hours_in(self, begin: FloatArray, end: FloatArray) -> FloatArray:
        """How many hours of each window it lasts."""
        hours = np.minimum(end, self.end) - np.maximum(begin, self.begin)
        return np.asarray(np.maximum(hours, 0.0), dtype=float)


def is_plan(path: Path) -> bool:
    """Whether a file is a table of runs, and not one of a schedule."""
    if path.suffix.lower() != ".csv" or not path.is_file():
        return False
    with path.open(encoding="utf-8-sig", errors="replace") as stream:
        titles = {title.strip().strip('"') for title in stream.readline().replace(";", ",").split(",")}
    return {"from", "to"} <= titles


def read_plan(path: Path, spec: Spec, data: Data) -> tuple[PlanRow, ...] | list[Diagnostic]:
    """The rows of a plan, or all that is wrong with them."""
    if spec.of_kind("cohort"):
        message = f"`{path}` is a table of runs, in which a cohort stands by the hour and not by the step"
        help = "store the schedule with `evdsl solve SPEC --out FILE`, and name that"
        return [Diagnostic("E609", message, None, "", help)]
    if path.stat().st_size > MAXIMUM_BYTES:
        return [Diagnostic("E609", f"`{path}` has more than {MAXIMUM_BYTES:,} bytes")]
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return [Diagnostic("E609", f"`{path}` is no text in UTF-8", None, "", "save it as CSV in UTF-8")]
    return _Table(Source(str(path), text, path), spec, data).read()


class _Table:
    def __init__(self, source: Source, spec: Spec, data: Data) -> None:
        self.source, self.spec, self.data = source, spec, data
        vehicles = data.vehicles
        self.stays = {name: at for at, name in enumerate(vehicles.name)}
        self.stays |= {inert(name): at for name, at in self.stays.items() if inert(name) not in self.stays}
        self.ports = [name for block in spec.of_kind("port") for name in port_names(block)]
        first = source.line(1)
        self.delimiter = ";" if ";" in first and "," not in first else ","
        self.problems: list[Diagnostic] = []

    def read(self) -> tuple[PlanRow, ...] | list[Diagnostic]:
        """The rows; every mistake otherwise."""
        try:
            rows = list(self._rows())
        except csv.Error as error:
            return [Diagnostic("E609", f"`{self.source.name}` is no CSV: {error}")]
        self.problems += self._clashes(rows)
        return self.problems or tuple(rows)

    def _rows(self) -> Iterator[PlanRow]:
        lines = csv.DictReader(
            self.source.text.splitlines(keepends=True), delimiter=self.delimiter, skipinitialspace=True
        )
        titles = [title.strip() for title in lines.fieldnames or []]
        lines.fieldnames = titles
        needed = ["vehicle", *(["port"] if self.ports else []), "from", "to"]
        missing = [name for name in needed if name not in titles]
        missing += [f"{ENERGY}` or `{POWER}"] if ENERGY not in titles and POWER not in titles else []
        if missing:
            names = ", ".join(f"`{name}`" for name in missing)
            message = f"the plan has no column {names}"
            self._wrong(1, message, "store it with `evdsl plan SPEC --out plan.csv`, and edit that")
            return
        for cells in lines:
            values = {key: (cells.get(key) or "").strip() for key in titles}
            if any(values.values()):
                row = self._row(lines.line_num, values)
                if row is not None:
                    yield row

    def _row(self, line: int, cells: Mapping[str, str]) -> PlanRow | None:
        before = len(self.problems)
        stay, port = self._stay(line, cells["vehicle"]), self._port(line, cells.get("port", ""))
        begin, end = self._time(line, "from", cells), self._time(line, "to", cells)
        energy, power = self._number(line, ENERGY, cells), self._number(line, POWER, cells)
        if len(self.problems) > before or stay is None or begin is None or end is None:
            return None
        vehicles, data = self.data.vehicles, self.data
        low, high = float(vehicles.begin[stay]), float(vehicles.end[stay])
        begin, end = (self._on_edge(when, low, high) for when in (begin, end))
        if end <= begin:
            self._wrong(line, "the run ends before it begins", "let `to` be later than `from`")
            return None
        if begin < low or end > high:
            days = data.timeline.horizon / 24
            there = [clock_label(clock(data, hours), days) for hours in (low, high)]
            message = (
                f"`{vehicles.name[stay]}` is there from {there[0]} to {there[1]}, and the run is not in it"
            )
            self._wrong(line, message, "let `from` and `to` lie in its stay")
            return None
        if energy is None and power is None:
            self._wrong(line, "the run has neither an energy nor a power", f"fill in `{ENERGY}`")
            return None
        hours = end - begin
        if energy is not None and power is not None and not _is_same(energy, power * hours):
            message = (
                f"the run lasts {decimals(hours, 2)} h, in which {power:g} kW are "
                f"{decimals(power * hours, 2)} kWh, and the row has {decimals(energy, 2)} kWh"
            )
            self._wrong(line, message, f"leave `{POWER}` or `{ENERGY}` empty: the other counts then")
            return None
        flows = energy / hours if energy is not None else power
        assert flows is not None, "asked before"
        return PlanRow(self._span(line), stay, port, begin, end, flows)

    def _stay(self, line: int, name: str) -> int | None:
        found = self.stays.get(name)
        if found is None:
            help = did_you_mean(name, list(self.stays))
            help = help or "take the name of a vehicle from `evdsl plan SPEC`"
            self._wrong(line, f"no vehicle is named `{name}`", help)
        return found

    def _port(self, line: int, name: str) -> int:
        if not self.ports:
            return -1
        if name not in self.ports:
            help = did_you_mean(name, self.ports) or f"name one of {self.ports[0]} to {self.ports[-1]}"
            self._wrong(line, f"no port is named `{name}`" if name else "the run has no port", help)
            return -1
        return self.ports.index(name)

    def _time(self, line: int, column: str, cells: Mapping[str, str]) -> float | None:
        when = timestamp(cells[column])
        if when is None:
            example = clock(self.data, 0.0).strftime("%Y-%m-%d %H:%M")
            self._wrong(line, f"`{column}` is no time: `{cells[column]}`", f"write it as `{example}`")
            return None
        return self.data.timeline.hours(when)

    def _number(self, line: int, column: str, cells: Mapping[str, str]) -> float | None:
        text = cells.get(column, "")
        if not text:
            return None
        try:
            found = float(text.replace(",", ".") if self.delimiter == ";" else text)
        except ValueError:
            found = np.nan
        if not np.isfinite(found):
            self._wrong(line, f"`{column}` is no number: `{text}`", "write it as `7.5`")
            return None
        return found

    def _on_edge(self, when: float, low: float, high: float) -> float:
        """The end of the stay, or of the step, that it is next to."""
        step = self.spec.step
        near = (low, high, round(when / step) * step)
        return next((edge for edge in near if abs(edge - when) <= SECOND), when)

    def _clashes(self, rows: list[PlanRow]) -> Iterator[Diagnostic]:
        """Runs of one vehicle at two ports in one step: a schedule has one port in each."""
        step = self.spec.step
        seen: dict[tuple[int, int], int] = {}
        for row in rows:
            first, last = int((row.begin + SECOND) // step), int(np.ceil((row.end - SECOND) / step))
            if any(seen.setdefault((row.stay, at), row.port) != row.port for at in range(first, last)):
                name = self.data.vehicles.name[row.stay]
                message = f"`{name}` has two ports in one step of {step * 60:g} min"
                yield Diagnostic("E609", message, row.span, "", "change the port where a step begins")

    def _span(self, line: int) -> Span:
        start = self.source.line_starts[line - 1]
        return Span(self.source, start, start + max(len(self.source.line(line)), 1))

    def _wrong(self, line: int, message: str, help: str) -> None:
        self.problems.append(Diagnostic("E609", message, self._span(line), "", help))


def _is_same(one: float, other: float) -> bool:
    return abs(one - other) <= AGREE * max(abs(one), abs(other), 1.0)
