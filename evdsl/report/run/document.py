"""A run as one strict JSON document: what `evdsl solve --json` prints. Every key is always there.

| key | |
|---|---|
| `spec`, `currency`, `digest` | the name of the station, the unit of all money, a hash of spec and data |
| `status`, `message`, `backend` | how the solve ended, what the solver said, which solver it was |
| `choice` | null, or why `--backend auto` took that solver |
| `attempts` | of each solve that took more than one run: `stage`, `backend`, `manner`, `message`, `seconds` |
| `extended_by` | what a program added to the model through linopy, in words |
| `verified`, `violations` | whether the independent check passed, and what it found |
| `objective`, `bound`, `gap` | of the first stage |
| `stages` | each: `sense`, `expression`, `value`, `bound`, `gap`, `unit`, `rounds` (of `lexfairness`) |
| `terms`, `lets` | each objective word, and each `let` that depends on the schedule: `value`, `unit` |
| `chosen` | each setting that a range leaves open, as `battery.soc_initial`: `value`, `unit` |
| `vehicles` | kWh: `demand`, `delivered` (at the port), `unmet`, `sold_beyond`; `satisfaction` 0..1 |
| their `energy_cost` | with `export_revenue`: their shares of these words; null without the grid's price |
| their `stays` | of vehicles that make trips alone: each with its energies (kWh), `used` and `en_route` |
| their `reason` | null, or why it is short: `code` of `evdsl.optimization.shortfall`, `limits`, `text` |
| `jain`, `gini` | of the satisfactions of those that need something |
| `site` | one record a step: kW at the connection and at the ports, prices, kg/kWh, A of limited phases |
| `demand_charges` | by `name` its `periods`: kW `largest`, `reached`; `cost`, `with_reached`, `share` paid |
| `model`, `seconds` | sizes of the model, where the time went |
| `conflict` | where it is infeasible, the statements that cannot hold together, as of `evdsl explain` |
| `diagnostics` | of the spec, the data and the solve |

What is not known, not a number or infinite is null. A run without a schedule has empty `terms`,
`vehicles` and `site`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from evdsl.diagnostics.diagnostic import by_cause
from evdsl.language.devices.phases import LABELS
from evdsl.language.quantities import SHARED_BY
from evdsl.optimization.rounding import cleared, unmet_of
from evdsl.report.facts import (
    NOTICED,
    clock,
    gini,
    jain,
    lets,
    over_time,
    ports_held,
    satisfactions,
    seconds,
    unit_of,
)
from evdsl.report.run.meters import bills
from evdsl.report.run.phases import currents
from evdsl.report.run.ports import occupations
from evdsl.report.run.stays import Stay, stays_of
from evdsl.schedule.decisions import chosen_record
from evdsl.schedule.sales import sold_beyond
from evdsl.verifier.requirements import vehicle_shares

if TYPE_CHECKING:
    import xarray as xr

    from evdsl.data.data import Data
    from evdsl.optimization.explanation.conflict import Conflict
    from evdsl.optimization.result import Result
    from evdsl.optimization.shortfall.reason import Reason

GIVEN = (
    *("price", "feed_in", "carbon", "export_carbon", "import_limit", "export_limit"),
    *("phase_limit", "unbalance_limit"),
)
"""Series of the grid that stand beside its flows where the spec gives them."""


def document(
    result: Result,
    *,
    conflict: Conflict | None = None,
    parse_seconds: float | None = None,
    check_seconds: float | None = None,
) -> dict[str, object]:
    """The run as plain data that `json.dumps(..., allow_nan=False)` takes; see the module for its keys."""
    from evdsl.optimization.result import attempt_record, shown_record
    from evdsl.report.explanation_document import members

    spec, schedule, verdict = result.spec, result.schedule, result.verdict
    first = result.stages[0] if result.stages else None
    shares = (
        np.zeros(0)
        if schedule is None
        else satisfactions(result.data, schedule)[result.data.vehicles.need > 0]
    )
    record = {
        "spec": spec.name,
        "currency": spec.currency,
        "digest": result.data.digest,
        "status": result.status.value,
        "message": result.message,
        "backend": result.backend,
        "choice": result.choice or None,
        "attempts": [attempt_record(attempt) for attempt in result.attempts],
        "extended_by": list(result.extended_by),
        "verified": verdict is not None and verdict.ok,
        "violations": [] if verdict is None else [violation.as_record() for violation in verdict.violations],
        "objective": None if first is None else first.known_value,
        "bound": None if first is None else cleared(first.bound, first.size),
        "gap": None if first is None else first.gap,
        "stages": [shown_record(stage, spec) for stage in result.stages],
        "terms": {n: {"value": v, "unit": unit_of(n, spec)} for n, v in result.terms.items()},
        "lets": {name: {"value": value, "unit": unit} for name, (value, unit) in lets(result).items()},
        "chosen": {} if schedule is None else chosen_record(spec, schedule),
        "jain": jain(shares),
        "gini": gini(shares),
        "vehicles": [] if schedule is None else _vehicles(result, schedule),
        "site": [] if schedule is None else _site(result, schedule),
        "demand_charges": [] if schedule is None else _demand_charges(result, schedule),
        "model": {name: result.size.get(name) for name in ("variables", "integers", "rows")},
        "seconds": seconds(result, parse_seconds, check_seconds),
        "conflict": None if conflict is None else members(conflict, spec, result.data),
        "diagnostics": [d.as_record() for d in by_cause((*result.data.diagnostics, *result.diagnostics))],
    }
    return {name: plain(value) for name, value in record.items()}


def plain(value: object) -> object:
    """The same as dicts, lists, texts and numbers of Python alone; NaN and infinity become `None`."""
    match value:
        case None | bool() | str():
            return value
        case int() | np.integer():
            return int(value)
        case float() | np.floating():
            return float(value) if math.isfinite(value) else None
        case np.ndarray():
            return [plain(item) for item in value.tolist()]
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case Iterable():
            return [plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no place in a document")


def _vehicles(result: Result, schedule: xr.Dataset) -> list[dict[str, object]]:
    from evdsl.optimization.shortfall.reason import reasons

    spec, data = result.spec, result.data
    vehicles, classes = data.vehicles, spec.of_kind("class")
    delivered, unmet, beyond = (
        vehicles.of_whole(np.asarray(values, dtype=float)).tolist()
        for values in (
            schedule["delivered"].values,
            unmet_of(data, schedule),
            sold_beyond(spec, data, schedule),
        )
    )
    paid = vehicle_shares(spec, data, schedule)
    shares, held = satisfactions(data, schedule).tolist(), ports_held(schedule)
    why = {int(vehicles.first[at]): reason for at, reason in reversed(reasons(result, NOTICED).items())}
    occupied: dict[int, list[dict[str, object]]] = {}
    for one in occupations(data, schedule):
        begin, end = (clock(data, hours).isoformat() for hours in (one.begin, one.end))
        occupied.setdefault(one.stay, []).append({"port": one.port, "begin": begin, "end": end})
    of_whole: dict[int, list[dict[str, object]]] = {}
    for at, some in occupied.items():  # a stay stands before the one after it
        of_whole.setdefault(int(vehicles.first[at]), []).extend(some)
    stays: dict[int, list[Stay]] = {}
    for stay in stays_of(result, schedule):
        stays.setdefault(stay.vehicle, []).append(stay)
    last = vehicles.departure.copy()
    for at, first in enumerate(vehicles.first):
        last[first] = vehicles.departure[at]
    return [
        {
            "name": name,
            "class": classes[int(vehicles.category[at])].name,
            "block": spec.devices[int(vehicles.owner[at])].name,
            "arrival": clock(data, float(vehicles.arrival[at])).isoformat(),
            "departure": clock(data, float(last[at])).isoformat(),
            "demand": float(vehicles.need[at]),
            "delivered": delivered[at],
            "unmet": unmet[at],
            "sold_beyond": beyond[at],
            **{word: float(paid[word][at]) if word in paid else None for word in SHARED_BY},
            "satisfaction": shares[at],
            "ports": held[at] if at not in stays else _in_order(stays[at]),
            "reason": _reason(why.get(at)),
            "occupied": of_whole.get(at, []),
            **({"stays": [_stay(data, stay, occupied) for stay in stays[at]]} if at in stays else {}),
        }
        for at, name in enumerate(vehicles.name)
        if vehicles.is_first[at]
    ]


def _in_order(stays: Sequence[Stay]) -> list[str]:
    """The ports that a vehicle held, each once."""
    return list(dict.fromkeys(port for stay in stays for port in stay.ports))


def _stay(data: Data, stay: Stay, occupied: Mapping[int, list[dict[str, object]]]) -> dict[str, object]:
    return {
        "name": stay.name,
        "arrival": clock(data, stay.arrival).isoformat(),
        "departure": clock(data, stay.departure).isoformat(),
        "energy_arrival": stay.energy_arrival,
        "energy_departure": stay.energy_departure,
        "delivered": stay.delivered,
        "unmet": stay.unmet,
        "used": stay.used,
        "en_route": stay.en_route,
        "ports": stay.ports,
        "occupied": occupied.get(stay.number, []),
    }


def _demand_charges(result: Result, schedule: xr.Dataset) -> list[dict[str, object]]:
    return [
        {
            "name": charge.name,
            "periods": [
                {
                    "begin": clock(result.data, bill.begin).isoformat(),
                    "end": clock(result.data, bill.end).isoformat(),
                    "largest": bill.largest,
                    "reached": bill.reached,
                    "share": bill.share,
                    "cost": bill.cost,
                    "with_reached": bill.with_reached,
                }
                for bill in bills(result, schedule, charge)
            ],
        }
        for charge in result.spec.of_kind("demand_charge")
    ]


def _reason(reason: Reason | None) -> dict[str, object] | None:
    if reason is None:
        return None
    return {"code": reason.code, "limits": reason.limits, "short": reason.short, "text": reason.text}


def _site(result: Result, schedule: xr.Dataset) -> list[dict[str, object]]:
    timeline, reserved = result.data.timeline, ("import", "export")
    columns: dict[str, list[float]] = {name: schedule[name].values.tolist() for name in reserved}
    columns |= {name: over_time(schedule, name).tolist() for name in ("charge", "discharge")}
    for name, variable in schedule.data_vars.items():
        if variable.dims == ("time",) and name not in reserved:
            columns[str(name)] = variable.values.tolist()
    for node, current in currents(result, schedule):
        owner = "grid" if node.kind == "grid" else node.name
        columns |= {f"{owner}.{label}": row.tolist() for label, row in zip(LABELS, current, strict=True)}
    for name in GIVEN:
        series = result.as_chosen.data.over_time("grid", name)
        if series is not None:
            columns[name] = series.tolist()
    times = [clock(result.data, step * timeline.step).isoformat() for step in range(timeline.steps)]
    return [
        {"time": time, **{name: values[step] for name, values in columns.items()}}
        for step, time in enumerate(times)
    ]
