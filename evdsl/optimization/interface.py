"""What a Python program calls: each function goes the whole way that a command of the same name goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evdsl.data.data import Data
from evdsl.data.load import load_data
from evdsl.language.spec import Spec
from evdsl.optimization import comparison
from evdsl.optimization.comparison import Comparison
from evdsl.optimization.explanation import explain as explanation
from evdsl.optimization.explanation.explain import Explanation
from evdsl.optimization.explanation.prices import PriceOptions
from evdsl.optimization.failure import diagnose
from evdsl.optimization.policies import POLICIES, policy
from evdsl.optimization.problem import compile_spec, refuse_many
from evdsl.optimization.result import Result
from evdsl.optimization.tradeoff import Price, Pricing
from evdsl.semantics.diff import specs
from evdsl.semantics.diff.blocks import Difference
from evdsl.semantics.load import SpecError
from evdsl.solver.backend import Backend
from evdsl.solver.discovery import backend_of
from evdsl.solver.solution import Options


def solve(
    spec: Spec, backend: Backend | str = "auto", options: Options | None = None, *, data: Data | None = None
) -> Result:
    """Compiles a spec, solves all its stages and checks the schedule.

    A run without a schedule is a result too: its `status` says how it ended and its `diagnostics` why, as
    far as that is found within seconds. Raises `SpecError` where data cannot be read, `LookupError` for an
    unknown solver and `ValueError` for an option that it does not know.
    """
    solver, limits = backend_of(backend), options or Options().seeded(spec.seed)
    result = compile_spec(spec, data).run(solver, limits)
    if result.status.has_schedule and (result.verdict is None or result.verdict.ok):
        return result
    return replace(result, diagnostics=diagnose(result, solver, limits).diagnostics)


def compare(
    spec: Spec,
    rules: Sequence[str] | None = None,
    backend: Backend | str = "auto",
    options: Options | None = None,
) -> Comparison:
    """The optimum of a spec beside charging rules by their names; beside all of them where none are given.

    Every schedule is held against the same check. Raises `ValueError` for a front and for an unknown rule,
    `RuntimeError` where the spec has no schedule; else as `solve`.
    """
    if spec.pareto is not None:
        raise ValueError("a front has many optima: give the spec one objective to compare rules with")
    chosen = [(name, policy(name)) for name in rules] if rules is not None else []
    unknown = [name for name, found in chosen if found is None]
    if unknown:
        known = ", ".join(each.name for each in POLICIES)
        raise ValueError(f"there is no rule `{unknown[0]}`; there are {known}")
    result = solve(spec, backend, options)
    if not result.status.has_schedule:
        raise RuntimeError(f"{result.status.value}: {result.message}")
    policies = [found for _, found in chosen if found is not None] if rules is not None else POLICIES
    return comparison.compare(result, policies)


def explain(
    spec: Spec,
    backend: Backend | str = "auto",
    options: Options | None = None,
    *,
    stage: int = 1,
    exact: bool = False,
) -> Explanation:
    """Why a spec is infeasible, or what each of its lines costs in a stage (counted from 1).

    `exact` decides integers anew for each line, where else they are kept. Raises `IndexError` for a stage
    that the spec does not have; else as `solve`.
    """
    if not 1 <= stage <= len(spec.stages):
        raise IndexError(f"the spec has {len(spec.stages)} stages, and none of number {stage}")
    limits = options or Options().seeded(spec.seed)
    return explanation.explain(
        spec, _data(spec), backend_of(backend), limits, stage, PriceOptions(exact=exact)
    )


def price(spec: Spec, choice: str, backend: Backend | str = "auto", options: Options | None = None) -> Price:
    """What a toggle, or the best of an objective word, costs the first objective of a spec.

    Raises `ValueError` for what cannot be priced, `RuntimeError` where there is no schedule; else as `solve`.
    """
    limits = options or Options().seeded(spec.seed)
    pricing = Pricing(spec, _data(spec), backend_of(backend), limits)
    found = pricing.price(choice)
    if isinstance(found, Price):
        return found
    if pricing.failed is not None:
        raise RuntimeError(f"{pricing.failed.status.value}: {pricing.failed.message}")
    raise ValueError("; ".join(each.message for each in found))


def diff(first: Spec, second: Spec) -> list[Difference]:
    """What differs in meaning between two specs, in the order of the language; nothing for an empty list."""
    return specs.compare(first, second)


def _data(spec: Spec) -> Data:
    refuse_many(spec)
    data, found = load_data(spec)
    if data is None:
        raise SpecError(found)
    return data
