"""Numbers as an operator reads them: money to the cent, energies to 10 Wh, shares in percent."""

from __future__ import annotations

import math
import re
from datetime import datetime

LARGEST = 1e15
"""From here on a number is written with an exponent."""


def money(value: float, currency: str) -> str:
    """`1,234.50 EUR`; amounts below one keep three digits that say something, at most six decimals."""
    return f"{decimals(value, 2, 6)} {currency}"


def energy(value: float) -> str:
    """kWh without the unit: one decimal from 100 on, two below."""
    return decimals(value, 1 if abs(value) >= 100 else 2)


def power(value: float) -> str:
    """`98.3 kW`."""
    return f"{decimals(value, 1 if abs(value) >= 10 else 2)} kW"


def share(value: float) -> str:
    """`82 %`, `99.9 %`: one decimal where it is not zero; only what is whole is 100 %, or 0 %."""
    percent = 100.0 * value
    shown = round(percent, 1)
    if shown == 100 and percent < 100 - 1e-4:
        shown = 99.9
    if shown == 0 and percent > 1e-4:
        return "< 0.1 %"
    return f"{shown + 0.0:g} %"


def quantity(value: float, unit: str, currency: str) -> str:
    """Any value in its unit."""
    if unit == currency:
        return money(value, currency)
    if unit == "kW":
        return power(value)
    if unit == "kWh":
        return f"{energy(value)} kWh"
    return f"{decimals(value, 2 if abs(value) < 1000 else 1, 6)} {unit}" if unit else f"{value:.4g}"


def decimals(value: float, least: int, most: int | None = None) -> str:
    """`least` decimals; a value below one gets up to `most` of them, so that three digits are left."""
    if not math.isfinite(value):
        return "unknown"
    if abs(value) >= LARGEST:
        return f"{value:.6g}"
    places = least
    if most is not None and 0 < abs(value) < 1:
        places = min(max(2 - math.floor(math.log10(abs(value))), least), most)
    text = f"{value:,.{places}f}"
    if places > least:
        kept = text.rstrip("0")
        text = kept + "0" * max(least - len(kept.partition(".")[2]), 0)
    return text.removeprefix("-") if not re.search("[1-9]", text) else text


def clock_label(when: datetime, days: float) -> str:
    """The time of day, with the weekday where a horizon of so many days has several, or the date."""
    if days <= 1:
        return f"{when:%H:%M}"
    return f"{when:%a %H:%M}" if days <= 6 else f"{when.day} {when:%b %H:%M}"


def plural(count: int, word: str) -> str:
    """`1 vehicle`, `1,489 vehicles`."""
    return f"{count:,} {word}{'s' * (count != 1)}"


def printable(text: str, width: int) -> str:
    """One line of at most `width` characters that moves no cursor: names come from files."""
    clean = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)
    return clean if len(clean) <= width else clean[: width - 1] + "…"
