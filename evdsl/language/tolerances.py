"""By how much rounding may move a number before it means something else.

Only what is checked, read and formulated shares these: the verifier and the exact oracle have their own.
"""

from __future__ import annotations

SAME_TIME = 1e-9
"""Hours: times that lie nearer together are one."""
ON_EDGE = 1e-9
"""Of a step: a time that is nearer to an edge of one lies on it, and a presence that misses less is whole."""
IN_RANGE = 1e-9
"""Of a number in its canonical unit, such as kW or a share: it may be beyond a bound by this."""
ROUNDING = 1e-9
"""Of the numbers that are compared: what rounding leaves where nothing is decided."""

HALF_UP = 0.5 + 1e-9
"""Added to a number before it is cut off to a whole one: 0.285 * 100 is 28.5, though not in binary."""
