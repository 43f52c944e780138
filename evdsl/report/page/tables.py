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
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    words: Sequence[int] = (0,),
    times: Sequence[int] = (),
) -> Element:
    """A table whose rows become cards where there is no room; columns of `words` and `times` stand left."""
    sides = ["word" if at in words else "time" if at in times else "number" for at in range(len(titles))]
    # The roles are said again, since a browser forgets them of a table whose display is changed.
    head = element(
        "thead",
        element(
            "tr",
            *(
                element("th", title, scope="col", role="columnheader", class_=side)
                for title, side in zip(titles, sides, strict=True)
            ),
            role="row",
        ),
        role="rowgroup",
    )
    body = element("tbody", *(_row(titles, row, sides) for row in rows), role="rowgroup")
    return element("table", head, body, class_="stacked", role="table")


def _row(titles: Sequence[str], row: Sequence[str], sides: Sequence[str]) -> Element:
    first = element("th", row[0], scope="row", role="rowheader")
    rest = (
        element("td", cell, data_label=title, role="cell", class_=side)
        for title, cell, side in zip(titles[1:], row[1:], sides[1:], strict=True)
    )
    return element("tr", first, *rest, role="row")


def scrolled(titles: Sequence[str], rows: Sequence[Sequence[str]], label: str) -> Element:
    """A table of many numbers, in a box of its own that is scrolled."""
    head = element("tr", *(element("th", title, scope="col") for title in titles))
    body = (element("tr", *(element("td", cell) for cell in row)) for row in rows[:MOST])
    table = element("table", element("thead", head), element("tbody", *body))
    box = element("div", table, class_="scroll", tabindex="0", role="region", aria_label=label)
    more = f"the first {MOST:,} of {len(rows):,} rows" if len(rows) > MOST else None
    return element("div", box, element("p", more, class_="quiet") if more else None)


def plan_table(table: PlanTable) -> Element:
    """A table of a plan."""
    columns = list(zip(*table.rows, strict=True))
    times = [at for at, column in enumerate(columns) if any(isinstance(cell, datetime) for cell in column)]
    words = [at for at, column in enumerate(columns) if not at or any(isinstance(c, str) for c in column)]
    dates = {cell.date() for at in times for cell in columns[at] if isinstance(cell, datetime)}
    shown = [_column(column, len(dates) > 1) for column in columns]
    return stacked(table.titles(), list(zip(*shown, strict=True)), words, times)


def _column(cells: Sequence[Cell], on_days: bool) -> list[str]:
    """The cells of a column: times of the station's clock, with the date where there are several.

    Numbers have two decimals, and more only where all that stands in the column is small.
    """
    most = max((abs(cell) for cell in cells if isinstance(cell, float)), default=0.0)
    shown = []
    for cell in cells:
        if isinstance(cell, str):
            shown.append(cell)
        elif isinstance(cell, datetime):
            shown.append(f"{cell.day} {cell:%b %H:%M}" if on_days else f"{cell:%H:%M}")
        else:
            shown.append(f"{cell:,}" if isinstance(cell, int) else decimals(cell, 2, 2 if most >= 1 else 6))
    return shown


def folded(summary: str, *children: Child, is_open: bool = False) -> Element:
    """What is shown when it is asked for."""
    attributes = {"open": "open"} if is_open else {}
    return element("details", element("summary", summary), *children, **attributes)
