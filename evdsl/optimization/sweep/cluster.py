"""The jobs of a sweep on a Dask cluster: workers may come, go and be killed; what was in flight is run again.

The bytes of a spec travel to each worker once, as the result of a task that has them in it: what is only
scattered is lost with the last worker that has it, and a task's result is made anew. A worker lays the files
into a folder of its own and does one job at a time, whatever its threads: solvers use the whole process.
`distributed` is an optional dependency: `pip install 'evdsl[dask]'`.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import threading
import uuid
import warnings
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.source import Source, Span
from evdsl.optimization.sweep.bundle import Bundle, LaidBundle
from evdsl.optimization.sweep.job import Row, failed_rows, rows_of
from evdsl.optimization.sweep.plan import Conditions, Job
from evdsl.optimization.sweep.worker import job_of, job_record
from evdsl.version import VERSION

if TYPE_CHECKING:
    from distributed import Client as Client
    from distributed import Future

IN_FLIGHT = 1000
"""Jobs that the scheduler knows at a time."""
ATTEMPTS = 2
"""How often the cluster is given a job whose workers die; each time it tries several itself."""
PATIENCE = 10.0
"""Seconds in which a scheduler answers."""

_laid: dict[str, LaidBundle] = {}
_doing = threading.Lock()


LOST = "the scheduler went away while runs were in flight"


class LostClusterError(RuntimeError):
    """The scheduler went away while jobs were in flight."""


def connect(address: str, quiet: bool = False) -> Client | Diagnostic:
    """The client of a scheduler, or why there is none; `quiet` keeps what Dask logs in this process."""
    place = Span(Source("--dask", address), 0, len(address))
    if find_spec("distributed") is None:
        help = "install it with `pip install 'evdsl[dask]'`"
        return Diagnostic("E603", "a cluster needs dask.distributed, which is not installed", place, "", help)
    # The command says that it is missing, so that xarray does not load it for nothing.
    if sys.modules.get("dask.array", ...) is None:
        del sys.modules["dask.array"]
    from distributed import Client

    if quiet:
        # Each of its loggers has a level and a handler of its own.
        for name in ("distributed", *logging.root.manager.loggerDict):
            if name.partition(".")[0] == "distributed":
                logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Client(  # type: ignore[no-untyped-call]  # has no types of its own
                address, timeout=PATIENCE, set_as_default=False
            )
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        reason = "no scheduler answers there" if isinstance(error, OSError) else " ".join(str(error).split())
        help = "begin one with `dask scheduler`, and workers with `dask worker tcp://HOST:8786 --nthreads 1`"
        return Diagnostic("E603", f"`{address}` cannot be used: {reason[:200]}", place, "", help)


def run_on_cluster(
    jobs: Iterable[Job], bundles: Sequence[Bundle], conditions: Conditions, client: Client
) -> Generator[tuple[Job, list[Row]], None, None]:
    """Every job with its rows, as they are done. Raises `LostClusterError`."""
    try:
        yield from _results(jobs, _Cluster(client, bundles, conditions))
    except (OSError, CancelledError) as error:  # of a connection; those of whoever takes the rows are his
        raise LostClusterError(LOST) from error


def _results(jobs: Iterable[Job], cluster: _Cluster) -> Iterator[tuple[Job, list[Row]]]:
    from distributed import as_completed

    waiting = iter(jobs)
    completed: Any = as_completed(loop=cluster.client.loop)  # type: ignore[no-untyped-call]  # has no types of its own
    for job in islice(waiting, IN_FLIGHT):
        completed.add(cluster.submit(job, 1))
    for future in completed:
        found = cluster.ended(future)
        if isinstance(found, tuple):
            yield found
            for job in islice(waiting, 1):
                completed.add(cluster.submit(job, 1))
        else:
            completed.add(found)


class _Cluster:
    def __init__(self, client: Client, bundles: Sequence[Bundle], conditions: Conditions) -> None:
        self.client = client
        self.bundles = bundles
        self.conditions = conditions
        self.name = uuid.uuid4().hex[:12]
        self.running: dict[str, tuple[Job, int]] = {}
        self.carried = [self._carry(number, 1) for number in range(len(bundles))]

    def _carry(self, number: int, attempt: int) -> Future[Bundle]:
        """The task that brings a spec with its files to the workers."""
        key = f"evdsl-spec-{self.name}-{number}-{attempt}"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # dask advises to scatter what is large
            return self.client.submit(_carried, self.bundles[number], key=key, pure=False)

    def submit(self, job: Job, attempt: int) -> Future[list[Row]]:
        if self.carried[job.spec].status == "error":  # it was on each of the workers that died
            self.carried[job.spec] = self._carry(job.spec, uuid.uuid4().int)
        key = f"evdsl-run-{self.name}-{job.number}-{attempt}"
        self.running[key] = (job, attempt)
        return self.client.submit(
            work,
            job_record(job),
            self.carried[job.spec],
            self.conditions.record(),
            VERSION,
            key=key,
            pure=False,
        )

    def ended(self, future: Future[list[Row]]) -> tuple[Job, list[Row]] | Future[list[Row]]:
        """What a job came to, or its next attempt."""
        from distributed import KilledWorker

        job, attempt = self.running.pop(str(future.key))
        shown = self.bundles[job.spec].shown
        try:
            return job, future.result()
        except (OSError, CancelledError):
            if future.status != "error":
                raise LostClusterError(LOST) from None
            error = _error_of(future)
        except KilledWorker:
            if attempt < ATTEMPTS:
                return self.submit(job, attempt + 1)
            why = "the workers that ran it died, several times"
            return job, failed_rows(job, shown, self.conditions, "died", why)
        except Exception as other:  # what a worker cannot load, or cannot write
            error = other
        why = " ".join(f"a worker cannot run it: {type(error).__name__}: {error}".split())[:300]
        return job, failed_rows(job, shown, self.conditions, "bug", why)


def _error_of(future: Any) -> BaseException:
    found: BaseException = future.exception()
    return found


def _carried(bundle: Bundle) -> Bundle:
    return bundle


def work(record: dict[str, Any], bundle: Bundle, conditions: dict[str, Any], version: str) -> list[Row]:
    """A job, on a worker."""
    job, told = job_of(record), Conditions.read(conditions)
    if version != VERSION:
        why = f"the worker has evdsl {VERSION}, and the sweep was begun with {version}"
        return failed_rows(job, bundle.shown, told, "bug", why)
    with _doing:
        if bundle.digest not in _laid:
            _laid[bundle.digest] = bundle.lay(Path(tempfile.mkdtemp(prefix="evdsl-", dir=_own_folder())))
        return rows_of(job, _laid[bundle.digest], told)


def _own_folder() -> str | None:
    """The folder that Dask keeps for this worker and takes away after it."""
    from distributed import get_worker

    try:
        return str(get_worker().local_directory)
    except ValueError:
        return None
