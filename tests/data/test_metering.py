"""The intervals and periods of a meter: those who work them out apart from each other agree."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
import xarray as xr

import evdsl
from evdsl.data.load import load_data
from evdsl.testing.exact.metering import demand_charges
from evdsl.testing.exact.reading import Exact
from evdsl.verifier.metering import bills

CLOCKS = {
    "a plain day": ("2024-03-12", "24 h", "UTC"),
    "across midnight, beside the quarter": ("2024-03-12 22:35", "4 h", "Europe/Brussels"),
    "the clocks go forward": ("2024-03-30 23:00", "8 h", "Europe/Rome"),
    "the clocks go back": ("2024-10-26 22:00", "9 h", "Europe/Rome"),
    "the clocks go back at midnight": ("2024-11-02 22:30", "6 h", "America/Havana"),
    "the clocks go back by half an hour": ("2024-04-06 22:00", "7 h", "Australia/Lord_Howe"),
    "two months": ("2024-02-28", "3 d", "America/New_York"),
}
METERS = {
    "each step": "",
    "a quarter": "interval = 15 min",
    "an hour, by days": "interval = 1 h\n per = day",
    "two hours by month": "interval = 2 h\n per = month\n partial = days\n reached = 2 kW",
    "days in part": "per = day\n partial = days\n interval = 30 min\n reached = 4 kW",
    "windows": "interval = 30 min\n window = [23:10 .. 02:20, 02:40 .. 04:05]",
    "windows of steps": "window = 01:20 .. 02:50\n per = day",
    "some days": "interval = 30 min\n per = day\n days = [sun, holiday, 2024-02-29]\n window = 22:00 .. 3:00",
}
STEPS = ("5 min", "15 min", "1 h")


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize(("meter", "step"), list(product(METERS, STEPS)))
def test_three_ways_of_metering_agree(clock: str, meter: str, step: str) -> None:
    start, horizon, zone = CLOCKS[clock]
    text = (
        f'station s {{\n start = {start}\n horizon = {horizon}\n step = {step}\n zone = "{zone}"\n'
        " holidays = [2024-03-01 .. 2024-03-12]\n}\n"
        f"demand_charge m {{\n price = 3 EUR/kW\n {METERS[meter]}\n}}\nminimize demand_cost\n"
    )
    spec = evdsl.loads(text)
    data, found = load_data(spec)
    assert data is not None, found
    power = np.random.default_rng(len(text)).choice([0.0, 1.0, 3.5, 7.0, 11.0], spec.steps)
    known, (charge,) = data.meters["m"], spec.of_kind("demand_charge")
    paid = 3.0 * known.part * np.maximum(known.largest(power) - known.reached, 0.0)
    mine = bills(charge, power, spec)
    assert [bill.amount for bill in mine] == pytest.approx(paid.tolist(), abs=1e-9)
    assert [bill.largest for bill in mine] == pytest.approx(known.largest(power).tolist(), abs=1e-9)
    schedule = xr.Dataset({"import": ("time", power)})
    exact = demand_charges(Exact(spec, data, schedule)).value
    assert float(exact) == pytest.approx(float(paid.sum()), abs=1e-9)
    assert isinstance(exact, Fraction)


def test_an_interval_that_is_cut_is_averaged_over_what_is_left() -> None:
    """From 18:10 to 18:20 of the quarters 18:00 and 18:15, each has five minutes in the horizon."""
    spec = evdsl.loads(
        "station s {\n start = 2024-03-12 18:10\n horizon = 10 min\n step = 5 min\n}\n"
        "demand_charge m {\n price = 1 EUR/kW\n interval = 15 min\n}\nminimize demand_cost\n"
    )
    data, _ = load_data(spec)
    assert data is not None
    assert data.meters["m"].means(np.array([6.0, 9.0])).tolist() == pytest.approx([6.0, 9.0])


def test_a_year_of_five_minutes_is_metered_in_a_moment() -> None:
    spec = evdsl.loads(
        'station s {\n start = 2023-01-01\n horizon = 365 d\n step = 5 min\n zone = "Europe/Rome"\n}\n'
        "demand_charge m {\n price = 1 EUR/kW\n interval = 15 min\n per = month\n"
        " window = 16:00 .. 21:00\n}\nminimize demand_cost\n"
    )
    data, _ = load_data(spec)
    assert data is not None
    meter = data.meters["m"]
    assert len(meter.part) == 12
    assert not any(meter.cut)
    assert len(meter.period) == 365 * 5 * 4
    power = np.arange(spec.steps) / spec.steps
    mine = bills(spec.of_kind("demand_charge")[0], power, spec)
    assert [bill.largest for bill in mine] == pytest.approx(meter.largest(power).tolist())
