"""Values of single settings that are chosen with what the checks know, so that most specs are not refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

from evdsl.language.declaration import VEHICLE, Setting
from evdsl.syntax import ast
from evdsl.testing.generate import nodes
from evdsl.testing.generate.trips import comes_back, lasts, leaves
from evdsl.testing.generate.values import STATES, SiteDraft, moment, offsets, value_of

Care = Callable[[Setting, SiteDraft], st.SearchStrategy[ast.Expression]]


def _departures(_: Setting, site: SiteDraft) -> st.SearchStrategy[ast.Expression]:
    latest = st.sampled_from(
        [site.steps, site.steps + 1, site.steps if site.travels else (site.steps + 1) // 2]
    )
    later = latest.map(lambda step: step * site.minutes * 60)
    return later.map(lambda seconds: moment(seconds, site))


def _arrivals(_: Setting, site: SiteDraft) -> st.SearchStrategy[ast.Expression]:
    if site.travels:  # most trips fit into a stay that is long
        return st.sampled_from([0, 0, 0, site.minutes * 20]).map(lambda seconds: moment(seconds, site))
    return st.one_of(st.just(0), offsets(site)).map(lambda seconds: moment(seconds, site))


def _some(*values: ast.Expression) -> Care:
    return lambda _, __: st.sampled_from(values)


def _numbers(unit: str, *values: float) -> Care:
    return _some(*(nodes.number(value, unit) for value in values))


def _lists(one: ast.Expression, *several: Sequence[float]) -> Care:
    return _some(one, *(nodes.items(map(nodes.number, each)) for each in several))


def _powers(in_amperes: Sequence[float], *kilowatts: float) -> Care:
    return _some(
        *(nodes.number(value, "kW") for value in kilowatts), *(nodes.number(a, "A") for a in in_amperes)
    )


def _shares(*ends: tuple[float, float]) -> Care:
    return _some(*(nodes.span_of(nodes.number(a, "%"), nodes.number(b, "%")) for a, b in ends))


def _stays(setting: Setting, site: SiteDraft) -> st.SearchStrategy[ast.Expression]:
    if site.travels:
        return st.just(nodes.number((site.steps + 1) * site.minutes, "min"))
    if not site.even:
        return value_of(setting, site)
    return st.integers(1, site.steps).map(lambda steps: nodes.number(steps * site.minutes, "min"))


def _sold(setting: Setting, site: SiteDraft) -> st.SearchStrategy[ast.Expression]:
    dear = st.sampled_from([(0.5, "EUR/kWh"), (300, "EUR/MWh"), (0.7, "EUR/kWh")])
    return dear.map(lambda one: nodes.number(*one)) if site.pays else value_of(setting, site)


def _bought(setting: Setting, site: SiteDraft) -> st.SearchStrategy[ast.Expression]:
    cheap = st.sampled_from([(0.2, "EUR/kWh"), (0.1, "EUR/kWh"), (3, "ct/kWh")])
    either = st.one_of(cheap.map(lambda one: nodes.number(*one)), value_of(setting, site))
    return either if site.pays else value_of(setting, site)


def _intervals(_: Setting, site: SiteDraft) -> st.SearchStrategy[ast.Expression]:
    whole = [site.minutes * n for n in (1, 2, 3, 4)]
    fitting = [m for m in whole if 60 % m == 0 or (m % 60 == 0 and 1440 % m == 0)]
    return st.sampled_from([*fitting, 5]).map(lambda minutes: nodes.number(minutes, "min"))


def _windows(_: Setting, site: SiteDraft) -> st.SearchStrategy[ast.Expression]:
    """From one time of day of the horizon to another, and sometimes a second."""
    first = site.start.hour * 3600 + site.start.minute * 60
    third = st.integers(0, site.steps * 3).map(lambda part: (first + part * site.minutes * 20) % 86400)
    pair = st.lists(third, min_size=2, max_size=2, unique=True)
    window = pair.map(lambda ends: nodes.span_of(nodes.clock(ends[0]), nodes.clock(ends[1])))
    return st.one_of(window, st.lists(window, min_size=1, max_size=2).map(nodes.items))


def _call_begins(_: Setting, site: SiteDraft) -> st.SearchStrategy[ast.Expression]:
    """A time of day of the horizon, on a third of a step."""
    first = site.start.hour * 3600 + site.start.minute * 60
    return st.integers(0, site.steps * 3 - 1).map(
        lambda part: nodes.clock((first + part * site.minutes * 20) % 86400)
    )


def _call_ends(_: Setting, site: SiteDraft) -> st.SearchStrategy[ast.Expression]:
    """One between these, which is no begin, or on one."""
    first = site.start.hour * 3600 + site.start.minute * 60
    middle = st.integers(0, site.steps * 3).map(lambda part: part * site.minutes * 20 + site.minutes * 10)
    edge = st.integers(1, site.steps).map(lambda step: step * site.minutes * 60)
    return st.one_of(middle, middle, edge).map(lambda seconds: nodes.clock((first + seconds) % 86400))


CARE: dict[tuple[str, str], Care] = {
    (VEHICLE, "arrival"): _arrivals,
    (VEHICLE, "departure"): _departures,
    (VEHICLE, "stay"): _stays,
    ("trip", "departure"): leaves,
    ("trip", "arrival"): comes_back,
    ("trip", "duration"): lasts,
    ("trip", "used"): _numbers("kWh", 2, 1, 4, 0, 7.3),
    ("class", "elsewhere"): _numbers("EUR/kWh", 0.6, 0.3, 0.05, 0),
    ("grid", "feed_in"): _sold,
    ("grid", "price"): _bought,
    ("event", "from"): _call_begins,
    ("event", "to"): _call_ends,
    ("event", "lasts"): lambda _, site: st.sampled_from([20, 60, 90, 120, 45]).map(
        lambda part: nodes.number(part * site.minutes / 60, "min")
    ),
    ("event", "limit"): _numbers("kW", 4, 2, 7.3, 1, 12),
    ("event", "reduce"): _numbers("kW", 2, 1, 4, 0, 7.3),
    ("event", "baseline"): _numbers("kW", 7.3, 11, 4, 3, 0),
    ("event", "reward"): _numbers("EUR/kWh", 0.1, 0.4, 0.05, 0),
    ("event", "penalty"): _numbers("EUR/kWh", 0.2, 0.5, 2, 0.05),
    ("demand_charge", "interval"): _intervals,
    ("demand_charge", "window"): _windows,
    ("demand_charge", "price"): _numbers("EUR/kW", 2, 0.1, 0, 0.5),
    ("demand_charge", "reached"): _numbers("kW", 3, 0, 1, 7.3),
    ("fleet", "count"): _some(
        nodes.number(1),
        nodes.number(2),
        nodes.number(0),
        *map(
            nodes.expression,
            ("poisson(1)", "choice([0, 2])", "round(choice([0.5, 1.5]))", "max(1, round(normal(1, 1)))"),
        ),
    ),
    ("cohort", "classes"): _numbers("", STATES - 1),
    ("cohort", "spread"): _lists(nodes.number(1), (0, 1, 2), (1, 0, 1)),
    ("cohort", "initial"): _lists(nodes.number(2), (0, 2, 1), (0, 0, 3)),
    ("cohort", "dissatisfaction"): _some(
        nodes.number(1, "kWh"),
        *(nodes.items(nodes.number(e, "kWh") for e in each) for each in ((0, 1, 3), (0, 2, 0.5), (0, 1, 1))),
    ),
    ("cohort", "power"): _numbers("kW", 1, 2),
    ("port", "power"): _powers([32], 7, 11, 4.5, 3),
    ("port", "discharge"): _powers([10], 7, 3, 11, 0),
    ("port", "min_power"): _powers([2], 2, 0, 2.5),
    ("port", "rates"): _some(
        nodes.items([nodes.number(3, "kW")]),
        nodes.items([nodes.number(2.5, "kW"), nodes.number(3, "kW")]),
    ),
    ("class", "rates"): _some(
        *(nodes.items(nodes.number(rate, "kW") for rate in rates) for rates in ((3,), (2.5, 3), (1, 2, 3)))
    ),
    ("class", "discharge_rates"): _some(nodes.items([nodes.number(3, "kW")])),
    ("class", "charge"): _powers([16], 7, 3, 11, 4.5),
    ("class", "discharge"): _powers([10], 7, 4.5, 11, 0),
    ("class", "efficiency"): _numbers("%", 90, 80, 95, 50),
    ("storage", "efficiency"): _numbers("%", 90, 50),
    ("class", "battery"): _numbers("kWh", 10, 4, 20, 7.3),
    ("class", "soc"): _shares((0, 100), (10, 90), (10, 95), (0, 90), (5, 100), (50, 50)),
    ("storage", "soc"): _shares((0, 100), (10, 90), (50, 50)),
    ("class", "outside"): _some(nodes.name("widen"), nodes.name("widen"), nodes.name("refuse")),
    ("storage", "outside"): _some(nodes.name("widen"), nodes.name("widen"), nodes.name("refuse")),
    ("storage", "soc_initial"): _some(
        nodes.number(50, "%"),
        nodes.span_of(nodes.number(40, "%"), nodes.number(60, "%")),
        nodes.span_of(nodes.number(20, "%"), nodes.number(80, "%")),
    ),
    ("storage", "soc_final"): _some(
        *(nodes.number(share, "%") for share in (50, 33.3, 10)),
        *(nodes.span_of(nodes.number(a, "%"), nodes.number(b, "%")) for a, b in ((30, 50), (50, 60))),
    ),
    ("storage", "min_power"): _numbers("kW", 1, 2, 0, 3),
    ("storage", "charge_efficiency"): _numbers("%", 80, 100),
    ("storage", "discharge_efficiency"): _numbers("%", 90, 50),
    ("storage", "leakage"): _some(
        nodes.number(1, "%/h"), nodes.number(0.1, "%/h"), nodes.number(50, "%/h"), nodes.number(0, "%/h")
    ),
    (VEHICLE, "soc_arrival"): _numbers("%", 50, 33.3, 10),
    (VEHICLE, "soc_target"): _numbers("%", 50, 80, 90),
}
"""Settings whose values most often have a meaning where they are chosen with what the checks know."""

RANGES: dict[tuple[str, str], Care] = {
    ("storage", "soc_initial"): _shares((40, 60), (20, 80), (50, 90)),
}
"""Ranges of settings that may be chosen, where that is sought."""
