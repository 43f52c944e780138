"""What the command line says over the file."""

from __future__ import annotations

import re

import pytest
from semantics.car_park import SOUND, changed, heads, read, told

from evdsl.semantics.overrides import Overrides


@pytest.mark.parametrize(
    ("name", "value", "head", "help"),
    [
        (
            "gama",
            "1 EUR/kWh",
            "error[E203 unknown-name]: the spec has no param `gama`",
            "did you mean `gamma`?",
        ),
        ("x y", "1", "error[E203 unknown-name]: the spec has no param `x y`", "params are gamma"),
        (
            "gamma",
            "1",
            "error[E303 missing-unit]: `gamma` is a price of energy, and 1 has no unit",
            'write `--set gamma="1 EUR/kWh"`',
        ),
        (
            "gamma",
            "1 EUR",
            "error[E301 unit-mismatch]: `gamma` is a price of energy, and 1 EUR is an amount of money",
            'write `--set gamma="... EUR/kWh"`',
        ),
        (
            "gamma",
            '"dear"',
            'error[E305 wrong-shape]: `gamma` is a price of energy, and "dear" is none',
            'write `--set gamma="... EUR/kWh"`',
        ),
        ("gamma", "1 EUR/kwh", "error[E302 unknown-unit]: `kwh` is not a unit", "write `1 EUR/kWh`"),
        ("gamma", "gamma", "error[E210 circular]: `gamma` needs itself: gamma -> gamma", "break the circle"),
        ("gamma", "foo", "error[E203 unknown-name]: nothing is named `foo`", "define it: `param foo = ...`"),
        (
            "gamma",
            "1 EUR/kWh\nminimize peak",
            "error[E101 syntax]: one value is given to `gamma`",
            "call `--set` for each param",
        ),
    ],
)
def test_a_param_is_set_to_what_fits_it(name: str, value: str, head: str, help: str) -> None:
    rendered = read(SOUND, Overrides(set={name: value}))
    assert [(one.head, one.help) for one in told(rendered)] == [(head, help)]
    assert f"--> --set {name}:1:" in rendered


@pytest.mark.parametrize("value", ["1 EUR/kWh +", "{", "(", ")", "1 2", "=", "", '"', "\u20ac", "(" * 200])
def test_a_value_that_cannot_be_read_is_told_as_one_of_the_command_line(value: str) -> None:
    rendered = read(SOUND, Overrides(set={"gamma": value}))
    assert [re.sub(r":.*", "", line) for line in rendered.split("\n") if "-->" in line] == [
        " --> --set gamma"
    ]


def test_a_let_cannot_be_set() -> None:
    found = told(read(f"{SOUND}let total = 2 * cost\n", Overrides(set={"total": "3 EUR"})))
    assert found[0].head == "error[E203 unknown-name]: `total` is a `let`, and only a `param` can be set"
    assert found[0].help == "write `param total = ...` in the spec"


def test_a_param_that_could_not_be_read_may_be_set_all_the_same() -> None:
    text = changed("param gamma = 0.40 EUR/kWh", "param gamma = 0.40 EUR/kWh +")
    assert len(heads(text, Overrides(set={"gamma": "1 EUR/kWh"}))) == 1


@pytest.mark.parametrize(
    ("flag", "name", "head", "help"),
    [
        ("enable", "v2gg", "error[E204 unknown-toggle]: there is no toggle `v2gg`", "did you mean `v2g`?"),
        (
            "disable",
            "min_power",
            "warning[W104 idle-toggle]: `min_power` has nothing to act on: "
            "no port has `min_power` or `rates`",
            "remove it, or give it something to act on",
        ),
    ],
)
def test_a_toggle_of_the_command_line_is_one_of_the_language(
    flag: str, name: str, head: str, help: str
) -> None:
    overrides = Overrides(enable=[name]) if flag == "enable" else Overrides(disable=[name])
    rendered = read(SOUND, overrides)
    assert [(one.head, one.help) for one in told(rendered)] == [(head, help)]
    assert f"--> --{flag}:1:1" in rendered


