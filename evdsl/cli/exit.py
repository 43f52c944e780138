"""The exit statuses of the command.

0 done; 1 the spec has errors; 2 wrong usage; 3 infeasible or unbounded; 4 stopped at a limit without a
schedule, that of the memory included; 5 a bug; 130 interrupted by Ctrl-C.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evdsl.optimization.front import Front
    from evdsl.optimization.result import Result
    from evdsl.optimization.scenarios.plan import ScenarioPlan
    from evdsl.solver.solution import Status

DONE, ERRORS, USAGE, INFEASIBLE, STOPPED, BUG = range(6)
INTERRUPTED = 130


def exit_of(ended: Result | Front | ScenarioPlan) -> int:
    """The exit status of what was solved, or broken off."""
    return INTERRUPTED if ended.interrupted else exit_of_status(ended.status)


def exit_of_status(status: Status) -> int:
    """The exit status of how a solve ended."""
    if status.has_schedule:
        return DONE
    return {"stopped": STOPPED, "infeasible": INFEASIBLE, "unbounded": INFEASIBLE}.get(status.value, BUG)
