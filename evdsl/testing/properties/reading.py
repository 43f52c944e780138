"""What must hold of reading any text: a meaning or a reason with a place, in little time and memory.

Time is that of the processor in this process, so that a busy machine fails no honest reader. Memory is by
how much the resident set rose at its highest: on Linux its high-water mark is put back before each reading
(`/proc/self/clear_refs`, see proc(5)); elsewhere it is that of the whole process, which is only ever larger.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evdsl.diagnostics.diagnostic import Diagnostic, render
from evdsl.diagnostics.source import Source
from evdsl.semantics.resolve import resolve
from evdsl.syntax.formatter import format
from evdsl.syntax.parser import parse

SECONDS = 1.0
"""Of the processor, for reading one text in full."""
MEGABYTES = 400.0
"""By which the memory may rise for one text."""
STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True, slots=True)
class TimedRead:
    """How a text was read: what is `wrong` with that, if anything; the `codes` that it was refused with."""

    wrong: str | None
    has_no_errors: bool
    codes: tuple[str, ...]
    seconds: float
    megabytes: float


def read(text: str, path: Path | None = None, limit: float = SECONDS) -> TimedRead:
    """Reads a text as `evdsl check` does, prints it as `evdsl fmt` does where it parses, and measures both.

    `limit` is of the seconds that either may take; what is asked of the printed text beyond has its own time.
    """
    before = _reset()
    began = middle = end = time.process_time()
    taken, found, wrong = False, list[Diagnostic](), None
    try:
        spec, found = resolve(Source("mutated.evs", text, path))
        taken = spec is not None
        wrong = misdiagnosed(taken, found)
        middle = time.process_time()
        file, problems = parse(Source("first", text))
        if not problems:
            format(file)
        end = time.process_time()
        wrong = wrong or misprinted(text)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        said = str(error).split("\n")[0][:200]
        wrong = f"{type(error).__name__}: {said} (at {Path(place.filename).name}:{place.lineno})"
    seconds, megabytes = max(middle - began, end - middle), _peak() - before
    if wrong is None and seconds > limit:
        wrong = f"it took {seconds:.1f} s"
    if wrong is None and megabytes > MEGABYTES:
        wrong = f"it took {megabytes:.0f} MB"
    return TimedRead(wrong, taken, tuple(each.code for each in found), seconds, megabytes)


def misdiagnosed(taken: bool, found: Sequence[Diagnostic]) -> str | None:
    """Why what is said of a text cannot be right; everything must be told as text and as data."""
    render(found)
    json.dumps([each.as_record() for each in found], allow_nan=False)
    errors = [each for each in found if each.is_error]
    if taken == bool(errors):
        return f"taken in spite of {errors[0].code}" if taken else "refused without a reason"
    for each in found:
        if each.span is None:
            if each.is_error:
                return f"no place is said: {each.message}"
        elif not 0 <= each.span.start <= each.span.end <= len(each.span.source.text):
            return f"the place of {each.code} lies outside the text"
    return None


def misprinted(text: str) -> str | None:
    """Why formatting a text that parses is not what it must be: the same meaning, and the same again."""
    file, problems = parse(Source("first", text))
    if problems:
        return None
    once = format(file)
    again, wrong = parse(Source("second", once))
    if wrong:
        return f"the formatted text is refused: {wrong[0].message}"
    if again != file:
        return "the formatted text says something else"
    return None if format(again) == once else "formatting twice is not formatting once"


def _reset() -> float:
    """Puts the high-water mark back where that is possible; the memory in use now (MB)."""
    try:
        RESET.write_text("5")
    except OSError:
        return 0.0
    return _mark("VmRSS:")


def _peak() -> float:
    """The high-water mark since it was put back, or of the whole process (MB); 0 where nobody knows it."""
    mark = _mark("VmHWM:")
    if mark or sys.platform == "win32":
        return mark
    import resource

    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / (1e6 if sys.platform == "darwin" else 1e3)


def _mark(name: str) -> float:
    try:
        lines = STATUS.read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1e3 for line in lines if line.startswith(name)), 0.0)
