"""What drivers pay and are paid: told beside costs, warned of, billed net, sold no further than asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from optimization.likes import SOLD
from worlds import said

import evdsl
from evdsl.data.churn import churning
from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.semantics.load import read

SOLVERS = ("highs", "scip")

REWARD = """
station s {
    start   = 2026-01-15
    horizon = 2 h
    step    = 1 h
}
grid {
    price        = { 00:00: 0.10 EUR/kWh, 01:00: 0.50 EUR/kWh }
    export_limit = 10 kW
    feed_in      = { 00:00: 0.10 EUR/kWh, 01:00: 0.50 EUR/kWh }
}
class car {
    battery    = 20 kWh
    charge     = 10 kW
    discharge  = 10 kW
    v2g_reward = 0.45 EUR/kWh
}
vehicle a of car {
    arrival     = 00:00
    stay        = 2 h
    soc_arrival = 50 %
    soc_target  = 50 %
}
enable v2g
minimize cost
"""
"""V2G costs 4.00 EUR less, and drivers get 4.50 EUR for it."""

CHURN = """
station hub {
    start   = 2024-03-12
    horizon = 4 h
    step    = 1 h
}
grid {
    price   = 0.11 EUR/kWh
    feed_in = 0.08 EUR/kWh
}
port v2g {
    power     = 22 kW
    discharge = 22 kW
}
class car {
    battery    = 60 kWh
    charge     = 22 kW
    discharge  = 22 kW
    efficiency = 94 %
    wear       = 0.02 EUR/kWh
    tariff     = 0.35 EUR/kWh
    v2g_reward = 0.05 EUR/kWh
}
vehicle a of car {
    arrival     = 00:00
    stay        = 4 h
    soc_arrival = 50 %
    soc_target  = 50 %
}
enable v2g
disable partial_charging
maximize profit
"""
"""A kWh turned round earns 0.35 κ - 0.05 - 0.02 - 0.11 (κ - 1), κ = 1 / 0.94²."""


def priced(tmp_path: Path, capsys: pytest.CaptureFixture[str], spec: str, *more: str) -> tuple[str, str]:
    path = tmp_path / "site.evs"
    path.write_text(spec)
    _, out, err = said(capsys, "price", str(path), "v2g", *more)
    return out, err


@pytest.mark.parametrize("solver", SOLVERS)
def test_the_price_of_v2g_tells_profit_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], solver: str
) -> None:
    out, err = priced(tmp_path, capsys, REWARD, "--backend", solver)
    *_, first, second = out.splitlines()
    assert first == "with v2g profit falls by 0.50 EUR, what drivers pay and are paid included"
    assert second.startswith("v2g earns 4.00 EUR in `minimize cost`")
    rows = [line.split() for line in out.splitlines() if line.startswith("  ")]
    assert rows[1][:4] == ["profit", "EUR", "-0.50", "0.00"]
    assert "W110" in err
    out, _ = priced(tmp_path, capsys, REWARD, "--json")
    profit = json.loads(out)["choices"][0]["profit"]
    assert profit["values"] == pytest.approx([-0.5, 0.0], abs=1e-6)
    assert profit["change"] == pytest.approx(-0.5, abs=1e-6)


def test_the_warning_stands_where_the_price_alone_turns_v2g_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, err = priced(tmp_path, capsys, REWARD.replace("enable v2g\n", ""))
    assert "W110" in err


def test_profit_is_not_told_beside_an_objective_that_weighs_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, err = priced(tmp_path, capsys, REWARD.replace("minimize cost", "maximize profit"))
    assert "with v2g profit" not in out
    assert "W110" not in err


@pytest.mark.parametrize(
    ("objective", "help"),
    [
        ("minimize cost", "write `maximize profit`"),
        ("minimize cost + 0.40 EUR/kWh * unmet", "write `minimize cost + 0.40 EUR/kWh * unmet - revenue`"),
        ("minimize 2 * cost", "write `maximize 2 * profit`"),
        ("pareto cost, peak points 3", None),
    ],
)
def test_a_reward_that_nothing_weighs_is_warned_of(objective: str, help: str | None, tmp_path: Path) -> None:
    found = warnings(REWARD.replace("minimize cost", objective), tmp_path)
    assert [one.code for one in found].count("W110") == 1
    if help is not None:
        assert next(one.help for one in found if one.code == "W110") == help
        better = help.removeprefix("write `").removesuffix("`")
        again = warnings(REWARD.replace("minimize cost", better), tmp_path)
        assert "W110" not in [one.code for one in again]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("minimize cost", "minimize cost - revenue"),
        ("minimize cost", "minimize cost - v2g_profit"),
        ("minimize cost", "minimize unmet"),
        ("enable v2g", "disable v2g"),
        ("v2g_reward = 0.45", "v2g_reward = 0"),
        ("discharge  = 10 kW\n", "\n"),
    ],
)
def test_nothing_is_said_of_a_reward_that_is_weighed_or_never_paid(
    old: str, new: str, tmp_path: Path
) -> None:
    assert old in REWARD
    assert "W110" not in [one.code for one in warnings(REWARD.replace(old, new), tmp_path)]


def warnings(text: str, folder: Path) -> list[Diagnostic]:
    path = folder / "site.evs"
    path.write_text(text)
    _, found = read(path)
    return found


def churn(text: str) -> list[str]:
    spec = evdsl.loads(text)
    data, _ = load_data(spec)
    assert data is not None
    found = churning(spec, data, data.timeline)
    assert [one.code for one in found] == ["W111"] * len(found)
    return [one.message.split()[4] + "; " + one.help for one in found]


NET = "write `billing = net` in `class car`: what is given back is taken off the bill"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("", "", [f"0.311616; {NET}"]),
        ("price   = 0.11", "price   = 0.26", [f"0.291856; {NET}"]),
        # -0.018384 and -0.038384.
        ("v2g_reward = 0.05", "v2g_reward = 0.38", []),
        ("v2g_reward = 0.05", "billing = net\n    v2g_reward = 0.05", []),
        # Of revenue alone neither wear nor losses are weighed: 0.35 κ - 0.05.
        ("maximize profit", "maximize revenue", [f"0.346107; {NET}"]),
        ("maximize profit", "minimize cost", []),
        ("enable v2g", "disable v2g", []),
        # One step, and `exclusive`: there is no second one to give back in.
        ("stay        = 4 h", "stay        = 1 h", []),
        # A port that loses 10 % each way: less 0.11 ((κ / 0.9 - 0.9) - (κ - 1)).
        ("power     = 22 kW", "power     = 22 kW\n    efficiency = 90 %", [f"0.286784; {NET}"]),
        # A tariff that changes is turned round between its steps, billed by the net or not.
        (
            "tariff     = 0.35 EUR/kWh",
            "billing = net\n    tariff = { 00:00: 0.35 EUR/kWh, 02:00: 0.20 EUR/kWh }",
            ["0.111616; raise the `v2g_reward` of `class car` by 0.112 EUR/kWh"],
        ),
    ],
)
def test_churning_is_warned_of_with_its_figure(old: str, new: str, told: list[str]) -> None:
    assert old in CHURN
    assert churn(CHURN.replace(old, new)) == told


def test_what_the_warning_says_is_what_a_plan_earns() -> None:
    """Two steps: 22 kW given at first and charged after, beside nothing given."""
    text = CHURN.replace("horizon = 4 h", "horizon = 2 h").replace("stay        = 4 h", "stay        = 2 h")
    text = text.replace("class car {", "class car {\n    up_to      = target")
    turned = evdsl.compile(evdsl.loads(text)).run("highs").stages[0].value
    kept = evdsl.compile(evdsl.loads(text, disable=["v2g"])).run("highs").stages[0].value
    kappa = 1 / 0.94**2
    assert kept == pytest.approx(0.0, abs=1e-9)
    # What can be charged in an hour is what bounds it: 22 kWh, of which 22 / κ were given.
    assert turned == pytest.approx(22 / kappa * 0.311616 + 22 / kappa * (0.08 - 0.11), abs=2e-4)


def test_check_warns_of_churning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "site.evs"
    path.write_text(CHURN)
    status, _, err = said(capsys, "check", str(path))
    assert status == 0
    assert "warning[W111 churning]: turning energy round earns 0.311616 EUR/kWh" in err


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(
    ("demand", "profit"),
    [
        ("soc_arrival = 0 %\n    soc_target  = 50 %", 4.0),
        ("energy      = 7 kWh", 2.8),
        ("energy      = 7 kWh\n    soc_arrival = 20 %", 2.8),
        # It comes with more than it asks for: nothing is sold.
        ("soc_arrival = 60 %\n    soc_target  = 50 %", 0.0),
    ],
)
def test_nobody_is_sold_more_than_asked_with_up_to_target(solver: str, demand: str, profit: float) -> None:
    text = SOLD.replace("tariff  = 0.50 EUR/kWh", "tariff  = 0.50 EUR/kWh\n    up_to   = target")
    text = text.replace("soc_arrival = 0 %\n    soc_target  = 50 %", demand)
    result = evdsl.compile(evdsl.loads(text)).run(solver)
    assert result.status is evdsl.Status.OPTIMAL
    assert result.stages[0].value == pytest.approx(profit, abs=1e-5)


def test_more_than_asked_is_a_violation_with_up_to_target() -> None:
    plan = evdsl.compile(evdsl.loads(SOLD)).solve("highs")
    text = SOLD.replace("tariff  = 0.50 EUR/kWh", "tariff  = 0.50 EUR/kWh\n    up_to   = target")
    plan.attrs.pop("digest")
    found = evdsl.verify(evdsl.loads(text), plan).violations
    assert [(one.rule, one.vehicle) for one in found] == [("demand", "a")]
    assert found[0].size == pytest.approx(10.0, abs=1e-5)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_battery_may_hold_more_than_the_target_on_the_way(solver: str) -> None:
    """Sold at 0.50 at noon from what was bought at 0.10 beyond the target, which is where it ends."""
    text = REWARD.replace("v2g_reward = 0.45 EUR/kWh", "up_to      = target")
    text = text.replace("minimize cost", "minimize cost + 1 EUR/kWh * unmet")
    result = evdsl.compile(evdsl.loads(text)).run(solver)
    assert result.stages[0].value == pytest.approx(-4.0, abs=1e-5)
    assert result.schedule is not None
    assert float(result.schedule["energy_departure"][0]) == pytest.approx(10.0, abs=1e-5)
