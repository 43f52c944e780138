"""Files that are made to do harm, and what became of each: `python fuzz/hostile.py [--json]`.

Every case is a spec whose data, included text, stored schedule or own text is hostile. It is checked in a
forked child under an audit hook (PEP 578), which sees each file that Python opens, each address that is asked
for, each program that is started and each import: a case fails where anything was opened that lies outside of
the folder of the spec, whatever the message says. It fails too where the child died, hung, raised, unpacked
an archive, grew by more than `MEGABYTES`, or said what is wrong without a place.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from hostile_cases import GOOD, Case, cases

MEGABYTES = 400.0
SECONDS = 20.0
WATCHED = ("open", "socket.", "urllib.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "ftplib.")
UNPACKERS = frozenset("gzip bz2 lzma zipfile tarfile pickle marshal shelve".split())


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case ended. `opened` is what it must not have touched, `wrong` why it did not end well."""

    name: str
    status: int
    codes: tuple[str, ...]
    said: str
    seconds: float
    megabytes: float
    opened: tuple[str, ...]
    wrong: str = ""


def outcome_of(case: Case) -> Outcome:
    """Runs a case in a child, which is killed when its time is up."""
    folder = Path(tempfile.mkdtemp(prefix="evdsl-")).resolve()
    site = folder / "site"
    site.mkdir()
    try:
        (folder / "secret.csv").write_text(GOOD)
        text = case.text.encode() if isinstance(case.text, str) else case.text
        (site / "lot.evs").write_bytes(text)
        case.make(site)
        return _judged(case, _run(case, site), (site / "unpickled").exists())
    finally:
        shutil.rmtree(folder)


def _run(case: Case, site: Path) -> Outcome:
    sys.stdout.flush()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        status = 1
        with contextlib.suppress(BaseException), open(writer, "w") as answer:
            json.dump(asdict(_inside(case, site)), answer)
            status = 0
        os._exit(status)
    os.close(writer)
    began, parts = time.monotonic(), list[bytes]()
    # Read while it runs: a pipe that is full would hold the child.
    while select.select([reader], [], [], max(0.0, SECONDS - (time.monotonic() - began)))[0]:
        part = os.read(reader, 65536)
        if not part:
            break
        parts.append(part)
    else:
        os.kill(child, signal.SIGKILL)
    os.close(reader)
    ended = os.waitpid(child, 0)[1]
    seconds = time.monotonic() - began
    if ended or not parts:
        return Outcome(case.name, -1, (), "", seconds, 0.0, (), f"the child ended with {ended}")
    told = json.loads(b"".join(parts))
    return Outcome(**{**told, "codes": tuple(told["codes"]), "opened": tuple(told["opened"])})


def _inside(case: Case, site: Path) -> Outcome:
    """The command itself, with every opening of a file seen."""
    from evdsl.cli.main import main

    touched: list[str] = []
    watching = True

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if not watching:
            return
        if event == "import" and str(arguments[0]).split(".")[0] in UNPACKERS:
            touched.append(f"import {arguments[0]}")
        elif event == "open" and not isinstance(arguments[0], int):
            touched.append(os.fsdecode(arguments[0]))  # type: ignore[arg-type]  # of `open` it is a path
        elif event.startswith(WATCHED[1:]) and not _reads_parquet(event, arguments):
            touched.append(event)

    os.chdir(site)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")
    before = _memory("VmRSS:")
    out, errors = io.StringIO(), io.StringIO()
    command = ["verify", case.spec, case.result] if case.result else ["check", "-v", case.spec]
    sys.addaudithook(hook)
    began = time.monotonic()
    wrong, status = "", -1
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        try:
            status = main(command)
        except BaseException:
            wrong = traceback.format_exc(limit=-2)
    watching = False
    seconds = time.monotonic() - began
    said = errors.getvalue()
    codes = tuple(re.findall(r"^error\[(\w+)", said, re.MULTILINE))
    own = {str(site / case.spec), str(site / case.result), case.spec, case.result}
    outside = tuple(path for path in touched if path not in own and not _may_be_opened(path, site))
    grown = _memory("VmHWM:") - before
    return Outcome(case.name, status, codes, said, seconds, grown, outside, wrong)


