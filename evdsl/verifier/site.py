"""Whether a schedule keeps to the ports and to the connection of the site."""

from __future__ import annotations

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.spec import Spec
from evdsl.language.values import Const
from evdsl.verifier.devices import powers_at_site
from evdsl.verifier.presence import PortTable
from evdsl.verifier.reading import StoredSchedule
from evdsl.verifier.tolerance import SLACK, tolerance
from evdsl.verifier.violations import Findings

OVERLAP = 1e-9
"""Hours that two vehicles may share a port: the rounding of clock times, 4 microseconds."""


def check_ports(
    spec: Spec, data: Data, reading: StoredSchedule, ports: PortTable, findings: Findings
) -> None:
    """Power needs a port that the class may use, and that no other vehicle holds."""
    if not ports.blocks:
        return
    stays, port = reading.stays, reading.port
    power = np.where(port < 0, np.maximum(reading.charge, reading.discharge), 0.0)

    def describe(at: int, who: str, when: str) -> str:
        return f"{who} has {power[at]:.8g} kW at {when}, and holds no port"

    findings.beyond("port-held", "kW", power, SLACK, describe, stays.vehicle, stays.step)
    _check_allowed(spec, data, reading, ports, findings)
    _check_sharing(reading, ports, findings)
    _check_order(data, reading, ports, findings)
    if spec.on("hold_port") and spec.on("queue"):
        _check_runs(reading, ports, findings)
    elif spec.on("hold_port"):
        _check_holding(reading, ports, findings)


def _check_allowed(
    spec: Spec, data: Data, reading: StoredSchedule, ports: PortTable, findings: Findings
) -> None:
    """A class may use the blocks of ports that it names, or all."""
    stays, classes = reading.stays, spec.of_kind("class")
    allowed = np.ones((len(classes), len(ports.blocks) + 1), dtype=bool)  # the last column: no port
    for row, category in enumerate(classes):
        named = category.names("ports")
        allowed[row, :-1] = [not named or block.name in named for block in ports.blocks]
    category_of = data.vehicles.category[stays.vehicle]
    refused = ~allowed[category_of, ports.block[reading.port]]

    def describe(at: int, who: str, when: str) -> str:
        name = ports.names[reading.port[at]]
        return f"{who} holds `{name}` at {when}, and `class {classes[category_of[at]].name}` may not use it"

    findings.where("port-allowed", "", refused, np.ones(len(stays)), describe, stays.vehicle, stays.step)


def _check_sharing(reading: StoredSchedule, ports: PortTable, findings: Findings) -> None:
    """No port is held by two vehicles whose presence overlaps in real time, half-open at departure.

    Of the times at which a port is held, in the order of their beginnings, each has to end before the next
    begins: if any two overlap, two neighbours do. Of each pair of vehicles one overlap is told.
    """
    stays, port = reading.stays, reading.port
    held = np.flatnonzero(port >= 0)
    order = held[np.lexsort((stays.begin[held], port[held]))]
    before, after = order[:-1], order[1:]
    shared = np.minimum(stays.end[before], stays.end[after]) - stays.begin[after]
    clash = np.flatnonzero((port[before] == port[after]) & (shared > OVERLAP))
    pairs = np.sort(np.stack([stays.vehicle[before[clash]], stays.vehicle[after[clash]]], axis=1), axis=1)
    clash = clash[np.unique(pairs, axis=0, return_index=True)[1]]
    before, after, shared = before[clash], after[clash], shared[clash]

    def describe(at: int, who: str, when: str) -> str:
        other = findings.names[int(stays.vehicle[before[at]])]
        return (
            f"{who} holds `{ports.names[port[after[at]]]}` in the step of {when}, and `{other}` has it then"
        )

    every = np.ones(len(clash), dtype=bool)
    findings.where("port-count", "h", every, shared, describe, stays.vehicle[after], stays.step[after])


def _check_order(data: Data, reading: StoredSchedule, ports: PortTable, findings: Findings) -> None:
    """Of a block whose `count` changes no more are held at one instant than are in order in its step.

    Within a step, times at which ports are held begin and end: what begins is counted after what ends there.
    """
    stays = reading.stays
    for number, block in enumerate(ports.blocks):
        if isinstance(block.settings["count"], Const):
            continue
        count = data.over_time(f"port {block.name}", "count")
        assert count is not None, "it is over time"
        mine = np.flatnonzero((reading.port >= 0) & (ports.block[reading.port] == number))
        step = np.tile(stays.step[mine], 2)
        change = np.repeat([1, -1], len(mine))
        order = np.lexsort((change, np.append(stays.begin[mine], stays.end[mine] - OVERLAP), step))
        most = np.zeros(len(count), dtype=np.int64)
        np.maximum.at(most, step[order], np.cumsum(change[order]))

        def describe(
            at: int,
            _: str,
            when: str,
            block: str = block.name,
            held: IntArray = most,
            left: FloatArray = count,
        ) -> str:
            return f"{held[at]} of `{block}` are held in the step of {when}, and {left[at]:g} in order then"

        steps = np.arange(len(count))
        findings.beyond("ports-in-order", "", most - count, 0.0, describe, None, steps)


