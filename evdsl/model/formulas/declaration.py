"""What a formula is made of: see `evdsl.model.formulas.variables`."""

from __future__ import annotations

from dataclasses import dataclass

KW, KWH, VEHICLES, NUMBER = "kW", "kWh", "vehicles", ""


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
    """`Σ terms relation right`, one row for each index out of `over`. Sides of zero are told as such."""

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
