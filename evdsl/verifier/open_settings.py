"""The settings of a spec that are left to be chosen, and which of them a schedule has a number for."""

from __future__ import annotations

from dataclasses import dataclass

from evdsl.language.devices import declared_kind
from evdsl.language.spec import Device, Spec
from evdsl.language.values import RangeValue

START = "soc_initial"
"""What is read off the energy of a storage: no number of its own."""


@dataclass(frozen=True, slots=True)
class OpenSetting:
    """A setting with a range where a constant might stand; `at` is the position of its block in the spec."""

    at: int
    device: Device
    setting: str

    @property
    def name(self) -> str:
        """As schedules claim it: `battery.capacity`."""
        return f"{self.device.name or self.device.kind}.{self.setting}"

    @property
    def variable(self) -> str:
        """The variable of a schedule that has the size."""
        return f"{self.device.name or self.device.kind}.size.{self.setting}"


def open_settings(spec: Spec) -> list[OpenSetting]:
    """Every one of them."""
    return [
        OpenSetting(at, device, setting.name)
        for at, device in enumerate(spec.devices)
        for setting in declared_kind(device.kind).settings
        if setting.decidable and isinstance(device.get(setting.name), RangeValue)
    ]
