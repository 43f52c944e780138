"""The numbers of a spec, for those who write its model by hand: what it reads, draws and rounds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

import evdsl
from bench.arrays import Site
from evdsl.data.load import load_data


def site_of(path: Path, settings: Mapping[str, str], toggles: Mapping[str, Sequence[str]], data: str) -> Site:
    """The arrays of a spec, as far as the models by hand speak of it."""
    spec = evdsl.load(path, set=settings, data=data or (), **toggles)
    found, _ = load_data(spec)
    if found is None:
        raise SystemExit(f"the data of {path} cannot be read")
    vehicles, visits, weights = found.vehicles, found.visits, spec.stages[0].weights
    grid = {name: value for (block, name), value in found.series.items() if block == "grid"}
    (category,) = spec.of_kind("class")
    given = {
        "step": spec.step,
        "price": grid["price"],
        "limit": grid["import_limit"],
        "vehicle": visits.vehicle,
        "at": visits.step,
        "power": visits.presence * vehicles.charge[visits.vehicle],
        "penalty": abs(weights.get("unmet", weights.get("dissatisfaction", 0.0))),
    }
    for device in spec.of_kind("solar"):
        given["solar"] = found.series[device.name, "power"]
    for device in spec.of_kind("storage"):
        given["storage_capacity"] = device.number("capacity")
        given["storage_power"] = device.number("power")
        given["storage_efficiency"] = device.number("efficiency")
        given["storage_initial"] = device.number("soc_initial") * device.number("capacity")
    for _cohort in spec.of_kind("cohort"):
        (given["arrivals"],) = found.cohorts.values()
        given["power"] = np.array([category.number("charge")])
    for port in spec.of_kind("port"):
        given["power"] = np.minimum(given["power"], visits.presence * port.number("power"))
        given["least"] = port.number("min_power", 0.0) if spec.on("min_power") else 0.0
        given["in_one_go"] = spec.on("uninterrupted")
        if port.number("count") < len(vehicles):
            given["ports"] = int(port.number("count"))
    if category.get("battery") is None:
        return Site(**given, demand=vehicles.demand)
    gives = visits.presence * min(category.number("discharge"), spec.of_kind("port")[0].number("discharge"))
    given["back"] = gives if spec.on("v2g") else np.zeros(len(visits))
    given["feed_in"], given["export_limit"] = grid["feed_in"], grid["export_limit"]
    for name in ("begin", "end", "initial", "low", "high", "target"):
        given[name] = getattr(vehicles, name)
    given["efficiency"], given["wear"] = category.number("efficiency"), category.number("wear")
    rates = {name: found.series["class " + category.name, name] for name in ("tariff", "v2g_reward")}
    # One number each in the specs that are measured, which is all that the models by hand know of.
    given["tariff"], given["reward"] = (float(rate.max()) for rate in rates.values())
    return Site(**given)


def main(path: str) -> None:
    """Stores the arrays that the job of a file asks for."""
    job = json.loads(Path(path).read_text())
    site = site_of(Path(job["spec"]), job["settings"], job["toggles"], job["data"])
    site.save(Path(job["result"]))
