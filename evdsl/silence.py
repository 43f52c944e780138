"""Nothing on file descriptor 1 while a solver runs: libraries in C print past `sys.stdout`.

The output of `evdsl solve --json` is one document; a banner in it breaks whoever reads it.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_lock = threading.Lock()
_silent = 0
_speaking = 0
_saved: int | None = None


@contextmanager
def silence() -> Iterator[None]:
    """File descriptor 1 leads nowhere inside. May be nested, and entered by several threads."""
    _change(silent=1)
    try:
        yield
    finally:
        _change(silent=-1)


@contextmanager
def speech() -> Iterator[None]:
    """Inside `silence`, output works again: for a listener that shows progress."""
    _change(speaking=1)
    try:
        yield
    finally:
        _change(speaking=-1)


def _change(silent: int = 0, speaking: int = 0) -> None:
    global _silent, _speaking, _saved
    with _lock:
        _silent, _speaking = _silent + silent, _speaking + speaking
        wanted = _silent > 0 and _speaking == 0
        if wanted != (_saved is not None):
            _flush()
        if wanted and _saved is None:
            with suppress(OSError):  # a process may run without a file descriptor 1
                saved = os.dup(1)
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, 1)
                os.close(nowhere)
                _saved = saved
        elif not wanted and _saved is not None:
            os.dup2(_saved, 1)
            os.close(_saved)
            _saved = None


def _flush() -> None:
    """What Python and C have buffered belongs to the side of the change on which it was written."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stdout.flush()
    with suppress(OSError, AttributeError, TypeError):
        import ctypes

        ctypes.CDLL(None).fflush(None)
