"""Whether the devices of the site keep to what they are: generation, loads, storage, feeders.

    0 <= power[t] <= available[t]         solar, wind; equal where `curtailment` is off          kW
    power[t] = its series[t]              load
    0, or min_power <= charge[t], discharge[t] <= its most;   power[t] = charge[t] - discharge[t]  storage
    energy[0] = soc_initial · capacity,   energy[T] >= soc_final · capacity, and below the end of a range
    energy[T] >= energy[0]                without `soc_final`, where `soc_initial` is a range
    energy[t+1] = (1 - leakage)^Δ energy[t] + Δ (η_c charge[t] - discharge[t] / η_d)              kWh
    soc_min · capacity <= energy[t] <= soc_max · capacity, or as `widen` says                      t = 0 .. T
    Σ charge[t] <= what generation gives, for all with a `source`, and none with `surplus` while import[t] > 0
    Σ discharge[t] <= what loads, vehicles and cohorts take, for all with `sink = site`
    -limit[t] <= flow[t] <= limit[t]      feeder: all that hangs on it, directly or below

Flows of a feeder are added up from the ports and devices themselves, never from stored flows of others.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray
from evdsl.language.spec import Device, Spec
from evdsl.language.values import RangeValue
from evdsl.verifier.presence import PortTable, available_of
from evdsl.verifier.reading import StoredSchedule
from evdsl.verifier.tolerance import RELATIVE, SLACK, tolerance
from evdsl.verifier.violations import Findings


def check_generation(
    spec: Spec, data: Data, reading: StoredSchedule, _ports: PortTable, findings: Findings
) -> None:
    """Between zero and what sun and wind allow; all of it where nothing may be curtailed."""
    free = spec.on("curtailment")
    for device in (*spec.of_kind("solar"), *spec.of_kind("wind")):
        power, most = reading.devices[device.name], available_of(device, data)
        _within(f"`{device.name}` gives", "generation", power, most, findings)
        if not free:
            _check_all_used(device.name, power, most, findings)


def _check_all_used(name: str, power: FloatArray, most: FloatArray, findings: Findings) -> None:
    def describe(at: int, _who: str, when: str) -> str:
        gives = f"`{name}` gives {power[at]:.8g} of {most[at]:.8g} kW at {when}"
        return f"{gives}, and `curtailment` is off"

    short, steps = most - power, np.arange(len(power))
    findings.beyond("curtailment-off", "kW", short, tolerance(most), describe, None, steps)


def _within(subject: str, rule: str, power: FloatArray, most: FloatArray, findings: Findings) -> None:
    """Powers between zero and the most of each step."""

    def describe(at: int, _who: str, when: str) -> str:
        bound = "0 is the least" if power[at] < 0 else f"{most[at]:.8g} kW is the most"
        return f"{subject} {power[at]:.8g} kW at {when}, and {bound} that it may"

    excess = np.maximum(power - most, -power)
    findings.beyond(rule, "kW", excess, tolerance(most), describe, None, np.arange(len(power)))


def check_loads(
    spec: Spec, data: Data, reading: StoredSchedule, _ports: PortTable, findings: Findings
) -> None:
    """A load takes what its series says: nothing about it is decided."""
    for device in spec.of_kind("load"):
        series = data.over_time(device.name, "power")
        assert series is not None, "a load has its power"
        _same(device.name, "load", reading.devices[device.name], series, "its series has", findings)


def _same(
    name: str,
    rule: str,
    power: FloatArray,
    wanted: FloatArray,
    source: str,
    findings: Findings,
    scale: FloatArray | None = None,
) -> None:
    """A stored power that is given by something else."""

    def describe(at: int, _who: str, when: str) -> str:
        return f"`{name}` is {power[at]:.8g} kW at {when}, and {source} {wanted[at]:.8g} kW"

    slack = tolerance(wanted if scale is None else scale)
    findings.beyond(rule, "kW", np.abs(power - wanted), slack, describe, None, np.arange(len(power)))


def check_storage(
    spec: Spec, _data: Data, reading: StoredSchedule, _ports: PortTable, findings: Findings
) -> None:
    """Flows within its power, and energies that follow from them, within its bounds."""
    for device in spec.of_kind("storage"):
        name = device.name
        charge, discharge = reading.devices[f"{name}.charge"], reading.devices[f"{name}.discharge"]
        for way, verb, flow in (("charge", "charges", charge), ("discharge", "discharges", discharge)):
            most = np.full(spec.steps, device.number(way if way in device.given else "power"))
            _within(f"`{name}` {verb}", "storage-power", flow, most, findings)
            if spec.on("min_power"):
                _check_least(f"`{name}` {verb}", flow, device.number("min_power", 0.0), findings)
        net, size = charge - discharge, np.maximum(charge, discharge)
        _same(name, "storage-net", reading.devices[name], net, "its flows give", findings, size)
        if spec.on("exclusive"):
            _check_one_way(name, charge, discharge, findings)
        _check_energy(spec, device, reading, findings)


def _check_least(subject: str, power: FloatArray, least: float, findings: Findings) -> None:
    def describe(at: int, _who: str, when: str) -> str:
        return (
            f"{subject} {power[at]:.8g} kW at {when}, and {least:.8g} kW is the least above zero that it may"
        )

    off = np.minimum(power, least - power)
    findings.beyond("min-power", "kW", off, tolerance(least), describe, None, np.arange(len(power)))


def _check_one_way(name: str, charge: FloatArray, discharge: FloatArray, findings: Findings) -> None:
    def describe(at: int, _who: str, when: str) -> str:
        powers = f"{charge[at]:.8g} kW and discharges {discharge[at]:.8g} kW"
        return f"`{name}` charges {powers} at {when}, and `exclusive` is on"

    both, slack = np.minimum(charge, discharge), tolerance(np.maximum(charge, discharge))
    findings.beyond("exclusive", "kW", both, slack, describe, None, np.arange(len(charge)))


def _check_energy(spec: Spec, device: Device, reading: StoredSchedule, findings: Findings) -> None:
    name, steps = device.name, np.arange(spec.steps)
    capacity, efficiency = device.number("capacity"), device.number("efficiency", 1.0)
    inner, outer = (device.number(f"{way}_efficiency", efficiency) for way in ("charge", "discharge"))
    stays = (1.0 - device.number("leakage", 0.0)) ** spec.step
    end = float(reading.devices[f"{name}.energy_end"])
    edges = np.append(reading.devices[f"{name}.energy"], end)
    inward = spec.step * reading.devices[f"{name}.charge"] * inner
    outward = spec.step * reading.devices[f"{name}.discharge"] / outer
    leaked = (1.0 - stays) * edges[:-1]
    risen, gain = np.diff(edges), inward - outward - leaked

    def moved(at: int, _who: str, when: str) -> str:
        change = f"changes by {risen[at]:.8g} kWh in the step of {when}"
        what = "its flows and its leakage" if stays < 1.0 else "its flows"
        return f"the energy of `{name}` {change}, and {what} give {gain[at]:.8g} kWh"

    # A share of what flows in the step, not of the capacity: 0.01 kWh in each step would be a source.
    slack = np.maximum(SLACK, RELATIVE * np.maximum(np.maximum(np.abs(inward), np.abs(outward)), leaked))
    findings.beyond("storage-energy", "kWh", np.abs(risen - gain), slack, moved, None, steps)
    # Where it is chosen, `decisions` looks at the range; what it ends with is held against it here.
    ranged_start = isinstance(device.get("soc_initial"), RangeValue)
    initial = float(edges[0]) if ranged_start else device.number("soc_initial") * capacity
    off = abs(float(edges[0]) - initial)
    if not off <= tolerance(initial):
        begins = f"begins with {edges[0]:.8g} kWh in the schedule"
        message = f"`{name}` has {initial:.8g} kWh at the start, and {begins}"
        findings.add("storage-energy", message, size=off, unit="kWh")
    _check_states(device, edges, stays, findings)
    ranged = isinstance(device.get("soc_final"), RangeValue)
    if ranged:
        final = device.bounds("soc_final")[0] * capacity
    elif device.get("soc_final") is None:
        final = initial
    else:
        final = device.number("soc_final") * capacity
    if ranged:
        _check_most_at_the_end(name, end, device.bounds("soc_final")[1] * capacity, findings)
    if not final - end <= tolerance(final):
        message = f"`{name}` ends with {end:.8g} kWh, and {final:.8g} kWh is the least that it may"
        findings.add("storage-final", message, size=final - end, unit="kWh")


def _check_most_at_the_end(name: str, end: float, most: float, findings: Findings) -> None:
    if not end - most <= tolerance(most):
        message = f"`{name}` ends with {end:.8g} kWh, and {most:.8g} kWh is the most that it may"
        findings.add("storage-final", message, size=end - most, unit="kWh")


def _check_states(device: Device, edges: FloatArray, stays: float, findings: Findings) -> None:
    """Energies at every edge of a step, the last one told without a time; `stays` is what does not leak.

    One that may begin outside has what it begins with for a bound, as far as that leaks away.
    """
    least, high = (share * device.number("capacity") for share in device.bounds("soc"))
    low = np.full(len(edges), least)
    chosen = isinstance(device.get("soc_initial"), RangeValue)
    if device.choice("outside") == "widen" and not chosen:
        begins = device.number("soc_initial") * device.number("capacity")
        low, high = np.minimum(low, begins * stays ** np.arange(len(edges))), max(high, begins)
    excess, slack = np.maximum(low - edges, edges - high), tolerance(high)

    def describe(at: int, _who: str, when: str) -> str:
        return _outside(device.name, float(edges[at]), when, float(low[at]), high)

    findings.beyond("storage-soc", "kWh", excess[:-1], slack, describe, None, np.arange(len(edges) - 1))
    if not excess[-1] <= slack:
        message = _outside(device.name, float(edges[-1]), "the end", float(low[-1]), high)
        findings.add("storage-soc", message, size=float(excess[-1]), unit="kWh")


def _outside(name: str, energy: float, when: str, low: float, high: float) -> str:
    return f"`{name}` has {energy:.8g} kWh at {when}, and {low:.8g} to {high:.8g} kWh are allowed"


def check_origins(
    spec: Spec, _data: Data, reading: StoredSchedule, ports: PortTable, findings: Findings
) -> None:
    """What storages are charged from, and what they give to."""
    generated, consumed = np.zeros(spec.steps), np.zeros(spec.steps)
    for owner, inward, outward in powers_at_site(spec, reading, ports):
        if owner is not None and owner.kind in ("solar", "wind"):
            generated = generated + outward
        elif owner is None or owner.kind != "storage":
            consumed = consumed + inward
    sums = (("source", "charge", "charged", generated), ("sink", "discharge", "given", consumed))
    for setting, flow, verb, most in sums:
        bound = [device for device in spec.of_kind("storage") if device.choice(setting) != "any"]
        total = sum((reading.devices[f"{device.name}.{flow}"] for device in bound), np.zeros(spec.steps))
        _check_origin(setting, verb, total, most, findings)
    for device in spec.of_kind("storage"):
        if device.choice("source") == "surplus":
            _check_surplus(device.name, reading, findings)


def _check_origin(setting: str, verb: str, power: FloatArray, most: FloatArray, findings: Findings) -> None:
    def describe(at: int, _who: str, when: str) -> str:
        what = "generation gives" if setting == "source" else "loads, vehicles and cohorts take"
        flows = f"storages with a `{setting}` have {verb} {power[at]:.8g} kW at {when}"
        return f"{flows}, and {what} {most[at]:.8g} kW"

    findings.beyond(
        f"storage-{setting}", "kW", power - most, tolerance(most), describe, None, np.arange(len(power))
    )


def _check_surplus(name: str, reading: StoredSchedule, findings: Findings) -> None:
    charge, imported = reading.devices[f"{name}.charge"], reading.imported

    def describe(at: int, _who: str, when: str) -> str:
        powers = f"{charge[at]:.8g} kW at {when} while the site imports {imported[at]:.8g} kW"
        return f"`{name}` charges {powers}, and its `source` is `surplus`"

    both, slack = np.minimum(charge, imported), tolerance(np.maximum(charge, imported))
    findings.beyond("storage-source", "kW", both, slack, describe, None, np.arange(len(charge)))


def check_feeders(
    spec: Spec, data: Data, reading: StoredSchedule, ports: PortTable, findings: Findings
) -> None:
    """What flows into each feeder is what hangs on it takes, within its limit in either direction."""
    feeders = spec.of_kind("feeder")
    above = {feeder.name: "".join(feeder.names("feeder")) for feeder in feeders}
    taken = {feeder.name: np.zeros(spec.steps) for feeder in feeders}
    given = {feeder.name: np.zeros(spec.steps) for feeder in feeders}
    for owner, inward, outward in powers_at_site(spec, reading, ports):
        name = "" if owner is None else "".join(owner.names("feeder"))
        for _ in feeders:  # as many as a path can have
            if name:
                taken[name] += inward
                given[name] += outward
                name = above.get(name, "")
    for feeder in feeders:
        flow = taken[feeder.name] - given[feeder.name]
        size = np.maximum(taken[feeder.name], given[feeder.name])
        stored = reading.devices[feeder.name]
        _same(feeder.name, "feeder-flow", stored, flow, "what hangs on it takes", findings, size)
        limit = data.over_time(feeder.name, "limit")
        assert limit is not None, "a feeder has its limit"
        _check_cable(feeder.name, flow, limit, findings)


def _check_cable(name: str, flow: FloatArray, limit: FloatArray, findings: Findings) -> None:
    def describe(at: int, _who: str, when: str) -> str:
        carries = f"{abs(flow[at]):.8g} kW {'into' if flow[at] > 0 else 'out of'}"
        return f"{carries} `{name}` flow at {when}, and {limit[at]:.8g} kW is the most that may"

    excess, steps = np.abs(flow) - limit, np.arange(len(flow))
    findings.beyond("feeder-limit", "kW", excess, tolerance(limit), describe, None, steps)


def powers_at_site(
    spec: Spec, reading: StoredSchedule, ports: PortTable
) -> Iterator[tuple[Device | None, FloatArray, FloatArray]]:
    """Everything that takes or gives power, on the site's side of its losses: who, takes, gives; kW.

    Vehicles come by block of ports, those without a port as nobody's.
    """
    step, efficiency = reading.stays.step, ports.efficiency[reading.port]
    inward, outward = reading.charge / efficiency, reading.discharge * efficiency
    for number, owner in enumerate((*ports.blocks, None)):
        mine = ports.block[reading.port] == (-1 if owner is None else number)
        sums = (np.bincount(step[mine], flow[mine], spec.steps) for flow in (inward, outward))
        taken, given = (total.astype(float) for total in sums)
        yield owner, taken, given
    nothing = np.zeros(spec.steps)
    for device in (*spec.of_kind("solar"), *spec.of_kind("wind")):
        yield device, nothing, reading.devices[device.name]
    for device in (*spec.of_kind("load"), *spec.of_kind("cohort")):
        yield device, reading.devices[device.name], nothing
    for device in spec.of_kind("storage"):
        name = device.name
        yield device, reading.devices[f"{name}.charge"], reading.devices[f"{name}.discharge"]
