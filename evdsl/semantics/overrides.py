"""What the command line says over a file: `--set`, `--enable`, `--disable`, `--seed`, `--data`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path

from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean
from evdsl.diagnostics.source import Source, Span
from evdsl.semantics.scope import Scope
from evdsl.syntax import ast
from evdsl.syntax.parser import parse


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line says over the file. Raises `ValueError` for what the command line refuses."""

    set: Mapping[str, str] | None = None
    enable: Sequence[str] = ()
    disable: Sequence[str] = ()
    seed: int | None = None
    folders: Sequence[Path] = ()

    def __post_init__(self) -> None:
        if self.seed is not None and (not _is_whole(self.seed) or self.seed < 0):
            raise ValueError(f"`seed` is {self.seed!r}; it is to be a whole number from 0")
        for name, given in (("enable", self.enable), ("disable", self.disable)):
            if isinstance(given, str):
                raise ValueError(f'`{name}` is {given!r}; it is to be a list of toggles, such as ["{given}"]')


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def set_values(overrides: Overrides, scope: Scope) -> dict[str, ast.Expression]:
    """The expressions that `--set` gives to params; what cannot be set is reported."""
    values: dict[str, ast.Expression] = {}
    params = [name for name, found in scope.definitions.items() if isinstance(found, ast.Param)]
    for name, text in (overrides.set or {}).items():
        # What a message shows is what a spec would say.
        source = Source(f"--set {name}", f"{name} = {text}")
        value = Span(source, len(name) + 3, len(source.text))
        if name not in params:
            if not scope.excuses(name):
                scope.add(_unknown(name, params, scope, Span(source, 0, len(name))))
            continue
        file, problems = parse(source)
        first = file.statements[0] if len(file.statements) == 1 else None
        if problems:
            scope.add(*problems)
        elif isinstance(first, ast.Setting):
            values[name] = first.value
        else:
            scope.report("E101", f"one value is given to `{name}`", value, "", "call `--set` for each param")
    return values


def _unknown(name: str, params: list[str], scope: Scope, span: Span) -> Diagnostic:
    if name in scope.definitions:
        message = f"`{name}` is a `let`, and only a `param` can be set"
        help = f"write `param {name} = ...` in the spec"
        return Diagnostic("E203", message, span, "", help)
    help = did_you_mean(name, params)
    help = help or (
        f"params are {', '.join(params[:20])}" if params else f"write `param {name} = ...` in the spec"
    )
    return Diagnostic("E203", f"the spec has no param `{name}`", span, "", help)
