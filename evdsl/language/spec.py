"""The resolved problem: names bound, dimensions known, every value with the place it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from evdsl.diagnostics.source import Source, Span
from evdsl.language.display import html_of
from evdsl.language.requirement import Requirement, Term
from evdsl.language.units import Dimension
from evdsl.language.values import (
    OPTIONAL,
    ClockTime,
    Const,
    ListValue,
    RangeValue,
    Reference,
    TextValue,
    Value,
    constants,
)

RATINGS = ("power", "peak", "capacity", "discharge")
"""The settings that say how much a generator or a storage can give."""
VEHICLE_BLOCKS = ("fleet", "sessions", "vehicle")
"""The kinds of blocks that vehicles come from."""


@dataclass(frozen=True, slots=True)
class Device:
    """A block of the spec with its settings, defaults included; `given` are those that were written."""

    kind: str
    name: str
    of: str
    settings: Mapping[str, Value]
    given: frozenset[str]
    span: Span
    header: Span
    rows: FileRows | None = None

    def get(self, name: str) -> Value | None:
        """A setting as it was resolved; `None` where it is not given and has no default."""
        return self.settings.get(name)

    def number(self, name: str, default: float | None = None) -> float:
        """A constant setting in canonical units."""
        value = self.settings.get(name)
        if isinstance(value, Const):
            return value.value
        if value is None and default is not None:
            return default
        raise LookupError(f"{self.kind} {self.name} has no constant {name}")

    def most(self, name: str) -> float:
        """The largest that a setting may be: the constant, or the upper end where it is to be chosen."""
        return self.bounds(name)[1] if self.decides(name) else self.number(name)

    def least(self, name: str) -> float:
        """The smallest that it may be."""
        return self.bounds(name)[0] if self.decides(name) else self.number(name)

    def size(self, setting: str) -> str:
        """What a model and a schedule call the decision of a setting: `battery.size.capacity`."""
        return f"{self.name or self.kind}.size.{setting}"

    @property
    def port_count(self) -> int:
        """How many charge points a block of ports has: as many as are in order at any time that it tells."""
        value = self.settings.get("count")
        return 1 if value is None else int(max(constants(value), default=1.0))

    @property
    def is_rated_at_nothing(self) -> bool:
        """Whether it says in a constant that it can give nothing."""
        rated = [self.settings.get(name) for name in RATINGS]
        ends = [value.high if isinstance(value, RangeValue) else value for value in rated]
        return any(isinstance(end, Const) and end.value == 0.0 for end in ends)

    @property
    def charge_efficiency(self) -> float:
        """Of a class or a storage: what reaches the battery of what is charged."""
        return self.number("charge_efficiency", self.number("efficiency"))

    @property
    def discharge_efficiency(self) -> float:
        """Of a class or a storage: what is given of what leaves the battery."""
        return self.number("discharge_efficiency", self.number("efficiency"))

    def bounds(self, name: str) -> tuple[float, float]:
        """The two ends of a range setting."""
        value = self.settings[name]
        assert isinstance(value, RangeValue)
        assert isinstance(value.low, Const)
        assert isinstance(value.high, Const)
        return value.low.value, value.high.value

    def entries(self, name: str) -> tuple[Value, ...]:
        """The entries of a list; none where it is not given."""
        value = self.settings.get(name)
        return value.items if isinstance(value, ListValue) else ()

    def numbers(self, name: str) -> tuple[float, ...]:
        """A list of constants in canonical units; none where it is not given."""
        value = self.settings.get(name)
        items = value.items if isinstance(value, ListValue) else ()
        return tuple(item.value for item in items if isinstance(item, Const))

    def windows(self, name: str) -> tuple[tuple[float, float], ...]:
        """Times of day from one to another, in hours after midnight; none where they are not given."""
        value = self.settings.get(name)
        windows = value.items if isinstance(value, ListValue) else ()
        ends = [(one.low, one.high) for one in windows if isinstance(one, RangeValue)]
        return tuple(
            (low.hours, high.hours)
            for low, high in ends
            if isinstance(low, ClockTime) and isinstance(high, ClockTime)
        )

    def decides(self, name: str) -> bool:
        """Whether a setting is left to be chosen within a range, where it could be a constant."""
        return isinstance(self.settings.get(name), RangeValue)

    def choice(self, name: str) -> str:
        """A setting that is one of a few words; empty where it has none."""
        value = self.settings.get(name)
        return value.value if isinstance(value, TextValue) else ""

    def names(self, name: str) -> tuple[str, ...]:
        """The blocks that a setting refers to."""
        value = self.settings.get(name)
        if isinstance(value, Reference):
            return (value.name,)
        if isinstance(value, ListValue):
            return tuple(item.name for item in value.items if isinstance(item, Reference))
        return ()

    def place(self, name: str) -> Span:
        """Where a setting was written; the block's header where it is a default."""
        value = self.settings.get(name)
        return value.span if value is not None and name in self.given else self.header


@dataclass(frozen=True, slots=True)
class FileRows:
    """The file that sessions are read from, and which of its rows."""

    path: Path
    shown: str
    arriving: tuple[datetime, datetime] | None
    span: Span = field(compare=False)
    dialect: str | None = field(default=None, metadata=OPTIONAL)


