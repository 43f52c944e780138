"""Changes of a spec as syntax, with a known effect on the optimum (`evdsl.testing.properties.relations`).

A change gives the new file, or nothing where the spec has no place for it or the effect would not be known.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from evdsl.language.devices import KINDS
from evdsl.language.devices.phases import LABELS, ROTATE
from evdsl.language.names import AGGREGATES, FUNCTIONS, RESERVED, SET_WORDS
from evdsl.language.objectives import WORDS
from evdsl.language.quantities import DEPARTURE, OF_DEVICES, QUANTITIES
from evdsl.language.toggles import TOGGLES
from evdsl.language.units import parse
from evdsl.language.values import Calendar, ChargeTable, Daily, FileSeries, FileTariff
from evdsl.syntax import ast
from evdsl.testing.generate import nodes
from evdsl.testing.generate.edits import (
    Changed,
    blocks,
    given,
    has,
    has_own_expressions,
    in_file,
    is_from_data,
    mentions,
    names_in,
    scaled,
    with_more,
    with_settings,
)
from evdsl.testing.trial import Trial


def half_steps(trial: Trial) -> Changed:
    """Every step split in two, where everything is equal in both halves.

    Not where storages leak: the bounds of their energy hold at the end of a step, so in halves once more, and
    what keeps up an energy within them at each of these ends costs more than what makes up for a whole step.
    """
    if any(given(block, "leakage") for block in blocks(trial, "storage")):
        return None
    if has_own_expressions(trial) or trial.spec.of_kind("cohort") or mentions(trial, "delay"):
        return None
    if has(trial, Calendar, Daily, FileSeries, FileTariff) or not trial.whole_steps:
        return None

    def one(each: ast.Setting) -> ast.Setting:
        return replace(each, value=scaled(each.value, 0.5)) if each.name.text == "step" else each

    return with_settings(trial, "station", one)


def triple_prices(trial: Trial) -> Changed:
    """Every amount of money three times as large, where the text says them all."""
    if is_from_data(trial):
        return None

    def one(node: Any) -> Any:
        unit = parse(node.unit) if isinstance(node, ast.Number) else ""
        is_money = not isinstance(unit, str) and unit.dimension.money
        return nodes.number(node.value * 3, node.unit) if is_money else node

    return in_file(trial, one)


UNITS = {
    "kW": (1000.0, "W"),
    "kWh": (1000.0, "Wh"),
    "h": (60.0, "min"),
    "min": (60.0, "s"),
    "EUR/kWh": (1000.0, "EUR/MWh"),
    "ct/kWh": (10.0, "EUR/MWh"),
    "g/kWh": (1.0, "kg/MWh"),
    "%": (0.01, ""),
    "EUR/t": (0.001, "EUR/kg"),
}
"""Other ways to say the same amount."""


def other_units(trial: Trial) -> Changed:
    """W for kW, Wh for kWh, min for h, EUR/MWh for EUR/kWh."""

    if has(trial, ChargeTable):
        return None  # its keys are told from others by their unit

    def one(node: Any) -> Any:
        if not isinstance(node, ast.Number) or node.unit not in UNITS:
            return node
        factor, unit = UNITS[node.unit]
        return nodes.number(node.value * factor, unit)

    return in_file(trial, one)


def other_names(trial: Trial) -> Changed:
    """Every block under another name, but those that draws are keyed by and words of the language."""
    own = [b for b in trial.file.statements if isinstance(b, ast.Block) and b.name is not None]
    kept = {
        name.text for b in own if b.kind.text in ("fleet", "cohort", "trip") for name in (b.name,) if name
    }
    kept |= LANGUAGE
    new = {b.name.text: f"zz_{b.name.text}" for b in own if b.name and b.name.text not in kept}

    def one(node: Any) -> Any:
        return nodes.name(new[node.text]) if isinstance(node, ast.Name) and node.text in new else node

    return in_file(trial, one)


LANGUAGE = frozenset(
    {*FUNCTIONS, *AGGREGATES, *QUANTITIES, *SET_WORDS, *RESERVED, DEPARTURE}
    | {word.name for word in WORDS}
    | {toggle.name for toggle in TOGGLES}
    | {name for kind in KINDS for setting in kind.settings for name in (setting.name, *setting.choices)}
    | {name for declared in OF_DEVICES.values() for name in declared}
    | {kind.keyword for kind in KINDS}
    | {*LABELS}
)
"""Names that mean something where no block is meant, and may be those of blocks as well."""


def other_order(trial: Trial) -> Changed:
    """The blocks from last to first, and the settings of each as well."""
    old = trial.file.statements
    own = [replace(b, body=tuple(reversed(b.body))) for b in old if isinstance(b, ast.Block)]
    return nodes.file_of([*reversed(own), *(each for each in old if not isinstance(each, ast.Block))])


def a_week_later(trial: Trial) -> Changed:
    """Every date a week later; not where clocks change, data or draws have dates, or periods are billed."""
    if any(given(block, "per") for block in blocks(trial, "demand_charge")):
        return None
    if any(given(block, "days") for block in blocks(trial, "fleet")):
        return None
    if any(given(block, "zone") for block in blocks(trial, "station")) or is_from_data(trial):
        return None

    def one(node: Any) -> Any:
        return replace(node, when=node.when + timedelta(days=7)) if isinstance(node, ast.Date) else node

    return in_file(trial, one)


def trips_by_day(trial: Trial) -> Changed:
    """Trips of vehicles that come on the first day, by `days` and clock times of that day.

    Not where clocks change: what they skip is refused of one day alone.
    """
    if any(given(block, "zone") for block in blocks(trial, "station")):
        return None
    first, end = trial.spec.start, trial.spec.start + timedelta(hours=trial.spec.horizon)
    known = {
        block.name.text
        for block in blocks(trial, "vehicle")
        if block.name and isinstance(given(block, "arrival"), ast.Clock) and given(block, "days") is None
    }

    def one(node: Any) -> Any:
        if not isinstance(node, ast.Block) or node.kind.text != "trip" or given(node, "days") is not None:
            return node
        leaves = _moment_of(given(node, "departure"), first)
        if node.of is None or node.of.text not in known or leaves is None or leaves >= end:
            return node
        body: list[ast.Statement] = [nodes.setting("days", nodes.date(_midnight(leaves)))]
        for each in node.body:
            when = _moment_of(each.value, first) if isinstance(each, ast.Setting) else None
            if isinstance(each, ast.Setting) and when is not None:
                clock: ast.Expression = nodes.clock(when.hour * 3600 + when.minute * 60 + when.second)
                later = (when.date() - leaves.date()).days
                each = replace(
                    each, value=nodes.binary("+", clock, nodes.number(later, "d")) if later else clock
                )
            body.append(each)
        return replace(node, body=tuple(body))

    return in_file(trial, one)


def _moment_of(value: ast.Expression | None, first: datetime) -> datetime | None:
    """A clock time of the first day, or a date; nothing of what is else."""
    if isinstance(value, ast.Clock):
        return _midnight(first) + timedelta(seconds=value.seconds)
    return value.when if isinstance(value, ast.Date) else None


def _midnight(when: datetime) -> datetime:
    return when.replace(hour=0, minute=0, second=0, microsecond=0)


def idle_vehicle(trial: Trial) -> Changed:
    """One more vehicle, which has no battery and asks for nothing."""
    if has_own_expressions(trial):
        return None
    found = [given(block, "start") for block in blocks(trial, "station")]
    if len(found) != 1 or not isinstance(found[0], ast.Date):
        return None
    settings: list[tuple[str, ast.Expression]] = [("arrival", replace(found[0], has_time=True))]
    settings += [("stay", nodes.number(1, "h")), ("energy", nodes.number(0, "kWh"))]
    category = nodes.block("class", "idle_kind", None, [("charge", nodes.number(1, "kW"))])
    return with_more(trial, category, nodes.block("vehicle", "idle_one", "idle_kind", settings))


def idle_devices(trial: Trial) -> Changed:
    """A load of nothing and a storage without power."""
    nothing = nodes.block("load", "no_load", None, [("power", nodes.number(0, "kW"))])
    settings = [("capacity", nodes.number(1, "kWh")), ("power", nodes.number(0, "kW"))]
    return with_more(trial, nothing, nodes.block("storage", "no_power", None, settings))


def chosen_start(trial: Trial) -> Changed:
    """Storages that may begin with less than they do, or with anything where that is chosen already."""
    least, most = nodes.number(0, "%"), nodes.number(100, "%")
    changed = False

    def one(node: Any) -> Any:
        nonlocal changed
        if not isinstance(node, ast.Block) or node.kind.text != "storage" or given(node, "outside"):
            return node
        soc, begins = given(node, "soc"), given(node, "soc_initial") or nodes.number(50, "%")
        if (soc is not None and not isinstance(soc, ast.Range)) or isinstance(begins, ast.Name):
            return node
        low, high = (least, most) if soc is None else (soc.low, soc.high)
        changed = True
        body = [each for each in node.body if not _sets(each, "soc_initial")]
        chosen = nodes.span_of(low, high if isinstance(begins, ast.Range) else begins)
        return replace(node, body=(*body, nodes.setting("soc_initial", chosen)))

    file = in_file(trial, one)
    return file if changed else None


def _sets(statement: ast.Statement, name: str) -> bool:
    return isinstance(statement, ast.Setting) and statement.name.text == name


def twice(trial: Trial) -> Changed:
    """The first stage times two."""

    def one(node: Any) -> Any:
        if not isinstance(node, ast.Objective) or node.then:
            return node
        return replace(node, value=nodes.binary("*", nodes.number(2), node.value))

    return None if mentions(trial, "lexfairness") else in_file(trial, one)


def other_sense(trial: Trial) -> Changed:
    """Making small what was made large, with the other sign."""

    def one(node: Any) -> Any:
        if not isinstance(node, ast.Objective):
            return node
        other = "minimize" if node.sense == "maximize" else "maximize"
        return replace(node, sense=other, value=ast.Unary("-", node.value, nodes.NOWHERE))

    return None if mentions(trial, "lexfairness") else in_file(trial, one)


def one_stage(trial: Trial) -> Changed:
    """Without the later stages."""
    left = [each for each in trial.file.statements if not (isinstance(each, ast.Objective) and each.then)]
    return None if len(left) == len(trial.file.statements) else nodes.file_of(left)


def _turned(setting: ast.Setting, number: int) -> ast.Setting:
    """The phases of one port of those that rotate."""
    if not isinstance(setting.value, ast.Name) or setting.value.text != ROTATE:
        return setting
    turn = number % len(LABELS)
    mine = (*LABELS[turn:], *LABELS[:turn])
    return replace(setting, value=nodes.items(nodes.name(one) for one in mine))


def ports_apart(trial: Trial) -> Changed:
    """A block of one port instead of each port of a block of several."""
    if has_own_expressions(trial) or any(given(block, "ports") for block in blocks(trial, "class")):
        return None
    found: list[ast.Statement] = []
    spoken_of = {
        name for each in trial.file.statements if isinstance(each, ast.Let) for name in names_in(each)
    }
    if any(block.name is not None and block.name.text in spoken_of for block in blocks(trial, "port")):
        return None
    for each in trial.file.statements:
        count = given(each, "count") if isinstance(each, ast.Block) and each.kind.text == "port" else None
        if not isinstance(each, ast.Block) or not isinstance(count, ast.Number) or count.value < 2:
            found.append(each)
            continue
        body = [s for s in each.body if isinstance(s, ast.Setting) and s.name.text != "count"]
        names = [f"{each.name.text if each.name else ''}_{n}" for n in range(int(count.value))]
        found += [
            replace(each, name=nodes.name(name), body=tuple(_turned(s, n) for s in body))
            for n, name in enumerate(names)
        ]
    return None if len(found) == len(trial.file.statements) else nodes.file_of(found)
