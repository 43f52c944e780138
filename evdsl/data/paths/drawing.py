"""With which random numbers the series of a scenario are drawn, and which past days have a key in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from evdsl.data.draws import Sampling, Stream
from evdsl.data.paths.file_scenarios import FileScenarios, scenarios_of
from evdsl.data.paths.history import History, history_of
from evdsl.data.timeline import Timeline
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.spec import Spec
from evdsl.language.values import DerivedSeries, TextValue
from evdsl.semantics.paths.random_settings import random_series


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a series is drawn with that stands in a setting of a block.

    `common` are the days that all series with one key have, by the function and the key; `listed` are the
    scenarios of files, where there are any.
    """

    sampling: Sampling
    common: Mapping[tuple[str, str], frozenset[date]]
    listed: FileScenarios | Diagnostic | None = None
    block: str = ""
    setting: str = ""

    @classmethod
    def of(cls, spec: Spec, timeline: Timeline) -> Drawing:
        """That of a spec."""
        common: dict[tuple[str, str], frozenset[date]] = {}
        for value in random_series(spec):
            key = key_of(value)
            history = history_of(value, timeline) if key else None
            if isinstance(history, History):
                dates = frozenset(history.dates)
                common[value.function, key] = common.get((value.function, key), dates) & dates
        return cls(Sampling.of(spec), common, scenarios_of(spec))

    def within(self, block: str, setting: str) -> Drawing:
        """That of another setting."""
        return replace(self, block=block, setting=setting)

    def stream(self, value: DerivedSeries, day: str = "") -> Stream:
        """Where the random numbers of a series come from: of its key, of its name, or of its setting."""
        key = key_of(value)
        if key:
            return Stream(self.sampling, f"{value.function} key", key, day)
        if value.stream:
            return Stream(self.sampling, "let", value.stream, day)
        return Stream(self.sampling, self.block, self.setting, day)

    def dates(self, value: DerivedSeries, history: History) -> tuple[date, ...] | Diagnostic:
        """The past days that a series is drawn from: those that all with its key have."""
        key = key_of(value)
        common = self.common.get((value.function, key)) if key else None
        if common is None:
            return history.dates
        found = tuple(day for day in history.dates if day in common)
        if found:
            return found
        message = f'the series with the key "{key}" have no day in common'
        help = "give them keys of their own, or files of the same days"
        return Diagnostic("E509", message, value.span, "", help)


def index_of(value: DerivedSeries) -> int:
    """The number of a series in its stream; what has one key is one draw."""
    return 0 if key_of(value) else value.index


def key_of(value: DerivedSeries) -> str:
    """The key that a series is drawn with; empty where it has none."""
    key = value.option("key")
    return key.value if isinstance(key, TextValue) else ""
