"""The command `evdsl`: what may fill the memory runs in a child process, which dies alone.

On Linux a command that solves, or that builds a model, runs in a fork of this process that is made before
numpy and the solvers are loaded, so that it costs a few milliseconds. Its private writable memory
(`RLIMIT_DATA`, see setrlimit(2)) is limited to `--memory`, or else to nine tenths of what is free, so that it
does not come to where the system kills what it likes. Past the limit an allocation fails; Python and most
libraries raise `MemoryError`, and the command tells it (E608). Where one aborts or crashes instead, the
process that waits here, which holds nothing, tells it: E608 where the child had come near its limit or was
killed from outside, as the system does where memory runs out; else E606.

Signals: Ctrl-C of a terminal reaches both processes; the one here waits for what the child makes of it. What
is sent to this process alone is passed on. The child ends when this process is killed (`PR_SET_PDEATHSIG`).
Elsewhere than on Linux the command runs in this process.

Output: what the command says goes to where the descriptors 1 and 2 led when it began; the two themselves lead
nowhere from then on, in the process that waits and in the child.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from contextlib import suppress
from types import FrameType
from typing import IO

from evdsl.cli import main as cli
from evdsl.cli.exit import BUG
from evdsl.cli.memory import free_memory, limit_memory
from evdsl.solver.redirect import change

CONFINED = frozenset("solve compare price explain diff show export verify fuzz".split())
NEAR = 0.3
"""Of the limit: a child that had as much in use when it crashed is taken to have run out of memory. What asks
for the rest of it at once never has it in use."""
TWICE = 0.25
"""Seconds within which a second interrupt is the first one, come by way of both processes."""
CRASHES = frozenset({signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS, signal.SIGILL, signal.SIGFPE})
FROM_A_PROCESS = 0
"""`SI_USER` of sigaction(2): sent with kill, and not by a terminal."""
PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if sys.platform != "win32" else ()


def main() -> int:
    """Runs the command of the command line, confined where it may fill the memory."""
    status = _confined()
    # All is said; what is printed while the process ends is not the command's.
    change(silent=1)
    return status


def _confined() -> int:
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by who began the process
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 -- for as long as the process lives
    if sys.platform != "win32":
        _keep_output()
    # xarray asks of its first array whether it is one of dask's, and imports all of dask for that: a fifth of
    # the time of a small solve (`bench/startup.py`). No command has one; told that it is missing, it goes on.
    sys.modules.setdefault("dask.array", None)  # type: ignore[arg-type]  # as the import system has it
    parsed = cli.parser().parse_args()
    if sys.platform != "linux" or parsed.command not in CONFINED:
        return cli.run(parsed)
    limit = getattr(parsed, "memory", None) or free_memory()
    sys.stdout.flush()
    sys.stderr.flush()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    watched = {*PASSED_ON, signal.SIGCHLD}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    parent = os.getpid()
    if parsed.command == "fuzz":
        parsed.tried = _shared_file()
    try:
        child = os.fork()
    except OSError:
        child = -1
    if child <= 0:
        if child == 0:
            _confine(limit, parent)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return cli.run(parsed)
    status = _awaited(child, watched)
    told = _told(status, parsed, limit)
    if status < 0 and parsed.command == "fuzz":
        from evdsl.cli.commands.fuzz import died

        died(parsed)
    return told


def _keep_output() -> None:
    """Leads `sys.stdout` and `sys.stderr` past the descriptors 1 and 2, which then lead nowhere.

    Libraries in C print on those, at any moment from their loading to the end of the process; what the
    command says is what Python writes, and nothing else.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        was = getattr(sys, name)
        with suppress(OSError, AttributeError, ValueError):  # somebody has put something else in its place
            if was.fileno() != descriptor:
                continue
            was.flush()
            kept = open(  # noqa: SIM115 -- for as long as the process lives
                os.dup(descriptor), "w", encoding=was.encoding, errors=was.errors
            )
            kept.reconfigure(line_buffering=was.line_buffering, write_through=was.write_through)
            os.dup2(nowhere, descriptor)
            # What asks for the size of the terminal asks there.
            setattr(sys, name, kept)
            setattr(sys, f"__{name}__", kept)
    os.close(nowhere)


def _shared_file() -> IO[bytes] | None:
    """A file for what the child is at, without a name: nothing is left of it."""
    import tempfile

    with suppress(OSError):
        return tempfile.TemporaryFile()
    return None


def _confine(limit: int | None, parent: int) -> None:
    """Makes the child what it is to be; what the system refuses is left as it is."""
    import ctypes

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(BUG)
    if limit is not None:
        limit_memory(limit)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        last = [-TWICE]

        def interrupted(number: int, frame: FrameType | None) -> None:
            now = time.monotonic()
            if now - last[0] >= TWICE:
                last[0] = now
                signal.default_int_handler(number, frame)

        signal.signal(signal.SIGINT, interrupted)


def _awaited(child: int, watched: set[signal.Signals]) -> int:
    """The exit status of the child, or the negative number of the signal that ended it."""
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        caught = signal.sigwaitinfo(watched)
        if caught.si_signo in PASSED_ON and caught.si_code == FROM_A_PROCESS:
            with suppress(ProcessLookupError):
                os.kill(child, caught.si_signo)


def _told(status: int, parsed: argparse.Namespace, limit: int | None) -> int:
    """The exit status of the command; how the child died is said where it could not say so itself."""
    if status >= 0:
        return status
    from evdsl.cli.shared import out_of_memory

    number = signal.Signals(-status)
    if number is signal.SIGKILL:
        why = "the process was killed from outside, as the system does where the memory runs out"
        return out_of_memory(why, parsed)
    if number in CRASHES:
        return _crashed(number, parsed, limit)
    # Whoever asked it to end is to see that it did.
    signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)
    return 128 + number


def _crashed(number: signal.Signals, parsed: argparse.Namespace, limit: int | None) -> int:
    import resource

    from evdsl.cli.shared import out_of_memory, refuse
    from evdsl.diagnostics.diagnostic import Diagnostic

    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    if limit is not None and used > NEAR * limit:
        why = f"the memory ran out: the solver had {used / 1e9:.2g} GB of {limit / 1e9:.2g} GB and broke off"
        return out_of_memory(why, parsed)
    message = f"the solver crashed ({number.name}), and the process with it"
    help = "try the other solver with `--backend`, and please report it with the spec"
    return refuse([Diagnostic("E606", message, None, "", help)], parsed, BUG)