@dataclass(frozen=True, slots=True)
class Switch:
    """A toggle as it stands; `span` is the statement that set it, `None` for the default."""

    on: bool
    span: Span | None


@dataclass(frozen=True, slots=True)
class Stage:
    """One objective: the weighted sum `Σ weight · word + constant`, made small or large.

    What is weighed are words, and `terms` by their names: `max(peak, 6 kW)`. `allowing` is the share of their
    values by which earlier stages may give way in this one.
    """

    sense: str
    weights: Mapping[str, float]
    constant: float
    dimension: Dimension
    allowing: float
    text: str
    span: Span
    terms: tuple[Term, ...] = field(default=(), metadata=OPTIONAL)

    @property
    def sign(self) -> float:
        """+1 where the value is made small, -1 where it is made large."""
        return 1.0 if self.sense == "minimize" else -1.0

    @property
    def words(self) -> frozenset[str]:
        """The words that it speaks of, weighed or inside its terms."""
        own = {term.name for term in self.terms}
        return frozenset(self.weights).difference(own).union(*(term.words() for term in self.terms))


@dataclass(frozen=True, slots=True)
class Pareto:
    """The front between two expressions: its end points, and others spread between them, at most `points`."""

    first: Stage
    second: Stage
    points: int
    span: Span


@dataclass(frozen=True, slots=True)
class Spec:
    """A whole problem. `start` is local to `zone`; `steps` of `step` hours make the horizon."""

    name: str
    start: datetime
    start_utc: datetime
    zone: str
    steps: int
    step: float
    seed: int
    currency: str
    rounding: str
    devices: tuple[Device, ...]
    toggles: Mapping[str, Switch]
    stages: tuple[Stage, ...]
    derived: Mapping[str, Value]
    source: Source
    sources: tuple[Source, ...]
    folders: tuple[Path, ...]
    digest: str
    unused: Mapping[str, Span]
    """Params that nothing uses, with where they are defined."""
    word_uses: tuple[tuple[str, Span], ...]
    """Where the spec speaks of words of the objective."""
    requirements: tuple[Requirement, ...] = ()
    series: tuple[tuple[str, Value], ...] = ()
    """Params and lets that lets ask for at single steps, by name."""
    pareto: Pareto | None = None
    """The front that is asked for; its two expressions are then the `stages`, the first before the second."""
    scenario: int = 0
    """Which draw of everything random: 0 is the one of the spec as it stands."""
    antithetic: bool = False
    """Whether scenarios come in pairs: 2k takes the opposite of each random number of 2k - 1."""

    _of_kind: dict[str, tuple[Device, ...]] = field(init=False, repr=False, compare=False)
    """Kept, since a thousand vehicles each ask for their class and for the ports."""

    def __post_init__(self) -> None:
        groups: dict[str, tuple[Device, ...]] = {}
        for kind in dict.fromkeys(device.kind for device in self.devices):
            groups[kind] = tuple(device for device in self.devices if device.kind == kind)
        object.__setattr__(self, "_of_kind", groups)

    def _repr_html_(self) -> str | None:
        """As a notebook shows it."""
        return html_of(self)

    def of_kind(self, kind: str) -> tuple[Device, ...]:
        """All blocks of a kind, in the order of the spec."""
        return self._of_kind.get(kind, ())

    def only(self, kind: str) -> Device | None:
        """The single block of a kind, such as `grid`."""
        return next(iter(self.of_kind(kind)), None)

    def named(self, kind: str, name: str) -> Device:
        """The block of that kind and name."""
        return next(device for device in self.of_kind(kind) if device.name == name)

    def class_of(self, device: Device) -> Device | None:
        """The class of a block of vehicles; `None` where it has none, or none that the spec defines."""
        if device.kind == "trip":
            return None
        return next((category for category in self.of_kind("class") if category.name == device.of), None)

    def on(self, toggle: str) -> bool:
        """Whether a toggle is on."""
        return self.toggles[toggle].on

    @property
    def asked_at_steps(self) -> dict[str, Value]:
        """The params and lets that requirements, objectives and other lets ask for at single steps."""
        asked = [self.series, *(own.series for own in self.requirements), *(t.series for t in self.terms)]
        return {name: value for series in asked for name, value in series}

    @property
    def terms(self) -> tuple[Term, ...]:
        """What the stages weigh beside words, each once."""
        return tuple({term.name: term for stage in self.stages for term in stage.terms}.values())

    @property
    def givers(self) -> tuple[Device, ...]:
        """The devices beside vehicles that can give power to the site: none that is rated at nothing."""
        able = (*self.of_kind("solar"), *self.of_kind("wind"), *self.of_kind("storage"))
        return tuple(device for device in able if not device.is_rated_at_nothing)

    @property
    def horizon(self) -> float:
        """Hours from start to end."""
        return self.steps * self.step

    def source_span(self) -> Span:
        """The station's header: where a finding about the whole spec is shown."""
        return self.of_kind("station")[0].header
