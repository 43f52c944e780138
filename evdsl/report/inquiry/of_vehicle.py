"""The sentences of `evdsl explain --vehicle`."""

from __future__ import annotations

from collections.abc import Mapping

from evdsl.optimization.inquiry.fact import (
    Fact,
    Quantity,
    count_of,
    moment_of,
    quantity_of,
    rows_of,
    word_of,
    words_of,
)
from evdsl.report.inquiry.phrases import Phrases, Values, cut, is_zero, listed, name, short, statement
from evdsl.report.numbers import plural

NOTICED = 0.005
"""kWh: what is less rounds to nothing."""
RUNS = 3


def stay(fact: Fact, say: Phrases) -> str:
    """Who it is, when it is there, what it asks for and gets."""
    v = fact.values
    arrives, leaves = (say.at(moment_of(v, side)) for side in ("arrives", "leaves"))
    who = f"{name(word_of(v, 'vehicle'))} (class `{word_of(v, 'class')}`) is there from {arrives} to {leaves}"
    if count_of(v, "stays") > 1:
        who += f", in {count_of(v, 'stays')} stays"
    return f"{who}. {_demand(v, say)}"


def _demand(v: Values, say: Phrases) -> str:
    asked, got, missing = (quantity_of(v, key) for key in ("asked", "delivered", "missing"))
    net = say.amount(v, "delivered") if got.value >= NOTICED else ""
    if asked.value <= NOTICED:
        return f"It asks for nothing and gets {net} at the port." if net else "It asks for nothing."
    where = word_of(v, "asked_at")
    if "soc_target" in v:
        comes, target = (say.amount(v, key) for key in ("soc_arrival", "soc_target"))
        asks = f"It comes with {comes} and asks for {target}: {say.amount(v, 'asked')} in its battery."
    else:
        asks = f"It asks for {say.amount(v, 'asked')}{' at the port' if where == 'port' else ''}."
    if got.value <= -NOTICED:
        back = say.amount({"net": Quantity(-got.value, "kWh")}, "net")
        return f"{asks} In all it gives {back} more than it takes; {_lack(v, say)}."
    if missing.value <= NOTICED:
        return f"{asks} It gets all of it{f', {net} at the port' if net and where != 'port' else ''}."
    if not net:
        return f"{asks} It gets nothing."
    return f"{asks} It gets {net} at the port; {_lack(v, say)}."


def _lack(v: Values, say: Phrases) -> str:
    if quantity_of(v, "missing").value <= NOTICED:
        return "nothing is missing"
    return f"{say.amount(v, 'missing')} are missing"


def trips(fact: Fact, say: Phrases) -> str:
    """What its trips use and what of that is bought."""
    v = fact.values
    told = f"It makes {plural(count_of(v, 'trips'), 'trip')}, which use {say.amount(v, 'used')}"
    if quantity_of(v, "bought").value > NOTICED:
        return (
            f"{told}; {say.amount(v, 'bought')} of that are bought on the road, for {say.amount(v, 'cost')}."
        )
    return f"{told}; nothing is bought on the road."


def charging(fact: Fact, say: Phrases) -> str:
    """Its runs of charging, the largest in the order of time."""
    runs = rows_of(fact.values, "runs")
    if not runs:
        return ""  # that it gets nothing was said
    total = say.amount(fact.values, "energy")
    return f"It charges {total}{_in_runs(runs, say)}."


def _in_runs(runs: tuple[Values, ...], say: Phrases) -> str:
    if len(runs) == 1:
        port = word_of(runs[0], "port")
        at = f" at `{port}`" if port else ""
        return f"{at}, {say.between(runs[0])}, with {say.amount(runs[0], 'power')} on average"
    largest = sorted(runs[:RUNS], key=lambda run: moment_of(run, "begin").hours)
    ports = {word_of(run, "port") for run in runs}
    at = f" at `{ports.pop()}`" if len(ports) == 1 and "" not in ports else ""
    told = listed([f"{say.between(run)} ({say.amount(run, 'energy')})" for run in largest])
    return f"{at} in {len(runs)} runs{', the largest' if len(runs) > RUNS else ''}: {told}"


def rank(fact: Fact, say: Phrases) -> str:
    """The price or the CO2 of what it charges among those of its stay."""
    v = fact.values
    what = {"price": "The price of the grid", "co2": "The CO2 of the grid"}[word_of(v, "of")]
    least, most = say.bare(v, "there_least"), say.bare(v, "there_most")
    told = (
        f"{what} is {say.amount(v, 'paid')} on average while it charges, and {say.bare(v, 'there')} over "
        f"its stay ({least} to {most})"
    )
    lower, steps = count_of(v, "lower"), count_of(v, "steps")
    by_rate = [row for row in rows_of(v, "by_rate") if quantity_of(row, "energy").value > NOTICED]
    if len(by_rate) > 1:
        parts = [f"{say.amount(row, 'energy')} at {say.bare(row, 'rate')}" for row in by_rate]
        return f"{told}: it takes {listed(parts)}."
    if not lower:
        return f"{told}: at no step of its stay is it lower than where it charges."
    among = f"{lower} of the {steps} steps of its stay"
    have = "has" if lower == 1 else "have"
    return f"{told}: {among} {have} a lower one than the highest of its charging."


def rate_constant(fact: Fact, say: Phrases) -> str:
    """That it makes no difference when it charges."""
    what = {"price": "The price of the grid", "co2": "The CO2 of the grid"}[word_of(fact.values, "of")]
    return f"{what} is {say.amount(fact.values, 'rate')} all the time that it is there."


