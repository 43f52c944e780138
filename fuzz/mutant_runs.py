"""What the tests say of a changed text.

The tree is copied, so that work on it can go on, and imported from the copy; later runs take `evdsl` from
that copy and the tests as they are by then. A process that has imported all tests forks for every mutant:
the code of the changed function takes the place of the old one wherever the function is referred to, so
that a mutant costs what its tests cost. What happens at import (declarations, constants, registries) is
changed before anything of `evdsl` is imported.

Programs that a test starts (`python -m evdsl`) see the tree as it is: such a test kills nothing through
them.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import resource
import select
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
WARM = "numpy linopy xarray pandas hypothesis highspy pyscipopt lark rich.console scipy.optimize matplotlib"
PACKAGES = {"evdsl": "evdsl", "evdsl.backends": "backends", "evdsl.grammars": "grammars"}
OPTIONS = ("-s", "-p", "no:cacheprovider", "-p", "no:warnings", "-o", "addopts=--import-mode=importlib")
"""Of pytest."""
MEMORY = 12 << 30
"""Bytes that a mutant may take: what asks for more is killed."""
PATIENCE = 10.0
"""Seconds of the processor that a test may take, beside ten times what it takes without a mutant."""
SHARED = 6.0
"""So many times that may pass on the clock, since the machine may have other things to do."""

Say = Callable[[Any], None]
Tests = Sequence[tuple[str, float]]
"""Tests by name with the seconds that each takes."""


class Tree(importlib.abc.MetaPathFinder):
    """Imports `evdsl` from a folder; one of its files may have another text."""

    def __init__(self, folder: Path, changed: dict[str, str]) -> None:
        self.folder, self.changed = folder, changed

    def find_spec(self, name: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        homes = [one for one in PACKAGES if name == one or name.startswith(f"{one}.")]
        home = max(homes, key=len, default=None)
        if home is None:
            return None
        base = self.folder.joinpath(PACKAGES[home], *name.removeprefix(home).split(".")[1:])
        inside = base / "__init__.py"
        file = inside if inside.exists() else base.with_suffix(".py")
        if not file.exists():
            return None
        text = self.changed.get(str(file.relative_to(self.folder)))
        loader = None if text is None else Changed(name, str(file), text)
        places = [str(base)] if file == inside else None
        return importlib.util.spec_from_file_location(
            name, file, loader=loader, submodule_search_locations=places
        )


class Changed(importlib.machinery.SourceFileLoader):
    """Loads a module from a text instead of from its file."""

    def __init__(self, name: str, path: str, text: str) -> None:
        super().__init__(name, path)
        self.text = text

    def get_code(self, _: str) -> CodeType:
        return compile(self.text, self.path, "exec", dont_inherit=True)


def copied(state: Path) -> Path:
    """A copy of what the tests read; of `evdsl` the one that was made first."""
    tree = state / "tree"
    skipped = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist")
    for path in ROOT.iterdir():
        target = tree / path.name
        if path.name.startswith(".") or (target.exists() and path.name in ("evdsl", *PACKAGES.values())):
            continue
        if path.is_dir():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(path, target, ignore=skipped)
        else:
            shutil.copyfile(path, target)
    os.environ.setdefault("EVDSL_DATA", str(ROOT.parent / "shared" / "data"))
    return tree


def warm() -> None:
    """Imports what is not ours, so that no fork has to."""
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
    for name in WARM.split():
        try:
            importlib.import_module(name)
        except ImportError:
            print(f"without {name}")


def forked(work: Callable[[Say], None], limit: float) -> Iterator[Any]:
    """What the work says in a process of its own; `None` where nothing is said for `limit` seconds.

    So it is where the process is ended by its timer. A saying may be a number: so many seconds it asks for,
    until the next.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.setsid()
        os.close(reading)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nowhere, number)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        try:
            work(lambda said: write_all(writing, json.dumps(said).encode() + b"\n"))
        except BaseException:
            write_all(writing, json.dumps({"broken": traceback.format_exc()}).encode() + b"\n")
        finally:
            os._exit(0)
    os.close(writing)
    until, rest = time.monotonic() + limit, b""
    try:
        while select.select([reading], [], [], max(until - time.monotonic(), 0.0))[0]:
            read = os.read(reading, 1 << 20)
            if not read:
                break
            *lines, rest = (rest + read).split(b"\n")
            for line in lines:
                said = json.loads(line)
                if isinstance(said, float):
                    until = time.monotonic() + said
                else:
                    yield said
        else:
            yield None
    finally:
        os.close(reading)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGPROF:
        yield None


