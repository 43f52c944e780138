"""A stored schedule as `evdsl.verify` sees it: who is there when, by arithmetic of its own, and the
flows at those times. Also the list of what was found wrong.

Nothing here is shared with the code that makes schedules, and presence is worked out again from
arrivals and departures, so that a mistake there cannot hide itself here. Dense and ragged datasets
give the same `Reading`; a ragged one is never made dense.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from evdsl.data import Data
from evdsl.population import IntArray
from evdsl.spec import Spec
from evdsl.timeline import FloatArray, Timeline

if TYPE_CHECKING:
    import xarray as xr

RULES: tuple[tuple[str, str], ...] = (
    ("shape", "every variable is there, over the vehicles and times of the spec"),
    ("units", "every variable and claimed value is in the unit that belongs to it"),
    ("finite", "every number is finite; only the energy of what is not there is not a number"),
    ("digest", "the schedule was made for this spec and these data"),
    ("presence", "a vehicle that is away takes, gives and holds nothing"),
    ("rate", "powers lie between zero and what presence, class and port allow"),
    ("v2g-off", "with `v2g` off nothing is discharged"),
    ("no-battery", "a vehicle without a battery has no energy and gives nothing back"),
    ("energy-balance", "the energy in a battery changes by what flows, less the losses"),
    ("soc", "the energy in a battery stays within the bounds of the class"),
    ("port-held", "power flows only through a port that is held"),
    ("port-allowed", "a vehicle holds only ports that its class may use"),
    ("port-count", "no two vehicles hold one port at one time"),
    ("hold-port", "with `hold_port` on a vehicle keeps one port for its whole stay, or has none"),
    ("exclusive", "with `exclusive` on a vehicle never charges and discharges in one step"),
    ("power-balance", "import less export is what the site takes"),
    ("import-limit", "import lies between zero and its limit"),
    ("export-limit", "export lies between zero and its limit"),
    ("import-or-export", "with `import_or_export` on the site never does both in one step"),
    ("delivered", "what is delivered is charge less discharge, at the port"),
    ("demand", "what is delivered and what is unmet make up the demand"),
    ("unmet", "`unmet` is the shortfall itself, at most the need, and zero without `partial_charging`"),
    ("claimed-value", "the values that the schedule claims are those of its flows"),
)
"""Every rule that a violation may name, and what it demands."""

SLACK = 1e-5
"""kW or kWh, for bounds up to 1. Solvers keep rows to 1e-6 or so, and some scale them first."""

COARSEST = 5e-3
"""kW or kWh: relative slack grows to here and no further, so that 0.01 kW too much is always seen."""

RELATIVE = 2e-6
"""For bounds beyond 2500 kW, where `COARSEST` would ask more than solvers with relative tolerances keep."""

ON_GRID = 1e-9
"""Of a step: times nearer to an edge are on it. A quarter past eight is rarely a whole number of steps
in binary."""

CLOCK_SLACK = np.timedelta64(1, "ms")
"""Stored times lose their last digits in files that count them in floating hours."""

LIMIT = 100
"""Violations of one rule that are told; the largest. All are counted."""

UNITS = {
    "charge": "kW",
    "discharge": "kW",
    "energy": "kWh",
    "energy_departure": "kWh",
    "delivered": "kWh",
    "unmet": "kWh",
    "import": "kW",
    "export": "kW",
}
BY_VISIT = ("charge", "discharge", "energy", "port")
BY_VEHICLE = ("energy_departure", "delivered", "unmet")
BY_STEP = ("import", "export")


def tolerance(size: FloatArray | float) -> FloatArray:
    """What may be missing from a bound or a balance of that size, in its unit."""
    size = np.abs(np.asarray(size, dtype=float))
    size = np.where(np.isfinite(size), size, 0.0)
    return np.asarray(np.maximum(np.clip(SLACK * size, SLACK, COARSEST), RELATIVE * size))


@dataclass(frozen=True, slots=True)
class Violation:
    """One demand of the spec that the schedule does not meet.

    `size` says by how much, in `unit`; `vehicle` is empty for the site, `step` is `None` where no
    single step is at fault.
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


Tell = Callable[[int, str, str], str]
"""The message for one position of an array, with the vehicle and the wall clock as they are shown."""


