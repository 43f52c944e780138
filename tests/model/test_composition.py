"""Several programs as one: names, labels, rows and words of each are those that it has alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import evdsl
from evdsl.cli.main import main
from evdsl.data.load import load_data
from evdsl.model.capabilities import Capabilities
from evdsl.model.composition import Composition, Period, compose
from evdsl.model.formulate import formulate
from evdsl.model.lower import lower
from evdsl.model.matrix import read
from evdsl.model.shared import rewrites_left_out, shared_of

TEXT = """station s {
    start = 2024-03-12
    horizon = 4 h
    step = 1 h
}
grid {
    price = { 00:00: 0.10 EUR/kWh, 01:00: 0.30 EUR/kWh }
    import_limit = 30 kW
}
class car {
    charge = 10 kW
}
fleet guests of car {
    count = 3
    arrival = uniform(00:00, 02:00)
    stay = 2 h
    energy = uniform(5 kWh, 9 kWh)
}
vehicle van of car {
    arrival = 00:00
    departure = 03:00
    energy = uniform(5 kWh, 9 kWh)
}
storage battery {
    capacity = 10 kWh
    power = 5 kW
    soc_initial = 0 % .. 100 %
}
minimize cost + 1 EUR/kWh * unmet
"""
CAPABILITIES = Capabilities(integers=True)


def composed(share: tuple[str, ...] = (), with_shared: bool = True) -> Composition:
    """Two draws of the site, of which the first counts a quarter."""
    periods = []
    for number, weight in ((1, 0.25), (2, 0.75)):
        spec = replace(evdsl.loads(TEXT), scenario=number)
        data, _ = load_data(spec)
        assert data is not None
        lowered = lower(formulate(spec, data), CAPABILITIES, rewrites_left_out(share))
        periods.append(Period(f"day{number}", weight, lowered))
    shared = [shared_of(period.program, share) for period in periods] if with_shared else []
    return compose(periods, shared)


def test_each_period_stands_in_the_matrix_as_it_is_alone() -> None:
    found = composed(with_shared=False)
    whole = read(found.program.model)
    rows = columns = 0
    for period in found.periods:
        alone = read(period.program.model)
        height, width = alone.rows.shape
        block = whole.rows[rows : rows + height]
        assert (block[:, columns : columns + width] - alone.rows).nnz == 0
        assert block.nnz == alone.rows.nnz
        assert np.array_equal(whole.row_lower[rows : rows + height], alone.row_lower)
        assert np.array_equal(whole.row_upper[rows : rows + height], alone.row_upper)
        assert np.array_equal(whole.upper[columns : columns + width], alone.upper)
        assert np.array_equal(whole.integer[columns : columns + width], alone.integer)
        rows, columns = rows + height, columns + width
    assert whole.rows.shape == (rows, columns)


def test_words_are_weighted_sums() -> None:
    found = composed()
    names = list(found.periods[0].program.words)
    for name in names:
        parts = [period.program.words[name] for period in found.periods]
        whole = found.program.words[name]
        point = np.arange(1.0, 1 + found.program.model._xCounter)
        expected = sum(
            period.weight * float(part.at(point[first:])[0])
            for period, part, first in zip(found.periods, parts, found.firsts, strict=True)
        )
        assert float(whole.at(point)[0]) == pytest.approx(expected)


def test_values_are_split_and_joined_by_the_mark_of_their_period() -> None:
    found = composed()
    values = {
        name: np.full(variable.shape, float(at))
        for at, (name, variable) in enumerate(found.program.model.variables.items())
    }
    parts = found.split(values)
    assert set(parts[0]) == set(found.periods[0].program.model.variables)
    assert found.joined(parts) == values


def test_what_a_range_leaves_open_is_one_decision() -> None:
    rows = composed().program.model.constraints
    assert [name for name in rows if name.startswith("shared.")] == ["shared.battery.energy_start@day2"]


def test_what_is_named_is_shared_in_each_step() -> None:
    found = composed(("battery", "import", "van"))
    shared = {name: rows.ncons for name, rows in found.program.model.constraints.items() if "shared." in name}
    assert shared == {
        "shared.battery.energy_start@day2": 1,
        "shared.battery.charge@day2": 4,
        "shared.battery.discharge@day2": 4,
        "shared.import@day2": 4,
        "shared.van.charge@day2": 3,
    }


def test_no_rewrite_changes_a_flow_that_is_shared() -> None:
    assert rewrites_left_out(()) == ()
    assert "exclusive_to_nothing" in rewrites_left_out(("battery",))
    rewrites = {step.rewrite for period in composed(("battery",)).periods for step in period.lowered.applied}
    assert rewrites & set(rewrites_left_out(("battery",))) == set()


def test_an_exported_plan_names_its_scenarios_and_is_worth_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import highspy

    spec = tmp_path / "site.evs"
    risk = "risk {\n    level = 50 %\n    weight = 0.4\n}\n"
    spec.write_text(TEXT + "scenarios {\n    count = 3\n    share = [battery]\n}\n" + risk)
    best = evdsl.scenarios(evdsl.load(spec)).stages[0].value
    for ending in ("lp", "mps"):
        path = tmp_path / f"site.{ending}"
        assert main(["export", str(spec), "--to", str(path)]) == 0
        assert "import(00h00)@3" in path.read_text()
        solver = highspy.Highs()
        solver.silent()
        solver.readModel(str(path))
        solver.run()
        assert solver.getInfo().objective_function_value == pytest.approx(best, rel=1e-7)
    capsys.readouterr()
