"""`revenue`: what drivers pay less what they are paid, Σ_v,t Δ (tariff[t] charge - v2g_reward[t] discharge).

Tariff and reward are those of the vehicle's class, for energy at the port; with `billing = net` of the class
what is discharged is taken off the bill too, v2g_reward[t] + tariff[t]. Drivers of a cohort pay for what it
takes.
"""

from __future__ import annotations

from typing import Any

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Word
from evdsl.language.units import MONEY


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    paid, back = driver_rates(builder)
    return _part(builder, "charge", paid) + _cohorts(builder) - _part(builder, "discharge", back)


def driver_rates(builder: Builder) -> tuple[Any, Any]:
    """What a kW in a slot is paid for, charged and discharged: Δ tariff, and Δ (v2g_reward + β tariff)."""
    tariff, reward = (_rate(builder, setting) for setting in ("tariff", "v2g_reward"))
    slots = builder.slot_index.slots
    net = builder.data.chosen(builder.spec, "billing", "net")[slots.vehicle]
    return tariff, (reward + tariff * net)[slots.outward]


def _rate(builder: Builder, setting: str) -> Any:
    slots, prices = builder.slot_index.slots, builder.data.of_classes(builder.spec, setting)
    return builder.spec.step * prices[builder.data.vehicles.category[slots.vehicle], slots.step]


def _cohorts(builder: Builder) -> Linear:
    """What drivers in cohorts pay."""
    total, step = builder.zero(), builder.spec.step
    for device in builder.spec.of_kind("cohort"):
        tariff = builder.data.over_time(f"class {device.of}", "tariff")
        if tariff is not None:
            power = builder.need(f"{device.name}.taken")
            total = total + builder.total(builder.scale(power, step * tariff))
    return total


def _part(builder: Builder, flow: str, rate: Any) -> Linear:
    power = builder.get(flow)
    return builder.zero() if power is None or not rate.any() else builder.total(builder.scale(power, rate))


WORD = Word(
    "revenue",
    MONEY,
    "what drivers pay less what they are paid",
    expression,
    needs=(("class", "tariff"),),
    or_needs=(("class", "v2g_reward"),),
    better="large",
)
