"""Drivers who wait for a port: what `queue` lets through, and how long they wait."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import evdsl
from evdsl.data.load import load_data
from evdsl.optimization.comparison import run
from evdsl.optimization.explanation.explain import explain
from evdsl.optimization.policies import POLICIES
from evdsl.optimization.policies.rule import Policy
from evdsl.optimization.result import Result
from evdsl.optimization.shortfall.reason import reasons
from evdsl.semantics.load import read
from evdsl.solver.solution import Options
from evdsl.testing.trial import backend_of

RISING, FALLING = (0.10, 0.20, 0.30), (0.30, 0.20, 0.10)


def site(
    *vehicles: str, price: tuple[float, ...] = RISING, ports: str = "", end: str = "", on: str = ""
) -> str:
    """A site of one port of 10 kW; a vehicle is `arrival stay energy`, and they are called a, b, c, ..."""
    prices = ", ".join(f"{hour:02d}:00: {each} EUR/kWh" for hour, each in enumerate(price))
    text = f"station s {{\n start = 2024-03-12\n horizon = {len(price)} h\n step = 1 h\n}}\n"
    text += f"grid {{\n price = {{ {prices} }}\n}}\n"
    text += ports or "port ac {\n power = 10 kW\n}\n"
    text += "class car {\n charge = 10 kW\n}\n"
    for name, vehicle in zip("abcdefgh", vehicles, strict=False):
        arrival, stay, energy = vehicle.split()
        text += (
            f"vehicle {name} of car {{\n arrival = {arrival}\n stay = {stay} h\n energy = {energy} kWh\n}}\n"
        )
    end = end or "minimize unmet\nthen minimize cost\nthen minimize waiting_time"
    return f"{text}{on or 'enable queue'}\n{end}\n"


def solved(text: str, solver: str = "highs") -> Result:
    result = evdsl.compile(evdsl.loads(text)).run(solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.verdict is not None
    assert result.verdict.ok
    return result


def values(result: Result) -> list[float]:
    return [stage.value for stage in result.stages]


ALL_DAY = "00:00 3 10"


@pytest.mark.parametrize(
    ("vehicles", "price", "on", "expected"),
    [
        ([ALL_DAY] * 2, RISING, "disable queue", [10, 1.0, 3]),
        ([ALL_DAY] * 2, RISING, "enable queue", [0, 3.0, 1]),
        ([ALL_DAY] * 3, RISING, "enable queue", [0, 6.0, 3]),
        ([ALL_DAY] * 2, FALLING, "enable queue", [0, 3.0, 2]),
        # Where ports are dealt anew at every step, one is held for the first hour and waits for its price.
        ([ALL_DAY] * 2, FALLING, "disable hold_port", [0, 3.0, 1]),
        # Who asks for nothing waits for nothing.
        ([ALL_DAY, ALL_DAY, "00:00 3 0"], RISING, "enable queue", [0, 3.0, 1]),
        # Who comes within a step waits for its end only.
        (["00:30 1 5", ALL_DAY], RISING, "enable queue", [0, 10 * 0.1 + 5 * 0.2, 0.5]),
        # A stay that ends within a step lets go of the port there.
        (["00:00 0.5 5", "00:30 0.5 5"], RISING, "enable queue", [0, 1.0, 0]),
    ],
)
def test_who_waits_charges_after_another(
    vehicles: list[str], price: tuple[float, ...], on: str, expected: list[float], solver: str
) -> None:
    assert values(solved(site(*vehicles, price=price, on=on), solver)) == pytest.approx(expected, abs=1e-5)


def test_a_port_is_held_once_and_nobody_comes_back_to_it(solver: str) -> None:
    """Charging at 0.10 in the first and the third hour would need the port twice."""
    price = (0.10, 0.50, 0.10)
    both = ["00:00 3 20", "01:00 1 10"]
    end = "minimize cost + 1 EUR/kWh * unmet"
    # Without the toggle the second finds the port taken; the first keeps it and leaves the dear hour out.
    assert solved(site(*both, price=price, on="disable queue", end=end), solver).stages[
        0
    ].value == pytest.approx(12)
    # With it, the first holds one hour, or all three: one of the two gets 10 kWh less.
    assert solved(site(*both, price=price, end=end), solver).stages[0].value == pytest.approx(12)
    swapped = site(*both, price=price, on="disable hold_port", end=end)
    assert solved(swapped, solver).stages[0].value == pytest.approx(2 * 1.0 + 5.0)


TWO_BLOCKS = "port slow {\n power = 5 kW\n}\nport fast {\n power = 10 kW\n}\n"


def test_a_port_is_not_changed_on_the_way(solver: str) -> None:
    """Two of 15 kWh in two hours: slow then fast, and fast then slow, would do; slow alone does not."""
    cars = ["00:00 2 15"] * 2
    end = "minimize unmet"
    assert values(solved(site(*cars, price=(0.1, 0.1), ports=TWO_BLOCKS, end=end), solver)) == [
        pytest.approx(5)
    ]
    swapped = site(*cars, price=(0.1, 0.1), ports=TWO_BLOCKS, end=end, on="disable hold_port")
    assert values(solved(swapped, solver)) == [pytest.approx(0, abs=1e-5)]


def test_the_port_of_a_schedule_is_one_run_of_steps() -> None:
    schedule = solved(site(*[ALL_DAY] * 3)).schedule
    assert schedule is not None
    for held in schedule["port"].values >= 0:
        assert np.abs(np.diff(held.astype(int), prepend=0, append=0)).sum() == 2


def test_a_waiting_time_may_be_limited(solver: str) -> None:
    """Nobody may wait for the cheap hour: one charges in the first, the other has the port then."""
    both = [ALL_DAY] * 2
    end = "require patient: waiting_time <= 1 h\nminimize unmet\nthen minimize cost"
    assert values(solved(site(*both, price=FALLING, end=end), solver)) == pytest.approx([0, 4.0], abs=1e-5)
    at_once = site(*both, end="require patient: waiting_time <= 0 h\nminimize unmet")
    assert evdsl.compile(evdsl.loads(at_once)).run(solver).status is evdsl.Status.INFEASIBLE


def test_an_hour_of_waiting_may_be_weighed(solver: str) -> None:
    """Falling prices: an hour less of waiting costs 1 EUR, which is more than 0.50 and less than 2."""
    both = [ALL_DAY] * 2
    for weight, expected in ((0.5, 3.0 + 0.5 * 2), (2.0, 4.0 + 2.0)):
        end = f"disable partial_charging\nminimize cost + {weight} EUR/h * waiting_time"
        text = site(*both, price=FALLING, end=end)
        assert values(solved(text, solver)) == [pytest.approx(expected, abs=1e-5)]


def test_whoever_never_gets_a_port_waits_for_the_whole_stay(solver: str) -> None:
    text = site(ALL_DAY, ALL_DAY, on="disable queue", end="minimize waiting_time")
    assert values(solved(text, solver)) == [pytest.approx(3)]
    none = site(ALL_DAY, ports="port ac {\n power = 10 kW\n count = 0\n}\n", end="minimize waiting_time")
    assert values(solved(none, solver)) == [pytest.approx(3)]


def test_nobody_waits_who_brings_a_port(solver: str) -> None:
    text = site(ALL_DAY, end="minimize waiting_time", on="disable v2g").replace(
        "port ac {\n power = 10 kW\n}\n", ""
    )
    assert values(solved(text, solver)) == [pytest.approx(0)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (site(ALL_DAY, on="enable queue\ndisable hold_port"), "`hold_port` is off: ports may be swapped"),
        (site(ALL_DAY).replace("port ac {\n power = 10 kW\n}\n", ""), "every vehicle has its own"),
    ],
)
def test_a_queue_without_anything_to_wait_for_is_idle(text: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "site.evs"
    path.write_text(text)
    (warning,) = [found for found in read(path)[1] if found.code == "W104"]
    assert "`queue` has nothing to act on" in warning.message
    assert reason in warning.message


@pytest.mark.parametrize("rule", POLICIES, ids=lambda rule: rule.name)
def test_rules_let_those_who_find_no_port_wait_in_line(rule: Policy) -> None:
    spec = evdsl.loads(site(*[ALL_DAY] * 3, "01:00 1 5"))
    data, _ = load_data(spec)
    assert data is not None
    ruled = run(spec, data, rule)
    assert ruled.verdict.ok
    # The last finds the first gone, and the second and third before it: it leaves with nothing.
    assert ruled.schedule["delivered"].values.tolist() == pytest.approx([10, 10, 10, 0])
    assert ruled.verdict.terms["waiting_time"] == pytest.approx(0 + 1 + 2 + 1)


def test_who_finds_no_port_in_time_is_told_so_and_has_more_with_one_more(solver: str) -> None:
    cars = ["00:00 2 10"] * 3
    result = solved(site(*cars, price=(0.1, 0.1)), solver)
    (reason,) = reasons(result, 0.005).values()
    assert (reason.code, reason.limits) == ("port", ("port ac",))
    more = site(*cars, price=(0.1, 0.1), ports="port ac {\n power = 10 kW\n count = 2\n}\n")
    assert values(solved(more, solver))[0] == pytest.approx(0, abs=1e-5)


def test_the_port_that_is_missing_is_named_where_nothing_may_be_missing() -> None:
    cars = ["00:00 2 10"] * 3
    text = site(*cars, price=(0.1, 0.1), end="disable partial_charging\nminimize cost")
    spec = evdsl.loads(text)
    data, _ = load_data(spec)
    assert data is not None
    conflict = explain(spec, data, backend_of("highs"), Options()).conflict
    assert conflict is not None
    assert {member.lever.name for member in conflict.members} == {"count", "energy", "partial_charging"}
