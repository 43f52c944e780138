"""Rewrites that bring a program into the form that a backend takes, each with its proof and undo.

A rewrite is a module `a_to_b` with a `REWRITE`. They are tried in the order below; the first that
applies to a requirement takes it, or leaves a smaller one for the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evdsl.language.combinatorial import Combinatorial, Complementarity
from evdsl.model.capabilities import Capabilities
from evdsl.model.lower import (
    crossing_to_nothing,
    en_route_to_nothing,
    exclusive_to_binary,
    exclusive_to_nothing,
    ports_to_counts,
    ports_to_indexed,
)
from evdsl.model.lower.rewrite import Rewrite, Undo
from evdsl.model.point import Values
from evdsl.model.program import Program, replica
from evdsl.model.relaxation import NAME

SIMPLIFICATIONS = ("exclusive_to_nothing", "crossing_to_nothing", "en_route_to_nothing")
"""Rewrites that leave rules out since, for this objective and these rows, they cannot matter."""

REWRITES: tuple[Rewrite, ...] = (
    ports_to_counts.REWRITE,
    ports_to_indexed.REWRITE,
    exclusive_to_nothing.REWRITE,
    crossing_to_nothing.REWRITE,
    en_route_to_nothing.REWRITE,
    exclusive_to_binary.REWRITE,
)


@dataclass(frozen=True, slots=True)
class Applied:
    """One rewrite of one requirement; `note` says what became of it, for `evdsl show`.

    `binaries` where nothing was simplified: binaries decide it.
    """

    rewrite: str
    requirement: str
    note: str
    undo: Undo | None
    binaries: bool = False


@dataclass(frozen=True, slots=True)
class Lowered:
    """A program without open requirements, and how its solutions are put back.

    `relaxed` are those that it leaves out, which an answer has to keep by itself; see `relaxation`.
    """

    program: Program
    applied: tuple[Applied, ...]
    relaxed: tuple[Complementarity, ...] = ()

    def undo(self, values: Values) -> Values | str:
        """A solution of the program as formulated, or the rewrite that could not be undone."""
        for step in reversed(self.applied):
            if step.undo is not None:
                restored = step.undo(values)
                if restored is None:
                    return step.rewrite
                values = restored
        return values


def lower(
    program: Program,
    capabilities: Capabilities,
    without: Sequence[str] = (),
    relaxed: bool = False,
) -> Lowered:
    """A program in which every open requirement is settled; the one given stays as it is.

    `without` names rewrites to leave out, so that a test can solve before and after. What binaries would
    decide is left out where it is to be `relaxed`.
    """
    if program.requirements:
        program = replica(program)
    applied: list[Applied] = []
    left_out: list[Complementarity] = []
    for requirement in program.requirements:
        pending: Combinatorial | None = requirement
        for rewrite in REWRITES:
            if pending is None:
                break
            if rewrite.name in without or not rewrite.accepts(pending, program, capabilities):
                continue
            if relaxed and rewrite is exclusive_to_binary.REWRITE:
                assert isinstance(pending, Complementarity)
                left_out.append(pending)
                applied.append(Applied(NAME, pending.name, "left out unless an answer breaks it", None))
                pending = None
                break
            outcome = rewrite.apply(pending, program)
            applied.append(Applied(rewrite.name, pending.name, outcome.note, outcome.undo, outcome.binaries))
            pending = outcome.left
        if pending is not None:
            raise AssertionError(f"no rewrite takes {pending.name}")
    return Lowered(program, tuple(applied), tuple(left_out))
