"""Nothing that a solver's library prints reaches the output, whenever it prints."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from worlds import SPECS, TESTS, run_python

pytestmark = pytest.mark.skipif(os.name != "posix", reason="descriptors and terminals are those of POSIX")

SPEC = str(SPECS / "tutorial" / "1_one_car.evs")
CHATTY = """\
import atexit, ctypes, os, signal, sys, threading

def chat(moment):
    text = f"CHATTER at {moment}\\n"
    for descriptor in (1, 2):
        os.write(descriptor, text.encode())
    for stream in (sys.stdout, sys.stderr):
        stream.write(text)
    # Without the flush that a line brings on a terminal alone.
    ctypes.CDLL(None).printf(text.encode())

class Solver:
    name, fresh = "chatty", True

    def __init__(self):
        chat("construction")

    @property
    def capabilities(self):
        chat("capabilities")
        return highs().capabilities

    def version(self):
        chat("version")
        return "1"

    def check_options(self, options):
        chat("options")
        return []

    def solve(self, model, options, listener=None):
        chat("the start of a solve")
        if Solver.fresh:
            atexit.register(chat, "exit")
            Solver.fresh = False
        other = threading.Thread(target=chat, args=("a thread of the solver",))
        other.start()
        other.join()
        solution = highs().solve(model, options, listener)
        chat("the end of a solve")
        return solution

def highs():
    from evdsl.backends.highs import Highs

    return Highs()

class Entry:
    name = "chatty"

    def load(self):
        chat("import")
        return Solver()

from evdsl.solver import discovery
discovery.entry_points = lambda group: [Entry()]
"""
"""A solver's library that prints at every moment, in each of the three ways in which one can."""
COMMAND = f"""\
{CHATTY}
from evdsl.cli import process as console
awaited = console._awaited

def chatty_parent(child, watched):
    status = awaited(child, watched)
    os.write(1, b"CHATTER in the parent")
    ctypes.CDLL(None).printf(b"CHATTER in the parent")
    return status

atexit.register(chat, "the exit of every process")

console._awaited = chatty_parent
sys.exit(console.main())
"""
COMMANDS = {
    "solve": ["solve", SPEC, "--backend", "chatty"],
    "a front": ["solve", str(SPECS / "features" / "pareto.evs"), "--backend", "chatty"],
    "price": ["price", SPEC, "peak", "--backend", "chatty"],
    "compare": ["compare", SPEC, "--backend", "chatty"],
    "diff": ["diff", SPEC, "--set-b", "late=1", "--solve", "--backend", "chatty"],
    "explain": ["explain", SPEC, "--backend", "chatty"],
    "check": ["check", SPEC],
    "a refusal": ["solve", SPEC, "--backend", "none"],
}


def on_a_terminal(command: list[str]) -> str:
    """What a command shows on a terminal, both its streams."""
    parent, child = pty.openpty()
    running = subprocess.Popen(command, stdout=child, stderr=child, stdin=child, cwd=TESTS)
    os.close(child)
    shown = b""
    try:
        while part := os.read(parent, 65536):
            shown += part
    except OSError:  # Linux's way to say that the other side is closed
        pass
    os.close(parent)
    running.wait(timeout=60)
    return shown.decode()


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize("through", ["pipe", "terminal"])
def test_a_document_is_all_that_a_command_prints(command: list[str], through: str) -> None:
    if through == "terminal":
        said = on_a_terminal([sys.executable, "-c", COMMAND, *command, "--json"])
    else:
        done = run_python(COMMAND, *command, "--json")
        said = done.stdout
        assert "CHATTER" not in done.stderr
    assert isinstance(json.loads(said), (dict, list)), said[:300]


@pytest.mark.slow
def test_verify_and_text_are_free_of_it_too(tmp_path: Path) -> None:
    stored = str(tmp_path / "schedule.nc")
    done = run_python(COMMAND, "solve", SPEC, "--backend", "chatty", "--out", stored)
    done.check_returncode()
    assert done.stdout.startswith("optimal on chatty, verified\n")
    assert "CHATTER" not in done.stdout + done.stderr
    done = run_python(COMMAND, "verify", SPEC, stored, "--json")
    done.check_returncode()
    assert json.loads(done.stdout)["ok"] is True


FROM_PYTHON = """
import evdsl
from evdsl.testing import CASES, Plan, campaign, conformance, specs

print("begin")
problem = evdsl.compile(evdsl.load({spec!r}))
{use}
print("end", flush=True)
"""
USES = {
    "a solve by name": "problem.solve('chatty')",
    "a solve by a backend": "problem.solve(Solver())",
    "a claim by the way": "campaign(specs(), 2, plan=Plan(solvers=('highs', Solver()), relations=0))",
    "conformance": "conformance(Solver(), [case for case in CASES if case.name == 'the time is measured'])",
}


@pytest.mark.slow
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_program_in_python_prints_what_it_prints(use: str) -> None:
    # Making a solver is the program's own call in all but the first, and what it prints is its own.
    text = CHATTY.replace('chat("construction")', "pass")
    done = run_python(text + FROM_PYTHON.format(spec=SPEC, use=use))
    done.check_returncode()
    assert done.stdout == "begin\nend\n"
    assert "CHATTER" not in done.stderr


@pytest.mark.slow
def test_a_backend_that_prints_is_told_by_the_conformance_suite() -> None:
    use = (
        "for case in CASES:\n"
        "    if case.name == 'nothing is printed':\n"
        "        print(conformance(Solver(), [case])[0])"
    )
    done = run_python(CHATTY + FROM_PYTHON.format(spec=SPEC, use=use))
    done.check_returncode()
    assert "failed: nothing is printed (it printed b'CHATTER at version" in done.stdout


def test_a_reader_of_a_pipe_that_has_gone_is_no_news() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "evdsl", "solve", SPEC, "--json"]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, cwd=TESTS, timeout=60, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")
