"""`require` of the powers and states of devices."""

from __future__ import annotations

import pytest
from model.depot import GOAL, GRID, STATION, VANS, best, on_solvers

DEVICES = (
    STATION
    + GRID
    + """\
feeder main {
    limit = 100 kW
}
port ac {
    count  = 2
    power  = 10 kW
    feeder = main
}
"""
    + VANS
    + """\
{device}
"""
    + GOAL
)


@pytest.mark.parametrize(
    ("device", "statement", "optimum", "solver"),
    on_solvers(
        # The sun gives 16 kWh; 16 kW are bought in the first hour, 8 in the second.
        ("solar roof {\n power = 10 kW\n}", "roof.power[t] <= 4 kW for t in steps", 3.2),
        ("wind mast {\n power = 10 kW\n}", "mast[t] <= 4 kW for t in steps", 3.2),
        ("", "main[t] <= 12 kW for t in steps", 8.8),
        ("", "main.power[t] <= 12 kW for t in steps", 8.8),
        # The house takes 5 kWh an hour, 5 EUR; 6 kW are left to the vans, 6 EUR, and 16 kWh missing.
        ("load house {\n power = 5 kW\n}", "import[t] <= house[t] + 6 kW for t in steps", 27.0),
        ("load house {\n power = 5 kW\n}", "sum(t in steps: house.power[t]) * step <= 20 kWh", 11.0),
        # The storage takes 10 kWh in the first hour and gives them in the second, unless it may not.
        ("STORE", "export[t] == 0 kW for t in steps", 5.0),
        ("STORE", "store.energy[t] <= 15 kWh for t in steps", 5.5),
        ("STORE", "store.soc[t] <= 75 % for t in steps", 5.5),
        ("STORE", "store.charge[t] <= 5 kW for t in steps", 5.5),
        ("STORE", "store[t] <= 5 kW for t in steps", 5.5),
        ("STORE", "store.discharge[t] <= 2 kW for t in steps", 5.4),
        ("STORE", "max(t in steps: store.power[t]) <= 5 kW", 5.5),
        ("STORE", "store.power[t] - store.power[t - 1] <= 100 kW for t in steps", 5.0),
        ("STORE", "store.energy[t] - store.energy[t - 1] <= 5 kWh for t in steps", 5.5),
    ),
)
def test_devices_are_required_to_keep_to_powers_and_states(
    device: str, statement: str, optimum: float, solver: str
) -> None:
    store = "storage store {\n capacity = 20 kWh\n power = 10 kW\n}"
    text = DEVICES.replace("{device}", store if device == "STORE" else device)
    assert best(f"{text}require r: {statement}\n", solver) == pytest.approx(optimum)
