"""Plans for several scenarios whose optimum is known without a solver, and what must hold of any of them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from worlds import FEATURES, OF_SCENARIOS

import evdsl
from evdsl.data.load import load_data
from evdsl.optimization.scenarios.case import Case, cases_of
from evdsl.optimization.scenarios.plan import ScenarioPlan
from evdsl.optimization.scenarios.risk import Risk, quantile, tail_mean
from evdsl.optimization.scenarios.solve import couples, solve_cases

EXACT = 1e-6


def cases(texts: Sequence[str], weights: Sequence[float] | None = None) -> list[Case]:
    """A case of each text, alike in weight where no weights are given."""
    weights = weights or [1.0 / len(texts)] * len(texts)
    found = []
    for number, (text, weight) in enumerate(zip(texts, weights, strict=True), 1):
        spec = evdsl.loads(text)
        data, problems = load_data(spec)
        assert data is not None, problems
        found.append(Case(spec, data, weight, str(number)))
    return found


def value(plan: ScenarioPlan) -> float:
    """What the first stage of a plan is worth, its check passed."""
    assert plan.status is evdsl.Status.OPTIMAL, (plan.status, plan.message)
    assert plan.verdict is not None
    assert plan.verdict.ok
    return plan.stages[0].value


def bought_ahead(price: float, load: float = 10.0) -> str:
    """An hour of a load; what a storage begins with is bought at 0.20 before the price is known."""
    return f"""station s {{
    start = 2024-03-12
    horizon = 1 h
    step = 1 h
}}
grid {{
    price = {price} EUR/kWh
    import_limit = 50 kW
}}
storage battery {{
    capacity = 10 kWh
    power = 10 kW
    soc_initial = 0 % .. 100 %
    soc_final = 0 %
    initial_price = 0.20 EUR/kWh
}}
load house {{
    power = {load} kW
}}
minimize cost
"""


def nominated(load: float, limit: str = "", battery: float = 10.0) -> str:
    """Two hours, cheap and dear; what is drawn may have to be said before the load of the second is known."""
    return f"""station s {{
    start = 2024-03-12
    horizon = 2 h
    step = 1 h
}}
grid {{
    price = {{ 00:00: 0.10 EUR/kWh, 01:00: 0.30 EUR/kWh }}
    import_limit = 50 kW
}}
storage battery {{
    capacity = {battery} kWh
    power = 10 kW
    soc_initial = 0 %
    soc_final = 0 %
}}
load house {{
    power = {{ 00:00: 0 kW, 01:00: {load} kW }}
}}
{limit}minimize cost
"""


@pytest.mark.parametrize(("high", "best", "begins"), [(0.28, 1.90, 0.0), (0.40, 2.00, 1.0)])
def test_energy_is_bought_ahead_where_the_mean_of_prices_is_higher(
    high: float, best: float, begins: float, solver: str
) -> None:
    plan = solve_cases(cases([bought_ahead(0.10), bought_ahead(high)]), backend=solver)
    assert value(plan) == pytest.approx(best, abs=EXACT)
    assert plan.chosen["battery.soc_initial"]["value"] == pytest.approx(begins, abs=EXACT)


def test_knowing_the_price_is_worth_half_a_euro(solver: str) -> None:
    known = solve_cases(cases([bought_ahead(0.10), bought_ahead(0.40)]), backend=solver, together=False)
    assert value(known) == pytest.approx(1.50, abs=EXACT)


@pytest.mark.parametrize(
    ("weight", "best", "begins"), [(0.0, 1.70, 0.0), (0.1, 1.91, 0.0), (0.15, 2.00, 1.0), (1.0, 2.00, 1.0)]
)
def test_an_aversion_to_risk_buys_ahead_from_a_seventh_on(
    weight: float, best: float, begins: float, solver: str
) -> None:
    four = cases([bought_ahead(price) for price in (0.10, 0.10, 0.10, 0.38)])
    plan = solve_cases(four, risk=Risk(0.75, weight) if weight else None, backend=solver)
    assert value(plan) == pytest.approx(best, abs=EXACT)
    assert plan.chosen["battery.soc_initial"]["value"] == pytest.approx(begins, abs=EXACT)


def test_a_load_that_may_not_come_is_not_bought_for(solver: str) -> None:
    plan = solve_cases(cases([bought_ahead(0.30, 0.0), bought_ahead(0.30, 10.0)]), backend=solver)
    assert value(plan) == pytest.approx(1.50, abs=EXACT)
    assert plan.values().tolist() == pytest.approx([0.0, 3.0], abs=EXACT)


def test_an_import_that_is_nominated_costs_what_the_storage_cannot_make_up_for(solver: str) -> None:
    two = cases([nominated(0.0, "disable curtailment\n"), nominated(10.0)])
    assert value(solve_cases(two, backend=solver)) == pytest.approx(0.50, abs=EXACT)
    plan = solve_cases(two, ["import"], backend=solver)
    assert value(plan) == pytest.approx(1.00, abs=EXACT)
    for result in plan.results:
        assert result.schedule is not None
        assert result.schedule["import"].values.tolist() == pytest.approx([10.0, 0.0], abs=1e-5)


def test_a_nominated_import_that_finds_no_place_is_infeasible_and_no_scenario_is_blamed(solver: str) -> None:
    two = cases([nominated(0.0, battery=5.0), nominated(10.0, battery=5.0)])
    plan = solve_cases(two, ["import"], backend=solver)
    assert plan.status is evdsl.Status.INFEASIBLE
    assert [one.code for one in plan.diagnostics] == ["E601"]
    assert "each scenario has a schedule of its own" in plan.diagnostics[0].message


def test_a_scenario_that_has_no_schedule_even_alone_is_named(solver: str) -> None:
    plan = solve_cases(cases([bought_ahead(0.10), bought_ahead(0.10, 70.0)]), backend=solver)
    assert plan.status is evdsl.Status.INFEASIBLE
    assert plan.diagnostics[0].message.startswith("scenario 2: ")


@pytest.mark.parametrize("path", sorted(OF_SCENARIOS.glob("*.evs")), ids=lambda path: path.stem)
def test_the_optimum_of_a_shipped_plan_is_the_one_worked_out_by_hand(path: Path, solver: str) -> None:
    stated = re.search(r"^# optimum: ([0-9.]+) EUR$", path.read_text(), re.MULTILINE)
    assert stated is not None
    assert value(evdsl.scenarios(evdsl.load(path), solver)) == pytest.approx(float(stated[1]), abs=EXACT)


DRAWN = """station s {
    start = 2024-03-12
    horizon = 8 h
    step = 1 h
    seed = 4
}
grid {
    price = { 00:00: 0.10 EUR/kWh, 03:00: 0.35 EUR/kWh, 06:00: 0.20 EUR/kWh }
    feed_in = 0.05 EUR/kWh
    import_limit = 12 kW
}
class car {
    charge = 7 kW
    discharge = 7 kW
    battery = 30 kWh
    efficiency = 92 %
}
fleet guests of car {
    count = poisson(3)
    arrival = uniform(00:00, 03:00)
    stay = uniform(3 h, 5 h)
    soc_arrival = uniform(20 %, 60 %)
    soc_target = 80 %
}
storage battery {
    capacity = 20 kWh
    power = 6 kW
    efficiency = 95 %
    soc_initial = START
}
scenarios {
    count = 4
    share = [SHARE]
}
enable v2g
minimize cost + 2 EUR/kWh * unmet
then minimize peak
"""


def drawn(share: str = "battery", start: str = "0 % .. 100 %") -> list[Case]:
    """Four scenarios of a small site with cars that give back."""
    spec = evdsl.loads(DRAWN.replace("SHARE", share).replace("START", start))
    found, _ = cases_of(spec)
    assert found is not None
    return list(found)


@pytest.mark.parametrize("name", ["fleet", "v2g", "cohort", "weighed", "hold_port", "by_state"])
def test_scenarios_that_share_nothing_are_worth_the_mean_of_separate_plans(name: str, solver: str) -> None:
    spec = evdsl.load(FEATURES / f"{name}.evs")
    several = []
    for number, weight in ((1, 0.25), (2, 0.75)):
        own = replace(spec, scenario=number)
        data, _ = load_data(own)
        assert data is not None
        several.append(Case(own, data, weight, str(number)))
    apart = solve_cases(several, backend=solver, together=False)
    together = solve_cases(several, backend=solver, together=True)
    for one, other in zip(apart.stages, together.stages, strict=True):
        assert other.value == pytest.approx(one.value, rel=1e-9, abs=1e-9)


def test_only_what_is_coupled_is_solved_as_one_model() -> None:
    spec = drawn()[0].spec
    constant = drawn(start="50 %")[0].spec
    assert couples(spec, (), None)
    assert couples(constant, ("battery",), None)
    assert couples(constant, (), Risk(0.9, 0.5))
    assert not couples(constant, (), None)
    assert not couples(replace(constant, stages=constant.stages[:1]), (), Risk(0.9, 0.5))


def test_more_sharing_is_never_better(solver: str) -> None:
    four = drawn(start="40 %")
    nothing = value(solve_cases(four, backend=solver))
    battery = value(solve_cases(four, ["battery"], backend=solver))
    both = value(solve_cases(four, ["battery", "import"], backend=solver))
    assert nothing <= battery + EXACT <= both + 2 * EXACT
    assert nothing < battery - 1e-3


def test_both_solvers_reach_the_same_plan_with_what_is_shared() -> None:
    for share, risk in ((["battery"], Risk(0.5, 0.4)), (["import"], None)):
        one, other = (solve_cases(drawn(), share, risk, backend) for backend in ("highs", "scip"))
        assert value(one) == pytest.approx(value(other), rel=1e-6)


def test_what_is_shared_is_one_flow_in_every_schedule(solver: str) -> None:
    plan = solve_cases(drawn(), ["battery"], backend=solver)
    value(plan)
    flows = [
        result.schedule["battery.charge"].values for result in plan.results if result.schedule is not None
    ]
    assert len(flows) == 4
    for flow in flows[1:]:
        assert flow == pytest.approx(flows[0], abs=1e-6)


def test_the_order_of_scenarios_and_one_of_no_weight_change_nothing(solver: str) -> None:
    four, risk = drawn(), Risk(0.5, 0.3)
    best = value(solve_cases(four, ["battery"], risk, solver))
    turned = value(solve_cases(four[::-1], ["battery"], risk, solver))
    extra = replace(four[0], weight=0.0, name="never")
    assert turned == pytest.approx(best, rel=1e-6)
    assert value(solve_cases([*four, extra], ["battery"], risk, solver)) == pytest.approx(best, rel=1e-6)


def test_a_scenario_in_two_halves_is_that_scenario(solver: str) -> None:
    four, risk = drawn(), Risk(0.5, 0.3)
    halves = [replace(four[0], weight=0.125, name="half"), replace(four[0], weight=0.125), *four[1:]]
    best = value(solve_cases(four, ["battery"], risk, solver))
    assert value(solve_cases(halves, ["battery"], risk, solver)) == pytest.approx(best, rel=1e-6)


def test_a_heavier_aversion_has_no_better_mean_and_no_worse_tail(solver: str) -> None:
    four = [replace(case, spec=replace(case.spec, stages=case.spec.stages[:1])) for case in drawn()]
    plans = [solve_cases(four, ["battery"], Risk(0.75, w), solver) for w in (0.01, 0.5, 0.99)]
    means, tails = [plan.mean() for plan in plans], [plan.tail(0.75) for plan in plans]
    assert all(one <= other + 1e-5 for one, other in itertools.pairwise(means))
    assert all(one >= other - 1e-5 for one, other in itertools.pairwise(tails))


def test_a_later_stage_keeps_the_value_of_an_averse_one(solver: str) -> None:
    four, risk = drawn(), Risk(0.5, 0.4)
    first = [replace(case, spec=replace(case.spec, stages=case.spec.stages[:1])) for case in four]
    alone = value(solve_cases(first, ["battery"], risk, solver))
    plan = solve_cases(four, ["battery"], risk, solver)
    values = plan.values()
    reached = 0.6 * plan.mean() + 0.4 * tail_mean(values, plan.weights, 0.5, 1.0)
    assert value(plan) == pytest.approx(alone, rel=1e-6)
    assert reached == pytest.approx(alone, rel=1e-5)


def test_the_worst_of_what_is_made_large_is_the_lowest(solver: str) -> None:
    texts = [
        bought_ahead(price).replace("minimize cost", "maximize 5 EUR - cost")
        for price in (0.1, 0.1, 0.1, 0.38)
    ]
    plan = solve_cases(cases(texts), risk=Risk(0.75, 0.1), backend=solver)
    assert value(plan) == pytest.approx(3.09, abs=EXACT)
    assert plan.tail(0.75) == pytest.approx(1.20, abs=EXACT)


def test_the_tail_splits_the_scenario_at_its_edge() -> None:
    values, weights = np.array([1.0, 2.0, 3.0, 10.0]), np.array([0.25] * 4)
    assert tail_mean(values, weights, 0.0, 1.0) == pytest.approx(4.0)
    assert tail_mean(values, weights, 0.5, 1.0) == pytest.approx(6.5)
    assert tail_mean(values, weights, 0.6, 1.0) == pytest.approx((0.25 * 10 + 0.15 * 3) / 0.4)
    assert tail_mean(values, weights, 0.99, 1.0) == pytest.approx(10.0)
    assert tail_mean(values, weights, 0.75, -1.0) == pytest.approx(1.0)
    assert quantile(values, weights, 0.5) == 2.0


@pytest.mark.parametrize("weights", [(0.5, 0.4), (1.5, -0.5), (float("nan"), 1.0)])
def test_weights_that_are_no_probabilities_are_refused(weights: tuple[float, float]) -> None:
    two = cases([bought_ahead(0.1), bought_ahead(0.4)], weights)
    with pytest.raises(ValueError, match="weights of scenarios"):
        solve_cases(two)


def test_scenarios_are_the_same_however_many_there_are() -> None:
    text = DRAWN.replace("SHARE", "battery").replace("START", "50 %")
    few, many = (cases_of(evdsl.loads(text.replace("count = 4", f"count = {n}")))[0] for n in (2, 3))
    assert few is not None
    assert many is not None
    for one, other in zip(few, many, strict=False):
        assert one.data.vehicles.begin.tolist() == other.data.vehicles.begin.tolist()
    assert few[0].data.vehicles.begin.tolist() != few[1].data.vehicles.begin.tolist()


def test_a_spec_with_scenarios_is_no_single_problem() -> None:
    spec = drawn()[0].spec
    whole = replace(spec, scenario=0)
    for refused in (
        evdsl.compile,
        evdsl.solve,
        evdsl.explain,
        evdsl.compare,
        lambda s: evdsl.price(s, "peak"),
    ):
        with pytest.raises(evdsl.SpecError, match=r"evdsl\.scenarios"):
            refused(whole)
    assert evdsl.scenarios(whole).status is evdsl.Status.OPTIMAL


VEHICLES = """station s {
    start = 2024-03-12
    horizon = 3 h
    step = 1 h
}
grid {
    price = { 00:00: 0.10 EUR/kWh, 01:00: 0.30 EUR/kWh, 02:00: 0.20 EUR/kWh }
    import_limit = LIMIT kW
}
class car {
    charge = 10 kW
}
vehicle one of car {
    arrival = 00:00
    departure = 03:00
    energy = 10 kWh
}
load house {
    power = { 00:00: LOAD kW, 01:00: 0 kW }
}
disable partial_charging
minimize cost
"""


def test_a_vehicle_whose_charging_is_shared_waits_for_the_limit_of_every_scenario(solver: str) -> None:
    texts = [VEHICLES.replace("LIMIT", "20").replace("LOAD", load) for load in ("0", "16")]
    apart = solve_cases(cases(texts), backend=solver)
    assert value(apart) == pytest.approx(0.5 * 1.0 + 0.5 * (0.4 + 1.2 + 1.6), abs=EXACT)
    plan = solve_cases(cases(texts), ["one"], backend=solver)
    assert value(plan) == pytest.approx(0.5 * 1.6 + 0.5 * 3.2, abs=EXACT)


SAID_BY_A_FILE = """station s {
    start   = 2024-03-12
    horizon = 1 h
    step    = 1 h
}
grid {
    price = csv("day.csv", column="price", unit="EUR/MWh", scenario="of", weight="weight")
}
load hall {
    power = 10 kW
}
storage battery {
    capacity      = 10 kWh
    power         = 10 kW
    soc_initial   = 0 % .. 100 %
    soc_final     = 0 %
    initial_price = 0.25 EUR/kWh
}
scenarios {
    count = 2
}
minimize cost
"""


def written(folder: Path, weight: int) -> None:
    """The file of two scenarios, of which the cheap one has this weight and the dear one 1."""
    each = [("low", 100, weight), ("high", 500, 1)]
    rows = [f"2024-03-12 0{hour}:00,{price},{of},{w}" for of, price, w in each for hour in (0, 1)]
    (folder / "day.csv").write_text("\n".join(["time,price,of,weight", *rows, ""]))


@pytest.mark.parametrize(("weight", "value", "share"), [(3, 2.0, 0.0), (1, 2.5, 1.0)])
def test_scenarios_of_a_file_weigh_what_it_says(
    weight: int, value: float, share: float, solver: str, tmp_path: Path
) -> None:
    # 0.10 or 0.50 EUR/kWh: 0.20 in the mean where the first weighs three times as much, else 0.30.
    written(tmp_path, weight)
    (tmp_path / "site.evs").write_text(SAID_BY_A_FILE)
    plan = evdsl.scenarios(evdsl.load(tmp_path / "site.evs"), solver)
    assert plan.status is evdsl.Status.OPTIMAL, plan.message
    assert plan.stages[0].value == pytest.approx(value, abs=1e-6)
    assert plan.chosen["battery.soc_initial"]["value"] == pytest.approx(share, abs=1e-6)


def test_a_count_that_is_not_that_of_the_file_is_told_by_check(tmp_path: Path) -> None:
    written(tmp_path, 3)
    (tmp_path / "site.evs").write_text(SAID_BY_A_FILE.replace("count = 2", "count = 5"))
    _, found = load_data(evdsl.load(tmp_path / "site.evs"))
    assert [(one.code, one.help) for one in found] == [("E308", "write `count = 2`")]


OPPOSITES = """station s {
    start   = 2024-03-12
    horizon = 1 h
    step    = 1 h
}
grid {
    price = 0.30 EUR/kWh
}
class van {
    charge = 40 kW
}
vehicle courier of van {
    arrival   = 00:00
    departure = 01:00
    energy    = uniform(10 kWh, 30 kWh)
}
scenarios {
    count  = 6
    method = antithetic
}
minimize cost + 1 EUR/kWh * unmet
"""


def test_opposites_of_a_uniform_need_have_the_mean_itself(solver: str) -> None:
    plan = evdsl.scenarios(evdsl.loads(OPPOSITES), solver)
    values = plan.values()
    assert values.reshape(-1, 2).sum(axis=1) == pytest.approx(np.full(3, 12.0))
    assert len(set(np.round(values, 6))) == 6
    assert plan.standard_error == pytest.approx(0.0, abs=1e-9)


SIZED = """station s {
    start   = 2024-03-12
    horizon = 1 h
    step    = 1 h
    seed    = 1
}
grid {
    import_limit = 0 kW .. 40 kW
    price        = 0.30 EUR/kWh
}
class van {
    charge = 40 kW
}
vehicle courier of van {
    arrival   = 00:00
    departure = 01:00
    energy    = choice([10 kWh, 30 kWh])
}
scenarios {
    count = 4
}
disable partial_charging
minimize cost
"""


def test_a_size_is_one_for_all_scenarios_as_large_as_the_largest_asks_for(solver: str) -> None:
    plan = evdsl.scenarios(evdsl.loads(SIZED), solver)
    assert plan.status is evdsl.Status.OPTIMAL, plan.message
    assert sorted(set(np.round(plan.values(), 6))) == [3.0, 9.0]
    assert plan.chosen["grid.import_limit"]["value"] == pytest.approx(30.0)