def _reads_parquet(event: str, arguments: tuple[object, ...]) -> bool:
    """Whether a process is begun that only reads a Parquet file, so that polars may break off in it."""
    from evdsl.schedule import parquet_reader

    if event not in ("subprocess.Popen", "os.posix_spawn"):  # from Python 3.13 on the one begins the other
        return False
    given = arguments[1]
    return isinstance(given, (list, tuple)) and list(given)[1:3] == ["-P", parquet_reader.__file__]


def _may_be_opened(path: str, site: Path) -> bool:
    """What Python itself opens, and what lies below the folder of the spec when links are followed."""
    if path.startswith(("import ", "socket.", "urllib.", "subprocess.", "os.", "ftplib.")):
        return False
    found = Path(path).resolve()
    libraries = {Path(part).resolve() for part in (*sys.path, sys.prefix, sys.base_prefix) if part}
    libraries |= {Path("/usr/share/zoneinfo"), Path("/usr/lib"), Path("/dev/null")}
    libraries |= {Path(sys.modules["evdsl"].__file__ or "").resolve().parent.parent}
    return any(found.is_relative_to(each) for each in (site, *libraries))


def _judged(case: Case, outcome: Outcome, unpickled: bool) -> Outcome:
    """The outcome with what is wrong with it."""
    located = case.spec != "lot.evs" or case.result or "E001" in outcome.codes or "-->" in outcome.said
    said = set(outcome.codes) & set(case.codes)
    reasons = (
        outcome.wrong,
        unpickled and "a pickle was run",
        "Traceback" in outcome.said and "a traceback is shown",
        "bug:" in outcome.said and f"it ends as a bug: {outcome.said[:200]}",
        outcome.opened and f"it touched {', '.join(outcome.opened)}",
        outcome.status != (1 if case.codes else 0) and f"the exit status is {outcome.status}",
        case.codes and not said and f"it says {outcome.codes}, not {case.codes}",
        case.codes and not located and "no place is said",
        outcome.megabytes > MEGABYTES and f"it took {outcome.megabytes:.0f} MB",
        len(outcome.said) > 50_000 and "it says too much",
    )
    return replace(outcome, wrong=next((str(reason) for reason in reasons if reason), ""))


def _memory(name: str) -> float:
    with contextlib.suppress(OSError), open("/proc/self/status") as stream:
        return next((int(line.split()[1]) / 1e3 for line in stream if line.startswith(name)), 0.0)
    return 0.0


def preload() -> None:
    """Imports once, before the forks, what every case would."""
    import netCDF4  # noqa: F401 -- loaded before files are watched
    import pandas  # noqa: F401 -- loaded before files are watched
    import polars  # noqa: F401 -- loaded before files are watched
    import xarray  # noqa: F401 -- loaded before files are watched

    import evdsl.cli.commands.check
    import evdsl.cli.commands.verify
    import evdsl.data.load
    import evdsl.schedule.storage
    import evdsl.verifier  # noqa: F401 -- loaded before files are watched
    from evdsl.syntax.lexer import parser

    parser()


def main() -> None:
    preload()
    outcomes = [outcome_of(case) for case in cases()]
    if "--json" in sys.argv:
        print(json.dumps([asdict(outcome) for outcome in outcomes]))
        return
    for one in outcomes:
        codes = ", ".join(dict.fromkeys(one.codes)) or "taken"
        measured = f"{one.seconds:5.2f} s {one.megabytes:4.0f} MB"
        print(f"{one.name:<50} exit {one.status}  {codes:<11} {measured}  {one.wrong}".rstrip())
    wrong = sum(bool(one.wrong) for one in outcomes)
    slowest, largest = max(one.seconds for one in outcomes), max(one.megabytes for one in outcomes)
    print(f"{len(outcomes)} cases, {wrong} wrong; slowest {slowest:.2f} s, most {largest:.0f} MB")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
