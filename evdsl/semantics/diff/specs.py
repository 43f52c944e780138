"""What differs between two specs in meaning, not in text.

Both are compared as they were resolved: units are canonical, params and constants folded, includes read,
defaults filled in; order, comments and layout are gone. A block that is in one spec alone is taken for the
renamed one of the other where all that it says is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from evdsl.language.clock import to_local
from evdsl.language.declaration import Word
from evdsl.language.objectives import WORDS, base_weights
from evdsl.language.requirement import Requirement
from evdsl.language.spec import Spec, Stage
from evdsl.language.units import TIME
from evdsl.language.values import Quantity, Value, WordUse, leaves
from evdsl.semantics.diff.blocks import Difference, blocks, find_renames
from evdsl.semantics.diff.keys import Canonical, quantity, rounded, weight

__all__ = ["Difference", "compare", "stage_text"]


def compare(first: Spec, second: Spec) -> list[Difference]:
    """All differences in meaning, in the order of the language: station, blocks, toggles, objective, rest."""
    days = _clocks_change(first) or _clocks_change(second)
    names = find_renames(first, second, days)
    left, right = Canonical(first, days, names), Canonical(second, days, {})
    return [
        *_station(left, right),
        *blocks(left, right),
        *_toggles(first, second),
        *_stages(left, right),
        *_requirements(left, right),
        *_lets(left, right),
    ]


def _clocks_change(spec: Spec) -> bool:
    """Whether a day of the horizon has 23 or 25 hours, so that `1 d` is not `24 h`."""
    zone = ZoneInfo(spec.zone)
    count = int(spec.horizon // 24) + 3
    ends = [spec.start_utc + timedelta(days=day) for day in range(-1, min(count, 4000))]
    return len({to_local(end, zone) - end for end in ends}) > 1


def _station(left: Canonical, right: Canonical) -> Iterator[Difference]:
    stations = [reader.spec.only("station") for reader in (left, right)]
    for (what, old), new in zip(_facts(left.spec).items(), _facts(right.spec).values(), strict=True):
        if old != new:
            first, second = (station.place(what) if station is not None else None for station in stations)
            yield Difference("changed", "station", what, old, new, "", first, second)


def _facts(spec: Spec) -> dict[str, str]:
    """What the station says, worked out: `1 d` is as many hours as it has."""
    return {
        "name": spec.name,
        "start": f"{spec.start:%Y-%m-%d %H:%M}",
        "zone": spec.zone,
        "horizon": quantity(float(rounded(spec.horizon)), TIME, spec.currency),
        "step": quantity(float(rounded(spec.step)), TIME, spec.currency),
        "seed": str(spec.seed),
        "currency": spec.currency,
        "rounding": spec.rounding,
    }


def _toggles(first: Spec, second: Spec) -> Iterator[Difference]:
    for name in dict.fromkeys([*first.toggles, *second.toggles]):
        old, new = first.toggles.get(name), second.toggles.get(name)
        if old is None or new is None or old.on == new.on:
            continue
        texts = [f"{'on' if s.on else 'off'}{'' if s.span else ' (default)'}" for s in (old, new)]
        yield Difference("changed", "toggle", name, texts[0], texts[1], "", old.span, new.span)


def _stages(left: Canonical, right: Canonical) -> Iterator[Difference]:
    readers = [(reader, reader.spec.stages) for reader in (left, right)]
    first, second = left.spec, right.spec
    worthless = frozenset(
        word.name for word in WORDS if not any(_gives(spec, word) for spec in (first, second))
    )
    pairs = [[_weighed(stage, reader, worthless) for stage in stages] for reader, stages in readers]
    for number in range(max(map(len, pairs))):
        old, new = (found[number] if number < len(found) else None for found in pairs)
        if old == new:
            continue
        texts = [
            stage_text(spec.stages[number], spec) if number < len(spec.stages) else ""
            for spec in (first, second)
        ]
        spans = [spec.stages[number].span if number < len(spec.stages) else None for spec in (first, second)]
        how = "added" if old is None else "removed" if new is None else "changed"
        yield Difference(how, "objective", f"stage {number + 1}", texts[0], texts[1], "", *spans)
    points = [str(spec.pareto.points) if spec.pareto is not None else "none" for spec in (first, second)]
    if points[0] != points[1]:
        yield Difference("changed", "objective", "points of the front", points[0], points[1])


def _gives(spec: Spec, word: Word) -> bool:
    """Whether a spec has the settings without which a word is worth nothing."""
    return all(
        any(device.get(setting) is not None for device in spec.of_kind(kind)) for kind, setting in word.needs
    )


def _weighed(
    stage: Stage, reader: Canonical, worthless: frozenset[str]
) -> tuple[Mapping[str, str], frozenset[str], str, str]:
    """A stage in the sense of making small, its sums taken apart: `maximize -cost` is `minimize cost`.

    A part that is worth nothing in either spec, as `initial_cost` without an `initial_price`, does not count.
    """
    weights = base_weights(stage)
    kept = {name: rounded(by) for name, by in weights.items() if by and name not in worthless}
    terms = {
        repr((reader.key(term.value), rounded(stage.sign * stage.weights[term.name]))) for term in stage.terms
    }
    return kept, frozenset(terms), rounded(stage.sign * stage.constant), rounded(stage.allowing)


def stage_text(stage: Stage, spec: Spec) -> str:
    """A stage with its weights as numbers, whatever params it was written with."""
    text = ""
    dimensions = {word.name: word.dimension for word in WORDS}
    dimensions |= {term.name: term.value.dimension for term in stage.terms}
    for name, number in stage.weights.items():
        size = weight(abs(number), stage.dimension.per(dimensions[name]), spec.currency)
        term = name if size == "1" else f"{size} * {name}"
        text += f" {'-' if number < 0 else '+'} {term}" if text or number < 0 else term
    if stage.constant:
        size = quantity(abs(stage.constant), stage.dimension, spec.currency)
        text += f" {'-' if stage.constant < 0 else '+'} {size}"
    allowing = f" allowing {stage.allowing * 100:.10g} %" if stage.allowing else ""
    return f"{stage.sense} {text.strip()}{allowing}"


def _requirements(left: Canonical, right: Canonical) -> Iterator[Difference]:
    old = {r.name: r for r in left.spec.requirements}
    new = {r.name: r for r in right.spec.requirements}

    def meaning(reader: Canonical, own: Requirement) -> object:
        return reader.key(replace(own, name="", text=""))

    for name, one in old.items():
        two = new.get(name)
        if two is not None:
            if meaning(left, one) != meaning(right, two):
                yield Difference("changed", "require", name, one.text, two.text, "", one.span, two.span)
            continue
        same = [r for r in new.values() if r.name not in old and meaning(right, r) == meaning(left, one)]
        if same:
            yield Difference("renamed", f"require {name}", "", name, same[0].name, "", one.span, same[0].span)
            new.pop(same[0].name)
        else:
            yield Difference("removed", "require", name, one.text, "", "", one.span)
    for name, two in new.items():
        if name not in old:
            yield Difference("added", "require", name, "", two.text, "", None, two.span)


def _lets(left: Canonical, right: Canonical) -> Iterator[Difference]:
    """Quantities of the schedule that are reported; constants are folded where they are used."""
    old, new = (
        {name: value for name, value in reader.spec.derived.items() if _reported(value)}
        for reader in (left, right)
    )
    for name in dict.fromkeys([*old, *new]):
        one, two = old.get(name), new.get(name)
        if one is not None and two is not None and left.key(one) == right.key(two):
            continue
        how = "added" if one is None else "removed" if two is None else "changed"
        texts = ["" if value is None else reader.said(value) for value, reader in ((one, left), (two, right))]
        yield Difference(how, "let", name, texts[0], texts[1])


def _reported(value: Value) -> bool:
    return any(isinstance(leaf, WordUse | Quantity) for leaf in leaves(value))
