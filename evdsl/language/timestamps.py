"""Times as files write them: by ISO 8601, in ways that can be read in one way only, and by a dialect.

One way only have `2024-03-12 7:30`, `12.03.2024 07:30` and `12.03.2024 07:00 - 12.03.2024 08:00`, its begin.
`03/12/2024` can be read in two, and is a time where the dialect says which.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

DIALECTS: dict[str, str] = {"eu": "12/03/2024 and 1.234,5", "us": "03/12/2024 and 1,234.5"}
"""How 12 March and a number of four digits are written in each."""
SHORT_HOUR = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d:.*)")
CLOCK = r"(?:,?[ ]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[ ]?([AaPp])\.?[Mm]\.?)?)?"
DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})" + CLOCK)
STROKES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})" + CLOCK)
OTHER_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
EPOCH = re.compile(r"([0-9]{10})([0-9]{3})?")
"""Seconds, or milliseconds, since 1970: those of 2001 to 2033."""


def timestamp(text: str, dialect: str = "") -> datetime | None:
    """The time that a cell says, in a range its begin; `None` where it is none."""
    text = text.strip()
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    begin, dash, end = text.partition(" - ")
    if dash:
        first, last = timestamp(begin, dialect), timestamp(end, dialect)
        if first is None or last is None or (first.tzinfo is None) != (last.tzinfo is None):
            return None
        return first if first <= last else None
    try:
        return _of_form(text, dialect)
    except ValueError:
        return None


def is_iso(text: str) -> bool:
    """Whether a text is a date as a spec writes them, and not a whole number."""
    try:
        datetime.fromisoformat(text.strip())
    except ValueError:
        return False
    return not text.strip().isdigit()


def epoch(text: str) -> datetime | None:
    """The time that a count of seconds or milliseconds says; only in a column that was named is it one."""
    found = EPOCH.fullmatch(text.strip())
    if found is None or not 1_000_000_000 <= int(found[1]) < 2_000_000_000:
        return None
    return datetime.fromtimestamp(int(found[1]), UTC).replace(microsecond=int(found[2] or 0) * 1000)


def looks_like_a_date(text: str) -> bool:
    """Whether it begins as a date does, in whatever form."""
    return OTHER_DATE.match(text.strip()) is not None


def has_strokes(text: str) -> bool:
    """Whether it is a date whose day and month only a dialect tells apart."""
    return STROKES.fullmatch(text.strip()) is not None


def _of_form(text: str, dialect: str) -> datetime:
    dotted, strokes = DOTTED.fullmatch(text), STROKES.fullmatch(text)
    if dotted is not None:
        return _composed(dotted, day=1, month=2)
    if strokes is not None and dialect:
        is_american = dialect == "us"
        return _composed(strokes, day=2 if is_american else 1, month=1 if is_american else 2)
    short = SHORT_HOUR.fullmatch(text)
    if short is None:
        raise ValueError("no form of a time")
    return datetime.fromisoformat(f"{short[1]} 0{short[2]}")


def _composed(found: re.Match[str], day: int, month: int) -> datetime:
    hour, minute, second = (int(part or 0) for part in found.group(4, 5, 6))
    half = (found[7] or "").lower()
    if half and not 1 <= hour <= 12:
        raise ValueError("an hour of half a day is one of 1 to 12")
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return datetime(int(found[3]), int(found[month]), int(found[day]), hour, minute, second)
