"""What a help says of one thing, where it was wrong once: each leads to a spec that is right."""

from __future__ import annotations

from pathlib import Path

import pytest
from semantics.car_park import SOUND, changed, read, told
from semantics.typist import typed
from worlds import said

import evdsl
from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.source import Source
from evdsl.semantics.resolve import resolve

STATION = "station s {\n    start = 2024-01-01\n    horizon = 24 h\n    step = 1 h\n}\n"
CLASS = "class car {\n    charge = 11 kW\n    battery = 60 kWh\n%s}\n"
VEHICLE = "vehicle v of car {\n    arrival = 08:00\n    departure = 17:00\n%s}\n"
ENERGY = "    energy = 20 kWh\n"
SHARES = "    soc_arrival = 50 %\n    soc_target = 60 %\n"
WEIGHED = "minimize cost + 1 EUR/kWh * unmet\n"


def site(price: str = "0.20 EUR/kWh", more: str = "", asked: str = ENERGY, aim: str = WEIGHED) -> str:
    return f"{STATION}grid {{\n    price = {price}\n}}\n{CLASS % more}{VEHICLE % asked}{aim}"


def found_in(text: str, folder: Path = Path("/nowhere")) -> list[Diagnostic]:
    """All that is said of a text and of its data."""
    spec, found = resolve(Source("site.evs", text, folder / "site.evs"))
    return list(dict.fromkeys(found if spec is None else [*found, *load_data(spec)[1]]))


def help_of(text: str, folder: Path = Path("/nowhere")) -> str:
    """The help of the one thing that is said; what can be typed of it is typed, and nothing is said then."""
    (found,) = found_in(text, folder)
    for mended in typed(found):
        assert found_in(mended, folder) == [], mended
    return found.help


@pytest.mark.parametrize(
    ("arrival", "departure", "help"),
    [
        ("2023-12-31 20:30", "2024-01-01 17:00", "write `start = 2023-12-31 20:00` and `horizon = 28 h`"),
        ("20:00", "2024-01-02 05:10", "write `horizon = 30 h`"),
        ("2023-12-31 20:00", "2024-01-02 05:00", "write `start = 2023-12-31 20:00` and `horizon = 33 h`"),
    ],
)
def test_a_stay_is_whole_where_it_begins_and_where_it_ends(arrival: str, departure: str, help: str) -> None:
    """W102 said `lengthen horizon` of a car that came before `start`."""
    text = site().replace("arrival = 08:00", f"arrival = {arrival}")
    found = help_of(text.replace("= 17:00", f"= {departure}"))
    assert found.startswith(f"{help} to plan it whole")
    assert found.endswith("; give clock times a date then, such as 2024-01-01 07:30") == ("start" in help)


@pytest.mark.parametrize(
    ("arrival", "departure", "help"),
    [
        ("2023-12-31 08:00", "2023-12-31 17:00", "`start = 2023-12-31 08:00` and `horizon = 40 h`"),
        ("2024-01-02 08:00", "2024-01-02 17:00", "`horizon = 41 h`"),
    ],
)
def test_a_vehicle_of_another_day_is_reached_from_its_side(arrival: str, departure: str, help: str) -> None:
    text = site().replace("arrival = 08:00", f"arrival = {arrival}")
    found = help_of(text.replace("= 17:00", f"= {departure}"))
    assert found.split("; ")[0] == f"mend the times, or write {help}"


@pytest.mark.parametrize(
    ("hours", "help"),
    [
        (range(12), "`horizon = 12 h`"),
        (range(6, 24), "`start = 2024-01-01 06:00` and `horizon = 18 h`"),
        (range(6, 20), "`start = 2024-01-01 06:00` and `horizon = 14 h`"),
    ],
)
def test_prices_that_do_not_cover_the_horizon_say_what_they_cover(
    hours: range, help: str, tmp_path: Path
) -> None:
    """E508 said `move start` of prices that end too early."""
    rows = "".join(f"2024-01-01 {hour:02}:00,0.1\n" for hour in hours)
    (tmp_path / "p.csv").write_text(f"time,price\n{rows}")
    text = site('csv("p.csv", unit="EUR/kWh")').replace("17:00", "12:00")
    assert help_of(text, tmp_path) == f"take a file that covers it, or write {help}"


