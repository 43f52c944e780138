"""The folder in which a sweep lays what its runs read; one that was killed leaves it to the next to clear.

A sweep has a lock on a file in its folder for as long as it lives; the system lets go of it with the process.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX, LOCK = "evdsl-sweep-", "lock"
FRESH = 60.0
"""Seconds in which a sweep takes its lock."""


@contextmanager
def sweep_folder() -> Iterator[Path]:
    """A folder that is taken away at the end."""
    with tempfile.TemporaryDirectory(prefix=PREFIX) as name:
        folder = Path(name)
        with (folder / LOCK).open("wb") as stream:
            with suppress(ImportError, OSError):
                import fcntl

                fcntl.flock(stream, fcntl.LOCK_EX)
                clear(folder.parent)
            yield folder


def clear(root: Path) -> None:
    """Takes away the folders of this user's sweeps that no process has a lock on any more."""
    import fcntl

    for folder in root.glob(f"{PREFIX}*"):
        with suppress(OSError):
            state = folder.lstat()
            if state.st_uid != os.getuid() or time.time() - state.st_mtime < FRESH:
                continue
            with (folder / LOCK).open("rb") as stream:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
