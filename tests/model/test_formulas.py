"""A model can be read: every row by name and coordinate, every family as a formula that it agrees with."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from worlds import DATA, FEATURES, OF_SCENARIOS, SPECS

import evdsl
from evdsl.cli.main import main
from evdsl.language.objectives import word
from evdsl.model.formulas.variables import (
    ROWS,
    SYMBOLS,
    VARIABLES,
    WORDS,
    pattern,
    row_formula,
    variable_formula,
    word_formula,
)
from evdsl.model.labels import LabelIndex, index_of
from evdsl.model.lower import lower
from evdsl.optimization.problem import compile_spec
from evdsl.report.mathematics.latex import latex
from evdsl.report.mathematics.page import NAME, letters, page, row_line
from evdsl.report.mathematics.unicode import unicode
from evdsl.report.rows import find as find_row
from evdsl.report.rows import number
from evdsl.solver.backend import Backend
from evdsl.solver.discovery import find

SHIPPED = sorted(path for path in SPECS.rglob("*.evs") if path.parent != OF_SCENARIOS)
OWN = re.compile(r"(require|objective)\.|own\.\w+(\.is)?$")
"""Names of the user's own rows, and of the words that they speak of: told by the statement itself."""
LARGE = 60_000
"""Rows beyond which a shipped spec is not built here: what it has, smaller ones have too."""

SITE = """
station s {
    start = 2024-03-12
    horizon = 6 h
    step = 30 min
    zone = "Europe/Rome"
}
grid {
    import_limit = 14 kW
    export_limit = 5 kW
    price = { 00:00: 5 ct/kWh, 02:00: 20 ct/kWh }
    feed_in = 30 ct/kWh
    carbon = 300 g/kWh
    demand_charge = 2 EUR/kW
}
feeder east {
    limit = 9 kW
}
port ac {
    count = 1
    power = 7 kW
    efficiency = 98 %
    min_power = 2 kW
    feeder = east
}
port dc {
    count = 1
    power = 11 kW
    discharge = 6 kW
    rates = [4 kW, 8 kW]
}
solar roof {
    power = 3 kW
}
storage pack {
    capacity = 10 kWh
    power = 4 kW
    efficiency = 95 %
    soc = 10 % .. 90 %
    wear = 1 ct/kWh
}
load office {
    power = 1 kW
    feeder = east
}
class car {
    battery = 20 kWh
    charge = 9 kW
    discharge = 6 kW
    efficiency = 95 %
    soc = 10 % .. 100 %
    wear = 1 ct/kWh
}
class bike {
    charge = 3 kW
    ports = [ac]
}
class truck {
    battery = 60 kWh
    charge = 10 kW
    discharge = 6 kW
}
fleet f of car {
    count = 2
    arrival = 00:30
    stay = 3 h
    soc_arrival = 30 %
    soc_target = 80 %
}
vehicle b of bike {
    arrival = 01:00
    stay = 2 h
    energy = 3 kWh
}
vehicle t of truck {
    arrival = 00:10
    stay = 4 h
    energy = 9 kWh
}
"""
TRIPS = """
class van {
    battery = 40 kWh
    charge = 9 kW
    discharge = 6 kW
    elsewhere = 50 ct/kWh
    end_value = 10 ct/kWh
}
vehicle w of van {
    arrival = 00:00
    stay = 6 h
    soc_arrival = 50 %
    soc_target = 60 %
}
trip one of w {
    departure = 01:00
    duration = 1 h
    used = 5 kWh
}
trip two of w {
    departure = 03:00
    duration = 1 h
    used = 5 kWh
}
trip out of f {
    departure = 01:00
    duration = 1 h
    used = 5 kWh
}
"""
"""Vehicles that make trips, of which one kind can buy on the road."""
WHOLE = "minimize cost + 60 ct/kWh * unmet + 1 EUR/t * co2 + 1 ct/kWh * dissatisfaction + 1 EUR/kW * peak"
CHOSEN = """
storage spare {
    capacity = 10 kWh
    power = 4 kW
    leakage = 1 %/h
    soc_initial = 20 % .. 80 %
    initial_price = 20 ct/kWh
}
storage other {
    capacity = 10 kWh
    power = 4 kW
    soc_initial = 20 % .. 80 %
}
storage full {
    capacity = 10 kWh
    power = 4 kW
    initial_price = 20 ct/kWh
}
"""
"""Storages of which some begin with what is best."""
SIZED = (
    SITE.replace("import_limit = 14 kW", "import_limit = 5 kW .. 14 kW")
    .replace("export_limit = 5 kW", "export_limit = 0 kW .. 5 kW")
    .replace("limit = 9 kW", "limit = 4 kW .. 9 kW")
    .replace(
        "    capacity = 10 kWh\n    power = 4 kW\n",
        "    capacity = 5 kWh .. 10 kWh\n    power = 1 kW .. 4 kW\n",
    )
    + """
solar field {
    peak = 0 kW .. 9 kW
    profile = { 00:00: 0, 03:00: 0.5 }
}
storage early {
    capacity = 0 kWh .. 10 kWh
    charge = 1 kW .. 4 kW
    discharge = 2 kW .. 5 kW
    leakage = 1 %/h
    soc = 10 % .. 90 %
    soc_initial = 20 % .. 80 %
    soc_final = 30 % .. 60 %
}
minimize cost + 60 ct/kWh * unmet + 1 ct/kWh * curtailed
"""
)
"""All that may be chosen."""
VARIANTS = {
    "chosen": f"{CHOSEN}minimize cost + 60 ct/kWh * unmet",
    "plain": "minimize cost + 60 ct/kWh * unmet",
    "everything": "enable v2g, min_power, uninterrupted\n"
    f"{WHOLE}\nthen maximize fairness\nthen minimize delay",
    "free ports": "enable v2g\ndisable hold_port, exclusive, import_or_export\nminimize discharged + unmet",
    "one way": "enable min_power\ndisable curtailment\nminimize cost + 1 EUR/kWh * unmet",
    "on the road": f"{TRIPS}enable v2g\nminimize cost + 60 ct/kWh * unmet",
    "even on the road": f"{TRIPS}minimize fairness_gap + 0.01 / 1 kWh * unmet",
    "even": "minimize fairness_gap + 0.01 / 1 kWh * unmet",
}
"""Specs whose models have every family that a line of `evdsl.model.formulas.variables` speaks of."""


