"""How a device kind, a toggle and an objective word declare themselves, as data.

Checking, "did you mean", defaults, reference pages, formatting and random specs all read these
declarations; nothing else in the compiler knows the words of the language.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from evdsl.language.units import NUMBER, RATE, Dimension

if TYPE_CHECKING:
    from evdsl.language.builder import Builder
    from evdsl.language.spec import Spec


class Shape(Enum):
    """What a setting takes. A constant is accepted wherever one of the first four is."""

    CONSTANT = "a constant"
    SERIES = "a constant, a table or a series"
    RANDOM = "a constant or a distribution"
    RANGE = "a range `low .. high`"
    LEAST = "a constant that is the least, or a range `low .. high`"
    PERIOD = "a range of dates"
    WINDOWS = "a range of clock times, or a list of such"
    CLOCK = "a time of day, a date with a time, or a distribution around one"
    INSTANT = "a date"
    COUNT = "a whole number"
    COUNTS = "a whole number, or a table of such"
    DRAWN_COUNT = "a whole number or a distribution of such"
    TEXT = "a text in quotes"
    CHOICE = "one of a few words"
    REFERENCE = "a name"
    REFERENCES = "a list of names"
    PHASES = "a list of phases"
    NUMBERS = "a list of constants"
    SERIES_LIST = "a list of constants, tables or series"
    DAYS = "a day, a range of days, a list of both, or `all`"
    DATES = "a date, a range of dates, or a list of both"
    CURVE = "a table by state of charge"


class Key(Enum):
    """What the keys of a table are; all of one table are of one kind."""

    CLOCK = "clock time"
    DAY = "day"
    MONTH = "month"
    CHARGE = "state of charge"


TABLES: dict[Shape, tuple[Key, ...]] = {
    Shape.SERIES: (Key.CLOCK, Key.DAY, Key.MONTH),
    Shape.SERIES_LIST: (Key.CLOCK, Key.DAY, Key.MONTH),
    Shape.COUNTS: (Key.CLOCK, Key.DAY, Key.MONTH),
    Shape.CURVE: (Key.CHARGE,),
}
"""The shapes that a table has, and the kinds of keys that it may have there."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a device kind. `default` is written as a spec would write it."""

    name: str
    shape: Shape
    doc: str
    dimension: Dimension = NUMBER
    default: str | None = None
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    above: bool = False
    refers_to: str = ""
    choices: tuple[str, ...] = ()
    example: str = ""
    of_rows: bool = False
    """Whether only rows of a file have it, where a kind may stand in braces too."""
    relaxed_by: str = ""
    """`more` or `less`: which way a change lets through more schedules and none fewer; `wider` of a range."""
    by_state: bool = False
    """Whether a list has an entry for each state of a cohort, from full to empty, or one for all."""
    planned: tuple[str, ...] = ()
    """Words that it is to take, and that this version does not build."""
    amperes: bool = False
    """Whether a power may be given as the current of each phase that it uses."""
    decidable: bool = False
    """Whether a range `low .. high` may stand in the place of the constant: what is best in it is chosen."""

    @property
    def keys(self) -> tuple[Key, ...]:
        """What the keys of a table may be here; none where it takes no table."""
        return TABLES.get(self.shape, ())

    @property
    def is_counted(self) -> bool:
        """Whether it takes whole numbers."""
        return self.shape in (Shape.COUNT, Shape.COUNTS, Shape.DRAWN_COUNT)

    @property
    def leaks(self) -> bool:
        """Whether it is a share per time, which nobody writes in vehicles per hour."""
        return self.dimension == RATE and self.maximum == 1.0


VEHICLE, DEVICE = "vehicle", "device"
"""Families of kinds: within one every block has a name of its own, by which a schedule tells it apart."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of block: its keyword, its settings, and the physics that it brings to a model."""

    keyword: str
    doc: str
    settings: tuple[Setting, ...]
    named: bool = True
    single: bool = False
    of: str = ""
    from_data: bool = False
    from_tariff: bool = False
    """Whether its prices may be those of a tariff's file, as `KIND NAME = tariff(...)`."""
    in_braces: bool = True
    """Whether its settings may stand in braces: `sessions` are read from a file alone."""
    either: tuple[tuple[str, ...], ...] = ()
    """Groups of settings of which exactly one must be given."""
    family: str = ""
    """Whose names it shares: those of `VEHICLE`s, of `DEVICE`s, or (empty) of its own kind alone."""
    planned: Mapping[str, str] = field(default_factory=dict)
    """Settings that this version does not build, with what they will be."""
    gives: bool = False
    """Whether the power of a device is told as what it gives, and not as what it takes."""
    build: Callable[[Builder], None] | None = None

    @property
    def with_article(self) -> str:
        """As a message speaks of one: an `event`, a `port`."""
        return f"{'an' if self.keyword[0] in 'aeiou' else 'a'} `{self.keyword}`"

    def setting(self, name: str) -> Setting | None:
        """The setting of that name."""
        return next((setting for setting in self.settings if setting.name == name), None)


@dataclass(frozen=True, slots=True)
class Toggle:
    """A switch of the language. `idle` says why it has nothing to act on in a spec, if so."""

    name: str
    default: bool
    doc: str
    idle: Callable[[Spec], str | None]
    build: Callable[[Builder], None] | None = None
    frees: bool = False
    """Whether it lets more schedules through when it is on; else it does when it is off."""


class Curve(Enum):
    """How a word's value bends in the decisions, which says what may be asked of it."""

    LINEAR = "linear"
    CONVEX = "convex"  # a largest value: may be made small
    CONCAVE = "concave"  # a smallest value: may be made large


@dataclass(frozen=True, slots=True)
class Word:
    """An objective word: a quantity of the whole schedule.

    `expression` gives it as a linear expression of the model; `needs` names the settings without
    which it has no meaning, as `(kind, setting)`.
    """

    name: str
    dimension: Dimension
    doc: str
    expression: Callable[[Builder], Any]
    curve: Curve = Curve.LINEAR
    needs: tuple[tuple[str, str], ...] = ()
    or_needs: tuple[tuple[str, str], ...] = ()
    """What does as well as the first of `needs`."""
    parts: Mapping[str, float] = field(default_factory=dict)
    """For a word that is a sum of others: their weights."""
    better: str = "small"
    """Which way it is to go where no `minimize` or `maximize` says so, as in a front: `small` or `large`."""
    order: bool = False
    """An order of whole schedules, not a sum: it stands alone in a stage of its own, and is maximized."""
