"""`evdsl report`: one page that tells a run, in which nothing acts, and that a browser draws at any width."""

from __future__ import annotations

import base64
import csv
import hashlib
import importlib
import json
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest
from worlds import EVERYTHING, SPECS, TUTORIAL, said

import evdsl
from evdsl.optimization.comparison import compare
from evdsl.optimization.inquiry.vehicle import vehicle_facts
from evdsl.optimization.policies import POLICIES
from evdsl.report.figures.gallery import gallery
from evdsl.report.inquiry.sentences import sentences
from evdsl.report.page.drawing import picture
from evdsl.report.page.html import clean, element, fragment
from evdsl.report.page.proof import balance
from evdsl.report.page.report import Report, html
from evdsl.report.page.tables import MOST, scrolled, stacked
from evdsl.report.page.why import OTHERS
from evdsl.report.plan.charges import plan_of

SITES = SPECS / "sites"
CAR_PARK = TUTORIAL / "2_car_park.evs"
COHORT = SPECS / "literature" / "c_cohorts" / "cohorts.evs"
FRONT = SPECS / "features" / "pareto.evs"
ALLOWED = frozenset(
    "html head meta title style body main nav section h1 h2 h3 p a ul li dl dt dd div span strong code pre "
    "figure figcaption details summary table caption thead tbody tr th td "
    "svg g path line rect circle text tspan defs clippath lineargradient stop".split()
)
VOID = {"meta"}
NAMES = (
    '=HYPERLINK("http://evil.example","x")',
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</svg><script>alert(2)</script>",
    "</style><style>*{display:none}</style>",
    "</title></pre><iframe src=http://evil.example>",
    "javascript:alert(3)",
    "a\u202eb",
    "&lt;b&gt;",
    "{{7*7}}",
    "]]><x/>",
)
"""Names of vehicles that a page might take for something else."""


