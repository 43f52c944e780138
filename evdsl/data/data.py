"""The data of a spec: its site as arrays, with the clock, and what is to be said of the reading."""

from __future__ import annotations

from dataclasses import dataclass

from evdsl.data.timeline import Timeline
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.site import Site


@dataclass(frozen=True, slots=True)
class Data(Site):
    """Everything that a model is made of. `digest` is that of the spec and of every file that it reads.

    `beyond_reach` is what is said of each block with vehicles that would not get what they ask for even if
    they always charged; it is in `diagnostics` too.
    """

    timeline: Timeline
    diagnostics: tuple[Diagnostic, ...]
    remarks: tuple[str, ...]
    digest: str
    beyond_reach: tuple[Diagnostic, ...]
