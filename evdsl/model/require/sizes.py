"""The sizes that a requirement or an objective speaks of: numbers of the whole horizon, chosen or given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evdsl.data.sets import Axis
from evdsl.language.quantities import setting_of_size
from evdsl.language.spec import Device
from evdsl.model.require import grid as affine
from evdsl.model.require.columns import DecisionColumns
from evdsl.model.require.grid import Affine


def size(device: Device, name: str, axes: Sequence[Axis], columns: DecisionColumns) -> Affine:
    """A size by the name of its quantity, as it is chosen or given."""
    setting = setting_of_size(name)
    if not device.decides(setting):
        return affine.number(device.number(setting), len(axes))
    column = columns.of(device.size(setting), 1)
    assert column is not None, "what is chosen is a decision of the model"
    cell = np.zeros((len(axes), 1), dtype=np.int64)
    return affine.terms(cell, np.array([column]), np.ones(1), (1,) * len(axes))
