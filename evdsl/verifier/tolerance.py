"""How exactly `evdsl.verifier` holds a bound or a balance."""

from __future__ import annotations

import numpy as np

from evdsl.language.arrays import FloatArray

SLACK = 1e-5
"""kW or kWh, for bounds up to 1; a share of larger ones. Solvers keep rows to 1e-6, some after scaling."""

COARSEST = 5e-3
"""kW or kWh: the share of a bound is slack up to here, so that 0.01 kW too much is always seen ..."""

RELATIVE = 2e-6
"""... but for bounds beyond 2500 kW, where solvers with relative tolerances (SCIP: 1e-6) keep no less."""


def tolerance(size: FloatArray | float) -> FloatArray:
    """How far a bound or a balance of that size (kW or kWh; infinite: none) may be missed, same unit."""
    size = np.abs(np.asarray(size, dtype=float))
    size = np.where(np.isfinite(size), size, 0.0)
    return np.asarray(np.maximum(np.clip(SLACK * size, SLACK, COARSEST), RELATIVE * size))
