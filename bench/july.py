"""The JPL garage in July 2019, on each solver: seconds of each phase, and the memory at its peak."""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path

SPEC = Path(__file__).parent.parent / "specs" / "sites" / "jpl_july.evs"


def run(folder: str, solver: str) -> None:
    """One solve in this process, printed as one line."""
    import evdsl

    started = time.perf_counter()
    spec = evdsl.load(SPEC, data=folder)
    problem = evdsl.compile(spec)
    loaded = time.perf_counter() - started
    result = problem.run(solver)
    phases = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in result.seconds.items())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{solver:6} {result.status.value}, {result.stages[0].value:.6f} {spec.currency}, "
        f"verified {bool(result.verdict and result.verdict.ok)}; "
        f"read and built {loaded:.2f} s; {phases}; {memory:.0f} MiB"
    )


def main() -> None:
    """Each solver in a process of its own, so that memory is its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="the folder of real data")
    parser.add_argument("--solver", help="one solver only, in this process")
    arguments = parser.parse_args()
    if arguments.solver:
        run(arguments.data, arguments.solver)
        return
    for solver in ("highs", "scip"):
        subprocess.run([sys.executable, __file__, "--data", arguments.data, "--solver", solver], check=True)


if __name__ == "__main__":
    main()