class Findings:
    """Violations as they are found. Of one rule at most `LIMIT` are told; `counts` has them all."""

    def __init__(self, data: Data) -> None:
        self.names = data.vehicles.name
        self.timeline: Timeline = data.timeline
        self.violations: list[Violation] = []
        self.counts: Counter[str] = Counter()

    def clock(self, step: int) -> str:
        """The wall clock at the start of a step."""
        return f"{self.timeline.local(step * self.timeline.step):%Y-%m-%d %H:%M}"

    def add(self, rule: str, message: str, *, size: float = 0.0, unit: str = "", vehicle: str = "") -> None:
        """One violation that belongs to no step."""
        self.counts[rule] += 1
        self.violations.append(Violation(rule, vehicle, None, size, unit, message))

    def every(
        self,
        rule: str,
        unit: str,
        excess: FloatArray,
        slack: FloatArray | float,
        tell: Tell,
        vehicle: IntArray | None = None,
        step: IntArray | None = None,
    ) -> None:
        """A violation wherever `excess` is not at most `slack`; `vehicle` and `step` say whose and when."""
        bad = np.flatnonzero(~(excess <= slack))
        self.counts[rule] += len(bad)
        if len(bad) > LIMIT:
            bad = np.sort(bad[np.argsort(-excess[bad], kind="stable")[:LIMIT]])
        for at in bad.tolist():
            who = "" if vehicle is None else self.names[int(vehicle[at])]
            when = None if step is None else int(step[at])
            clock = "" if when is None else self.clock(when)
            message = tell(at, f"`{who}`", clock)
            self.violations.append(Violation(rule, who, when, float(excess[at]), unit, message))


@dataclass(frozen=True, slots=True)
class Stays:
    """One entry for each vehicle and step in which it is there, by vehicle, then by step.

    It is there from `begin` to `end` (hours from the start), the share `presence` of the step.
    `came` is when each vehicle comes, after rounding; its entries are `first[v]` to `first[v + 1]`.
    """

    vehicle: IntArray
    step: IntArray
    begin: FloatArray
    end: FloatArray
    presence: FloatArray
    came: FloatArray
    first: IntArray

    def __len__(self) -> int:
        return len(self.vehicle)


def stays_of(spec: Spec, data: Data) -> Stays:
    """Presence, from arrivals, departures and the rounding of the station."""
    step, edges = spec.step, np.arange(spec.steps + 1) * spec.step
    came = np.clip(data.vehicles.arrival, 0.0, edges[-1])
    left = np.clip(data.vehicles.departure, 0.0, edges[-1])
    if spec.rounding == "floor":
        came = np.floor(came / step + ON_GRID) * step
    elif spec.rounding == "inward":
        came = np.ceil(came / step - ON_GRID) * step
    if spec.rounding in ("floor", "inward"):
        left = np.floor(left / step + ON_GRID) * step
    from_step = np.searchsorted(edges, came + ON_GRID * step, side="right") - 1
    to_step = np.searchsorted(edges, left - ON_GRID * step, side="left")
    count = np.where(left - came > ON_GRID * step, np.maximum(to_step - from_step, 0), 0)
    first = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    vehicle = np.repeat(np.arange(len(count)), count)
    at = from_step[vehicle] + np.arange(len(vehicle)) - first[vehicle]
    begin = np.maximum(came[vehicle], edges[at])
    end = np.minimum(left[vehicle], edges[at + 1])
    presence = np.clip((end - begin) / step, 0.0, 1.0)
    return Stays(vehicle, at, begin, end, presence, came, first)


@dataclass(frozen=True, slots=True)
class Reading:
    """The flows of a schedule: over the entries of `stays`, over vehicles, over steps.

    Powers are kW, energies kWh (NaN without a battery); `port` is a position along the ports, -1 for none.
    """

    stays: Stays
    charge: FloatArray
    discharge: FloatArray
    energy: FloatArray
    port: IntArray
    energy_departure: FloatArray
    delivered: FloatArray
    unmet: FloatArray
    imported: FloatArray
    exported: FloatArray


def port_names(spec: Spec) -> list[str]:
    """`ac.1`, `ac.2`, ...: the ports of all blocks, in the order of the blocks."""
    return [f"{port.name}.{n + 1}" for port in spec.of_kind("port") for n in range(int(port.number("count")))]


def read(spec: Spec, data: Data, schedule: xr.Dataset, findings: Findings) -> Reading | None:
    """The flows of a dataset; `None`, with the reasons in `findings`, where they cannot be judged."""
    arrays = _arrays(schedule, findings)
    if arrays is None or not _labels_agree(spec, data, schedule, findings):
        return None
    stays = stays_of(spec, data)
    sizes = {"vehicle": len(data.vehicles), "time": spec.steps}
    if not _all_finite(schedule, arrays, findings):
        return None
    if schedule["charge"].dims == ("visit",):
        flows = _from_ragged(schedule, arrays, stays, sizes, findings)
    else:
        flows = _from_dense(arrays, stays, findings)
    if flows is None:
        return None
    departure = arrays["energy_departure"]
    if not _energies_where_batteries_are(data, stays, flows["energy"], departure, findings):
        return None
    port = np.round(flows["port"])
    known = (port == flows["port"]) & (port >= -1) & (port < max(len(port_names(spec)), 1))
    wrong = np.where(known, 0.0, 1.0)
    findings.every(
        "shape", "", wrong, 0.0,
        lambda at, who, when: f"{who} holds port number {flows['port'][at]:g} at {when}, and there is none",
        stays.vehicle, stays.step,
    )  # fmt: skip
    return None if wrong.any() else Reading(
        stays, flows["charge"], flows["discharge"], flows["energy"], port.astype(np.int64),
        departure, arrays["delivered"], arrays["unmet"], arrays["import"], arrays["export"],
    )  # fmt: skip


