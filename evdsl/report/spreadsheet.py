"""Text in spreadsheets: what looks like a formula is a text, whoever wrote it."""

from __future__ import annotations

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What a cell begins with that a spreadsheet reads as a formula, at once or after the space before it."""


def inert(text: str) -> str:
    """The text for a cell of `.csv`: with an apostrophe before it where it would be read as a formula.

    OWASP, "CSV Injection".
    """
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text
