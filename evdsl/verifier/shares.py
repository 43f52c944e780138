"""What each on the site pays and earns of what the connection costs and earns.

energy_cost[i]       Σ_t Δ price[t] import[t] takes[i,t] / Σ_j takes[j,t]
export_revenue[i]    Σ_t Δ feed_in[t] export[t] gives[i,t] / Σ_j gives[j,t]

takes are charge / η of vehicles, the powers of loads and cohorts and the charge of storages; gives are
discharge · η of vehicles, the discharge of storages, and generation. A step in which nobody takes, or gives,
has no shares: what is imported then goes out again.
"""

from __future__ import annotations

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray
from evdsl.language.spec import Device, Spec
from evdsl.verifier.presence import PortTable
from evdsl.verifier.reading import StoredSchedule
from evdsl.verifier.sets import summed

PARTIES: dict[str, dict[str, str]] = {
    "energy_cost": {"load": "", "cohort": "", "storage": ".charge"},
    "export_revenue": {"solar": "", "wind": "", "storage": ".discharge"},
}
"""The devices that have a share, with the flow by which it is measured."""


def of_device(
    name: str, device: Device, spec: Spec, data: Data, reading: StoredSchedule, ports: PortTable
) -> float:
    """The share of a device."""
    flow = reading.devices[f"{device.name}{PARTIES[name][device.kind]}"]
    return float(flow @ per_kilowatt(name, spec, data, reading, ports))


def of_flows(
    name: str, flow: FloatArray, spec: Spec, data: Data, reading: StoredSchedule, ports: PortTable
) -> FloatArray:
    """The shares of flows at the ports, `charge` or `discharge`, over the entries of `stays`."""
    return (
        _at_site(name, flow, reading, ports)
        * per_kilowatt(name, spec, data, reading, ports)[reading.stays.step]
    )


def per_kilowatt(name: str, spec: Spec, data: Data, reading: StoredSchedule, ports: PortTable) -> FloatArray:
    """What falls to each kW that is taken, or given, in each step."""
    costs = name == "energy_cost"
    rate = data.over_time("grid", "price" if costs else "feed_in")
    assert rate is not None, "a price that is not given is refused"
    flow = reading.charge if costs else reading.discharge
    total = summed(_at_site(name, flow, reading, ports), reading.stays.step, spec.steps)
    for kind, of in PARTIES[name].items():
        for device in spec.of_kind(kind):
            total = total + reading.devices[f"{device.name}{of}"]
    amount = spec.step * rate * (reading.imported if costs else reading.exported)
    some = total > 0.0
    return np.where(some, amount / np.where(some, total, 1.0), 0.0)


def _at_site(name: str, flow: FloatArray, reading: StoredSchedule, ports: PortTable) -> FloatArray:
    kept = ports.efficiency[reading.port]
    return np.asarray(flow / kept if name == "energy_cost" else flow * kept, dtype=float)
