"""The mathematics of every family of variables and rows, as data beside the model.

A row family says which variables stand in it, with which sign and factor, its relation and its right side;
which of them a given model has, over what they are indexed and where a sum is needed is read off the model
(`evdsl.report.mathematics.page`), and `tests/model/test_formulas.py` holds signs, relations, variables and
unit factors of every entry against the rows of models. A new family is a line
in `VARIABLES` here or in `evdsl.model.formulas.rows`, and nothing else; a new letter of a factor is one in
`evdsl.model.formulas.symbols`.

`{name}` in a name is the device that a row belongs to, `*` any device. Factors and right sides are written in
the symbols below: `eta_c[v]`.
"""

from __future__ import annotations

import re
from functools import cache

from evdsl.language.devices.phases import LABELS
from evdsl.language.requirement import TERMS
from evdsl.model.formulas.declaration import (
    KW,
    KWH,
    NUMBER,
    VEHICLES,
    RowFormula,
    Term,
    VariableFormula,
    WordFormula,
)
from evdsl.model.formulas.rows import ROWS
from evdsl.model.formulas.symbols import SYMBOLS

__all__ = ["ROWS", "SYMBOLS", "VARIABLES", "WORDS", "RowFormula", "Term", "VariableFormula", "WordFormula"]

SIZES = ("power", "charge", "discharge", "peak", "import_limit", "export_limit", "limit")
"""Settings in kW that may be chosen."""

VARIABLES: tuple[VariableFormula, ...] = (
    VariableFormula("import", KW, "power drawn from the grid", "import_max[t]"),
    VariableFormula("export", KW, "power fed into the grid", "export_max[t]"),
    VariableFormula("charge", KW, "power into a vehicle, at the port", "most_c[v,t,p]"),
    VariableFormula("discharge", KW, "power out of a vehicle, at the port", "most_d[v,t,p]"),
    VariableFormula(
        "energy", KWH, "energy in the battery at the end of a step", "battery_max[v]", "battery_min[v]"
    ),
    VariableFormula(
        "own.energy", KWH, "the same, where only a `require` asks for it", "battery_max[v]", "battery_min[v]"
    ),
    VariableFormula(
        "vehicle.taper.energy",
        KWH,
        "the same, where a `taper` asks for it",
        "battery_max[v]",
        "battery_min[v]",
    ),
    VariableFormula("unmet", KWH, "energy asked for and not delivered", "need[v]"),
    VariableFormula(
        "spare", KWH, "energy above energy_min with which a stay after a trip begins", "range[v]"
    ),
    VariableFormula("elsewhere", KWH, "energy bought on the trip after a stay", "lack_most[v]"),
    VariableFormula("trip.en_route.second", NUMBER, "1 where energy is left after a trip, 0 where it lacks"),
    VariableFormula("trip.elsewhere.second", NUMBER, "the same, of trips on which energy is bought"),
    VariableFormula("holds", NUMBER, "whether v has a port of p"),
    VariableFormula("holds.begin", NUMBER, "whether v first holds a port there", "1"),
    VariableFormula("charge.on", NUMBER, "whether v charges"),
    VariableFormula("discharge.on", NUMBER, "whether v discharges"),
    VariableFormula("charge.at", NUMBER, "whether v charges at this rate"),
    VariableFormula("discharge.at", NUMBER, "whether v discharges at this rate"),
    VariableFormula("begin", NUMBER, "whether v begins to charge", "1"),
    VariableFormula("{name}.billed", KW, "the largest mean of a period, above what was reached"),
    VariableFormula("{name}.inward", KW, "what flows into a feeder that is metered"),
    VariableFormula("{name}.over", KW, "power drawn in a call above what it allows"),
    VariableFormula("{name}.saved", KW, "power not drawn in a call, of its baseline", "asked[t]"),
    VariableFormula("peak", KW, "the largest import"),
    VariableFormula("export_peak", KW, "the largest export"),
    VariableFormula("fairness", NUMBER, "the share of the worst-served vehicle", "1"),
    VariableFormula("fairness_gap", NUMBER, "the best share less the worst", "1"),
    VariableFormula("fairness_gap.worst", NUMBER, "at most the worst share", "1"),
    VariableFormula(
        "fairness_gap.over", KWH, "what a vehicle with trips ends with above its target", "range[v]"
    ),
    VariableFormula("fairness_gap.left.second", NUMBER, "1 where its target is met, 0 where it lacks"),
    VariableFormula("fairness_gap.full", NUMBER, "whether the best share is 1"),
    VariableFormula("vehicle.exclusive.second", NUMBER, "1 where v may discharge, 0 where it may charge"),
    VariableFormula("grid.import_or_export.second", NUMBER, "1 where exports are allowed, 0 where imports"),
    VariableFormula("{name}.exclusive.second", NUMBER, "1 where it may discharge, 0 where it may charge"),
    VariableFormula("{name}.charge_on", NUMBER, "whether it charges"),
    VariableFormula("{name}.discharge_on", NUMBER, "whether it discharges"),
    VariableFormula("{name}.surplus.second", NUMBER, "1 where it may charge, 0 where the site may import"),
    VariableFormula("{name}.charge", KW, "power into a storage, at the site", "power"),
    VariableFormula("{name}.discharge", KW, "power out of a storage, at the site", "power"),
    VariableFormula("{name}.energy", KWH, "energy in a storage", "battery_max", "battery_min"),
    VariableFormula(
        "{name}.energy_start",
        KWH,
        "energy in a storage at first, where it is chosen",
        "start_most capacity",
        "start_least capacity",
    ),
    VariableFormula("{name}.size.capacity", KWH, "the capacity, as it is chosen", "size_most", "size_least"),
    *(
        VariableFormula(
            f"{{name}}.size.{setting}", KW, f"its `{setting}`, as it is chosen", "size_most", "size_least"
        )
        for setting in SIZES
    ),
    VariableFormula("{name}.power", KW, "generation that is used", "available[t]"),
    VariableFormula(
        "{name}.charging", VEHICLES, "vehicles of a state of need that charge", "there_most[t,n]"
    ),
    VariableFormula("{name}.count", VEHICLES, "vehicles in a state of need at the end of a step"),
    VariableFormula("{name}.waiting", VEHICLES, "vehicles in need", "there_most[t]"),
    VariableFormula("{name}.counted", KWH, "what vehicles in need count for in a step", "counted_most[t]"),
    VariableFormula("{name}.taken", KW, "power of a cohort", "each there_most[t]"),
    VariableFormula("{name}.flow", KW, "what flows into a feeder", "limit[t]", "-limit[t]"),
    *(
        VariableFormula(
            f"{{name}}.{label}",
            KW,
            f"what flows in on {label}",
            "volts phase_limit[t]",
            "-volts phase_limit[t]",
        )
        for label in LABELS
    ),
)

