"""What `evdsl.verifier` may find wrong with a schedule: its rules, and the list of violations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray, IntArray

RULES: tuple[tuple[str, str], ...] = (
    ("shape", "every variable is there, over the vehicles and times of the spec"),
    ("units", "every variable and claimed value is in the unit that belongs to it"),
    ("finite", "every number is finite; only the energy of what is not there is not a number"),
    ("digest", "the schedule was made for this spec and these data"),
    ("presence", "a vehicle that is away takes, gives and holds nothing"),
    ("rate", "powers lie between zero and what presence, class and port allow"),
    ("taper", "a vehicle charges no more than the `taper` of its class at its state of charge"),
    ("v2g-off", "with `v2g` off nothing is discharged"),
    ("no-battery", "a vehicle without a battery has no energy and gives nothing back"),
    ("energy-balance", "the energy in a battery changes by what flows, less the losses"),
    ("soc", "the energy in a battery stays within the bounds of the class"),
    ("port-held", "power flows only through a port that is held"),
    ("port-allowed", "a vehicle holds only ports that its class may use"),
    ("port-count", "no two vehicles hold one port at one time"),
    ("ports-in-order", "no more ports of a block are held at one time than are in order"),
    ("hold-port", "with `hold_port` on a vehicle keeps one port for its whole stay, or has none"),
    ("queue", "with `queue` on a vehicle holds one port once, for one run of steps"),
    ("exclusive", "with `exclusive` on no vehicle and no storage charges and discharges in one step"),
    ("min-power", "with `min_power` on a power is zero or at least the `min_power` of the port or storage"),
    ("rates", "with `min_power` on a power is zero or one of the `rates` of port and class"),
    ("uninterrupted", "with `uninterrupted` on charging does not pause, nor sink to a trickle"),
    ("generation", "what sun and wind give lies between zero and what they allow"),
    ("curtailment-off", "with `curtailment` off all generation is used, stored or exported"),
    ("load", "a load takes what its series says"),
    ("storage-power", "the flows of a storage lie between zero and its power"),
    ("storage-net", "the power of a storage is what it takes less what it gives"),
    (
        "storage-energy",
        "the energy in a storage begins at `soc_initial` and changes by its flows and its leakage",
    ),
    ("storage-soc", "the energy in a storage stays within its bounds"),
    ("storage-source", "a storage is charged from what its `source` names"),
    ("storage-sink", "a storage gives to what its `sink` names"),
    ("chosen", "what a range leaves open lies within it, and is what the schedule says was chosen"),
    ("storage-final", "a storage ends with at least `soc_final`, or within it where it is a range"),
    ("cohort-count", "counts of a cohort follow from arrivals, departures and charging, none is negative"),
    ("cohort-charging", "of each state of a cohort between none and all that are there charge"),
    ("cohort-power", "the power of a cohort is that of all who charge"),
    ("feeder-flow", "what flows into a feeder is what hangs on it takes, less what it gives"),
    ("feeder-limit", "what flows through a feeder is at most its limit, either way"),
    ("phase-limit", "no phase of the connection or a feeder carries more than its `phase_limit`, either way"),
    ("unbalance", "no two phases of the connection lie further apart than its `unbalance_limit`"),
    ("power-balance", "import less export is what the site takes"),
    ("import-limit", "import lies between zero and its limit"),
    ("export-limit", "export lies between zero and its limit"),
    ("event-limit", "what is drawn in a call without a `penalty` is at most what it allows"),
    ("event", "what is over and saved in calls follows from what is drawn; the baseline is that of the spec"),
    ("import-or-export", "with `import_or_export` on the site never does both in one step"),
    ("delivered", "what is delivered is charge less discharge, at the port"),
    ("demand", "what is delivered and what is unmet make up the demand"),
    ("unmet", "`unmet` is the shortfall itself, at most the need, and zero without `partial_charging`"),
    ("require", "every requirement of the spec holds wherever it speaks of something"),
    ("shared", "what scenarios share is the same in the schedule of each"),
    ("scenario-weights", "the weights of scenarios are not negative, and add up to 1"),
    ("claimed-value", "the values that the schedule claims are those of its flows"),
)
"""Every rule that a violation may name, and what it demands."""

LIMIT = 100
"""Violations of one rule that are told: the largest that a check finds. All are counted."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One demand of the spec that the schedule does not meet.

    `size` says by how much, in `unit`; `vehicle` is empty where the site is at fault, `step` is `None`
    where no single step is.
    """

    rule: str
    vehicle: str
    step: int | None
    size: float
    unit: str
    message: str

    def as_record(self) -> dict[str, object]:
        """The violation as plain data, for `--json`."""
        return asdict(self)


Describe = Callable[[int, str, str], str]
"""The message for one position of the arrays, with its vehicle and its wall clock as they are shown."""


class Findings:
    """The violations, as they are found. Of one rule at most `LIMIT` are told; `counts` has them all."""

    def __init__(self, data: Data) -> None:
        self.names = data.vehicles.name
        self.timeline = data.timeline
        self.violations: list[Violation] = []
        self.counts: Counter[str] = Counter()

    def add(self, rule: str, message: str, *, size: float = 0.0, unit: str = "") -> None:
        """One violation that belongs to no vehicle and no step."""
        self.counts[rule] += 1
        self.violations.append(Violation(rule, "", None, size, unit, message))

    def beyond(
        self,
        rule: str,
        unit: str,
        excess: FloatArray,
        slack: FloatArray | float,
        describe: Describe,
        vehicle: IntArray | None = None,
        step: IntArray | None = None,
    ) -> None:
        """A violation of size `excess` wherever that is not at most `slack`."""
        self.where(rule, unit, ~(excess <= slack), excess, describe, vehicle, step)

    def where(
        self,
        rule: str,
        unit: str,
        wrong: NDArray[np.bool_],
        size: FloatArray,
        describe: Describe,
        vehicle: IntArray | None = None,
        step: IntArray | None = None,
    ) -> None:
        """A violation of that size at every `wrong` position; `vehicle` and `step` say whose and when."""
        found = np.flatnonzero(wrong)
        room = max(LIMIT - self.counts[rule], 0)
        self.counts[rule] += len(found)
        if len(found) > room:
            found = np.sort(found[np.argsort(-size[found], kind="stable")[:room]])
        for at in found.tolist():
            name = "" if vehicle is None else self.names[int(vehicle[at])]
            number = None if step is None else int(step[at])
            clock = "" if number is None else self.clock(number)
            message = describe(at, f"`{name}`" if name else "", clock)
            self.violations.append(Violation(rule, name, number, float(size[at]), unit, message))

    def clock(self, step: int) -> str:
        """The wall clock at the start of a step."""
        return f"{self.timeline.local(step * self.timeline.step):%Y-%m-%d %H:%M}"
