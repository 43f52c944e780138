"""Whether the counts of cohorts are what arrivals, departures and charging make of them.

With x_i(t) vehicles in state i when a step begins, of which c_i(t) charge during it, i from 0 (full) to n:

    0 <= c_i(t) <= x_i(t)
    x(0) = initial,   x_i(t+1) = (1 - q_i(t)) x_i(t) - c_i(t) + c_{i+1}(t) + a_i(t) >= 0,   c_0 = c_{n+1} = 0
    power[t] = power · Σ_i c_i(t),   waiting[t] = Σ_{i >= 1} x_i(t)

Expected arrivals are worked out again; drawn ones are data.
"""

from __future__ import annotations

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray
from evdsl.language.spec import Device, Spec
from evdsl.language.values import TextValue
from evdsl.verifier.presence import PortTable
from evdsl.verifier.reading import StoredSchedule
from evdsl.verifier.tolerance import tolerance
from evdsl.verifier.violations import Findings


def check_cohorts(
    spec: Spec, data: Data, reading: StoredSchedule, _ports: PortTable, findings: Findings
) -> None:
    """Every cohort of the spec."""
    for device in spec.of_kind("cohort"):
        name, last = device.name, int(device.number("classes"))
        counts = np.array([reading.devices[f"{name}.count.{state}"] for state in range(last + 1)])
        charging = np.zeros((last + 2, spec.steps))
        for state in range(1, last + 1):
            charging[state] = reading.devices[f"{name}.charging.{state}"]
        for state in range(last + 1):
            _check_charging(name, state, charging[state], counts[state], findings)
        _check_moves(spec, data, device, counts, charging, findings)
        most = _power(spec, device)
        taken = most * charging.sum(axis=0)
        _same(name, reading.devices[name], taken, "kW", "cohort-power", findings)
        waiting = counts[1:].sum(axis=0)
        _same(f"{name}.waiting", reading.devices[f"{name}.waiting"], waiting, "", "cohort-count", findings)


def _check_charging(
    name: str, state: int, charging: FloatArray, there: FloatArray, findings: Findings
) -> None:
    steps = np.arange(len(there))

    def describe(at: int, _who: str, when: str) -> str:
        some = f"{charging[at]:.8g} of {there[at]:.8g} vehicles"
        return f"{some} in state {state} of `{name}` charge at {when}"

    def missing(at: int, _who: str, when: str) -> str:
        return f"{there[at]:.8g} vehicles are in state {state} of `{name}` at {when}, which is below none"

    excess = np.maximum(charging - there, -charging)
    findings.beyond("cohort-charging", "", excess, tolerance(there), describe, None, steps)
    findings.beyond("cohort-count", "", -there, tolerance(there), missing, None, steps)


def _check_moves(
    spec: Spec, data: Data, device: Device, counts: FloatArray, charging: FloatArray, findings: Findings
) -> None:
    """A state follows from what it was when the step before began, and none ends below nobody."""
    name, arrivals, share = device.name, _arrivals(spec, data, device), _shares(spec, data, device)
    after = (1.0 - share) * counts + arrivals - charging[:-1] + charging[1:]
    wanted = np.column_stack([_listed(device, "initial", np.zeros(len(share))), after[:, :-1]])
    steps = np.arange(spec.steps)
    for state, (found, asked) in enumerate(zip(counts, wanted, strict=True)):

        def describe(
            at: int,
            _who: str,
            when: str,
            state: int = state,
            found: FloatArray = found,
            asked: FloatArray = asked,
        ) -> str:
            here = f"{found[at]:.8g} vehicles are in state {state} of `{name}` at {when}"
            return f"{here}, and arrivals, departures and charging make {asked[at]:.8g}"

        findings.beyond("cohort-count", "", np.abs(found - asked), tolerance(asked), describe, None, steps)
        if not after[state, -1] >= -tolerance(counts[state, -1]):
            message = f"`{name}` ends with {after[state, -1]:.8g} vehicles in state {state}"
            findings.add("cohort-count", message, size=-float(after[state, -1]))


def _same(
    name: str, stored: FloatArray, wanted: FloatArray, unit: str, rule: str, findings: Findings
) -> None:
    def describe(at: int, _who: str, when: str) -> str:
        return f"`{name}` is {stored[at]:.8g} at {when}, and its counts give {wanted[at]:.8g}"

    off, steps = np.abs(stored - wanted), np.arange(len(stored))
    findings.beyond(rule, unit, off, tolerance(wanted), describe, None, steps)


def _power(spec: Spec, device: Device) -> float:
    category = spec.named("class", device.of)
    return device.number("power") if "power" in device.given else category.number("charge")


def _listed(device: Device, setting: str, otherwise: FloatArray) -> FloatArray:
    if setting not in device.given:
        return otherwise
    return np.broadcast_to(np.array(device.numbers(setting), dtype=float), len(otherwise))


def _shares(spec: Spec, data: Data, device: Device) -> FloatArray:
    """The share of each state that leaves in each step; shape (states, steps)."""
    last = int(device.number("classes"))
    if "departures" not in device.given:
        usual = (last + 1 - np.arange(last + 1.0)) / (last + 2)
        return np.tile(usual[:, None], spec.steps)
    given = [data.over_time(device.name, f"departures.{state}") for state in range(last + 1)]
    known = [values for values in given if values is not None]
    return np.array(known if len(known) > 1 else known * (last + 1))


def _arrivals(spec: Spec, data: Data, device: Device) -> FloatArray:
    """Vehicles that come in each state and step: rate times spread, or as they were drawn."""
    draw = device.get("draw")
    if isinstance(draw, TextValue) and draw.value != "expected":
        return data.cohorts[device.name]
    rate = data.over_time(device.name, "arrivals")
    assert rate is not None, "a cohort has its arrivals"
    usual = np.arange(1.0, int(device.number("classes")) + 2)
    usual[0] = 0.0
    spread = _listed(device, "spread", usual)
    return np.asarray(spec.step * np.outer(spread / spread.sum(), rate))
