"""`count` of a `port` over time: sockets that are out of order, and who holds one all the same."""

from __future__ import annotations

import pytest
from worlds import FEATURES

import evdsl
from evdsl.data.data import Data
from evdsl.data.load import load_data
from evdsl.language.spec import Spec
from evdsl.model.outages import outages_of, ports_in_order
from evdsl.model.ports import groups_of
from evdsl.optimization.comparison import run
from evdsl.optimization.explanation.explain import Explanation, explain
from evdsl.optimization.inquiry.moment import moment_facts
from evdsl.optimization.policies import POLICIES
from evdsl.optimization.policies.rule import Policy
from evdsl.optimization.result import Result
from evdsl.optimization.shortfall.reason import reasons
from evdsl.report.figures.course import Course
from evdsl.report.figures.outages import Outage, outages
from evdsl.solver.solution import Options
from evdsl.testing.exact.reading import Exact
from evdsl.testing.exact.vehicles import vehicle_rules
from evdsl.testing.trial import backend_of
from evdsl.verifier import verify

SHIPPED = (FEATURES / "outages.evs").read_text(encoding="utf-8")
KEPT, LINE, SWAPPED = "enable hold_port", "enable queue", "disable hold_port"


def site(count: str, *vehicles: str, on: str = KEPT, end: str = "minimize unmet", ports: str = "") -> str:
    """Four hours and ports of 10 kW; a vehicle is `arrival stay energy`, and they are called a, b, c, ..."""
    text = "station s {\n start = 2024-03-12\n horizon = 4 h\n step = 1 h\n}\n"
    text += "grid {\n price = 0.10 EUR/kWh\n}\n"
    text += f"port ac {{\n count = {count}\n power = 10 kW\n}}\n{ports}class car {{\n charge = 10 kW\n}}\n"
    for name, vehicle in zip("abcdefgh", vehicles, strict=False):
        arrival, stay, energy = vehicle.split()
        text += (
            f"vehicle {name} of car {{\n arrival = {arrival}\n stay = {stay} h\n energy = {energy} kWh\n}}\n"
        )
    return f"{text}{on}\n{end}\n"


def solved(text: str, solver: str = "highs", without: tuple[str, ...] = ()) -> Result:
    result = evdsl.compile(evdsl.loads(text)).run(solver, without=without)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.verdict is not None
    assert result.verdict.ok, result.verdict.violations
    return result


def loaded(text: str) -> tuple[Spec, Data]:
    spec = evdsl.loads(text)
    data, _ = load_data(spec)
    assert data is not None
    return spec, data


def explained(text: str, solver: str = "highs") -> Explanation:
    return explain(*loaded(text), backend_of(solver), Options())


FAILS = "{ 00:00: 2, 01:00: 1 }"
PAUSES = "{ 00:00: 1, 01:00: 0, 02:00: 1 }"


@pytest.mark.parametrize(
    ("count", "vehicles", "on", "expected"),
    [
        # Of two that stay past the failure of one socket one has none; in line, it has one for an hour.
        (FAILS, ["00:00 4 20"] * 2, KEPT, 20),
        (FAILS, ["00:00 4 20"] * 2, LINE, 0),
        (FAILS, ["00:00 4 20"] * 2, SWAPPED, 0),
        (FAILS, ["00:00 4 30"] * 2, LINE, 20),
        (FAILS, ["00:00 4 30"] * 2, SWAPPED, 10),
        # Who leaves as it fails holds it until then.
        (FAILS, ["00:00 1 10", "00:00 4 40"], KEPT, 0),
        # One run of steps is before the pause or after it; a port that may be swapped is had in both.
        (PAUSES, ["00:00 4 30"], KEPT, 30),
        (PAUSES, ["00:00 4 30"], LINE, 10),
        (PAUSES, ["00:00 4 30"], SWAPPED, 0),
        # What is out of order for a part of a step is so for all of it.
        ("{ 00:00: 1, 01:20: 0, 01:40: 1 }", ["00:00 4 40"], SWAPPED, 10),
        # By day, and by nothing that happens within the horizon.
        ("{ tue: { 00:00: 1, 03:00: 0 }, all: 2 }", ["00:00 4 40"] * 2, SWAPPED, 50),
        ("{ 00:00: 1, 04:00: 3 }", ["00:00 4 40"] * 2, KEPT, 40),
        ("{ 00:00: 2, 12:00: 2 }", ["00:00 4 40"] * 2, KEPT, 0),
    ],
)
def test_no_more_are_held_than_are_in_order(
    count: str, vehicles: list[str], on: str, expected: float, solver: str
) -> None:
    text = site(count, *vehicles, on=on)
    for without in ((), ("ports_to_counts",)):
        assert solved(text, solver, without).stages[0].value == pytest.approx(expected, abs=1e-5)


