"""A user's mistake, as a value with a place.

A pass never raises for an input: it returns diagnostics. They are rendered as text for people and
as records for programs; both say the code, the place, the reason and what to type instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import islice

from evdsl.diagnostics.codes import SLUGS
from evdsl.diagnostics.source import Span

LIMIT = 50
"""Findings that are shown."""
LONGEST_LINE = 300
LONGEST_MESSAGE = 600
LONGEST_WORD = 60
"""Of a word that a suggestion is looked for: beyond it nothing was misspelled."""
MOST_CHOICES = 1000
"""Names that a word is compared with, so that a thousand unknown names take no minute."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `label` stands under the marked text; `context` is the line that it belongs to."""

    code: str
    message: str
    span: Span | None = None
    label: str = ""
    help: str = ""
    notes: tuple[str, ...] = ()
    context: Span | None = None
    alike: tuple[Diagnostic, ...] = ()
    """Others of the same cause, which are counted and not told (`by_cause`)."""

    @property
    def count(self) -> int:
        """How many findings it stands for."""
        return 1 + len(self.alike)

    @property
    def is_error(self) -> bool:
        """Whether it keeps the spec from being taken; warnings do not."""
        return self.code.startswith("E")

    @property
    def slug(self) -> str:
        """The name of its code."""
        return SLUGS[self.code]

    def as_record(self) -> dict[str, object]:
        """The finding as plain data, for `--json`."""
        record: dict[str, object] = {
            "code": self.code,
            "name": self.slug,
            "severity": "error" if self.is_error else "warning",
            "message": _printable(self.message, LONGEST_MESSAGE),
            "label": self.label,
            "help": _printable(self.help, LONGEST_MESSAGE),
            "notes": [_printable(note, LONGEST_MESSAGE) for note in self.notes],
            "count": self.count,
            **self._place(),
        }
        if self.alike:
            record["alike"] = [other._place() for other in self.alike]
        return record

    def _place(self) -> dict[str, object]:
        if self.span is None:
            return {}
        end_line, end_column = self.span.source.position(self.span.end)
        return {
            "file": self.span.source.name,
            "line": self.span.line,
            "column": self.span.column,
            "end_line": end_line,
            "end_column": end_column,
        }


def suggest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant, if one is near."""
    if len(word) > LONGEST_WORD:
        return None
    choices = list(islice(known, MOST_CHOICES))
    folded = {choice.lower(): choice for choice in reversed(choices)}
    if word.lower() in folded:
        return folded[word.lower()]
    near = get_close_matches(word.lower(), list(folded), n=1, cutoff=0.6)
    return folded[near[0]] if near else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The help line for an unknown word; empty where nothing is near."""
    near = suggest(word, known)
    return f"did you mean `{near}`?" if near else ""


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether one of them is an error."""
    return any(diagnostic.is_error for diagnostic in diagnostics)


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """By place, each said once; those without a place last."""
    unique = list(dict.fromkeys(diagnostics))
    names: dict[str, int] = {}
    for diagnostic in unique:
        if diagnostic.span is not None:
            names.setdefault(diagnostic.span.source.name, len(names))

    def key(diagnostic: Diagnostic) -> tuple[int, int, str]:
        if diagnostic.span is None:
            return (len(names), 0, diagnostic.code)
        return (names[diagnostic.span.source.name], diagnostic.span.start, diagnostic.code)

    return sorted(unique, key=key)


def with_data(found: Iterable[Diagnostic], more: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings of a spec with those of its data: where these have an error, nothing is said of sense."""
    more = list(more)
    return [*(one for one in found if one.is_error or not has_errors(more)), *more]


def render(diagnostics: Iterable[Diagnostic], *, color: bool = False) -> str:
    """All findings as text, one for each cause, at most `LIMIT` of them, with a count of the rest."""
    ordered = by_cause(diagnostics)
    parts = [_render_one(diagnostic, color) for diagnostic in ordered[:LIMIT]]
    if len(ordered) > LIMIT:
        parts.append(f"... and {sum(one.count for one in ordered[LIMIT:])} more; mend these first\n")
    return "\n".join(parts)


FEW = 3
"""Findings of one cause that are all told."""
NAMED = 8
"""Others of a cause that its note names."""
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
HEADER = re.compile(r"[a-z]+ (\w+)")
"""Of the line of a block: its name."""


