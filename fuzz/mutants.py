"""Does a test fail when the program is changed a little? Mutation testing: `python fuzz/mutants.py [PATHS]`.

    python fuzz/mutants.py [--sample N] [--seed N] [--seconds S] [--again] [--fresh] [--summary] [PATHS]

Takes N changes (all without `--sample`) of each of the four groups checker, formulation, rewrites and
verify, spread evenly over their files by seed, or of the files PATHS alone. For each, only the tests that
execute the changed statement are run, those that killed another change of the file first, then the ones
with answers known by hand (`NEAR`), quick ones before slow ones, until one fails or S seconds of the
processor are over (60). A test that takes ten seconds and ten times its time is ended, and the change
counts as killed by time. `mutant_changes.py` says what is changed and what is left alone,
`mutant_traces.py` how the tests of a line are known, `mutant_runs.py` how a change is judged.

What became of each change is a line of `.mutants/results.jsonl`: a run that was ended goes on where it was.
`--again` tries once more, with the tests of now, what survived; `--fresh` forgets everything and takes
`evdsl` as it is now; `--summary` only tells. Survivors that no test can kill are listed in
`fuzz/equivalent.txt`, one a line: `PATH | the line before | the line after | which of those | why`;
they are counted apart and left out of the percentage. Needs `pip install -e '.[test,mutate]'`; one process,
which is best run under `nice`.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from mutant_results import KILLED, Results, equivalent, told
from mutant_runs import (
    OPTIONS,
    PATIENCE,
    ROOT,
    SHARED,
    Judging,
    Say,
    Tests,
    Tree,
    anew,
    copied,
    exchanged,
    forked,
    functions_of,
    judged,
    memories,
    warm,
)
from mutant_sample import Mutant, mutants_of, spread
from mutant_traces import Lines, below, coverage_map

GROUPS = {
    "checker": "semantics/checks/*.py semantics/curvature.py semantics/requirements.py semantics/resolve.py "
    "semantics/sets.py",
    "formulation": "model/formulate.py language/devices/*.py language/objectives/*.py language/toggles/*.py "
    "model/balance.py model/levels.py model/ports.py model/require/*.py data/sets.py data/checks.py "
    "optimization/shares.py model/bounds.py optimization/stages.py",
    "rewrites": "model/lower/*.py model/intervals.py",
    "verify": "verifier/*.py solver/certify.py",
}
"""What is changed, below `evdsl`."""
NEAR = {
    "checker": "semantics/ data/ model/test_require",
    "formulation": "language/test_features language/test_cohort model/test_lower model/test_require_means "
    "optimization/test_fairness optimization/test_stages",
    "rewrites": "model/test_lower model/test_both_at_once model/test_require language/test_features",
    "verify": "verifier/ solver/ model/test_require language/test_cohort",
}
"""How the files begin, below `tests`, whose answers are known by hand: these are asked first."""
LEFT_OUT = (
    "house/test_architecture",
    "house/test_readme",
    "house/test_reference",
    "syntax/test_hostile",
    "language/test_toggles",
)
"""Test files that are about other things than what the program means, and one of many solves."""
Work = Callable[[Mutant, str, Tests, Say], None]
"""Judges a text in the place of a mutant's file."""


def main() -> None:
    asked = arguments()
    if not asked.summary and find_spec("coverage") is None:
        sys.exit("what the tests execute is found by coverage: pip install -e '.[test,mutate]'")
    state = asked.state
    if asked.fresh and state.exists():
        state.rename(state.with_name(f"{state.name}.{int(time.time())}"))
    state.mkdir(parents=True, exist_ok=True)
    tree = copied(state)
    texts = {
        str(file.relative_to(tree)): (group, file.read_text())
        for group, globs in GROUPS.items()
        for pattern in globs.split()
        for file in sorted((tree / "evdsl").glob(pattern))
    }
    chosen = sample(texts, asked)
    results, same = Results(state / "results.jsonl"), equivalent()
    if not asked.summary:
        left = [one for one in chosen if results.outcome(one) not in (None, *KILLED) and one.key not in same]
        wanted = left if asked.again else [one for one in chosen if results.outcome(one) is None]
        judge(wanted, texts, tree, state, results, asked.seconds)
    print(told(chosen, results, same, GROUPS))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--sample", type=int, metavar="N", help="changes of each group; all without")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another sample")
    parser.add_argument(
        "--seconds", type=float, default=60.0, metavar="S", help="of tests for a change, of the processor"
    )
    parser.add_argument("--again", action="store_true", help="only what survived, with the tests of now")
    parser.add_argument("--fresh", action="store_true", help="forget all, take `evdsl` as it is now")
    parser.add_argument("--summary", action="store_true", help="only tell what is known")
    parser.add_argument("--state", type=Path, default=ROOT / ".mutants", help="the folder of results")
    parser.add_argument(
        "paths", nargs="*", metavar="PATHS", help="only these files, as `evdsl/model/bounds.py`"
    )
    return parser.parse_args()


