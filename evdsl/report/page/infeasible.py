"""The page of a spec that no schedule meets: what was asked, and what of it cannot hold together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evdsl.report import explanation as conflict_words
from evdsl.report.page import asked
from evdsl.report.page.html import Element, element, page
from evdsl.report.page.report import head, made_by

if TYPE_CHECKING:
    from evdsl.diagnostics.diagnostic import Diagnostic
    from evdsl.optimization.explanation.explain import Explanation
    from evdsl.optimization.result import Result

WIDTH = 100
"""Characters of a line of the conflict."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the page tells: a run without a schedule, what was said of it, and what `evdsl explain` finds."""

    result: Result
    diagnostics: Sequence[Diagnostic]
    explanation: Explanation
    command: str


def html(refusal: Refusal) -> str:
    """The whole page."""
    result = refusal.result
    sections = (
        ("asked", "What was asked", asked.goal(result)),
        ("why", "Why no schedule meets it", _why(refusal)),
        ("spec", "The spec and what is assumed", asked.spec(result)),
        ("made", "How this page was made", made_by(refusal.command)),
    )
    links = (element("li", element("a", title, href=f"#{name}")) for name, title, _ in sections)
    body = [
        *head(result),
        element("nav", element("ul", *links), aria_label="Contents"),
        *(element("section", element("h2", title), *made, id=name) for name, title, made in sections),
    ]
    return page(f"{result.spec.name}: report", body)


def _why(refusal: Refusal) -> list[Element]:
    """The conflict; where it was not found out, what the run said of itself."""
    if refusal.explanation.conflict is not None:
        told = conflict_words.text(refusal.explanation, width=WIDTH)
        return [element("pre", told, class_="wrapped")]
    made: list[Element] = []
    for problem in refusal.diagnostics:
        notes = (element("li", note) for note in problem.notes)
        made += [element("p", problem.message), element("ul", *notes, class_="plain")]
        made += [element("p", problem.help, class_="quiet")] if problem.help else []
    return made
