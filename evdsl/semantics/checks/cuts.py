"""A stay that reaches beyond the horizon, of a vehicle whose times are given.

`evdsl.data.stays` says the same of vehicles that are drawn or read; what both say of one vehicle is one text.
"""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.spec import Device, Spec
from evdsl.language.steps import Horizon, horizon_of
from evdsl.language.tolerances import SAME_TIME
from evdsl.semantics.checks.presence import comes_at, dated, leaves_at, to_hold


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
    several = cut[0] > 1
    what = f"{cut[0]} of {cut[1]} stays of `{device.name}`" if cut[1] > 1 else f"the stay of `{device.name}`"
    verbs = "reach beyond the horizon and are" if several else "reaches beyond the horizon and is"
    help = f"write {to_hold(ends, clock)} to plan {'them' if several else 'it'} whole"
    return Diagnostic("W102", f"{what} {verbs} cut", device.header, "", help + dated(ends, clock))
