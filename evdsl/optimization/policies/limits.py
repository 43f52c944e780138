"""The limits that a rule keeps to: of feeders, the connection, phases, calls; what they let generation give.

A limit counts what hangs on its node: the connection, or a feeder with those below it. Of a power that is
spread over the phases it counts all, or what is on one phase (each way, for `phase_limit`), or what is more
on one phase than on another (`unbalance_limit`). A call (`event`) limits what is drawn alone, and only where
nothing is paid for more: a rule looks at no penalty and no reward.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray
from evdsl.language.devices.feeder import upwards
from evdsl.language.devices.generation import available
from evdsl.language.devices.phases import LABELS, PAIRS, spread_of, voltage
from evdsl.language.spec import Device, Spec


class Limits:
    """The limits of a site: of feeders, each after those below it, the connection, then phases and calls.

    By number `nodes` says what each is of (the connection is empty), `weigh` what it counts of a kW on L1,
    on L2 and on L3; the first, as many as there are in `order`, count all alike.
    """

    def __init__(self, spec: Spec, data: Data) -> None:
        self.spec, self.data = spec, data
        self.feeders = upwards(spec.of_kind("feeder"))
        self.order = [*[feeder.name for feeder in self.feeders], ""]
        self.number = {name: at for at, name in enumerate(self.order)}
        self.above = {feeder.name: "".join(feeder.names("feeder")) for feeder in self.feeders}
        self.nodes = [*self.order]
        self.weigh: list[list[float]] = [[1.0] * len(LABELS) for _ in self.order]
        limits = [np.full(spec.steps, np.inf)] * len(self.order)
        for name in self.order[:-1]:
            limit = data.over_time(name, "limit")
            assert limit is not None, "the setting is required"
            limits[self.number[name]] = limit
        limit = data.over_time("grid", "import_limit")
        if limit is not None:
            limits[len(self.order) - 1] = limit
        for name in self.order:
            limits += self._phases(name)
        for event in spec.of_kind("event"):
            if event.get("penalty") is None:
                self.weigh.append([1.0] * len(LABELS))
                self.nodes.append("".join(event.names("feeder")))
                limits.append(data.most_drawn(event))
        self.limit = np.array(limits)
        self.loads, self.there = np.zeros(self.limit.shape), np.zeros(self.limit.shape)
        self.available: dict[str, FloatArray] = {}
        self.known: dict[tuple[str, tuple[float, ...]], FloatArray] = {}
        for device in spec.of_kind("load"):
            power = data.over_time(device.name, "power")
            assert power is not None, "the setting is required"
            self.loads += np.outer(self.parts(device), power)
        for device in self.generators():
            self.available[device.name] = available(data, device)
        sure = dict(self.available)
        if spec.on("curtailment"):
            for node in range(len(self.nodes)):
                curtail(self, sure, self.loads[node], node)
        plain = np.arange(len(self.nodes)) < len(self.order)
        for device in self.generators():
            # A phase can rely on what the others let through even if no vehicle takes anything.
            power = np.where(plain[:, None], self.available[device.name], sure[device.name])
            self.there += self.parts(device)[:, None] * power

    def _phases(self, name: str) -> list[FloatArray]:
        """The limits of the phases of a node, either way, and of what lies between them."""
        found: list[FloatArray] = []
        each, volts = range(len(LABELS)), voltage(self.spec)
        limit, apart = (self.data.over_time(name or "grid", s) for s in ("phase_limit", "unbalance_limit"))
        if limit is not None:
            self.weigh += [[sign * (one == phase) for one in each] for sign in (1.0, -1.0) for phase in each]
            found += [limit * volts] * (2 * len(each))
        if apart is not None and not name:
            self.weigh += [[float((one == a) - (one == b)) for one in each] for a, b in PAIRS]
            found += [apart * volts] * len(PAIRS)
        self.nodes += [name] * len(found)
        return found

    def generators(self) -> tuple[Device, ...]:
        """What sun and wind drive."""
        return (*self.spec.of_kind("solar"), *self.spec.of_kind("wind"))

    def path(self, feeder: str) -> list[str]:
        """A node and all above it."""
        names = [feeder]
        while names[-1]:
            names.append(self.above[names[-1]])
        return names

    def counted(self, feeder: str, spread: Sequence[float]) -> FloatArray:
        """Of each limit what it counts of a kW on a feeder (or on none) that is spread over the phases so."""
        key = feeder, tuple(spread)
        if key not in self.known:
            self.known[key] = self._counted(feeder, spread)
        return self.known[key]

    def _counted(self, feeder: str, spread: Sequence[float]) -> FloatArray:
        nodes = self.path(feeder)
        plain = np.arange(len(self.nodes)) < len(self.order)
        weight = np.where(plain, 1.0, np.array(self.weigh) @ np.array(spread))
        return np.where([node in nodes for node in self.nodes], weight, 0.0)

    def parts(self, device: Device) -> FloatArray:
        """The same of a kW that a device takes."""
        return self.counted("".join(device.names("feeder")), spread_of(device))


def curtail(site: Limits, used: dict[str, FloatArray], taken: FloatArray, node: int) -> None:
    """Less generation where a limit could not carry it away; in proportion to what is there.

    Of a limit of phases only what generation is on the wrong side of it is less.
    """
    parts = {device.name: float(site.parts(device)[node]) for device in site.generators()}
    is_plain = node < len(site.order)
    # A limit in one direction is one of phases that counts what is given with the other sign.
    sign = 1.0 if is_plain else -1.0
    below = {name: sign * part for name, part in parts.items() if sign * part > 0}
    if not below:
        return
    total = sum((part * used[name] for name, part in below.items()), np.zeros(site.spec.steps))
    others = sum((parts[name] * used[name] for name in parts if name not in below), np.zeros(site.spec.steps))
    limit = site.limit[node] if node != site.number[""] else exportable(site)
    most = limit + (taken if is_plain else others - taken)
    share = np.where(total > most, np.maximum(most, 0.0) / np.where(total > 0, total, 1.0), 1.0)
    for name in below:
        used[name] = used[name] * share


def exportable(site: Limits) -> FloatArray:
    """What the connection takes, kW: nothing where it would have to be paid for."""
    limit, feed_in = site.data.over_time("grid", "export_limit"), site.data.over_time("grid", "feed_in")
    if limit is None:
        limit = np.full(site.spec.steps, np.inf if feed_in is not None else 0.0)
    return limit if feed_in is None else np.where(feed_in < 0, 0.0, limit)
