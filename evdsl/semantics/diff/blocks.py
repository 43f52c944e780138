"""What differs between the blocks of two specs: those that came, went or were renamed, and their settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from evdsl.diagnostics.source import Span
from evdsl.language.declaration import VEHICLE, Setting
from evdsl.language.devices import declared_kind, kind
from evdsl.language.spec import VEHICLE_BLOCKS, Device, Spec
from evdsl.language.values import Daily, DerivedSeries, Draw, FileSeries, FileTariff, Value, leaves
from evdsl.semantics.diff.keys import Canonical, clock, content, quantity, rounded, steady

DRAWN = ("fleet",)
"""Kinds whose draws hang on the name of the block."""


@dataclass(frozen=True, slots=True)
class Difference:
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


def _title(device: Device) -> str:
    declared = kind(device.kind)
    return f"{device.kind} {device.name}" if declared is not None and declared.named else device.kind


def blocks(left: Canonical, right: Canonical) -> Iterator[Difference]:
    """Blocks that came, went or were renamed, and the settings of those that both specs have."""
    theirs = {(d.kind, d.name): d for d in right.spec.devices}
    seen: set[tuple[str, str]] = set()
    for device in left.spec.devices:
        if device.kind == "station":
            continue
        name = left.names.get((device.kind, device.name), device.name)
        other = theirs.get((device.kind, name))
        if other is None:
            yield Difference("removed", _title(device), "", _summary(left, device), "", "", device.header)
            continue
        seen.add((device.kind, name))
        if name != device.name:
            note = _drawn_anew(device)
            where = (device.header, other.header)
            yield Difference("renamed", _title(device), "", _title(device), _title(other), note, *where)
        yield from _settings(left, right, device, other)
    for key, device in theirs.items():
        if key not in seen and device.kind != "station":
            yield Difference(
                "added", _title(device), "", "", _summary(right, device), "", None, device.header
            )


def _drawn_anew(device: Device) -> str:
    """What of a block is drawn with other random numbers once it has another name."""
    ends = [leaf for value in device.settings.values() for leaf in leaves(value)]
    paths = [leaf for leaf in ends if isinstance(leaf, DerivedSeries) and leaf.is_random]
    if device.kind in DRAWN and any(isinstance(leaf, Draw) for leaf in ends):
        return "its vehicles are drawn anew: a draw hangs on the name of its block"
    if any(not leaf.stream and leaf.option("key") is None for leaf in paths):
        return "its series are drawn anew: a draw hangs on the name of its block"
    return ""


def _summary(reader: Canonical, device: Device) -> str:
    """What a block says, in one line; defaults are left out."""
    declared = declared_kind(device.kind)
    said = [
        f"{setting.name} = {reader.said(device.get(setting.name), setting)}"
        for setting in declared.settings
        if setting.name in device.given
    ]
    of = f"of {device.of}: " if device.of else ""
    rows = f"from {device.rows.shown}; " if device.rows is not None else ""
    return f"{of}{rows}{', '.join(said)}"


def _settings(left: Canonical, right: Canonical, old: Device, new: Device) -> Iterator[Difference]:
    declared = declared_kind(old.kind)
    subject = _title(new)
    kinds, what = (VEHICLE_BLOCKS, "vehicles") if declared.of == VEHICLE else (("class",), "class")
    if next((left.names[kind, old.of] for kind in kinds if (kind, old.of) in left.names), old.of) != new.of:
        yield Difference("changed", subject, what, old.of, new.of, "", old.header, new.header)
    if left.key(old.rows) != right.key(new.rows):
        yield from _rows(old, new, subject)
    for setting in declared.settings:
        yield from _setting(left, right, old, new, setting)


def _setting(
    left: Canonical, right: Canonical, old: Device, new: Device, setting: Setting
) -> Iterator[Difference]:
    before, after = old.get(setting.name), new.get(setting.name)
    if left.setting(setting, before) == right.setting(setting, after):
        return
    subject, where = _title(new), (old.place(setting.name), new.place(setting.name))
    blind = replace(left, contents=False), replace(right, contents=False)
    if before is not None and after is not None and blind[0].key(before) == blind[1].key(after):
        yield Difference(
            "file", subject, setting.name, _files(before), _files(after), "other content", *where
        )
    elif isinstance(before, Daily) and isinstance(after, Daily) and _hours(before) == _hours(after):
        for (hour, one), (_, two) in zip(steady(before), steady(after), strict=True):
            if rounded(one) != rounded(two):
                share = setting.maximum == 1.0
                said = [
                    quantity(number, table.dimension, reader.spec.currency, share)
                    for number, table, reader in ((one, before, left), (two, after, right))
                ]
                what = f"{setting.name} from {clock(hour)}"
                yield Difference("changed", subject, what, said[0], said[1], "", *where)
    else:
        texts = [
            reader.said(value, setting)
            + (" (default)" if value is not None and setting.name not in device.given else "")
            for reader, value, device in ((left, before, old), (right, after, new))
        ]
        yield Difference("changed", subject, setting.name, texts[0], texts[1], "", *where)


def _hours(table: Daily) -> list[float]:
    return [hour for hour, _ in steady(table)]


def _files(value: Value) -> str:
    found = [leaf for leaf in leaves(value) if isinstance(leaf, FileSeries | FileTariff)]
    return ", ".join(dict.fromkeys(_file(leaf.path, leaf.shown) for leaf in found))


def _file(path: Path, shown: str) -> str:
    lines = path.read_bytes().count(b"\n")
    return f"{shown} ({lines:,} line{'s' * (lines != 1)}, {content(path)[:8]})"


def _rows(old: Device, new: Device, subject: str) -> Iterator[Difference]:
    where = (old.header, new.header)
    if old.rows is None or new.rows is None:
        return
    if content(old.rows.path) != content(new.rows.path):
        names = [_file(rows.path, rows.shown) for rows in (old.rows, new.rows)]
        yield Difference("file", subject, "rows", names[0], names[1], "other content", *where)
    if old.rows.arriving != new.rows.arriving:
        said = [
            "all"
            if rows.arriving is None
            else " .. ".join(f"{when:%Y-%m-%d %H:%M}" for when in rows.arriving)
            for rows in (old.rows, new.rows)
        ]
        yield Difference("changed", subject, "arriving", said[0], said[1], "", *where)


def find_renames(first: Spec, second: Spec, days: bool) -> dict[tuple[str, str], str]:
    """Blocks of the first spec that the second has under another name, until no more are found.

    What refers to a renamed block can only be told after it: a port on a renamed feeder.
    """
    names: dict[tuple[str, str], str] = {}
    while True:
        reader, other = Canonical(first, days, names), Canonical(second, days, {})
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


def _alike(left: Canonical, right: Canonical, old: Device, new: Device) -> bool:
    return not any(_settings(left, right, old, new))