def of_text(text: str, without: tuple[str, ...] = ()) -> LabelIndex:
    return index(evdsl.loads(text), without)


def index(spec: evdsl.Spec, without: tuple[str, ...] = ()) -> LabelIndex:
    backend = find("highs")
    assert isinstance(backend, Backend)
    program = compile_spec(spec).program
    return index_of(lower(program, backend.capabilities, without).program)


PLAIN = ("exclusive_to_nothing", "crossing_to_nothing", "en_route_to_nothing")


def every_index() -> list[LabelIndex]:
    found = [of_text(f"{SITE}{end}\n", PLAIN) for end in VARIANTS.values()]
    found.append(
        of_text(f"{SITE.replace('rates = [4 kW, 8 kW]', 'min_power = 3 kW')}{VARIANTS['everything']}\n")
    )
    return [*found, of_text(f"{SITE}{VARIANTS['plain']}\n"), of_text(SIZED)]


@pytest.fixture(scope="module")
def models() -> list[LabelIndex]:
    return every_index()


@pytest.fixture(scope="module")
def shipped() -> list[LabelIndex]:
    found: list[LabelIndex] = []
    for path in SHIPPED:
        try:
            spec = evdsl.load(path, data=[DATA] if DATA.is_dir() else [])
        except evdsl.SpecError:
            continue
        problem = None if spec.steps > 500 else compile_spec(spec)
        if problem is not None and problem.model.ncons < LARGE:
            found.append(index(spec))
    assert len(found) > len(SHIPPED) / 2
    return found


def test_every_family_of_every_model_has_a_formula(
    models: list[LabelIndex], shipped: list[LabelIndex]
) -> None:
    """Whoever adds a family of rows or variables adds its line to `evdsl.model.formulas.variables`."""
    rows = {family.name for each in (*models, *shipped) for family in each.rows}
    variables = {family.name for each in (*models, *shipped) for family in each.variables}
    words = {name for each in (*models, *shipped) for name in each.program.words}
    assert {name for name in rows if row_formula(name) is None and not OWN.match(name)} == set()
    assert {name for name in variables if variable_formula(name) is None and not OWN.match(name)} == set()
    # A term of an objective is no word: it is told as it is written.
    known = {name for name in words if word(name) is not None}
    assert {n for n in known if word_formula(n) is None and not getattr(word(n), "parts", None)} == set()


