"""Ports whose `count` changes over time: not where each of them has phases of its own."""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.devices.phases import LABELS, rotates
from evdsl.language.spec import Device, Spec
from evdsl.language.values import Calendar, Daily


def check(spec: Spec) -> list[Diagnostic]:
    """E404 where it is asked how many are in order of ports that are not alike."""
    return [
        _of_which_phase(port)
        for port in spec.of_kind("port")
        if isinstance(port.get("count"), Daily | Calendar) and rotates(port)
    ]


def _of_which_phase(port: Device) -> Diagnostic:
    message = f"`count` of `port {port.name}` changes over time, and its `phases` rotate from port to port"
    note = "a number does not say on which phases those begin that are out of order"
    help = f"write `phases = [{', '.join(LABELS)}]`, or `count = {port.port_count}`"
    return Diagnostic("E404", message, port.place("count"), "", help, (note,), port.header)
