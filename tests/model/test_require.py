"""`require`: the user's own constraints, with optima known by hand, on both solvers."""

from __future__ import annotations

import time

import pytest
from model.depot import DEPOT, GOAL, GRID, STATION, VANS, VISITS, best, on_solvers, requiring

import evdsl
from evdsl.diagnostics.diagnostic import render
from evdsl.diagnostics.source import Source
from evdsl.optimization.problem import compile_spec
from evdsl.semantics.resolve import resolve
from evdsl.solver.solution import Status


def test_without_a_requirement_the_cheapest_hours_are_taken(solver: str) -> None:
    assert best(DEPOT, solver) == pytest.approx(6.0)


@pytest.mark.parametrize(
    ("statement", "optimum", "solver"),
    on_solvers(
        # Quantities of the site: 12 kWh an hour leave 4 for the last, 1.2 + 2.4 + 3.6 + 1.6.
        ("import[t] <= 12 kW for t in steps", 8.8),
        ("export[t] == 0 kW for t in steps", 6.0),
        ("sum(t in steps: import[t]) * step <= 30 kWh", 14.0),
        ("sum(t in steps: price[t] * import[t]) * step <= 5 EUR", 10.0),
        ("sum(t in steps: carbon[t] * import[t]) * step <= 13 kg", 7.0),
        # Of single vehicles: 5 kWh in each of four hours cost 5 EUR a van.
        ("charge[v, t] <= 5 kW for v in vans, t in steps", 10.0),
        ("charge[v, t] <= 5 kW for t in steps, v in vans", 10.0),
        ("5 kW >= charge[v, t] for v in vehicles, t in steps", 10.0),
        ("discharge[v, t] == 0 kW for v in vehicles, t in steps", 6.0),
        ("energy[v, t] <= 25 kWh for v in vans, t in steps", 8.0),
        ("energy[v, t] <= 0.5 * battery[v] for v in vans, t in steps", 8.0),
        ("energy[v, t] / battery[v] <= 50 % for v in vans, t in steps", 8.0),
        ("soc[v, t] <= 30 % for v in vans, t in steps", 19.0),
        ("soc[v, 01:00] >= 40 % for v in vans", 6.0),
        ("soc[v, 2024-03-12 03:00] <= 30 % for v in vans", 19.0),
        ("energy[v, t] - energy[v, t - 1] <= 4 kWh for v in vans, t in steps", 11.2),
        ("delivered[v] <= 15 kWh for v in vans", 14.0),
        ("unmet[v] <= 0.1 * need[v] for v in vans", 6.0),
        ("sum(v in vans: priority[v] * delivered[v]) <= 30 kWh", 14.0),
        # Neighbouring steps: 20, 15, 5 and 0 kW.
        ("import[t - 1] - import[t] <= 10 kW for t in steps", 6.5),
        ("import[t] - import[t + 1] <= 10 kW for t in steps", 6.5),
        # Sets by name: sums over their vehicles.
        ("charge[vans, t] <= 5 kW for t in 00:00 .. 02:00", 11.5),
        ("charge[van, t] <= 5 kW for t in 00:00 .. 02:00", 11.5),
        ("charge[vehicles, t] <= 5 kW for t in 00:00 .. 02:00", 11.5),
        ("charge[[vans], t] <= 5 kW for t in 00:00 .. 02:00", 11.5),
        ("charge[f, t] <= 8 kW for f in fleets, t in steps", 16.0),
        ("charge[c, t] <= 8 kW for c in classes, t in steps", 16.0),
        ("charge[v, t] <= 5 kW for v in [vans], t in steps", 10.0),
        ("delivered[vans] <= 30 kWh", 14.0),
        ("unmet[vans] <= 0.5 * need[vans]", 6.0),
        ("energy[vans, 02:00] <= 40 kWh", 8.0),
        # Times: a range across midnight, and one of a single date.
        ("import[t] == 0 kW for t in 23:00 .. 01:00", 10.0),
        ("import[t] == 0 kW for t in 01:00 .. 01:30", 8.0),
        ("import[t] == 0 kW for t in 2024-03-12 .. 2024-03-12 01:00", 10.0),
        ("import[t] == 0 kW for t in 2024-03-12 00:00 .. 2024-03-12 01:00", 10.0),
        ("import[00:00] <= 10 kW", 8.0),
        ("sum(t in 22:00 .. 02:00: import[t]) * step <= 20 kWh", 8.0),
        # Aggregates.
        ("max(t in steps: import[t]) <= 12 kW", 8.8),
        ("max(t in steps: charge[v, t]) <= 8 kW for v in vans", 7.2),
        ("min(t in steps: import[t]) >= 5 kW", 7.5),
        ("5 kW <= min(t in steps: import[t])", 7.5),
        ("mean(t in steps: import[t]) <= 7.5 kW", 14.0),
        ("max(t in steps: import[t]) - 5 kW <= mean(t in steps: import[t])", 7.5),
        ("sum(v in vans: max(t in steps: charge[v, t])) <= 12 kW", 8.8),
        ("2 * max(v in vans: max(t in steps: charge[v, t])) <= 12 kW", 8.8),
        ("mean(v in vans: soc[v, 02:00]) <= 40 %", 8.0),
        ("max(v in vans: delivered[v]) - min(v in vans: delivered[v]) <= 0 kWh", 6.0),
        ("import[t] <= 120 kW * max(s in steps: price[s]) / 4 EUR * 1 kWh for t in steps", 8.8),
        # Words of the objective.
        ("cost <= 5 EUR", 10.0),
        ("peak <= 12 kW", 8.8),
        ("demand_cost + energy_cost <= 5 EUR", 10.0),
        ("co2 <= 13 kg", 7.0),
    ),
)
def test_an_optimum_under_a_requirement_is_known_by_hand(statement: str, optimum: float, solver: str) -> None:
    assert best(requiring(statement), solver) == pytest.approx(optimum)


