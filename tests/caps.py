"""Says which releases are out that a cap of pyproject.toml keeps away: `python tests/caps.py`.

It fails for nothing: a release of somebody else breaks no change of ours, but somebody should hear of it.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PAGE = "docs/design/dependencies.md"


def capped() -> list[Requirement]:
    """The dependencies that have a greatest version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [Requirement(line) for line in project["dependencies"]]
    return [one for one in asked if any(bound.operator.startswith("<") for bound in one.specifier)]


def newest(name: str) -> str | None:
    """The newest release for this Python, or nothing where nobody answers."""
    command = [sys.executable, "-m", "pip", "index", "versions", name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    # The first line is `highspy (1.16.0)`.
    head = done.stdout.partition("\n")[0]
    return head[head.index("(") + 1 : head.index(")")] if head.endswith(")") else None


def told(asked: Requirement, release: str | None) -> str:
    """What there is to say of a dependency; nothing, where its newest release is permitted."""
    if release is None:
        return f"{asked.name}: the releases could not be looked up"
    if asked.specifier.contains(Version(release)):
        return ""
    return f"{asked.name} {release} is out and not permitted yet: see {PAGE}"


if __name__ == "__main__":
    for one in capped():
        line = told(one, newest(one.name))
        if line:
            print(line)
