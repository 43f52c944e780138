"""Files of a user: read only below a folder that was named, written whole or not at all.

A spec may read what lies below its own folder or below a `--data` folder, and nothing else. What is written
takes the place of what was there when all of it is there.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean, excerpt
from evdsl.diagnostics.source import Span


def locate(name: str, folders: Sequence[Path], span: Span, below: Path | None = None) -> Path | Diagnostic:
    """The file of that name in the first folder that has it, or why it is refused.

    `below` is where relative paths begin, if not at the folder. A link is followed before it is
    judged, so that none leads out of the folders; devices and pipes are refused, since reading them
    may never end.
    """
    where = " or ".join(dict.fromkeys(_named(folder) for folder in folders))
    shown = excerpt(name, 80)
    problem = _no_name(name, shown, where, span)
    if problem is not None:
        return problem
    for folder in folders:
        try:
            root = folder.resolve()
            path = ((below or folder).resolve() / name).resolve()
            mode = path.stat().st_mode if path.is_relative_to(root) else None
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, ValueError, RuntimeError) as error:
            return Diagnostic(
                "E503", f'"{shown}" cannot be opened: {_reason(error)}', span, "", "name another file"
            )
        if mode is None:
            help = f"copy the file below {where}, or add its folder with `--data DIR`"
            return Diagnostic("E502", f'"{shown}" leads out of {where}', span, "", help)
        if not stat.S_ISREG(mode):
            help = "name a file of text"
            return Diagnostic("E503", f'"{shown}" is {_sort(mode)}, and no ordinary file', span, "", help)
        return path
    return Diagnostic("E501", f'"{shown}" is not in {where}', span, "", _near(name, folders, below))


def _named(folder: Path) -> str:
    return "the folder of the spec" if folder == Path() else f"`{folder}`"


def _no_name(name: str, shown: str, where: str, span: Span) -> Diagnostic | None:
    """Why a name is no relative path, before anything is looked for."""
    if not name.strip() or "\0" in name:
        message = "the name of a file has a NUL in it" if name.strip() else "the name of a file is empty"
        return Diagnostic("E502", message, span, "", f"name a file below {where}")
    if "://" in name:
        help = f"save it below {where} and name it by its path there"
        return Diagnostic("E502", f'"{shown}" is an address, and a spec reads files only', span, "", help)
    if PurePosixPath(name).is_absolute() or PureWindowsPath(name).drive or name.startswith(("~", "\\")):
        help = f"name it by its path below {where}; `--data DIR` adds a folder"
        return Diagnostic("E502", f'"{shown}" is not a path relative to the spec', span, "", help)
    return None


def read_text(path: Path, shown: str, limit: int, span: Span | None) -> str | Diagnostic:
    """The text of a file of at most `limit` bytes, or why it cannot be had."""
    try:
        if stat.S_ISFIFO(path.stat().st_mode) and not _is_open_already(path):
            message = f'"{shown}" is a pipe, and nobody may ever write to it'
            return Diagnostic("E001", message, span, "", "name a file of text")
        with path.open("rb") as stream:
            content = stream.read(limit + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, IsADirectoryError):
            inside = sorted(name for name in _beside(path / "x") if name.endswith(".evs"))
            help = f"name a file in it, such as `{path / inside[0]}`" if inside else "name a file"
        else:
            help = did_you_mean(path.name, _beside(path)) or "name a file that is there"
        return Diagnostic("E001", f'"{shown}" cannot be read: {_reason(error)}', span, "", help)
    if len(content) > limit:
        help = "keep what the spec needs"
        return Diagnostic("E003", f'"{shown}" has more than {limit:,} bytes', span, "", help)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f'"{shown}" is not a text in UTF-8 (byte {error.start} is not)'
        return Diagnostic("E001", message, span, "", "save it as UTF-8; archives are not opened")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        message = f'"{shown}" is not a text: it has a NUL on line {line}'
        return Diagnostic("E001", message, span, "", "save it as text in UTF-8")
    return text


def _is_open_already(path: Path) -> bool:
    """Whether a path is a descriptor of this process, as `/dev/stdin` and a shell's `<(...)` are."""
    return str(path).startswith(("/dev/fd/", "/dev/stdin", "/proc/self/fd/"))


def _beside(path: Path) -> list[str]:
    """Files that may have been meant; none where the folder cannot be listed either."""
    try:
        return [entry.name for entry, _ in zip(path.parent.iterdir(), range(1000), strict=False)]
    except (OSError, ValueError):
        return []


def _sort(mode: int) -> str:
    if stat.S_ISDIR(mode):
        return "a folder"
    if stat.S_ISFIFO(mode):
        return "a pipe"
    return "a device" if stat.S_ISCHR(mode) or stat.S_ISBLK(mode) else "a socket"


def _near(name: str, folders: Sequence[Path], below: Path | None) -> str:
    prefix = PurePosixPath(name).parent
    found: list[str] = []
    for folder in folders:
        beside = (below or folder) / prefix
        try:
            if beside.is_dir() and beside.resolve().is_relative_to(folder.resolve()):
                entries = [entry.name for entry, _ in zip(beside.iterdir(), range(1000), strict=False)]
                found += [str(prefix / entry) for entry in entries]
        except (OSError, RuntimeError):
            continue
    return did_you_mean(name, found) or "`--data DIR` adds a folder to look in"


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).lower()


def check_writable(path: Path, endings: Sequence[str], what: str) -> Diagnostic | None:
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
