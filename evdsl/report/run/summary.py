"""What a run comes to, as facts to be told in order: a name, the value, and what is to be said beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.language.decisions import decisions
from evdsl.language.objectives import declared_word
from evdsl.language.units import symbol
from evdsl.optimization.rounding import unmet_of
from evdsl.report.facts import NOTICED, clock, final_value, gini, jain, lets, satisfactions
from evdsl.report.numbers import (
    clock_label,
    decimals,
    energy,
    money,
    plural,
    power,
    printable,
    quantity,
    share,
)
from evdsl.report.run.stays import Stay, stays_of
from evdsl.schedule.decisions import choices_of
from evdsl.schedule.sales import sold_beyond
from evdsl.solver.solution import Status

if TYPE_CHECKING:
    import xarray as xr

    from evdsl.data.data import Data
    from evdsl.language.spec import Spec
    from evdsl.optimization.result import Result
    from evdsl.optimization.shortfall.reason import Reason

SHOWN = 10
"""Vehicles that are named."""

AT_LIMIT = 1e-4
"""Relative: a step so near to the import limit is at it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the summary; `note` goes on more quietly."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ShortVehicle:
    """A vehicle that did not get all that it asked for; energies in kWh, as they are shown."""

    name: str
    arrives: str
    leaves: str
    asked: str
    delivered: str
    missing: str
    share: str
    reason: str


def headline(result: Result) -> tuple[str, str]:
    """How the run ended, in one line, and whether that is `good`, `fair` or `bad`."""
    after = f"after {duration(result.seconds.get('solve', math.nan))}"
    where = f"on {result.backend}"
    checked = "verified" if result.verdict is not None and result.verdict.ok else "not verified"
    match result.status:
        case Status.OPTIMAL:
            return f"optimal {where}, {checked}", "good"
        case Status.WITHIN_GAP:
            return f"{_distance(result)} {where}, {checked}", "good"
        case Status.FEASIBLE if len(result.stages) < len(result.spec.stages):
            reached, asked = len(result.stages), len(result.spec.stages)
            reason = f"stopped {after} in stage {reached + 1} of {asked}"
            return f"{reason} with the schedule of stage {reached}, {where}, {checked}", "fair"
        case Status.FEASIBLE:
            return f"stopped {after} with a schedule, {_distance(result)}, {where}, {checked}", "fair"
        case Status.STOPPED:
            return f"stopped {after} without a schedule, {where}", "bad"
        case Status.INFEASIBLE:
            return "infeasible: no schedule meets everything that the spec asks", "bad"
        case Status.UNBOUNDED:
            return "unbounded: nothing bounds the objective", "bad"
    if result.verdict is not None and not result.verdict.ok:
        count = sum(result.verdict.counts.values())
        return (
            f"not verified: {plural(count, 'violation')} in the independent check of the schedule",
            "bad",
        )
    return f"failed {where}", "bad"


def duration(seconds: float) -> str:
    """`0.42 s`, `60 s`, `12 min`."""
    if seconds >= 600:
        return f"{seconds / 60:,.0f} min"
    return f"{seconds:.0f} s" if seconds >= 10 else f"{decimals(seconds, 2)} s"


def _distance(result: Result) -> str:
    gaps = [stage.gap for stage in result.stages if stage.status is not Status.OPTIMAL]
    gap = max(gaps, default=math.nan)
    return f"{share(gap)} from the bound" if math.isfinite(gap) else "with no bound known"


def site_line(result: Result) -> str:
    """Which station, when, and who comes."""
    spec, data = result.spec, result.data
    begin, end = clock(data, 0.0), clock(data, data.timeline.horizon)
    year = "" if begin.year == end.year else " %Y"
    shown = "%H:%M" if begin.date() == end.date() else f"%a {end.day} %b{year} %H:%M"
    when = f"{begin:%a} {begin.day} {begin:%b %Y %H:%M} to {end.strftime(shown)}"
    return f"{printable(spec.name, 40)}, {when} ({spec.zone}), {who_comes(spec, result.data)}"


