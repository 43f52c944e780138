"""What each pays and earns of the connection, in exact fractions: one step and one party at a time."""

from __future__ import annotations

from fractions import Fraction

from evdsl.testing.exact.reading import ZERO, Exact, efficiency


def vehicle_share(of: Exact, word: str, stay: int, step: int) -> Fraction:
    """What a stay pays of the `energy_cost` of a step, or earns of its `export_revenue`."""
    return _of_all(of, word, step) * _flow(of, word, stay, step)


def device_share(of: Exact, word: str, name: str, step: int) -> Fraction:
    """The same of a device."""
    return _of_all(of, word, step) * _powers(of, word, step).get(name, ZERO)


def left_to_nobody(of: Exact, word: str, step: int) -> Fraction:
    """What is paid or earned in a step in which nobody takes, or gives: it flows through the connection."""
    return ZERO if _total(of, word, step) > 0 else _amount(of, word, step)


def _of_all(of: Exact, word: str, step: int) -> Fraction:
    """What falls to each kW; nothing where nobody has a share."""
    total = _total(of, word, step)
    return _amount(of, word, step) / total if total > 0 else ZERO


def _total(of: Exact, word: str, step: int) -> Fraction:
    flows = (_flow(of, word, stay, step) for stay in of.vehicles)
    return sum(flows, ZERO) + sum(_powers(of, word, step).values(), ZERO)


def _amount(of: Exact, word: str, step: int) -> Fraction:
    """What the connection costs, or earns, in a step."""
    power, rate = ("import", "price") if word == "energy_cost" else ("export", "feed_in")
    rates = of.series("grid", rate)
    assert rates is not None, "a price that is not given is refused"
    return of.step * rates[step] * of.of(power)[step]


def _flow(of: Exact, word: str, stay: int, step: int) -> Fraction:
    """What a stay takes, or gives, at the site."""
    kept = efficiency(of.block(stay, step))
    return of.charge[stay][step] / kept if word == "energy_cost" else of.discharge[stay][step] * kept


def _powers(of: Exact, word: str, step: int) -> dict[str, Fraction]:
    """What each device takes, or gives."""
    kinds, way = (("load", "cohort"), "charge") if word == "energy_cost" else (("solar", "wind"), "discharge")
    found = {device.name: of.of(device.name)[step] for kind in kinds for device in of.spec.of_kind(kind)}
    return found | {one.name: of.of(f"{one.name}.{way}")[step] for one in of.spec.of_kind("storage")}
