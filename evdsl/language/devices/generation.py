"""What `solar` and `wind` have in common: a power that is there, of which some is used.

available[t] = peak · profile[t]   or   power[t]                       kW
0 <= power[t] <= available[t]            `curtailment` on
     power[t]  = available[t]            `curtailment` off

A `peak` that is a range is one decision, and the rows above are linear in it.
"""

from __future__ import annotations

from typing import Any

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import DEVICE, Kind, Setting, Shape
from evdsl.language.devices.feeder import FEEDER
from evdsl.language.devices.phases import PHASES
from evdsl.language.spec import Device
from evdsl.language.units import NUMBER, POWER

KEYWORDS = ("solar", "wind")


def kind(keyword: str, doc: str, peak: str, power: str) -> Kind:
    """A generator; `peak` and `power` are examples of its own."""

    def build(builder: Builder) -> None:
        _build(builder, keyword)

    return Kind(
        keyword=keyword,
        doc=doc,
        family=DEVICE,
        gives=True,
        either=(("profile", "power"), ("peak", "power")),
        settings=_settings(peak, power),
        build=build,
    )


def _settings(peak: str, power: str) -> tuple[Setting, ...]:
    return (
        Setting(
            "peak",
            Shape.CONSTANT,
            "the power at a profile of 1",
            POWER,
            minimum=0.0,
            decidable=True,
            example=peak,
        ),
        Setting(
            "profile",
            Shape.SERIES,
            "the share of the peak that is there",
            NUMBER,
            minimum=0.0,
            maximum=1.0,
            example="{ 00:00: 0, 08:00: 0.5, 18:00: 0 }",
        ),
        Setting("power", Shape.SERIES, "the power that is there", POWER, minimum=0.0, example=power),
        PHASES,
        FEEDER,
    )


def available(data: Any, device: Device) -> Any:
    """The power that is there at each step, kW; shape (steps,)."""
    power = data.over_time(device.name, "power")
    if power is not None:
        return power
    return device.number("peak") * profile_of(data, device)


def profile_of(data: Any, device: Device) -> Any:
    """The share of its peak that is there at each step; shape (steps,)."""
    profile = data.over_time(device.name, "profile")
    assert profile is not None, "one of the two is required"
    return profile


def chosen_power(builder: Builder, device: Device) -> Linear:
    """The power that is there at each step, kW, of one whose peak is chosen."""
    profile = profile_of(builder.data, device)
    peak = builder.take(builder.chosen(device, "peak"), [0] * builder.spec.steps, "time")
    return builder.scale(peak, profile)


def available_energy(builder: Builder, device: Device) -> Linear:
    """The energy that is there over the horizon, kWh, as its peak is chosen or given."""
    if device.decides("peak"):
        return builder.scale(builder.total(chosen_power(builder, device)), builder.spec.step)
    return builder.zero() + float(available(builder.data, device).sum() * builder.spec.step)


def _build(builder: Builder, keyword: str) -> None:
    """What each generator gives to the site."""
    for device in builder.spec.of_kind(keyword):
        chosen = device.decides("peak")
        if chosen:
            profile = profile_of(builder.data, device)
            least, most = device.least("peak") * profile, device.most("peak") * profile
        else:
            least = most = available(builder.data, device)
        place = device.place("power" if "power" in device.given else "profile")
        must = not builder.spec.on("curtailment")
        power = builder.variable(
            f"{device.name}.power",
            "time",
            builder.spec.steps,
            builder.toggle_place("curtailment") if must else place,
            lower=least if must else 0.0,
            upper=most,
        )
        if chosen:
            room = power - chosen_power(builder, device)
            relation = "==" if must else "<="
            builder.rows(f"{device.name}.available", room, relation, 0.0, device.place("peak"))
        builder.consume(builder.scale(power, -1.0), device.name, "".join(device.names("feeder")))
