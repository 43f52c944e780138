"""pyproject.toml asks for what the code imports, and the two sets of versions that are tested fit it."""

from __future__ import annotations

import ast
import re
import runpy
import sys
import tomllib
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version
from worlds import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SHIPPED = ("evdsl", "backends", "grammars")
PROGRAMS = ("tests", "fuzz", "bench", "docs")
PYTHONS = ("3.11", "3.12", "3.13")

NOT_IMPORTED = {
    "build": "tests/run makes the wheel with it",
    "ecos": "bench/by_hand/cvxpy_model.py has CVXPY call it",
    "coverage": "fuzz/mutant_traces.py loads it by name, where this extra is",
    "mypy": "a command",
    "pandas-stubs": "types, which mypy reads",
    "pytest-xdist": "a plugin of pytest: -n 2",
    "ruff": "a command",
    "tzdata": "data, which zoneinfo reads where the system has none",
}
NOT_DECLARED = {
    "atheris": "fuzz/guided.py alone, which says how to install it: it is not made for every Python",
}
MODULES = {"cvxpy": "cvxpy-base"}
"""Whose module has another name, where it is not installed; an extra need not be."""


def asked(*extras: str) -> dict[str, Requirement]:
    """The dependencies by name; those of the extras that are named alone, where there are any."""
    lines = [line for extra in extras for line in PROJECT["optional-dependencies"][extra]]
    found = [Requirement(line) for line in (lines if extras else PROJECT["dependencies"])]
    return {canonicalize_name(one.name): one for one in found}


def everything_asked() -> dict[str, Requirement]:
    return asked() | asked(*PROJECT["optional-dependencies"])


def imported(folders: tuple[str, ...]) -> dict[str, set[str]]:
    """For each distribution of others that the folders import, the files that do."""
    programs = (path for folder in PROGRAMS for path in (ROOT / folder).glob("*"))
    own = {path.stem for path in programs if path.suffix in ("", ".py")} | {"evdsl", *PROGRAMS}
    distributions = packages_distributions()
    found: dict[str, set[str]] = {}
    for path in (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for module in {name.partition(".")[0] for name in names} - own - sys.stdlib_module_names:
                # One that is not installed cannot be declared; it is named as it stands.
                for name in distributions.get(module, [MODULES.get(module, module)]):
                    found.setdefault(canonicalize_name(name), set()).add(str(path.relative_to(ROOT)))
    return found


def pinned(file: str, python: str) -> dict[str, Version]:
    """The versions that a file has for a Python on Linux."""
    found = {}
    for line in (ROOT / "tests" / file).read_text(encoding="utf-8").splitlines():
        if not re.match(r"[\w.-]+==", line):
            continue
        one = Requirement(line)
        here = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux"}
        if one.marker is None or one.marker.evaluate(here):
            (pin,) = one.specifier
            found[canonicalize_name(one.name)] = Version(pin.version)
    return found


def least(bounds: SpecifierSet) -> Version:
    (found,) = (Version(bound.version) for bound in bounds if bound.operator == ">=")
    return found


def test_what_the_package_imports_is_declared() -> None:
    declared = asked().keys() | asked("dask", "network", "plot").keys()
    assert {name: files for name, files in imported(SHIPPED).items() if name not in declared} == {}


def test_what_the_tests_and_programs_import_is_declared() -> None:
    declared = asked().keys() | asked("test", "mutate", "bench").keys() | NOT_DECLARED.keys()
    assert {name: files for name, files in imported(PROGRAMS).items() if name not in declared} == {}


@pytest.mark.slow
def test_what_is_declared_is_imported_or_has_its_reason() -> None:
    assert asked().keys() - imported(SHIPPED).keys() <= NOT_IMPORTED.keys()
    assert asked("dask", "network", "plot").keys() <= imported(SHIPPED).keys()
    used = imported(SHIPPED).keys() | imported(PROGRAMS).keys()
    assert everything_asked().keys() - used == NOT_IMPORTED.keys()


def test_each_dependency_has_a_least_version() -> None:
    assert [str(one) for one in everything_asked().values() if ">=" not in str(one.specifier)] == []


@pytest.mark.parametrize("python", PYTHONS)
def test_the_lock_has_a_permitted_version_of_each_dependency(python: str) -> None:
    versions = pinned("locked.txt", python)
    for name, one in everything_asked().items():
        assert name in versions, f"{name} is not in tests/locked.txt: run bash tests/lock"
        assert versions[name] in one.specifier, f"{one} and {versions[name]}: run bash tests/lock"


def test_the_oldest_versions_are_the_least_that_are_permitted() -> None:
    versions = pinned("oldest.txt", PYTHONS[0])
    for name, one in everything_asked().items():
        # A least version that the others do not let in is none: it must be raised to what they do.
        assert versions.get(name) == least(one.specifier), f"{one}: run bash tests/lock"


def test_a_release_beyond_a_cap_is_told_and_breaks_nothing() -> None:
    caps = runpy.run_path(str(ROOT / "tests" / "caps.py"))
    solver = Requirement("highspy>=1.15,<1.17")
    assert caps["told"](solver, "1.16.3") == ""
    told = "highspy 1.17.0 is out and not permitted yet: see docs/design/dependencies.md"
    assert caps["told"](solver, "1.17.0") == told
    assert caps["told"](solver, None) == "highspy: the releases could not be looked up"
    assert {one.name for one in caps["capped"]()} == {"highspy", "linopy", "pyscipopt"}


def test_the_page_on_dependencies_has_a_line_for_each() -> None:
    page = (ROOT / "docs" / "design" / "dependencies.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([\w-]+)` \| ([^|]*) \|", page, re.M))
    asked_for = {
        one.name: ",".join(sorted(map(str, one.specifier), reverse=True))
        for one in everything_asked().values()
    }
    assert {name: bounds.replace("`", "").replace(" ", "") for name, bounds in rows.items()} == asked_for
