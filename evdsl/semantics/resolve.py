"""Syntax to a resolved problem: names bound, settings checked, stages weighed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean, has_errors, suggest
from evdsl.diagnostics.source import Source, Span
from evdsl.language.names import RESERVED
from evdsl.language.objectives import WORDS
from evdsl.language.spec import Device, Spec, Stage, Switch
from evdsl.language.steps import NO_HORIZON, Horizon
from evdsl.language.toggles import TOGGLES
from evdsl.language.units import CURRENCIES
from evdsl.language.values import TextValue, Value
from evdsl.semantics import checks
from evdsl.semantics.blocks import read_blocks
from evdsl.semantics.evaluate import definition
from evdsl.semantics.fingerprint import fingerprint
from evdsl.semantics.front import read_front
from evdsl.semantics.functions import EVALUATORS
from evdsl.semantics.lets import of_singles, read_lets
from evdsl.semantics.objective import read_stages
from evdsl.semantics.overrides import Overrides, set_values
from evdsl.semantics.quantity import bare_name, single
from evdsl.semantics.requirements import read_requirements
from evdsl.semantics.scope import Indexing, Scope
from evdsl.semantics.times.horizon import read_horizon
from evdsl.syntax import ast
from evdsl.syntax.includes import load

__all__ = ["Overrides", "resolve"]

MAXIMUM_DEFINITIONS = 500
"""Params and lets of one spec."""


def resolve(source: Source, overrides: Overrides | None = None) -> tuple[Spec | None, list[Diagnostic]]:
    """The problem that a text states, and every finding. No problem where a finding is an error."""
    reading = _Reading(source, overrides or Overrides())
    spec = reading.spec()
    scope = reading.scope
    scope.add(
        *checks.run(spec, scope.diagnostics, timed=reading.timed, opaque=scope.opaque or scope.incomplete)
    )
    return (None if has_errors(scope.diagnostics) else spec), scope.diagnostics


class _Reading:
    def __init__(self, source: Source, overrides: Overrides) -> None:
        self.source = source
        self.overrides = overrides
        own = source.path.parent if source.path is not None else Path.cwd()
        self.folders = tuple(dict.fromkeys([own, *overrides.folders]))
        loaded = load(source, self.folders)
        self.statements = loaded.statements
        self.sources = loaded.sources
        self.scope = Scope(
            definitions={},
            words={word.name: word.dimension for word in WORDS},
            folders=self.folders,
            unread=loaded.unread,
            incomplete=loaded.missing or any(suggest(name, ["include"]) for name in loaded.unread),
            diagnostics=loaded.diagnostics,
            opaque=any(problem.code < "E2" and problem.code != "E104" for problem in loaded.diagnostics),
            functions=EVALUATORS,
            indexed=Indexing(single, bare_name),
            misread=frozenset(p.span for p in loaded.diagnostics if p.code in ("E104", "E307") and p.span),
        )
        self.timed = False
        self.scope.definitions = self._definitions()
        self.scope.overrides = set_values(overrides, self.scope)

    def _definitions(self) -> dict[str, ast.Param | ast.Let]:
        definitions: dict[str, ast.Param | ast.Let] = {}
        for statement in self.statements:
            if not isinstance(statement, ast.Param | ast.Let):
                continue
            name, span = statement.name.text, statement.name.span
            if name in self.scope.words or name in RESERVED:
                message = f"`{name}` is a word of the language, and cannot be defined"
                self.scope.report("E207", message, span, "", "take another name")
            elif name in definitions:
                first = definitions[name].name.span
                message = f"`{name}` is defined twice, first on line {first.line}"
                self.scope.report("E207", message, span, "", "keep one of them")
            elif len(definitions) >= MAXIMUM_DEFINITIONS:
                message = f"a spec has at most {MAXIMUM_DEFINITIONS} params and lets"
                self.scope.report("E003", message, span, "", "keep long lists in a CSV file")
                # What follows is not known, and nothing is said of its uses.
                self.scope.incomplete = True
                break
            else:
                definitions[name] = statement
        return definitions

    def spec(self) -> Spec:
        """The problem, as far as it can be put together, so that the checks still see the rest."""
        self._refuse_misplaced()
        # In the order of the file, so that a long chain of names is no deep one.
        derived = self._derived()
        devices = read_blocks(self.statements, self.scope)
        toggles = self._toggles()
        station = next((device for device in devices if device.kind == "station"), None)
        horizon = None if station is None else read_horizon(station, self.scope)
        singles, series = read_lets(self.scope.singles, devices, horizon, self.scope)
        derived |= singles
        stages = read_stages(self.statements, devices, horizon, self.scope, self.sources)
        front = read_front(self.statements, devices, horizon, self.scope)
        if station is None:
            self._no_station()
        if front is not None:
            stages = (front.first, front.second)
        spec = self._assembled(station, horizon, devices, toggles, stages, derived)
        return replace(spec, series=series, pareto=front)

    def _no_station(self) -> None:
        """E209, unless the station is there and something else is wrong with it."""
        if self.scope.incomplete or any(suggest(word, ["station"]) for word in self.scope.unread):
            return
        end = len(self.source.text.rstrip())
        help = "write `station NAME { start = 2024-03-12 ... }`; `evdsl new NAME` begins one"
        self.scope.report("E209", "the spec has no `station`", Span(self.source, end, end), "", help)

    def _toggles(self) -> dict[str, Switch]:
        switches = {toggle.name: Switch(toggle.default, None) for toggle in TOGGLES}
        written = [statement for statement in self.statements if isinstance(statement, ast.Toggle)]
        for statement in written:
            for name in statement.names:
                earlier = switches.get(name.text)
                if earlier is not None and earlier.span is not None and earlier.on != statement.on:
                    message = f"`{name.text}` is both enabled and disabled, first on line {earlier.span.line}"
                    self.scope.report("E207", message, name.span, "", "keep one of them")
                self._switch(switches, name.text, statement.on, name.span)
        for names, on in ((self.overrides.enable, True), (self.overrides.disable, False)):
            for text in names:
                source = Source("--enable" if on else "--disable", text)
                self._switch(switches, text, on, Span(source, 0, len(text)))
        return switches

    def _switch(self, switches: dict[str, Switch], name: str, on: bool, span: Span) -> None:
        if name in switches:
            switches[name] = Switch(on, span)
        else:
            help = did_you_mean(name, switches) or f"toggles are {', '.join(switches)}"
            self.scope.report("E204", f"there is no toggle `{name}`", span, "", help)

    def _derived(self) -> dict[str, Value]:
        derived: dict[str, Value] = {}
        self.scope.singles = of_singles(self.scope.definitions)
        for name, statement in self.scope.definitions.items():
            if name in self.scope.singles:
                continue
            value = definition(name, self.scope, statement.name.span)
            if isinstance(statement, ast.Let) and value is not None:
                derived[name] = value
        return derived

    def _refuse_misplaced(self) -> None:
        for statement in self.statements:
            if isinstance(statement, ast.Setting):
                message = f"`{statement.name.text} = ...` stands outside a block"
                help = f"put it into a block, or write `param {statement.name.text} = ...`"
                self.scope.unread.add(statement.name.text)
                self.scope.opaque = True
                self.scope.report("E101", message, statement.name.span, "", help)

    def _assembled(
        self,
        station: Device | None,
        horizon: Horizon | None,
        devices: list[Device],
        toggles: dict[str, Switch],
        stages: tuple[Stage, ...],
        derived: dict[str, Value],
    ) -> Spec:
        rounding, seed = None, self.overrides.seed
        if station is not None:
            currency = station.get("currency")
            if isinstance(currency, TextValue):
                self._note_currency(currency.value, station.place("currency"))
            rounding = station.get("rounding")
            seed = int(station.number("seed", 0.0)) if seed is None else seed
        self.timed = horizon is not None
        requirements = read_requirements(self.statements, devices, horizon, self.scope)
        # Without a clock there is an error, and only what needs none is looked at.
        horizon = horizon or NO_HORIZON
        parts = [devices, sorted(toggles.items()), stages, sorted(derived.items()), seed]
        digest = fingerprint([*parts, *([requirements] if requirements else [])])
        return Spec(
            name=station.name if station is not None else "",
            start=horizon.start,
            start_utc=horizon.start_utc,
            zone=str(horizon.zone),
            steps=horizon.steps,
            step=horizon.step,
            seed=seed or 0,
            currency=self.scope.currency or "EUR",
            rounding=rounding.value if isinstance(rounding, TextValue) else "exact",
            devices=tuple(devices),
            toggles=toggles,
            stages=stages,
            derived=derived,
            source=self.source,
            sources=tuple(self.sources),
            folders=self.folders,
            digest=digest,
            unused=self._unused(),
            word_uses=tuple(dict.fromkeys(self.scope.word_uses)),
            requirements=requirements,
        )

    def _unused(self) -> dict[str, Span]:
        params = [found for found in self.scope.definitions.values() if isinstance(found, ast.Param)]
        return {p.name.text: p.name.span for p in params if p.name.text not in self.scope.used}

    def _note_currency(self, code: str, span: Span) -> None:
        if code in CURRENCIES:
            self.scope.note_currency(code, span)
        else:
            help = did_you_mean(code, CURRENCIES) or "write a code of ISO 4217 such as EUR"
            self.scope.report("E302", f"`{code}` is not a currency", span, "", help)
