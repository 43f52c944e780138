"""Random specs hold every claim, and a fault that is planted in the formulation breaks one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import planted
import pytest
from hypothesis import given, settings
from worlds import EVERYTHING, FEATURES, SPECS

from evdsl.cli.main import main
from evdsl.language.declaration import Setting, Shape
from evdsl.language.units import Dimension
from evdsl.semantics.resolve import Overrides
from evdsl.syntax import ast
from evdsl.testing import (
    INVARIANTS,
    RELATIONS,
    Invariant,
    Plan,
    Trial,
    campaign,
    shrink,
    specs,
    variations,
)
from evdsl.testing.generate import nodes
from evdsl.testing.generate.changes import idle_vehicle
from evdsl.testing.generate.values import SiteDraft, value_of
from evdsl.testing.properties.physics import GROUPS
from evdsl.testing.properties.relations import Relation
from evdsl.verifier.violations import RULES

SHIPPED = sorted(FEATURES.glob("*.evs"))
SMALL = """
station site {
    start   = 2024-03-12
    horizon = 4 h
    step    = 1 h
}
grid {
    price        = { 00:00: 0.3 EUR/kWh, 02:00: 0.1 EUR/kWh }
    import_limit = 20 kW
}
load office {
    power = 3 kW
}
storage battery {
    capacity  = 10 kWh
    power     = 5 kW
    soc_initial = 50 %
    soc_final = 90 %
}
minimize cost
"""
CLAIMS = ("diagnosed", "verified", "bound_met", "lets_told")
CHEAP = Plan(
    invariants=[one for one in INVARIANTS if one.name in CLAIMS],
    relations=1,
    solvers=("highs",),
    shrinking=0.0,
)
"""Few solves for each spec: a fault is to be met often, not looked at from all sides."""
EARLY = {
    "a wrong sign": 0,
    "an efficiency on the wrong side": 0,
    "an efficiency left out of one side": 0,
    "a presence off by one": 0,
    "a dropped row": 0,
    "a dropped row of a storage": 0,
    "a chosen start that need not come back": 2,
    "a feeder without its reverse limit": 0,
    "phases without their reverse limit": 6,
    "devices on all phases": 1,
    "a dropped row of trips": 0,
    "a trip that uses nothing": 0,
    "energy on the road from nowhere": 0,
    "a taper that is not there": 0,
    "a queue that lets vehicles come back": 6,
    "states of a cohort that count for nothing": 1,
    "departures that do not change": 0,
    "classes that list nothing": 0,
    "ports that never fail": 0,
    "starts that may be given away": 0,
    "a storage that may be emptied": 17,
    "shares of money by what flows at the port": 13,
    "trips a day late": 0,
    "a taper that ends with the first trip": 4,
    "a call that is not kept": 0,
}
"""The faults, with seeds of which one of the first specs shows them."""


@pytest.mark.slow
def test_random_specs_hold_every_claim() -> None:
    coverage, failure = campaign(specs, 16, start=1)
    assert failure is None, f"{failure.invariant.name}: {failure.message}\n{failure.text}"
    assert coverage.examples == 16
    assert coverage.statuses["optimal"] >= 3, coverage


@pytest.mark.slow
def test_variations_of_a_spec_hold_every_claim() -> None:
    file = nodes.read_file(EVERYTHING.read_text())
    spec = Trial(EVERYTHING.read_text()).spec
    coverage, failure = campaign(variations(file, spec), 4, start=1, first=file, plan=Plan(relations=2))
    assert failure is None, f"{failure.invariant.name}: {failure.message}\n{failure.text}"
    assert coverage.examples == 4
    assert coverage.statuses["optimal"] >= 2


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_changes_nothing_leaves_a_shipped_spec_taken(path: Path) -> None:
    trial = Trial(path.read_text(), path=path)
    held = 0
    for relation in RELATIONS:
        changed = relation.changed(trial)
        if relation.effect == "same" and changed is not None:
            other = trial.changed(changed)
            assert other.has_no_errors, f"{relation.name}: {other.read[1]}"
            held += 1
    assert held >= 3


def relation_named(name: str) -> Relation:
    return next(relation for relation in RELATIONS if relation.name == name)


def test_what_only_data_or_the_command_line_say_is_not_changed(tmp_path: Path) -> None:
    rows = "".join(f"2024-03-12 {hour:02}:{half},0.2\n" for hour in range(4) for half in ("00", "30"))
    (tmp_path / "p.csv").write_text(f"time,price\n{rows}")
    spec = tmp_path / "site.evs"

    def changes(text: str, **overrides: Any) -> set[str]:
        spec.write_text(text)
        trial = Trial(text, Overrides(**overrides), path=spec)
        assert trial.has_no_errors, trial.read[1]
        return {relation.name for relation in RELATIONS if relation.changed(trial) is not None}

    plain = SMALL.replace("{ 00:00: 0.3 EUR/kWh, 02:00: 0.1 EUR/kWh }", "worth")
    plain = f"param worth = 0.2 EUR/kWh\n{plain}"
    assert changes(plain) >= {"prices", "week", "half_steps", "names"}
    assert not changes(plain, set={"worth": "0.1 EUR/kWh"}) & {"prices", "week"}
    from_file = plain.replace("= worth", '= csv("p.csv", time="time", unit="EUR/kWh")')
    assert not changes(from_file) & {"prices", "week", "half_steps"}
    table = plain.replace(
        "param worth = 0.2 EUR/kWh", "let worth = { 00:00: 0.1 EUR/kWh, 00:30: 0.2 EUR/kWh }"
    )
    assert changes(table) >= {"prices", "week"}
    assert "half_steps" not in changes(table)
    begin, end = plain.index("grid"), plain.index("minimize")
    (tmp_path / "more.evs").write_text(plain[begin:end])
    assert changes(f'{plain[:begin]}include "more.evs"\n{plain[end:]}') == set()


def test_the_same_seed_makes_the_same_specs() -> None:
    claim = Invariant("heard", "every text is heard", lambda trial: heard[-1].append(trial.text), False)
    heard: list[list[str]] = []
    plan = Plan(invariants=(claim,), metamorphic=())
    for start in (3, 3, 4):
        heard.append([])
        campaign(specs, 5, start=start, plan=plan)
    assert heard[0] == heard[1]
    assert heard[0] != heard[2]
    assert len(set(heard[0])) == 5
    heard.append([])
    campaign(specs, 5, start=3, plan=Plan(invariants=(claim,), metamorphic=(), solvers=()))
    assert heard[3] == heard[0], "which spec it is does not depend on what is done with it"


def test_a_setting_of_a_dimension_that_no_list_knows_takes_its_example() -> None:
    new = Setting("speed", Shape.CONSTANT, "how fast", Dimension(time=-3), example="5 vehicles/h/h/h")
    site = SiteDraft(datetime(2024, 3, 12), 2, 60, {})
    found: list[ast.Expression] = []

    @settings(max_examples=3)
    @given(value_of(new, site))
    def run(value: ast.Expression) -> None:
        found.append(value)

    run()
    assert found[0] == nodes.expression("5 vehicles/h/h/h")


def test_every_planted_fault_is_looked_for() -> None:
    assert set(EARLY) == set(planted.FAULTS)


@pytest.mark.slow
@pytest.mark.parametrize(("fault", "seed"), EARLY.items())
def test_a_planted_fault_is_caught(fault: str, seed: int) -> None:
    found = planted.found(fault, seed, CHEAP)
    assert found is not None, f"{fault} is not caught"
    assert "Error:" not in found[2], "caught by a crash, which is luck"


def test_every_rule_of_the_check_is_in_one_claim() -> None:
    named = [rule for _, _, rules in GROUPS for rule in rules]
    named += ["scenario-weights", "shared"]  # of several schedules, which no claim about one speaks of
    assert sorted(named) == sorted(name for name, _ in RULES)


def test_a_failing_spec_is_made_small() -> None:
    file = nodes.read_file(EVERYTHING.read_text())
    least = shrink(file, lambda smaller: "storage battery" in nodes.print_file(smaller))
    assert nodes.print_file(least) == "storage battery {\n}\n"


def test_a_stage_whose_first_is_taken_out_begins_the_objective() -> None:
    file = nodes.read_file("minimize unmet\nthen minimize peak allowing 1 %\n")
    least = shrink(file, lambda smaller: "peak" in nodes.print_file(smaller))
    assert nodes.print_file(least) == "minimize peak\n"


def test_an_exception_is_told_with_its_place() -> None:
    def breaks(trial: Trial) -> str | None:
        raise ValueError(f"nothing of {len(trial.text)} characters\nat all")

    claim = Invariant("breaks", "it never breaks", breaks, needs_spec=False)
    plan = Plan(invariants=(claim,), metamorphic=())
    _, failure = campaign(specs(), 5, plan=plan)
    assert failure is not None
    assert failure.message.startswith("ValueError: nothing of ")
    assert " characters (at test_fuzz.py:" in failure.message
    assert len(nodes.read_file(failure.text).statements) == 1


def test_a_campaign_ends_when_its_time_is_up() -> None:
    coverage, failure = campaign(specs, 10_000, minutes=1 / 60, plan=CHEAP)
    assert failure is None
    assert 0 < coverage.examples < 10_000
    assert coverage.seconds < 20


@pytest.mark.slow
def test_the_command_says_what_it_met(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fuzz", str(EVERYTHING), "--examples", "2", "--seed", "5"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("2 specs in ")
    for what in ("storage 2", "curtailed ", "ports_to_counts ", "solvers_agree ", "refused, each with"):
        assert what in said


@pytest.mark.slow
def test_a_failure_is_written_and_can_be_seen_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    spec = tmp_path / "site.evs"
    spec.write_text(SMALL)
    with planted.dropping(".final"):
        assert main(["fuzz", "site.evs", "--examples", "3"]) == 1
        said = capsys.readouterr().out
        (written,) = tmp_path.glob("fuzz_*.evs")
        assert f"see it again: evdsl fuzz {written.name} --examples 1" in said
        assert len(written.read_text().splitlines()) < len(SMALL.splitlines())
        assert main(["fuzz", written.name, "--examples", "1"]) == 1
    assert main(["fuzz", written.name, "--examples", "1"]) == 0


def test_a_spec_with_mistakes_is_not_fuzzed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "site.evs"
    spec.write_text("station s {\n")
    assert main(["fuzz", str(spec)]) == 1
    assert "E102" in capsys.readouterr().err


def test_steps_are_not_split_where_that_would_round_a_stay_otherwise() -> None:
    """Of 15 minutes and a second a floor makes 16 minutes, and 15.5 in halves."""
    text = (
        "station site {\n start = 2024-03-12\n horizon = 45 min\n step = 1 min\n rounding = floor\n}\n"
        "class car {\n battery = 1 kWh\n charge = 1 kW\n}\nvehicle one of car {\n arrival = 00:14:59\n"
        " departure = 00:30\n soc_arrival = 1 %\n soc_target = 50 %\n}\nminimize unmet\n"
    )
    halves = relation_named("half_steps")
    assert halves.change(Trial(text)) is None
    assert halves.change(Trial(text.replace("14:59", "14"))) is not None


def test_a_call_for_less_is_not_only_easier_where_it_is_paid_for() -> None:
    text = (
        "station site {\n start = 2024-03-31\n horizon = 2 h\n step = 1 h\n}\n"
        "load hall {\n power = 3 kW\n}\nevent call {\n from = 00:00\n lasts = 1 h\n reduce = 1 kW\n"
        " baseline = 4 kW\n penalty = 1 EUR/kWh\n reward = 1 EUR/kWh\n}\nminimize event_penalty\n"
    )
    less = relation_named("ease_event_reduce")
    assert less.change(Trial(text)) is None
    assert less.change(Trial(text.replace(" reward = 1 EUR/kWh\n", ""))) is not None


def test_steps_are_not_split_where_a_storage_leaks() -> None:
    """One that is held at half of its energy is filled up once in a step, and twice in its halves: with
    0.0114859796 kWh in a minute, and 0.0115191524 kWh in two halves."""
    text = (
        "station site {\n start = 2024-03-31\n horizon = 1 min\n step = 1 min\n}\n"
        "grid {\n price = 1 EUR/kWh\n}\nstorage pack {\n capacity = 2 kWh\n charge = 1 kW\n"
        " discharge = 1 W\n leakage = 50 %/h\n soc = 50 % .. 50 %\n}\nminimize cost\n"
    )
    halves = relation_named("half_steps")
    assert halves.change(Trial(text)) is None
    assert halves.change(Trial(text.replace(" leakage = 50 %/h\n", ""))) is not None


def test_a_vehicle_without_demand_may_change_a_least_over_all() -> None:
    text = (SPECS.parent / "tests" / "specs" / "found" / "a_least_of_all_vehicles.evs").read_text(
        encoding="utf-8"
    )
    assert idle_vehicle(Trial(text)) is None
    statement = "minimize -1 EUR/kWh * min(v in vehicles: delivered[v])"
    assert idle_vehicle(Trial(text.replace(statement, "minimize unmet"))) is not None
