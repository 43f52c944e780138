"""What each line of a spec costs: by how much the objective changes for one unit more of it, and one less.

For a statement with the value k the model is M(k): costs c, rows A with sides b, bounds l and u. With
x an optimal point of M(k), y its multipliers and z = c - Aᵀ y its reduced costs, the price of k is the
derivative of the Lagrangian at (x, y) (the envelope theorem):

    dc/dk · x  +  y · (db/dk - dA/dk x)  +  z⁺ · dl/dk  -  z⁻ · du/dk

where the side or bound that counts is the one that the sign of its multiplier says. M(k) is known by
formulating the spec twice, so whatever a statement moves is counted, whichever rows and bounds these are.

Multipliers need not be unique, and one more may be worth something else than one less. So each statement
that binds is also put to the test: the spec is solved with a little more of it, and with a little less;
what is told is what came out. What sun, wind and loads bring changes over the day, and more of it is more in
proportion: told for each percent. A limit binds where the optimal point does not outlive its being tighter: a
linear program gains nothing from easing one that does not bind (its value is convex in every side, and a
limit that eases never makes it worse). What is no limit, as a demand or a roof, is always put to the test.

With integers the multipliers are those of the program in which every integer stays as it is, and so are the
two values, unless `exact` asks to decide anew or they cannot stay. Counts change by whole ones and are always
decided anew. A value need not move in proportion then: where half of a change is not worth half of it, the
change is a jump, which is told as it is and not for one unit (`evdsl.optimization.explanation.jump`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.language.devices.phases import LABELS, PAIRS
from evdsl.language.units import CURRENT, NUMBER
from evdsl.optimization.explanation.jump import Jump, is_jump
from evdsl.optimization.explanation.levers import (
    DEMAND,
    REQUIREMENT,
    SETTING,
    STAGE,
    TOGGLE,
    Lever,
    as_priced,
    changed,
    demand_of,
    earlier_stages,
    levers,
    value_of_setting,
)
from evdsl.optimization.explanation.relaxation import lagrangian, moved_rows, of_rows
from evdsl.optimization.explanation.variant import (
    Optimum,
    Session,
    Variant,
    VariantModel,
    fix_integers,
    same_shape,
    stage_model,
)
from evdsl.optimization.result import StageResult

SMALL = 1e-3
"""The change that is tried, of the value of a statement."""
LARGER = 1e-2
"""The same where integers are decided anew, and a value is known to the solver's gap only."""
TIGHT = 1e-7
WORTH = 1e-6
"""Of the objective: what a unit is worth by less is a solver's rounding."""
BY_PHASE = (*LABELS, *(f"{LABELS[one]}_over_{LABELS[other]}" for one, other in PAIRS))
"""Last words of the variables and rows that are of single phases."""
OnProgress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class PriceOptions:
    """How prices are asked for: `exact` decides integers anew, `quick` takes multipliers alone."""

    exact: bool = False
    quick: bool = False


@dataclass(frozen=True, slots=True)
class LinePrice:
    """What a unit of a statement is worth, in the unit of the stage, positive where the value grows.

    `unit` is that unit in canonical units: a share is told for each percent. `more` and `less` for one unit
    more and one less, `None` where that is infeasible, not asked, or one of the `jumps` (more, less); `dual`
    by the multipliers, `None` where there are none. `steps` are those in which it binds, `phases` the ones
    that it binds on, where it is asked of single ones: `L1`, or `L1 over L2`.
    """

    lever: Lever
    unit: float
    more: float | None
    less: float | None
    dual: float | None
    steps: tuple[int, ...]
    tested: bool = True
    jumps: tuple[Jump | None, Jump | None] = (None, None)
    phases: tuple[str, ...] = ()

    @property
    def worth(self) -> float:
        """The larger of the two, by which prices are sorted; what is infeasible is worth most."""
        if not self.tested:
            return abs(self.dual or 0.0)
        told = (
            jump.change if jump else v for v, jump in zip((self.more, self.less), self.jumps, strict=True)
        )
        return max(float("inf") if value is None else abs(value) for value in told)


@dataclass(frozen=True, slots=True)
class Prices:
    """All prices of a stage; `idle` are the statements that bind nothing. `integers`: whether there are any.

    `how` is how they were found: without multipliers nothing is quick.
    """

    index: int
    value: float
    prices: tuple[LinePrice, ...]
    idle: tuple[Lever, ...]
    integers: bool
    solves: int
    how: PriceOptions


