"""The mathematics of every family of variables and rows, as data beside the model.

A row family says which variables stand in it, with which sign and factor, its relation and its right side;
which of them a given model has, over what they are indexed and where a sum is needed is read off the model
(`evdsl.mathematics`), and `tests/test_show.py` holds signs, relations, variables and unit factors of every
entry against the rows of models. A new family is a line here, and nothing else.

`{name}` in a name is the device that a row belongs to, `*` any device. Factors and right sides are written in
the symbols below: `eta_c[v]`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

KW, KWH, NUMBER = "kW", "kWh", ""


@dataclass(frozen=True, slots=True)
class Term:
    """`sign factor variable` in a row, summed where the variable has indices that the row has not.

    `at` replaces the step in its index (`t + 1` for energies, `t` for all else).
    """

    sign: int
    variable: str
    factor: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class RowFormula:
    """`Σ terms relation right`, one row for each index out of `over`; rows whose right side is zero say so."""

    name: str
    over: str
    unit: str
    terms: tuple[Term, ...]
    relation: str
    right: str = "0"
    doc: str = ""


@dataclass(frozen=True, slots=True)
class VariableFormula:
    """A family of decisions: its unit, its upper bound where there is one, and its lower one if not 0."""

    name: str
    unit: str
    doc: str
    upper: str = ""
    lower: str = "0"


@dataclass(frozen=True, slots=True)
class WordFormula:
    """An objective word that is no sum of others."""

    name: str
    terms: tuple[Term, ...]
    constant: str = ""


@dataclass(frozen=True, slots=True)
class Symbol:
    """Something given: how it is written in Unicode and in LaTeX, and what it is."""

    text: str
    latex: str
    doc: str


SYMBOLS: dict[str, Symbol] = {
    "delta": Symbol("Δ", r"\Delta", "the length of a step, h"),
    "eta_c": Symbol("η_c", r"\eta^{\mathrm{c}}", "what reaches the battery of what is charged"),
    "eta_d": Symbol("η_d", r"\eta^{\mathrm{d}}", "what reaches the port of what leaves the battery"),
    "eta_p": Symbol("η_p", r"\eta^{\mathrm{p}}", "efficiency between the site and the port"),
    "eta": Symbol("η", r"\eta", "efficiency of a storage, each way"),
    "most_c": Symbol("C", r"C", "the most that v can charge: presence · min(class, port), kW"),
    "most_d": Symbol("D", r"D", "the most that v can discharge: presence · min(class, port), kW"),
    "present": Symbol("present", r"\mathrm{present}", "the share of step t during which v is there"),
    "least": Symbol("least", r"\mathrm{least}", "the least power above zero, kW"),
    "rate": Symbol("rate", r"\mathrm{rate}", "the powers that a port allows, kW"),
    "battery_min": Symbol("energy_min", r"\underline{\mathrm{energy}}", "the least energy in the battery, kWh"),
    "battery_max": Symbol("energy_max", r"\overline{\mathrm{energy}}", "the most energy in the battery, kWh"),
    "initial": Symbol("energy_0", r"\mathrm{energy}^{0}", "the energy in the battery at first, kWh"),
    "target": Symbol("target", r"\mathrm{target}", "the energy asked for at departure, kWh"),
    "demand": Symbol("demand", r"\mathrm{demand}", "the energy asked for at the port, kWh"),
    "need": Symbol("need", r"\mathrm{need}", "the energy asked for, kWh"),
    "priority": Symbol("priority", r"\mathrm{priority}", "how much v's dissatisfaction weighs"),
    "wear": Symbol("wear", r"\mathrm{wear}", "the cost of each energy discharged"),
    "end_value": Symbol("end_value", r"\mathrm{end\_value}", "what energy left in the battery is worth"),
    "waited": Symbol("waited", r"\mathrm{waited}", "hours from arrival to step t"),
    "tariff": Symbol("tariff", r"\mathrm{tariff}", "what a driver pays for each energy charged"),
    "reward": Symbol("v2g_reward", r"\mathrm{v2g\_reward}", "what a driver is paid for each energy discharged"),
    "import_max": Symbol("import_limit", r"\overline{\mathrm{import}}", "the most that may be imported, kW"),
    "export_max": Symbol("export_limit", r"\overline{\mathrm{export}}", "the most that may be exported, kW"),
    "site_in": Symbol("import_most", r"M^{\mathrm{in}}", "import_limit, or all that the site could take, kW"),
    "site_out": Symbol("export_most", r"M^{\mathrm{out}}", "export_limit, or all that it could give, kW"),
    "worth": Symbol("worth", r"\mathrm{worth}", "`feed_in` where the grid has one, else `price`"),
    "sum_t": Symbol("Σ_t", r"\sum_{t}", ""),
    "sum_v": Symbol("Σ_v", r"\sum_{v}", ""),
    "price": Symbol("price", r"\mathrm{price}", "of imported energy"),
    "feed_in": Symbol("feed_in", r"\mathrm{feed\_in}", "what exported energy earns"),
    "carbon": Symbol("carbon", r"\mathrm{carbon}", "the emissions of imported energy"),
    "demand_charge": Symbol("demand_charge", r"\mathrm{demand\_charge}", "the price of the peak"),
    "load": Symbol("load", r"\mathrm{load}", "what blocks of `load` take, kW"),
    "available": Symbol("available", r"\mathrm{available}", "the generation that is there, kW"),
    "limit": Symbol("limit", r"\mathrm{limit}", "of a feeder, kW"),
    "power": Symbol("power", r"\mathrm{power}", "the largest power of a storage, kW"),
    "soc_final": Symbol("soc_final", r"\mathrm{soc\_final}", "the least state of charge at the end"),
    "capacity": Symbol("capacity", r"\mathrm{capacity}", "the energy that a storage holds, kWh"),
    "count": Symbol("count", r"\mathrm{count}", "how many ports there are"),
}

VARIABLES: tuple[VariableFormula, ...] = (
    VariableFormula("import", KW, "power drawn from the grid", "import_max[t]"),
    VariableFormula("export", KW, "power fed into the grid", "export_max[t]"),
    VariableFormula("charge", KW, "power into a vehicle, at the port", "most_c[v,t,p]"),
    VariableFormula("discharge", KW, "power out of a vehicle, at the port", "most_d[v,t,p]"),
    VariableFormula(
        "energy", KWH, "energy in the battery at the end of a step", "battery_max[v]", "battery_min[v]"
    ),
    VariableFormula("unmet", KWH, "energy asked for and not delivered", "need[v]"),
    VariableFormula("holds", NUMBER, "whether v has a port of p"),
    VariableFormula("on_port", NUMBER, "whether v is on this port"),
    VariableFormula("charge.on", NUMBER, "whether v charges"),
    VariableFormula("discharge.on", NUMBER, "whether v discharges"),
    VariableFormula("charge.at", NUMBER, "whether v charges at this rate"),
    VariableFormula("discharge.at", NUMBER, "whether v discharges at this rate"),
    VariableFormula("begin", NUMBER, "whether v begins to charge", "1"),
    VariableFormula("peak", KW, "the largest import"),
    VariableFormula("fairness", NUMBER, "the share of the worst-served vehicle", "1"),
    VariableFormula("best_share", NUMBER, "a share that no vehicle's exceeds", "1"),
    VariableFormula("vehicle.exclusive.second", NUMBER, "1 where v may discharge, 0 where it may charge"),
    VariableFormula("grid.import_or_export.second", NUMBER, "1 where exports are allowed, 0 where imports"),
    VariableFormula("{name}.exclusive.second", NUMBER, "1 where it may discharge, 0 where it may charge"),
    VariableFormula("{name}.charge", KW, "power into a storage, at the site", "power"),
    VariableFormula("{name}.discharge", KW, "power out of a storage, at the site", "power"),
    VariableFormula("{name}.energy", KWH, "energy in a storage", "battery_max", "battery_min"),
    VariableFormula("{name}.power", KW, "generation that is used", "available[t]"),
    VariableFormula("{name}.flow", KW, "what flows into a feeder", "limit[t]", "-limit[t]"),
)

SITE = (
    Term(-1, "charge", "1/eta_p[p]"),
    Term(1, "discharge", "eta_p[p]"),
    Term(1, "*.power"),
    Term(-1, "*.charge"),
    Term(1, "*.discharge"),
    Term(-1, "*.flow"),
)
PORT = (Term(1, "charge", "delta"), Term(-1, "discharge", "delta"))
INSIDE = (Term(1, "charge", "delta eta_c[v]"), Term(-1, "discharge", "delta/eta_d[v]"))

ROWS: tuple[RowFormula, ...] = (
    RowFormula("site.balance", "t", KW, (Term(1, "import"), Term(-1, "export"), *SITE), "=", "load[t]"),
    RowFormula("{name}.balance", "t", KW, (Term(1, "{name}.flow"), *SITE), "=", "load[t]"),
    RowFormula(
        "vehicle.energy", "v,t", KWH,
        (
            Term(1, "energy", at="t+1"),
            Term(-1, "energy", at="t"),
            Term(-1, "charge", "delta eta_c[v]"),
            Term(1, "discharge", "delta/eta_d[v]"),
        ),
        "=",
        "initial[v]",
        "the state at first stands on the right",
    ),
    RowFormula("vehicle.target", "v", KWH, (*INSIDE, Term(1, "unmet")), ">=", "target[v] - initial[v]"),
    RowFormula("vehicle.demand", "v", KWH, (*PORT, Term(1, "unmet")), "=", "demand[v]"),
    RowFormula("vehicle.demand_or_more", "v", KWH, (*PORT, Term(1, "unmet")), ">=", "demand[v]"),
    RowFormula("vehicle.full", "v", KWH, INSIDE, "<=", "battery_max[v] - initial[v]"),
    RowFormula("port.one", "v,t", NUMBER, (Term(1, "holds"),), "<=", "1"),
    RowFormula("port.charge", "v,t,p", KW, (Term(1, "charge"), Term(-1, "holds", "most_c[v,t,p]")), "<="),
    RowFormula("port.discharge", "v,t,p", KW, (Term(1, "discharge"), Term(-1, "holds", "most_d[v,t,p]")), "<="),
    RowFormula(
        "port.count", "t,p", NUMBER, (Term(1, "holds"),), "<=", "count[p]", "over those that are there at one instant"
    ),
    RowFormula("port.count.chosen", "v,t,p", NUMBER, (Term(1, "holds"), Term(-1, "on_port")), "="),
    *(
        formula
        for flow, most in (("charge", "most_c[v,t,p]"), ("discharge", "most_d[v,t,p]"))
        for formula in (
            RowFormula(
                f"port.{flow}_least", "v,t,p", KW, (Term(1, flow), Term(-1, f"{flow}.on", "present[v,t] least[v,p]")), ">="
            ),
            RowFormula(f"port.{flow}_most", "v,t,p", KW, (Term(1, flow), Term(-1, f"{flow}.on", most)), "<="),
            RowFormula(
                f"port.{flow}_rate", "v,t,p", KW, (Term(1, flow), Term(-1, f"{flow}.at", "present[v,t] rate[p]")), "="
            ),
            RowFormula(f"port.{flow}_one_rate", "v,t,p", NUMBER, (Term(1, f"{flow}.at"),), "<=", "1"),
        )
    ),
    RowFormula(
        "vehicle.start", "v,t", NUMBER,
        (
            Term(1, "begin"),
            Term(-1, "charge.on"),
            Term(1, "charge.on", at="t-1"),
            Term(-1, "charge.at"),
            Term(1, "charge.at", at="t-1"),
        ),
        ">=",
    ),
    RowFormula("vehicle.one_start", "v", NUMBER, (Term(1, "begin"),), "<=", "1"),
    RowFormula("site.peak", "t", KW, (Term(1, "import"), Term(-1, "peak")), "<="),
    RowFormula("site.fairness", "v", NUMBER, (Term(1, "unmet", "1/need[v]"), Term(1, "fairness")), "<=", "1"),
    RowFormula(
        "vehicle.exclusive.second.a", "v,t,p", KW,
        (
            Term(1, "charge"),
            Term(-1, "holds", "most_c[v,t,p]"),
            Term(1, "vehicle.exclusive.second", "most_c[v,t,p]"),
        ),
        "<=",
        "most_c[v,t,p]",
        "`holds` where a port is to be chosen, the right side where none is",
    ),
    RowFormula(
        "vehicle.exclusive.second.b", "v,t,p", KW,
        (Term(1, "discharge"), Term(-1, "vehicle.exclusive.second", "most_d[v,t,p]")),
        "<=",
    ),
    RowFormula(
        "grid.import_or_export.second.a", "t", KW,
        (Term(1, "import"), Term(1, "grid.import_or_export.second", "site_in[t]")),
        "<=",
        "site_in[t]",
    ),
    RowFormula(
        "grid.import_or_export.second.b", "t", KW,
        (Term(1, "export"), Term(-1, "grid.import_or_export.second", "site_out[t]")),
        "<=",
    ),
    RowFormula(
        "{name}.exclusive.second.a", "t", KW,
        (Term(1, "{name}.charge"), Term(1, "{name}.exclusive.second", "power")),
        "<=",
        "power",
    ),
    RowFormula(
        "{name}.exclusive.second.b", "t", KW,
        (Term(1, "{name}.discharge"), Term(-1, "{name}.exclusive.second", "power")),
        "<=",
    ),
    RowFormula(
        "{name}.state", "t", KWH,
        (
            Term(1, "{name}.energy", at="t+1"),
            Term(-1, "{name}.energy", at="t"),
            Term(-1, "{name}.charge", "delta eta"),
            Term(1, "{name}.discharge", "delta/eta"),
        ),
        "=",
        "initial",
        "the state at first stands on the right",
    ),
    RowFormula("{name}.final", "", KWH, (Term(1, "{name}.energy", at="T"),), ">=", "soc_final capacity"),
)

WORDS: tuple[WordFormula, ...] = (
    WordFormula("energy_cost", (Term(1, "import", "delta price[t]"),)),
    WordFormula("export_revenue", (Term(1, "export", "delta feed_in[t]"),)),
    WordFormula("demand_cost", (Term(1, "peak", "demand_charge"),)),
    WordFormula(
        "wear", (Term(1, "discharge", "delta wear[v]"), Term(1, "*.discharge", "delta wear"))
    ),
    WordFormula("co2", (Term(1, "import", "delta carbon[t]"),)),
    WordFormula("unmet", (Term(1, "unmet"),)),
    WordFormula("dissatisfaction", (Term(1, "unmet", "priority[v]"),)),
    WordFormula("peak", (Term(1, "peak"),)),
    WordFormula("discharged", (Term(1, "discharge", "delta"),)),
    WordFormula("delay", (Term(1, "charge", "delta waited[v,t]"),)),
    WordFormula("fairness", (Term(1, "fairness"),)),
    WordFormula("curtailed", (Term(-1, "*.power", "delta"),), "sum_t delta available[t]"),
    WordFormula(
        "end_value",
        (
            Term(1, "charge", "delta end_value[v] eta_c[v]"),
            Term(-1, "discharge", "delta end_value[v]/eta_d[v]"),
            Term(1, "*.energy", "end_value", at="T"),
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
    WordFormula("revenue", (Term(1, "charge", "delta tariff[v,t]"), Term(-1, "discharge", "delta reward[v,t]"))),
)


@cache
def pattern(name: str) -> re.Pattern[str]:
    """What a name with `{name}` or `*` stands for."""
    text = re.escape(name).replace(r"\{name\}", r"(?P<name>[^.]+)").replace(r"\*", r"[^.]+")
    return re.compile(text)


def row_formula(name: str) -> RowFormula | None:
    """The formula of a family of rows; a name written out comes before one with `{name}`."""
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