def _arrays(schedule: xr.Dataset, findings: Findings) -> dict[str, FloatArray] | None:
    """Every variable as floating numbers, its dimensions and unit looked at."""
    arrays: dict[str, FloatArray] = {}
    ragged = "charge" in schedule and schedule["charge"].dims == ("visit",)
    for name in (*BY_VISIT, *BY_VEHICLE, *BY_STEP):
        over = ("vehicle",) if name in BY_VEHICLE else ("time",) if name in BY_STEP else ("vehicle", "time")
        if name in BY_VISIT and ragged:
            over = ("visit",)
        if name not in schedule:
            findings.add("shape", f"the schedule has no `{name}`")
            continue
        variable = schedule[name]
        if variable.dims != over:
            shown = ", ".join(str(dimension) for dimension in variable.dims)
            findings.add("shape", f"`{name}` is over ({shown}), and should be over ({', '.join(over)})")
            continue
        unit = variable.attrs.get("units")
        if name in UNITS and unit != UNITS[name]:
            findings.add("units", f"`{name}` is in {unit or 'no unit'}, and should be in {UNITS[name]}")
        try:
            arrays[name] = np.asarray(variable.values, dtype=float)
        except (TypeError, ValueError):
            findings.add("shape", f"`{name}` is not made of numbers")
    return None if findings.counts["shape"] else arrays


def _labels_agree(spec: Spec, data: Data, schedule: xr.Dataset, findings: Findings) -> bool:
    """Whether the vehicles, times and ports are those of the spec, in order."""
    for dimension, wanted in (("vehicle", list(data.vehicles.name)), ("port_name", port_names(spec))):
        found = [str(name) for name in schedule[dimension].values] if dimension in schedule.coords else []
        if found == wanted:
            continue
        at = next((i for i, pair in enumerate(zip(found, wanted, strict=False)) if pair[0] != pair[1]), None)
        fact = f"has {len(found)} labels along `{dimension}`, and {len(wanted)} are wanted"
        if at is not None:
            fact = f"names `{found[at]}` along `{dimension}`, where `{wanted[at]}` is wanted"
        findings.add("shape", f"the schedule {fact}")
    times = schedule["time"].values if "time" in schedule.coords else np.zeros(0)
    if times.shape != (spec.steps,):
        findings.add("shape", f"the schedule has {times.size} times, and the horizon {spec.steps} steps")
    elif times.dtype.kind != "M":
        findings.add("shape", "the `time` of the schedule is not made of dates and times")
    else:
        late = np.abs(times.astype("datetime64[ns]") - data.timeline.times())
        wrong = np.flatnonzero(~(late <= CLOCK_SLACK))
        if len(wrong):
            at = int(wrong[0])
            wanted_time = np.datetime_as_string(data.timeline.times()[at], unit="s")
            shown = np.datetime_as_string(times[at], unit="s")
            findings.add("shape", f"step {at} begins at {shown} UTC in the schedule, and at {wanted_time} in the spec")
    return not findings.counts["shape"]


def _all_finite(schedule: xr.Dataset, arrays: dict[str, FloatArray], findings: Findings) -> bool:
    """Whether all numbers are finite, but for energies that are not numbers (judged elsewhere)."""
    for name, values in arrays.items():
        fine = np.isfinite(values)
        if name.startswith("energy"):
            fine |= np.isnan(values)
        if fine.all():
            continue
        where = np.unravel_index(np.flatnonzero(~fine), values.shape)
        axes = dict(zip(schedule[name].dims, where, strict=True))
        vehicle, step = axes.get("vehicle"), axes.get("time")
        if "visit" in axes and {"visit_vehicle", "visit_step"} <= set(schedule.coords):
            vehicle = schedule["visit_vehicle"].values[axes["visit"]]
            step = schedule["visit_step"].values[axes["visit"]]

        def tell(at: int, who: str, when: str, name: str = name, found: FloatArray = values[where]) -> str:
            whose = f" of {who}" if who != "``" else ""
            return f"`{name}`{whose} is {found[at]:g}{f' at {when}' if when else ''}"

        size = np.full(len(where[0]), np.inf)
        findings.every("finite", UNITS.get(name, ""), size, 0.0, tell, vehicle, step)
    return not findings.counts["finite"]


