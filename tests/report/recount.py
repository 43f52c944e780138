"""The numbers of the sentences beneath figures, counted anew: in loops, from the document and the schedule.

Nothing of `evdsl.report.figures` is used, and what is told of figures is added up step by step.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from evdsl.language.values import constants
from evdsl.optimization.comparison import Comparison, RuleResult
from evdsl.optimization.result import Result
from evdsl.report.run.document import document

Numbers = dict[str, float]
NOTHING = 1e-6


@dataclass
class Count:
    """One run, and what its sentences say; each kind has a list, since a figure may say a thing twice."""

    result: Result
    comparison: Comparison | None
    rule: RuleResult | None
    found: dict[str, list[Numbers]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert self.result.schedule is not None
        self.step = self.result.spec.step
        self.steps = range(self.result.spec.steps)
        self.record: dict[str, Any] = document(self.result)
        self.site: list[dict[str, float]] = self.record["site"]
        self.vehicles = self.result.data.vehicles
        self.first = [int(at) for at in self.vehicles.first]
        self.rows = [
            self.plan(self.result.schedule, name) for name in ("charge", "discharge", "port", "energy")
        ]

    def plan(self, schedule: Any, name: str) -> dict[tuple[int, int], float]:
        """A variable by stay and step, of those that are there."""
        visits, values = self.result.data.visits, schedule[name].values
        pairs = list(zip(visits.vehicle.tolist(), visits.step.tolist(), strict=True))
        if schedule[name].dims == ("visit",):
            return dict(zip(pairs, values.tolist(), strict=True))
        return {(v, t): float(values[v][t]) for v, t in pairs}

    def course(self, name: str, schedule: Any = None) -> list[float]:
        """A course over time, zero where there is none."""
        of = self.result.schedule if schedule is None else schedule
        return [float(x) for x in of[name].values] if name in of else [0.0] * len(self.steps)

    def grid(self, setting: str) -> list[float] | None:
        """A series of the grid."""
        if setting not in self.site[0]:
            return None
        return [row[setting] for row in self.site]

    def ports_in_order(self) -> list[float]:
        """How many ports are in order in each step, of all blocks."""
        total = [0.0] * len(self.steps)
        for block in self.result.spec.of_kind("port"):
            told = self.result.data.series.get((f"port {block.name}", "count"))
            for t in self.steps:
                total[t] += block.number("count", 1) if told is None else float(told[t])
        return total

    def presence(self) -> list[float]:
        """How many vehicles are there, by the share of each step."""
        found = [0.0] * len(self.steps)
        for begin, end in zip(self.vehicles.begin.tolist(), self.vehicles.end.tolist(), strict=True):
            for t in self.steps:
                there = min(end, (t + 1) * self.step) - max(begin, t * self.step)
                if there > 1e-9:
                    found[t] += there / self.step
        return found

    def say(self, kind: str, **values: float) -> None:
        self.found.setdefault(kind, []).append(values)

    def longest(self, there: list[bool]) -> tuple[float, float]:
        """The longest stretch, the first of equals."""
        best, begin = (0, 0), 0
        for t in [*self.steps, len(self.steps)]:
            if t == len(self.steps) or not there[t]:
                if t - begin > best[1] - best[0]:
                    best = (begin, t)
                begin = t + 1
        return best[0] * self.step, best[1] * self.step


def recount(
    result: Result, comparison: Comparison | None, rule: RuleResult | None
) -> dict[str, list[Numbers]]:
    """By kind what every sentence that may be told of a run is made of."""
    one = Count(result, comparison, rule)
    for part in (_connection, _prices, _rule, _ports, _blocks, _cost, _by_vehicle, _there, _asked):
        part(one)
    for part in (_cohorts, _charge, _devices, _limits, _duration):
        part(one)
    return one.found


def _at(flow: list[float], limit: list[float]) -> list[bool]:
    return [f >= x * (1 - 1e-4) - 1e-9 and (x > 0 or f > 0) for f, x in zip(flow, limit, strict=True)]


def _connection(one: Count) -> None:
    flow = one.course("import")
    total, most = sum(flow) * one.step, max(flow)
    if most <= NOTHING:
        one.say("peak_when", imported=0.0)
        return
    at = next(t for t in one.steps if flow[t] >= most * (1 - 1e-4))
    one.say("peak_when", imported=total, peak=most, at=at * one.step)
    limit = one.grid("import_limit")
    if limit is not None:
        full = _at(flow, limit)
        begin, end = one.longest(full)
        one.say("at_limit", hours=sum(full) * one.step, begin=begin, end=end)
        near = max((f / x for f, x in zip(flow, limit, strict=True) if x > 0), default=0.0)
        one.say("never_reached", nearest=near, limit=max(limit))
    price = one.grid("price")
    if price is not None:
        there = one.presence()
        one.say("mean_price_paid", paid=_mean(price, flow), while_there=_mean(price, there))


def _mean(values: list[float], weights: list[float]) -> float:
    total = math.fsum(weights)
    return math.fsum(v * w for v, w in zip(values, weights, strict=True)) / total if total > 0 else math.nan


def _prices(one: Count) -> None:
    price, carbon, flow, there = one.grid("price"), one.grid("carbon"), one.course("import"), one.presence()
    if price is not None:
        low = min(price)
        begin, end = one.longest([p <= low for p in price])
        one.say("lowest_price", low=low, high=max(price), begin=begin, end=end)
        seen = sorted(price[t] for t in one.steps if there[t] > 0)
        if seen and sum(flow) > 0:
            different = len(set(seen))
            most = seen[0] if different <= 8 else seen[(len(seen) - 1) // 4]
            cheap = [t for t in one.steps if there[t] > 0 and price[t] <= most]
            part = sum(flow[t] for t in cheap) / sum(flow)
            one.say("cheap_hours_used", hours=len(cheap) * one.step, price=most, share=part, prices=different)
    if carbon is not None and sum(flow) > 0:
        grams = 1000 * _mean(carbon, flow)
        one.say("carbon_of_imports", emitted=grams, while_there=1000 * _mean(carbon, there))


def _rule(one: Count) -> None:
    if one.rule is None or one.comparison is None:
        return
    stage, other = one.comparison.stage, one.rule.schedule
    values = [
        stage.constant + sum(w * terms[name] for name, w in stage.weights.items())
        for terms in (one.result.terms, one.rule.terms)
        if set(stage.weights) <= set(terms)
    ]
    if len(values) == 2:
        gain = values[1] - values[0] if stage.sense == "minimize" else values[0] - values[1]
        part = abs(gain) / abs(values[1]) if values[1] else math.nan
        one.say("against_rule", optimum=values[0], rule=values[1], gain=gain, share=part)
    nets = [
        [i - e for i, e in zip(one.course("import", of), one.course("export", of), strict=True)]
        for of in (None, other)
    ]
    apart = [best - ruled for best, ruled in zip(*nets, strict=True)]
    moved = min(sum(max(d, 0.0) for d in apart), sum(max(-d, 0.0) for d in apart)) * one.step
    out, into = _hours(one, [-d for d in apart]), _hours(one, apart)
    one.say("moved_from", moved=moved, out_begin=out[0], out_end=out[1], in_begin=into[0], in_end=into[1])
    one.say("peaks", optimum=max(*nets[0], 0.0), rule=max(*nets[1], 0.0))


def _hours(one: Count, less: list[float]) -> tuple[float, float]:
    """The stretch of whole hours that adds up to most."""
    per = max(round(1 / one.step), 1)
    sums = [sum(less[t : t + per]) * one.step for t in range(0, len(less), per)]
    floor = 1e-3 * max(max(abs(s) for s in sums), NOTHING)
    best, worth, begin = (0, 0), 0.0, None
    for at, value in enumerate([*sums, 0.0]):
        if value > floor:
            begin = at if begin is None else begin
        elif begin is not None:
            if sum(sums[begin:at]) > worth:
                best, worth = (begin, at), sum(sums[begin:at])
            begin = None
    ends = [min(at * per, len(less)) * one.step for at in best]
    return ends[0], ends[1]


def _ports(one: Count) -> None:
    charge, discharge, port, _ = one.rows
    held: dict[int, set[float]] = {t: set() for t in one.steps}
    busy: dict[int, set[float]] = {t: set() for t in one.steps}
    for key, number in port.items():
        if number >= 0:
            held[key[1]].add(number)
            if charge[key] > NOTHING or discharge[key] > NOTHING:
                busy[key[1]].add(number)
    counts = [len(held[t]) for t in one.steps]
    hours, flows = sum(counts) * one.step, sum(len(b) for b in busy.values()) * one.step
    if hours:
        in_order = one.ports_in_order()
        ports = one.result.schedule.sizes["port_name"] if one.result.schedule is not None else 0
        out = [ports - number for number in in_order]
        lost = sum(out) * one.step
        first = out.index(max(out)) * one.step
        one.say("ports_out_of_order", most=max(out), ports=ports, at=first, hours=lost)
        one.say("ports_held", most=max(counts), ports=ports, at=counts.index(max(counts)) * one.step)
        one.say("ports_busy", held=hours, busy=flows, share=flows / hours)


def _blocks(one: Count) -> None:
    spec, sums = one.result.spec, {}
    for at, device in enumerate(spec.devices):
        if device.kind in ("load", "cohort"):
            sums[device.name] = sum(one.course(device.name))
        elif device.kind == "storage":
            sums[f"into {device.name}"] = sum(one.course(f"{device.name}.charge"))
        elif device.kind in ("fleet", "vehicle", "sessions"):
            sums[device.name] = sum(p for (v, _), p in one.rows[0].items() if one.vehicles.owner[v] == at)
    total = sum(sums.values()) * one.step
    if total > 0:
        most = max(sums.values()) * one.step
        one.say("largest_taker", most=most, total=total, share=most / total)
        load = sum(sums[d.name] for d in spec.of_kind("load")) * one.step
        one.say("fixed_load", load=load, share=load / total)


def _cost(one: Count) -> None:
    terms = one.result.terms
    if "cost" not in terms:
        return
    spent = ("energy_cost", "demand_cost", "wear", "elsewhere_cost", "event_penalty", "initial_cost")
    earned = ("export_revenue", "end_value", "event_revenue")
    parts = {
        name: -terms[name] if name in earned else terms[name]
        for name in (*spent, *earned)
        if abs(terms.get(name, 0.0)) > 0.005
    }
    one.say("cost", cost=terms["cost"], **parts)
    allowed = [r for r in one.comparison.ruled if r.verdict.ok] if one.comparison else []
    if allowed:
        least = min(allowed, key=lambda r: r.terms["cost"]).terms
        values = {"apart": least["cost"] - terms["cost"], "rule": least["cost"]}
        unmet = {"unmet_rule": least.get("unmet", 0.0), "unmet": terms.get("unmet", 0.0)}
        one.say("cheapest_rule", **values, **unmet)
    if one.comparison:
        one.say("not_allowed", count=len(one.comparison.ruled) - len(allowed))


def _by_vehicle(one: Count) -> None:
    price = one.grid("price")
    firsts = sorted(set(one.first))
    if price is None or not firsts:
        return
    schedules = [one.result.schedule, *([one.rule.schedule] if one.rule else [])]
    runs = [_paid(one, schedule, price, firsts) for schedule in schedules]
    one.say("who_paid", mean=sum(runs[0].values()) / len(firsts), most=max(runs[0].values()))
    if len(runs) > 1:
        less = [runs[1][v] - runs[0][v] for v in firsts]
        mean = sum(runs[1].values()) / len(firsts)
        cheaper, dearer = sum(d > 0.005 for d in less), sum(d < -0.005 for d in less)
        one.say("who_pays_less", mean=mean, cheaper=cheaper, dearer=dearer, count=len(firsts))


def _paid(one: Count, schedule: Any, price: list[float], firsts: list[int]) -> dict[int, float]:
    """By vehicle its part of the import that is paid, less its part of the export that earns."""
    spec, port = one.result.spec, one.plan(schedule, "port")
    most = {block.name: int(max(constants(block.settings["count"]))) for block in spec.of_kind("port")}
    blocks = [block for block in spec.of_kind("port") for _ in range(most[block.name])]
    kept = [*(block.number("efficiency") for block in blocks), 1.0]
    charge, discharge = one.plan(schedule, "charge"), one.plan(schedule, "discharge")
    given = [0.0] * len(one.steps)
    for kind, ending in (("solar", ""), ("wind", ""), ("storage", ".discharge")):
        for device in spec.of_kind(kind):
            given = [g + x for g, x in zip(given, one.course(device.name + ending, schedule), strict=True)]
    for (v, t), power in discharge.items():
        given[t] += power * kept[int(port[v, t])]
    come, gone = one.course("import", schedule), one.course("export", schedule)
    feed_in = one.grid("feed_in") or [0.0] * len(one.steps)
    paid = dict.fromkeys(firsts, 0.0)
    for (v, t), power in charge.items():
        # What is taken on a site is what comes into it and what is given on it, less what goes out.
        taken = come[t] + given[t] - gone[t]
        if power > 0 and taken > 0:
            paid[one.first[v]] += power / kept[int(port[v, t])] / taken * come[t] * price[t] * one.step
    for (v, t), power in discharge.items():
        if power > 0:
            part = power * kept[int(port[v, t])] / given[t]
            paid[one.first[v]] -= part * gone[t] * feed_in[t] * one.step
    return paid


def _there(one: Count) -> None:
    charge, discharge, _, _ = one.rows
    presence, spec = one.presence(), one.result.spec
    share: dict[tuple[int, int], float] = {}
    for v, t in charge:
        begin, end = one.vehicles.begin[v], one.vehicles.end[v]
        share[v, t] = (min(end, (t + 1) * one.step) - max(begin, t * one.step)) / one.step
    busy = [0.0] * len(one.steps)
    charging = 0.0
    for (v, t), power in charge.items():
        if power > NOTHING:
            busy[t] += share[v, t]
        if power - discharge.get((v, t), 0.0) > NOTHING:
            charging += share[v, t]
    count = len(set(one.first))
    if count and sum(presence) > 0:
        there = sum(presence)
        part = charging / there
        one.say("presence", count=count, hours=there * one.step / count, share=part)
    given = {one.first[v]: 0.0 for (v, _), p in discharge.items() if p - charge[v, _] > NOTHING}
    back = sum(p - charge[key] for key, p in discharge.items() if p - charge[key] > NOTHING) * one.step
    one.say("v2g", givers=len(given), discharged=back)
    for cohort in spec.of_kind("cohort"):
        for state in range(len(one.result.data.cohorts[cohort.name])):
            for t, value in enumerate(one.course(f"{cohort.name}.count.{state}")):
                presence[t] += value
            for t, value in enumerate(one.course(f"{cohort.name}.charging.{state}")):
                busy[t] += value
    for kind, values in (("occupancy_peak", presence), ("charging_peak", busy)):
        at = next(t for t in one.steps if values[t] >= max(values) * (1 - 1e-9))
        one.say(kind, most=max(values), at=at * one.step)
    over = [value > number + 1e-9 for value, number in zip(presence, one.ports_in_order(), strict=True)]
    begin, end = one.longest(over)
    one.say("more_than_ports", hours=sum(over) * one.step, begin=begin, end=end)
    _come_and_go(one)


def _come_and_go(one: Count) -> None:
    """By the hours of the wall clock, found by walking along it in minutes."""
    timeline = one.result.data.timeline
    horizon = timeline.horizon
    edges, minute = [0.0], 1
    offset = timeline.local(0.0).minute
    while minute < round(horizon * 60):
        before, now = timeline.local((minute - 1) / 60), timeline.local(minute / 60)
        jump = (now - before).total_seconds() != 60
        if (offset + minute) % 60 == 0 or jump:
            edges.append(minute / 60)
        minute += 1
    edges.append(horizon)
    cohorts = [
        one.result.data.cohorts[c.name].sum(axis=0).tolist() for c in one.result.spec.of_kind("cohort")
    ]
    for kind, times in (("arrivals_peak", one.vehicles.arrival), ("departures_peak", one.vehicles.departure)):
        counts = [0.0] * (len(edges) - 1)
        points = [(float(at), 1.0) for at in times if 1e-9 < at < horizon - 1e-9]
        if kind == "arrivals_peak":
            points += [(t * one.step + 1e-9, each[t]) for each in cohorts for t in one.steps]
        for at, weight in points:
            counts[max(n for n, edge in enumerate(edges[:-1]) if at >= edge)] += weight
        rates = [c / (edges[n + 1] - edges[n]) for n, c in enumerate(counts)]
        at = max(range(len(rates)), key=lambda n: (round(rates[n], 9), -n))
        one.say(kind, count=counts[at], total=sum(counts), begin=edges[at], end=edges[at + 1])


def _asked(one: Count) -> None:
    rows = [v for v in one.record["vehicles"] if v["demand"] > 0]
    if not rows:
        return
    asked, missing = sum(v["demand"] for v in rows), sum(min(v["unmet"], v["demand"]) for v in rows)
    one.say("all_served", asked=asked, count=len(rows))
    short = sum(v["unmet"] > 0.005 for v in rows)
    one.say("short", asked=asked, missing=missing, share=missing / asked, short=short, count=len(rows))
    shares = [v["satisfaction"] for v in rows]
    one.say("fairness", worst=min(shares), jain=one.record["jain"], gini=one.record["gini"])


def _cohorts(one: Count) -> None:
    for cohort in one.result.spec.of_kind("cohort"):
        states = range(1, len(one.result.data.cohorts[cohort.name]))
        need = [sum(x) for x in zip(*(one.course(f"{cohort.name}.count.{s}") for s in states), strict=True)]
        at = need.index(max(need)) * one.step
        one.say("cohort_waiting", mean=sum(need) / len(need), most=max(need), at=at)
        busy = {s: sum(one.course(f"{cohort.name}.charging.{s}")) for s in states}
        if sum(busy.values()) > 0 and len(states) > 1:
            state = max(busy, key=lambda s: busy[s])
            taken = sum(one.course(cohort.name)) * one.step
            part = busy[state] / sum(busy.values())
            one.say("dominating_state", energy=taken, state=state, share=part)


def _charge(one: Count) -> None:
    energy, schedule = one.rows[3], one.result.schedule
    assert schedule is not None
    comes, goes, lowest = [], [], math.inf
    for first in sorted(set(one.first)):
        battery = float(one.vehicles.battery[first])
        stays = [v for v, of in enumerate(one.first) if of == first]
        mine = sorted(t for v, t in energy if v == first)
        if math.isnan(battery) or not mine:
            continue
        comes.append(energy[first, mine[0]] / battery)
        goes.append(float(schedule["energy_departure"].values[stays[-1]]) / battery)
    for (v, _), kwh in energy.items():
        battery = float(one.vehicles.battery[one.first[v]])
        if not math.isnan(kwh / battery):
            lowest = min(lowest, kwh / battery)
    if comes:
        count = len(comes)
        one.say("soc_gain", count=count, comes=sum(comes) / count, leaves=sum(goes) / count)
        when = [
            t
            for v in range(len(one.first))
            for t in one.steps
            if (v, t) in energy and energy[v, t] / float(one.vehicles.battery[one.first[v]]) <= lowest + 1e-12
        ]
        one.say("soc_lowest", lowest=lowest, at=when[0] * one.step)


def _devices(one: Count) -> None:
    spec, schedule = one.result.spec, one.result.schedule
    assert schedule is not None
    for device in spec.of_kind("storage"):
        takes, gives = (sum(one.course(f"{device.name}.{f}")) * one.step for f in ("charge", "discharge"))
        if takes > NOTHING or gives > NOTHING:
            held = [*one.course(f"{device.name}.energy"), float(schedule[f"{device.name}.energy_end"])]
            size = device.number("capacity")
            one.say("storage_cycle", takes=takes, gives=gives, low=min(held) / size, high=max(held) / size)
    makers = [d for d in spec.devices if d.kind in ("solar", "wind")]
    sums = dict.fromkeys(("used_at_once", "stored", "exported", "curtailed"), 0.0)
    for t in one.steps:
        given = sum(one.course(d.name)[t] for d in makers)
        there = 0.0
        for d in makers:
            power = one.result.data.series.get((d.name, "power"))
            if power is None:
                power = d.number("peak") * one.result.data.series[d.name, "profile"]
            there += float(power[t])
        exported = min(one.course("export")[t], given)
        takes = sum(one.course(f"{d.name}.charge")[t] for d in spec.of_kind("storage"))
        stored = min(takes, given - exported)
        for name, value in zip(
            sums, (given - exported - stored, stored, exported, max(there - given, 0.0)), strict=True
        ):
            sums[name] += value * one.step
    total = sum(sums.values())
    if total > 0.005:
        one.say("solar_use", total=total, **{name: value / total for name, value in sums.items()})


def _limits(one: Count) -> None:
    for device in one.result.spec.of_kind("feeder"):
        flow = [abs(x) for x in one.course(device.name)]
        limit = [float(x) for x in one.result.data.series[device.name, "limit"]]
        full = _at(flow, limit)
        begin, end = one.longest(full)
        at = flow.index(max(flow)) * one.step
        if max(flow) <= NOTHING:
            one.say("feeder_idle", most=0.0)
        else:
            one.say("feeder", most=max(flow), at=at, hours=sum(full) * one.step, begin=begin, end=end)
    nodes = [key.rpartition(".")[0] for key in one.site[0] if key.endswith(".L1")]
    for node in nodes:
        size = {n: [abs(row[f"{node}.{n}"]) for row in one.site] for n in ("L1", "L2", "L3")}
        name = max(size, key=lambda n: max(size[n]))
        most = max(size[name])
        limit = one.result.data.series.get((node, "phase_limit"))
        values: Numbers = {"most": most, "at": size[name].index(most) * one.step}
        if limit is not None:
            hours = [sum(_at(size[n], limit.tolist())) * one.step for n in size]
            near = [x / max(y, NOTHING) for n in size for x, y in zip(size[n], limit.tolist(), strict=True)]
            values |= {"hours": max(hours), "near": max(near)}
        if most >= 0.05:
            one.say("phases", **values)


def _duration(one: Count) -> None:
    for kind, of in (("duration", None), ("duration_of_rule", one.rule)):
        flow = one.course("import", of.schedule if of else None)
        most = max(flow)
        near, hours = (sum(f >= low for f in flow) * one.step for low in (0.9 * most, NOTHING))
        one.say(kind, most=most, near=near, hours=hours)