def by_cause(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Findings in order; of more than `FEW` that differ in numbers and names of blocks alone, the first.

    It knows the others, and a note says how many there are.
    """
    ordered = in_order(diagnostics)
    causes: dict[tuple[str, ...], list[Diagnostic]] = {}
    for diagnostic in ordered:
        causes.setdefault(_cause(diagnostic), []).append(diagnostic)
    told: list[Diagnostic] = []
    for diagnostic in ordered:
        first, *others = causes[_cause(diagnostic)]
        if len(others) < FEW:
            told.append(diagnostic)
        elif diagnostic is first:
            told.append(replace(first, notes=(*first.notes, _and_more(first, others)), alike=tuple(others)))
    return told


def _cause(diagnostic: Diagnostic) -> tuple[str, ...]:
    """What is equal of findings of one cause."""
    header = diagnostic.context or diagnostic.span
    named = HEADER.match(header.text) if header is not None else None

    def pattern(text: str) -> str:
        if named is not None:
            text = re.sub(rf"\b{re.escape(named.group(1))}\b", "NAME", text)
        return NUMBER.sub("#", text)

    texts = (diagnostic.message, diagnostic.label, diagnostic.help)
    file = diagnostic.span.source.name if diagnostic.span is not None else ""
    return (diagnostic.code, file, *map(pattern, texts))


def _and_more(first: Diagnostic, others: Sequence[Diagnostic]) -> str:
    """The count of the others, with the first of them by name, or by line where all have one name."""
    names = [re.findall(r"`([^`]*)`", one.message) for one in (first, *others[:NAMED])]
    differing = next((texts for texts in zip(*names, strict=False) if len(set(texts)) == len(texts)), None)
    if differing is not None:
        shown = ", ".join(f"`{name}`" for name in differing[1:])
    else:
        lines = [one.span.line for one in others[:NAMED] if one.span is not None]
        shown = f"lines {', '.join(map(str, lines))}" if lines else ""
    rest = ", ..." if len(others) > NAMED else ""
    return f"and {len(others)} more like it{f': {shown}{rest}' if shown else ''}"


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """`2 errors, 1 warning`, for a last line."""
    unique = set(diagnostics)
    errors = sum(diagnostic.is_error for diagnostic in unique)
    counts = [(errors, "error"), (len(unique) - errors, "warning")]
    return ", ".join(f"{n} {word}{'s' * (n != 1)}" for n, word in counts if n)


def _render_one(diagnostic: Diagnostic, color: bool) -> str:
    tint = "\x1b[1;31m" if diagnostic.is_error else "\x1b[1;33m"
    bold, blue, reset = ("\x1b[1m", "\x1b[1;34m", "\x1b[0m") if color else ("", "", "")
    tint = tint if color else ""
    severity = "error" if diagnostic.is_error else "warning"
    head = f"{severity}[{diagnostic.code} {diagnostic.slug}]"
    lines = [f"{tint}{head}{reset}{bold}: {_printable(diagnostic.message, LONGEST_MESSAGE)}{reset}"]
    if diagnostic.span is not None:
        lines += _excerpt(diagnostic, tint, blue, reset)
    lines += [f"{blue}note:{reset} {_printable(note, LONGEST_MESSAGE)}" for note in diagnostic.notes]
    if diagnostic.help:
        lines.append(f"{blue}help:{reset} {_printable(diagnostic.help, LONGEST_MESSAGE)}")
    return "\n".join(lines) + "\n"


def _excerpt(diagnostic: Diagnostic, tint: str, blue: str, reset: str) -> list[str]:
    span, context = diagnostic.span, diagnostic.context
    assert span is not None
    line, column = span.line, span.column
    width = len(str(line))
    gutter = f"{blue}{' ' * width} |{reset}"
    lines = [f"{blue}{' ' * width}-->{reset} {span}", gutter]
    shown = [line]
    if context is not None and context.source is span.source and context.line < line:
        shown.insert(0, context.line)
        if context.line < line - 1:
            shown.insert(1, 0)
    for number in shown:
        if number == 0:
            lines.append(f"{blue}{'.' * width}{reset}")
        else:
            text = _printable(span.source.line(number), LONGEST_LINE)
            lines.append(f"{blue}{number:>{width}} |{reset} {text}".rstrip())
    text = span.source.line(line)
    length = max(1, min(span.end, span.start + len(text) - column + 1) - span.start)
    marks = f"{' ' * (column - 1)}{tint}{'^' * length}"
    if len(text) > LONGEST_LINE:
        marks = f"{tint}^"
    lines.append(f"{gutter} {marks} {diagnostic.label}".rstrip() + reset)
    lines.append(gutter)
    return lines


def _printable(text: str, limit: int) -> str:
    """A text that fits and that no terminal takes for commands: names of files and cells may hold any."""
    if len(text) > limit:
        text = text[: limit - 3] + "..."
    return "".join(c if c.isprintable() else " " if c == "\t" else "\N{REPLACEMENT CHARACTER}" for c in text)


def excerpt(text: str, most: int) -> str:
    """A text for a message; of one that is longer than `most` characters, its beginning."""
    return text if len(text) <= most else text[: most - 3] + "..."
