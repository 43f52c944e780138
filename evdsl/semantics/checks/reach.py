"""A demand that the stay cannot carry, of a vehicle whose times and demand are given.

`evdsl.data.load` says the same of vehicles that are drawn or read; what both say of one vehicle is one text.
"""

from __future__ import annotations

from math import ceil, floor, inf, isinf

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.devices.phases import best_power
from evdsl.language.spec import Device, Spec
from evdsl.language.tolerances import ON_EDGE
from evdsl.language.values import Const
from evdsl.semantics.checks.presence import comes_at, leaves_at

SLACK = 1e-6
"""Of a demand: what is missing by less is rounding."""


def check(spec: Spec) -> list[Diagnostic]:
    """W103 for each such vehicle."""
    found: list[Diagnostic] = []
    travelling = {trip.of for trip in spec.of_kind("trip")}
    for device in spec.of_kind("vehicle"):
        if device.name in travelling:
            continue  # what its stays can carry is known with its trips, which the data have
        category = spec.named("class", device.of)
        arrival = comes_at(spec, device)
        departure = None if arrival is None else leaves_at(spec, device, arrival)
        asked = _asked(device, category)
        if arrival is None or departure is None or asked is None:
            continue
        begin, end = _there(spec, arrival, departure)
        rate = best_power(spec, category)
        reach = min((end - begin) * rate, _room(device, category))
        if not isinf(rate) and asked - reach > SLACK * max(asked, 1.0):
            found.append(finding(spec, device, (1, 1), (f"`{device.name}`", asked, reach)))
    return found


def finding(
    spec: Spec,
    device: Device,
    late: tuple[int, int],
    worst: tuple[str, float, float],
    stay: str = "the stay",
) -> Diagnostic:
    """W103 for `late[0]` of the `late[1]` vehicles of a block; the worst by name, demand and reach (kWh)."""
    who = "stays" if device.kind == "vehicle" else "vehicles"
    count = f"{late[0]} of {late[1]} {who} of " if late[1] > 1 else ""
    verb = "ask" if late[0] > 1 else "asks"
    message = f"{count}`{device.name}` {verb} for more than {stay} can carry"
    # By ten digits first: 7.0875 is worked out in two ways, of which one ends a rounding below it.
    asked, reach = (float(f"{max(energy, 0.0):.10g}") for energy in worst[1:])
    note = f"{worst[0]} wants {asked:.4g} kWh at the port and can take {reach:.4g} kWh"
    help = "what is missing becomes `unmet`"
    if not spec.on("partial_charging"):
        help = "write `enable partial_charging`, ask for less, or let it stay longer"
    return Diagnostic("W103", message, device.header, "", help, (note,))


def _asked(device: Device, category: Device) -> float | None:
    """The energy asked for at the port, kWh."""
    energy, target = device.get("energy"), device.get("soc_target")
    arrival = device.get("soc_arrival")
    if isinstance(energy, Const):
        return energy.value
    if isinstance(target, Const) and isinstance(arrival, Const):
        missing = max(target.value - arrival.value, 0.0) * category.number("battery")
        return missing / category.charge_efficiency
    return None


def _room(device: Device, category: Device) -> float:
    """What the battery can take in, at the port."""
    if "battery" not in category.given:
        return inf
    low, high = category.bounds("soc")
    arrival = device.get("soc_arrival")
    share = arrival.value if isinstance(arrival, Const) else low
    return max(high - share, 0.0) * category.number("battery") / category.charge_efficiency


def _there(spec: Spec, arrival: float, departure: float) -> tuple[float, float]:
    """Presence in hours, cut to the horizon and rounded as the station says."""
    begin, end = max(arrival, 0.0), min(departure, spec.horizon)
    if spec.rounding == "exact":
        return begin, end
    first = (
        floor(begin / spec.step + ON_EDGE) if spec.rounding == "floor" else ceil(begin / spec.step - ON_EDGE)
    )
    last = max(floor(end / spec.step + ON_EDGE), first)
    return first * spec.step, last * spec.step
