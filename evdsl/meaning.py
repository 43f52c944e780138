"""What differs between two specs in meaning, not in text.

Both are compared as they were resolved: units are canonical, params and constants folded, includes read,
defaults filled in; order, comments and layout are gone. A block that is in one spec alone is taken for the
renamed one of the other where all that it says is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from evdsl.clock import to_local
from evdsl.devices import kind
from evdsl.meaning_words import Reader, clock, content, quantity, rounded, steady, weight
from evdsl.objectives import word
from evdsl.schema import Setting
from evdsl.source import Span
from evdsl.spec import Device, Spec, Stage
from evdsl.statement import variables as bound
from evdsl.units import TIME
from evdsl.values import Const, Daily, Draw, FileSeries, FileTariff, Value, leaves

DRAWN = ("fleet",)
"""Kinds whose draws hang on the name of the block."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: `what` of `subject` was `old` and is `new`; empty where there was none.

    `how` is `changed`, `added`, `removed`, `renamed` or `file` (other content under the same words).
    """

    how: str
    subject: str
    what: str
    old: str
    new: str
    note: str = ""
    first: Span | None = field(default=None, compare=False)
    second: Span | None = field(default=None, compare=False)


def compare(first: Spec, second: Spec) -> list[Change]:
    """All differences in meaning, in the order of the language: station, blocks, toggles, objective, rest."""
    days = _clocks_change(first) or _clocks_change(second)
    names = _renamed(first, second, days)
    left, right = Reader(first, days, names), Reader(second, days, {})
    return [
        *_station(left, right),
        *_blocks(left, right),
        *_toggles(first, second),
        *_stages(first, second),
        *_requirements(left, right),
        *_lets(left, right),
    ]


def _clocks_change(spec: Spec) -> bool:
    """Whether a day of the horizon has 23 or 25 hours, so that `1 d` is not `24 h`."""
    zone = ZoneInfo(spec.zone)
    count = int(spec.horizon // 24) + 3
    ends = [spec.start_utc + timedelta(days=day) for day in range(-1, min(count, 4000))]
    return len({to_local(end, zone) - end for end in ends}) > 1


def _station(left: Reader, right: Reader) -> Iterator[Change]:
    facts: list[tuple[str, str, str]] = []
    for reader in (left, right):
        spec = reader.spec
        facts.append(("", "", ""))
        facts[-1:] = [
            ("name", spec.name, ""),
            ("start", f"{spec.start:%Y-%m-%d %H:%M}", "start"),
            ("zone", spec.zone, "zone"),
            ("horizon", quantity(float(rounded(spec.horizon)), TIME, spec.currency), "horizon"),
            ("step", quantity(float(rounded(spec.step)), TIME, spec.currency), "step"),
            ("seed", str(spec.seed), "seed"),
            ("currency", spec.currency, "currency"),
            ("rounding", spec.rounding, "rounding"),
        ]
    half = len(facts) // 2
    for (what, old, setting), (_, new, _) in zip(facts[:half], facts[half:], strict=True):
        if old != new:
            stations = [reader.spec.only("station") for reader in (left, right)]
            first, second = (s.place(setting) if s is not None else None for s in stations)
            yield Change("changed", "station", what, old, new, "", first, second)


def _title(device: Device) -> str:
    declared = kind(device.kind)
    return f"{device.kind} {device.name}" if declared is not None and declared.named else device.kind


def _blocks(left: Reader, right: Reader) -> Iterator[Change]:
    theirs = {(d.kind, d.name): d for d in right.spec.devices}
    seen: set[tuple[str, str]] = set()
    for device in left.spec.devices:
        if device.kind == "station":
            continue
        name = left.names.get((device.kind, device.name), device.name)
        other = theirs.get((device.kind, name))
        if other is None:
            yield Change("removed", _title(device), "", _summary(left, device), "", "", device.header)
            continue
        seen.add((device.kind, name))
        if name != device.name:
            drawn = device.kind in DRAWN and any(_is_drawn(value) for value in device.settings.values())
            note = "its vehicles are drawn anew: a draw hangs on the name of its block" if drawn else ""
            where = (device.header, other.header)
            yield Change("renamed", _title(device), "", _title(device), _title(other), note, *where)
        yield from _settings(left, right, device, other)
    for key, device in theirs.items():
        if key not in seen and device.kind != "station":
            yield Change("added", _title(device), "", "", _summary(right, device), "", None, device.header)


def _is_drawn(value: Value) -> bool:
    return any(isinstance(leaf, Draw) for leaf in leaves(value))


def _summary(reader: Reader, device: Device) -> str:
    """What a block says, in one line; defaults are left out."""
    declared = kind(device.kind)
    assert declared is not None
    said = [
        f"{setting.name} = {reader.said(device.get(setting.name), setting)}"
        for setting in declared.settings
        if setting.name in device.given
    ]
    of = f"of {device.of}: " if device.of else ""
    rows = f"from {device.rows.shown}; " if device.rows is not None else ""
    return f"{of}{rows}{', '.join(said)}"


def _settings(left: Reader, right: Reader, old: Device, new: Device) -> Iterator[Change]:
    declared = kind(old.kind)
    assert declared is not None
    subject = _title(new)
    if left.names.get(("class", old.of), old.of) != new.of:
        yield Change("changed", subject, "class", old.of, new.of, "", old.header, new.header)
    if left.key(old.rows) != right.key(old.rows if old.rows is None else new.rows):
        yield from _rows(old, new, subject)
    for setting in declared.settings:
        yield from _setting(left, right, old, new, setting)


def _setting(left: Reader, right: Reader, old: Device, new: Device, setting: Setting) -> Iterator[Change]:
    before, after = old.get(setting.name), new.get(setting.name)
    if left.setting(setting, before) == right.setting(setting, after):
        return
    subject, where = _title(new), (old.place(setting.name), new.place(setting.name))
    blind = replace(left, contents=False), replace(right, contents=False)
    if before is not None and after is not None and blind[0].key(before) == blind[1].key(after):
        yield Change("file", subject, setting.name, _files(before), _files(after), "other content", *where)
    elif isinstance(before, Daily) and isinstance(after, Daily) and _hours(before) == _hours(after):
        for (hour, one), (_, two) in zip(steady(before), steady(after), strict=True):
            if rounded(one) != rounded(two):
                share = setting.maximum == 1.0
                said = [
                    quantity(number, table.dimension, reader.spec.currency, share)
                    for number, table, reader in ((one, before, left), (two, after, right))
                ]
                what = f"{setting.name} from {clock(hour)}"
                yield Change("changed", subject, what, said[0], said[1], "", *where)
    else:
        texts = [
            reader.said(value, setting) + (" (default)" if value is not None and setting.name not in device.given else "")
            for reader, value, device in ((left, before, old), (right, after, new))
        ]
        yield Change("changed", subject, setting.name, texts[0], texts[1], "", *where)


def _hours(table: Daily) -> list[float]:
    return [hour for hour, _ in steady(table)]


def _files(value: Value) -> str:
    found = [leaf for leaf in leaves(value) if isinstance(leaf, FileSeries | FileTariff)]
    return ", ".join(dict.fromkeys(_file(leaf.path, leaf.shown) for leaf in found))


def _file(path: Path, shown: str) -> str:
    lines = path.read_bytes().count(b"\n")
    return f"{shown} ({lines:,} line{'s' * (lines != 1)}, {content(path)[:8]})"


def _rows(old: Device, new: Device, subject: str) -> Iterator[Change]:
    where = (old.header, new.header)
    if old.rows is None or new.rows is None:
        return
    if content(old.rows.path) != content(new.rows.path):
        names = [_file(rows.path, rows.shown) for rows in (old.rows, new.rows)]
        yield Change("file", subject, "rows", names[0], names[1], "other content", *where)
    if old.rows.arriving != new.rows.arriving:
        said = [
            "all" if rows.arriving is None else " .. ".join(f"{when:%Y-%m-%d %H:%M}" for when in rows.arriving)
            for rows in (old.rows, new.rows)
        ]
        yield Change("changed", subject, "arriving", said[0], said[1], "", *where)


def _renamed(first: Spec, second: Spec, days: bool) -> dict[tuple[str, str], str]:
    """Blocks of the first spec that the second has under another name, until no more are found.

    What refers to a renamed block can only be told after it: a port on a renamed feeder.
    """
    names: dict[tuple[str, str], str] = {}
    while True:
        reader, other = Reader(first, days, names), Reader(second, days, {})
        taken = {(d.kind, names.get((d.kind, d.name), d.name)) for d in first.devices}
        free = [d for d in second.devices if (d.kind, d.name) not in taken]
        there = {(d.kind, d.name) for d in second.devices}
        found = dict(names)
        for device in first.devices:
            key = (device.kind, device.name)
            if key in there or key in names:
                continue
            same = [d for d in free if d.kind == device.kind and _alike(reader, other, device, d)]
            if same:
                found[key] = same[0].name
                free.remove(same[0])
        if found == names:
            return names
        names = found


def _alike(left: Reader, right: Reader, old: Device, new: Device) -> bool:
    return not any(_settings(left, right, old, new))


def _toggles(first: Spec, second: Spec) -> Iterator[Change]:
    for name in dict.fromkeys([*first.toggles, *second.toggles]):
        old, new = first.toggles.get(name), second.toggles.get(name)
        if old is None or new is None or old.on == new.on:
            continue
        texts = [f"{'on' if s.on else 'off'}{'' if s.span else ' (default)'}" for s in (old, new)]
        yield Change("changed", "toggle", name, texts[0], texts[1], "", old.span, new.span)


def _stages(first: Spec, second: Spec) -> Iterator[Change]:
    pairs = [[_weighed(stage) for stage in spec.stages] for spec in (first, second)]
    for number in range(max(map(len, pairs))):
        old, new = (found[number] if number < len(found) else None for found in pairs)
        if old == new:
            continue
        texts = [
            stage_text(spec.stages[number], spec) if number < len(spec.stages) else "" for spec in (first, second)
        ]
        spans = [spec.stages[number].span if number < len(spec.stages) else None for spec in (first, second)]
        how = "added" if old is None else "removed" if new is None else "changed"
        yield Change(how, "objective", f"stage {number + 1}", texts[0], texts[1], "", *spans)
    points = [str(spec.pareto.points) if spec.pareto is not None else "none" for spec in (first, second)]
    if points[0] != points[1]:
        yield Change("changed", "objective", "points of the front", points[0], points[1])


def _weighed(stage: Stage) -> tuple[Mapping[str, str], str, str]:
    """A stage in the sense of making small, its sums taken apart: `maximize -cost` is `minimize cost`."""
    weights: dict[str, float] = {}
    for name, number in stage.weights.items():
        declared = word(name)
        assert declared is not None
        for part, share in (declared.parts or {name: 1.0}).items():
            weights[part] = weights.get(part, 0.0) + stage.sign * number * share
    kept = {name: rounded(number) for name, number in weights.items() if number}
    return kept, rounded(stage.sign * stage.constant), rounded(stage.allowing)


def stage_text(stage: Stage, spec: Spec) -> str:
    """A stage with its weights as numbers, whatever params it was written with."""
    text = ""
    for name, number in stage.weights.items():
        declared = word(name)
        assert declared is not None
        size = weight(abs(number), stage.dimension.per(declared.dimension), spec.currency)
        term = name if size == "1" else f"{size} * {name}"
        text += f" {'-' if number < 0 else '+'} {term}" if text or number < 0 else term
    if stage.constant:
        size = quantity(abs(stage.constant), stage.dimension, spec.currency)
        text += f" {'-' if stage.constant < 0 else '+'} {size}"
    allowing = f" allowing {stage.allowing * 100:.10g} %" if stage.allowing else ""
    return f"{stage.sense} {text.strip()}{allowing}"


def _requirements(left: Reader, right: Reader) -> Iterator[Change]:
    old = {r.name: r for r in left.spec.requirements}
    new = {r.name: r for r in right.spec.requirements}

    def meaning(reader: Reader, own: object) -> object:
        return reader.key(replace(own, name="", text=""))  # type: ignore[type-var]  # a dataclass

    for name, one in old.items():
        two = new.get(name)
        if two is not None:
            if meaning(left, one) != meaning(right, two):
                yield Change("changed", "require", name, one.text, two.text, "", one.span, two.span)
            continue
        same = [r for r in new.values() if r.name not in old and meaning(right, r) == meaning(left, one)]
        if same:
            yield Change("renamed", f"require {name}", "", name, same[0].name, "", one.span, same[0].span)
            new.pop(same[0].name)
        else:
            yield Change("removed", "require", name, one.text, "", "", one.span)
    for name, two in new.items():
        if name not in old:
            yield Change("added", "require", name, "", two.text, "", None, two.span)


def _lets(left: Reader, right: Reader) -> Iterator[Change]:
    """Quantities of the schedule that are reported; those of constants alone are folded where they are used."""
    old, new = (
        {name: value for name, value in reader.spec.derived.items() if not isinstance(value, Const) and _reported(value)}
        for reader in (left, right)
    )
    for name in dict.fromkeys([*old, *new]):
        one, two = old.get(name), new.get(name)
        if one is not None and two is not None and left.key(one) == right.key(two):
            continue
        how = "added" if one is None else "removed" if two is None else "changed"
        texts = ["" if value is None else reader.said(value) for value, reader in ((one, left), (two, right))]
        yield Change(how, "let", name, texts[0], texts[1])


def _reported(value: Value) -> bool:
    return not bound(value) and any(type(leaf).__name__ in ("WordUse", "Quantity") for leaf in leaves(value))
