"""From a spec and what is said over it to the plan of a simulation; what is wrong is said before it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import Diagnostic, has_errors, with_data
from evdsl.diagnostics.source import Source
from evdsl.language.spec import Spec
from evdsl.optimization.sweep.bundle import bundle_of
from evdsl.optimization.sweep.plan import Conditions, Plan
from evdsl.optimization.sweep.prepare import Prepared
from evdsl.semantics.checks.scenarios import not_built
from evdsl.semantics.load import read
from evdsl.semantics.paths.random_settings import is_random, random_series
from evdsl.semantics.resolve import Overrides, resolve


def prepare_simulation(
    given: str | Path | Source,
    settings: Mapping[str, str],
    seed: int | None,
    conditions: Conditions,
    folders: tuple[Path, ...] = (),
) -> tuple[Prepared | None, list[Diagnostic]]:
    """The plan of a simulation and every finding; no plan where one is an error."""
    overrides = Overrides(dict(settings), conditions.enable, conditions.disable, seed, folders)
    spec, found = read(given, overrides) if not isinstance(given, Source) else resolve(given, overrides)
    if spec is None:
        return None, found
    # Of the first run: what is drawn for each has no meaning without one.
    data, more = load_data(replace(spec, scenario=1))
    found = [*with_data(found, more), *_refusals(spec)]
    if data is None or has_errors(found):
        return None, found
    bundle = bundle_of(spec, spec.source.name, settings.values())
    seeds = () if seed is None else (range(seed, seed + 1),)
    plan = Plan((bundle,), tuple((name, (value,)) for name, value in settings.items()), seeds, conditions)
    return Prepared(plan, (spec,), folders), found


def _refusals(spec: Spec) -> list[Diagnostic]:
    """Why a spec has no mean: it has no one objective, or nothing in it is random."""
    found = []
    if spec.pareto is not None:
        message = "a simulation has one objective for each stage, and the spec asks for a front"
        help = "write `minimize ...` for `pareto ...`"
        found.append(Diagnostic("E402", message, spec.pareto.span, "", help))
    many = not_built(spec, "simulate")
    if many is not None:
        return [*found, many]
    for value in random_series(spec):
        if value.function == "csv":
            message = "a simulation draws anew, and a file has the scenarios that it has"
            help = "plan for them with `scenarios`, or take a function that draws, as `bootstrap(csv(...))`"
            return [*found, Diagnostic("E419", message, value.span, "", help)]
    if not is_random(spec):
        message = "nothing in it is random: every run is the same"
        help = "solve it once with `evdsl solve`, or draw something: `arrival = normal(08:15, 45 min)`"
        found.append(Diagnostic("E419", message, spec.source_span(), "", help))
    return found
