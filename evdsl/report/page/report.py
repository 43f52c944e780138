"""The report of a run as one page: what it is made of, and its sections in the order of reading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evdsl.report.figures.gallery import Gallery
from evdsl.report.page import asked, came_out, proof
from evdsl.report.page.drawing import drawn
from evdsl.report.page.html import Element, element, page
from evdsl.report.page.why import why
from evdsl.report.run.summary import headline, site_line
from evdsl.version import VERSION

if TYPE_CHECKING:
    from evdsl.optimization.comparison import Comparison
    from evdsl.optimization.explanation.explain import Explanation
    from evdsl.optimization.front import Front
    from evdsl.optimization.result import Result
    from evdsl.report.plan.charges import Plan


@dataclass(frozen=True, slots=True)
class Report:
    """What a report tells. `plan` has the run; `command` is what made it.

    Without a `comparison` there is `no_comparison`, which says why. `point` is the number of the plan's point
    on the `front`.
    """

    plan: Plan
    gallery: Gallery
    command: str
    comparison: Comparison | None = None
    no_comparison: str = ""
    explanation: Explanation | None = None
    front: Front | None = None
    point: int = 0


Section = Callable[[Report], list[Element]]


def html(report: Report) -> str:
    """The whole page."""
    result = report.plan.result
    body = [*head(result)]
    links = []
    for name, title, section in SECTIONS:
        made = section(report)
        if made:
            links.append(element("li", element("a", title, href=f"#{name}")))
            body.append(element("section", element("h2", title), *made, id=name))
    body.insert(len(head(result)), element("nav", element("ul", *links), aria_label="Contents"))
    return page(f"{result.spec.name}: report", body)


def head(result: Result) -> list[Element]:
    """Which site it is about, and how its run ended."""
    line, mood = headline(result)
    return [
        element("h1", f"Report on {result.spec.name}"),
        element("p", site_line(result), class_="quiet"),
        element("p", line, class_=f"status {mood}"),
    ]


def _figures(report: Report) -> list[Element]:
    made = [drawn(figure) for figure in report.gallery.figures]
    left_out = [f"{one.title}: {one.reason}" for one in report.gallery.not_drawn]
    if left_out:
        items = (element("li", line) for line in left_out)
        made.append(
            element("section", element("h3", "Not drawn"), element("ul", *items, class_="plain quiet"))
        )
    return made


def made_by(command: str) -> list[Element]:
    """The command, and what the page does not do."""
    return [
        element("p", f"Made by evdsl {VERSION}. This page holds no script and loads nothing. The command:"),
        element("pre", command, class_="wrapped"),
    ]


SECTIONS: tuple[tuple[str, str, Section], ...] = (
    ("asked", "What was asked", lambda r: asked.goal(r.plan.result)),
    ("result", "What came out", lambda r: came_out.facts(r.plan.result)),
    ("front", "The front", lambda r: [] if r.front is None else came_out.front(r.front, r.point)),
    ("rules", "Against charging without a plan", lambda r: came_out.rules(r.comparison, r.no_comparison)),
    ("figures", "Figures", _figures),
    ("short", "Who leaves short, and why", lambda r: came_out.short(r.plan.result)),
    ("why", "Why each vehicle charges when it does", lambda r: why(r.plan.result, r.front is None)),
    ("plan", "The plan", lambda r: came_out.plan(r.plan)),
    ("money", "Who costs and earns what", lambda r: came_out.money(r.plan)),
    ("lines", "What each line costs", lambda r: came_out.lines(r.explanation)),
    ("proof", "Verification and energy balance", lambda r: proof.proof(r.plan)),
    ("spec", "The spec and what is assumed", lambda r: asked.spec(r.plan.result)),
    ("made", "How this page was made", lambda r: made_by(r.command)),
)
"""By the name of their place in the page, in the order of reading; what has nothing to say is left out."""
