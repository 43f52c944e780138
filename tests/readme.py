"""Puts the spec and the result into the README, so that every figure in it is one that a command prints.

python tests/readme.py            rewrite the two blocks
python tests/readme.py --check    exit 1 if they are out of date (times aside)
"""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
SPEC = "specs/tutorial/2_car_park.evs"


def spec_block() -> str:
    """The spec without the comment at its head."""
    lines = (ROOT / SPEC).read_text(encoding="utf-8").splitlines()
    first = next(index for index, line in enumerate(lines) if not line.startswith("#"))
    return "\n".join(lines[first:])


def result_block() -> str:
    """What the command prints, 100 columns wide."""
    program = f"import sys; from evdsl.cli import main; sys.exit(main(['solve', {SPEC!r}]))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={"COLUMNS": "100", "PATH": "", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"},
    )
    return done.stdout.rstrip()


def written() -> str:
    """The README with both blocks as they should be."""
    text = README.read_text(encoding="utf-8")
    for language, block in (("evs", spec_block()), ("text", result_block())):
        begin = text.index(f"```{language}\n")
        end = text.index("\n```", begin)
        text = f"{text[:begin]}```{language}\n{block}{text[end:]}"
    return text


def comparable(text: str) -> str:
    """Without what differs from run to run, and without ties that another version breaks otherwise."""
    text = re.sub(r"^[\d.]+ s: .*$", "(times)", text, flags=re.M)
    if f"highspy {version('highspy')}" in text:
        return text
    begin = text.index("```text\n")
    end = text.index("\n```", begin)
    kept = [line for line in text[begin:end].splitlines() if line.startswith(("optimal", "objective"))]
    return text[:begin] + "\n".join(kept) + text[end:]


if __name__ == "__main__":
    fresh = written()
    if "--check" in sys.argv:
        sys.exit(comparable(fresh) != comparable(README.read_text(encoding="utf-8")))
    README.write_text(fresh, encoding="utf-8")