def _check_holding(reading: StoredSchedule, ports: PortTable, findings: Findings) -> None:
    """A vehicle holds the same port, or none, in all steps of its stay; the first change is told."""
    stays, port = reading.stays, reading.port
    changed = 1 + np.flatnonzero((stays.vehicle[1:] == stays.vehicle[:-1]) & (port[1:] != port[:-1]))
    changed = changed[np.unique(stays.vehicle[changed], return_index=True)[1]]

    def shown(number: int) -> str:
        return "no port" if number < 0 else f"`{ports.names[number]}`"

    def describe(at: int, who: str, when: str) -> str:
        here = changed[at]
        return (
            f"{who} goes from {shown(port[here - 1])} to {shown(port[here])} at {when}, and `hold_port` is on"
        )

    every, size = np.ones(len(changed), dtype=bool), np.ones(len(changed))
    findings.where("hold-port", "", every, size, describe, stays.vehicle[changed], stays.step[changed])


def _check_runs(reading: StoredSchedule, ports: PortTable, findings: Findings) -> None:
    """A vehicle takes a port once: after one run of steps on one port it holds none; the first is told."""
    stays, port = reading.stays, reading.port
    told: dict[int, tuple[int, int]] = {}
    left: dict[int, int] = {}
    for at in np.flatnonzero(port >= 0).tolist():
        vehicle = int(stays.vehicle[at])
        before = left.get(vehicle)
        if before is not None and (before != at - 1 or port[before] != port[at]):
            told.setdefault(vehicle, (before, at))
        left[vehicle] = at
    pairs = list(told.values())
    again = np.array([at for _, at in pairs], dtype=np.int64)

    def describe(at: int, who: str, when: str) -> str:
        first, second = (f"`{ports.names[port[each]]}`" for each in pairs[at])
        return f"{who} takes {second} at {when} after it had {first}, and `queue` is on"

    every, size = np.ones(len(pairs), dtype=bool), np.ones(len(pairs))
    findings.where("queue", "", every, size, describe, stays.vehicle[again], stays.step[again])


def check_connection(
    spec: Spec, data: Data, reading: StoredSchedule, ports: PortTable, findings: Findings
) -> None:
    """The balance of the site, and the limits of its connection to the grid."""
    imported, exported = reading.imported, reading.exported
    steps = np.arange(spec.steps)
    taken, given = np.zeros(spec.steps), np.zeros(spec.steps)
    for _, inward, outward in powers_at_site(spec, reading, ports):
        taken, given = taken + inward, given + outward
    net, wanted = imported - exported, taken - given

    def describe(at: int, _who: str, when: str) -> str:
        return f"import less export is {net[at]:.8g} kW at {when}, and the site takes {wanted[at]:.8g} kW"

    size = np.maximum(taken, given)
    size = np.maximum(size, np.maximum(imported, exported))
    findings.beyond("power-balance", "kW", np.abs(net - wanted), tolerance(size), describe, None, steps)
    unlimited = np.full(spec.steps, np.inf)
    limit, allowed = data.over_time("grid", "import_limit"), data.over_time("grid", "export_limit")
    if allowed is None:
        allowed = np.zeros(spec.steps) if data.over_time("grid", "feed_in") is None else unlimited
    _check_limit("import", imported, unlimited if limit is None else limit, findings)
    _check_limit("export", exported, allowed, findings)
    if spec.on("import_or_export"):
        _check_crossing(imported, exported, findings)


def _check_limit(word: str, power: FloatArray, most: FloatArray, findings: Findings) -> None:
    def describe(at: int, _who: str, when: str) -> str:
        bound = "0 is the least" if power[at] < 0 else f"{most[at]:.8g} kW is the most"
        return f"the site {word}s {power[at]:.8g} kW at {when}, and {bound} that it may"

    excess = np.maximum(power - most, -power)
    findings.beyond(f"{word}-limit", "kW", excess, tolerance(most), describe, None, np.arange(len(power)))


def _check_crossing(imported: FloatArray, exported: FloatArray, findings: Findings) -> None:
    def describe(at: int, _who: str, when: str) -> str:
        powers = f"{imported[at]:.8g} kW and exports {exported[at]:.8g} kW"
        return f"the site imports {powers} at {when}, and `import_or_export` is on"

    both, slack = np.minimum(imported, exported), tolerance(np.maximum(imported, exported))
    findings.beyond("import-or-export", "kW", both, slack, describe, None, np.arange(len(imported)))
