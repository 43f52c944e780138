"""Figures: what is drawn and what is not, at each width, with any name, on days of 23 and 25 hours."""

from __future__ import annotations

import json
import re
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from worlds import EVERYTHING, SPECS

import evdsl
from evdsl.data.timeline import Timeline
from evdsl.optimization.comparison import compare
from evdsl.optimization.policies import POLICIES
from evdsl.optimization.result import Result
from evdsl.report.figures import files
from evdsl.report.figures.figure import Area, Boxes, ClockAxis, Curve, Dots, Figure, Look, Panel
from evdsl.report.figures.front import of_front
from evdsl.report.figures.gallery import FIGURES, Gallery, gallery
from evdsl.report.figures.looks import SERIES, paler
from evdsl.report.figures.reduction import MOST, reduced
from evdsl.report.figures.ticks import clock_ticks
from evdsl.report.figures.vega import rows, structure, vega_lite

FLAT = (
    "station s {\n    start = 2024-01-01\n    horizon = 2 h\n    step = 1 h\n}\n"
    "grid {\n    price = 0.10 EUR/kWh\n}\nload house {\n    power = 2 kW\n}\nminimize cost\n"
)
"""A site without vehicles, at one price."""
WIDTHS = (320, files.NARROW, 640, files.WIDE, 1600)


def result_of(path: Path) -> Result:
    return evdsl.compile(evdsl.load(path)).run("highs")


def gallery_of(path: Path) -> Gallery:
    result = result_of(path)
    return gallery(result, compare(result, POLICIES))


@pytest.fixture(scope="module")
def galleries() -> dict[str, Gallery]:
    """Those of a few sites that have between them every figure but the front."""
    paths = [*(SPECS / "sites" / f"{name}.evs" for name in ("goals", "phases", "home"))]
    paths.append(SPECS / "literature" / "c_cohorts" / "cohorts.evs")
    return {path.stem: gallery_of(path) for path in (*paths, EVERYTHING)}


@pytest.fixture(scope="module")
def figures(galleries: dict[str, Gallery]) -> list[Figure]:
    front = of_front(evdsl.front(evdsl.load(SPECS / "features" / "pareto.evs"), points=4))
    assert isinstance(front, Figure)
    return [*(one for shown in galleries.values() for one in shown.figures), front]


def test_each_figure_is_drawn_of_some_site(figures: list[Figure]) -> None:
    assert {figure.name for figure in figures} == {name for name, _ in FIGURES}


def test_each_figure_is_drawn_or_told_why_not_in_the_order_of_reading(galleries: dict[str, Gallery]) -> None:
    order = [name for name, _ in FIGURES]
    for shown in galleries.values():
        drawn, left_out = [one.name for one in shown.figures], [one.name for one in shown.not_drawn]
        assert sorted([*drawn, *left_out]) == sorted(order)
        assert drawn == sorted(drawn, key=order.index)
        assert all(one.reason and not one.reason.endswith(".") for one in shown.not_drawn)


def test_what_says_nothing_is_told_by_its_reason() -> None:
    shown = gallery(evdsl.compile(evdsl.loads(FLAT)).run("highs"))
    reasons = {one.name: one.reason for one in shown.not_drawn}
    assert reasons["price_and_carbon"] == "the price is constant"
    assert reasons["duration"] == "the import is constant"
    assert reasons["storage"] == "there is no storage"
    assert reasons["availability"] == "no vehicle is there"
    assert reasons["against_rule"] == "no rule was run"
    assert shown.figure("power_by_source") is not None


def test_a_run_without_a_schedule_has_no_figure() -> None:
    spec = evdsl.loads(FLAT.replace("{\n    price", "{\n    import_limit = 1 kW\n    price"))
    assert gallery(evdsl.compile(spec).run("highs")) == Gallery((), ())


@pytest.mark.parametrize("width", WIDTHS)
def test_a_picture_is_as_wide_as_it_is_asked_to_be(figures: list[Figure], width: int) -> None:
    for figure in figures:
        drawn = ElementTree.fromstring(files.svg(figure, width))
        assert abs(float(drawn.attrib["width"]) - width) <= 4, figure.name


def test_every_dataset_of_a_structure_has_rows_and_the_other_way_round(figures: list[Figure]) -> None:
    for figure in figures:
        for width in WIDTHS:
            named = set(re.findall(r'"name": "(p\d+_\w+)"', json.dumps(structure(figure, width))))
            there = rows(figure, width)
            assert named <= set(there), figure.name
            assert {name for name in set(there) - named if not name.endswith("names")} == set()
            json.dumps(vega_lite(figure, width), allow_nan=False)


