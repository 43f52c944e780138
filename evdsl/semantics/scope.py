"""What names mean in one spec, and what has been found wrong in it so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean, excerpt
from evdsl.diagnostics.source import Span
from evdsl.language import units
from evdsl.language.declaration import Key
from evdsl.language.names import SET_WORDS
from evdsl.language.sets import AnySet, VehicleSet
from evdsl.language.spec import VEHICLE_BLOCKS, Device
from evdsl.language.units import Dimension
from evdsl.language.values import Value
from evdsl.syntax import ast

if TYPE_CHECKING:
    from evdsl.language.steps import Horizon

MAXIMUM_FINDINGS = 20_000
"""After these nothing more is noted. Fifty are shown, and of one cause the count."""
MAXIMUM_SUGGESTIONS = 100
"""Unknown names that are compared with the known ones."""
MAXIMUM_LEVELS = 100
"""Expressions inside expressions, through the names that they use: as deep as one text may go."""


@dataclass(slots=True)
class Local:
    """What names mean inside one requirement, beside those of the spec.

    `binders` are the variables in force; `used` those of them that were used; `series` the params and
    lets that were asked for at single steps.
    """

    devices: Sequence[Device]
    horizon: Horizon | None
    binders: dict[str, AnySet] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    series: dict[str, Value] = field(default_factory=dict)
    is_let: bool = False
    """Whether it is a `let` or an objective, which have no `for` behind them."""

    def blocks(self) -> tuple[str, ...]:
        """The names of all blocks of vehicles."""
        return tuple(device.name for device in self.devices if device.kind in VEHICLE_BLOCKS)

    def of_kind(self, *kinds: str) -> list[Device]:
        """The blocks of some kinds."""
        return [device for device in self.devices if device.kind in kinds]

    def classes_of(self, over: VehicleSet) -> list[Device]:
        """The classes of the vehicles of a set."""
        names = {d.of for d in self.devices if d.kind in VEHICLE_BLOCKS and over.includes(d.name)}
        return [device for device in self.of_kind("class") if device.name in names]

    def is_single(self, over: VehicleSet) -> bool:
        """Whether a set is one vehicle, and not a sum over several."""
        if over.members:
            return len(over.members) == 1 and not over.blocks
        alone = {d.name for d in self.devices if d.kind == "vehicle" and d.get("days") is None}
        return len(over.blocks) == 1 and over.blocks[0] in alone

    def known_sets(self) -> list[str]:
        """Every name that stands for a set."""
        blocks = [device.name for device in self.of_kind(*VEHICLE_BLOCKS, "class", "port")]
        return [*SET_WORDS, *dict.fromkeys(blocks)]


Function = Callable[[ast.Call, "Scope"], "Value | None"]


@dataclass(frozen=True, slots=True)
class Indexing:
    """The evaluation of what stands in a requirement alone.

    `single` gives the value of an aggregate, an index or an attribute; `bare_name` reports a name that lacks
    its brackets, and whether it was one.
    """

    single: Callable[[ast.Aggregate | ast.Index | ast.Attribute, Scope], Value | None]
    bare_name: Callable[[ast.Name, Scope], bool]


@dataclass(slots=True)
class Scope:
    """What names mean in a spec, and what has been found wrong so far.

    `known` are the params and lets as far as they were evaluated; `pending` those being evaluated, to
    see a circle. `unread` are names inside statements that could not be read, and of blocks that are
    not known: nothing is said of their uses, since the mistake is reported where it is. `incomplete` says
    that a part could not be had at all, so that any name may be defined in it; `opaque`, that something
    was written and not understood, so that nothing is known to be missing. `misread` are the places of
    values that stand for others, since what was written there is no number and no date.
    """

    definitions: Mapping[str, ast.Param | ast.Let]
    words: Mapping[str, Dimension]
    folders: tuple[Path, ...]
    unread: set[str]
    diagnostics: list[Diagnostic]
    overrides: Mapping[str, ast.Expression] = field(default_factory=dict)
    known: dict[str, Value | None] = field(default_factory=dict)
    pending: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    currency: str = ""
    currency_span: Span | None = None
    foreign: set[str] = field(default_factory=set)
    """Other currencies that were spoken of: once each, however many prices are in it."""
    outside: set[tuple[str, int]] = field(default_factory=set)
    """Lines on which single vehicles and steps were refused."""
    """Whether an objective is evaluated, or an axis of a front: only there words may stand."""
    level: int = 0
    volts: float = 0.23
    """What an ampere on one phase is worth, kW, as the text of the station says; 230 V where it does not."""
    incomplete: bool = False
    opaque: bool = False
    misread: frozenset[Span] = frozenset()
    suggestions: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)
    """What was probably meant by each unknown name that was looked up."""
    word_uses: list[tuple[str, Span]] = field(default_factory=list)
    """Each use of a word of the objective, also inside what cannot be evaluated otherwise."""
    is_deep: bool = False
    """Whether expressions that stand too deep inside each other were spoken of."""
    singles: frozenset[str] = frozenset()
    """Lets over single vehicles and steps, which have no value before the devices are known."""
    local: Local | None = None
    """What names mean in the requirement that is being read; `None` outside of one."""
    functions: Mapping[str, Function] = field(default_factory=dict)
    """What evaluates a call of each function: a value of one is made of values, and so the reverse."""
    keys: tuple[Key, ...] = tuple(Key)
    """What the keys of a table may be where one is read: those of its setting, or all."""
    indexed: Indexing | None = None
    """What evaluates an expression over single vehicles and steps; `None` where there are none."""

    def near(self, name: str, known: Iterable[str]) -> str:
        """The help line for an unknown name; of the first hundred names, since looking for one takes time."""
        asked = (name, tuple(known))
        if asked not in self.suggestions and len(self.suggestions) < MAXIMUM_SUGGESTIONS:
            self.suggestions[asked] = did_you_mean(*asked)
        return self.suggestions.get(asked, "")

    def excuses(self, name: str) -> bool:
        """Whether an unknown name may be defined in what could not be read."""
        return self.incomplete or name in self.unread

    def report(
        self,
        code: str,
        message: str,
        span: Span | None,
        label: str = "",
        help: str = "",
        context: Span | None = None,
    ) -> None:
        """Adds a finding."""
        self.add(Diagnostic(code, message, span, label, help, (), context))

    def add(self, *found: Diagnostic) -> None:
        """Adds findings, as long as there are not far more than anyone reads."""
        self.diagnostics += found[: max(MAXIMUM_FINDINGS - len(self.diagnostics), 0)]

    def note_currency(self, currency: str | None, span: Span) -> None:
        """Money is one currency in a spec."""
        if currency is None or currency == self.currency:
            return
        if currency in self.foreign:
            return
        if self.currency:
            self.foreign.add(currency)
            message = f"{currency} and {self.currency} cannot both be the money of one spec"
            where = f", as on line {self.currency_span.line}" if self.currency_span else ""
            self.report("E306", message, span, "", f"give all money in {self.currency}{where}")
        else:
            self.currency, self.currency_span = currency, span

    def shown(self, value: Value) -> str:
        """A value for a message, as it was written."""
        text = " ".join(value.span.text.split())
        return excerpt(text, 60)

    def describe(self, dimension: Dimension) -> str:
        """A dimension for a message."""
        return units.describe(dimension, self.currency or "EUR")

    def unit(self, dimension: Dimension) -> str:
        """The unit of a dimension for a message; `a plain number` where it has none."""
        return units.symbol(dimension, self.currency or "EUR") or "a plain number"
