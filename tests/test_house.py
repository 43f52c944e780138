"""The house rules that a machine can hold: who imports what, and that nothing is forgotten."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "evdsl"

LAYERS = [
    "source codes diagnostic units files storing",
    "ast nodes tokens wording recovery syntax fmt",
    "sets values clock schema statement spec builder requirement devices constraints objectives",
    "scope arithmetic evaluate distributions functions ranges settings sessions_call stages axes "
    "includes overrides blocks horizon set_steps quantities binding brackets indexing curvature "
    "requirements single_lets fingerprint checks resolve api meaning meaning_blocks meaning_words pages "
    "explanations reference reference_settings reference_index check_formats sarif "
    "vocabulary highlight textmate",
    "timeline means tables tariffs series draws arrivals group stays demands population data levels "
    "port_groups seats affine own_sets own_presence own_columns own_terms own_rows policies dispatch "
    "demand_charge",
    "capabilities terms program carried formulate lower",
    "solution silence muted_backend watch scaling model_matrix mps verdict backend doubt schedule "
    "cohort_flows site_flows extract conformance",
    "verify_findings verify_facts verify_device_reading verify_reading verify_devices verify_levels "
    "verify_cohort verify_site verify_vehicles verify_words verify_claims verify_sets verify_quantities "
    "verify_requirements verifier",
    "formula_parts formula_symbols formula_rows formulas row_clocks rows rows_found result shares dust "
    "solving rounds problem points pareto outcome price compare explain explain_model explain_levers "
    "explain_ease explain_jump explain_conflict explain_shortage explain_prices",
    "mathematics mathematics_text exchange report report_chart report_devices report_document "
    "report_facts report_numbers report_summary report_scatter result_table pareto_report pareto_picture "
    "pareto_files price_report compare_report explain_words explain_record parquet_reader results fuzzing "
    "testing",
    "commands arguments cli console __init__ __main__",
]
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names.split()}
OUTSIDE = {
    "lark": {"syntax", "nodes", "tokens", "wording", "recovery", "vocabulary"},
    "linopy": {
        "program",
        "terms",
        "problem",
        "formulate",
        "conformance",
        "testing",
        "model_matrix",
        "explain_model",
    },
    "polars": {"parquet_reader", "result_table"},
    "highspy": set(),
    "pyscipopt": set(),
    "matplotlib": {"pareto_picture"},
    "pygments": {"highlight"},
    "pandas": {
        "program",
        "terms",
        "results",
        "result_table",
        "report",
        "conformance",
        "testing",
        "explain_model",
    },
}


def modules() -> list[tuple[str, Path]]:
    """Every module of the compiler with the name of its layer's entry."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        found.append((parts[0], path))
    return found


def imports(path: Path) -> set[str]:
    """The modules that a file imports at run time, those inside functions included."""
    tree = ast.parse(path.read_text())
    skipped = {
        id(node)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If)
        and isinstance(branch.test, ast.Name)
        and branch.test.id == "TYPE_CHECKING"
        for node in ast.walk(branch)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= (
                {node.module} if node.module != "evdsl" else {f"evdsl.{alias.name}" for alias in node.names}
            )
    return found


@pytest.mark.parametrize(("name", "path"), modules(), ids=lambda value: getattr(value, "stem", value))
def test_a_module_imports_only_from_its_layer_and_below(name: str, path: Path) -> None:
    assert name in LEVEL, f"{path} has no layer: add it to LAYERS and to CONTRIBUTING.md"
    for module in imports(path):
        parts = module.split(".")
        if parts[0] == "evdsl" and len(parts) > 1 and parts[1] in LEVEL:
            assert LEVEL[parts[1]] <= LEVEL[name], f"{path.name} imports {module}, which lies above it"
        if parts[0] in OUTSIDE:
            assert name in OUTSIDE[parts[0]], f"{path.name} imports {parts[0]}"


def test_the_verifier_shares_nothing_with_the_formulation() -> None:
    forbidden = {"program", "formulate", "lower", "objectives", "constraints", "seats", "extract", "builder"}
    for name, path in modules():
        if name.startswith("verif"):
            used = {module.split(".")[1] for module in imports(path) if module.startswith("evdsl.")}
            assert not used & forbidden


@pytest.mark.parametrize("folder", ["devices", "objectives", "checks", "constraints", "lower", "policies"])
def test_every_module_of_a_word_folder_is_in_its_registry(folder: str) -> None:
    helpers = {"rewrite", "weights", "generation", "rule"}
    registry = ast.parse((SOURCE / folder / "__init__.py").read_text())
    named = {
        alias.name for node in ast.walk(registry) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    there = {path.stem for path in (SOURCE / folder).glob("*.py")} - {"__init__"} - helpers
    assert there <= named


def test_every_package_is_in_the_wheel() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    inside = {".".join(path.parent.relative_to(ROOT).parts) for path in SOURCE.rglob("__init__.py")}
    assert set(settings["packages"]) == inside | {"evdsl.backends", "evdsl.grammars"}


def test_check_loads_neither_numpy_nor_linopy_nor_pandas_nor_xarray(tmp_path: Path) -> None:
    spec = tmp_path / "site.evs"
    program = (
        "import sys\n"
        "blocked = 'numpy linopy pandas xarray highspy pyscipopt'\n"
        "sys.modules.update(dict.fromkeys(blocked.split()))\n"
        "from evdsl.cli import main\n"
        "sys.exit(main(['new', 'site']) or main(['check', 'site.evs']))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert spec.exists()
    assert "no mistakes" in done.stdout


def test_files_stay_small_or_say_why() -> None:
    long = [path.name for _, path in modules() if len(path.read_text().splitlines()) > 400]
    assert long == [], long


def test_codes_of_diagnostics_are_unique_and_all_are_used() -> None:
    from evdsl.codes import CODES

    codes = [code for code, _, _ in CODES]
    assert len(set(codes)) == len(codes)
    text = "\n".join(path.read_text() for _, path in modules() if path.name != "codes.py")
    text += "\n".join(path.read_text() for path in (ROOT / "backends").glob("*.py"))
    assert [code for code in codes if f'"{code}"' not in text] == []


@pytest.mark.skipif(not os.environ.get("EVDSL_INSTALLED"), reason="only `tests/run` installs the wheel")
def test_what_is_tested_is_the_installed_wheel() -> None:
    import evdsl

    assert not Path(evdsl.__file__).is_relative_to(SOURCE)
