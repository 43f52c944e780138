"""The explanations of diagnostics, functions and statements: one file each in `texts`, read when asked for.

A file says what the thing means. That of a code goes on with `## Wrong` and `## Right`: the same few lines of
a spec with the mistake and without it, which `tests/house/test_reference.py` runs.

What a spec needs beside the lines that are shown is completed by the tests: a station, a grid, a class,
a vehicle and an objective. A block ```` ```evs whole ```` is taken as it stands.
"""

from __future__ import annotations

from importlib.resources import files

from evdsl.language.reference import page as pages
from evdsl.language.reference.page import Element


def of_code(code: str) -> tuple[Element, ...]:
    """The explanation of a diagnostic; empty where there is none."""
    return _read("codes", code)


def of_function(name: str) -> tuple[Element, ...]:
    """The explanation of a function of the language; empty where there is none."""
    return _read("functions", name)


def of_statement(name: str) -> tuple[Element, ...]:
    """The explanation of a statement of the language; empty where there is none."""
    return _read("statements", name)


def _read(folder: str, name: str) -> tuple[Element, ...]:
    file = files("evdsl.language.reference").joinpath("texts", folder, f"{name}.md")
    return pages.read(file.read_text(encoding="utf-8")) if file.is_file() else ()
