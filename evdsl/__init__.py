"""evdsl: a declarative language for EV charging stations, compiled to optimisation models.

spec = evdsl.load("site.evs", set={"gamma": "0.2 EUR/kWh"})
problem = evdsl.compile(spec)            # problem.model is a linopy.Model
schedule = problem.solve("highs")        # an xarray.Dataset, units in attrs
evdsl.verify(spec, schedule).raise_for_violations()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from evdsl.api import SpecError, load, loads
    from evdsl.pareto import Front, front
    from evdsl.problem import Problem
    from evdsl.problem import compile_spec as compile
    from evdsl.result import Result
    from evdsl.solution import Options, Status
    from evdsl.spec import Spec
    from evdsl.verifier import verify

_HOMES = {
    "SpecError": ("evdsl.api", "SpecError"),
    "load": ("evdsl.api", "load"),
    "loads": ("evdsl.api", "loads"),
    "compile": ("evdsl.problem", "compile_spec"),
    "Front": ("evdsl.pareto", "Front"),
    "front": ("evdsl.pareto", "front"),
    "Problem": ("evdsl.problem", "Problem"),
    "Result": ("evdsl.result", "Result"),
    "Options": ("evdsl.solution", "Options"),
    "Status": ("evdsl.solution", "Status"),
    "Spec": ("evdsl.spec", "Spec"),
    "verify": ("evdsl.verifier", "verify"),
}
__all__ = [
    "Front",
    "Options",
    "Problem",
    "Result",
    "Spec",
    "SpecError",
    "Status",
    "compile",
    "front",
    "load",
    "loads",
    "verify",
]


def __getattr__(name: str) -> Any:
    """Imported when first asked for: `evdsl check` must not wait for numpy, xarray and linopy."""
    if name in _HOMES:
        module, attribute = _HOMES[name]
        return getattr(import_module(module), attribute)
    raise AttributeError(f"module 'evdsl' has no attribute {name!r}")
