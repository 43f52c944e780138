"""Fronts known by hand, on both solvers; refusals; the table and the picture; the price of a choice."""

from __future__ import annotations

import json
import re
from itertools import permutations
from pathlib import Path

import pytest
import xarray as xr
from worlds import FEATURES, ROOT, said

import evdsl
from evdsl.data.data import Data
from evdsl.diagnostics.diagnostic import render
from evdsl.report.figures.figure import Area, Figure
from evdsl.report.figures.front import of_front
from evdsl.verifier import Verdict

FEATURE = FEATURES / "pareto.evs"

SITE = """
station s {
    start = 2024-03-12
    horizon = 4 h
    step = 1 h
}
grid {
    import_limit = 10 kW
    price = { 00:00: 10 ct/kWh, 02:00: 30 ct/kWh }
    carbon = { 00:00: 400 g/kWh, 02:00: 100 g/kWh }
}
class c {
    charge = 10 kW
}
vehicle a of c {
    arrival = 00:00
    stay = 4 h
    energy = 20 kWh
}
disable partial_charging
"""
"""20 kWh: the two first hours are cheap (2 EUR) and dirty (8 kg), the two last ones dear (6 EUR) and clean
(2 kg), and each holds them all. x kWh at night cost 6 - 0.2 x EUR and 2 + 0.3 x kg."""

FULL_OR_NOTHING = """
station s {
    start = 2024-03-12
    horizon = 4 h
    step = 1 h
}
grid {
    price = { 00:00: 10 ct/kWh, 01:00: 20 ct/kWh, 02:00: 30 ct/kWh, 03:00: 40 ct/kWh }
    carbon = { 00:00: 400 g/kWh, 01:00: 380 g/kWh, 02:00: 100 g/kWh, 03:00: 150 g/kWh }
}
port p {
    count = 1
    power = 10 kW
    min_power = 10 kW
}
class c {
    charge = 10 kW
}
vehicle a of c {
    arrival = 00:00
    stay = 4 h
    energy = 10 kWh
}
disable partial_charging
enable min_power
"""
"""One of four hours, whole: 1 EUR and 4 kg; 2 EUR and 3.8 kg; 3 EUR and 1 kg; 4 EUR and 1.5 kg, which the
third one beats."""


def front(text: str, solver: str = "highs", points: int | None = None) -> evdsl.Front:
    found = evdsl.front(evdsl.loads(text), solver, points)
    assert found.status is evdsl.Status.OPTIMAL, found.message
    for point in found.points:
        assert evdsl.verify(point.result.spec, point.schedule).ok
        assert point.result.verdict is not None
        assert point.result.verdict.ok
    return found


def near(*values: float) -> object:
    return pytest.approx(values, rel=1e-5, abs=1e-5)


def refused(text: str) -> str:
    with pytest.raises(evdsl.SpecError) as caught:
        evdsl.loads(text)
    return render(caught.value.diagnostics)


# Fronts by hand


def test_between_two_tariffs_the_front_is_a_line(solver: str) -> None:
    found = front(f"{SITE}pareto cost, co2 points 5\n", solver)
    assert [point.values for point in found.points] == [
        near(2, 8),
        near(3, 6.5),
        near(4, 5),
        near(5, 3.5),
        near(6, 2),
    ]
    assert [point.end for point in found.points] == ["first", "", "", "", "second"]
    assert (found.asked, found.tried, found.same, found.dominated) == (5, 5, 0, 0)


def test_a_front_of_an_integer_model_has_its_three_points_however_many_are_asked_for(solver: str) -> None:
    found = front(f"{FULL_OR_NOTHING}pareto cost, co2 points 31\n", solver)
    assert [point.values for point in found.points] == [near(1, 4), near(2, 3.8), near(3, 1)]
    assert found.same == 28


def test_the_ends_are_what_stages_in_both_orders_give(solver: str) -> None:
    found = front(FEATURE.read_text(encoding="utf-8"), solver, 2)
    base = FEATURE.read_text(encoding="utf-8").replace("pareto cost, co2 points 7", "")
    for point, stages in zip(
        found.points,
        ("minimize cost\nthen minimize co2\n", "minimize co2\nthen minimize cost\n"),
        strict=True,
    ):
        result = evdsl.compile(evdsl.loads(base + stages)).run(solver)
        assert point.values == near(result.terms["cost"], result.terms["co2"])


