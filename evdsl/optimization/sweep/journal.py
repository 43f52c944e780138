"""What a sweep has done, on disk: a line for each job, whole or not there, whenever the process is killed.

The first line says what the file is. Each further one is a JSON object with the `key` of a job and its
`rows`; it is on the disk before the job counts as done. A last line without its end was torn by a kill; it
is cut off before more is written.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.optimization.sweep.job import Row

MARK = {"evdsl": "journal of a sweep", "form": 1}


def journal_of(out: Path) -> Path:
    """The journal beside a table."""
    return out.with_name(f"{out.name}.journal")


class Journal:
    """A journal that is written; one process writes it at a time."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream

    @classmethod
    def open(cls, path: Path) -> tuple[Journal, dict[str, list[Row]]] | Diagnostic:
        """The journal, made where there is none, and the rows in it by the key of their job."""
        try:
            stream = path.open("r+b" if path.exists() else "w+b")
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            return Diagnostic("E609", f"`{path}` cannot be written: {reason}", None, "", "name another file")
        if not _alone(stream):
            stream.close()
            message = f"another sweep is writing `{path}`"
            return Diagnostic("E609", message, None, "", "wait for it, or name another file with `--out`")
        rows, whole = _read(stream)
        if rows is None:
            stream.close()
            message = f"`{path}` is no journal of a sweep"
            return Diagnostic("E609", message, None, "", "name another file with `--out`")
        stream.truncate(whole)
        stream.seek(whole)
        journal = cls(stream)
        if not whole:
            journal._append(MARK)
        return journal, rows

    def add(self, key: str, rows: Sequence[Row]) -> None:
        """Writes the rows of a job; they are on the disk when it returns."""
        self._append({"key": key, "rows": rows})

    def _append(self, record: object) -> None:
        self.stream.write(json.dumps(record, allow_nan=False, ensure_ascii=False).encode() + b"\n")
        self.stream.flush()
        os.fsync(self.stream.fileno())

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.stream.close()


def _alone(stream: IO[bytes]) -> bool:
    """Takes the file for this process, as long as it is open; where the system has no locks, nobody asks."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(stream.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _read(stream: IO[bytes]) -> tuple[dict[str, list[Row]] | None, int]:
    """The rows by key and the length of the lines that are whole; `None` where it is another file."""
    rows: dict[str, list[Row]] = {}
    whole = 0
    for number, line in enumerate(stream):
        if not line.endswith(b"\n"):
            break
        try:
            record = json.loads(line)
        except ValueError:
            record = None
        if number == 0 and record != MARK:
            return None, 0
        if number and isinstance(record, dict) and {"key", "rows"} <= record.keys():
            rows[record["key"]] = record["rows"]
        whole += len(line)
    if not whole and stream.seek(0, os.SEEK_END) and not _is_torn_mark(stream):
        return None, 0
    return rows, whole


def _is_torn_mark(stream: IO[bytes]) -> bool:
    """Whether all that there is is the begin of a journal's first line."""
    stream.seek(0)
    return json.dumps(MARK, ensure_ascii=False).encode().startswith(stream.read())
