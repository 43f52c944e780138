"""Rows and variables that a person asks for by name and coordinates, and how one of them is told.

`site.balance[08:15]`: a family, and in brackets any of a vehicle, a block of ports, a local time (its date
only where the horizon has several days), a `state 2` of a cohort and a position `#17`, in any order. What is
left out is not asked about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean
from evdsl.diagnostics.source import Source, Span
from evdsl.language.requirement import TERMS, Term, nodes
from evdsl.language.units import symbol
from evdsl.language.values import Aggregated, Value
from evdsl.model.formulas.variables import unit_of
from evdsl.model.labels import ROW, VARIABLE, Family, LabelIndex, clock, clock_forms
from evdsl.semantics.arithmetic import is_decided

ASKED = re.compile(r"\s*([^\[\]]+?)\s*(?:\[(.*)\])?\s*", re.DOTALL)
WORD = re.compile(r'\s*(?:"([^"]*)"|([^,"]*))\s*(?:,|$)')
TIME = re.compile(r"(\d{4}-\d\d-\d\d[ T])?\d{1,2}:\d\d(:\d\d)?([+-]\d\d:\d\d)?")
SHORT = 12
"""Terms of a row that are written out where several rows are asked for."""


@dataclass(frozen=True, slots=True)
class RowMatch:
    """A family and the positions in it that were asked for."""

    family: Family
    positions: NDArray[np.intp]


def find(index: LabelIndex, asked: str) -> RowMatch | Diagnostic:
    """What `asked` names; or E203 with what was probably meant."""
    span = Span(Source("ROW", asked), 0, len(asked))
    parts = ASKED.fullmatch(asked)
    if parts is None:
        help = "write `family[vehicle, time, port]`, such as `site.balance[08:15]`"
        return Diagnostic("E203", "this is not the name of a row or a variable", span, "", help)
    families = [family for family in index.families if family.name == parts[1]]
    if not families:
        names = [family.name for family in index.families]
        help = did_you_mean(parts[1], names) or f"the model has {', '.join(names)}"
        return Diagnostic("E203", f"the model has no row or variable `{parts[1]}`", span, "", help)
    (family,) = families
    kept = np.ones(len(family), dtype=bool)
    for quote, plain in _words(parts[2] or ""):
        matching = _matching(index, family, plain.strip(), bool(quote), quote)
        if not (kept & matching).any():
            return _nothing_there(index, family, quote or plain.strip(), kept, span)
        kept &= matching
    return RowMatch(family, np.flatnonzero(kept))


def _words(text: str) -> list[tuple[str, str]]:
    """The words in brackets: each in quotes, or plain."""
    found = [(match[1] or "", match[2] or "") for match in WORD.finditer(text)]
    return [(quote, plain) for quote, plain in found if quote or plain.strip()]


def _matching(index: LabelIndex, family: Family, word: str, is_quoted: bool, quote: str) -> NDArray[np.bool_]:
    """Which labels of a family a word may mean."""
    at, nothing = family.at, np.zeros(len(family), dtype=bool)
    if not is_quoted and re.fullmatch(r"#\d{1,9}", word):
        nothing[int(word[1:]) - 1 : int(word[1:])] = True
        return nothing
    if not is_quoted and TIME.fullmatch(word):
        wanted = re.sub(r"(^| )(\d:)", r"\g<1>0\2", word.replace("T", " "))
        timeline = index.program.data.timeline
        moments = [
            h for h in np.unique(at.hours[np.isfinite(at.hours)]) if wanted in clock_forms(h, timeline)
        ]
        return np.isin(at.hours, moments)
    if not is_quoted and re.fullmatch(r"state \d{1,3}", word):
        return np.isin(at.need, [float(word[6:])])
    name = quote if is_quoted else word
    vehicles, groups = index.program.data.vehicles.name, range(len(index.program.slot_index.groups))
    numbers = [vehicles.index(name)] if name in vehicles else []
    ports = [g for g in groups if name in index.ports(g) or name == "+".join(index.ports(g))]
    return np.isin(at.vehicle, numbers) | np.isin(at.port, ports)


def _nothing_there(
    index: LabelIndex, family: Family, word: str, kept: NDArray[np.bool_], span: Span
) -> Diagnostic:
    """E203: what the family has in place of a word that leads to nothing."""
    at, timeline = family.at, index.program.data.timeline
    if TIME.fullmatch(word):
        there = np.unique(at.hours[kept & np.isfinite(at.hours)])
        near = [clock(float(hours), timeline) for hours in there]
        clocks = [form.rpartition(" ")[2] for form in near]
        before = [form for form, short in zip(near, clocks, strict=True) if short <= word.rpartition(" ")[2]]
        help = f"did you mean `{(before or near)[-1 if before else 0]}`?" if near else ""
    else:
        vehicles = [index.vehicle(v) for v in np.unique(at.vehicle[kept & (at.vehicle >= 0)])]
        ports = [name for g in np.unique(at.port[kept & (at.port >= 0)]) for name in index.ports(g)]
        help = did_you_mean(word, [*vehicles, *ports])
    position = int(np.flatnonzero(kept)[0])
    help = help or f"the first is `{index.label(family, position)}`"
    message = f"`{family.name}` has no {family.kind} at `{word}`"
    return Diagnostic("E203", message, span, "", help)


def describe_rows(index: LabelIndex, found: RowMatch, limit: int) -> list[str]:
    """The lines that tell what was found, at most `limit` labels, and how many more there are."""
    family, several = found.family, len(found.positions) > 1
    tell = _variable if family.kind == VARIABLE else _row
    lines: list[str] = []
    for position in found.positions[:limit].tolist():
        lines += [*tell(index, family, position, several), ""]
    more = len(found.positions) - limit
    if more > 0:
        lines.append(
            f"... and {more:,} more of {len(found.positions):,}; `--limit {len(found.positions)}` shows all"
        )
    return lines if more > 0 else lines[:-1]


def _unit(index: LabelIndex, family: Family) -> str:
    """The unit of a family; that of a `require` is the one of its sides."""
    spec = index.program.spec
    for own in spec.requirements:
        if family.name == own.row or family.name.startswith(f"{own.row}."):
            return symbol(own.left.dimension, spec.currency)
    for number, term in enumerate(spec.terms, 1):
        if family.name.startswith(f"{TERMS}.{number}."):
            return _unit_of_extremes(term, spec.currency)
    return unit_of(family.name)


def _unit_of_extremes(term: Term, currency: str) -> str:
    """The unit of what is the largest or smallest in a term; empty where there are several."""
    found = {node.dimension for node in nodes(term.value) if _is_extreme(node)}
    return symbol(found.pop(), currency) if len(found) == 1 else ""


def _is_extreme(node: Value) -> bool:
    named = node.function if isinstance(node, Aggregated) else getattr(node, "operator", "")
    return named in ("max", "min") and is_decided(node)


def _place(index: LabelIndex, family: Family) -> str:
    span = index.program.ledger.get(family.name)
    if span is None:
        return ""
    return f"{span.source.name}:{span.line}: {span.source.line(span.line).strip()}"


def _row(index: LabelIndex, family: Family, position: int, several: bool) -> list[str]:
    matrix = index.matrix
    row = family.start + position
    first, last = matrix.rows.indptr[row], matrix.rows.indptr[row + 1]
    columns, values = matrix.rows.indices[first:last], matrix.rows.data[first:last]
    order = np.argsort(columns, kind="stable")
    terms = [
        (float(values[i]) / float(matrix.row_factor[row]), index.column(int(columns[i])))
        for i in order[: SHORT if several else None]
    ]
    left = _sum(terms)
    if several and len(order) > SHORT:
        left.append(f"+ ... and {len(order) - SHORT:,} more")
    low, high = matrix.row_lower[row], matrix.row_upper[row]
    relation = "=" if low == high else ">=" if np.isfinite(low) else "<="
    side = float(low if np.isfinite(low) else high) / float(matrix.row_factor[row])
    unit = _unit(index, family)
    return [
        index.label(family, position),
        *(f"    {line}" for line in _wrapped([*left, f"{relation} {number(side)} {unit}".rstrip()])),
        f"  asked for at {_place(index, family)}",
    ]


def _variable(index: LabelIndex, family: Family, position: int, several: bool) -> list[str]:
    matrix = index.matrix
    column = family.start + position
    low, high = float(matrix.lower[column]), float(matrix.upper[column])
    unit, name = _unit(index, family), index.label(family, position)
    if matrix.integer[column]:
        bounds = f"{name} is 0 or 1" if (low, high) == (0.0, 1.0) else f"{name} is a whole number"
    else:
        left = f"{number(low)} <= " if np.isfinite(low) else ""
        right = f" <= {number(high)}" if np.isfinite(high) else ""
        bounds = f"{left}{name}{right} {unit}".rstrip()
    own = matrix.rows.tocsc()
    rows = np.sort(own.indices[own.indptr[column] : own.indptr[column + 1]])
    shown = [index.row(int(row)) for row in rows[: SHORT if several else None]]
    more = [f"and {len(rows) - SHORT:,} more"] if several and len(rows) > SHORT else []
    names = [f"{name}," for name in [*shown, *more]]
    return [
        bounds,
        *(
            f"    {line}"
            for line in _wrapped(["in", *names[:-1], names[-1][:-1]] if names else ["in no row"])
        ),
        f"  asked for at {_place(index, family)}",
    ]


def _sum(terms: Sequence[tuple[float, str]]) -> list[str]:
    """Terms with their signs, coefficients of one left out."""
    found: list[str] = []
    for coefficient, name in terms:
        size = "" if abs(coefficient) == 1 else f"{number(abs(coefficient))} "
        sign = "-" if coefficient < 0 else "+" if found else ""
        found.append(f"{sign} {size}{name}".strip() if found or not sign else f"-{size}{name}")
    return found or ["0"]


def _wrapped(words: Sequence[str], width: int = 96) -> list[str]:
    """Words in lines; a term is never cut, so that it can be found."""
    lines = [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def number(value: float) -> str:
    """Six digits that say something."""
    return f"{value + 0.0:.6g}"


__all__ = ["ROW", "VARIABLE", "RowMatch", "describe_rows", "find", "number"]
