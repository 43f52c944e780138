"""What is odd in a spec and no mistake is a warning."""

from __future__ import annotations

import pytest
from semantics.car_park import SOUND, changed, heads, read, told


def test_a_demand_that_the_stay_of_a_given_vehicle_cannot_carry_is_a_warning_with_both_figures() -> None:
    rendered = read(changed("energy    = 20 kWh", "energy    = 120 kWh"))
    assert rendered == (
        "warning[W103 demand-out-of-reach]: `van` asks for more than the stay can carry\n"
        "  --> lot.evs:34:1\n"
        "   |\n"
        "34 | vehicle van of car {\n"
        "   | ^^^^^^^^^^^^^^^^^^\n"
        "   |\n"
        "note: `van` wants 120 kWh at the port and can take 41.6 kWh\n"
        "help: what is missing becomes `unmet`\n"
    )


def test_clock_times_on_the_first_of_several_whole_days_are_a_warning_that_says_how_both_is_meant() -> None:
    found = [one for one in told(read(changed("horizon = 24 h", "horizon = 5 d"))) if "W112" in one.head]
    assert [one.head for one in found] == [
        f"warning[W112 comes-once]: `{name}` comes on 2024-03-12 alone, and the horizon holds 4 "
        "further whole days"
        for name in ("day", "van")
    ]
    assert found[0].help == "add `days = all`, or `days = 2024-03-12` if one day is meant"
    assert found[1].marked == "07:30"


@pytest.mark.parametrize(
    ("horizon", "changes", "warned"),
    [
        ("47 h", {}, []),
        ("48 h", {}, ["day", "van"]),
        ("48 h", {"departure = 17:00": "stay = 24 h"}, ["day"]),
        ("48 h", {"departure = 17:00": "departure = 17:00\n    days = all"}, ["day"]),
        ("48 h", {"departure = 17:00": "departure = 17:00\n    days = 2024-03-12"}, ["day"]),
        ("48 h", {"arrival   = 07:30": "arrival   = 2024-03-12 07:30"}, ["day"]),
        ("48 h", {"normal(8 h, 1 h)": "normal(30 h, 1 h)"}, ["van"]),
        ("72 h", {"normal(8 h, 1 h)": "normal(30 h, 1 h)"}, ["day", "van"]),
    ],
)
def test_who_is_still_there_on_the_last_day_or_says_its_days_is_not_warned_of(
    horizon: str, changes: dict[str, str], warned: list[str]
) -> None:
    text = changed("horizon = 24 h", f"horizon = {horizon}")
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    heads_of = [head for head in heads(text) if "W112" in head]
    assert [head.split("`")[1] for head in heads_of] == warned


LONG = """vehicle bus of car {
    arrival     = 00:00
    stay        = 3 d
    soc_arrival = 60 %
    soc_target  = 60 %
}
trip out of bus {
    departure = 10:00
    duration  = 1 h
    used      = 4 kWh
}
"""


@pytest.mark.parametrize(
    ("horizon", "changes", "further"),
    [
        ("3 d", {}, "2 further whole days"),
        ("2 d", {}, "1 further whole day"),
        ("3 d", {"stay        = 3 d": "stay        = 30 h"}, None),
        ("3 d", {"departure = 10:00": "departure = 2024-03-12 10:00"}, None),
        ("3 d", {"departure = 10:00": "departure = 10:00 + 1 d"}, None),
        ("3 d", {"departure = 10:00": "departure = 10:00\n    days      = tue"}, None),
    ],
)
def test_a_trip_that_is_made_on_the_first_of_several_whole_days_of_a_stay_is_a_warning(
    horizon: str, changes: dict[str, str], further: str | None
) -> None:
    text = changed("horizon = 24 h", f"horizon = {horizon}").replace(
        "enable partial", f"{LONG}enable partial"
    )
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    found = [head for head in heads(text) if "W112" in head and "trip" in head]
    said = f"`trip out` is made on 2024-03-12 alone, and the stay of `bus` holds {further}"
    assert found == ([f"warning[W112 comes-once]: {said}"] if further else [])


def test_a_demand_beyond_the_power_of_the_port_is_a_warning_too() -> None:
    rendered = read(changed("power = 22 kW", "power = 1 kW"))
    assert "note: `van` wants 20 kWh at the port and can take 9.5 kWh" in rendered