def test_pictures_have_numbers_alone(figures: list[Figure]) -> None:
    for figure in figures:
        text = files.svg(figure, files.NARROW)
        assert not re.search(r"NaN|undefined|Infinity", text), figure.name


def test_without_its_title_a_picture_is_lower_by_its_lines(figures: list[Figure]) -> None:
    for figure in figures:
        heights = [
            float(ElementTree.fromstring(files.svg(figure, files.WIDE, titled=titled)).attrib["height"])
            for titled in (True, False)
        ]
        assert 15 <= heights[0] - heights[1] <= 21, figure.name


def test_the_table_has_as_many_cells_in_each_column(figures: list[Figure]) -> None:
    for figure in figures:
        lengths = {len(column.cells) for column in figure.table}
        assert len(lengths) == 1, figure.name
        lines = files.csv(figure).splitlines()
        assert len(lines) == lengths.pop() + 1


def test_what_is_drawn_is_what_the_table_says(galleries: dict[str, Gallery]) -> None:
    figure = galleries["goals"].figure("power_by_source")
    assert figure is not None
    imported = next(column.cells for column in figure.table if column.name == "import")
    drawn = rows(figure, files.WIDE)["p0_l0"]
    for hour, value in enumerate(imported):
        there = [row for row in drawn if row["x"] is not None and row["x"] <= hour + 0.5]
        high = there[-1]["high"] if there else None
        assert (high or 0.0) == pytest.approx(value, abs=1e-6)


def test_lines_of_one_panel_differ_in_more_than_their_colour(figures: list[Figure]) -> None:
    for figure in figures:
        for panel in figure.panels:
            lines = [layer for layer in panel.layers if isinstance(layer, Curve) and layer.label]
            assert len({layer.look.dash for layer in lines}) == len(lines), figure.name
            dots = [layer for layer in panel.layers if isinstance(layer, Dots)]
            assert len({layer.shape for layer in dots}) == len(dots), figure.name


