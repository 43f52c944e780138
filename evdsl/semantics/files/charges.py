"""`demand_charge NAME = tariff("file.json", interval=15 min)` to the settings of a block, with its prices."""

from __future__ import annotations

from dataclasses import replace

from evdsl.diagnostics.diagnostic import did_you_mean
from evdsl.language.declaration import Kind, Setting
from evdsl.language.units import MONEY_PER_POWER
from evdsl.language.values import FileTariff, Value
from evdsl.semantics.functions import tariff
from evdsl.semantics.scope import Scope
from evdsl.syntax import ast

OF_CALL = ("file", "unit")
OF_BLOCK = ("interval", "reached", "feeder", "partial")
"""What such a file does not say, and the spec may."""
OF_FILE = {"price": "the price", "per": "that each month is billed", "days": "the days", "window": "the days"}
"""What the file says, or what is always so of one."""


def is_read_from_tariff(statement: ast.Declaration) -> bool:
    """Whether a block is written as what a tariff's file says."""
    return isinstance(statement.value, ast.Call) and statement.value.function.text == "tariff"


def read_charges(
    kind: Kind, statement: ast.Declaration, owner: str, scope: Scope
) -> tuple[Kind, list[ast.Setting], FileTariff | None]:
    """What may be said of such a block, what is, and its prices."""
    call = statement.value
    assert isinstance(call, ast.Call)
    own = [one for one in call.arguments if one.name not in OF_CALL and one.name]
    form = replace(kind, settings=tuple(one for one in kind.settings if one.name in OF_BLOCK))
    of_file = replace(call, arguments=tuple(one for one in call.arguments if one not in own))
    prices = tariff(of_file, scope, "USD/kW")
    settings: list[ast.Setting] = []
    for argument in own:
        if argument.name in OF_BLOCK:
            name = ast.Name(argument.name, argument.span)
            settings.append(ast.Setting(name, argument.value, argument.span))
            continue
        known = OF_FILE.get(argument.name)
        message = f"`{owner}` is read from a tariff, and has no `{argument.name}` of its own"
        message += f": the file says {known}" if known else ""
        help = did_you_mean(argument.name, (*OF_CALL, *OF_BLOCK))
        help = help or f"leave it out, or write `{owner} {{` with a `price`"
        scope.report("E202", message, argument.span, "", help)
    if not isinstance(prices, FileTariff):
        return form, settings, None
    if prices.dimension != MONEY_PER_POWER:
        message = f"`{owner}` wants its prices in money for each kW, and `{prices.unit}` is "
        message += scope.describe(prices.dimension)
        help = f'write `unit="{prices.unit.partition("/")[0]}/kW"`'
        scope.report("E301", message, prices.span, "", help)
        return form, settings, None
    return form, settings, prices


def as_block(setting: Setting, value: Value, owner: str) -> str:
    """How the charges of a file are taken that are written as one price; empty for anything else."""
    if not isinstance(value, FileTariff) or setting.dimension != MONEY_PER_POWER:
        return ""
    keyword, _, name = owner.partition(" ")
    block = owner if keyword == "demand_charge" and name else "demand_charge monthly"
    return f'a file has a price for each month: write `{block} = tariff("{value.shown}")`'
