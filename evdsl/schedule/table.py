"""A schedule as one table and back: a row for each value, and beside it all that no row holds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from evdsl.schedule.dataset import TIME_NAME

if TYPE_CHECKING:
    import pandas as pd
    import polars
    import xarray as xr

COLUMNS = ["variable", "vehicle", "time", "value", "unit"]
MAXIMUM_CELLS = 100_000_000
"""Numbers of all variables together: a file says in a few bytes that it has more than any memory holds."""


def check_size(cells: int) -> None:
    """Raises where a file would fill the memory, before it does."""
    if cells > MAXIMUM_CELLS:
        raise ValueError(f"it has {cells:,} values, and {MAXIMUM_CELLS:,} are read at most")


def to_table(schedule: xr.Dataset) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The schedule as rows of `COLUMNS`, and all that no row holds. Absence has no rows."""
    import pandas as pd

    vehicles = schedule["vehicle"].values.astype(str)
    times = np.datetime_as_string(schedule["time"].values, unit="s", timezone="UTC")
    if "visit" in schedule.dims:
        who, when = schedule["visit_vehicle"].values, schedule["visit_step"].values
    parts: list[pd.DataFrame] = []
    shapes: dict[str, dict[str, Any]] = {}
    for name, variable in schedule.data_vars.items():
        values = np.asarray(variable.values, dtype=float)
        shapes[str(name)] = {"dims": list(variable.dims), "type": str(variable.dtype)}
        keep = np.isfinite(values)
        if variable.dims == ("vehicle", "time"):
            keep &= values != (-1 if name == "port" else 0 if name != "energy" else np.nan)
            at, step = np.nonzero(keep)
            rows: dict[str, Any] = {"vehicle": vehicles[at], "time": times[step], "value": values[at, step]}
        elif variable.dims == ("visit",):
            rows = {"vehicle": vehicles[who[keep]], "time": times[when[keep]], "value": values[keep]}
        elif variable.dims == ("vehicle",):
            rows = {"vehicle": vehicles[keep], "time": "", "value": values[keep]}
        elif not variable.dims:
            rows = {"vehicle": "", "time": "", "value": values.reshape(1)[keep.reshape(1)]}
        else:
            rows = {"vehicle": "", "time": times[keep], "value": values[keep]}
        unit = variable.attrs.get("units", "")
        parts.append(pd.DataFrame({"variable": str(name), **rows, "unit": unit}))
        shapes[str(name)]["units"] = unit
    about = {
        "attributes": {str(key): _plain(value) for key, value in schedule.attrs.items()},
        "variables": shapes,
        "vehicles": vehicles.tolist(),
        "times": times.tolist(),
        "ports": schedule["port_name"].values.astype(str).tolist(),
    }
    if "visit" in schedule.dims:
        about["visits"] = {"vehicle": who.tolist(), "step": when.tolist()}
    return pd.concat(parts, ignore_index=True)[COLUMNS], about


def as_polars(table: pd.DataFrame) -> polars.DataFrame:
    """A table of numbers and words for polars, which writes Parquet; its `from_pandas` asks for pyarrow."""
    import polars

    return polars.DataFrame({str(name): table[name].tolist() for name in table.columns})


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def from_table(table: pd.DataFrame, about: dict[str, Any]) -> xr.Dataset:
    """The schedule that `to_table` took apart."""
    import xarray as xr

    vehicles = {name: index for index, name in enumerate(about["vehicles"])}
    times = {text: index for index, text in enumerate(about["times"])}
    visits = about.get("visits")
    places = (
        dict(zip(zip(visits["vehicle"], visits["step"], strict=True), range(10**9), strict=False))
        if visits
        else {}
    )
    sizes = {"vehicle": len(vehicles), "time": len(times), "visit": len(places)}
    found: dict[str, tuple[list[str], Any, dict[str, str]]] = {}
    check_size(sum(math.prod(sizes[dim] for dim in shape["dims"]) for shape in about["variables"].values()))
    groups = dict(list(table.groupby("variable", sort=False)))
    for name, shape in about["variables"].items():
        dims = shape["dims"]
        # Only powers over vehicle and time are left out where they are zero; else no row is no number.
        powers = dims == ["vehicle", "time"] and name != "energy"
        absent = -1.0 if name == "port" else 0.0 if powers else np.nan
        values = np.full([sizes[dim] for dim in dims], absent)
        rows = groups.get(name)
        if rows is not None and not dims:
            values[()] = rows["value"].item()
        elif rows is not None:
            who = [vehicles[vehicle] for vehicle in rows["vehicle"]] if dims != ["time"] else []
            when = [times[time] for time in rows["time"]] if dims != ["vehicle"] else []
            at: Any = {"time": when, "vehicle": who}.get(dims[0])
            if dims == ["vehicle", "time"]:
                at = (who, when)
            elif dims == ["visit"]:
                at = [places[pair] for pair in zip(who, when, strict=True)]
            values[at] = rows["value"].to_numpy(dtype=float)
        found[name] = (dims, values.astype(shape["type"]), {"units": shape["units"]})
    stamps = np.array([text.removesuffix("Z") for text in about["times"]], dtype="datetime64[ns]")
    dataset = xr.Dataset(
        found,
        coords={
            "vehicle": ("vehicle", np.array(about["vehicles"], dtype=str)),
            "time": ("time", stamps, {"long_name": TIME_NAME}),
            "port_name": ("port_name", np.array(about["ports"], dtype=str)),
        },
        attrs=about["attributes"],
    )
    if visits:
        dataset = dataset.assign_coords(
            visit_vehicle=("visit", np.array(visits["vehicle"])),
            visit_step=("visit", np.array(visits["step"])),
        )
    return dataset
