"""Syntax to a resolved problem: includes read, names bound, settings checked, stages weighed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from evdsl import ast, checks
from evdsl.constraints import TOGGLES
from evdsl.devices import KINDS, PLANNED, kind
from evdsl.diagnostic import Diagnostic, did_you_mean, has_errors
from evdsl.evaluate import Scope, definition
from evdsl.files import locate, read_text
from evdsl.objectives import WORDS
from evdsl.schema import Kind
from evdsl.sessions_call import read_sessions
from evdsl.settings import check_settings
from evdsl.source import MAXIMUM_BYTES, Source, Span
from evdsl.spec import Device, Spec, Stage, Switch
from evdsl.stages import read_stages
from evdsl.syntax import parse, parse_expression
from evdsl.units import CURRENCIES
from evdsl.values import Const, Instant, TextValue, Value

MAXIMUM_STEPS = 200_000
"""Two years in steps of 5 min; the largest model that this is for."""


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says over the file."""

    set: Mapping[str, str] | None = None
    enable: Sequence[str] = ()
    disable: Sequence[str] = ()
    seed: int | None = None
    folders: Sequence[Path] = ()


def resolve(source: Source, overrides: Overrides | None = None) -> tuple[Spec | None, list[Diagnostic]]:
    """The problem that a text states, and every finding. No problem where a finding is an error."""
    overrides = overrides or Overrides()
    reading = _Reading(source, overrides)
    spec = reading.spec()
    for check in checks.CHECKS if spec is not None else ():
        reading.diagnostics += check(spec)
    failed = spec is None or has_errors(reading.diagnostics)
    return (None if failed else spec), reading.diagnostics


