"""What a device, a constraint or an objective word may ask of the model that is being built."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from evdsl.diagnostics.source import Span
    from evdsl.language.combinatorial import Combinatorial
    from evdsl.language.site import Site, SlotIndex
    from evdsl.language.spec import Device, Spec

Linear = Any
"""A linear expression with one labelled dimension or none; it adds, subtracts and scales."""


class Builder(Protocol):
    """A model under construction. Every row and variable is named and knows its line."""

    @property
    def spec(self) -> Spec:
        """What is built."""

    @property
    def data(self) -> Site:
        """The site as arrays."""

    @property
    def slot_index(self) -> SlotIndex:
        """Which vehicle may use which port when."""

    @property
    def can_export(self) -> bool:
        """Whether anything on the site could give power to the grid."""

    def zero(self) -> Linear:
        """Zero, without a dimension."""

    def site_caps(self) -> tuple[Any, Any]:
        """The most that the site could take and give at each step, kW; shape (steps,) each."""

    def toggle_place(self, name: str) -> Span:
        """The statement that set a toggle; the station where it is a default."""

    def variable(
        self,
        name: str,
        dimension: str,
        size: int,
        owner: Span,
        *,
        lower: Any = 0.0,
        upper: Any = float("inf"),
        binary: bool = False,
    ) -> Linear:
        """New decisions, one for each of `size` labels along `dimension`; bounds are arrays or scalars."""

    def single(self, name: str, owner: Span, *, lower: float = 0.0, upper: float = float("inf")) -> Linear:
        """One new decision without a dimension."""

    def chosen(self, device: Device, setting: str) -> Linear:
        """A number of a block, without a dimension: a decision where it is to be chosen, else a constant."""

    def rows(self, name: str, left: Linear, relation: str, right: Any, owner: Span) -> None:
        """New rows `left relation right`, one for each label of `left`; `right` is constant."""

    def total(self, expression: Linear) -> Linear:
        """The sum of all entries, without a dimension."""

    def group_sum(self, expression: Linear, groups: Any, dimension: str, size: int) -> Linear:
        """Sums of entries by group number, along a new dimension of `size` labels; no entry is zero.

        Entries of negative groups are left out.
        """

    def take(self, expression: Linear, positions: Any, dimension: str) -> Linear:
        """The entries at these positions, relabelled 0, 1, ... along `dimension`."""

    def scale(self, expression: Linear, factors: Any) -> Linear:
        """Entries times a number, or times an array of the same length."""

    def get(self, name: str) -> Linear | None:
        """The decisions of that name, if there are any in this model."""

    def need(self, name: str) -> Linear:
        """The decisions of that name, which this model has."""

    def consume(self, power: Any, owner: str, feeder: str = "") -> None:
        """Adds a power by time (kW, taken from the site) to what a feeder carries, or the connection.

        A linear expression over `time`, or an array of numbers where nothing is to be decided.
        """

    def decided_powers(self, feeder: str = "") -> Sequence[Linear]:
        """All powers by time, to be decided, that hang on a feeder, or on the connection itself."""

    def given_powers(self, feeder: str = "") -> Any:
        """The sum of the powers there that are not to be decided, kW; shape (steps,)."""

    def demand(self, requirement: Combinatorial) -> None:
        """Leaves a requirement open, for `evdsl.model.lower` to bring into the form that a backend takes."""

    def word(self, name: str) -> Linear:
        """An objective word as a linear expression without a dimension."""
