"""What every backend must do, case by case: small models with known answers.

`evdsl.testing` is the door: it runs these against a backend of one's own.
"""

from __future__ import annotations

from evdsl.testing.conformance import contract, integer, limits, linear, numbers
from evdsl.testing.conformance.case import Case, NonconformityError

CASES: tuple[Case, ...] = (
    *linear.CASES,
    *integer.CASES,
    *numbers.CASES,
    *limits.CASES,
    *contract.CASES,
)

__all__ = ["CASES", "Case", "NonconformityError"]
