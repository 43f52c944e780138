"""A model in a file is the same model: other readers find the same optimum in it, under legible names."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import evdsl
from evdsl.cli.main import main
from evdsl.optimization.problem import compile_spec

SITE = """
station s {
    start = 2024-03-12
    horizon = 4 h
    step = 1 h
    zone = "Europe/Rome"
}
grid {
    import_limit = 14 kW
    export_limit = 5 kW
    price = { 00:00: 5 ct/kWh, 02:00: 20 ct/kWh }
    feed_in = 30 ct/kWh
}
port ac {
    count = 1
    power = 7 kW
}
port dc {
    count = 1
    power = 11 kW
    discharge = 6 kW
}
class car {
    battery = 20 kWh
    charge = 9 kW
    discharge = 6 kW
    efficiency = 95 %
    soc = 10 % .. 100 %
}
fleet f of car {
    count = 3
    arrival = 00:30
    stay = 3 h
    soc_arrival = 30 %
    soc_target = 80 %
}
enable v2g
"""
OBJECTIVES = {
    "small": "minimize cost + 60 ct/kWh * unmet + 3 EUR\nthen minimize delay\n",
    "large": "maximize 5 EUR - cost - 60 ct/kWh * unmet\n",
    "share": "maximize fairness\n",
}


@pytest.fixture(params=list(OBJECTIVES))
def spec(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A spec with binaries, exports that pay, and a constant in its objective; made small, and made large."""
    path = tmp_path / "site.evs"
    path.write_text(SITE + OBJECTIVES[request.param])
    return path


def optimum(spec: Path) -> float:
    return compile_spec(evdsl.load(spec)).run("highs").stages[0].value


@pytest.mark.parametrize("ending", [".mps", ".lp"])
def test_highs_and_scip_find_the_same_optimum_in_the_file(spec: Path, ending: str, tmp_path: Path) -> None:
    import highspy
    import pyscipopt

    file = tmp_path / f"model{ending}"
    assert main(["export", str(spec), "--to", str(file)]) == 0
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    assert highs.readModel(str(file)) == highspy.HighsStatus.kOk
    highs.run()
    best = optimum(spec)
    assert highs.getInfo().objective_function_value == pytest.approx(best, abs=1e-6)
    assert highspy.HighsVarType.kInteger in list(highs.getLp().integrality_)
    scip = pyscipopt.Model()
    scip.hideOutput()
    scip.readProblem(str(file))
    scip.optimize()
    assert scip.getObjVal() == pytest.approx(best, abs=1e-6)


def test_linopy_reads_the_file_and_finds_the_same_optimum(spec: Path, tmp_path: Path) -> None:
    import linopy

    file = tmp_path / "model.nc"
    assert main(["export", str(spec), "--to", str(file)]) == 0
    model = linopy.read_netcdf(file)
    assert model.objective.sense == ("max" if "maximize" in spec.read_text() else "min")
    model.solve("highs", output_flag=False)
    assert model.objective.value == pytest.approx(optimum(spec), abs=1e-6)
    times = model.constraints["site.balance"].coords["time"].values
    assert (times == model.variables["import"].coords["time"].values).all()
    assert len(model.variables.binaries.labels) > 0


@pytest.mark.parametrize("ending", [".mps", ".lp"])
def test_names_in_a_file_are_legible_and_no_two_are_equal(ending: str, tmp_path: Path) -> None:
    import highspy

    spec, file = tmp_path / "site.evs", tmp_path / f"model{ending}"
    spec.write_text(SITE + OBJECTIVES["small"])
    assert main(["export", str(spec), "--to", str(file)]) == 0
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.readModel(str(file))
    lp = highs.getLp()
    columns, rows = list(lp.col_names_), list(lp.row_names_)
    assert {"import(01h00)", "charge(f.3,01h00,dc)", "holds(f.1,ac)", "objective_constant"} <= set(columns)
    assert {"site.balance(01h00)", "vehicle.target(f.2)", "port.count(ac)"} <= set(rows)
    assert len(set(columns)) == len(columns)
    assert len(set(rows)) == len(rows)


def test_numbers_in_a_file_read_back_as_the_same_doubles(tmp_path: Path) -> None:
    spec, file = tmp_path / "site.evs", tmp_path / "model.lp"
    spec.write_text(SITE.replace("95 %", "93 %") + OBJECTIVES["small"])
    assert main(["export", str(spec), "--to", str(file)]) == 0
    values = {float(number) for number in re.findall(r"[\d.]+(?:e-?\d+)?(?= discharge)", file.read_text())}
    assert 1 / 0.93 in values


