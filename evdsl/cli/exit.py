"""The exit statuses of the command.

0 done; 1 the spec has errors; 2 wrong usage; 3 infeasible or unbounded; 4 stopped at a limit without a
schedule, that of the memory included; 5 a bug; 130 interrupted by Ctrl-C.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from evdsl.solver.solution import Status

if TYPE_CHECKING:
    from evdsl.optimization.front import Front
    from evdsl.optimization.result import Result

DONE, ERRORS, USAGE, INFEASIBLE, STOPPED, BUG = range(6)
INTERRUPTED = 130

EXIT = {
    Status.OPTIMAL: DONE,
    Status.WITHIN_GAP: DONE,
    Status.FEASIBLE: DONE,
    Status.STOPPED: STOPPED,
    Status.INFEASIBLE: INFEASIBLE,
    Status.UNBOUNDED: INFEASIBLE,
    Status.ERROR: BUG,
}


def exit_of(ended: Result | Front) -> int:
    """The exit status of what was solved, or broken off."""
    return INTERRUPTED if ended.interrupted else EXIT[ended.status]
