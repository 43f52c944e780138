"""Writes `docs/bench.md` and its picture from a stored run: `python -m bench --page docs/bench.json`."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

from bench import picture, table
from bench.cases import CASES, ROOT
from bench.measurement import Measurement

PAGE, PICTURE = ROOT / "docs" / "bench.md", ROOT / "docs" / "bench.svg"


def write(stored: Path) -> None:
    """The page and the picture."""
    record = json.loads(stored.read_text(encoding="utf-8"))
    PAGE.write_text(text(record), encoding="utf-8")
    picture.draw(PICTURE, _measurements(record))


def text(record: dict[str, Any]) -> str:
    """The page; everything with a figure is from the run."""
    measurements = _measurements(record)
    machine = dict(record["machine"])
    date, commit = machine.pop("date"), machine.pop("commit")
    hardware = ", ".join(machine.pop(name) for name in ("processor", "system"))
    versions = ", ".join(f"{name} {version}" for name, version in machine.items())
    usual, others = _limits(measurements)
    seconds, megabytes = f"{usual:g}", f"{record['megabytes']:,.0f}"
    there = {one.case for one in measurements}
    absent = ", ".join(f"`{case.name}`" for case in CASES if case.name not in there)
    lacking = f"\nNot measured: {absent}.\n" if absent else ""
    judged = table.judged(CASES, measurements)
    words = {True: "met", False: "**missed**", None: "not judged"}
    rows = [f"| `{case}` | {says} | {reached} | {words[met]} |" for case, says, reached, met in judged]
    goals = "\n".join(rows)
    met = sum(is_met is True for *_, is_met in judged)
    return f"""# What it costs beside the alternatives

    pip install -e '.[bench,plot]'
    python -m bench --data ../shared/data --json docs/bench.json    # the figures below
    python -m bench --page docs/bench.json                          # this page

Every way is measured in a process of its own: ours from the text of a spec to a verified answer, the others
from arrays that are at hand to the optimum of the same model. Imports are not counted. *processor s* are
seconds of the processor in all threads, which a busy machine disturbs least; *ratio* is to the best of the
matrices made by hand, in processor seconds; *MB* is the most that the process had resident, *before* what the
libraries took of it. The limits of each are {seconds} processor seconds{others}
and {megabytes} MB; a search with integers ends after about as long, and shows what it has. Otherwise what
was over its limit is not tried on larger sites of the same kind, nor what would be if it took as much longer
as the site is larger. Ways that reach another optimum are told; the command then fails.
[`bench/README.md`](../bench/README.md) says how each way is written.

{date}, commit {commit}; {hardware}; {versions}.

![Processor seconds against vehicles, with a loose and with a binding limit](bench.svg)

A line ends where its next point is over the limit.

## Goals

{met} of {len(judged)} are met.

| case | goal | reached | |
|---|---|---|---|
{goals}

## Every case

{table.markdown(CASES, measurements)}
{lacking}"""


def _limits(measurements: list[Measurement]) -> tuple[float, str]:
    """The seconds that most ways were given, and in words where others were and some way needed them."""
    reached = [one for one in measurements if one.outcome.startswith("over ")] or measurements
    usual = statistics.mode(one.limit or 0.0 for one in reached)
    needed = [*reached, *(one for one in measurements if (one.processor or 0.0) > usual)]
    given = {one.case: one.limit for one in needed if one.limit not in (None, usual)}
    others = ", ".join(f"`{case}` {limit:g}" for case, limit in given.items())
    return usual, f" ({others})" if others else ""


def _measurements(record: dict[str, Any]) -> list[Measurement]:
    return [Measurement(**one) for one in record["measurements"]]