WORDS: tuple[WordFormula, ...] = (
    WordFormula("energy_cost", (Term(1, "import", "delta price[t]"),)),
    WordFormula("export_revenue", (Term(1, "export", "delta feed_in[t]"),)),
    WordFormula("demand_cost", (Term(1, "peak", "demand_charge"), Term(1, "*.billed", "per_kw"))),
    WordFormula("wear", (Term(1, "discharge", "delta wear[v]"), Term(1, "*.discharge", "delta wear"))),
    WordFormula("co2", (Term(1, "import", "delta carbon[t]"), Term(-1, "export", "delta export_carbon[t]"))),
    WordFormula("elsewhere_cost", (Term(1, "elsewhere", "road_price[v]"),)),
    WordFormula("event_penalty", (Term(1, "*.over", "delta inside[t] penalty"),)),
    WordFormula("event_revenue", (Term(1, "*.saved", "delta inside[t] call_reward"),)),
    WordFormula("initial_cost", (Term(1, "*.energy_start", "initial_price"),), "sum_s initial_price initial"),
    WordFormula("unmet", (Term(1, "unmet"),)),
    WordFormula(
        "dissatisfaction",
        (Term(1, "unmet", "priority[v]"), Term(1, "*.waiting", "counts_for"), Term(1, "*.counted")),
    ),
    WordFormula("peak", (Term(1, "peak"),)),
    WordFormula("export_peak", (Term(1, "export_peak"),)),
    WordFormula("discharged", (Term(1, "discharge", "delta"),)),
    WordFormula("delay", (Term(1, "charge", "delta waited[v,t]"),)),
    WordFormula(
        "waiting_time",
        (Term(-1, "holds.begin", "left[v,t]"), Term(-1, "holds", "left[v,t]")),
        "sum_v left[v]",
    ),
    WordFormula("fairness", (Term(1, "fairness"),)),
    WordFormula("fairness_gap", (Term(1, "fairness_gap"),)),
    WordFormula(
        "curtailed",
        (Term(-1, "*.power", "delta"), Term(1, "*.size.peak", "sum_t delta profile[t]")),
        "sum_t delta available[t]",
    ),
    WordFormula(
        "end_value",
        (
            Term(1, "charge", "delta end_value[v] eta_c[v]"),
            Term(-1, "discharge", "delta end_value[v]/eta_d[v]"),
            Term(1, "*.energy", "end_value", at="T"),
            Term(1, "spare", "end_value[v]"),
        ),
        "sum_v end_value[v] initial[v]",
    ),
    WordFormula(
        "v2g_profit",
        (
            Term(
                1,
                "discharge",
                "delta (eta_p[p] worth[t] - reward[v,t] - wear[v] - price[t] (1/(eta_c[v] eta_d[v]) - 1))",
            ),
        ),
    ),
    WordFormula(
        "revenue",
        (
            Term(1, "charge", "delta tariff[v,t]"),
            Term(-1, "discharge", "delta (reward[v,t] + off_bill[v,t])"),
            Term(1, "*.taken", "delta tariff[t]"),
        ),
    ),
)


@cache
def pattern(name: str) -> re.Pattern[str]:
    """What a name with `{name}` or `*` stands for."""
    text = re.escape(name).replace(r"\{name\}", r"(?P<name>[^.]+)").replace(r"\*", r"[^.]+")
    return re.compile(text)


def row_formula(name: str) -> RowFormula | None:
    """The formula of a family of rows; a name written out comes before one with `{name}`.

    Rows of a user's own expressions have none, whatever they are called: they are told as they are written.
    """
    if name.startswith(("require.", f"{TERMS}.")):
        return None
    found = [formula for formula in ROWS if pattern(formula.name).fullmatch(name)]
    return min(found, key=lambda formula: "{name}" in formula.name, default=None)


def variable_formula(name: str) -> VariableFormula | None:
    """The same of a family of variables."""
    found = [formula for formula in VARIABLES if pattern(formula.name).fullmatch(name)]
    return min(found, key=lambda formula: "{name}" in formula.name, default=None)


def word_formula(name: str) -> WordFormula | None:
    """The formula of an objective word that is no sum of others."""
    return next((formula for formula in WORDS if formula.name == name), None)


def over_of(name: str) -> str | None:
    """The indices that a family of rows may have; `None` where it has no formula."""
    found = row_formula(name)
    return found.over if found is not None else None


def unit_of(name: str) -> str:
    """The unit of a family of variables or rows; empty where it has none."""
    found = row_formula(name) or variable_formula(name)
    return found.unit if found is not None else ""