@dataclass(slots=True)
class _Pricer:
    case: Variant
    earlier: Sequence[StageResult]
    asker: Session
    how: PriceOptions
    base: VariantModel
    answer: Optimum
    free: float
    """The value with integers decided; `answer` is that of the program with them fixed."""

    def price(self, lever: Lever) -> LinePrice | None:
        """The price of a statement; `None` where it binds nothing."""
        if lever.whole:
            return None if self.how.quick else self._count(lever)
        step, way = self._step(lever), lever.relaxed_by or 1.0
        tighter = self._model(lever, -way * step)
        if lever.relaxed_by and lever.sort != DEMAND and self._outlives(tighter):
            return None
        upper = tighter if way < 0 else self._model(lever, step)
        dual, steps, phases = self._dual(upper, step)
        if lever.dimension != CURRENT:
            phases = ()
        if self.how.quick:
            found = LinePrice(lever, 1.0, None, None, dual, steps, tested=False, phases=phases)
            return found if dual else None
        lower = self._model(lever, -step) if way < 0 else tighter
        more, jump = self._worth(lever, upper, step)
        less, fall = self._worth(lever, lower, -step)
        found = LinePrice(lever, 1.0, more, less, dual, steps, jumps=(jump, fall), phases=phases)
        return self._worthy(found, step)

    def _worth(self, lever: Lever, posed: VariantModel, amount: float) -> tuple[float | None, Jump | None]:
        """What each unit of a change is worth, or the jump that it is, which only integers make."""
        change, decided = self._change(posed)
        if change is None:
            return None, None
        gap = 2.0 * self.asker.options.gap if decided else 0.0
        noise = (WORTH + gap) * max(abs(self._start()), 1.0)
        if self.base.matrix.is_discrete:
            half = self._change(self._model(lever, amount / 2))[0]
            if is_jump(change, half, noise):
                return None, Jump(change, abs(amount))
        return (0.0 if decided and abs(change) <= noise else change / abs(amount)), None

    def _step(self, lever: Lever) -> float:
        if lever.sort == DEMAND:
            return max(SMALL * demand_of(lever, self.case), 1e-3)
        if lever.sort in (REQUIREMENT, STAGE):
            matrix, mine = self.base.matrix, of_rows(self.base, lever.name).row_upper != 0
            sides = np.where(np.isfinite(matrix.row_upper), matrix.row_upper, matrix.row_lower)[mine]
            return max(SMALL * float(np.abs(sides).max(initial=0.0)), 1e-3)
        small = LARGER if self.how.exact and self.base.matrix.is_discrete else SMALL
        if lever.dimension == NUMBER or lever.proportional:
            return small
        return max(small * float(np.abs(value_of_setting(lever, self.case)).max()), 1e-3)

    def _model(self, lever: Lever, amount: float) -> VariantModel:
        """The model with more of a statement; of a requirement or an earlier stage its rows looser."""
        if lever.sort in (REQUIREMENT, STAGE):
            moved = of_rows(self.base, lever.name)
            return replace(self.base, matrix=moved_rows(self.base.matrix, moved, amount))
        return stage_model(changed(lever, self.case, amount), self.asker.backend, self.earlier)

    def _start(self) -> float:
        return self.free if self.how.exact else self.answer.value + self.base.offset

    def _change(self, posed: VariantModel) -> tuple[float | None, bool]:
        """What a model like the base is worth more; integers stay where they can. Whether they did not."""
        matrix = posed.matrix
        if not self.how.exact and same_shape(matrix, self.base.matrix):
            found = self.asker.solve(fix_integers(matrix, self.answer.point))
            if found is not None or not matrix.is_discrete:
                return None if found is None else found.value + posed.offset - self._start(), False
        value = self._anew(posed)
        return None if value is None else value - self._start(), matrix.is_discrete

    def _anew(self, posed: VariantModel) -> float | None:
        """The value of a model with everything decided anew; `None` where it is infeasible."""
        found = self.asker.solve(posed.matrix)
        return None if found is None else found.value + posed.offset

    def _outlives(self, tighter: VariantModel) -> bool:
        """Whether the point at hand is as good where a statement is tighter, in a linear program."""
        matrix, base = tighter.matrix, self.base.matrix
        if base.is_discrete and self.how.exact:
            return False
        if not same_shape(matrix, base) or tighter.offset != self.base.offset:
            return False
        if (matrix.cost != base.cost).any() or abs(matrix.rows - base.rows).nnz:
            moved = abs(matrix.rows - base.rows)
            if (matrix.cost != base.cost).any() or float(moved.max()) > 1e-12:
                return False
        point = self.answer.point
        activity = matrix.rows @ point
        worst = [matrix.lower - point, point - matrix.upper, matrix.row_lower - activity]
        worst.append(activity - matrix.row_upper)
        return all(float(short.max(initial=-1.0)) <= TIGHT for short in worst)

    def _dual(
        self, other: VariantModel, step: float
    ) -> tuple[float | None, tuple[int, ...], tuple[str, ...]]:
        """The price by the multipliers, the steps in which what it moves is priced, and the phases."""
        if self.answer.duals is None or not same_shape(other.matrix, self.base.matrix):
            return None, (), ()
        first = fix_integers(self.base.matrix, self.answer.point)
        second = fix_integers(other.matrix, self.answer.point)
        slope, by_column, by_row = lagrangian(first, second, self.answer, step)
        slope += (other.offset - self.base.offset) / step
        return slope, self._steps(by_column, by_row), self._phases(by_column, by_row)

    def _phases(self, by_column: FloatArray, by_row: FloatArray) -> tuple[str, ...]:
        """The phases whose bounds are priced, and the pairs of them: `L1 over L2`."""
        base, found = self.base, set()
        for entries, labelled, at in (
            (by_column, base.matrix.variables, base.columns),
            (by_row, base.matrix.families, base.rows),
        ):
            for name, _ in labelled:
                last = name.rpartition(".")[2]
                if last in BY_PHASE and (np.abs(entries[at(name)]) > TIGHT).any():
                    found.add(last.replace("_", " "))
        return tuple(sorted(found))

    def _steps(self, by_column: FloatArray, by_row: FloatArray) -> tuple[int, ...]:
        base, steps = self.base, self.case.spec.steps
        tight = np.zeros(steps, dtype=bool)
        slots = base.program.slot_index.slots
        for entries, labelled, at in (
            (by_column, base.matrix.variables, base.columns),
            (by_row, base.matrix.families, base.rows),
        ):
            for name, labels in labelled:
                priced = np.abs(entries[at(name)]) > TIGHT
                if labels.shape == (steps,) and len(priced) == steps:
                    tight |= priced
                elif name == "charge" and len(priced) == len(slots):
                    tight[slots.step[priced]] = True
        return tuple(int(t) for t in np.flatnonzero(tight))

    def _count(self, lever: Lever) -> LinePrice | None:
        """One more and one less of something counted, at each time, with everything decided anew."""
        now = float(value_of_setting(lever, self.case).max())
        values = [self._anew(self._model(lever, 1.0))]
        values.append(self._anew(self._model(lever, -1.0)) if now >= 1 else None)
        more, less = (None if value is None else value - self.free for value in values)
        return self._worthy(LinePrice(lever, 1.0, more, less, None, ()))

    def _worthy(self, price: LinePrice, step: float = 1.0) -> LinePrice | None:
        """The price, with rounding taken for nothing; `None` where nothing is left."""
        decided = price.lever.whole or self.how.exact
        gap = 2.0 * self.asker.options.gap if decided and self.base.matrix.is_discrete else 0.0
        size = max(abs(self._start()), 1.0)
        least = max(WORTH * size, gap * size / step)

        def clean(value: float | None) -> float | None:
            return 0.0 if value is not None and abs(value) < least else value

        found = replace(price, more=clean(price.more), less=clean(price.less), dual=clean(price.dual))
        return found if found.worth > 0 else None


