"""A plan for many scenarios as text: what was chosen, what it is worth on average and at worst, one schedule.

The schedule that is drawn is that of one scenario, by default of the one in the middle by the first
objective.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from evdsl.language.devices.scenarios import is_antithetic
from evdsl.language.units import symbol
from evdsl.optimization.result import attempt_lines
from evdsl.optimization.rounding import cleared
from evdsl.optimization.scenarios.plan import ScenarioPlan
from evdsl.report.numbers import decimals, plural, printable, quantity, share
from evdsl.report.run import text as report_of_one
from evdsl.report.run.summary import duration, site_line
from evdsl.report.width import terminal_width, wrapped
from evdsl.solver.solution import Status

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Of the values of the first objective that are told."""
LONGEST = 40
"""Characters of an expression beside its value; a longer one is `objective`."""
ENDINGS = {
    Status.STOPPED: "stopped without a plan",
    Status.INFEASIBLE: "infeasible: no plan meets everything that the spec asks in every scenario",
    Status.UNBOUNDED: "unbounded: nothing bounds the objective",
    Status.ERROR: "failed",
}


def text(
    plan: ScenarioPlan,
    *,
    shown: int | None = None,
    width: int | None = None,
    color: bool = False,
    parse_seconds: float = 0.0,
    check_seconds: float = 0.0,
) -> str:
    """The report, each line ended; the first line says how the run ended.

    `shown` is the position of the case whose schedule is told; by default that in the middle.
    """
    wide = terminal_width(width)
    line, code = headline(plan)
    lines = [f"\x1b[1;{code}m{line}\x1b[0m" if color else line]
    if not plan.results or not plan.stages:
        lines += [*wrapped(_who(plan), wide)]
        lines += ["", *wrapped(printable(plan.message, 500), wide)] if plan.message else []
    else:
        at = plan.median if shown is None else shown
        lines += [*wrapped(f"{site_line(plan.results[at])}; {_who(plan)}", wide), ""]
        lines += [part for one in _facts(plan) for part in wrapped(one, wide, "    ")]
        which = " (in the middle by the first objective)" if shown is None else ""
        lines += ["", f"scenario {plan.cases[at].name}{which}"]
        lines += report_of_one.body(plan.results[at], width=wide, color=color).rstrip().split("\n")
    spent = {"parse": parse_seconds, "check": check_seconds, **plan.seconds}
    parts = ", ".join(f"{name} {decimals(value, 2)}" for name, value in spent.items())
    lines += ["", *wrapped(f"{decimals(sum(spent.values()), 2)} s: {parts}", wide)]
    lines += wrapped(_size(plan), wide)
    several = len(plan.spec.stages)
    lines += [
        part for one in attempt_lines(plan.attempts, several) for part in wrapped(f"solver: {one}", wide)
    ]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def headline(plan: ScenarioPlan) -> tuple[str, int]:
    """How the run ended, in one line, and the number of its colour."""
    where = f"on {plan.backend}"
    checked = "verified" if plan.verdict is not None and plan.verdict.ok else "not verified"
    gaps = [stage.gap for stage in plan.stages if stage.status is not Status.OPTIMAL]
    gap = max(gaps, default=math.nan)
    distance = f"{share(gap)} from the bound" if math.isfinite(gap) else "with no bound known"
    match plan.status:
        case Status.OPTIMAL:
            return f"optimal {where}, {checked}", 32
        case Status.WITHIN_GAP:
            return f"{distance} {where}, {checked}", 32
        case Status.FEASIBLE:
            after = duration(plan.seconds.get("solve", math.nan))
            return f"stopped after {after} with a plan, {distance}, {where}, {checked}", 33
    return f"{ENDINGS[plan.status]}, {where}", 31


def _who(plan: ScenarioPlan) -> str:
    if not np.allclose(plan.weights, plan.weights[0]):
        return f"{len(plan.cases)} scenarios of a file"
    method = "antithetic" if is_antithetic(plan.spec) else "plain"
    return f"{len(plan.cases)} scenarios ({method}, seed {plan.spec.seed})"


def _size(plan: ScenarioPlan) -> str:
    together = "in one model" if plan.couples else "each solved by itself, since nothing couples them"
    sizes = (plan.size.get(name, 0) for name in ("variables", "rows"))
    variables, rows = sizes
    return f"model: {plural(variables, 'variable')}, {plural(rows, 'row')}, the scenarios {together}"


def _facts(plan: ScenarioPlan) -> Iterator[str]:
    """What was chosen, what each stage is worth, the spread of the first one, the means of all words."""
    for name, found in plan.chosen.items():
        yield f"chosen     {printable(name, 60)} {_amount(found, plan)}"
    if plan.share:
        yield f"shared     {', '.join(plan.share)}"
    for index, reached in enumerate(plan.stages):
        unit = symbol(reached.stage.dimension, plan.spec.currency)
        values, mean = plan.values(index), plan.mean(index)
        text = printable(reached.stage.text, 500)
        name = text if len(text) <= LONGEST else "objective"

        def told(value: float, unit: str = unit, size: float = reached.size) -> str:
            return quantity(cleared(value, size), unit, plan.spec.currency)

        line = f"{name:10} {told(mean)} expected"
        if index == 0 and plan.risk is not None:
            worst = share(1.0 - plan.risk.level)
            line += f", {told(plan.tail(plan.risk.level))} in the worst {worst} (CVaR)"
        yield f"{line}, from {told(float(values.min()))} to {told(float(values.max()))}"
        if index == 0:
            if plan.risk is not None:
                weighed = f"{share(1 - plan.risk.weight)} and {share(plan.risk.weight)} of these"
                yield f"{'':10} {told(reached.value)} is made {_way(plan)}: {weighed}"
            if math.isfinite(plan.standard_error):
                yield f"{'':10} standard error {told(plan.standard_error)}"
            yield f"{'':10} quantiles {_quantiles(plan, told)}"
    units = {name: str(found["unit"]) for name, found in plan.units.items()}
    named = {name for reached in plan.stages for name in [reached.stage.text]}
    rest = [
        f"{name.replace('_', ' ')} {quantity(value, units.get(name, ''), plan.spec.currency)}"
        for name, value in plan.terms.items()
        if name not in named and abs(value) > 1e-9 and name in units
    ]
    if rest:
        yield f"means      {', '.join(rest)}"


def _way(plan: ScenarioPlan) -> str:
    return "small" if plan.stages[0].stage.sign > 0 else "large"


def _quantiles(plan: ScenarioPlan, told: object) -> str:
    assert callable(told)
    found = np.quantile(plan.values(), QUANTILES, method="inverted_cdf", weights=plan.weights)
    return ", ".join(f"{share(q)}: {told(float(v))}" for q, v in zip(QUANTILES, found, strict=True))


def _amount(found: dict[str, object], plan: ScenarioPlan) -> str:
    value, unit = float(str(found["value"])), str(found["unit"])
    return quantity(value, unit, plan.spec.currency) if unit else share(value)
