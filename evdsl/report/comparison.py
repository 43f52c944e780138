"""The optimum beside the rules, as a table and as data.

| key of the document | |
|---|---|
| `optimum` | `status`, `backend`, `verified`, `objective`, `terms` |
| `rules` | each: `name`, `verified`, `violations` (by rule of the check), `objective`, `worse_by`, `terms` |

`objective` is that of the first stage; `worse_by` what a rule loses against the optimum, relative.
"""

from __future__ import annotations

from collections.abc import Mapping

from evdsl.language.units import symbol
from evdsl.optimization.comparison import Comparison, RuleResult, side_value
from evdsl.report.facts import unit_of
from evdsl.report.numbers import decimals, plural, printable, quantity, share
from evdsl.report.run.document import plain
from evdsl.report.run.summary import headline, site_line

TOLD = ("cost", "co2", "unmet", "fairness", "peak", "curtailed", "revenue")
SEEN = 5e-7


def document(comparison: Comparison) -> dict[str, object]:
    """The comparison as plain data; see the module for its keys."""
    optimum = comparison.optimum
    spec = optimum.spec
    record = {
        "spec": spec.name,
        "currency": spec.currency,
        "expression": spec.stages[0].text,
        "sense": spec.stages[0].sense,
        "unit": symbol(spec.stages[0].dimension, spec.currency),
        "optimum": {
            "status": optimum.status.value,
            "backend": optimum.backend,
            "verified": optimum.verdict is not None and optimum.verdict.ok,
            "objective": side_value(spec.stages[0], optimum.terms),
            "terms": _terms(optimum.terms, spec.currency),
        },
        "rules": [
            {
                "name": ruled.policy.name,
                "verified": ruled.verdict.ok,
                "violations": dict(ruled.verdict.counts),
                "objective": side_value(spec.stages[0], ruled.terms),
                "worse_by": loss(comparison, ruled),
                "terms": _terms(ruled.terms, spec.currency),
            }
            for ruled in comparison.ruled
        ],
    }
    return {name: plain(value) for name, value in record.items()}


def _terms(terms: Mapping[str, float], currency: str) -> dict[str, object]:
    return {name: {"value": value, "unit": unit_of(name, currency)} for name, value in terms.items()}


def loss(comparison: Comparison, ruled: RuleResult) -> float | None:
    """What a rule loses against the optimum in the first stage, relative to the optimum; `None` at zero."""
    stage = comparison.optimum.spec.stages[0]
    best, reached = side_value(stage, comparison.optimum.terms), side_value(stage, ruled.terms)
    if best is None or reached is None or abs(best) < SEEN:
        return None
    return stage.sign * (reached - best) / abs(best)


def text(comparison: Comparison) -> str:
    """The report, each line ended."""
    optimum = comparison.optimum
    spec = optimum.spec
    stage, currency = spec.stages[0], spec.currency
    unit = symbol(stage.dimension, currency)
    everyone = [("optimum", optimum.terms), *((ruled.policy.name, ruled.terms) for ruled in comparison.ruled)]
    words = [name for name in TOLD if any(abs(terms.get(name, 0.0)) > SEEN for _, terms in everyone)]
    rows = [
        [
            "",
            f"objective {unit}".rstrip(),
            "worse by",
            *(f"{n} {unit_of(n, currency)}".rstrip() for n in words),
        ]
    ]
    for at, (name, terms) in enumerate(everyone):
        value = side_value(stage, terms)
        rows.append([name, "" if value is None else decimals(value, 2), *_against(comparison, at)])
        rows[-1] += [_cell(word, terms) for word in words]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [headline(optimum)[0], site_line(optimum), "", f"{stage.sense} {printable(stage.text, 100)}", ""]
    for row in rows:
        cells = [f"{row[0]:<{widths[0]}}", *(f"{c:>{w}}" for c, w in zip(row[1:], widths[1:], strict=True))]
        lines.append("  ".join(cells).rstrip())
    lines += ["", *_unfit(comparison)]
    best = side_value(stage, optimum.terms)
    if best is not None and abs(best - optimum.stages[0].value) > 1e-4 * max(abs(best), 1e-3):
        first = quantity(optimum.stages[0].value, unit, currency)
        lines.append(f"the optimum's first stage alone reaches {first}; later stages gave some of it away")
    return "".join(f"{line}\n" for line in lines)


def _against(comparison: Comparison, at: int) -> list[str]:
    if not at:
        return [""]
    lost = loss(comparison, comparison.ruled[at - 1])
    if lost is None:
        return ["-"]
    return ["0 %"] if abs(lost) < 5e-5 else [f"{'-' if lost < 0 else ''}{share(abs(lost))}"]


def _cell(word: str, terms: Mapping[str, float]) -> str:
    if word not in terms:
        return ""
    return share(terms[word]) if word == "fairness" else decimals(terms[word], 2)


def _unfit(comparison: Comparison) -> list[str]:
    """Which rules do not meet the spec, and in what."""
    sound = [ruled.policy.name for ruled in comparison.ruled if ruled.verdict.ok]
    lines = [f"verified: {', '.join(['optimum', *sound])}"]
    for ruled in comparison.ruled:
        if not ruled.verdict.ok:
            first, total = ruled.verdict.violations[0], sum(ruled.verdict.counts.values())
            what = printable(first.message, 200)
            places = plural(total, "place")
            lines.append(f"{ruled.policy.name} does not meet the spec in {places}, the first: {what}")
    return lines
