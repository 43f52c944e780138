"""What a rule does with a cohort: who of each state charges in a step, and what becomes of the counts.

A cohort knows how many are in each state, and a rule sees each state as so many vehicles, of which each takes
`power` or nothing: what it is given is enough for as many of them. Who leaves first is known as the
share of a state that leaves: one in 1/q_i steps, so the departure that `edf` asks for is Δ / q_i from now,
and the laxity of `llf` Δ (1 / q_i - i). A rule that serves those who came first (`fifs`) gives what the
cohort gets to whole steps of arrivals, the earliest first; among those of one step, and of one state under
the other rules, all charge alike. Of those who leave a state nobody knows when they came: all alike.

Nobody is charged whom the counts do not have: with c_i those who charge, x_i there, q_i the share that leaves
and a_i who comes in the step,

    0 <= c_i <= min(x_i, (1 - q_i) x_i + a_i + c_{i+1})
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evdsl.data.data import Data
from evdsl.language.arrays import FloatArray
from evdsl.language.devices.cohort import initial, leaving_shares, power_of
from evdsl.language.spec import Device, Spec

NOBODY = 1e-12
"""Vehicles: fewer are none."""


@dataclass(frozen=True, slots=True)
class StateEntries:
    """The states in need of a cohort, as a rule sees them: kW, vehicles, and hours from the start."""

    most: FloatArray
    vehicles: FloatArray
    arrival: FloatArray
    departure: FloatArray
    laxity: FloatArray


class CohortCourse:
    """One cohort, step after step.

    `_came[i - 1, k]` are the vehicles in state i that came until `_when[k]` (hours from the start), `_full`
    those in state 0.
    """

    def __init__(self, spec: Spec, data: Data, device: Device) -> None:
        self.device = device
        self._step, self._each = spec.step, power_of(spec, device)
        self._arrivals, self._share = data.cohorts[device.name], leaving_shares(data, device, spec.steps)
        start = np.array(initial(device), dtype=float)
        self._full = float(start[0])
        self._came, self._when = start[1:, None], np.zeros(1)
        self.charging = np.zeros((len(start) - 1, spec.steps))
        self.count = np.zeros((len(start), spec.steps))

    @property
    def power(self) -> FloatArray:
        """What it takes, kW."""
        return np.asarray(self._each * self.charging.sum(axis=0))

    def entries(self, now: int) -> StateEntries:
        """Its states 1 to n when a step begins."""
        came, share = self._came, self._share[1:, now]
        there = came.sum(axis=1)
        self.count[0, now], self.count[1:, now] = self._full, there
        with np.errstate(divide="ignore"):
            left = np.where(share > 0, self._step / share, np.inf)
        return StateEntries(
            most=self._each * self._able(now),
            vehicles=there,
            arrival=came @ self._when / np.maximum(there, NOBODY),
            departure=now * self._step + left,
            laxity=left - self._step * np.arange(1.0, len(there) + 1),
        )

    def charge(self, power: FloatArray, now: int, by_arrival: bool) -> FloatArray:
        """Charges with the powers of the states (kW) and goes on to the next step; what was taken of them."""
        came, share = self._came, self._share[1:, now]
        there = came.sum(axis=1)
        wanted = power / self._each
        part = np.divide(wanted, there, out=np.zeros(len(there)), where=there > NOBODY)
        chosen = came * np.minimum(part, 1.0)[:, None]
        if by_arrival:
            chosen = self._earliest(float(wanted.sum()), now)
        above = np.zeros(len(self._when))
        for state in range(len(there) - 1, -1, -1):
            stays = (1.0 - share[state]) * there[state] + self._arrivals[1 + state, now] + above.sum()
            amount = chosen[state].sum()
            if amount > stays:
                chosen[state] *= max(stays, 0.0) / amount
            above = chosen[state]
        self.charging[:, now] = chosen.sum(axis=1)
        self._go_on(chosen, there, now)
        return np.asarray(self._each * self.charging[:, now])

    def _earliest(self, places: float, now: int) -> FloatArray:
        """Who of each state and step of arrival charges, where those who came first take the places."""
        before = np.cumsum(self._came, axis=1) - self._came
        able = np.clip(self._able(now)[:, None] - before, 0.0, self._came)
        together = able.sum(axis=0)
        served = np.clip(places - np.cumsum(together) + together, 0.0, together)
        part = np.divide(served, together, out=np.zeros(len(together)), where=together > NOBODY)
        return np.asarray(able * part)

    def _able(self, now: int) -> FloatArray:
        """How many of each state can charge, by the counts."""
        there, share = self._came.sum(axis=1), self._share[1:, now]
        found, above = np.zeros(len(there)), 0.0
        for state in range(len(there) - 1, -1, -1):
            stays = (1.0 - share[state]) * there[state] + self._arrivals[1 + state, now]
            above = min(float(there[state]), float(stays) + above)
            found[state] = above if above > NOBODY else 0.0
        return found

    def _go_on(self, chosen: FloatArray, there: FloatArray, now: int) -> None:
        """The counts at the end of a step."""
        share = self._share[:, now]
        after = self._came - chosen
        after[:-1] += chosen[1:]
        after = np.column_stack([after, self._arrivals[1:, now]])
        found = after.sum(axis=1)
        left = np.maximum(found - share[1:] * there, 0.0)
        after *= np.divide(left, found, out=np.zeros(len(found)), where=found > NOBODY)[:, None]
        when = np.append(self._when, (now + 1) * self._step)
        kept = int(np.argmax(after.sum(axis=0) > NOBODY))
        after[:, kept] += after[:, :kept].sum(axis=1)
        self._came, self._when = after[:, kept:], when[kept:]
        full = (1.0 - share[0]) * self._full + self._arrivals[0, now] + chosen[0].sum()
        self._full = float(full)

    def flows(self) -> dict[str, FloatArray]:
        """The variables of a schedule that are named after it."""
        name = self.device.name
        found = {name: self.power, f"{name}.waiting": self.count[1:].sum(axis=0)}
        found |= {f"{name}.count.{state}": count for state, count in enumerate(self.count)}
        return found | {f"{name}.charging.{state}": one for state, one in enumerate(self.charging, 1)}
