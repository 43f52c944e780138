"""What happens in a step: who charges with how much, which limits are full and what they cost, who waits.

| fact | what it holds |
|---|---|
| `step` | its begin and end, what the connection takes or gives, and each device |
| `day_rank` | price and CO2 among the steps of the day |
| `charging_now`, `giving_now` | who charges or gives back, the largest power first |
| `full` | limits of one setting that are full, and what one more of it is worth in this step (tested) |
| `room` | what is free at a limit that is not |
| `ports_now` | how many ports are held, and how many are out of order |
| `waiting` | who is there, takes nothing, and charges later, or lacks energy in the end |
| `call_now` | of an event with money that is on what may be drawn, and what more and less is worth |
| `cohort_now` | of a cohort who is in need, and who charges |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from evdsl.language.units import MONEY_PER_ENERGY, symbol
from evdsl.model.outages import ports_in_order
from evdsl.optimization.inquiry.course import NOTHING
from evdsl.optimization.inquiry.fact import Fact, Moment, Quantity, Value
from evdsl.optimization.inquiry.limits import (
    CONNECTION,
    EVENT,
    EXPORT,
    FEEDER,
    SiteLimit,
    can_be_eased,
    eased,
    site_limits,
)
from evdsl.optimization.inquiry.ranks import at_step
from evdsl.optimization.inquiry.trial import Demand, Trial
from evdsl.optimization.result import Result
from evdsl.optimization.rounding import unmet_of
from evdsl.optimization.shortfall.flow import flow_of

NOTICED = 0.005
"""kWh: what is less than this is no energy to an operator."""
Notify = Callable[[str], None]


def moment_facts(
    result: Result, step: int, trial: Trial | None = None, notify: Notify = lambda _: None
) -> tuple[Fact, ...]:
    """The facts of a step; without a `trial` nothing is solved again."""
    return (
        _step(result, step),
        *at_step(result.spec, result.data, step),
        *_vehicles(result, step),
        *_limits(result, step, trial, notify),
        *_ports(result, step),
        *_calls(result, step),
        *_cohorts(result, step),
    )


def _step(result: Result, step: int) -> Fact:
    spec, schedule = result.spec, result.schedule
    assert schedule is not None, "there is nothing to ask about"

    def at(name: str) -> Quantity:
        return Quantity(float(schedule[name].values[step]), "kW")

    devices: list[dict[str, Value]] = [
        {"name": device.name, "kind": device.kind, "power": at(device.name)}
        for kind in ("solar", "wind", "storage", "load")
        for device in spec.of_kind(kind)
    ]
    return Fact(
        "step",
        {
            "begin": Moment(step * spec.step),
            "end": Moment((step + 1) * spec.step),
            "import": at("import"),
            "export": at("export"),
            "devices": tuple(devices),
        },
    )


def _vehicles(result: Result, step: int) -> Iterator[Fact]:
    spec, data, schedule = result.spec, result.data, result.schedule
    assert schedule is not None
    flow, visits, vehicles = flow_of(data, schedule), data.visits, data.vehicles
    if not len(vehicles):
        return
    here = np.flatnonzero(visits.step == step)
    names = [str(name) for name in schedule["port_name"].values]
    for kind, power in (("charging_now", flow.charge), ("giving_now", flow.discharge)):
        mine = here[power[here] > NOTHING]
        order = mine[np.lexsort((mine, -power[mine]))]
        if not len(order) and kind == "giving_now":
            continue
        rows: list[dict[str, Value]] = [
            {
                "vehicle": vehicles.name[vehicles.first[visits.vehicle[at]]],
                "power": Quantity(float(power[at]), "kW"),
                "port": names[int(flow.port[at])] if flow.port[at] >= 0 else "",
            }
            for at in order
        ]
        total = Quantity(float(power[mine].sum()), "kW")
        yield Fact(kind, {"power": total, "present": len(here), "vehicles": tuple(rows)})
    later = np.zeros(len(vehicles))
    ahead = visits.step > step
    np.add.at(later, vehicles.first[visits.vehicle[ahead]], flow.charge[ahead] * spec.step)
    lacking = vehicles.of_whole(unmet_of(data, schedule))
    idle = here[(flow.charge[here] <= NOTHING) & (flow.discharge[here] <= NOTHING)]
    rows = []
    for at in idle.tolist():
        who = int(vehicles.first[visits.vehicle[at]])
        if later[who] > NOTICED or lacking[who] > NOTICED:
            rows.append(
                {
                    "vehicle": vehicles.name[who],
                    "later": Quantity(float(later[who]), "kWh"),
                    "missing": Quantity(float(lacking[who]), "kWh"),
                    "port": names[int(flow.port[at])] if flow.port[at] >= 0 else "",
                }
            )
    yield Fact("waiting", {"idle": len(idle), "vehicles": tuple(rows)})


def _limits(result: Result, step: int, trial: Trial | None, notify: Notify) -> Iterator[Fact]:
    schedule, spec = result.schedule, result.spec
    assert schedule is not None
    full: dict[tuple[str, str], list[SiteLimit]] = {}
    for limit in site_limits(spec, result.data, schedule):
        if limit.sort == EXPORT and not schedule["export"].values[step] > NOTHING:
            continue
        if limit.full[step]:
            full.setdefault(limit.series, []).append(limit)
        elif limit.sort in (CONNECTION, FEEDER, EXPORT, EVENT) and np.isfinite(limit.most[step]):
            most, free = (
                Quantity(float(value), limit.unit)
                for value in (limit.most[step], limit.most[step] - limit.size[step])
            )
            yield Fact("room", {"limit": limit.name, "most": most, "room": free})
    for limits in full.values():
        worth = _worth(result, limits, step, trial, notify)
        most = Quantity(float(limits[0].most[step]), limits[0].unit)
        names = tuple(limit.name for limit in limits)
        yield Fact("full", {"limits": names, "most": most, **worth}, tested=bool(worth))


def _worth(
    result: Result, limits: Sequence[SiteLimit], step: int, trial: Trial | None, notify: Notify
) -> dict[str, Value]:
    """What one more of some limits that are one series is worth in a step."""
    if trial is None or not trial.can_ask or not can_be_eased(result.data, limits):
        return {}
    limit = limits[0]
    notify(f"easing {limit.name}")
    series = eased(result.data, limits, step, limit.kilowatts)
    change = trial.change(Demand(), Demand(series=series))
    if change is None or change.amount is None:
        return {}
    stage = result.spec.stages[change.stage]
    return {
        "by": Quantity(1.0, limit.unit),
        "better": Quantity(0.0 - change.amount, symbol(stage.dimension, result.spec.currency)),
        "objective": f"{stage.sense} {stage.text}",
        "ports_anew": change.anew,
    }


def _ports(result: Result, step: int) -> Iterator[Fact]:
    schedule = result.schedule
    assert schedule is not None
    count = len(schedule["port_name"].values)
    if count:
        flow = flow_of(result.data, schedule)
        here = result.data.visits.step == step
        held = len(np.unique(flow.port[here & (flow.port >= 0)]))
        told: dict[str, Value] = {"held": held, "ports": count}
        out = count - int(ports_in_order(result.spec, result.data)[step])
        yield Fact("ports_now", told | ({"out_of_order": out} if out else {}))


def _calls(result: Result, step: int) -> Iterator[Fact]:
    spec, data = result.spec, result.data
    for event in spec.of_kind("event"):
        is_paid = event.get("penalty") is not None or event.get("reward") is not None
        if not (is_paid and data.events[event.name].share[step] > 0):
            continue  # of one without money its limit is told
        told: dict[str, Value] = {
            "event": event.name,
            "most": Quantity(float(data.most_drawn(event)[step]), "kW"),
        }
        for name in ("penalty", "reward"):
            if event.get(name) is not None:
                told[name] = Quantity(event.number(name), symbol(MONEY_PER_ENERGY, spec.currency))
        if event.get("reward") is not None:
            told["baseline"] = Quantity(float(data.baseline(event)[step]), "kW")
        yield Fact("call_now", told)


def _cohorts(result: Result, step: int) -> Iterator[Fact]:
    schedule = result.schedule
    assert schedule is not None
    for device in result.spec.of_kind("cohort"):
        last = int(device.number("classes"))
        charging = sum(float(schedule[f"{device.name}.charging.{i + 1}"].values[step]) for i in range(last))
        yield Fact(
            "cohort_now",
            {
                "cohort": device.name,
                "waiting": float(schedule[f"{device.name}.waiting"].values[step]),
                "charging": charging,
                "power": Quantity(float(schedule[device.name].values[step]), "kW"),
            },
        )
