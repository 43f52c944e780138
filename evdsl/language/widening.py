"""`outside = widen` of a class or a storage: a battery may begin outside of `soc`, and is bounded by that."""

from __future__ import annotations

from evdsl.language.declaration import Setting, Shape
from evdsl.language.spec import Device

OUTSIDE = Setting(
    "outside",
    Shape.CHOICE,
    "what is done with a battery that begins outside of `soc`: it is refused, or begins there",
    default="refuse",
    choices=("refuse", "widen"),
    example="widen",
)


def widens(device: Device) -> bool:
    """Whether a battery may begin outside of what is allowed."""
    return device.choice("outside") == "widen"