def test_each_requirement_holds_beside_the_others(solver: str) -> None:
    text = requiring("import[t] <= 15 kW for t in steps", "charge[vans, t] <= 5 kW for t in 00:00 .. 01:00")
    assert best(text, solver) == pytest.approx(5 * 0.1 + 15 * 0.2 + 15 * 0.3 + 5 * 0.4)


def test_a_requirement_may_ask_for_what_no_objective_weighs(solver: str) -> None:
    text = STATION + GRID + VANS + "minimize cost\nrequire served: unmet[v] <= 0.5 * need[v] for v in vans\n"
    assert "W106" not in render(resolve(Source("depot.evs", text))[1])
    assert best(text, solver) == pytest.approx(2.0)
    for statement, optimum in [("fairness >= 50 %", 2.0), ("delivered[vans] >= 10 kWh", 1.0)]:
        text = STATION + GRID + VANS + f"minimize cost\nrequire served: {statement}\n"
        assert best(text, solver) == pytest.approx(optimum)


def test_a_param_over_time_is_asked_for_at_a_step(solver: str) -> None:
    text = "param limit = { 00:00: 12 kW, 02:00: 20 kW }\n" + requiring(
        "import[t] <= limit[t] for t in steps"
    )
    assert best(text, solver) == pytest.approx(12 * 0.1 + 12 * 0.2 + 16 * 0.3)
    constant = text.replace("{ 00:00: 12 kW, 02:00: 20 kW }", "12 kW")
    assert best(constant, solver) == pytest.approx(8.8)


def test_a_param_is_a_number_in_a_requirement(solver: str) -> None:
    text = "param most = 12 kW\nlet twice = 2 * peak\n" + requiring("twice <= 2 * most")
    assert best(text, solver) == pytest.approx(8.8)


# Who is there


def test_a_vehicle_that_is_away_takes_nothing_and_has_no_state(solver: str) -> None:
    """It is there for two hours; its power is zero in the others, and nothing is asked of its battery."""
    text = STATION + GRID + VISITS + GOAL
    for statement, optimum in [
        ("charge[v, t] >= 5 kW for v in vans, t in 00:00 .. 02:00", 3.0),
        ("soc[v, t] >= 20 % for v in vans, t in steps", 3.0),
        ("min(t in steps: energy[v, t]) >= 10 kWh for v in vans", 3.0),
        ("mean(t in steps: soc[v, t]) <= 27.5 % for v in vans", 0.75 + 2.0 + 2.5),
        ("mean(t in steps: charge[v, t]) <= 2.5 kW for v in vans", 1.0 + 10.0),
        ("sum(t in steps: energy[v, t]) <= 25 kWh for v in vans", 0.5 + 2.0 + 5.0),
    ]:
        assert best(f"{text}require away: {statement}\n", solver) == pytest.approx(optimum), statement


def test_a_power_that_is_asked_of_an_absent_vehicle_is_infeasible(solver: str) -> None:
    text = f"{STATION}{GRID}{VISITS}{GOAL}require late: charge[v, t] >= 1 kW for v in vans, t in steps\n"
    problem = compile_spec(evdsl.loads(text))
    assert problem.run(solver).status is Status.INFEASIBLE
    rows = problem.model.constraints["require.late"]
    assert rows.rhs.values.tolist() == [1.0, 1.0, 1.0, 1.0]


