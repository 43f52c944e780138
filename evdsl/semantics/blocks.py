"""The blocks of a spec: each held against its kind, its name and its references bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from evdsl.diagnostics.diagnostic import suggest
from evdsl.diagnostics.source import Span
from evdsl.language.declaration import DEVICE, VEHICLE, Kind, Setting
from evdsl.language.devices import KINDS, PLANNED, kind
from evdsl.language.spec import VEHICLE_BLOCKS, Device, FileRows
from evdsl.language.values import TextValue
from evdsl.semantics.files.charges import is_read_from_tariff, read_charges
from evdsl.semantics.files.sessions import read_rows
from evdsl.semantics.phases import in_kilowatts, volts_of
from evdsl.semantics.scope import Scope
from evdsl.semantics.settings import check_settings
from evdsl.syntax import ast

TAKEN = frozenset(
    "site grid port vehicle visit time step end port_name visit_vehicle visit_step charge discharge energy "
    "energy_departure soc delivered unmet import export require stage peak fairness "
    "price feed_in carbon export_carbon import_limit export_limit state".split()
)
"""What rows of a model and variables of a schedule are called."""


def read_blocks(statements: Sequence[ast.Statement], scope: Scope) -> list[Device]:
    """All blocks in order; of two with one name, the first."""
    devices: list[Device] = []
    places: dict[tuple[str, str], Span] = {}
    referred: list[tuple[str, ast.Name]] = []
    scope.volts = volts_of(statements)
    for statement in statements:
        if not isinstance(statement, ast.Block | ast.Declaration):
            continue
        found = kind(statement.kind.text)
        if found is None:
            found = _unknown_kind(statement, scope)
        if found is None:
            continue
        device = _device(statement, found, scope)
        key = (found.family or found.keyword, "" if found.single else device.name)
        _check_free(found, device, scope)
        if key in places:
            what = f"`{found.keyword}`" if found.single else f"`{device.name}`"
            message = f"{what} is defined twice, first on line {places[key].line}"
            help = "keep one of them" if found.single else "give each block a name of its own"
            scope.report("E207", message, device.header, "", help)
            continue
        places[key] = device.header
        devices.append(device)
        if found.of and statement.of is not None:
            referred.append((found.of, statement.of))
    names = {found.keyword: [d.name for d in devices if d.kind == found.keyword] for found in KINDS}
    for of, name in referred:
        if of == VEHICLE:
            _check_vehicles(name, [d.name for d in devices if d.kind in VEHICLE_BLOCKS], scope)
        else:
            _check_reference(of, name.text, name.span, names, scope)
    for device in devices:
        for setting in _references(device.kind):
            for text in device.names(setting.name):
                _check_reference(setting.refers_to, text, device.place(setting.name), names, scope)
    return in_kilowatts(devices)


def _check_free(kind: Kind, device: Device, scope: Scope) -> None:
    """A device gives its name to a variable of the schedule, which has others already."""
    if kind.family == DEVICE and device.name in TAKEN:
        message = f"`{device.name}` is a word of schedules, and cannot name a {kind.keyword}"
        scope.report("E207", message, device.header, "", f"take another name, such as `{device.name}_1`")


def _unknown_kind(statement: ast.Block | ast.Declaration, scope: Scope) -> Kind | None:
    """Reports a keyword that no kind has; the kind that was clearly meant is gone on with."""
    word = statement.kind.text
    keywords = [found.keyword for found in KINDS]
    if word in PLANNED:
        message = f"`{word}` ({PLANNED[word]}) is not built in this version"
        scope.report("E206", message, statement.kind.span, "", "remove the block to go on without it")
    else:
        help = _instead(word, keywords)
        scope.report("E201", f"there is no block `{word}`", statement.kind.span, "", help)
        near = suggest(word, keywords)
        if near and f"`{near}`" in help:
            return kind(near)
        scope.opaque = True
    # Nothing is said of what refers to this block: it is there, under a word that is not known.
    scope.unread.add(word)
    if statement.name is not None:
        scope.unread.add(statement.name.text)
    return None


def _instead(word: str, keywords: Sequence[str]) -> str:
    """What to type for a keyword that no kind has; a block that is not built is no suggestion."""
    near = suggest(word, [*keywords, *PLANNED, "param", "let"])
    if near in PLANNED:
        return f"remove the block: if `{near}` ({PLANNED[near]}) is meant, this version does not build it"
    return f"did you mean `{near}`?" if near else f"blocks are {', '.join(keywords)}"


def _device(statement: ast.Block | ast.Declaration, kind: Kind, scope: Scope) -> Device:
    name = statement.name.text if statement.name is not None else ""
    header = (
        statement.header
        if isinstance(statement, ast.Block)
        else statement.kind.span.to((statement.of or statement.name).span)
    )
    owner = f"{kind.keyword} {name}".strip()
    if kind.named and not name:
        scope.report(
            "E208", f"{kind.with_article} needs a name", header, "", f"write `{kind.keyword} NAME {{`"
        )
    if kind.of and statement.of is None:
        what = ("its vehicles", "BLOCK") if kind.of == VEHICLE else ("a class", "CLASS")
        scope.report("E208", f"`{owner}` needs {what[0]}", header, "", f"write `{owner} of {what[1]}`")
    if not kind.of and statement.of is not None:
        scope.report("E202", f"{kind.with_article} is not of a class", statement.of.span, "", "remove it")
    of = statement.of.text if statement.of is not None else ""
    rows: FileRows | None = None
    if kind.from_data and isinstance(statement, ast.Declaration):
        given, rows = read_rows(kind, statement, owner, scope)
        if rows is None:
            return Device(kind.keyword, name, of, {}, frozenset(), statement.span, header)
    elif kind.from_tariff and isinstance(statement, ast.Declaration) and is_read_from_tariff(statement):
        return _charges(statement, kind, owner, header, scope)
    elif isinstance(statement, ast.Declaration):
        help = "vehicles of a file are `sessions NAME of CLASS = csv(...)`" if kind.of else ""
        help = help or f"write `{owner} {{`, and a setting on each line"
        scope.report(
            "E305", f"{kind.with_article} is written in braces, and not as one value", header, "", help
        )
        return Device(kind.keyword, name, of, {}, frozenset(), statement.span, header)
    elif not kind.in_braces:
        help = f'write `{owner} of CLASS = csv("sessions.csv", arrival="arrival", ...)`'
        scope.report("E305", f"`{kind.keyword}` are read from a file, and have no braces", header, "", help)
        return Device(kind.keyword, name, of, {}, frozenset(), statement.span, header)
    else:
        given = _settings(statement, owner, scope)
    form = replace(kind, from_data=kind.from_data and isinstance(statement, ast.Declaration))
    values, written = check_settings(form, owner, given, header, scope)
    return Device(kind.keyword, name, of, values, written, statement.span, header, rows)


def _charges(statement: ast.Declaration, kind: Kind, owner: str, header: Span, scope: Scope) -> Device:
    """A demand charge whose prices are those of a tariff's file, a month each."""
    form, given, prices = read_charges(kind, statement, owner, scope)
    values, written = check_settings(form, owner, given, header, scope)
    name = statement.name.text
    if prices is None:
        return Device(kind.keyword, name, "", {}, frozenset(), statement.span, header)
    values |= {"price": prices, "per": TextValue("month", prices.span)}
    return Device(kind.keyword, name, "", values, written | {"price", "per"}, statement.span, header)


