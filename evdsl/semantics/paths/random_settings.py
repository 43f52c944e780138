"""What in a spec is random: series that scenarios draw, and whether another scenario of it is another day."""

from __future__ import annotations

from collections.abc import Iterator

from evdsl.language.spec import Device, Spec
from evdsl.language.values import DerivedSeries, Draw, TextValue, Value, leaves


def is_random(spec: Spec) -> bool:
    """Whether a setting has a distribution, a series is drawn, or a cohort draws its arrivals."""
    return any(map(_has_draw, spec.devices)) or any(True for _ in random_series(spec))


def random_series(spec: Spec) -> Iterator[DerivedSeries]:
    """Each series of a spec that scenarios draw, in its order."""
    settings: list[Value] = [value for device in spec.devices for value in device.settings.values()]
    for value in (*settings, *spec.asked_at_steps.values()):
        for leaf in leaves(value):
            if isinstance(leaf, DerivedSeries) and leaf.is_random:
                yield leaf


def _has_draw(device: Device) -> bool:
    draw = device.get("draw")
    if device.kind == "cohort" and isinstance(draw, TextValue) and draw.value != "expected":
        return True
    return any(isinstance(leaf, Draw) for value in device.settings.values() for leaf in leaves(value))
