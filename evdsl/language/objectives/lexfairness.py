"""`lexfairness`: the worst share, then the second worst, and so on: lexicographic max-min.

Of two schedules the one is fairer whose shares, sorted from worst to best, are larger at the first place
where the two lists differ. The share of a vehicle is 1 - unmet / need, as in `fairness`, and as a
quantity `lexfairness` is what `fairness` is: the worst share. As an objective it is an order of whole
lists, which no number is: it stands alone in its stage, is maximized, and is solved in rounds
(`evdsl.optimization.lexicographic`).

Source: W. Ogryczak, T. Śliwiński, "On solving linear programs with the ordered weighted averaging
objective", European Journal of Operational Research 148 (2003); D. Nace, M. Pióro, "Max-min fairness
and its applications to routing and load-balancing", IEEE Communications Surveys 10 (2008).
"""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Curve, Word
from evdsl.language.units import NUMBER


def expression(builder: Builder) -> Linear:
    """The worst share, as a linear expression of the model: the objective of the first round."""
    return builder.word("fairness")


WORD = Word(
    "lexfairness",
    NUMBER,
    "the worst-served share, then the second worst, and so on",
    expression,
    curve=Curve.CONCAVE,
    parts={"fairness": 1.0},
    order=True,
    better="large",
)
