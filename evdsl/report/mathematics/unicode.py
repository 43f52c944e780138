"""A page of mathematics in Unicode, for a terminal."""

from __future__ import annotations

import re

from evdsl.model.formulas.variables import SYMBOLS
from evdsl.report.mathematics.notation import Notation, bounds_of, signed_sum, word_value
from evdsl.report.mathematics.page import NAME, FormulaLine, FormulaPage


def unicode(found: FormulaPage) -> list[str]:
    """The page as text."""
    lines: list[str] = []
    for number, (sense, text) in enumerate(found.objectives):
        lines.append(f"{'then ' if number else ''}{sense} {text}")
    lines += ["", "where"]
    lines += [
        _padded(f"{line.name} = {line.own or word_value(line, UNICODE)}", _bracket(line.unit))
        for line in found.words
    ]
    lines += ["", "subject to"]
    lines += [text for line in found.rows for text in _row_text(line)]
    lines += ["", "with"]
    for line in found.variables:
        text = bounds_of(line, UNICODE)
        lines.append(_padded(f"{text}{_for_all(line.domain)}", f"{_bracket(line.unit)}  {line.doc}".strip()))
    lines += ["", "over", *(f"    {name}: {text}" for name, text in found.sets)]
    lines += ["", "given", *(f"    {SYMBOLS[name].text}: {SYMBOLS[name].doc}" for name in found.symbols)]
    return lines


def _row_text(line: FormulaLine) -> list[str]:
    head = f"  {line.name}  ({line.number:,})"
    notes = "; ".join(text for text in (line.unit, line.doc) if text)
    if line.own:
        return [head, f"      {line.own}"]
    left = signed_sum(line.left, UNICODE)
    relation = {"=": "=", "<=": "≤", ">=": "≥"}.get(line.relation, line.relation)
    formula = f"      {left} {relation} {_names(line.right)}{_for_all(line.domain)}"
    return [head, _padded(formula, f"[{notes}]" if notes else "").rstrip()]


def _padded(left: str, right: str) -> str:
    return f"    {left.strip():<72}  {right}".rstrip() if right else f"    {left.strip()}"


def _bracket(unit: str) -> str:
    return f"[{unit}]" if unit else ""


def _for_all(domain: str) -> str:
    return f"   ∀ {domain}" if domain else ""


def _names(text: str) -> str:
    """A factor or a side in Unicode."""

    def name(match: re.Match[str]) -> str:
        word, bracket, inside = match.group(0).partition("[")
        known = SYMBOLS.get(word)
        written = known.text if known is not None and (known.doc or word.startswith("sum_")) else word
        return written + bracket + inside

    return NAME.sub(name, text)


def _sum_over(over: str) -> str:
    return f"Σ_{{{over}}}" if "," in over else f"Σ_{over}"


UNICODE = Notation(_names, _sum_over, " ", "≤", "∈ {0, 1}")
