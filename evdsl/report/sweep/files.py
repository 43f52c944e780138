"""The rows of a sweep as a table on disk, `.parquet` or `.csv`; `optimization.sweep.job` says its columns.

Numbers are in canonical units. A `.csv` has the unit of a column in its title, as `cost (EUR)`; a `.parquet`
has them in its metadata, as the JSON object `evdsl` with `units` by column and the `stages` of each spec. A
cell of text that a spreadsheet would take for a formula begins with an apostrophe in `.csv`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.files import check_writable, store
from evdsl.optimization.sweep.columns import FLAGS, TEXTS, WHOLE, columns_of, stage_unit, units_of
from evdsl.optimization.sweep.job import Row
from evdsl.optimization.sweep.prepare import Prepared
from evdsl.report.spreadsheet import inert
from evdsl.version import VERSION

ENDINGS = (".parquet", ".csv")


def check_ending(path: str | Path) -> Diagnostic | None:
    """E609 for a file that could not be written, asked before anything runs."""
    return check_writable(Path(path), ENDINGS, "the table")


def write(path: Path, prepared: Prepared, rows: Sequence[Row]) -> Diagnostic | None:
    """Stores the table; what was there before is replaced only when all is written."""
    return store(path, lambda to: _write(to, path.suffix.lower(), prepared, rows))


def _write(path: Path, ending: str, prepared: Prepared, rows: Sequence[Row]) -> None:
    columns = columns_of(prepared)
    if ending == ".csv":
        units = units_of(prepared)
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(f"{name} ({units[name]})" if name in units else name for name in columns)
            for row in rows:
                writer.writerow(_cell(row.get(name)) for name in columns)
        return
    import polars

    about = {
        "sweep": VERSION,
        "currency": prepared.currency,
        "units": units_of(prepared),
        "stages": {
            spec.source.name: [
                {"sense": stage.sense, "expression": stage.text, "unit": stage_unit(spec, number)}
                for number, stage in enumerate(spec.stages)
            ]
            for spec in prepared.specs
        },
    }
    kinds = {name: _kind(name) for name in columns}
    types = {"text": polars.String, "whole": polars.Int64, "flag": polars.Boolean, "number": polars.Float64}
    table = polars.DataFrame(
        {name: [row.get(name) for row in rows] for name in columns},
        schema={name: types[kind] for name, kind in kinds.items()},
    )
    table.write_parquet(path, metadata={"evdsl": json.dumps(about)})


def _kind(name: str) -> str:
    if name in TEXTS or name.startswith("set."):
        return "text"
    if name in WHOLE:
        return "whole"
    return "flag" if name in FLAGS else "number"


def _cell(value: object) -> object:
    if isinstance(value, str):
        return inert(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else value
