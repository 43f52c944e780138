"""`evdsl new NAME [--from START]`: a spec that solves as it stands; `--list` names the starts.

A start is a whole spec in `evdsl/cli/templates`, whose first line says what it is. The station takes the
name that is asked for, and a file of data beside the start is written as `NAME.csv`.
"""

from __future__ import annotations

import argparse
import re
import sys
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from evdsl.cli.exit import DONE, USAGE
from evdsl.diagnostics.diagnostic import did_you_mean
from evdsl.diagnostics.source import Source
from evdsl.syntax.formatter import format
from evdsl.syntax.parser import parse

STARTS = ("car_park", "car", "depot", "v2g", "solar", "fair", "sessions")
"""In the order in which they are listed; the first is taken where none is named."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """What the command line takes."""
    command.add_argument(
        "name", metavar="NAME", nargs="?", help="the name of the station; NAME.evs is written"
    )
    command.add_argument(
        "--from", metavar="START", dest="start", help="what to start from (default: car_park)"
    )
    command.add_argument("--list", action="store_true", help="list what can be started from")


def run(arguments: argparse.Namespace) -> int:
    """Writes NAME.evs and its data, and nothing over a file that is there."""
    if arguments.list:
        return _listed(arguments)
    if arguments.name is None:
        return _refused(
            "no name is given", "`evdsl new NAME` begins a spec, `evdsl new --list` lists the starts"
        )
    start = arguments.start or STARTS[0]
    if start not in STARTS:
        return _refused(
            f"there is no start `{start}`", did_you_mean(start, STARTS) or f"starts are {', '.join(STARTS)}"
        )
    name = arguments.name.removesuffix(".evs")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,63}", name):
        return _refused(f"`{name}` is no name of a station: letters, digits and `_`, beginning with a letter")
    text = spec(start, name)
    if text is None:
        return _refused(f"`{name}` is a word of the language, and no name of a station")
    texts = {Path(f"{name}.evs"): text}
    if data := _file(f"{start}.csv"):
        texts[Path(f"{name}.csv")] = data.read_text(encoding="utf-8")
    if problem := _written(texts):
        return _refused(problem)
    spec_path, *beside = texts
    also = f"; its data are in {', '.join(map(str, beside))}" if beside else ""
    print(f"{spec_path} written{also}; next: evdsl solve {spec_path}")
    return DONE


def about(start: str) -> str:
    """What a start is, in a line."""
    return _text(start).partition("\n")[0].removeprefix("# ")


def spec(start: str, name: str) -> str | None:
    """A start under the name of a station; none where the language keeps the name for itself."""
    text = re.sub(rf"^station {start} {{", f"station {name} {{", _text(start), count=1, flags=re.MULTILINE)
    text = text.replace(f'"{start}.csv"', f'"{name}.csv"')
    file, found = parse(Source(f"{name}.evs", text))
    return None if found else format(file)


def _listed(arguments: argparse.Namespace) -> int:
    if arguments.name is not None or arguments.start is not None:
        return _refused("`--list` stands alone", "`evdsl new NAME --from START` writes a spec")
    width = max(map(len, STARTS))
    for start in STARTS:
        print(f"{start:<{width}}  {about(start)}")
    print(f"\nevdsl new NAME --from {STARTS[-1]} writes NAME.evs; without --from it is a {STARTS[0]}")
    return DONE


def _written(texts: dict[Path, str]) -> str:
    """Writes all files or none; what stands in the way otherwise."""
    there = [str(path) for path in texts if path.is_symlink() or path.exists()]
    if there:
        return _taken(there[0])
    done: list[Path] = []
    for path, text in texts.items():
        try:
            with path.open("x", encoding="utf-8") as stream:
                done.append(path)
                stream.write(text)
        except OSError as error:
            for other in done:
                other.unlink(missing_ok=True)
            if isinstance(error, FileExistsError):
                return _taken(str(path))
            return f"{path} cannot be written: {(error.strerror or '').lower()}"
    return ""


def _taken(path: str) -> str:
    return f"{path} is there already, and is left as it is"


def _text(start: str) -> str:
    return files("evdsl.cli").joinpath("templates", f"{start}.evs").read_text(encoding="utf-8")


def _file(name: str) -> Traversable | None:
    file = files("evdsl.cli").joinpath("templates", name)
    return file if file.is_file() else None


def _refused(problem: str, help: str = "") -> int:
    print(f"error: {problem}", file=sys.stderr)
    if help:
        print(f"help: {help}", file=sys.stderr)
    return USAGE