def test_no_point_is_beaten_by_another() -> None:
    for text in (FEATURE.read_text(encoding="utf-8"), f"{FULL_OR_NOTHING}pareto cost, co2\n"):
        found = front(text)
        for one, other in permutations([point.values for point in found.points], 2):
            assert not (one[0] <= other[0] and one[1] <= other[1])


def test_both_solvers_give_the_same_front() -> None:
    fronts = [front(FEATURE.read_text(encoding="utf-8"), solver, 4) for solver in ("highs", "scip")]
    for one, other in zip(fronts[0].points, fronts[1].points, strict=True):
        assert one.values == near(*other.values)


def test_fairness_is_made_large(solver: str) -> None:
    text = SITE.replace("disable partial_charging\n", "")
    found = front(f"{text}pareto cost, fairness points 3\n", solver)
    assert [axis.sense for axis in found.axes] == ["minimize", "maximize"]
    assert [point.values for point in found.points] == [near(0, 0), near(1, 0.5), near(2, 1)]


def test_a_front_whose_ends_are_one_schedule_is_a_point() -> None:
    found = front(f"{SITE}pareto cost, energy_cost points 4\n")
    assert [point.end for point in found.points] == ["both"]
    assert found.same == 3


def test_a_weighed_expression_is_an_axis_with_its_constant() -> None:
    found = front(f"{SITE}pareto cost + 1 EUR, 50 EUR/t * co2 points 2\n")
    assert [point.values for point in found.points] == [near(3, 0.4), near(7, 0.1)]


@pytest.mark.parametrize(
    ("expression", "sense"),
    [
        ("cost", "minimize"),
        ("export_revenue", "maximize"),
        ("cost - export_revenue", "minimize"),
        ("export_revenue - 2 * cost", "maximize"),
        ("cost + export_revenue", "minimize"),
        ("-co2", "maximize"),
        ("fairness", "maximize"),
        ("1 - fairness", "minimize"),
    ],
)
def test_an_expression_goes_the_way_that_its_words_are_better(expression: str, sense: str) -> None:
    spec = evdsl.loads(f"{SITE}pareto {expression}, peak\n")
    assert spec.pareto is not None
    assert (spec.pareto.first.sense, spec.pareto.points) == (sense, 11)


def test_a_front_stopped_by_its_time_limit_says_what_was_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    import evdsl.optimization.front as module

    class Short:
        """A deadline that comes at the fourth look."""

        looks = 0

        @classmethod
        def of(cls, _: evdsl.Options) -> Short:
            return cls()

        @property
        def left(self) -> float:
            self.looks += 1
            return 1.0 if self.looks < 4 else 0.0

        def within(self, options: evdsl.Options) -> evdsl.Options:
            return options

    monkeypatch.setattr(module, "Deadline", Short)
    spec = evdsl.loads(f"{SITE}pareto cost, co2 points 9\n")
    found = evdsl.front(spec, options=evdsl.Options(time_limit=4.5))
    assert found.status is evdsl.Status.FEASIBLE
    assert found.tried < found.asked == 9
    assert found.message == "the time limit was reached"
    assert [point.values for point in found.points][:1] == [near(2, 8)]