def who_comes(spec: Spec, data: Data) -> str:
    """`8 vehicles`, `1 cohort`, or both."""
    vehicles, cohorts = int(data.vehicles.is_first.sum()), len(spec.of_kind("cohort"))
    told = [plural(vehicles, "vehicle")] if vehicles or not cohorts else []
    return ", ".join([*told, *([plural(cohorts, "cohort")] if cohorts else [])])


def costs_and_demand(result: Result, schedule: xr.Dataset) -> Iterator[Fact]:
    """What is told first: what was chosen, the cost with its parts, and how much of the demand is met."""
    yield from _chosen(result, schedule)
    terms, currency = result.terms, result.spec.currency
    if "cost" in terms:
        yield Fact("cost", money(terms["cost"], currency), _parts(result))
    for device in result.spec.of_kind("cohort"):
        waiting, taken = schedule[f"{device.name}.waiting"].values, schedule[device.name].values
        mean, most = f"{float(waiting.mean()):.1f}", f"{float(waiting.max()):.1f}"
        note = f" on average, {most} at most; {energy(float(taken.sum()) * result.spec.step)} kWh charged"
        yield Fact(printable(device.name, 40), f"{mean} vehicles in need", note)
    vehicles = result.data.vehicles
    need, unmet = vehicles.need, vehicles.of_whole(unmet_of(result.data, schedule))
    if not len(need) and result.spec.of_kind("cohort"):
        return
    if not len(need):
        yield Fact("demand", "no vehicle comes")
        return
    asked, short = float(need.sum()), int((unmet > NOTICED).sum())
    everyone = plural(int(vehicles.is_first.sum()), "vehicle")
    of = f"{energy(asked)} kWh"
    if short:
        missed = float(unmet.sum())
        who = f"{short:,} of {everyone}"
        yield Fact("demand", f"{energy(missed)} of {of} missing", f", {share(missed / asked)}, at {who}")
    else:
        yield Fact("demand", f"{of}, all delivered", f" to {everyone}")
    yield from trips_told(result, schedule)
    yield from _sold_beyond(result, schedule)


def _chosen(result: Result, schedule: xr.Dataset) -> Iterator[Fact]:
    """What was chosen of what the spec leaves open, and what the energy at the start costs."""
    spec, values = result.spec, choices_of(schedule)
    for decision in decisions(spec):
        if decision.is_size:
            value, low, high = (
                quantity(each, symbol(decision.dimension, spec.currency), spec.currency)
                for each in (values[decision.name], decision.low, decision.high)
            )
            owner = printable(decision.device, 24)
            yield Fact("chosen", f"{owner}.{decision.setting} {value}", f", of {low} .. {high}")
            continue
        begins = float(schedule[f"{decision.device}.energy"][0])
        price = spec.named("storage", decision.device).number("initial_price", 0.0)
        note = f", {energy(begins)} kWh" + (f" for {money(price * begins, spec.currency)}" if price else "")
        name = printable(decision.device, 24)
        yield Fact("chosen", f"{name}.{decision.setting} {share(values[decision.name])}", note)


def _sold_beyond(result: Result, schedule: xr.Dataset) -> Iterator[Fact]:
    """What drivers were sold on top of what they asked for, and who most."""
    beyond = sold_beyond(result.spec, result.data, schedule)
    count = int((beyond > NOTICED).sum())
    if count:
        most = int(np.argmax(beyond))
        note = f" beyond what was asked, to {plural(count, 'vehicle')}"
        if len(beyond) > 1:
            name = printable(result.data.vehicles.name[most], 24)
            note += f", most to `{name}`: {energy(float(beyond[most]))} kWh"
        yield Fact("sold", f"{energy(float(beyond.sum()))} kWh", note)


