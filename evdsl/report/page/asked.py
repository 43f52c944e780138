"""What was asked of a run: its goal and its sizes, the text of the spec, and what is assumed beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from evdsl.data.provenance import currents_of, files_of
from evdsl.language.devices import kind
from evdsl.language.toggles import TOGGLES
from evdsl.report.numbers import decimals, plural, share
from evdsl.report.page.html import Element, append, element
from evdsl.report.page.tables import folded, stacked

if TYPE_CHECKING:
    from evdsl.language.spec import Device, Spec
    from evdsl.optimization.result import Result


def goal(result: Result) -> list[Element]:
    """The objective, and how large the question is."""
    (facts,) = goal_of(result.spec)
    append(facts, element("dt", "Model"), element("dd", _sizes(result)))
    return [facts]


def goal_of(spec: Spec) -> list[Element]:
    """The objective, the site and its clock."""
    stages = [
        f"{'then ' if number else ''}{stage.sense} {stage.text}"
        + (f" allowing {share(stage.allowing)}" if stage.allowing else "")
        for number, stage in enumerate(spec.stages)
    ]
    if spec.pareto is not None:
        stages = [f"pareto {spec.pareto.first.text}, {spec.pareto.second.text}"]
    stages += [f"require {one.text}" for one in spec.requirements if one.text]
    facts = [
        element("dt", "Objective"),
        element("dd", *(element("div", element("code", line)) for line in stages)),
        element("dt", "Site"),
        element("dd", ", ".join(_blocks(spec))),
        element("dt", "Clock"),
        element("dd", _clock(spec)),
    ]
    return [element("dl", *facts)]


def _clock(spec: Spec) -> str:
    ends = {"floor": ", stays begin and end with steps", "inward": ", stays count in whole steps"}
    rounded = ends.get(spec.rounding, "")
    return f"{plural(spec.steps, 'step')} of {spec.step * 60:g} min, {spec.zone}{rounded}, seed {spec.seed}"


def _sizes(result: Result) -> str:
    variables, integers, rows = (result.size.get(name, 0) for name in ("variables", "integers", "rows"))
    whole = f" ({integers:,} integer)" if integers else ""
    spent = result.seconds.get("solve", 0.0)
    sizes = f"{plural(variables, 'variable')}{whole}, {plural(rows, 'row')}"
    return f"{sizes}, solved in {decimals(spent, 2)} s on {result.backend}"


def _blocks(spec: Spec) -> Iterator[str]:
    counts: dict[str, int] = {}
    for device in spec.devices:
        if device.kind != "station":
            number = device.port_count if device.kind == "port" else 1
            counts[device.kind] = counts.get(device.kind, 0) + number
    for name, count in counts.items():
        yield name if name in ("grid", "sessions") and count == 1 else _counted(count, name)


def _counted(count: int, name: str) -> str:
    shown = name.replace("_", " ")
    return plural(count, shown) if not shown.endswith("s") else f"{count} {shown}{'es' * (count != 1)}"


def spec(result: Result) -> list[Element]:
    """The text of the spec with what it includes, and what is not written in it."""
    asked = result.spec
    data = [*files_of(asked), *currents_of(asked), *result.data.remarks]
    sources = element("ul", *(element("li", line) for line in data), class_="plain") if data else None
    return [
        *texts(asked),
        *([element("h3", "Data"), sources] if sources is not None else []),
        element("h3", "Assumed, since the spec does not say otherwise"),
        _assumed(asked),
        element("h3", "Toggles"),
        _toggles(asked),
    ]


def texts(asked: Spec, is_open: bool = True) -> list[Element]:
    """The text of the spec, and of what it includes; the first is shown at once where that is wanted."""
    return [
        folded(
            f"The text of {source.name}",
            element("pre", _numbered(source.text)),
            is_open=is_open and not number,
        )
        for number, source in enumerate(asked.sources)
    ]


def _numbered(text: str) -> str:
    lines = text.rstrip("\n").split("\n")
    wide = len(str(len(lines)))
    return "\n".join(f"{number:>{wide}}  {line}" for number, line in enumerate(lines, 1))


def _assumed(asked: Spec) -> Element:
    """The settings that hold by default, a row for each kind of block that has the same."""
    groups: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for device in asked.devices:
        texts = tuple(_defaults(device))
        if texts:
            groups.setdefault((device.kind, texts), []).append(device.name)
    rows = [[f"{name} {_named(names)}".rstrip(), ", ".join(texts)] for (name, texts), names in groups.items()]
    return stacked(["block", "settings"], rows, (0, 1))


def _named(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= 3 else f"{', '.join(names[:3])} and {len(names) - 3} more"


def _defaults(device: Device) -> Iterator[str]:
    declared = kind(device.kind)
    for setting in declared.settings if declared is not None and device.kind != "station" else ():
        if setting.default is not None and setting.name not in device.given and setting.default:
            yield f"{setting.name} = {setting.default}"


def _toggles(asked: Spec) -> Element:
    rows = []
    for toggle in TOGGLES:
        switch = asked.toggles.get(toggle.name)
        on = toggle.default if switch is None else switch.on
        by = "the spec" if switch is not None and switch.span is not None else "default"
        idle = toggle.idle(asked)
        rows.append([toggle.name, "on" if on else "off", by, toggle.doc, idle or ""])
    titles = ["toggle", "is", "by", "what it does", "without effect, since"]
    return folded(plural(len(rows), "toggle"), stacked(titles, rows, (0, 1, 2, 3, 4)))
