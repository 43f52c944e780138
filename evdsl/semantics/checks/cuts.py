"""A stay that reaches beyond the horizon, of a vehicle whose times are given.

`evdsl.data.stays` says the same of vehicles that are drawn or read; what both say of one vehicle is one text.
"""

from __future__ import annotations

from math import ceil

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.clock import local_after
from evdsl.language.spec import Device, Spec
from evdsl.language.steps import Horizon, horizon_of
from evdsl.language.tolerances import ON_EDGE, SAME_TIME
from evdsl.semantics.checks.presence import comes_at, leaves_at


def check(spec: Spec) -> list[Diagnostic]:
    """W102 for each such vehicle."""
    found: list[Diagnostic] = []
    clock = horizon_of(spec)
    for device in spec.of_kind("vehicle"):
        arrival = comes_at(spec, device)
        departure = None if arrival is None else leaves_at(spec, device, arrival)
        if arrival is None or departure is None:
            continue
        if arrival < -SAME_TIME or departure > spec.horizon + SAME_TIME:
            found.append(finding(device, (1, 1), (arrival, departure), clock))
    return found


def finding(device: Device, cut: tuple[int, int], ends: tuple[float, float], clock: Horizon) -> Diagnostic:
    """W102 for `cut[0]` of the `cut[1]` stays of a block, which go from `ends[0]` to `ends[1]` (hours)."""
    length = clock.steps * clock.step
    before = max(ceil(-ends[0] / clock.step - ON_EDGE), 0)
    behind = max(ceil((ends[1] - length) / clock.step - ON_EDGE), 0)
    several = cut[0] > 1
    what = f"{cut[0]} of {cut[1]} stays of `{device.name}`" if cut[1] > 1 else f"the stay of `{device.name}`"
    verbs = "reach beyond the horizon and are" if several else "reaches beyond the horizon and is"
    message = f"{what} {verbs} cut"
    whole = f"to plan {'them' if several else 'it'} whole"
    horizon = f"`horizon = {_shown(length + (before + behind) * clock.step)}`"
    help = f"write {horizon} {whole}"
    if before:
        start = local_after(clock.start, -before * clock.step, clock.zone)
        help = f"write `start = {start:%Y-%m-%d %H:%M}` and {horizon} {whole}"
        help += "; clock times are then on that day" if start.date() < clock.start.date() else ""
    return Diagnostic("W102", message, device.header, "", help)


def _shown(hours: float) -> str:
    """A length of time as a spec would write it."""
    return f"{hours:g} h" if (hours * 4).is_integer() else f"{hours * 60:.10g} min"
