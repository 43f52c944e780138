"""What a spec leaves to be chosen: settings with a range `low .. high` in the place of a constant.

Each is one decision, common to the whole horizon; a schedule says what became of it in `attrs["chosen"]`.
Whoever asks such a setting for its number gets none (`Device.number` raises): what needs one, as a rule that
plans nothing, is run on the spec in which each is a constant.

What a storage begins with is chosen by the energy that it has then, which is in every schedule. All others
are *sizes*, which no flow says: a schedule has each as a number of its own, `battery.size.capacity`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from evdsl.language.devices import kind
from evdsl.language.quantities import quantity_of_size
from evdsl.language.spec import Device, Spec
from evdsl.language.units import Dimension
from evdsl.language.values import Const


@dataclass(frozen=True, slots=True)
class Decision:
    """One setting of a device that is chosen, between `low` and `high` in canonical units."""

    kind: str
    device: str
    setting: str
    low: float
    high: float
    dimension: Dimension

    @property
    def name(self) -> str:
        """As it is told: `battery.soc_initial`, `grid.import_limit`."""
        return f"{self.device}.{self.setting}"

    @property
    def is_size(self) -> bool:
        """Whether it is a number of its own in a schedule."""
        return self.setting != "soc_initial"

    @property
    def quantity(self) -> str:
        """How requirements and objectives speak of it; `battery.power` is a flow, its most a rating."""
        return f"{self.device}.{quantity_of_size(self.setting)}"

    @property
    def variable(self) -> str:
        """What a model and a schedule call a size: see `Device.size`."""
        return f"{self.device}.size.{self.setting}"


def decisions(spec: Spec) -> tuple[Decision, ...]:
    """All of them, in the order of the spec."""
    return tuple(found for device in spec.devices for found in _of(device))


def _of(device: Device) -> tuple[Decision, ...]:
    declared = kind(device.kind)
    settings = () if declared is None else declared.settings
    return tuple(
        Decision(device.kind, device.name or device.kind, one.name, *device.bounds(one.name), one.dimension)
        for one in settings
        if one.decidable and device.decides(one.name)
    )


def sizes(spec: Spec) -> tuple[Decision, ...]:
    """Those that no flow says."""
    return tuple(one for one in decisions(spec) if one.is_size)


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


def spoken_of(spec: Spec) -> frozenset[str]:
    """What requirements and objectives speak of, by the names of decisions: `battery.capacity`."""
    own = [requirement.references() for requirement in spec.requirements]
    quantities = frozenset().union(*own, *(term.references() for term in spec.terms))
    return frozenset(one.name for one in decisions(spec) if one.quantity in quantities)
