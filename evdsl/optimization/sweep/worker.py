"""A process that does jobs for a sweep, one after the other: what it is asked and what it answers are lines.

The first line has the conditions, the specs and the memory, each further one a job, and each is answered by a
line with its rows. It ends where its parent closes the pipe, or dies. Ctrl-C is for the parent alone.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from evdsl.optimization.sweep.bundle import LaidBundle
from evdsl.optimization.sweep.job import rows_of
from evdsl.optimization.sweep.plan import Conditions, Job, Scenario

PROGRAM = (
    "import signal, sys, json\n"
    "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    "sys.path[:] = json.loads(sys.argv[1])\n"
    "from evdsl.optimization.sweep.worker import serve\n"
    "serve(int(sys.argv[2]))"
)
"""What Python is begun with: the modules of the parent are found wherever it found them, and no program of a
user is imported anew, as `multiprocessing` does."""


def serve(parent: int) -> None:
    """Does what the lines on standard input ask for, until there are no more."""
    _die_with(parent)
    # What a library in C prints is not to be taken for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    asked = os.fdopen(os.dup(0), encoding="utf-8")
    begin = json.loads(asked.readline())
    conditions = Conditions.read(begin["conditions"])
    specs = [LaidBundle(one["shown"], one["path"], tuple(one["folders"])) for one in begin["specs"]]
    _limit(begin["memory"])
    for line in asked:
        job = job_of(json.loads(line))
        rows = rows_of(job, specs[job.spec], conditions)
        answers.write(f"{json.dumps(rows, allow_nan=False)}\n")
        answers.flush()


def job_record(job: Job) -> dict[str, Any]:
    """A job as plain data."""
    return asdict(job)


def job_of(record: dict[str, Any]) -> Job:
    """A job from plain data."""
    given = tuple((name, value) for name, value in record["set"])
    return Job(record["number"], record["spec"], given, record["seed"], Scenario(**record["scenario"]))


def _die_with(parent: int) -> None:
    """On Linux the process ends with its parent, also where that is killed while a solver runs."""
    if sys.platform != "linux":
        return
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)


def _limit(memory: int | None) -> None:
    """Lets the process take that many bytes for its data: it meets this limit before the machine has none."""
    if memory is None:
        return
    with suppress(ImportError, OSError, ValueError):
        import resource

        hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
        within = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (within, hard))
