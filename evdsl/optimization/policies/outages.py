"""Rules where sockets are out of order at times: `count` of a `port` over time.

A port is given only where, with those that are held already, no more are held than are in order: with
`hold_port` at every instant until the vehicle leaves, else in the step. Where ports may be given up and fewer
are in order than are held as a step begins, those give theirs up who came last; with `queue` for good.
"""

from __future__ import annotations

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.devices import series_key
from evdsl.language.spec import Spec
from evdsl.language.tolerances import ON_EDGE, SAME_TIME
from evdsl.model.intervals import assign
from evdsl.model.outages import outages_of
from evdsl.model.ports import groups_of, port_names


class PortsInOrder:
    """How many ports of each block are in order in each step, where that changes.

    `ports` are by block the numbers of its ports, `count` is shape (steps,).
    """

    def __init__(self, spec: Spec, data: Data) -> None:
        self.spec, self.data = spec, data
        self.blocks: list[tuple[IntArray, FloatArray]] = []
        first = 0
        for block in spec.of_kind("port"):
            count = data.over_time(series_key(block), "count")
            if count is not None:
                self.blocks.append((np.arange(first, first + block.port_count), count))
            first += block.port_count

    def may_be_taken(self, busy_until: FloatArray, begin: float, end: float) -> np.ndarray:
        """Of each port whether one more of its block may be held from one time to another (hours)."""
        step = self.spec.step
        may = np.ones(len(busy_until), dtype=np.bool_)
        steps = np.arange(int(begin / step + ON_EDGE), int(np.ceil(end / step - ON_EDGE)))
        instants = np.maximum(steps * step, begin)
        for ports, count in self.blocks:
            held = (busy_until[ports] > instants[:, None] + SAME_TIME).sum(axis=1)
            may[ports] = (held + 1 <= count[steps]).all()
        return may

    def out_of_order(self, held: IntArray, came: FloatArray, now: int) -> list[int]:
        """Vehicles whose ports are out of order as a step begins: of each block those who came last.

        `held` is the port of each vehicle that has one now, -1 of the others.
        """
        found: list[int] = []
        for ports, count in self.blocks:
            mine = np.flatnonzero(np.isin(held, ports))
            mine = mine[np.lexsort((mine, came[mine]))]
            found += mine[int(count[now]) :].tolist()
        return found

    def numbered(self, port: IntArray) -> IntArray:
        """The port of each visit, with those of a block given anew such that each that is out of order is
        one socket from when it fails until it is mended."""
        if not self.blocks:
            return port
        vehicles, visits, step = self.data.vehicles, self.data.visits, self.spec.step
        groups, _ = groups_of(self.spec)
        outages = outages_of(self.data, groups)
        names = [name for block in self.spec.of_kind("port") for name in port_names(block)]
        found = port.copy()
        for ports, _ in self.blocks:
            at = np.flatnonzero(np.isin(port, ports))
            if not len(at):
                continue
            new = (
                (np.diff(visits.vehicle[at]) != 0)
                | (np.diff(port[at]) != 0)
                | (np.diff(visits.step[at]) != 1)
            )
            runs = np.split(at, np.flatnonzero(new) + 1)
            begin = [max(vehicles.begin[visits.vehicle[r[0]]], visits.step[r[0]] * step) for r in runs]
            end = [min(vehicles.end[visits.vehicle[r[-1]]], (visits.step[r[-1]] + 1) * step) for r in runs]
            group = next(n for n, one in enumerate(groups) if names[ports[0]] in one.names)
            out = outages.group == group
            wanted = [port[run[0]] - ports[0] for run in runs]
            given = assign(
                np.append(begin, outages.begin[out]),
                np.append(end, outages.end[out]),
                np.append(wanted, len(ports) - 1 - outages.depth[out]).astype(np.int64),
                len(ports),
            )
            for run, number in zip(runs, given[: len(runs)], strict=True):
                found[run] = ports[number]
        return found