def _settings(block: ast.Block, owner: str, scope: Scope) -> list[ast.Setting]:
    given: list[ast.Setting] = []
    for inner in block.body:
        if isinstance(inner, ast.Setting):
            given.append(inner)
        else:
            help = f"move it out of the braces of `{owner}`, which begin on line {block.header.line}"
            scope.report("E101", "a block holds settings only", inner.span, "", help)
            scope.opaque = True
    return given


def _references(keyword: str) -> list[Setting]:
    declared = kind(keyword)
    return [setting for setting in declared.settings if setting.refers_to] if declared is not None else []


def _check_vehicles(name: ast.Name, known: Sequence[str], scope: Scope) -> None:
    """E203 where there is no block of vehicles of that name."""
    if name.text in known or "" in known or scope.excuses(name.text):
        return
    help = scope.near(name.text, known)
    help = help or f"write the name of a `fleet`, a `vehicle` or `sessions`{_such_as(known)}"
    scope.report("E203", f"there are no vehicles `{name.text}`", name.span, "", help)


def _such_as(known: Sequence[str]) -> str:
    return f", such as `{known[0]}`" if known else ""


def _check_reference(
    keyword: str, name: str, span: Span, names: Mapping[str, Sequence[str]], scope: Scope
) -> None:
    """E203 where there is no such block. One without a name may be meant: that is reported where it is."""
    known = names[keyword]
    if name in known or "" in known or scope.excuses(name):
        return
    help = scope.near(name, known) or f"write `{keyword} {name} {{ ... }}`"
    scope.report("E203", f"there is no {keyword} `{name}`", span, "", help)
