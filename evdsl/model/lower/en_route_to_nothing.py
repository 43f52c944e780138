"""What must be charged on the road needs no binary where more of it never pays.

`en_route[k]` and `spare` of the stay after it (`evdsl.language.stays`): one of them is zero. Applies to each
trip of which

1. the vehicle can never discharge;
2. nothing is paid for what is charged on the road (no `elsewhere`): it is `unmet`;
3. what is left in the battery is worth nothing (no `end_value` of the class), and no `require` and no term of
   a stage speaks of an `energy` or a `soc`; nor does anything ask for `fairness_gap`;
4. no line of a `taper` of the class rises: a battery with more in it could then take more;

and to each where `en_route` can only be zero, as with `partial_charging` off.

Claim: the model without the requirement has an optimal solution that satisfies it.

Proof. Take an optimal solution, and keep all its flows. Go through the stays of a vehicle in order, let each
begin with e_arr[k+1] = max(soc_min · battery, e_dep[k] - used[k]), and let d[k] be what the stay began with
before, less that. d[0] = 0; by induction d[k] >= 0, as this is the least that the rows allow, and it grows
with e_dep[k]. So every energy is where it was or lower by d, and above the least since nothing discharges
(1): no bound is broken. Over a trip the flows are the same, so `en_route[k]` fell by d[k+1] - d[k], which
over all trips is d of the last stay; what that lacks at its end rose by no more. A line of a taper that falls
lets in more where there is less in the battery (4). So `unmet` of the vehicle
did not rise, and by (2) and (3) nothing that is weighed or required asks for anything else of it: its shares,
its `dissatisfaction` and the sums follow from `unmet[v]` and the flows. As `en_route` and `spare` are now the
two parts of one number, one of them is zero.

Undo: that replacement.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evdsl.language.arrays import BoolArray, IntArray
from evdsl.language.combinatorial import Combinatorial, Complementarity
from evdsl.language.devices.taper import lines
from evdsl.language.quantities import STATES
from evdsl.language.spec import Spec
from evdsl.model.capabilities import Capabilities
from evdsl.model.lower.rewrite import Rewrite, Rewritten
from evdsl.model.program import Program


def accepts(requirement: Combinatorial, program: Program, _: Capabilities) -> bool:
    """Whether there is a trip of which more would never pay."""
    return (
        isinstance(requirement, Complementarity)
        and requirement.subject == "trip"
        and bool(_settled(requirement, program).any())
    )


def _settled(requirement: Complementarity, program: Program) -> BoolArray:
    """Of each trip of a requirement whether more on the road would never pay."""
    nothing = np.asarray(requirement.first_cap) <= 0.0
    if requirement.first == "unmet" and not program.spec.on("partial_charging"):
        nothing = np.ones_like(nothing)
    if requirement.first != "unmet" or _asks_for_energy(program.spec):
        return nothing
    vehicles = program.data.vehicles
    stays: IntArray = np.asarray(requirement.first_at)
    whole = vehicles.first[stays]
    able = np.zeros(len(vehicles), dtype=bool)
    able[vehicles.first[program.slot_index.has_states]] = True
    worths = np.array([category.number("end_value", 0.0) for category in program.spec.of_kind("class")])
    rises = [any(slope > 0.0 for _, slope in lines(each)) for each in program.spec.of_kind("class")]
    worthless = (worths == 0.0) & ~np.array(rises, dtype=bool)
    return np.asarray(nothing | ~able[whole] & worthless[vehicles.category[stays]], dtype=bool)


def _asks_for_energy(spec: Spec) -> bool:
    """Whether anything beside `unmet` depends on what is in a battery."""
    asked = [own.references() for own in spec.requirements] + [term.references() for term in spec.terms]
    words = {name for stage in spec.stages for name in stage.words} | frozenset().union(*asked)
    return bool(words & (STATES | {"fairness_gap"}))


def apply(requirement: Combinatorial, program: Program) -> Rewritten:
    """Nothing is added for the settled trips; the rest is left over."""
    assert isinstance(requirement, Complementarity)
    settled = _settled(requirement, program)
    rest = np.flatnonzero(~settled)
    left = None
    if len(rest):
        left = replace(
            requirement,
            first_cap=np.asarray(requirement.first_cap)[rest],
            second_cap=np.asarray(requirement.second_cap)[rest],
            first_at=np.asarray(requirement.first_at)[rest],
            second_at=np.asarray(requirement.second_at)[rest],
        )
    # The schedule is worked out from the flows, with just what each trip lacks: that is the undo.
    return Rewritten(f"{int(settled.sum())} binaries left out: more on the road never pays", None, left)


REWRITE = Rewrite("en_route_to_nothing", accepts, apply)
