"""A sweep as a table in the terminal and as a JSON document: means with intervals, what the optimum saves.

| key of the document | |
|---|---|
| `currency`, `settings`, `policies` | what was asked |
| `specs` | each: `spec`, and its `stages` with `sense`, `expression`, `unit` |
| `jobs` | `asked`, `done`, `kept` (in the journal before), `foreign` (in it, and none of this sweep) |
| `interrupted` | whether Ctrl-C ended it |
| `groups` | each combination: `spec`, `set`, `policy`, `runs`, `counted`, `unproven`, `means` |
| `means` | by column: `mean`, `half` (of the 95 % interval; none of a single run), `runs`, `unit` |
| `failures` | rows without figures, alike but for numbers: `status`, `policy`, `count`, `reason` |
| `spec`, `set`, `seed` | of a failure: those of its first row |

`saving` is what the optimum saves of the first objective of a rule, as a share of that, paired by job.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from evdsl.diagnostics.diagnostic import Diagnostic, by_cause
from evdsl.language.objectives import WORDS
from evdsl.language.units import symbol
from evdsl.optimization.sweep.columns import columns_of, stage_unit, units_of
from evdsl.optimization.sweep.intervals import Group, Mean, failures_of, groups_of, settings_of
from evdsl.optimization.sweep.job import Row
from evdsl.optimization.sweep.plan import OPTIMUM
from evdsl.optimization.sweep.prepare import Prepared
from evdsl.optimization.sweep.run import SweepResult
from evdsl.report.numbers import decimals, plural, printable
from evdsl.report.run.document import plain
from evdsl.report.width import fitting, terminal_width, wrapped

BESIDE = ("cost", "co2", "unmet", "peak")
"""Words that are told, where a run has them and they are not zero in all."""
MOST_LINES, MOST_FAILURES = 200, 8


def document(
    prepared: Prepared, result: SweepResult, diagnostics: Sequence[Diagnostic] = ()
) -> dict[str, object]:
    """The sweep as plain data; see the module for its keys."""
    units = units_of(prepared)
    numbers = [
        name
        for name in columns_of(prepared)
        if name.startswith("stage_") or name in ("saving", "seconds", *(word.name for word in WORDS))
    ]
    record = {
        "currency": prepared.currency,
        "settings": {name: list(values) for name, values in prepared.plan.settings},
        "policies": list(prepared.plan.conditions.policies),
        "specs": [
            {
                "spec": spec.source.name,
                "stages": [
                    {"sense": stage.sense, "expression": stage.text, "unit": stage_unit(spec, number)}
                    for number, stage in enumerate(spec.stages)
                ],
            }
            for spec in prepared.specs
        ],
        "jobs": {
            "asked": result.asked,
            "done": result.done,
            "kept": result.kept,
            "foreign": result.foreign,
        },
        "interrupted": result.interrupted,
        "message": result.message,
        "groups": [_group_record(group, numbers, units) for group in groups_of(result.rows)],
        "failures": [
            {
                "status": one.status,
                "policy": one.policy,
                "count": one.count,
                "reason": one.reason,
                "spec": one.first["spec"],
                "set": dict(settings_of(one.first)),
                "seed": one.first["seed"],
            }
            for one in failures_of(result.rows)
        ],
        "diagnostics": [one.as_record() for one in by_cause(diagnostics)],
    }
    return {name: plain(value) for name, value in record.items()}


def _group_record(group: Group, numbers: Sequence[str], units: dict[str, str]) -> dict[str, object]:
    means = {name: group.mean(name) for name in numbers}
    return {
        "spec": group.spec,
        "set": dict(group.set),
        "policy": group.policy,
        "runs": len(group.rows),
        "counted": group.counted,
        "unproven": group.unproven,
        "means": {
            name: {
                "mean": mean.value,
                "half": mean.half,
                "runs": mean.runs,
                "unit": units.get(name, ""),
            }
            for name, mean in means.items()
            if mean is not None
        },
    }


def text(prepared: Prepared, result: SweepResult, width: int | None = None) -> str:
    """The report, each line ended, in lines of at most `width` characters."""
    wide = terminal_width(width)
    groups = groups_of(result.rows)
    lines = wrapped(_headline(prepared, result), wide)
    if groups:
        lines += ["", *_aims(prepared, wide), "", *_table(prepared, groups, wide), ""]
        for note in _notes(prepared, result, groups):
            lines += wrapped(note, wide)
    for note in _failures(prepared, result):
        lines += wrapped(note, wide)
    return "".join(f"{line}\n" for line in lines)


def _headline(prepared: Prepared, result: SweepResult) -> str:
    plan = prepared.plan
    names = [_file(spec.source.name, 50) for spec in prepared.specs]
    what = names[0] if len(names) == 1 else f"{len(names)} specs"
    seeds = sum(map(len, plan.seeds)) if plan.seeds else 1
    shape = ", ".join([*(_of_setting(name, values) for name, values in plan.settings), plural(seeds, "seed")])
    done = plural(result.asked, "run")
    if result.done < result.asked:
        done = f"{result.done:,} of {done}"
    return f"sweep of {what}: {done} ({shape})"


def _file(name: str, width: int) -> str:
    """A file by as much of the end of its path as there is room for."""
    shown = printable(name, len(name))
    return shown if len(shown) <= width else f"…{shown[1 - width :]}"


def _of_setting(name: str, values: Sequence[str]) -> str:
    return f"{plural(len(values), 'value')} of {printable(name, 30)}"


def _aims(prepared: Prepared, wide: int) -> list[str]:
    aims: dict[str, list[str]] = {}
    for spec in prepared.specs:
        first = spec.stages[0]
        aims.setdefault(f"{first.sense} {printable(first.text, 100)}", []).append(spec.source.name)
    if len(aims) == 1:
        return wrapped(next(iter(aims)), wide)
    told = (f"{', '.join(_file(name, 40) for name in names)}: {aim}" for aim, names in aims.items())
    return [line for one in told for line in wrapped(one, wide)]


def _table(prepared: Prepared, groups: Sequence[Group], wide: int) -> list[str]:
    """A line for each combination and policy; what repeats the line above is left blank."""
    several = len(prepared.specs) > 1
    labels = ["spec"] * several + [printable(name, 20) for name, _ in prepared.plan.settings] + ["policy"]
    units = units_of(prepared)
    stage = f"objective {units.get('stage_1', '')}".rstrip()
    rules = any(policy != OPTIMUM for policy in prepared.plan.conditions.policies)
    rules = rules and OPTIMUM in prepared.plan.conditions.policies
    told = {name: [group.mean(name) for group in groups] for name in BESIDE}
    words = [name for name, means in told.items() if any(mean is not None and mean.value for mean in means)]
    titles = [*labels, "runs", stage, *["optimum saves"] * rules]
    kept = len(titles)
    titles += [f"{name} {symbol_of(name, prepared)}".rstrip() for name in words]
    rows = [titles]
    for group in groups[:MOST_LINES]:
        cells = [_file(group.spec, 24)] * several + [printable(value, 20) for _, value in group.set]
        runs, asked = group.counted, len(group.rows)
        cells += [group.policy, str(runs) if runs == asked else f"{runs} of {asked}"]
        cells += [_mean(group.mean("stage_1"))]
        cells += [_share(group.mean("saving"))] * rules
        cells += [_mean(group.mean(name)) for name in words]
        rows.append(cells)
    widths = [max(len(row[column]) for row in rows) for column in range(len(titles))]
    count = fitting(widths, kept, wide)
    lines, before = [], [""] * len(labels)
    for row in rows:
        shown = list(row[: len(labels)])
        for column in range(len(labels) - 1):
            if row[: column + 1] != before[: column + 1]:
                break
            shown[column] = ""
        before = row[: len(labels)]
        cells = [f"{cell:<{size}}" for cell, size in zip(shown, widths, strict=False)]
        rest = zip(row[len(labels) : count], widths[len(labels) : count], strict=True)
        cells += [f"{cell:>{size}}" for cell, size in rest]
        lines.append("  ".join(cells).rstrip())
    if len(groups) > MOST_LINES:
        lines.append(f"... and {len(groups) - MOST_LINES:,} more lines: `--json` has all")
    if count < len(titles):
        lines += ["", *wrapped(f"a wider terminal has columns for {', '.join(titles[count:])}", wide)]
    return lines


def symbol_of(name: str, prepared: Prepared) -> str:
    """The unit of a word."""
    declared = next(word for word in WORDS if word.name == name)
    return symbol(declared.dimension, prepared.currency)


def _mean(mean: Mean | None) -> str:
    if mean is None:
        return ""
    half = "" if mean.half is None else f" ± {decimals(mean.half, 2)}"
    return f"{decimals(mean.value, 2)}{half}"


def _share(mean: Mean | None) -> str:
    if mean is None:
        return ""
    half = "" if mean.half is None else f" ± {decimals(100 * mean.half, 2)}"
    return f"{decimals(100 * mean.value, 2)}{half} %"


def _notes(prepared: Prepared, result: SweepResult, groups: Sequence[Group]) -> list[str]:
    notes = []
    if any(len(group.rows) > 1 for group in groups):
        notes.append("mean ± half of its 95 % interval over the seeds (Student's t)")
    policies = prepared.plan.conditions.policies
    if OPTIMUM in policies and len(policies) > 1:
        notes.append("optimum saves: of the objective of the rule, paired by seed")
    unproven = sum(group.unproven for group in groups if group.policy == policies[0])
    if unproven:
        notes.append(
            f"{plural(unproven, 'schedule')} of the optimum not proven optimal when the time was over"
        )
    if result.foreign:
        are = "is" if result.foreign == 1 else "are"
        notes.append(
            f"{plural(result.foreign, 'run')} of the journal {are} of another sweep, "
            "or of other content of the spec or its files, and left out"
        )
    return notes


def _failures(prepared: Prepared, result: SweepResult) -> list[str]:
    failures = failures_of(result.rows)
    lines = [""] * bool(failures)
    for one in failures[:MOST_FAILURES]:
        status = one.status.replace("_", " ")
        at = ", ".join([*(f"{name}={value}" for name, value in settings_of(one.first)), _seed(one.first)])
        first = f"{'the first at ' if one.count > 1 else ''}{printable(at, 80)}"
        reason = printable(one.reason, 240)
        lines.append(f"{one.policy}: {one.count:,} not counted, {status} ({first}): {reason}")
    if len(failures) > MOST_FAILURES:
        lines.append(f"and {len(failures) - MOST_FAILURES} other reasons: `--json` has all")
    infeasible = next((one.first for one in failures if one.status == "infeasible"), None)
    if infeasible is not None:
        lines.append(f"why one is infeasible: {_explaining(prepared, infeasible)}")
    return lines


def _seed(row: Row) -> str:
    return "its own seed" if row["seed"] is None else f"seed {row['seed']}"


def _explaining(prepared: Prepared, row: Row) -> str:
    """The command that says why a run is infeasible."""
    words = ["evdsl", "explain", row["spec"]]
    words += [word for name, value in settings_of(row) for word in ("--set", f"{name}={value}")]
    conditions = prepared.plan.conditions
    given = (("enable", conditions.enable), ("disable", conditions.disable), ("data", prepared.folders))
    words += [word for flag, values in given for value in values for word in (f"--{flag}", str(value))]
    return shlex.join([*words, "--seed", str(row["seed"])])


def written_line(out: Path, journal: Path, result: SweepResult) -> str:
    """Where the table is, and what its journal is still good for."""
    if result.done < result.asked:
        return f"written to {out}: {result.done:,} of {plural(result.asked, 'run')}"
    return f"written to {out}; {journal} lets `--resume` add to it, and may be deleted"