def find_prices(
    case: Variant, earlier: Sequence[StageResult], asker: Session, how: PriceOptions, tell: OnProgress
) -> Prices | None:
    """The prices of the stage after the earlier ones; `None` where it has no schedule.

    Raises `UndecidedError`.
    """
    base = stage_model(case, asker.backend, earlier)
    first = asker.solve(base.matrix)
    if first is None:
        return None
    answer: Optimum | None = first
    if base.matrix.is_discrete:
        answer = asker.solve(fix_integers(base.matrix, first.point))
    assert answer is not None, "the point at hand is feasible"
    if answer.duals is None:
        how = replace(how, quick=False)
    market = _Pricer(case, earlier, asker, how, base, answer, first.value + base.offset)
    found: list[LinePrice] = []
    idle: list[Lever] = []
    sign = base.matrix.sign
    for lever in (*levers(case), *earlier_stages(case, len(earlier))):
        if lever.sort == TOGGLE or not (lever.written or lever.whole):
            continue
        tell(f"pricing {lever.shown}")
        price = market.price(as_priced(lever, case))
        if price is None:
            idle.append(lever)
        else:
            found.append(_in_sense(price, sign))
    found.sort(key=lambda price: -price.worth)
    stage = case.spec.stages[len(earlier)]
    value = sign * market.free + stage.constant
    return Prices(len(earlier), value, tuple(found), tuple(idle), base.matrix.is_discrete, asker.solves, how)


def _in_sense(price: LinePrice, sign: float) -> LinePrice:
    """Changes of the value that is told, where the model made its negative small."""
    lever = price.lever
    shares = lever.dimension == NUMBER or lever.proportional
    unit = 0.01 if lever.sort == SETTING and shares and not lever.whole else 1.0
    told = (None if v is None else unit * sign * v + 0.0 for v in (price.more, price.less, price.dual))
    more, less, dual = told
    rise, fall = (jump and Jump(sign * jump.change, jump.step / unit) for jump in price.jumps)
    return replace(price, unit=unit, more=more, less=less, dual=dual, jumps=(rise, fall))
