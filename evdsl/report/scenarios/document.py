"""A plan for many scenarios as one strict JSON document: what `evdsl solve --json` prints of it.

It has the keys of `evdsl.report.run.document`, which are those of the one schedule that is shown: `site`,
`vehicles` and all that is said of it. These are of the plan instead:

| key | |
|---|---|
| `status`, `message`, `backend`, `attempts`, `choice`, `model`, `seconds` | of the whole run |
| `verified` | whether every schedule passed its check, and all of them the check of what they share |
| `violations` | what the checks found, of the first scenario at fault |
| `objective`, `bound`, `gap`, `stages` | of the plan: the mean, or what `risk` makes of it |
| `terms` | the means of all words |
| `scenario` | which one is shown |
| `scenarios` | each: `name`, `weight`, `value` of the first objective, `terms` |
| `expected`, `standard_error`, `least`, `most` | of these values |
| `risk` | null, or `level`, `weight` and `cvar` |
| `share`, `together` | what `share` names; whether the scenarios were solved as one model |
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from evdsl.diagnostics.diagnostic import Diagnostic, by_cause
from evdsl.optimization.result import attempt_record, shown_record
from evdsl.optimization.rounding import cleared
from evdsl.optimization.scenarios.plan import ScenarioPlan
from evdsl.report.run.document import document as of_one


def document(
    plan: ScenarioPlan,
    found: Sequence[Diagnostic] = (),
    shown: int | None = None,
    parse_seconds: float | None = None,
    check_seconds: float | None = None,
) -> dict[str, object]:
    """The plan as plain data that `json.dumps(..., allow_nan=False)` takes."""
    record: dict[str, object] = {}
    at = None
    if plan.results and plan.stages:
        at = plan.median if shown is None else shown
        record = dict(of_one(replace(plan.results[at], diagnostics=())))
    first = plan.stages[0] if plan.stages else None
    violations = [] if plan.verdict is None else list(plan.verdict.violations)
    for result in plan.results:
        if result.verdict is not None and not result.verdict.ok:
            violations = list(result.verdict.violations)
            break
    values = plan.values() if plan.results and plan.stages else None
    whole = {
        "spec": plan.spec.name,
        "currency": plan.spec.currency,
        "status": plan.status.value,
        "message": plan.message,
        "backend": plan.backend,
        "choice": plan.choice or None,
        "attempts": [attempt_record(attempt) for attempt in plan.attempts],
        "verified": plan.verdict is not None and plan.verdict.ok,
        "violations": [violation.as_record() for violation in violations],
        "objective": None if first is None else first.known_value,
        "bound": None if first is None else _finite(cleared(first.bound, first.size)),
        "gap": None if first is None else _finite(first.gap),
        "stages": [
            {name: _finite(value) for name, value in shown_record(stage, plan.spec).items()}
            for stage in plan.stages
        ],
        "terms": {
            name: {"value": value, "unit": plan.units.get(name, {}).get("unit", "")}
            for name, value in plan.terms.items()
        },
        "chosen": plan.chosen,
        "scenario": None if at is None else plan.cases[at].name,
        "scenarios": [
            {
                "name": case.name,
                "weight": case.weight,
                "value": result.stages[0].known_value,
                "terms": dict(result.terms),
            }
            for case, result in zip(plan.cases, plan.results, strict=False)
        ],
        "expected": None if values is None else plan.mean(),
        "standard_error": None if values is None else _finite(plan.standard_error),
        "least": None if values is None else float(values.min()),
        "most": None if values is None else float(values.max()),
        "risk": _risk(plan),
        "share": list(plan.share),
        "together": plan.couples,
        "model": dict(plan.size),
        "seconds": {"parse": parse_seconds, "check": check_seconds, **plan.seconds},
        "diagnostics": [problem.as_record() for problem in by_cause([*found, *plan.diagnostics])],
    }
    return {**record, **whole}


def _finite(value: object) -> object:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _risk(plan: ScenarioPlan) -> dict[str, object] | None:
    if plan.risk is None:
        return None
    known = bool(plan.results and plan.stages)
    tail = plan.tail(plan.risk.level) if known else None
    return {"level": plan.risk.level, "weight": plan.risk.weight, "cvar": tail}
