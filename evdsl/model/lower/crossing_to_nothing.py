"""The connection needs no binary at the steps where importing and exporting at once cannot pay.

At step t and for a stage with the weights e of energy_cost, k of co2 and r of export_revenue (in the
sense of making small; r is negative where exports earn), raising import[t] and export[t] together by
x changes the objective by

    x Δ (e price[t] + k (carbon[t] - export_carbon[t]) + r feed_in[t])
        + (what the peak, and means that are billed, add)

Applies at every t at which the bracket is not negative for any stage, where no stage rewards a peak and no
`require` speaks of import, export, or a word that depends on them: it might ask for more of either. A term of
a stage may rise with the peak, and speak of nothing else of these.

Proof. Lowering both by min(import[t], export[t]) keeps the balance and all limits (and what `source =
surplus` asks, since an import that is not there stays so), a limit that is chosen stays what it is, and by
the sign of the bracket no stage gets worse; the smaller of the two is then zero. So some optimal solution
satisfies the requirement at t. At the other steps it is left to a binary.

Undo: that lowering.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evdsl.language.combinatorial import Combinatorial, Complementarity
from evdsl.language.objectives import base_weights, word
from evdsl.language.spec import Spec
from evdsl.model.capabilities import Capabilities
from evdsl.model.lower.rewrite import Rewrite, Rewritten
from evdsl.model.point import Values
from evdsl.model.program import Program
from evdsl.semantics.curvature import directions

INSIDE = frozenset(
    [
        "unmet",
        "dissatisfaction",
        "fairness",
        "fairness_gap",
        "delay",
        "waiting_time",
        "discharged",
        "wear",
        "elsewhere_cost",
        "event_penalty",
        "event_revenue",
        "initial_cost",
    ]
)
"""Words that do not depend on what flows through the connection, while the balance stays: calls count what is
imported less what is exported."""
PEAKS = ("peak", "export_peak", "demand_cost")
"""Words that fall, or stay, where import and export fall together."""

BRACKET = (
    ("energy_cost", "price", 1.0),
    ("co2", "carbon", 1.0),
    ("co2", "export_carbon", -1.0),
    ("export_revenue", "feed_in", 1.0),
)
"""The words of the bracket, each with the series of the grid that it is worth and its sign."""


def accepts(requirement: Combinatorial, program: Program, _: Capabilities) -> bool:
    """Whether there is a step at which both at once cannot pay."""
    return (
        isinstance(requirement, Complementarity)
        and requirement.subject == "connection"
        and not _spoken_of(program.spec)
        and bool(_without_crossing(program).any())
    )


def _spoken_of(spec: Spec) -> bool:
    """Whether a requirement speaks of what flows through the connection."""
    return any(
        own.references() & {"import", "export"} or not own.words() <= INSIDE for own in spec.requirements
    ) or any(_rewards(name, sign) for stage in spec.stages for name, sign in directions(stage))


def _rewards(name: str, sign: int | None) -> bool:
    """Whether a term with that in it may fall where import and export rise together."""
    declared = word(name)
    if declared is None:
        return name in ("import[]", "export[]")
    parts = declared.parts or {name: 1.0}
    return any(
        part not in INSIDE and not (part in PEAKS and sign == 1 and by > 0) for part, by in parts.items()
    )


def _without_crossing(program: Program) -> np.ndarray:
    """The steps at which the bracket is not negative for any stage; shape (steps,)."""
    steps, data = program.spec.steps, program.data
    settled = np.ones(steps, dtype=bool)
    for weights in map(base_weights, program.spec.stages):
        bracket = np.zeros(steps)
        for name, setting, sign in BRACKET:
            series = data.over_time("grid", setting)
            if series is not None:
                bracket += sign * weights.get(name, 0.0) * series
        settled &= bracket >= 0.0
        if any(weights.get(name, 0.0) < 0 for name in PEAKS):
            settled[:] = False
    return settled


def apply(requirement: Combinatorial, program: Program) -> Rewritten:
    """Nothing is added at the settled steps; the rest is left over."""
    assert isinstance(requirement, Complementarity)
    settled = _without_crossing(program)
    rest = np.flatnonzero(~settled)
    left = None
    if len(rest):
        left = replace(
            requirement,
            first_cap=np.asarray(requirement.first_cap)[rest],
            second_cap=np.asarray(requirement.second_cap)[rest],
            first_at=rest,
            second_at=rest,
        )

    def undo(values: Values) -> Values:
        both = np.where(settled, np.minimum(values["import"], values["export"]), 0.0)
        return {**values, "import": values["import"] - both, "export": values["export"] - both}

    return Rewritten(f"{int(settled.sum())} binaries left out: doing both never pays there", undo, left)


REWRITE = Rewrite("crossing_to_nothing", accepts, apply)
