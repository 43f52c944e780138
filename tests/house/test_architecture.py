"""The house rules that a machine can hold: who imports what, and that nothing is forgotten."""

from __future__ import annotations

import ast
import os
import re
import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from worlds import ROOT, run_python

SOURCE = ROOT / "evdsl"

PACKAGES = (
    "diagnostics syntax language semantics data model solver schedule verifier optimization report testing "
    "cli"
).split()
"""In the order of the way of the data; a package imports from those before it."""
OUTSIDE = {
    "lark": {"syntax", "language.editors.vocabulary"},
    "pygments": {"language.editors.pygments_lexer"},
    "numpy": {
        "data",
        "model",
        "solver",
        "schedule",
        "verifier",
        "optimization",
        "report",
        "testing",
        "language.arrays",
        "language.builder",
        "language.site",
        "language.devices",
        "language.objectives",
        "language.toggles",
    },
    "pandas": {"model", "schedule", "optimization", "report", "testing"},
    "xarray": {"model", "solver", "schedule", "verifier", "optimization", "report", "testing"},
    "linopy": {"model", "solver", "optimization", "testing"},
    "polars": {"schedule", "report.sweep.files"},
    "scipy": {"data", "model", "solver", "optimization", "testing"},
    "netCDF4": {"schedule"},
    "rich": {"report", "cli"},
    "xlsxwriter": {"report.plan.files"},
    "vl_convert": {"report.figures.files"},
    "distributed": {"optimization.sweep.cluster"},
    "hypothesis": {"testing", "cli"},
    "ortools": {"solver.network.ortools_process"},
    "highspy": set(),
    "pyscipopt": set(),
}
"""Who may import a library: packages or modules below `evdsl`. The solvers are for backends alone."""

Edge = tuple[str, str]


@cache
def modules() -> dict[str, Path]:
    """Every module of the compiler by its dotted name, that of `evdsl` itself being empty."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        name = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        found[name.removesuffix("__init__").removesuffix(".")] = path
    return found


def imported(path: Path) -> Iterable[str]:
    """What a file imports anywhere, at run time, in functions and for types alone: dotted names."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def edges() -> frozenset[Edge]:
    """Which module of the compiler imports which, `evdsl` itself and its backends aside."""
    known, found = modules(), set()
    for name, path in known.items():
        for target in imported(path):
            if not target.startswith("evdsl."):
                continue
            inside = target.removeprefix("evdsl.")
            while inside and inside not in known:
                inside = inside.rpartition(".")[0]
            if inside and inside != name:
                found.add((name, inside))
    return frozenset(found)


def package(module: str) -> str:
    return module.partition(".")[0]


def test_every_module_lies_in_a_package_of_the_order() -> None:
    loose = {name for name in modules() if package(name) not in PACKAGES}
    assert loose == {"", "__main__", "version"}
    assert {path.name for path in SOURCE.iterdir() if path.is_dir()} - {"__pycache__"} == set(PACKAGES)


def test_a_package_imports_only_from_those_below_it() -> None:
    rank = {name: place for place, name in enumerate(PACKAGES)}
    upward = {
        (one, other)
        for one, other in edges()
        if package(one) in rank and package(other) in rank and rank[package(other)] > rank[package(one)]
    }
    assert upward == set()


def test_no_module_imports_itself_by_way_of_others() -> None:
    """Types and late imports counted: what two modules know of each other is one module, or a third."""
    left = {(one, other) for one, other in edges() if one}
    # A module from which nothing leads, or to which nothing leads, lies on no circle.
    while True:
        from_, to = {one for one, _ in left}, {other for _, other in left}
        fewer = {(one, other) for one, other in left if one in to and other in from_}
        if fewer == left:
            break
        left = fewer
    assert left == set()


@pytest.mark.parametrize("library", OUTSIDE)
def test_a_library_is_imported_where_it_belongs(library: str) -> None:
    allowed = OUTSIDE[library]
    users = {
        name
        for name, path in modules().items()
        if any(target.partition(".")[0] == library for target in imported(path))
    }
    stray = {
        name for name in users if not any(name == place or name.startswith(f"{place}.") for place in allowed)
    }
    assert stray == set()


def test_the_verifier_shares_nothing_with_the_formulation() -> None:
    used = {package(other) for one, other in edges() if package(one) == "verifier"} - {"verifier"}
    assert used == {"diagnostics", "language", "data"}


def test_a_package_has_no_more_files_than_one_can_read() -> None:
    for name in PACKAGES:
        assert len(list((SOURCE / name).glob("*.py"))) <= 25, name


def sentence(name: str) -> str:
    """What a package holds, in the words of its own docstring."""
    path = SOURCE / name / "__init__.py"
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return " ".join(text.partition("\n\n")[0].split())


def test_the_table_of_packages_is_what_they_say_of_themselves() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)/` \| (.*?) \|", text, re.M))
    assert rows.pop("backends")
    assert rows == {name: sentence(name) for name in PACKAGES}
    assert list(rows) == PACKAGES
    for name, said in rows.items():
        assert said.endswith("."), name
        assert said.count(". ") == 0, name


@pytest.mark.parametrize(
    ("folder", "helpers"),
    [
        ("language/devices", {"generation", "phases", "taper"}),
        ("language/objectives", set()),
        ("language/toggles", set()),
        ("semantics/checks", set()),
        ("data/readers", {"wall", "spacing"}),
        ("model/lower", {"rewrite"}),
        ("optimization/policies", {"rule", "dispatch", "battery", "cohorts", "limits", "outages", "trips"}),
    ],
)
def test_every_module_of_a_word_folder_is_in_its_registry(folder: str, helpers: set[str]) -> None:
    registry = ast.parse((SOURCE / folder / "__init__.py").read_text())
    named = {
        alias.name for node in ast.walk(registry) if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    there = {path.stem for path in (SOURCE / folder).glob("*.py")} - {"__init__"} - helpers
    assert there <= named


def test_every_command_is_in_the_list_that_help_prints() -> None:
    from evdsl.cli.main import COMMANDS

    ways = {"front", "explain_schedule", "explain_spec"}  # of `solve` and of `explain`
    there = {path.stem for path in (SOURCE / "cli" / "commands").glob("*.py")} - {"__init__"} - ways
    assert {name for name, _ in COMMANDS} == there


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
        "from evdsl.cli.main import main\n"
        "sys.exit(main(['new', 'site', '--from', 'car']) or main(['check', 'site.evs']))\n"
    )
    done = run_python(program, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert spec.exists()
    assert "no mistakes" in done.stdout


def test_a_long_module_is_asked_why() -> None:
    long = [name for name, path in modules().items() if len(path.read_text().splitlines()) > 400]
    assert long == [], long


def test_codes_of_diagnostics_are_unique_and_all_are_used() -> None:
    from evdsl.diagnostics.codes import CODES

    codes = [code for code, _, _ in CODES]
    assert len(set(codes)) == len(codes)
    text = "\n".join(path.read_text() for path in modules().values() if path.name != "codes.py")
    text += "\n".join(path.read_text() for path in (ROOT / "backends").glob("*.py"))
    assert [code for code in codes if f'"{code}"' not in text] == []


@pytest.mark.skipif(not os.environ.get("EVDSL_INSTALLED"), reason="only `tests/run` installs the wheel")
def test_what_is_tested_is_the_installed_wheel() -> None:
    import evdsl

    assert not Path(evdsl.__file__).is_relative_to(SOURCE)
