"""The jobs of a sweep on this machine: processes, each driven by a thread of its own over a pipe.

A process that dies, killed for memory or by a solver that crashes, costs its job alone: it is started anew,
and the job is run once more; where that one dies too, the job has rows that say so. A pool of the standard
library breaks as a whole.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue

from evdsl.optimization.sweep.bundle import LaidBundle
from evdsl.optimization.sweep.job import Row, failed_rows
from evdsl.optimization.sweep.plan import Conditions, Job
from evdsl.optimization.sweep.worker import PROGRAM, job_record

ATTEMPTS = 2
"""Processes that may die on one job."""


def cores() -> int:
    """The cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_here(
    jobs: Iterable[Job], specs: Sequence[LaidBundle], conditions: Conditions, count: int, memory: int | None
) -> Generator[tuple[Job, list[Row]], None, None]:
    """Every job with its rows, as they are done, in `count` processes of `memory` bytes each."""
    pool = _Pool(jobs, specs, conditions, memory)
    try:
        yield from pool.run(count)
    finally:
        pool.stop()


class _Pool:
    def __init__(
        self, jobs: Iterable[Job], specs: Sequence[LaidBundle], conditions: Conditions, memory: int | None
    ) -> None:
        self.jobs = iter(jobs)
        self.taking = threading.Lock()
        self.specs = specs
        self.conditions = conditions
        self.begin = {
            "conditions": conditions.record(),
            "specs": [
                {"shown": one.shown, "path": one.path, "folders": one.folders} for one in specs
            ],
            "memory": memory,
        }  # fmt: skip
        self.done: SimpleQueue[tuple[Job, list[Row]] | BaseException | None] = SimpleQueue()
        self.stopped = False
        self.running: set[subprocess.Popen[str]] = set()

    def run(self, count: int) -> Iterator[tuple[Job, list[Row]]]:
        threads = [threading.Thread(target=self._drive, daemon=True) for _ in range(count)]
        for thread in threads:
            thread.start()
        left = count
        while left:
            try:
                # With a limit, so that Ctrl-C is seen on every system.
                found = self.done.get(timeout=1.0)
            except Empty:
                continue
            if found is None:
                left -= 1
            elif isinstance(found, BaseException):
                raise found
            else:
                yield found

    def stop(self) -> None:
        """Ends what still runs."""
        with self.taking:
            self.stopped = True
            for process in self.running:
                process.kill()

    def _next(self) -> Job | None:
        with self.taking:
            return None if self.stopped else next(self.jobs, None)

    def _drive(self) -> None:
        """Does jobs until there are none left, in one process after the other."""
        process = None
        try:
            while (job := self._next()) is not None:
                for attempt in range(1, ATTEMPTS + 1):
                    process = process or self._start()
                    rows = None if process is None else _answer(process, job)
                    if process is None or self.stopped:
                        return
                    if rows is not None:
                        self.done.put((job, rows))
                        break
                    status = _close(process)
                    self._forget(process)
                    process = None
                    if attempt == ATTEMPTS:
                        shown = self.specs[job.spec].shown
                        rows = failed_rows(job, shown, self.conditions, "died", how_it_died(status))
                        self.done.put((job, rows))
        except BaseException as error:
            self.done.put(error)
        finally:
            if process is not None:
                _close(process)
                self._forget(process)
            self.done.put(None)

    def _start(self) -> subprocess.Popen[str] | None:
        """A process that knows what holds in every job; `None` where the sweep was ended meanwhile."""
        command = [sys.executable, "-c", PROGRAM, json.dumps(sys.path), str(os.getpid())]
        with self.taking:
            if self.stopped:
                return None
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                encoding="utf-8",
                start_new_session=True,
            )
            self.running.add(process)
        _tell(process, self.begin)
        return process

    def _forget(self, process: subprocess.Popen[str]) -> None:
        with self.taking:
            self.running.discard(process)


def _tell(process: subprocess.Popen[str], record: object) -> None:
    """Sends a line; that nobody is there any more is seen where the answer is read."""
    assert process.stdin is not None
    with suppress(BrokenPipeError, OSError):
        process.stdin.write(f"{json.dumps(record)}\n")
        process.stdin.flush()


def _answer(process: subprocess.Popen[str], job: Job) -> list[Row] | None:
    """The rows of a job; `None` where the process ended before it had all of them."""
    _tell(process, job_record(job))
    assert process.stdout is not None
    line = process.stdout.readline()
    return json.loads(line) if line.endswith("\n") else None


def _close(process: subprocess.Popen[str]) -> int:
    """Lets a process end that has nothing left to do, and gives its exit status."""
    for stream in (process.stdin, process.stdout):
        with suppress(BrokenPipeError, OSError):
            assert stream is not None
            stream.close()
    return process.wait()


def how_it_died(status: int) -> str:
    """What is known of the end of a process."""
    if status >= 0:
        return f"the process of the run ended twice with status {status}"
    number = signal.Signals(-status)
    if number is signal.SIGKILL:
        return "the process of the run was killed twice, as the system does where memory runs out"
    return f"the process of the run was ended twice by {number.name}, as where a solver crashes"
