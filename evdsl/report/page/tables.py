"""Tables on a page: real ones, of which a phone shows each row as a card with its titles beside it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from evdsl.report.numbers import decimals
from evdsl.report.page.html import Child, Element, element
from evdsl.report.plan.columns import Cell, PlanTable

MOST = 2_000
"""Rows of a table of numbers; a file has all."""


def stacked(
    titles: Sequence[str], rows: Sequence[Sequence[str]], words: Sequence[int] = (0,), caption: str = ""
) -> Element:
    """A table whose rows become cards where there is no room; columns of `words` stand on the left."""
    # The roles are said again, since a browser forgets them of a table whose display is changed.
    head = element(
        "thead",
        element(
            "tr",
            *(
                element("th", title, scope="col", role="columnheader", class_=_side(at, words))
                for at, title in enumerate(titles)
            ),
            role="row",
        ),
        role="rowgroup",
    )
    body = element("tbody", *(_row(titles, row, words) for row in rows), role="rowgroup")
    title = element("caption", caption, class_="quiet") if caption else None
    return element("table", title, head, body, class_="stacked", role="table")


def _row(titles: Sequence[str], row: Sequence[str], words: Sequence[int]) -> Element:
    first = element("th", row[0], scope="row", role="rowheader")
    rest = (
        element("td", cell, data_label=title, role="cell", class_=_side(at, words))
        for at, (title, cell) in enumerate(zip(titles[1:], row[1:], strict=True), 1)
    )
    return element("tr", first, *rest, role="row")


def _side(at: int, words: Sequence[int]) -> str:
    return "word" if at in words else "number"


def scrolled(titles: Sequence[str], rows: Sequence[Sequence[str]], label: str) -> Element:
    """A table of many numbers, in a box of its own that is scrolled."""
    head = element("tr", *(element("th", title, scope="col") for title in titles))
    body = (element("tr", *(element("td", cell) for cell in row)) for row in rows[:MOST])
    table = element("table", element("thead", head), element("tbody", *body))
    box = element("div", table, class_="scroll", tabindex="0", role="region", aria_label=label)
    more = f"the first {MOST:,} of {len(rows):,} rows" if len(rows) > MOST else None
    return element("div", box, element("p", more, class_="quiet") if more else None)


def plan_table(table: PlanTable, caption: str = "") -> Element:
    """A table of a plan."""
    words = [
        at
        for at in range(len(table.columns))
        if any(isinstance(row[at], str | datetime) for row in table.rows) or not at
    ]
    return stacked(table.titles(), [[shown(cell) for cell in row] for row in table.rows], words, caption)


def shown(cell: Cell | None) -> str:
    """A cell as text: numbers with two decimals, times of the station's clock."""
    match cell:
        case None:
            return ""
        case str():
            return cell
        case datetime():
            return f"{cell:%Y-%m-%d %H:%M}"
        case int():
            return f"{cell:,}"
    return decimals(cell, 2, 6)


def folded(summary: str, *children: Child, is_open: bool = False) -> Element:
    """What is shown when it is asked for."""
    attributes = {"open": "open"} if is_open else {}
    return element("details", element("summary", summary), *children, **attributes)
