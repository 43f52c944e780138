"""What a run found, as text for an operator; `document` gives the same as data.

First how it ended, then what it costs, who is not served, the peak, and so on down to sizes and times; in
between the power at the connection over time.
"""

from __future__ import annotations

import io
import math
import shutil
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from evdsl.report_chart import Curves, chart
from evdsl.report_document import document
from evdsl.report_numbers import decimals, plural, printable, share
from evdsl.report_facts import seconds
from evdsl.report_summary import Fact, Missing, facts, headline, missing

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

    from evdsl.result import Result

__all__ = ["document", "text"]

NARROWEST, WIDEST = 60, 120
STYLES = {
    "import": "cyan",
    "export": "green",
    "limit": "red",
    "price": "yellow",
    "axis": "bright_black",
    "label": "bright_black",
    "good": "bold green",
    "fair": "bold yellow",
    "bad": "bold red",
}
LABEL = 11
"""Columns for the names of facts."""


def text(
    result: Result,
    *,
    width: int | None = None,
    color: bool = False,
    parse_seconds: float | None = None,
    check_seconds: float | None = None,
) -> str:
    """The report, its lines ending in newlines; the first line says how the run ended.

    `width` in characters, 60 to 120; `None` is that of the terminal. `color` adds ANSI sequences.
    """
    wide = shutil.get_terminal_size((80, 24)).columns if width is None else width
    console = _console(min(max(wide, NARROWEST), WIDEST), color)
    status, mood = headline(result)
    console.print(_styled(status, mood), soft_wrap=True)
    for block in _blocks(result, console.width):
        console.print(block)
    console.print(_endnotes(result, parse_seconds, check_seconds))
    assert isinstance(console.file, io.StringIO)
    return "".join(f"{line.rstrip()}\n" for line in console.file.getvalue().splitlines())
