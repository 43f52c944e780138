"""Schedules that are worked out without a model, for a site with every device."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np
import xarray as xr

from evdsl.data.data import Data
from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import render
from evdsl.diagnostics.source import Source
from evdsl.language.spec import Spec
from evdsl.schedule.dataset import Flows, as_dataset
from evdsl.semantics.resolve import resolve
from evdsl.verifier import verify

SITE = """
station yard {
    start   = 2024-03-12
    horizon = 4 h
    step    = 1 h
}
grid {
    import_limit = 40 kW
    export_limit = 20 kW
    price   = { 00:00: 0.20 EUR/kWh, 03:00: 0.40 EUR/kWh }
    feed_in = 0.05 EUR/kWh
}
feeder main {
    limit = 16 kW
}
feeder east {
    limit  = 16 kW
    feeder = main
}
port ac {
    count      = 2
    power      = 22 kW
    efficiency = 80 %
    min_power  = 4 kW
    feeder     = east
}
port dc {
    power      = 10 kW
    discharge  = 10 kW
    efficiency = 80 %
    rates      = [5 kW, 10 kW]
    feeder     = main
}
solar roof {
    peak    = 10 kW
    profile = { 00:00: 0.2, 02:00: 1 }
    feeder  = east
}
wind mill {
    power = { 00:00: 3 kW, 03:00: 1 kW }
}
storage pack {
    capacity    = 20 kWh
    power       = 5 kW
    efficiency  = 80 %
    soc         = 10 % .. 90 %
    soc_initial = 50 %
    soc_final   = 35 %
    wear        = 0.10 EUR/kWh
    end_value   = 0.30 EUR/kWh
    feeder      = main
}
load shop {
    power  = { 00:00: 3 kW, 03:00: 1 kW }
    feeder = east
}
class car {
    battery    = 40 kWh
    charge     = 11 kW
    discharge  = 11 kW
    efficiency = 90 %
    wear       = 0.04 EUR/kWh
    tariff     = { 00:00: 0.30 EUR/kWh, 03:00: 0.90 EUR/kWh }
    v2g_reward = { 00:00: 0.10 EUR/kWh, 03:00: 0.20 EUR/kWh }
    end_value  = 0.10 EUR/kWh
}
class scooter {
    charge = 4 kW
}
vehicle anna of car {
    arrival     = 00:00
    departure   = 04:00
    soc_arrival = 20 %
    soc_target  = 50 %
}
vehicle ben of car {
    arrival     = 00:30
    departure   = 04:00
    soc_arrival = 75 %
    soc_target  = 60 %
}
vehicle carl of scooter {
    arrival   = 01:00
    departure = 03:00
    energy    = 6 kWh
}
enable v2g, min_power, uninterrupted
minimize cost + 0.1 EUR/kWh * curtailed + 0.4 EUR/kWh * unmet
"""
Told = tuple[str, str, int | None, str]
"""Rule, vehicle, step and unit of a violation."""


@cache
def world(*changes: tuple[str, str]) -> tuple[Spec, Data]:
    text = SITE
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    spec, found = resolve(Source("yard.evs", text))
    assert spec is not None, render(found)
    data, found = load_data(spec)
    assert data is not None, render(found)
    return spec, data


@dataclass
class Plan:
    """What is decided in the yard; all else follows, with the wiring of `SITE` written out by hand."""

    spec: Spec
    data: Data
    charge: dict[str, list[float]] = field(
        default_factory=lambda: {"anna": [8, 8, 0, 0], "ben": [2.5, 0, 0, 0], "carl": [0, 4, 0, 0]}
    )
    discharge: dict[str, list[float]] = field(
        default_factory=lambda: {"anna": [0, 0, 0, 0], "ben": [0, 0, 0, 5], "carl": [0, 0, 0, 0]}
    )
    roof: list[float] = field(default_factory=lambda: [2, 2, 10, 10])
    mill: list[float] = field(default_factory=lambda: [3, 3, 2, 1])
    shop: list[float] = field(default_factory=lambda: [3, 3, 3, 1])
    into_pack: list[float] = field(default_factory=lambda: [0, 0, 5, 0])
    out_of_pack: list[float] = field(default_factory=lambda: [3, 0, 0, 2])

    def dataset(self, **attributes: object) -> xr.Dataset:
        """The schedule that follows, whether it is allowed or not."""
        inward, outward = np.array(list(self.charge.values())), np.array(list(self.discharge.values()))
        net = inward / 0.8 - outward * 0.8
        east = net[0] + net[2] + np.array(self.shop) - self.roof
        pack = np.array(self.into_pack) - self.out_of_pack
        main = east + net[1] + pack
        site = main - self.mill
        stored = 10 + np.cumsum(0.8 * np.array(self.into_pack) - np.array(self.out_of_pack) / 0.8)
        devices = {
            "east": east,
            "main": main,
            "roof": self.roof,
            "mill": self.mill,
            "shop": self.shop,
            "pack": pack,
            "pack.charge": self.into_pack,
            "pack.discharge": self.out_of_pack,
            "pack.energy": np.append(10.0, stored[:-1]),
        }
        schedule = as_dataset(self.flows(inward, outward, site), self.data, {})
        for name, values in devices.items():
            unit = "kWh" if name == "pack.energy" else "kW"
            schedule[name] = (("time",), np.array(values, dtype=float), {"units": unit})
        schedule["pack.energy_end"] = ((), float(stored[-1]), {"units": "kWh"})
        return schedule.assign_attrs(digest=self.data.digest, **attributes)

    def flows(self, inward: np.ndarray, outward: np.ndarray, site: np.ndarray) -> Flows:
        visits = self.data.visits
        gained = np.cumsum(0.9 * inward - outward / 0.9, axis=1)
        held = np.column_stack([[8.0, 30.0, np.nan], np.array([[8.0], [30.0], [np.nan]]) + gained])
        left, net = held[:, -1], (inward - outward).sum(axis=1)
        at = visits.vehicle, visits.step
        return Flows(
            charge=inward[at],
            discharge=outward[at],
            energy=held[:, :-1][at],
            port=np.array([0, 2, 1])[visits.vehicle],
            energy_departure=left,
            delivered=net,
            unmet=np.maximum([20 - left[0], 24 - left[1], 6 - net[2]], 0.0),
            imported=np.maximum(site, 0.0),
            exported=np.maximum(-site, 0.0),
            port_names=("ac.1", "ac.2", "dc.1"),
        )


def plan_of(*changes: tuple[str, str]) -> Plan:
    return Plan(*world(*changes))


def told(plan: Plan, schedule: xr.Dataset | None = None) -> set[Told]:
    verdict = verify(plan.spec, plan.dataset() if schedule is None else schedule, plan.data)
    return {(found.rule, found.vehicle, found.step, found.unit) for found in verdict.violations}


DEVICES = ("east", "main", "roof", "mill", "shop", "pack", "pack.charge", "pack.discharge")
DEVICES += ("pack.energy", "pack.energy_end")
