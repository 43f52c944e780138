"""`cohort NAME of CLASS`: a fleet held as counts per state of need, not as vehicles.

A vehicle in state i needs i more steps of charging at `power` until it is full; n = `classes`. x_i(t)
vehicles are in state i when step t of Δ hours begins, c_i(t) of them charge during it, for i = 1 .. n (a full
one does not):

    x(0) = initial
    x_i(t+1) = (1 - q_i) x_i(t) - c_i(t) + c_{i+1}(t) + a_i(t)        i = 0 .. n, with c_0 = c_{n+1} = 0
    0 <= c_i(t) <= x_i(t),   x_i(t+1) >= 0
    power[t] = power · Σ_i c_i(t)                                     kW at the site
    waiting[t] = Σ_{i >= 1} x_i(t)                                    vehicles in need
    dissatisfaction = Σ_t Σ_{i >= 1} d_i x_i(t)                       kWh, with d = `dissatisfaction`

q = `departures` is the share of each state that leaves in a step, (n + 1 - i) / (n + 2) where it is not
given. It may be a series, of each state or of all, of which the mean over a step counts. d is one energy for
all in need, or one for each state (0 for the full, who need nothing).

The arrivals are r(t) = `arrivals` over all states, in vehicles per hour, spread over them by the weights z =
`spread` (made to add up to 1; where it is not given z_0 = 0 and z_i in proportion to i + 1).
`draw` says how:

    expected       a_i(t) = z_i Δ r(t)
    poisson        a_i(t) ~ Poisson(z_i Δ r(t)), each on its own
    poisson_rate   a_i(t) = floor(z_i Δ ψ + 1/2), one ψ ~ Poisson(r(t)) a step

Who arrives in a step is there from the next one on. Counts are real numbers: the relaxation of a fleet of
many vehicles. That x is nowhere negative follows from 0 <= c <= x at every step but the last, where it is
asked for: there it takes nothing from the optimum unless charging itself is paid for, since it then ends no
wait. A state can lose more than it had to charging and departures together only as far as others come in.

A class gives the largest power and the `tariff`. A cohort has no ports, no battery and no V2G, and `unmet`,
fairness and `partial_charging` do not speak of it: a state is worth one step at `power`, which is Δ · power.

Source: the cohort model of the papers on digital twins of charging sites,
x(t+1) = A(t) x(t) + a(t) + B c(t), 0 <= c(t) <= x(t), whose arrivals are `poisson_rate`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import DEVICE, Kind, Setting, Shape
from evdsl.language.devices.feeder import FEEDER
from evdsl.language.spec import Device, Spec
from evdsl.language.units import ENERGY, NUMBER, POWER, RATE

if TYPE_CHECKING:
    from evdsl.language.arrays import FloatArray
    from evdsl.language.site import Site

MAXIMUM_CLASSES = 100
"""A schedule has two variables for each."""


def power_of(spec: Spec, device: Device) -> float:
    """What each charging vehicle takes, kW: `power`, or the `charge` of the class where it is not given."""
    category = spec.class_of(device)
    return device.number("power", category.number("charge", 0.0) if category is not None else 0.0)


def by_state(device: Device, setting: str, otherwise: list[float]) -> list[float]:
    """A setting for each of the n + 1 states: as listed, one number for all, or what holds without it."""
    if device.get(setting) is None:
        return otherwise
    given = device.numbers(setting)
    return [*given] if len(given) > 1 else [*given] * len(otherwise)


def leaving_shares(site: Site, device: Device, steps: int) -> FloatArray:
    """q: the share of each state that leaves in each step; shape (states, steps)."""
    last = int(device.number("classes"))
    usual = [(last + 1 - i) / (last + 2) for i in range(last + 1)]
    return site.by_state(device.name, "departures", usual, steps)


def dissatisfactions(device: Device) -> list[float]:
    """d: the energy that a vehicle of each state counts for in each step, kWh; 0 for the full."""
    return [0.0, *by_state(device, "dissatisfaction", [1.0] * (int(device.number("classes")) + 1))[1:]]


def weighs_states(device: Device) -> bool:
    """Whether states count differently, so that those in need are no matter of their number alone."""
    return len(set(dissatisfactions(device)[1:])) > 1


def weights(device: Device) -> list[float]:
    """z: how arrivals are spread over the states, adding up to 1."""
    last = int(device.number("classes"))
    found = by_state(device, "spread", [0.0, *(i + 1.0 for i in range(1, last + 1))])
    return [weight / sum(found) for weight in found]


def initial(device: Device) -> list[float]:
    """x(0): the vehicles in each state when the horizon begins."""
    return by_state(device, "initial", [0.0] * (int(device.number("classes")) + 1))


def build(builder: Builder) -> None:
    """The counts of each cohort. State 0 is left out: who is full neither charges nor counts."""
    for device in builder.spec.of_kind("cohort"):
        _counts(builder, device)


def _counts(builder: Builder, device: Device) -> None:
    """Decisions by state 1 .. n, then by step; `count` is that at the end of a step."""
    name, steps, last = device.name, builder.spec.steps, int(device.number("classes"))
    arrivals = builder.data.cohorts[name]
    start, share = initial(device), leaving_shares(builder.data, device, steps)
    cell, size = f"{name}.cell", last * steps
    most = _most(start, share, arrivals, steps)
    charging = builder.variable(f"{name}.charging", cell, size, device.header, upper=most)
    count = builder.variable(f"{name}.count", cell, size, device.header)
    later = [at for at in range(size) if at % steps]
    # What was there when each step began; in the first one that is a number, and stands on the right.
    before = (
        builder.group_sum(builder.take(count, [at - 1 for at in later], cell), later, cell, size)
        if later
        else builder.scale(count, 0.0)
    )
    from_above = builder.group_sum(
        charging, [at - steps if at >= steps else -1 for at in range(size)], cell, size
    )
    stays = (1.0 - share[1:]).reshape(-1).tolist()
    begins = [0.0 if at % steps else start[1 + at // steps] for at in range(size)]
    right = [float(arrivals[1 + at // steps, at % steps]) + stays[at] * begins[at] for at in range(size)]
    left = count - builder.scale(before, stays) + charging - from_above
    builder.rows(f"{name}.moved", left, "==", right, device.header)
    builder.rows(f"{name}.there", charging - before, "<=", begins, device.header)
    when, each = [at % steps for at in range(size)], power_of(builder.spec, device)
    there = most[:steps]
    waiting = builder.variable(f"{name}.waiting", "time", steps, device.header, upper=there)
    in_need = builder.group_sum(before, when, "time", steps)
    first = [sum(start[1:])] + [0.0] * (steps - 1)
    builder.rows(f"{name}.in_need", waiting - in_need, "==", first, device.header)
    if weighs_states(device):
        _weigh(builder, device, before, most)
    place = device.place("power")
    power = builder.variable(f"{name}.taken", "time", steps, place, upper=[each * most for most in there])
    taken = builder.group_sum(builder.scale(charging, each), when, "time", steps)
    builder.rows(f"{name}.power", power - taken, "==", 0.0, place)
    builder.consume(power, name, "".join(device.names("feeder")))


def _weigh(builder: Builder, device: Device, before: Linear, most: list[float]) -> None:
    """What those in need count for at each step, where states count differently, kWh."""
    name, steps, place = device.name, builder.spec.steps, device.place("dissatisfaction")
    each, start = dissatisfactions(device)[1:], initial(device)[1:]
    factors = [weight for weight in each for _ in range(steps)]
    upper = [sum(w * most[state * steps + t] for state, w in enumerate(each)) for t in range(steps)]
    counted = builder.variable(f"{name}.counted", "time", steps, place, upper=upper)
    when = [at % steps for at in range(len(factors))]
    amounts = builder.group_sum(builder.scale(before, factors), when, "time", steps)
    first = [sum(w * x for w, x in zip(each, start, strict=True))] + [0.0] * (steps - 1)
    builder.rows(f"{name}.counts", counted - amounts, "==", first, place)


def _most(start: list[float], share: FloatArray, arrivals: Any, steps: int) -> list[float]:
    """A bound of x_i(t), by state 1 .. n, then by step: into the states from i on all come from outside."""
    found: list[float] = []
    for state in range(1, len(start)):
        stays, there = (1.0 - share[state:].min(axis=0)).tolist(), sum(start[state:])
        for step in range(steps):
            found.append(there)
            there = stays[step] * there + float(arrivals[state:, step].sum())
    return found


KIND = Kind(
    keyword="cohort",
    doc="a fleet held as counts per state of need",
    of="class",
    family=DEVICE,
    settings=(
        Setting(
            "classes",
            Shape.COUNT,
            "the steps of charging that an empty vehicle needs: states are 0 (full) to this",
            required=True,
            minimum=1.0,
            maximum=float(MAXIMUM_CLASSES),
            example="10",
        ),
        Setting(
            "arrivals",
            Shape.SERIES,
            "how many vehicles come",
            RATE,
            required=True,
            minimum=0.0,
            example="{ 00:00: 4 vehicles/h, 06:00: 60 vehicles/h, 20:00: 10 vehicles/h }",
        ),
        Setting(
            "draw",
            Shape.CHOICE,
            "how they vary: not at all, in counts, or in a rate that is spread and rounded",
            default="expected",
            choices=("expected", "poisson", "poisson_rate"),
            example="poisson",
        ),
        Setting(
            "spread",
            Shape.NUMBERS,
            "the weight of each state among arrivals; without it, state + 1, and 0 for the full",
            NUMBER,
            minimum=0.0,
            example="[0, 1, 1, 2]",
            by_state=True,
        ),
        Setting(
            "departures",
            Shape.SERIES_LIST,
            "the share of each state, from full to empty, that leaves in a step; without it, "
            "(classes + 1 - state) / (classes + 2)",
            NUMBER,
            minimum=0.0,
            maximum=1.0,
            example="5 %",
            by_state=True,
        ),
        Setting(
            "initial",
            Shape.NUMBERS,
            "the vehicles in each state, from full to empty, at the start; without it, none",
            NUMBER,
            minimum=0.0,
            example="[0, 4, 2, 1]",
            by_state=True,
        ),
        Setting(
            "power",
            Shape.CONSTANT,
            "what each charging vehicle takes; without it, the `charge` of the class",
            POWER,
            minimum=0.0,
            above=True,
            example="22 kW",
        ),
        Setting(
            "dissatisfaction",
            Shape.NUMBERS,
            "the energy that each vehicle in need counts for in each step; a list, 0 kWh first, by state",
            ENERGY,
            default="1 kWh",
            minimum=0.0,
            example="1 kWh",
            by_state=True,
        ),
        FEEDER,
    ),
    build=build,
)
