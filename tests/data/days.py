"""A day with prices, in any zone and on any steps."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from evdsl.data.data import Data
from evdsl.data.load import load_data
from evdsl.data.timeline import Timeline
from evdsl.diagnostics.diagnostic import Diagnostic, render
from evdsl.diagnostics.source import Source
from evdsl.language.spec import Spec
from evdsl.semantics.resolve import resolve

SHORT, LONG, PLAIN = "2024-03-31", "2024-10-27", "2024-03-12"
"""Days of 23, 25 and 24 hours in Rome: at 02:00 the clocks go to 03:00, and at 03:00 back to 02:00."""


def spec_text(
    *,
    start: str = PLAIN,
    horizon: str = "1 d",
    step: str = "1 h",
    zone: str = "Europe/Rome",
    price: str = "0.20 EUR/kWh",
    arrival: str = "12:00",
    leaving: str = "stay = 1 h",
    rounding: str = "exact",
) -> str:
    return f"""\
station lot {{
    start    = {start}
    horizon  = {horizon}
    step     = {step}
    zone     = "{zone}"
    rounding = {rounding}
}}
grid {{
    price = {price}
}}
class car {{
    charge = 10 kW
}}
vehicle van of car {{
    arrival = {arrival}
    {leaving}
    energy  = 1 kWh
}}
minimize cost + 1 EUR/kWh * unmet
"""


def resolved(folder: Path | None = None, **settings: str) -> tuple[Spec | None, list[Diagnostic]]:
    source = Source("lot.evs", spec_text(**settings), (folder or Path("/nowhere")) / "lot.evs")
    return resolve(source)


def loaded(folder: Path | None = None, **settings: str) -> tuple[Data | None, list[Diagnostic]]:
    """The data of the spec, and all that is said of it and of them."""
    spec, found = resolved(folder, **settings)
    if spec is None:
        return None, found
    data, more = load_data(spec)
    return data, [*found, *more]


def sound(folder: Path | None = None, **settings: str) -> Data:
    data, found = loaded(folder, **settings)
    assert data is not None, render(found)
    return data


def prices(folder: Path | None = None, **settings: str) -> np.ndarray:
    series = sound(folder, **settings).over_time("grid", "price")
    assert series is not None
    return series


def refused(folder: Path | None = None, **settings: str) -> str:
    data, found = loaded(folder, **settings)
    assert data is None
    return render(found)


def timeline_of(start: str) -> Timeline:
    """The clock of that day in Rome, in steps of an hour."""
    spec, found = resolved(start=start)
    assert spec is not None, render(found)
    return Timeline.of(spec)
