"""Another plan, as `evdsl explain --plan` takes it: a stored schedule, or the table of `evdsl plan`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from evdsl.data.data import Data
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.spec import Spec
from evdsl.optimization.inquiry.fact import Fact
from evdsl.optimization.inquiry.rival import rival_facts, rows_of_table
from evdsl.optimization.result import Result
from evdsl.report.plan.reader import PlanRow, is_plan, read_plan
from evdsl.report.plan.schedule import as_schedule
from evdsl.schedule.storage import read

if TYPE_CHECKING:
    import xarray as xr


def read_rival(path: Path, spec: Spec, data: Data) -> xr.Dataset | tuple[PlanRow, ...] | list[Diagnostic]:
    """What the file holds, or all that is wrong with it."""
    if is_plan(path):
        return read_plan(path, spec, data)
    found = read(path)
    return [found] if isinstance(found, Diagnostic) else found


def facts_of(plan: xr.Dataset | tuple[PlanRow, ...], result: Result) -> tuple[Fact, ...]:
    """The facts of a plan beside the schedule of a result; of a table first how it is read."""
    if not isinstance(plan, tuple):
        return rival_facts(result, plan)
    schedule, changed = as_schedule(plan, result)
    return (rows_of_table(len(plan), changed), *rival_facts(result, schedule))
