"""Which tests execute which line.

Every test file is run once in a process of its own under `coverage`, test by test; what a fixture of
several tests executes counts for each of them, and what functions of tests remember is forgotten before
each. A test that fails without any change is not used.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from mutant_runs import OPTIONS, Say, Tree, forked, memories


class Tracing:
    """A plugin of pytest that tells coverage which test runs, and keeps how long it took."""

    def __init__(self, tree: Path, coverage: Any) -> None:
        self.tree = tree
        self.coverage = coverage
        self.tests: dict[str, dict[str, Any]] = {}
        self.wrappers: list[Any] = []

    def pytest_collection_finish(self) -> None:
        self.wrappers = memories(self.tree / "tests", self.tree / "evdsl" / "testing")

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Any:
        shared = fixturedef.scope != "function"
        if shared:
            self.coverage.switch_context(f"fixture {fixturedef.argname}")
        try:
            return (yield)
        finally:
            if shared:
                self.coverage.switch_context(request._pyfuncitem.nodeid)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Any:
        for one in self.wrappers:
            one.cache_clear()
        self.coverage.switch_context(item.nodeid)
        self.tests[item.nodeid] = {"seconds": 0.0, "passed": True, "fixtures": list(item.fixturenames)}
        try:
            return (yield)
        finally:
            self.coverage.switch_context("")

    def pytest_runtest_logreport(self, report: Any) -> None:
        test = self.tests[report.nodeid]
        test["seconds"] += report.duration
        test["passed"] &= report.passed


def traced(tree: Path, file: str, say: Say) -> None:
    """Runs a test file, and says of each of its tests what it executes: `{path: lines}`."""
    os.chdir(tree)
    coverage = importlib.import_module("coverage")  # of the extra `mutate` alone
    watched = coverage.Coverage(data_file=None, include=[str(tree / "evdsl" / "*")], config_file=False)
    plugin = Tracing(tree, watched)
    watched.start()
    watched.switch_context("")
    sys.meta_path.insert(0, Tree(tree, {}))
    pytest.main([*OPTIONS, file], plugins=[plugin])
    watched.stop()
    data = watched.get_data()
    found: dict[str, dict[str, list[int]]] = {}
    for measured in data.measured_files():
        path = str(Path(measured).relative_to(tree))
        for line, contexts in data.contexts_by_lineno(measured).items():
            for context in contexts:
                found.setdefault(context, {}).setdefault(path, []).append(line)
    say({"tests": plugin.tests, "lines": found})


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def coverage_map(tree: Path, state: Path, files: Sequence[str]) -> dict[str, Any]:
    """For each test file what `traced` said, made anew where it has changed."""
    folder = state / "map"
    folder.mkdir(parents=True, exist_ok=True)
    whole: dict[str, Any] = {}
    for file in files:
        kept = folder / f"{below(file).replace('/', '.')}.json"
        own = digest((tree / file).read_text())
        known = json.loads(kept.read_text()) if kept.exists() else None
        if known is None or known["own"] != own:
            began = time.monotonic()
            said = list(forked(lambda say, file=file: traced(tree, file, say), 1800.0))  # type: ignore[misc]  # of the default
            if not said or said[0] is None:
                print(f"{file} cannot be traced", flush=True)
                continue
            known = {"own": own, **said[0]}
            kept.write_text(json.dumps(known))
            failed = [name for name, test in known["tests"].items() if not test["passed"]]
            took = time.monotonic() - began
            count = len(known["tests"])
            print(f"{file}: {count} tests traced in {took:.0f} s, {len(failed)} not used", flush=True)
        whole[file] = known
    return whole


class Lines:
    """Which tests execute a line, and how long they take."""

    def __init__(self, traces: dict[str, Any]) -> None:
        self.seconds: dict[str, float] = {}
        self.tests: dict[tuple[str, int], set[str]] = defaultdict(set)
        self.files: dict[str, set[str]] = defaultdict(set)
        self.imported: set[tuple[str, int]] = set()
        for trace in traces.values():
            lines = trace["lines"]
            for path, numbers in lines.get("", {}).items():
                self.imported |= {(path, number) for number in numbers}
            for name, test in trace["tests"].items():
                if not test["passed"]:
                    continue
                self.seconds[name] = test["seconds"]
                for context in (name, *(f"fixture {fixture}" for fixture in test["fixtures"])):
                    for path, numbers in lines.get(context, {}).items():
                        self.files[path].add(name)
                        for number in numbers:
                            self.tests[path, number].add(name)

    def of(
        self, path: str, numbers: Iterable[int], inside: bool, near: tuple[str, ...]
    ) -> tuple[list[tuple[str, float]], bool]:
        """The tests that execute lines, in their order, and whether these are executed at import alone.

        The tests of the files that begin with one of `near` come first, quick ones before slow ones. Of what
        is executed at import they are the only ones.
        """
        found: set[str] = set()
        for number in numbers:
            found |= self.tests.get((path, number), set())
        at_import = not inside or (not found and any((path, number) in self.imported for number in numbers))
        if at_import:
            found = {name for name in self.seconds if below(name).startswith(near)}

        def rank(name: str) -> tuple[bool, bool, float, str]:
            return name not in self.files[path], not below(name).startswith(near), self.seconds[name], name

        return [(name, self.seconds[name]) for name in sorted(found, key=rank)], at_import


def below(test: str) -> str:
    """Where below `tests` a test or its file is."""
    return test.split("::")[0].removeprefix("tests/")
