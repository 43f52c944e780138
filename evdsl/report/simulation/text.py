"""A simulation as a table in the terminal and as a JSON document: means with intervals, paired differences.

| key of the document | |
|---|---|
| `spec`, `set`, `seed`, `currency`, `stages` | what was run; stages with `sense`, `expression`, `unit` |
| `runs` | `asked`, `done`, `counted` (those with a value of every policy), `kept`, `foreign` |
| `kept`, `foreign` | jobs that the journal had before, and those in it that are none of these |
| `variance`, `used`, `why_plain` | the way that was asked for, the one that was taken, why it is another |
| `further` | how many draws of the control were made beside the runs |
| `error`, `met` | the share that each mean was to be known to, and whether it is |
| `policies` | each: `policy`, `mean`, `half`, `reduced`, `quantiles`, `broken`, `unproven`, `means` |
| `means` | the objective words, each with `mean`, `half`, `reduced`, `unit` |
| `differences` | to the first policy, paired: `policy`, `against`, `mean`, `half`, `reduced` |
| `share`, `share_half` | of a difference: as a share of the mean of the first policy |
| `failures` | rows without figures, alike but for numbers: `status`, `policy`, `count`, `reason` |
| `interrupted`, `message`, `diagnostics` | how it ended, what was said |

`half` is half of a 95 % interval, `reduced` how many times the variance of as many plain runs is larger; it
is `null` where an estimate has no variance left. `quantiles` are what 5, 50 and 95 % of the runs lie below.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from pathlib import Path

from evdsl.diagnostics.diagnostic import Diagnostic, by_cause
from evdsl.language.objectives import WORDS
from evdsl.optimization.policies import policy as rule_of
from evdsl.optimization.simulation.estimators import Estimate
from evdsl.optimization.simulation.simulation import Simulation
from evdsl.optimization.sweep.columns import stage_unit, units_of
from evdsl.optimization.sweep.intervals import failures_of
from evdsl.optimization.sweep.job import CONTROL
from evdsl.report.numbers import decimals, plural, printable, share
from evdsl.report.run.document import plain
from evdsl.report.width import terminal_width, wrapped

LARGE = 1e9
"""A variance that is so many times smaller is none."""
MOST_FAILURES = 8


def document(result: Simulation, diagnostics: Sequence[Diagnostic] = ()) -> dict[str, object]:
    """The simulation as plain data; see the module for its keys."""
    spec = result.prepared.specs[0]
    first = result.policies[0]
    units = units_of(result.prepared)
    record = {
        "spec": spec.source.name,
        "set": {name: values[0] for name, values in result.prepared.plan.settings},
        "seed": spec.seed,
        "currency": spec.currency,
        "stages": [
            {"sense": stage.sense, "expression": stage.text, "unit": stage_unit(spec, number)}
            for number, stage in enumerate(spec.stages)
        ],
        "runs": {
            "asked": result.question.runs,
            "done": result.done,
            "counted": result.samples.count,
            "kept": result.kept,
            "foreign": result.foreign,
        },
        "variance": result.question.variance,
        "used": result.method.variance,
        "why_plain": result.why_plain,
        "further": result.further,
        "error": result.question.error,
        "met": result.met,
        "policies": [_policy_record(result, name, units) for name in result.policies],
        "differences": [_difference_record(result, name, first) for name in result.policies[1:]],
        "failures": [
            {
                "status": one.status,
                "policy": one.policy,
                "count": one.count,
                "reason": one.reason,
                "scenario": one.first["scenario"],
            }
            for one in failures_of(result.rows)
        ],
        "interrupted": result.interrupted,
        "message": result.message,
        "diagnostics": [one.as_record() for one in by_cause(diagnostics)],
    }
    return {name: plain(value) for name, value in record.items()}


def _estimate_record(estimate: Estimate | None) -> dict[str, object]:
    if estimate is None:
        return {"mean": None, "half": None, "reduced": None}
    reduced = estimate.reduced
    kept = None if reduced is None or not isfinite(reduced) or reduced > LARGE else reduced
    return {"mean": estimate.mean, "half": estimate.half, "reduced": kept}


def _policy_record(result: Simulation, name: str, units: dict[str, str]) -> dict[str, object]:
    quantiles = result.quantiles(name)
    means = {word.name: result.mean(name, word.name) for word in WORDS}
    return {
        "policy": name,
        **_estimate_record(result.mean(name)),
        "quantiles": None if quantiles is None else list(quantiles),
        "broken": result.broken(name),
        "unproven": result.unproven(name),
        "means": {
            word: {**_estimate_record(mean), "unit": units.get(word, "")}
            for word, mean in means.items()
            if mean is not None
        },
    }


def _difference_record(result: Simulation, name: str, first: str) -> dict[str, object]:
    found = result.difference(name)
    told, of_first = (None, None) if found is None else found
    return {
        "policy": name,
        "against": first,
        **_estimate_record(told),
        "share": None if of_first is None else of_first.mean,
        "share_half": None if of_first is None else of_first.half,
    }


def text(result: Simulation, width: int | None = None) -> str:
    """The report, each line ended, in lines of at most `width` characters."""
    wide = terminal_width(width)
    spec = result.prepared.specs[0]
    first = spec.stages[0]
    lines = wrapped(_headline(result), wide)
    lines += ["", *wrapped(f"{first.sense} {printable(first.text, 100)}", wide)]
    if result.samples.count:
        lines += ["", *_table(result)]
        if len(result.policies) > 1:
            lines += ["", *_differences(result)]
    notes = [line for note in _notes(result) for line in wrapped(note, wide)]
    lines += [*[""] * bool(notes), *notes]
    failures = [line for note in _failures(result) for line in wrapped(note, wide)]
    lines += [*[""] * bool(failures), *failures]
    return "".join(f"{line}\n" for line in lines)


def _headline(result: Simulation) -> str:
    spec, question = result.prepared.specs[0], result.question
    asked = plural(question.runs, "run")
    done = asked if result.done == question.runs else f"{result.done:,} of {asked}"
    way = "" if question.variance == "plain" else f", {question.variance}"
    given = "".join(f", {name} = {values[0]}" for name, values in result.prepared.plan.settings)
    return f"simulation of {spec.source.name}: {done} (seed {spec.seed}{way}){given}"


def _table(result: Simulation) -> list[str]:
    """A line for each policy."""
    unit = stage_unit(result.prepared.specs[0])
    reduced = result.method.variance != "plain"
    rows = [
        ["policy", f"mean {unit}".rstrip(), "5 %", "50 %", "95 %", "broken"] + ["variance reduced"] * reduced
    ]
    for name in result.policies:
        quantiles, broken = result.quantiles(name), result.broken(name)
        assert quantiles is not None, "there are runs"
        assert broken is not None, "as above"
        mean = result.mean(name)
        cells = [name, _mean(mean), *(decimals(value, 2) for value in quantiles), share(broken)]
        rows.append(cells + [_reduction(mean)] * reduced)
    return _aligned(rows)


def _differences(result: Simulation) -> list[str]:
    """A line for each policy but the first: what it is more than that one, and as a share of it."""
    unit = stage_unit(result.prepared.specs[0])
    reduced = result.method.variance != "plain"
    rows = [
        [f"against {result.policies[0]}", f"difference {unit}".rstrip(), "share"]
        + ["variance reduced"] * reduced
    ]
    for name in result.policies[1:]:
        found = result.difference(name)
        assert found is not None, "there are runs"
        told, of_first = found
        cells = [name, _signed(told, 1.0, 2), "" if of_first is None else f"{_signed(of_first, 100.0, 2)} %"]
        rows.append(cells + [_reduction(told)] * reduced)
    return _aligned(rows)


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """The first column to the left, all others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for first, *rest in rows:
        cells = [f"{cell:>{width}}" for cell, width in zip(rest, widths[1:], strict=True)]
        lines.append("  ".join([f"{first:<{widths[0]}}", *cells]).rstrip())
    return lines


