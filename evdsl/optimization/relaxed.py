"""A program is solved without the rules that its answer may keep by itself, and with them where it does not.

The proof is that of `evdsl.model.relaxation`. It is tried where what is left is a linear program, which
costs a small part of one with binaries. Binaries only where an answer breaks a rule, and again, were tried:
`specs/sites/home.evs` took six times as long as with all of them, since each round is a search of its own,
with weaker bounds (docs/design/fewer-binaries.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from evdsl.model.lower import Lowered, lower
from evdsl.model.program import Program
from evdsl.model.relaxation import NAME
from evdsl.optimization.result import StageResult
from evdsl.optimization.shares import is_discrete
from evdsl.optimization.stages import Broken, Settle, StagesEnd, solve_stages
from evdsl.schedule.settle import project_on_bounds
from evdsl.solver.backend import Backend, Listener
from evdsl.solver.solution import Deadline, Options, Status

WORTHWHILE = 100
"""Labels from which on it is tried: below, the binaries are solved as soon as the program without them."""


def solve_relaxed_first(
    program: Program,
    solver: Backend,
    options: Options,
    listener: Listener | None,
    without: Sequence[str],
    levels: Sequence[StageResult],
) -> tuple[Lowered, StagesEnd | None]:
    """The stages of a program, and its lowered form; `None` where a solution could not be put back.

    The time limit is that of both programs together.
    """

    def lowered(relaxed: bool) -> Lowered:
        return lower(program, solver.capabilities, without, relaxed)

    return relaxed_first(lowered, NAME not in without, solver, options, listener, levels)


def relaxed_first(
    lowered_as: Callable[[bool], Lowered],
    is_tried: bool,
    solver: Backend,
    options: Options,
    listener: Listener | None,
    levels: Sequence[StageResult],
    settle: Settle = project_on_bounds,
) -> tuple[Lowered, StagesEnd | None]:
    """The same of what is lowered with (True) or without rules that are relaxed."""
    deadline = Deadline.of(options)
    if is_tried:
        lowered = lowered_as(True)
        labels = sum(len(np.asarray(one.first_cap)) for one in lowered.relaxed)
        if labels >= WORTHWHILE and not is_discrete(lowered.program):
            end = solve_stages(lowered, solver, options, listener, levels, settle)
            if end is None or (not isinstance(end, Broken) and _is_answer(end)):
                return lowered, end
    lowered = lowered_as(False)
    end = solve_all_stages(lowered, solver, deadline.within(options), listener, levels, settle)
    return lowered, end if end is None else replace(end, seconds=deadline.elapsed)


def solve_all_stages(
    lowered: Lowered,
    solver: Backend,
    options: Options,
    listener: Listener | None,
    levels: Sequence[StageResult],
    settle: Settle = project_on_bounds,
) -> StagesEnd | None:
    """The stages of a program that leaves nothing out; `None` where a solution could not be put back."""
    end = solve_stages(lowered, solver, options, listener, levels, settle)
    assert not isinstance(end, Broken)
    return end


def _is_answer(end: StagesEnd) -> bool:
    """Whether what a relaxation came to is an answer for the program: not that it is unbounded, or an
    error."""
    return end.last.interrupted or end.last.status not in (Status.UNBOUNDED, Status.ERROR)