@pytest.mark.parametrize("cell", ["n/a", ""])
def test_a_bad_cell_of_a_series_is_mended_and_not_left_out(cell: str, tmp_path: Path) -> None:
    """Without its row there would be a hole, E506."""
    rows = "".join(f"2024-01-01 {hour:02}:00,{cell if hour == 5 else 0.1}\n" for hour in range(24))
    (tmp_path / "p.csv").write_text(f"time,price\n{rows}")
    help = help_of(site('csv("p.csv", unit="EUR/kWh")'), tmp_path)
    assert help == "mend the cell: without its row the series has a hole"


@pytest.mark.parametrize("date", ["1.2.24 00:00", "2024/01/01 00:00"])
@pytest.mark.parametrize(("time", "code"), [("", "E504"), ('time="when", ', "E505")])
def test_dates_in_another_form_are_shown_with_the_form_that_is_read(
    date: str, time: str, code: str, tmp_path: Path
) -> None:
    (tmp_path / "p.csv").write_text(f"when,price\n{date},0.1\n")
    (found,) = found_in(site(f'csv("p.csv", {time}unit="EUR/kWh")'), tmp_path)
    assert found.code == code
    assert f'"{date}"' in found.message
    assert found.help == "write the times of the file as year-month-day, such as 2024-03-12 07:30"


@pytest.mark.parametrize(
    ("price", "written"),
    [
        ("0.2 \N{EURO SIGN}/kwh", "0.2 EUR/kWh"),
        ("20 cents/KWh", "20 ct/kWh"),
        ("0.2 \N{POUND SIGN}/Kwh", "0.2 GBP/kWh"),
    ],
)
def test_each_part_of_a_unit_is_mended(price: str, written: str) -> None:
    (found,) = found_in(
        site()
        .replace("1 EUR/kWh", "1 GBP/kWh" if "GBP" in written else "1 EUR/kWh")
        .replace("0.20 EUR/kWh", price)
    )
    assert found.help == f"write `{written}`"


