"""`outside = widen`: batteries that begin outside of what is allowed, on both solvers."""

from __future__ import annotations

import pytest

import evdsl
from evdsl.diagnostics.source import Source
from evdsl.semantics.resolve import resolve

STATION = "station s {\n start = 2024-03-12\n horizon = 2 h\n step = 1 h\n}\n"
PRICES = """
grid {
    price   = { 00:00: 0.10 EUR/kWh, 01:00: 0.50 EUR/kWh }
    feed_in = { 00:00: 0 EUR/kWh, 01:00: 0.40 EUR/kWh }
}
"""
CAR = """
class car {
    battery   = 20 kWh
    charge    = 10 kW
    discharge = 10 kW
    soc       = 20 % .. 80 %
    outside   = OUTSIDE
}
vehicle ev of car {
    arrival     = 00:00
    stay        = 2 h
    soc_arrival = COMES
    soc_target  = 20 %
}
enable v2g
"""
PACK = """
storage pack {
    capacity    = 20 kWh
    power       = 10 kW
    soc         = 20 % .. 80 %
    outside     = OUTSIDE
    soc_initial = COMES
    soc_final   = ENDS
}
"""


def car(comes: str, outside: str = "widen") -> str:
    return CAR.replace("OUTSIDE", outside).replace("COMES", comes)


def pack(comes: str, ends: str = "0 %", outside: str = "widen") -> str:
    return PACK.replace("OUTSIDE", outside).replace("COMES", comes).replace("ENDS", ends)


