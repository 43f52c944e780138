"""Whether anything in a spec is random, so that another scenario of it is another day."""

from __future__ import annotations

from evdsl.data.paths.random_series import random_series
from evdsl.language.spec import Device, Spec
from evdsl.language.values import Draw, TextValue, leaves


def is_random(spec: Spec) -> bool:
    """Whether a setting has a distribution, a series is drawn, or a cohort draws its arrivals."""
    return any(map(_has_draw, spec.devices)) or any(True for _ in random_series(spec))


def _has_draw(device: Device) -> bool:
    draw = device.get("draw")
    if device.kind == "cohort" and isinstance(draw, TextValue) and draw.value != "expected":
        return True
    return any(isinstance(leaf, Draw) for value in device.settings.values() for leaf in leaves(value))