def _from_dense(
    arrays: dict[str, FloatArray], stays: Stays, findings: Findings
) -> dict[str, FloatArray]:
    """Dense arrays at the entries of `stays`; whatever stands beside them is reported."""
    flows: dict[str, FloatArray] = {}
    for name in BY_VISIT:
        flows[name] = arrays[name][stays.vehicle, stays.step]
        away = arrays[name].copy()
        away[stays.vehicle, stays.step] = _absent(name)
        vehicle, step = np.nonzero(~_is_absent(name, away))
        _report_away(name, away[vehicle, step], vehicle, step, findings)
    return flows


def _from_ragged(
    schedule: xr.Dataset,
    arrays: dict[str, FloatArray],
    stays: Stays,
    sizes: dict[str, int],
    findings: Findings,
) -> dict[str, FloatArray] | None:
    """Ragged arrays in the order of `stays`, which each of their entries has to have once."""
    positions: dict[str, IntArray] = {}
    for name, along in (("visit_vehicle", "vehicle"), ("visit_step", "time")):
        if name not in schedule.coords or schedule[name].dims != ("visit",) or schedule[name].dtype.kind not in "iu":
            findings.add("shape", f"a ragged schedule needs whole numbers `{name}` over (visit)")
            return None
        positions[name] = np.asarray(schedule[name].values, dtype=np.int64)
        if ((positions[name] < 0) | (positions[name] >= sizes[along])).any():
            findings.add("shape", f"`{name}` of the schedule points beyond `{along}`")
            return None
    vehicle, step = positions["visit_vehicle"], positions["visit_step"]
    wanted = stays.vehicle * sizes["time"] + stays.step
    given = vehicle * sizes["time"] + step
    slot = np.minimum(np.searchsorted(wanted, given), max(len(wanted) - 1, 0))
    there = wanted[slot] == given if len(wanted) else np.zeros(len(given), dtype=bool)
    times_given = np.bincount(slot[there], minlength=len(stays))
    findings.every(
        "shape", "", np.abs(times_given - 1.0), 0.0,
        lambda at, who, when: f"{who} is there at {when}, and the schedule has {times_given[at]} entries for that",
        stays.vehicle, stays.step,
    )  # fmt: skip
    if findings.counts["shape"]:
        return None
    flows: dict[str, FloatArray] = {}
    for name in BY_VISIT:
        flows[name] = np.empty(len(stays))
        flows[name][slot[there]] = arrays[name][there]
        beside = np.flatnonzero(~there & ~_is_absent(name, arrays[name]))
        _report_away(name, arrays[name][beside], vehicle[beside], step[beside], findings)
    return flows


def _absent(name: str) -> float:
    return {"energy": np.nan, "port": -1.0}.get(name, 0.0)


def _is_absent(name: str, values: FloatArray) -> NDArray[np.bool_]:
    if name == "energy":
        return np.isnan(values)
    return np.abs(values - _absent(name)) <= SLACK


def _report_away(
    name: str, values: FloatArray, vehicle: IntArray, step: IntArray, findings: Findings
) -> None:
    def tell(at: int, who: str, when: str) -> str:
        facts = {
            "charge": f"charges {values[at]:.6g} kW",
            "discharge": f"discharges {values[at]:.6g} kW",
            "energy": f"has {values[at]:.6g} kWh in its battery",
            "port": f"holds port number {values[at]:g}",
        }
        return f"{who} {facts[name]} at {when}, and is away"

    findings.every("presence", UNITS.get(name, ""), np.abs(values - np.nan_to_num(_absent(name))), -1.0, tell, vehicle, step)


def _energies_where_batteries_are(
    data: Data, stays: Stays, energy: FloatArray, departure: FloatArray, findings: Findings
) -> bool:
    """Whether energies are numbers for vehicles with a battery, and only for those."""
    battery = np.isfinite(data.vehicles.battery)
    everyone = np.arange(len(battery))
    for values, vehicle, step in ((energy, stays.vehicle, stays.step), (departure, everyone, None)):
        where = f"{'' if step is None else ' at {}'}"
        missing, extra = battery[vehicle] & np.isnan(values), ~battery[vehicle] & ~np.isnan(values)
        findings.every(
            "finite", "kWh", np.where(missing, np.inf, 0.0), 0.0,
            lambda at, who, when, where=where: f"the energy of {who}{where.format(when) or ' at departure'} is not a number",
            vehicle, step,
        )  # fmt: skip
        findings.every(
            "no-battery", "kWh", np.where(extra, np.abs(values), -1.0), -0.5,
            lambda at, who, when, values=values: f"{who} has no battery, and {values[at]:.6g} kWh in it",
            vehicle, step,
        )  # fmt: skip
    return not findings.counts["finite"]
