"""The process that measures one way on one case: `main(JOB)`, where JOB is a JSON file; see `bench.launch`.

The way is gone once with something tiny, so that what a library loads when it is first used is not counted.
Then with the case; where that takes less than a second up to three times, of which the quickest counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.clock import processor_seconds
from bench.measurement import Measurement

SAMPLE = 0.5
"""Processor seconds for which the slowness of the machine is watched."""
SHORT, TIMES = 1.0, 3
"""Below how many seconds a way is measured how often."""

Job = dict[str, Any]


def main(path: str) -> None:
    """Does the job of a file and writes what it took beside it."""
    job: Job = json.loads(Path(path).read_text())
    try:
        found = _measured(job)
    except MemoryError:
        found = Measurement(job["case"], job["way"], "out of memory")
    except Exception as error:
        found = Measurement(job["case"], job["way"], f"{type(error).__name__}: {error}".splitlines()[0])
    Path(job["result"]).write_text(json.dumps(found.as_record()))


def _measured(job: Job) -> Measurement:
    if job["command"]:
        return _of_processes(job)
    run = _ours(job) if job["is_ours"] else _by_hand(job)
    loaded = memory("VmRSS")
    best: dict[str, Any] = {}
    Path(job["begun"]).touch()
    for _ in range(TIMES):
        before, started = processor_seconds(), time.perf_counter()
        answer = run()
        processor, wall = processor_seconds() - before, time.perf_counter() - started
        if not best or processor < best["processor"]:
            phases = dict(answer.phases)
            if phases:
                phases["rest"] = max(processor - sum(phases.values()), 0.0)
            best = {
                "outcome": {"limit": f"over {job['limit']:g} s"}.get(answer.status, answer.status),
                "processor": processor,
                "wall": wall,
                "phases": phases,
                "columns": answer.columns,
                "rows": answer.rows,
                "integers": answer.integers,
                "objective": answer.objective,
                "gap": answer.gap,
            }
        if processor >= SHORT or wall >= SHORT:
            break
    return Measurement(job["case"], job["way"], megabytes=memory("VmHWM"), loaded=loaded, **best)


def _manner(job: Job) -> Any:
    """How the way is asked; the limit of a search is what its processor seconds take by the clock now."""
    from bench.answer import Manner

    seconds = job["seconds"] or job["limit"] * slowness()
    return Manner(job["algorithm"], job["presolve"], seconds, job["gap"])


def slowness() -> float:
    """The seconds of the clock in which this process gets one of the processor: 1 where it is alone."""
    before, started = time.process_time(), time.perf_counter()
    while time.process_time() - before < SAMPLE:
        pass
    return max((time.perf_counter() - started) / (time.process_time() - before), 1.0)


def _ours(job: Job) -> Callable[[], Any]:
    from bench import ours

    word = job["call"].rpartition(":")[2]
    ours.warm_up(word)
    path, manner = Path(job["spec"]), _manner(job)
    given = {"set": job["settings"], **({"data": job["data"]} if job["data"] else {})}
    return lambda: getattr(ours, word)(path, given, job["toggles"], manner)


def _by_hand(job: Job) -> Callable[[], Any]:
    from bench.arrays import Site, smallest

    module, _, function = job["call"].partition(":")
    way, manner = getattr(import_module(module), function), _manner(job)
    site = Site.load(Path(job["site"]))
    way(smallest(site), manner)
    return lambda: way(site, manner)


def _of_processes(job: Job) -> Measurement:
    """A command as a process of its own: the quickest of three."""
    command = [sys.executable, *job["command"]]
    taken = []
    Path(job["begun"]).touch()
    for _ in range(TIMES):
        before, started = processor_seconds(), time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        taken.append((processor_seconds() - before, time.perf_counter() - started))
    processor, wall = min(taken)
    return Measurement(job["case"], job["way"], "optimal", processor, wall)


def memory(name: str) -> float | None:
    """MB that this process has resident (`VmRSS`), or had at most (`VmHWM`), where the system tells."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    sizes = dict(line.split(":", 1) for line in lines)
    return int(sizes[name].split()[0]) / 1000 if name in sizes else None
