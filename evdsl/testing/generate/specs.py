"""Random specs of small sites, made from the declarations: every kind, setting, toggle and word.

A new device kind, setting, toggle or word is met without new code here, and may be sought: `specs(sought)`
have certain features, as far as one spec can have them all. `CARE` and `_cared_for` hold what
the checks ask and no declaration says, so that most specs are not refused; those that are must be told why.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from hypothesis import strategies as st

from evdsl.language.declaration import DEVICE, VEHICLE, Kind, Setting, Shape
from evdsl.language.devices import KINDS
from evdsl.language.devices.phases import ROTATE
from evdsl.language.toggles import TOGGLES
from evdsl.language.units import TIME
from evdsl.syntax import ast
from evdsl.testing.generate import nodes
from evdsl.testing.generate.care import CARE, RANGES
from evdsl.testing.generate.edits import given, map_nodes
from evdsl.testing.generate.features import OF_MANY, Feature, Wanted, wanted
from evdsl.testing.generate.lets import lets
from evdsl.testing.generate.objectives import stages
from evdsl.testing.generate.requirements import requirements
from evdsl.testing.generate.sizes import with_sizes
from evdsl.testing.generate.trips import gives, travellers
from evdsl.testing.generate.values import SiteDraft, can_be_given, spread, value_of

LARGEST = 6
"""Steps, at most."""

CLOCKS = (
    (datetime(2024, 3, 12), "UTC"),
    (datetime(2024, 3, 12, 22, 30), "UTC"),
    (datetime(2024, 3, 31), "Europe/Rome"),
    (datetime(2024, 10, 27, 1), "Europe/Rome"),
)
"""Begins of the horizon: midnight, across midnight, and the nights in which the clocks change."""

PLAIN_WITHOUT = ("cohort", "port")
"""Kinds that an even site has only where they are sought: split steps or longer stays change what they do."""

OFTEN = frozenset(
    {
        ("class", "battery"),
        ("class", "discharge"),
        ("class", "efficiency"),
        ("class", "tariff"),
        ("storage", "efficiency"),
        ("port", "count"),
        ("port", "discharge"),
        ("grid", "price"),
        ("grid", "feed_in"),
        ("grid", "carbon"),
        ("event", "penalty"),
        ("event", "reward"),
    }
)
"""Settings that are given more often than others, since much depends on them."""


BY_PHASE, RARE = ("phase_limit", "unbalance_limit"), [*[False] * 6, True]
"""Settings with which rewrites are left out and many specs have no schedule, and how often they are given."""


@st.composite
def specs(draw: st.DrawFn, sought: Collection[Feature] = ()) -> ast.File:
    """A spec of up to six steps with a few devices of any kind, as syntax; most have all that is sought."""
    asked = wanted(sought)
    start, zone = draw(st.sampled_from([CLOCKS[0], CLOCKS[0], *CLOCKS]))
    minutes = draw(st.sampled_from([60, 30, 15, 120, 20]))
    names: dict[str, list[str]] = {}
    even = draw(st.sampled_from([False, False, True]))
    closed = ("station", "holidays") in asked.settings or draw(st.sampled_from([False, False, False, True]))
    pays = "v2g on" in asked.of("toggle")
    travels = "trip" in asked.kinds or draw(st.sampled_from([False, False, True]))
    horizon = draw(st.integers(1, LARGEST))
    site = SiteDraft(
        start, horizon, minutes, names, zone, even=even, pays=pays, travels=travels, holidays=closed
    )
    blocks = [_station(draw, site, zone, asked)]
    for kind in _in_order():
        for number in range(_how_many(draw, kind, names, asked, even)):
            own = f"{kind.keyword}{number}" if kind.named else None
            if kind.keyword == "trip" and not site.travels:
                break
            able = travellers(blocks) if kind.keyword == "trip" else names.get(kind.of, ())
            classes = [name for name in able if _suits(kind, _named(blocks, name))]
            if kind.of and not classes:
                continue
            of = draw(st.sampled_from(classes)) if kind.of else None
            category = _named(blocks, of)
            blocks.append(_block(draw, kind, own, of, category, site, asked))
            names.setdefault(kind.keyword, []).append(own or kind.keyword)
    statements: list[ast.Statement] = [*blocks]
    statements += draw(toggles(asked.of("toggle")))
    statements += draw(stages(blocks, asked.of("word"), asked.of("term")))
    statements += draw(requirements(blocks, site, asked))
    statements += draw(lets(blocks, asked.of("share")))
    return with_sizes(nodes.file_of(statements))


def _named(blocks: Sequence[ast.Block], name: str | None) -> ast.Block | None:
    return next((block for block in blocks if name and block.name and block.name.text == name), None)


def _suits(kind: Kind, category: ast.Block | None) -> bool:
    """Whether a block of a kind may be of a class: a cohort has no state of charge that a curve could ask."""
    return kind.keyword != "cohort" or category is None or not gives(category, "taper")


def texts() -> st.SearchStrategy[str]:
    """The same as text."""
    return specs().map(nodes.print_file)


def toggles(sought: Collection[str] = ()) -> st.SearchStrategy[list[ast.Statement]]:
    """Some toggles switched against, or with, their default; `sought` are such as `v2g on`."""
    asked = {name: way == "on" for name, way in (each.split(" ") for each in sought)}

    def made(chosen: list[tuple[str, bool]]) -> list[ast.Statement]:
        others = [(name, on) for name, on in chosen if name not in asked]
        return [nodes.toggle(on, [name]) for name, on in (*asked.items(), *others)]

    others = [(toggle.name, not toggle.default) for toggle in TOGGLES]
    known = st.sampled_from([("v2g", True), *others])  # others act on what it lets happen
    again = st.sampled_from([(toggle.name, toggle.default) for toggle in TOGGLES])
    one = st.one_of(known, known, known, again)
    several = st.lists(one, min_size=1, max_size=5, unique_by=lambda pair: pair[0])
    return several.map(made)


def _in_order() -> list[Kind]:
    """The kinds that can be written out, each behind those that it refers to."""
    waiting = [kind for kind in KINDS if kind.in_braces and kind.keyword not in ("station", *OF_MANY)]
    found: list[Kind] = []
    while waiting:
        known = {kind.keyword for kind in found}
        ready = [kind for kind in waiting if _needs(kind) <= known | {kind.keyword}]
        found += ready or waiting[:1]
        waiting = [kind for kind in waiting if kind not in found]
    return found


def _needs(kind: Kind) -> set[str]:
    return {kind.of, *(setting.refers_to for setting in kind.settings)} - {""}


def _how_many(draw: st.DrawFn, kind: Kind, names: dict[str, list[str]], asked: Wanted, even: bool) -> int:
    least = 1 if kind.keyword in asked.kinds else 0
    if any(
        setting.refers_to == kind.keyword and (kind.keyword, setting.name) in asked.settings
        for setting in kind.settings
    ):
        least = 2  # one that the other may refer to
    if even and kind.keyword in PLAIN_WITHOUT:
        return least
    return max(_how_many_else(draw, kind, names), least)


def _how_many_else(draw: st.DrawFn, kind: Kind, names: dict[str, list[str]]) -> int:
    if kind.of and not names.get(kind.of):
        return 0
    if kind.single:
        return 1
    if kind.keyword == "trip":
        return int(draw(st.sampled_from([0, 1, 1, 2])))
    if kind.family == DEVICE:
        return int(draw(st.sampled_from([0, 0, 0, 1, 1, 2])))
    if kind.family == VEHICLE:
        return int(draw(st.sampled_from([1, 2, 3, 2, 0] if kind.keyword == "vehicle" else [0, 0, 0, 1])))
    return int(draw(st.sampled_from([1, 1, 2, 1, 0] if kind.keyword == "class" else [0, 0, 1, 1, 2, 3])))


def _station(draw: st.DrawFn, site: SiteDraft, zone: str, asked: Wanted) -> ast.Block:
    settings = [
        ("start", nodes.date(site.start)),
        ("horizon", nodes.number(site.steps * site.minutes, "min")),
        ("step", nodes.number(site.minutes, "min")),
    ]
    if zone != "UTC":
        settings.append(("zone", nodes.text(zone)))
    rounding = draw(st.sampled_from(["", "", "", "floor", "inward", "exact"]))
    if rounding:
        settings.append(("rounding", nodes.name(rounding)))
    seed = draw(st.integers(0, 3))
    if seed:
        settings.append(("seed", nodes.number(seed)))
    if ("station", "voltage") in asked.settings or draw(st.sampled_from([False] * 5 + [True])):
        settings.append(("voltage", nodes.number(draw(st.sampled_from([230, 120, 277])), "V")))
    if ("station", "currency") in asked.settings:
        settings.append(("currency", nodes.name("EUR")))  # that of every price
    if site.holidays:
        first = nodes.date(site.start.replace(hour=0, minute=0))
        later = nodes.date(site.start.replace(hour=0, minute=0) + timedelta(days=1))
        some: list[ast.Expression] = [first, nodes.items([later, first]), nodes.span_of(first, later)]
        settings.append(("holidays", draw(st.sampled_from(some))))
    return nodes.block("station", "site", None, settings)


def _block(
    draw: st.DrawFn,
    kind: Kind,
    own: str | None,
    of: str | None,
    category: ast.Block | None,
    site: SiteDraft,
    asked: Wanted,
) -> ast.Block:
    """A block of a kind: what is required, one way through each group of alternatives, some of the rest."""
    chosen = _chosen(draw, kind, category, site, asked)
    written = [setting for setting in kind.settings if setting.name in chosen]
    values = [
        (setting.name, draw(setting_of(kind, setting, site, asked.of("function")))) for setting in written
    ]
    if _begins_outside(kind, values, category):
        values = [(name, draw(BEYOND) if name in BEGINS else value) for name, value in values]
    sought = asked.of("chosen")
    values = [
        (
            name,
            draw(RANGES[kind.keyword, name](written[at], site))
            if f"{kind.keyword}.{name}" in sought
            else value,
        )
        for at, (name, value) in enumerate(values)
    ]
    values = _with_repairs(kind, values)
    if (kind.family == VEHICLE or kind.keyword == "trip") and "days" in chosen:
        values = [(name, on_each_day(name, value)) for name, value in values]
    return nodes.block(kind.keyword, own, of, values)


HALF = nodes.span_of(nodes.number(50, "%"), nodes.number(50, "%"))
REPAIRS: dict[tuple[str, str], tuple[Callable[[Mapping[str, ast.Expression]], bool], ast.Expression]] = {
    # Sockets that go out of order are not told apart, and with `rotate` each has phases of its own.
    ("port", "count"): (lambda own: _says(own, "phases", ROTATE), nodes.number(2)),
    # A class that lists what it gives back gives something.
    ("class", "discharge"): (lambda own: "discharge_rates" in own, nodes.number(7, "kW")),
    # What may be chosen lies within `soc`.
    ("storage", "soc_initial"): (
        lambda own: isinstance(own["soc_initial"], ast.Range) and own.get("soc") == HALF,
        HALF,
    ),
}
"""What a setting is where the rest of its block would have it refused."""

BEGINS = ("soc_arrival", "soc_initial")
BEYOND = st.sampled_from([3, 97, 0, 100, 40]).map(lambda share: nodes.number(share, "%"))


def _with_repairs(
    kind: Kind, values: Sequence[tuple[str, ast.Expression]]
) -> list[tuple[str, ast.Expression]]:
    """The settings of a block without those that the rest of them would have refused."""
    own, found = dict(values), []
    for name, value in values:
        spoils, instead = REPAIRS.get((kind.keyword, name), (None, value))
        found.append((name, instead if spoils is not None and spoils(own) else value))
    return found


def _says(own: Mapping[str, ast.Expression], name: str, word: str) -> bool:
    value = own.get(name)
    return isinstance(value, ast.Name) and value.text == word


def _begins_outside(
    kind: Kind, values: Sequence[tuple[str, ast.Expression]], category: ast.Block | None
) -> bool:
    """Whether a storage, or the vehicles of a class, may begin outside of what is allowed."""
    own = dict(values)
    outside = given(category, "outside") if kind.family == VEHICLE and category else own.get("outside")
    return isinstance(outside, ast.Name) and outside.text == "widen"


def on_each_day(setting: str, value: ast.Expression) -> ast.Expression:
    """A time of what has several days: a clock time of each, and no date."""
    if setting not in ("arrival", "departure"):
        return value

    def one(node: Any) -> Any:
        if not isinstance(node, ast.Date):
            return node
        clock = nodes.clock(node.when.hour * 3600 + node.when.minute * 60 + node.when.second)
        return nodes.binary("+", clock, nodes.number(1, "d"))

    found: ast.Expression = map_nodes(value, one)
    return found


def setting_of(
    kind: Kind, setting: Setting, site: SiteDraft, functions: Collection[str] = ()
) -> st.SearchStrategy[ast.Expression]:
    """A value for a setting of a kind, with the care that it takes; for a fleet a distribution as well.

    `functions` are those that are sought: one that the setting can have is always there.
    """
    care = CARE.get((kind.keyword, setting.name)) or CARE.get((kind.family, setting.name))
    value = care(setting, site) if care else value_of(setting, site)
    timed = setting.shape is Shape.CLOCK or setting.dimension == TIME
    drawn = timed if care else setting.shape is Shape.RANDOM
    if not drawn or kind.keyword != "fleet" or (site.even and timed):
        return value
    possible = spread(setting, site, value)
    asked = [possible[name] for name in functions if name in possible]
    return (
        st.one_of(asked)
        if asked
        else st.one_of(value, st.sampled_from([*possible]).flatmap(possible.__getitem__))
    )


def _chosen(
    draw: st.DrawFn, kind: Kind, category: ast.Block | None, site: SiteDraft, asked: Wanted
) -> set[str]:
    written = [setting for setting in kind.settings if not setting.of_rows]
    possible = {setting.name for setting in written if can_be_given(setting, site)}
    alternatives = {name for group in kind.either for name in group}
    sought = {name for keyword, name in asked.settings if keyword == kind.keyword}
    chosen = {setting.name for setting in kind.settings if setting.required}
    chosen |= {"charge"} if kind.keyword == "class" else set()
    chosen |= sought & possible - alternatives
    for setting in kind.settings:
        if setting.name in possible - chosen - alternatives:
            weight = [True, True, False] if (kind.keyword, setting.name) in OFTEN else [False, False, True]
            weight = RARE if setting.name in BY_PHASE else weight
            if draw(st.sampled_from(weight)):
                chosen.add(setting.name)
    ways = [way for way in _ways(kind) if _cared_for(way, category)]
    ways += [way for way in ways if "soc_target" in way]
    ways = [way for way in ways if sought & {*way}] or ways
    chosen |= set(draw(st.sampled_from(ways))) if ways else set()
    has_battery = category is not None and gives(category, "battery")
    if "soc_target" in chosen or (category is not None and gives(category, "taper")):
        chosen |= {"soc_arrival"} & possible
    elif not has_battery:
        chosen.discard("soc_arrival")
    if kind.keyword == "event" and chosen & {"reduce", "reward"}:
        chosen |= {"baseline"}
    if kind.keyword == "class" and "battery" not in chosen:
        chosen -= {"soc", "end_value", "elsewhere", "taper", "outside"}
    if kind.keyword == "class" and "discharge_rates" in chosen:
        chosen |= {"discharge"}
    if kind.keyword == "class" and "trip" in asked.kinds:
        chosen -= {"up_to", "outside"} - sought  # vehicles of such a class make no trips
    if "outside" in chosen:
        chosen |= {"soc", "soc_initial"} & possible
    return chosen


def _ways(kind: Kind) -> list[tuple[str, ...]]:
    """The sets of alternatives that have exactly one of each group."""
    if not kind.either:
        return []
    found = {tuple(sorted(set(way))) for way in product(*kind.either)}
    exact = [way for way in found if all(len(set(way) & set(group)) == 1 for group in kind.either)]
    return sorted(exact)


def _cared_for(way: tuple[str, ...], category: ast.Block | None) -> bool:
    """Whether a demand has the battery that it speaks of."""
    return "soc_target" not in way or (category is not None and gives(category, "battery"))
