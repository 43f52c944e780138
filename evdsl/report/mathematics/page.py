r"""A model as mathematics: each family of variables and rows as one formula, in Unicode or in LaTeX.

What a family means (factors, relation, right side) comes from `evdsl.model.formulas.variables`; what a model
has of it (which variables stand in its rows, over what they are indexed, where a sum is, which sides are
zero) from the model itself, so a formula never speaks of an export that this model does not have. A family
without a formula, such as a `require` of the user's, is told by its own statement or by what its rows consist
of.

Indices: `v` a vehicle, `t` a step, `p` a group of ports, `n` a state of need of a cohort, `i` what is told
apart by its position alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from evdsl.language.objectives import declared_word, word
from evdsl.language.requirement import TERMS
from evdsl.language.units import symbol
from evdsl.model.formulas.variables import (
    SYMBOLS,
    RowFormula,
    Term,
    pattern,
    row_formula,
    variable_formula,
    word_formula,
)
from evdsl.model.labels import AT_END, AXES, Family, LabelIndex
from evdsl.report.numbers import plural

START = ".energy_start"
NAME = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*(?:\[[^\]]*\])?")
DOMAINS = {
    "v": "v ∈ V",
    "t": "t ∈ T",
    "p": "p ∈ P",
    "v,t": "v ∈ V, t ∈ T(v)",
    "v,p": "(v, p) ∈ H",
    "v,t,p": "(v, t, p) ∈ S",
    "t,p": "t ∈ T, p ∈ P",
    "t,n": "t ∈ T, n ∈ N",
}


@dataclass(frozen=True, slots=True)
class FormulaTerm:
    """One term of a family as its model has it: its sign (0: both), its factor, its variable and the sum."""

    sign: int
    factor: str
    variable: str
    over: str


@dataclass(frozen=True, slots=True)
class FormulaLine:
    """One formula: `name`, `left relation right` for `domain`."""

    name: str
    left: tuple[FormulaTerm, ...]
    relation: str
    right: str
    domain: str
    number: int
    unit: str
    doc: str
    own: str = ""
    """The statement of the spec instead, where it is the formula."""


@dataclass(frozen=True, slots=True)
class FormulaPage:
    """A whole program: `objectives` with their words, rows, bounds, symbols and the sizes of the sets."""

    objectives: tuple[tuple[str, str], ...]
    words: tuple[FormulaLine, ...]
    rows: tuple[FormulaLine, ...]
    variables: tuple[FormulaLine, ...]
    symbols: tuple[str, ...]
    sets: tuple[tuple[str, str], ...]


def page(index: LabelIndex) -> FormulaPage:
    """The mathematics of a model without open requirements."""
    spec = index.program.spec
    rows = tuple(row_line(index, family) for family in index.rows)
    # A term that is no word is told by the objective itself, in which it is written.
    words = tuple(
        _word_line(index, name, expression)
        for name, expression in index.program.words.items()
        if word(name) is not None
    )
    variables = tuple(_variable_line(index, family) for family in index.variables)
    used = [f"{part.factor} " for line in (*rows, *words) for part in line.left]
    used += [f"{line.right} {line.own}" for line in (*rows, *words)]
    used += [line.right for line in variables]
    names = {match.group(0).partition("[")[0] for text in used for match in NAME.finditer(text)}
    symbols = tuple(name for name, found in SYMBOLS.items() if name in names and found.doc)
    objectives = tuple((stage.sense, stage.text) for stage in spec.stages)
    return FormulaPage(objectives, words, rows, variables, symbols, _sets(index))


def _sets(index: LabelIndex) -> tuple[tuple[str, str], ...]:
    spec, seats = index.program.spec, index.program.slot_index
    vehicles = index.program.data.vehicles
    found = [("T", f"{spec.steps} steps of Δ = {spec.step * 60:g} min from {spec.start:%Y-%m-%d %H:%M}")]
    if len(vehicles):
        count = plural(int(vehicles.is_first.sum()), "vehicle")
        if vehicles.travels.any():
            count = f"{plural(len(vehicles), 'stay')} of {count}"
        found.append(("V", f"{count}; T(v) the steps in which v is there"))
        named = ["+".join(index.ports(g)) for g, ports in enumerate(seats.groups) if not ports.own]
        if named:
            found.append(("P", f"groups of equal ports: {', '.join(named)}"))
        found.append(("S", f"{len(seats.slots):,} (v, t, p): v is there at t and may use p"))
    found += [
        ("N", f"{device.number('classes'):g} states of need of cohort {device.name}")
        for device in spec.of_kind("cohort")
    ]
    if len(seats.port_choices):
        found.append(
            ("H", f"{len(seats.port_choices):,} choices of ports, where there is something to choose")
        )
    return tuple(found)


def letters(family: Family) -> str:
    """The indices that tell the members of a family apart, such as `v,t,p`."""
    at = family.at
    axes = zip(AXES, (at.vehicle, at.hours, at.port, at.need), strict=True)
    found = [letter for letter, values in axes if len(values) and np.isfinite(values).all()]
    if family.repeated.any() and len(family) > 1:
        found.append("i")
    if not found and len(family) > 1:
        found.append("i")
    return ",".join(found)


def row_line(index: LabelIndex, family: Family) -> FormulaLine:
    """A family of rows as the model has it."""
    formula, own = row_formula(family.name), letters(family)
    span = index.program.ledger.get(family.name)
    side, relations = _sides(index, family)
    relation = relations.pop() if len(relations) == 1 else "?"
    if formula is None:
        written = ""
        if family.name.startswith(("require.", f"{TERMS}.")) and span is not None:
            written = " ".join(span.text.split())
        elif family.name.startswith("own.") and family.name.endswith(".is"):
            word_used = family.name.removesuffix(".is")
            written = f"{word_used} = {word_used.removeprefix('own.')}"
        right = _constant(side)
        parts = tuple(_unknown(index, family, name, own) for name, _ in _inside(index, family))
        return FormulaLine(family.name, parts, relation, right, _domain(own), len(family), "", "", written)
    there = {variable: set(np.sign(values).tolist()) for variable, values in _inside(index, family)}
    placed = _placed(formula, there, family.name)
    parts = tuple(_part(index, term, variable, own, _hung(index, family.name)) for term, variable in placed)
    parts = tuple(
        replace(part, over="stays(v)") if _is_of_stays(index, family, variable, part, parts) else part
        for part, (_, variable) in zip(parts, placed, strict=True)
    )
    right = formula.right
    if not np.any(side):
        right = "0"
    elif not np.all(side) and formula.right != "0":
        right = f"{formula.right} or 0"
    doc = formula.doc
    if any(variable.endswith(START) for _, variable in placed) and "t" in own.split(","):
        doc = "`energy_start` in the first row alone"
    if family.name == "port.count" and len(index.program.slot_index.outages):
        doc += ", on the right those that are in order then"
    return FormulaLine(family.name, parts, relation, right, _domain(own), len(family), formula.unit, doc)


def _is_of_stays(
    index: LabelIndex, family: Family, variable: str, part: FormulaTerm, parts: Sequence[FormulaTerm]
) -> bool:
    """Whether rows of vehicles have a variable of several stays each."""
    if part.over or "v" not in letters(family).split(",") or not index.program.data.vehicles.travels.any():
        return False
    rows = index.matrix.rows[family.start : family.start + len(family)].tocoo()
    inside = next(each for each in index.variables if each.name == variable)
    mine = (rows.col >= inside.start) & (rows.col < inside.start + len(inside))
    alike = sum(each.variable.partition("[")[0] == variable for each in parts)
    return bool(np.bincount(rows.row[mine]).max(initial=0) > alike)


def _terms(formula: RowFormula, variable: str, row: str) -> list[Term]:
    """The terms of a formula that a variable stands for; those that name it come before those with `*`."""
    match = pattern(formula.name).fullmatch(row)
    name = match.groupdict().get("name", "") if match is not None else ""
    own = [term for term in formula.terms if term.variable.replace("{name}", name or "") == variable]
    return own or [
        term for term in formula.terms if "*" in term.variable and pattern(term.variable).fullmatch(variable)
    ]


def _placed(formula: RowFormula, variables: Mapping[str, set[float]], row: str) -> list[tuple[Term, str]]:
    """The terms of a formula with the variables that a model has for them, in the order of the formula."""
    found = [
        (term, variable)
        for variable, signs in variables.items()
        for term in _terms(formula, variable, row)
        # Of what a device takes or gives the model knows the sign: a power may be either.
        if "*" not in term.variable or float(term.sign) in signs
    ]
    return sorted(found, key=lambda pair: formula.terms.index(pair[0]))


def _inside(index: LabelIndex, family: Family) -> list[tuple[str, np.ndarray]]:
    """The families of variables in rows, in the order of the model, each with its coefficients."""
    matrix = index.matrix
    rows = matrix.rows[family.start : family.start + len(family)].tocoo()
    found: list[tuple[str, np.ndarray]] = []
    for variable in index.variables:
        mine = (rows.col >= variable.start) & (rows.col < variable.start + len(variable))
        if mine.any():
            found.append((variable.name, rows.data[mine]))
    return found


def _sides(index: LabelIndex, family: Family) -> tuple[np.ndarray, set[str]]:
    matrix, mine = index.matrix, slice(family.start, family.start + len(family))
    low, high = matrix.row_lower[mine], matrix.row_upper[mine]
    relations = set(np.where(low == high, "=", np.where(np.isfinite(low), ">=", "<=")).tolist())
    return np.where(np.isfinite(low), low, high), relations


def _constant(side: np.ndarray) -> str:
    values = np.unique(side)
    return f"{values[0] + 0.0:g}" if len(values) == 1 else "b"


def _indexed(index: LabelIndex, variable: str) -> str:
    family = next(family for family in index.variables if family.name == variable)
    own = letters(family)
    return "v,t" if variable in ("energy", "own.energy") else own


def _hung(index: LabelIndex, row: str) -> str:
    """Which ports a balance is of, where they do not all hang at one place."""
    feeders = {group.feeder for group in index.program.slot_index.groups}
    if len(feeders) < 2 or not row.endswith(".balance"):
        return ""
    feeder = row.removesuffix(".balance")
    return f" on {feeder}" if feeder in feeders else " on no feeder"


def _part(index: LabelIndex, term: Term, variable: str, row: str, hung: str = "") -> FormulaTerm:
    """A term with the indices of its variable; summed over those that the row does not have."""
    own = _indexed(index, variable).split(",") if _indexed(index, variable) else []
    end = "t+1" if variable.rpartition(".")[2] in AT_END else "t"
    moved = {"t": end, **{at[0].lower(): at for at in term.at.split(",") if at}}
    shown = [moved.get(letter, letter) for letter in own]
    over = [x for x in own if x not in row.split(",") and not (x == "t" and term.at == "T")]
    over = [f"p{hung}" if x == "p" else x for x in over]
    factor = term.factor
    if "p" not in own:
        # A port of one's own is without losses and has no index.
        factor = "" if "eta_p[p]" in factor and "(" not in factor else factor
        factor = factor.replace("eta_p[p] ", "").replace(",p]", "]")
    return FormulaTerm(
        term.sign, factor, f"{variable}[{','.join(shown)}]" if shown else variable, ",".join(over)
    )


def _unknown(index: LabelIndex, family: Family, variable: str, row: str) -> FormulaTerm:
    """A term of which only the model is known: its sign, and `a` for coefficients that are not one."""
    (values,) = (found for name, found in _inside(index, family) if name == variable)
    signs = set(np.sign(values).tolist())
    sign = int(signs.pop()) if len(signs) == 1 else 1
    own = _indexed(index, variable)
    over = [letter for letter in own.split(",") if letter and letter not in row.split(",")]
    factor = "" if (np.abs(values) == 1).all() else "a"
    return FormulaTerm(sign, factor, f"{variable}[{own}]" if own else variable, ",".join(over))


def _domain(own: str) -> str:
    if own in DOMAINS:
        return DOMAINS[own]
    return DOMAINS.get(own.removesuffix(",i"), own) + ", i" if own.endswith(",i") else own


def _variable_line(index: LabelIndex, family: Family) -> FormulaLine:
    matrix, mine = index.matrix, slice(family.start, family.start + len(family))
    formula, own = variable_formula(family.name), _indexed(index, family.name)
    shown = own.replace("t", "t+1") if family.name.rpartition(".")[2] in AT_END else own
    part = FormulaTerm(1, "", f"{family.name}[{shown}]" if shown else family.name, "")
    low, high = matrix.lower[mine], matrix.upper[mine]
    if matrix.integer[mine].any():
        bounds, relation = "0, 1", "in"
    else:
        lower, upper = (
            (formula.lower, formula.upper) if formula is not None else (_constant(low), _constant(high))
        )
        lower = "0" if not low.any() else lower
        upper = "" if np.isinf(high).all() else "0" if not high.any() else upper or _constant(high)
        if "p" not in own:
            upper = upper.replace(",p]", "]")
        bounds, relation = (f"{lower}|{upper}", "between") if np.isfinite(low).any() else (upper, "<=")
    doc, unit = (formula.doc, formula.unit) if formula is not None else ("", "")
    return FormulaLine(family.name, (part,), relation, bounds, _domain(own), len(family), unit, doc)


def _word_line(index: LabelIndex, name: str, expression: Any) -> FormulaLine:
    """A word: the sum of its parts, or a sum over the decisions that this model has."""
    declared = declared_word(name)
    unit = symbol(declared.dimension, index.program.spec.currency)
    if declared.parts:
        parts = tuple(
            FormulaTerm(1 if weight > 0 else -1, "" if abs(weight) == 1 else f"{abs(weight):g}", part, "")
            for part, weight in declared.parts.items()
        )
        return FormulaLine(name, parts, "=", "", "", 1, unit, declared.doc)
    formula = word_formula(name)
    if formula is None:
        return FormulaLine(name, (), "=", "", "", 1, unit, declared.doc, declared.doc)
    model = index.program.model
    labels, coefficients = expression.label, expression.coefficient
    there: dict[str, set[float]] = {}
    for family in index.variables:
        inside = np.isin(labels, model.variables[family.name].labels.values) & (labels >= 0)
        if inside.any():
            there[family.name] = set(np.sign(coefficients[inside]).tolist())
    whole = RowFormula(name, "", "", formula.terms, "=")
    parts = tuple(_part(index, term, variable, "") for term, variable in _placed(whole, there, name))
    constant = formula.constant if np.any(expression.constant) else ""
    return FormulaLine(name, parts, "=", constant, "", 1, unit, declared.doc)
