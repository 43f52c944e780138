"""Nothing on the output while a solver's library is at work: in C it prints past `sys.stdout`.

The output of `evdsl solve --json` is one document; a banner in it breaks whoever reads it. Both ways out are
closed: the file descriptors 1 and 2, and what Python knows as `sys.stdout` and `sys.stderr`, which may lead
somewhere else (a notebook, a test, `evdsl.cli.process`). They are those of the whole process: what another
thread prints meanwhile is lost too.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TextIO

_lock = threading.Lock()


@dataclass(slots=True)
class _Stream:
    """A way out: how many ask for silence on it, how many for speech, and where it really leads."""

    descriptor: int
    name: str
    silent: int = 0
    speaking: int = 0
    closed: bool = False
    saved: int | None = None
    stream: TextIO | None = None


_STREAMS = (_Stream(1, "stdout"), _Stream(2, "stderr"))
_nowhere: list[TextIO] = []


@contextmanager
def muted(*, errors: bool = False) -> Iterator[None]:
    """Output, and with `errors` standard error, leads nowhere inside. Nests, and is safe among threads."""
    streams = _STREAMS if errors else _STREAMS[:1]
    change(streams, silent=1)
    try:
        yield
    finally:
        change(streams, silent=-1)


@contextmanager
def unmuted() -> Iterator[None]:
    """Inside `muted`, output works again: for a listener that shows progress."""
    change(_STREAMS, speaking=1)
    try:
        yield
    finally:
        change(_STREAMS, speaking=-1)


def change(streams: tuple[_Stream, ...] = _STREAMS, silent: int = 0, speaking: int = 0) -> None:
    """One more, or one less, who asks for silence or speech; for what has no block to stand around."""
    with _lock:
        for stream in streams:
            stream.silent, stream.speaking = stream.silent + silent, stream.speaking + speaking
            wanted = stream.silent > 0 and stream.speaking == 0
            if wanted != stream.closed:
                stream.closed = wanted
                flush_output()
                (_close if wanted else _open)(stream)


def _close(way: _Stream) -> None:
    with suppress(OSError):  # a process may run without this descriptor
        way.saved = os.dup(way.descriptor)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, way.descriptor)
        os.close(nowhere)
    way.stream = getattr(sys, way.name)
    setattr(sys, way.name, _null())


def _open(way: _Stream) -> None:
    if way.saved is not None:
        with suppress(OSError):
            os.dup2(way.saved, way.descriptor)
        os.close(way.saved)
        way.saved = None
    # Whoever has put another one there meanwhile keeps it.
    if getattr(sys, way.name) is _null():
        setattr(sys, way.name, way.stream)
    way.stream = None


def _null() -> TextIO:
    if not _nowhere:
        _nowhere.append(open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 -- as long as the process lives
    return _nowhere[0]


def flush_output() -> None:
    """What Python and C have buffered belongs to the side of the change on which it was written."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    with suppress(OSError, AttributeError, TypeError):
        import ctypes

        ctypes.CDLL(None).fflush(None)
