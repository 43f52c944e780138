"""What a sweep tells: a table within the width, a picture of what was swept, cells that are no formulas."""

from __future__ import annotations

import csv
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from optimization.sweeps import TINY, prepared_of

from evdsl.optimization.sweep.job import Row
from evdsl.optimization.sweep.prepare import Prepared
from evdsl.optimization.sweep.run import SweepResult
from evdsl.report.sweep import files, picture
from evdsl.report.sweep.text import document, text

LIMITS = ("limit", ("4 kW", "7 kW", "11 kW"))
POLICIES = ("optimum", "fifs", "edf")


def swept(
    folder: Path, *settings: tuple[str, tuple[str, ...]], policies: tuple[str, ...] = POLICIES
) -> tuple[Prepared, SweepResult]:
    """A sweep over two seeds with figures that were made up; `edf` fails with the second."""
    path = folder / "tiny.evs"
    path.write_text(TINY)
    prepared = prepared_of(path, settings, (range(1, 3),), policies=policies)
    rows: list[Row] = []
    for job, policy in product(prepared.plan.jobs(), policies):
        row: Row = {"spec": "tiny.evs", **{f"set.{name}": value for name, value in job.set}}
        row |= {"seed": job.seed, "policy": policy, "reason": "", "verified": True, "proven": True}
        value = 100.0 + job.number + 10 * POLICIES.index(policy)
        if policy == "edf" and job.seed == 2:
            rows.append({**row, "status": "not_allowed", "reason": "unmet: 3 kWh are missing"})
            continue
        row |= {"status": "optimal" if policy == "optimum" else "done", "stage_1": value, "cost": value}
        rows.append(row | ({"saving": 0.05 * job.seed} if policy != "optimum" and job.seed else {}))
    return prepared, SweepResult(prepared.plan, tuple(rows), prepared.plan.count, prepared.plan.count)


def test_the_table_has_means_with_intervals_and_paired_savings(tmp_path: Path) -> None:
    lines = text(*swept(tmp_path, LIMITS), 100).splitlines()
    assert lines[0].endswith("tiny.evs: 6 runs (3 values of limit, 2 seeds)")
    # Of 100 and 101 half of the interval is t(0.975, 1) * 0.5 = 6.3531, of 5 % and 10 % it is 31.77.
    cells = [line.split() for line in lines]
    assert "4 kW optimum 2 100.50 ± 6.35 100.50 ± 6.35".split() in cells
    assert "fifs 2 110.50 ± 6.35 7.50 ± 31.77 % 110.50 ± 6.35".split() in cells
    assert "edf 1 of 2 120.00 5.00 % 120.00".split() in cells
    told = "edf: 3 not counted, not allowed (the first at limit=4 kW, seed 2): unmet: 3 kWh are missing"
    assert told in lines


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_report_keeps_to_the_width(tmp_path: Path, width: int) -> None:
    gammas = ("gamma", ("0.20 EUR/kWh", "0.30 EUR/kWh"))
    lines = text(*swept(tmp_path, gammas), width).splitlines()
    assert max(map(len, lines)) <= width


def test_the_document_has_every_mean_with_its_unit(tmp_path: Path) -> None:
    told = document(*swept(tmp_path, LIMITS))
    first = told["groups"][0]  # type: ignore[index]  # plain data
    assert first["set"] == {"limit": "4 kW"}
    assert first["means"]["stage_1"] == {
        "mean": 100.5,
        "half": pytest.approx(6.353102, abs=1e-6),
        "runs": 2,
        "unit": "EUR",
    }
    assert [one["count"] for one in told["failures"]] == [3]  # type: ignore[attr-defined]  # plain data


def drawn(folder: Path, *settings: tuple[str, tuple[str, ...]], policies: tuple[str, ...] = POLICIES) -> str:
    prepared, result = swept(folder, *settings, policies=policies)
    path = folder / "p.svg"
    assert picture.write(path, prepared, result.rows) is None
    content = path.read_text()
    assert picture.write(path, prepared, result.rows) is None
    assert path.read_text() == content  # the same sweep is the same file
    return content


def test_over_a_numeric_setting_the_picture_has_a_line_for_each_policy(tmp_path: Path) -> None:
    svg = drawn(tmp_path, LIMITS)
    for told in (
        "limit, kW",
        "cost + gamma * unmet, EUR",
        "optimum",
        "fifs",
        "edf",
        "tiny over limit, mean of",
    ):
        assert f">{told}" in svg


def test_what_else_is_set_has_a_panel_each(tmp_path: Path) -> None:
    svg = drawn(tmp_path, LIMITS, ("gamma", ("0.2 EUR/kWh", "0.3 EUR/kWh")))
    assert ">gamma = 0.2 EUR/kWh<" in svg
    assert ">gamma = 0.3 EUR/kWh<" in svg


def test_without_a_setting_the_picture_is_the_distribution_of_the_saving(tmp_path: Path) -> None:
    assert ">saved of the objective of the rule, %<" in drawn(tmp_path)
    assert ">tiny: the optimum; each dot a seed of 2" in drawn(tmp_path, policies=("optimum",))


@pytest.mark.parametrize("settings", [(), (LIMITS,)])
def test_of_runs_that_all_fail_there_is_an_empty_picture_and_a_table(
    tmp_path: Path, settings: tuple[tuple[str, tuple[str, ...]], ...]
) -> None:
    prepared, result = swept(tmp_path, *settings)
    rows = tuple(
        {name: row[name] for name in row if name not in ("stage_1", "cost", "saving")}
        | {"status": "infeasible", "reason": "no"}
        for row in result.rows
    )
    assert picture.write(tmp_path / "p.png", prepared, rows) is None
    told = text(prepared, replace(result, rows=rows))
    assert "optimum  0 of 2" in told
    assert "--seed 1" in told


def test_a_cell_of_a_csv_is_no_formula(tmp_path: Path) -> None:
    prepared, result = swept(tmp_path)
    rows = [{**result.rows[0], "reason": "=1+1", "spec": "@x"}, *result.rows[1:]]
    path = tmp_path / "t.csv"
    assert files.write(path, prepared, rows) is None
    table = list(csv.DictReader(path.open()))
    assert (table[0]["reason"], table[0]["spec"]) == ("'=1+1", "'@x")
    assert (table[0]["cost (EUR)"], table[0]["verified"], table[1]["saving"]) == ("100.0", "true", "0.05")
