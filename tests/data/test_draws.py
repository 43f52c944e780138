"""Who comes and what is read: draws that can be relied on, and files whose mistakes are named."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from evdsl.data.data import Data
from evdsl.data.draws import ATTEMPTS, Stream, sample, truncated
from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import Diagnostic, render
from evdsl.diagnostics.source import Source, Span
from evdsl.language.site import Vehicles
from evdsl.language.units import ENERGY, NUMBER
from evdsl.language.values import Const, Draw, ListValue, Value
from evdsl.semantics.overrides import Overrides
from evdsl.semantics.resolve import resolve

HEAD = """\
station lot {
    start   = 2024-03-12
    horizon = 24 h
    step    = 15 min
    zone    = "Europe/Rome"
    seed    = 7
}
class car {
    battery = 52 kWh
    charge  = 11 kW
    soc     = 10 % .. 90 %
}
"""
OBJECTIVE = "minimize unmet\n"
DAY = {
    "count": "40",
    "arrival": "normal(08:15, 45 min)",
    "stay": "normal(8 h, 1 h)",
    "soc_arrival": "uniform(20 %, 60 %)",
    "soc_target": "80 %",
}


def block(kind: str, name: str, settings: dict[str, str]) -> str:
    lines = "".join(f"    {setting} = {value}\n" for setting, value in settings.items() if value)
    return f"{kind} {name} of car {{\n{lines}}}\n"


def loaded(
    text: str, folder: Path | None = None, **overrides: object
) -> tuple[Data | None, list[Diagnostic]]:
    source = Source("lot.evs", text, (folder or Path("/nowhere")) / "lot.evs")
    spec, found = resolve(source, Overrides(**overrides))  # type: ignore[arg-type]  # the fields of Overrides
    if spec is None:
        return None, found
    data, more = load_data(spec)
    return data, [*found, *more]


def vehicles(*blocks: str, head: str = HEAD, **overrides: object) -> Vehicles:
    data, found = loaded(head + "".join(blocks) + OBJECTIVE, None, **overrides)
    assert data is not None, render(found)
    return data.vehicles


def fleet(name: str = "day", **changes: str) -> str:
    return block("fleet", name, DAY | changes)


def drawn(expression: str, count: int = 20_000) -> np.ndarray:
    """Energies drawn from a distribution, kWh."""
    changes = {"soc_arrival": "", "soc_target": "", "energy": expression, "count": str(count)}
    return vehicles(fleet(**changes)).demand


# Draws are reproducible and independent


def test_the_same_seed_gives_the_same_vehicles() -> None:
    first, second = vehicles(fleet()), vehicles(fleet())
    for name in ("arrival", "departure", "initial", "target"):
        assert np.array_equal(getattr(first, name), getattr(second, name))


def test_another_seed_gives_others() -> None:
    assert not np.array_equal(vehicles(fleet()).arrival, vehicles(fleet(), seed=8).arrival)
    assert np.array_equal(vehicles(fleet()).arrival, vehicles(fleet(), seed=7).arrival)


def test_the_numbers_of_a_seed_stay_what_they_are() -> None:
    # Published schedules are worth nothing if the next version draws other cars.
    found = vehicles(fleet(count="3"))
    assert_allclose(found.arrival, [8.0414515057, 6.9399277661, 8.2559978938], rtol=1e-9)
    assert_allclose(found.initial / 52, [0.5471654966, 0.5058524307, 0.2872987699], rtol=1e-9)


def test_another_block_does_not_change_the_vehicles_of_the_first() -> None:
    alone = vehicles(fleet())
    for others in ([fleet("night")], [block("vehicle", "van", {**DAY, "count": ""})]):
        for blocks in ([fleet(), *others], [*others, fleet()]):
            together = vehicles(*blocks)
            mine = [i for i, name in enumerate(together.name) if name.startswith("day.")]
            assert np.array_equal(together.arrival[mine], alone.arrival)
            assert np.array_equal(together.initial[mine], alone.initial)


def test_another_setting_does_not_change_the_others() -> None:
    alone = vehicles(fleet())
    for changes in ({"priority": "uniform(1, 3)"}, {"stay": "9 h"}, {"soc_target": "uniform(70 %, 90 %)"}):
        found = vehicles(fleet(**changes))
        assert np.array_equal(found.arrival, alone.arrival)
        assert np.array_equal(found.initial, alone.initial)


def test_the_order_of_settings_does_not_matter() -> None:
    backwards = dict(reversed(DAY.items()))
    assert np.array_equal(vehicles(block("fleet", "day", backwards)).arrival, vehicles(fleet()).arrival)


def test_blocks_and_settings_draw_different_numbers() -> None:
    found = vehicles(fleet(), fleet("night"), fleet(soc_target="uniform(20 %, 60 %)", name="late"))
    day, night, late = (found.initial[i : i + 40] for i in (0, 40, 80))
    assert abs(np.corrcoef(day, night)[0, 1]) < 0.5
    assert abs(np.corrcoef(late, found.target[80:])[0, 1]) < 0.5
    assert not np.array_equal(day, night)


def test_a_larger_fleet_begins_with_the_smaller_one() -> None:
    few, many = vehicles(fleet(count="10")), vehicles(fleet(count="40"))
    assert np.array_equal(few.arrival, many.arrival[:10])


def test_a_name_of_a_distribution_stands_for_the_distribution() -> None:
    """Wherever it is used it is drawn anew, and as if it were written there."""
    written = vehicles(fleet(soc_target="uniform(70 %, 80 %) + uniform(0 %, 10 %)"))
    head = HEAD + "param spread = uniform(0 %, 10 %)\n"
    named = vehicles(fleet(soc_target="uniform(70 %, 80 %) + spread"), head=head)
    assert np.array_equal(written.target, named.target)
    others = vehicles(
        fleet("early", soc_target="spread + 70 %"),
        fleet(soc_target="uniform(70 %, 80 %) + spread"),
        head=head,
    )
    assert np.array_equal(others.target[40:], named.target)
    twice = vehicles(fleet(soc_target="spread - spread + 70 %"), head=head)
    assert len(np.unique(twice.target)) == 40


def test_draws_of_one_setting_are_independent_of_each_other() -> None:
    found = vehicles(
        fleet(count="5000", soc_target="", energy="uniform(0 kWh, 10 kWh) + uniform(0 kWh, 10 kWh)")
    )
    # Of two equal draws the sum would spread by 5.8 kWh.
    assert found.demand.std() == pytest.approx(10 / np.sqrt(6), rel=0.03)


# Distributions


@pytest.mark.parametrize(
    ("expression", "mean", "deviation"),
    [
        ("normal(30 kWh, 4 kWh)", 30.0, 4.0),
        ("lognormal(30 kWh, 4 kWh)", 30.0, 4.0),
        ("lognormal(10 kWh, 8 kWh)", 10.0, 8.0),
        ("uniform(20 kWh, 40 kWh)", 30.0, 20 / np.sqrt(12)),
        ("beta(2, 5) * 70 kWh", 20.0, 70 * np.sqrt(10 / (49 * 8))),
        ("poisson(9) * 1 kWh", 9.0, 3.0),
        ("choice([10 kWh, 20 kWh, 60 kWh])", 30.0, np.sqrt(1400 / 3)),
        ("choice([10 kWh, 20 kWh], weights=[3, 1])", 12.5, np.sqrt(18.75)),
        ("choice([10 kWh, 20 kWh], weights=[0, 1])", 20.0, 0.0),
        ("normal(30 kWh, 0 kWh)", 30.0, 0.0),
        ("uniform(5 kWh, 5 kWh)", 5.0, 0.0),
        ("normal(30 kWh, 4 kWh) / 2 + 1 kWh", 16.0, 2.0),
    ],
)
def test_a_distribution_has_its_mean_and_its_deviation(
    expression: str, mean: float, deviation: float
) -> None:
    found = drawn(expression)
    error = 4 * deviation / np.sqrt(len(found))
    assert found.mean() == pytest.approx(mean, abs=error + 1e-9)
    assert found.std() == pytest.approx(deviation, rel=0.05, abs=1e-9)


def test_a_choice_gives_its_values_and_no_others() -> None:
    values, counts = np.unique(
        drawn("choice([10 kWh, 20 kWh, 40 kWh], weights=[1, 2, 1])"), return_counts=True
    )
    assert values.tolist() == [10.0, 20.0, 40.0]
    assert_allclose(counts / counts.sum(), [0.25, 0.5, 0.25], atol=0.02)


@pytest.mark.parametrize(
    ("arrival", "mean", "deviation"),
    [
        ("normal(08:15, 45 min)", 8.25, 0.75),
        ("uniform(07:00, 10:00)", 8.5, 3 / np.sqrt(12)),
        ("normal(2024-03-12 08:15, 45 min)", 8.25, 0.75),
        ("uniform(2024-03-12 07:00, 2024-03-12 10:00)", 8.5, 3 / np.sqrt(12)),
        ("choice([07:00, 10:00])", 8.5, 1.5),
        ("08:00 + uniform(0 min, 30 min)", 8.25, 0.5 / np.sqrt(12)),
        ("normal(06:00 + 2 h, 10 min)", 8.0, 1 / 6),
    ],
)
def test_clock_times_are_drawn_around_the_wall_clock(arrival: str, mean: float, deviation: float) -> None:
    found = vehicles(fleet(count="5000", arrival=arrival)).arrival
    assert found.mean() == pytest.approx(mean, abs=4 * deviation / np.sqrt(5000))
    assert found.std() == pytest.approx(deviation, rel=0.05)


@pytest.mark.parametrize(("day", "shift"), [("2024-03-31", -1.0), ("2024-03-12", 0.0), ("2024-10-27", 1.0)])
def test_drawn_clock_times_follow_the_clocks_when_they_change(day: str, shift: float) -> None:
    plain = vehicles(fleet()).arrival
    found = vehicles(fleet(), head=HEAD.replace("2024-03-12", day)).arrival
    assert_allclose(found, plain + shift)


def test_a_date_may_be_drawn_around_too() -> None:
    head = HEAD.replace("horizon = 24 h", "horizon = 3 d")
    found = vehicles(fleet(arrival="normal(2024-03-14 08:15, 5 min)"), head=head).arrival
    assert_allclose(found, 56.25, atol=0.5)
    assert_allclose(found, vehicles(fleet(arrival="normal(08:15 + 2 d, 5 min)"), head=head).arrival)


def test_a_share_of_what_the_stay_can_carry() -> None:
    found = vehicles(
        fleet(soc_target="", energy="uniform(0, 1) * max_energy", soc_arrival="10 %", stay="2 h")
    )
    assert (found.demand <= 22.0).all()
    assert found.demand.max() > 15.0
    half = vehicles(fleet(soc_target="", energy="0.5 * max_energy", stay="2 h"))
    assert_allclose(half.demand, 11.0)


# Truncation


def test_values_without_a_meaning_are_drawn_again() -> None:
    found = vehicles(
        fleet(
            count="2000",
            arrival="normal(00:30, 2 h)",
            stay="normal(1 h, 3 h)",
            soc_arrival="normal(50 %, 40 %)",
            soc_target="normal(50 %, 40 %)",
        )
    )
    assert found.arrival.min() >= 0
    assert (found.departure - found.arrival).min() > 0
    assert found.initial.min() >= 5.2
    assert found.initial.max() <= 46.8 + 1e-9
    assert found.target.min() >= 5.2
    energies = drawn("normal(1 kWh, 5 kWh)")
    assert energies.min() >= 0


def test_truncation_keeps_the_shape_of_what_is_left() -> None:
    found = drawn("normal(0 kWh, 5 kWh)")
    # Half a normal distribution: its mean is the deviation times the root of (2/pi).
    assert found.mean() == pytest.approx(5 * np.sqrt(2 / np.pi), rel=0.03)


def test_what_has_a_meaning_is_not_drawn_again() -> None:
    wide = vehicles(fleet(count="500", soc_arrival="uniform(10 %, 90 %)"))
    beyond = vehicles(fleet(count="500", soc_arrival="normal(50 %, 10 %)"))
    again = vehicles(fleet(count="500", soc_arrival="normal(50 %, 10 %)", stay="1 h"))
    assert np.array_equal(beyond.initial, again.initial)
    assert len(np.unique(wide.initial)) == 500


def test_redrawing_stops_where_nothing_comes() -> None:
    calls = []

    def values() -> np.ndarray:
        calls.append(1)
        return np.array([-1.0, 1.0])

    assert truncated(values, lambda found, _: found > 0, 2) is None
    assert len(calls) == ATTEMPTS + 1


@pytest.mark.parametrize(
    ("setting", "distribution", "message"),
    [
        ("arrival", "normal(08:15 + 3 d, 45 min)", "`arrival` of `day` is hardly ever inside the horizon"),
        ("stay", "normal(-9 h, 1 min)", "`stay` of `day` is hardly ever above zero"),
        ("stay", "poisson(0) * 1 h", "`stay` of `day` is hardly ever above zero"),
        ("departure", "normal(02:00, 1 min)", "`departure` of `day` is hardly ever after the arrival"),
        (
            "soc_arrival",
            "normal(5 %, 0.1 %)",
            "`soc_arrival` of `day` is hardly ever inside the bounds of the class",
        ),
        (
            "soc_target",
            "normal(99 %, 0.1 %)",
            "`soc_target` of `day` is hardly ever inside the bounds of the class",
        ),
        ("energy", "normal(-9 kWh, 1 kWh)", "`energy` of `day` is hardly ever zero or above"),
        ("priority", "normal(-9, 1)", "`priority` of `day` is hardly ever zero or above"),
    ],
)
def test_a_distribution_that_never_gives_a_value_with_a_meaning_is_refused(
    setting: str, distribution: str, message: str
) -> None:
    changes = {setting: distribution}
    if setting == "departure":
        changes["stay"] = ""
    if setting == "energy":
        changes |= {"soc_arrival": "", "soc_target": ""}
    data, found = loaded(HEAD + fleet(**changes) + OBJECTIVE)
    assert data is None
    assert [(one.code, one.message) for one in found] == [("E510", message)]
    assert found[0].help
    assert found[0].span is not None
    assert found[0].span.text == distribution


def test_a_division_by_what_is_drawn_as_zero_is_refused() -> None:
    data, found = loaded(HEAD + fleet(stay="8 h / poisson(1)") + OBJECTIVE)
    assert data is None
    assert [one.code for one in found] == ["E307"]


@pytest.mark.parametrize(
    "draw",
    [
        ("beta", (1e-300, 1e-300)),
        ("beta", (1e12, 1e-12)),
        ("normal", (1e12, 1e12)),
        ("lognormal", (5e-324, 1e12)),
        ("lognormal", (1e12, 5e-324)),
        ("uniform", (-1e12, 1e12)),
        ("poisson", (1e9,)),
    ],
)
def test_no_parameters_that_are_accepted_make_a_sampler_fail(draw: tuple[str, tuple[float, ...]]) -> None:
    place = Span(Source("", ""), 0, 0)
    name, numbers = draw
    arguments: tuple[Value, ...] = tuple(Const(number, NUMBER, place) for number in numbers)
    found = sample(Draw(name, arguments, 1, NUMBER, place), Stream(0, "a", "b").generator(1), 100, float)  # type: ignore[arg-type]  # no points in time here
    assert found.shape == (100,)


def test_weights_of_any_size_are_shares() -> None:
    place = Span(Source("", ""), 0, 0)
    values = ListValue(tuple(Const(v, ENERGY, place) for v in (1.0, 2.0)), place)
    for weights in ((1e-300, 1e-300), (1e300, 1e300), (5e-324, 1e12)):
        shares = ListValue(tuple(Const(w, NUMBER, place) for w in weights), place)
        draw = Draw("choice", (values, shares), 1, ENERGY, place)
        assert set(sample(draw, Stream(0, "a", "b").generator(1), 50, float)) <= {1.0, 2.0}  # type: ignore[arg-type]  # as above


# Vehicles


def test_a_fleet_names_its_vehicles_by_number_and_a_vehicle_is_named_as_it_is() -> None:
    van = block("vehicle", "van", {"arrival": "08:00", "stay": "8 h", "energy": "5 kWh"})
    assert vehicles(fleet(count="2"), van).name == ("day.1", "day.2", "van")


def test_a_fleet_of_nobody_is_no_mistake() -> None:
    assert len(vehicles(fleet(count="0"))) == 0
    assert len(vehicles(fleet(count="0"), fleet("night"))) == 40


def test_a_vehicle_with_a_battery_that_asks_for_energy_comes_at_the_minimum() -> None:
    van = block("vehicle", "van", {"arrival": "08:00", "stay": "8 h", "energy": "5 kWh"})
    found = vehicles(van)
    assert found.initial[0] == pytest.approx(5.2)
    assert found.demand[0] == 5.0
    assert np.isnan(found.target[0])


def test_losses_count_for_what_a_stay_can_carry() -> None:
    head = HEAD.replace("battery = 52 kWh", "battery = 52 kWh\n    efficiency = 80 %")
    settings = {"arrival": "08:00", "stay": "2 h", "soc_arrival": "50 %", "soc_target": "90 %"}
    data, found = loaded(head + block("vehicle", "van", settings) + OBJECTIVE)
    assert data is not None
    assert "`van` wants 26 kWh at the port and can take 22 kWh" in render(found)


# Demands that the stay cannot carry


def test_a_given_and_a_drawn_demand_beyond_reach_are_told_alike() -> None:
    van = block("vehicle", "van", {"arrival": "08:00", "stay": "1 h", "energy": "20 kWh"})
    data, found = loaded(HEAD + van + OBJECTIVE)
    assert data is not None
    rendered = render(found)
    assert rendered.count("warning[W103 demand-out-of-reach]") == 1
    assert "`van` asks for more than the stay can carry" in rendered
    data, found = loaded(HEAD + fleet(stay="1 h", count="3") + OBJECTIVE)
    assert data is not None
    assert "3 of 3 vehicles of `day` ask for more than the stay can carry" in render(found)
    assert "note: `day." in render(found)
    assert "help: what is missing becomes `unmet`" in render(found)


@pytest.mark.parametrize("rounding", ["exact", "floor", "inward"])
def test_what_is_said_before_the_data_are_read_is_what_they_say(rounding: str) -> None:
    """`evdsl check` without numpy and the data give one warning and not two."""
    head = HEAD.replace("seed    = 7", f"rounding = {rounding}") + "port ac { power = 7 kW }\n"
    rng = np.random.default_rng(4)
    for _ in range(25):
        settings = {
            "arrival": f"{rng.integers(0, 20):02}:{rng.integers(0, 60):02}",
            "stay": f"{rng.uniform(0.1, 9):.3f} h",
            "energy": f"{rng.uniform(0, 60):.2f} kWh",
        }
        if rng.random() < 0.5:
            del settings["energy"]
            settings |= {"soc_arrival": f"{rng.uniform(10, 90):.1f} %", "soc_target": "90 %"}
        text = head + block("vehicle", "van", settings) + OBJECTIVE
        spec, early = resolve(Source("lot.evs", text))
        assert spec is not None
        data, late = load_data(spec)
        assert data is not None
        assert [d for d in early if d.code == "W103"] == [d for d in late if d.code == "W103"]


# Sessions from files

COLUMNS = ("id", "arr", "dep", "energy (kWh)", "soc", "stay")
ROW = ("a", "2024-03-12 08:00", "2024-03-12 17:00", "20", "30", "8")
BY_TIME = 'arrival="arr", departure="dep", energy="energy (kWh)"'


def row(**changes: str) -> str:
    values = dict(zip(("id", "arr", "dep", "energy", "soc", "stay"), ROW, strict=True)) | changes
    return ",".join(values.values())


def sessions(
    folder: Path, *rows: str, columns: str = BY_TIME, extra: str = ""
) -> tuple[Data | None, list[Diagnostic]]:
    (folder / "s.csv").write_text("\n".join([",".join(COLUMNS), *rows]) + "\n")
    text = f'{HEAD}{extra}sessions log of car = csv("s.csv", {columns})\n{OBJECTIVE}'
    return loaded(text, folder)


def only(found: list[Diagnostic]) -> Diagnostic:
    assert len(found) == 1, render(found)
    assert found[0].help
    return found[0]


def test_a_column_stands_for_each_setting(tmp_path: Path) -> None:
    columns = (
        'arrival="arr", stay=column("stay", unit="h"), soc_target=80 %, soc_arrival=column("soc", unit="%")'
    )
    data, found = sessions(tmp_path, row(), row(stay="2.5", soc="45"), columns=columns)
    assert data is not None, render(found)
    assert data.vehicles.departure.tolist() == [16.0, 10.5]
    assert_allclose(data.vehicles.initial, [15.6, 23.4])
    assert data.vehicles.name == ("log.1", "log.2")


def test_a_column_is_calculated_with(tmp_path: Path) -> None:
    columns = (
        'arrival=column("arr") + 30 min, departure="dep", energy=min(column("energy (kWh)") / 2, max_energy)'
    )
    data, found = sessions(tmp_path, row(), row(energy="500"), columns=columns)
    assert data is not None, render(found)
    assert data.vehicles.arrival.tolist() == [8.5, 8.5]
    assert data.vehicles.demand.tolist() == [10.0, 93.5]


def test_the_file_of_sessions_may_be_a_param(tmp_path: Path) -> None:
    (tmp_path / "june.csv").write_text("\n".join([",".join(COLUMNS), row()]) + "\n")
    text = f'{HEAD}param log = "july.csv"\nsessions s of car = csv(log, {BY_TIME})\n{OBJECTIVE}'
    data, found = loaded(text, tmp_path, set={"log": '"june.csv"'})
    assert data is not None, render(found)


def test_vehicles_are_named_by_their_id(tmp_path: Path) -> None:
    data, found = sessions(tmp_path, row(), row(id="b 2"), columns=f'{BY_TIME}, id="id"')
    assert data is not None, render(found)
    assert data.vehicles.name == ("a", "b 2")


def test_rows_are_chosen_by_day_and_the_choice_is_told(tmp_path: Path) -> None:
    rows = [row(arr=f"2024-03-{day} 08:00", dep=f"2024-03-{day} 12:00") for day in (11, 12, 12, 13)]
    data, found = sessions(tmp_path, *rows, columns=f"{BY_TIME}, arriving=2024-03-12 .. 2024-03-13")
    assert data is not None, render(found)
    assert len(data.vehicles) == 2
    assert data.remarks == ("2 of 4 rows of s.csv arrive in the range asked for",)


def test_rows_outside_the_horizon_are_left_out_with_a_warning(tmp_path: Path) -> None:
    rows = [row(arr=f"2024-03-{day} 08:00", dep=f"2024-03-{day} 12:00") for day in (11, 12, 13)]
    data, found = sessions(tmp_path, *rows)
    assert data is not None
    assert len(data.vehicles) == 1
    assert only(found).message == '2 of 3 rows of "s.csv" lie outside the horizon and are left out'
    assert only(found).code == "W101"


def test_a_row_that_does_not_count_may_be_wrong(tmp_path: Path) -> None:
    """One bad row of another day does not spoil this one."""
    bad = row(arr="2024-03-14 08:00", dep="2024-03-14 07:00", energy="?")
    data, found = sessions(tmp_path, row(), bad)
    assert data is not None, render(found)
    bad = row(arr="2024-03-14 08:00", dep="never", energy="?", id="")
    columns = f'{BY_TIME}, id="id", arriving=2024-03-12 .. 2024-03-13'
    data, found = sessions(tmp_path, row(), bad, columns=columns)
    assert data is not None, render(found)


def test_a_stay_beyond_the_horizon_is_cut(tmp_path: Path) -> None:
    data, found = sessions(tmp_path, row(), row(dep="2024-03-13 09:00"), row(arr="2024-03-11 20:00"))
    assert data is not None
    assert only(found).code == "W102"
    assert only(found).message == "2 of 3 stays of `log` reach beyond the horizon and are cut"
    assert data.vehicles.end.tolist() == [17.0, 24.0, 17.0]
    assert data.vehicles.begin.tolist() == [8.0, 8.0, 0.0]


@pytest.mark.parametrize(
    ("changes", "columns", "code", "message"),
    [
        (
            {"dep": "2024-03-12 07:00"},
            BY_TIME,
            "E406",
            'line 3 of "s.csv" leaves at 2024-03-12 07:00 and comes at 2024-03-12 08:00',
        ),
        (
            {"stay": "-3"},
            'arrival="arr", stay=column("stay", unit="h"), energy="energy (kWh)"',
            "E406",
            'line 3 of "s.csv" leaves at 2024-03-12 05:00 and comes at 2024-03-12 08:00',
        ),
        ({"energy": "-3"}, BY_TIME, "E308", '`energy` of line 3 of "s.csv" is -3 kWh, below 0'),
        (
            {"soc": "-1"},
            f'{BY_TIME}, priority="soc"',
            "E308",
            '`priority` of line 3 of "s.csv" is -1, below 0',
        ),
        (
            {"soc": "5"},
            'arrival="arr", departure="dep", soc_arrival=column("soc", unit="%"), soc_target=80 %',
            "E408",
            '`soc_arrival` of line 3 of "s.csv" is 5 %, below the minimum of `class car`',
        ),
        (
            {"soc": "95"},
            'arrival="arr", departure="dep", soc_arrival=20 %, soc_target=column("soc", unit="%")',
            "E408",
            '`soc_target` of line 3 of "s.csv" is 95 %, above the maximum of `class car`',
        ),
        (
            {"energy": "300"},
            BY_TIME,
            "W103",
            "1 of 2 vehicles of `log` asks for more than the stay can carry",
        ),
        (
            {"energy": "x"},
            BY_TIME,
            "E505",
            'line 3 of "s.csv" has "x" in the column "energy (kWh)", not a finite number',
        ),
        (
            {"energy": ""},
            BY_TIME,
            "E505",
            'line 3 of "s.csv" has an empty cell in the column "energy (kWh)", not a finite number',
        ),
        (
            {"energy": "nan"},
            BY_TIME,
            "E505",
            'line 3 of "s.csv" has "nan" in the column "energy (kWh)", not a finite number',
        ),
        (
            {"energy": "-inf"},
            BY_TIME,
            "E505",
            'line 3 of "s.csv" has "-inf" in the column "energy (kWh)", not a finite number',
        ),
        (
            {"energy": "1e300"},
            BY_TIME,
            "E505",
            'line 3 of "s.csv" has "1e300" in the column "energy (kWh)", not a number below 1e+15',
        ),
        (
            {"arr": "8 am"},
            BY_TIME,
            "E505",
            'line 3 of "s.csv" has "8 am" in the column "arr", not a date and time such as 2024-03-12 07:30',
        ),
        (
            {"dep": "0001-01-01 08:00"},
            BY_TIME,
            "E505",
            'line 3 of "s.csv" has "0001-01-01 08:00" in the column "dep", '
            "not a date and time such as 2024-03-12 07:30",
        ),
        ({}, f'{BY_TIME}, id="id"', "E207", 'line 3 of "s.csv" names "a", as does line 2 of "s.csv"'),
        ({"id": " "}, f'{BY_TIME}, id="id"', "E505", 'line 3 of "s.csv" has no `id`'),
    ],
)
def test_a_bad_row_is_named_by_its_line(
    changes: dict[str, str], columns: str, code: str, message: str, tmp_path: Path
) -> None:
    data, found = sessions(tmp_path, row(), row(**changes), columns=columns)
    assert (data is None) == code.startswith("E")
    assert (only(found).code, only(found).message) == (code, message)


def test_more_bad_rows_are_counted(tmp_path: Path) -> None:
    bad = row(dep="2024-03-12 07:00")
    _, found = sessions(tmp_path, row(), bad, bad, bad)
    assert only(found).message.endswith("comes at 2024-03-12 08:00; so do 2 more")
    columns = 'arrival="arr", departure="dep", soc_arrival=20 %, soc_target=column("soc", unit="%")'
    _, found = sessions(tmp_path, row(), row(soc="1"), row(soc="99"), columns=columns)
    assert only(found).message.startswith('`soc_target` of line 3 of "s.csv" (and 1 more) is 1 %')


def test_the_note_of_a_demand_beyond_reach_names_the_worst_line(tmp_path: Path) -> None:
    _, found = sessions(tmp_path, row(energy="60"), row(energy="90"), row())
    assert only(found).notes == ('line 3 of "s.csv" wants 90 kWh at the port and can take 41.6 kWh',)


def test_percentages_without_a_unit_are_recognised(tmp_path: Path) -> None:
    columns = 'arrival="arr", departure="dep", soc_arrival="soc", soc_target=80 %'
    for share, known in (("100", True), ("101", False)):
        _, found = sessions(tmp_path, row(soc=share), columns=columns)
        assert ("if its numbers are percentages" in only(found).help) is known
    _, found = sessions(tmp_path, row(), columns=columns)
    assert (
        only(found).message
        == '`soc_arrival` of line 2 of "s.csv" is 3000 %, above the maximum of `class car`'
    )
    assert only(found).help == 'write `soc_arrival=column("soc", unit="%")`, if its numbers are percentages'


@pytest.mark.parametrize(
    ("columns", "code", "message", "help"),
    [
        (
            'arrival="ar", departure="dep", energy="energy (kWh)"',
            "E504",
            '"s.csv" has no column "ar"',
            "did you mean `arr`?",
        ),
        (
            'arrival="arr", departure="dep", energy="soc"',
            "E303",
            '`sessions log` wants `energy` in kWh, and "soc" has no unit',
            'write `column("soc", unit="kWh")`',
        ),
        (
            'arrival="arr", departure="dep", energy=column("soc", unit="kWH")',
            "E302",
            "`kWH` is not a unit",
            'write `unit="kWh"`',
        ),
        (
            'arrival="arr", departure="dep"',
            "E208",
            "`sessions log` needs `energy` or `soc_target`",
            'add `energy="column"` or `soc_target="column"`',
        ),
        (
            'arival="arr", departure="dep", energy="energy (kWh)"',
            "E202",
            "`sessions log` has no setting `arival`",
            "did you mean `arrival`?",
        ),
        ('"arr", departure="dep"', "E205", "the columns of sessions are named", 'write `arrival="column"`'),
        (
            f"{BY_TIME}, arriving=2024-03-13 .. 2024-03-12",
            "E308",
            "the range of arrivals is empty",
            "its second date is the first that is left out: `2019-07-24 .. 2019-07-25` is one day",
        ),
        (
            f"{BY_TIME}, arriving=2024-03-12",
            "E305",
            "`sessions log` wants `arriving` as a range of dates such as `2019-07-24 .. 2019-07-25`, "
            "and this is a date without a time",
            "write `arriving = 2019-07-24 .. 2019-07-25`",
        ),
        (
            f"{BY_TIME}, arriving=2024-03-20 .. 2024-03-21",
            "E509",
            'no row of "s.csv" arrives in the range asked for',
            "its arrivals go from 2024-03-12 08:00 to 2024-03-12 08:00",
        ),
    ],
)
def test_what_sessions_are_read_by_is_checked(
    columns: str, code: str, message: str, help: str, tmp_path: Path
) -> None:
    data, found = sessions(tmp_path, row(), columns=columns)
    assert data is None
    assert [(one.code, one.message, one.help) for one in found] == [(code, message, help)]


def test_rows_none_of_which_is_there_are_refused_with_their_dates(tmp_path: Path) -> None:
    rows = [row(arr=f"2023-01-{day} 08:00", dep=f"2023-01-{day} 12:00") for day in (10, 11)]
    data, found = sessions(tmp_path, *rows)
    assert data is None
    assert only(found).code == "E407"
    assert only(found).message == (
        'no row of "s.csv" is there between 2024-03-12 00:00 and 2024-03-13 00:00, the horizon'
    )
    assert only(found).help == (
        "its arrivals go from 2023-01-10 08:00 to 2023-01-11 08:00: move `start`, or lengthen `horizon`"
    )


def test_an_id_that_another_vehicle_has_is_refused(tmp_path: Path) -> None:
    van = block("vehicle", "a", {"arrival": "08:00", "stay": "8 h", "energy": "5 kWh"})
    data, found = sessions(tmp_path, row(), columns=f'{BY_TIME}, id="id"', extra=van)
    assert data is None
    assert (only(found).code, only(found).message) == (
        "E207",
        '"a" of `log` is also the name of a vehicle of `a`',
    )


# Series from files


def hours(count: int = 24, first: int = 0, **odd: str) -> str:
    """An hourly file; `h5="x"` puts another value at 05:00, and an empty one leaves the row out."""
    lines = ["time,price"]
    for hour in range(first, first + count):
        value = odd.get(f"h{hour}", "0.1")
        lines += [f"2024-03-{12 + hour // 24} {hour % 24:02}:00,{value}"] if value else []
    return "\n".join(lines) + "\n"


def priced(name: str, arguments: str = 'unit="EUR/kWh"') -> str:
    """A spec whose price is in a file."""
    grid = f'grid {{\n    price = csv("{name}", {arguments})\n}}\n'
    return f"{HEAD}{grid}{fleet()}minimize cost + 1 EUR/kWh * unmet\n"


def series(
    folder: Path, content: str | bytes, arguments: str = 'unit="EUR/kWh"', name: str = "p.csv"
) -> tuple[Data | None, list[Diagnostic]]:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    text = priced(name, arguments)
    return loaded(text, folder)


def test_a_sound_file_is_read(tmp_path: Path) -> None:
    for content in (
        hours(),
        "\ufeff" + hours(),
        hours().replace("\n", "\r\n"),
        hours().replace("\n", "\n\n"),
    ):
        data, found = series(tmp_path, content)
        assert data is not None, render(found)
        assert_allclose(data.series["grid", "price"], 0.1)


@pytest.mark.parametrize(
    ("content", "arguments", "code", "message", "help"),
    [
        ("", 'unit="EUR/kWh"', "E503", '"p.csv" is empty', "a CSV file has a header and rows below it"),
        (
            "time,price\n",
            'unit="EUR/kWh"',
            "E503",
            '"p.csv" has a header and no rows',
            "a CSV file has a header and rows below it",
        ),
        (
            hours(h5="", h6=""),
            'unit="EUR/kWh"',
            "E506",
            '"p.csv" has nothing from 2024-03-12 05:00 to 2024-03-12 07:00, between lines 6 and 7',
            "fill the hole in the file",
        ),
        (
            hours(h5="", h9=""),
            'unit="EUR/kWh"',
            "E506",
            '"p.csv" has nothing from 2024-03-12 05:00 to 2024-03-12 06:00, between lines 6 and 7; '
            "and 1 more hole",
            "fill the hole in the file",
        ),
        (
            hours() + "2024-03-12 07:00,0.2\n",
            'unit="EUR/kWh"',
            "E507",
            'lines 9 and 26 of "p.csv" are both for 2024-03-12 07:00',
            "keep one row for each time",
        ),
        (
            hours(20),
            'unit="EUR/kWh"',
            "E508",
            '"p.csv" goes from 2024-03-12 00:00 to 2024-03-12 20:00, '
            "and the horizon from 2024-03-12 00:00 to 2024-03-13 00:00",
            "take a file that covers it, or move `start`",
        ),
        (
            hours(40, 2),
            'unit="EUR/kWh"',
            "E508",
            '"p.csv" goes from 2024-03-12 02:00 to 2024-03-13 18:00, '
            "and the horizon from 2024-03-12 00:00 to 2024-03-13 00:00",
            "take a file that covers it, or move `start`",
        ),
        (
            hours(1),
            'unit="EUR/kWh"',
            "E508",
            '"p.csv" has one time only, 2024-03-12 00:00',
            "a series has a row for each interval",
        ),
        (
            hours(h3="dear"),
            'unit="EUR/kWh"',
            "E505",
            'line 5 of "p.csv" has "dear" in the column "price", not a finite number',
            "mend the cell, or leave the row out of the file",
        ),
        (
            hours(h3='" "'),
            'unit="EUR/kWh"',
            "E505",
            'line 5 of "p.csv" has an empty cell in the column "price", not a finite number',
            "mend the cell, or leave the row out of the file",
        ),
        (
            hours(h3="inf"),
            'unit="EUR/kWh"',
            "E505",
            'line 5 of "p.csv" has "inf" in the column "price", not a finite number',
            "mend the cell, or leave the row out of the file",
        ),
        (
            hours(h3='"0,15"'),
            'unit="EUR/kWh"',
            "E505",
            'line 5 of "p.csv" has "0,15" in the column "price", not a finite number',
            "decimals have a point: 0.15",
        ),
        (
            hours(h3="0,15"),
            'unit="EUR/kWh"',
            "E505",
            'line 5 of "p.csv" has 3 cells, and its header has 2',
            "give every row the cells of the header; numbers have points, not commas",
        ),
        (
            hours(h3="1_000"),
            'unit="EUR/kWh"',
            "E505",
            'line 5 of "p.csv" has "1_000" in the column "price", not a finite number',
            "mend the cell, or leave the row out of the file",
        ),
        (
            hours().replace("2024-03-12 03:00", "yesterday"),
            'unit="EUR/kWh"',
            "E505",
            'line 5 of "p.csv" has "yesterday" in the column "time", '
            "not a date and time such as 2024-03-12 07:30",
            "mend the cell, or leave the row out of the file",
        ),
        (
            hours().replace(",", ";"),
            'unit="EUR/kWh"',
            "E503",
            '"p.csv" has `;` between its cells, and commas are expected',
            "save it with commas between its cells and points in its numbers",
        ),
        (
            hours().replace(",", "\t"),
            'unit="EUR/kWh"',
            "E503",
            '"p.csv" has tabulators between its cells, and commas are expected',
            "save it with commas between its cells and points in its numbers",
        ),
        (
            'time,price\n2024-03-12 00:00,"1\n',
            'unit="EUR/kWh"',
            "E503",
            '"p.csv" is not a CSV file: unexpected end of data (line 2)',
            "save it with commas between its cells",
        ),
        (
            hours(),
            'column="prise", unit="EUR/kWh"',
            "E504",
            '"p.csv" has no column "prise"',
            "did you mean `price`?",
        ),
        (
            hours(),
            'column="kWh", unit="EUR/kWh"',
            "E504",
            '"p.csv" has no column "kWh"',
            "its columns are time, price",
        ),
        (
            hours(),
            'time="tme", unit="EUR/kWh"',
            "E504",
            '"p.csv" has no column "tme"',
            "did you mean `time`?",
        ),
        (
            "time,a,b\n2024-03-12 00:00,1,2\n",
            'unit="EUR/kWh"',
            "E504",
            '"p.csv" has 2 columns beside its times, and one is meant',
            'name it: `column="..."`, one of a, b',
        ),
        (
            "time,a,a\n2024-03-12 00:00,1,2\n",
            'column="a", unit="EUR/kWh"',
            "E504",
            '"p.csv" has 2 columns "a"',
            "give each column a name of its own",
        ),
        (
            "a,b\n1,2\n",
            'unit="EUR/kWh"',
            "E504",
            '"p.csv" has no column of dates and times',
            'its columns are a, b; name one with `time="..."`, of times such as 2024-03-12 07:30',
        ),
        (
            b"\xff\xfe\x00",
            'unit="EUR/kWh"',
            "E503",
            '"p.csv" is not a text in UTF-8 (byte 0 is not)',
            "save it as UTF-8; archives are not opened",
        ),
        (
            b"\x1f\x8b\x08\x00\xff\x01\x02",
            'unit="EUR/kWh"',
            "E503",
            '"p.csv" is not a text in UTF-8 (byte 1 is not)',
            "save it as UTF-8; archives are not opened",
        ),
        (
            b"time,price\n2024-03-12 00:00,1\n2024-03-12\0 01:00,1\n",
            'unit="EUR/kWh"',
            "E503",
            '"p.csv" is not a text: it has a NUL on line 3',
            "save it as text in UTF-8",
        ),
        (
            hours(),
            'column="price"',
            "E303",
            '`grid` wants `price` in EUR/kWh, and csv("p.csv", column="price") has no unit',
            'give the unit of the column: `csv("p.csv", ..., unit="EUR/kWh")`',
        ),
        (hours(), 'unit="EUR/kwh"', "E302", "`kwh` is not a unit", 'write `unit="EUR/kWh"`'),
        (
            hours(),
            'method="cubic", unit="EUR/kWh"',
            "E205",
            'there is no method "cubic"',
            'methods are "hold" and "linear"',
        ),
        (
            hours(),
            'method=linear, unit="EUR/kWh"',
            "E305",
            "`method` is a text in quotes, and linear is a name",
            'write `method="linear"`',
        ),
    ],
)
def test_a_bad_file_is_told_with_its_lines_or_dates(
    content: str | bytes, arguments: str, code: str, message: str, help: str, tmp_path: Path
) -> None:
    data, found = series(tmp_path, content, arguments)
    assert data is None
    assert [(one.code, one.message, one.help) for one in found] == [(code, message, help)]
    assert found[0].span is not None
    assert found[0].span.line == 14


def test_what_lies_outside_the_horizon_may_be_wrong(tmp_path: Path) -> None:
    content = hours(30, h26="?") + "2024-03-13 07:00,1\n2024-03-13 09:00,1\n2024-03-13 09:00,1\n"
    data, found = series(tmp_path, content)
    assert data is not None, render(found)


def test_a_negative_limit_in_a_file_is_told_with_its_time(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(hours(h3="-4"))
    text = f'{HEAD}grid {{\n    import_limit = csv("p.csv", unit="kW")\n}}\n{fleet()}{OBJECTIVE}'
    data, found = loaded(text, tmp_path)
    assert data is None
    assert only(found).message == "`import_limit` is -4 kW at 2024-03-12 03:00, below 0"


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("missing.csv", "E501", '"missing.csv" is not in `{}`'),
        ("", "E502", "the name of a file is empty"),
        ("../p.csv", "E502", '"../p.csv" leads out of `{}`'),
        ("sub/../../p.csv", "E502", '"sub/../../p.csv" leads out of `{}`'),
        ("/etc/passwd", "E502", '"/etc/passwd" is not a path relative to the spec'),
        ("/dev/zero", "E502", '"/dev/zero" is not a path relative to the spec'),
        ("~/p.csv", "E502", '"~/p.csv" is not a path relative to the spec'),
        ("C:/p.csv", "E502", '"C:/p.csv" is not a path relative to the spec'),
        ("https://x.org/p.csv", "E502", '"https://x.org/p.csv" is an address, and a spec reads files only'),
        ("file:///etc/passwd", "E502", '"file:///etc/passwd" is an address, and a spec reads files only'),
        ("folder", "E503", '"folder" is a folder, and no ordinary file'),
        ("fifo", "E503", '"fifo" is a pipe, and no ordinary file'),
        ("passwd.csv", "E502", '"passwd.csv" leads out of `{}`'),
        ("zero.csv", "E502", '"zero.csv" leads out of `{}`'),
        ("up/site/p.csv", "E502", '"up/site/p.csv" leads out of `{}`'),
        ("loop.csv", "E503", '"loop.csv" cannot be opened: '),
        ("n" * 300 + ".csv", "E503", f'"{"n" * 77}..." cannot be opened: file name too long'),
    ],
)
def test_files_are_read_from_the_folder_of_the_spec_alone(
    name: str, code: str, message: str, tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    (folder / "folder").mkdir(parents=True)
    (folder / "sub").mkdir()
    (tmp_path / "p.csv").write_text(hours())
    os.mkfifo(folder / "fifo")
    (folder / "passwd.csv").symlink_to("/etc/passwd")
    (folder / "zero.csv").symlink_to("/dev/zero")
    (folder / "loop.csv").symlink_to("loop.csv")
    (folder / "up").symlink_to(tmp_path.parent)
    text = priced(name)
    data, found = loaded(text, folder)
    assert data is None
    assert only(found).code == code
    assert only(found).message.startswith(message.format(folder))
    assert found[0].span is not None
    assert found[0].span.text == f'"{name}"'


def test_a_device_in_a_data_folder_is_refused(tmp_path: Path) -> None:
    text = priced("zero")
    data, found = loaded(text, tmp_path, folders=(Path("/dev"),))
    assert data is None
    assert only(found).message == '"zero" is a device, and no ordinary file'


def test_a_link_inside_the_folder_is_followed_and_so_are_data_folders(tmp_path: Path) -> None:
    folder, data_folder = tmp_path / "site", tmp_path / "data"
    folder.mkdir()
    data_folder.mkdir()
    (folder / "real.csv").write_text(hours())
    (folder / "p.csv").symlink_to("real.csv")
    (data_folder / "q.csv").write_text(hours())
    for name in ("p.csv", "q.csv"):
        text = priced(name)
        data, found = loaded(text, folder, folders=(data_folder,))
        assert data is not None, render(found)


def test_a_file_with_a_similar_name_is_suggested(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(hours())
    text = priced("price.csv")
    _, found = loaded(text, tmp_path)
    assert only(found).help == "did you mean `prices.csv`?"


def test_all_bad_files_are_told_in_one_run(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(hours(20))
    (tmp_path / "s.csv").write_text("\n".join([",".join(COLUMNS), row(energy="x")]) + "\n")
    grid = 'grid {\n price = csv("p.csv", unit="EUR/kWh")\n import_limit = csv("p.csv", unit="kW")\n}\n'
    text = (
        f"{HEAD}{grid}"
        f'sessions log of car = csv("s.csv", {BY_TIME})\n'
        f"{fleet(soc_target='normal(99 %, 0.1 %)')}minimize cost + 1 EUR/kWh * unmet\n"
    )
    data, found = loaded(text, tmp_path)
    assert data is None
    assert sorted(one.code for one in found) == ["E505", "E508", "E508", "E510"]
