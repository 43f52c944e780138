"""Files that a spec may read: only those below its own folder or below a `--data` folder."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path, PurePosixPath, PureWindowsPath

from evdsl.diagnostic import Diagnostic, did_you_mean
from evdsl.source import Span


def locate(name: str, folders: Sequence[Path], span: Span) -> Path | Diagnostic:
    """The file of that name in the first folder that has it, or why it is refused.

    A link is followed before it is judged, so that none leads out of the folders; devices and
    pipes are refused, since reading them may never end.
    """
    where = " or ".join(dict.fromkeys(f"`{folder}`" for folder in folders))
    if not name or "\0" in name:
        return Diagnostic("E502", "the name of the file is empty or has a NUL in it", span)
    if "://" in name:
        help = f"save it below {where} and name it by its path there"
        return Diagnostic("E502", "addresses are not opened: a spec reads files only", span, "", help)
    if PurePosixPath(name).is_absolute() or PureWindowsPath(name).drive or name.startswith(("~", "\\")):
        help = f"name it by its path below {where}; `--data DIR` adds a folder"
        return Diagnostic("E502", f'"{name}" is not a path relative to the spec', span, "", help)
    for folder in folders:
        root = folder.resolve()
        try:
            path = (root / name).resolve()
            mode = path.stat().st_mode if path.is_relative_to(root) else None
        except FileNotFoundError:
            continue
        except (OSError, ValueError, RuntimeError) as error:
            return Diagnostic("E503", f'"{name}" cannot be opened: {_reason(error)}', span)
        if mode is None:
            help = f"copy the file below {where}, or add its folder with `--data DIR`"
            return Diagnostic("E502", f'"{name}" leads out of {where}', span, "", help)
        if not stat.S_ISREG(mode):
            return Diagnostic("E503", f'"{name}" is not an ordinary file', span)
        return path
    return Diagnostic("E501", f'"{name}" is not in {where}', span, "", _near(name, folders))


def read_text(path: Path, shown: str, limit: int, span: Span | None) -> str | Diagnostic:
    """The text of a file of at most `limit` bytes, or why it cannot be had."""
    try:
        with path.open("rb") as stream:
            content = stream.read(limit + 1)
    except OSError as error:
        return Diagnostic("E001", f'"{shown}" cannot be read: {_reason(error)}', span)
    if len(content) > limit:
        return Diagnostic("E003", f'"{shown}" has more than {limit:,} bytes', span)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f'"{shown}" is not a text in UTF-8 (byte {error.start} is not)'
        return Diagnostic("E001", message, span, "", "save it as UTF-8; archives are not opened")
    if "\0" in text:
        return Diagnostic("E001", f'"{shown}" is not a text: it has NUL characters', span)
    return text


def _near(name: str, folders: Sequence[Path]) -> str:
    found: list[str] = []
    for folder in folders:
        beside = folder / PurePosixPath(name).parent
        if beside.is_dir() and beside.resolve().is_relative_to(folder.resolve()):
            prefix = PurePosixPath(name).parent
            found += [str(prefix / entry.name) for entry, _ in zip(beside.iterdir(), range(1000), strict=False)]
    return did_you_mean(name, found) or "`--data DIR` adds a folder to look in"


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error).lower()
