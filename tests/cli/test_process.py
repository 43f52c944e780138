"""What fills the memory or crashes dies in a child of its own and is told; all else is as in one process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from worlds import FEATURES, TESTS, run, run_cli, run_python

from evdsl.cli import memory
from evdsl.cli.arguments import size
from evdsl.cli.main import main

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is limited on Linux alone")

SMALL = FEATURES / "min_power.evs"
GARAGE = """\
station garage {
    start   = 2024-03-12
    horizon = 24 h
    step    = 5 min
}
grid {
    price        = { 00:00: 0.10 EUR/kWh, 12:00: 0.20 EUR/kWh }
    import_limit = 20 MW
}
class car {
    battery = 52 kWh
    charge  = 11 kW
}
fleet day of car {
    count   = 8000
    arrival = normal(08:15, 45 min)
    stay    = normal(8 h, 1 h)
    energy  = 20 kWh
}
minimize cost
"""
"""800,000 variables: more than 500 MB hold."""
COMMAND = """\
import os, signal, sys, time
# A shell lets what it starts in the background ignore the signal.
signal.signal(signal.SIGINT, signal.default_int_handler)
from types import SimpleNamespace
from evdsl.cli.commands import solve
from evdsl.cli import main as cli, process as console

def run(parsed):
        {fault}

cli.import_module = lambda name: SimpleNamespace(run=run, add_arguments=solve.add_arguments)
sys.exit(console.main())
"""
"""The console with a `solve` in which something happens, and for which nothing is loaded."""
BACKEND = """\
import os, sys
from evdsl.cli import process as console
from evdsl.solver import discovery
from evdsl.backends.highs import BACKEND

class Mine:
    name, capabilities = "{name}", BACKEND.capabilities
    version, check_options = BACKEND.version, BACKEND.check_options
    def solve(self, model, options, listener=None):
        os.abort()

class Entry:
    name = "{name}"
    load = staticmethod(Mine)

