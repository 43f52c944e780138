"""What a simulation is asked for, and which scenarios its runs are: known before anything runs.

Run k is scenario `first` + k - 1, whatever the way to its mean is. Behind them come those of the pilot, and
then the further draws of the control: a run is in one of the three alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evdsl.optimization.sweep.plan import MAXIMUM_JOBS, Scenario

PILOT = 30
"""Runs that tell what the control is good for, and are left out."""
FIRST_LOOK, EACH_LOOK = 100, 50
"""Runs after which the interval is looked at: the first time, and from then on."""


def most_runs(variance: str) -> int:
    """So many that a journal is read for all jobs, further draws of a control among them."""
    return MAXIMUM_JOBS // 100 if variance == "control" else MAXIMUM_JOBS


@dataclass(frozen=True, slots=True)
class Question:
    """How many runs, in which way; with an `error` no more than it takes to know each mean to this share.

    `first` is the first scenario that no plan has seen.
    """

    runs: int
    variance: str = "plain"
    error: float | None = None
    first: int = 1

    @property
    def is_antithetic(self) -> bool:
        """Whether runs come in pairs."""
        return self.variance == "antithetic"

    @property
    def begin(self) -> int:
        """The scenario of the first run: of pairs the first of one."""
        return self.first + (1 - self.first % 2 if self.is_antithetic else 0)

    def looks(self) -> Iterator[int]:
        """After how many runs the interval is looked at, the last of all included."""
        done = FIRST_LOOK
        while done < self.runs:
            yield done
            done += EACH_LOOK
        yield self.runs

    def pilot(self) -> tuple[Scenario, ...]:
        """The scenarios of the pilot."""
        first = self.begin + self.runs
        return tuple(Scenario(number) for number in range(first, first + PILOT))

    def scenarios(self, ratio: int = 0) -> tuple[Scenario, ...]:
        """Those of the runs, and after each part of them its `ratio` further draws of the control a run.

        So whenever a simulation ends there are as many of these as it takes.
        """
        found: list[Scenario] = []
        done, alone = 0, self.begin + self.runs + PILOT
        for look in self.looks():
            part = look - done
            found += [Scenario(self.begin + done + n, self.is_antithetic) for n in range(part)]
            found += [Scenario(alone + n, alone=True) for n in range(part * ratio)]
            done, alone = look, alone + part * ratio
        return tuple(found)
