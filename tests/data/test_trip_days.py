"""Days of a trip itself: on which of them it is made, by whom, and what is drawn for each."""

from __future__ import annotations

from pathlib import Path

import pytest
from data.test_trips import trip

import evdsl
from evdsl.data.data import Data
from evdsl.data.load import load_data

WEEK = """station s {
    start   = 2024-03-11
    horizon = 7 d
    step    = 1 h
    zone    = "Europe/Rome"
}
grid {
    price = 0.20 EUR/kWh
}
class car {
    battery = 50 kWh
    charge  = 11 kW
}
"""
CAR = """vehicle van of car {
    arrival     = 00:00
    stay        = 7 d
    soc_arrival = 80 %
    soc_target  = 60 %
}
"""
SHIFT = """fleet day of car {
    count       = 3
    days        = mon .. sat
    arrival     = normal(08:00, 10 min)
    stay        = 9 h
    soc_arrival = 50 %
    soc_target  = 80 %
}
"""
LATE = (
    SHIFT.replace("normal(08:00, 10 min)", "20:00").replace("9 h", "10 h").replace("mon .. sat", "mon .. fri")
)


def on(
    days: str, departure: str = "10:00", end: str = "arrival = 12:00", of: str = "van", name: str = "out"
) -> str:
    return trip(departure, f"{end}\n days = {days}", of, name)


def loaded(text: str, site: str = WEEK) -> Data:
    data, found = load_data(evdsl.loads(f"{site}{text}minimize cost\n"))
    assert data is not None, found
    return data


def refused(text: str, folder: Path | None = None) -> tuple[str, str, str]:
    try:
        spec = evdsl.loads(f"{WEEK}{text}minimize cost\n", folders=[] if folder is None else [folder])
        found = load_data(spec)[1]
    except evdsl.SpecError as error:
        found = list(error.diagnostics)
    errors = [one for one in found if one.is_error]
    assert len(errors) == 1, errors
    return errors[0].code, errors[0].message, errors[0].help


def leaves(data: Data) -> dict[str, float]:
    """By stay before a trip, when it ends."""
    vehicles = data.vehicles
    going = vehicles.used == vehicles.used
    return {vehicles.name[at]: float(vehicles.departure[at]) for at in going.nonzero()[0]}


def test_a_trip_is_made_on_each_of_its_days_within_one_stay() -> None:
    vehicles = loaded(CAR + on("[mon, wed, fri]")).vehicles
    assert vehicles.departure.tolist() == [10, 58, 106, 168]
    assert vehicles.arrival.tolist() == [0, 12, 60, 108]


def test_trips_of_working_days_and_of_saturdays_are_blocks_of_their_own() -> None:
    vehicles = loaded(CAR + on("mon .. fri", name="work") + on("sat", "14:00", "duration = 1 h")).vehicles
    assert vehicles.departure.tolist() == [10, 34, 58, 82, 106, 134, 168]


def test_a_day_after_is_counted_from_each_day() -> None:
    vehicles = loaded(CAR + on("tue .. wed", "22:00", "arrival = 02:00 + 1 d")).vehicles
    assert vehicles.departure.tolist() == [46, 70, 168]
    assert vehicles.arrival.tolist() == [0, 50, 74]


def test_a_clock_that_is_changed_leaves_clock_times_what_they_are() -> None:
    spring = WEEK.replace("2024-03-11", "2024-03-25")
    vehicles = loaded(CAR + on("sat .. sun", "02:30", "arrival = 06:00"), spring).vehicles
    # On Sunday the clocks go from 02:00 to 03:00: what they skip is at 03:30.
    assert vehicles.departure.tolist() == [122.5, 146.5, 167]
    assert vehicles.arrival.tolist() == [0, 126, 149]


def test_of_a_fleet_that_comes_on_several_days_those_make_it_who_are_there() -> None:
    made = leaves(loaded(SHIFT + on("[tue, sat, sun]", of="day")))
    assert sorted(made) == [f"day.{n}@2024-03-{day}" for n in (1, 2, 3) for day in (12, 16)]
    assert set(made.values()) == {34.0, 130.0}


def test_a_clock_time_is_on_the_day_of_the_trip_and_not_on_that_of_the_stay() -> None:
    made = leaves(loaded(LATE + on("sat", "02:00", "arrival = 03:00", "day")))
    assert made == {f"day.{n}@2024-03-15": 122.0 for n in (1, 2, 3)}


