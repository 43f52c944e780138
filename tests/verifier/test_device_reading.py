"""Schedules of devices that cannot be read are told as such."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from verifier.device_plans import DEVICES, plan_of, told

from evdsl.verifier import verify


def missing(schedule: xr.Dataset, name: str) -> xr.Dataset:
    return schedule.drop_vars(name)


def no_number(schedule: xr.Dataset, name: str) -> xr.Dataset:
    schedule[name].values[0 if schedule[name].ndim else ()] = np.nan
    return schedule


def endless(schedule: xr.Dataset, name: str) -> xr.Dataset:
    schedule[name].values[-1 if schedule[name].ndim else ()] = -np.inf
    return schedule


def by_vehicle(schedule: xr.Dataset, name: str) -> xr.Dataset:
    schedule[name] = (("vehicle",), np.zeros(3), schedule[name].attrs)
    return schedule


def of_text(schedule: xr.Dataset, name: str) -> xr.Dataset:
    schedule[name] = (schedule[name].dims, schedule[name].values.astype(str), schedule[name].attrs)
    return schedule


def of_times(schedule: xr.Dataset, name: str) -> xr.Dataset:
    values = np.full(schedule[name].shape, np.datetime64("2024-03-12", "ns"))
    schedule[name] = (schedule[name].dims, values, {"units": "kW"})
    return schedule


def a_coordinate(schedule: xr.Dataset, name: str) -> xr.Dataset:
    return schedule.set_coords(name)


@pytest.mark.parametrize("name", DEVICES)
@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (missing, "shape"),
        (by_vehicle, "shape"),
        (of_text, "shape"),
        (of_times, "shape"),
        (a_coordinate, "shape"),
        (no_number, "finite"),
        (endless, "finite"),
    ],
)
def test_a_device_that_cannot_be_read_is_said_so(
    name: str, spoil: Callable[[xr.Dataset, str], xr.Dataset], rule: str
) -> None:
    plan = plan_of()
    verdict = verify(plan.spec, spoil(plan.dataset(), name), plan.data)
    assert rule in verdict.counts
    assert set(verdict.counts) <= {rule, "units"}
    assert any(f"`{name}`" in found.message for found in verdict.violations)
    assert not verdict.terms


def test_a_unit_that_is_wrong_is_found() -> None:
    plan = plan_of()
    schedule = plan.dataset()
    schedule["pack.energy"].attrs["units"] = "kW"
    assert told(plan, schedule) == {("units", "", None, "")}
