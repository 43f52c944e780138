"""Schedules on disk: `.nc`, `.csv`, `.json` and `.parquet`, written whole or not at all, read back exactly.

`.nc` is the dataset itself. The others hold the same as a table with one row for each value:

    variable, vehicle, time, value, unit

`vehicle` is empty for values of the site, `time` for those of a stay, and both for
a number of the whole, such as the energy left in a storage. Such a
table opens in any spreadsheet, filters by variable, and loses nothing: a ragged schedule has rows for
presence only. `.csv` is for people (`evdsl.schedule.readable`): times are local with their offset, ports
have their names, and `reason` says why a vehicle did not get all. In the others times are UTC, as their `Z`
says, and a port is a number; `.json` has its name beside it, in `port`.
What is said of the whole (digest, claims, zone) stands in lines that begin with `#` (`.csv`), in the
metadata (`.parquet`), or beside the report's document (`.json`).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.files import check_writable, store
from evdsl.schedule.parquet_reader import read_table
from evdsl.schedule.readable import for_people, for_programs, port_names
from evdsl.schedule.table import COLUMNS, MAXIMUM_CELLS, as_polars, check_size, from_table, to_table

if TYPE_CHECKING:
    import xarray as xr

ENDINGS = (".nc", ".csv", ".json", ".parquet")
MAXIMUM_BYTES = 512_000_000
MARK = "# evdsl "


class NoScheduleError(ValueError):
    """A document of evdsl that has no schedule in it."""


class FrontError(ValueError):
    """What `--out` stores of a front, in the place of a schedule: each form has points in place of times."""


def check_ending(path: str | Path) -> Diagnostic | None:
    """E609 for a file that could not be written, asked before anything is solved."""
    return check_writable(Path(path), ENDINGS, "the schedule")


def write(path: str | Path, schedule: xr.Dataset, record: Mapping[str, Any]) -> Diagnostic | None:
    """Stores a schedule; what was there before is replaced only when all is written.

    `record` is the report as a document, which stands around the schedule in `.json`.
    """
    path = Path(path)
    problem = check_ending(path)
    if problem is not None:
        return problem
    writers: dict[str, Callable[[Path], None]] = {
        ".nc": lambda to: _netcdf(to, schedule),
        ".csv": lambda to: _csv(to, schedule, record),
        ".json": lambda to: _json(to, schedule, record),
        ".parquet": lambda to: _parquet(to, schedule),
    }
    return store(path, writers[path.suffix.lower()])


def read(path: str | Path) -> xr.Dataset | Diagnostic:
    """A stored schedule; whatever is wrong with the file is a diagnostic."""
    path = Path(path)
    if path.suffix.lower() not in ENDINGS:
        return Diagnostic("E609", f"`{path.name}` has none of the endings {', '.join(ENDINGS)}")
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "does not exist"
            return Diagnostic("E609", f"`{path}` {what}")
        if path.stat().st_size > MAXIMUM_BYTES:
            return Diagnostic("E609", f"`{path}` has more than {MAXIMUM_BYTES:,} bytes")
        return _reader(path.suffix.lower())(path)
    except FrontError:
        message = f"`{path}` is the table of a front, which has points and no schedule"
        help = "verify a schedule: `evdsl solve SPEC --out FILE` of a spec with `minimize` or `maximize`"
        return Diagnostic("E609", message, None, "", help)
    except NoScheduleError:
        message = f"`{path}` holds no schedule, as the report of `evdsl solve --json` does not"
        help = f"store the schedule with `evdsl solve SPEC --out {path.name}`"
        return Diagnostic("E609", message, None, "", help)
    except MemoryError:
        raise
    except Exception as error:  # parsers of four formats raise what they like at a damaged file
        reason = " ".join(str(error).split())[:120] or type(error).__name__
        message = f"`{path}` is not a schedule that evdsl stored: {reason}"
        return Diagnostic("E609", message, None, "", "store it again with `evdsl solve SPEC --out FILE`")


def _reader(ending: str) -> Callable[[Path], xr.Dataset]:
    return {".nc": _from_netcdf, ".csv": _from_csv, ".json": _from_json, ".parquet": _from_parquet}[ending]


def _netcdf(path: Path, schedule: xr.Dataset) -> None:
    schedule.to_netcdf(path, engine="netcdf4")


def _from_netcdf(path: Path) -> xr.Dataset:
    import netCDF4
    import xarray as xr

    with netCDF4.Dataset(path) as stored:
        # xarray reads the coordinates as soon as it opens a file.
        check_size(sum(math.prod(variable.shape) for variable in stored.variables.values()))
    with xr.open_dataset(path, engine="netcdf4") as stored:
        if "point" in stored.dims:
            raise FrontError
        return stored.load()


def _csv(path: Path, schedule: xr.Dataset, record: Mapping[str, Any]) -> None:
    table, about = to_table(schedule)
    given = {row["name"]: row.get("reason") for row in record.get("vehicles", [])}
    reasons = {vehicle: reason["text"] for vehicle, reason in given.items() if reason}
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write(f"{MARK}{json.dumps(about)}\n")
        for_people(table, about, reasons).to_csv(stream, index=False)


def _from_csv(path: Path) -> xr.Dataset:
    import pandas as pd

    with path.open(encoding="utf-8") as stream:
        first = stream.readline()
        if first.startswith("point,"):
            raise FrontError
        if not first.startswith(MARK):
            raise ValueError(f"its first line does not begin with `{MARK.strip()}`")
        about = json.loads(first.removeprefix(MARK))
        table = pd.read_csv(stream, dtype=str, keep_default_na=False)
    return from_table(for_programs(table, about), about)


def _parquet(path: Path, schedule: xr.Dataset) -> None:
    table, about = to_table(schedule)
    as_polars(table).write_parquet(path, metadata={"evdsl": json.dumps(about)})


def _from_parquet(path: Path) -> xr.Dataset:
    import pandas as pd

    rows, about = read_table(path, MAXIMUM_CELLS // len(COLUMNS))
    if "point" in rows:
        raise FrontError
    return from_table(pd.DataFrame({name: rows[name] for name in COLUMNS}), json.loads(about))


def _json(path: Path, schedule: xr.Dataset, record: Mapping[str, Any]) -> None:
    table, about = to_table(schedule)
    columns = {name: table[name].tolist() for name in COLUMNS}
    columns["port"] = port_names(table, about).tolist()
    whole = {**record, "schedule": {"about": about, **columns}}
    path.write_text(json.dumps(whole, allow_nan=False, ensure_ascii=False), encoding="utf-8")


def _from_json(path: Path) -> xr.Dataset:
    import pandas as pd

    document = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(document, dict) and {"axes", "points"} <= document.keys():
        raise FrontError
    if not isinstance(document, dict) or "schedule" not in document:
        raise NoScheduleError
    stored = document["schedule"]
    return from_table(pd.DataFrame({name: stored[name] for name in COLUMNS}), stored["about"])
