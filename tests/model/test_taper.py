"""A battery that takes less as it fills: known energies, and schedules that keep to the curve."""

from __future__ import annotations

import math

import numpy as np
import pytest

import evdsl
from evdsl.data.load import load_data
from evdsl.model.taper import most, reach
from evdsl.optimization.comparison import run
from evdsl.optimization.policies import POLICIES
from evdsl.optimization.policies.rule import Policy
from evdsl.optimization.problem import compile_spec
from evdsl.optimization.result import Result
from evdsl.optimization.shortfall.reason import reasons
from evdsl.verifier import verify

CURVE = "{ 0 %: 150 kW, 50 %: 150 kW, 80 %: 80 kW, 100 %: 8 kW }"


def site(
    minutes: float,
    step: float,
    *,
    comes: str = "50 %",
    curve: str = CURVE,
    car: str = "",
    more: str = "",
    end: str = "minimize unmet",
    asks: str = "soc_target = 100 %",
    price: str = "0.10 EUR/kWh",
) -> str:
    return (
        f"station s {{\n start = 2024-03-12\n horizon = {minutes} min\n step = {step} min\n}}\n"
        f"grid {{\n price = {price}\n feed_in = 0.02 EUR/kWh\n}}\n{more}\n"
        f"class car {{\n battery = 100 kWh\n charge = 200 kW\n taper = {curve}\n{car}\n}}\n"
        f"vehicle a of car {{\n arrival = 00:00\n stay = {minutes} min\n soc_arrival = {comes}\n {asks}\n}}\n"
        f"{end}\n"
    )


