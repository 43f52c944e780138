"""What a kWh of a vehicle costs that is charged at another time, and which limit keeps it from there.

A move is asked for twice: with the other vehicles as they are, and with all decided anew, where others may
change places with it. A limit is said to keep it from a move only where that costs something with the others
as they are, and nothing, or less than nothing, once the limit is larger by what is moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from evdsl.language.arrays import BoolArray
from evdsl.optimization.inquiry.course import NOTHING
from evdsl.optimization.inquiry.fact import Fact, Moment, Quantity, Value
from evdsl.optimization.inquiry.limits import can_be_eased, eased
from evdsl.optimization.inquiry.ranks import SAME
from evdsl.optimization.inquiry.subject import Subject
from evdsl.optimization.inquiry.trial import Change, Demand, Trial, as_values

MOVED = 1.0
"""kWh that are moved, where as much can be."""
LEAST = 0.05
"""kWh: where less can be moved nothing is asked."""
MOVES = 3
"""Times that a kWh is moved to."""


def moves(subject: Subject, trial: Trial | None, notify: Callable[[str], None]) -> Iterator[Fact]:
    """A `move` for each of a few other times."""
    if trial is not None and trial.can_ask and (subject.course.charge > NOTHING).any():
        yield from _Mover(subject, trial, notify).moves()


@dataclass(frozen=True, slots=True)
class _Mover:
    subject: Subject
    trial: Trial
    notify: Callable[[str], None]

    def moves(self) -> Iterator[Fact]:
        """The times in order, as long as the trial has time."""
        subject, step = self.subject, self.subject.result.spec.step
        course = subject.course
        told = 0
        for window in self._windows():
            if told == MOVES:
                return
            elsewhere = float(course.charge[~window].sum()) * step
            room = float((course.most - course.charge + course.discharge)[window].sum()) * step
            amount = min(MOVED, elsewhere, room)
            if amount < LEAST:
                continue
            self.notify("moving a kWh to another time")
            fact = self._move(window, amount)
            if fact is None:
                return
            told += 1
            yield fact

    def _windows(self) -> list[BoolArray]:
        """The times of its stay at one price: the lowest, what is next before that with most energy, and next
        after; then the others, lower prices first. At one price: before its charging, and after it.
        """
        course, price = self.subject.course, self.subject.price
        entries = np.arange(len(course))
        charging = np.flatnonzero(course.charge > NOTHING)
        rate = np.zeros(len(course)) if price is None else price[course.step]
        new = (np.abs(np.diff(rate)) > SAME) | (np.diff(course.step) != 1)
        number = np.concatenate([[0], np.cumsum(new)])
        if number[-1] == 0:
            sides = (entries < charging[0], entries > charging[-1])
            return [side for side in sides if side.any()]
        main, last = int(np.bincount(number, course.charge).argmax()), int(number[-1])
        by_price = sorted(range(last + 1), key=lambda at: (float(rate[number == at][0]), abs(at - main)))
        first = [by_price[0], *(at for at in (main - 1, main + 1) if 0 <= at <= last)]
        return [number == at for at in dict.fromkeys([*first, *by_price])]

    def _move(self, window: BoolArray, amount: float) -> Fact | None:
        course, price, spec = self.subject.course, self.subject.price, self.subject.result.spec
        before, after = self._moved(window, amount)
        change, alone = self.trial.change(before, after), self._alone(before, after)
        if change is None or alone is None:
            return None
        values: dict[str, Value] = {
            "begin": Moment(float(course.begin[window][0])),
            "end": Moment(float(course.end[window][-1])),
            "amount": Quantity(amount, "kWh"),
            **as_values(change, spec),
            "others_kept": as_values(alone, spec),
        }
        if price is not None:
            values["rate"] = Quantity(
                float(price[course.step[window]].mean()), f"{self.subject.result.spec.currency}/kWh"
            )
        if self._is_lower(window) and (alone.amount is None or alone.amount > 0):
            values |= self._with_limit_eased(window, amount)
        return Fact("move", values, tested=True)

    def _moved(
        self, window: BoolArray, amount: float, into: BoolArray | None = None
    ) -> tuple[Demand, Demand]:
        """What it takes in a window now, and so much more, in all as much; all of that more `into` a part."""
        subject, parts = self.subject, [window] if into is None else [window, into]
        total = subject.takes_in_all(subject.total, subject.total)
        now, more = (tuple(subject.takes(part, extra) for part in parts) for extra in (0.0, amount))
        return Demand((*now, total)), Demand((*more, total))

    def _alone(self, before: Demand, after: Demand) -> Change | None:
        """What a demand costs where the other vehicles do what they do."""
        return self.trial.change(
            replace(before, alone=self.subject.stays), replace(after, alone=self.subject.stays)
        )

    def _is_lower(self, window: BoolArray) -> bool:
        """Whether the price of a window is lower than what it pays on average, where there are prices."""
        course, price = self.subject.course, self.subject.price
        if price is None:
            return True
        rate = price[course.step]
        paid = float(course.charge @ rate / course.charge.sum())
        return float(rate[window].mean()) <= paid + SAME

    def _with_limit_eased(self, window: BoolArray, amount: float) -> dict[str, Value]:
        """The same move, others as they are, into one step of the window in which what is full is larger.

        Where all of it does not go there, since something else is full then, a little of it is tried.
        """
        subject, step = self.subject, self.subject.result.spec.step
        course = subject.course
        room = np.where(window, course.most - course.charge + course.discharge, 0.0) * step
        full = [entry for entry in np.flatnonzero(room > LEAST).tolist() if subject.full_limits(entry)]
        if not full:
            return {}
        entry = max(full, key=lambda at: (float(room[at]), -at))
        limits = subject.full_limits(entry)
        if not can_be_eased(subject.result.data, limits):
            return {}
        block = subject.block(entry)
        efficiency = 1.0 if block is None else block.number("efficiency")
        only = np.arange(len(course)) == entry
        at = int(course.step[entry])
        for kwh in dict.fromkeys((min(amount, float(room[entry])), LEAST)):
            kilowatts = kwh / step / efficiency
            before, after = self._moved(window, kwh, only)
            series = eased(subject.result.data, limits, at, kilowatts)
            change = self._alone(before, replace(after, series=series))
            if change is None or change.amount is None or change.amount > 0:
                continue
            plain = self._alone(before, after)
            if plain is None or (plain.amount is not None and plain.amount <= 0):
                continue
            return {
                "kept_by": tuple(limit.name for limit in limits),
                "eased": {
                    "begin": Moment(at * step),
                    "end": Moment((at + 1) * step),
                    "amount": Quantity(kwh, "kWh"),
                    "by": Quantity(kilowatts, "kW"),
                    **as_values(change, self.subject.result.spec),
                },
            }
        return {}
