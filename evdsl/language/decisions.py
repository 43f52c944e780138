"""What a spec leaves to be chosen: settings with a range `low .. high` in the place of a constant.

Each is one decision, common to the whole horizon; a schedule says what became of it in `attrs["chosen"]`.
Whoever asks such a setting for its number gets none (`Device.number` raises): what needs one, as a rule that
plans nothing, is run on the spec in which each is a constant.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from evdsl.language.devices import kind
from evdsl.language.spec import Device, Spec
from evdsl.language.units import Dimension
from evdsl.language.values import Const


@dataclass(frozen=True, slots=True)
class Decision:
    """One setting of a device that is chosen, between `low` and `high` in canonical units."""

    device: str
    setting: str
    low: float
    high: float
    dimension: Dimension

    @property
    def name(self) -> str:
        """As it is told: `battery.soc_initial`."""
        return f"{self.device}.{self.setting}"


def decisions(spec: Spec) -> tuple[Decision, ...]:
    """All of them, in the order of the spec."""
    return tuple(found for device in spec.devices for found in _of(device))


def _of(device: Device) -> tuple[Decision, ...]:
    declared = kind(device.kind)
    settings = () if declared is None else declared.settings
    return tuple(
        Decision(device.name, one.name, *device.bounds(one.name), one.dimension)
        for one in settings
        if one.decidable and device.decides(one.name)
    )


def with_choices(spec: Spec, chosen: Mapping[str, float]) -> Spec:
    """The spec with a constant for each range: what was chosen, or the low end where nothing was."""
    if not decisions(spec):
        return spec
    return replace(spec, devices=tuple(_with_choices(device, chosen) for device in spec.devices))


def _with_choices(device: Device, chosen: Mapping[str, float]) -> Device:
    constants = {
        one.setting: Const(chosen.get(one.name, one.low), one.dimension, device.place(one.setting))
        for one in _of(device)
    }
    return replace(device, settings={**device.settings, **constants}) if constants else device
