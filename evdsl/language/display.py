"""How a value shows itself in a notebook: by a drawer that is entered here from above all that is drawn.

`_repr_html_` is what notebooks ask for. What it says needs the report, on which no package below may stand;
so `evdsl.report.notebook` enters a function for each class, when something of `evdsl` is first asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

DRAWERS: dict[str, Callable[[Any], str]] = {}
"""By the name of a class with its module, so that entering one does not load it."""


def html_of(value: object) -> str | None:
    """The value as HTML; `None` where nobody draws it, and then a notebook takes its text."""
    kind = type(value)
    drawer = DRAWERS.get(f"{kind.__module__}.{kind.__qualname__}")
    return None if drawer is None else drawer(value)