def sample(texts: dict[str, tuple[str, str]], asked: argparse.Namespace) -> list[Mutant]:
    """The mutants that are asked for, group by group in turn, so that a run may be ended at any time."""
    chosen = []
    for group in GROUPS:
        files = [
            mutants_of(group, path, text)
            for path, (home, text) in texts.items()
            if home == group and (not asked.paths or path in asked.paths)
        ]
        chosen.append(spread(files, asked.sample, asked.seed))
    return [one for row in zip_longest(*chosen) for one in row if one is not None]


def judge(
    mutants: Sequence[Mutant],
    texts: dict[str, tuple[str, str]],
    tree: Path,
    state: Path,
    results: Results,
    cap: float,
) -> None:
    """Judges mutants: first those of what happens at import, then the others with all tests imported."""
    warm()
    files = sorted(str(one.relative_to(tree)) for one in (tree / "tests").rglob("test_*.py"))
    lines = Lines(coverage_map(tree, state, [file for file in files if not below(file).startswith(LEFT_OUT)]))
    planned = []
    for one in mutants:
        first, last = one.change.lines
        near = tuple(NEAR[one.group].split())
        planned.append((one, *lines.of(one.path, range(first, last + 1), one.change.inside, near)))
    total, done = len(planned), 0
    killers: dict[str, set[str]] = defaultdict(set)
    for known in results.known.values():
        killers[known["key"].split(" | ")[0]].add(str(known.get("test")))

    def follow(mutant: Mutant, tests: Tests, work: Work, sound: dict[str, bool]) -> None:
        """What becomes of a mutant by the tests that hold without it, which is seen when one first fails."""
        nonlocal done
        done += 1
        killing = killers[mutant.path]
        kin = {name.split("[")[0] for name in killing}
        tests = sorted(tests, key=lambda one: (one[0] not in killing, one[0].split("[")[0] not in kin))
        old = texts[mutant.path][1]
        new = mutant.change.applied(old)
        facts: dict[str, Any] = {"outcome": "not covered"}
        while tests:
            facts = outcome(forked(partial(work, mutant, new, tests), SHARED * PATIENCE), len(tests))
            by = [one for one in tests if one[0] == facts.get("test")]
            if by and by[0][0] not in sound:
                alone = outcome(forked(partial(work, mutant, old, by), SHARED * PATIENCE), 1)
                sound[by[0][0]] = alone["outcome"] == "survived"
            if not by or sound[by[0][0]]:
                break
            tests = [one for one in tests if sound.get(one[0], True)]
        killers[mutant.path].add(str(facts.get("test")))
        results.add(mutant, **facts)
        print(f"{done}/{total} {facts['outcome']}: {mutant.path}:{mutant.change.line}", flush=True)

    def imported(mutant: Mutant, text: str, tests: Tests, say: Say) -> None:
        anew(tree, mutant.path, text, tests, cap, say)

    sound: dict[str, bool] = {}
    for mutant, tests, at_import in planned:
        if at_import:
            follow(mutant, tests, imported, sound)

    def others(items: dict[str, Any]) -> None:
        functions, remembering = functions_of(tree, list(texts)), memories(tree)
        gc.freeze()  # what is here is not looked at by the collector of any fork, nor copied for it
        sound: dict[str, bool] = {}

        def work(mutant: Mutant, text: str, tests: Tests, say: Say) -> None:
            place = str(tree / mutant.path)
            exchanged(functions[mutant.path], place, texts[mutant.path][1], text)
            for one in remembering:
                one.cache_clear()
            judged(items, tests, cap, say)

        for mutant, tests, at_import in planned:
            if not at_import:
                follow(mutant, tests, work, sound)

    os.chdir(tree)
    sys.meta_path.insert(0, Tree(tree, {}))
    pytest.main([*OPTIONS, "tests"], plugins=[Judging(others)])


def outcome(said: Iterator[Any], of: int) -> dict[str, Any]:
    """What a process said of its mutant."""
    began = time.monotonic()
    last: Any = {"test": "the process died", "ran": 0}
    for each in said:
        if each is not None and "broken" in each:
            raise RuntimeError(each["broken"])
        last = each
    took = {"of": of, "seconds": round(time.monotonic() - began, 2)}
    if last is None:
        return {"outcome": "timed out", **took}
    return {"outcome": "survived" if last["test"] is None else "killed", **last, **took}


if __name__ == "__main__":
    main()
