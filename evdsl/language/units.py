"""Quantities and dimensions: a closed table of the units of this field.

Canonical units are kWh, h, one currency, kg and A; a power is kWh/h = kW, a voltage a power for each ampere.
Everything that the compiler computes with is in these. A calendar day (`d`) is 24 h until a start is known:
see `evdsl.language.spec.Const.days`.
"""

from __future__ import annotations

from typing import NamedTuple

from evdsl.diagnostics.diagnostic import suggest


class Dimension(NamedTuple):
    """Exponents of energy, time, money, mass and current."""

    energy: int = 0
    time: int = 0
    money: int = 0
    mass: int = 0
    current: int = 0

    def times(self, other: Dimension) -> Dimension:
        """The dimension of a product."""
        return Dimension(*(a + b for a, b in zip(self, other, strict=True)))

    def per(self, other: Dimension) -> Dimension:
        """The dimension of a quotient."""
        return Dimension(*(a - b for a, b in zip(self, other, strict=True)))


NUMBER = Dimension()
ENERGY = Dimension(energy=1)
TIME = Dimension(time=1)
MONEY = Dimension(money=1)
MASS = Dimension(mass=1)
CURRENT = Dimension(current=1)
POWER = ENERGY.per(TIME)
VOLTAGE = POWER.per(CURRENT)
RATE = NUMBER.per(TIME)
ENERGY_TIME = ENERGY.times(TIME)
MONEY_PER_ENERGY = MONEY.per(ENERGY)
MONEY_PER_POWER = MONEY.per(POWER)
MONEY_PER_MASS = MONEY.per(MASS)
MASS_PER_ENERGY = MASS.per(ENERGY)

NAMES: dict[Dimension, str] = {
    NUMBER: "a plain number",
    ENERGY: "an energy",
    TIME: "a time",
    MONEY: "an amount of money",
    MASS: "a mass",
    CURRENT: "a current",
    POWER: "a power",
    VOLTAGE: "a voltage",
    RATE: "a number per time",
    ENERGY_TIME: "an energy times a time",
    MONEY_PER_ENERGY: "a price of energy",
    MONEY_PER_POWER: "a price of power",
    MONEY_PER_MASS: "a price of mass",
    MASS_PER_ENERGY: "an emission per energy",
}

