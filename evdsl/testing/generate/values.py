"""A value for a setting, from its declaration alone: shape, dimension, range, choices, what it refers to.

Values are the ones that matter: zero, the ends of the range, equal ones, prices below zero and far above the
others, a stay of a second. A dimension that no list knows takes the example of the setting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from evdsl.language.declaration import Setting, Shape
from evdsl.language.devices.phases import LABELS
from evdsl.language.names import DAY_NAMES, MONTH_NAMES
from evdsl.language.units import (
    CURRENT,
    ENERGY,
    MASS_PER_ENERGY,
    MONEY,
    MONEY_PER_ENERGY,
    MONEY_PER_POWER,
    NUMBER,
    POWER,
    RATE,
    TIME,
    Dimension,
)
from evdsl.language.units import parse as parse_unit
from evdsl.syntax import ast
from evdsl.testing.generate import nodes

Amount = tuple[float, str]

AMOUNTS: dict[Dimension, tuple[Amount, ...]] = {
    MONEY: ((0.5, "EUR"), (3.0, "EUR"), (0.0, "EUR")),
    POWER: ((7, "kW"), (3, "kW"), (11, "kW"), (4.5, "kW"), (2000, "W"), (1, "kW"), (22, "kW"), (0, "kW")),
    ENERGY: ((10, "kWh"), (4, "kWh"), (20, "kWh"), (0.5, "kWh"), (7.3, "kWh"), (0, "kWh"), (1, "Wh")),
    TIME: ((1, "h"), (2, "h"), (45, "min"), (20, "min"), (3.5, "h"), (6, "h"), (5, "min"), (1, "s")),
    NUMBER: ((50, "%"), (90, "%"), (100, "%"), (10, "%"), (0, "%"), (80, "%"), (33.3, "%"), (2, "")),
    MONEY_PER_ENERGY: (
        (0.2, "EUR/kWh"),
        (0.1, "EUR/kWh"),
        (0.5, "EUR/kWh"),
        (0, "EUR/kWh"),
        (3, "ct/kWh"),
        (-0.15, "EUR/kWh"),
        (300, "EUR/MWh"),
        (-1, "ct/kWh"),
    ),
    CURRENT: ((16, "A"), (30, "A"), (63, "A"), (20, "A"), (10, "A"), (0, "A")),
    MONEY_PER_POWER: ((0.1, "EUR/kW"), (0, "EUR/kW"), (2, "EUR/kW")),
    MASS_PER_ENERGY: ((200, "g/kWh"), (0.5, "kg/kWh"), (0, "g/kWh")),
    RATE: ((2, "vehicles/h"), (0, "vehicles/h"), (0.5, "vehicles/h"), (9, "vehicles/h")),
}

EDGES = {0.01: 0.5}
"""The least efficiencies that are allowed turn every kWh into a hundred: one half is as hard a test."""


STATES = 3
"""Of a cohort that is drawn: the full, and two classes."""

CURVES = (
    "{ 0 %: 11 kW, 50 %: 11 kW, 100 %: 1 kW }",
    "{ 0 %: 7 kW, 40 %: 7 kW, 80 %: 3.5 kW, 100 %: 0 kW }",
    "{ 0 %: 2 kW, 30 %: 8 kW, 100 %: 3 kW }",
    "{ 0 %: 5 kW, 100 %: 5 kW }",
    "{ 0 %: 100 kW, 90 %: 100 kW, 100 %: 0 kW }",
)
"""Concave tables by state of charge: falling, to nothing, rising first, level, steep at the end."""


@dataclass(frozen=True, slots=True)
class SiteDraft:
    """What a value may depend on: the clock of the station, and the blocks that there are."""

    start: datetime
    steps: int
    minutes: int
    names: Mapping[str, Sequence[str]]
    zone: str = "UTC"
    even: bool = False
    """Whether series are constant and vehicles stay for whole steps, so that steps may be split."""
    pays: bool = False
    """Whether what is sold earns more than what is bought costs, so that giving back is worth its losses."""
    travels: bool = False
    """Whether vehicles stay for most of the horizon, so that trips fit into their stays."""

    holidays: bool = False
    """Whether the station names holidays."""

    @property
    def horizon(self) -> int:
        """Seconds."""
        return self.steps * self.minutes * 60


def value_of(setting: Setting, site: SiteDraft) -> st.SearchStrategy[ast.Expression]:
    """Any value that the declaration of a setting allows, at this site."""
    match setting.shape:
        case Shape.SERIES:
            return (
                amount(setting)
                if site.even
                else st.one_of(
                    amount(setting),
                    amount(setting),
                    amount(setting),
                    daily(setting, site),
                    daily(setting, site),
                    by_day(setting, site),
                )
            )
        case Shape.DAYS:
            return days(site)
        case Shape.DATES:
            return st.sampled_from(_days_of(site)).map(nodes.date)
        case Shape.RANDOM:
            return amount(setting)
        case Shape.RANGE:
            return ranges(setting)
        case Shape.LEAST:
            return st.one_of(amount(setting), ranges(setting))
        case Shape.CLOCK:
            return instants(site)
        case Shape.INSTANT:
            return st.just(nodes.date(site.start))
        case Shape.COUNT:
            least = max(setting.minimum or 0.0, 0.0)
            return st.sampled_from([1, 2, 3, 0]).filter(lambda n: n >= least).map(nodes.number)
        case Shape.COUNTS:
            one = st.sampled_from([2, 1, 3, 2, 0]).map(nodes.number)
            return one if site.even else st.one_of(one, one, counted_daily(site))
        case Shape.CHOICE:
            known = setting.choices or (setting.example,)
            return st.sampled_from(known).map(nodes.expression)
        case Shape.REFERENCE:
            return st.sampled_from(list(site.names[setting.refers_to])).map(nodes.name)
        case Shape.REFERENCES:
            others = list(site.names[setting.refers_to])
            some = st.lists(st.sampled_from(others), min_size=1, max_size=2, unique=True)
            return some.map(lambda each: nodes.items(nodes.name(one) for one in each))
        case Shape.PHASES:
            some = st.lists(st.sampled_from(LABELS), min_size=1, max_size=3, unique=True)
            listed = some.map(lambda each: nodes.items(nodes.name(one) for one in each))
            whole = [nodes.name(word) for word in setting.choices]
            return st.one_of(listed, st.sampled_from(whole)) if whole else listed
        case Shape.NUMBERS:
            if setting.by_state:
                return st.one_of(amount(setting), by_state([amount(setting)] * STATES))
            several = st.lists(amount(setting), min_size=1, max_size=3)
            return st.one_of(amount(setting), several.map(nodes.items))
        case Shape.SERIES_LIST:
            one = amount(setting) if site.even else st.one_of(amount(setting), daily(setting, site))
            return st.one_of(one, one, by_state([one] * STATES))
        case Shape.CURVE:
            return st.sampled_from(CURVES).map(nodes.expression)
        case Shape.CONSTANT:
            return amount(setting)
    return st.just(nodes.expression(setting.example))


def by_state(values: Sequence[st.SearchStrategy[ast.Expression]]) -> st.SearchStrategy[ast.Expression]:
    """A list with an entry for each state of a cohort."""
    return st.tuples(*values).map(nodes.items)


def can_be_given(setting: Setting, site: SiteDraft) -> bool:
    """Whether there is something that it could refer to."""
    return not setting.refers_to or bool(site.names.get(setting.refers_to))


def amounts(setting: Setting) -> list[Amount]:
    """The amounts of its dimension that lie in its range; the example where there is none."""
    return [one for one in AMOUNTS.get(setting.dimension, ()) if _lies_inside(one, setting)]


def amount(setting: Setting) -> st.SearchStrategy[ast.Expression]:
    """One constant."""
    known = amounts(setting)
    if not known:
        return st.just(nodes.expression(setting.example))
    return st.sampled_from(known).map(lambda one: nodes.number(*one))


def _lies_inside(one: Amount, setting: Setting) -> bool:
    value = canonical(one)
    low = EDGES.get(setting.minimum or 0.0, setting.minimum)
    if low is not None and (value < low or (setting.above and value == low)):
        return False
    return setting.maximum is None or value <= setting.maximum


def canonical(one: Amount) -> float:
    """An amount in canonical units."""
    if not one[1]:
        return one[0]
    unit = parse_unit(one[1])
    assert not isinstance(unit, str), one
    return one[0] * unit.factor


def daily(setting: Setting, site: SiteDraft) -> st.SearchStrategy[ast.Expression]:
    """A daily table that changes at steps, between them, or never."""
    return _daily(st.lists(amount(setting), min_size=5, max_size=5), site)


def counted_daily(site: SiteDraft) -> st.SearchStrategy[ast.Expression]:
    """The same of whole numbers, of which the first is above zero."""
    rest = st.lists(st.sampled_from([1, 2, 0, 1]), min_size=4, max_size=4)
    numbers = st.builds(lambda first, others: [first, *others], st.sampled_from([2, 1, 3]), rest)
    return _daily(numbers.map(lambda each: [nodes.number(one) for one in each]), site)


def _daily(
    values: st.SearchStrategy[list[ast.Expression]], site: SiteDraft
) -> st.SearchStrategy[ast.Expression]:
    def made(values: list[ast.Expression], parts: list[int]) -> ast.Expression:
        first = (site.start.hour * 60 + site.start.minute) * 60
        later = sorted({(first + part * site.minutes * 20) % 86400 for part in parts} - {0})
        times = [0, *later][: len(values)]
        return nodes.table(zip(times, values, strict=False))

    places = st.lists(st.integers(0, site.steps * 3), min_size=1, max_size=4)
    return st.builds(made, values, places)


def _days_of(site: SiteDraft) -> list[datetime]:
    """The days that the horizon lies on."""
    first, last = (_local(seconds, site).date() for seconds in (0, site.horizon - 1))
    return [datetime.combine(first + timedelta(days=n), time()) for n in range((last - first).days + 1)]


def days(site: SiteDraft) -> st.SearchStrategy[ast.Expression]:
    """Days of which the horizon has at least one: names, dates, ranges round the week, lists."""
    known = _days_of(site)

    def named(when: datetime) -> ast.Expression:
        return nodes.name(DAY_NAMES[when.weekday()])

    def forms(when: datetime) -> list[ast.Expression]:
        before, later = nodes.name(DAY_NAMES[(when.weekday() - 2) % 7]), when + timedelta(days=1)
        return [
            nodes.date(when),
            named(when),
            nodes.span_of(before, named(when)),
            nodes.span_of(nodes.date(when), nodes.date(later)),
            nodes.items([named(when), nodes.date(later)]),
            *([nodes.name("holiday")] if site.holidays else []),
        ]

    found = [form for when in known for form in forms(when)]
    return st.sampled_from([nodes.name("all"), nodes.name("all"), *found])


def by_day(setting: Setting, site: SiteDraft) -> st.SearchStrategy[ast.Expression]:
    """A table by day that covers the horizon, with finer keys for some of its days; or one by month."""
    value = st.one_of(amount(setting), daily(setting, site))
    first, last = _days_of(site)[0], _days_of(site)[-1]

    def made(values: list[ast.Expression], forms: list[bool]) -> ast.Expression:
        keys: list[ast.Expression] = [nodes.name("all"), nodes.name(DAY_NAMES[first.weekday()])]
        keys += [nodes.date(last)] + ([nodes.name("holiday")] if site.holidays else [])
        some = [keys[0], *(key for key, kept in zip(keys[1:], forms, strict=False) if kept)]
        return nodes.keyed(zip(some, values, strict=False))

    inner = st.builds(
        made, st.lists(value, min_size=4, max_size=4), st.lists(st.booleans(), min_size=3, max_size=3)
    )
    month, after = MONTH_NAMES[first.month - 1], MONTH_NAMES[first.month % 12]
    before = MONTH_NAMES[first.month - 2]
    outer = st.builds(
        lambda one, other: nodes.keyed(
            [(nodes.name(month), one), (nodes.span_of(nodes.name(after), nodes.name(before)), other)]
        ),
        st.one_of(inner, value),
        value,
    )
    return st.one_of(inner, inner, outer)


def ranges(setting: Setting) -> st.SearchStrategy[ast.Expression]:
    """A range from the lower of two amounts to the higher one; they may be equal."""

    def made(pair: list[Amount]) -> ast.Expression:
        low, high = sorted(pair, key=canonical)
        return nodes.span_of(nodes.number(*low), nodes.number(*high))

    known = amounts(setting)
    lower = sorted(known, key=canonical)
    wide = st.sampled_from([[lower[0], lower[-1]], [lower[1], lower[-1]], [lower[0], lower[-2]]])
    return st.one_of(wide, st.lists(st.sampled_from(known), min_size=2, max_size=2)).map(made)


def moment(seconds: int, site: SiteDraft) -> ast.Expression:
    """Seconds after the begin of the horizon, as a clock time of the first day or as a date."""
    when = _local(seconds, site)
    if when.date() == site.start.date():
        return nodes.clock(when.hour * 3600 + when.minute * 60 + when.second)
    return nodes.date(when, timed=True)


def period(first: int, last: int, site: SiteDraft) -> ast.Expression:
    """From some seconds after the begin of the horizon to others: clock times, or dates across midnight."""
    begin, end = _local(first, site), _local(last, site)
    if begin.date() == end.date() == site.start.date():
        return nodes.span_of(moment(first, site), moment(last, site))
    return nodes.span_of(nodes.date(begin, timed=True), nodes.date(end, timed=True))


def _local(seconds: int, site: SiteDraft) -> datetime:
    begin = site.start.replace(tzinfo=ZoneInfo(site.zone)).astimezone(UTC)
    return (begin + timedelta(seconds=seconds)).astimezone(ZoneInfo(site.zone)).replace(tzinfo=None)


def offsets(site: SiteDraft) -> st.SearchStrategy[int]:
    """Seconds after the begin at which something may happen: on steps, within them, a second beside."""
    third = site.minutes * 20
    whole = st.integers(0, site.steps - 1).map(lambda step: step * site.minutes * 60)
    within = st.integers(0, site.steps * 3 - 1).map(lambda part: part * third)
    if site.even:
        return whole
    beside = st.integers(1, site.steps).map(lambda step: step * site.minutes * 60 - 1)
    return st.one_of(whole, within, beside)


def instants(site: SiteDraft) -> st.SearchStrategy[ast.Expression]:
    """A moment of the horizon."""
    return offsets(site).map(lambda seconds: moment(seconds, site))


def _order(when: ast.Expression) -> tuple[bool, float]:
    """Clock times are of the first day, and come before the dates of others."""
    return (
        (True, when.when.timestamp())
        if isinstance(when, ast.Date)
        else (False, getattr(when, "seconds", 0.0))
    )


def spread(
    setting: Setting, site: SiteDraft, value: st.SearchStrategy[ast.Expression]
) -> dict[str, st.SearchStrategy[ast.Expression]]:
    """By function, distributions that a setting may have: of clock times, its values, or of amounts."""
    if setting.shape is Shape.CLOCK:
        width = nodes.number(site.minutes / 2, "min")
        pair = st.lists(value, min_size=2, max_size=2).map(lambda two: sorted(two, key=_order))
        return {
            "normal": value.map(lambda middle: nodes.call("normal", middle, width)),
            "uniform": pair.map(lambda each: nodes.call("uniform", *each)),
            "choice": pair.map(lambda each: nodes.call("choice", nodes.items(each))),
        }
    known = sorted((one for one in amounts(setting) if one[0] > 0), key=canonical)
    one = st.sampled_from(known)
    ends = st.lists(one, min_size=2, max_size=2, unique=True).map(lambda pair: sorted(pair, key=canonical))

    def shaped(name: str) -> Callable[[Amount], ast.Expression]:
        return lambda mean: nodes.call(name, nodes.number(*mean), nodes.number(mean[0] / 4, mean[1]))

    def times(draw: ast.Expression) -> Callable[[Amount], ast.Expression]:
        return lambda each: nodes.binary("*", draw, nodes.number(*each))

    uniform = ends.map(lambda pair: nodes.call("uniform", *(nodes.number(*end) for end in pair)))
    return {
        "uniform": uniform,
        "choice": ends.map(
            lambda pair: nodes.call("choice", nodes.items(nodes.number(*end) for end in pair))
        ),
        "normal": one.map(shaped("normal")),
        "lognormal": one.map(shaped("lognormal")),
        "beta": one.map(times(nodes.call("beta", nodes.number(2), nodes.number(3)))),
        "poisson": one.map(times(nodes.call("poisson", nodes.number(2)))),
        "round": one.map(
            times(nodes.call("round", nodes.call("uniform", nodes.number(0.5), nodes.number(2))))
        ),
        "above": st.builds(
            lambda draw, most: nodes.binary(
                "*", nodes.number(*most), nodes.call("above", draw, nodes.number(*most))
            ),
            uniform,
            one,
        ),
        "min": st.builds(lambda draw, most: nodes.call("min", draw, nodes.number(*most)), uniform, one),
        "max": st.builds(lambda draw, least: nodes.call("max", draw, nodes.number(*least)), uniform, one),
    }
