"""Energy that is turned round only to be paid for: charged, given back, and charged again.

With τ the tariff, r the reward, w the wear, π the price of imported energy, κ = 1 / (η_c η_d), η_p the
efficiency of the port and β = 1 where the class has `billing = net`, else 0, a kWh that is charged at t and
given back at s earns, the site's own arbitrage set aside,

    churn(t, s) = κ τ[t] - β τ[s] - r[s] - w - π[t] (κ / η_p - η_p)

where `profit` is weighed; beside `revenue` alone w and π do not count, and else as they are weighed. With
`exclusive` on, t and s are two steps of a stay. Where this is above zero a plan earns by what nobody means,
and the model is hard, since every battery is then to be kept moving.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.arrays import FloatArray, IntArray
from evdsl.language.billing import may_churn, weighed_stages
from evdsl.language.objectives import base_weights
from evdsl.language.spec import Device, Spec, Stage

if TYPE_CHECKING:
    from evdsl.data.timeline import Timeline
    from evdsl.language.site import Site

LEAST = 1e-9
"""Money for each kWh that is seen."""


@dataclass(frozen=True, slots=True)
class Churn:
    """The most that a kWh turned round earns in a class.

    `net` is the same with `billing = net`; `taken` and `given` are the steps.
    """

    worth: float
    net: float
    category: Device
    vehicle: int
    taken: int
    given: int


def churning(spec: Spec, data: Site, timeline: Timeline) -> list[Diagnostic]:
    """W111 with the largest figure, where a stage weighs what drivers pay."""
    if not may_churn(spec) or not len(data.visits):
        return []
    found = [churn for stage in weighed_stages(spec) for churn in _in_stage(stage, spec, data)]
    if not found:
        return []
    worst = max(found, key=lambda churn: churn.worth)
    own = worst.category
    unit = f"{spec.currency}/kWh"
    name = data.vehicles.name[worst.vehicle]
    taken, given = (_clock(timeline, step) for step in (worst.taken, worst.given))
    message = (
        f"turning energy round earns {worst.worth:.6g} {unit}: `{name}` pays for what is charged at {taken} "
        f"more than what it gives at {given} costs"
    )
    help = f"write `billing = net` in `class {own.name}`: what is given back is taken off the bill"
    if worst.net > LEAST:
        help = f"raise the `v2g_reward` of `class {own.name}` by {_above(worst.worth)} {unit}"
    return [Diagnostic("W111", message, own.place("tariff"), "", help, (), own.header)]


def _clock(timeline: Timeline, step: int) -> str:
    return f"{timeline.local(step * timeline.step):%Y-%m-%d %H:%M}"


def _above(worth: float) -> str:
    """So much, rounded up to three decimals."""
    return f"{np.ceil(worth * 1000.0 + 1e-6) / 1000.0:g}"


def _in_stage(stage: Stage, spec: Spec, data: Site) -> list[Churn]:
    """What turning energy round earns in each class, where it earns something."""
    weights = base_weights(stage)
    paid = -weights.get("revenue", 0.0)
    if paid <= 0:
        return []
    share = {name: weights.get(name, 0.0) / paid for name in ("energy_cost", "wear", "discharged")}
    found = (_in_class(category, share, spec, data) for category in spec.of_kind("class"))
    return [churn for churn in found if churn is not None and churn.worth > LEAST]


def _in_class(category: Device, share: dict[str, float], spec: Spec, data: Site) -> Churn | None:
    """The most that it earns in a class, of all stays and all ports."""
    vehicles, steps = data.vehicles, spec.steps
    tariff = data.over_time(f"class {category.name}", "tariff")
    mine = vehicles.category == spec.of_kind("class").index(category)
    who = np.flatnonzero(mine & ~np.isnan(vehicles.battery) & (vehicles.discharge > 0))
    if tariff is None or not len(who):
        return None
    reward = data.over_time(f"class {category.name}", "v2g_reward")
    price = data.over_time("grid", "price")
    # Efficiencies and wear are those of the class: one vehicle of it stands for all.
    one = int(who[0])
    round_trip = 1.0 / float(vehicles.charge_efficiency[one] * vehicles.discharge_efficiency[one])
    spent = share["wear"] * float(vehicles.wear[one]) + share["discharged"]
    given = -(np.zeros(steps) if reward is None else reward) - spent
    net = given - tariff
    best: Churn | None = None
    for port in _efficiencies(category, spec):
        losses = share["energy_cost"] * (round_trip / port - port)
        taken = round_trip * tariff - (np.zeros(steps) if price is None else losses * price)
        for (first, last), vehicle in _stays(who, data).items():
            stay, apart = slice(first, last), spec.on("exclusive")
            billed = net if category.choice("billing") == "net" else given
            pair = _best_pair(taken[stay], billed[stay], apart)
            if pair is None:
                continue
            worth, charged, back = pair
            if best is None or worth > best.worth:
                other = _best_pair(taken[stay], net[stay], apart)
                assert other is not None, "the stay has as many steps"
                best = Churn(worth, other[0], category, vehicle, first + charged, first + back)
    return best


def _stays(who: IntArray, data: Site) -> dict[tuple[int, int], int]:
    """The stays of these vehicles as ranges of steps, each with a vehicle that has it."""
    start, step = data.visits.start, data.visits.step
    found: dict[tuple[int, int], int] = {}
    for vehicle in who.tolist():
        mine = step[start[vehicle] : start[vehicle + 1]]
        if len(mine):
            found.setdefault((int(mine[0]), int(mine[-1]) + 1), vehicle)
    return found


def _best_pair(taken: FloatArray, given: FloatArray, apart: bool) -> tuple[float, int, int] | None:
    """The largest sum of a value of each, and where they are; not at one place where they are to be apart."""
    charged, back = int(np.argmax(taken)), int(np.argmax(given))
    if not apart or charged != back:
        return float(taken[charged] + given[back]), charged, back
    if len(taken) < 2:
        return None
    others = np.arange(len(taken)) != charged
    second, third = (int(np.argmax(np.where(others, values, -np.inf))) for values in (given, taken))
    pairs = [(charged, second), (third, back)]
    return max((float(taken[t] + given[s]), t, s) for t, s in pairs)


def _efficiencies(category: Device, spec: Spec) -> set[float]:
    """Of the ports through which vehicles of a class can give; 1 where each brings its own."""
    ports = spec.of_kind("port")
    if not ports:
        return {1.0}
    allowed = category.names("ports")
    mine = (port for port in ports if not allowed or port.name in allowed)
    return {port.number("efficiency") for port in mine if port.number("discharge") > 0}
