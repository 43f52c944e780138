"""Requirements that are refused, each with what to write instead."""

from __future__ import annotations

import pytest
from model.depot import DEPOT, ODD, requiring
from semantics.typist import typed

from evdsl.diagnostics.source import Source
from evdsl.semantics.resolve import resolve

MISTAKES = [
    (
        "charge[v, t] <= 5 kWh for v in vans, t in steps",
        "E304 kW and kWh cannot be compared",
        "charge[v, t] <= 5 kWh",
        "give both in one unit",
    ),
    (
        "charge[v, t] <= 5 for v in vans, t in steps",
        "E304 kW and a plain number cannot be compared",
        "charge[v, t] <= 5",
        "give the number its unit: `5 kW`",
    ),
    (
        "cost + co2 <= 5 EUR",
        "E304 EUR and kg cannot be added",
        "cost + co2",
        "give co2 a price, such as `80 EUR/t * co2`",
    ),
    (
        "import <= 5 kW for t in steps",
        "E305 `import` is asked for of a step, in brackets",
        "import",
        "write `import[t]`",
    ),
    (
        "sum(t in steps: import) <= 5 kW",
        "E305 `import` is asked for of a step, in brackets",
        "import",
        "write `import[t]`",
    ),
    (
        "charge <= 5 kW",
        "E305 `charge` is asked for of a vehicle and a step, in brackets",
        "charge",
        (
            "write `charge[v, t]`, and `for v in vehicles, t in steps` behind the requirement; or add up: "
            "`sum(v in vehicles: sum(t in steps: charge[v, t]))`"
        ),
    ),
    (
        "max(t in steps: import[t]) >= 5 kW",
        "E403 `max` can only be kept small: its other side is not a linear problem",
        "max(t in steps: import[t])",
        "ask it of all: `min(...) >= ...`, or of all together: `sum(...) >= ...`",
    ),
    (
        "min(t in steps: import[t]) <= 5 kW",
        "E403 `min` can only be kept large: its other side is not a linear problem",
        "min(t in steps: import[t])",
        "ask it of all: `max(...) <= ...`, or of all together: `sum(...) <= ...`",
    ),
    (
        "sum(v in vans: max(t in steps: charge[v, t])) >= 12 kW",
        "E403 `max` can only be kept small: its other side is not a linear problem",
        "max(t in steps: charge[v, t])",
        "ask it of all: `min(...) >= ...`, or of all together: `sum(...) >= ...`",
    ),
    (
        "sum(v in vans: unmet[v]) >= 5 kWh",
        "E403 `unmet[v]` can only be kept small: its other side is not a linear problem",
        "unmet[v]",
        "write `unmet[v] <= ...`, or `delivered[v] <= ...`",
    ),
    (
        "peak >= 5 kW",
        "E403 `peak` can only be kept small: its other side is not a linear problem",
        "peak",
        "write `peak <= ...`",
    ),
    (
        "peak == 5 kW",
        "E403 `peak` cannot be set equal to a value: only one of its sides is a linear problem",
        "peak",
        "write `peak <= ...`",
    ),
    (
        "unmet[v] >= 5 kWh for v in vans",
        "E403 `unmet[v]` can only be kept small: its other side is not a linear problem",
        "unmet[v]",
        "write `unmet[v] <= ...`, or `delivered[v] <= ...`",
    ),
    (
        "price[t] * max(v in vans: charge[v, t]) <= 5 EUR/h for t in steps",
        "E403 `max` is multiplied by data that may be below zero, and has one linear side only",
        "max(v in vans: charge[v, t])",
        "multiply it by a constant",
    ),
    (
        "import[t] * charge[vans, t] <= 5 kW for t in steps",
        "E404 import[t] and charge[vans, t] are both decisions, and their product is not linear",
        "import[t] * charge[vans, t]",
        "weigh decisions with constants, or with data such as `price[t]`",
    ),
    (
        "import[t] / charge[vans, t] <= 5 for t in steps",
        "E404 a decision cannot be divided by charge[vans, t], another: that is not linear",
        "import[t] / charge[vans, t]",
        "weigh decisions with constants, or with data such as `price[t]`",
    ),
    (
        "import[t] * cost <= 5 EUR * 1 kW for t in steps",
        "E404 import[t] and cost are both decisions, and their product is not linear",
        "import[t] * cost",
        "weigh decisions with constants, or with data such as `price[t]`",
    ),
    (
        "import[t] / need[vans] <= 5 for t in steps",
        "E307 need[vans] may be zero, and nothing is divided by it",
        "need[vans]",
        "multiply the other side with it",
    ),
    ("import[t] <= 5 kW for t in stps", "E203 there is no set `stps`", "stps", "did you mean `steps`?"),
    (
        "import[t] <= 5 kW for t in store",
        "E305 `store` is a `storage`, and no set of vehicles",
        "store",
        "sets are vehicles, fleets, classes, ports, steps, van, vans, bike, b, ac",
    ),
    (
        "charge[v] <= 5 kW for v in vans",
        "E305 `charge` is asked for of a vehicle and a step, and has 1 in its brackets",
        "charge[v]",
        "write `charge[v, t]`, and `, t in steps` behind the requirement; or add up: "
        "`sum(t in steps: charge[v, t])`",
    ),
    (
        "charge[t, v] <= 5 kW for v in vans, t in steps",
        "E305 `t` is a step, and a vehicle is wanted there",
        "t",
        "write `charge[v, t]`, with `v` a vehicle and `t` a step",
    ),
    (
        "charge[v, t] <= 5 kW for v in steps, t in vans",
        "E305 `v` is a step, and a vehicle is wanted there",
        "v",
        "write `charge[v, t]`, with `v` a vehicle and `t` a step",
    ),
    (
        "charge[v, t] <= 5 kW for v in vans",
        "E203 there is no step `t`",
        "t",
        "bind it, behind the requirement: `, t in steps`",
    ),
    (
        "charge[v, t] <= 5 kW for t in steps",
        "E203 there is no vehicle `v`",
        "v",
        "bind it, behind the requirement: `, v in vehicles`",
    ),
    (
        "charge[vns, t] <= 5 kW for t in steps",
        "E203 there is no vehicle `vns`",
        "vns",
        "did you mean `vans`?",
    ),
    (
        "charge[v, 3] <= 5 kW for v in vans",
        "E305 3 is not a step",
        "3",
        "write `charge[v, t]`, or a time such as `07:30`",
    ),
    (
        "soc[vans, t] <= 0.5 for t in steps",
        "E305 `soc` is one vehicle's, and cannot be added up over `vans`",
        "vans",
        "write `mean(v in vans: soc[v, t])`",
    ),
    (
        "soc[v, t] <= 0.5 for v in vehicles, t in steps",
        "E412 `soc` needs a battery, and `class bike` has none",
        "v",
        "add `battery = 60 kWh` to `class bike`, or leave its vehicles out: `soc` of the others alone",
    ),
    (
        "soc[v, t] <= 0.5 for v in ac, t in steps",
        "E305 `soc` is a vehicle's own, and has no part that belongs to ports",
        "v",
        "name the vehicles: `vehicles`, a fleet or a class",
    ),
    (
        "carge[v, t] <= 5 kW for v in vans, t in steps",
        "E203 there is no quantity `carge`",
        "carge",
        "did you mean `charge`?",
    ),
    (
        "import[t] <= 5 kW for t in steps, v in vans",
        "W105 nothing in `a` uses `v`",
        "v in vans",
        "use it, as in `delivered[v]`, or leave it out",
    ),
    (
        "import[t] <= 5 kW for t in steps, t in steps",
        "E207 `t` already runs over a set here",
        "t",
        "take another letter for this one",
    ),
    (
        "import[cost] <= 5 kW for cost in steps",
        "E207 `cost` is a word of the language, and cannot be a variable",
        "cost",
        "take a letter such as `v` or `t`",
    ),
    (
        "sum(q in steps: import[q]) <= 5 kW",
        "E207 `q` is defined on line 40",
        "q",
        "take another letter for the variable",
    ),
    (
        "import[t] <= 5 kW for t in 05:00 .. 06:00",
        "W107 `a` speaks of nothing: no step of the horizon begins then",
        "t in 05:00 .. 06:00",
        "give it something to hold for, or remove the line",
    ),
    (
        "import[t] <= 5 kW for t in 2024-03-12 03:00 .. 2024-03-12 01:00",
        "E308 the range ends before it begins",
        "2024-03-12 03:00 .. 2024-03-12 01:00",
        "write `2024-03-12 01:00 .. 2024-03-12 03:00`",
    ),
    (
        "import[t] <= 5 kW for t in 03:00 .. 2024-03-12 01:00",
        "E305 `03:00 .. 2024-03-12 01:00` is no range of clock times or dates",
        "03:00 .. 2024-03-12 01:00",
        "write `22:00 .. 06:00`, or `2024-03-12 07:00 .. 2024-03-12 09:00`",
    ),
    (
        "import[2024-03-14] <= 5 kW",
        "E308 2024-03-14 lies outside the horizon",
        "2024-03-14",
        "clock times are on the first day; write a date",
    ),
    (
        "import[t] <= 5 kW for t in [vans, ac]",
        "E305 a list holds vehicles, or blocks of ports, and not both",
        "[vans, ac]",
        "write a requirement for each",
    ),
    ("import[t] <= 5 kW for t in []", "E305 the set is empty", "[]", "write names of blocks into it"),
    (
        "import[t] <= 5 kW for t in 3",
        "E305 `3` is not a set",
        "3",
        (
            "sets are vehicles, fleets, classes, ports, steps, a block by its name, or times such as "
            "`22:00 .. 06:00`"
        ),
    ),
    (
        "3 <= 5",
        "W108 `a` always holds: both sides are constants",
        "",
        "speak of what is decided, such as `import[t]`, or remove the line",
    ),
    (
        "6 <= 5",
        "E414 `a` never holds: both sides are constants",
        "",
        "speak of what is decided, such as `import[t]`",
    ),
    (
        "price[t] <= 5 EUR/kWh for t in steps",
        "W108 `a` tests the data: it has no decision",
        "",
        "speak of what is decided, such as `import[t]`, or remove the line",
    ),
    (
        "feed_in[t] <= 5 EUR/kWh for t in steps",
        "E405 `feed_in` needs the `feed_in` of the `grid`",
        "feed_in[t]",
        "add `feed_in = ...` to `grid`",
    ),
    (
        "import[t] <= limit for t in steps",
        "E305 limit is no single number",
        "limit",
        "ask for it at a step: `limit[t]`, if it is a param or a let",
    ),
    (
        "import[t] <= q[t] for t in steps",
        "E304 kW and a plain number cannot be compared",
        "import[t] <= q[t]",
        "give both in one unit",
    ),
    (
        "store.powr[t] <= 5 kW for t in steps",
        "E203 `storage store` has no quantity `powr`",
        "powr",
        "did you mean `power`?",
    ),
    (
        "roof.power[t] <= 5 kW for t in steps",
        "E203 there is no device `roof`",
        "roof",
        "devices with a power are solar, wind, load, cohort, feeder, storage",
    ),
    (
        "store.power <= 5 kW for t in steps",
        "E305 `store.power` is asked for of a step, in brackets",
        "store.power",
        "write `store.power[t]`",
    ),
    (
        "grid.price <= 5 kW",
        "E305 the quantities of a `grid` are not written with a `.`",
        "grid",
        (
            "quantities are charge[v, t], discharge[v, t], energy[v, t], soc[v, t], import[t], "
            "export[t], unmet[v], delivered[v], revenue[v], wear[v], tariff[v, t], v2g_reward[v, t], "
            "price[t], feed_in[t], carbon[t], need[v], battery[v], "
            "priority[v]"
        ),
    ),
    (
        "vans.charge[t] <= 5 kW for t in steps",
        "E305 the quantities of a `fleet` are not written with a `.`",
        "vans",
        (
            "quantities are charge[v, t], discharge[v, t], energy[v, t], soc[v, t], import[t], "
            "export[t], unmet[v], delivered[v], revenue[v], wear[v], tariff[v, t], v2g_reward[v, t], "
            "price[t], feed_in[t], carbon[t], need[v], battery[v], "
            "priority[v]"
        ),
    ),
    (
        "total(t in steps: import[t]) <= 5 kW",
        "E205 `total` is no aggregate",
        "total",
        "aggregates are sum, mean, max, min",
    ),
    (
        "sum(t in steps: peak) <= 5 kW",
        "E305 `t` is not used, so `sum` says nothing",
        "t in steps",
        "put it in brackets: `import[t]`",
    ),
    (
        "sum(import) <= 5 kW",
        "E205 `sum` runs over a set",
        "sum",
        "write `sum(t in steps: import[t])`, or `sum(v in vehicles: delivered[v])`",
    ),
    (
        "max(import[t], 3 kW) >= 5 kW for t in steps",
        "E403 `max` can only be kept small: its other side is not a linear problem",
        "max(import[t], 3 kW)",
        "ask it of all: `min(...) >= ...`, or of all together: `sum(...) >= ...`",
    ),
    (
        "abs(import[t] - export[t]) == 5 kW for t in steps",
        "E403 `abs` cannot be set equal to a value: only one of its sides is a linear problem",
        "abs(import[t] - export[t])",
        "write `abs(...) <= ...`",
    ),
    (
        "import[t+0.5] <= 5 kW for t in steps",
        "E305 `t` is a step, and cannot be calculated with",
        "t",
        "put it in brackets: `import[t]`",
    ),
    (
        "import[t] <= t for t in steps",
        "E305 `t` is a step, and cannot be calculated with",
        "t",
        "put it in brackets: `import[t]`",
    ),
    (
        "import[t] <= 5 kW for t in fleets",
        "E305 `t` is a group, and a step is wanted there",
        "t",
        "write `import[t]`, with `v` a vehicle and `t` a step",
    ),
    ('"x" <= 5 kW', 'E305 "x" cannot be calculated with', '"x"', "write a quantity with its unit"),
    (
        "max_energy <= 5 kWh",
        "E305 max_energy is no single number",
        "max_energy",
        "a requirement speaks of numbers, words and quantities such as `import[t]`",
    ),
    (
        "charge[v, t] <= 5 kW for v in vans, w in v, t in steps",
        "E305 `v` is a variable here, and no set",
        "v",
        "sets are vehicles, fleets, classes, ports, steps, van, vans, bike, b, ac",
    ),
    (
        "cost <= 100 EUR for v in vans",
        "W105 nothing in `a` uses `v`",
        "v in vans",
        "use it, as in `delivered[v]`, or leave it out",
    ),
]
"""Each requirement, what is said of it, what is marked there, and the help."""


