"""The sentences of `evdsl explain --at`."""

from __future__ import annotations

from collections.abc import Sequence

from evdsl.optimization.inquiry.fact import (
    Fact,
    Quantity,
    count_of,
    quantity_of,
    rows_of,
    word_of,
    words_of,
)
from evdsl.report.inquiry.phrases import Phrases, Values, cut, is_zero, listed, name
from evdsl.report.numbers import decimals, plural

NOTICED = 0.005
"""kW and kWh: what is less rounds to nothing."""


def step(fact: Fact, say: Phrases) -> str:
    """What the connection and the devices do."""
    v = fact.values
    taken, given = (quantity_of(v, key).value for key in ("import", "export"))
    parts = [f"the site imports {say.amount(v, 'import')}"] if taken > NOTICED else []
    parts += [f"{'it' if parts else 'the site'} exports {say.amount(v, 'export')}"] if given > NOTICED else []
    parts = parts or ["nothing flows through the connection"]
    parts += [_device(row, say) for row in rows_of(v, "devices")]
    return f"From {say.between(v)} {listed(parts)}."


def _device(row: Values, say: Phrases) -> str:
    power, who = quantity_of(row, "power").value, name(word_of(row, "name"))
    size = say.amount({"size": Quantity(abs(power), "kW")}, "size")
    if abs(power) <= NOTICED:
        return f"{who} does nothing" if word_of(row, "kind") == "storage" else f"{who} has 0 kW"
    if word_of(row, "kind") in ("solar", "wind"):
        return f"{who} gives {size}"
    return f"{who} {'takes' if power > 0 else 'gives'} {size}"


def day_rank(fact: Fact, say: Phrases) -> str:
    """How price or CO2 rank in the day."""
    v = fact.values
    what = {"price": "price of the grid", "co2": "CO2 of the grid"}[word_of(v, "of")]
    steps, lower, higher, equal = (count_of(v, key) for key in ("steps", "lower", "higher", "equal"))
    told = f"The {what} is {say.amount(v, 'rate')}"
    if equal == steps:
        return f"{told}, as at all steps of the day."
    among = f"of the {steps} steps of the day {lower} have a lower one and {higher} a higher one"
    if not lower or not higher:
        end, span = ("highest" if lower else "lowest"), f"{say.bare(v, 'least')} to {say.bare(v, 'most')}"
        have = "has" if equal == 1 else "have"
        among = f"the {end} of the day ({span}), which {equal} of its {steps} steps {have}"
    return f"{told}: {among}."


def charging_now(fact: Fact, say: Phrases) -> str:
    """Who charges with how much."""
    v, rows = fact.values, rows_of(fact.values, "vehicles")
    present = count_of(v, "present")
    if not present:
        return "No vehicle is there."
    if not rows:
        if present == 1:
            return "One vehicle is there, and does not charge."
        return f"{present} vehicles are there, and none charges."
    told = cut([f"{name(word_of(row, 'vehicle'))} {say.amount(row, 'power')}" for row in rows])
    if present == 1:
        return f"One vehicle is there, and charges: {told}."
    verb = "charges" if len(rows) == 1 else "charge"
    together = f", with {say.amount(v, 'power')} together" if len(rows) > 1 else ""
    return f"{_count(rows)} of the {present} vehicles that are there {verb}{together}: {told}."


def giving_now(fact: Fact, say: Phrases) -> str:
    """Who gives back with how much."""
    rows = rows_of(fact.values, "vehicles")
    told = cut([f"{name(word_of(row, 'vehicle'))} {say.amount(row, 'power')}" for row in rows])
    return f"{_count(rows)} {'gives' if len(rows) == 1 else 'give'} energy back: {told}."


