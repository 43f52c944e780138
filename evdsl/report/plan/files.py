"""A plan on disk: `.csv`, `.xlsx` and `.json`, or a picture of it over time as `.svg` and `.png`.

`.csv` has the runs of charging, of vehicles and of cohorts; times are local with their offset.
`.xlsx` has a sheet for each table, with times as a spreadsheet counts them, on the station's clock. Names
that a spreadsheet would take for a formula are texts in both.
"""

from __future__ import annotations

import csv
import json
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.files import check_writable, store
from evdsl.report.figures import availability, cohort_states, port_gantt
from evdsl.report.figures.files import check_library
from evdsl.report.figures.files import write as write_figure
from evdsl.report.figures.gallery import gallery
from evdsl.report.plan.charges import Plan
from evdsl.report.plan.columns import Cell, PlanTable, charges, cohort_charges, tables_of
from evdsl.report.plan.document import document
from evdsl.report.spreadsheet import inert

if TYPE_CHECKING:
    from xlsxwriter import Workbook

ENDINGS = (".csv", ".xlsx", ".json")
PICTURES = (".svg", ".png")
DRAWN = (port_gantt.NAME, availability.NAME, cohort_states.NAME)
"""The figures that show a plan; the first that has something to show is drawn."""
WIDEST = 40
"""Characters of a column of a sheet."""
LONGEST_TEXT = 32_767
"""Characters that a cell of `.xlsx` takes."""


def check_ending(path: str | Path) -> Diagnostic | None:
    """E609 for a file that could not be written, asked before anything is solved."""
    problem = check_writable(Path(path), (*ENDINGS, *PICTURES), "the plan")
    return check_library() if problem is None and Path(path).suffix.lower() in PICTURES else problem


def write(path: str | Path, plan: Plan, order: str) -> Diagnostic | None:
    """Stores a plan; what was there before is replaced only when all is written."""
    path = Path(path)
    ending = path.suffix.lower()
    if ending in PICTURES:
        return _picture(path, plan)
    tables = tables_of(plan, order)
    if ending == ".csv":
        return store(path, lambda to: _csv(to, [charges(plan, order), cohort_charges(plan, order)]))
    if ending == ".xlsx":
        return store(path, lambda to: _xlsx(to, tables, plan))
    return store(path, lambda to: _json(to, plan, order))


def _picture(path: Path, plan: Plan) -> Diagnostic | None:
    """The ports over time; the vehicles where each brings its own port, and the states of a cohort."""
    found = gallery(plan.result, names=DRAWN)
    if found.figures:
        return store(path, partial(write_figure, found.figures[0]))
    help = "name a table: `--out plan.csv`"
    return Diagnostic("E609", f"the plan is not drawn: {found.not_drawn[0].reason}", None, "", help)


def _csv(path: Path, tables: list[PlanTable]) -> None:
    """The runs below each other, under the columns of all tables that have rows."""
    used = [table for table in tables if table.rows] or tables[:1]
    titles = {
        column.key: title
        for table in used
        for column, title in zip(table.columns, table.titles(), strict=True)
    }
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(titles.values())
        for table in used:
            keys = [column.key for column in table.columns]
            for row in table.rows:
                cells = dict(zip(keys, map(_text, row), strict=True))
                writer.writerow([cells.get(key, "") for key in titles])


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return inert(cell)
    return cell.isoformat() if isinstance(cell, datetime) else repr(cell)


def _json(path: Path, plan: Plan, order: str) -> None:
    text = json.dumps(document(plan, order), allow_nan=False, ensure_ascii=False, indent=2)
    path.write_text(f"{text}\n", encoding="utf-8")


def _xlsx(path: Path, tables: list[PlanTable], plan: Plan) -> None:
    from xlsxwriter import Workbook

    # Neither formulas nor addresses: what a name looks like makes nothing of it.
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(str(path), options) as book:
        book.set_properties({"title": f"plan of {plan.result.spec.name}", "comments": "made by evdsl"})
        for table in tables:
            _sheet(book, table, plan.result.spec.zone)


def _sheet(book: Workbook, table: PlanTable, zone: str) -> None:
    sheet = book.add_worksheet(table.name)
    bold, number = book.add_format({"bold": True, "text_wrap": True}), book.add_format({"num_format": "0.00"})
    when = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    sheet.freeze_panes(1, 1)
    for column, title in enumerate(table.titles()):
        cells = [row[column] for row in table.rows]
        on_clock = any(isinstance(cell, datetime) for cell in cells)
        sheet.write_string(0, column, f"{title}, {zone}" if on_clock else title, bold)
        longest = 16 if on_clock else max((len(c) for c in cells if isinstance(c, str)), default=9)
        sheet.set_column(column, column, min(max(longest, 9) + 2, WIDEST))
        for row, cell in enumerate(cells, 1):
            if isinstance(cell, str):
                sheet.write_string(row, column, cell[:LONGEST_TEXT])
            elif isinstance(cell, datetime):
                sheet.write_datetime(row, column, cell.replace(tzinfo=None), when)
            else:
                sheet.write_number(row, column, cell, None if isinstance(cell, int) else number)
    sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