@pytest.mark.parametrize(("statement", "told", "marked", "help"), MISTAKES)
def test_a_mistake_in_a_requirement_is_told_once_with_what_to_write_instead(
    statement: str, told: str, marked: str, help: str
) -> None:
    line = f"require a: {statement}"
    (found,) = resolve(Source("depot.evs", f"{DEPOT}{ODD}{line}\n"))[1]
    assert found.span is not None
    assert (f"{found.code} {found.message}", found.help) == (told, help)
    assert found.span.text == (marked or line)


MARKED_IN_PART = {
    "charge[t, v]",
    "charge[v, t] <= 5 kW for v in steps",
    "charge[v, 3]",
    "soc[vans, t]",
    "sum(import)",
}
MARKED_IN_PART |= {"import[cost]", "import[t] <= 5 kW for t in fleets"}
"""Of a quantity that is to be written anew, what is wrong in it is marked, and not the whole."""


@pytest.mark.parametrize("statement", [case[0] for case in MISTAKES])
def test_what_the_help_of_a_requirement_says_leads_to_one_that_is_right(statement: str) -> None:
    if any(statement.startswith(part) for part in MARKED_IN_PART):
        return
    (found,) = resolve(Source("depot.evs", f"{DEPOT}{ODD}require a: {statement}\n"))[1]
    for text in typed(found):
        wrong = [(one.code, one.message) for one in resolve(Source("depot.evs", text))[1] if one.is_error]
        assert wrong == [], text


def test_a_name_is_given_to_one_requirement() -> None:
    text = requiring("peak <= 40 kW") + "require r0: peak <= 30 kW\n"
    (found,) = resolve(Source("depot.evs", text))[1]
    assert (found.code, found.message) == ("E207", "the requirement `r0` is there twice, first on line 23")


def test_an_order_of_schedules_is_not_required() -> None:
    (found,) = resolve(Source("depot.evs", requiring("lexfairness >= 50 %")))[1]
    assert found.code == "E404"


def test_a_word_needs_its_setting_in_a_requirement_too() -> None:
    (found,) = resolve(Source("depot.evs", requiring("revenue >= 5 EUR")))[1]
    assert (found.code, found.message) == ("E405", "`revenue` needs the `tariff` of a `class`")


def test_ports_are_spoken_of_where_there_are_some() -> None:
    codes = [
        found.code
        for found in resolve(
            Source("depot.evs", requiring("charge[p, t] <= 5 kW for p in ports, t in steps"))
        )[1]
    ]
    assert codes == ["W107"]
