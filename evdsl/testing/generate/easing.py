"""Changes of a spec that let more be done: a setting that is eased, a toggle that is freed, a longer stay."""

from __future__ import annotations

from dataclasses import replace

from evdsl.language.declaration import Setting
from evdsl.language.devices import KINDS
from evdsl.language.toggles import TOGGLES
from evdsl.syntax import ast
from evdsl.testing.generate import nodes
from evdsl.testing.generate.edits import (
    Change,
    Changed,
    blocks,
    given,
    has_own_expressions,
    mentions,
    scaled,
    with_more,
    with_settings,
)
from evdsl.testing.trial import Trial


def easier(keyword: str, setting: Setting) -> Change:
    """The change that the declaration of a setting says lets through more schedules and none fewer."""

    def changed(trial: Trial) -> Changed:
        if trial.spec.on("uninterrupted") and (keyword, setting.name) in LEAST_OF:
            return None
        if keyword == "class" and any("power" not in one.given for one in trial.spec.of_kind("cohort")):
            return None  # its charge is then what each vehicle of the cohort takes, and no limit
        if setting.name == "reduce" and any("reward" in one.given for one in trial.spec.of_kind("event")):
            return None  # what is asked for is also the most that is paid for

        def one(each: ast.Setting) -> ast.Setting:
            if each.name.text != setting.name:
                return each
            if isinstance(each.value, ast.Range) and setting.decidable:
                return replace(
                    each, value=replace(each.value, high=scaled(each.value.high, 2.0, (1.0, "kW")))
                )
            if isinstance(each.value, ast.Range):
                return replace(each, value=replace(each.value, high=nodes.number(100, "%")))
            if setting.relaxed_by == "wider":  # a name for one
                return each
            if setting.is_counted:
                return replace(each, value=_one_more(each.value))
            unit = "A" if in_amperes(each.value) else "kW"
            factor, more = (2.0, (1.0, unit)) if setting.relaxed_by == "more" else (0.5, None)
            return replace(each, value=scaled(each.value, factor, more))

        return with_settings(trial, keyword, one)

    return changed


def _one_more(value: ast.Expression) -> ast.Expression:
    """A count, or each of those of a table, larger by one."""
    if isinstance(value, ast.Table):
        return replace(value, entries=tuple((when, _one_more(each)) for when, each in value.entries))
    return nodes.binary("+", value, nodes.number(1))


def in_amperes(value: ast.Expression) -> bool:
    """Whether a value, or the first of a table, is a current."""
    first = value.entries[0][1] if isinstance(value, ast.Table) else value
    return isinstance(first, ast.Number) and first.unit == "A"


LEAST_OF = (("class", "charge"), ("port", "power"))
"""With `uninterrupted`, the least power is a share of these: more of them is not only easier."""

NOT_MORE = frozenset({"load"})
"""Kinds whose power is no limit: with less of it the spec is another one."""

EASES: dict[str, Change] = {
    f"ease_{one.keyword}_{setting.name}": easier(one.keyword, setting)
    for one in KINDS
    if one.keyword not in NOT_MORE
    for setting in one.settings
    if setting.relaxed_by
}
"""By name, one for each setting that is declared to ease something."""


def freed(name: str, on: bool) -> Change:
    """The toggle on its freer side."""

    def changed(trial: Trial) -> Changed:
        if trial.spec.on(name) == on:
            return None
        kept = [
            replace(each, names=tuple(n for n in each.names if n.text != name))
            if isinstance(each, ast.Toggle)
            else each
            for each in trial.file.statements
        ]
        left = [each for each in kept if not isinstance(each, ast.Toggle) or each.names]
        return nodes.file_of([*left, nodes.toggle(on, [name])])

    return changed


FREES: dict[str, Change] = {f"free_{toggle.name}": freed(toggle.name, toggle.frees) for toggle in TOGGLES}
"""By name, one for each toggle."""


def free_solar(trial: Trial) -> Changed:
    """A roof that need not be used."""
    if not trial.spec.on("curtailment") or mentions(trial, "curtailed"):
        return None
    settings = [("peak", nodes.number(5, "kW")), ("profile", nodes.number(50, "%"))]
    return with_more(trial, nodes.block("solar", "more_sun", None, settings))


def longer_stay(trial: Trial) -> Changed:
    """Every vehicle stays an hour longer; where ports are held it would keep others away."""
    if trial.spec.of_kind("port") or has_own_expressions(trial) or trial.spec.on("uninterrupted"):
        return None
    if any(given(block, "days") for block in blocks(trial, "vehicle")):
        return None  # a stay that lay before the horizon may reach into it

    def one(each: ast.Setting) -> ast.Setting:
        if each.name.text not in ("stay", "departure"):
            return each
        return replace(each, value=nodes.binary("+", each.value, nodes.number(1, "h")))

    return with_settings(trial, "vehicle", one)
