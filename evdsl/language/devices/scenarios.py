"""One plan for several draws of what is random: what is shared is decided before it is known which comes.

    minimize Σ_s f(x, y_s) / count      every row of the model holds in every scenario s = 1 .. count

What is shared, x, is one decision for all scenarios: each setting that a range leaves open, and what `share`
names, as the power of a storage in each step, or `import`, a profile that was nominated a day ahead. All
else, y_s, is chosen once the scenario is known. The value of a stage is its mean over the scenarios, or what
`risk` makes of it.

Scenario s is the same for any `count`: more of them never change the earlier ones. Every distribution of a
`fleet`, a `vehicle`, `sessions` or a `cohort` is drawn anew in each, and so is each series that is random.
With `method = antithetic` the draws 2k - 1 and 2k are opposites, which makes the error of a mean smaller.

With nothing shared each scenario has a plan of its own. Their mean is what it would cost to know the future,
and no plan that could be followed.

Source: J. R. Birge, F. Louveaux, Introduction to Stochastic Programming, 2011.
"""

from __future__ import annotations

from evdsl.language.declaration import Kind, Setting, Shape
from evdsl.language.spec import VEHICLE_BLOCKS, Spec

IMPORT = "import"
"""As `share` names what is drawn from the grid."""
FLOWS = {"storage": ("charge", "discharge"), "solar": ("power",), "wind": ("power",)}
"""By kind of device what is decided of it in each step."""
SHARABLE = (*FLOWS, *VEHICLE_BLOCKS)
"""Kinds of blocks whose flows may be shared."""
MOST = 1_000
"""Scenarios of one plan."""

KIND = Kind(
    keyword="scenarios",
    doc="Several draws of what is random, with one plan for all of them.",
    single=True,
    named=False,
    settings=(
        Setting(
            "count",
            Shape.COUNT,
            "how many draws the plan is made for",
            required=True,
            minimum=2.0,
            maximum=float(MOST),
            example="20",
        ),
        Setting(
            "method",
            Shape.CHOICE,
            "how they are drawn: `plain`, each by itself, or `antithetic`, in pairs of opposites",
            default="plain",
            choices=("plain", "antithetic"),
            example="antithetic",
        ),
        Setting(
            "share",
            Shape.REFERENCES,
            "what is decided before the scenario is known, beside all ranges: storages, `solar`, `wind`, "
            "blocks of vehicles that come and go alike in all scenarios, `import`",
            example="[battery]",
        ),
    ),
)


def count_of(spec: Spec) -> int:
    """How many scenarios a spec asks for; 0 where it asks for none."""
    block = spec.only("scenarios")
    return 0 if block is None else int(block.number("count"))


def is_antithetic(spec: Spec) -> bool:
    """Whether scenario 2k is the opposite of 2k - 1: what is high in one is low in the other."""
    block = spec.only("scenarios")
    return block is not None and block.choice("method") == "antithetic"


def share_of(spec: Spec) -> tuple[str, ...]:
    """What it says is shared, beside all ranges."""
    block = spec.only("scenarios")
    return () if block is None else tuple(dict.fromkeys(block.names("share")))
