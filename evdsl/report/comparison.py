"""The optimum beside the rules, as a table and as data.

| key of the document | |
|---|---|
| `optimum` | `status`, `backend`, `choice`, `attempts`, `verified`, `objective`, `sold_beyond`, `terms` |
| `rules` | each: `name`, `verified`, `violations` (by rule), `objective`, `loss`, `worse_by`, `terms` |
| `idle_storages` | storages that no rule makes anything of |

`objective` is that of the first stage; `loss` what a rule loses against the optimum, `worse_by` the same as a
share, where both are of one sign. A rule that breaks the spec is not allowed: it has `violations`, and no
figure. `sold_beyond` is what was sold beyond
what was asked for, kWh; the rules sell each vehicle as much.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evdsl.language.decisions import decisions
from evdsl.language.objectives import word
from evdsl.language.spec import Spec
from evdsl.language.units import symbol
from evdsl.optimization.comparison import Comparison, RuleResult
from evdsl.optimization.result import attempt_lines, attempt_record
from evdsl.optimization.rounding import Worth, cleared
from evdsl.report.facts import NOTICED, unit_of
from evdsl.report.numbers import decimals, energy, plural, printable, quantity, share
from evdsl.report.run.document import plain
from evdsl.report.run.summary import headline, site_line
from evdsl.report.width import fitting, terminal_width, wrapped
from evdsl.schedule.decisions import choices_of

TOLD = ("cost", "co2", "unmet", "fairness", "peak", "curtailed", "revenue")
FIRST = 3
"""Columns that always stand: the rule, its objective, what it loses."""


def document(comparison: Comparison) -> dict[str, object]:
    """The comparison as plain data; see the module for its keys."""
    optimum, stage = comparison.optimum, comparison.stage
    spec = optimum.spec
    record = {
        "spec": spec.name,
        "currency": spec.currency,
        "expression": stage.text,
        "sense": stage.sense,
        "unit": symbol(stage.dimension, spec.currency),
        "optimum": {
            "status": optimum.status.value,
            "backend": optimum.backend,
            "choice": optimum.choice or None,
            "attempts": [attempt_record(attempt) for attempt in optimum.attempts],
            "verified": optimum.verdict is not None and optimum.verdict.ok,
            "objective": _value(comparison.best()),
            "sold_beyond": float(comparison.beyond.sum()),
            "terms": _terms(optimum.terms, spec),
        },
        "rules": [
            {
                "name": ruled.policy.name,
                "verified": ruled.is_allowed,
                "violations": dict(ruled.verdict.counts),
                "objective": _value(comparison.reached(ruled)),
                "loss": comparison.loss(ruled),
                "worse_by": comparison.worse_by(ruled),
                "terms": _terms(ruled.terms, spec) if ruled.is_allowed else {},
            }
            for ruled in comparison.ruled
        ],
        "idle_storages": comparison.idle_storages,
    }
    return {name: plain(value) for name, value in record.items()}


def _value(worth: Worth | None) -> float | None:
    return None if worth is None else worth.value


def _terms(terms: Mapping[str, float], spec: Spec) -> dict[str, object]:
    return {name: {"value": value, "unit": unit_of(name, spec)} for name, value in terms.items()}


def text(comparison: Comparison, width: int | None = None) -> str:
    """The report, each line ended, in lines of at most `width` characters."""
    optimum, stage = comparison.optimum, comparison.stage
    wide, rows = terminal_width(width), rows_of(comparison)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    count = fitting(widths, FIRST, wide)
    lines = [headline(optimum)[0], *wrapped(site_line(optimum), wide), ""]
    lines += [*wrapped(f"{stage.sense} {printable(stage.text, 100)}", wide), ""]
    for row in rows:
        cells = [f"{row[0]:<{widths[0]}}"]
        cells += [f"{c:>{w}}" for c, w in zip(row[1:count], widths[1:count], strict=True)]
        lines.append("  ".join(cells).rstrip())
    lines.append("")
    for note in notes(comparison, rows[0][count:]):
        lines += wrapped(note, wide)
    return "".join(f"{line}\n" for line in lines)


def rows_of(comparison: Comparison) -> list[list[str]]:
    """The table: titles with units, the optimum, then each rule."""
    optimum = comparison.optimum
    unit = symbol(comparison.stage.dimension, optimum.spec.currency)
    allowed = [optimum.terms, *(ruled.terms for ruled in comparison.ruled if ruled.is_allowed)]
    words = [name for name in _told(comparison) if any(terms.get(name, 0.0) for terms in allowed)]
    titles = ["", f"objective {unit}", "worse by", *(f"{n} {unit_of(n, optimum.spec)}" for n in words)]
    return [
        [title.rstrip() for title in titles],
        _row("optimum", comparison.best(), "", words, optimum.terms),
        *(_ruled(comparison, ruled, words) for ruled in comparison.ruled),
    ]


def _told(comparison: Comparison) -> tuple[str, ...]:
    """The words that have a column: of cohorts what their waiting counts for, of vehicles fairness.

    What is weighed beside others in the objective has one too.
    """
    optimum, weighed = comparison.optimum, comparison.stage.weights
    cohorts, vehicles = optimum.spec.of_kind("cohort"), len(optimum.data.vehicles)
    told = [name for name in TOLD if name != "fairness" or vehicles or not cohorts]
    told += ["dissatisfaction"] if cohorts else []
    more = [name for name in weighed if name not in told and word(name) is not None]
    after = told.index("unmet") + 1
    return (*told[:after], *(more if len(weighed) > 1 else ()), *told[after:])


def _ruled(comparison: Comparison, ruled: RuleResult, words: list[str]) -> list[str]:
    if not ruled.is_allowed:
        return [ruled.policy.name, "", "not allowed", *("" for _ in words)]
    against = _against(comparison, ruled)
    return _row(ruled.policy.name, comparison.reached(ruled), against, words, ruled.terms)


def _row(
    name: str, value: Worth | None, against: str, words: list[str], terms: Mapping[str, float]
) -> list[str]:
    return [
        name,
        "" if value is None else decimals(value.value, 2),
        against,
        *(_cell(w, terms) for w in words),
    ]


def _against(comparison: Comparison, ruled: RuleResult) -> str:
    """What a rule loses: a share where that says something, else an amount."""
    lost, amount = comparison.worse_by(ruled), comparison.loss(ruled)
    if lost is not None:
        return "0 %" if abs(lost) < 5e-5 else f"{'-' if lost < 0 else ''}{share(abs(lost))}"
    if amount is None:
        return "-"
    currency = comparison.optimum.spec.currency
    return quantity(amount, symbol(comparison.stage.dimension, currency), currency)


def _cell(word: str, terms: Mapping[str, float]) -> str:
    if word not in terms:
        return ""
    return share(terms[word]) if word == "fairness" else decimals(terms[word], 2)


def notes(comparison: Comparison, left_out: Sequence[str] = ()) -> list[str]:
    """What is to be said of the table, one line a kind; `left_out` are titles for which there is no room."""
    optimum = comparison.optimum
    sound = [ruled.policy.name for ruled in comparison.ruled if ruled.is_allowed]
    lines = [f"verified: {', '.join(['optimum', *sound])}", *_not_allowed(comparison)]
    beyond = float(comparison.beyond.sum())
    if beyond > NOTICED:
        who = plural(int((comparison.beyond > NOTICED).sum()), "vehicle")
        lines.append(f"sold beyond what was asked: {energy(beyond)} kWh, to {who}; the rules sell as much")
    lines += _charged_cohorts(comparison)
    if comparison.idle_storages:
        names = ", ".join(f"`{printable(name, 24)}`" for name in comparison.idle_storages)
        lines.append(f"idle under the rules, since no surplus is left over to charge from: {names}")
    elif optimum.spec.of_kind("storage"):
        lines.append("storage under the rules: charges from surplus, gives at the peak of each day")
    assert optimum.schedule is not None, "there is nothing to compare with"
    currency, values = optimum.spec.currency, choices_of(optimum.schedule)
    picked = [
        f"`{printable(one.name, 40)}` "
        + (
            quantity(values[one.name], symbol(one.dimension, currency), currency)
            if one.is_size
            else share(values[one.name])
        )
        for one in decisions(optimum.spec)
        if one.name in values
    ]
    if picked:
        lines.append(f"the rules run with what the optimum chose: {', '.join(picked)}")
    best = comparison.best()
    if best is not None:
        apart = cleared(best.value - optimum.stages[0].value, best.size, best.unit)
        if abs(apart) > 1e-4 * max(abs(best.value), 1e-3):
            unit, currency = symbol(comparison.stage.dimension, optimum.spec.currency), optimum.spec.currency
            first = quantity(optimum.stages[0].value, unit, currency)
            lines.append(
                f"the optimum's first stage alone reaches {first}; later stages gave some of it away"
            )
    if left_out:
        names = ", ".join(title.strip() for title in left_out)
        lines.append(f"a wider terminal has columns for {names}; `--json` has all")
    return lines + [f"solver: {line}" for line in attempt_lines(optimum.attempts, len(optimum.spec.stages))]


def _charged_cohorts(comparison: Comparison) -> list[str]:
    """What each cohort takes: nobody asks it for an energy, so the rules may charge more than the optimum."""
    optimum, lines = comparison.optimum, []
    sound = [(one.policy.name, one.schedule) for one in comparison.ruled if one.is_allowed]
    for device in optimum.spec.of_kind("cohort"):
        each = [
            f"{name} {energy(float(schedule[device.name].sum()) * optimum.spec.step)}"
            for name, schedule in [("optimum", optimum.schedule), *sound]
            if schedule is not None
        ]
        lines.append(f"kWh charged of `{printable(device.name, 24)}`: {', '.join(each)}")
    return lines


def _not_allowed(comparison: Comparison) -> list[str]:
    """Which rules do not meet the spec, and an example of why."""
    broken = [ruled for ruled in comparison.ruled if not ruled.is_allowed]
    if not broken:
        return []
    names = ", ".join(ruled.policy.name for ruled in broken)
    first = broken[0].verdict.violations[0]
    why = f"{first.rule}: {printable(first.message, 200)}"
    if first.rule == "unmet":
        why = f"`{printable(first.vehicle, 24)}` lacks {energy(first.size)} kWh, and partial_charging is off"
    return [f"not allowed: {names}; {why}"]
