"""The Python interface: `load`, and the one exception that it raises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from evdsl.diagnostics.diagnostic import Diagnostic, render
from evdsl.diagnostics.files import read_text
from evdsl.diagnostics.source import MAXIMUM_BYTES, Source
from evdsl.language.spec import Spec
from evdsl.semantics.resolve import Overrides, resolve


class SpecError(Exception):
    """A spec that cannot be taken; `diagnostics` say where and why."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("\n" + render(diagnostics))
        self.diagnostics = tuple(diagnostics)


def read(path: str | Path, overrides: Overrides | None = None) -> tuple[Spec | None, list[Diagnostic]]:
    """The spec in a file and every finding; it never raises for what the file says."""
    path = Path(path)
    text = read_text(path, str(path), MAXIMUM_BYTES, None)
    if isinstance(text, Diagnostic):
        return None, [text]
    return resolve(Source(str(path), text, path), overrides)


def load(
    path: str | Path,
    *,
    set: Mapping[str, str] | None = None,  # the name that the command line has
    enable: Sequence[str] = (),
    disable: Sequence[str] = (),
    seed: int | None = None,
    data: str | Path | Sequence[str | Path] = (),
) -> Spec:
    """The spec in a file. Raises `SpecError`, which carries the diagnostics."""
    folders = [data] if isinstance(data, str | Path) else data
    overrides = Overrides(set, enable, disable, seed, tuple(Path(folder) for folder in folders))
    spec, found = read(path, overrides)
    if spec is None:
        raise SpecError(found)
    return spec


def loads(text: str, name: str = "spec", **overrides: object) -> Spec:
    """The spec in a text; files that it names are looked for in the working folder.

    `overrides` are those of `load`. Raises `SpecError`, which carries the diagnostics.
    """
    spec, found = resolve(Source(name, text), Overrides(**overrides))  # type: ignore[arg-type]  # the fields of Overrides
    if spec is None:
        raise SpecError(found)
    return spec