@pytest.mark.parametrize(
    ("arrival", "departure", "codes"),
    [
        ("07:30", "07:30", ["E406"]),
        ("07:30", "07:29", ["E406"]),
        ("2024-03-12 23:45", "2024-03-13 07:00", ["W102"]),
        ("2024-03-13 00:00", "2024-03-13 07:00", ["E407"]),
        ("2024-03-11 07:00", "2024-03-12 00:00", ["E407"]),
        ("2024-03-11 07:00", "2024-03-12 00:15", ["W102"]),
    ],
)
def test_a_vehicle_is_there_for_some_of_the_horizon(arrival: str, departure: str, codes: list[str]) -> None:
    text = changed("= 07:30", f"= {arrival}").replace("= 17:00", f"= {departure}").replace("20 kWh", "1 kWh")
    assert [head.split("[")[1][:4] for head in heads(text)] == codes


@pytest.mark.parametrize(
    ("times", "codes"),
    [
        ("arrival = uniform(08:00, 08:30)\n    departure = uniform(08:30, 09:00)", []),
        ("arrival = uniform(08:00, 08:30)\n    departure = uniform(18:30, 19:00)", ["E410"]),
        ("arrival = normal(08:00, 5 min)\n    stay = choice([10 min, 30 min])", []),
        ("arrival = normal(08:00, 5 min)\n    stay = choice([10 min, 9 h])", ["E410"]),
        ("arrival = 08:00\n    departure = 09:00", []),
        ("arrival = 08:00\n    departure = 17:00", ["E410"]),
    ],
)
def test_how_large_a_fleet_may_be_depends_on_how_long_it_stays(times: str, codes: list[str]) -> None:
    text = changed("count       = 6", "count       = 900000")
    start, end = text.index("    arrival     = normal"), text.index("    soc_arrival = uniform")
    found = heads(f"{text[:start]}    {times}\n{text[end:]}")
    assert [head.split("[")[1][:4] for head in found if "W103" not in head] == codes


def test_what_only_follows_from_another_mistake_is_not_told() -> None:
    missing = "error[E209 missing-block]: the spec has no `station`"
    assert heads(SOUND.split("}\n", 1)[1]) == [missing]
    # A price that stands beside its block is not missing as well.
    price = "    price        = { 00:00: 0.11 EUR/kWh, 07:00: 0.19 EUR/kWh }\n"
    assert SOUND.count(price) == 1
    (head,) = heads(SOUND.replace(price, "") + price.strip() + "\n")
    assert head == "error[E101 syntax]: `price = ...` stands outside a block"
    # Without a horizon nothing is early or late.
    early = changed("horizon = 24 h", "horizon = 0 h").replace("arrival   = 07:30", "arrival   = 17:30")
    assert heads(early) == [
        "error[E308 out-of-range]: `horizon` of `station lot` is 0 h, and must lie above 0"
    ]


BARE = SOUND.split("port ac {")[0].replace("param gamma = 0.40 EUR/kWh\n", "")
PORT = "port ac {\n    power = 9 kW\n}\n"
GIVING_PORT = "port ac {\n    power = 9 kW\n    discharge = 9 kW\n}\n"
VISIT = "    arrival = 09:00\n    stay = 2 h\n    energy = 1 kWh\n"
CAR = f"class car {{\n    charge = 9 kW\n}}\nvehicle a of car {{\n{VISIT}}}\n"
GIVING_CAR = CAR.replace("charge = 9 kW", "charge = 9 kW\n    battery = 50 kWh\n    discharge = 9 kW")
SUN, WIND = "solar sun {\n    power = 5 kW\n}\n", "wind mill {\n    power = 5 kW\n}\n"
PACK = "storage pack {\n    capacity = 5 kWh\n    power = 5 kW\n}\n"
NO_DISCHARGE = "no class has a `discharge` power"
NO_EXPORT = "nothing on the site can export"
NO_WAY_OUT = "the grid has neither `export_limit` nor `feed_in`, so nothing is exported"