discovery.entry_points = lambda group: [Entry]
sys.exit(console.main())
"""


def command_of(fault: str, *arguments: str) -> list[str]:
    return [sys.executable, "-c", COMMAND.format(fault=fault), "solve", "x.evs", *arguments]


def with_fault(fault: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(command_of(fault, *arguments)[1:], timeout=60)


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_solve_that_would_fill_the_memory_dies_alone_and_says_so(form: str, tmp_path: Path) -> None:
    (tmp_path / "garage.evs").write_text(GARAGE)
    given = ["solve", "garage.evs", "--memory", "500MB"] + ["--json"] * (form == "json")
    done = run_cli(*given, folder=tmp_path)
    assert done.returncode == 4, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    if form == "json":
        document = json.loads(done.stdout)
        assert document["status"] == "error"
        assert [each["code"] for each in document["diagnostics"]] == ["E608"]
    else:
        assert "error[E608 out-of-memory]: this does not fit into the memory" in done.stderr
        assert "help: take longer steps, a shorter horizon or fewer vehicles" in done.stderr


GREEDY = "kept = []\n        while True: kept.append(bytes(50_000_000))"


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        (GREEDY, 4, "error[E608 out-of-memory]: this does not fit into the memory"),
        ("os.kill(os.getpid(), signal.SIGKILL)", 4, "error[E608 out-of-memory]: the process was killed from"),
        ("os.abort()", 5, "error[E606 solver-failed]: the solver crashed (SIGABRT), and the process with it"),
        (
            "os.kill(os.getpid(), signal.SIGSEGV)",
            5,
            "error[E606 solver-failed]: the solver crashed (SIGSEGV)",
        ),
        (
            "x = b'x' * 250_000_000; os.abort()",
            4,
            "error[E608 out-of-memory]: the memory ran out: the solver",
        ),
        ("raise RuntimeError('can not start new thread')", 4, "error[E608 out-of-memory]: this does not fit"),
        ("raise OSError(12, 'Cannot allocate memory')", 4, "error[E608 out-of-memory]: this does not fit"),
        ("raise ImportError('x.so: Cannot allocate memory')", 4, "error[E608 out-of-memory]: this does not"),
    ],
)
def test_a_solver_that_takes_the_process_along_is_told(fault: str, status: int, said: str) -> None:
    done = with_fault(fault, "--memory", "700MB")
    assert done.stderr.startswith(said), done.stderr[-2000:]
    assert (done.returncode, done.stdout) == (status, "")
    assert "Traceback" not in done.stderr


def test_a_backend_that_ends_the_process_is_told() -> None:
    program = BACKEND.format(name="mine")
    done = run_python(program, "solve", str(SMALL), "--backend", "mine", "--json", timeout=60)
    document = json.loads(done.stdout)
    assert (done.returncode, document["diagnostics"][0]["code"]) == (5, "E606")
    assert done.stderr == ""


@pytest.mark.slow
def test_a_spec_of_a_campaign_that_ends_the_process_is_written(tmp_path: Path) -> None:
    program = BACKEND.format(name="highs")
    done = run_python(program, "fuzz", "--examples", "9", "--seed", "2", folder=tmp_path, timeout=60)
    assert (done.returncode, done.stdout) == (5, "")
    assert "error[E606 solver-failed]: the solver crashed (SIGABRT)" in done.stderr
    assert "failed: no spec ends the process\n  the process ended\nwritten to fuzz_lives.evs\n" in done.stderr
    (written,) = tmp_path.iterdir()
    assert written.name == "fuzz_lives.evs"
    assert "# found by: evdsl fuzz --examples 9 --seed 2\nstation " in written.read_text()
    done = run_python(program, "fuzz", "fuzz_lives.evs", "--examples", "1", folder=tmp_path, timeout=60)
    assert done.returncode == 5
    assert "written to fuzz_lives_2.evs" in done.stderr


@pytest.mark.slow
def test_a_normal_solve_says_the_same_as_in_one_process(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["show"], ["solve", "--quiet"]):
        given = [command[0], str(SMALL), *command[1:]]
        status = main(given)
        here = capsys.readouterr()
        there = run_cli(*given)
        assert (there.returncode, there.stdout, there.stderr) == (status, here.out, here.err)
    missing = run_cli("solve", "missing.evs")
    assert missing.returncode == main(["solve", "missing.evs"]) == 1
    assert missing.stderr == capsys.readouterr().err
    assert run_cli("solve").returncode == 2
    assert run_cli("check", str(SMALL)).stdout == f"{SMALL}: no mistakes\n"


AT_WORK = "print('at work', file=sys.stderr, flush=True)"


@contextmanager
def waiting(fault: str) -> Iterator[subprocess.Popen[str]]:
    """The command, in a group of its own, once it says that its backend is at work."""
    running = subprocess.Popen(
        command_of(fault),
        cwd=TESTS,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert running.stderr is not None
        assert running.stderr.readline() == "at work\n"
        yield running
    finally:
        running.kill()
        running.wait()


def child_of(process: int) -> int:
    (child,) = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return int(child)


@pytest.mark.parametrize("whole_group", [False, True])
def test_an_interrupt_is_passed_on_once_and_ends_with_130(whole_group: bool) -> None:
    counted = "\n        ".join(
        [
            "count = 0; told = False; end = time.monotonic() + 1.5",
            "while time.monotonic() < end:",
            "    try:",
            "        if not told: told = True; " + AT_WORK,
            "        time.sleep(0.1)",
            "    except KeyboardInterrupt: count += 1",
            "print('interrupts', count, file=sys.stderr)",
            "raise KeyboardInterrupt",
        ]
    )
    with waiting(f"pass\n        {counted}") as running:
        if whole_group:
            os.killpg(running.pid, signal.SIGINT)
        else:
            os.kill(running.pid, signal.SIGINT)
        _, errors = running.communicate(timeout=20)
    assert (running.returncode, errors) == (130, "interrupts 1\ninterrupted\n")


HARD = """\
station lot {
    start   = 2024-03-12
    horizon = 24 h
    step    = 15 min
}
grid {
    import_limit = 90 kW
    price        = { 00:00: 0.11 EUR/kWh, 07:00: 0.19 EUR/kWh, 11:00: 0.13 EUR/kWh, 17:00: 0.26 EUR/kWh }
}
port ac {
    count     = 14
    power     = 22 kW
    min_power = 4 kW
}
class car {
    battery = 52 kWh
    charge  = 11 kW
}
fleet day of car {
    count       = 40
    arrival     = normal(09:00, 2 h)
    stay        = normal(6 h, 1 h)
    soc_arrival = uniform(20 %, 60 %)
    soc_target  = 80 %
}
enable min_power, uninterrupted, partial_charging
minimize cost + 4 EUR/kWh * unmet
then minimize peak
"""
"""A minute and more for either solver."""


@pytest.mark.slow
@pytest.mark.parametrize("solver", ["highs", "scip"])
def test_an_interrupt_ends_a_solve_and_the_stages_behind_it(solver: str, tmp_path: Path) -> None:
    (tmp_path / "hard.evs").write_text(HARD)
    program = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    program += "import sys; from evdsl.cli import process; sys.exit(process.main())"
    command = [sys.executable, "-c", program, "solve", "hard.evs", "--time-limit", "100", "--backend", solver]
    running = subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        time.sleep(5)
        running.send_signal(signal.SIGINT)
        said, errors = running.communicate(timeout=30)
    finally:
        running.kill()
    assert running.returncode == 130, errors
    assert "then       minimize peak, not reached" in said or errors.endswith("interrupted\n"), said


def test_a_command_that_is_ended_ends_with_its_child() -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with waiting(f"{AT_WORK}; time.sleep(60)") as running:
            child = child_of(running.pid)
            os.kill(running.pid, number)
            running.communicate(timeout=20)
            assert running.returncode == -number
            for _ in range(100):
                if (
                    not Path(f"/proc/{child}/cmdline").exists()
                    or not Path(f"/proc/{child}/cmdline").read_bytes()
                ):
                    break
                time.sleep(0.05)
            else:
                pytest.fail("the child goes on")


@pytest.mark.slow
def test_a_solve_of_a_campaign_that_fills_the_memory_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    from evdsl.cli.commands.fuzz import summary
    from evdsl.optimization import stages as solving
    from evdsl.testing import Plan, campaign, specs

    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(solving, "solve", full)
    coverage, failure = campaign(specs(), 10, start=1, plan=Plan(relations=0))
    assert failure is None
    assert coverage.stopped > 5
    assert "a solve stopped at its limit of time or memory" in summary(coverage)


def test_without_an_option_most_of_what_is_free_may_be_taken() -> None:
    free = memory.free_memory()
    assert free is not None
    assert 100_000_000 < free < os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    done = with_fault("import resource; sys.exit(str(resource.getrlimit(resource.RLIMIT_DATA)[0]))")
    assert 0.5 * free < int(done.stderr) < 1.5 * free
    done = with_fault(
        "import resource; sys.exit(str(resource.getrlimit(resource.RLIMIT_DATA)[0]))", "--memory", "2GB"
    )
    assert done.stderr == "2000000000\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [("2GB", 2e9), ("2 gb", 2e9), ("800MB", 8e8), ("1.5GiB", 1.5 * 2**30), ("1TB", 1e12)],
)
def test_a_size_is_a_number_with_its_unit(text: str, found: float) -> None:
    assert size(text) == found


@pytest.mark.parametrize(
    "text", ["", "2", "GB", "-2GB", "1e3GB", "100MB", "nanGB", "infGB", "1.2.3GB", "²GB"]
)
def test_another_text_is_no_size(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["solve", "x.evs", f"--memory={text}"])
    assert ended.value.code == 2
    assert "argument --memory: " in capsys.readouterr().err


def test_a_control_group_counts_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Path
    monkeypatch.setattr(memory, "Path", lambda path: tmp_path if path == "/sys/fs/cgroup" else real(path))
    assert memory._of_group() is None
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("100000000\n")
    assert memory._of_group() is None
    (tmp_path / "memory.max").write_text("1000000000\n")
    assert memory._of_group() == 900_000_000
    assert memory.free_memory() == 810_000_000


@pytest.mark.parametrize("closed", [">&-", "2>&-"])
@pytest.mark.parametrize("command", ["solve", "check"])
def test_a_closed_stream_changes_nothing_else(command: str, closed: str) -> None:
    line = f"'{sys.executable}' -m evdsl {command} '{SMALL}' {closed}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, cwd=TESTS, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert bool(done.stdout) == (closed == "2>&-")


def test_what_a_control_group_keeps_of_files_is_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_groups", lambda: [tmp_path])
    assert memory._of_group() is None
    (tmp_path / "memory.max").write_text("8000\n")
    (tmp_path / "memory.current").write_text("7000\n")
    assert memory._of_group() == 1000
    (tmp_path / "memory.stat").write_text("anon 500\ninactive_file 6500\n")
    assert memory._of_group() == 7500
    (tmp_path / "memory.max").write_text("max\n")
    assert memory._of_group() is None