def test_what_is_drawn_for_a_day_does_not_depend_on_the_other_days() -> None:
    def drawn(days: str, stay: str = CAR, of: str = "van", site: str = WEEK) -> dict[float, float]:
        text = on(days, "normal(10:00, 1 h)", "duration = normal(90 min, 20 min)", of)
        vehicles = loaded(stay + text.replace("8 kWh", "uniform(2 kWh, 9 kWh)"), site).vehicles
        going = vehicles.used == vehicles.used
        return dict(zip(vehicles.departure[going].tolist(), vehicles.used[going].tolist(), strict=True))

    every, some = drawn("all"), drawn("[tue, fri]")
    assert len(every) == 7
    assert len(some) == 2
    assert some.items() <= every.items()
    longer = WEEK.replace("7 d", "9 d")
    assert every.items() <= drawn("all", CAR.replace("7 d", "9 d"), site=longer).items()
    fleet = drawn("tue", SHIFT, "day")
    assert len(fleet) == 3
    assert fleet == drawn("tue", SHIFT.replace("mon .. sat", "[mon, tue]"), "day")
    assert fleet == drawn("tue", SHIFT.replace("mon .. sat", "tue .. wed"), "day")


def test_a_drawn_trip_that_is_too_long_is_drawn_again() -> None:
    # Whoever is there at 15:00 makes it, and is back before the end of the stay at about 17:00.
    vehicles = loaded(SHIFT + on("mon .. sat", "15:00", "duration = uniform(10 min, 10 h)", "day")).vehicles
    assert int((vehicles.used == vehicles.used).sum()) == 18


@pytest.mark.parametrize(
    ("text", "code", "message", "help"),
    [
        (
            CAR + on("fri", "20:00", "arrival = 02:00"),
            "E406",
            "`trip out` of `van` on 2024-03-15 is back at 2024-03-15 02:00 and leaves at 2024-03-15 20:00",
            "write `arrival = 02:00 + 1 d`: clock times are on the day of the trip",
        ),
        (
            CAR + on("sat .. sun", "20:00", "arrival = 02:00 + 1 d"),
            "E407",
            "`trip out` of `van` on 2024-03-17 lasts from 2024-03-17 20:00 to 2024-03-18 02:00, "
            "and the stay goes from 2024-03-11 00:00 to 2024-03-18 00:00",
            "let the vehicle stay longer, or mend the trip",
        ),
        (
            CAR + on("all") + on("wed", "11:00", "duration = 3 h", name="other"),
            "E406",
            "`trip other` of `van` on 2024-03-13 lasts from 2024-03-13 11:00 to 2024-03-13 14:00, and "
            "`trip out` of `van` on 2024-03-13 begins at 2024-03-13 10:00 and is back at 2024-03-13 12:00",
            "one vehicle makes one trip at a time: move one of them",
        ),
        (
            SHIFT + on("sun", of="day"),
            "E407",
            "`trip out` is made on no day: its departure lies in no stay of `day`",
            "mend the times: with `days` a clock time is on each of its days",
        ),
        (
            CAR + on("2024-03-20"),
            "E407",
            "no day of `2024-03-20` is in the horizon: the horizon goes from 2024-03-11 to 2024-03-17",
            "write `mon` or another of its days, or `all`",
        ),
        (
            CAR + on("tue", "2024-03-12 10:00"),
            "E305",
            "`trip out` has `days`, and its `departure` is on a date",
            "write `10:00`, which is on each of its days",
        ),
    ],
)
def test_a_trip_that_cannot_be_is_told_with_its_day(text: str, code: str, message: str, help: str) -> None:
    assert refused(text) == (code, message, help)


def test_the_rows_of_a_file_have_dates_and_no_days(tmp_path: Path) -> None:
    (tmp_path / "trips.csv").write_text("out,back,kwh (kWh)\n2024-03-12 12:00,2024-03-12 13:00,5\n")
    log = 'trip log of van = csv("trips.csv", departure="out", arrival="back", used="kwh (kWh)", days=mon)\n'
    assert refused(CAR + log, tmp_path) == (
        "E202",
        "the rows of `trips.csv` are on dates, and `trip log` has `days` beside them",
        "remove `days`, or write the trip in braces",
    )
