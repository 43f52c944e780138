"""What a kWh costs and what it emits, step by step."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.report.figures.course import NOTHING, Course, column, hours_told, windows
from evdsl.report.figures.figure import Curve, Figure, Look, NotDrawn, Panel, Sentence
from evdsl.report.figures.looks import CARBON, FEED_IN, PRICE
from evdsl.report.numbers import decimals, share

NAME = "price_and_carbon"
FEW = 8
"""So many different prices are a tariff, of which each is told by itself."""


def figure(course: Course) -> Figure | NotDrawn:
    """Prices and emissions, each in a panel of its own; what does not vary is not drawn."""
    unit = f"{course.currency}/kWh"
    series = [
        (label, factor * values, look, of)
        for label, setting, factor, look, of in (
            ("price", "price", 1.0, PRICE, unit),
            ("feed-in", "feed_in", 1.0, FEED_IN, unit),
            ("CO2 of imports", "carbon", 1000.0, CARBON, "g/kWh"),
        )
        if (values := course.given(setting)) is not None
    ]
    varies = {of for _, values, _, of in series if np.ptp(values) > 0}
    if not varies:
        return NotDrawn(NAME, "Price and CO2", _reason([label for label, _, _, _ in series]))
    panels = tuple(
        _panel(course, of, [one for one in series if one[3] == of]) for of in (unit, "g/kWh") if of in varies
    )
    title = {1: "CO2 of a kWh" if unit not in varies else "Price of a kWh"}.get(
        len(varies), "Price and CO2 of a kWh"
    )
    table = (course.times(), *(column(label, of, values) for label, values, _, of in series))
    return Figure(NAME, title, panels, table, tuple(_told(course)))


def _reason(given: list[str]) -> str:
    if not given:
        return "the spec has no price and no CO2"
    return "the price is constant" if "price" in given else "CO2 is constant"


def _panel(course: Course, unit: str, series: list[tuple[str, FloatArray, Look, str]]) -> Panel:
    caption = "CO2, g/kWh" if unit == "g/kWh" else f"Price, {unit}"
    curves = tuple(Curve(label, look, course.edges, values) for label, values, look, _ in series)
    return Panel(caption, course.axis, curves, height=140)


def _told(course: Course) -> Iterator[Sentence]:
    price, carbon = course.given("price"), course.given("carbon")
    imported = course.power("import")
    if price is not None and np.ptp(price) > 0:
        yield _lowest(course, price)
        yield from _cheap_hours_used(course, price, imported)
    if carbon is not None and np.ptp(carbon) > 0:
        yield from _emitted(course, carbon, imported)


def _lowest(course: Course, price: FloatArray) -> Sentence:
    low, high = float(price.min()), float(price.max())
    begin, end = windows(price <= low, course.step)[0]
    text = (
        f"The price goes from {decimals(low, 3)} to {decimals(high, 3)} {course.currency}/kWh; it is lowest"
        f" from {course.between(begin, end)}."
    )
    return Sentence("lowest_price", text, {"low": low, "high": high, "begin": begin, "end": end})


def _cheap_hours_used(course: Course, price: FloatArray, imported: FloatArray) -> Iterator[Sentence]:
    """What is bought at the lowest prices of those at which a vehicle was there: where any is."""
    total, there = float(imported.sum()), course.presence() > 0
    if total * course.step <= NOTHING or not there.any():
        return
    prices = np.unique(price[there])
    if len(prices) < 2:
        return
    # A quarter of the hours with vehicles, and with them all that cost the same: a tariff is full of ties.
    ordered = np.sort(price[there])
    most = float(prices[0] if len(prices) <= FEW else ordered[(len(ordered) - 1) // 4])
    cheap = there & (price <= most)
    hours, used = float(cheap.sum()) * course.step, float(imported[cheap].sum()) / total
    unit = f"{course.currency}/kWh"
    if len(prices) <= FEW:
        text = (
            f"While vehicles are there, the lowest of {len(prices)} prices, {decimals(most, 3)} {unit}, holds"
        )
    else:
        text = f"While vehicles are there, a kWh costs at most {decimals(most, 3)} {unit}"
    text += f" for {hours_told(hours)}; {share(used)} of the import is bought then."
    yield Sentence(
        "cheap_hours_used", text, {"hours": hours, "price": most, "share": used, "prices": len(prices)}
    )


def _emitted(course: Course, carbon: FloatArray, imported: FloatArray) -> Iterator[Sentence]:
    total, there = float(imported.sum()), course.presence()
    if total * course.step <= NOTHING:
        return
    grams = 1000 * float(carbon @ imported) / total
    values, text = {"emitted": grams}, f"An imported kWh emits {decimals(grams, 0)} g of CO2 on average"
    if there.sum() > 0:
        mean = 1000 * float(carbon @ there) / float(there.sum())
        values["while_there"] = mean
        text += f"; while vehicles were there the mean was {decimals(mean, 0)} g"
    yield Sentence("carbon_of_imports", f"{text}.", values)
