"""Schedules that cannot be read are told as such."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr
from verifier.plans import entry, told, yard_plan

import evdsl.schedule.dataset
import evdsl.verifier
from evdsl.verifier import verify


def test_numbers_that_are_not_finite_are_found(layout: str) -> None:
    for name, value in (("charge", np.nan), ("discharge", np.inf), ("energy", np.nan), ("energy", -np.inf)):
        plan = yard_plan()
        schedule = plan.dataset()
        schedule[name].values[entry(schedule, "bruno", 5)] = value
        unit = "kWh" if name == "energy" else "kW"
        assert told(plan, schedule) == {("finite", "bruno", 5, unit)}, layout
    for name, expected in (("import", ("", 2, "kW")), ("unmet", ("carla", None, "kWh"))):
        plan = yard_plan()
        schedule = plan.dataset()
        schedule[name].values[2] = np.nan
        assert told(plan, schedule) == {("finite", *expected)}


def test_an_energy_without_a_battery_is_found(layout: str) -> None:
    plan = yard_plan()
    schedule = plan.dataset()
    schedule["energy"].values[entry(schedule, "carla", 2)] = 3.0
    schedule["energy_departure"].values[2] = 4.0
    assert told(plan, schedule) == {
        ("no-battery", "carla", 2, "kWh"),
        ("no-battery", "carla", None, "kWh"),
    }, layout


def no_unmet(schedule: xr.Dataset) -> xr.Dataset:
    return schedule.drop_vars("unmet")


def other_order(schedule: xr.Dataset) -> xr.Dataset:
    return schedule.isel(vehicle=[1, 0, 2, 3])


def one_vehicle_less(schedule: xr.Dataset) -> xr.Dataset:
    return schedule.isel(vehicle=[0, 1, 2])


def an_hour_later(schedule: xr.Dataset) -> xr.Dataset:
    return schedule.assign_coords(time=schedule["time"].values + np.timedelta64(1, "h"))


def half_the_day(schedule: xr.Dataset) -> xr.Dataset:
    return schedule.isel(time=slice(4))


def without_dates(schedule: xr.Dataset) -> xr.Dataset:
    return schedule.assign_coords(time=np.arange(8.0))


def turned(schedule: xr.Dataset) -> xr.Dataset:
    return schedule.transpose("time", "vehicle", ...)


def other_ports(schedule: xr.Dataset) -> xr.Dataset:
    return schedule.assign_coords(port_name=["ac.1", "ac.2", "dc.1"])


def a_port_beyond(schedule: xr.Dataset) -> xr.Dataset:
    schedule["port"].values[0, 2] = 3
    return schedule


def words_for_powers(schedule: xr.Dataset) -> xr.Dataset:
    return schedule.assign(charge=(("vehicle", "time"), np.full((4, 8), "much"), {"units": "kW"}))


@pytest.mark.parametrize(
    "spoil",
    [
        no_unmet,
        other_order,
        one_vehicle_less,
        an_hour_later,
        half_the_day,
        without_dates,
        turned,
        other_ports,
        a_port_beyond,
        words_for_powers,
    ],
)
def test_a_dataset_of_another_shape_is_refused(spoil: Callable[[xr.Dataset], xr.Dataset]) -> None:
    plan = yard_plan()
    verdict = verify(plan.spec, spoil(plan.dataset()), plan.data)
    assert {found.rule for found in verdict.violations} == {"shape"}
    assert verdict.terms == {}


def test_a_ragged_dataset_has_each_visit_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evdsl.schedule.dataset, "DENSE_CELLS", 0)
    plan = yard_plan()
    schedule = plan.dataset()
    missing = schedule.isel(visit=[n for n in range(schedule.sizes["visit"]) if n != 2])
    assert told(plan, missing) == {("shape", "anna", 3, "")}
    twice = schedule.isel(visit=[0, *range(schedule.sizes["visit"])])
    assert told(plan, twice) == {("shape", "anna", 1, "")}
    beyond = schedule.copy(deep=True)
    beyond["visit_vehicle"].values[0] = 9
    (one,) = verify(plan.spec, beyond, plan.data).violations
    assert (one.rule, one.message) == ("shape", "`visit_vehicle` points beyond the 4 that there are")
    assert {rule for rule, *_ in told(plan, schedule.drop_vars("visit_step"))} == {"shape"}


def test_a_unit_that_is_wrong_or_missing_is_found() -> None:
    plan = yard_plan()
    schedule = plan.dataset()
    schedule["charge"].attrs["units"] = "W"
    del schedule["energy"].attrs["units"]
    verdict = verify(plan.spec, schedule, plan.data)
    assert [found.message for found in verdict.violations] == [
        "`charge` is in W, and should be in kW",
        "`energy` is in no unit, and should be in kWh",
    ]


def test_a_schedule_for_another_spec_is_found() -> None:
    plan = yard_plan()
    assert told(plan, plan.dataset(digest="0" * 64)) == {("digest", "", None, "")}
    elsewhere = plan.dataset()
    del elsewhere.attrs["digest"]
    assert told(plan, elsewhere) == set()