class _Reading:
    def __init__(self, source: Source, overrides: Overrides) -> None:
        self.source = source
        self.overrides = overrides
        self.diagnostics: list[Diagnostic] = []
        own = source.path.parent if source.path is not None else Path.cwd()
        self.folders = tuple(dict.fromkeys([own, *overrides.folders]))
        self.sources: list[Source] = []
        self.unread: set[str] = set()
        self.statements = self._load(source, ())
        self.scope = self._scope()

    def _load(self, source: Source, above: tuple[Source, ...]) -> list[ast.Statement]:
        """The statements of a file and of all that it includes, in order."""
        self.sources.append(source)
        file, problems = parse(source)
        self.diagnostics += problems
        self.unread |= file.unread
        found: list[ast.Statement] = []
        for statement in file.statements:
            if isinstance(statement, ast.Include):
                found += self._included(statement, (*above, source))
            else:
                found.append(statement)
        return found

    def _included(self, include: ast.Include, above: tuple[Source, ...]) -> list[ast.Statement]:
        span = include.path.span
        folder = above[-1].path.parent if above[-1].path is not None else Path.cwd()
        root = self.folders[0].resolve()
        relative = folder.resolve().relative_to(root) if folder.resolve().is_relative_to(root) else Path()
        path = locate(str(relative / include.path.value), [root], span)
        if "://" in include.path.value or include.path.value.startswith(("/", "\\", "~")):
            path = locate(include.path.value, [root], span)
        if isinstance(path, Diagnostic):
            self.diagnostics.append(path)
            return []
        if any(source.path is not None and source.path.resolve() == path for source in above):
            chain = " -> ".join([*(source.name for source in above), include.path.value])
            self.diagnostics.append(Diagnostic("E210", f"the file includes itself: {chain}", span))
            return []
        if any(source.path is not None and source.path.resolve() == path for source in self.sources):
            message = f'"{include.path.value}" is included twice'
            self.diagnostics.append(Diagnostic("E211", message, span, "", "include it once"))
            return []
        text = read_text(path, include.path.value, MAXIMUM_BYTES, span)
        if isinstance(text, Diagnostic):
            self.diagnostics.append(text)
            return []
        return self._load(Source(include.path.value, text, path), above)

    def _scope(self) -> Scope:
        definitions: dict[str, ast.Param | ast.Let] = {}
        words = {word.name: word.dimension for word in WORDS}
        for statement in self.statements:
            if not isinstance(statement, ast.Param | ast.Let):
                continue
            name = statement.name.text
            if name in definitions or name in words or name == "max_energy":
                first = definitions[name].span.line if name in definitions else None
                where = f", first on line {first}" if first else " by the language"
                self._report("E207", f"`{name}` is defined twice{where}", statement.name.span)
            else:
                definitions[name] = statement
        folders = self.folders
        scope = Scope(definitions, words, folders, frozenset(self.unread), self.diagnostics)
        scope.overrides = self._set_values(definitions)
        return scope

    def _set_values(self, definitions: Mapping[str, ast.Param | ast.Let]) -> dict[str, ast.Expression]:
        values: dict[str, ast.Expression] = {}
        params = [name for name, statement in definitions.items() if isinstance(statement, ast.Param)]
        for name, text in (self.overrides.set or {}).items():
            source = Source(f"--set {name}", text)
            expression, problems = parse_expression(source)
            if name not in params:
                help = did_you_mean(name, params) or f"params are {', '.join(params) or 'none'}"
                self._report("E203", f"the spec has no param `{name}`", Span(source, 0, len(text)), help)
            elif expression is None:
                self.diagnostics += problems
            else:
                values[name] = expression
        return values

    def _report(self, code: str, message: str, span: Span | None, help: str = "") -> None:
        self.diagnostics.append(Diagnostic(code, message, span, "", help))

    def spec(self) -> Spec | None:
        """The problem, as far as it can be put together."""
        devices = self._devices()
        toggles = self._toggles()
        stages = read_stages(self.statements, self.scope, self.source)
        derived = self._derived()
        self._refuse_planned()
        station = next((device for device in devices if device.kind == "station"), None)
        if station is None:
            if not self.unread:
                help = "write `station NAME { start = 2024-03-12 ... }`; `evdsl new NAME` begins one"
                self._report("E209", "the spec has no `station`", _end(self.source), help)
            return None
        return self._assembled(station, devices, toggles, stages, derived)

    def _devices(self) -> list[Device]:
        devices: list[Device] = []
        places: dict[tuple[str, str], Span] = {}
        for statement in self.statements:
            if not isinstance(statement, ast.Block | ast.Declaration):
                continue
            found = kind(statement.kind.text)
            if found is None:
                self._unknown_kind(statement.kind)
                continue
            device = self._device(statement, found)
            key = (found.keyword, "" if found.single else device.name)
            group = "vehicle" if found.of else found.keyword
            key = (group, key[1])
            if key in places:
                what = f"`{found.keyword}`" if found.single else f"`{device.name}`"
                message = f"{what} is defined twice, first on line {places[key].line}"
                self._report("E207", message, device.header, "give each block a name of its own")
                continue
            places[key] = device.header
            devices.append(device)
        self._check_references(devices)
        return devices

    def _device(self, statement: ast.Block | ast.Declaration, kind: Kind) -> Device:
        name = statement.name.text if statement.name is not None else ""
        header = statement.header if isinstance(statement, ast.Block) else statement.kind.span.to(
            (statement.of or statement.name).span
        )
        owner = f"{kind.keyword} {name}".strip()
        if kind.named and not name and kind.keyword != "grid":
            self._report("E208", f"a `{kind.keyword}` needs a name", header, f"write `{kind.keyword} NAME {{`")
        if kind.of and statement.of is None:
            self._report("E208", f"`{owner}` needs a class", header, f"write `{owner} of CLASS`")
        if not kind.of and statement.of is not None:
            self._report("E202", f"a `{kind.keyword}` is not of a class", statement.of.span, "remove it")
        rows = None
        given: list[ast.Setting] = []
        if kind.from_data and isinstance(statement, ast.Declaration):
            given, rows = read_sessions(statement, owner, self.scope)
            if rows is None:
                return Device(kind.keyword, name, "", {}, frozenset(), statement.span, header)
        elif kind.from_data or isinstance(statement, ast.Declaration):
            shape = f"`{owner} = csv(...)`" if kind.from_data else f"`{owner} {{ ... }}`"
            self._report("E305", f"`{kind.keyword}` is written {shape}", header)
        else:
            for inner in statement.body:
                if isinstance(inner, ast.Setting):
                    given.append(inner)
                else:
                    self._report("E101", "a block holds settings only", inner.span, "move it out of the braces")
        values, written = check_settings(kind, owner, given, header, self.scope)
        of = statement.of.text if statement.of is not None else ""
        if written:
            return Device(kind.keyword, name, of, values, written, statement.span, header, rows)
        return Device(kind.keyword, name, of, values, frozenset(), statement.span, header, rows)

    def _unknown_kind(self, name: ast.Name) -> None:
        if name.text in PLANNED:
            message = f"`{name.text}` ({PLANNED[name.text]}) is not built in this version"
            self._report("E206", message, name.span, "remove the block to go on without it")
        else:
            help = did_you_mean(name.text, [*(k.keyword for k in KINDS), *PLANNED])
            self._report("E201", f"there is no block `{name.text}`", name.span, help)

    def _check_references(self, devices: list[Device]) -> None:
        names = {(device.kind, device.name) for device in devices}
        for device in devices:
            found = kind(device.kind)
            assert found is not None
            if found.of and device.of and ("class", device.of) not in names and device.of not in self.unread:
                help = did_you_mean(device.of, [n for k, n in names if k == "class"]) or f"write `class {device.of} {{`"
                self._report("E203", f"there is no class `{device.of}`", device.header, help)
            for setting in found.settings:
                for name in device.names(setting.name) if setting.refers_to else ():
                    if (setting.refers_to, name) not in names and name not in self.unread:
                        help = did_you_mean(name, [n for k, n in names if k == setting.refers_to])
                        message = f"there is no {setting.refers_to} `{name}`"
                        self._report("E203", message, device.place(setting.name), help)

    def _toggles(self) -> dict[str, Switch]:
        switches = {toggle.name: Switch(toggle.default, None) for toggle in TOGGLES}
        for statement in self.statements:
            for name in statement.names if isinstance(statement, ast.Toggle) else ():
                earlier = switches.get(name.text)
                if earlier is not None and earlier.span is not None and earlier.on != statement.on:
                    message = f"`{name.text}` is both enabled and disabled, first on line {earlier.span.line}"
                    self._report("E207", message, name.span, "keep one of them")
                self._switch(switches, name.text, statement.on, name.span)
        for names, on in ((self.overrides.enable, True), (self.overrides.disable, False)):
            for text in names:
                flag = "--enable" if on else "--disable"
                source = Source(flag, text)
                self._switch(switches, text, on, Span(source, 0, len(text)))
        return switches

    def _switch(self, switches: dict[str, Switch], name: str, on: bool, span: Span) -> None:
        from evdsl.constraints import PLANNED_TOGGLES

        if name in switches:
            switches[name] = Switch(on, span)
        elif name in PLANNED_TOGGLES:
            self._report("E206", f"the toggle `{name}` is not built in this version", span, "remove it")
        else:
            help = did_you_mean(name, [*switches, *PLANNED_TOGGLES]) or f"toggles are {', '.join(switches)}"
            self._report("E204", f"there is no toggle `{name}`", span, help)

    def _derived(self) -> dict[str, Value]:
        derived: dict[str, Value] = {}
        for name, statement in self.scope.definitions.items():
            value = definition(name, self.scope, statement.name.span)
            if isinstance(statement, ast.Let) and value is not None:
                derived[name] = value
        return derived

    def _refuse_planned(self) -> None:
        for statement in self.statements:
            if isinstance(statement, ast.Requirement | ast.Pareto):
                word = "require" if isinstance(statement, ast.Requirement) else "pareto"
                self._report("E206", f"`{word}` is not built in this version", statement.span, "remove it")
            elif isinstance(statement, ast.Setting):
                message = f"`{statement.name.text} = ...` stands outside a block"
                help = f"put it into a block, or write `param {statement.name.text} = ...`"
                self._report("E101", message, statement.name.span, help)

    def _assembled(
        self,
        station: Device,
        devices: list[Device],
        toggles: dict[str, Switch],
        stages: tuple[Stage, ...],
        derived: dict[str, Value],
    ) -> Spec | None:
        """The problem, also where other parts have errors, so that the checks still see the rest."""
        zone = self._zone(station)
        start = station.get("start")
        currency = station.get("currency")
        if isinstance(currency, TextValue):
            self._note_currency(currency.value, station.place("currency"))
        if zone is None or not isinstance(start, Instant):
            return None
        start_utc = self._utc(start, zone)
        steps = self._steps(station, start, zone)
        rounding = station.get("rounding")
        if start_utc is None or steps is None or not isinstance(rounding, TextValue):
            return None
        seed = int(station.number("seed", 0.0)) if self.overrides.seed is None else self.overrides.seed
        digest = _fingerprint([devices, sorted(toggles.items()), stages, sorted(derived.items()), seed])
        return Spec(
            name=station.name,
            start=start.when,
            start_utc=start_utc,
            zone=str(zone),
            steps=steps,
            step=station.number("step"),
            seed=seed,
            currency=self.scope.currency or "EUR",
            rounding=rounding.value,
            devices=tuple(devices),
            toggles=toggles,
            stages=stages,
            derived=derived,
            source=self.source,
            sources=tuple(self.sources),
            folders=self.folders,
            digest=digest,
        )

    def _note_currency(self, code: str, span: Span) -> None:
        if code in CURRENCIES:
            self.scope.note_currency(code, span)
        else:
            help = did_you_mean(code, CURRENCIES) or "write a code of ISO 4217 such as EUR"
            self._report("E302", f"`{code}` is not a currency", span, help)

    def _zone(self, station: Device) -> ZoneInfo | None:
        value = station.get("zone")
        if not isinstance(value, TextValue):
            return None
        try:
            return ZoneInfo(value.value)
        except (KeyError, ValueError, OSError):
            message = f'"{value.value}" is not a time zone of the IANA database'
            self._report("E203", message, station.place("zone"), 'write a name such as "Europe/Rome"')
            return None

    def _utc(self, start: Instant, zone: ZoneInfo) -> datetime | None:
        local = start.when.replace(tzinfo=zone)
        utc = local.astimezone(UTC)
        if utc.astimezone(zone).replace(tzinfo=None) != start.when:
            message = f"{start.when:%Y-%m-%d %H:%M} is skipped by the clocks of {zone}"
            self._report("E413", message, start.span, "begin an hour later")
            return None
        return utc.replace(tzinfo=None)

    def _steps(self, station: Device, start: Instant, zone: ZoneInfo) -> int | None:
        horizon, length = station.get("horizon"), station.get("step")
        if not isinstance(horizon, Const) or not isinstance(length, Const):
            return None
        step = length.value
        place = station.place("horizon")
        if horizon.value / step > MAXIMUM_STEPS:
            message = f"the horizon has {horizon.value / step:.4g} steps, and {MAXIMUM_STEPS:,} can be planned"
            self._report("E410", message, place, "take a shorter horizon or longer steps")
            return None
        hours = elapsed_hours(start.when, horizon, zone)
        count = hours / step
        if abs(count - round(count)) > 1e-6 or round(count) < 1:
            message = f"the horizon of {hours:g} h is not a whole number of steps of {step * 60:g} min"
            self._report("E409", message, place, "make the horizon a multiple of the step")
            return None
        return round(count)


