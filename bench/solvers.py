"""Which solver is faster by the shape of the model: `python bench/solvers.py [SPEC...]`.

The specs that are named, or all that are shipped, on both solvers. One line a spec: the size of the model as
it is solved, and the seconds of each solver.
"""

from __future__ import annotations

import sys
from pathlib import Path

import evdsl
from evdsl.optimization.problem import compile_spec
from evdsl.solver.solution import Options

ROOT = Path(__file__).parent.parent
LIMIT = 20.0
"""Seconds for each solve."""


def main() -> None:
    """Solves each spec on both."""
    given = [Path(name) for name in sys.argv[1:]]
    paths = given or sorted((ROOT / "specs").rglob("*.evs"))
    print(f"{'spec':<28} {'variables':>9} {'integers':>8} {'highs s':>8} {'scip s':>8}")
    for path in paths:
        try:
            problem = compile_spec(evdsl.load(path))
        except evdsl.SpecError:  # its data are not here
            continue
        if problem.spec.pareto is not None:
            continue
        results = {name: problem.run(name, Options(time_limit=LIMIT)) for name in ("highs", "scip")}
        size = results["highs"].size
        spent = "".join(
            f" {result.seconds['solve']:>8.2f}{'' if result.status.value == 'optimal' else '*'}"
            for result in results.values()
        )
        print(f"{path.stem:<28} {size['variables']:>9,} {size['integers']:>8,}{spent}", flush=True)
    print("*: not optimal within the limit")


if __name__ == "__main__":
    main()