def test_every_formula_is_of_a_family_that_some_model_has(
    models: list[LabelIndex], shipped: list[LabelIndex]
) -> None:
    """A formula of a family that is gone is stale."""
    names = {family.name for each in (*models, *shipped) for family in each.families}
    assert [f.name for f in (*ROWS, *VARIABLES) if not any(pattern(f.name).fullmatch(n) for n in names)] == []
    assert [f.name for f in WORDS if word(f.name) is None] == []


def test_formulas_agree_with_the_rows_of_the_model(
    models: list[LabelIndex], shipped: list[LabelIndex]
) -> None:
    """Relation, variables, signs, factors of one, sums, and sides of zero are those of the model."""
    for each in (*models, *shipped):
        rows = each.matrix.rows.tocsr()
        for family in each.rows:
            formula = row_formula(family.name)
            if formula is None or not len(family):
                continue
            line = row_line(each, family)
            mine = slice(family.start, family.start + len(family))
            assert line.relation == formula.relation, family.name
            if formula.right == "0":
                side = np.where(
                    np.isfinite(each.matrix.row_lower[mine]),
                    each.matrix.row_lower[mine],
                    each.matrix.row_upper[mine],
                )
                assert not side.any(), family.name
            told: dict[str, list[tuple[int, str, str]]] = {}
            for part in line.left:
                told.setdefault(part.variable.partition("[")[0], []).append(
                    (part.sign, part.factor, part.over)
                )
            block = rows[mine].tocoo()
            for variable in each.variables:
                inside = (block.col >= variable.start) & (block.col < variable.start + len(variable))
                values = block.data[inside]
                assert (variable.name in told) == bool(len(values)), (family.name, variable.name)
                if not len(values):
                    continue
                parts = told[variable.name]
                where = f"{variable.name} in {family.name}"
                assert set(np.sign(values).tolist()) <= {float(sign) for sign, _, _ in parts}, where
                if all(not factor for _, factor, _ in parts):
                    assert (np.abs(values) == 1).all(), where
                if all(not over for _, _, over in parts):
                    assert np.bincount(block.row[inside]).max() <= len(parts), where


def test_rows_are_told_apart_by_the_indices_of_their_formula(models: list[LabelIndex]) -> None:
    for each in models:
        for family in each.rows:
            formula = row_formula(family.name)
            assert formula is not None
            assert set(letters(family).replace(",i", "").replace("i", "").split(",")) <= {
                *formula.over.split(","),
                "",
            }
            if family.name not in ("port.count", "vehicle.need"):  # rows over instants, and over stays
                assert not family.repeated.any(), family.name


def test_words_agree_with_their_expressions(models: list[LabelIndex]) -> None:
    for each in models:
        for line in page(each).words:
            declared = word(line.name)
            assert declared is not None
            if declared.parts or word_formula(line.name) is None:
                continue
            labels = each.program.words[line.name].label
            shown = {part.variable.partition("[")[0] for part in line.left}
            model = each.program.model
            there = {
                str(name)
                for name, variable in model.variables.items()
                if np.isin(labels[labels >= 0], np.asarray(variable.labels.values).ravel()).any()
            }
            assert shown == there, line.name


def test_every_symbol_of_a_formula_is_explained(models: list[LabelIndex]) -> None:
    given = [term.factor for formula in (*ROWS, *WORDS) for term in formula.terms]
    given += [formula.right for formula in ROWS] + [f.upper for f in VARIABLES] + [f.lower for f in VARIABLES]
    given += [formula.constant for formula in WORDS]
    names = {found.group(0).partition("[")[0] for text in given for found in NAME.finditer(text)}
    assert names <= set(SYMBOLS)
    assert set(SYMBOLS) <= names
    for each in models:
        text = "\n".join(unicode(page(each)))
        legend = text.partition("\ngiven\n")[2]
        for name in names:
            used = re.search(rf"(?<![\w.]){re.escape(SYMBOLS[name].text)}\[", text.partition("\nover\n")[0])
            assert not used or f"    {SYMBOLS[name].text}:" in legend or not SYMBOLS[name].doc, name


