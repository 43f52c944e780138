"""evdsl: a declarative language for EV charging stations, compiled to optimisation models.

spec = evdsl.load("site.evs", set={"gamma": "0.2 EUR/kWh"})
problem = evdsl.compile(spec)            # problem.model is a linopy.Model
schedule = problem.solve("highs")        # an xarray.Dataset, units in attrs
evdsl.verify(spec, schedule).raise_for_violations()
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from evdsl.version import VERSION

__version__ = VERSION

if TYPE_CHECKING:
    from evdsl.language.spec import Spec
    from evdsl.optimization.front import Front, front
    from evdsl.optimization.interface import compare, diff, explain, price, solve
    from evdsl.optimization.problem import Problem
    from evdsl.optimization.problem import compile_spec as compile
    from evdsl.optimization.result import Result
    from evdsl.optimization.scenarios.plan import ScenarioPlan
    from evdsl.optimization.scenarios.solve import scenarios
    from evdsl.optimization.simulation.interface import simulate
    from evdsl.optimization.simulation.simulation import Simulation
    from evdsl.optimization.sweep.dataset import sweep
    from evdsl.semantics.load import SpecError, load, loads
    from evdsl.solver.solution import Options, Status
    from evdsl.verifier import verify

_HOMES = {
    "SpecError": ("evdsl.semantics.load", "SpecError"),
    "load": ("evdsl.semantics.load", "load"),
    "loads": ("evdsl.semantics.load", "loads"),
    "compile": ("evdsl.optimization.problem", "compile_spec"),
    "Front": ("evdsl.optimization.front", "Front"),
    "front": ("evdsl.optimization.front", "front"),
    "Problem": ("evdsl.optimization.problem", "Problem"),
    "Result": ("evdsl.optimization.result", "Result"),
    "Options": ("evdsl.solver.solution", "Options"),
    "Status": ("evdsl.solver.solution", "Status"),
    "ScenarioPlan": ("evdsl.optimization.scenarios.plan", "ScenarioPlan"),
    "Spec": ("evdsl.language.spec", "Spec"),
    "compare": ("evdsl.optimization.interface", "compare"),
    "diff": ("evdsl.optimization.interface", "diff"),
    "explain": ("evdsl.optimization.interface", "explain"),
    "price": ("evdsl.optimization.interface", "price"),
    "scenarios": ("evdsl.optimization.scenarios.solve", "scenarios"),
    "simulate": ("evdsl.optimization.simulation.interface", "simulate"),
    "Simulation": ("evdsl.optimization.simulation.simulation", "Simulation"),
    "solve": ("evdsl.optimization.interface", "solve"),
    "sweep": ("evdsl.optimization.sweep.dataset", "sweep"),
    "verify": ("evdsl.verifier", "verify"),
}
__all__ = [
    "Front",
    "Options",
    "Problem",
    "Result",
    "ScenarioPlan",
    "Simulation",
    "Spec",
    "SpecError",
    "Status",
    "compare",
    "compile",
    "diff",
    "explain",
    "front",
    "load",
    "loads",
    "price",
    "scenarios",
    "simulate",
    "solve",
    "sweep",
    "verify",
]


def __getattr__(name: str) -> Any:
    """Imported when first asked for: `evdsl check` must not wait for numpy, xarray and linopy."""
    if name in _HOMES:
        from evdsl.report.notebook import enter

        enter()
        module, attribute = _HOMES[name]
        return getattr(import_module(module), attribute)
    raise AttributeError(f"module 'evdsl' has no attribute {name!r}")
