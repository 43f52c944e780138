"""CPU time of `evdsl check` and `evdsl solve` on tutorial specs, beside Python alone and `import linopy`."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

TUTORIAL = Path(__file__).parent.parent / "specs" / "tutorial"
FIRST, LAST = TUTORIAL / "1_one_car.evs", TUTORIAL / "5_lingotto.evs"
RUNS = 5


def measured(command: list[str]) -> tuple[float, float]:
    """The least CPU and wall seconds of a command over some runs; the least is the least disturbed."""
    best = (float("inf"), float("inf"))
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wall = time.perf_counter() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        best = (min(best[0], cpu), min(best[1], wall))
    return best


def main() -> None:
    """Prints a line for each command."""
    tool = os.path.join(os.path.dirname(sys.executable), "evdsl")
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "python -c 'import linopy'": [sys.executable, "-c", "import linopy"],
        "evdsl check, the last spec": [tool, "check", str(LAST)],
        "evdsl solve, the first spec": [tool, "solve", str(FIRST)],
        "evdsl solve, the last spec": [tool, "solve", str(LAST)],
        "the same with --backend scip": [tool, "solve", str(LAST), "--backend", "scip"],
    }
    empty = None
    for name, command in commands.items():
        cpu, wall = measured(command)
        empty = empty or cpu
        print(f"{name:30} {cpu * 1000:7.0f} ms CPU {wall:6.2f} s wall {cpu / empty:6.1f} x empty Python")


if __name__ == "__main__":
    main()
