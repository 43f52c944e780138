"""A schedule as an `xarray.Dataset`: labelled, with units, and ragged where dense would fill the memory.

Dense: variables over (`vehicle`, `time`), zero power and NaN energy where a vehicle is absent.
Ragged (more than `DENSE_CELLS` cells): the same variables over `visit`, one entry for each vehicle
and step in which it is there, with the coordinates `visit_vehicle` and `visit_step` (positions along
`vehicle` and `time`).

| variable | over | |
|---|---|---|
| `charge`, `discharge` | vehicle, time | kW at the port, mean over the step |
| `energy` | vehicle, time | kWh in the battery when the step begins (when the vehicle comes, in its first) |
| `port` | vehicle, time | the port held, as a position along `port_name`; -1 for none |
| `energy_departure` | vehicle | kWh in the battery when it leaves |
| `delivered`, `unmet` | vehicle | kWh at the port, and what is missing |
| `import`, `export` | time | kW at the connection |
| `NAME` | time | kW of a device: given by `solar` and `wind`, else taken |
| `NAME.charge`, `NAME.discharge` | time | kW of a storage, at the site |
| `NAME.energy` | time | kWh in a storage when the step begins |
| `NAME.energy_end` | | kWh in it at the end |
| `NAME.size.SETTING` | | a size that was chosen: kWh of a capacity, else kW |
| `NAME.over`, `NAME.saved` | time | kW above the most of an event, and below its baseline where it has one |
| `NAME.baseline` | time | kW that an event compares with |
| `NAME.waiting` | time | vehicles of a cohort in need when the step begins |
| `NAME.count.I` | time | vehicles of it in state I (0 full) when the step begins |
| `NAME.charging.I` | time | how many of those charge during the step, I from 1 |

`time` is UTC without a zone; `attrs["zone"]` names the zone of the station.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray, IntArray

DENSE_CELLS = 3_000_000
TIME_NAME = "start of the step, UTC"
UNITS = {
    "charge": "kW",
    "discharge": "kW",
    "energy": "kWh",
    "energy_departure": "kWh",
    "delivered": "kWh",
    "unmet": "kWh",
    "import": "kW",
    "export": "kW",
    "port": "1",
}
COUNTS = ("waiting", "count", "charging")
"""What follows the name of a cohort."""


def unit_of(name: str) -> str:
    """The unit of a variable of a schedule; powers are the rest."""
    if name.partition(".")[2].partition(".")[0] in COUNTS:
        return "1"
    return "kWh" if name.endswith((".energy", ".energy_end", ".size.capacity")) else UNITS.get(name, "kW")


@dataclass(frozen=True, slots=True)
class Flows:
    """The schedule as it leaves the compiler: arrays over visits, vehicles and steps."""

    charge: FloatArray
    discharge: FloatArray
    energy: FloatArray
    port: IntArray
    energy_departure: FloatArray
    delivered: FloatArray
    unmet: FloatArray
    imported: FloatArray
    exported: FloatArray
    port_names: tuple[str, ...]
    devices: Mapping[str, FloatArray] = field(default_factory=dict)


def as_dataset(flows: Flows, data: Data, attributes: Mapping[str, object]) -> xr.Dataset:
    """The labelled schedule; attributes that are not plain are kept as JSON."""
    vehicles, times = data.vehicles.name, data.timeline.times()
    visits = data.visits
    by_visit = {
        "charge": (flows.charge, 0.0),
        "discharge": (flows.discharge, 0.0),
        "energy": (flows.energy, np.nan),
        "port": (flows.port, -1),
    }
    dense = len(vehicles) * len(times) <= DENSE_CELLS
    variables: dict[str, tuple[tuple[str, ...], np.ndarray]] = {}
    for name, (values, absent) in by_visit.items():
        if dense:
            grid = np.full((len(vehicles), len(times)), absent, dtype=values.dtype)
            grid[visits.vehicle, visits.step] = values
            variables[name] = (("vehicle", "time"), grid)
        else:
            variables[name] = (("visit",), values)
    for name in ("energy_departure", "delivered", "unmet"):
        variables[name] = (("vehicle",), getattr(flows, name))
    variables["import"] = (("time",), flows.imported)
    variables["export"] = (("time",), flows.exported)
    for name, values in flows.devices.items():
        variables[name] = (("time",) if values.ndim else (), values)
    dataset = xr.Dataset(
        {name: (dims, values, {"units": unit_of(name)}) for name, (dims, values) in variables.items()},
        coords={
            "vehicle": ("vehicle", np.array(vehicles, dtype=str)),
            "time": ("time", times, {"long_name": TIME_NAME}),
            "port_name": ("port_name", np.array(flows.port_names, dtype=str)),
        },
    )
    if not dense:
        dataset = dataset.assign_coords(
            visit_vehicle=("visit", visits.vehicle), visit_step=("visit", visits.step)
        )
    plain = {k: v if isinstance(v, str | int | float) else json.dumps(v) for k, v in attributes.items()}
    return dataset.assign_attrs(plain)


def additions(schedule: xr.Dataset) -> list[str]:
    """What was added to the model of a schedule through linopy, in words: its spec says nothing of it."""
    try:
        names = json.loads(str(schedule.attrs.get("extended_by", "[]")))
    except ValueError:
        return []
    return [str(name) for name in names] if isinstance(names, list) else []


def scenario_of(schedule: xr.Dataset) -> int:
    """Which scenario of its spec a schedule is for, from 1; 0 where it says none."""
    said = str(schedule.attrs.get("scenario", ""))
    return int(said) if said.isdecimal() else 0
