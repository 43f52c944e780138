"""The findings of `evdsl check` as workflow commands of GitHub, and what SARIF needs of them as well.

A finding belongs to the file that holds the mistake, which may be one that the spec includes. A file in or
below the working folder goes by its relative path, any other by its absolute one: both readers look from the
root of a repository. A finding that stands in no file, such as a mistake in `--set`, is told of the spec
that was checked, with what was typed in front of the message.

Lines and columns count from 1, columns in characters; an end column is the one behind the last character.
GitHub takes columns only of what lies on one line.
See https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evdsl.diagnostics.diagnostic import LIMIT, Diagnostic, in_order


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A spec by the name that it was asked for by, and what was found in it."""

    path: str
    found: tuple[Diagnostic, ...]

    @property
    def shown(self) -> list[Diagnostic]:
        """The findings that are told, in order."""
        return in_order(self.found)[:LIMIT]

    @property
    def more(self) -> int:
        """How many others there are."""
        return max(len(set(self.found)) - LIMIT, 0)

    @property
    def rest(self) -> str:
        """What is said of the others; empty where there are none."""
        findings = f"finding{'s' * (self.more != 1)}"
        return f"{self.more} more {findings} in {self.path}; mend these first" if self.more else ""


@dataclass(frozen=True, slots=True)
class Place:
    """A file, and the lines and columns in it; without them, the file as a whole."""

    file: str
    region: tuple[int, int, int, int] | None = None
    """Line and column of the first character, and of the one behind the last."""


def place_of(diagnostic: Diagnostic, checked: CheckedFile) -> Place:
    """Where a finding stands."""
    span = diagnostic.span
    if span is None or _typed(diagnostic):
        return Place(_path(checked.path))
    end = span.source.position(max(span.end, span.start))
    return Place(_path(span.source.path or span.source.name), (span.line, span.column, *end))


def message_of(diagnostic: Diagnostic) -> list[str]:
    """The message and, each on a line of its own, the notes and the help."""
    record = diagnostic.as_record()
    first = str(record["message"])
    if _typed(diagnostic) and diagnostic.span is not None:
        first = f"in `{diagnostic.span.source.name}`: {first}"
    notes = record["notes"]
    assert isinstance(notes, list)
    help = [f"help: {record['help']}"] if record["help"] else []
    return [first, *(f"note: {note}" for note in notes), *help]


def _typed(diagnostic: Diagnostic) -> bool:
    """Whether the mistake stands on the command line."""
    return diagnostic.span is not None and diagnostic.span.source.name.startswith("--")


def _path(name: str | Path) -> str:
    absolute = os.path.abspath(name)
    folder = os.path.join(os.getcwd(), "")
    return Path(absolute.removeprefix(folder)).as_posix()


def as_github(several: Sequence[CheckedFile]) -> Iterator[str]:
    """One workflow command for each finding; one that several specs share through an include is told once."""
    told: set[str] = set()
    for checked in several:
        for diagnostic in checked.shown:
            line = _annotation(diagnostic, checked)
            if line not in told:
                told.add(line)
                yield line
        if checked.rest:
            yield _command("notice", {"file": _path(checked.path)}, checked.rest)


def _annotation(diagnostic: Diagnostic, checked: CheckedFile) -> str:
    place = place_of(diagnostic, checked)
    properties = {"file": place.file}
    if place.region is not None:
        line, column, end_line, end_column = place.region
        properties |= {"line": str(line), "endLine": str(end_line)}
        if line == end_line:
            properties |= {"col": str(column), "endColumn": str(end_column)}
    properties["title"] = f"{diagnostic.code} {diagnostic.slug}"
    severity = "error" if diagnostic.is_error else "warning"
    return _command(severity, properties, "\n".join(message_of(diagnostic)))


def _command(name: str, properties: dict[str, str], message: str) -> str:
    shown = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {shown}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