def test_a_formula_speaks_only_of_what_a_model_has() -> None:
    text = "\n".join(unicode(page(of_text(f"{SITE}{VARIANTS['plain']}\n"))))
    assert "site.balance" in text
    assert "discharge[v,t,p]" not in text
    assert "pack.energy[t+1] - pack.energy[t] - Δ η pack.charge[t] + Δ/η pack.discharge[t]" in text
    assert "east.flow[t] - Σ_{v, p on east} 1/η_p[p] charge[v,t,p] = load[t]   ∀ t ∈ T" in text


def test_a_balance_sums_over_the_ports_of_its_place(models: list[LabelIndex]) -> None:
    """A port hangs on one feeder, or on none: no balance has those of another."""
    halls = SITE.replace("feeder east {", "feeder hall_2 {\n    limit = 9 kW\n}\nfeeder east {")
    halls = halls.replace(
        "    discharge = 6 kW\n    rates", "    discharge = 6 kW\n    feeder = hall_2\n    rates"
    )
    for each in (*models, of_text(f"{halls}enable v2g\n{VARIANTS['plain']}\n")):
        groups = each.program.slot_index.groups
        rows = each.matrix.rows.tocsr()
        for family in each.rows:
            if not family.name.endswith(".balance"):
                continue
            place = family.name.removesuffix(".balance").replace("site", "")
            block = rows[family.start : family.start + len(family)].tocoo()
            told = {part.variable.partition("[")[0]: part.over for part in row_line(each, family).left}
            for variable in each.variables:
                inside = (block.col >= variable.start) & (block.col < variable.start + len(variable))
                if variable.name not in ("charge", "discharge") or not inside.any():
                    continue
                ports = variable.at.port[block.col[inside] - variable.start]
                assert {groups[int(port)].feeder for port in ports} == {place}
                assert told[variable.name] == f"v,p on {place or 'no feeder'}"
    lines = page(each)
    assert "Σ_{v, p on hall_2} 1/η_p[p] charge[v,t,p]" in "\n".join(unicode(lines))
    assert r"\sum_{v, p \text{ on hall\_2}} " in "\n".join(latex(lines))


def test_a_balance_sums_over_all_ports_where_they_hang_at_one_place() -> None:
    text = "\n".join(unicode(page(of_text(f"{SITE.replace('    feeder = east', '')}{VARIANTS['plain']}\n"))))
    assert "Σ_{v, p} 1/η_p[p] charge[v,t,p]" in text
    assert " on no feeder" not in text


def test_the_users_own_rows_are_told_by_their_statement() -> None:
    own = "require quiet: import[t] <= 12 kW for t in 01:00 .. 03:00"
    text = "\n".join(unicode(page(of_text(f"{SITE}{own}\n{VARIANTS['plain']}\n"))))
    assert "require.quiet  (4)" in text
    assert own in text or own.partition(": ")[2] in text


def test_latex_is_balanced_and_has_no_bare_names(models: list[LabelIndex]) -> None:
    for each in models:
        text = "\n".join(latex(page(each)))
        assert text.count("{") == text.count("}") or r"\{" in text
        bare = text.replace(r"\{", "").replace(r"\}", "")
        assert bare.count("{") == bare.count("}")
        assert text.startswith(r"\begin{align*}")
        assert text.endswith(r"\end{align*}")
        assert not re.search(r"[^\x00-\x7f]", text.replace("·", "")), "no Unicode that LaTeX would not take"
        assert not re.search(r"(?<!\\)%", text)


def said(index: LabelIndex, asked: str) -> list[str]:
    found = find_row(index, asked)
    assert not isinstance(found, evdsl.diagnostics.diagnostic.Diagnostic), found  # type: ignore[attr-defined]  # imported by then
    return [index.label(found.family, int(position)) for position in found.positions]


@pytest.fixture(scope="module")
def site() -> LabelIndex:
    return of_text(f"{SITE}{VARIANTS['everything']}\n", PLAIN)


