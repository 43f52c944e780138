"""A spec with all that it may read, as bytes: what the runs of a sweep read, wherever and whenever they run.

A run reads what was there when the sweep began, and not what became of a file since: the key of a run is that
of these bytes. What a spec may open is what a text in it, or in a `--set`, names below one of its folders; no
name of a file is put together from parts. A text that happens to be the name of a file brings that along.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

from evdsl.diagnostics.source import Source
from evdsl.diagnostics.table import MAXIMUM_BYTES
from evdsl.language.spec import Spec
from evdsl.syntax import ast
from evdsl.syntax.parser import parse


@dataclass(frozen=True, slots=True)
class Bundle:
    """`shown` is the spec as it was named. The places of files begin with the number of their folder.

    `links` are other names of them, so that a file is found, and is what it was, by each.
    """

    shown: str
    spec: str
    folders: int
    files: tuple[tuple[str, bytes], ...]
    links: tuple[tuple[str, str], ...]

    @property
    def digest(self) -> str:
        """Of all of it."""
        digest = hashlib.sha256(repr((self.shown, self.spec, self.folders, self.links)).encode())
        for place, content in self.files:
            digest.update(f"{place}\0{len(content)}\0".encode())
            digest.update(content)
        return digest.hexdigest()

    def lay(self, root: Path) -> LaidBundle:
        """Writes the files below a folder that has nothing else in it."""
        for number in range(self.folders):
            (root / str(number)).mkdir(parents=True)
        for place, content in self.files:
            path = root / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        for place, other in self.links:
            path = root / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(os.path.relpath(root / other, path.parent))
        return LaidBundle(
            self.shown, str(root / self.spec), tuple(str(root / str(n)) for n in range(1, self.folders))
        )


@dataclass(frozen=True, slots=True)
class LaidBundle:
    """Where the files of a bundle are: the spec, and the folders beside its own."""

    shown: str
    path: str
    folders: tuple[str, ...]


def bundle_of(spec: Spec, shown: str, values: Iterable[str]) -> Bundle:
    """What a spec may read, where params may also be these values."""
    roots = [folder.resolve() for folder in spec.folders]
    main = spec.sources[0]
    place = f"0/{main.path.name}" if main.path is not None else "0/spec.evs"
    files = {place: main.text.encode()}
    links: dict[str, str] = {}

    def add(name: str, among: Sequence[Path], below: Path | None) -> None:
        found = _find(name, among, below)
        if found is None or found[1] == place:
            return
        named, resolved, path = found
        if resolved not in files:
            with path.open("rb") as stream:
                # As much as shows a reader that it is too much.
                files[resolved] = stream.read(MAXIMUM_BYTES + 1)
        if named != resolved:
            links[named] = resolved

    for source in spec.sources:
        statements = parse(source)[0].statements
        for statement in statements:
            if isinstance(statement, ast.Include):
                below = source.path.parent if source.path is not None else None
                add(statement.path.value, roots[:1], below)
        for name in _texts(statements):
            add(name, roots, None)
    for value in values:
        for name in _texts(parse(Source("value", f"value = {value}"))[0].statements):
            add(name, roots, None)
    files[place] = main.text.encode()
    return Bundle(shown, place, len(roots), tuple(sorted(files.items())), tuple(sorted(links.items())))


def _texts(node: object) -> Iterator[str]:
    """Every text in quotes of a syntax tree."""
    if isinstance(node, ast.Text):
        yield node.value
    elif is_dataclass(node):
        for field in fields(node):
            yield from _texts(getattr(node, field.name))
    elif isinstance(node, tuple | list):
        for part in node:
            yield from _texts(part)


def _find(name: str, roots: Sequence[Path], below: Path | None) -> tuple[str, str, Path] | None:
    """The place by its name, the place that this leads to, and the path; see `diagnostics.files.locate`."""
    for number, root in enumerate(roots):
        try:
            named = (below or root).resolve() / name
            path = named.resolve()
            if not name.strip() or not path.is_relative_to(root) or not path.is_file():
                continue
        except (OSError, ValueError, RuntimeError):
            continue
        resolved = f"{number}/{path.relative_to(root).as_posix()}"
        plain = Path(os.path.normpath(named))
        as_named = (
            f"{number}/{plain.relative_to(root).as_posix()}" if plain.is_relative_to(root) else resolved
        )
        return as_named, resolved, path
    return None
