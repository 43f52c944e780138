"""Starts the process that measures a way, and ends it where it takes too long or too much memory."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.cases import ROOT, Case
from bench.measurement import Measurement
from bench.ways import Way

BEFORE = 180.0
"""Seconds in which imports and the tiny case must be done."""
WALL = 4.0
"""By how much more than the limit a way may take on the wall: others may want the processor too."""
AFTER, MORE = 10.0, 1.5
"""What a search may take beyond its limit, which its solver knows, before its process is ended."""
PROGRAM = "import sys; sys.path.append(sys.argv[1]); from bench.{module} import main; main(sys.argv[2])"


def measure(case: Case, way: Way, site: Path | None, limits: tuple[float, float], data: str) -> Measurement:
    """One way on one case; `site` are its arrays, `limits` seconds and MB."""
    if way.missing:
        return Measurement(case.name, way.name, f"{way.missing} is not installed")
    seconds, megabytes = limits
    tutorial = str(ROOT / "specs" / "tutorial")
    job = {
        "case": case.name,
        "way": way.name,
        "call": way.call,
        "is_ours": way.is_ours,
        "command": [part.format(tutorial=tutorial) for part in way.command],
        "algorithm": way.algorithm,
        "presolve": way.presolve,
        "spec": str(case.spec),
        "settings": dict(case.settings),
        "toggles": {name: list(values) for name, values in case.toggles.items()},
        "data": data if case.data else "",
        "site": str(site or ""),
        "limit": seconds,
        # The solver's limit is one of the wall. A search ends by it, as what it has by then is of worth.
        "seconds": None if case.is_search else WALL * seconds,
        "gap": case.gap,
    }
    most = MORE * seconds + AFTER if case.is_search else seconds
    with tempfile.TemporaryDirectory(prefix="evdsl-bench-") as folder:
        work = Path(folder)
        job |= {"result": str(work / "result.json"), "begun": str(work / "begun")}
        file = work / "job.json"
        file.write_text(json.dumps(job))
        with (work / "said").open("w") as said:
            ended, peak = _supervised(file, most, megabytes, work / "begun", said)
        if (work / "result.json").exists():
            found = Measurement(**json.loads((work / "result.json").read_text()))
            # Beside processes of its own a way takes more than what its first one says of itself.
            return replace(found, megabytes=max(found.megabytes or 0.0, peak) or None, limit=seconds)
        last = (work / "said").read_text(errors="replace").strip().splitlines() or ["ended without a word"]
        outcome = ended.format(seconds=seconds) if ended else last[-1]
        return Measurement(case.name, way.name, outcome, megabytes=peak or None, limit=seconds)


def store_site(case: Case, path: Path, data: str) -> str:
    """Writes the arrays of a case, in a process of their own; what went wrong, or nothing."""
    job = {
        "spec": str(case.spec),
        "settings": dict(case.settings),
        "toggles": {name: list(values) for name, values in case.toggles.items()},
        "data": data if case.data else "",
        "result": str(path),
    }
    with tempfile.TemporaryDirectory(prefix="evdsl-bench-") as folder:
        file = Path(folder) / "job.json"
        file.write_text(json.dumps(job))
        command = _command("extract", file)
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else (done.stderr.strip().splitlines() or ["no arrays"])[-1]


def _command(module: str, file: Path) -> list[str]:
    # The checkout comes last on the path, the folder of the process not at all: evdsl is what is installed.
    return [sys.executable, "-P", "-c", PROGRAM.format(module=module), str(ROOT), str(file)]


def _supervised(file: Path, processor: float, megabytes: float, begun: Path, said: Any) -> tuple[str, float]:
    """Waits for a process, whose time begins when it says so: why it was ended, and its most MB."""
    process = subprocess.Popen(
        _command("worker", file),
        cwd=file.parent,
        stdout=said,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    started, since, used, peak = time.perf_counter(), None, 0.0, 0.0
    try:
        while process.poll() is None:
            time.sleep(0.05)
            now = time.perf_counter()
            spent, resident = _taken(process.pid)
            peak = max(peak, resident)
            if since is None and begun.exists():
                since, used = now, spent
            if resident > megabytes:
                return f"over {megabytes:,.0f} MB", peak
            if since is None and now - started > BEFORE:
                return f"not begun within {BEFORE:g} s", peak
            if since is not None and (now - since > WALL * processor or spent - used > processor):
                return "over {seconds:g} s", peak
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return "", peak


def _taken(pid: int) -> tuple[float, float]:
    """Processor seconds and resident MB of a process and of those below it; 0 where nobody tells."""
    own = Path(f"/proc/{pid}")
    try:
        # Behind the name, which may have blanks and parentheses.
        figures = (own / "stat").read_text().rpartition(")")[2].split()
        below = (own / "task" / str(pid) / "children").read_text().split()
    except OSError:
        return 0.0, 0.0
    seconds = sum(int(figures[index]) for index in (11, 12, 13, 14)) / os.sysconf("SC_CLK_TCK")
    megabytes = int(figures[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    for child in below:
        more = _taken(int(child))
        seconds, megabytes = seconds + more[0], megabytes + more[1]
    return seconds, megabytes