@pytest.mark.parametrize(
    ("asked", "first", "count"),
    [
        ("site.balance[01:30]", "site.balance[01:30]", 1),
        ("site.balance[1:30]", "site.balance[01:30]", 1),
        ("site.balance[2024-03-12 01:30]", "site.balance[01:30]", 1),
        ("site.balance[#4]", "site.balance[01:30]", 1),
        ("vehicle.target[f.2]", "vehicle.target[f.2]", 1),
        ("charge[f.2, 01:30, ac]", "charge[f.2, 01:30, ac]", 1),
        ("charge[ac, f.2]", "charge[f.2, 00:30, ac]", 6),
        ("discharge[f.1]", "discharge[f.1, 00:30, dc]", 6),
        ("energy[t, 04:10]", "energy[t, 04:10]", 1),
        ("vehicle.exclusive.second.a[f.1, 02:00]", "vehicle.exclusive.second.a[f.1, 02:00, dc]", 1),
        ("vehicle.exclusive.second[f.1]", "vehicle.exclusive.second[f.1, 00:30, dc]", 6),
        ("holds[f.1, dc]", "holds[f.1, dc]", 1),
        ("charge.at[f.1, 01:00]", "charge.at[f.1, 01:00, dc, #3]", 2),
        ("pack.energy[02:00]", "pack.energy[02:00]", 1),
        ("pack.final", "pack.final", 1),
        ("peak", "peak", 1),
        ("fairness", "fairness", 1),
        ("east.balance[05:30]", "east.balance[05:30]", 1),
        ("port.charge_least[b, 01:00]", "port.charge_least[b, 01:00, ac]", 1),
        ("vehicle.start[f.1, 01:00]", "vehicle.start[f.1, 01:00]", 1),
        ('unmet["f.1"]', "unmet[f.1]", 1),
    ],
)
def test_rows_and_variables_are_found_by_what_they_are(
    site: LabelIndex, asked: str, first: str, count: int
) -> None:
    labels = said(site, asked)
    assert labels[0].split(", #")[0] == first.split(", #")[0]
    assert len(labels) == count


