"""Our specs beside what a user would do instead: time by phase, memory, sizes, optimum, and our goals.

Each way is measured in a process of its own, with a limit of time and of memory. Ratios of one run on one
machine are what counts. `bench/README.md` says what the cases and the ways are.
"""

from __future__ import annotations

import argparse
import json
import math
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import table
from bench.cases import CASES, Case
from bench.launch import measure, store_site
from bench.machine import described
from bench.measurement import Measurement
from bench.ways import Way

Spent = dict[tuple[str, str], tuple[int, float]]
"""By family and way the size and the seconds of the largest case that was measured."""


def main(given: Sequence[str] | None = None) -> int:
    """Measures what is asked for, and prints the tables."""
    asked = _arguments(given)
    if asked.page:
        from bench.page import write

        write(asked.page)
        return 0
    cases = _chosen(asked)
    if asked.list:
        for case in cases:
            print(f"{case.name:<28} {case.says}: {', '.join(way.name for way in case.ways)}")
        return 0
    # A process that measures is ended with this one, however this one is.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    found: list[Measurement] = []
    anew = {(case.name, way.name) for case in cases for way in _ways(case, asked)}
    kept = [one for one in _stored(asked.json) if (one.case, one.way) not in anew]
    spent = _spent(kept)
    try:
        for case in cases:
            found += _of_case(case, asked, spent)
            if asked.json:
                _store(asked, [*kept, *found])
    except KeyboardInterrupt:
        print("interrupted: the tables have what was measured", file=sys.stderr)
    print((table.markdown if asked.markdown else table.text)(cases, found))
    wrong = [f"{one.case}, {one.way}" for one in found if _is_wrong(one, cases, found)]
    for name in wrong:
        print(f"another optimum: {name}", file=sys.stderr)
    return 1 if wrong else 0


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--list", action="store_true", help="name the cases and their ways, and end")
    parser.add_argument("--case", action="append", metavar="NAME", help="this case alone; may be repeated")
    parser.add_argument("--way", action="append", metavar="NAME", help="this way alone; may be repeated")
    parser.add_argument("--quick", action="store_true", help="the cases of minutes alone")
    parser.add_argument(
        "--limit", type=float, default=60.0, metavar="SECONDS", help="for each way (default 60)"
    )
    parser.add_argument(
        "--memory", type=float, default=6000.0, metavar="MB", help="for each way (default 6000)"
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="the folder of real data, for the cases with them"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="store the measurements; others in it stay")
    parser.add_argument("--markdown", action="store_true", help="print the tables as Markdown")
    parser.add_argument(
        "--page",
        type=Path,
        metavar="FILE",
        help="write docs/bench.md from what --json stored",
    )
    return parser.parse_args(given)


def _ways(case: Case, asked: argparse.Namespace) -> list[Way]:
    return [way for way in case.ways if not asked.way or way.name in asked.way]


def _stored(file: Path | None) -> list[Measurement]:
    """What a file has of earlier runs."""
    if file is None or not file.exists():
        return []
    return [Measurement(**one) for one in json.loads(file.read_text(encoding="utf-8"))["measurements"]]


def _spent(found: Sequence[Measurement]) -> Spent:
    """What each way took on the largest site of each family."""
    spent: Spent = {}
    for case in sorted(CASES, key=lambda case: case.size):
        for one in found:
            if one.case == case.name and case.family:
                if one.outcome.startswith("over "):
                    spent[case.family, one.way] = (case.size, math.inf)
                elif one.seconds is not None:
                    spent[case.family, one.way] = (case.size, one.seconds)
    return spent


def _store(asked: argparse.Namespace, found: Sequence[Measurement]) -> None:
    """Writes what was measured so far, so that hours are not lost with a last case."""
    record = {"machine": described(), "megabytes": asked.memory}
    order = [(case.name, way.name) for case in CASES for way in case.ways]
    inside = sorted(found, key=lambda one: order.index((one.case, one.way)))
    lines = ",\n".join(json.dumps(one.as_record()) for one in inside)
    text = json.dumps(record, indent=1).rstrip("\n}")
    asked.json.write_text(f'{text},\n "measurements": [\n{lines}\n]}}\n', encoding="utf-8")


def _chosen(asked: argparse.Namespace) -> list[Case]:
    names = {case.name for case in CASES}
    unknown = [name for name in asked.case or () if name not in names]
    if unknown:
        raise SystemExit(f"there is no case `{unknown[0]}`; `python -m bench --list` names them")
    ways = {way.name for case in CASES for way in case.ways}
    unknown = [name for name in asked.way or () if name not in ways]
    if unknown:
        raise SystemExit(f"there is no way `{unknown[0]}`; there are {', '.join(sorted(ways))}")
    if asked.case:
        return [case for case in CASES if case.name in asked.case]
    return [case for case in CASES if case.quick or not asked.quick]


def _of_case(case: Case, asked: argparse.Namespace, spent: Spent) -> list[Measurement]:
    """The ways of a case one after the other; progress goes to standard error."""
    if case.data and asked.data is None:
        print(f"{case.name}: left out, it needs --data", file=sys.stderr)
        return []
    data = str(asked.data.resolve()) if asked.data else ""
    ways = _ways(case, asked)
    found = []
    with tempfile.TemporaryDirectory(prefix="evdsl-bench-") as folder:
        site = Path(folder) / "site.npz"
        wrong = ""
        by_hand = [way for way in ways if not way.is_ours and not way.command]
        if any(not way.missing and not _hopeless(case, way, spent, asked.limit) for way in by_hand):
            wrong = store_site(case, site, data)
        for way in ways:
            reason = _hopeless(case, way, spent, asked.limit)
            if reason:
                one = Measurement(case.name, way.name, reason)
            elif wrong and way in by_hand:
                one = Measurement(case.name, way.name, wrong)
            else:
                one = measure(case, way, site, (asked.limit, asked.memory), data)
            spent |= _spent([one])
            taken = f"{one.processor:.2f} s, " if one.processor is not None else ""
            print(f"{case.name}, {way.name}: {taken}{one.outcome}", file=sys.stderr, flush=True)
            found.append(one)
    return found


def _hopeless(case: Case, way: Way, spent: Spent, limit: float) -> str:
    """Why a way need not be tried on a larger site: it grows with the site, in proportion at the least.

    A search is tried at any size, as it may find something within its limit.
    """
    size, seconds = spent.get((case.family, way.name), (0, 0.0))
    if not size or case.is_search or seconds * case.size / size <= limit:
        return ""
    taken = "over its limit" if math.isinf(seconds) else f"{seconds:.0f} s"
    return f"not tried: {taken} at {size:,}"


def _is_wrong(one: Measurement, cases: Sequence[Case], found: Sequence[Measurement]) -> bool:
    (gap,) = (case.gap for case in cases if case.name == one.case)
    return table.differs(one, [other for other in found if other.case == one.case], gap) > 0


if __name__ == "__main__":
    sys.exit(main())
