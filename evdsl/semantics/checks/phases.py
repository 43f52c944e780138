"""Phases that change nothing: of a class beyond what its ports have, and those that no limit asks for."""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.devices.phases import phases_of, rotates
from evdsl.language.spec import Device, Spec

SPREAD = ("load", "solar", "wind", "storage")
"""Kinds whose phases are of no use but for a limit of phases."""
BY_PHASE = {"phase_limit", "unbalance_limit"}


def check(spec: Spec) -> list[Diagnostic]:
    """W105, once for each block."""
    found = [problem for category in spec.of_kind("class") for problem in _too_many(spec, category)]
    # What was written counts, whatever is wrong with it.
    nodes = (*spec.of_kind("grid"), *spec.of_kind("feeder"))
    if any(BY_PHASE & node.given for node in nodes):
        return found
    ports = [port for port in spec.of_kind("port") if rotates(port)]
    devices = [d for kind in SPREAD for d in spec.of_kind(kind) if d.get("phases") is not None]
    return [*found, *map(_without_limit, [*ports, *devices])]


def _too_many(spec: Spec, category: Device) -> list[Diagnostic]:
    """A class that says it uses more phases than any port of it has: it takes only a part of its power."""
    allowed = category.names("ports")
    ports = [p for p in spec.of_kind("port") if p.port_count and (not allowed or p.name in allowed)]
    if not ports or "phases" not in category.given:
        return []
    own, most = int(category.number("phases", 1.0)), max(len(phases_of(port)) for port in ports)
    if own <= most:
        return []
    there = "one phase" if most == 1 else f"{most} phases"
    message = f"`class {category.name}` uses {own} phases, and no port that it may use has more than {there}"
    help = f"write `phases = {most}`, if its whole `charge` is to be taken there"
    return [Diagnostic("W105", message, category.place("phases"), "", help, (), category.header)]


def _without_limit(device: Device) -> Diagnostic:
    message = f"`phases` of `{device.kind} {device.name}` change nothing: nothing limits single phases"
    help = "add `phase_limit = 63 A` to `grid`, or leave them out"
    return Diagnostic("W105", message, device.place("phases"), "", help, (), device.header)
