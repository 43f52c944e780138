"""The powers of a port, a class or a storage that are allowed: between `min_power` and its largest."""

from __future__ import annotations

from math import inf

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.devices.phases import best_rate
from evdsl.language.spec import Device, Spec
from evdsl.language.tolerances import IN_RANGE
from evdsl.language.units import POWER, format_value
from evdsl.language.values import Const, ListValue


def check(spec: Spec) -> list[Diagnostic]:
    """E308 where one of them cannot be."""
    ports = [problem for port in spec.of_kind("port") for problem in _of(port)]
    ports += [problem for category in spec.of_kind("class") for problem in _of_class(spec, category)]
    return [*ports, *(problem for device in spec.of_kind("storage") for problem in _of_storage(device))]


def _of_class(spec: Spec, category: Device) -> list[Diagnostic]:
    """A rate above what the class takes, and rates of charging of which no port gives any."""
    for setting, limit in (("rates", "charge"), ("discharge_rates", "discharge")):
        most = category.number(limit, inf)
        for rate in category.entries(setting):
            if isinstance(rate, Const) and rate.value > most + IN_RANGE:
                side = f"above its `{limit}` of {_shown(most)}"
                message = f"a rate of `class {category.name}` is {_shown(rate.value)}, {side}"
                help = f"write `{setting} = [{_shown(most)}]`" if most else f"leave out `{setting}`"
                return [Diagnostic("E308", message, rate.span, "", help, (), category.header)]
    rates, most = category.numbers("rates"), best_rate(spec, category)
    if rates and spec.on("min_power") and 0.0 < most < min(rates) - IN_RANGE:
        least = f"the least rate of `class {category.name}` is {_shown(min(rates))}"
        message = f"{least}, and no port gives it more than {_shown(most)}"
        help, place = f"write `rates = [{_shown(most)}]`", category.place("rates")
        return [Diagnostic("E308", message, place, "", help, (), category.header)]
    return []


def _of_storage(device: Device) -> list[Diagnostic]:
    least = device.number("min_power", 0.0)
    for name in ("power", "charge", "discharge"):
        most = 0.0 if device.get(name) is None else device.most(name)
        if 0.0 < most < least - IN_RANGE:  # at 0 it does not go that way at all
            told = (
                f"`min_power` of `storage {device.name}` is {_shown(least)}, and its `{name}` {_shown(most)}"
            )
            help = f"write at most `min_power = {_shown(most)}`"
            return [Diagnostic("E308", told, device.place("min_power"), "", help, (), device.header)]
    return []


def _of(port: Device) -> list[Diagnostic]:
    most, least = port.number("power", 0.0), port.number("min_power", 0.0)
    if "power" not in port.given:
        return []
    if least > most + IN_RANGE:
        message = f"`min_power` of `port {port.name}` is {_shown(least)}, and its `power` {_shown(most)}"
        help = f"write at most `min_power = {_shown(most)}`"
        return [Diagnostic("E308", message, port.place("min_power"), "", help, (), port.header)]
    rates = port.get("rates")
    for rate in rates.items if isinstance(rates, ListValue) else ():
        if isinstance(rate, Const) and not least - IN_RANGE <= rate.value <= most + IN_RANGE:
            side = f"below its `min_power` of {_shown(least)}" if rate.value < least else ""
            side = side or f"above its `power` of {_shown(most)}"
            message = f"a rate of `port {port.name}` is {_shown(rate.value)}, {side}"
            return [Diagnostic("E308", message, rate.span, "", "leave it out", (), port.header)]
    return []


def _shown(power: float) -> str:
    return format_value(power, POWER)
