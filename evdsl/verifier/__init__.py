"""Schedule to verdict: whether it is feasible, and worth what it claims.

Reads the spec, the data and the schedule with numpy alone, and shares nothing with the code that makes
schedules. For vehicle v in step t of Δ hours, with presence[v,t] the share of the step that it is there:

    0 <= charge[v,t]    <= presence[v,t] · min(class charge, power of the port held)         kW
    charge[v,t] <= presence[v,t] · min(P(s before), P(s after)),   P the `taper`, s as charged   kW
    0 <= discharge[v,t] <= presence[v,t] · min(class discharge, discharge of the port held)   kW
                           each as far as the vehicle uses the phases of the class and of the port
    energy[v,t+1] = energy[v,t] + Δ (η_c charge[v,t] - discharge[v,t] / η_d)                 kWh
    soc_min · battery <= energy[v,t] <= soc_max · battery
    delivered[v] = Σ_t Δ (charge[v,t] - discharge[v,t])
    unmet[v] = max(0, demand - delivered[v])  or  max(0, target - energy at departure)
    unmet[v] <= need[v],   over all stays of a vehicle that makes trips
    import[t] - export[t] = Σ_v charge[v,t] / η_port - Σ_v discharge[v,t] · η_port
                            + Σ loads + Σ cohorts - Σ generation + Σ_s (charge[s,t] - discharge[s,t])
    0 <= import[t] <= import_limit[t],   0 <= export[t] <= export_limit[t]
    import[t] - export[t] <= limit[t] in the calls of an `event` without a penalty
    |net[φ,t]| <= phase_limit[t],        |net[φ,t] - net[ψ,t]| <= unbalance_limit[t]       A, each phase φ, ψ

and no port is held by two vehicles at one time. One module for each part, so that each stays a page or two:
`phases` holds the limits of single phases, `violations` names the rules and says how exactly they are held,
`presence` works out presence and ports again, `reading` reads a dataset, `vehicles`, `levels`, `devices`
and `site` hold the rules, `objectives` works out the objective words, `claims` holds claims against them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evdsl.data.data import Data
from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import render
from evdsl.language.spec import Spec
from evdsl.verifier.claims import check_claims
from evdsl.verifier.cohorts import check_cohorts
from evdsl.verifier.decisions import check_decisions, with_sizes
from evdsl.verifier.devices import (
    check_feeders,
    check_generation,
    check_loads,
    check_origins,
    check_storage,
)
from evdsl.verifier.events import check_events
from evdsl.verifier.levels import check_levels
from evdsl.verifier.objectives import words
from evdsl.verifier.phases import check_phases
from evdsl.verifier.presence import PortTable, ports_of
from evdsl.verifier.reading import StoredSchedule, read
from evdsl.verifier.requirements import check_requirements, term_values
from evdsl.verifier.site import check_connection, check_ports
from evdsl.verifier.vehicles import check_batteries, check_demands, check_powers
from evdsl.verifier.violations import RULES, Findings, Violation

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["RULES", "Verdict", "VerificationError", "Violation", "verify"]

CHECKS: tuple[Callable[[Spec, Data, StoredSchedule, PortTable, Findings], None], ...] = (
    check_powers,
    check_levels,
    check_ports,
    check_batteries,
    check_generation,
    check_loads,
    check_storage,
    check_origins,
    check_cohorts,
    check_feeders,
    check_phases,
    check_connection,
    check_events,
    check_demands,
    check_requirements,
)
"""Every check of the flows, in the order in which violations are told."""

SHOWN = 10
"""Violations in the text of the exception."""


class VerificationError(ValueError):
    """A schedule that does not meet its spec: `verdict` says where, `violations` are those of it."""

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        self.violations = verdict.violations
        total = sum(verdict.counts.values())
        lines = [f"the schedule breaks its spec in {total} place{'s' * (total != 1)}"]
        lines += [f"  {violation.rule}: {violation.message}" for violation in self.violations[:SHOWN]]
        if total > SHOWN:
            lines.append(f"  ... and {total - SHOWN} more")
        super().__init__("\n".join(lines))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check found. `terms` are the objective words, and what stages weigh beside them, worked out
    again in canonical units.

    Of one rule at most `evdsl.verifier.violations.LIMIT` violations are told, the largest; `counts` has the
    number of all, by rule. There are no `terms` where the schedule cannot be read. `sizes` are by
    word the sums of the absolute values of its terms, by which its rounding is measured.
    """

    violations: tuple[Violation, ...]
    counts: Mapping[str, int]
    terms: dict[str, float]
    sizes: Mapping[str, float]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.violations

    def raise_for_violations(self) -> None:
        """Raises `VerificationError` if anything is wrong."""
        if self.violations:
            raise VerificationError(self)


def verify(spec: Spec, schedule: xr.Dataset, data: Data | None = None) -> Verdict:
    """Checks a schedule, in the form of `evdsl.schedule.dataset`, against its spec.

    `data` are loaded where they are not given. Raises `ValueError` where they cannot be: there is nothing
    to check against then.
    """
    if data is None:
        data, found = load_data(spec)
        if data is None:
            raise ValueError(f"the data of the spec cannot be loaded\n{render(found)}")
    findings, ports = Findings(data), ports_of(spec)
    if schedule.attrs.get("digest", data.digest) != data.digest:
        findings.add("digest", "the schedule was made for another spec, or for other data")
    reading = read(spec, data, ports, schedule, findings)
    terms: dict[str, float] = {}
    sizes: dict[str, float] = {}
    if reading is not None:
        check_decisions(spec, reading, schedule.attrs, findings)
        # From here on a size is the number that it became.
        spec, data = with_sizes(spec, data, reading)
        for check in CHECKS:
            check(spec, data, reading, ports, findings)
        amounts = words(spec, data, reading, ports)
        amounts |= term_values(spec, data, reading, ports, amounts)
        check_claims(spec, schedule.attrs, amounts, findings)
        terms = {name: amount.value for name, amount in amounts.items()}
        sizes = {name: amount.scale for name, amount in amounts.items()}
    return Verdict(tuple(findings.violations), dict(+findings.counts), terms, sizes)
