"""Lines and tables within the width of the terminal."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence

NARROWEST, WIDEST = 60, 120


def terminal_width(width: int | None = None) -> int:
    """Characters of a line of a report: those asked for, else those of the terminal; 60 to 120."""
    wide = shutil.get_terminal_size((80, 24)).columns if width is None else width
    return min(max(wide, NARROWEST), WIDEST)


def wrapped(line: str, width: int, indent: str = "  ") -> list[str]:
    """A line in as many as it needs, the further ones indented; a word that is too long is cut through."""
    if len(line) <= width:
        return [line]
    return textwrap.wrap(line, width, subsequent_indent=indent, break_on_hyphens=False) or [""]


def fitting(widths: Sequence[int], kept: int, width: int, between: int = 2) -> int:
    """How many columns fit, of which the first `kept` always stand."""
    count = kept
    while count < len(widths) and sum(widths[: count + 1]) + between * count <= width:
        count += 1
    return count


def shortened(widths: Sequence[int], column: int, width: int, least: int, between: int = 2) -> int:
    """The width that a column may have, so that a table fits; not less than `least`."""
    rest = sum(widths) - widths[column] + between * (len(widths) - 1)
    return max(min(widths[column], width - rest), least)
