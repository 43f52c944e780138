"""What each phase carries, where a spec asks something of single phases: as facts, and for the document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.language.devices.phases import LABELS, voltage
from evdsl.report.numbers import decimals, printable
from evdsl.report.run.summary import AT_LIMIT, Fact
from evdsl.schedule.phases import limited_nodes, phase_powers

if TYPE_CHECKING:
    import xarray as xr

    from evdsl.language.spec import Device
    from evdsl.optimization.result import Result


def currents(result: Result, schedule: xr.Dataset) -> Iterator[tuple[Device, FloatArray]]:
    """By node with such a limit the current into it on each phase, below zero where it flows out, A; shape
    (3, steps)."""
    for node in limited_nodes(result.spec):
        power = phase_powers(result.spec, result.data, schedule, node)
        yield node, power / voltage(result.spec)


def phases(result: Result, schedule: xr.Dataset) -> Iterator[Fact]:
    """A line for each node: the largest current of each phase, and what is at its limit."""
    for node, current in currents(result, schedule):
        name = "phases" if node.kind == "grid" else f"{printable(node.name, 13)} phases"
        most = [_largest(row) for row in current]
        shown = ", ".join(f"{label} {_amperes(value)}" for label, value in zip(LABELS, most, strict=True))
        notes = [*_at_limit(result, node, current), *_apart(result, node, current)]
        yield Fact(name, f"up to {shown}", f"; {'; '.join(notes)}" if notes else "")


def _largest(current: FloatArray) -> float:
    """The current that is furthest from zero, with its sign."""
    return float(current[int(np.abs(current).argmax())])


def _amperes(current: float) -> str:
    return f"{decimals(current + 0.0 if abs(current) >= 0.05 else 0.0, 1)} A"


def _hours(result: Result, full: FloatArray) -> str:
    return f"{int(full.sum()) * result.spec.step:.3g} h"


def _at_limit(result: Result, node: Device, current: FloatArray) -> Iterator[str]:
    limit = result.data.over_time("grid" if node.kind == "grid" else node.name, "phase_limit")
    if limit is None:
        return
    full = np.abs(current) >= limit * (1 - AT_LIMIT) - 1e-9
    full &= (limit > 0) | (np.abs(current) > 1e-6)
    hours: dict[str, list[str]] = {}
    for label, row in zip(LABELS, full, strict=True):
        if row.any():
            hours.setdefault(_hours(result, row), []).append(label)
    told = [f"{' and '.join(labels)} for {time}" for time, labels in hours.items()]
    if told:
        yield f"at the limit: {', '.join(told)}"
    if not hours:
        yield f"the limit is {_amperes(float(limit.max()))}"


def _apart(result: Result, node: Device, current: FloatArray) -> Iterator[str]:
    limit = result.data.over_time("grid", "unbalance_limit") if node.kind == "grid" else None
    if limit is None:
        return
    apart = np.ptp(current, axis=0)
    full = (apart >= limit * (1 - AT_LIMIT) - 1e-9) & ((limit > 0) | (apart > 1e-6))
    far = f"{_amperes(float(apart.max(initial=0.0)))} apart at most"
    yield f"{far}, which they may be, for {_hours(result, full)}" if full.any() else far