def solved(text: str, solver: str = "highs") -> Result:
    result = evdsl.compile(evdsl.loads(text)).run(solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.verdict is not None
    assert result.verdict.ok, result.verdict.violations[:2]
    return result


def charged(result: Result) -> list[float]:
    assert result.schedule is not None
    return [float(power) for power in result.schedule["charge"].values[0]]


@pytest.mark.parametrize(
    ("minutes", "step", "energy"),
    [(30, 15, 37.202216), (30, 5, 40.542473), (60, 60, 40.869565), (30, 30, 33.571429)],
)
def test_a_stay_charges_what_the_curve_lets_in(
    minutes: float, step: float, energy: float, solver: str
) -> None:
    assert sum(charged(solved(site(minutes, step), solver))) * step / 60 == pytest.approx(energy, abs=1e-5)


def test_each_step_has_the_power_of_the_line_that_holds_at_its_end(solver: str) -> None:
    assert charged(solved(site(30, 15), solver)) == pytest.approx([94.736842, 54.072022], abs=1e-4)


def test_shorter_steps_lose_less_and_never_give_more_than_the_true_curve() -> None:
    """From 50 % along two lines, each an exponential in time."""
    until = math.log(150 / 80) / (70 / 30)  # hours to 80 %
    left = 80 / 3.6 * (1 - math.exp(-3.6 * (0.5 - until)))
    true = 30 + left
    assert true == pytest.approx(42.533659, abs=1e-6)
    energies = [sum(charged(solved(site(30, step)))) * step / 60 for step in (30, 15, 5, 1)]
    assert energies == sorted(energies)
    assert energies[-1] < true
    assert energies[-1] == pytest.approx(true, rel=0.01)


RISING = "{ 0 %: 20 kW, 40 %: 100 kW, 100 %: 10 kW }"


def test_a_rising_line_holds_at_the_begin_of_a_step(solver: str) -> None:
    """20 kW at 0 %, and 2 kW more for each percent: 5 kWh in the first quarter are 10 kW more in the next."""
    assert charged(solved(site(30, 15, comes="0 %", curve=RISING), solver)) == pytest.approx(
        [20, 30], abs=1e-4
    )


def test_a_part_of_a_step_gets_its_part_of_the_curve(solver: str) -> None:
    """There for 10 of 15 minutes at the level part: two thirds of 60 kW."""
    text = site(15, 15, comes="10 %", curve="{ 0 %: 60 kW, 90 %: 60 kW, 100 %: 0 kW }")
    text = text.replace("arrival = 00:00\n stay = 15 min", "arrival = 00:05\n stay = 10 min")
    assert charged(solved(text, solver)) == pytest.approx([40], abs=1e-5)


def test_losses_stand_between_the_port_and_the_curve(solver: str) -> None:
    """c = 150 - 7/3 (c/4 · 0.8): the state of charge rises by what reaches the battery."""
    power = 150 / (1 + 70 / 30 * 0.25 * 0.8)
    text = site(15, 15, car=" charge_efficiency = 80 %")
    assert charged(solved(text, solver)) == pytest.approx([power], abs=1e-4)


def test_the_largest_power_of_the_class_stays_a_limit(solver: str) -> None:
    text = site(30, 15).replace("charge = 200 kW", "charge = 60 kW")
    assert charged(solved(text, solver)) == pytest.approx([60, 60], abs=1e-5)


def test_the_least_power_of_a_port_ends_charging(solver: str) -> None:
    """From 95 % the curve gives less than 20 kW from the begin: with `min_power` nothing goes in."""
    port = "port dc {\n power = 150 kW\n min_power = 20 kW\n}"
    text = site(30, 15, comes="97 %", more=port)
    assert sum(charged(solved(text, solver))) > 1
    assert charged(solved(text + "enable min_power\n", solver)) == pytest.approx([0, 0], abs=1e-6)


V2G = {
    "car": " discharge = 100 kW\n efficiency = 90 %",
    "price": "{ 00:00: 0.10 EUR/kWh, 00:15: 0.50 EUR/kWh, 00:30: 0.12 EUR/kWh, 00:45: 0.10 EUR/kWh }",
    "end": "enable v2g\nminimize cost + 2 EUR/kWh * unmet",
}


@pytest.mark.parametrize("exclusive", ["enable exclusive", "disable exclusive"])
def test_what_is_discharged_makes_room_on_the_curve(exclusive: str, solver: str) -> None:
    """With something to sell, both solvers come to one value, and the verifier finds the curve kept."""
    text = site(60, 15, comes="70 %", asks="soc_target = 75 %", **V2G).replace("0.02 EUR/kWh", "0.40 EUR/kWh")
    text += f"{exclusive}\n"
    value = solved(text, solver).stages[0].value
    assert value == pytest.approx(solved(text, "highs").stages[0].value, abs=1e-4)
    assert value < -1.0


@pytest.mark.parametrize("price", ["0.10 EUR/kWh", V2G["price"]])
def test_binaries_may_be_left_out_beside_a_curve(price: str, solver: str) -> None:
    """`exclusive_to_nothing` with a taper: equal optima before and after."""
    text = site(60, 15, comes="70 %", asks="soc_target = 85 %", **{**V2G, "price": price})
    problem = compile_spec(evdsl.loads(text))
    after, before = problem.run(solver), problem.run(solver, without=["exclusive_to_nothing"])
    assert after.stages[0].value == pytest.approx(before.stages[0].value, abs=1e-5)
    assert after.verdict is not None
    assert after.verdict.ok


def test_a_state_that_a_require_asks_for_is_that_of_the_curve(solver: str) -> None:
    text = site(30, 15, end="require half: soc[a, 00:15] <= 60 %\nminimize unmet")
    powers = charged(solved(text, solver))
    assert powers[0] == pytest.approx(40, abs=1e-4)
    assert powers[1] > 54.1


def test_more_than_the_curve_gives_is_found() -> None:
    spec = evdsl.loads(site(30, 15))
    result = evdsl.compile(spec).run("highs")
    assert result.schedule is not None
    schedule = result.schedule.copy(deep=True)
    for name, by in (("charge", 1.0), ("import", 1.0)):
        schedule[name].values[..., 1] += by
    for name, by in (("energy_departure", 0.25), ("delivered", 0.25), ("unmet", -0.25)):
        schedule[name].values[0] += by
    schedule.attrs = {"digest": schedule.attrs["digest"]}
    (found,) = verify(spec, schedule).violations
    assert (found.rule, found.vehicle, found.step, found.unit) == ("taper", "a", 1, "kW")
    # One kW more, and 3.6 kW less for each 100 kWh more at the end.
    assert found.size == pytest.approx(1 + 360 * 0.25 / 100, abs=1e-3)


@pytest.mark.parametrize("rule", POLICIES, ids=lambda rule: rule.name)
def test_rules_take_what_the_curve_lets_in(rule: Policy) -> None:
    spec = evdsl.loads(site(30, 15))
    data, _ = load_data(spec)
    assert data is not None
    ruled = run(spec, data, rule)
    assert ruled.verdict.ok
    assert ruled.schedule["delivered"].values.tolist() == pytest.approx([37.202216], abs=1e-5)


def test_who_took_all_that_the_curve_let_in_stayed_too_short(solver: str) -> None:
    (reason,) = reasons(solved(site(30, 15), solver), 0.005).values()
    assert (reason.code, reason.text) == (
        "stay",
        "stay too short: it charges with all that its `taper` lets in for 0.5 h, 37.2 kWh",
    )


def test_what_keeps_a_battery_with_a_curve_from_more_is_not_guessed() -> None:
    text = site(30, 15, end="minimize cost + 1 EUR/kWh * unmet").replace(
        " price =", " import_limit = 60 kW\n price ="
    )
    (reason,) = reasons(solved(text), 0.005).values()
    assert (reason.code, "`taper`" in reason.text) == ("unknown", True)


def test_whoever_begins_with_more_is_not_behind_after_a_step() -> None:
    """What the proofs of the rows and of the reasons lean on."""
    for curve in (CURVE, RISING):
        spec = evdsl.loads(site(30, 15, curve=curve))
        data, _ = load_data(spec)
        assert data is not None
        energy = np.linspace(0.0, 100.0, 400)
        who = np.zeros(len(energy), dtype=np.int64)
        after = energy + 0.25 * most(spec, data, who, np.ones(len(energy)), energy)
        assert (np.diff(after) >= -1e-9).all()


def test_what_a_vehicle_could_take_on_its_own_heeds_the_curve() -> None:
    spec = evdsl.loads(site(30, 15))
    data, _ = load_data(spec)
    assert data is not None
    assert reach(spec, data).tolist() == pytest.approx([37.202216], abs=1e-5)
    assert data.vehicles.reach.tolist() == pytest.approx([50])
