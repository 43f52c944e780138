"""Phases that carry too much, or lie too far apart, are named; the rest of the same schedule is not."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import evdsl
from evdsl.data.data import Data
from evdsl.data.load import load_data
from evdsl.language.spec import Spec
from evdsl.schedule.dataset import Flows, as_dataset
from evdsl.testing.exact.claims import misses
from evdsl.verifier import verify

SITE = """
station s {
    start = 2024-03-12
    horizon = 1 h
    step = 1 h
}
grid {
    price = 0.20 EUR/kWh
    feed_in = 0.05 EUR/kWh
    GRID
}
feeder east {
    limit = 100 kW
    phase_limit = 40 A
}
port ac {
    count = 3
    power = 32 A
    phases = rotate
    efficiency = 80 %
    min_power = 6 A
    feeder = east
}
class one {
    charge = 32 A
    phases = 1
}
class three {
    charge = 22.08 kW
}
load house {
    power = 2.3 kW
    phases = [L2]
}
solar roof {
    power = 6.9 kW
}
vehicle a of one {
    arrival = 00:00
    stay = 1 h
    energy = 20 kWh
}
vehicle b of three {
    arrival = 00:00
    stay = 1 h
    energy = 20 kWh
}
enable min_power
minimize unmet
"""


def world(grid: str = "phase_limit = 60 A") -> tuple[Spec, Data]:
    spec = evdsl.loads(SITE.replace("GRID", grid))
    data, _ = load_data(spec)
    assert data is not None
    return spec, data


def told(
    charge: tuple[float, float] = (3.68, 11.04),
    port: tuple[int, int] = (0, 1),
    sun: float = 6.9,
    grid: str = "phase_limit = 60 A",
) -> set[tuple[str, str]]:
    """Rule and message of all that is said of a schedule, by the verifier; exact fractions agree on it."""
    spec, data = world(grid)
    schedule = plan(data, charge, port, sun)
    verdict = verify(spec, schedule.assign_attrs(digest=data.digest), data)
    assert verdict.ok == (not any(miss.wrong for miss in misses(spec, data, schedule)))
    return {(found.rule, found.message) for found in verdict.violations}


def plan(data: Data, charge: tuple[float, float], port: tuple[int, int], sun: float) -> xr.Dataset:
    """A schedule of these powers at the ports; what follows from them is added up here."""
    taken, energy = sum(charge) / 0.8, np.array(charge)
    net = taken + 2.3 - sun
    flows = Flows(
        charge=energy,
        discharge=np.zeros(2),
        energy=np.full(2, np.nan),
        port=np.array(port),
        energy_departure=np.full(2, np.nan),
        delivered=energy,
        unmet=20.0 - energy,
        imported=np.array([max(net, 0.0)]),
        exported=np.array([max(-net, 0.0)]),
        port_names=("ac.1", "ac.2", "ac.3"),
        devices={"east": np.array([taken]), "roof": np.array([sun]), "house": np.array([2.3])},
    )
    schedule = as_dataset(flows, data, {})
    for name, values in flows.devices.items():
        schedule[name] = (("time",), values, {"units": "kW"})
    return schedule


def rules(**changes: object) -> list[str]:
    return sorted(rule for rule, _ in told(**changes))  # type: ignore[arg-type]  # those of `told`


def test_phases_at_their_limit_pass() -> None:
    """The cable has 40, 20 and 20 A; with the house on L2 and the sun the connection has 30, 20 and 10."""
    assert rules() == []
    assert rules(grid="phase_limit = 30 A\n unbalance_limit = 20 A") == []


def test_a_phase_of_a_feeder_with_too_much_is_named() -> None:
    (found,) = told(charge=(3.7, 11.04))
    assert found[0] == "phase-limit"
    message = "40.108696 A flow into `east` on L1 at 2024-03-12 00:00, and 40 A is the most that may"
    assert found[1] == message


def test_a_phase_of_the_connection_with_too_much_is_named() -> None:
    (found,) = told(sun=6.21, grid="phase_limit = 30 A")
    message = "31 A flow into the connection on L1 at 2024-03-12 00:00, and 30 A is the most that may"
    assert found == ("phase-limit", message)


def test_a_phase_counts_either_way() -> None:
    assert rules(charge=(0.0, 0.0), grid="phase_limit = 10 A") == []
    found = told(charge=(0.0, 0.0), grid="phase_limit = 9 A")
    assert {message.split(" at ")[0] for _, message in found} == {
        "10 A flow out of the connection on L1",
        "10 A flow out of the connection on L3",
    }


def test_phases_too_far_apart_are_named() -> None:
    (found,) = told(grid="unbalance_limit = 19 A")
    message = "L1 and L3 are 20 A apart at 2024-03-12 00:00, and 19 A is the most that they may be"
    assert found == ("unbalance", message)


def test_the_port_that_is_held_says_which_phase_it_is() -> None:
    """At the second port, which begins with L2, the car adds to the house."""
    assert rules(port=(1, 0), grid="phase_limit = 40 A") == []
    (found,) = told(port=(1, 0), grid="phase_limit = 39 A")
    assert found[1].startswith("40 A flow into the connection on L2")


@pytest.mark.parametrize(
    ("charge", "wrong"),
    [
        ((7.36, 0.0), []),
        ((7.4, 0.0), ["phase-limit", "rate"]),
        ((1.38, 4.14), []),
        ((1.37, 4.14), ["min-power"]),
        ((1.38, 4.1), ["min-power"]),
    ],
)
def test_powers_and_levels_count_by_the_phases_in_use(charge: tuple[float, float], wrong: list[str]) -> None:
    """A car of one phase has a third of 22.08 kW, and of the least power of 4.14 kW."""
    assert rules(charge=charge) == wrong
