"""The sentences of `evdsl explain --plan`."""

from __future__ import annotations

from evdsl.optimization.inquiry.fact import Fact, Quantity, count_of, quantity_of, rows_of, word_of
from evdsl.report.inquiry.phrases import NAMED, Phrases, Values, is_zero, listed, name, statement
from evdsl.report.numbers import decimals, plural


def rows(fact: Fact, _: Phrases) -> str:
    """How the table of a plan is read."""
    count, changed = count_of(fact.values, "count"), count_of(fact.values, "changed")
    if not changed:
        return f"The plan has {plural(count, 'run')}, each as in the schedule."
    other = f"{changed:,} {'is' if changed == 1 else 'are'} not as in the schedule"
    return (
        f"The plan has {plural(count, 'run')}, of which {other}: there the power is the mean of the run. "
        "Storages, generation and loads are those of the schedule."
    )


def keeps(_: Fact, __: Phrases) -> str:
    """That it is allowed."""
    return "The plan breaks nothing of the spec."


def breaks(fact: Fact, _: Phrases) -> str:
    """Where it breaks the spec, the rules with the most breaches first."""
    rules = sorted(rows_of(fact.values, "rules"), key=lambda row: -count_of(row, "count"))
    count = count_of(fact.values, "count")
    told = [f"{word_of(row, 'rule')}{_times(row)}: {word_of(row, 'message')}" for row in rules[:NAMED]]
    more = len(rules) - NAMED
    rest = [f"and {plural(more, 'rule')} more; `evdsl verify` tells all"] if more > 0 else []
    return f"The plan breaks the spec in {plural(count, 'place')}. {'. '.join([*told, *rest])}."


def _times(row: Values) -> str:
    count = count_of(row, "count")
    return f", {count:,} times, such as" if count > 1 else ""


def worth(fact: Fact, say: Phrases) -> str:
    """What a stage is worth in both."""
    v = fact.values
    both = [_plain(v, key, say) for key in ("plan", "schedule")]
    worse = quantity_of(v, "worse")
    stage = f"`{statement(word_of(v, 'objective'))}`"
    if is_zero(worse):
        return f"In {stage} it is as good as the schedule: {both[1]}."
    size = _plain({"size": Quantity(abs(worse.value), worse.unit)}, "size", say)
    way = "worse" if worse.value > 0 else "better"
    return f"In {stage} it reaches {both[0]} where the schedule reaches {both[1]}: {size} {way}."


def _plain(v: Values, key: str, say: Phrases) -> str:
    given = quantity_of(v, key)
    return say.amount(v, key) if given.unit else decimals(given.value, 2, 6)


def word(fact: Fact, say: Phrases) -> str:
    """A word that differs."""
    v = fact.values
    more = quantity_of(v, "more")
    size = _plain({"size": Quantity(abs(more.value), more.unit)}, "size", say)
    way = "more" if more.value > 0 else "less"
    what = word_of(v, "word").replace("_", " ")
    told = f"Its {what} is {_plain(v, 'plan', say)} and not {_plain(v, 'schedule', say)}: {size} {way}"
    worse = quantity_of(v, "worse")
    if worse.unit == more.unit or not worse.unit:
        return f"{told}."
    weighed = say.amount({"size": Quantity(abs(worse.value), worse.unit)}, "size")
    return f"{told}, which the objective counts as {weighed} {'worse' if worse.value > 0 else 'better'}."


def times(fact: Fact, say: Phrases) -> str:
    """When the energy of the connection costs more, or less."""
    rows = rows_of(fact.values, "times")
    told = [_time(row, say) for row in rows[:NAMED]]
    more = len(rows) - NAMED
    rest = [f"{plural(more, 'smaller difference')}"] if more > 0 else []
    return f"At the connection it differs most {'; '.join([*told, *rest])}."


def _time(row: Values, say: Phrases) -> str:
    energy, more = quantity_of(row, "energy"), quantity_of(row, "more")
    size = say.amount({"size": Quantity(abs(energy.value), "kWh")}, "size")
    told = f"from {say.between(row)}, where it takes {size} {'more' if energy.value > 0 else 'less'}"
    if more.unit == "kWh":
        return told
    if abs(more.value) < 5e-7:
        return f"{told}, for the same money"
    money = say.amount({"size": Quantity(abs(more.value), more.unit)}, "size")
    return f"{told} and pays {money} {'more' if more.value > 0 else 'less'}"


def vehicles(fact: Fact, say: Phrases) -> str:
    """Who gets more energy, and who less."""
    rows = rows_of(fact.values, "vehicles")
    parts = []
    for way, sign in (("more", 1), ("less", -1)):
        mine = [row for row in rows if sign * quantity_of(row, "more").value > 0]
        if not mine:
            continue
        told = [
            f"{name(word_of(row, 'vehicle'))} "
            f"{say.amount({'size': Quantity(abs(quantity_of(row, 'more').value), 'kWh')}, 'size')}"
            for row in mine[:NAMED]
        ]
        left = len(mine) - NAMED
        told += [plural(left, "other")] if left > 0 else []
        parts.append(f"{listed(told)} {way}")
    return f"It delivers to {'; to '.join(parts)}."


TEMPLATES = {
    "rows": rows,
    "keeps": keeps,
    "breaks": breaks,
    "worth": worth,
    "word": word,
    "times": times,
    "vehicles": vehicles,
}
