"""The bound of a linear program that multipliers prove, whoever found them.

For any multipliers y of the rows and reduced costs z = c - Aᵀ y, every point x within its rows and bounds has

    c · x  =  y · A x  +  z · x  >=  Σ_r y_r side_r  +  Σ_j z_j bound_j

where the side that counts of a row, and the bound that counts of a column, is the one that the sign of its
multiplier says. So a solver need not be believed: what it gives as duals is a proof, or it is none.
"""

from __future__ import annotations

import math

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.model.matrix import ModelMatrix


def dual_bound(matrix: ModelMatrix, duals: FloatArray) -> float:
    """The bound that multipliers of the rows prove, whoever found them (weak duality).

    Each row counts with the side that its multiplier's sign allows, each column with the bound that its
    reduced cost does. What has no such side counts as zero if it is within the solver's tolerance.
    """
    reduced = matrix.cost - matrix.rows.T @ duals
    # Rounding of the sum in each column, which a zero reduced cost may hide behind.
    noise = 1e-7 + 1e-12 * (np.abs(matrix.cost) + abs(matrix.rows).T @ np.abs(duals))
    return _least(duals, matrix.row_lower, matrix.row_upper, 1e-7) + _least(
        reduced, matrix.lower, matrix.upper, noise
    )


def _least(price: FloatArray, lower: FloatArray, upper: FloatArray, noise: FloatArray | float) -> float:
    side = np.where(price > 0, lower, upper)
    open_ended = ~np.isfinite(side)
    if (open_ended & (np.abs(price) > noise)).any():
        return -math.inf
    return float(np.where(open_ended, 0.0, price * np.where(open_ended, 0.0, side)).sum())
