"""`revenue`: what drivers pay less what they are paid, Σ_v,t Δ (tariff[t] charge - v2g_reward[t] discharge).

Tariff and reward are those of the vehicle's class, for energy at the port; with `billing = net` of the class
what is discharged is taken off the bill too, v2g_reward[t] + tariff[t]. Drivers of a cohort pay for what it
takes.
"""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Word
from evdsl.language.units import MONEY


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    paid = _part(builder, "charge", "tariff") + _cohorts(builder)
    return paid - _part(builder, "discharge", "v2g_reward") - _part(builder, "discharge", "tariff")


def _cohorts(builder: Builder) -> Linear:
    """What drivers in cohorts pay."""
    total, step = builder.zero(), builder.spec.step
    for device in builder.spec.of_kind("cohort"):
        tariff = builder.data.over_time(f"class {device.of}", "tariff")
        if tariff is not None:
            power = builder.need(f"{device.name}.taken")
            total = total + builder.total(builder.scale(power, step * tariff))
    return total


def _part(builder: Builder, flow: str, setting: str) -> Linear:
    power = builder.get(flow)
    prices = builder.data.of_classes(builder.spec, setting)
    if power is None or not prices.any():
        return builder.zero()
    slots, step = builder.slot_index.slots, builder.spec.step
    at = slots.outward if flow == "discharge" else slice(None)
    who = slots.vehicle[at]
    rate = step * prices[builder.data.vehicles.category[who], slots.step[at]]
    if (flow, setting) == ("discharge", "tariff"):
        rate = rate * builder.data.chosen(builder.spec, "billing", "net")[who]
    return builder.total(builder.scale(power, rate)) if rate.any() else builder.zero()


WORD = Word(
    "revenue",
    MONEY,
    "what drivers pay less what they are paid",
    expression,
    needs=(("class", "tariff"),),
    or_needs=(("class", "v2g_reward"),),
    better="large",
)
