"""Files of past days, and what a price that is made of them is over a horizon."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
from data.days import resolved

from evdsl.data.data import Data
from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import render
from evdsl.language.spec import Spec

HISTORY = 'csv("days.csv", column="price", unit="EUR/MWh")'
Number = Callable[[date, float], float]
"""A value of a day, by the hour of its clock."""


def days_of(first: str, count: int) -> Iterator[date]:
    begin = date.fromisoformat(first)
    return (begin + timedelta(days=n) for n in range(count))


def write(path: Path, first: str, count: int, number: Number, step: float = 1.0, name: str = "price") -> None:
    """Whole days, as a file has them that knows of no summer time: each hour of the clock once."""
    lines = [f"time,{name}"]
    for day in days_of(first, count):
        for n in range(round(24 / step)):
            stamp = datetime.combine(day, datetime.min.time()) + timedelta(hours=n * step)
            lines.append(f"{stamp:%Y-%m-%d %H:%M},{number(day, n * step)!r}")
    path.write_text("\n".join(lines) + "\n")


def spec_of(folder: Path, price: str, **settings: str) -> Spec:
    spec, found = resolved(folder, price=price, **settings)
    assert spec is not None, render(found)
    return spec


def drawn(spec: Spec, scenario: int = 1) -> Data:
    data, found = load_data(replace(spec, scenario=scenario))
    assert data is not None, render(found)
    return data


def price_of(folder: Path, price: str, scenario: int = 1, **settings: str) -> np.ndarray:
    """In EUR/kWh, over the steps."""
    return drawn(spec_of(folder, price, **settings), scenario).series["grid", "price"]


def told(folder: Path, price: str, scenario: int = 1, **settings: str) -> str:
    """What is said of a spec that has no data."""
    spec, found = resolved(folder, price=price, **settings)
    if spec is None:
        return render(found)
    data, more = load_data(replace(spec, scenario=scenario))
    assert data is None
    return render([one for one in more if one.is_error])
