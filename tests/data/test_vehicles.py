"""Who comes: fleets and vehicles, and demands that a stay cannot carry."""

from __future__ import annotations

import numpy as np
import pytest
from data.lots import HEAD, OBJECTIVE, block, fleet, loaded, vehicles

from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import render
from evdsl.diagnostics.source import Source
from evdsl.semantics.resolve import resolve


def test_a_fleet_names_its_vehicles_by_number_and_a_vehicle_is_named_as_it_is() -> None:
    van = block("vehicle", "van", {"arrival": "08:00", "stay": "8 h", "energy": "5 kWh"})
    assert vehicles(fleet(count="2"), van).name == ("day.1", "day.2", "van")


def test_a_fleet_of_nobody_is_no_mistake() -> None:
    assert len(vehicles(fleet(count="0"))) == 0
    assert len(vehicles(fleet(count="0"), fleet("night"))) == 40


def test_a_vehicle_with_a_battery_that_asks_for_energy_comes_at_the_minimum() -> None:
    van = block("vehicle", "van", {"arrival": "08:00", "stay": "8 h", "energy": "5 kWh"})
    found = vehicles(van)
    assert found.initial[0] == pytest.approx(5.2)
    assert found.demand[0] == 5.0
    assert np.isnan(found.target[0])


def test_losses_count_for_what_a_stay_can_carry() -> None:
    head = HEAD.replace("battery = 52 kWh", "battery = 52 kWh\n    efficiency = 80 %")
    settings = {"arrival": "08:00", "stay": "2 h", "soc_arrival": "50 %", "soc_target": "90 %"}
    data, found = loaded(head + block("vehicle", "van", settings) + OBJECTIVE)
    assert data is not None
    assert "`van` wants 26 kWh at the port and can take 22 kWh" in render(found)


# Demands that the stay cannot carry


def test_a_given_and_a_drawn_demand_beyond_reach_are_told_alike() -> None:
    van = block("vehicle", "van", {"arrival": "08:00", "stay": "1 h", "energy": "20 kWh"})
    data, found = loaded(HEAD + van + OBJECTIVE)
    assert data is not None
    rendered = render(found)
    assert rendered.count("warning[W103 demand-out-of-reach]") == 1
    assert "`van` asks for more than the stay can carry" in rendered
    data, found = loaded(HEAD + fleet(stay="1 h", count="3") + OBJECTIVE)
    assert data is not None
    assert "3 of 3 vehicles of `day` ask for more than the stay can carry" in render(found)
    assert "note: `day." in render(found)
    assert "help: what is missing becomes `unmet`" in render(found)


@pytest.mark.parametrize("rounding", ["exact", "floor", "inward"])
def test_what_is_said_before_the_data_are_read_is_what_they_say(rounding: str) -> None:
    """`evdsl check` without numpy and the data give one warning and not two."""
    head = HEAD.replace("seed    = 7", f"rounding = {rounding}") + "port ac { power = 7 kW }\n"
    rng = np.random.default_rng(4)
    for _ in range(25):
        settings = {
            "arrival": f"{rng.integers(0, 20):02}:{rng.integers(0, 60):02}",
            "stay": f"{rng.uniform(0.1, 9):.3f} h",
            "energy": f"{rng.uniform(0, 60):.2f} kWh",
        }
        if rng.random() < 0.5:
            del settings["energy"]
            settings |= {"soc_arrival": f"{rng.uniform(10, 90):.1f} %", "soc_target": "90 %"}
        text = head + block("vehicle", "van", settings) + OBJECTIVE
        spec, early = resolve(Source("lot.evs", text))
        assert spec is not None
        data, late = load_data(spec)
        assert data is not None
        assert [d for d in early if d.code == "W103"] == [d for d in late if d.code == "W103"]
