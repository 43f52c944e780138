"""Semantic checks of a resolved spec, one a module; none needs data or numpy."""

from __future__ import annotations

from collections.abc import Callable

from evdsl.diagnostic import Diagnostic
from evdsl.spec import Spec

CHECKS: tuple[Callable[[Spec], list[Diagnostic]], ...] = ()
