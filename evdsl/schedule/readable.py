"""The table of a schedule as people read it, and back: ports by name, times local with their offset.

| rows of | `value` in a table of numbers | for people |
|---|---|---|
| `port` | the position along `port_name` | the name, such as `three.7` |
| `reason` | a schedule has no such rows | why a vehicle is short (`evdsl.optimization.shortfall`) |

An offset tells the two hours apart that a clock shows twice in a night of autumn, so nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from evdsl.schedule.table import COLUMNS

if TYPE_CHECKING:
    import pandas as pd

PORT, REASON = "port", "reason"


def for_people(table: pd.DataFrame, about: Mapping[str, Any], reasons: Mapping[str, str]) -> pd.DataFrame:
    """The table with names of ports and local times, and above it the reasons by vehicle."""
    import pandas as pd

    zone = ZoneInfo(str(about["attributes"].get("zone", "UTC")))
    shown = table.assign(
        time=_each(table["time"], lambda text: _utc(text).astimezone(zone).isoformat()),
        value=port_names(table, about).where(table["variable"] == PORT, table["value"].astype(object)),
        unit=table["unit"].where(table["variable"] != PORT, ""),
    )
    rows = [(REASON, vehicle, "", reason, "") for vehicle, reason in reasons.items()]
    # First, since a file that was cut off shows by what it lacks of the schedule.
    return pd.concat([pd.DataFrame(rows, columns=COLUMNS, dtype=object), shown]) if rows else shown


def port_names(table: pd.DataFrame, about: Mapping[str, Any]) -> pd.Series[Any]:
    """The name of the port in rows of `port`, nothing in all others."""
    names = {-1: "", **dict(enumerate(about["ports"]))}
    mine = table["variable"] == PORT
    return table["value"].where(mine, -1.0).astype(int).map(names).astype(object).where(mine, "")


def for_programs(table: pd.DataFrame, about: Mapping[str, Any]) -> pd.DataFrame:
    """The table of numbers and times in UTC that was made readable. Raises where it is not that."""
    table = table[table["variable"] != REASON]
    # None is held in a row of a ragged schedule without a name.
    ports = {"": -1} | {name: number for number, name in enumerate(about["ports"])}
    # Python's own conversion is exact; the default of pandas may be off by a last digit.
    values = [
        float(ports[text]) if variable == PORT else float(text)
        for variable, text in zip(table["variable"], table["value"], strict=True)
    ]
    return table.assign(
        value=values, time=_each(table["time"], lambda text: f"{_utc(text):%Y-%m-%dT%H:%M:%SZ}")
    )


def _each(times: pd.Series[Any], written: Any) -> pd.Series[Any]:
    """Each time in another form; a text that is none, as of a number of the whole, stays."""
    forms = {text: written(text) if text else "" for text in _unique(times)}
    return times.map(forms)


def _unique(times: pd.Series[Any]) -> Iterable[str]:
    return (str(text) for text in times.unique())


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