def test_a_point_that_fails_the_check_ends_the_front_as_an_error(
    line: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from evdsl.verifier import verify

    calls = []

    def strict(spec: evdsl.Spec, schedule: xr.Dataset, data: Data | None = None) -> Verdict:
        """The check, which finds the third schedule wrong."""
        calls.append(schedule)
        if len(calls) == 3:
            schedule = schedule.assign({"import": schedule["import"] + 50.0})
        return verify(spec, schedule, data)

    monkeypatch.setattr("evdsl.optimization.problem.verify", strict)
    status, out, err = said(capsys, "solve", str(line))
    assert status == 5
    assert "error[E607 not-verified]" in err
    assert out.startswith("failed on highs: ")


def test_python_refuses_what_is_no_front() -> None:
    with pytest.raises(ValueError, match="asks for no front"):
        evdsl.front(evdsl.loads(f"{SITE}minimize cost\n"))
    with pytest.raises(ValueError, match="2 to 101 points, and 1 are asked for"):
        evdsl.front(evdsl.loads(f"{SITE}pareto cost, co2\n"), points=1)
    with pytest.raises(LookupError, match="there is no solver `no`"):
        evdsl.front(evdsl.loads(f"{SITE}pareto cost, co2\n"), "no")


# What is refused


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "pareto cost, co2 points 1",
            "error[E308 out-of-range]: a front has 2 to 101 points, and 1 are asked for",
        ),
        ("pareto cost, co2 points 102", "a front has 2 to 101 points, and 102 are asked for"),
        ("pareto cost, co2 points 2.5", "a front has 2 to 101 points, and 2.5 are asked for"),
        (
            "pareto cost, co2 points 5 kW",
            "error[E305 wrong-shape]: the number of points of a front is a plain number",
        ),
        (
            "pareto cost, co2\nminimize cost",
            "error[E402 stage-order]: `minimize` stands beside `pareto`: a spec asks for a best "
            "schedule or for a front, not for both",
        ),
        ("minimize cost\npareto cost, co2", "`minimize` stands beside `pareto`"),
        ("pareto cost, co2\nthen minimize peak", "`then minimize` stands beside `pareto`"),
        (
            "pareto cost, co2\npareto cost, peak",
            "error[E207 defined-twice]: a front is asked for twice, first on line ",
        ),
        ("pareto cost, 5 kg", "error[E401 no-objective]: the objective is a constant"),
        ("pareto cost * co2, peak", "error[E404 not-linear]"),
        (
            "pareto cost, lexfairness",
            "error[E404 not-linear]: `lexfairness` is an order of schedules, and no axis of a front",
        ),
        ("pareto cost - 2 EUR/kW * peak, co2", "error[E403 wrong-side]: `peak` can only be minimized"),
        ("pareto cost + 2 EUR * fairness, co2", "error[E403 wrong-side]: `fairness` can only be maximized"),
        ("pareto cost, cots", "error[E203 unknown-name]"),
    ],
)
def test_a_front_that_is_none_is_refused(line: str, message: str) -> None:
    assert message in refused(f"{SITE}{line}\n")


def test_a_word_of_a_front_needs_its_setting() -> None:
    without = SITE.replace("    carbon = { 00:00: 400 g/kWh, 02:00: 100 g/kWh }\n", "")
    assert "`co2` needs the `carbon` of the `grid`" in refused(f"{without}pareto cost, co2\n")


# The command


@pytest.fixture
def line(tmp_path: Path) -> Path:
    path = tmp_path / "line.evs"
    path.write_text(f"{SITE}pareto cost, co2 points 3\n", encoding="utf-8")
    return path


def test_solve_prints_the_front(line: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "solve", str(line))
    assert status == 0
    assert out.startswith("front of 3 points, all optimal on highs, all verified\n")
    rows = [row.split() for row in out.splitlines() if row[:3].strip().isdigit()]
    assert rows[0][1:3] == ["2.00", "8.00"]
    assert rows[1][1:4] == ["4.00", "5.00", "0.667"]
    assert rows[2][-2:] == ["best", "co2"]
    assert out.count("◆") == 3  # the two ends, and the legend
    assert "EUR/kg: how much more cost for each kg less co2" in out


def test_json_is_one_document_with_the_points(line: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "solve", str(line), "--json")
    found = json.loads(out)
    assert status == 0
    assert [axis["expression"] for axis in found["axes"]] == ["cost", "co2"]
    assert [point["values"] for point in found["points"]] == [near(2, 8), near(4, 5), near(6, 2)]
    assert all(point["verified"] for point in found["points"])
    assert found["points"][1]["rate"] == pytest.approx(2 / 3, rel=1e-4)
    assert found["rate_unit"] == "EUR/kg"


@pytest.mark.parametrize("ending", ["csv", "json", "nc", "parquet"])
def test_the_table_is_stored(line: Path, ending: str, capsys: pytest.CaptureFixture[str]) -> None:
    import pandas as pd
    import polars

    path = line.with_suffix(f".{ending}")
    assert said(capsys, "solve", str(line), "--out", str(path))[0] == 0
    if ending == "json":
        seconds = [point["values"][1] for point in json.loads(path.read_text(encoding="utf-8"))["points"]]
    elif ending == "nc":
        with xr.open_dataset(path) as stored:
            seconds = stored["second"].values.tolist()
            assert stored["second"].attrs["units"] == "kg"
    else:
        table = pd.read_csv(path) if ending == "csv" else polars.read_parquet(path)
        seconds = list(table["minimize co2 (kg)" if ending == "csv" else "second"])
    assert seconds == pytest.approx([8, 5, 2], rel=1e-5)


