"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from evdsl.diagnostics.diagnostic import Diagnostic


def check_ending(path: Path, endings: Sequence[str], what: str) -> Diagnostic | None:
    """E609 for a file that could not be written, asked before anything is solved."""
    if path.suffix.lower() not in endings:
        message = f"`{path.name}` does not say in which form {what} is stored"
        return Diagnostic("E609", message, None, "", f"name it with one of {', '.join(endings)}")
    if not path.parent.is_dir():
        return Diagnostic("E609", f"the folder `{path.parent}` does not exist", None, "", "make it first")
    return None


def store(path: Path, write: Callable[[Path], object]) -> Diagnostic | None:
    """As `replace_with`, with E609 for what the system refuses."""
    try:
        replace_with(path, write)
    except OSError as error:
        return Diagnostic("E609", f"`{path}` cannot be written: {(error.strerror or str(error)).lower()}")
    return None


def replace_with(path: Path, write: Callable[[Path], object]) -> None:
    """Writes a file beside, which takes the place of what was there only when all is written."""
    handle, name = tempfile.mkstemp(suffix=path.suffix, dir=path.parent)
    os.close(handle)
    try:
        write(Path(name))
        Path(name).chmod(0o644)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
