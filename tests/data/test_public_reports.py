"""What people reported to other schedulers, as files and specs of our own; each cost is known by hand.

In brackets are the public reports, repository and number. Their facts are used, none of their text.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from worlds import said

import evdsl
from evdsl.diagnostics.diagnostic import Diagnostic

CAR = """\
port p {{ power = {power} kW }}
class car {{ charge = {power} kW }}
vehicle v of car {{
    arrival = {arrival}
    stay    = {stay}
    energy  = {energy} kWh
}}
disable partial_charging
minimize cost
"""


def station(start: str, horizon: str, step: str, zone: str = "UTC") -> str:
    lines = (f"start = {start}", f"horizon = {horizon}", f"step = {step}", f'zone = "{zone}"')
    return "\n".join(["station s {", *(f"    {line}" for line in lines), "}", ""])


def car(arrival: str, stay: str, energy: float, power: int = 10) -> str:
    return CAR.format(arrival=arrival, stay=stay, energy=energy, power=power)


def written(folder: Path, text: str, *rows: str) -> Path:
    """A spec and the rows of its file `f.csv` beside it."""
    (folder / "f.csv").write_text("\n".join(rows) + "\n")
    path = folder / "s.evs"
    path.write_text(text)
    return path


def cost(path: Path, solver: str) -> float:
    result = evdsl.compile(evdsl.load(path)).run(backend=solver)
    assert result.status is evdsl.Status.OPTIMAL
    assert result.verdict is not None
    assert result.verdict.ok
    return result.terms["cost"]


def problem(path: Path) -> Diagnostic:
    """The one error of a spec and its data."""
    with pytest.raises(evdsl.SpecError) as refused:
        evdsl.compile(evdsl.load(path))
    (found,) = [one for one in refused.value.diagnostics if one.is_error]
    return found


@pytest.mark.parametrize("horizon", ["24 h", "25 h"])
def test_a_zone_of_a_tariff_begins_on_the_clock_on_a_day_of_25_hours(
    horizon: str, tmp_path: Path, solver: str
) -> None:
    """[evcc-io/evcc 28831] After clocks went back a zone of 18:00 to 20:00 began an hour early."""
    zones = "grid { price = { 00:00: 0.30 EUR/kWh, 18:00: 0.15 EUR/kWh, 20:00: 0.30 EUR/kWh } }\n"
    text = station("2026-04-05", horizon, "15 min", "Australia/Sydney") + zones + car("00:00", horizon, 20)
    path = written(tmp_path, text)
    result = evdsl.compile(evdsl.load(path)).run(backend=solver)
    assert result.terms["cost"] == pytest.approx(20 * 0.15)
    assert result.schedule is not None
    power = result.schedule["import"].values
    assert power[4 * 19 : 4 * 21] == pytest.approx(10.0)  # 18:00 is the nineteenth hour of that day


def test_quarters_are_averaged_where_a_step_is_an_hour(tmp_path: Path, solver: str) -> None:
    """[custom-components/nordpool 524] Households are billed by the mean of four quarters."""
    prices = (40, 60, 80, 100, 10, 90, 90, 90, 65, 65, 65, 65)
    rows = [f"2026-03-28 {at // 4:02d}:{at % 4 * 15:02d},{price}" for at, price in enumerate(prices)]
    text = station("2026-03-28", "3 h", "1 h") + 'grid { price = csv("f.csv") }\n' + car("00:00", "3 h", 10)
    assert cost(written(tmp_path, text, "time,price (EUR/MWh)", *rows), solver) == pytest.approx(0.65)


@pytest.mark.parametrize("with_offset", [True, False])
def test_the_quarters_of_an_hour_that_is_repeated_keep_their_order(
    with_offset: bool, tmp_path: Path, solver: str
) -> None:
    """[home-assistant/core 155210] On a day of 25 hours the second 03:00 was lost."""
    rows = []
    for at in range(100):
        moment = datetime(2025, 10, 25, 21, tzinfo=UTC) + timedelta(minutes=15 * at)
        local = moment.astimezone(ZoneInfo("Europe/Helsinki"))
        time = moment.isoformat() if with_offset else f"{local:%Y-%m-%d %H:%M}"
        rows.append(f"{time},{1 if at == 17 else 50}")
    text = station("2025-10-26", "25 h", "15 min", "Europe/Helsinki") + 'grid { price = csv("f.csv") }\n'
    path = written(tmp_path, text + car("00:00", "25 h", 2.5), "time,price (EUR/MWh)", *rows)
    result = evdsl.compile(evdsl.load(path)).run(backend=solver)
    assert result.terms["cost"] == pytest.approx(2.5 * 0.001)
    assert result.schedule is not None
    assert result.schedule["import"].values[17] == pytest.approx(10.0)


def test_offsets_may_change_within_a_file(tmp_path: Path, solver: str) -> None:
    """[kotope/aio_energy_management 29] The day after clocks went back began with a row of summer time."""
    rows = (
        "28 00:00:00+02:00,0.28",
        "28 00:00:00+01:00,0.27",
        "28 01:00:00+01:00,0.26",
        "28 02:00:00+01:00,0.25",
    )
    text = (
        station("2024-10-28", "3 h", "1 h", "Europe/Berlin")
        + 'grid { price = csv("f.csv", unit="EUR/kWh") }\n'
    )
    path = written(
        tmp_path, text + car("00:00", "3 h", 20), "time,price", *(f"2024-10-{row}" for row in rows)
    )
    assert cost(path, solver) == pytest.approx(10 * 0.25 + 10 * 0.26)


def test_times_that_are_a_second_late_are_taken_to_the_second(tmp_path: Path, solver: str) -> None:
    """[AnnableLab/emhass-guide 18] Half hours whose times end in :01."""
    prices = {"02:00": 0.09, "02:30": 0.08, "03:00": 0.05, "03:30": -0.01, "04:00": 0.09}
    rows = [f"2025-11-18T{time}:01+11:00,{price}" for time, price in prices.items()]
    spec = 'grid { price = csv("f.csv", unit="EUR/kWh") }\n'
    early = (
        station("2025-11-18 02:00", "2.5 h", "30 min", "Australia/Sydney") + spec + car("02:00", "2.5 h", 5)
    )
    found = problem(written(tmp_path, early, "time,price", *rows))
    assert found.code == "E508"
    assert found.help.endswith("write `start = 2025-11-18 02:30` and `horizon = 2 h`")
    text = station("2025-11-18 02:30", "2 h", "30 min", "Australia/Sydney") + spec + car("02:30", "2 h", 5)
    mean = (0.05 + 1799 * -0.01) / 1800
    assert cost(written(tmp_path, text, "time,price", *rows), solver) == pytest.approx(5 * mean)


def test_the_end_of_each_row_is_not_offered_as_its_value(tmp_path: Path, solver: str) -> None:
    """[evcc-io/evcc 24914] Rows with a begin and an end that is a second before the next begin."""
    rows = [
        f"2025-10-29 {at}:00:00,2025-10-29 {at}:59:59,{price}"
        for at, price in ((15, 0.4), (16, 0.6), (17, 0.2))
    ]
    text = station("2025-10-29 15:00", "3 h", "15 min") + 'grid { price = csv("f.csv", unit="EUR/kWh") }\n'
    path = written(tmp_path, text + car("15:00", "3 h", 10), "start,end,price", *rows)
    assert problem(path).help == 'name it: `column="..."`, one of price'
    path.write_text(path.read_text().replace('"f.csv",', '"f.csv", column="price",'))
    assert cost(path, solver) == pytest.approx(2.0)


def test_prices_of_nothing_at_change_points_are_prices(tmp_path: Path, solver: str) -> None:
    """[davidusb-geek/emhass 1003] A value of 0 was filled up with that of its neighbour."""
    changes = (
        ("26T08", 0.308),
        ("26T11", 0),
        ("26T14", 0.308),
        ("26T16", 0.407),
        ("26T23", 0.308),
        ("27T11", 0),
    )
    rows = [f"2026-06-{time}:00:00+10:00,{price}" for time, price in changes]
    grid = 'grid { price = csv("f.csv", unit="EUR/kWh", method="changes") }\nload house { power = 1 kW }\n'
    text = (
        station("2026-06-26 08:00", "24 h", "5 min", "Australia/Brisbane") + grid + car("08:00", "24 h", 40)
    )
    house = 14 * 0.308 + 7 * 0.407
    assert cost(written(tmp_path, text, "time,price", *rows), solver) == pytest.approx(house + 10 * 0.308)


@pytest.mark.parametrize("curtailment", ["enable", "disable"])
def test_nothing_is_exported_at_a_price_below_zero_that_can_be_curtailed(
    curtailment: str, tmp_path: Path, solver: str
) -> None:
    """[davidusb-geek/emhass 282] A roof fed in while that had to be paid for."""
    grid = (
        "grid {\n    price = 0.02 EUR/kWh\n    export_limit = 10 kW\n"
        "    feed_in = { 13:00: -0.059 EUR/kWh, 14:00: -0.03 EUR/kWh }\n}\n"
        "solar roof { power = 8 kW }\nload house { power = 1 kW }\n"
    )
    text = station("2024-05-12 13:00", "3 h", "1 h") + grid + car("13:00", "2 h", 5, power=3)
    # 8 - 1 - 3 kW at 0.059 for an hour, then 8 - 1 - 2 and 8 - 1 kW at 0.03, where all of it has to go.
    worst = 4 * 0.059 + 5 * 0.03 + 7 * 0.03
    path = written(tmp_path, text + f"{curtailment} curtailment\n")
    assert cost(path, solver) == pytest.approx(0.0 if curtailment == "enable" else worst, abs=1e-9)


def test_steps_need_not_begin_where_prices_do(tmp_path: Path, solver: str) -> None:
    """[FlexMeasures/flexmeasures 2491] Prices were "unknown" for a plan from seven past on."""
    rows = [
        f"2026-03-28 {at // 4:02d}:{at % 4 * 15:02d},{price}"
        for at, price in enumerate((40, 60, 80, 100, 10))
    ]
    text = station("2026-03-28 00:07", "1 h", "15 min") + 'grid { price = csv("f.csv") }\n'
    path = written(tmp_path, text + car("00:07", "1 h", 2.5), "time,price (EUR/MWh)", *rows)
    assert cost(path, solver) == pytest.approx(2.5 * (8 * 40 + 7 * 60) / 15 / 1000)


def test_a_target_out_of_reach_is_come_as_near_to_as_can_be(tmp_path: Path, solver: str) -> None:
    """[FlexMeasures/flexmeasures 1001] A plan of nothing was given for a target that cannot be met."""
    text = station("2024-03-05 15:15", "2 h", "5 min") + (
        "grid { price = 0.2 EUR/kWh }\nclass ev {\n    battery = 59 kWh\n    charge = 11 kW\n}\n"
        "vehicle v of ev {\n    arrival = 15:15\n    departure = 16:00\n    soc_arrival = 36 %\n"
        "    soc_target = 80 %\n}\nminimize unmet\nthen minimize cost\n"
    )
    result = evdsl.compile(evdsl.load(written(tmp_path, text))).run(backend=solver)
    assert result.terms["unmet"] == pytest.approx(0.44 * 59 - 0.75 * 11, abs=1e-4)
    assert result.terms["cost"] == pytest.approx(0.75 * 11 * 0.2, abs=1e-4)


def test_storage_does_not_charge_and_give_at_once_at_a_price_below_zero(tmp_path: Path, solver: str) -> None:
    """[ait-energy/iesopt 147] Losses were bought, since prices below zero pay for them."""
    text = station("2024-03-05", "3 h", "1 h") + (
        "grid {\n    price = { 00:00: -0.10 EUR/kWh, 01:00: -0.20 EUR/kWh, 02:00: 0.30 EUR/kWh }\n"
        "    import_limit = 20 kW\n}\nload house { power = 2 kW }\n"
        "storage b {\n    capacity = 10 kWh\n    power = 5 kW\n    efficiency = 90 %\n"
        "    soc_initial = 50 %\n}\n"
    )
    # By enumeration of charging or giving in each step, and a linear program for each of the eight ways.
    path = written(tmp_path, text + car("00:00", "3 h", 4, power=4))
    assert cost(path, solver) == pytest.approx(-2.4555555555555557)


def test_hours_and_quarters_of_the_same_times_are_told_apart(tmp_path: Path) -> None:
    """[evcc-io/evcc 24090] A market gives both; they were laid one over the other."""
    hours = ["2025-10-04 00:00,80", "2025-10-04 01:00,90"]
    quarters = [f"2025-10-04 {at // 4:02d}:{at % 4 * 15:02d},{70 + at}" for at in range(8)]
    text = station("2025-10-04", "2 h", "15 min") + 'grid { price = csv("f.csv", unit="EUR/MWh") }\n'
    found = problem(written(tmp_path, text + car("00:00", "2 h", 5), "time,price", *hours, *quarters))
    assert found.code == "E507"
    assert found.message.endswith("are both for 2025-10-04 00:00; 1 more row repeats a time")


def test_an_hour_that_the_clocks_skip_is_no_hole_and_no_time(tmp_path: Path, solver: str) -> None:
    """[davidusb-geek/emhass-add-on 41] A day of 23 hours was infeasible, for want of a 24th price."""
    text = (
        station("2023-03-26", "4 h", "1 h", "Europe/Oslo") + 'grid { price = csv("f.csv", unit="EUR/MWh") }\n'
    )
    rows = {0: 30, 1: 20, 3: 10, 4: 50}
    path = written(
        tmp_path,
        text + car("00:00", "4 h", 15),
        "time,price",
        *(f"2023-03-26 {hour:02d}:00,{price}" for hour, price in rows.items()),
    )
    assert cost(path, solver) == pytest.approx(0.2)
    (tmp_path / "f.csv").write_text(
        "time,price\n" + "".join(f"2023-03-26 {h:02d}:00,{h}\n" for h in range(5))
    )
    assert problem(path).code == "E413"


def test_the_help_of_a_column_of_counts_names_it(tmp_path: Path, solver: str) -> None:
    """Milliseconds since 1970, as interfaces of markets give them."""
    rows = [f"{1711839600000 + 3600000 * at},{price}" for at, price in enumerate((30, 20, 10, 50))]
    text = (
        station("2024-03-31", "4 h", "1 h", "Europe/Berlin")
        + 'grid { price = csv("f.csv", unit="EUR/MWh") }\n'
    )
    path = written(tmp_path, text + car("00:00", "4 h", 15), "unix_ms,price", *rows)
    assert problem(path).help == 'if `unix_ms` counts from 1970, write `time="unix_ms"`'
    path.write_text(path.read_text().replace('"f.csv",', '"f.csv", time="unix_ms",'))
    assert cost(path, solver) == pytest.approx(0.2)


def test_the_help_for_a_unit_is_what_the_header_says(tmp_path: Path, solver: str) -> None:
    """Prices of a market per MWh: taken per kWh, as the help had it, they are a thousand times too high."""
    name = "Germany [€/MWh]"
    rows = [
        f"01.10.2025 00:{at}; {price}"
        for at, price in (("00", "1.204,50"), ("15", "-5,25"), ("30", "30,5"), ("45", "40"))
    ]
    grid = f'grid {{ price = csv("f.csv", column="{name}", dialect="eu") }}\n'
    text = station("2025-10-01", "1 h", "15 min", "Europe/Berlin") + grid + car("00:00", "1 h", 2.5)
    path = written(tmp_path, text, f"time;{name}", *rows)
    found = problem(path)
    assert (found.code, found.help) == (
        "E303",
        'give the unit of the column: `csv("f.csv", ..., unit="EUR/MWh")`',
    )
    path.write_text(path.read_text().replace("dialect=", 'unit="EUR/MWh", dialect='))
    assert cost(path, solver) == pytest.approx(2.5 * -5.25 / 1000)


def test_a_unit_in_a_header_that_is_none_is_not_guessed(tmp_path: Path) -> None:
    text = station("2025-10-01", "1 h", "15 min") + 'grid { price = csv("f.csv", column="p (øre)") }\n'
    path = written(
        tmp_path, text + car("00:00", "1 h", 2.5), "time,p (øre)", "2025-10-01 00:00,3", "2025-10-01 01:00,3"
    )
    assert (
        problem(path).help
        == 'give the unit of the column, of which its name says "øre", as in `unit="EUR/kWh"`'
    )


SESSIONS = """\
grid { price = 0.2 EUR/kWh }
class car { charge = 11 kW }
sessions log of car = csv("f.csv", id="id", arrival="start", departure="stop", energy=column("wh", unit="Wh"))
disable partial_charging
minimize cost
"""


@pytest.mark.parametrize(
    ("row", "code", "told"),
    [
        ("3,16:00,18:00,-4", "E308", "is -0.004 kWh, below 0"),
        ("3,17:00,16:00,4", "E406", "leaves at 2024-01-30 16:00 and comes at 2024-01-30 17:00"),
        ("3,17:00,14:00,4", "E406", "leaves at 2024-01-30 14:00 and comes at 2024-01-30 17:00"),
        ("3,20:00,16:00,4", "E406", "leaves at 2024-01-30 16:00 and comes at 2024-01-30 20:00"),
    ],
)
def test_a_session_of_nothing_is_one_and_what_cannot_be_is_refused(
    row: str, code: str, told: str, tmp_path: Path, solver: str
) -> None:
    """[steve-community/steve 1264, lbbrhzn/ocpp 1069] Sessions of nothing, and slightly below, in Wh.

    A row that leaves before it comes was said to lie outside the horizon where one of its times did.
    """
    good = ["1,15:29,17:00,5000", "2,15:30,15:31,0"]
    dated = [
        ",".join([number, f"2024-01-30T{begin}:00Z", f"2024-01-30T{end}:00Z", energy])
        for number, begin, end, energy in (line.split(",") for line in (*good, row))
    ]
    text = station("2024-01-30 15:00", "4 h", "15 min") + SESSIONS
    found = problem(written(tmp_path, text, "id,start,stop,wh", *dated))
    assert found.code == code
    assert told in found.message
    assert cost(written(tmp_path, text, "id,start,stop,wh", *dated[:2]), solver) == pytest.approx(1.0)


def test_the_unit_of_a_column_of_sessions_is_what_its_name_says(tmp_path: Path, solver: str) -> None:
    """The help had kWh of a column of `[wh]`."""
    spec = SESSIONS.replace('column("wh", unit="Wh")', 'column("energy [wh]")')
    rows = ("id,start,stop,energy [wh]", "1,2024-01-30T15:29:00Z,2024-01-30T17:00:00Z,5000")
    path = written(tmp_path, station("2024-01-30 15:00", "4 h", "15 min") + spec, *rows)
    assert problem(path).help == 'write `column("energy [wh]", unit="Wh")`'
    path.write_text(path.read_text().replace('column("energy [wh]")', 'column("energy [wh]", unit="Wh")'))
    assert cost(path, solver) == pytest.approx(1.0)


def test_rates_of_unequal_length_may_stand_newest_first(tmp_path: Path, solver: str) -> None:
    """[evcc-io/evcc 12676] A supplier gives rates of 20 and 4 hours with begin and end, the newest first."""
    rows = (
        "21T04:30,22T00:30,31.0",
        "21T00:30,21T04:30,9.0",
        "20T04:30,21T00:30,31.0",
        "20T00:30,20T04:30,9.0",
    )
    dated = [
        ",".join(f"2024-02-{time}:00Z" if "T" in time else time for time in row.split(",")) for row in rows
    ]
    price = 'csv("f.csv", column="value", unit="ct/kWh")'
    text = station("2024-02-20 18:00", "12 h", "30 min", "Europe/London") + f"grid {{ price = {price} }}\n"
    path = written(tmp_path, text + car("18:00", "12 h", 35, power=7), "valid_from,valid_to,value", *dated)
    found = problem(path)
    assert (found.code, '`method="changes", until=2024-02-21 06:00`' in found.help) == ("E506", True)
    path.write_text(path.read_text().replace('kWh")', 'kWh", method="changes", until=2024-02-21 06:00)'))
    assert cost(path, solver) == pytest.approx(28 * 0.09 + 7 * 0.31)


def test_a_fee_of_other_hours_is_added_to_a_price(tmp_path: Path, solver: str) -> None:
    """[evcc-io/evcc 26164] Overlapping windows of price and fee were given by one list, and one was lost."""
    text = station("2025-12-23 18:00", "12 h", "15 min", "Europe/Berlin") + (
        "param fee = { 00:00: 0 EUR/kWh, 02:30: -0.0685 EUR/kWh, 05:00: 0 EUR/kWh, 18:15: 0.0303 EUR/kWh, "
        "21:15: 0 EUR/kWh }\nparam energy_price = { 00:00: 0.16 EUR/kWh, 05:00: 0.26 EUR/kWh }\n"
        "grid { price = energy_price + fee }\n"
    )
    path = written(tmp_path, text + car("18:00", "12 h", 40))
    assert cost(path, solver) == pytest.approx(25 * 0.0915 + 15 * 0.16)


def test_a_car_that_is_above_its_target_is_not_charged(tmp_path: Path, solver: str) -> None:
    """[evcc-io/evcc 10561] A charge was planned, after the departure."""
    text = station("2023-10-29 12:00", "24 h", "15 min", "Europe/Berlin") + (
        "grid { price = 0.3 EUR/kWh }\nclass ev {\n    battery = 60 kWh\n    charge = 11 kW\n}\n"
        "vehicle v of ev {\n    arrival = 12:00\n    departure = 22:00\n    soc_arrival = 66 %\n"
        "    soc_target = 45 %\n}\ndisable partial_charging\nminimize cost\n"
    )
    assert cost(written(tmp_path, text), solver) == pytest.approx(0.0, abs=1e-9)


def test_each_bad_cell_of_a_column_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"2025-10-01 {at:02d}:00,{'-' if at % 2 else 3}" for at in range(24)]
    text = station("2025-10-01", "24 h", "1 h") + 'grid { price = csv("f.csv", unit="EUR/MWh") }\n'
    path = written(tmp_path, text + car("00:00", "24 h", 2.5), "time,price", *rows)
    assert problem(path).message.endswith("not a finite number; 11 more cells of the column are wrong")
    rows = [f"2025-10-01 {'at' if at % 2 else at}:00,3" for at in range(10, 24)]
    path = written(tmp_path, path.read_text(), "time,price", "2025-10-01 00:00,3", *rows)
    assert problem(path).message.endswith("; 6 more cells of the column are wrong")
    assert said(capsys, "check", str(path))[0] == 1


def test_what_was_taken_of_files_is_in_the_document_of_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = station("2025-10-01", "2 h", "1 h") + 'grid { price = csv("f.csv") }\n' + car("00:00", "2 h", 5)
    path = written(tmp_path, text, "time,price (EUR/kWh)", "2025-10-01 00:00,0.3", "2025-10-01 01:00,0.1")
    (record,) = json.loads(said(capsys, "check", "-v", "--json", str(path))[1])["files"]
    assert record["remarks"] == [
        'grid: price = column "price (EUR/kWh)" of f.csv in EUR/kWh, on the clocks of UTC, every 1 h, hold',
        "vehicle v: 1 vehicle between 2025-10-01 00:00 and 2025-10-01 02:00, need 5 kWh",
    ]
    (record,) = json.loads(said(capsys, "check", "--json", str(path))[1])["files"]
    assert "remarks" not in record