def _parts(result: Result) -> str:
    """The parts of the cost that are not zero, where the cost is more than the first of them."""
    cost = declared_word("cost")
    shown: list[str] = []
    for name, sign in cost.parts.items():
        value = result.terms.get(name, 0.0)
        if abs(value) >= 5e-7:
            amount = money(abs(value), "").strip()
            minus = (value < 0) != (sign < 0)
            shown.append(f"{'- ' if minus else '+ ' if shown else ''}{name.replace('_', ' ')} {amount}")
    return f" = {' '.join(shown)}" if len(shown) > 1 or (shown and "energy cost" not in shown[0]) else ""


def trips_told(result: Result, schedule: xr.Dataset) -> Iterator[Fact]:
    """How many trips there are, what they use, and what of it is charged on the road."""
    rows = stays_of(result, schedule)
    trips = [row for row in rows if row.used is not None]
    if not trips:
        return
    makers = len({row.vehicle for row in trips})
    used, road = (sum(getattr(row, name) for row in trips) for name in ("used", "en_route"))
    note = f" by {plural(makers, 'vehicle')}, {energy(used)} kWh used"
    if road > NOTICED:
        note += f", {energy(road)} kWh of it charged on the road"
    yield Fact("trips", f"{len(trips):,}", note)


def short_vehicles(result: Result, schedule: xr.Dataset) -> tuple[list[ShortVehicle], list[tuple[str, int]]]:
    """The vehicles with most missing, at most `SHOWN`, and how many there are by reason."""
    from evdsl.optimization.shortfall.reason import counts, reasons

    data, vehicles = result.data, result.data.vehicles
    unmet = vehicles.of_whole(unmet_of(data, schedule))
    delivered = vehicles.of_whole(np.asarray(schedule["delivered"].values))
    shares = satisfactions(data, schedule)
    days = data.timeline.horizon / 24
    stays = stays_of(result, schedule)
    last = vehicles.departure.copy()
    for at, first in enumerate(vehicles.first):
        last[first] = vehicles.departure[at]

    def told(at: int) -> ShortVehicle:
        return ShortVehicle(
            printable(vehicles.name[at], 24),
            clock_label(clock(data, float(vehicles.arrival[at])), days),
            clock_label(clock(data, float(last[at])), days),
            energy(float(vehicles.need[at])),
            energy(float(delivered[at])),
            energy(float(unmet[at])),
            share(float(shares[at])),
            why[at].short,
        )

    def beneath(stay: Stay) -> ShortVehicle:
        return ShortVehicle(
            f"  {printable(stay.name, 24)}",
            clock_label(clock(data, stay.arrival), days),
            clock_label(clock(data, stay.departure), days),
            energy(stay.asked),
            energy(stay.delivered),
            energy(stay.unmet),
            "",
            "",
        )

    why: dict[int, Reason] = {}
    for at, reason in reasons(result, NOTICED).items():
        why.setdefault(int(vehicles.first[at]), reason)
    # A vehicle may lack more than is noticed over stays of which none does.
    worst = [int(at) for at in np.argsort(-unmet, kind="stable") if at in why]
    rows: list[ShortVehicle] = []
    for at in worst[:SHOWN]:
        rows += [told(at), *(beneath(stay) for stay in stays if stay.vehicle == at)]
    return rows, counts(list(why.values()))


def asked_in_battery(result: Result, schedule: xr.Dataset) -> bool:
    """Whether a vehicle with something missing asked by state of charge, apart from the port by losses."""
    vehicles = result.data.vehicles
    lossy = np.isnan(vehicles.demand) & (vehicles.charge_efficiency < 1)
    return bool((lossy & (np.asarray(schedule["unmet"].values) > NOTICED)).any())


