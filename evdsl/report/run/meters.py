"""What each demand charge bills: the largest mean, what was reached before, and what is paid with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evdsl.language.site import Meter
from evdsl.language.spec import Device
from evdsl.language.tolerances import ON_EDGE
from evdsl.report.facts import clock
from evdsl.report.numbers import money, plural, power, printable
from evdsl.report.run.summary import Fact

if TYPE_CHECKING:
    import xarray as xr

    from evdsl.optimization.result import Result

MOST = 12
"""Demand charges that are told one by one."""
NOTHING = 1e-6
"""kW: below it a meter has seen nothing."""


@dataclass(frozen=True, slots=True)
class PeriodBill:
    """Of one period: when it is, its largest mean and what was reached (kW), and what is paid.

    `cost` is what is in `demand_cost`, `with_reached` what the period costs in all; `share` of its price.
    """

    begin: float
    end: float
    largest: float
    reached: float
    share: float
    cost: float
    with_reached: float


def bills(result: Result, schedule: xr.Dataset, charge: Device) -> list[PeriodBill]:
    """What a demand charge bills, period by period."""
    meter = result.data.meters[charge.name]
    feeder = "".join(charge.names("feeder"))
    metered = np.asarray(schedule[feeder or "import"].values, dtype=float)
    largest = meter.largest(np.maximum(metered, 0.0))
    above = np.maximum(largest - meter.reached, 0.0)
    columns = (meter.begin, meter.end, largest, meter.reached, meter.part, meter.per_kilowatt * above)
    paid = meter.per_kilowatt * np.maximum(largest, meter.reached)
    return [PeriodBill(*map(float, row)) for row in zip(*columns, paid, strict=True)]


def demand_charges(result: Result, schedule: xr.Dataset) -> Iterator[Fact]:
    """A line for each demand charge."""
    charges = result.spec.of_kind("demand_charge")
    for charge in charges[:MOST]:
        yield Fact(printable(charge.name, 20), *_said(result, schedule, charge))
    if len(charges) > MOST:
        yield Fact("", f"and {len(charges) - MOST} more demand charges")


def _said(result: Result, schedule: xr.Dataset, charge: Device) -> tuple[str, str]:
    """What is paid, then what for."""
    meter, found = result.data.meters[charge.name], bills(result, schedule, charge)
    currency = result.spec.currency
    cost, whole = sum(bill.cost for bill in found), sum(bill.with_reached for bill in found)
    shown = money(cost, currency)
    if not len(meter.period):
        said = [
            text for name, text in (("days", "on its days"), ("window", "in its window")) if charge.get(name)
        ]
        return shown, f", no step of the horizon lies {', '.join(said)}"
    notes = [_largest(result, charge, found), *_before(found[0], whole, currency)]
    return shown, f", {'; '.join([*notes, *_cautions(result, charge, meter)])}"


def _before(first: PeriodBill, whole: float, currency: str) -> Iterator[str]:
    if first.reached > NOTHING:
        yield f"{power(first.reached)} were reached before, {money(whole, currency)} in all"


def _largest(result: Result, charge: Device, found: list[PeriodBill]) -> str:
    at = charge.choice("per")
    if len(found) == 1 or at == "horizon":
        return f"at most {power(found[0].largest)}" + _mean_of(result, charge)
    metered = set(result.data.meters[charge.name].period.tolist())
    by_days = charge.get("days") is not None
    told = [bill for number, bill in enumerate(found) if number in metered or not by_days]
    each = [f"{power(bill.largest)} in {_name(result, at, bill)}" for bill in told[:3]]
    more = f" and {plural(len(told) - 3, at)} more" if len(told) > 3 else ""
    return f"at most {', '.join(each)}{more}"


def _mean_of(result: Result, charge: Device) -> str:
    interval = charge.number("interval", 0.0)
    averages = interval > result.spec.step * (1 + ON_EDGE)
    return f" over {_length(interval)}" if averages else ""


def _name(result: Result, per: str, bill: PeriodBill) -> str:
    when = clock(result.data, bill.begin)
    return f"{when:%b %Y}" if per == "month" else f"{when:%d %b}"


def _cautions(result: Result, charge: Device, meter: Meter) -> Iterator[str]:
    """Where the bill that comes may be another: a period that is cut, a step that the meter would cut."""
    cut = sum(meter.cut)
    if cut and charge.choice("partial") == "full":
        per, whose = charge.choice("per"), "it is" if cut == 1 else "they are"
        yield f"the horizon cuts {plural(cut, per)}, and {whose} paid in full"
    elif cut:
        yield f"paid for the days that the horizon has of {plural(cut, charge.choice('per'))}"
    interval, step = charge.number("interval", result.spec.step), result.spec.step
    if interval < step * (1 - ON_EDGE):
        yield f"means of steps of {_length(step)}, not of {_length(interval)}"


def _length(hours: float) -> str:
    return f"{hours:g} h" if hours >= 1 else f"{hours * 60:g} min"
