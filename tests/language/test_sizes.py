"""A size that is a range is chosen with all else: of a storage, a generator, the connection and a feeder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import evdsl
from evdsl.cli.main import main
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.decisions import decisions
from evdsl.optimization.comparison import compare
from evdsl.optimization.policies import POLICIES
from evdsl.schedule.decisions import choices_of, settled
from evdsl.schedule.storage import read
from evdsl.semantics.checks.free_size import check
from evdsl.testing import claims, misses

STATION = """
station s {
    start = 2024-03-12
    horizon = 2 h
    step = 1 h
}
"""
GRID = """
grid {
    price = { 00:00: 0.10 EUR/kWh, 01:00: 0.30 EUR/kWh }
    GRID
}
"""
LOAD = """
load house {
    power = { 00:00: 0 kW, 01:00: 10 kW }
}
"""
CAR = """
class car {
    battery = 40 kWh
    charge = 22 kW
}
vehicle v of car {
    arrival = 00:00
    departure = 02:00
    energy = 10 kWh
}
disable partial_charging
"""
ROOF = """
solar roof {
    peak = 0 kW .. 200 kW
    profile = { 00:00: 0, 01:00: 0.5 }
}
"""


def site(blocks: str, end: str = "minimize cost", grid: str = "", load: str = LOAD) -> str:
    return STATION + GRID.replace("GRID", grid.replace("; ", "\n    ")) + load + blocks + "\n" + end + "\n"


def box(settings: str = "soc_initial = 0 %", capacity: str = "0 kWh .. 40 kWh", power: str = "50 kW") -> str:
    lines = "\n    ".join([f"capacity = {capacity}", f"power = {power}", *settings.split("; ")])
    return f"\nstorage box {{\n    {lines}\n}}\n"


def solved(text: str, solver: str = "highs") -> evdsl.Result:
    """The optimum of a spec, verified, and held in fractions as well."""
    result = evdsl.compile(evdsl.loads(text)).run(solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.verdict is not None
    assert result.verdict.ok, result.verdict.violations[:3]
    assert result.schedule is not None
    found = (
        *misses(result.spec, result.data, result.schedule),
        *claims(result.spec, result.data, result.schedule),
    )
    assert [str(miss) for miss in found if miss.wrong] == []
    return result


def chosen(result: evdsl.Result, name: str) -> float:
    assert result.schedule is not None
    return choices_of(result.schedule)[name]


@pytest.mark.parametrize(
    ("settings", "price", "cost", "size"),
    [
        # 10 kWh are 2.00 cheaper in the first hour.
        ("soc_initial = 0 %", 0.15, 1.00 + 1.50, 10.0),
        ("soc_initial = 0 %", 0.25, 3.00, 0.0),
        # 10 kWh given are 12.5 kWh inside and 15.625 kWh bought.
        ("soc_initial = 0 %; efficiency = 80 %", 0.10, 1.5625 + 1.25, 12.5),
        ("soc_initial = 0 %; efficiency = 80 %", 0.12, 3.00, 0.0),
        # A kWh of it brings 0.5 kWh for nothing, or 0.05 and 0.15 for what it charges beside them.
        ("soc_initial = 50 %; soc_final = 0 %", 0.20, 0.50 + 2.00, 10.0),
        # 80 % of it work.
        ("soc = 10 % .. 90 %; soc_initial = 10 %", 0.15, 1.00 + 0.15 * 12.5, 12.5),
        # It begins empty, below `soc`, and ends at its 20 %.
        ("soc = 20 % .. 100 %; outside = widen; soc_initial = 0 %; soc_final = 20 %", 0.01, 1.375, 12.5),
        # From 60 % it is filled, and gives 80 %.
        ("soc_initial = 60 %; soc_final = 20 % .. 40 %", 0.05, 0.50 + 0.05 * 12.5, 12.5),
    ],
)
def test_a_capacity_is_as_large_as_it_pays(
    solver: str, settings: str, price: float, cost: float, size: float
) -> None:
    result = solved(site(box(settings), f"minimize cost + {price} EUR/kWh * box.capacity"), solver)
    assert result.stages[0].value == pytest.approx(cost, abs=1e-6)
    assert chosen(result, "box.capacity") == pytest.approx(size, abs=1e-6)
    # What was chosen as a constant has the same optimum.
    spec, data = settled(result.spec, result.data, result.schedule)
    assert decisions(spec) == ()
    again = evdsl.compile(spec, data).run(solver)
    assert again.stages[0].value == pytest.approx(result.stages[0].value, abs=1e-6)


@pytest.mark.parametrize(("price", "cost", "size"), [(0.15, 1.0 + 1.5, 10.0), (0.25, 3.0, 0.0)])
def test_a_power_is_as_large_as_it_pays(solver: str, price: float, cost: float, size: float) -> None:
    text = site(
        box(capacity="40 kWh", power="0 kW .. 50 kW"), f"minimize cost + {price} EUR/kW * box.power_rating"
    )
    result = solved(text, solver)
    assert result.stages[0].value == pytest.approx(cost, abs=1e-6)
    assert chosen(result, "box.power") == pytest.approx(size, abs=1e-6)


def test_each_way_has_a_power_of_its_own(solver: str) -> None:
    blocks = box(capacity="40 kWh").replace(
        "power = 50 kW", "charge = 0 kW .. 8 kW\n    discharge = 0 kW .. 50 kW"
    )
    result = solved(site(blocks, "minimize cost + 0.01 EUR/kW * box.charge_rating"), solver)
    assert result.stages[0].value == pytest.approx(0.80 + 0.60 + 0.08, abs=1e-6)
    assert chosen(result, "box.charge") == pytest.approx(8.0, abs=1e-6)
    assert chosen(result, "box.discharge") == pytest.approx(8.0, abs=1e-6), "no larger than it is used"


def test_what_it_begins_with_is_chosen_beside_its_capacity(solver: str) -> None:
    """A full one of 10 kWh, at 0.05 for the energy and 0.10 for the size, and nothing bought."""
    settings = "soc_initial = 0 % .. 100 %; initial_price = 0.05 EUR/kWh; soc_final = 0 %"
    result = solved(site(box(settings), "minimize cost + 0.10 EUR/kWh * box.capacity"), solver)
    assert result.stages[0].value == pytest.approx(0.50 + 1.00, abs=1e-6)
    assert chosen(result, "box.soc_initial") == pytest.approx(1.0, abs=1e-6)
    none = solved(site(box(settings), "minimize cost + 0.30 EUR/kWh * box.capacity"), solver)
    assert chosen(none, "box.capacity") == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(
    ("toggle", "cost"),
    [
        # Both flows lie on nothing or on 4 kW and more: 10 kWh of capacity.
        ("enable min_power", 2.5),
        ("disable exclusive", 2.5),
    ],
)
def test_levels_and_one_way_at_a_time_hold_with_a_size_that_is_chosen(
    solver: str, toggle: str, cost: float
) -> None:
    blocks = box("soc_initial = 0 %; min_power = 4 kW", power="0 kW .. 50 kW")
    result = solved(site(blocks, f"{toggle}\nminimize cost + 0.15 EUR/kWh * box.capacity"), solver)
    assert result.stages[0].value == pytest.approx(cost, abs=1e-6)


@pytest.mark.parametrize(
    ("end", "grid", "cost", "size"),
    [
        ("minimize cost + 0.14 EUR/kW * roof.peak", "", 20 * 0.14, 20.0),
        ("minimize cost + 0.16 EUR/kW * roof.peak", "", 3.00, 0.0),
        # Beyond its own use a kW earns 0.02: the upper end.
        ("minimize cost + 0.01 EUR/kW * roof.peak", "feed_in = 0.04 EUR/kWh", 2.00 - 90 * 0.04, 200.0),
        # All of it has to be used, and 40 kW may be exported.
        (
            "disable curtailment\nminimize cost + 0.01 EUR/kW * roof.peak",
            "feed_in = 0.04 EUR/kWh; export_limit = 0 kW .. 40 kW",
            1.00 - 40 * 0.04,
            100.0,
        ),
        # What is not used counts too: each kW above 20 kW, for nothing.
        ("minimize cost + 0.10 EUR/kWh * curtailed - 0.04 EUR/kW * roof.peak", "", -0.04 * 20, 20.0),
    ],
)
def test_a_peak_is_as_large_as_it_pays(solver: str, end: str, grid: str, cost: float, size: float) -> None:
    result = solved(site(ROOF, end, grid), solver)
    assert result.stages[0].value == pytest.approx(cost, abs=1e-6)
    assert chosen(result, "roof.peak") == pytest.approx(size, abs=1e-5)


def test_a_requirement_speaks_of_sizes_and_of_what_they_give(solver: str) -> None:
    """50 + 100 % of the peak are 60 kW at most, and half of what is there is used: 40 kW, 10 kW used."""
    own = "require half: roof.power[t] <= 0.5 * roof.available[t] for t in steps\n"
    own += "require sum: roof.available[01:00] + roof.peak <= 60 kW\nmaximize roof.peak"
    result = solved(site(ROOF, own), solver)
    assert chosen(result, "roof.peak") == pytest.approx(40.0, abs=1e-6)
    budget = "require budget: 10 EUR/kWh * box.capacity <= 40 EUR\nminimize cost"
    bound = solved(site(box(), budget), solver)
    assert bound.stages[0].value == pytest.approx(4 * 0.10 + 6 * 0.30, abs=1e-6)


@pytest.mark.parametrize(("price", "cost", "size"), [(0.10, 2.0, 10.0), (0.30, 3.5, 5.0)])
@pytest.mark.parametrize("way", ["peak", "demand_charge"])
def test_a_connection_is_as_large_as_its_peak_pays(
    solver: str, price: float, cost: float, size: float, way: str
) -> None:
    """10 kWh in two hours, at 0.10 and 0.30: a demand charge of that price is the same without a limit."""
    weighed = f"minimize cost + {price} EUR/kW * peak" if way == "peak" else "minimize cost"
    charge = f"demand_charge = {price} EUR/kW" if way == "demand_charge" else ""
    open_limit = "import_limit = 0 kW .. 20 kW"
    result = solved(site(CAR, weighed, f"{open_limit}; {charge}".rstrip("; "), load=""), solver)
    assert result.stages[0].value == pytest.approx(cost, abs=1e-6)
    assert chosen(result, "grid.import_limit") == pytest.approx(size, abs=1e-6)
    without = solved(site(CAR, weighed, charge or "carbon = 0 g/kWh", load=""), solver)
    assert without.stages[0].value == pytest.approx(cost, abs=1e-6)


@pytest.mark.parametrize(("price", "cost", "size"), [(0.10, 2.0, 10.0), (0.30, 3.5, 5.0)])
def test_a_feeder_is_as_large_as_it_pays(solver: str, price: float, cost: float, size: float) -> None:
    blocks = (
        "\nfeeder east {\n    limit = 0 kW .. 20 kW\n}\nport p {\n    power = 22 kW\n    feeder = east\n}\n"
        + CAR
    )
    result = solved(site(blocks, f"minimize cost + {price} EUR/kW * east.limit", load=""), solver)
    assert result.stages[0].value == pytest.approx(cost, abs=1e-6)
    assert chosen(result, "east.limit") == pytest.approx(size, abs=1e-6)


def test_a_feeder_is_as_large_as_what_flows_out_of_it(solver: str) -> None:
    roof = (
        ROOF.replace("0 kW .. 200 kW", "40 kW").replace("}", "}\n", 1).rstrip().removesuffix("}")
        + "    feeder = east\n}\n"
    )
    blocks = "\nfeeder east {\n    limit = 0 kW .. 30 kW\n}\n" + roof
    result = solved(
        site(blocks, "minimize cost + 0.01 EUR/kW * east.limit", "feed_in = 0.05 EUR/kWh"), solver
    )
    # 20 kWh out of it: 10 kWh are used, 10 kWh sold.
    assert result.stages[0].value == pytest.approx(-10 * 0.05 + 20 * 0.01, abs=1e-6)
    assert chosen(result, "east.limit") == pytest.approx(20.0, abs=1e-6)


EQUAL = {
    "capacity": (box("soc_initial = 30 %; soc = 10 % .. 90 %; efficiency = 90 %", "SIZE"), "12 kWh", ""),
    "power": (box("soc_initial = 30 %; efficiency = 90 %", "20 kWh", "SIZE"), "4 kW", ""),
    "peak": (ROOF.replace("0 kW .. 200 kW", "SIZE"), "30 kW", "feed_in = 0.05 EUR/kWh"),
    "import": (CAR, "6 kW", "import_limit = SIZE"),
    "export": (
        ROOF.replace("0 kW .. 200 kW", "60 kW"),
        "7 kW",
        "feed_in = 0.05 EUR/kWh; export_limit = SIZE",
    ),
}


@pytest.mark.parametrize("size", EQUAL)
def test_a_range_with_equal_ends_is_the_constant(solver: str, size: str) -> None:
    blocks, value, grid = EQUAL[size]
    load = "" if size == "import" else LOAD
    end = "minimize cost"
    text = site(blocks, end, grid or "carbon = 0 g/kWh", load)
    one = solved(text.replace("SIZE", value), solver)
    other = solved(text.replace("SIZE", f"{value} .. {value}"), solver)
    assert other.stages[0].value == pytest.approx(one.stages[0].value, abs=1e-9)


def test_no_constant_in_the_range_is_better_than_what_is_chosen() -> None:
    """Each of a grid of capacities and powers, solved with the price of both."""
    price = "minimize cost + 0.06 EUR/kWh * box.capacity + 0.03 EUR/kW * box.power_rating"
    settings = "soc_initial = 20 %; soc = 20 % .. 95 %; efficiency = 90 %; wear = 0.01 EUR/kWh"
    best = solved(site(box(settings, "2 kWh .. 14 kWh", "1 kW .. 9 kW"), price)).stages[0].value
    each = [
        solved(site(box(settings, f"{2 + 3 * a} kWh", f"{1 + 2 * b} kW"), price)).stages[0].value
        for a in range(5)
        for b in range(5)
    ]
    assert min(each) >= best - 1e-9
    assert min(each) == pytest.approx(best, abs=0.3)


def test_rules_run_with_the_sizes_that_the_optimum_chose() -> None:
    blocks = box(capacity="0 kWh .. 40 kWh") + ROOF + CAR
    optimum = solved(site(blocks, "minimize cost + 0.02 EUR/kWh * box.capacity + 0.14 EUR/kW * roof.peak"))
    found = compare(optimum, POLICIES)
    assert len(found.ruled) == len(POLICIES)
    peak = chosen(optimum, "roof.peak")
    for ruled in found.ruled:
        assert ruled.is_allowed, ruled.verdict.violations[:2]
        assert float(ruled.schedule["roof"][1]) <= 0.5 * peak + 1e-6


def test_a_run_tells_what_was_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, stored = tmp_path / "site.evs", tmp_path / "plan"
    path.write_text(site(box() + ROOF, "minimize cost + 0.15 EUR/kWh * box.capacity + 1 EUR/kW * roof.peak"))
    assert main(["solve", str(path)]) == 0
    out = capsys.readouterr().out
    assert "box.capacity 10.00 kWh, of 0.00 kWh .. 40.00 kWh\n" in out
    assert "roof.peak 0.00 kW, of 0.00 kW .. 200.0 kW\n" in out
    assert main(["solve", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["chosen"]["box.capacity"] == {"value": pytest.approx(10.0), "unit": "kWh"}
    assert main(["compare", str(path)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "the rules run with what the optimum chose: `box.capacity` 10.00 kWh" in said
    page = str(tmp_path / "page.html")
    for command in (["explain"], ["show"], ["show", "--math"], ["report", "--out", page]):
        assert main([command[0], str(path), *command[1:]]) == 0, capsys.readouterr().err
        capsys.readouterr()
    for ending in (".nc", ".csv", ".json", ".parquet"):
        file = stored.with_suffix(ending)
        assert main(["solve", str(path), "--out", str(file)]) == 0
        assert main(["verify", str(path), str(file)]) == 0
        schedule = read(file)
        assert not isinstance(schedule, Diagnostic)
        assert float(schedule["box.size.capacity"]) == pytest.approx(10.0)


@pytest.mark.parametrize(
    ("blocks", "grid", "end", "warned"),
    [
        (box(), "", "minimize cost", 1),
        (box(power="0 kW .. 5 kW"), "", "minimize cost", 2),
        (box(), "", "minimize cost + 0.10 EUR/kWh * box.capacity", 0),
        (box(), "", "require budget: box.capacity <= 20 kWh\nminimize cost", 0),
        (box(capacity="10 kWh .. 10 kWh"), "", "minimize cost", 0),
        ("", "import_limit = 0 kW .. 20 kW", "minimize cost", 1),
        ("", "import_limit = 0 kW .. 20 kW", "minimize cost + 1 EUR/kW * peak", 0),
        ("", "import_limit = 0 kW .. 20 kW; demand_charge = 2 EUR/kW", "minimize cost", 0),
    ],
)
def test_a_size_that_nothing_is_paid_for_is_warned_of(blocks: str, grid: str, end: str, warned: int) -> None:
    found = evdsl.loads(site(blocks, end, grid or "carbon = 0 g/kWh"))
    told = check(found)
    assert [one.code for one in told] == ["W117"] * warned
    for one in told:
        assert one.help.startswith("write `minimize cost + 0.10 EUR/")


def test_a_limit_that_nothing_is_paid_for_is_as_large_as_it_is_used(solver: str) -> None:
    result = solved(site("", "minimize cost", "import_limit = 2 kW .. 20 kW"), solver)
    assert chosen(result, "grid.import_limit") == pytest.approx(10.0, abs=1e-9)