def test_the_picture_has_no_share_below_zero() -> None:
    """Nobody is served less than nothing: what is beaten on the axis of fairness ends at 0 %."""
    fair = f"{SITE.replace('disable partial_charging', '')}pareto cost, fairness points 3\n"
    found = front(fair)
    assert min(point.values[1] for point in found.points) == pytest.approx(0.0, abs=1e-6)
    figure = of_front(found)
    assert isinstance(figure, Figure)
    (beaten,) = (layer for layer in figure.panels[0].layers if isinstance(layer, Area))
    assert beaten.low.min() == 0.0
    assert beaten.edges.min() < beaten.edges.max(), "beyond the dearest point lies more that is beaten"


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_the_picture_is_drawn(line: Path, ending: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = line.with_suffix(f".{ending}")
    assert said(capsys, "solve", str(line), "--out", str(path))[0] == 0
    stored = path.read_bytes()
    if ending == "png":
        assert stored.startswith(b"\x89PNG")
        return
    text = stored.decode()
    for label in ("cost, EUR (less is better)", "co2, kg (less is better)", "best cost", "2.00 EUR, 8.00 kg"):
        assert label in text


def test_the_picture_of_the_documentation_is_the_one_that_is_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fresh = tmp_path / "fresh.svg"
    assert said(capsys, "solve", str(FEATURE), "--out", str(fresh))[0] == 0
    texts = [
        set(re.findall(r">([^<>]+)</text>", path.read_text(encoding="utf-8")))
        for path in (fresh, ROOT / "docs" / "pareto.svg")
    ]
    again = "evdsl solve specs/features/pareto.evs --out docs/pareto.svg"
    assert texts[0] == texts[1], again


def test_a_picture_without_the_library_says_how_to_install_it(
    line: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evdsl.report.figures.files.find_spec", lambda _: None)
    status, _, err = said(capsys, "solve", str(line), "--out", str(line.with_suffix(".svg")))
    assert status == 2
    assert "a picture needs vl-convert, which is not installed" in err
    assert "pip install 'evdsl[plot]'" in err


def test_a_single_schedule_has_no_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "one.evs"
    path.write_text(f"{SITE}minimize cost\n", encoding="utf-8")
    status, _, err = said(capsys, "solve", str(path), "--out", str(tmp_path / "one.svg"))
    assert status == 2
    assert "`one.svg` does not say in which form the schedule is stored" in err


@pytest.mark.parametrize(
    ("change", "line", "status", "code"),
    [
        (("energy = 20 kWh", "energy = 200 kWh"), "pareto cost, co2", 3, "E601"),
        (("import_limit = 10 kW", "export_limit = 5 kW\n    feed_in = 1 EUR/kWh"), "pareto cost, co2", 0, ""),
    ],
)
def test_a_front_without_schedules_ends_as_a_solve_does(
    change: tuple[str, str],
    line: str,
    status: int,
    code: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "none.evs"
    path.write_text(SITE.replace(*change) + line + "\n", encoding="utf-8")
    found, _, err = said(capsys, "solve", str(path), "--quiet")
    assert found == status
    assert code in err


# The price of a choice


def test_the_price_of_co2_by_hand(tmp_path: Path, solver: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "site.evs"
    path.write_text(f"{SITE}minimize cost\n", encoding="utf-8")
    status, out, _ = said(capsys, "price", str(path), "co2", "--backend", solver, "--json")
    (found,) = json.loads(out)["choices"]
    assert status == 0
    assert found["objective"]["values"] == pytest.approx([2, 6], rel=1e-5)
    assert found["objective"]["relative"] == pytest.approx(2, rel=1e-5)
    assert found["rate"]["value"] * 1000 == pytest.approx(4 / 0.006, rel=1e-4)
    assert all(schedule["verified"] for schedule in found["schedules"])


def test_the_price_of_fairness_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # 10 kWh can be delivered in the one hour that both are there for; b asks twice as much for the same
    # share, and an undelivered kWh of a costs as much as one of b.
    text = """
station s {
    start = 2024-03-12
    horizon = 2 h
    step = 1 h
}
grid {
    import_limit = 10 kW
    price = { 00:00: 10 ct/kWh, 01:00: 50 ct/kWh }
}
class c {
    charge = 10 kW
}
vehicle a of c {
    arrival = 00:00
    stay = 1 h
    energy = 10 kWh
}
vehicle b of c {
    arrival = 01:00
    stay = 1 h
    energy = 10 kWh
}
minimize cost + 0.30 EUR/kWh * unmet
"""
    path = tmp_path / "site.evs"
    path.write_text(text, encoding="utf-8")
    status, out, _ = said(capsys, "price", str(path), "fairness")
    out = " ".join(out.split())
    # As written: a for 1 EUR, b missing for 3 EUR. Fair: a for 1 EUR, b for 5 EUR.
    assert status == 0
    assert (
        "the price of fairness: 2.00 EUR in `minimize cost + 0.30 EUR/kWh * unmet`, 50 % of its value" in out
    )
    assert "0.02 EUR for each percentage point" in out


V2G = """
station s {
    start = 2024-03-12
    horizon = 2 h
    step = 1 h
}
grid {
    price = { 00:00: 10 ct/kWh, 01:00: 50 ct/kWh }
    feed_in = { 00:00: 0 EUR/kWh, 01:00: 40 ct/kWh }
}
class c {
    battery = 40 kWh
    charge = 10 kW
    discharge = 5 kW
    efficiency = 100 %
    soc = 0 % .. 100 %
}
vehicle a of c {
    arrival = 00:00
    stay = 2 h
    soc_arrival = 50 %
    soc_target = 50 %
}
disable partial_charging
minimize cost
"""


def test_what_v2g_earns_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "site.evs"
    path.write_text(V2G, encoding="utf-8")
    # 5 kWh bought at 10 ct and sold at 40 ct.
    status, out, _ = said(capsys, "price", str(path), "v2g")
    out = " ".join(out.split())
    assert status == 0
    assert "v2g earns 1.50 EUR in `minimize cost`" in out  # -1.50 EUR against nothing
    assert "0.30 EUR/kWh for 5.00 kWh discharged" in out


def test_the_price_of_a_toggle_that_restricts_nothing_makes_no_difference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "site.evs"
    text = V2G.replace("class c {", "port ac {\n    power = 11 kW\n    min_power = 1 kW\n}\nclass c {")
    path.write_text(text, encoding="utf-8")
    _, out, _ = said(capsys, "price", str(path), "min_power")
    out = " ".join(out.split())
    assert "min_power makes no difference to `minimize cost`: it is worth the same with it and without" in out
    assert "earns" not in out


def test_clean_is_not_to_charge_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "site.evs"
    text = SITE.replace("disable partial_charging\n", "minimize cost + 1 EUR/kWh * unmet\n")
    path.write_text(text, encoding="utf-8")
    _, out, _ = said(capsys, "price", str(path), "co2", "--json")
    (found,) = json.loads(out)["choices"]
    terms = [schedule["terms"] for schedule in found["schedules"]]
    assert [each["unmet"]["value"] for each in terms] == pytest.approx([0, 0], abs=1e-4)
    assert [each["co2"]["value"] for each in terms] == pytest.approx([8, 2], rel=1e-4)


@pytest.mark.parametrize(
    ("choice", "objective", "status", "message"),
    [
        (
            "v2g",
            "minimize cost",
            1,
            "`v2g` has no price here, since it has nothing to act on: no class has a",
        ),
        ("revenue", "minimize cost", 1, "`revenue` needs the `tariff` of a `class`"),
        ("fairnes", "minimize cost", 2, "there is no word and no toggle `fairnes`"),
        ("co2", "pareto cost, co2", 1, "a price needs an objective, and the spec asks for a front"),
    ],
)
def test_a_choice_without_a_price_is_refused(
    choice: str, objective: str, status: int, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "site.evs"
    path.write_text(f"{SITE}{objective}\n", encoding="utf-8")
    found, _, err = said(capsys, "price", str(path), choice)
    assert found == status
    assert message in err