@pytest.mark.parametrize("ending", [".mps", ".lp", ".nc"])
def test_names_from_files_do_no_harm(ending: str, tmp_path: Path) -> None:
    """Identifiers with blanks, commas, operators and other scripts; two that a format cannot tell apart."""
    import highspy

    (tmp_path / "cars.csv").write_text(
        "name,arrival,departure,energy (kWh)\n"
        + "".join(
            f'"{name}",2024-03-12 00:00,2024-03-12 03:00,4\n'
            for name in ("a b", "a+b", "3 <= x:", "été", "e1", "]", "#2", "08:15")
        )
    )
    spec = tmp_path / "site.evs"
    text = re.sub(r"fleet f.*?\n}\n", "", SITE, flags=re.DOTALL).replace("    battery = 20 kWh\n", "")
    text = text.replace("    soc = 10 % .. 100 %\n", "").replace("    discharge = 6 kW\n    eff", "    eff")
    text = text.replace("    discharge = 6 kW\n", "").replace("enable v2g\n", "")
    columns = 'id = "name", arrival = "arrival", departure = "departure", energy = "energy (kWh)"'
    spec.write_text(
        f'{text}sessions e2 of car = csv("cars.csv", {columns})\nminimize cost + 1 EUR/kWh * unmet\n'
    )
    file = tmp_path / f"model{ending}"
    assert main(["export", str(spec), "--to", str(file)]) == 0
    if ending == ".nc":
        return
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    assert highs.readModel(str(file)) == highspy.HighsStatus.kOk
    highs.run()
    assert highs.getInfo().objective_function_value == pytest.approx(optimum(spec), abs=1e-6)
    names = list(highs.getLp().col_names_)
    assert {"unmet(a_b)", "unmet(a_b)~2"} <= set(names)


def test_what_a_file_cannot_hold_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec, file = tmp_path / "site.evs", tmp_path / "model.mps"
    spec.write_text(SITE + OBJECTIVES["small"])
    assert main(["export", str(spec), "--to", str(file)]) == 0
    said = capsys.readouterr()
    assert "minimize cost + 60 ct/kWh * unmet + 3 EUR" in said.out
    assert "left out: then minimize delay" in said.err
    spec.write_text(f"{SITE}maximize lexfairness\n")
    assert main(["export", str(spec), "--to", str(file)]) == 0
    assert "all but the first round of `lexfairness`" in capsys.readouterr().err


def test_as_formulated_has_every_rule_as_a_row_and_the_same_optimum(tmp_path: Path) -> None:
    import highspy

    spec, file = tmp_path / "site.evs", tmp_path / "model.mps"
    spec.write_text(SITE.replace("feed_in = 30", "feed_in = 3") + OBJECTIVES["small"])
    sizes, values = [], []
    for flags in ([], ["--as-formulated"]):
        assert main(["export", str(spec), "--to", str(file), *flags]) == 0
        highs = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        highs.readModel(str(file))
        highs.run()
        sizes.append(highs.getNumRow())
        values.append(highs.getInfo().objective_function_value)
    assert sizes[0] < sizes[1]
    assert values[0] == pytest.approx(values[1], abs=1e-6)


@pytest.mark.parametrize("name", ["model", "model.txt", "model.mpx", "nowhere/model.lp"])
def test_a_file_that_cannot_be_is_refused_before_anything_is_built(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(tmp_path / "no.evs"), "--to", str(tmp_path / name)]) == 2
    said = capsys.readouterr().err
    assert "does not say in which format" in said or "does not exist" in said
    assert ("did you mean `.mps`?" in said) == (name == "model.mpx")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_stays_where_writing_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from evdsl.model.export import write as exchange

    spec, file = tmp_path / "site.evs", tmp_path / "model.lp"
    spec.write_text(SITE + OBJECTIVES["small"])
    file.write_text("before")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exchange, "write_lp", fail)
    assert main(["export", str(spec), "--to", str(file)]) == 2
    assert "cannot be written: no space left on device" in capsys.readouterr().err
    assert file.read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.lp", "site.evs"]


def test_a_spec_with_mistakes_is_not_exported(tmp_path: Path) -> None:
    spec = tmp_path / "site.evs"
    spec.write_text(SITE + "minimize cst\n")
    assert main(["export", str(spec), "--to", str(tmp_path / "model.lp")]) == 1
    assert not (tmp_path / "model.lp").exists()


def test_the_numbers_of_a_model_are_its_own(tmp_path: Path) -> None:
    """Exporting reads the model without scaling it: what is written is what the spec says."""
    spec, file = tmp_path / "site.evs", tmp_path / "model.lp"
    spec.write_text(SITE + OBJECTIVES["small"])
    assert main(["export", str(spec), "--to", str(file)]) == 0
    prices = re.findall(r"[+-] ([\d.]+) import", file.read_text())
    assert np.isclose(sorted({float(price) for price in prices[:4]}), [0.05, 0.2]).all()