def test_a_table_that_does_not_change_is_the_number(solver: str) -> None:
    cars = ["00:00 3 20", "01:00 3 30", "00:30 1.5 15"]
    values = [solved(site(one, *cars), solver).stages[0].value for one in ("2", "{ 00:00: 2 }")]
    assert values[0] == pytest.approx(values[1])


def test_sockets_of_another_block_stand_in_for_none(solver: str) -> None:
    """Both blocks are alike; two of `ac` fail and none of `dc`, and who may use `ac` alone has one less."""
    other = "port dc {\n count = 2\n power = 10 kW\n}\n"
    text = site("{ 00:00: 2, 01:00: 0 }", *["00:00 4 10"] * 3, ports=other)
    assert solved(text, solver).stages[0].value == pytest.approx(10)
    (ac, dc), _ = groups_of(evdsl.loads(text))
    assert (ac.names, dc.names) == (("ac.1", "ac.2"), ("dc.1", "dc.2"))


def test_outages_lie_on_each_other_as_many_as_sockets_are_missing() -> None:
    spec, data = loaded(site("{ 00:00: 3, 01:00: 1, 02:00: 2, 03:00: 0 }"))
    found = outages_of(data, groups_of(spec)[0])
    each = sorted(zip(found.begin.tolist(), found.end.tolist(), found.depth.tolist(), strict=True))
    assert each == [(1, 2, 1), (1, 4, 0), (3, 4, 1), (3, 4, 2)]
    assert ports_in_order(spec, data).tolist() == [3, 1, 2, 0]


@pytest.mark.parametrize("on", [KEPT, LINE, SWAPPED])
def test_one_socket_is_out_of_order_from_when_it_fails(on: str, solver: str) -> None:
    """Nobody who holds one has to change it: the plan leaves a socket free for as long as one is missing."""
    result = solved(f"{SHIPPED}{on}\n", solver)
    assert result.schedule is not None
    (one,) = outages(Course(result, result.schedule))
    assert (one.begin, one.end) == (2, 4)
    spec, data = result.spec, result.data
    for rule in POLICIES:
        (one,) = outages(Course(result, run(spec, data, rule).schedule))
        assert (one.begin, one.end) == (2, 4)


def test_the_last_sockets_are_out_of_order_where_nobody_holds_them() -> None:
    result = solved(site("{ 00:00: 3, 01:00: 1, 02:00: 2 }", "00:00 4 40"))
    assert result.schedule is not None
    assert outages(Course(result, result.schedule)) == [Outage(1, 1, 2), Outage(2, 1, 4)]


@pytest.mark.parametrize("rule", POLICIES, ids=lambda rule: rule.name)
@pytest.mark.parametrize(("on", "delivered"), [(KEPT, [20, 0]), (LINE, [20, 10]), (SWAPPED, [20, 20])])
def test_rules_give_ports_up_that_are_out_of_order(rule: Policy, on: str, delivered: list[float]) -> None:
    """The second has a port for an hour; it has one again only where ports are dealt anew at every step."""
    ruled = run(*loaded(site(FAILS, *["00:00 4 20"] * 2, on=on)), rule)
    assert ruled.verdict.ok, ruled.verdict.violations
    assert ruled.schedule["delivered"].values.tolist() == pytest.approx(delivered)