def solved(text: str, solver: str) -> evdsl.Result:
    result = evdsl.solve(evdsl.loads(text), solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.verdict is not None
    assert result.verdict.ok, result.verdict.violations
    return result


def cost(text: str, solver: str) -> float:
    return solved(f"{STATION}{PRICES}{text}minimize cost + 1 EUR/kWh * unmet\n", solver).stages[0].value


def test_who_comes_below_may_leave_so_and_gives_nothing_of_it_away(solver: str) -> None:
    """1 of 20 kWh is there. 10 are bought at 0.10 and sold at 0.40, and not the one; 3 lack of the target."""
    assert cost(car("5 %"), solver) == pytest.approx(10 * 0.10 - 7 * 0.40, abs=1e-6)
    text = car("5 %").replace("soc_target  = 20 %", "energy = 0 kWh")
    assert cost(text, solver) == pytest.approx(1.0 - 4.0, abs=1e-6)


def test_nobody_is_forced_to_charge(solver: str) -> None:
    text = f"{STATION}grid {{ import_limit = 0 kW }}\n{car('5 %')}minimize unmet\n"
    assert solved(text, solver).terms["unmet"] == pytest.approx(3.0, abs=1e-6)


def test_who_comes_above_may_be_filled_up_to_that_again(solver: str) -> None:
    """19 of 20 kWh: the most is 19 for it. 10 kWh are sold at 0.40 in the second hour."""
    assert cost(car("95 %"), solver) == pytest.approx(-4.0, abs=1e-6)
    text = car("95 %").replace("soc_target  = 20 %", "energy = 1 kWh")
    least = f"{STATION}{PRICES}{text}minimize unmet\n"
    assert solved(least, solver).terms["unmet"] == pytest.approx(1.0, abs=1e-6)


def test_a_storage_begins_below_and_stays_there(solver: str) -> None:
    """1 kWh: 10 are bought at 0.10 and given at 0.40, and the one is left."""
    assert cost(pack("5 %", "0 %"), solver) == pytest.approx(-3.0, abs=1e-6)


def test_a_storage_begins_above_and_is_emptied_down_to_its_least(solver: str) -> None:
    """19 kWh: 1 is bought back at most. Of them 10 are given at 0.40; without `soc_final` all are kept."""
    assert cost(pack("95 %", "0 %"), solver) == pytest.approx(-4.0, abs=1e-6)
    kept = "\n".join(line for line in pack("95 %", "0 %").splitlines() if "soc_final" not in line)
    assert cost(f"{kept}\n", solver) == pytest.approx(0.0, abs=1e-6)


def test_what_leaks_below_the_least_is_not_charged_again(solver: str) -> None:
    """2 kWh, of which half leaks in each hour: no row asks for what is lost, and no import is needed."""
    text = pack("10 %", "0 %").replace("capacity ", "leakage = 50 %/h\n    capacity ")
    found = solved(f"{STATION}grid {{ import_limit = 0 kW }}\n{text}minimize peak\n", solver)
    assert found.schedule is not None
    assert float(found.schedule["pack.energy_end"]) == pytest.approx(0.5)


def told(body: str) -> list[tuple[str, str, str]]:
    found = resolve(Source("s.evs", f"{STATION}{PRICES}{body}minimize cost + 1 EUR/kWh * unmet\n"))[1]
    return [(one.code, one.message, one.help) for one in found]


@pytest.mark.parametrize("body", [form(share) for form in (car, pack) for share in ("5 %", "95 %")])
def test_without_it_a_start_outside_is_refused_and_it_is_offered(body: str) -> None:
    ((code, _, help),) = told(body.replace("widen", "refuse"))
    assert code == "E408"
    assert help.endswith("`outside = widen`")


def test_a_target_outside_is_refused_all_the_same() -> None:
    ((_, message, _),) = told(car("5 %").replace("soc_target  = 20 %", "soc_target = 10 %"))
    assert message == "`soc_target` of `ev` is 10 %, below the minimum of `class car`"


def test_an_end_above_the_most_is_refused_all_the_same() -> None:
    ((_, message, help),) = told(pack("5 %", "90 %"))
    assert message == "`soc_final` of `storage pack` is 90 %, and its `soc` is 20 % .. 80 %"
    assert help == "write `soc_final = 80 %`"


def test_an_end_between_a_low_start_and_the_least_may_be_asked_of_a_storage(solver: str) -> None:
    """It ends with 2 kWh: 10 are bought at 0.10, and 9 given at 0.40."""
    assert cost(pack("5 %", "10 %"), solver) == pytest.approx(1.0 - 3.6, abs=1e-6)


def test_a_taper_goes_over_all_that_may_come() -> None:
    text = car("5 %").replace("soc       =", "taper = { 20 %: 10 kW, 80 %: 2 kW }\n    soc       =")
    ((_, message, _),) = told(text)
    assert message == "`taper` of `class car` goes from 20 % to 80 %, and 0 % to 100 % are allowed"


def test_vehicles_that_make_trips_have_a_class_that_does_not_widen() -> None:
    trip = "trip out of ev {\n departure = 00:30\n arrival = 01:00\n used = 1 kWh\n}\n"
    message = "`ev` makes trips, and `class car` has `outside = widen`"
    assert told(f"{car('50 %')}{trip}") == [("E404", message, "remove `outside` from `class car`")]


def test_arrivals_are_drawn_from_all_states_of_charge(solver: str) -> None:
    fleet = car("50 %").replace("vehicle ev of car {", "fleet ev of car {\n count = 40")
    text = fleet.replace("soc_arrival = 50 %", "soc_arrival = normal(30 %, 30 %)")
    found = solved(f"{STATION}{PRICES}{text}minimize unmet\n", solver)
    initial, low = found.data.vehicles.initial, found.data.vehicles.low
    assert (initial < 4.0).any()
    assert (initial > 16.0).any()
    assert (low == initial.clip(max=4.0)).all()
    assert ((initial >= 0.0) & (initial <= 20.0)).all()


@pytest.mark.parametrize("rule", ["uncontrolled", "fifs"])
def test_rules_obey_it(rule: str) -> None:
    text = f"{STATION}{PRICES}{car('95 %')}{pack('5 %', '20 %')}minimize cost + 1 EUR/kWh * unmet\n"
    found = evdsl.compare(evdsl.loads(text.replace("enable v2g\n", "")), [rule])
    assert [one.verdict.violations for one in found.ruled] == [()]


def test_ends_of_soc_beyond_what_all_come_with_cost_nothing(solver: str) -> None:
    """All come with 5 %: neither a higher nor a lower least is a bound of theirs."""
    spec = evdsl.loads(f"{STATION}{PRICES}{car('5 %')}minimize cost + 1 EUR/kWh * unmet\n")
    found = evdsl.explain(spec, solver, exact=True)
    assert found.prices is not None
    assert {lever.end for lever in found.prices.idle if lever.name == "soc"} == {"low", "high"}
