"""What one way took on one case, as it is stored and shown."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Measurement:
    """`outcome` is `optimal`, or says in words why there is no time to compare.

    Seconds are those of the way itself, without imports: `processor` of all threads and processes, `wall` of
    the clock. `megabytes` are the most that the process had resident, `loaded` what it had before it
    began; `limit` is how many seconds it was given.
    """

    case: str
    way: str
    outcome: str
    processor: float | None = None
    wall: float | None = None
    phases: dict[str, float] = field(default_factory=dict)
    megabytes: float | None = None
    loaded: float | None = None
    columns: int | None = None
    rows: int | None = None
    integers: int | None = None
    objective: float | None = None
    gap: float | None = None
    limit: float | None = None

    @property
    def is_optimal(self) -> bool:
        """Whether it came to what was asked for."""
        return self.outcome == "optimal"

    @property
    def seconds(self) -> float | None:
        """The most that it takes on the wall where nobody else wants the processor."""
        if self.processor is None or self.wall is None:
            return None
        return min(self.processor, self.wall)

    def as_record(self) -> dict[str, Any]:
        """As plain data, without what is not known; seconds to a tenth of a millisecond."""
        short = {"processor": 4, "wall": 4, "megabytes": 1, "loaded": 1}
        record = {name: value for name, value in asdict(self).items() if value not in (None, {})}
        record |= {name: round(record[name], digits) for name, digits in short.items() if name in record}
        if self.phases:
            record["phases"] = {phase: round(seconds, 4) for phase, seconds in self.phases.items()}
        return record