def _mean(estimate: Estimate | None) -> str:
    if estimate is None:
        return ""
    half = "" if estimate.half is None else f" ± {decimals(estimate.half, 2)}"
    return f"{decimals(estimate.mean, 2)}{half}"


def _signed(estimate: Estimate, scale: float, places: int) -> str:
    value = decimals(scale * estimate.mean, places)
    sign = "" if value.startswith("-") else "+"
    half = "" if estimate.half is None else f" ± {decimals(scale * estimate.half, places)}"
    return f"{sign}{value}{half}"


def _reduction(estimate: Estimate | None) -> str:
    """How many times smaller the variance is than that of as many plain runs."""
    if estimate is None or estimate.reduced is None:
        return ""
    if estimate.reduced > LARGE:
        return "to nothing"
    return f"{decimals(estimate.reduced, 0 if estimate.reduced >= 10 else 1)} x"


def _notes(result: Simulation) -> list[str]:
    question, count = result.question, result.samples.count
    notes = []
    if count > 1:
        notes.append("mean ± half of its 95 % interval (Student's t)")
        notes.append("5 %, 50 %, 95 %: what so many of the runs lie below")
    if count and len(result.policies) > 1:
        notes.append("differences are paired: all policies have the same draws")
    if any(rule_of(name) is not None and result.broken(name) for name in result.policies):
        notes.append("broken: runs in which a rule breaks the spec; what they come to counts")
    if count < result.done:
        notes.append(f"over {count:,} of {plural(result.done, 'run')}: those with a value of every policy")
    if result.method.variance != "plain" and count:
        notes.append("variance reduced: how many times that of as many plain runs is larger")
    if result.method.variance == "control" and count:
        notes.append(f"control: the rule `{CONTROL}`, with {result.further:,} further draws of it alone")
    if result.why_plain and count:
        notes.append(f"plain, and not control: {result.why_plain}")
    if question.error is not None and count and not result.interrupted:
        told = f"{decimals(100 * question.error, 0, 4)} %"
        if result.met:
            notes.append(f"each mean is known to {told} after {plural(result.done, 'run')}")
        else:
            notes.append(f"not each mean is known to {told}: take more runs")
    unproven = sum(result.unproven(name) for name in result.policies)
    if unproven:
        told = plural(unproven, "schedule")
        notes.append(f"{told} of the optimum not proven optimal when the time was over")
    if result.foreign:
        are = "is" if result.foreign == 1 else "are"
        notes.append(
            f"{plural(result.foreign, 'run')} of the journal {are} of another question, "
            "or of other content of the spec or its files, and left out"
        )
    return notes


def _failures(result: Simulation) -> list[str]:
    failures = failures_of(result.rows)
    lines = []
    for one in failures[:MOST_FAILURES]:
        first = f"{'the first in ' if one.count > 1 else ''}scenario {one.first['scenario']}"
        status, reason = one.status.replace("_", " "), printable(one.reason, 240)
        lines.append(f"{one.policy}: {one.count:,} not counted, {status} ({first}): {reason}")
    if len(failures) > MOST_FAILURES:
        lines.append(f"and {len(failures) - MOST_FAILURES} other reasons: `--json` has all")
    return lines


def written_line(out: Path, journal: Path, result: Simulation) -> str:
    """Where the table is, and what its journal is still good for."""
    if result.done < result.question.runs:
        return f"written to {out}: {result.done:,} of {plural(result.question.runs, 'run')}"
    return f"written to {out}; {journal} lets `--resume` add to it, and may be deleted"
