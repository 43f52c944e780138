"""What is measured: a spec with its settings, the ways that are tried on it, and the goals that it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import goals, ways
from bench.goals import Goal
from bench.ways import Way

ROOT = Path(__file__).parent.parent
OWN = ROOT / "bench" / "specs"
SPECS = ROOT / "specs"


@dataclass(frozen=True, slots=True)
class Case:
    """`family` and `size` place it in a row of growing cases: what is too slow is not tried on larger ones.

    `gap` is what every way is asked for, `data` whether the real data are needed, `quick` whether it belongs
    to the measurements of minutes.
    """

    name: str
    says: str
    spec: Path
    ways: tuple[Way, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    toggles: Mapping[str, Sequence[str]] = field(default_factory=dict)
    family: str = ""
    size: int = 0
    gap: float = 1e-6
    goals: tuple[Goal, ...] = ()
    data: bool = False
    quick: bool = False

    @property
    def is_search(self) -> bool:
        """Whether its programs have integers, and what is found within the limit counts too."""
        return self.gap > 1e-6


def _allocations() -> list[Case]:
    found = []
    for size in (100, 1_000, 5_000, 20_000, 100_000):
        for limit, each in (("loose", 11.3), ("binding", 4.0)):
            held = [goals.MEMORY] if size in (1_000, 5_000) else []
            held += [goals.VERIFY] if size in (1_000, 5_000, 20_000) else []
            if limit == "loose" and size in (1_000, 5_000):
                held.append(goals.LOOSE)
            if limit == "loose" and size == 1_000:
                held.append(goals.ECOS)
            if limit == "binding" and size == 5_000:
                held.append(goals.BINDING)
            if limit == "binding" and size == 20_000:
                held.append(goals.within(8))
            found.append(
                Case(
                    f"allocation_{size}_{limit}",
                    f"power allocation, {size:,} vehicles, 288 steps, {size * each:,.0f} kW ({limit})",
                    OWN / "allocation.evs",
                    ways.ALLOCATIONS,
                    {"n": f"{size}", "site": f"{size * each:.0f} kW"},
                    family=f"allocation, {limit}",
                    size=size,
                    goals=tuple(held),
                    quick=size <= 1_000,
                )
            )
    return found


def _with_devices() -> list[Case]:
    return [
        Case(
            f"solar_storage_{size}",
            f"power allocation with solar and storage, {size:,} vehicles, 288 steps, {size * 4:,} kW",
            OWN / "solar_storage.evs",
            ways.ALLOCATIONS,
            {"n": f"{size}", "site": f"{size * 4} kW"},
            family="solar and storage",
            size=size,
            quick=size == 1_000,
        )
        for size in (1_000, 5_000)
    ]


def _ports() -> list[Case]:
    found = []
    for vehicles, ports in ((12, 4), (30, 8), (60, 15), (200, 40)):
        for name, toggles in (("charging", {"disable": ("v2g",)}), ("v2g", {})):
            is_goal = name == "v2g" and vehicles == 60
            found.append(
                Case(
                    f"ports_{vehicles}_{ports}_{name}",
                    f"{vehicles} vehicles at {ports} ports, 96 steps, "
                    f"{'with' if name == 'v2g' else 'without'} V2G, to 0.1 %",
                    OWN / "ports.evs",
                    ways.PORTS,
                    {"n": f"{vehicles}", "p": f"{ports}"},
                    toggles,
                    family=f"ports, {name}",
                    size=vehicles,
                    gap=1e-3,
                    goals=(goals.within(2),) if is_goal else (),
                    quick=vehicles <= 30,
                )
            )
    churn = "60 vehicles at 15 ports, 96 steps, where turning energy round pays, to 0.5 %"
    settings = {"reward": "0.05 EUR/kWh"}
    churning = (goals.within(60),)
    found.append(Case("v2g_churn", churn, OWN / "ports.evs", ways.PORTS, settings, gap=5e-3, goals=churning))
    return found


def _whole() -> list[Case]:
    levels, fair = OWN / "levels.evs", OWN / "fair.evs"
    both = (ways.OURS, ways.LEVELS_MATRIX)
    enabled = {"enable": ("uninterrupted",)}
    return [
        Case("min_power_200", "200 vehicles with a least power, 96 steps, to 0.1 %", levels, both, gap=1e-3),
        Case(
            "uninterrupted_200",
            "200 vehicles that charge in one go, 96 steps, to 0.1 %",
            levels,
            both,
            toggles=enabled,
            gap=1e-3,
        ),
        Case(
            "lexfairness_200", "the fairest shares of 200 vehicles, 96 steps", fair, (ways.OURS,), quick=True
        ),
    ]


LINGOTTO, PARETO = SPECS / "tutorial" / "5_lingotto.evs", SPECS / "features" / "pareto.evs"
CASES = (
    *_allocations(),
    *_with_devices(),
    *_ports(),
    *_whole(),
    Case(
        "cohorts",
        "cohorts of eleven states, 144 steps",
        SPECS / "literature" / "c_cohorts" / "cohorts.evs",
        (ways.OURS, *ways.COHORT_MATRICES),
        quick=True,
    ),
    Case(
        "jpl_july",
        "the JPL garage in July 2019, 1,489 sessions, 8,928 steps",
        SPECS / "sites" / "jpl_july.evs",
        ways.ALLOCATIONS,
        data=True,
    ),
    Case(
        "explain_lingotto",
        "what each line of `5_lingotto.evs` costs",
        LINGOTTO,
        (ways.OURS, ways.EXPLAIN),
        goals=(goals.explained(4),),
    ),
    Case(
        "explain_30_8",
        "what each line costs, 30 vehicles at 8 ports with V2G, 96 steps",
        OWN / "ports.evs",
        (ways.OURS, ways.EXPLAIN),
        {"n": "30", "p": "8"},
        gap=1e-3,
    ),
    Case(
        "compare_lingotto",
        "`5_lingotto.evs` beside every rule",
        LINGOTTO,
        (ways.OURS, ways.COMPARE),
        quick=True,
    ),
    Case(
        "front",
        "nine points between cost and CO2 of `pareto.evs`",
        PARETO,
        (ways.POINT, ways.FRONT),
        goals=(goals.FRONT,),
        quick=True,
    ),
    Case(
        "processes",
        "the first spec and `check` as whole processes",
        LINGOTTO,
        ways.PROCESSES,
        quick=True,
    ),
    Case(
        "fleet_1000000",
        "power allocation, 1,000,000 vehicles, 288 steps, 4,000,000 kW (binding)",
        OWN / "allocation.evs",
        (ways.OURS, *ways.MATRICES),
        {"n": "1000000", "site": "4000000 kW"},
        family="allocation, binding",
        size=1_000_000,
        goals=(goals.within(15, megabytes=6_000),),
    ),
)
