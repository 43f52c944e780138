"""What a notebook shows of a spec, a problem, a result and what is made of them, in place of its text.

The same tree of elements as that of a report is written out, so what a person named is escaped here too. A
schedule and a sweep are datasets of xarray, which show themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from evdsl.language.display import DRAWERS

if TYPE_CHECKING:
    from evdsl.language.spec import Spec
    from evdsl.optimization.comparison import Comparison
    from evdsl.optimization.explanation.explain import Explanation
    from evdsl.optimization.front import Front
    from evdsl.optimization.problem import Problem
    from evdsl.optimization.result import Result
    from evdsl.report.page.html import Element

WIDTH = 720
"""Pixels of a figure in a cell."""


def of_spec(spec: Spec) -> str:
    """What is asked, and the text."""
    from evdsl.report.page import asked

    return _cell(spec.name, asked.goal_of(spec), asked.texts(spec, is_open=False))


def of_problem(problem: Problem) -> str:
    """What is asked, and how large the model is."""
    from evdsl.report.numbers import plural
    from evdsl.report.page import asked
    from evdsl.report.page.html import element
    from evdsl.report.run.summary import who_comes

    model = problem.program.model
    sizes = f"{plural(int(model.nvars), 'variable')}, {plural(int(model.ncons), 'row')}"
    line = element("p", f"{who_comes(problem.spec, problem.data)}; {sizes}")
    return _cell(problem.spec.name, asked.goal_of(problem.spec), [line])


def of_result(result: Result) -> str:
    """How the run ended, what it came to, and the power at the connection."""
    from evdsl.report.page import came_out
    from evdsl.report.page.html import element
    from evdsl.report.run.summary import headline, site_line

    head = [element("p", headline(result)[0]), element("p", site_line(result))]
    if result.schedule is None:
        return _cell(result.spec.name, head, [element("p", result.message)])
    return _cell(result.spec.name, head, came_out.facts(result), _power(result))


def _power(result: Result) -> list[Element]:
    """The figure, where it can be drawn."""
    from evdsl.report.figures import power_by_source
    from evdsl.report.figures.files import check_library, svg
    from evdsl.report.figures.gallery import gallery
    from evdsl.report.page.drawing import picture

    if check_library() is not None:
        return []
    found = gallery(result, names=(power_by_source.NAME,)).figures
    label = f"power of {result.spec.name}"
    return [picture(svg(one, WIDTH), f"cell-{result.data.digest[:12]}", "wide", label) for one in found]


def of_comparison(comparison: Comparison) -> str:
    """The optimum beside the rules."""
    from evdsl.report.page import came_out

    return _cell(comparison.optimum.spec.name, came_out.rules(comparison, ""))


def of_front(front: Front) -> str:
    """The points of a front."""
    from evdsl.report.page import came_out
    from evdsl.report.page.html import element

    if not front.points:
        return _cell(front.spec.name, [element("p", front.message)])
    return _cell(front.spec.name, came_out.points(front))


def of_explanation(explanation: Explanation) -> str:
    """What each line costs, or what cannot hold together."""
    from evdsl.report import explanation as told
    from evdsl.report.page import came_out
    from evdsl.report.page.html import element

    if explanation.conflict is not None:
        return _cell(explanation.spec.name, [element("pre", told.text(explanation, width=100))])
    return _cell(explanation.spec.name, came_out.lines(explanation))


def _cell(title: str, *parts: list[Element]) -> str:
    from evdsl.report.page.html import element, fragment

    return fragment(element("div", element("h4", title), *(one for part in parts for one in part)))


def enter() -> None:
    """Makes these functions the drawers of their classes."""
    drawers: dict[str, Callable[[Any], str]] = {
        "evdsl.language.spec.Spec": of_spec,
        "evdsl.optimization.problem.Problem": of_problem,
        "evdsl.optimization.result.Result": of_result,
        "evdsl.optimization.comparison.Comparison": of_comparison,
        "evdsl.optimization.front.Front": of_front,
        "evdsl.optimization.explanation.explain.Explanation": of_explanation,
    }
    DRAWERS.update(drawers)
