"""What the calls of a tiny site let through, and what they cost and pay."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evdsl.language.arrays import FloatArray
from evdsl.testing.brute.sites import TinyEvent, TinySite
from evdsl.testing.brute.vehicles import CLOSE


def call_outcome(site: TinySite, event: TinyEvent, drawn: FloatArray) -> tuple[NDArray[np.bool_], FloatArray]:
    """Of each schedule whether it keeps a call, and what that costs less what it pays, minute by minute."""
    kept, money = np.ones(len(drawn), dtype=bool), np.zeros(len(drawn))
    for minute in range(site.steps * site.minutes):
        if not event.first <= minute < event.last:
            continue
        power, baseline = drawn[:, minute // site.minutes], event.baseline[minute // site.minutes]
        asked = None if event.reduce is None else min(event.reduce, baseline)
        most = event.limit if asked is None else baseline - asked
        saved = baseline - power if asked is None else np.minimum(baseline - power, asked)
        money = money - event.reward * saved / 60
        if event.penalty is None:
            kept &= power <= most + CLOSE
        else:
            money = money + event.penalty * np.maximum(power - most, 0.0) / 60
    return kept, money
