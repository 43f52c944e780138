"""A page of mathematics as text: in Unicode for a terminal, in LaTeX for a paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from evdsl.model.formulas.variables import SYMBOLS
from evdsl.report.mathematics.page import NAME, Line, Page, Part


def unicode(found: Page) -> list[str]:
    """The page as text."""
    lines: list[str] = []
    for number, (sense, text) in enumerate(found.objectives):
        lines.append(f"{'then ' if number else ''}{sense} {text}")
    lines += ["", "where"]
    lines += [
        _padded(f"{line.name} = {_word_text(line, _unicode)}", _bracket(line.unit)) for line in found.words
    ]
    lines += ["", "subject to"]
    lines += [text for line in found.rows for text in _row_text(line)]
    lines += ["", "with"]
    for line in found.variables:
        text = _bounds(line, _unicode, "≤", "∈ {0, 1}")
        lines.append(_padded(f"{text}{_for_all(line.domain)}", f"{_bracket(line.unit)}  {line.doc}".strip()))
    lines += ["", "over", *(f"    {name}: {text}" for name, text in found.sets)]
    lines += ["", "given", *(f"    {SYMBOLS[name].text}: {SYMBOLS[name].doc}" for name in found.symbols)]
    return lines


def _row_text(line: Line) -> list[str]:
    head = f"  {line.name}  ({line.number:,})"
    notes = "; ".join(text for text in (line.unit, line.doc) if text)
    if line.own:
        return [head, f"      {line.own}"]
    left = _sum(line.left, _unicode, "Σ")
    relation = {"=": "=", "<=": "≤", ">=": "≥"}.get(line.relation, line.relation)
    formula = f"      {left} {relation} {_unicode(line.right)}{_for_all(line.domain)}"
    return [head, _padded(formula, f"[{notes}]" if notes else "").rstrip()]


def _padded(left: str, right: str) -> str:
    return f"    {left.strip():<72}  {right}".rstrip() if right else f"    {left.strip()}"


def _bracket(unit: str) -> str:
    return f"[{unit}]" if unit else ""


def _for_all(domain: str) -> str:
    return f"   ∀ {domain}" if domain else ""


def _bounds(line: Line, written: Callable[[str], str], less: str, binary: str) -> str:
    name = written(line.left[0].variable)
    if line.relation == "in":
        return f"{name} {binary}"
    if line.relation == "between":
        low, _, high = line.right.partition("|")
        return f"{written(low)} {less} {name}" + (f" {less} {written(high)}" if high else "")
    return f"{name} {less} {written(line.right)}" if line.right else name


def _word_text(line: Line, written: Callable[[str], str], sign: str = "Σ") -> str:
    if line.own:
        return line.own
    text = _sum(line.left, written, sign) if line.left else ""
    parts = [text] if text else []
    if line.right:
        constant = written(line.right)
        return f"{constant} {text}" if text.startswith("-") else f"{constant} + {text}" if text else constant
    return " ".join(parts) or "0"


def _sum(parts: Sequence[Part], written: Callable[[str], str], sign: str) -> str:
    """Terms with signs and sums."""
    plain = sign == "Σ"
    space = " " if plain else r" \, "
    text = ""
    for part in parts:
        over = part.over.replace(",", ", ")
        if not plain:
            ports, on, feeder = over.partition(" on ")
            over = rf"{ports} \text{{ on {_escaped(feeder)}}}" if on else over
        below = over if plain and "," not in over else f"{{{over}}}"
        total = f"{sign}_{below} " if over else ""
        factor = f"{written(part.factor)}{space}" if part.factor else ""
        body = f"{total}{factor}{written(part.variable)}"
        if not text:
            text = body if part.sign > 0 else f"-{' ' if total else ''}{body}"
        else:
            text += f" {'+' if part.sign > 0 else '-'} {body}"
    return text or "0"


def _unicode(text: str) -> str:
    """A factor or a side in Unicode."""

    def name(match: re.Match[str]) -> str:
        word, bracket, inside = match.group(0).partition("[")
        known = SYMBOLS.get(word)
        written = known.text if known is not None and (known.doc or word.startswith("sum_")) else word
        return written + bracket + inside

    return NAME.sub(name, text)


def _latex(text: str) -> str:
    """The same in LaTeX."""

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


def latex(found: Page) -> list[str]:
    """The page as LaTeX, for a document with `amsmath`."""
    lines = [r"\begin{align*}"]
    for number, (sense, _) in enumerate(found.objectives):
        then = r"\text{then }" if number else ""
        lines.append(rf"  & {then}\{sense[:3]} \quad \text{{{_escaped(found.objectives[number][1])}}} \\")
    lines.append(r"  & \text{where} \\")
    for line in found.words:
        text = rf"\text{{{_escaped(line.own)}}}" if line.own else _word_text(line, _latex, r"\sum")
        lines.append(rf"  & \mathrm{{{_escaped(line.name)}}} = {text} \\")
    lines.append(r"  & \text{subject to} \\")
    relations = {"=": "=", "<=": r"\le", ">=": r"\ge"}
    for line in found.rows:
        if line.own:
            text = rf"\text{{{_escaped(line.own)}}}"
        else:
            relation = relations.get(line.relation, r"\lessgtr")
            text = rf"{_sum(line.left, _latex, chr(92) + 'sum')} {relation} {_latex(line.right)}"
        lines.append(rf"  & {text}{_latex_domain(line.domain)} && \text{{{_escaped(line.name)}}} \\")
    lines.append(r"  & \text{with} \\")
    for line in found.variables:
        text = _bounds(line, _latex, r"\le", r"\in \{0, 1\}")
        lines.append(rf"  & {text}{_latex_domain(line.domain)} \\")
    return [*lines, r"\end{align*}"]


def _latex_domain(domain: str) -> str:
    return rf" \quad \forall\, {domain.replace('∈', chr(92) + 'in')}" if domain else ""


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
