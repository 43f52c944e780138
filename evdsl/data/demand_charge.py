"""A tariff's file may have a demand charge, which only counts where the `grid` has the setting."""

from __future__ import annotations

from datetime import timedelta

from evdsl.data import tariffs
from evdsl.data.timeline import Timeline
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.objectives import word
from evdsl.language.spec import Spec
from evdsl.language.values import FileTariff, leaves


def left_out(spec: Spec, timeline: Timeline) -> list[Diagnostic]:
    """W109 where the price has a charge on a day of the horizon, and an objective weighs the demand cost."""
    grid = spec.only("grid")
    price = grid.get("price") if grid is not None else None
    if grid is None or price is None or "demand_charge" in grid.given or not _is_weighed(spec):
        return []
    last = timeline.local(timeline.horizon - 1e-6).date()
    days = [timeline.first_day + timedelta(days=n) for n in range((last - timeline.first_day).days + 1)]
    for leaf in leaves(price):
        tariff = tariffs.read(leaf.path, leaf.shown, leaf.span) if isinstance(leaf, FileTariff) else None
        if not isinstance(leaf, FileTariff) or not isinstance(tariff, tariffs.Tariff):
            continue
        charge = max(tariff.demand_charge_on(day) for day in days)
        if charge > 0.0:
            message = f'"{leaf.shown}" has a demand charge, and the `grid` has none: the peak costs nothing'
            help = (
                f"write `demand_charge = {charge:g} {spec.currency}/kW` in the `grid`, or 0 to leave it out"
            )
            return [Diagnostic("W109", message, leaf.span, "", help)]
    return []


def _is_weighed(spec: Spec) -> bool:
    stages = (*spec.stages, *((spec.pareto.first, spec.pareto.second) if spec.pareto is not None else ()))
    weighed = [name for stage in stages for name, weight in stage.weights.items() if weight]
    return any(name == "demand_cost" or "demand_cost" in _parts(name) for name in weighed)


def _parts(name: str) -> frozenset[str]:
    declared = word(name)
    return frozenset(declared.parts) if declared is not None else frozenset()
