"""Nothing on file descriptor 1 while a solver runs: libraries in C print past `sys.stdout`.

The output of `evdsl solve --json` is one document; a banner in it breaks whoever reads it.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

_lock = threading.Lock()


@dataclass(slots=True)
class _Stream:
    """A file descriptor, how many ask for silence on it, how many for speech, and where it really leads."""

    descriptor: int
    silent: int = 0
    speaking: int = 0
    saved: int | None = None


_STREAMS = (_Stream(1), _Stream(2))


@contextmanager
def silence(*, errors: bool = False) -> Iterator[None]:
    """File descriptor 1, and with `errors` 2, lead nowhere inside. Nests, and is safe among threads."""
    streams = _STREAMS if errors else _STREAMS[:1]
    _change(streams, silent=1)
    try:
        yield
    finally:
        _change(streams, silent=-1)


@contextmanager
def speech() -> Iterator[None]:
    """Inside `silence`, output works again: for a listener that shows progress."""
    _change(_STREAMS, speaking=1)
    try:
        yield
    finally:
        _change(_STREAMS, speaking=-1)


def _change(streams: tuple[_Stream, ...], silent: int = 0, speaking: int = 0) -> None:
    with _lock:
        for stream in streams:
            stream.silent, stream.speaking = stream.silent + silent, stream.speaking + speaking
            wanted = stream.silent > 0 and stream.speaking == 0
            if wanted != (stream.saved is not None):
                _flush()
                with suppress(OSError):  # a process may run without this descriptor
                    _redirect(stream, wanted)


def _redirect(stream: _Stream, wanted: bool) -> None:
    if wanted:
        saved = os.dup(stream.descriptor)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.descriptor)
        os.close(nowhere)
        stream.saved = saved
    elif stream.saved is not None:
        os.dup2(stream.saved, stream.descriptor)
        os.close(stream.saved)
        stream.saved = None


def _flush() -> None:
    """What Python and C have buffered belongs to the side of the change on which it was written."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    with suppress(OSError, AttributeError, TypeError):
        import ctypes

        ctypes.CDLL(None).fflush(None)
