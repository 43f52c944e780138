"""`storage NAME`: a stationary battery. With η its efficiency, for each way:

    0 <= charge[t] <= power,   0 <= discharge[t] <= power                        kW at the site
    energy[t+1] = energy[t] + Δ (η charge[t] - discharge[t] / η)                 kWh
    soc_min · capacity <= energy[t] <= soc_max · capacity
    energy[0] = soc_initial · capacity,   energy[T] >= soc_final · capacity

`soc_final` is `soc_initial` where it is not given, so that nothing is won by emptying it. With `exclusive` on
it does not charge and discharge in one step.
"""

from __future__ import annotations

from evdsl.language.builder import Builder
from evdsl.language.combinatorial import Complementarity
from evdsl.language.declaration import DEVICE, Kind, Setting, Shape
from evdsl.language.devices.feeder import FEEDER
from evdsl.language.spec import Device
from evdsl.language.units import ENERGY, MONEY_PER_ENERGY, NUMBER, POWER


def build(builder: Builder) -> None:
    """The flows and states of each storage."""
    for device in builder.spec.of_kind("storage"):
        _flows(builder, device)


def _flows(builder: Builder, device: Device) -> None:
    name, steps, step = device.name, builder.spec.steps, builder.spec.step
    capacity, power, efficiency = (device.number(s) for s in ("capacity", "power", "efficiency"))
    low, high = device.bounds("soc")
    charge = builder.variable(f"{name}.charge", "time", steps, device.place("power"), upper=power)
    discharge = builder.variable(f"{name}.discharge", "time", steps, device.place("power"), upper=power)
    energy = builder.variable(
        f"{name}.energy", "time", steps, device.place("soc"), lower=low * capacity, upper=high * capacity
    )
    gained = builder.scale(charge, step * efficiency) - builder.scale(discharge, step / efficiency)
    before = builder.take(energy, range(steps - 1), "time")
    left = energy - builder.group_sum(before, range(1, steps), "time", steps) - gained
    initial = [device.number("soc_initial") * capacity] + [0.0] * (steps - 1)
    builder.rows(f"{name}.state", left, "==", initial, device.place("soc_initial"))
    final = device.number("soc_final", device.number("soc_initial"))
    last = builder.take(energy, [steps - 1], "end")
    builder.rows(f"{name}.final", last, ">=", final * capacity, device.place("soc_final"))
    builder.consume(charge - discharge, name, "".join(device.names("feeder")))
    if builder.spec.on("exclusive"):
        builder.demand(
            Complementarity(
                name=f"{name}.exclusive",
                subject="storage",
                dimension="time",
                first=f"{name}.charge",
                second=f"{name}.discharge",
                first_cap=[power] * steps,
                second_cap=[power] * steps,
                owner=builder.toggle_place("exclusive"),
            )
        )


def _share(
    name: str, doc: str, default: str | None, example: str, least: float = 0.0, relaxed_by: str = ""
) -> Setting:
    return Setting(
        name,
        Shape.CONSTANT,
        doc,
        NUMBER,
        default=default,
        minimum=least,
        maximum=1.0,
        relaxed_by=relaxed_by,
        example=example,
    )


KIND = Kind(
    keyword="storage",
    doc="a stationary battery",
    family=DEVICE,
    settings=(
        Setting(
            "capacity",
            Shape.CONSTANT,
            "the energy that it holds",
            ENERGY,
            required=True,
            minimum=0.0,
            above=True,
            example="200 kWh",
        ),
        Setting(
            "power",
            Shape.CONSTANT,
            "the largest power, either way",
            POWER,
            required=True,
            minimum=0.0,
            relaxed_by="more",
            example="50 kW",
        ),
        _share("efficiency", "of charging and of discharging", "100 %", "95 %", 0.01),
        Setting(
            "soc",
            Shape.RANGE,
            "the states of charge that are allowed",
            NUMBER,
            default="0 % .. 100 %",
            minimum=0.0,
            maximum=1.0,
            relaxed_by="wider",
            example="10 % .. 90 %",
        ),
        _share("soc_initial", "the state of charge at the start", "50 %", "50 %"),
        _share(
            "soc_final", "the least at the end; without it, `soc_initial`", None, "50 %", relaxed_by="less"
        ),
        Setting(
            "wear",
            Shape.CONSTANT,
            "the cost of wear for each energy discharged",
            MONEY_PER_ENERGY,
            default="0 ct/kWh",
            minimum=0.0,
            example="0.03 EUR/kWh",
        ),
        Setting(
            "end_value",
            Shape.CONSTANT,
            "what the energy left at the end is worth",
            MONEY_PER_ENERGY,
            default="0 ct/kWh",
            example="0.15 EUR/kWh",
        ),
        FEEDER,
    ),
    build=build,
)
