"""Nothing slips through: any entry of a schedule changed is told."""

from __future__ import annotations

import time
import tracemalloc
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from verifier.plans import WORKPLACE, Plan, uncontrolled, world, yard_plan

import evdsl.schedule.dataset
import evdsl.verifier
from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import render
from evdsl.diagnostics.source import Source
from evdsl.semantics.resolve import resolve
from evdsl.verifier import verify

ENTRIES = ("charge", "discharge", "energy", "import", "export", "unmet")


@settings(derandomize=True, deadline=None, max_examples=300)
@given(
    which=st.sampled_from(["yard", "workplace", "swapping"]),
    ragged=st.booleans(),
    name=st.sampled_from(ENTRIES),
    place=st.integers(0, 10**9),
    size=st.floats(0.05, 5.0),
    down=st.booleans(),
)
def test_one_wrong_number_anywhere_is_found(
    which: str, ragged: bool, name: str, place: int, size: float, down: bool
) -> None:
    plan, schedule = good(which, ragged)
    schedule = schedule.copy(deep=True)
    values = schedule[name].values.reshape(-1)
    known = np.flatnonzero(np.isfinite(values))
    values[known[place % len(known)]] += -size if down else size
    assert not verify(plan.spec, schedule, plan.data).ok


@cache
def good(which: str, ragged: bool) -> tuple[Plan, xr.Dataset]:
    if which == "yard":
        plan = yard_plan()
    else:
        changes = (("enable v2g", "enable v2g\ndisable hold_port"),) if which == "swapping" else ()
        plan = uncontrolled(*world(WORKPLACE, *changes))
    with pytest.MonkeyPatch.context() as patch:
        if ragged:
            patch.setattr(evdsl.schedule.dataset, "DENSE_CELLS", 0)
        schedule = plan.dataset()
    assert verify(plan.spec, schedule, plan.data).ok
    return plan, schedule


def test_a_month_of_a_garage_is_checked_in_seconds_and_little_memory(tmp_path: Path) -> None:
    random = np.random.default_rng(5)
    rows = ["arrival,departure,energy"]
    for _ in range(1489):
        come = datetime(2019, 7, 1) + timedelta(minutes=float(random.uniform(0, 30 * 1440)))
        rows.append(f"{come},{come + timedelta(minutes=float(random.uniform(30, 900)))},20")
    (tmp_path / "month.csv").write_text("\n".join(rows))
    text = """
station garage {
    start = 2019-07-01
    horizon = 31 d
    step = 5 min
}
grid {
    price = 0.2 EUR/kWh
}
class car {
    charge = 7 kW
}
sessions month of car = csv("month.csv", arrival="arrival", departure="departure",
                            energy=column("energy", unit="kWh"))
minimize energy_cost
"""
    spec, found = resolve(Source("garage.evs", text, tmp_path / "garage.evs"))
    assert spec is not None, render(found)
    data, found = load_data(spec)
    assert data is not None, render(found)
    plan = Plan.empty(spec, data)
    visits, demand = data.visits, data.vehicles.demand
    length = np.bincount(visits.vehicle, visits.presence)
    level = np.minimum(demand / (length * spec.step), 7.0)
    plan.charge = visits.presence * level[visits.vehicle]
    schedule = plan.dataset()
    assert schedule["charge"].dims == ("visit",)
    tracemalloc.start()
    began = time.perf_counter()
    verdict = verify(spec, schedule, data)
    seconds, peak = time.perf_counter() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert verdict.ok
    assert seconds < 2.0
    assert peak < 8 * len(data.vehicles) * spec.steps / 3  # of the bytes of one dense array