@pytest.mark.parametrize(
    ("toggles", "blocks", "out", "reason"),
    [
        ("v2g", CAR, "", NO_DISCHARGE),
        (
            "v2g",
            GIVING_CAR.replace("    battery = 50 kWh\n", ""),
            "",
            "no class that discharges has a `battery`",
        ),
        ("v2g", PORT + GIVING_CAR, "", "no port has a `discharge` power"),
        ("v2g", GIVING_PORT + GIVING_CAR, "", ""),
        ("v2g", PORT + GIVING_PORT.replace("ac", "dc") + GIVING_CAR, "", ""),
        ("v2g", GIVING_CAR, "", ""),
        ("exclusive", GIVING_CAR, "", "nothing can discharge"),
        ("exclusive, v2g", GIVING_CAR, "", ""),
        ("exclusive", PACK + CAR, "", ""),
        ("hold_port", CAR, "", "the spec has no `port` block: every vehicle has its own"),
        ("hold_port", PORT + CAR, "", ""),
        ("min_power", PORT + CAR, "", "no port has `min_power` or `rates`"),
        ("min_power", PORT.replace("}", "    min_power = 1 kW\n}") + CAR, "", ""),
        (
            "min_power",
            PORT + PORT.replace("ac", "dc").replace("}", "    rates = [1 kW, 9 kW]\n}") + CAR,
            "",
            "",
        ),
        ("curtailment", CAR, "", "the spec has no generation"),
        ("curtailment", SUN + CAR, "", ""),
        ("curtailment", WIND + CAR, "", ""),
        ("partial_charging", PACK, "", "the spec has no vehicles"),
        ("partial_charging", CAR, "", ""),
        ("uninterrupted", PACK, "", "the spec has no vehicles"),
        ("uninterrupted", CAR, "", ""),
        ("import_or_export", CAR, "export_limit = 5 kW", NO_EXPORT),
        ("import_or_export", GIVING_CAR, "export_limit = 5 kW", NO_EXPORT),
        ("import_or_export", SUN + CAR, "", NO_WAY_OUT),
        ("import_or_export, v2g", GIVING_CAR, "", NO_WAY_OUT),
        ("import_or_export", SUN + CAR, "export_limit = 5 kW", ""),
        ("import_or_export", PACK + CAR, "feed_in = 0.05 EUR/kWh", ""),
        ("import_or_export, v2g", GIVING_CAR, "feed_in = 0.05 EUR/kWh", ""),
    ],
)
def test_a_toggle_without_anything_to_act_on_is_told_with_the_reason(
    toggles: str, blocks: str, out: str, reason: str
) -> None:
    text = BARE.replace("    price        =", f"    {out}\n    price        =") + blocks
    told = heads(f"{text}enable {toggles}\nminimize cost\n")
    found = [one for one in told if "warning[W105" not in one and "warning[W106" not in one]
    name = toggles.split(",")[0]
    assert found == (
        [f"warning[W104 idle-toggle]: `{name}` has nothing to act on: {reason}"] if reason else []
    )


@pytest.mark.parametrize(
    ("blocks", "ending", "told"),
    [
        (CAR, "minimize cost", True),
        (CAR, "maximize export_revenue", True),
        (CAR, "minimize cost\nthen minimize peak", True),
        (CAR, "disable partial_charging\nminimize cost", False),
        (CAR, "minimize cost\nthen minimize unmet", False),
        (CAR, "maximize fairness", False),
        (CAR, "require all: unmet[v] <= 0 kWh for v in vehicles\nminimize cost", False),
        (CAR, "require some: delivered[v] >= 1 kWh for v in vehicles\nminimize cost", False),
        (CAR, "require calm: import[t] <= 9 kW for t in steps\nminimize cost", True),
        (PACK, "minimize cost", False),
    ],
)
def test_a_plan_that_charges_nobody_is_warned_of(blocks: str, ending: str, told: bool) -> None:
    text = BARE.replace("    price        =", "    feed_in = 0.05 EUR/kWh\n    price        =")
    found = heads(f"{text}{blocks}{ending}\n")
    assert not any("error" in one for one in found), found
    assert any(one.startswith("warning[W106") for one in found) == told
