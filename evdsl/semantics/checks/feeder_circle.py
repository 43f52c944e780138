"""Feeders hang on each other, and in the end on the connection: never in a circle."""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.devices.feeder import upwards
from evdsl.language.spec import Spec


def check(spec: Spec) -> list[Diagnostic]:
    """E210, once for each feeder of a circle, or above which there is one."""
    feeders = spec.of_kind("feeder")
    hung = {feeder.name for feeder in upwards(feeders)}
    above = {feeder.name: "".join(feeder.names("feeder")) for feeder in feeders}
    found: list[Diagnostic] = []
    told: set[str] = set()
    for feeder in feeders:
        if feeder.name in hung or feeder.name in told:
            continue
        circle = [feeder.name]
        while above[circle[-1]] not in circle:
            circle.append(above[circle[-1]])
        circle = circle[circle.index(above[circle[-1]]) :]
        if told.intersection(circle):
            continue
        told.update(circle)
        shown = " -> ".join([*circle[:6], *(["..."] if len(circle) > 6 else []), circle[0]])
        first = next(device for device in feeders if device.name == circle[0])
        message = f"the feeder `{circle[0]}` hangs on itself: {shown}"
        help = "leave `feeder` out at the one that hangs on the connection"
        found.append(Diagnostic("E210", message, first.place("feeder"), "", help, (), first.header))
    return found