@dataclass
class Parsed(HTMLParser):
    """A page as a browser reads it: every element with its attributes, and its texts."""

    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def __hash__(self) -> int:
        return id(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def parsed(text: str) -> Parsed:
    page = Parsed()
    page.feed(text)
    page.close()
    assert page.open == []
    return page


def assert_inert(text: str) -> None:
    """Nothing in a page runs, loads, sends or leads out of it."""
    page = parsed(text)
    assert {tag for tag, _ in page.tags} <= ALLOWED
    for tag, attributes in page.tags:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            assert name not in ("style", "src", "srcset", "xlink:href", "action", "formaction", "srcdoc")
            assert name != "href" or re.fullmatch(r"#[a-z]+", value), (tag, value)
            assert "url(" not in value or re.fullmatch(r"url\(#[\w-]+\)", value), (tag, value)
    assert len(page.of("style")) == 1
    (policy,) = [meta["content"] for meta in page.of("meta") if "http-equiv" in meta]
    style = re.search(r"<style>(.*?)</style>", text, re.S)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "@import" not in style[1]
    assert "url(" not in style[1]


def told(path: Path, name: str = "") -> Report:
    result = evdsl.solve(evdsl.load(path))
    comparison = compare(result, POLICIES)
    return Report(plan_of(result), gallery(result, comparison), name or "evdsl report", comparison, "no")


def hostile_spec(folder: Path) -> Path:
    """A spec whose vehicles, comments and file have names that a page must not follow."""
    with (folder / "names.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(["name", "arrival", "departure", "energy (kWh)"])
        writer.writerows([name, "2024-03-12 00:00", "2024-03-12 04:00", 9] for name in NAMES)
    path = folder / "<img src=x onerror=alert(1)>.evs"
    path.write_text(
        "# <script>alert('comment')</script></pre></style>\n"
        "station s {\n start = 2024-03-12\n horizon = 4 h\n step = 1 h\n}\n"
        "grid {\n price = { 00:00: 0.10 EUR/kWh, 02:00: 0.30 EUR/kWh }\n import_limit = 20 kW\n}\n"
        "port ac {\n count = 12\n power = 11 kW\n}\nclass car {\n charge = 11 kW\n}\n"
        'sessions all of car = csv("names.csv", id="name", arrival="arrival", departure="departure", '
        'energy=column("energy (kWh)"))\nminimize cost + 1 EUR/kWh * unmet\n',
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def car_park(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the car park of the README."""
    out = tmp_path_factory.mktemp("page") / "car_park.html"
    importlib.import_module("evdsl.cli.main").main(["report", str(CAR_PARK), "-o", str(out)])
    return out


def test_a_page_tells_what_was_asked_and_what_came_out(car_park: Path) -> None:
    page = parsed(car_park.read_text(encoding="utf-8"))
    text = "".join(page.texts)
    result = evdsl.solve(evdsl.load(CAR_PARK))
    assert f"{result.terms['cost']:,.2f} EUR" in text
    assert "optimal on" in text
    assert CAR_PARK.read_text(encoding="utf-8").splitlines()[0] in text
    sections = [attributes["id"] for attributes in page.of("section") if "id" in attributes]
    links = [attributes["href"].removeprefix("#") for attributes in page.of("a")]
    assert sections == links
    assert {"asked", "result", "rules", "figures", "short", "plan", "money", "proof", "spec"} <= {*sections}


def test_nothing_in_a_page_acts(car_park: Path) -> None:
    assert_inert(car_park.read_text(encoding="utf-8"))


def test_each_figure_is_there_for_a_desk_and_a_phone_with_its_sentences_and_numbers() -> None:
    report = told(CAR_PARK)
    page = parsed(html(report))
    pictures = [attributes for attributes in page.of("svg") if attributes.get("role") == "img"]
    assert len(pictures) == 2 * len(report.gallery.figures) > 8
    labels = [attributes["aria-label"] for attributes in pictures]
    for number, figure in enumerate(report.gallery.figures):
        said_of_it = " ".join(sentence.text for sentence in figure.sentences)
        assert labels[2 * number] == labels[2 * number + 1] == f"{figure.title}. {said_of_it}".strip()
        assert [pictures[2 * number + at]["class"] for at in (0, 1)] == ["wide", "narrow"]
    summaries = "".join(page.texts).count("Numbers of this figure")
    assert summaries == len(report.gallery.figures)


def test_the_figure_of_costs_and_the_table_of_vehicles_say_the_same() -> None:
    report = told(SITES / "motorway.evs")
    figure = report.gallery.figure("cost_by_vehicle")
    assert figure is not None
    names, optimum = figure.table[0], figure.table[1]
    shares = {v.name: v.money.energy_cost - v.money.export_revenue for v in report.plan.vehicles}
    assert dict(zip(names.cells, optimum.cells, strict=True)) == pytest.approx(shares)


def test_no_two_elements_have_the_same_name() -> None:
    names = [attributes["id"] for _, attributes in parsed(html(told(EVERYTHING))).tags if "id" in attributes]
    assert len(names) == len(set(names))


def test_a_hostile_spec_gives_a_page_with_nothing_active(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "report.html"
    status, _, _ = said(capsys, "report", str(hostile_spec(tmp_path)), "-o", str(out))
    assert status == 0
    text = out.read_text(encoding="utf-8")
    assert_inert(text)
    shown = "".join(parsed(text).texts)
    for name in NAMES:
        assert clean(name) in shown
    assert "<script>alert('comment')</script></pre></style>" in shown
    assert "onerror=alert(1)>.evs" in shown


def test_a_text_becomes_no_markup_wherever_it_is_put() -> None:
    for name in NAMES:
        text = fragment(element("p", name, element("b", name), name, title=name))
        page = parsed(text)
        assert [tag for tag, _ in page.tags] == ["p", "b"]
        assert page.of("p")[0]["title"] == clean(name)
        assert "".join(page.texts) == clean(name) * 3


def test_what_turns_the_direction_of_reading_is_shown_as_a_sign() -> None:
    assert clean("a\u202eb\x00c\ud800d\ne") == "a\ufffdb\ufffdc\ufffdd\ne"


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<foreignObject/>",
        "<image href='x.png'/>",
        "<a href='http://evil.example'/>",
        "<g onclick='alert(1)'/>",
        "<g style='fill:url(http://evil.example)'/>",
        "<g fill='url(http://evil.example)'/>",
        "<use href='#x'/>",
    ],
)
def test_a_picture_with_anything_that_could_act_is_no_picture(inside: str) -> None:
    text = f"<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'>{inside}</svg>"
    with pytest.raises(ValueError, match="a picture has an"):
        picture(text, "p", "wide", "label")


def test_names_inside_a_picture_are_those_of_its_page() -> None:
    text = (
        "<svg xmlns='http://www.w3.org/2000/svg'><defs><clipPath id='a'/></defs>"
        "<g clip-path='url(#a)' class='x' role='y'/></svg>"
    )
    made = fragment(picture(text, "power-wide", "wide", "power"))
    assert '<clipPath id="power-wide-a">' in made
    assert '<g clip-path="url(#power-wide-a)">' in made


def test_a_row_of_a_table_is_a_card_on_a_phone_and_keeps_its_titles() -> None:
    table = parsed(fragment(stacked(["vehicle", "cost EUR"], [["a", "1.00"], ["b", "2.00"]])))
    assert [cell["data-label"] for cell in table.of("td")] == ["cost EUR", "cost EUR"]
    assert [row["role"] for row in table.of("tr")] == ["row"] * 3


def test_a_table_of_very_many_numbers_says_how_many_it_leaves_out() -> None:
    text = fragment(scrolled(["x"], [[str(n)] for n in range(MOST + 5)], "numbers"))
    assert len(parsed(text).of("td")) == MOST
    assert f"the first {MOST:,} of {MOST + 5:,} rows" in text


@pytest.mark.parametrize("name", ["depot", "home", "motorway", "phases", "working_week"])
def test_what_comes_into_a_site_goes_out_of_it(name: str) -> None:
    plan = plan_of(evdsl.solve(evdsl.load(SITES / f"{name}.evs")))
    rows, apart = balance(plan)
    assert rows[-1][1] == pytest.approx(rows[-1][2], rel=1e-6)
    assert apart == 0.0


def test_the_page_of_a_cohort_has_the_rules_beside_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "cohort.html"
    assert said(capsys, "report", str(COHORT), "-o", str(out))[0] == 0
    text = unescape(out.read_text(encoding="utf-8"))
    assert "Power at the connection, the optimum against fifs" in text
    assert "kWh charged of `cars`: optimum" in text
    assert "runs of cohorts, by state of need and hour" in text
    assert_inert(out.read_text(encoding="utf-8"))


def test_the_page_of_a_front_has_its_points_and_the_plan_of_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "front.html"
    assert said(capsys, "report", str(FRONT), "-o", str(out), "--point", "1")[0] == 0
    text = "".join(parsed(out.read_text(encoding="utf-8")).texts)
    front = evdsl.front(evdsl.load(FRONT))
    assert f"Everything below is point 1 of {len(front.points)}." in text
    assert_inert(out.read_text(encoding="utf-8"))
    status, _, err = said(capsys, "report", str(FRONT), "-o", str(out), "--point", "99")
    assert (status, "none is number 99" in err) == (2, True)
    status, _, err = said(capsys, "report", str(CAR_PARK), "-o", str(out), "--point", "1")
    assert (status, "the spec asks for none" in err) == (2, True)


def test_what_each_line_costs_is_told_where_it_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "lines.html"
    spec = SPECS / "features" / "cost.evs"
    assert said(capsys, "report", str(spec), "-o", str(out), "--sensitivity")[0] == 0
    assert "What each line costs" in out.read_text(encoding="utf-8")
    assert said(capsys, "report", str(spec), "-o", str(out))[0] == 0
    assert "What each line costs" not in out.read_text(encoding="utf-8")


def test_figures_are_stored_beside_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, folder = tmp_path / "page.html", tmp_path / "figures"
    command = ("report", str(SPECS / "features" / "cost.evs"), "-o", str(out), "--figures", str(folder))
    assert said(capsys, *command)[0] == 0
    names = {path.stem for path in folder.iterdir()}
    assert "power_by_source" in names
    assert {path.name for path in folder.iterdir()} == {
        f"{name}{ending}" for name in names for ending in (".svg", ".png", ".csv")
    }


def test_what_cannot_be_written_or_drawn_is_said_before_anything_is_solved(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    status, _, err = said(capsys, "report", str(CAR_PARK), "-o", str(tmp_path / "page.pdf"))
    assert (status, "E609" in err) == (2, True)
    nowhere = str(tmp_path / "no" / "figures")
    status, _, err = said(
        capsys, "report", str(CAR_PARK), "-o", str(tmp_path / "p.html"), "--figures", nowhere
    )
    assert (status, "cannot be made" in err) == (2, True)
    monkeypatch.setattr("evdsl.report.figures.files.find_spec", lambda _: None)
    status, _, err = said(capsys, "report", str(CAR_PARK), "-o", str(tmp_path / "p.html"))
    assert (status, "pip install 'evdsl[plot]'" in err) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_the_page_of_an_infeasible_spec_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec, out = tmp_path / "tight.evs", tmp_path / "page.html"
    text = (SPECS / "features" / "cost.evs").read_text(encoding="utf-8")
    spec.write_text(text.replace("grid {", "grid {\n    import_limit = 1 kW"), encoding="utf-8")
    status, said_out, err = said(capsys, "report", str(spec), "-o", str(out))
    assert (status, "E601" in err) == (3, True)
    assert f"{out} says why" in said_out
    assert_inert(out.read_text(encoding="utf-8"))
    shown = "".join(parsed(out.read_text(encoding="utf-8")).texts)
    assert "infeasible: 2 statements cannot hold together" in shown
    assert "grid: import_limit = 5 kW" in shown
    assert "import_limit = 1 kW" in shown


def test_the_page_of_a_front_without_points_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec, out = tmp_path / "tight.evs", tmp_path / "page.html"
    text = re.sub(r"import_limit *= *\d+ kW", "import_limit = 3 kW", FRONT.read_text(encoding="utf-8"))
    spec.write_text(text, encoding="utf-8")
    assert said(capsys, "report", str(spec), "-o", str(out))[0] == 3
    assert "3 statements cannot hold together" in out.read_text(encoding="utf-8")


def test_a_run_that_ends_without_an_answer_has_no_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec, out = tmp_path / "free.evs", tmp_path / "page.html"
    text = (SPECS / "features" / "cost.evs").read_text(encoding="utf-8")
    spec.write_text(text.replace("minimize cost", "maximize import_energy"), encoding="utf-8")
    status, _, _ = said(capsys, "report", str(spec), "-o", str(out))
    assert status != 0
    assert not out.exists()


def test_each_vehicle_that_is_short_is_told_of_and_those_that_move_most(car_park: Path) -> None:
    page = parsed(car_park.read_text(encoding="utf-8"))
    shown = "".join(page.texts)
    result = evdsl.solve(evdsl.load(CAR_PARK))
    assert result.schedule is not None
    missing = result.schedule["unmet"].values
    told = re.findall(r"`(day_shift\.\d+)` \(class `commuter`\) is there from", shown)
    names = result.data.vehicles.name
    short = [names[at] for at in (-missing).argsort(kind="stable") if missing[at] > 0.01]
    assert told[: len(short)] == short
    assert len(told) == len(short) + OTHERS
    taken = result.schedule["delivered"].values
    least = min(taken[names.index(name)] for name in told[len(short) :])
    rest = [taken[at] for at, name in enumerate(names) if name not in told]
    assert least >= max(rest) - 1e-6
    one = names.index(told[0])
    for sentence in sentences(vehicle_facts(result, one), result.spec, result.data):
        assert sentence in shown


MEASURE = """<!doctype html><meta charset="utf-8">
<iframe id="page" src="%s" style="border:0;width:%dpx;height:900px"></iframe><pre id="out"></pre><script>
document.getElementById("page").onload = () => {
    const inside = document.getElementById("page").contentDocument, root = inside.documentElement;
    for (const one of inside.querySelectorAll("details")) one.open = true;
    const drawn = [...inside.querySelectorAll("svg")].filter(one => one.getBoundingClientRect().height > 20);
    const small = drawn.filter(one => one.querySelectorAll("path, rect, line").length < 3);
    const letters = drawn.flatMap(one => [...one.querySelectorAll("text")])
        .map(one => one.getBoundingClientRect().height).filter(height => height > 0);
    document.getElementById("out").textContent = JSON.stringify({
        width: root.clientWidth,
        needed: root.scrollWidth,
        kinds: [...new Set(drawn.map(one => one.getAttribute("class")))],
        drawn: drawn.length,
        empty: small.length,
        least: Math.min(...letters),
        styled: getComputedStyle(inside.querySelector("h2")).borderTopWidth,
    });
};
</script>"""


def measured(page: Path, width: int, folder: Path) -> dict[str, object]:
    """What a browser makes of a page that is so many pixels wide, everything unfolded."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        pytest.skip("no chromium is on this machine: apt-get install -y chromium")
    frame = folder / f"frame_{width}.html"
    frame.write_text(MEASURE % (page.as_uri(), width), encoding="utf-8")
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"]
    command += [f"--user-data-dir={folder / 'profile'}", "--window-size=1400,1000"]
    command += ["--virtual-time-budget=20000", "--dump-dom", frame.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    found = re.search(r'<pre id="out">(.*?)</pre>', done.stdout, re.S)
    assert found is not None, done.stderr[-2000:]
    record: dict[str, object] = json.loads(unescape(found[1]))
    return record


@pytest.mark.slow
@pytest.mark.parametrize(("width", "kind"), [(1280, "wide"), (390, "narrow")])
def test_a_browser_draws_the_page_at_any_width_without_scrolling_sideways(
    car_park: Path, tmp_path: Path, width: int, kind: str
) -> None:
    found = measured(car_park, width, tmp_path)
    assert found["needed"] == found["width"]
    assert found["kinds"] == [kind]
    assert found["drawn"] == len(told(CAR_PARK).gallery.figures)
    assert found["empty"] == 0
    assert found["styled"] == "1px"  # the policy lets the style sheet through
    least = found["least"]
    assert isinstance(least, float | int)
    assert least >= 9