def site_and_shares(result: Result, schedule: xr.Dataset) -> Iterator[Fact]:
    """What is told after the demand: peak, emissions, V2G, fairness, `let` quantities, stages."""
    terms, spec = result.terms, result.spec
    imported = np.asarray(schedule["import"].values, dtype=float)
    yield _peak(result, imported)
    total = float(imported.sum()) * spec.step
    if "co2" in terms:
        per = f", {1000 * terms['co2'] / total:.0f} g for each imported kWh" if total > 1e-6 else ""
        if result.data.over_time("grid", "export_carbon") is not None:
            per = ", less what exports spare"
        yield Fact("CO2", quantity(terms["co2"], "kg", spec.currency), per)
    if terms.get("discharged", 0.0) > NOTICED:
        givers = plural(_givers(schedule, result.data), "vehicle")
        yield Fact("V2G", f"{energy(terms['discharged'])} kWh given back", f" by {givers}")
    shares = satisfactions(result.data, schedule)[result.data.vehicles.need > 0]
    if len(shares):
        indices = f", Jain {jain(shares) or 0:.3f}, Gini {gini(shares) or 0:.3f}"
        yield Fact("fairness", f"worst share {share(float(shares.min()))}", indices)
    for name, (value, unit) in lets(result).items():
        yield Fact(name, quantity(value, unit, spec.currency))
    plain = len(spec.stages) == 1 and len(spec.stages[0].weights) == 1 and result.stages[0].rounds is None
    if not plain or result.status is not Status.OPTIMAL:
        yield from _stages(result)


def _peak(result: Result, imported: FloatArray) -> Fact:
    data, spec = result.as_chosen.data, result.spec
    peak = float(imported.max(initial=0.0))
    if peak < 1e-6:
        return Fact("peak", power(0.0), ", nothing is imported")
    at = int(np.flatnonzero(imported >= peak * (1 - AT_LIMIT))[0])
    when = clock_label(clock(data, at * spec.step), data.timeline.horizon / 24)
    limit = data.over_time("grid", "import_limit")
    if limit is None:
        return Fact("peak", f"{power(peak)} at {when}", ", without an import limit")
    full = (limit > 0) & (imported >= limit * (1 - AT_LIMIT))
    hours = f"{int(full.sum()) * spec.step:.3g} h"
    if full[at]:
        note = f", the import limit, which is reached for {hours}"
    else:
        note = f", {share(peak / float(limit[at]))} of the import limit" if limit[at] > 0 else ""
        note += f", which is reached for {hours}" if full.any() else ""
    return Fact("peak", f"{power(peak)} at {when}", note)


def _givers(schedule: xr.Dataset, data: Data) -> int:
    discharge = schedule["discharge"]
    if discharge.dims == ("visit",):
        giving = np.unique(schedule["visit_vehicle"].values[discharge.values > 1e-6])
    else:
        giving = np.flatnonzero((discharge.values > 1e-6).any(axis=1))
    return len(np.unique(data.vehicles.first[giving]))


def _stages(result: Result) -> Iterator[Fact]:
    currency = result.spec.currency
    for index, stage in enumerate(result.spec.stages):
        name = "then" if index else "objective"
        allowing = f" allowing {share(stage.allowing)}" if stage.allowing else ""
        shown = f"{stage.sense} {printable(stage.text, 200)}{allowing}"
        if index >= len(result.stages):
            yield Fact(name, shown, ", not reached")
            continue
        reached, unit = result.stages[index], symbol(stage.dimension, currency)
        notes = []
        if reached.rounds:
            notes.append(f", in {plural(reached.rounds, 'round')}")
        if reached.status is not Status.OPTIMAL and not reached.gap <= 1e-9:
            bound = quantity(reached.bound, unit, currency) if math.isfinite(reached.bound) else "unknown"
            notes.append(f", bound {bound}")
        last = final_value(stage, result)
        if last is not None and abs(last - reached.known_value) > 1e-4 * max(abs(reached.value), 1e-3):
            notes.append(f", {quantity(last, unit, currency)} after later stages")
        yield Fact(name, f"{shown}: {quantity(reached.known_value, unit, currency)}", "".join(notes))