def lower_rate(fact: Fact, say: Phrases) -> str:
    """How long it takes less than it could at a lower price, and what is full then."""
    v = fact.values
    told = f"For {say.amount(v, 'hours')} it is there at a lower price and takes less than it could"
    rows, total = rows_of(v, "full"), quantity_of(v, "hours").value
    if not rows:
        return f"{told}: all that time nothing on its way is full."
    if len(rows) == 1 and quantity_of(rows[0], "hours").value >= total - NOTICED:
        return f"{told}: all that time {_full(rows[0])}."
    parts = [f"in {say.amount(row, 'hours')} {_full(row)}" for row in rows]
    if quantity_of(v, "free").value > NOTICED:
        parts.append(f"in {say.amount(v, 'free')} nothing on its way is full")
    return f"{told}: {listed(parts)}."


def _full(row: Values) -> str:
    limit = word_of(row, "limit")
    return "it has no port" if limit == "no port" else f"{limit} is full"


def move(fact: Fact, say: Phrases) -> str:
    """What a kWh costs at another time, and which limit keeps it from there."""
    v = fact.values
    at = f" at {say.amount(v, 'rate')}" if "rate" in v else ""
    what = f"Taking {_kwh(v)} more from {say.between(v)}{at}, and as much less at another time,"
    kept = v["others_kept"]
    assert isinstance(kept, Mapping)
    told = f"{what} {_twice(v, kept, say)}."
    limits, eased = words_of(v, "kept_by"), v.get("eased")
    if not limits or not isinstance(eased, Mapping):
        return told
    keep = "keeps" if len(limits) == 1 else "keep"
    return (
        f"{told} It is {listed(limits)} that {keep} it from that: with {say.amount(eased, 'by')} more there "
        f"from {say.between(eased)}, {_kwh(eased)} moved to that time would {_cost(eased, say)}."
    )


def _twice(anew: Values, kept: Values, say: Phrases) -> str:
    """What a move costs with the other vehicles as they are, and where they change too."""
    if kept["worse"] is None and anew["worse"] is None:
        return f"is not possible{_beyond(anew)}"
    if anew["worse"] is None:
        return f"would {_cost(kept, say)}{_anew(kept)}"
    after = f"would {_cost(anew, say)}{_anew(anew)}"
    if kept["worse"] is None:
        return f"is not possible with the other vehicles as they are, and {after} where others change too"
    if _cost(kept, say) == _cost(anew, say):
        return after
    before = f"would {_cost(kept, say)}{_anew(kept)} with the other vehicles as they are"
    if is_zero(quantity_of(anew, "worse")):
        after = f"nothing{_anew(anew)}" if before.startswith("would cost") else after.removeprefix("would ")
    return f"{before}, and {after.removeprefix('would ')} where others change too"


def _cost(v: Values, say: Phrases) -> str:
    return "cost nothing" if is_zero(quantity_of(v, "worse")) else say.worse(v)


def _kwh(v: Values) -> str:
    """An energy that is moved or given: mostly one kWh."""
    return f"{short(quantity_of(v, 'amount').value)} kWh"


def _beyond(v: Values) -> str:
    objective = word_of(v, "objective")
    if objective:
        return f" without making `{statement(objective)}` worse than it may be"
    return " in any schedule that meets the spec"


def _anew(v: Values) -> str:
    return " (who holds a port was decided anew)" if v["ports_anew"] else ""


def missing(fact: Fact, say: Phrases) -> str:
    """Why it is short."""
    v = fact.values
    as_it_stands = ", all else as it stands" if word_of(v, "code") == "dear" else ""
    return f"{say.amount(v, 'missing')} are missing: {word_of(v, 'reason')}{as_it_stands}."


def give(fact: Fact, say: Phrases) -> str:
    """What a kWh more to it costs, and who would have less."""
    v = fact.values
    what = f"Giving it {_kwh(v)} more at the port, or more than that,"
    if v["worse"] is None:
        return f"{what} is not possible{_beyond(v)}."
    losers = [f"{name(word_of(row, 'vehicle'))} ({say.amount(row, 'less')})" for row in rows_of(v, "losers")]
    less = f"less would go to {cut(losers, 'others')}" if losers else "nobody else would get less"
    return f"{what} would {_cost(v, say)}{_anew(v)}: {less}."


def given(fact: Fact, say: Phrases) -> str:
    """What it gives back, what that is worth, and what it wears."""
    v = fact.values
    told = f"It gives {say.amount(v, 'energy')} back{_in_runs(rows_of(v, 'runs'), say)}"
    worn, rewarded = (not is_zero(quantity_of(v, key)) for key in ("wear", "reward"))
    parts = [f"at the connection that is worth {say.amount(v, 'worth')}"] if "worth" in v else []
    parts += [f"it wears its battery by {say.amount(v, 'wear')}"] if worn else []
    parts += [f"its driver is paid {say.amount(v, 'reward')} for it"] if rewarded else []
    return f"{told}; {listed(parts)}." if parts else f"{told}."


def given_worth(fact: Fact, say: Phrases) -> str:
    """What the objective loses where it gives nothing."""
    v = fact.values
    if v["worse"] is None:
        return f"Giving nothing back is not possible{_beyond(v)}."
    if is_zero(quantity_of(v, "worse")):
        return f"Giving nothing back would cost nothing: there is a schedule as good that does so{_anew(v)}."
    return f"Giving nothing back would {say.worse(v)}{_anew(v)}."


TEMPLATES = {
    "stay": stay,
    "trips": trips,
    "charging": charging,
    "rank": rank,
    "rate_constant": rate_constant,
    "lower_rate": lower_rate,
    "move": move,
    "short": missing,
    "give": give,
    "given": given,
    "given_worth": given_worth,
}
