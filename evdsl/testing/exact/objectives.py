"""The objective words of a schedule in exact fractions, each as its declaration says; powers in kW.

Each is a sum of terms, so that its rounding can be measured by what is added up. What a spec does not give is
nothing: no `tariff`, no revenue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from evdsl.testing.exact.events import penalties, rewards
from evdsl.testing.exact.metering import demand_charges
from evdsl.testing.exact.reading import ZERO, Exact, ExactAmount, available, efficiency, setting
from evdsl.testing.exact.site import by_state
from evdsl.testing.exact.vehicles import first_stay, need_of, next_stay, price_elsewhere, to_leave_with

NOTHING = ExactAmount(ZERO, ZERO)


def _at_grid(variable: str, rate: str) -> Callable[[Exact], ExactAmount]:
    """Σ Δ rate · power at the connection."""

    def word(of: Exact) -> ExactAmount:
        rates = of.series("grid", rate)
        if rates is None:
            return NOTHING
        return ExactAmount.of(of.step * r * power for r, power in zip(rates, of.of(variable), strict=True))

    return word


def _peak(of: Exact) -> ExactAmount:
    return ExactAmount.of([max(of.of("import"))])


def _export_peak(of: Exact) -> ExactAmount:
    return ExactAmount.of([max(of.of("export"))])


def _demand_cost(of: Exact) -> ExactAmount:
    grid = of.spec.only("grid")
    short = NOTHING if grid is None else _peak(of).times(setting(grid, "demand_charge"))
    return short + demand_charges(of)


def _given(of: Exact, each: Callable[[int, int], Fraction]) -> Iterator[Fraction]:
    """Δ discharge times what each kWh of a vehicle in a step counts for."""
    for vehicle in of.vehicles:
        for step in of.steps:
            yield of.step * of.discharge[vehicle][step] * each(vehicle, step)


def _discharged(of: Exact) -> ExactAmount:
    return ExactAmount.of(_given(of, lambda _vehicle, _step: Fraction(1)))


def _wear(of: Exact) -> ExactAmount:
    total = ExactAmount.of(_given(of, lambda vehicle, _: of.number("wear", vehicle)))
    for device in of.spec.of_kind("storage"):
        given = sum(of.of(f"{device.name}.discharge"), ZERO)
        total += ExactAmount.of([setting(device, "wear") * of.step * given])
    return total


def _end_value(of: Exact) -> ExactAmount:
    last = [stay for stay in of.vehicles if next_stay(of, stay) is None]
    left = [(setting(of.category(v), "end_value"), of.at("energy_departure", v)) for v in last]
    total = ExactAmount.of(worth * energy for worth, energy in left if energy is not None)
    for device in of.spec.of_kind("storage"):
        (energy,) = of.of(f"{device.name}.energy_end")
        total += ExactAmount.of([setting(device, "end_value") * energy])
    return total


def _initial_cost(of: Exact) -> ExactAmount:
    storages = of.spec.of_kind("storage")
    return ExactAmount.of(setting(s, "initial_price") * of.of(f"{s.name}.energy")[0] for s in storages)


def _cost(of: Exact) -> ExactAmount:
    spent = WORDS["energy_cost"](of) + _demand_cost(of) + _wear(of) + _elsewhere_cost(of) + _initial_cost(of)
    return spent + penalties(of) - WORDS["export_revenue"](of) - _end_value(of) - rewards(of)


def _elsewhere_cost(of: Exact) -> ExactAmount:
    """What is paid for what trips lack of their energy, of classes with a price for it."""
    total = NOTHING
    for stay in of.vehicles:
        price, left = price_elsewhere(of, stay), of.at("energy_departure", stay)
        if price is not None and left is not None:
            asked = to_leave_with(of, stay)
            size = price * (abs(asked) + abs(left))
            total += ExactAmount(price * max(asked - left, ZERO), size)
    return total


def rate(of: Exact, vehicle: int, step: int, name: str) -> Fraction:
    """A price of the class of a vehicle."""
    rates = of.series(f"class {of.category(vehicle).name}", name)
    return ZERO if rates is None else rates[step]


def off_the_bill(of: Exact, vehicle: int, step: int) -> Fraction:
    """What a driver who pays by the net does not pay for each energy discharged."""
    return rate(of, vehicle, step, "tariff") if of.category(vehicle).choice("billing") == "net" else ZERO


def _revenue(of: Exact) -> ExactAmount:
    back = ExactAmount.of(_given(of, lambda vehicle, step: rate(of, vehicle, step, "v2g_reward")))
    back += ExactAmount.of(_given(of, lambda vehicle, step: off_the_bill(of, vehicle, step)))
    paid = ExactAmount.of(
        of.step * of.charge[vehicle][step] * rate(of, vehicle, step, "tariff")
        for vehicle in of.vehicles
        for step in of.steps
    )
    for device in of.spec.of_kind("cohort"):
        fees = of.series(f"class {device.of}", "tariff") or (ZERO,) * len(of.steps)
        powers = zip(fees, of.of(device.name), strict=True)
        paid += ExactAmount.of(of.step * fee * power for fee, power in powers)
    return paid - back


def _v2g_profit(of: Exact) -> ExactAmount:
    price, feed_in = of.series("grid", "price"), of.series("grid", "feed_in")
    if price is None:
        return NOTHING
    worth = price if feed_in is None else feed_in

    def lost(vehicle: int, step: int) -> Fraction:
        kept = of.number("charge_efficiency", vehicle) * of.number("discharge_efficiency", vehicle)
        return price[step] * (1 / kept - 1) + of.number("wear", vehicle)

    paid = ExactAmount.of(_given(of, lambda vehicle, t: worth[t] * efficiency(of.block(vehicle, t))))
    reward = ExactAmount.of(_given(of, lambda vehicle, step: rate(of, vehicle, step, "v2g_reward")))
    return paid - reward - ExactAmount.of(_given(of, lost))


def _unmet(of: Exact) -> Iterator[tuple[int, Fraction]]:
    """The vehicles, and what each misses."""
    for vehicle in of.vehicles:
        missing = of.at("unmet", vehicle)
        assert missing is not None, "it is what flows leave"
        yield vehicle, missing


def _dissatisfaction(of: Exact) -> ExactAmount:
    total = ExactAmount.of(missing * of.number("priority", vehicle) for vehicle, missing in _unmet(of))
    for device in of.spec.of_kind("cohort"):
        weights = by_state(device, "dissatisfaction", [Fraction(1)] * (int(device.number("classes")) + 1))
        for state, weight in enumerate(weights[1:], 1):
            total += ExactAmount.of(weight * each for each in of.of(f"{device.name}.count.{state}"))
    return total


def _curtailed(of: Exact) -> ExactAmount:
    total = NOTHING
    for device in (*of.spec.of_kind("solar"), *of.spec.of_kind("wind")):
        there = ExactAmount.of(of.step * power for power in available(of, device))
        total += there - ExactAmount.of(of.step * power for power in of.of(device.name))
    return total


def _delay(of: Exact) -> ExactAmount:
    return ExactAmount.of(
        of.step * of.charge[vehicle][step] * of.step * (max(stay.begin, Fraction(step)) - stay.begin)
        for vehicle, stay in zip(of.vehicles, of.stays, strict=True)
        for step in stay.steps
    )


def _waiting_time(of: Exact) -> ExactAmount:
    """Hours until each vehicle that needs something first holds a port, or its whole stay."""
    if not of.spec.of_kind("port"):
        return NOTHING
    waits: list[Fraction] = []
    for vehicle, stay in zip(of.vehicles, of.stays, strict=True):
        if need_of(of, first_stay(of, vehicle)) > 0 and stay.steps:
            held = [Fraction(step) for step in stay.steps if of.port[vehicle][step] >= 0]
            until = max(min(held), stay.begin) if held else stay.end
            waits.append(of.step * (until - stay.begin))
    return ExactAmount.of(waits)


def _shares(of: Exact) -> list[Fraction]:
    lacked: dict[int, Fraction] = {}
    for stay, missing in _unmet(of):
        whole = first_stay(of, stay)
        lacked[whole] = lacked.get(whole, ZERO) + missing
    return [1 - missing / need_of(of, v) for v, missing in lacked.items() if need_of(of, v)]


def _fairness(of: Exact) -> ExactAmount:
    return ExactAmount(min(_shares(of), default=Fraction(1)), Fraction(1))


def _fairness_gap(of: Exact) -> ExactAmount:
    shares = _shares(of)
    return ExactAmount(max(shares, default=ZERO) - min(shares, default=ZERO), Fraction(1))


WORDS: dict[str, Callable[[Exact], ExactAmount]] = {
    "cost": _cost,
    "energy_cost": _at_grid("import", "price"),
    "export_revenue": _at_grid("export", "feed_in"),
    "demand_cost": _demand_cost,
    "wear": _wear,
    "end_value": _end_value,
    "elsewhere_cost": _elsewhere_cost,
    "event_penalty": penalties,
    "event_revenue": rewards,
    "initial_cost": _initial_cost,
    "revenue": _revenue,
    "profit": lambda of: _revenue(of) - _cost(of),
    "v2g_profit": _v2g_profit,
    "co2": lambda of: _at_grid("import", "carbon")(of) - _at_grid("export", "export_carbon")(of),
    "unmet": lambda of: ExactAmount.of(missing for _, missing in _unmet(of)),
    "dissatisfaction": _dissatisfaction,
    "peak": _peak,
    "export_peak": _export_peak,
    "discharged": _discharged,
    "curtailed": _curtailed,
    "delay": _delay,
    "waiting_time": _waiting_time,
    "fairness": _fairness,
    "fairness_gap": _fairness_gap,
    "lexfairness": _fairness,
}
"""Every word that is worked out here, in canonical units."""
