"""The price of a choice: what it costs in every word of the objective, as two verified schedules show.

A choice is a word or a toggle:

    a word     the spec as written against: that word at its best first, then the spec's first objective
               (what that objective asks of the service, such as `unmet`, is kept as it was: nobody would
               call a station clean that charges nobody)
    a toggle   the spec with the toggle on against the spec with it off

The price is what the spec's first objective loses: by the word, or by the toggle being off, which is what the
toggle earns. Relative to its value as written it is, for `fairness`, the price of fairness; it is also told
for each unit that a word got better by (t of `co2`), and for `v2g` for each kWh discharged.

Source: D. Bertsimas, V. Farias, N. Trichakis, "The price of fairness", Operations Research 59 (2011).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from evdsl.data.data import Data
from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean
from evdsl.diagnostics.source import Source, Span
from evdsl.language.objectives import WORDS, declared_word, word
from evdsl.language.spec import Spec, Stage, Switch
from evdsl.language.toggles import TOGGLES
from evdsl.language.units import symbol
from evdsl.optimization.failure import diagnose
from evdsl.optimization.problem import compile_spec
from evdsl.optimization.result import Result, StageResult
from evdsl.optimization.rounding import Worth, difference, share_of, worth, worth_of_word
from evdsl.semantics.checks import needs, reward_left_out
from evdsl.semantics.checks.reward_left_out import WEIGHED_IN
from evdsl.solver.backend import Backend, Listener
from evdsl.solver.solution import Deadline, Options, Status

SERVICE = ("unmet", "dissatisfaction", "fairness", "lexfairness")
"""Words that ask for energy to be delivered."""


@dataclass(frozen=True, slots=True)
class Price:
    """Two verified schedules that differ by a choice, and what an objective loses in the second.

    `titles` name the two; `loss` is in the unit of `objective`, positive where the second is worse;
    `gain` is what there is for it, in `gain_unit`: of a word how much better it got, of a toggle the energy
    discharged more with it on. What is rounding is zero, and nothing is divided by it.
    """

    choice: str
    of_toggle: bool
    titles: tuple[str, str]
    results: tuple[Result, Result]
    objective: Stage
    worths: tuple[Worth, Worth]
    gain: float
    gain_unit: str

    @property
    def loss(self) -> float:
        """By how much the second schedule is worse in the objective; below zero where it is better."""
        return self.objective.sign * difference(*self.worths) + 0.0

    @property
    def values(self) -> tuple[float, float]:
        """What the objective is worth in both."""
        return self.worths[0].value, self.worths[1].value

    @property
    def relative(self) -> float | None:
        """The loss as a share of the value as written, or without the toggle; `None` of nothing."""
        base = self.worths[1 if self.of_toggle else 0]
        return share_of(self.loss, base) if base.value else None

    @property
    def profits(self) -> tuple[Worth, Worth] | None:
        """The profit of both, where drivers pay or are paid and the objective does not weigh it already.

        It is told of `v2g`, which may pay drivers more than it earns.
        """
        if self.choice != "v2g" or WEIGHED_IN & set(self.objective.weights):
            return None
        first, second = (worth_of_word("profit", result.terms, result.verdict) for result in self.results)
        return None if first is None or second is None else (first, second)

    @property
    def rate(self) -> float | None:
        """The loss for each unit of the gain; `None` where nothing is gained."""
        return self.loss / self.gain if self.gain > 0 else None

    @property
    def rate_unit(self) -> str:
        """The unit of `rate`, such as `EUR/kg`."""
        own = symbol(self.objective.dimension, self.results[0].spec.currency)
        return f"{own or '1'}/{self.gain_unit}" if self.gain_unit else own


class Pricing:
    """Prices of several choices in one spec; the schedule as written is solved once."""

    def __init__(
        self,
        spec: Spec,
        data: Data,
        backend: Backend,
        options: Options,
        listener: Listener | None = None,
        told: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.spec, self.data, self.backend, self.told = spec, data, backend, told
        self.options, self.listener = options.seeded(spec.seed), listener
        self.deadline = Deadline.of(options)
        self.written: Result | None = None
        self.failed: Result | None = None

    def price(self, choice: str) -> Price | list[Diagnostic]:
        """The price of a word or a toggle, or why there is none; `failed` is the run without a schedule."""
        refused = refusal(self.spec, choice)
        if refused:
            return refused
        return self._of_toggle(choice) if choice in self.spec.toggles else self._of_word(choice)

    def _of_word(self, name: str) -> Price | list[Diagnostic]:
        if self.written is None:
            found = self._solved(self.spec, self.data, "as written")
            if isinstance(found, list):
                return found
            self.written = found
        stage = best_of(name)
        other = replace(self.spec, stages=(stage, replace(self.spec.stages[0], allowing=0.0)))
        kept = kept_service(name, self.spec)
        terms = self.written.terms
        levels = [StageResult(best_of(word), Status.OPTIMAL, terms[word], terms[word], 0.0) for word in kept]
        found = self._solved(other, self.data, f"{name} first", levels)
        if isinstance(found, list):
            return found
        before, after = (worth_in(stage, result) for result in (self.written, found))
        gain = -stage.sign * difference(before, after) + 0.0
        unit = symbol(stage.dimension, self.spec.currency)
        return self._price(name, False, ("as written", f"{name} first"), (self.written, found), gain, unit)

    def _of_toggle(self, name: str) -> Price | list[Diagnostic]:
        results: list[Result] = []
        for on in (True, False):
            spec = replace(self.spec, toggles={**self.spec.toggles, name: Switch(on, _place(name))})
            data, problems = load_data(spec)
            if data is None:
                return problems
            found = self._solved(spec, data, f"{name} {'on' if on else 'off'}")
            if isinstance(found, list):
                return found
            results.append(found)
        given = [Worth(size, size) for size in (result.terms.get("discharged", 0.0) for result in results)]
        pair, titles = (results[0], results[1]), (f"{name} on", f"{name} off")
        return self._price(name, True, titles, pair, difference(given[1], given[0]), "kWh")

    def _price(
        self,
        choice: str,
        of_toggle: bool,
        titles: tuple[str, str],
        results: tuple[Result, Result],
        gain: float,
        unit: str,
    ) -> Price:
        objective = self.spec.stages[0]
        first, second = (worth_in(objective, result) for result in results)
        return Price(choice, of_toggle, titles, results, objective, (first, second), gain, unit)

    def _solved(
        self, spec: Spec, data: Data, what: str, levels: Sequence[StageResult] = ()
    ) -> Result | list[Diagnostic]:
        """A verified schedule, or why there is none."""
        self.told(what)
        options = self.deadline.within(self.options)
        result = compile_spec(spec, data).run(self.backend, options, self.listener, levels=levels)
        if result.status.has_schedule and not result.interrupted:
            return result
        self.failed = result
        problems = diagnose(result, self.backend, self.options).diagnostics
        return [replace(found, message=f"{what}: {found.message}") for found in problems]


def worth_in(stage: Stage, result: Result) -> Worth:
    """What an expression is worth in a verified schedule."""
    found = worth(stage, result.terms, result.verdict)
    assert found is not None, "a word without its settings is refused"
    return found


def doubts(spec: Spec, choice: str) -> list[Diagnostic]:
    """What is odd about a spec once a toggle is on, though not as it is written."""
    if choice not in spec.toggles or spec.on(choice):
        return []
    return reward_left_out.check(replace(spec, toggles={**spec.toggles, choice: Switch(True, None)}))


def kept_service(name: str, spec: Spec) -> tuple[str, ...]:
    """The words about service that are kept as written while another word is made its best."""
    return () if name in SERVICE else tuple(used for used in spec.stages[0].weights if used in SERVICE)


def best_of(name: str) -> Stage:
    """The stage that makes a word as good as it can be."""
    declared = declared_word(name)
    sense = "maximize" if declared.better == "large" else "minimize"
    return Stage(sense, {name: 1.0}, 0.0, declared.dimension, 0.0, name, _place(name))


def refusal(spec: Spec, choice: str) -> list[Diagnostic]:
    """Why a choice has no price in a spec, before anything is solved; empty where it may have one."""
    if spec.pareto is not None:
        message = "a price needs an objective, and the spec asks for a front"
        help = "write `minimize ...` for `pareto ...`; `evdsl solve` tells the prices along a front"
        return [Diagnostic("E402", message, spec.pareto.span, "", help)]
    toggle = next((toggle for toggle in TOGGLES if toggle.name == choice), None)
    if toggle is not None:
        reason = toggle.idle(replace(spec, toggles={**spec.toggles, choice: Switch(True, None)}))
        if reason is None:
            return []
        message = f"`{choice}` has no price here, since it has nothing to act on: {reason}"
        help = "give it something to act on; `evdsl check -v` shows what the spec has"
        return [Diagnostic("E405", message, spec.source_span(), "", help)]
    declared = word(choice)
    if declared is None:
        known = [*(w.name for w in WORDS), *(t.name for t in TOGGLES)]
        help = (
            did_you_mean(choice, known)
            or "name a word such as `fairness` or `co2`, or a toggle such as `v2g`"
        )
        return [Diagnostic("E203", f"there is no word and no toggle `{choice}`", _place(choice), "", help)]
    problems = needs.check(replace(spec, word_uses=((choice, spec.source_span()),)))
    blocks = [device for kind, _ in declared.needs for device in spec.of_kind(kind)]
    return [replace(found, span=blocks[0].header) if blocks else found for found in problems]


def _place(name: str) -> Span:
    """The word on the command line that made the choice."""
    return Span(Source("price", name), 0, len(name))
