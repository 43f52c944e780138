"""Hostile files as data of a spec: none is opened that must not be, none crashes, hangs or fills the memory.

The cases are those of `fuzz/hostile.py`, which runs each in a child of its own under an audit hook.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import hostile
import hostile_cases
import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="devices, forks and /proc are those of Linux")


CASES = hostile_cases.cases()


@pytest.mark.slow
def test_every_hostile_file_is_refused_or_harmless() -> None:
    """In one test, since the cases share a process whose opened files are watched."""
    done = subprocess.run(
        [sys.executable, hostile.__file__, "--json"], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    outcomes = json.loads(done.stdout)
    assert [each["name"] for each in outcomes] == [case.name for case in CASES]
    assert not [(each["name"], each["wrong"]) for each in outcomes if each["wrong"]]
    assert not [(each["name"], each["opened"]) for each in outcomes if each["opened"]]
    assert max(each["megabytes"] for each in outcomes) < 400


def test_there_are_thirty_paths_and_more_than_that_of_contents() -> None:
    assert len(hostile_cases.PATHS) >= 30
    assert len(CASES) == len({case.name for case in CASES}) >= len(hostile_cases.PATHS) * 4 + 30


def test_a_reader_that_opens_what_lies_outside_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it says: here the file is read, and the right message is given all the same."""
    from evdsl.syntax import includes

    refused = includes.locate

    def curious(name: str, *rest: Any, **others: Any) -> Any:
        Path(name).read_bytes()
        return refused(name, *rest, **others)

    hostile.preload()
    case = next(case for case in CASES if case.name == "an absolute path as include")
    assert hostile.outcome_of(case).wrong == ""
    monkeypatch.setattr(includes, "locate", curious)
    assert hostile.outcome_of(case).wrong == "it touched /etc/passwd"


def test_a_reader_that_dies_or_hangs_or_fills_the_memory_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import os
    import time

    from evdsl.syntax import includes

    hostile.preload()
    case = next(case for case in CASES if case.name == "a folder as include")
    monkeypatch.setattr(hostile, "SECONDS", 1.0)
    for what, said in (
        (lambda *_, **__: os._exit(3), "the child ended with 768"),
        (lambda *_, **__: time.sleep(60), "the child ended with 9"),
    ):
        monkeypatch.setattr(includes, "locate", what)
        assert hostile.outcome_of(case).wrong == said
    refused = monkeypatch.undo() or includes.locate
    kept: list[bytes] = []

    def hungry(*given: Any, **others: Any) -> Any:
        kept.append(b"x" * 600_000_000)
        return refused(*given, **others)

    monkeypatch.setattr(includes, "locate", hungry)
    assert hostile.outcome_of(case).wrong.startswith("it took ")


def test_an_unpickled_file_would_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pickle

    monkeypatch.chdir(tmp_path)
    pickle.loads(pickle.dumps(hostile_cases.Payload(), 4))
    assert (tmp_path / "unpickled").exists()
