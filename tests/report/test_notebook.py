"""What a notebook shows: each value says what it is, and a name in it is a text."""

from __future__ import annotations

from pathlib import Path

import pytest
from report.test_page import NAMES, hostile_spec, parsed
from worlds import SPECS

import evdsl
from evdsl.language.display import html_of
from evdsl.report.page.html import clean

COST = SPECS / "features" / "cost.evs"
FRONT = SPECS / "features" / "pareto.evs"


def shown(value: object) -> str:
    text = html_of(value)
    assert text is not None
    return text


def test_a_spec_shows_its_goal_and_its_text() -> None:
    text = "".join(parsed(shown(evdsl.load(COST))).texts)
    assert "minimize cost" in text
    assert COST.read_text(encoding="utf-8").splitlines()[-1] in text


def test_a_problem_shows_how_large_its_model_is() -> None:
    problem = evdsl.compile(evdsl.load(COST))
    model = problem.program.model
    assert f"{model.nvars} variables, {model.ncons} rows" in shown(problem)


def test_a_result_shows_what_it_comes_to_and_its_power() -> None:
    page = parsed(shown(evdsl.solve(evdsl.load(COST))))
    assert "6.35 EUR" in "".join(page.texts)
    assert [picture["role"] for picture in page.of("svg")] == ["img"]


def test_a_result_without_a_schedule_shows_why() -> None:
    tight = COST.read_text(encoding="utf-8").replace("grid {", "grid {\n    import_limit = 1 kW")
    result = evdsl.solve(evdsl.loads(tight))
    assert result.schedule is None
    assert "infeasible" in shown(result)


def test_a_result_is_shown_without_its_picture_where_none_can_be_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("evdsl.report.figures.files.find_spec", lambda _: None)
    page = parsed(shown(evdsl.solve(evdsl.load(COST))))
    assert page.of("svg") == []
    assert "6.35 EUR" in "".join(page.texts)


def test_a_comparison_a_front_and_an_explanation_show_their_tables() -> None:
    spec = evdsl.load(COST)
    assert "round_robin" in shown(evdsl.compare(spec))
    front = evdsl.front(evdsl.load(FRONT))
    assert len(parsed(shown(front)).of("tr")) == 1 + len(front.points)
    assert "minimize cost" in shown(evdsl.explain(spec))


def test_names_are_texts_in_a_notebook_too(tmp_path: Path) -> None:
    result = evdsl.solve(evdsl.load(hostile_spec(tmp_path)))
    for value in (result.spec, evdsl.compile(result.spec), result, evdsl.compare(result.spec)):
        page = parsed(shown(value))
        assert not {tag for tag, _ in page.tags} & {"script", "img", "iframe", "style", "foreignobject"}
        assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert clean(NAMES[1]) not in shown(result)


def test_what_nobody_draws_is_left_to_its_text() -> None:
    assert html_of(3) is None