def test_a_rule_takes_no_port_that_fails_before_its_vehicle_leaves() -> None:
    text = site("{ 00:00: 2, 02:00: 1 }", "00:00 4 10", "00:00 2 20", "01:00 1 10", "02:00 2 20")
    ruled = run(*loaded(text), POLICIES[0])
    assert ruled.verdict.ok
    assert ruled.schedule["delivered"].values.tolist() == pytest.approx([10, 20, 0, 0])


def test_a_plan_that_holds_one_too_many_is_found(solver: str) -> None:
    """A schedule of sockets that never fail, by the verifier and in fractions."""
    whole = solved(SHIPPED.replace("{ 00:00: 2, 02:00: 1 }", "3"), solver)
    assert whole.schedule is not None
    spec, data = loaded(SHIPPED.replace("{ 00:00: 2, 02:00: 1 }", "{ 00:00: 3, 02:00: 1 }"))
    found = verify(spec, whole.schedule, data).violations
    (broken,) = (one for one in found if one.rule != "digest")
    assert (broken.rule, broken.step, broken.size) == ("ports-in-order", 2, 1)
    assert broken.message == "2 of `ac` are held in the step of 2024-03-12 02:00, and 1 in order then"
    wrong = [miss for miss in vehicle_rules(Exact(spec, data, whole.schedule)) if miss.wrong]
    assert [(miss.rule, miss.place, miss.by) for miss in wrong] == [("ports in order", "ac, 12 02:00", 1)]


def test_who_stays_through_an_outage_of_all_is_told_so(solver: str) -> None:
    (reason,) = reasons(solved(site(PAUSES, "00:00 4 30"), solver), 0.005).values()
    assert (reason.code, reason.limits) == ("port", ("port ac",))
    assert reason.text.startswith("all ports of `ac` are out of order at some time of its stay, in 4 steps")
    swapped = site(PAUSES, "00:00 4 40", on=SWAPPED)
    (reason,) = reasons(solved(swapped, solver), 0.005).values()
    assert reason.text == "all ports of `ac` are out of order, in 1 step in which it could take more"
    (reason,) = reasons(solved(SHIPPED, solver), 0.005).values()
    assert reason.text == "no port of `ac` is free, in 2 steps in which it could take more"
    one_more = SHIPPED.replace("{ 00:00: 2, 02:00: 1 }", "{ 00:00: 3, 02:00: 2 }")
    assert solved(one_more, solver).stages[0].value == pytest.approx(0, abs=1e-5)


def test_a_count_over_time_is_priced_by_one_more_at_each_time(solver: str) -> None:
    prices = explained(SHIPPED, solver).prices
    assert prices is not None
    (price,) = (one for one in prices.prices if one.lever.name == "count")
    # One more serves all; with one less `early` or nobody has one, and from 2:00 on there is none.
    assert (price.more, price.less) == (pytest.approx(-10), pytest.approx(30))


def test_the_count_that_leaves_no_schedule_is_named_with_what_is_enough(solver: str) -> None:
    conflict = explained(f"{SHIPPED}disable partial_charging\n", solver).conflict
    assert conflict is not None
    (count,) = (member for member in conflict.members if member.lever.name == "count")
    assert count.relief is not None
    assert (count.relief.amount, count.relief.value) == (1, None)


def test_a_moment_says_how_many_are_out_of_order() -> None:
    result = solved(SHIPPED)
    facts = [
        next(fact.values for fact in moment_facts(result, step, None) if fact.kind == "ports_now")
        for step in (0, 2)
    ]
    assert facts == [{"held": 2, "ports": 2}, {"held": 1, "ports": 2, "out_of_order": 1}]