def test_each_part_of_the_unit_of_a_column_is_mended(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("time,price\n2024-01-01 00:00,0.1\n2024-01-01 12:00,0.1\n")
    text = site('csv("p.csv", unit="\N{EURO SIGN}/kwh")')
    (found,) = found_in(text, tmp_path)
    assert found.help == 'write `unit="EUR/kWh"`'
    assert found_in(text.replace("\N{EURO SIGN}/kwh", "EUR/kWh"), tmp_path) == []


@pytest.mark.parametrize(
    ("statement", "help"),
    [
        ("require r: delivered[x] >= 6 kWh", "bind it, behind the requirement: `for x in vehicles`"),
        ("require r: import[k] <= 60 kW", "bind it, behind the requirement: `for k in steps`"),
        (
            "require r: charge[x, t] <= 60 kW for t in steps",
            "bind it, behind the requirement: `, x in vehicles`",
        ),
        (
            "require r: delivered[van] >= 6 kWh",
            "sets of vehicles are vehicles, car, v; or bind it, behind the requirement: "
            "`for van in vehicles`",
        ),
        (
            "let late = sum(t in steps: charge[x, t]) * step",
            "add up over a set: `sum(x in vehicles: charge[x, t])`",
        ),
        ("let late = delivered[x]", "add up over a set: `sum(x in vehicles: delivered[x])`"),
        ("let late = import[k] * step", "add up over a set: `sum(k in steps: import[k])`"),
    ],
)
def test_a_variable_is_bound_where_its_statement_has_room_for_it(statement: str, help: str) -> None:
    assert help_of(f"{site()}{statement}\n") == help


def test_what_a_sum_over_a_set_says_in_a_let_is_right() -> None:
    for late in (
        "sum(t in steps: sum(x in vehicles: charge[x, t])) * step",
        "sum(x in vehicles: delivered[x])",
    ):
        assert found_in(f"{site()}let late = {late}\n") == []


def test_sums_over_sets_are_functions_of_the_language() -> None:
    assert help_of(f"{site()}let x = foo(3)\n").endswith("choice, min, max, abs, round, above, sum, mean")
    (found,) = found_in(f"{site()}let x = maen(3)\n")
    assert found.help == "did you mean `mean`?"


@pytest.mark.parametrize("word", ["Robust", "robst"])
def test_a_block_that_is_not_built_is_no_suggestion(word: str) -> None:
    help = help_of(f"{site()}{word} {{\n    count = 3\n}}\n")
    assert help.startswith("remove the block: if `")
    assert help.endswith("is meant, this version does not build it")


@pytest.mark.parametrize("term", ["robust"])
def test_a_word_that_is_not_built_has_a_page(term: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = said(capsys, "explain", term)
    assert status == 0
    assert out.startswith(f"`{term}`: not built in this version\n")


@pytest.mark.parametrize(
    ("term", "title"), [("steps", "Sets"), ("vehicles", "Sets"), ("delivered", "Quantities")]
)
def test_sets_and_quantities_have_a_page(term: str, title: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "explain", term)[1].startswith(f"{title} of a requirement\n")


def test_a_step_that_stands_alone_is_written_as_its_length() -> None:
    assert help_of(f"{site()}let x = 3 kW * step\n").startswith("write its length, such as `15 min`")
    assert found_in(f"{site()}let x = 3 kW * 15 min\n") == []


def test_a_bare_date_is_the_midnight_that_begins_it() -> None:
    """`start` takes one too."""
    long = site().replace("horizon = 24 h", "horizon = 48 h")
    bare = long.replace("arrival = 08:00", "arrival = 2024-01-01").replace("= 17:00", "= 2024-01-02")
    data, _ = load_data(evdsl.loads(bare))
    assert data is not None
    assert (data.vehicles.arrival[0], data.vehicles.departure[0]) == (0.0, 24.0)


@pytest.mark.parametrize("solver", ["highs", "scip"])
@pytest.mark.parametrize(
    ("price", "more", "aim", "charged"),
    [
        ("0.20 EUR/kWh", "", "minimize cost", 0.0),
        ("0.20 EUR/kWh", "end_value = 0.10 EUR/kWh", "minimize cost", 0.0),
        ("0.20 EUR/kWh", "end_value = 0.50 EUR/kWh", "minimize cost", 30.0),
        ("0.20 EUR/kWh", "end_value = 0.50 EUR/kWh", "minimize peak", 0.0),
        ("0.20 EUR/kWh", "tariff = 0.50 EUR/kWh", "minimize cost", 0.0),
        ("0.20 EUR/kWh", "tariff = 0.10 EUR/kWh", "maximize profit", 0.0),
        ("0.20 EUR/kWh", "tariff = 0.50 EUR/kWh", "maximize profit", 30.0),
        ("{ 00:00: 0.20 EUR/kWh, 10:00: -0.01 EUR/kWh }", "", "minimize cost", 30.0),
    ],
)
def test_that_nothing_asks_is_said_where_nobody_is_charged(
    price: str, more: str, aim: str, charged: float, solver: str
) -> None:
    """W106 was said where `end_value` pays for what is charged; here it is held to the optimum."""
    text = site(price, f"    {more}\n", SHARES, f"{aim}\n")
    assert [found.code for found in found_in(text)] == ([] if charged else ["W106"])
    result = evdsl.compile(evdsl.loads(text)).run(solver)
    assert result.schedule is not None
    assert float(result.schedule["delivered"].sum()) == pytest.approx(charged, abs=1e-6)


@pytest.mark.parametrize("solver", ["highs", "scip"])
@pytest.mark.parametrize(
    ("grid", "blocks", "aim", "charged"),
    [
        ("price = 0.20 EUR/kWh", "", "minimize cost", False),
        ("price = 0.20 EUR/kWh\n    feed_in = 0.10 EUR/kWh", "", "minimize cost", False),
        ("price = 0.20 EUR/kWh\n    feed_in = 0.50 EUR/kWh", "", "minimize cost", True),
        (
            "price = { 00:00: 0.10 EUR/kWh, 01:00: 0.50 EUR/kWh }",
            "load house { power = 3 kW }",
            "minimize cost",
            True,
        ),
        (
            "price = 0.20 EUR/kWh",
            "load house { power = { 00:00: 0 kW, 01:00: 3 kW } }",
            "minimize peak",
            True,
        ),
    ],
)
def test_that_nothing_asks_is_not_said_where_energy_is_given_back(
    grid: str, blocks: str, aim: str, charged: bool, solver: str
) -> None:
    text = (
        "station s {\n    start = 2026-01-15\n    horizon = 3 h\n    step = 1 h\n}\n"
        f"grid {{\n    {grid}\n}}\n{blocks}\n"
        "class car {\n    battery = 20 kWh\n    charge = 10 kW\n    discharge = 10 kW\n}\n"
        "vehicle a of car {\n    arrival = 00:00\n    stay = 3 h\n    soc_arrival = 50 %\n"
        f"    soc_target = 50 %\n}}\nenable v2g\n{aim}\n"
    )
    found = [one.code for one in found_in(text) if one.code == "W106"]
    assert found == ([] if charged else ["W106"])
    result = evdsl.compile(evdsl.loads(text)).run(solver)
    assert result.schedule is not None
    assert (float(result.schedule["charge"].sum()) > 0.1) == charged


def test_curtailed_generation_asks_for_somebody_to_be_charged() -> None:
    roof = "solar roof {\n    power = 5 kW\n}\n"
    assert found_in(site(aim=f"{roof}minimize curtailed\n")) == []


def test_two_odd_terms_of_a_sum_are_told_in_one_run() -> None:
    found = told(read(changed("gamma * unmet", "unmet + co2 + gamma * unmet")))
    assert [one.help for one in found] == [
        "give unmet a price, such as `0.40 EUR/kWh * unmet`",
        "give co2 a price, such as `80 EUR/t * co2`",
        "add `carbon = 320 g/kWh` to `grid`",
    ]


def test_what_a_part_of_a_spec_lacks_is_offered_whole() -> None:
    text = f"{SOUND}solar roof {{\n}}\n"
    (found,) = told(read(text))
    assert found.help.count(" and `peak = ") == 1


@pytest.mark.parametrize(
    ("axes", "mended"),
    [
        ("cost, peak", "cost + 0.40 EUR/kWh * unmet, peak"),
        ("peak, discharged", "peak, unmet"),
    ],
)
def test_a_front_that_asks_for_nothing_is_mended_in_an_axis(axes: str, mended: str) -> None:
    """A line of its own with `minimize` cannot stand beside `pareto`."""
    (found,) = found_in(site(aim=f"pareto {axes}\n"))
    assert found.code == "W106"
    assert "`minimize" not in found.help
    assert mended.split(", ")[axes.startswith("peak")] in found.help
    assert found_in(site(aim=f"pareto {mended}\n")) == []


def test_a_word_that_goes_one_way_only_has_no_sense_of_its_own_in_an_axis() -> None:
    axis = "pareto cost {} 1 EUR/kW * peak, unmet\n"
    (found,) = found_in(site(aim=axis.format("-")))
    assert (found.code, found.help) == ("E403", "turn the sign of `peak`")
    assert found_in(site(aim=axis.format("+"))) == []
