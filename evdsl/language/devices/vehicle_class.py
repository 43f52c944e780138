"""`class NAME`: a kind of vehicle.

A class without `battery` has no state of charge: its vehicles ask for `energy` alone. `charge` and
`discharge` are limits at the port; losses stand between the port and the battery:

    energy[v,t+1] = energy[v,t] + Δ (η_c charge[v,t] - discharge[v,t] / η_d)

A class that says how many `phases` it uses, m, has 1/m of `charge` and of `discharge` on each of them: on a
port with k of these it takes k / m of its power. `charge = 16 A` is the current of each, and without `phases`
of three.

`efficiency` sets both η_c and η_d. With `billing = gross` a driver pays the `tariff` for all that is charged,
energy that was only turned round included. With `net` it is for what is charged less what is taken back: with
β = 1 where it is `net`, else 0,

    revenue = Σ_t Δ (tariff[t] charge[t] - (v2g_reward[t] + β tariff[t]) discharge[t])

With a `taper` the largest power falls as the battery fills, straight between the entries. It must be concave
and go from the least to the largest state of charge that is allowed; `charge` stays a limit beside it. With P
the curve, n the share of the step that a vehicle is there and s its state of charge,

    charge[v,t] <= n min(P(s at the begin of t), P(s at the end of t)),   s as charging alone moves it

This is never more than the curve gives at any state between. A step loses what it would give on the way: with
the example, 100 kWh and half an hour from 50 %, steps of 15 min charge 37.2 kWh, steps of 5 min 40.5, and the
curve itself 42.5. A curve that falls to 0 kW at 100 % is never quite full. Discharging has no taper, and
`max_energy` does not ask it.

With `outside = widen` a vehicle may come with a state of charge outside of `soc`: what it comes with is then
the bound, the least or the most. It gives nothing away that it came with, and is not forced to charge:

    min(soc_min · battery, energy on arrival) <= energy[v,t] <= max(soc_max · battery, energy on arrival)

With `min_power` on, a class may list the `rates` that its vehicles take above zero, as a port does: one that
is on or off at its own rate lists that alone. Where both list some, a power is one that both have. They are
of charging, and of discharging too unless there are `discharge_rates`; on a port where a vehicle uses k of
its m phases they count by k / m, as `charge` does.

With `up_to = target` nobody gets more than what was asked for, whatever that would earn:

    energy at departure <= max(soc_target, soc_arrival) · battery,   of an `energy` demand delivered <= energy
"""

from evdsl.language.declaration import Kind, Setting, Shape
from evdsl.language.spec import Device
from evdsl.language.units import ENERGY, MONEY_PER_ENERGY, NUMBER, POWER
from evdsl.language.widening import OUTSIDE


def listed_rates(category: Device, flow: str) -> tuple[float, ...]:
    """The powers above zero that vehicles of a class take in a flow, kW; none where they take any."""
    if flow == "discharge" and "discharge_rates" in category.given:
        return category.numbers("discharge_rates")
    return category.numbers("rates")


KIND = Kind(
    keyword="class",
    doc="a kind of vehicle",
    settings=(
        Setting("battery", Shape.CONSTANT, "the capacity", ENERGY, minimum=0.0, above=True, example="52 kWh"),
        Setting(
            "charge",
            Shape.CONSTANT,
            "the largest charging power at the port",
            POWER,
            amperes=True,
            minimum=0.0,
            relaxed_by="more",
            example="11 kW",
        ),
        Setting(
            "taper",
            Shape.CURVE,
            "the largest charging power at each state of charge, straight between the entries",
            POWER,
            minimum=0.0,
            example="{ 0 %: 150 kW, 50 %: 150 kW, 80 %: 80 kW, 100 %: 8 kW }",
        ),
        Setting(
            "discharge",
            Shape.CONSTANT,
            "the largest discharging power at the port",
            POWER,
            amperes=True,
            default="0 kW",
            minimum=0.0,
            relaxed_by="more",
            example="7 kW",
        ),
        Setting(
            "rates",
            Shape.NUMBERS,
            "the powers above zero that its vehicles take, where `min_power` is on; without it, all",
            POWER,
            amperes=True,
            minimum=0.0,
            above=True,
            example="[11 kW]",
        ),
        Setting(
            "discharge_rates",
            Shape.NUMBERS,
            "those of discharging; without it, `rates`",
            POWER,
            amperes=True,
            minimum=0.0,
            above=True,
            example="[7 kW]",
        ),
        Setting(
            "phases",
            Shape.COUNT,
            "how many phases of its port it uses, the first of them; without it, all",
            minimum=1.0,
            maximum=3.0,
            example="1",
        ),
        Setting(
            "efficiency",
            Shape.CONSTANT,
            "of charging and of discharging",
            NUMBER,
            default="100 %",
            minimum=0.01,
            maximum=1.0,
            example="94 %",
        ),
        Setting(
            "charge_efficiency",
            Shape.CONSTANT,
            "of charging alone",
            NUMBER,
            minimum=0.01,
            maximum=1.0,
            example="94 %",
        ),
        Setting(
            "discharge_efficiency",
            Shape.CONSTANT,
            "of discharging alone",
            NUMBER,
            minimum=0.01,
            maximum=1.0,
            example="94 %",
        ),
        Setting(
            "soc",
            Shape.RANGE,
            "the states of charge that are allowed",
            NUMBER,
            default="0 % .. 100 %",
            minimum=0.0,
            maximum=1.0,
            relaxed_by="wider",
            example="10 % .. 100 %",
        ),
        OUTSIDE,
        Setting(
            "wear",
            Shape.CONSTANT,
            "the cost of wear for each energy discharged",
            MONEY_PER_ENERGY,
            default="0 ct/kWh",
            minimum=0.0,
            example="0.04 EUR/kWh",
        ),
        Setting(
            "ports",
            Shape.REFERENCES,
            "the ports that it may use; without it, all",
            refers_to="port",
            example="[ac]",
        ),
        Setting(
            "tariff",
            Shape.SERIES,
            "what a driver pays for energy charged at the port",
            MONEY_PER_ENERGY,
            example="0.45 EUR/kWh",
        ),
        Setting(
            "v2g_reward",
            Shape.SERIES,
            "what a driver is paid for energy discharged at the port",
            MONEY_PER_ENERGY,
            example="0.10 EUR/kWh",
        ),
        Setting(
            "billing",
            Shape.CHOICE,
            "whether the tariff is for all that is charged, or for that less what is discharged",
            default="gross",
            choices=("gross", "net"),
            example="net",
        ),
        Setting(
            "up_to",
            Shape.CHOICE,
            "whether a vehicle may be charged until it is full, or up to what it asks for",
            default="full",
            choices=("full", "target"),
            example="target",
        ),
        Setting(
            "end_value",
            Shape.CONSTANT,
            "what the energy in the battery at departure is worth",
            MONEY_PER_ENERGY,
            example="0.20 EUR/kWh",
        ),
        Setting(
            "elsewhere",
            Shape.CONSTANT,
            "what a kWh costs that is charged on the road, on a trip",
            MONEY_PER_ENERGY,
            minimum=0.0,
            example="0.60 EUR/kWh",
        ),
    ),
)
