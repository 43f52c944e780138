"""Every way that is measured, by name: how it is asked, and what must be installed for it.

Nothing of a way is imported here: the process that starts the others stays small, and one that measures a way
loads that way alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec


@dataclass(frozen=True, slots=True)
class Way:
    """`call` is `module:function`; `needs` are modules. `is_ours` starts from a spec, the others from arrays.

    `command` is what a way of whole processes runs: the arguments of Python.
    """

    name: str
    says: str
    call: str = ""
    needs: tuple[str, ...] = ()
    is_ours: bool = False
    algorithm: str = "choose"
    presolve: bool = True
    command: tuple[str, ...] = ()

    @property
    def missing(self) -> str:
        """What of its needs is not installed."""
        return ", ".join(name for name in self.needs if find_spec(name) is None)

    @property
    def is_matrix(self) -> bool:
        """Whether it is a matrix made by hand: what ours is compared with."""
        return self.name.startswith("matrix")


def _matrices(call: str) -> list[Way]:
    """A matrix by each algorithm of HiGHS, with presolve and without."""
    found = []
    for algorithm in ("choose", "simplex", "ipm"):
        for presolve in (True, False):
            name = f"matrix ({algorithm}{'' if presolve else ', no presolve'})"
            says = f"scipy.sparse to highspy, solver={algorithm}{'' if presolve else ', presolve=off'}"
            found.append(Way(name, says, call, ("highspy",), algorithm=algorithm, presolve=presolve))
    return found


HAND = "bench.by_hand."
OURS = Way("evdsl", "a spec to a verified answer", "bench.ours:solve", is_ours=True)
POINT = Way("evdsl (one point)", "the first axis of the front alone", "bench.ours:point", is_ours=True)
FRONT = Way("evdsl (front)", "nine points of a front", "bench.ours:front", is_ours=True)
EXPLAIN = Way("evdsl (explain)", "what each line costs", "bench.ours:explain", is_ours=True)
COMPARE = Way("evdsl (compare)", "the optimum beside every rule", "bench.ours:compare", is_ours=True)
MATRICES = _matrices(f"{HAND}allocation_matrix:solve")
COHORT_MATRICES = _matrices(f"{HAND}cohort_matrix:solve")
LEVELS_MATRIX = Way("matrix", "scipy.sparse to highspy", f"{HAND}allocation_matrix:solve", ("highspy",))
COUNTED = Way(
    "matrix (ports counted)", "scipy.sparse to highspy", f"{HAND}ports_matrix:counted", ("highspy",)
)
PAPERS = Way("z[t,i,j]", "the papers' port model to highspy", f"{HAND}ports_matrix:papers", ("highspy",))
LINOPY = Way("linopy", "plain linopy on HiGHS, direct", f"{HAND}linopy_model:solve", ("linopy",))
CVXPY_HIGHS = Way("CVXPY (HiGHS)", "CVXPY in vectors", f"{HAND}cvxpy_model:with_highs", ("cvxpy", "highspy"))
CVXPY_ECOS = Way("CVXPY (ECOS)", "CVXPY in vectors", f"{HAND}cvxpy_model:with_ecos", ("cvxpy", "ecos"))
PYOMO = Way("Pyomo (HiGHS)", "Pyomo's rules on APPSI", f"{HAND}pyomo_model:solve", ("pyomo", "highspy"))
ALLOCATIONS = (OURS, *MATRICES, LINOPY, CVXPY_HIGHS, CVXPY_ECOS, PYOMO)
PORTS = (OURS, COUNTED, PAPERS)
PROCESSES = (
    Way("python -c pass", "Python alone", command=("-c", "pass")),
    Way("import linopy", "what any model needs", command=("-c", "import linopy")),
    Way("evdsl check", "the last tutorial", command=("-m", "evdsl", "check", "{tutorial}/5_lingotto.evs")),
    Way("evdsl solve", "the first tutorial", command=("-m", "evdsl", "solve", "{tutorial}/1_one_car.evs")),
)