CURRENCIES = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
    CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
    GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD
    KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
    NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP
    SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES
    VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG
    """.split()
)

SIMPLE: dict[str, tuple[Dimension, float]] = {
    "W": (POWER, 1e-3),
    "kW": (POWER, 1.0),
    "MW": (POWER, 1e3),
    "GW": (POWER, 1e6),
    "Wh": (ENERGY, 1e-3),
    "kWh": (ENERGY, 1.0),
    "MWh": (ENERGY, 1e3),
    "GWh": (ENERGY, 1e6),
    "A": (CURRENT, 1.0),
    "V": (VOLTAGE, 1e-3),
    "s": (TIME, 1 / 3600),
    "min": (TIME, 1 / 60),
    "h": (TIME, 1.0),
    "d": (TIME, 24.0),
    "g": (MASS, 1e-3),
    "kg": (MASS, 1.0),
    "t": (MASS, 1e3),
    "lb": (MASS, 0.45359237),
    "ct": (MONEY, 1e-2),
    "%": (NUMBER, 1e-2),
    "vehicles": (NUMBER, 1.0),
}


BELOW: dict[str, tuple[Dimension, float]] = {"year": (TIME, 8766.0)}
"""Units of rates, which stand behind a `/` alone: a year is 365.25 days there, and no length of a plan."""

MAXIMUM_PARTS = 4
"""`EUR/kWh/h/d` is one more than anything is measured in."""

COLLOQUIAL = {
    "sec": "s",
    "second": "s",
    "seconds": "s",
    "mins": "min",
    "minute": "min",
    "minutes": "min",
    "hr": "h",
    "hrs": "h",
    "hour": "h",
    "hours": "h",
    "day": "d",
    "days": "d",
    "kilowatt": "kW",
    "kilowatts": "kW",
    "kWp": "kW",
    "amp": "A",
    "amps": "A",
    "ampere": "A",
    "amperes": "A",
    "volt": "V",
    "volts": "V",
    "kilo": "kg",
    "vehicle": "vehicles",
    "car": "vehicles",
    "cars": "vehicles",
    "gram": "g",
    "grams": "g",
    "ton": "t",
    "tons": "t",
    "tonne": "t",
    "tonnes": "t",
    "percent": "%",
    "pct": "%",
    "cent": "ct",
    "cents": "ct",
    "euro": "EUR",
    "euros": "EUR",
    "dollar": "USD",
    "dollars": "USD",
    "\N{EURO SIGN}": "EUR",
    "$": "USD",
    "\N{POUND SIGN}": "GBP",
}
"""What people write for a unit, with what the language calls it."""

HINTS = {
    "kVA": "give the active power in kW",
    "kA": "give a current in A",
    "mA": "give a current in A",
    "kV": "give a voltage in V",
    "mV": "give a voltage in V",
    "week": "a week is `7 d`",
    "weeks": "a week is `7 d`",
    "month": "a month is `31 d`, or fewer",
    "months": "a month is `31 d`, or fewer",
    "year": "a year is `365 d`, or behind a `/` the unit of a rate: `15 EUR/kW/year`",
    "years": "a year is `365 d`, or behind a `/` the unit of a rate: `15 EUR/kW/year`",
}
"""What to write instead of a unit that the language does not have on purpose."""


class Unit(NamedTuple):
    """What a unit stands for: its dimension, its size in canonical units, its currency if any."""

    dimension: Dimension
    factor: float
    currency: str | None


def parse(text: str) -> Unit | str:
    """The unit that `text` names, such as `EUR/kWh`; the unknown part of it as a string otherwise."""
    dimension, factor, currency = NUMBER, 1.0, None
    parts = text.split("/")
    if len(parts) > MAXIMUM_PARTS:
        return text
    for index, part in enumerate(parts):
        name = part.strip()
        if name in CURRENCIES:
            if currency is not None and currency != name:
                return name
            currency = name
            simple = (MONEY, 1.0)
        elif name in SIMPLE:
            simple = SIMPLE[name]
        elif index and name in BELOW:
            simple = BELOW[name]
        else:
            return name
        dimension = dimension.times(simple[0]) if index == 0 else dimension.per(simple[0])
        factor = factor * simple[1] if index == 0 else factor / simple[1]
    return Unit(dimension, factor, currency)


def unit_names() -> list[str]:
    """Every simple unit, the commonest first: what a suggestion may name."""
    return [*SIMPLE, "EUR", "USD", "GBP", "CHF", *sorted(CURRENCIES)]


def likely_unit(unknown: str) -> str:
    """The simple unit that was probably meant; empty where none is near, or another help is better."""
    if unknown in COLLOQUIAL or unknown in HINTS:
        return COLLOQUIAL.get(unknown, "")
    return suggest(unknown, unit_names()) or ""


def _likely_below(unknown: str) -> str:
    """What was probably meant behind a `/`."""
    return "year" if unknown in ("year", "years", "yr") else likely_unit(unknown)


def mended(text: str) -> str:
    """A unit with each unknown part replaced by what was probably meant; empty where one has no such part."""
    if len(text.split("/")) > MAXIMUM_PARTS:
        return ""
    parts = [part.strip() for part in text.split("/")]
    first, *below = parts
    known = [first if first in SIMPLE or first in CURRENCIES else likely_unit(first)]
    known += [part if part in SIMPLE or part in CURRENCIES else _likely_below(part) for part in below]
    whole = "/".join(known)
    return whole if all(known) and isinstance(parse(whole), Unit) else ""


def symbol(dimension: Dimension, currency: str = "EUR") -> str:
    """The canonical unit of a dimension as text; `` for a plain number."""
    if dimension in (NUMBER, RATE, VOLTAGE):
        return {NUMBER: "", RATE: "vehicles/h", VOLTAGE: "V"}[dimension]
    power = 0
    if dimension.energy > 0 and dimension.time < 0:
        power = min(dimension.energy, -dimension.time)
    elif dimension.energy < 0 and dimension.time > 0:
        power = max(dimension.energy, -dimension.time)
    exponents = {
        currency: dimension.money,
        "kg": dimension.mass,
        "kW": power,
        "kWh": dimension.energy - power,
        "h": dimension.time + power,
        "A": dimension.current,
    }
    above = [name + (f"^{n}" if n > 1 else "") for name, n in exponents.items() if n > 0]
    below = [name + (f"^{-n}" if n < -1 else "") for name, n in exponents.items() if n < 0]
    return "/".join(["*".join(above) or "1", *below])


def describe(dimension: Dimension, currency: str = "EUR") -> str:
    """A dimension in words, for messages: `a power`, `a quantity in EUR/h`."""
    return NAMES.get(dimension) or f"a quantity in {symbol(dimension, currency)}"


def expected_unit(dimension: Dimension, currency: str = "EUR") -> str:
    """The unit that a message asks for: `kW`, `% or a plain number`."""
    return symbol(dimension, currency) or "% or a plain number"


def format_value(value: float, dimension: Dimension, currency: str = "EUR") -> str:
    """A value in canonical units as a spec would write it: `22 kW`, `0.157 EUR/kWh`."""
    unit = symbol(dimension, currency)
    if dimension == VOLTAGE:
        value *= 1e3  # canonical are kW for each ampere, and people say volts
    return f"{value:.10g} {unit}".rstrip()
