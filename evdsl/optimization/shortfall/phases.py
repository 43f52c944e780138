"""Phases that are full, as limits on the way to a vehicle (`evdsl.optimization.shortfall.room`).

A kW more at a port, from some source, changes what each phase of a node carries: by what of it is on that
phase at the port, where the port hangs on the node, less what is on it at a generator that gives it, where
that does. A phase is full for it where it is at its limit on the side to which it would move; the phases of
the connection are too far apart for it where two of them are at `unbalance_limit`, and it would move them
further.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import BoolArray, FloatArray, IntArray
from evdsl.language.devices.phases import LABELS, PAIRS, spread_of, voltage
from evdsl.language.spec import Device, Spec
from evdsl.schedule.phases import feeder_path, limited_nodes, phase_powers

if TYPE_CHECKING:
    import xarray as xr

FULL = 1e-4
"""Relative: a phase with less room than this is full."""
MOVED = 1e-9
"""Of a kW: what moves a phase by less is rounding."""


UNBALANCE = "unbalance"
"""What is told of phases that may lie no further apart."""


class PhaseLimits:
    """The phases with a limit, by node and phase, at a schedule; last what may lie between them."""

    def __init__(self, spec: Spec, data: Data, schedule: xr.Dataset) -> None:
        self.spec = spec
        self.nodes = [node for node in limited_nodes(spec) if "phase_limit" in node.given]
        wheres = ["" if node.kind == "grid" else f" of feeder {node.name}" for node in self.nodes]
        self.names = tuple(f"phase {label}{where}" for where in wheres for label in LABELS)
        self.net: list[FloatArray] = []
        self.most: list[FloatArray] = []
        self.rest: list[FloatArray] = []
        for node in self.nodes:
            limit = data.over_time("grid" if node.kind == "grid" else node.name, "phase_limit")
            assert limit is not None, "it is given"
            most = limit * voltage(spec)
            net = phase_powers(spec, data, schedule, node)
            self.net.append(net)
            self.most.append(most - FULL * np.maximum(most, 1.0))
            # What the limit leaves to one vehicle, the others gone.
            self.rest.append(
                self.most[-1] - net + phase_powers(spec, data, schedule, node, vehicles_only=True)
            )
        self.apart: _Apart | None = None
        for node in limited_nodes(spec):
            if node.kind == "grid" and "unbalance_limit" in node.given:
                self.apart = _Apart(spec, data, schedule, node)
                self.names = (*self.names, UNBALANCE)

    def full(
        self, spread: FloatArray, step: IntArray, block: Device | None, source: Device | None
    ) -> BoolArray:
        """Of entries that take more at a block, spread over the phases so, which phases are full for them."""
        found = np.zeros((len(step), len(self.names)), dtype=np.bool_)
        here = feeder_path(self.spec, block)
        there = () if source is None else feeder_path(self.spec, source)
        given = np.zeros(len(LABELS)) if source is None else np.array(spread_of(source))
        for number, node in enumerate(self.nodes):
            name = "" if node.kind == "grid" else node.name
            moved = (name in here) * spread - (name in there) * given
            net, most = self.net[number][:, step].T, self.most[number][step][:, None]
            columns = slice(number * len(LABELS), (number + 1) * len(LABELS))
            found[:, columns] = ((moved > MOVED) & (net >= most)) | ((moved < -MOVED) & (-net >= most))
        if self.apart is not None:
            found[:, -1] = self.apart.full(spread - given, step)
        return found

    def alone(self, spread: FloatArray, step: IntArray, own: FloatArray) -> BoolArray:
        """Whether a phase would be full for each of them if no other vehicle came."""
        found = np.zeros((len(step), len(self.names)), dtype=np.bool_)
        for number in range(len(self.nodes)):
            columns = slice(number * len(LABELS), (number + 1) * len(LABELS))
            found[:, columns] = own[:, None] * spread >= self.rest[number][:, step].T
        if self.apart is not None:
            found[:, -1] = self.apart.alone(own[:, None] * spread, spread, step)
        return found


class _Apart:
    """How far the phases of the connection lie apart at a schedule, and how far they may."""

    def __init__(self, spec: Spec, data: Data, schedule: xr.Dataset, node: Device) -> None:
        limit = data.over_time("grid", "unbalance_limit")
        assert limit is not None, "it is given"
        most = limit * voltage(spec)
        self.most = most - FULL * np.maximum(most, 1.0)
        self.net = phase_powers(spec, data, schedule, node)
        self.others = self.net - phase_powers(spec, data, schedule, node, vehicles_only=True)

    def full(self, moved: FloatArray, step: IntArray) -> BoolArray:
        """Whether two phases are as far apart as they may be, and would be moved further; by entry."""
        return self._beyond(self.net[:, step].T, moved, step)

    def alone(self, own: FloatArray, moved: FloatArray, step: IntArray) -> BoolArray:
        """The same if no other vehicle came than the one that carries `own` on each phase."""
        return self._beyond(self.others[:, step].T + own, moved, step)

    def _beyond(self, net: FloatArray, moved: FloatArray, step: IntArray) -> BoolArray:
        found = np.zeros(len(step), dtype=np.bool_)
        for a, b in PAIRS:
            between, further = net[:, a] - net[:, b], moved[:, a] - moved[:, b]
            found |= (further > MOVED) & (between >= self.most[step])
            found |= (further < -MOVED) & (-between >= self.most[step])
        return found