@pytest.mark.parametrize(
    ("asked", "message", "help"),
    [
        ("site.balanc", "no row or variable `site.balanc`", "did you mean `site.balance`?"),
        ("vehicle.target[f.9]", "`vehicle.target` has no row at `f.9`", "did you mean `f."),
        ("site.balance[01:20]", "`site.balance` has no row at `01:20`", "did you mean `01:00`?"),
        ("charge[f.1, 00:00]", "`charge` has no variable at `00:00`", "did you mean `00:30`?"),
        ("charge[f.1, dcc]", "`charge` has no variable at `dcc`", "did you mean `dc`?"),
        ("holds[#99]", "`holds` has no variable at `#99`", "the first is `holds["),
        ("site.balance[01:30", "not the name of a row", "such as `site.balance[08:15]`"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(
    site: LabelIndex, asked: str, message: str, help: str
) -> None:
    found = find_row(site, asked)
    assert isinstance(found, evdsl.diagnostics.diagnostic.Diagnostic)  # type: ignore[attr-defined]  # imported by then
    assert found.code == "E203"
    assert message in found.message
    assert help in found.help


def test_no_two_labels_of_a_model_are_the_same_and_each_leads_to_itself(site: LabelIndex) -> None:
    for family in site.families:
        labels = [site.label(family, position) for position in range(len(family))]
        assert len(set(labels)) == len(labels), family.name
        for position in {0, len(family) // 2, len(family) - 1} if len(family) else ():
            assert labels[position] in said(site, labels[position])


def test_coordinates_are_those_of_the_data(site: LabelIndex) -> None:
    """The bound of `charge[v, t, p]` is that of the vehicle, the presence and the port that it names."""
    (family,) = (f for f in site.variables if f.name == "charge")
    (at,) = (
        position for position in range(len(family)) if site.label(family, position) == "charge[t, 00:00, ac]"
    )
    # The truck is there for 20 of the first 30 minutes, and the port gives 7 kW.
    assert site.matrix.upper[family.start + at] == pytest.approx(7 * 20 / 30)


def test_days_have_dates_and_repeated_hours_their_offset() -> None:
    autumn = SITE.replace("2024-03-12", "2024-10-27").replace("horizon = 6 h", "horizon = 24 h")
    found = of_text(f"{autumn}{VARIANTS['plain']}\n")
    assert said(found, "site.balance[02:30]") == ["site.balance[02:30+02:00]", "site.balance[02:30+01:00]"]
    assert said(found, "site.balance[02:30+01:00]") == ["site.balance[02:30+01:00]"]
    days = of_text(f"{SITE.replace('horizon = 6 h', 'horizon = 48 h')}{VARIANTS['plain']}\n")
    assert said(days, "site.balance[01:00]") == [
        "site.balance[2024-03-12 01:00]",
        "site.balance[2024-03-13 01:00]",
    ]
    assert said(days, "site.balance[2024-03-13 01:00]") == ["site.balance[2024-03-13 01:00]"]


def test_a_row_is_printed_with_its_numbers_and_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "site.evs"
    spec.write_text(f"{SITE}{VARIANTS['plain']}\n")
    assert main(["show", str(spec), "east.balance[01:00]"]) == 0
    lines = capsys.readouterr().out
    assert lines.startswith("east.balance[01:00]\n")
    assert f"- {number(1 / 0.98)} charge[b, 01:00, ac]" in lines
    assert "east.flow[01:00]" in lines
    assert "= 1 kW" in lines
    assert f"{spec}:16: feeder east {{" in lines


def test_what_is_too_much_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "site.evs"
    spec.write_text(f"{SITE}{VARIANTS['plain']}\n")
    assert main(["show", str(spec), "site.balance", "--limit", "3"]) == 0
    text = capsys.readouterr().out
    assert text.count("asked for at") == 3
    assert "... and 9 more of 12; `--limit 12` shows all" in text
    assert main(["show", str(spec), "site.balanse"]) == 2
    assert "did you mean `site.balance`?" in capsys.readouterr().err


def test_the_model_is_printed_as_mathematics(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "site.evs"
    spec.write_text(f"{SITE}{VARIANTS['everything']}\n")
    assert main(["show", str(spec), "--math"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("minimize cost + 60 ct/kWh * unmet")
    assert "energy[v,t+1] - energy[v,t] - Σ_p Δ η_c[v] charge[v,t,p] + Σ_p Δ/η_d[v] discharge[v,t,p]" in text
    assert "simplified" in text
    assert main(["show", str(spec), "--math", "latex"]) == 0
    assert r"\mathrm{energy}_{v,t+1} - \mathrm{energy}_{v,t}" in capsys.readouterr().out


def test_a_requirement_named_as_a_row_of_a_device_is_told_as_it_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "site.evs"
    own = "require balance: import[t] <= 7 kW for t in steps"
    spec.write_text(f"{SITE}{VARIANTS['everything']}\n{own}\n")
    assert main(["show", str(spec), "--math"]) == 0
    assert own.removeprefix("require balance: ") in capsys.readouterr().out


def test_a_site_of_cohorts_has_no_vehicles_to_count(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", str(FEATURES / "cohort.evs")]) == 0
    assert capsys.readouterr().out.startswith("site_cohort: 1 cohort, 3 steps, 0 visits\n")


def test_what_binaries_decide_is_not_told_as_simplified(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "site.evs"
    spec.write_text(f"{SITE}{VARIANTS['everything']}\n")
    for form in ([], ["--math"]):
        assert main(["show", str(spec), *form]) == 0
        simplified, _, decided = capsys.readouterr().out.partition("\ndecided with binaries")
        simplified = simplified.partition("\nsimplified")[2]
        assert "not indexed" in simplified
        assert not re.search(r"binaries$", simplified, re.MULTILINE)
        assert re.search(r"^ +vehicle\.exclusive: \d+ binaries$", decided, re.MULTILINE)
    assert main(["show", str(spec), "--math", "latex"]) == 0
    assert "\n% decided with binaries: vehicle.exclusive: " in capsys.readouterr().out


@pytest.mark.parametrize("form", ["unicode", "latex"])
@pytest.mark.parametrize("spec", sorted((SPECS / "features").glob("*.evs")), ids=lambda path: path.stem)
def test_the_mathematics_of_every_feature_is_shown(
    spec: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", str(spec), f"--math={form}"]) == 0
    assert capsys.readouterr().out