def waiting(fact: Fact, say: Phrases) -> str:
    """Who takes nothing now and charges later, and who never gets what it lacks."""
    rows = rows_of(fact.values, "vehicles")
    later = [row for row in rows if quantity_of(row, "later").value > NOTICED]
    never = [row for row in rows if quantity_of(row, "later").value <= NOTICED]
    later.sort(key=lambda row: -quantity_of(row, "later").value)
    never.sort(key=lambda row: -quantity_of(row, "missing").value)
    parts = []
    if later:
        told = cut([f"{name(word_of(row, 'vehicle'))} {say.amount(row, 'later')}" for row in later])
        verb = "waits and charges" if len(later) == 1 else "wait and charge"
        parts.append(f"{_count(later)} {verb} later: {told}.")
    if never:
        told = cut([f"{name(word_of(row, 'vehicle'))} {say.amount(row, 'missing')}" for row in never])
        verb = "gets nothing more and ends" if len(never) == 1 else "get nothing more and end"
        parts.append(f"{_count(never)} {verb} short: {told}.")
    return " ".join(parts)


def _count(rows: Sequence[Values]) -> str:
    return "One" if len(rows) == 1 else str(len(rows))


def full(fact: Fact, say: Phrases) -> str:
    """A full limit, and what one more of it is worth."""
    v = fact.values
    limits = words_of(v, "limits")
    verb = "is" if len(limits) == 1 else "are"
    told = f"{_begin(listed(limits))} {verb} full, at {say.amount(v, 'most')}"
    if "better" not in v:
        return f"{told}."
    unit = quantity_of(v, "by").unit
    kept = " (who holds a port was decided anew)" if v["ports_anew"] else ""
    more = f"one {unit} more{' on each phase' if unit == 'A' else ''} in this step would"
    better = quantity_of(v, "better")
    if is_zero(better):
        return f"{told}; {more} be worth nothing{kept}."
    change = {"worse": Quantity(-better.value, better.unit), "objective": v["objective"]}
    return f"{told}; {more} {say.worse(change)}{kept}."


def room(fact: Fact, say: Phrases) -> str:
    """What is free at a limit."""
    v = fact.values
    return f"Of the {say.amount(v, 'most')} of {word_of(v, 'limit')} {say.amount(v, 'room')} are free."


def ports_now(fact: Fact, _: Phrases) -> str:
    """How many ports are held, and how many are out of order."""
    held, ports = count_of(fact.values, "held"), count_of(fact.values, "ports")
    if held == ports:
        return f"{'The port is' if ports == 1 else f'All {ports} ports are'} held."
    text = f"{held} of {plural(ports, 'port')} {'is' if held == 1 else 'are'} held"
    if "out_of_order" in fact.values:
        out = count_of(fact.values, "out_of_order")
        text += f", and {out} {'is' if out == 1 else 'are'} out of order"
    return f"{text}."


def call_now(fact: Fact, say: Phrases) -> str:
    """What an event that is on allows, and what more and less is worth."""
    v = fact.values
    text = f"{_begin('event')} {name(word_of(v, 'event'))} is on: {say.amount(v, 'most')} may be drawn"
    text += f", and more costs {say.amount(v, 'penalty')}" if "penalty" in v else ""
    if "reward" in v:
        text += f"; what is drawn less than {say.amount(v, 'baseline')} earns {say.amount(v, 'reward')}"
    return f"{text}."


def cohort_now(fact: Fact, say: Phrases) -> str:
    """Who of a cohort is in need and who charges."""
    v = fact.values
    counts = {key: v[key] for key in ("waiting", "charging")}
    need, charge = (decimals(float(c), 1) for c in counts.values() if isinstance(c, int | float))
    return (
        f"Of {name(word_of(v, 'cohort'))} {need} vehicles are in need, and {charge} charge, with "
        f"{say.amount(v, 'power')}."
    )


def _begin(limit: str) -> str:
    return limit[:1].upper() + limit[1:]


TEMPLATES = {
    "step": step,
    "day_rank": day_rank,
    "charging_now": charging_now,
    "giving_now": giving_now,
    "waiting": waiting,
    "full": full,
    "room": room,
    "ports_now": ports_now,
    "call_now": call_now,
    "cohort_now": cohort_now,
}
