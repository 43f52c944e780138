"""What no schedule may do, by name: the rules of the independent check in the groups in which people ask.

`PHYSICS` are claims that the check finds no violation of a group of rules. `verified` is what is left:
that a solver failed, or contradicts itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from evdsl.testing.generate.edits import has_requirements
from evdsl.testing.properties.invariant import IdleError, Invariant
from evdsl.testing.trial import Trial, name_of

GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "state_of_charge",
        "states of charge follow from what flows, and stay within their bounds",
        ("energy-balance", "soc", "no-battery", "storage-energy", "storage-soc", "storage-final", "chosen"),
    ),
    (
        "capacity",
        "no port, battery, feeder or connection carries more than it can",
        (
            "rate",
            "taper",
            "v2g-off",
            "storage-power",
            "storage-source",
            "storage-sink",
            "feeder-limit",
            "phase-limit",
            "unbalance",
            "import-limit",
            "event-limit",
            "event",
            "export-limit",
            "cohort-charging",
        ),
    ),
    (
        "presence",
        "nothing flows to a vehicle that is away or without a port of its own",
        ("presence", "port-held", "port-allowed", "port-count", "ports-in-order", "hold-port", "queue"),
    ),
    (
        "exclusivity",
        "nothing does at once what excludes each other, or what lies between its levels",
        ("exclusive", "import-or-export", "min-power", "rates", "uninterrupted"),
    ),
    (
        "balance",
        "power and energy add up, at every feeder, device and vehicle",
        (
            "power-balance",
            "feeder-flow",
            "generation",
            "curtailment-off",
            "load",
            "storage-net",
            "cohort-count",
            "cohort-power",
            "delivered",
            "demand",
            "unmet",
        ),
    ),
    ("requirements", "every requirement of the spec is kept", ("require",)),
    (
        "claims",
        "every word and stage is worth what is claimed, in the units that belong to it",
        ("claimed-value", "shape", "units", "finite", "digest"),
    ),
)
"""Name, claim and rules (`evdsl.verifier.violations.RULES`) of each group; every rule is in one."""


def _has_batteries(trial: Trial) -> bool:
    classes = trial.spec.of_kind("class")
    drives = _has_vehicles(trial) and any(category.get("battery") is not None for category in classes)
    return drives or bool(trial.spec.of_kind("storage"))


def _has_vehicles(trial: Trial) -> bool:
    return len(trial.data.vehicles.arrival) > 0


def _has_choices(trial: Trial) -> bool:
    return any(
        trial.spec.on(name) for name in ("exclusive", "import_or_export", "min_power", "uninterrupted")
    )


CONCERNED: dict[str, Callable[[Trial], bool]] = {
    "state_of_charge": _has_batteries,
    "presence": _has_vehicles,
    "exclusivity": _has_choices,
    "requirements": has_requirements,
}
"""Whether a spec has what a group is about; every spec has what the others are about."""


def violated(group: str, rules: frozenset[str], trial: Trial) -> str | None:
    """The first violation of one of the rules of a group in the schedule of any solver."""
    verdicts = [(solver, trial.run(solver).verdict) for solver in trial.solvers]
    for solver, verdict in verdicts:
        for violation in verdict.violations if verdict is not None else ():
            if violation.rule in rules:
                return f"{name_of(solver)}: {violation.message} ({violation.rule})"
    if all(verdict is None for _, verdict in verdicts):
        raise IdleError
    if group in CONCERNED and not CONCERNED[group](trial):
        raise IdleError
    return None


PHYSICS: tuple[Invariant, ...] = tuple(
    Invariant(name, claim, partial(violated, name, frozenset(rules))) for name, claim, rules in GROUPS
)
"""The groups as claims about a trial."""
