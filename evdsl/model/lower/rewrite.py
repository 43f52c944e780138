"""What a rewrite is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from evdsl.language.combinatorial import Combinatorial
from evdsl.model.capabilities import Capabilities
from evdsl.model.point import Values
from evdsl.model.program import Program

Undo: TypeAlias = Callable[[Values], Values | None]
"""Puts a solution back; `None` where this solution cannot be, and the rewrite must be left out."""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What a rewrite did: a note for `evdsl show`, its undo, and what it left of the requirement.

    `binaries` where it simplified nothing: binaries decide what was required.
    """

    note: str
    undo: Undo | None = None
    left: Combinatorial | None = None
    binaries: bool = False


@dataclass(frozen=True, slots=True)
class Rewrite:
    """When it applies, and what it does to the model of a program."""

    name: str
    accepts: Callable[[Combinatorial, Program, Capabilities], bool]
    apply: Callable[[Combinatorial, Program], Rewritten]
