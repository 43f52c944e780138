"""A constant: one value for the whole horizon."""

from __future__ import annotations

import numpy as np

from evdsl.data.piecewise import Origin, Piecewise
from evdsl.data.timeline import Timeline
from evdsl.language.values import Const


def read(constant: Const, timeline: Timeline) -> Piecewise:
    """From the start to the end of the horizon."""
    return Piecewise(np.zeros(1), np.array([constant.value]), "hold", timeline.horizon, Origin("a constant"))
