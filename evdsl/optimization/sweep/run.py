"""A sweep from its plan to its rows: what a journal has is not run again; what is done is in it at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from evdsl.optimization.sweep.cluster import LostClusterError, run_on_cluster
from evdsl.optimization.sweep.folder import sweep_folder
from evdsl.optimization.sweep.job import FAILED, Row
from evdsl.optimization.sweep.journal import Journal
from evdsl.optimization.sweep.local import run_here
from evdsl.optimization.sweep.plan import Job, Plan

if TYPE_CHECKING:
    from evdsl.optimization.sweep.cluster import Client

Enough: TypeAlias = Callable[[Mapping[int, Sequence[Row]]], bool]
"""Told the rows by the number of their job, after each job: whether no more are needed."""
Listener: TypeAlias = Callable[[int, int, int, int], None]
"""Called with how many jobs are done now, were done before, failed of both, and are asked for."""


@dataclass(frozen=True, slots=True)
class Here:
    """This machine: how many processes, and the bytes that each may take."""

    processes: int
    memory: int | None = None


@dataclass(frozen=True, slots=True)
class SweepResult:
    """What a sweep came to: `rows` in the order of the plan, of `done` jobs out of `asked`.

    `kept` jobs were in the journal before; `foreign` are jobs in it that are none of the plan.
    """

    plan: Plan
    rows: tuple[Row, ...]
    done: int
    asked: int
    kept: int = 0
    foreign: int = 0
    interrupted: bool = False
    message: str = ""


def run_sweep(
    plan: Plan,
    where: Here | Client,
    journal: Journal | None = None,
    known: dict[str, list[Row]] | None = None,
    listener: Listener | None = None,
    enough: Enough | None = None,
) -> SweepResult:
    """Runs what is not known yet; Ctrl-C, or that there are `enough`, ends it with what is done."""
    known = known or {}
    rows: dict[int, list[Row]] = {}
    pending: list[Job] = []
    keys: dict[int, str] = {}
    for job, key in plan.keyed_jobs():
        if key in known:
            rows[job.number] = known[key]
        else:
            pending.append(job)
            keys[job.number] = key
    kept = len(rows)
    failed = sum(map(_is_failed, rows.values()))
    interrupted, message = False, ""
    if listener is not None:
        listener(0, kept, failed, plan.count)
    if enough is not None and enough(rows):
        pending = []
    try:
        with _results(plan, pending, where) as results:
            for job, found in results:
                # Ctrl-C between the two leaves a run in the table that `--resume` makes again, never one out.
                rows[job.number] = found
                if journal is not None:
                    journal.add(keys[job.number], found)
                failed += _is_failed(found)
                if listener is not None:
                    listener(len(rows) - kept, kept, failed, plan.count)
                if enough is not None and enough(rows):
                    break
    except KeyboardInterrupt:
        interrupted = True
    except LostClusterError as error:
        message = str(error)
    ordered = tuple(row for number in sorted(rows) for row in rows[number])
    foreign = len(known) - kept
    return SweepResult(plan, ordered, len(rows), plan.count, kept, foreign, interrupted, message)


@contextmanager
def _results(
    plan: Plan, pending: list[Job], where: Here | Client
) -> Iterator[Iterable[tuple[Job, list[Row]]]]:
    if not pending:
        yield iter(())
    elif isinstance(where, Here):
        with sweep_folder() as folder:
            specs = [bundle.lay(folder / str(n)) for n, bundle in enumerate(plan.bundles)]
            processes = min(where.processes, len(pending))
            running = run_here(pending, specs, plan.conditions, processes, where.memory)
            with closing(running):
                yield running
    else:
        with closing(run_on_cluster(pending, plan.bundles, plan.conditions, where)) as running:
            yield running


def _is_failed(rows: list[Row]) -> bool:
    return any(row["status"] in FAILED for row in rows)
