"""What each vehicle does in each step of a schedule, whatever the shape in which it is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray, IntArray

if TYPE_CHECKING:
    import xarray as xr


@dataclass(frozen=True, slots=True)
class Flow:
    """A schedule over the visits of the data: powers kW, energy kWh, the port as a position in `ports`."""

    charge: FloatArray
    discharge: FloatArray
    energy: FloatArray
    port: IntArray


def flow_of(data: Data, schedule: xr.Dataset) -> Flow:
    """The flows of a dense or a ragged schedule by visit."""
    visits = data.visits

    def by_visit(name: str) -> np.ndarray:
        values = schedule[name].values
        return values if schedule[name].dims == ("visit",) else values[visits.vehicle, visits.step]

    return Flow(
        by_visit("charge"), by_visit("discharge"), by_visit("energy"), by_visit("port").astype(np.int64)
    )
