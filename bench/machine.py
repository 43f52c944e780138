"""On what was measured: the machine, the versions, the day."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = "evdsl highspy linopy numpy scipy cvxpy-base ecos pyomo".split()


def described() -> dict[str, str]:
    """What a reader needs to judge the figures by."""
    found = {
        "date": datetime.date.today().isoformat(),
        # Others who want the processor make all of it slower, though no second of it counts twice.
        "processor": f"{os.cpu_count()} cores of {_processor()} with a load of {os.getloadavg()[2]:.0f}",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "commit": _commit(),
    }
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _commit() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, cwd=Path(__file__).parent, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
