"""Who pays what: the shares add up to the words of the whole, whoever takes and gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import EVERYTHING, FEATURES, SPECS

import evdsl
from evdsl.optimization.result import Result
from evdsl.report.run.document import document
from evdsl.schedule.account import Account, account_of
from evdsl.semantics.load import read
from evdsl.semantics.overrides import Overrides
from evdsl.testing.campaigns import drawn
from evdsl.testing.generate import nodes
from evdsl.testing.generate.specs import specs
from evdsl.testing.trial import StoppedError, Trial

WORDS = "energy_cost export_revenue wear end_value elsewhere_cost initial_cost revenue co2".split()

ROOF = """
station s {
    start = 2026-06-15
    horizon = 2 h
    step = 1 h
}
grid {
    price = { 00:00: 0.40 EUR/kWh, 01:00: 0.20 EUR/kWh }
    feed_in = 0.10 EUR/kWh
    carbon = 300 g/kWh
    demand_charge = 1 EUR/kW
}
solar roof {
    power = { 00:00: 6 kW, 01:00: 12 kW }
}
load house {
    power = 3 kW
}
class car {
    charge = 9 kW
    tariff = 0.50 EUR/kWh
}
vehicle a of car {
    arrival = 00:00
    stay = 1 h
    energy = 9 kWh
}
disable curtailment, partial_charging
minimize cost
"""


def solved(text: str) -> tuple[Result, Account]:
    result = evdsl.solve(evdsl.loads(text))
    assert result.schedule is not None
    return result, account_of(result.spec, result.data, result.schedule, result.terms)


def apart(result: Result, account: Account) -> dict[str, tuple[float, float]]:
    """The words whose shares do not add up to what the independent check makes of the schedule."""
    assert result.verdict is not None
    sums = {word: account.total(word) for word in WORDS} | {"cost": account.cost}
    known = result.verdict.terms
    return {
        word: (sums[word], known[word])
        for word in sums
        if word in known and abs(sums[word] - known[word]) > 2e-6 * (1 + result.verdict.sizes[word])
    }


def test_who_takes_power_pays_the_price_for_the_part_of_it_that_is_imported() -> None:
    _, account = solved(ROOF)
    shares = {party.name: party.money for party in account.parties}
    # First hour: 12 kW are taken, 9 by the car, and 6 of them imported. Then the roof feeds the house.
    assert shares["a"].energy_cost == pytest.approx(9 / 12 * 6 * 0.40)
    assert shares["house"].energy_cost == pytest.approx(3 / 12 * 6 * 0.40)
    assert shares["roof"].export_revenue == pytest.approx(9 * 0.10)
    assert shares["a"].revenue == pytest.approx(4.5)
    assert shares["a"].co2 == pytest.approx(9 / 12 * 6 * 0.3)


def test_a_demand_charge_is_shared_by_nobody_and_is_in_the_cost() -> None:
    result, account = solved(ROOF)
    assert account.demand_cost == pytest.approx(6.0)
    assert account.cost == pytest.approx(2.4 - 0.9 + 6.0) == result.terms["cost"]


def test_what_is_imported_while_nobody_takes_it_is_the_connections() -> None:
    free = """
station s {
    start = 2026-06-15
    horizon = 1 h
    step = 1 h
}
grid {
    price = -0.20 EUR/kWh
    feed_in = -0.10 EUR/kWh
    import_limit = 5 kW
    export_limit = 5 kW
}
solar roof {
    power = 1 kW
}
disable import_or_export
minimize cost
"""
    result, account = solved(free)
    shares = {party.name: party.money for party in account.parties}
    # Import is paid for, and passes through: 5 kW come in, 5 go out.
    assert shares["connection"].energy_cost == pytest.approx(-1.0)
    assert apart(result, account) == {}


def shares_apart(result: Result, account: Account) -> dict[str, tuple[float, float]]:
    """The shares of vehicles that `--json` has from the verifier, where the account has others."""
    ours = {party.name: party.money for party in account.parties if party.kind == "vehicle"}
    found = {}
    rows = document(result)["vehicles"]
    assert isinstance(rows, list)
    for row in rows:
        for word in ("energy_cost", "export_revenue"):
            mine, theirs = getattr(ours[row["name"]], word), row[word]
            if theirs is not None and mine != pytest.approx(theirs, rel=1e-6, abs=1e-6):
                found[f"{row['name']}.{word}"] = (mine, theirs)
    return found


@pytest.mark.parametrize("path", [*sorted(FEATURES.glob("*.evs")), EVERYTHING], ids=lambda path: path.stem)
def test_the_shares_of_shipped_specs_add_up(path: Path) -> None:
    spec, _ = read(path, Overrides({}, (), (), None, ()))
    assert spec is not None
    if spec.pareto is not None:
        pytest.skip("a front is many schedules")
    result = evdsl.solve(spec)
    assert result.schedule is not None
    account = account_of(spec, result.data, result.schedule, result.terms)
    assert apart(result, account) == {}
    assert shares_apart(result, account) == {}


@pytest.mark.parametrize("name", ["depot", "home", "motorway", "working_week"])
def test_the_shares_of_whole_sites_add_up(name: str) -> None:
    result = evdsl.solve(evdsl.load(SPECS / "sites" / f"{name}.evs"))
    assert result.schedule is not None
    account = account_of(result.spec, result.data, result.schedule, result.terms)
    assert apart(result, account) == {}
    assert shares_apart(result, account) == {}


@pytest.mark.slow
def test_the_shares_of_random_specs_add_up() -> None:
    counted = 0
    for number in range(200):
        trial = Trial(nodes.print_file(drawn(specs(), f"shares {number}")))
        if not trial.has_no_errors or trial.spec.pareto is not None:
            continue
        try:
            result = trial.run()
        except StoppedError:
            continue
        if result.schedule is not None and result.verdict is not None and result.verdict.ok:
            account = account_of(result.spec, result.data, result.schedule, result.terms)
            assert apart(result, account) == {}, trial.text
            assert shares_apart(result, account) == {}, trial.text
            counted += 1
    assert counted > 100