def test_the_state_on_arrival_is_not_decided(solver: str) -> None:
    text = requiring("soc[v, t] >= 25 % for v in vans, t in steps")
    assert compile_spec(evdsl.loads(text)).run(solver).status is Status.INFEASIBLE
    assert best(requiring("soc[v, t] >= 20 % for v in vans, t in steps"), solver) == pytest.approx(6.0)


def test_losses_lie_between_the_port_and_the_battery(solver: str) -> None:
    """Half of what is charged arrives: 20 kWh at the port lift the state by 10 kWh, to 40 %."""
    lossy = VANS.replace("charge  = 10 kW", "charge  = 10 kW\n    charge_efficiency = 50 %")
    text = f"{STATION}{GRID}{lossy}minimize cost\nrequire full: soc[v, 03:00] >= 40 % for v in vans\n"
    assert best(text, solver) == pytest.approx(2 * (1.0 + 2.0))


def test_a_fleet_that_reads_a_clock_across_the_change_of_the_clocks(solver: str) -> None:
    """On 31 March 02:00 is skipped in Rome: of four hours from midnight the third begins at 03:00."""
    text = requiring("import[t] == 0 kW for t in 03:00 .. 04:00").replace("2024-03-12", "2024-03-31")
    problem = compile_spec(evdsl.loads(text))
    result = problem.run(solver)
    assert result.schedule is not None
    assert result.schedule["import"].values[2] == 0.0
    assert problem.model.constraints["require.r0"].labels.size == 1


# Ports by name


TWO_PORTS = (
    STATION
    + GRID
    + """\
port ac {
    power = 10 kW
}
port dc {
    power = 10 kW
}
"""
    + VANS
    + GOAL
)


@pytest.mark.parametrize(
    ("statement", "optimum"),
    [
        # The van at `ac` takes 4 kWh an hour, 4 EUR, and 4 kWh are missing; the other one pays 3 EUR.
        ("charge[ac, t] <= 4 kW for t in steps", 4.0 + 4.0 + 3.0),
        ("charge[p, t] <= 4 kW for p in ports, t in steps", 16.0),
        ("charge[[ac, dc], t] <= 8 kW for t in steps", 16.0),
        ("charge[v, t] <= 4 kW for v in ac, t in steps", 4.0 + 4.0 + 3.0),
        ("delivered[ac] <= 10 kWh", 1.0 + 10.0 + 3.0),
        ("max(p in ports: sum(t in steps: charge[p, t])) <= 15 kW", 14.0),
    ],
)
def test_ports_that_a_requirement_names_are_told_apart(statement: str, optimum: float, solver: str) -> None:
    assert best(f"{TWO_PORTS}require r: {statement}\n", solver) == pytest.approx(optimum)


def test_a_worse_port_is_kept_where_a_requirement_speaks_of_it(solver: str) -> None:
    """Nobody would hold the slow ports; one van must, and takes 5 kWh in each hour there, for 5 EUR."""
    slow = TWO_PORTS.replace("port dc {\n    power = 10 kW", "port dc {\n    count = 2\n    power = 10 kW")
    slow = slow.replace("port ac {\n    power = 10 kW", "port ac {\n    count = 2\n    power = 5 kW")
    assert best(slow, solver) == pytest.approx(6.0)
    assert best(f"{slow}require used: charge[ac, 00:00] >= 5 kW\n", solver) == pytest.approx(8.0)


# The model


def test_rows_have_the_name_of_the_requirement_and_know_its_line() -> None:
    problem = compile_spec(evdsl.loads(requiring("import[t] <= 12 kW for t in 01:00 .. 03:00")))
    rows = problem.model.constraints["require.r0"]
    assert rows.labels.size == 2
    assert (
        problem.program.ledger["require.r0"].text == "require r0: import[t] <= 12 kW for t in 01:00 .. 03:00"
    )


def test_a_requirement_changes_the_digest_and_its_layout_does_not() -> None:
    plain, first, other = (
        evdsl.loads(text).digest for text in (DEPOT, requiring("peak <= 12 kW"), requiring("peak <= 13 kW"))
    )
    assert len({plain, first, other}) == 3
    assert evdsl.loads("\n\n" + requiring("peak   <= 12 kW")).digest == first


def test_many_cells_take_no_loop_over_cells() -> None:
    text = requiring("charge[v, t] <= 5 kW for v in vehicles, t in steps").replace("= 2\n", "= 300\n")
    text = text.replace("step    = 1 h", "step    = 2.5 min")
    started = time.perf_counter()
    problem = compile_spec(evdsl.loads(text))
    assert problem.model.constraints["require.r0"].labels.size == 300 * 96
    assert time.perf_counter() - started < 5.0
