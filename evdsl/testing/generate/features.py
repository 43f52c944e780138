"""What a spec may have in it, from the registries: kinds, settings, toggles, words and terms, requirements,
functions.

A campaign counts which of them it has met, and asks `specs` for those that it met least often.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from evdsl.language.decisions import decisions
from evdsl.language.devices import KINDS, kind
from evdsl.language.names import AGGREGATES, COMPARISONS, FUNCTIONS, SET_WORDS
from evdsl.language.objectives import WORDS, declared_word
from evdsl.language.quantities import DECLARED, OF_DEVICES, OF_GRID, SHARED_BY
from evdsl.language.requirement import nodes as values_in
from evdsl.language.spec import Spec
from evdsl.language.toggles import TOGGLES
from evdsl.language.values import Quantity
from evdsl.syntax import ast
from evdsl.testing.generate.edits import nodes_in
from evdsl.testing.generate.sizes import OPEN
from evdsl.testing.generate.terms import TERMS, shape_of


@dataclass(frozen=True, slots=True, order=True)
class Feature:
    """One of them: `group` is one of `GROUPS`."""

    group: str
    name: str


GROUPS: dict[str, str] = {
    "device": "devices",
    "setting": "settings",
    "toggle": "toggles",
    "word": "words",
    "term": "terms",
    "comparison": "comparisons",
    "aggregate": "aggregates",
    "set": "sets",
    "quantity": "quantities",
    "function": "functions",
    "share": "shares in lets",
    "chosen": "settings that are chosen",
}
"""What features are of, with the heading of each."""

FROM_FILES = ("csv", "tariff", "column", "typical", "gaussian", "bootstrap")
"""Functions that read a file: a random spec is a text alone."""
OF_SCENARIOS = ("noisy",)
"""Functions that a spec without scenarios does not have."""
OF_MANY = ("scenarios", "risk")
"""Blocks with which a spec has many schedules: what a random spec is held to is said of one."""
OF_DECISIONS = ("abs",)
"""Functions that stand in terms of an objective."""

OF_REQUIREMENTS = ("comparison", "aggregate", "set", "quantity")
"""Groups of what stands in a `require` only."""


def _all() -> Iterator[Feature]:
    written = [each for each in KINDS if each.in_braces and each.keyword not in OF_MANY]
    yield from (Feature("device", each.keyword) for each in written)
    yield from (
        Feature("setting", f"{each.keyword}.{s.name}")
        for each in written
        for s in each.settings
        if not s.of_rows
    )
    yield from (
        Feature("chosen", f"{each.keyword}.{s.name}")
        for each in written
        for s in each.settings
        if s.decidable and s.name not in OPEN.get(each.keyword, ())
    )
    yield from (Feature("toggle", f"{toggle.name} {way}") for toggle in TOGGLES for way in ("on", "off"))
    yield from (Feature("word", each.name) for each in WORDS)
    yield from (Feature("term", each) for each in TERMS)
    yield from (Feature("comparison", each) for each in COMPARISONS)
    yield from (Feature("aggregate", each) for each in AGGREGATES)
    yield from (Feature("set", each) for each in SET_WORDS)
    owned = {f"{owner}.{name}": each for owner, some in OF_DEVICES.items() for name, each in some.items()}
    for name, each in (DECLARED | owned).items():
        if not each.size:
            yield Feature("share" if each.shared else "quantity", name)
    elsewhere = (*FROM_FILES, *OF_SCENARIOS, *OF_DECISIONS)
    yield from (Feature("function", each) for each in FUNCTIONS if each not in elsewhere)


FEATURES: tuple[Feature, ...] = tuple(_all())
"""Every feature that is sought, in the order of the registries."""

OF_SIZES: tuple[Feature, ...] = (
    *(Feature("chosen", f"{owner}.{name}") for owner, some in OPEN.items() for name in some),
    *(
        Feature("quantity", f"{owner}.{name}")
        for owner, some in OF_DEVICES.items()
        for name, each in some.items()
        if each.size
    ),
)
"""What `evdsl.testing.generate.sizes` puts into specs that are drawn already: met, and not sought."""


_GIVING_BACK = (
    *(
        Feature("setting", f"class.{name}")
        for name in ("discharge", "discharge_efficiency", "discharge_rates", "wear", "v2g_reward")
    ),
    Feature("setting", "port.discharge"),
    Feature("word", "discharged"),
    Feature("word", "v2g_profit"),
    Feature("quantity", "discharge"),
)
ACTS_WITH: dict[Feature, tuple[Feature, ...]] = {
    Feature("toggle", "v2g on"): _GIVING_BACK,
    Feature("toggle", "min_power on"): (
        Feature("setting", "port.min_power"),
        Feature("setting", "port.rates"),
        Feature("setting", "class.rates"),
        Feature("setting", "class.discharge_rates"),
        Feature("setting", "storage.min_power"),
    ),
}
"""Features that change nothing unless a toggle is on; they are met with it alone."""

_PAYS = (("grid", "price"), ("grid", "feed_in"))
ASKED_WITH: dict[Feature, tuple[tuple[str, str], ...]] = {
    Feature("toggle", "v2g on"): (
        ("class", "battery"),
        ("class", "discharge"),
        ("port", "discharge"),
        *_PAYS,
    ),
    Feature("toggle", "min_power on"): (("port", "min_power"),),
}
"""Settings that the blocks of a spec have where a toggle is to have something to act on.

