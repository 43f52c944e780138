"""An explanation as plain data, for `--json`.

| key | |
|---|---|
| `status`, `backend`, `choice`, `attempts` | as of `evdsl solve`; the attempts are those of all solves |
| `conflict` | its statements: `file`, `line`, `statement`, `kind`, `block`, `relief`, `tried`, `beside` |
| `tried` | whether a change of it was asked for: always here, of `evdsl solve` as far as its time went |
| `beside` | a limit of the same value, outside the conflict, that has to be eased too; else `null` |
| `relief` | `null` where no change of it alone is enough, else `amount`, `unit`, `value`, `text` |
| `shortage` | `asked`, `missing` (kWh at the ports), `vehicles`, and the `window` of one limit |
| `stage`, `objective`, `unit` | the stage that is priced, its value and unit |
| `prices` | by statement: `more`, `less` (null: infeasible), `multiplier` (null: not known), `per`, `steps` |
| their `phases` | of a limit of single phases those that it binds on |
| `more`, `less` of a jump | `jump` (true), its whole `change`, and the change `by` (in `per`) that makes it |
| `free` | statements that bind nothing |
"""

from __future__ import annotations

from evdsl.data.data import Data
from evdsl.language.spec import Spec
from evdsl.language.units import ENERGY, symbol
from evdsl.optimization.explanation.conflict import Conflict, Member
from evdsl.optimization.explanation.explain import Explanation
from evdsl.optimization.explanation.levers import SETTING, Lever
from evdsl.optimization.explanation.prices import LinePrice, Prices
from evdsl.optimization.explanation.shortage import Shortage
from evdsl.optimization.explanation.wording import change_that_is_enough
from evdsl.optimization.result import attempt_record
from evdsl.report.explanation import statement_text, unit_of
from evdsl.report.facts import clock


def document(found: Explanation) -> dict[str, object]:
    """The whole explanation."""
    record: dict[str, object] = {"status": found.status.value, "backend": found.backend}
    record["choice"] = found.choice or None
    record["attempts"] = [attempt_record(attempt) for attempt in found.attempts]
    record["diagnostics"] = [problem.as_record() for problem in found.problems]
    if found.conflict is not None:
        record |= _conflict(found, found.conflict)
    if found.prices is not None:
        record |= _prices(found, found.prices)
    return record


def _statement(lever: Lever) -> dict[str, object]:
    return {
        "file": lever.span.source.name,
        "line": lever.span.line,
        "statement": statement_text(lever),
        "kind": lever.sort,
        "block": lever.owner,
    }


def members(conflict: Conflict, spec: Spec, data: Data) -> list[dict[str, object]]:
    """The statements of a conflict."""
    return [
        {
            **_statement(m.lever),
            "relief": _relief(m, spec, data),
            "tried": m.tried,
            "beside": None if m.beside is None else _statement(m.beside),
        }
        for m in conflict.members
    ]


def _conflict(found: Explanation, conflict: Conflict) -> dict[str, object]:
    short = conflict.shortage
    told = members(conflict, found.spec, found.data)
    return {"conflict": told, "shortage": None if short is None else _shortage(found, short)}


def _relief(member: Member, spec: Spec, data: Data) -> dict[str, object] | None:
    if member.relief is None:
        return None
    dimension = member.lever.dimension if member.lever.sort != "toggle" else ENERGY
    return {
        "amount": member.relief.amount,
        "value": member.relief.value,
        "unit": symbol(dimension, spec.currency),
        "text": change_that_is_enough(member, spec, data),
    }


def _shortage(found: Explanation, short: Shortage) -> dict[str, object]:
    window = short.window
    told = None
    if window is not None:
        told = {
            "from": clock(found.data, window.begin).isoformat(),
            "to": clock(found.data, window.end).isoformat(),
            "asked": window.asked,
            "through": window.through,
            "limit": _statement(window.limit),
            **({"phases": list(window.phases)} if window.phases else {}),
        }
    first = found.data.vehicles.first
    names = list(dict.fromkeys(found.data.vehicles.name[first[vehicle]] for vehicle in short.vehicles))
    return {"asked": short.asked, "missing": short.missing, "vehicles": names, "window": told}


def _prices(found: Explanation, prices: Prices) -> dict[str, object]:
    stage = found.spec.stages[prices.index]
    return {
        "stage": prices.index + 1,
        "objective": prices.value,
        "unit": symbol(stage.dimension, found.spec.currency),
        "integers": "none" if not prices.integers else "anew" if prices.how.exact else "kept",
        "prices": [_price(price, found) for price in prices.prices],
        "free": [_statement(lever) for lever in prices.idle],
    }


def _price(price: LinePrice, found: Explanation) -> dict[str, object]:
    values: dict[str, object] = {"multiplier": price.dual}
    if price.tested:
        told = zip(("more", "less"), (price.more, price.less), price.jumps, strict=True)
        values |= {
            way: {"jump": True, "change": jump.change, "by": jump.step} if jump else value
            for way, value, jump in told
        }
    begins = [clock(found.data, step * found.spec.step).isoformat() for step in price.steps]
    sort = price.lever.sort
    per = unit_of(price.lever, found.spec.currency) if sort == SETTING else symbol(price.lever.dimension)
    on = {"phases": list(price.phases)} if price.phases else {}
    return {**_statement(price.lever), **values, "per": per, "steps": begins, **on}
