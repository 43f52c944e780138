"""A file and all that it includes, as one list of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.files import locate, read_text
from evdsl.diagnostics.source import MAXIMUM_BYTES, Source
from evdsl.syntax import ast
from evdsl.syntax.parser import parse

MAXIMUM_DEPTH = 20
"""Files that include each other in a chain."""
MAXIMUM_FILES = 100


@dataclass(slots=True)
class Loaded:
    """What was read: statements in order, and the names in what could not be read."""

    statements: list[ast.Statement] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    missing: bool = False
    """Whether an included file could not be had, so that anything may stand in it."""
    size: int = 0
    refused: int = 0


def load(source: Source, folders: Sequence[Path]) -> Loaded:
    """The statements of a file and of all that it includes, in order.

    A path is relative to the file that includes it, and stays below the folder of the first.
    """
    loaded = Loaded()
    _read(source, (), folders[0], loaded)
    return loaded


def _read(source: Source, above: tuple[Source, ...], root: Path, loaded: Loaded) -> None:
    loaded.sources.append(source)
    loaded.size += len(source.text)
    file, problems = parse(source)
    loaded.diagnostics += problems
    loaded.unread |= file.unread
    for statement in file.statements:
        if not isinstance(statement, ast.Include):
            loaded.statements.append(statement)
            continue
        if len(loaded.sources) + loaded.refused > MAXIMUM_FILES:
            message = f"more than {MAXIMUM_FILES} files are included"
            loaded.missing = True
            loaded.diagnostics.append(
                Diagnostic("E211", message, statement.path.span, "", "put them into fewer files")
            )
            return
        found = _included(statement, (*above, source), root, loaded)
        if isinstance(found, Diagnostic):
            loaded.missing = True
            loaded.refused += 1
            loaded.diagnostics.append(found)
        else:
            _read(found, (*above, source), root, loaded)


def _included(
    include: ast.Include, above: tuple[Source, ...], root: Path, loaded: Loaded
) -> Source | Diagnostic:
    name, span = include.path.value, include.path.span
    including = above[-1].path
    path = locate(name, [root], span, below=including.parent if including is not None else None)
    if isinstance(path, Diagnostic):
        return path
    if any(source.path is not None and source.path.resolve() == path for source in above):
        chain = " -> ".join([*(source.name for source in above), name])
        return Diagnostic("E210", f"the file includes itself: {chain}", span, "", "break the circle")
    if any(source.path is not None and source.path.resolve() == path for source in loaded.sources):
        return Diagnostic("E211", f'"{name}" is included twice', span, "", "include it once")
    if len(above) > MAXIMUM_DEPTH:
        message = f"more than {MAXIMUM_DEPTH} files include each other in a chain"
        return Diagnostic("E211", message, span, "", "put them into fewer files")
    text = read_text(path, name, MAXIMUM_BYTES, span)
    if isinstance(text, Diagnostic):
        return text
    if loaded.size + len(text) > MAXIMUM_BYTES:
        message = f'with "{name}" the spec has more than {MAXIMUM_BYTES:,} characters, its includes counted'
        return Diagnostic("E003", message, span, "", "keep long lists in a CSV file")
    return Source(name, text, path)