def luminance(look: Look) -> float:
    parts = (int(look.colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_shades_are_told_apart_by_their_lightness_alone(figures: list[Figure]) -> None:
    for figure in figures:
        if figure.name in ("availability", "cohort_states", "state_of_charge"):
            for panel in figure.panels:
                shades = [layer.look for layer in panel.layers if isinstance(layer, Boxes)]
                blue = sorted(luminance(look) for look in shades if look.colour != "#009E73")
                assert all(b - a > 0.02 for a, b in pairwise(blue)), figure.name
    assert luminance(paler(SERIES[0])) > 2 * luminance(SERIES[0])


HOSTILE = [
    "<script>alert(1)</script>",
    "</svg><svg onload=alert(1)>",
    '=HYPERLINK("http://example.com")',
    "javascript:alert(1)",
    "datum.secret + signal('x')",
    "a\u202eb\u0007c",
    "x" * 10_000,
    "${expr} {{x}}",
]
"""Names as a file may have them."""


@pytest.fixture
def hostile(tmp_path: Path) -> Gallery:
    quoted = ['"' + name.replace('"', '""') + '"' for name in HOSTILE]
    lines = [f"{name},2024-01-01 0{n % 3}:00,2024-01-01 1{n % 3}:00,{n + 3}" for n, name in enumerate(quoted)]
    (tmp_path / "s.csv").write_text("\n".join(["name,in,out,kwh", *lines]), encoding="utf-8")
    (tmp_path / "site.evs").write_text(
        "station s {\n    start = 2024-01-01\n    horizon = 24 h\n    step = 1 h\n}\n"
        "grid {\n    import_limit = 3 kW\n    price = { 00:00: 0.1 EUR/kWh, 05:00: 0.2 EUR/kWh }\n}\n"
        "class car {\n    charge = 3 kW\n}\nport p {\n    count = 9\n    power = 3 kW\n}\n"
        'sessions cars of car = csv("s.csv", id="name", arrival="in", departure="out",\n'
        '    energy=column("kwh", unit="kWh"))\n'
        "minimize cost + 1 EUR/kWh * unmet\n",
        encoding="utf-8",
    )
    return gallery_of(tmp_path / "site.evs")


def test_a_name_is_data_and_nothing_else(hostile: Gallery) -> None:
    said = 0
    for figure in hostile.figures:
        for width in (files.WIDE, files.NARROW):
            fixed = json.dumps(structure(figure, width))
            for mark in ("script", "alert", "HYPERLINK", "datum.secret", "xxxx", "${"):
                assert mark not in fixed, figure.name
            said += "alert" in json.dumps(rows(figure, width))
    assert said


def test_a_picture_of_hostile_names_has_nothing_active(hostile: Gallery) -> None:
    for figure in hostile.figures:
        for node in ElementTree.fromstring(files.svg(figure, files.NARROW)).iter():
            kind = node.tag.rpartition("}")[2]
            assert kind in {"svg", "g", "path", "rect", "text", "line", "defs", "clipPath", "title", "desc"}
            assert not [a for a in node.attrib if a.rpartition("}")[2] == "href" or a.startswith("on")]


def test_a_cell_that_is_a_formula_is_text(hostile: Gallery) -> None:
    figure = hostile.figure("port_gantt")
    assert figure is not None
    text = files.csv(figure)
    assert "'=HYPERLINK" in text
    assert not re.search(r'(?m)(^|,)"?[=+@]', text)


@pytest.mark.parametrize(
    ("day", "hours", "labels"),
    [
        ("2024-03-31", 23, ["00:00", "01:00", "03:00", "04:00"]),
        ("2024-10-27", 25, ["00:00", "01:00", "02:00", "02:00", "03:00", "04:00"]),
        ("2024-06-12", 24, ["00:00", "01:00", "02:00", "03:00", "04:00"]),
    ],
)
def test_the_clock_is_that_of_the_station(day: str, hours: int, labels: list[str]) -> None:
    midnight = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("Europe/Rome"))
    start = midnight.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
    ticks = clock_ticks(Timeline(start, ZoneInfo("Europe/Rome"), hours, 1.0), 1200)
    assert [label for _, label in ticks][: len(labels)] == labels
    assert [at for at, _ in ticks] == list(range(hours + 1))
    assert ticks[-1][1] == "00:00"


def test_labels_of_the_clock_stand_apart_and_on_a_phone_every_six_hours() -> None:
    day = Timeline(datetime(2024, 6, 12), ZoneInfo("UTC"), 24, 1.0)
    assert [label for _, label in clock_ticks(day, 290)] == ["00:00", "06:00", "12:00", "18:00", "00:00"]
    for steps in (1, 3, 24, 72, 168, 744, 9000):
        line = Timeline(datetime(2024, 6, 12, 7, 20), ZoneInfo("Europe/Rome"), steps, 1.0)
        for width in (250, 1100):
            at = np.array([tick for tick, _ in clock_ticks(line, width)]) * width / line.horizon
            assert (np.diff(at) > 36).all()
            assert len(at) <= width / 36 + 1


def test_a_long_course_is_drawn_as_means_and_says_so() -> None:
    values = np.random.default_rng(1).random(9000)
    edges, (means,) = reduced(np.arange(9001.0), (values,), 300)
    assert len(means) == 300 == len(edges) - 1
    assert float(means @ np.diff(edges)) == pytest.approx(float(values.sum()))
    same, (kept,) = reduced(np.arange(MOST + 1.0), (values[:MOST],), 300)
    assert len(same) == MOST + 1
    assert (kept == values[:MOST]).all()
    line = Timeline(datetime(2024, 6, 1), ZoneInfo("UTC"), 9000, 1 / 12)
    area = Area("x", SERIES[0], line.edges(), np.zeros(9000), values)
    figure = Figure("x", "X", (Panel("Power, kW", ClockAxis(line), (area,)),), (), ())
    assert rows(figure, 380)["p0_caption"][0]["label"] == "Power, kW, means of 2.5 h"
    assert len(rows(figure, 380)["p0_l0"]) <= 2 * 300


def test_without_the_library_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    assert files.check_library() is None
    monkeypatch.setattr(files, "find_spec", lambda _: None)
    found = files.check_library()
    assert found is not None
    assert found.code == "E609"
    assert "pip install 'evdsl[plot]'" in found.help


@pytest.mark.parametrize("ending", files.ENDINGS)
def test_a_figure_is_stored_in_the_form_of_its_ending(
    galleries: dict[str, Gallery], tmp_path: Path, ending: str
) -> None:
    figure = galleries["phases"].figures[0]
    for name in ("one", "two"):
        files.write(figure, tmp_path / f"{name}{ending}")
    first, second = ((tmp_path / f"{name}{ending}").read_bytes() for name in ("one", "two"))
    assert first == second, "the same figure is the same file"
    assert first.startswith({".svg": b"<svg", ".png": b"\x89PNG", ".csv": b"time,"}[ending])
