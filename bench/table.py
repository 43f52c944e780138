"""The measurements as a table, as text and as Markdown: one for each case, a line for each way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.cases import Case
from bench.goals import best_matrix
from bench.measurement import Measurement

HEADS = (
    "way",
    "processor s",
    "wall s",
    "ratio",
    "MB",
    "before",
    "columns",
    "rows",
    "integers",
    "objective",
    "by phase",
    "goal",
)
LEFT = {"way", "objective", "by phase", "goal"}
"""What stands on the left of its column; the rest are numbers."""
SAME = 1e-5
"""By what share two optima may differ beyond their gaps: interior points end there."""


def verdict(says: str, reached: str, is_met: bool | None) -> str:
    """A goal with what was reached."""
    return f"{says}: {reached}{'' if is_met is None else ', met' if is_met else ', missed'}"


def cells(case: Case, measurements: Sequence[Measurement]) -> list[tuple[str, ...]]:
    """The lines of a case, in the order of its ways; `ratio` is to the best matrix, where there is one."""
    by_way = {one.way: one for one in measurements}
    best = best_matrix(by_way)
    found = []
    for one in measurements:
        goals = [verdict(goal.says, *goal.judge(by_way)) for goal in case.goals if goal.way == one.way]
        ratio = ""
        if best is not None and best.processor and one.is_optimal and one.processor is not None:
            ratio = f"{one.processor / best.processor:.2f}"
        taken = _seconds(one.processor) if one.is_optimal else one.outcome
        if one.processor is not None and not one.is_optimal and not one.outcome.startswith("over "):
            taken = f"{one.outcome}: {_seconds(one.processor)}"
        found.append(
            (
                one.way,
                taken,
                _seconds(one.wall),
                ratio,
                _whole(one.megabytes),
                _whole(one.loaded),
                _whole(one.columns),
                _whole(one.rows),
                _whole(one.integers) if one.integers else "",
                _objective(one, measurements, case.gap),
                ", ".join(f"{phase} {seconds:.2f}" for phase, seconds in one.phases.items()),
                "; ".join(goals),
            )
        )
    return found


def text(cases: Iterable[Case], measurements: Sequence[Measurement]) -> str:
    """The tables for a terminal."""
    parts = []
    for case, lines in _tables(cases, measurements):
        used = [index for index, _ in enumerate(HEADS) if any(line[index] for line in lines)]
        rows = [[line[index] for index in used] for line in (HEADS, *lines)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(used))]
        shown = []
        for row in rows:
            padded = (
                cell.ljust(width) if HEADS[index] in LEFT else cell.rjust(width)
                for index, cell, width in zip(used, row, widths, strict=True)
            )
            shown.append(("  " + "  ".join(padded)).rstrip())
        parts.append("\n".join([f"{case.name}: {case.says}", *shown]))
    return "\n\n".join(parts)


def markdown(cases: Iterable[Case], measurements: Sequence[Measurement]) -> str:
    """The tables for a page."""
    parts = []
    for case, lines in _tables(cases, measurements):
        used = [index for index, _ in enumerate(HEADS) if any(line[index] for line in lines)]
        heads = [HEADS[index] for index in used]
        rule = ["---" if head in LEFT else "--:" for head in heads]
        rows = [[line[index].replace("|", "\\|") for index in used] for line in lines]
        table = "\n".join(f"| {' | '.join(row)} |" for row in (heads, rule, *rows))
        parts.append(f"**`{case.name}`**: {case.says}\n\n{table}")
    return "\n\n".join(parts)


def judged(
    cases: Iterable[Case], measurements: Sequence[Measurement]
) -> list[tuple[str, str, str, bool | None]]:
    """Each goal of the cases that were measured: the case, the goal, what was reached, whether it is met."""
    found = []
    for case in cases:
        by_way = {one.way: one for one in measurements if one.case == case.name}
        if by_way:
            found += [(case.name, goal.says, *goal.judge(by_way)) for goal in case.goals]
    return found


def _tables(
    cases: Iterable[Case], measurements: Sequence[Measurement]
) -> Iterable[tuple[Case, list[tuple[str, ...]]]]:
    for case in cases:
        mine = [one for one in measurements if one.case == case.name]
        if mine:
            yield case, cells(case, mine)


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}" if value < 100 else f"{value:.0f}"


def _whole(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _objective(one: Measurement, others: Sequence[Measurement], gap: float) -> str:
    """The objective, and by what share it differs from that of the others where it should not."""
    if one.objective is None:
        return ""
    shown = f"{one.objective:,.4f}"
    if not one.is_optimal:
        return f"{shown}, gap {one.gap:.1%}" if one.gap is not None else shown
    apart = differs(one, others, gap)
    return f"{shown}, differs by {apart:.1e}" if apart else shown


def differs(one: Measurement, others: Sequence[Measurement], gap: float) -> float:
    """By what share an optimum is away from that of the first way that has one; 0 where it is the same."""
    first = next((each for each in others if each.is_optimal and each.objective is not None), None)
    if first is None or one.objective is None or first.objective is None or not one.is_optimal:
        return 0.0
    apart = abs(one.objective - first.objective) / max(abs(first.objective), 1e-9)
    return apart if apart > SAME + gap else 0.0