def write_all(to: int, data: bytes) -> None:
    while data:
        data = data[os.write(to, data) :]


def memories(*folders: Path) -> list[Any]:
    """The functions that remember what they gave and come from a file in one of the folders."""
    found = [one for one in gc.get_objects() if isinstance(one, functools._lru_cache_wrapper)]
    codes = [(one, getattr(one.__wrapped__, "__code__", None)) for one in found]
    return [
        one
        for one, code in codes
        if code is not None and any(Path(code.co_filename).is_relative_to(folder) for folder in folders)
    ]


# What the tests say of a mutant


class Judging:
    """A plugin of pytest that runs chosen tests one after the other until one fails or time is up."""

    def __init__(self, work: Callable[[dict[str, Any]], None]) -> None:
        self.work = work

    def pytest_runtestloop(self, session: Any) -> bool:
        self.work({item.nodeid: item for item in session.items})
        return True


def judged(items: dict[str, Any], tests: Tests, cap: float, say: Say) -> None:
    """Runs tests (with the seconds that they take) until one fails; says which, and how many were run."""
    from _pytest.runner import runtestprotocol

    began = time.process_time()
    chosen = [(items[name], seconds) for name, seconds in tests if name in items]
    for number, (item, seconds) in enumerate(chosen):
        if time.process_time() - began > cap:
            say({"test": None, "ran": number})
            return
        patience = PATIENCE + 10.0 * seconds
        signal.setitimer(signal.ITIMER_PROF, patience)
        say(SHARED * patience)
        following = chosen[number + 1][0] if number + 1 < len(chosen) else None
        reports = runtestprotocol(item, log=False, nextitem=following)
        if any(report.failed for report in reports):
            say({"test": item.nodeid, "ran": number + 1})
            return
    say({"test": None, "ran": len(chosen)})


def anew(tree: Path, path: str, text: str, tests: Tests, cap: float, say: Say) -> None:
    """Imports everything with the changed text, and judges."""
    os.chdir(tree)
    sys.meta_path.insert(0, Tree(tree, {path: text}))
    say(SHARED * 60.0)
    files = sorted({name.split("::")[0] for name, _ in tests})
    began = []

    def work(items: dict[str, Any]) -> None:
        began.append(True)
        judged(items, tests, cap, say)

    pytest.main([*OPTIONS, *files], plugins=[Judging(work)])
    if not began:
        say({"test": "import", "ran": 0})


def functions_of(tree: Path, paths: Sequence[str]) -> dict[str, list[FunctionType]]:
    """The functions that are there, by the file that they come from."""
    whole = {str(tree / path): path for path in paths}
    found: dict[str, list[FunctionType]] = {path: [] for path in paths}
    for one in gc.get_objects():
        if isinstance(one, FunctionType) and one.__code__.co_filename in whole:
            found[whole[one.__code__.co_filename]].append(one)
    return found


def pairs(old: CodeType, new: CodeType) -> Iterator[tuple[tuple[str, int], CodeType]]:
    """The code of each function of an old text, by name and line, with that of the new text in its place."""
    ours, theirs = ([one for one in code.co_consts if isinstance(one, CodeType)] for code in (old, new))
    if [one.co_name for one in ours] == [one.co_name for one in theirs]:
        for before, after in zip(ours, theirs, strict=True):
            yield (before.co_qualname, before.co_firstlineno), after
            yield from pairs(before, after)


def exchanged(functions: Sequence[FunctionType], place: str, old: str, new: str) -> None:
    """Gives functions that are there the code of another text."""
    codes = dict(pairs(*(compile(text, place, "exec", dont_inherit=True) for text in (old, new))))
    for one in functions:
        code = codes.get((one.__code__.co_qualname, one.__code__.co_firstlineno))
        if code is not None and len(code.co_freevars) == len(one.__code__.co_freevars):
            one.__code__ = code
