"""Puts the spec and the results into the pages, so that every figure in them is one that a command prints.

In the README it is two blocks; in a page of `docs` each text block below a comment `<!-- evdsl ... -->`.

python tests/readme.py            rewrite the blocks
python tests/readme.py --check    exit 1 if they are out of date (times aside)
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
SPEC = "specs/tutorial/2_car_park.evs"
COMMAND = re.compile(r"^(<!-- evdsl (.*) -->\n)```text\n(?:.*\n)*?```\n", re.M)
PAGES = [page for page in sorted((ROOT / "docs").glob("*.md")) if "<!-- evdsl " in page.read_text("utf-8")]


def spec_block() -> str:
    """The spec without the comment at its head."""
    lines = (ROOT / SPEC).read_text(encoding="utf-8").splitlines()
    first = next(index for index, line in enumerate(lines) if not line.startswith("#"))
    return "\n".join(lines[first:])


def printed(words: list[str]) -> str:
    """What a command prints, 100 columns wide."""
    program = f"import sys; from evdsl.cli.main import main; sys.exit(main({words!r}))"
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
    for language, block in (("evs", spec_block()), ("text", printed(["solve", SPEC]))):
        begin = text.index(f"```{language}\n")
        end = text.index("\n```", begin)
        text = f"{text[:begin]}```{language}\n{block}{text[end:]}"
    return text


def page_written(page: Path) -> str:
    """A page of `docs` with the blocks below its commands as they should be."""

    def block(found: re.Match[str]) -> str:
        return f"{found[1]}```text\n{printed(shlex.split(found[2]))}\n```\n"

    return COMMAND.sub(block, page.read_text(encoding="utf-8"))


def page_comparable(text: str) -> str:
    """As `comparable`: the numbers of a page hold for the version that it names."""
    # `delay` is no part of these objectives, so that ties may be broken otherwise.
    text = re.sub(r"^([\d.]+ s:|  delay) .*$", "(varies)", text, flags=re.M)
    return text if f"highspy {version('highspy')}" in text else COMMAND.sub(r"\1", text)


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
    pages = {page: page_written(page) for page in PAGES}
    if "--check" in sys.argv:
        stale = [
            page.name
            for page, text in pages.items()
            if page_comparable(text) != page_comparable(page.read_text(encoding="utf-8"))
        ]
        if comparable(fresh) != comparable(README.read_text(encoding="utf-8")):
            stale.append(README.name)
        sys.exit(f"out of date: {', '.join(stale)}" if stale else 0)
    README.write_text(fresh, encoding="utf-8")
    for page, text in pages.items():
        page.write_text(text, encoding="utf-8")