@pytest.mark.parametrize(
    ("changes", "wants", "takes"),
    [
        # 80 % of 52 kWh are to go in, of which a quarter more has to come out of the port.
        ({"charge  = 11 kW": "charge  = 11 kW\n    efficiency = 80 %", "20 kWh": "120 kWh"}, 120, 52),
        # From 50 % to 90 % of 52 kWh, in an hour at 11 kW.
        (
            {
                "charge  = 11 kW": "charge  = 11 kW\n    efficiency = 80 %",
                "energy    = 20 kWh": "soc_arrival = 50 %\n    soc_target = 90 %",
                "departure = 17:00": "departure = 08:30",
            },
            26,
            11,
        ),
        # From 07:15 to 08:00, and from 07:30 to 08:00.
        ({"zone ": "rounding = floor\n    zone ", "07:30": "07:25", "17:00": "08:10"}, 20, 8.25),
        ({"zone ": "rounding = inward\n    zone ", "07:30": "07:25", "17:00": "08:10"}, 20, 5.5),
        ({"07:30": "07:25", "17:00": "08:10"}, 20, 8.25),
        # What lies behind the horizon counts for nothing.
        (
            {"07:30": "20:00", "departure = 17:00": "stay = 8 h", "52 kWh": "99 kWh", "20 kWh": "50 kWh"},
            50.0,
            44.0,
        ),
    ],
)
def test_what_a_given_vehicle_wants_and_can_take_by_hand(
    changes: dict[str, str], wants: float, takes: float
) -> None:
    text = SOUND
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    assert f"note: `van` wants {wants:g} kWh at the port and can take {takes:g} kWh\n" in read(text)


def test_a_demand_that_just_fits_into_the_stay_is_no_mistake() -> None:
    fits = changed("departure = 17:00", "departure = 08:30").replace("20 kWh", "11 kWh")
    assert read(fits) == ""
    assert "can take 11 kWh" in read(fits.replace("11 kWh", "11.01 kWh"))
    assert read(changed("energy    = 20 kWh", "energy    = 41.6 kWh")) == ""


STORAGE = "storage store {\n    capacity = 10 kWh\n    power = 5 kW\n    soc = 20 % .. 80 %\n"


@pytest.mark.parametrize(
    ("settings", "fact", "help"),
    [
        (
            "soc_initial = 10 %",
            "`soc_initial` of `storage store` is 10 %",
            "write `soc_initial = 20 %`, or add `outside = widen`",
        ),
        (
            "soc_initial = 90 %",
            "`soc_initial` of `storage store` is 90 %",
            "write `soc_initial = 80 %`, or add `outside = widen`",
        ),
        (
            "soc_initial = 20 %\n    soc_final = 85 %",
            "`soc_final` of `storage store` is 85 %",
            "write `soc_final = 80 %`",
        ),
        ("soc_initial = 20 %\n    soc_final = 80 %", "", ""),
        ("soc_initial = 80 %\n    soc_final = 20 %", "", ""),
    ],
)
def test_a_storage_begins_and_ends_within_its_states_of_charge(settings: str, fact: str, help: str) -> None:
    text = changed("vehicle van of car {", f"{STORAGE}    {settings}\n}}\nvehicle van of car {{")
    head = f"error[E408 soc-out-of-reach]: {fact}, and its `soc` is 20 % .. 80 %"
    assert [(one.head, one.help) for one in told(read(text))] == ([(head, help)] if fact else [])


def test_energy_is_worth_something_only_in_a_battery() -> None:
    text = changed("vehicle van of car {", "class bike {\n    end_value = 1 ct/kWh\n}\nvehicle van of car {")
    bikes = (
        "fleet bikes of bike {\n    count = 1\n    arrival = 08:00\n    stay = 1 h\n    energy = 1 kWh\n}\n"
    )
    (head,) = heads(text + bikes)
    told = "`class bike` has an `end_value`, and no `battery` for energy to be left in"
    assert head == f"error[E412 no-battery]: {told}"
    assert read(changed("battery = 52 kWh", "battery = 52 kWh\n    end_value = 1 ct/kWh")) == ""


@pytest.mark.parametrize(
    ("settings", "fact"),
    [
        ("min_power = 22 kW", ""),
        ("min_power = 5 kW\n    rates = [5 kW, 22 kW]", ""),
        ("min_power = 22.1 kW", "`min_power` of `port ac` is 22.1 kW, and its `power` 22 kW"),
        ("rates = [5 kW, 22.1 kW]", "a rate of `port ac` is 22.1 kW, above its `power` of 22 kW"),
        (
            "min_power = 5 kW\n    rates = [4.9 kW, 22 kW]",
            "a rate of `port ac` is 4.9 kW, below its `min_power` of 5 kW",
        ),
    ],
)
def test_a_port_gives_powers_between_its_least_and_its_most(settings: str, fact: str) -> None:
    text = changed("    power = 22 kW\n", f"    power = 22 kW\n    {settings}\n")
    text = text.replace("enable partial_charging", "enable partial_charging, min_power")
    assert [one.split(": ", 1)[1] for one in heads(text)] == ([fact] if fact else [])


