"""Seconds of the processor, by phase, of this process and of those that it has started."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


def processor_seconds() -> float:
    """What this process and its children that have ended took so far, in all threads."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


@dataclass(slots=True)
class Clock:
    """Adds up what each phase takes."""

    phases: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Counts what is done inside to a phase."""
        begun = processor_seconds()
        try:
            yield
        finally:
            self.phases[name] = self.phases.get(name, 0.0) + processor_seconds() - begun