Giving back has to pay, or every schedule leaves it: prices both ways, and the cost of what they make.
"""


def features_of(spec: Spec, file: ast.File) -> frozenset[Feature]:
    """What is met in a spec. Either way of a toggle counts only where it has something to act on."""
    kinds = {device.name: device.kind for device in spec.devices if device.kind in OF_DEVICES}
    found = {Feature("device", device.kind) for device in spec.devices}
    found |= {Feature("setting", f"{device.kind}.{name}") for device in spec.devices for name in device.given}
    owners = {device.name or device.kind: device.kind for device in spec.devices}
    found |= {Feature("chosen", f"{owners[one.device]}.{one.setting}") for one in decisions(spec)}
    for toggle in TOGGLES:
        if toggle.idle(spec) is None:
            found.add(Feature("toggle", f"{toggle.name} {'on' if spec.on(toggle.name) else 'off'}"))
    found |= {Feature("word", name) for stage in spec.stages for name in stage.weights}
    shapes = (shape_of(term.name) for term in spec.terms)
    found |= {Feature("term", shape) for shape in shapes if shape is not None}
    for requirement in spec.requirements:
        found.add(Feature("comparison", requirement.relation))
        for value in (*values_in(requirement.left), *values_in(requirement.right)):
            if isinstance(value, Quantity):
                owner = kinds.get(value.owner)
                found.add(Feature("quantity", f"{owner}.{value.name}" if owner else value.name))
    for value in (inner for derived in spec.derived.values() for inner in values_in(derived)):
        if isinstance(value, Quantity):
            owner = kinds.get(value.owner)
            found.add(Feature("share", f"{owner}.{value.name}" if owner else value.name))
    found |= {feature for node in nodes_in(file.statements) for feature in _written(node)}
    for toggled, some in ACTS_WITH.items():
        if toggled not in found:
            found.difference_update(some)
    return frozenset(found) & _KNOWN


_KNOWN = frozenset((*FEATURES, *OF_SIZES))


def _written(node: Any) -> Iterator[Feature]:
    """What only the text says: how a set, an aggregate or a value is written."""
    if isinstance(node, ast.Binder) and isinstance(node.over, ast.Name):
        yield Feature("set", node.over.text)
    elif isinstance(node, ast.Aggregate):
        yield Feature("aggregate", node.function.text)
    elif isinstance(node, ast.Call):
        yield Feature("function", node.function.text)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a spec is to have in it, by group, and what that needs: kinds, and settings as (kind, setting)."""

    features: frozenset[Feature] = frozenset()
    kinds: frozenset[str] = frozenset()
    settings: frozenset[tuple[str, str]] = frozenset()

    def of(self, group: str) -> list[str]:
        """The names that are wanted of a group, in the order of the registries."""
        return [feature.name for feature in FEATURES if feature.group == group and feature in self.features]


def wanted(features: Iterable[Feature]) -> Wanted:
    """The features with the kinds and settings without which a spec cannot have them."""
    asked = frozenset(features)
    asked |= {toggled for toggled, some in ACTS_WITH.items() if asked & {*some}}
    if Feature("toggle", "v2g on") in asked:
        asked |= {Feature("word", "cost")}
    settings = {pair for feature in asked for pair in _settings(feature)}
    settings |= {("class", "battery") for _, name in settings if name == "soc_target"}
    if Feature("device", "trip") in asked or any(keyword in ("trip",) for keyword, _ in settings):
        settings |= {("vehicle", "soc_target"), ("class", "battery")}
    kinds = {keyword for feature in asked for keyword in _kinds(feature)} | {
        keyword for keyword, _ in settings
    }
    # These are for the blocks that there are, and ask for none.
    settings |= {pair for toggled, some in ASKED_WITH.items() if toggled in asked for pair in some}
    return Wanted(asked, frozenset(_with_needs(kinds, settings)), frozenset(settings))


def _settings(feature: Feature) -> Iterator[tuple[str, str]]:
    name = feature.name
    if feature.group in ("setting", "chosen"):
        owner, _, setting = name.partition(".")
        yield owner, setting
    elif feature.group == "word":
        declared = declared_word(name)
        yield from declared.needs
    elif feature.group == "term":
        if TERMS[name][1]:
            yield "fleet", "energy"
    elif feature.group == "function":
        yield "fleet", "energy"  # which may have any of them
    elif feature.group == "share":
        yield "grid", SHARED_BY[name.rpartition(".")[2]]
    elif feature.group == "quantity" and name in DECLARED:
        if name in OF_GRID:
            yield "grid", name
        if DECLARED[name].needs_battery:
            yield "class", "battery"


def _kinds(feature: Feature) -> Iterator[str]:
    name = feature.name
    if feature.group == "device":
        yield name
    elif feature.group in ("quantity", "share"):
        if name not in DECLARED:
            yield name.partition(".")[0]
        elif "vehicle" in DECLARED[name].over:
            yield "vehicle"
    elif feature.group == "set":
        yield {"vehicles": "vehicle", "fleets": "fleet", "classes": "vehicle", "ports": "port"}.get(
            name, "grid"
        )


def _with_needs(kinds: Collection[str], settings: Collection[tuple[str, str]]) -> set[str]:
    """The kinds, those that they are of, and those that the settings refer to."""
    found: set[str] = set()
    waiting = set(kinds)
    while waiting:
        keyword = waiting.pop()
        found.add(keyword)
        declared = kind(keyword)
        if declared is None:
            continue
        referred = {s.refers_to for s in declared.settings if (keyword, s.name) in settings or s.required}
        waiting |= ({declared.of} | referred) - {""} - found
    return found