def elapsed_hours(start: datetime, length: Const, zone: ZoneInfo) -> float:
    """Hours from a local start: calendar days follow the clocks, the rest is elapsed time."""
    if not length.days:
        return length.value
    whole = int(length.days)
    end = start + timedelta(days=whole)
    elapsed = end.replace(tzinfo=zone).astimezone(UTC) - start.replace(tzinfo=zone).astimezone(UTC)
    return elapsed.total_seconds() / 3600 + length.value - 24.0 * whole


def _end(source: Source) -> Span:
    end = len(source.text.rstrip())
    return Span(source, end, end)


def _fingerprint(parts: Iterable[object]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        _feed(part, digest)
    return digest.hexdigest()


def _feed(value: object, digest: hashlib._Hash) -> None:
    if isinstance(value, Span | Source):
        return
    if is_dataclass(value):
        digest.update(type(value).__name__.encode())
        for item in fields(value):
            _feed(getattr(value, item.name), digest)
    elif isinstance(value, Mapping):
        for key in sorted(value):
            digest.update(str(key).encode())
            _feed(value[key], digest)
    elif isinstance(value, frozenset):
        digest.update(repr(sorted(value)).encode())
    elif isinstance(value, list | tuple):
        digest.update(str(len(value)).encode())
        for item in value:
            _feed(item, digest)
    elif isinstance(value, Path):
        digest.update(value.name.encode())
    else:
        digest.update(repr(value).encode())
