"""What CI holds random specs against: `python fuzz/in_ci.py`, the same each time, on two processes.

300 random specs of the whole language through every claim, in two campaigns of 150, then 2,000 mutations of
the shipped specs. A failing campaign writes its spec as `evdsl fuzz` does, and is seen again with its seed.
"""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).parent
JOBS: tuple[tuple[str, ...], ...] = (
    ("-m", "evdsl", "fuzz", "--examples", "150", "--seed", "1"),
    ("-m", "evdsl", "fuzz", "--examples", "150", "--seed", "2"),
    (str(HERE / "text.py"), "2000"),
)


def run(job: tuple[str, ...]) -> tuple[int, str]:
    begun = time.monotonic()
    # A folder without the package: what is installed is what is tested.
    done = subprocess.run([sys.executable, *job], capture_output=True, text=True, check=False, cwd=HERE)
    told = done.stdout.strip() + ("" if done.returncode == 0 else f"\n{done.stderr.strip()}")
    return done.returncode, f"{' '.join(job)}: {time.monotonic() - begun:.0f} s\n{told}\n"


def main() -> None:
    with ThreadPoolExecutor(2) as pool:
        ended = []
        for status, told in pool.map(run, JOBS):
            print(told, flush=True)
            ended.append(status)
    # A process that was killed has a negative status.
    sys.exit(1 if any(ended) else 0)


if __name__ == "__main__":
    main()
