"""A front on disk: its table as `.csv`, `.json`, `.nc` or `.parquet`, or its picture as `.svg` or `.png`.

The table has one row for each point: its number, which end it is, the values of both expressions, the
rate between it and the point before, and every objective word with its unit. The `.json` is the document
that `--json` prints.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.files import check_writable, store
from evdsl.language.objectives import word
from evdsl.language.units import symbol
from evdsl.report.facts import unit_of
from evdsl.report.figures.files import check_library
from evdsl.report.front.picture import ENDINGS as PICTURES
from evdsl.report.front.picture import draw
from evdsl.report.front.text import document, rate_unit, rates
from evdsl.schedule.table import as_polars

if TYPE_CHECKING:
    import xarray as xr

    from evdsl.optimization.front import Front

PLACES = ("first", "second")
"""Columns of the two expressions."""

ENDINGS = (".csv", ".json", ".nc", ".parquet", *PICTURES)


def check_ending(path: str | Path) -> Diagnostic | None:
    """E609 for a file that could not be written, asked before anything is solved."""
    path = Path(path)
    problem = check_writable(path, ENDINGS, "the front")
    if problem is not None:
        return problem
    return check_library() if path.suffix.lower() in PICTURES else None


def write(path: str | Path, front: Front) -> Diagnostic | None:
    """Stores a front; what was there before is replaced only when all is written."""
    path = Path(path)
    problem = check_ending(path)
    if problem is not None:
        return problem
    return store(path, lambda to: _write(to, front, path.suffix.lower()))


def _write(path: Path, front: Front, ending: str) -> None:
    if ending in PICTURES:
        draw(path, front)
    elif ending == ".json":
        text = json.dumps(document(front), allow_nan=False, ensure_ascii=False, indent=2)
        path.write_text(f"{text}\n", encoding="utf-8")
    elif ending == ".nc":
        dataset(front).to_netcdf(path, engine="netcdf4")
    else:
        table = dataset(front).to_dataframe().reset_index()
        if ending == ".csv":
            table.rename(columns=_titles(front)).to_csv(path, index=False)
        else:
            as_polars(table).write_parquet(path)


def _titles(front: Front) -> dict[str, str]:
    """Columns as a spreadsheet shows them: the expressions for what they are, everything with its unit."""
    names = {place: f"{axis.sense} {axis.text}" for place, axis in zip(PLACES, front.axes, strict=True)}
    return {
        name: f"{names.get(name, name)} ({unit})" if unit else names.get(name, name)
        for name, unit in units(front).items()
    }


def _words(front: Front) -> list[str]:
    """The words that every point has: an expression is no name of a column."""
    return [name for name in front.points[0].terms if word(name) is not None]


def units(front: Front) -> dict[str, str]:
    """The unit of each number of a point, by the name of its column; empty for a plain number."""
    currency = front.spec.currency
    first, second = front.axes
    found = {"first": symbol(first.dimension, currency), "second": symbol(second.dimension, currency)}
    found["rate"] = rate_unit(front)
    return found | {name: unit_of(name, front.spec) for name in _words(front)}


def dataset(front: Front) -> xr.Dataset:
    """The table over `point`, with units; `first` and `second` are the two expressions."""
    import numpy as np
    import xarray as xr

    columns: dict[str, list[Any]] = {
        "end": [point.end for point in front.points],
        "first": [point.values[0] for point in front.points],
        "second": [point.values[1] for point in front.points],
        "rate": [np.nan if rate is None else rate for rate in rates(front)],
        **{name: [point.terms[name] for point in front.points] for name in _words(front)},
    }
    given = units(front)
    variables = {
        name: ("point", np.array(values), {"units": given[name] or "1"} if name in given else {})
        for name, values in columns.items()
    }
    first, second = front.axes
    about = {
        "spec": front.spec.name,
        "digest": front.data.digest,
        "backend": front.backend,
        "status": front.status.value,
        "first": f"{first.sense} {first.text}",
        "second": f"{second.sense} {second.text}",
        "asked": front.asked,
    }
    return xr.Dataset(variables, {"point": np.arange(1, len(front.points) + 1)}, about)
