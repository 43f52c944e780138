"""From specs and lists of values to the plan of a sweep; what is wrong is said before anything runs.

Each spec is checked as it is written, with its data, and then with each value alone. What is wrong with a
value itself, a name, a unit, a text that is no value, is a mistake of the command line. What comes of values
together, or of one beside the rest of the spec, is a matter of the jobs, which have rows that say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import Diagnostic, has_errors, with_data
from evdsl.diagnostics.source import Source, Span
from evdsl.language.spec import Spec
from evdsl.optimization.sweep.bundle import bundle_of
from evdsl.optimization.sweep.plan import Conditions, Plan, Settings
from evdsl.semantics.checks.scenarios import not_built
from evdsl.semantics.load import read
from evdsl.semantics.resolve import Overrides, resolve


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan with the specs as they are written: their stages, words and units hold for all of its rows."""

    plan: Plan
    specs: tuple[Spec, ...]
    folders: tuple[Path, ...] = ()

    @property
    def currency(self) -> str:
        """That of all specs."""
        return self.specs[0].currency


def prepare(
    given: Sequence[str | Path | Source],
    settings: Settings,
    seeds: tuple[range, ...],
    conditions: Conditions,
    folders: tuple[Path, ...] = (),
) -> tuple[Prepared | None, list[Diagnostic]]:
    """The plan of a sweep over specs, and every finding; no plan where one is an error."""
    specs: list[Spec] = []
    found: list[Diagnostic] = []
    values = [value for _, several in settings for value in several]
    bundles = []
    overrides = Overrides(None, conditions.enable, conditions.disable, None, folders)
    for one in given:
        spec, told = read(one, overrides) if not isinstance(one, Source) else resolve(one, overrides)
        if spec is None:
            found += told
            continue
        data, more = load_data(spec)
        found += with_data(told, more)
        refused = _refusals(spec)
        found += refused
        if data is None or refused:
            continue
        found += _wrong_values(spec, settings, overrides, found, len(given) > 1)
        specs.append(spec)
        bundles.append(bundle_of(spec, spec.source.name, values))
    found += _two_currencies(specs)
    if has_errors(found):
        return None, found
    return Prepared(Plan(tuple(bundles), settings, seeds, conditions), tuple(specs), folders), found


def _refusals(spec: Spec) -> list[Diagnostic]:
    """Why a spec has no one objective."""
    if spec.pareto is not None:
        message = "a sweep has one objective for each stage, and the spec asks for a front"
        help = "write `minimize ...` for `pareto ...`"
        return [Diagnostic("E402", message, spec.pareto.span, "", help)]
    many = not_built(spec, "sweep")
    return [] if many is None else [many]


def _wrong_values(
    spec: Spec, settings: Settings, overrides: Overrides, before: Sequence[Diagnostic], several: bool
) -> list[Diagnostic]:
    """What is wrong with a value itself, once for all values of one name and all specs that say it alike."""
    found: list[Diagnostic] = []
    said = {_likeness(one) for one in before}
    for name, values in settings:
        for value in values:
            _, told = resolve(spec.source, replace(overrides, set={name: value}))
            for one in told:
                typed = one.span is not None and one.span.source.name.startswith("--set")
                if not one.is_error or not typed or _likeness(one) in said:
                    continue
                said.add(_likeness(one))
                notes = (*one.notes, f"in `{spec.source.name}`") if several else one.notes
                found.append(replace(one, notes=notes))
    return found


def _likeness(one: Diagnostic) -> tuple[str, str, str]:
    return one.code, one.message, "" if one.span is None else one.span.text


def _two_currencies(specs: Sequence[Spec]) -> list[Diagnostic]:
    """E306 where the figures of two specs cannot stand in one column."""
    for spec in specs[1:]:
        if spec.currency != specs[0].currency:
            first = specs[0]
            message = (
                f"`{spec.source.name}` counts in {spec.currency}, `{first.source.name}` in {first.currency}"
            )
            help = "sweep each of them into a table of its own"
            return [Diagnostic("E306", message, Span(spec.source, 0, 0), "", help)]
    return []
