"""When events are on, as arrays; and calls that ask for less than nothing."""

from __future__ import annotations

import numpy as np

from evdsl.data.timeline import Timeline
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.calls import calls_of
from evdsl.language.site import Call, Site
from evdsl.language.spec import Device, Spec
from evdsl.language.tolerances import IN_RANGE, ON_EDGE


def call_of(event: Device, spec: Spec) -> Call:
    """The calls of an event, and the share of each step that lies inside."""
    ends = np.array(calls_of(event, spec)).reshape(-1, 2)
    share = np.zeros(spec.steps)
    for begin, end in ends / spec.step:
        steps = np.arange(int(begin), min(int(np.ceil(end)), spec.steps))
        share[steps] += np.minimum(steps + 1, end) - np.maximum(steps, begin)
    share[share > 1.0 - ON_EDGE] = 1.0
    share[share < ON_EDGE] = 0.0
    return Call(share, ends[:, 0], ends[:, 1])


def reduced_below_nothing(spec: Spec, data: Site, timeline: Timeline) -> list[Diagnostic]:
    """W114 for each event that asks for more than its baseline has in some step."""
    found: list[Diagnostic] = []
    for event in spec.of_kind("event"):
        if event.get("reduce") is None:
            continue
        asked, baseline = event.number("reduce"), data.baseline(event)
        short = np.flatnonzero((data.events[event.name].share > 0) & (baseline < asked - IN_RANGE))
        if not len(short):
            continue
        at = short[0]
        when = f"{timeline.local(float(at) * timeline.step):%Y-%m-%d %H:%M}"
        more = f", and in {len(short) - 1} more step{'s' * (len(short) > 2)}" if len(short) > 1 else ""
        message = f"`event {event.name}` asks for {asked:g} kW less than {baseline[at]:g} kW at {when}{more}"
        least = float(baseline[short].min())
        help = "as it stands nothing may be drawn then: check the hours and the unit of the `baseline`"
        if least > 0:
            help = f"write `reduce = {least:.6g} kW`; as it stands nothing may be drawn then"
        found.append(Diagnostic("W114", message, event.place("reduce"), "", help, (), event.header))
    return found
