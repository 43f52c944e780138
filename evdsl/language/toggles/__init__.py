"""Every toggle of the language."""

from __future__ import annotations

from evdsl.language.declaration import Toggle
from evdsl.language.toggles import (
    curtailment,
    exclusive,
    hold_port,
    import_or_export,
    min_power,
    partial_charging,
    queue,
    uninterrupted,
    v2g,
)

TOGGLES: tuple[Toggle, ...] = (
    v2g.TOGGLE,
    partial_charging.TOGGLE,
    exclusive.TOGGLE,
    import_or_export.TOGGLE,
    hold_port.TOGGLE,
    queue.TOGGLE,
    min_power.TOGGLE,
    uninterrupted.TOGGLE,  # after min_power, whose binaries it uses
    curtailment.TOGGLE,
)
