"""Aversion to bad scenarios: the first stage looks at the worst of them beside the mean of all.

    minimize (1 - weight) E[f] + weight CVaR(f)
    CVaR = min over a of  a + Σ_s p_s max(f_s - a, 0) / (1 - level)

f_s is the value of the first stage in scenario s, and p_s its share. CVaR is the mean of the worst `1 -
level` of the scenarios: the dearest where a cost is made small, the poorest where a profit is made large.
With `level = 0 %` it is the mean of all, near 100 % the worst scenario alone. It acts on the first stage;
later stages keep its value and look at means.

Source: R. T. Rockafellar, S. Uryasev, Optimization of conditional value-at-risk, Journal of Risk 2, 2000.
"""

from __future__ import annotations

from evdsl.language.declaration import Kind, Setting, Shape

KIND = Kind(
    keyword="risk",
    doc="How much the worst scenarios count beside the mean of all.",
    single=True,
    named=False,
    settings=(
        Setting(
            "level",
            Shape.CONSTANT,
            "the worst are those beyond this share of the scenarios: `95 %` looks at the worst 5 %",
            required=True,
            minimum=0.0,
            maximum=1.0,
            example="95 %",
        ),
        Setting(
            "weight",
            Shape.CONSTANT,
            "how much the mean of the worst counts, from 0 (not at all) to 1 (alone)",
            required=True,
            minimum=0.0,
            maximum=1.0,
            example="0.3",
        ),
    ),
)
