"""A page of the reference as a value, and its two forms: Markdown for a browser, plain text for a terminal.

The texts are a small part of Markdown: paragraphs, `- ` items, headings, tables, fenced and indented blocks.
A table is wide in a browser; in a terminal each of its rows is an entry.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a page."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list of points."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Lines that stand as they are; `info` is what follows the fence: a language, then maybe a file."""

    info: str
    text: str

    @property
    def language(self) -> str:
        """The language of the lines."""
        return self.info.partition(" ")[0]

    @property
    def label(self) -> str:
        """The file that the lines are, or how they are to be taken."""
        return self.info.partition(" ")[2]


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table; the first cell of a row names it."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


MARK = re.compile(r" (?=(?:[-+*>=]|#+|\d+[.)]) )")
KEPT = "\x00"
"""A space at which no line is broken."""

Element: TypeAlias = Heading | Paragraph | Items | Code | PageTable


@dataclass(frozen=True, slots=True)
class Page:
    """A title and what stands below it."""

    title: str
    body: tuple[Element, ...]


def read(text: str) -> tuple[Element, ...]:
    """The elements of a text."""
    found: list[Element] = []
    lines = text.strip("\n").split("\n")
    index = 0
    while index < len(lines):
        line = lines[index]
        if not line.strip():
            index += 1
        elif line.startswith("```"):
            end = next(i for i in range(index + 1, len(lines)) if lines[i].startswith("```"))
            found.append(Code(line[3:].strip(), "\n".join(lines[index + 1 : end])))
            index = end + 1
        elif line.startswith("#"):
            found.append(Heading(line.lstrip("#").strip()))
            index += 1
        else:
            chunk, index = _chunk(lines, index)
            found.append(_element(chunk))
    return tuple(found)


def _chunk(lines: Sequence[str], index: int) -> tuple[list[str], int]:
    """The lines of one paragraph, list or indented block, and the line after them.

    An indented block goes on over blank lines, and ends a paragraph also without one.
    """
    indented = lines[index].startswith("    ")
    chunk: list[str] = []
    while index < len(lines):
        line = lines[index]
        if indented and not line.strip() and index + 1 < len(lines) and lines[index + 1].startswith("    "):
            chunk.append("")
        elif (
            not line.strip()
            or (indented and not line.startswith("    "))
            or (not indented and line.startswith("    ") and not chunk[0].startswith("- "))
            or (not indented and line.startswith("- ") and chunk and not chunk[0].startswith("- "))
        ):
            break
        else:
            chunk.append(line)
        index += 1
    return chunk, index


def _element(chunk: Sequence[str]) -> Element:
    if chunk[0].startswith("    "):
        return Code("text", textwrap.dedent("\n".join(chunk)).rstrip())
    if chunk[0].startswith("|"):
        head, _, *rows = (tuple(cell.strip() for cell in line.strip()[1:-1].split("|")) for line in chunk)
        return PageTable(head, tuple(rows))
    if chunk[0].startswith("- "):
        points = re.split(r"^- ", "\n".join(chunk), flags=re.MULTILINE)[1:]
        return Items(tuple(" ".join(point.split()) for point in points))
    return Paragraph(" ".join(" ".join(chunk).split()))


def as_markdown(page: Page, width: int = 110, level: int = 1) -> str:
    """The page for a browser, its title a heading of that level."""
    parts = [f"{'#' * level} {page.title}"]
    for element in page.body:
        match element:
            case Heading(text):
                parts.append(f"{'#' * level}# {text}")
            case Paragraph(text):
                parts.append(_wrapped(text, width))
            case Items(items):
                parts.append("\n".join(_wrapped(item, width, "- ", "  ") for item in items))
            case Code(_, text):
                # A browser shows nothing of what follows the language.
                label = f"`{element.label}`:\n\n" if "." in element.label else ""
                parts.append(f"{label}```{element.language}\n{text}\n```")
            case PageTable(head, rows):
                lines = [_row(head), _row(["---"] * len(head)), *(_row(row) for row in rows)]
                parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def anchor(title: str) -> str:
    """The address of a heading inside its file, as GitHub and others make it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _wrapped(text: str, width: int, first: str = "", rest: str = "") -> str:
    """Lines of a width, of which none begins with what Markdown would take for a point or a heading."""
    lines = textwrap.wrap(
        MARK.sub(KEPT, text),
        width,
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
        break_long_words=False,
    )
    return "\n".join(lines).replace(KEPT, " ")


def as_text(page: Page, width: int = 100, *, color: bool = False) -> str:
    """The page for a terminal; links lose their addresses."""
    bold, reset = ("\x1b[1m", "\x1b[0m") if color else ("", "")
    parts = [f"{bold}{_unlinked(page.title)}{reset}"]
    for element in page.body:
        match element:
            case Heading(text):
                parts.append(f"{bold}{_unlinked(text)}{reset}")
            case Paragraph(text):
                parts.append(_wrapped(_unlinked(text), width))
            case Items(items):
                parts.append("\n".join(_wrapped(_unlinked(item), width, "- ", "  ") for item in items))
            case Code(_, text):
                label = f"  {element.label}:\n" if "." in element.label else ""
                prompt = "$ " if element.language == "sh" else ""
                parts.append(label + textwrap.indent(text, f"    {prompt}", lambda line: bool(line.strip())))
            case PageTable(head, rows):
                parts.append("\n".join(_entry(head, row, width, bold, reset) for row in rows))
    return "\n\n".join(parts) + "\n"


def _entry(head: Sequence[str], row: Sequence[str], width: int, bold: str, reset: str) -> str:
    """A row as an entry: its name, then the cells that say something, those of a sentence first."""
    first = f"  {bold}{_unlinked(row[0]).replace('`', '')}{reset}"
    named = list(zip(head[1:], row[1:], strict=True))
    cells = [
        _unlinked(cell) if title in ("meaning", "") else f"{title}: {_unlinked(cell)}"
        for title, cell in sorted(named, key=lambda pair: pair[0] not in ("meaning", ""))
        if cell
    ]
    return f"{first}\n{_wrapped('; '.join(cells), width, '      ', '      ')}" if cells else first


def _unlinked(text: str) -> str:
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
