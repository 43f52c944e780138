"""A page of mathematics in LaTeX, for a paper."""

from __future__ import annotations

import re

from evdsl.model.formulas.variables import SYMBOLS
from evdsl.report.mathematics.notation import Notation, bounds_of, signed_sum, word_value
from evdsl.report.mathematics.page import NAME, FormulaPage


def latex(found: FormulaPage) -> list[str]:
    """The page as LaTeX, for a document with `amsmath`."""
    lines = [r"\begin{align*}"]
    for number, (sense, _) in enumerate(found.objectives):
        then = r"\text{then }" if number else ""
        lines.append(rf"  & {then}\{sense[:3]} \quad \text{{{_escaped(found.objectives[number][1])}}} \\")
    lines.append(r"  & \text{where} \\")
    for line in found.words:
        text = rf"\text{{{_escaped(line.own)}}}" if line.own else word_value(line, LATEX)
        lines.append(rf"  & \mathrm{{{_escaped(line.name)}}} = {text} \\")
    lines.append(r"  & \text{subject to} \\")
    relations = {"=": "=", "<=": r"\le", ">=": r"\ge"}
    for line in found.rows:
        if line.own:
            text = rf"\text{{{_escaped(line.own)}}}"
        else:
            relation = relations.get(line.relation, r"\lessgtr")
            text = rf"{signed_sum(line.left, LATEX)} {relation} {_names(line.right)}"
        lines.append(rf"  & {text}{_domain(line.domain)} && \text{{{_escaped(line.name)}}} \\")
    lines.append(r"  & \text{with} \\")
    for line in found.variables:
        text = bounds_of(line, LATEX)
        lines.append(rf"  & {text}{_domain(line.domain)} \\")
    return [*lines, r"\end{align*}"]


def _domain(domain: str) -> str:
    return rf" \quad \forall\, {domain.replace('∈', chr(92) + 'in')}" if domain else ""


def _names(text: str) -> str:
    """A factor or a side in LaTeX."""

    def name(match: re.Match[str]) -> str:
        word, _, inside = match.group(0).partition("[")
        known = SYMBOLS.get(word)
        if known is not None:
            written = known.latex
        elif word == "or":
            return r"\text{ or }"
        elif len(word) == 1:
            written = word
        else:
            written = rf"\mathrm{{{_escaped(word)}}}"
        return f"{written}_{{{inside[:-1]}}}" if inside else written

    return NAME.sub(name, text)


def _escaped(text: str) -> str:
    special = {"_": r"\_", "%": r"\%", "#": r"\#", "&": r"\&", "$": r"\$", "{": r"\{", "}": r"\}"}
    special |= {
        "\\": r"\textbackslash{}",
        "^": r"\^{}",
        "~": r"\~{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
    }
    return "".join(special.get(character, character) for character in text)


def _sum_over(over: str) -> str:
    ports, on, feeder = over.partition(" on ")
    over = rf"{ports} \text{{ on {_escaped(feeder)}}}" if on else over
    return rf"\sum_{{{over}}}"


LATEX = Notation(_names, _sum_over, r" \, ", r"\le", r"\in \{0, 1\}")
