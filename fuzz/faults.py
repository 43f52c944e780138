"""Faults injected into both solvers, and how each run ended: `python fuzz/faults.py [SPEC...]`.

`backend` is a fault in what a backend returns: it must not end optimal. `solver` is one in what its solver
answers: that may end optimal where the answer could be mended, at the value of the sound solver. `once` is
one that the solver does not repeat: asked again, it must end right. `auto` has the faulty backend before the
other one, which must be asked then, and `all` has both of them faulty.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path

import evdsl
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.solver.audit import solve
from evdsl.solver.backend import Capabilities, Listener
from evdsl.solver.certify import certify
from evdsl.solver.choice import Choice
from evdsl.solver.discovery import find
from evdsl.solver.run import Run
from evdsl.solver.solution import Options, Solution, Status
from evdsl.testing import FAULTS, Faulty, deceived, faulty

FEATURES = Path(__file__).parent.parent / "specs" / "features"
SPECS = [FEATURES / "energy_cost.evs", FEATURES / "v2g_profit.evs", FEATURES / "min_power.evs"]


@dataclass
class Judged:
    """A backend of one run, which is judged as those that are shipped have theirs judged."""

    run: Run
    name: str
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(integers=True))

    def version(self) -> str:
        return "1"

    def check_options(self, _: Options) -> list[Diagnostic]:
        return []

    def solve(self, model: object, options: Options, listener: Listener | None = None) -> Solution:
        return certify(model, options, listener, self.run, self.capabilities)  # type: ignore[arg-type]  # a run that is spoiled


def main() -> None:
    caught = missed = 0
    for path in [Path(given) for given in sys.argv[1:]] or SPECS:
        spec = evdsl.load(path)
        for name in ("highs", "scip"):
            other = "scip" if name == "highs" else "highs"
            sound, rival = find(name), find(other)
            assert not isinstance(sound, Diagnostic)
            assert not isinstance(rival, Diagnostic)
            best = evdsl.compile(spec).run(sound)
            run = __import__(f"evdsl.backends.{name}", fromlist=["_run"])._run
            for fault in FAULTS:
                if fault.needs_integers and not best.size["integers"]:
                    continue
                for place in ("backend", "solver", "once", "auto", "all"):
                    times = 1 if place == "once" else float("inf")
                    backend = Judged(faulty(run, fault, times), name)
                    if place == "backend":
                        backend = Faulty(sound, fault)
                    elif place in ("auto", "all"):
                        second = rival if place == "auto" else Faulty(rival, fault)
                        backend = Choice(Faulty(sound, fault), (other,), {other: second}.__getitem__, solve)
                    result = evdsl.compile(spec).run(backend)
                    right = result.status is Status.OPTIMAL and abs(
                        result.stages[-1].value - best.stages[-1].value
                    ) < 1e-5 * max(1.0, abs(best.stages[-1].value))
                    good = right if place in ("once", "auto") else deceived(spec, backend) is None
                    good = good or (place == "solver" and right)
                    caught, missed = caught + good, missed + (not good)
                    ends = f"{result.status.value}: {result.message}"
                    print(f"{path.stem:<12} {name:<6} {fault.name:<19} {place:<8} {ends}")
    print(f"{caught} faults told truly, {missed} not")
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
