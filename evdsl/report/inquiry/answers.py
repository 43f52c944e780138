"""What was asked of a schedule and what is answered: as text, and as a document for `--json`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evdsl.language.units import symbol
from evdsl.optimization.inquiry.fact import Fact
from evdsl.optimization.inquiry.trial import Trial
from evdsl.optimization.lexicographic import is_lexicographic
from evdsl.optimization.result import Result, attempt_lines, attempt_record
from evdsl.report.facts import final_value
from evdsl.report.inquiry.sentences import records, sentences
from evdsl.report.numbers import quantity
from evdsl.report.width import terminal_width, wrapped
from evdsl.solver.solution import Attempt


@dataclass(frozen=True, slots=True)
class Answer:
    """The facts that answer a question: `about` is `vehicle`, `at` or `plan`, `asked` what was typed."""

    about: str
    asked: str
    facts: tuple[Fact, ...]


def text(result: Result, answers: Sequence[Answer], trial: Trial | None, width: int | None = None) -> str:
    """How the run ended, and a line for each fact, at most `width` characters wide."""
    wide = terminal_width(width)
    lines = [*_heads(result)]
    for answer in answers:
        lines += ["", *sentences(answer.facts, result.spec, result.data)]
    notes = [*_notes(answers, trial)]
    lines += ["", *notes] if notes else []
    lines += [f"solver: {line}" for line in attempt_lines(_attempts(result, trial), len(result.spec.stages))]
    return "".join(f"{part}\n" for line in lines for part in (wrapped(line, wide) if line else [""]))


def document(result: Result, answers: Sequence[Answer], trial: Trial | None) -> dict[str, object]:
    """The same as plain data: `answers` are lists of facts, as `evdsl.report.inquiry.sentences` has them."""
    return {
        "status": result.status.value,
        "backend": result.backend,
        "choice": result.choice or None,
        "attempts": [attempt_record(attempt) for attempt in _attempts(result, trial)],
        "diagnostics": [problem.as_record() for problem in result.diagnostics],
        "answers": [
            {
                "about": answer.about,
                "asked": answer.asked,
                "facts": records(answer.facts, result.spec, result.data),
            }
            for answer in answers
        ],
        "notes": _notes(answers, trial),
    }


def _attempts(result: Result, trial: Trial | None) -> list[Attempt]:
    return [*result.attempts, *(trial.asker.attempts if trial is not None else ())]


def _heads(result: Result) -> Iterator[str]:
    """Each stage with what the schedule is worth in it."""
    spec = result.spec
    for number, stage in enumerate(spec.stages):
        value = final_value(stage, result)
        unit = symbol(stage.dimension, spec.currency)
        worth = "" if value is None else quantity(value, unit, spec.currency)
        begin = f"{result.status.value} on {result.backend}: " if not number else "then "
        yield f"{begin}{stage.sense} {stage.text}{f' = {worth}' if worth else ''}"


def _notes(answers: Sequence[Answer], trial: Trial | None) -> list[str]:
    """How what was tested was tested, and why some of it was not."""
    if all(answer.about == "plan" for answer in answers):
        return []
    if trial is None:
        return ["nothing was solved again (--quick)"]
    facts = [fact for answer in answers for fact in answer.facts if fact.tested]
    stages = trial.result.spec.stages
    if any(map(is_lexicographic, stages)):
        return ["nothing was solved again: a stage that orders schedules has no one value"]
    if trial.over:
        return [f"not everything was asked: {trial.over}"]
    if not trial.can_ask:
        return ["nothing was solved again: the schedule is not proven to be the best"]
    if not facts:
        return []
    told = ["what something would cost was found by solving again, all else decided anew"]
    if trial.keeps_ports:
        told.append("who holds a port stays as it is where it can; --exact decides that anew too")
    return told
