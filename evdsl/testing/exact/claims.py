"""Schedules and optima held against exact fractions: plain loops, and no trust in the code that they judge.

`misses` says by how much each rule of a spec is missed by a schedule, `claims` by how much each value that
it claims differs from what its flows are worth, `lets` by how much what is told of the `let`s does. All read
the spec, its data and the schedule alone. One tolerance is allowed everywhere, a millionth of a unit or,
where that is larger, of the size of what a rule speaks of (`Miss.wrong`). `evdsl.testing.exact.proof` proves
the optima of linear programs.

`EXACTLY` are these as claims about a trial; they apply to specs with up to `CELLS` cells of vehicles
and steps, since fractions are slow.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from evdsl.data.data import Data
from evdsl.language.quantities import OF_DEVICES, SHARED_BY
from evdsl.language.spec import Spec
from evdsl.language.units import MONEY
from evdsl.language.values import Quantity
from evdsl.semantics.arithmetic import is_decided
from evdsl.testing.exact.counts import count_rules
from evdsl.testing.exact.objectives import NOTHING, WORDS
from evdsl.testing.exact.phases import phase_rules
from evdsl.testing.exact.proof import proven
from evdsl.testing.exact.reading import ZERO, Miss, setting
from evdsl.testing.exact.requirements import requirement_rules, term_worth, value_of
from evdsl.testing.exact.shares import left_to_nobody
from evdsl.testing.exact.site import site_rules
from evdsl.testing.exact.sizes import at_size, size_rules
from evdsl.testing.exact.vehicles import vehicle_rules
from evdsl.testing.properties.invariant import IdleError, Invariant
from evdsl.testing.trial import Trial, name_of
from evdsl.verifier.requirements import let_value, vehicle_shares

if TYPE_CHECKING:
    import xarray as xr

CELLS = 500
"""Vehicles times steps, at most."""


def misses(spec: Spec, data: Data, schedule: xr.Dataset) -> list[Miss]:
    """Every place where a rule is missed at all, those by most first."""
    of = at_size(spec, data, schedule)
    rules = (vehicle_rules, count_rules, site_rules, phase_rules, requirement_rules)
    found = [*size_rules(spec, schedule), *(miss for own in rules for miss in own(of))]
    return sorted((miss for miss in found if miss.by > 0), key=lambda miss: -miss.by)


def claims(spec: Spec, data: Data, schedule: xr.Dataset) -> Iterator[Miss]:
    """How far each word that a schedule claims, and its last stage, are from what its flows are worth."""
    of = at_size(spec, data, schedule)
    terms = {term.name: term_worth(of, term) for term in spec.terms}
    for name, claim in json.loads(str(schedule.attrs.get("terms", "{}"))).items():
        if name in WORDS or name in terms:
            worth = WORDS[name](of) if name in WORDS else terms[name]
            yield Miss(name, "the schedule", abs(Fraction(claim["value"]) - worth.value), worth.scale)
    for name, claim in json.loads(str(schedule.attrs.get("chosen", "{}"))).items():
        device, _, told_of = name.rpartition(".")
        if told_of != "soc_initial":
            size = Fraction(float(schedule[f"{device}.size.{told_of}"]))
            yield Miss(f"chosen {name}", "the schedule", abs(Fraction(claim["value"]) - size), size)
            continue
        begins, capacity = of.of(f"{device}.energy")[0], setting(of.spec.named("storage", device), "capacity")
        yield Miss(
            f"chosen {name}", "the schedule", abs(Fraction(claim["value"]) * capacity - begins), capacity
        )
    stages = json.loads(str(schedule.attrs.get("stages", "[]")))
    if stages and len(stages) == len(spec.stages):
        stage = spec.stages[-1]
        worth = NOTHING
        for name, weight in stage.weights.items():
            worth += (terms[name] if name in terms else WORDS[name](of)).times(Fraction(weight))
        off = abs(Fraction(stages[-1]["value"]) - Fraction(stage.constant) - worth.value)
        yield Miss("the last stage", stage.text, off, worth.scale)


def lets(spec: Spec, data: Data, schedule: xr.Dataset) -> Iterator[Miss]:
    """How far what is told of each let is from what its expression is worth."""
    of = at_size(spec, data, schedule)
    decided = {name: value for name, value in spec.derived.items() if is_decided(value)}
    told = let_value(decided, spec, data, schedule)
    for name, value in decided.items():
        worth = value_of(of, value)
        if worth is not None:
            # What is not told although it has a value is as wrong as what is told of nothing.
            off = abs(Fraction(told[name].value) - worth.value) if name in told else abs(worth.value) + 1
            yield Miss(f"let {name}", "the schedule", off, worth.scale)


def kept(trial: Trial) -> str | None:
    """No schedule misses a rule by more than the tolerance."""
    return _first(trial, lambda schedule: misses(trial.spec, trial.data, schedule))


def claimed(trial: Trial) -> str | None:
    """What a schedule claims is what its flows are worth."""
    return _first(trial, lambda schedule: claims(trial.spec, trial.data, schedule))


def told(trial: Trial) -> str | None:
    """What reports tell of lets is what the flows make."""
    if not any(is_decided(value) for value in trial.spec.derived.values()):
        raise IdleError
    return _first(trial, lambda schedule: lets(trial.spec, trial.data, schedule))


def shared_out(trial: Trial) -> str | None:
    """Shares of vehicles and devices add up to the words, but for steps in which nobody has a share."""
    names = [name for name, price in SHARED_BY.items() if trial.data.over_time("grid", price) is not None]
    if not names:
        raise IdleError
    return _first(trial, lambda schedule: _added_up(names, trial, schedule))


def _added_up(names: Iterable[str], trial: Trial, schedule: xr.Dataset) -> Iterator[Miss]:
    of = at_size(trial.spec, trial.data, schedule)
    vehicles = vehicle_shares(trial.spec, trial.data, schedule)
    for name in names:
        worth = WORDS[name](of)
        owned = [
            Quantity(name, device.name, (), MONEY, True, device.span)
            for device in trial.spec.devices
            if name in OF_DEVICES.get(device.kind, {})
        ]
        devices = let_value({each.owner: each for each in owned}, trial.spec, trial.data, schedule)
        shares = [*vehicles[name].tolist(), *(each.value for each in devices.values())]
        lost = sum((left_to_nobody(of, name, step) for step in of.steps), ZERO)
        off = abs(sum(map(Fraction, shares), lost) - worth.value)
        yield Miss(f"shares of {name}", "the schedule", off, worth.scale)


def _first(trial: Trial, found: Callable[[xr.Dataset], Iterable[Miss]]) -> str | None:
    """The first miss beyond the tolerance in the schedule of any solver."""
    schedules = [(solver, trial.run(solver).schedule) for solver in trial.solvers]
    if all(schedule is None for _, schedule in schedules):
        raise IdleError
    for solver, schedule in schedules:
        wrong = [] if schedule is None else [miss for miss in found(schedule) if miss.wrong]
        if wrong:
            return f"{name_of(solver)}: {wrong[0]}" + (f", and {len(wrong) - 1} more" if wrong[1:] else "")
    return None


def small(trial: Trial) -> bool:
    """Whether a spec is small enough for fractions."""
    return max(len(trial.data.vehicles), 1) * trial.spec.steps <= CELLS


EXACTLY: tuple[Invariant, ...] = (
    Invariant("exactly_kept", "in exact fractions no rule is missed", kept, applies=small),
    Invariant("exactly_worth", "in exact fractions flows are worth what is claimed", claimed, applies=small),
    Invariant("lets_told", "in exact fractions lets are worth what is told", told, applies=small),
    Invariant("shared_out", "shares of money add up to the words", shared_out, applies=small),
    Invariant("proven", "multipliers prove the optimum of every linear program", proven, applies=small),
)
"""The claims of this module."""
