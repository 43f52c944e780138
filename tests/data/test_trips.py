"""Trips as data: whose they are, when, what they use, and what is said of those that do not fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import evdsl
from evdsl.data.data import Data
from evdsl.data.load import load_data

SITE = """station s {
    start   = 2024-03-12
    horizon = 48 h
    step    = 1 h
    zone    = "Europe/Rome"
}
grid {
    price = 0.20 EUR/kWh
}
class car {
    battery = 50 kWh
    charge  = 11 kW
    soc     = 10 % .. 100 %
}
"""
VAN = """vehicle van of car {
    arrival     = 08:00
    stay        = 30 h
    soc_arrival = 80 %
    soc_target  = 60 %
}
"""


def trip(departure: str, end: str, of: str = "van", name: str = "out", used: str = "8 kWh") -> str:
    return f"trip {name} of {of} {{\n departure = {departure}\n {end}\n used = {used}\n}}\n"


def loaded(text: str, folder: Path | None = None) -> Data:
    spec = evdsl.loads(f"{SITE}{text}minimize cost\n", folders=[] if folder is None else [folder])
    data, found = load_data(spec)
    assert data is not None, found
    return data


def refused(text: str, folder: Path | None = None) -> tuple[str, str, str]:
    """The code, the message and the help of the one error of a spec, or of its data."""
    try:
        spec = evdsl.loads(f"{SITE}{text}minimize cost\n", folders=[] if folder is None else [folder])
        found = load_data(spec)[1]
    except evdsl.SpecError as error:
        found = list(error.diagnostics)
    errors = [one for one in found if one.is_error]
    assert len(errors) == 1, errors
    assert errors[0].span is not None
    return errors[0].code, errors[0].message, errors[0].help


def hours(data: Data) -> list[tuple[float, float]]:
    return list(zip(data.vehicles.arrival.tolist(), data.vehicles.departure.tolist(), strict=True))


def test_a_trip_cuts_the_stay_of_its_vehicle_in_two() -> None:
    data = loaded(VAN + trip("12:00", "arrival = 14:30"))
    assert data.vehicles.name == ("van", "van/2")
    assert hours(data) == [(8.0, 12.0), (14.5, 38.0)]
    assert data.vehicles.previous.tolist() == [-1, 0]
    assert data.vehicles.used[0] == 8.0
    assert data.vehicles.target.tolist() == [5.0 + 8.0, 30.0]


def test_a_vehicle_needs_what_its_trips_use_and_its_target() -> None:
    data = loaded(VAN + trip("12:00", "duration = 1 h", used="14 kWh"))
    assert data.vehicles.need.tolist() == pytest.approx([14.0 + 30.0 - 40.0, 0.0])


def test_trips_of_one_vehicle_may_be_written_in_any_order() -> None:
    late, early = trip("18:00", "duration = 1 h", name="late"), trip("10:00", "duration = 1 h", name="early")
    assert hours(loaded(VAN + late + early)) == hours(loaded(VAN + early + late))


def test_a_clock_time_with_a_day_is_on_the_day_after_the_stay_began() -> None:
    assert hours(loaded(VAN + trip("07:00 + 1 d", "arrival = 09:00 + 1 d"))) == [(8.0, 31.0), (33.0, 38.0)]


def test_a_clock_time_is_on_the_day_on_which_the_stay_begins() -> None:
    van = VAN.replace("arrival     = 08:00", "arrival     = 2024-03-13 06:00").replace("30 h", "16 h")
    assert hours(loaded(van + trip("12:00", "arrival = 13:00"))) == [(30.0, 36.0), (37.0, 46.0)]


FLEET = """fleet day of car {
    count       = 12
    arrival     = normal(08:00, 30 min)
    stay        = normal(9 h, 1 h)
    soc_arrival = uniform(40 %, 60 %)
    soc_target  = 80 %
}
"""


def test_a_fleet_makes_a_trip_each_drawn_until_it_fits() -> None:
    text = FLEET + trip(
        "normal(13:00, 3 h)", "duration = normal(2 h, 1 h)", "day", used="uniform(3 kWh, 8 kWh)"
    )
    vehicles = loaded(text).vehicles
    assert int(vehicles.is_first.sum()) == 12
    assert len(vehicles) == 24
    assert (vehicles.departure > vehicles.arrival).all()
    before = np.flatnonzero(~np.isnan(vehicles.used))
    assert (vehicles.arrival[before + 1] > vehicles.departure[before]).all()
    assert ((vehicles.used[before] >= 3.0) & (vehicles.used[before] <= 8.0)).all()


def test_a_trip_changes_no_draw_of_its_vehicles() -> None:
    without, with_it = (
        loaded(FLEET).vehicles,
        loaded(FLEET + trip("12:30", "duration = 10 min", "day")).vehicles,
    )
    first = with_it.is_first
    assert with_it.arrival[first].tolist() == without.arrival.tolist()
    assert with_it.initial[first].tolist() == without.initial.tolist()


def test_a_drawn_trip_that_never_fits_is_told() -> None:
    code, message, _ = refused(VAN + trip("normal(02:00, 1 min)", "duration = 1 h"))
    assert code == "E510"
    assert message == "`trip out` of `van` hardly ever lies inside the stay"


@pytest.mark.parametrize(
    ("trips", "code", "message", "help"),
    [
        (
            trip("06:00", "arrival = 09:00"),
            "E407",
            "`trip out` of `van` lasts from 2024-03-12 06:00 to 2024-03-12 09:00, "
            "and the stay goes from 2024-03-12 08:00 to 2024-03-13 14:00",
            "write `departure = 06:00 + 1 d` if the day after the stay's first is meant",
        ),
        (
            trip("12:00", "duration = 40 h"),
            "E407",
            "`trip out` of `van` lasts from 2024-03-12 12:00 to 2024-03-14 04:00, "
            "and the stay goes from 2024-03-12 08:00 to 2024-03-13 14:00",
            "let the vehicle stay longer, or mend the trip",
        ),
        (
            trip("12:00", "arrival = 11:00"),
            "E406",
            "`trip out` of `van` is back at 2024-03-12 11:00 and leaves at 2024-03-12 12:00",
            "write `arrival = 11:00 + 1 d` if the day after the stay's first is meant",
        ),
        (
            trip("08:00", "duration = 30 h"),
            "E406",
            "`trip out` of `van` lasts from 2024-03-12 08:00 to 2024-03-13 14:00, "
            "and leaves nothing of the stay",
            "let the vehicle come before it, or stay after it",
        ),
        (
            trip("12:00", "duration = 2 h") + trip("13:00", "duration = 2 h", name="again"),
            "E406",
            "`trip again` of `van` lasts from 2024-03-12 13:00 to 2024-03-12 15:00, and `trip out` of `van` "
            "begins at 2024-03-12 12:00 and is back at 2024-03-12 14:00",
            "one vehicle makes one trip at a time: move one of them",
        ),
    ],
)
def test_a_trip_that_does_not_fit_is_told_with_its_times(
    trips: str, code: str, message: str, help: str
) -> None:
    assert refused(VAN + trips) == (code, message, help)


@pytest.mark.parametrize(("arrival", "departure"), [("08:00", "02:30 + 1 d"), ("2024-03-31 00:00", "02:30")])
def test_a_trip_at_an_hour_that_the_clocks_skip_is_told(arrival: str, departure: str) -> None:
    text = SITE.replace("2024-03-12", "2024-03-30") + VAN.replace("08:00", arrival)
    found = load_data(evdsl.loads(f"{text}{trip(departure, 'duration = 3 h')}minimize cost\n"))[1]
    told = [(one.code, one.message) for one in found if one.is_error]
    assert told == [("E413", "2024-03-31 02:30 is skipped by the clocks of Europe/Rome")]


def test_trips_that_follow_each_other_without_a_pause_leave_a_stay_of_no_length() -> None:
    text = VAN + trip("12:00", "duration = 1 h") + trip("13:00", "duration = 1 h", name="on")
    data = loaded(text)
    assert hours(data) == [(8.0, 12.0), (13.0, 13.0), (14.0, 38.0)]
    assert (np.diff(data.visits.start) == [4, 0, 24]).all()


def test_a_trip_that_begins_with_the_stay_leaves_one_of_no_length() -> None:
    data = loaded(VAN.replace("08:00", "08:20") + trip("08:20", "duration = 1 h"))
    assert (np.diff(data.visits.start) == [0, 30]).all()


def test_a_trip_behind_the_horizon_is_left_out_and_one_that_ends_there_ends_the_vehicle() -> None:
    long = VAN.replace("30 h", "60 h")
    assert len(loaded(long + trip("01:00 + 2 d", "duration = 1 h")).vehicles) == 1
    ended = loaded(long + trip("20:00 + 1 d", "duration = 8 h")).vehicles
    assert ended.name == ("van",)
    assert ended.target.tolist() == [13.0]
    assert ended.need.tolist() == [0.0]


LOG = "id,came,left,used,at,to\n"
SESSIONS = (
    'sessions log of car = csv("log.csv", id="id", arrival="came", departure="left", '
    'soc_arrival=column("at", unit="%"), soc_target=column("to", unit="%")'
)


def written(folder: Path, *rows: str) -> Path:
    (folder / "log.csv").write_text(LOG + "".join(f"{row}\n" for row in rows))
    return folder


BACK = ("a,2024-03-12 08:00,2024-03-12 12:00,99,80,70", "b,2024-03-12 09:00,2024-03-12 10:00,0,50,60")
AGAIN = "a,2024-03-12 15:00,2024-03-12 20:00,7.5,33,60"


def test_an_id_that_comes_again_is_one_vehicle_where_a_column_says_what_it_used(tmp_path: Path) -> None:
    data = loaded(f'{SESSIONS}, used=column("used", unit="kWh"))\n', written(tmp_path, *BACK, AGAIN))
    assert data.vehicles.name == ("a", "a/2", "b")
    assert data.vehicles.used[0] == 7.5
    assert data.vehicles.need.tolist() == pytest.approx([7.5 + 30.0 - 40.0 if 7.5 > 10 else 0.0, 0.0, 5.0])


def test_without_that_column_the_message_says_both_ways(tmp_path: Path) -> None:
    code, message, help = refused(f"{SESSIONS})\n", written(tmp_path, *BACK, AGAIN))
    assert code == "E207"
    assert message == 'line 4 of "log.csv" names "a", as does line 2 of "log.csv"'
    assert help.startswith("give each row a name of its own, or leave `id` out")
    assert 'used="used (kWh)"' in help


def test_one_vehicle_cannot_come_before_it_has_left(tmp_path: Path) -> None:
    early = AGAIN.replace("15:00", "11:00")
    code, message, _ = refused(
        f'{SESSIONS}, used=column("used", unit="kWh"))\n', written(tmp_path, *BACK, early)
    )
    assert code == "E406"
    assert message.startswith(
        '"a" comes at 2024-03-12 11:00 (line 4 of "log.csv") and leaves at 2024-03-12 12:00'
    )


TRIPS = (
    'trip log of day = csv("trips.csv", vehicle="who", departure="out", arrival="back", used="kwh (kWh)")\n'
)


def test_trips_of_a_file_are_those_of_the_vehicles_that_its_rows_name(tmp_path: Path) -> None:
    (tmp_path / "trips.csv").write_text(
        "who,out,back,kwh (kWh)\nday.2,2024-03-12 12:00,2024-03-12 13:00,5\n"
        "3,2024-03-12 12:00,2024-03-12 13:00,6\nday.99,2024-03-20 12:00,2024-03-20 13:00,6\n"
    )
    vehicles = loaded(FLEET + TRIPS, tmp_path).vehicles
    assert [name for name in vehicles.name if "/" in name] == ["day.2/2", "day.3/2"]
    assert np.nansum(vehicles.used) == 11.0


def test_a_row_of_a_vehicle_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "trips.csv").write_text("who,out,back,kwh (kWh)\nvan,2024-03-12 12:00,2024-03-12 13:00,5\n")
    code, message, _ = refused(FLEET + TRIPS, tmp_path)
    assert (code, message) == (
        "E203",
        'line 2 of "trips.csv" is of "van", and `day` has no such vehicle in the horizon',
    )


def test_the_rows_of_a_file_are_all_of_the_only_vehicle(tmp_path: Path) -> None:
    (tmp_path / "trips.csv").write_text("out,h (h),kwh (kWh)\n2024-03-12 12:00,1,5\n2024-03-12 16:00,2,6\n")
    text = 'trip log of van = csv("trips.csv", departure="out", duration="h (h)", used="kwh (kWh)")\n'
    assert hours(loaded(VAN + text, tmp_path)) == [(8.0, 12.0), (13.0, 16.0), (18.0, 38.0)]


def test_what_its_stays_cannot_carry_is_warned_of_over_the_whole_vehicle() -> None:
    data = loaded(VAN + trip("09:00", "duration = 1 h", used="52 kWh"))
    told = [one for one in data.diagnostics if one.code == "W103"]
    assert [one.message for one in told] == ["`van` asks for more than its stays can carry"]
    # At most full at departure: 50 of the 57 kWh with which it would have to leave.
    assert told[0].notes == ("`van` wants 42 kWh at the port and can take 35 kWh",)


def test_what_can_be_bought_on_the_road_is_no_demand_out_of_reach() -> None:
    text = VAN + trip("09:00", "duration = 1 h", used="52 kWh")
    spec = evdsl.loads(SITE.replace("11 kW", "11 kW\n elsewhere = 0.5 EUR/kWh") + text + "minimize cost\n")
    data, found = load_data(spec)
    assert data is not None
    assert [one.code for one in found] == []


def test_an_id_that_is_called_as_a_later_stay_is_told(tmp_path: Path) -> None:
    rows = (*BACK, AGAIN, "a/2,2024-03-12 09:00,2024-03-12 10:00,0,50,60")
    code, message, _ = refused(f'{SESSIONS}, used=column("used", unit="kWh"))\n', written(tmp_path, *rows))
    assert (code, message) == ("E207", '"a/2" is an `id`, and what a stay of "a" is called')


def test_a_later_stay_is_no_vehicle_that_a_spec_may_name(tmp_path: Path) -> None:
    text = f'{SESSIONS}, used=column("used", unit="kWh"))\nrequire some: unmet[log["a/2"]] <= 1 kWh\n'
    code, message, _ = refused(text, written(tmp_path, *BACK, AGAIN))
    assert (code, message) == ("E203", '`log` has no vehicle "a/2"')


BY_DAY = VAN.replace("stay        = 30 h", "stay        = 9 h\n    days        = tue .. wed")


def test_a_trip_is_made_on_each_day_of_its_vehicles() -> None:
    vehicles = loaded(BY_DAY + trip("10:00", "arrival = 11:00")).vehicles
    assert vehicles.name == ("van@2024-03-12", "van@2024-03-12/2", "van@2024-03-13", "van@2024-03-13/2")
    assert vehicles.arrival.tolist() == [8, 11, 32, 35]
    assert vehicles.departure.tolist() == [10, 17, 34, 41]
    assert vehicles.initial[[0, 2]].tolist() == [40, 40], "each day has a battery of its own"
    assert np.isnan(vehicles.initial[[1, 3]]).all()


def test_clock_times_of_a_trip_are_on_the_day_on_which_the_stay_of_that_day_begins() -> None:
    late = BY_DAY.replace("arrival     = 08:00", "arrival     = 01:00 + 1 d").replace("tue .. wed", "tue")
    vehicles = loaded(late + trip("03:00", "arrival = 04:00")).vehicles
    assert vehicles.name == ("van@2024-03-12", "van@2024-03-12/2")
    assert vehicles.departure.tolist() == [27, 34]
    assert vehicles.arrival.tolist() == [25, 28]


def test_trips_that_are_drawn_for_one_day_do_not_depend_on_the_others() -> None:
    def leaves(days: str) -> dict[str, float]:
        fleet = BY_DAY.replace("vehicle van of car {", "fleet van of car {\n    count = 2")
        drawn = trip(
            "normal(10:00, 30 min)", "duration = normal(50 min, 10 min)", used="uniform(2 kWh, 9 kWh)"
        )
        vehicles = loaded(fleet.replace("tue .. wed", days) + drawn).vehicles
        return dict(zip(vehicles.name, zip(vehicles.departure, vehicles.used, strict=True), strict=True))

    both, later = leaves("tue .. wed"), leaves("wed")
    assert len(both) == 8
    assert len(later) == 4
    assert {name: both[name][0] for name in later} == {name: each[0] for name, each in later.items()}
    assert both["van.1@2024-03-12"] != both["van.1@2024-03-13"]


def test_a_trip_with_a_date_of_its_own_is_no_trip_of_another_day() -> None:
    code, message, help = refused(BY_DAY + trip("2024-03-12 10:00", "duration = 1 h"))
    assert code == "E407"
    assert message.startswith("`trip out` of `van@2024-03-13` lasts from 2024-03-12 10:00")
    assert help == "write a clock time: the trip is made in the stay of each day"


def test_trips_of_a_file_name_the_day_of_their_vehicle(tmp_path: Path) -> None:
    rows = "van@2024-03-12,2024-03-12 10:00,2024-03-12 11:00,8\n"
    rows += "van@2024-03-13,2024-03-13 09:00,2024-03-13 12:00,4\n"
    (tmp_path / "log.csv").write_text(f"id,out,back,used (kWh)\n{rows}")
    log = 'trip log of van = csv("log.csv", {}departure="out", arrival="back", used="used (kWh)")\n'
    vehicles = loaded(BY_DAY + log.format('vehicle="id", '), tmp_path).vehicles
    assert vehicles.departure.tolist() == [10, 17, 33, 41]
    assert vehicles.used[[0, 2]].tolist() == [8, 4]
    code, message, _ = refused(BY_DAY + log.format(""), tmp_path)
    assert (code, message) == ("E208", "`trip log` needs `vehicle`: whose the trips of `log.csv` are")
