"""Semantic checks of a resolved spec, one a module; none needs data or numpy."""

from __future__ import annotations

from collections.abc import Callable

from evdsl.checks import charge_limited, idle_toggle, needs, presence, soc, unmet_free, vehicle_values
from evdsl.diagnostic import Diagnostic
from evdsl.spec import Spec

CHECKS: tuple[Callable[[Spec], list[Diagnostic]], ...] = (
    needs.check,
    charge_limited.check,
    soc.check,
    presence.check,
    vehicle_values.check,
    idle_toggle.check,
    unmet_free.check,
)
