"""The disk that evdsl takes in a fresh environment, and the time that it takes to install.

python bench/environment.py [REQUIREMENT] [--pip OPTION ...]

REQUIREMENT is what pip is given: this checkout (`.`) where nothing is said, `.[test]`, or another checkout.
What follows `--pip` goes to `pip install`, such as `--no-compile` or `--constraint tests/locked.txt`. The
seconds are those with the packages in pip's cache: run it twice, and believe the second. A spec is then
solved on both solvers, twice, since Python compiles what pip did not when it first loads it.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path

ROOT = Path(__file__).parent.parent
SPEC = ROOT / "specs" / "tutorial" / "2_car_park.evs"
SHOWN = 16  # distributions, the largest first; the rest together take less than the last of them


def megabytes(paths: Iterable[Path]) -> float:
    """What files and folders take on the disk, in MiB, as `du -m` counts them."""
    # A link is no file of its own: the Python of an environment is one.
    return sum(path.lstat().st_blocks for path in paths) * 512 / 2**20


def files(one: Distribution) -> list[Path]:
    """The files that pip wrote for a distribution, its compiled modules included."""
    return [path for path in (Path(str(one.locate_file(file))) for file in one.files or ()) if path.exists()]


def told(folder: Path) -> str:
    """What an environment takes, and how much of it are modules that were compiled."""
    everything = [folder, *folder.rglob("*")]
    compiled = [path for path in everything if path.suffix == ".pyc"]
    return f"{megabytes(everything):.0f} MB, {megabytes(compiled):.0f} of them compiled modules"


def plain(name: str) -> str:
    """A distribution's name as everybody would spell it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def asked_by(installed: list[Distribution]) -> dict[str, set[str]]:
    """For each distribution, which others need it, those that it only extends aside."""
    found: dict[str, set[str]] = {}
    for one in installed:
        for line in one.requires or ():
            name = re.match(r"[\w.-]+", line)
            if name and "extra ==" not in line:
                found.setdefault(plain(name[0]), set()).add(plain(one.name))
    return found


def main() -> None:
    """Installs, measures and prints."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("requirement", nargs="?", default=".")
    parser.add_argument("--pip", nargs=argparse.REMAINDER, default=[], help="options of `pip install`")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "venv"
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        made = time.perf_counter()
        pip = [folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *given.pip, given.requirement], cwd=ROOT, check=True)
        ended = time.perf_counter()
        print(f"{made - began:.0f} s for the environment, {ended - made:.0f} s for pip install")
        print(told(folder))

        (packages,) = folder.glob("lib/python*/site-packages")
        installed = list(distributions(path=[str(packages)]))
        asked = asked_by(installed)
        sizes = sorted(((megabytes(files(one)), one) for one in installed), key=lambda pair: -pair[0])
        for size, one in sizes[:SHOWN]:
            by = ", ".join(sorted(asked.get(plain(one.name), set())))
            print(f"{size:6.1f} MB  {one.name} {one.version}" + (f", for {by}" if by else ""))
        rest = sum(size for size, _ in sizes[SHOWN:])
        print(f"{rest:6.1f} MB  {len(sizes) - SHOWN} others")

        # As a user has it: compiled modules are kept, and what evdsl keeps of its own is not there yet.
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        for time_of in ("first", "second"):
            for solver in ("highs", "scip"):
                began = time.perf_counter()
                command = [folder / "bin" / "evdsl", "solve", SPEC, "--backend", solver]
                environment = kept | {"XDG_CACHE_HOME": str(Path(work) / "cache")}
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
                print(f"{time.perf_counter() - began:.1f} s for the {time_of} evdsl solve on {solver}")
        print(f"then {told(folder)}")


if __name__ == "__main__":
    main()