def test_without_partial_charging_the_help_is_another() -> None:
    text = changed("energy    = 20 kWh", "energy    = 120 kWh").replace("enable partial", "disable partial")
    assert [one.help for one in told(read(text))] == [
        "write `enable partial_charging`, ask for less, or let it stay longer"
    ]


@pytest.mark.parametrize(
    ("old", "new", "head", "help"),
    [
        (
            "param gamma = 0.40 EUR/kWh",
            "param gamma = 0.40 EUR/kWh\nparam gama = 0.50 EUR/kWh",
            "warning[W105 unused]: nothing uses the param `gama`",
            "use it, or remove the line",
        ),
        (
            "vehicle van of car {",
            "class bus {\n    charge = 50 kW\n}\nvehicle van of car {",
            "warning[W105 unused]: no vehicle is of `class bus`",
            "write `fleet NAME of bus { ... }`, or remove the block",
        ),
        (
            "enable partial_charging",
            "enable v2g",
            "warning[W104 idle-toggle]: `v2g` has nothing to act on: no class has a `discharge` power",
            "remove it, or give it something to act on",
        ),
    ],
)
def test_what_has_no_effect_is_a_warning(old: str, new: str, head: str, help: str) -> None:
    assert [(one.head, one.help) for one in told(read(changed(old, new)))] == [(head, help)]


@pytest.mark.parametrize(
    ("objective", "instead"),
    [
        ("minimize cost", "minimize cost + 0.40 EUR/kWh * unmet"),
        ("maximize export_revenue", "maximize export_revenue - 0.40 EUR/kWh * unmet"),
        ("minimize peak", "minimize unmet`, and `then minimize peak"),
    ],
)
def test_an_objective_under_which_nobody_needs_to_be_charged_is_a_warning(
    objective: str, instead: str
) -> None:
    line, param = "minimize cost + gamma * unmet", "param gamma = 0.40 EUR/kWh\n"
    found = told(read(changed(line, objective).replace(param, "")))
    assert [(one.head, one.marked, one.help) for one in found] == [
        (
            "warning[W106 nothing-asks]: nothing asks for energy to be delivered: "
            "with partial_charging on, charging nobody will do",
            objective,
            f"write `disable partial_charging`, or `{instead}`",
        )
    ]
    mended = instead.replace("`, and `", "\n")
    assert read(changed(line, mended).replace(param, "")) == ""
    assert (
        read(
            changed(line, f"{objective}\ndisable partial_charging").replace(param, "").replace("enable", "#")
        )
        == ""
    )


def test_a_class_without_a_power_needs_a_port() -> None:
    text = changed("    charge  = 11 kW\n", "")
    assert read(text) == ""
    without = text.replace("port ac {\n    count = 4\n    power = 22 kW\n}\n", "")
    assert [(one.head, one.marked, one.help) for one in told(read(without))] == [
        (
            "error[E411 nothing-limits]: nothing limits the charging power of `class car`",
            "class car",
            "add `charge = 11 kW` to `class car`, or a `port` with a `power`",
        )
    ]


def test_what_follows_from_an_error_is_no_warning() -> None:
    text = changed("enable partial_charging", "enable v2g").replace("charge  = 11 kW", "dischrge = 11 kW")
    assert heads(text) == ["error[E202 unknown-setting]: `class car` has no setting `dischrge`"]


@pytest.mark.parametrize(
    ("volts", "meant"),
    [("400 V", "230 V"), ("480 V", "277 V"), ("208 V", "120 V"), ("1000 V", "577 V")],
)
def test_a_voltage_between_two_phases_is_warned_of(volts: str, meant: str) -> None:
    found = told(read(changed("horizon = 24 h", f"horizon = 24 h\n    voltage = {volts}")))
    message = f"`voltage` is that of a phase to neutral, and {volts} is what lies between two phases"
    head = f"warning[W113 between-phases]: {message}"
    help = f"write `voltage = {meant}`, if it is a network of {volts}"
    assert [(one.head, one.help) for one in found] == [(head, help)]


@pytest.mark.parametrize("volts", ["230 V", "120 V", "277 V", "347 V", "100 V", "240 V"])
def test_a_voltage_to_neutral_is_not(volts: str) -> None:
    assert read(changed("horizon = 24 h", f"horizon = 24 h\n    voltage = {volts}")) == ""
