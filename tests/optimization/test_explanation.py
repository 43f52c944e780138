"""`evdsl explain SPEC`: conflicts and prices that are known by hand, and what is said of them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from worlds import said

from evdsl.cli.main import main
from evdsl.data.load import load_data
from evdsl.optimization.explanation.conflict import Feasibility, is_feasible, levers, restricts
from evdsl.optimization.explanation.explain import Explanation, explain
from evdsl.optimization.explanation.levers import Lever, changed, without
from evdsl.optimization.explanation.prices import LinePrice, PriceOptions
from evdsl.optimization.explanation.variant import Session, Variant, stage_model
from evdsl.optimization.problem import compile_spec
from evdsl.semantics.load import loads
from evdsl.solver.solution import Options, Solution
from evdsl.testing.faults import ForwardingBackend
from evdsl.testing.trial import backend_of

STATION = "station s {\n    start = 2024-03-12\n    horizon = 4 h\n    step = 1 h\n}\n"


def site(
    *vehicles: str,
    grid: str = "import_limit = 50 kW",
    blocks: str = "",
    charge: str = "10 kW",
    end: str = "disable partial_charging\nminimize cost",
) -> str:
    """A small site; a vehicle is `arrival stay energy`, and they are called a, b, c, ..."""
    text = STATION + f"grid {{\n    price = {{ 00:00: 0.3 EUR/kWh, 01:00: 0.1 EUR/kWh }}\n    {grid}\n}}\n"
    text += f"{blocks}\nclass car {{\n    charge = {charge}\n}}\n"
    for name, vehicle in zip("abcdefgh", vehicles, strict=False):
        arrival, stay, energy = vehicle.split()
        text += f"vehicle {name} of car {{\n    arrival = {arrival}\n    stay = {stay} h\n"
        text += f"    energy = {energy} kWh\n}}\n"
    return f"{text}{end}\n"


def told(text: str, solver: str = "highs", **more: object) -> Explanation:
    spec = loads(text)
    data, _ = load_data(spec)
    assert data is not None
    return explain(spec, data, backend_of(solver), Options(), **more)  # type: ignore[arg-type]  # passed on


def conflict_of(found: Explanation) -> dict[str, float | None]:
    """Statements of a conflict with the least change of each alone that is enough."""
    assert found.conflict is not None
    return {m.lever.text: None if m.relief is None else m.relief.amount for m in found.conflict.members}


def prices_of(found: Explanation) -> dict[str, LinePrice]:
    assert found.prices is not None
    return {price.lever.text: price for price in found.prices.prices}


def test_two_vehicles_and_one_limit_that_is_too_small_for_both(solver: str) -> None:
    found = told(site("00:00 2 7", "00:00 2 8", grid="import_limit = 5 kW"), solver)
    off = pytest.approx(5.0, rel=1e-5)
    assert conflict_of(found) == {
        "import_limit = 5 kW": pytest.approx(2.5, rel=1e-5),
        "energy = 7 kWh": off,
        "energy = 8 kWh": off,
        "disable partial_charging": off,
    }


def test_a_limit_that_is_short_is_told_with_its_hours_and_its_energy() -> None:
    found = told(site("00:00 2 7", "01:00 2 12", "03:00 1 2", grid="import_limit = 6 kW"))
    assert found.conflict is not None
    short = found.conflict.shortage
    assert short is not None
    assert short.window is not None
    # a and b together want 19 kWh before 03:00, and 3 h of 6 kW are 18.
    assert (short.window.begin, short.window.end) == (0.0, 3.0)
    assert short.window.asked == pytest.approx(19.0)
    assert short.window.through == pytest.approx(18.0)
    assert short.missing == pytest.approx(1.0)


def test_a_demand_beyond_the_charging_power_names_the_class_and_the_demand(solver: str) -> None:
    found = told(site("00:00 2 7", charge="3 kW"), solver)
    assert conflict_of(found) == {
        "charge = 3 kW": pytest.approx(0.5, rel=1e-5),
        "energy = 7 kWh": pytest.approx(1.0, rel=1e-5),
        "disable partial_charging": pytest.approx(1.0, rel=1e-5),
    }


def test_a_state_of_charge_beyond_the_charging_power_is_told_at_the_port() -> None:
    text = site().replace("charge = 10 kW", "charge = 5 kW\n    battery = 50 kWh\n    efficiency = 80 %") + (
        "vehicle a of car {\n    arrival = 00:00\n    stay = 2 h\n"
        "    soc_arrival = 20 %\n    soc_target = 60 %\n}\n"
    )
    # 20 kWh inside the battery are 25 kWh at the port, of which 10 kWh can come.
    assert conflict_of(told(text)) == {
        "charge = 5 kW": pytest.approx(7.5, rel=1e-5),
        "soc_target = 60 %": pytest.approx(15.0, rel=1e-5),
        "disable partial_charging": pytest.approx(15.0, rel=1e-5),
    }


def test_too_few_ports_are_as_many_more_as_are_needed(solver: str) -> None:
    text = site(
        "00:00 1 5", "00:00 1 5", "00:00 1 5", blocks="port ac {\n    count = 1\n    power = 10 kW\n}"
    )
    found = conflict_of(told(text, solver))
    # Any two of the three cannot share a port; with one more, all three still cannot.
    assert "count = 1" in found
    assert found["count = 1"] == 2
    assert sum(name.startswith("energy") for name in found) <= 2


def test_a_requirement_is_part_of_a_conflict_by_its_line(solver: str) -> None:
    own = "disable partial_charging\nrequire quiet: import[t] <= 2 kW for t in steps\nminimize cost"
    found = conflict_of(told(site("00:00 2 7", end=own), solver))
    assert found["require quiet: import[t] <= 2 kW for t in steps"] == pytest.approx(1.5, rel=1e-5)
    assert "import_limit = 50 kW" not in found


def test_a_load_and_a_limit_conflict_without_any_vehicle(solver: str) -> None:
    hall = "load hall {\n    power = { 00:00: 3 kW, 02:00: 7 kW }\n}"
    found = told(site(grid="import_limit = 5 kW", blocks=hall, end="minimize cost"), solver)
    assert conflict_of(found) == {
        "import_limit = 5 kW": pytest.approx(2.0, rel=1e-5),
        "power = { 00:00: 3 kW, 02:00: 7 kW }": pytest.approx(2.0, rel=1e-5),
    }


def test_generation_that_must_be_used_and_has_nowhere_to_go() -> None:
    roof = "solar roof {\n    power = 8 kW\n}\nload hall {\n    power = 2 kW\n}"
    limits = "import_limit = 50 kW\n    export_limit = 5 kW"
    end = "disable curtailment\nminimize cost"
    found = conflict_of(told(site(grid=limits, blocks=roof, end=end)))
    assert found["export_limit = 5 kW"] == pytest.approx(1.0, rel=1e-5)
    assert "disable curtailment" in found
    assert "power = 2 kW" not in found


def generated(seed: int) -> str:
    """An infeasible site with several limits, of which some matter."""
    draw = random.Random(seed)
    vehicles = [f"0{draw.randint(0, 1)}:00 {draw.randint(1, 2)} {draw.randint(6, 19)}" for _ in range(3)]
    ports = f"port ac {{\n    count = {draw.randint(1, 3)}\n    power = {draw.choice([7, 11])} kW\n}}"
    hall = f"load hall {{\n    power = {draw.randint(1, 4)} kW\n}}"
    return site(*vehicles, grid=f"import_limit = {draw.randint(6, 12)} kW", blocks=f"{ports}\n{hall}")


@pytest.mark.parametrize("seed", [2, 3, 5])
def test_every_statement_of_a_conflict_is_needed_for_it(seed: int) -> None:
    found = told(generated(seed))
    assert found.conflict is not None, "the site is meant to be infeasible"
    case = Variant(found.spec, found.data)
    asker = Session(backend_of("highs"), Options())
    every = tuple(lever for lever in levers(case) if restricts(lever, case))
    judge = Feasibility(case, every, asker, lambda _: None)
    members = [member.lever for member in found.conflict.members]
    assert not judge.holds(members)
    for member in members:
        assert judge.holds([other for other in members if other is not member]), member.shown


@pytest.mark.parametrize("seed", [2, 3, 5])
def test_a_change_that_is_said_to_be_enough_is_and_a_little_less_is_not(seed: int) -> None:
    found = told(generated(seed))
    assert found.conflict is not None
    case = Variant(found.spec, found.data)
    asker = Session(backend_of("highs"), Options())
    for member in found.conflict.members:
        lever, relief = member.lever, member.relief
        if lever.sort != "setting":
            continue
        if relief is None:
            assert not is_feasible(without(lever, case), asker)
            continue
        assert is_feasible(changed(lever, case, lever.relaxed_by * (relief.amount + 1e-5)), asker), (
            lever.shown
        )
        less = relief.amount - 1 if lever.whole else 0.995 * relief.amount - 1e-4
        assert not is_feasible(changed(lever, case, lever.relaxed_by * less), asker), lever.shown


def value_with(text: str, old: str, new: str) -> float:
    """The optimum of a spec in which a text is another, by the whole way of `solve`."""
    assert text.count(old) == 1, old
    result = compile_spec(loads(text.replace(old, new))).run("highs")
    assert result.status.has_schedule
    return result.stages[0].value


def test_what_a_limit_and_a_demand_cost_is_known_by_hand(solver: str) -> None:
    # 15 kWh in two hours, at most 9 in the cheap one: the rest costs 0.3 instead of 0.1.
    found = told(
        site("00:00 2 7", "00:00 2 8", grid="import_limit = 9 kW", end="minimize cost + 1 EUR/kWh * unmet"),
        solver,
    )
    prices = prices_of(found)
    limit = prices["import_limit = 9 kW"]
    assert (limit.more, limit.less) == (pytest.approx(-0.2, abs=1e-5), pytest.approx(0.2, abs=1e-5))
    assert prices["energy = 7 kWh"].more == pytest.approx(0.3, abs=1e-5)
    if solver == "highs":
        assert limit.dual == pytest.approx(-0.2, abs=1e-6)
        assert limit.steps == (1,)
    else:
        assert limit.dual is None


def test_at_a_kink_one_more_and_one_less_are_worth_different_things() -> None:
    # The limit is just what the cheap hour takes: more of it is worth nothing.
    found = told(site("00:00 2 10", grid="import_limit = 10 kW", charge="20 kW"))
    limit = prices_of(found)["import_limit = 10 kW"]
    assert (limit.more, limit.less) == (0.0, pytest.approx(0.2, abs=1e-5))


SITE = site(
    "00:00 2 7",
    "00:00 3 12",
    "01:00 3 14",
    grid="import_limit = 12 kW\n    feed_in = 0.02 EUR/kWh",
    blocks=(
        "feeder east {\n    limit = 11 kW\n}\n"
        "port ac {\n    count = 3\n    power = 9 kW\n    feeder = east\n}\n"
        "load hall {\n    power = 3 kW\n}\nsolar roof {\n    power = 2 kW\n}\n"
        "storage box {\n    capacity = 4 kWh\n    power = 3 kW\n    soc_final = 60 %\n}"
    ),
    end="require calm: sum(t in steps: import[t]) * 1 h <= 46 kWh\ndisable exclusive, import_or_export\n"
    "minimize cost + 1 EUR/kWh * unmet + 0.01 EUR/kW * peak",
)


@pytest.mark.slow
@pytest.mark.parametrize("ports", ["count = 3", "count = 2"])
def test_prices_are_what_another_spec_costs(ports: str) -> None:
    text = SITE.replace("count = 3", ports)
    found = told(text, how=PriceOptions(exact=True))
    base = value_with(text, ports, ports)
    assert found.prices is not None
    assert found.prices.value == pytest.approx(base, abs=1e-5)
    assert found.prices.integers == (ports == "count = 2")
    prices = prices_of(found)
    step = 0.01
    for before, number, after in (
        ("import_limit = ", 12.0, " kW"),
        ("limit = ", 11.0, " kW\n}\nport"),
        ("power = ", 3.0, " kW\n}\nsolar"),
        ("power = ", 2.0, " kW\n}\nstorage"),
        ("capacity = ", 4.0, " kWh"),
    ):
        old = f"{before}{number:g}{after}"
        price = prices.get(old.partition("\n")[0])
        for amount in (step, -step):
            change = (value_with(text, old, f"{before}{number + amount:.10g}{after}") - base) / step
            expected = 0.0 if price is None else price.more if amount > 0 else price.less
            assert expected == pytest.approx(change, abs=2e-3), (old, amount)


def test_multipliers_lie_between_one_more_and_one_less() -> None:
    found = told(SITE)
    assert found.prices is not None
    assert len(found.prices.prices) > 5
    for price in found.prices.prices:
        if price.dual is not None and price.more is not None and price.less is not None:
            low, high = sorted((price.more, -price.less))
            assert low - 1e-5 <= price.dual <= high + 1e-5, price.lever.shown


def test_with_integers_kept_multipliers_are_those_of_the_rest() -> None:
    text = site(
        "00:00 2 7",
        "00:00 2 12",
        "00:00 2 9",
        grid="import_limit = 9 kW",
        end="minimize cost + 1 EUR/kWh * unmet",
        blocks="port ac {\n    count = 2\n    power = 8 kW\n}",
    )
    found = told(text)
    assert found.prices is not None
    assert found.prices.integers
    limit = prices_of(found)["import_limit = 9 kW"]
    # One more kW lets one kWh more come in each hour, at 0.3 and 0.1, that was missing at 1.
    assert limit.more == pytest.approx(-1.6, abs=1e-5) or limit.more == pytest.approx(-0.2, abs=1e-5)
    assert limit.dual is not None
    assert min(limit.more or 0.0, -(limit.less or 0.0)) - 1e-5 <= limit.dual


@pytest.mark.slow
def test_a_port_is_worth_what_solving_with_one_more_says(solver: str) -> None:
    text = site(
        "00:00 1 5",
        "00:00 1 6",
        blocks="port ac {\n    count = 1\n    power = 10 kW\n}",
        end="minimize cost + 1 EUR/kWh * unmet",
    )
    count = prices_of(told(text, solver))["count = 1"]
    # The one with 6 kWh is served; the other's 5 kWh would cost 0.3 and not 1 each.
    assert count.more == pytest.approx(-3.5, abs=1e-4)
    assert count.less == pytest.approx(4.2, abs=1e-4)


def test_a_requirement_has_a_price_for_each_unit_of_its_dimension(solver: str) -> None:
    end = "require calm: sum(t in steps: import[t]) * 1 h <= 10 kWh\nminimize cost + 1 EUR/kWh * unmet"
    found = told(site("00:00 2 15", end=end), solver)
    own = prices_of(found)["require calm: sum(t in steps: import[t]) * 1 h <= 10 kWh"]
    # 10 kWh come in the cheap hour; another one comes at 0.3 and is not missing at 1.
    assert (own.more, own.less) == (pytest.approx(-0.7, abs=1e-5), pytest.approx(0.9, abs=1e-5))


def test_a_later_stage_is_priced_while_the_earlier_one_is_held() -> None:
    text = site("00:00 2 15", grid="import_limit = 9 kW", end="minimize unmet\nthen minimize cost")
    prices = prices_of(told(text, stage=2))
    assert prices["import_limit = 9 kW"].more == pytest.approx(-0.2, abs=1e-4)
    # A kWh that may be missing is one that is not bought at 0.3.
    assert prices["minimize unmet"].more == pytest.approx(-0.3, abs=1e-4)
    assert "minimize unmet" not in prices_of(
        told(site("00:00 2 15", grid="import_limit = 5 kW", end="minimize unmet"))
    )


def test_the_sign_of_a_price_is_that_of_the_value_also_where_it_is_made_large() -> None:
    text = site("00:00 2 15", grid="import_limit = 5 kW", end="maximize fairness")
    limit = prices_of(told(text))["import_limit = 5 kW"]
    # 10 of 15 kWh; one kW more are two kWh more.
    assert limit.more == pytest.approx(2 / 15, abs=1e-5)


def test_a_bound_of_a_state_of_charge_is_told_for_each_percent() -> None:
    text = STATION + (
        "grid {\n    price = { 00:00: 0.1 EUR/kWh, 02:00: 0.5 EUR/kWh }\n}\n"
        "load hall {\n    power = 10 kW\n}\nstorage box {\n    capacity = 10 kWh\n    power = 10 kW\n"
        "    soc = 0 % .. 80 %\n    soc_initial = 0 %\n}\n"
        "minimize cost\n"
    )
    found = told(text)
    assert found.prices is not None
    ends = {p.lever.end: p for p in found.prices.prices if p.lever.name == "soc"}
    # 1 % are 0.1 kWh, bought at 0.1 and used at 0.5.
    assert ends["high"].more == pytest.approx(-0.04, abs=1e-5)


RATES = site(
    "00:00 2 22",
    charge="22 kW",
    blocks="port ac {\n    power = 11 kW\n    rates = [5 kW, 11 kW]\n}",
    end="enable min_power\nminimize cost + 1 EUR/kWh * unmet",
)


@pytest.mark.slow
@pytest.mark.parametrize("exact", [False, True])
def test_a_rate_that_a_weaker_port_loses_is_a_jump_and_no_price_for_each_kw(solver: str, exact: bool) -> None:
    prices = prices_of(told(RATES, solver, how=PriceOptions(exact=exact)))
    power, energy = prices["power = 11 kW"], prices["energy = 22 kWh"]
    # 5 kW in both hours instead of 11: 12 kWh are missing at 1, and not bought at 0.3 and 0.1.
    assert (power.more, power.less) == (0.0, None)
    assert power.jumps[0] is None
    assert power.jumps[1] is not None
    assert power.jumps[1].change == pytest.approx(12 - 6 * 0.4, abs=1e-4)
    base = value_with(RATES, "energy = 22 kWh", "energy = 22 kWh")
    rates = "power = 11 kW\n    rates = [5 kW, 11 kW]"
    weaker = value_with(RATES, rates, "power = 10.999 kW\n    rates = [5 kW]")
    assert weaker - base == pytest.approx(9.6, abs=1e-4)
    # A little less than two full hours is one hour at 5 kW: feasible, as energy may be missing.
    fall = energy.jumps[1]
    assert fall is not None
    less = value_with(RATES, "energy = 22 kWh", f"energy = {22 - fall.step:.10g} kWh") - base
    assert fall.change == pytest.approx(less, abs=1e-4)
    assert energy.more == pytest.approx(1.0, abs=1e-4)


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("COLUMNS", "120")

    def call(text: str, *flags: str) -> tuple[int, str, str]:
        path = tmp_path / "site.evs"
        path.write_text(text)
        return said(capsys, "explain", str(path), *flags)

    return call


def test_a_conflict_is_told_as_lines_of_the_spec(run: Run) -> None:
    status, out, _ = run(site("00:00 2 7", "00:00 2 8", grid="import_limit = 5 kW"))
    assert status == 3
    assert out == (
        "infeasible: 4 statements cannot hold together\n"
        "  line 8   import_limit = 5 kW       grid\n"
        "  line 17  energy = 7 kWh            vehicle a, 1 vehicle, 7.00 kWh\n"
        "  line 22  energy = 8 kWh            vehicle b, 1 vehicle, 8.00 kWh\n"
        "  line 24  disable partial_charging\n"
        "\n"
        "without any one of them, the others can hold, where every other limit is set aside\n"
        "\n"
        "between 00:00 and 02:00 `a` and `b` need 15.00 kWh, and `import_limit = 5 kW` (line 8) "
        "lets 10.00 kWh through: 5.00 kWh too little\n"
        "\n"
        "the spec is feasible with any one of these changes alone:\n"
        "  line 8   grid: import_limit = 7.5 kW\n"
        "  line 17  vehicle a: 5 kWh less, at the port\n"
        "  line 22  vehicle b: 5 kWh less, at the port\n"
        "  line 24  enable partial_charging; 5 kWh are then missing\n"
    )


def test_a_class_and_a_port_of_one_power_are_told_as_one_limit_that_stands_twice(run: Run) -> None:
    port = "port ac {\n    power = 10 kW\n}"
    status, out, _ = run(site("00:00 2 30", blocks=port))
    assert status == 3
    assert "port ac) and charge = 10 kW (line" in out or "class car) and power = 10 kW (line" in out
    assert "hold alike: easing one of them is not enough, easing both is" in out
    _, out, _ = run(site("00:00 2 30", blocks=port), "--json")
    beside = [member["beside"] for member in json.loads(out)["conflict"] if member["beside"]]
    assert len(beside) == 1


def test_prices_are_told_as_lines_of_the_spec_the_dearest_first(run: Run) -> None:
    status, out, _ = run(site("00:00 2 7", grid="import_limit = 5 kW\n    export_limit = 3 kW"))
    assert status == 0
    assert [" ".join(line.split()) for line in out.splitlines()] == [
        "optimal on highs: minimize cost = 1.10 EUR",
        "",
        "statement",
        "of it one more one less binds",
        "line 18 energy = 7 kWh vehicle a, 1 vehicle, 7.00 kWh",
        "1 kWh costs 0.30 EUR saves 0.30 EUR",
        "line 8 import_limit = 5 kW grid",
        "1 kW saves 0.20 EUR costs 0.20 EUR 1 step, 01:00..02:00",
        "",
        "free of charge: grid export_limit (line 9), class car charge (line 13)",
        "",
        "each value is that of a small change, solved again, and told for one unit",
    ]


def test_the_document_has_the_conflict_with_its_reliefs(run: Run) -> None:
    status, out, _ = run(site("00:00 2 7", grid="import_limit = 3 kW"), "--json")
    document = json.loads(out)
    assert status == 3
    assert document["status"] == "infeasible"
    limit = document["conflict"][0]
    assert (limit["line"], limit["block"], limit["kind"]) == (8, "grid", "setting")
    assert limit["relief"]["value"] == pytest.approx(3.5)
    assert limit["relief"]["unit"] == "kW"
    assert document["shortage"]["window"]["through"] == pytest.approx(6.0)


def test_the_document_has_the_prices_and_quick_ones_are_multipliers_alone(run: Run) -> None:
    text = site("00:00 2 7", grid="import_limit = 5 kW")
    for flags, keys in (((), {"more", "less"}), (("--quick",), set())):
        _, out, _ = run(text, "--json", *flags)
        (limit,) = [p for p in json.loads(out)["prices"] if p["statement"] == "import_limit = 5 kW"]
        assert limit["multiplier"] == pytest.approx(-0.2)
        assert {"more", "less"} & set(limit) == keys


def test_a_jump_is_told_as_one_in_words_and_in_the_document(run: Run) -> None:
    status, out, _ = run(RATES)
    assert status == 0
    assert "already 0.011 kW less costs 9.60 EUR" in out
    assert "infeasible" not in out
    assert "`already`: a jump" in out
    assert "priced without that rate" in out
    _, out, _ = run(RATES, "--json")
    (power,) = [price for price in json.loads(out)["prices"] if price["statement"] == "power = 11 kW"]
    assert power["less"] == {
        "jump": True,
        "change": pytest.approx(9.6, abs=1e-4),
        "by": pytest.approx(0.011),
    }
    assert power["more"] == 0.0


def test_a_solver_without_multipliers_solves_again_whatever_is_asked(run: Run) -> None:
    _, out, _ = run(site("00:00 2 7", grid="import_limit = 5 kW"), "--quick", "--backend", "scip")
    assert "saves 0.20 EUR" in out
    assert "multiplier" not in out


def test_a_time_limit_that_is_over_is_said_and_nothing_is_guessed(run: Run) -> None:
    status, out, err = run(site("00:00 2 7", grid="import_limit = 3 kW"), "--time-limit", "0.001")
    assert status == 4
    assert out == ""
    assert "E605" in err


def test_a_stage_that_is_not_there_is_refused(run: Run) -> None:
    status, _, err = run(site("00:00 2 7"), "--stage", "2")
    assert status == 2
    assert "E402" in err
    assert "the spec has 1 stage, and none is number 2" in err


def test_an_infeasible_run_points_to_explain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "site.evs"
    path.write_text(site("00:00 2 7", grid="import_limit = 3 kW"))
    assert main(["solve", str(path)]) == 3
    assert "`evdsl explain SPEC` says more" in capsys.readouterr().err


def test_a_statement_knows_its_line() -> None:
    spec = loads(SITE)
    data, _ = load_data(spec)
    assert data is not None
    found: list[Lever] = [lever for lever in levers(Variant(spec, data)) if lever.written]
    assert len(found) > 10
    for lever in found:
        assert lever.text.split()[0] in spec.source.line(lever.span.line), lever.shown


@pytest.mark.parametrize(("power", "eases"), [("", 0.0), ("power = 5 kW", 1.0)])
def test_the_charge_that_a_cohort_takes_whole_is_no_limit(power: str, eases: float) -> None:
    cohort = (
        f"cohort many of car {{\n classes = 1\n arrivals = 1 vehicles/h\n departures = 0 %\n {power}\n}}\n"
    )
    spec = loads(site(end=f"{cohort}minimize dissatisfaction"))
    data, found = load_data(spec)
    assert data is not None, found
    (charge,) = (lever for lever in levers(Variant(spec, data)) if lever.name == "charge")
    assert charge.relaxed_by == eases


def test_an_interrupt_ends_all_questions() -> None:
    class Interrupted(ForwardingBackend):
        def solve(self, *given: Any) -> Solution:
            return replace(self.inner.solve(*given), interrupted=True)

    spec = loads(site("00:00 2 7"))
    data, _ = load_data(spec)
    assert data is not None
    posed = stage_model(Variant(spec, data), backend_of("highs"), ())
    with pytest.raises(KeyboardInterrupt):
        Session(Interrupted(backend_of("highs")), Options()).solve(posed.matrix)
