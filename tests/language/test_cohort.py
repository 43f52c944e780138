"""A cohort is the model of the literature: its optimum, its arrivals, its bounds, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy.optimize import linprog
from scipy.sparse import lil_matrix
from worlds import SPECS

import evdsl
from evdsl.data.draws import Sampling, Stream
from evdsl.data.load import load_data
from evdsl.diagnostics.source import Source
from evdsl.report.run import text as report
from evdsl.schedule.storage import read, write
from evdsl.semantics.resolve import resolve
from evdsl.syntax.formatter import format
from evdsl.syntax.parser import parse

LITERATURE = SPECS / "literature" / "c_cohorts" / "cohorts.evs"
SMALL = """
station lot {
    start = 2024-03-12
    horizon = 4 h
    step = 1 h
}
grid {
    price = { 00:00: 0.10 EUR/kWh, 01:00: 0.30 EUR/kWh, 02:00: 0.20 EUR/kWh }
}
class car {
    charge = 10 kW
}
cohort cars of car {
    classes = 2
    arrivals = { 00:00: 6 vehicles/h, 02:00: 0 vehicles/h }
    spread = [0, 1, 2]
    departures = [100 %, 50 %, 25 %]
    initial = [1, 2, 4]
}
minimize cost + 2.5 EUR/kWh * dissatisfaction
"""


def changed(*pairs: tuple[str, str]) -> str:
    text = SMALL
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


def solved(text: str, solver: str = "highs", **options: object) -> evdsl.Result:
    result = evdsl.compile(evdsl.loads(text, **options)).run(solver)  # type: ignore[arg-type]  # passed on
    assert result.status is evdsl.Status.OPTIMAL, result.message
    return result


def model_c(
    price: np.ndarray,
    arrivals: np.ndarray,
    step: float,
    power: float,
    limit: float,
    gamma: float,
    beta: list[float] | None = None,
    leaving: np.ndarray | None = None,
) -> float:
    """The optimum of model C as it is written: over x(0..T-1) and c(0..T-1), with x(0) = 0.

    Rows and columns of A and B are the classes 0 (full) to n (empty); charging a full vehicle does nothing.
    """
    classes, steps = arrivals.shape
    n = classes - 1
    if leaving is None:
        leaving = np.tile([[(n + 1 - i) / (n + 2)] for i in range(classes)], steps)
    down = np.zeros((classes, classes))
    for i in range(1, classes):
        down[i, i], down[i - 1, i] = -1.0, 1.0
    size = classes * steps
    # Columns: x(0), ..., x(T-1), c(0), ..., c(T-1).
    cost = np.zeros(2 * size)
    weights = np.array(beta or [0.0] + [1.0] * n)
    equal, right = lil_matrix((size, 2 * size)), np.zeros(size)
    most, bound = lil_matrix((size + steps, 2 * size)), np.zeros(size + steps)
    for t in range(steps):
        x, c = slice(t * classes, (t + 1) * classes), slice(size + t * classes, size + (t + 1) * classes)
        cost[x], cost[c] = gamma * weights, price[t] * step * power
        equal[x, x] = np.eye(classes)
        if t:
            before = slice((t - 1) * classes, t * classes)
            charged = slice(size + (t - 1) * classes, size + t * classes)
            equal[x, before], equal[x, charged] = -np.diag(1 - leaving[:, t - 1]), -down
            right[x] = arrivals[:, t - 1]
        most[x, c], most[x, x] = np.eye(classes), -np.eye(classes)
        most[size + t, c], bound[size + t] = power, limit
    bounds = [(None, None)] * size + [(0, None)] * size
    done = linprog(
        cost, most.tocsr(), bound, equal.tocsr(), right, bounds, "highs", options={"presolve": False}
    )
    assert done.status == 0, done.message
    return float(done.fun)


RATES = {
    0: 40,
    4: 150,
    5: 320,
    6: 420,
    7: 320,
    8: 180,
    10: 120,
    15: 220,
    16: 340,
    17: 420,
    18: 320,
    19: 180,
    21: 80,
}
ROWS = (LITERATURE.parent / "italian_day.csv").read_text().splitlines()[1:]
PRICES = np.interp((np.arange(144) + 0.5) / 6, range(25), [float(row.split(",")[1]) / 1000 for row in ROWS])
"""The mean of each step, between rows an hour apart."""


def over_day(table: dict[int, float]) -> np.ndarray:
    """Each value from its hour on, in steps of 10 min."""
    return np.array(
        [table[max(hour for hour in table if hour <= step / 6)] for step in range(144)], dtype=float
    )


@pytest.mark.parametrize(("n", "gamma", "site"), [(10, 1.3, 3300), (15, 0.9, 1400)])
def test_the_optimum_is_that_of_model_c(n: int, gamma: float, site: float, solver: str) -> None:
    settings = {"n": f"{n}", "gamma": f"{gamma} EUR/kWh", "site": f"{site} kW"}
    result = evdsl.compile(evdsl.load(LITERATURE, set=settings)).run(solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    psi = Stream(Sampling(43), "cars", "arrivals").generator(1).poisson(over_day(RATES))
    z = np.array([0.0] + [(i + 1) / sum(j + 1 for j in range(1, n + 1)) for i in range(1, n + 1)])
    arrivals = np.floor(np.outer(z, psi / 6) + 0.5)
    assert arrivals.sum() > 100
    optimum = model_c(PRICES, arrivals, 1 / 6, 22.0, site, gamma)
    assert result.stages[0].value == pytest.approx(optimum, rel=1e-7)
    if site < 2000:
        assert result.terms["peak"] == pytest.approx(site), "the limit binds, or this tells nothing of it"


def test_departures_over_time_and_weights_by_state_are_those_of_the_model(solver: str) -> None:
    """As model C, with A(t) and β of its own."""
    text = LITERATURE.read_text().replace(
        "    dissatisfaction = 1 kWh\n",
        "    dissatisfaction = [0 kWh, 0.5 kWh, 1 kWh, 2 kWh]\n"
        "    departures = [100 %, { 00:00: 20 %, 08:00: 60 % }, { 00:00: 10 %, 16:00: 50 % }, 5 %]\n",
    )
    result = solved(text, solver, set={"n": "3", "site": "1400 kW"}, folders=(LITERATURE.parent,))
    psi = Stream(Sampling(43), "cars", "arrivals").generator(1).poisson(over_day(RATES))
    arrivals = np.floor(np.outer(np.array([0, 2, 3, 4]) / 9, psi / 6) + 0.5)
    tables = ({0: 1.0}, {0: 0.2, 8: 0.6}, {0: 0.1, 16: 0.5}, {0: 0.05})
    leaving = np.array([over_day(dict(table)) for table in tables])
    optimum = model_c(PRICES, arrivals, 1 / 6, 22.0, 1400.0, 1.3, beta=[0, 0.5, 1, 2], leaving=leaving)
    assert result.stages[0].value == pytest.approx(optimum, rel=1e-7)


def test_one_series_of_departures_stands_for_every_state(solver: str) -> None:
    table = "{ 00:00: 25 %, 02:00: 75 % }"
    one = solved(changed(("[100 %, 50 %, 25 %]", table)), solver)
    each = solved(changed(("[100 %, 50 %, 25 %]", f"[{table}, {table}, {table}]")), solver)
    constant = solved(changed(("[100 %, 50 %, 25 %]", "25 %")), solver)
    assert one.stages[0].value == pytest.approx(each.stages[0].value)
    assert abs(one.stages[0].value - constant.stages[0].value) > 1e-3


def test_departures_are_read_from_a_file(tmp_path: Path) -> None:
    rows = "".join(
        f"2024-03-12 {hour:02}:00,{share}\n" for hour, share in enumerate((0.25, 0.25, 0.75, 0.75))
    )
    (tmp_path / "leave.csv").write_text(f"time,share\n{rows}")
    file = 'csv("leave.csv", time="time", column="share")'
    (tmp_path / "site.evs").write_text(changed(("[100 %, 50 %, 25 %]", file)))
    result = evdsl.compile(evdsl.load(tmp_path / "site.evs")).run("highs")
    table = solved(changed(("[100 %, 50 %, 25 %]", "{ 00:00: 25 %, 02:00: 75 % }")))
    assert result.stages[0].value == pytest.approx(table.stages[0].value)
    first = evdsl.load(tmp_path / "site.evs")
    (tmp_path / "leave.csv").write_text(f"time,share\n{rows.replace('0.75', '1.75')}")
    data, found = load_data(first)
    assert data is None
    assert [problem.message for problem in found] == [
        "`departures` is 175 % at 2024-03-12 02:00, above 100 %"
    ]


def test_verify_finds_counts_of_other_departures(small: tuple[evdsl.Spec, xr.Dataset]) -> None:
    _, schedule = small
    other = evdsl.loads(changed(("50 %, 25 %", "50 %, { 00:00: 25 %, 01:00: 30 % }")))
    data, _ = load_data(other)
    assert data is not None
    found = evdsl.verify(other, schedule.assign_attrs(digest=data.digest))
    assert {(one.rule, one.step) for one in found.violations} >= {("cohort-count", 2)}
    assert not {one.step for one in found.violations if one.rule == "cohort-count"} & {0, 1}


def test_two_orders_of_a_list_by_state_are_two_specs() -> None:
    other = changed(("[100 %, 50 %, 25 %]", "[25 %, 50 %, 100 %]"))
    assert evdsl.diff(evdsl.loads(SMALL), evdsl.loads(other)), "rates are in no order, and states are"


def test_counts_move_as_departures_arrivals_and_charging_say() -> None:
    schedule = solved(changed(("horizon = 4 h", "horizon = 3 h"))).schedule
    assert schedule is not None
    charging = [0.0, *(float(schedule[f"cars.charging.{i}"][0]) for i in (1, 2)), 0.0]
    wanted = [
        0.0 + charging[1],
        1.0 + 2.0 - charging[1] + charging[2],
        3.0 + 4.0 - charging[2],
    ]
    assert [float(schedule[f"cars.count.{i}"][0]) for i in range(3)] == [1.0, 2.0, 4.0]
    assert [float(schedule[f"cars.count.{i}"][1]) for i in range(3)] == pytest.approx(wanted)
    assert sum(charging) > 0
    assert schedule["cars.waiting"].values[:2] == pytest.approx([6.0, wanted[1] + wanted[2]])
    assert schedule["cars"].values[0] == pytest.approx(10.0 * sum(charging))
    names = ("cars.waiting", "cars.count.1", "cars.charging.1")
    assert {schedule[name].attrs["units"] for name in names} == {"1"}


def test_a_last_step_that_is_paid_for_cannot_charge_who_leaves(solver: str) -> None:
    """Half of two vehicles leave, so one can be charged; by c <= x alone it would be two."""
    text = changed(
        ("horizon = 4 h", "horizon = 1 h"),
        ("0.10 EUR/kWh", "-0.10 EUR/kWh"),
        ("classes = 2", "classes = 1"),
        ("spread = [0, 1, 2]\n", ""),
        ("[100 %, 50 %, 25 %]", "50 %"),
        ("[1, 2, 4]", "[0, 2]"),
        ("6 vehicles/h, 02:00: 0 vehicles/h", "0 vehicles/h"),
    )
    result = solved(text, solver)
    assert result.terms["cost"] == pytest.approx(-1.0)
    assert result.stages[0].value == pytest.approx(-1.0 + 2.5 * 2)


def test_one_number_stands_for_every_state(solver: str) -> None:
    one = changed(("[100 %, 50 %, 25 %]", "25 %"), ("[1, 2, 4]", "3"))
    all_of_them = changed(("[100 %, 50 %, 25 %]", "[25 %, 25 %, 25 %]"), ("[1, 2, 4]", "[3, 3, 3]"))
    assert solved(one, solver).stages[0].value == pytest.approx(solved(all_of_them, solver).stages[0].value)


def test_power_comes_from_the_class_where_it_is_not_given() -> None:
    given = changed(("classes = 2", "classes = 2\n    power = 10 kW"))
    assert solved(given).stages[0].value == pytest.approx(solved(SMALL).stages[0].value)


def arrivals(text: str, **options: object) -> np.ndarray:
    data, found = load_data(evdsl.loads(text, **options))  # type: ignore[arg-type]  # passed on
    assert data is not None, found
    return data.cohorts["cars"]


def test_expected_arrivals_are_rate_times_spread() -> None:
    assert arrivals(SMALL) == pytest.approx(np.array([[0, 0, 0, 0], [2, 2, 0, 0], [4, 4, 0, 0]]))
    assert arrivals(changed(("step = 1 h", "step = 30 min")))[2] == pytest.approx([2, 2, 2, 2, 0, 0, 0, 0])


def test_poisson_arrivals_are_whole_reproducible_and_of_the_right_mean() -> None:
    text = changed(("horizon = 4 h", "horizon = 40 d"), ("spread", "draw = poisson\n    spread"))
    text = text.replace("{ 00:00: 6 vehicles/h, 02:00: 0 vehicles/h }", "6 vehicles/h")
    drawn = arrivals(text, seed=1)
    assert (drawn == np.floor(drawn)).all()
    assert drawn[0].sum() == 0
    # 960 counts of mean 2 and 4: three standard deviations of their means.
    assert drawn[1].mean() == pytest.approx(2.0, abs=3 * (2 / 960) ** 0.5)
    assert drawn[2].mean() == pytest.approx(4.0, abs=3 * (4 / 960) ** 0.5)
    assert drawn[2].var() == pytest.approx(4.0, rel=0.2)
    assert (drawn == arrivals(text, seed=1)).all()
    assert (drawn != arrivals(text, seed=2)).any()
    assert (arrivals(text.replace("40 d", "20 d"), seed=1) == drawn[:, : 20 * 24]).all()


@pytest.fixture(scope="module")
def small() -> tuple[evdsl.Spec, xr.Dataset]:
    result = solved(SMALL)
    assert result.schedule is not None
    return result.spec, result.schedule


def with_more(schedule: xr.Dataset, name: str, step: int, more: float) -> xr.Dataset:
    values = schedule[name].values.copy()
    values[step] += more
    return schedule.assign({name: (("time",), values, schedule[name].attrs)})


def rules(spec: evdsl.Spec, schedule: xr.Dataset) -> set[str]:
    return set(evdsl.verify(spec, schedule).counts)


def test_verify_accepts_the_optimum(small: tuple[evdsl.Spec, xr.Dataset]) -> None:
    assert evdsl.verify(*small).ok


@pytest.mark.parametrize(
    ("name", "step", "rule"),
    [
        ("cars", 1, "cohort-power"),
        ("cars.waiting", 2, "cohort-count"),
        ("cars.count.0", 3, "cohort-count"),
        ("cars.count.2", 0, "cohort-count"),
        ("cars.charging.1", 2, "cohort-count"),
        ("cars.charging.2", 3, "cohort-charging"),
        ("cars", 0, "power-balance"),
    ],
)
@pytest.mark.parametrize("more", [0.01, 20.0])
def test_verify_finds_a_planted_fault(
    small: tuple[evdsl.Spec, xr.Dataset], name: str, step: int, rule: str, more: float
) -> None:
    spec, schedule = small
    if rule == "cohort-charging":
        # All of them and some more, so that the fault is more than those that are left.
        more += float(schedule["cars.count.2"][step] - schedule[name][step])
    assert rule in rules(spec, with_more(schedule, name, step, more))


def test_verify_finds_who_charges_less_than_nothing(small: tuple[evdsl.Spec, xr.Dataset]) -> None:
    spec, schedule = small
    assert "cohort-charging" in rules(spec, with_more(schedule, "cars.charging.1", 1, -50.0))


def test_verify_finds_a_state_with_less_than_nobody(small: tuple[evdsl.Spec, xr.Dataset]) -> None:
    spec, schedule = small
    there = float(schedule["cars.count.2"][2])
    found = evdsl.verify(spec, with_more(schedule, "cars.count.2", 2, -there - 3.0)).violations
    below = [one for one in found if "which is below none" in one.message]
    assert [(one.rule, one.step, one.size) for one in below] == [("cohort-count", 2, pytest.approx(3.0))]
    assert below[0].message.startswith("-3 vehicles are in state 2 of `cars` at 2024-03-12 02:00")


def test_verify_finds_an_end_below_nobody() -> None:
    """All two are charged in the last step, of which one leaves: every step before is right."""
    text = changed(
        ("horizon = 4 h", "horizon = 1 h"), ("{ 00:00: 6 vehicles/h, 02:00: 0 vehicles/h }", "0 vehicles/h")
    )
    result = solved(text)
    assert result.schedule is not None
    schedule = result.schedule
    for name, amount in (
        ("cars.charging.1", 2.0),
        ("cars.charging.2", 0.0),
        ("cars", 20.0),
        ("import", 20.0),
    ):
        schedule = with_more(schedule, name, 0, amount - float(schedule[name][0]))
    verdict = evdsl.verify(result.spec, schedule)
    assert "`cars` ends with -1 vehicles in state 1" in [found.message for found in verdict.violations]


def test_verify_asks_for_every_count_in_its_unit(small: tuple[evdsl.Spec, xr.Dataset]) -> None:
    spec, schedule = small
    assert rules(spec, schedule.drop_vars("cars.count.1")) == {"shape"}
    wrong = schedule.assign({"cars.waiting": schedule["cars.waiting"].assign_attrs(units="kW")})
    assert "units" in rules(spec, wrong)


def test_a_claim_of_less_dissatisfaction_is_found(small: tuple[evdsl.Spec, xr.Dataset]) -> None:
    spec, schedule = small
    text = schedule.attrs["terms"]
    value = evdsl.verify(spec, schedule).terms["dissatisfaction"]
    assert value == pytest.approx(float(schedule["cars.waiting"].sum()))
    lower = schedule.assign_attrs(
        terms=text.replace(f'"dissatisfaction": {{"value": {value!r}', '"dissatisfaction": {"value": 1.0')
    )
    assert lower.attrs["terms"] != text
    assert "claimed-value" in rules(spec, lower)


def test_a_feeder_limits_a_cohort(solver: str) -> None:
    text = changed(
        (
            "cohort cars of car {",
            "feeder east {\n    limit = 15 kW\n}\ncohort cars of car {\n    feeder = east",
        )
    )
    result = solved(text, solver)
    assert result.schedule is not None
    assert float(result.schedule["cars"].max()) == pytest.approx(15.0)
    assert result.schedule["east"].values == pytest.approx(result.schedule["cars"].values)
    assert result.stages[0].value > solved(SMALL, solver).stages[0].value + 1e-6


def test_a_requirement_may_speak_of_power_and_of_who_waits(solver: str) -> None:
    limited = changed(("minimize", "require cap: cars.power[t] <= 20 kW for t in steps\nminimize"))
    result = solved(limited, solver)
    assert result.schedule is not None
    assert float(result.schedule["cars"].max()) == pytest.approx(20.0)
    few = changed(
        (
            "minimize cost + 2.5 EUR/kWh * dissatisfaction",
            "require few: cars.waiting[t] <= 8 for t in 02:00 .. 04:00\nminimize cost",
        )
    )
    result = solved(few, solver)
    assert result.schedule is not None
    assert float(result.schedule["cars.waiting"][2:].max()) <= 8 + 1e-6


def test_drivers_of_a_cohort_pay_the_tariff_of_their_class(solver: str) -> None:
    text = changed(("charge = 10 kW", "charge = 10 kW\n    tariff = 0.25 EUR/kWh"))
    text = text.replace("minimize cost + 2.5 EUR/kWh * dissatisfaction", "maximize profit")
    result = solved(text, solver)
    assert result.schedule is not None
    taken = float(result.schedule["cars"].sum())
    assert taken > 0
    assert float(result.schedule["cars"][1]) == 0.0, "the price is above the tariff then"
    assert result.terms["revenue"] == pytest.approx(0.25 * taken)


V2G = """
class van {
    battery = 20 kWh
    charge = 10 kW
    discharge = 10 kW
    efficiency = 90 %
}
vehicle v of van {
    arrival = 00:00
    stay = 4 h
    soc_arrival = 50 %
    soc_target = 50 %
}
enable v2g
"""


def test_leaving_out_binaries_beside_a_cohort_keeps_the_optimum(solver: str) -> None:
    text = changed(("minimize", f"{V2G}minimize"))
    problem = evdsl.compile(evdsl.loads(text))
    without = problem.run(solver)
    binaries = evdsl.compile(evdsl.loads(text)).run(solver, without=["exclusive_to_nothing"])
    assert without.stages[0].value == pytest.approx(binaries.stages[0].value, rel=1e-6)
    assert without.terms["discharged"] > 1.0, "the vehicle gives to the cohort when that pays"


@pytest.mark.parametrize("ending", ["csv", "json", "nc", "parquet"])
def test_a_stored_schedule_is_read_back_and_accepted(tmp_path: Path, ending: str) -> None:
    result = solved(SMALL)
    path = tmp_path / f"result.{ending}"
    assert write(path, result.schedule, report.document(result)) is None
    stored = read(path)
    assert isinstance(stored, xr.Dataset)
    assert evdsl.verify(result.spec, stored).ok


def test_the_form_of_a_cohort_is_kept() -> None:
    file, found = parse(Source("small.evs", SMALL))
    assert not found
    once = format(file)
    again, _ = parse(Source("small.evs", once))
    assert format(again) == once
    assert evdsl.loads(once).digest == evdsl.loads(SMALL).digest


MISTAKES = [
    (
        ("[100 %, 50 %, 25 %]", "[50 %, 25 %]"),
        "E308",
        "`departures` of `cohort cars` has 2 entries, and 2 classes make 3 states",
    ),
    (
        ("[1, 2, 4]", "[1, 2, 4, 8]"),
        "E308",
        "`initial` of `cohort cars` has 4 entries, and 2 classes make 3 states",
    ),
    (
        ("[0, 1, 2]", "[0, 0, 0]"),
        "E308",
        "`spread` of `cohort cars` is 0 for every state, so nobody could arrive",
    ),
    (("50 %, 25 %", "50 %, 125 %"), "E308", "`departures` of `cohort cars` is 125 %, above 100 %"),
    (("[1, 2, 4]", "[1, -2, 4]"), "E308", "`initial` of `cohort cars` is -2, below 0"),
    (
        ("spread", "dissatisfaction = -1 kWh\n    spread"),
        "E308",
        "`dissatisfaction` of `cohort cars` is -1 kWh, below 0",
    ),
    (
        ("spread", "dissatisfaction = [1 kWh, 1 kWh, 2 kWh]\n    spread"),
        "E308",
        "the full of `cohort cars` need nothing, and count for 1 kWh in `dissatisfaction`",
    ),
    (
        ("spread", "dissatisfaction = [0 kWh, 1 kWh]\n    spread"),
        "E308",
        "`dissatisfaction` of `cohort cars` has 2 entries, and 2 classes make 3 states",
    ),
    (
        ("spread", "dissatisfaction = { 00:00: 1 kWh, 12:00: 2 kWh }\n    spread"),
        "E305",
        "`cohort cars` wants `dissatisfaction` as a list such as `[0 kW, 3.7 kW, 11 kW]`, "
        "and this is a series",
    ),
    (
        ("50 %, 25 %", "{ 00:00: 50 %, 12:00: 120 % }, 25 %"),
        "E308",
        "`departures` of `cohort cars` is 120 % at 12:00, above 100 %",
    ),
    (("50 %, 25 %", "{ 00:00: 50 kW }, 25 %"), "E301", ""),
    (("50 %, 25 %", "normal(50 %, 1 %), 25 %"), "E305", ""),
    (("[100 %, 50 %, 25 %]", "[]"), "E305", ""),
    (
        ("[100 %, 50 %, 25 %]", "[{ 00:00: 5 % }, 50 %]"),
        "E308",
        "`departures` of `cohort cars` has 2 entries, and 2 classes make 3 states",
    ),
    (
        ("spread", "dissatisfaction = 1 EUR\n    spread"),
        "E301",
        "`cohort cars` wants `dissatisfaction` in kWh, and 1 EUR is an amount of money",
    ),
    (
        ("spread", "power = 22 kW\n    spread"),
        "E308",
        "`power` of `cohort cars` is 22 kW, and `class car` charges at 10 kW at most",
    ),
    (("charge = 10 kW", "battery = 10 kWh"), "E411", "nothing limits the charging power of `class car`"),
    (
        ("classes = 2", "classes = 2.5"),
        "E308",
        "`classes` of `cohort cars` is a whole number, and 2.5 is none",
    ),
    (("classes = 2", "classes = 0"), "E308", "`classes` of `cohort cars` is 0, below 1"),
    (("6 vehicles/h, 02:00: 0 vehicles/h", "6, 02:00: 0"), "E303", ""),
    (("6 vehicles/h", "-6 vehicles/h"), "E308", ""),
    (
        ("spread", "draw = often\n    spread"),
        "E305",
        "`draw` of `cohort cars` is one of expected, poisson, poisson_rate, and `often` is none of them",
    ),
    (("cohort cars of car", "cohort cars"), "E208", "`cohort cars` needs a class"),
    (("cohort cars of car", "cohort cars of van"), "E203", "there is no class `van`"),
    (
        ("cohort cars of car", "cohort charge of car"),
        "E207",
        "`charge` is a word of schedules, and cannot name a cohort",
    ),
    (
        ("minimize cost + 2.5 EUR/kWh * dissatisfaction", "minimize cost"),
        "W106",
        "nothing asks for `cohort cars` to be charged: leaving all of it waiting will do",
    ),
]


@pytest.mark.parametrize(
    ("pair", "code", "message"), MISTAKES, ids=lambda value: value[1] if isinstance(value, tuple) else ""
)
def test_a_mistake_is_told_once(pair: tuple[str, str], code: str, message: str) -> None:
    _, found = resolve(Source("small.evs", changed(pair)))
    assert [(problem.code, problem.message) for problem in found if not message or problem.message == message]
    assert {problem.code for problem in found} == {code}


@pytest.mark.parametrize(
    "pair",
    [
        ("spread", "power = 10 kW\n    spread"),
        ("charge = 10 kW", "charge = 0.5 kW"),
        ("[1, 2, 4]", "1"),
        ("[0, 1, 2]", "[0, 0, 1]"),
        ("minimize cost + 2.5 EUR/kWh * dissatisfaction", "minimize dissatisfaction\nthen minimize cost"),
        ("minimize cost + 2.5 EUR/kWh * dissatisfaction", "minimize cost\nthen minimize dissatisfaction"),
        ("minimize cost + 2.5 EUR/kWh", "require few: cars.waiting[t] <= 8 for t in steps\nminimize 1"),
    ],
)
def test_what_is_allowed_is_no_mistake(pair: tuple[str, str]) -> None:
    _, found = resolve(Source("small.evs", changed(pair)))
    assert [(problem.code, problem.message) for problem in found] == []


def test_a_cohort_that_says_its_power_needs_no_limit_of_its_class() -> None:
    text = changed(("charge = 10 kW", "battery = 10 kWh"), ("spread", "power = 10 kW\n    spread"))
    assert [problem.code for problem in resolve(Source("small.evs", text))[1]] == []


def test_counts_beyond_memory_are_refused() -> None:
    text = changed(
        ("horizon = 4 h", "horizon = 100 d"), ("step = 1 h", "step = 1 min"), ("classes = 2", "classes = 100")
    )
    text = (
        text.replace("spread = [0, 1, 2]\n", "")
        .replace("[100 %, 50 %, 25 %]", "10 %")
        .replace("[1, 2, 4]", "1")
    )
    _, found = resolve(Source("small.evs", text))
    assert [problem.code for problem in found] == ["E410"]


def test_the_counts_of_all_cohorts_are_added_up() -> None:
    text = changed(
        ("horizon = 4 h", "horizon = 100 d"),
        ("step = 1 h", "step = 1 min"),
        ("classes = 2", "classes = 40"),
        ("    spread = [0, 1, 2]\n", ""),
        ("[100 %, 50 %, 25 %]", "10 %"),
        ("[1, 2, 4]", "1"),
    )
    assert [problem.code for problem in resolve(Source("small.evs", text))[1]] == []
    start = text.index("cohort cars")
    other = text[start : text.index("}\n", text.index("initial", start)) + 2].replace("cars", "vans")
    (found,) = resolve(Source("small.evs", text + other))[1]
    assert found.code == "E410"
    assert found.message.startswith("`vans` has 5,760,000 counts")


def test_the_report_says_who_waits() -> None:
    result = solved(SMALL)
    text = report.text(result)
    assert "vehicles in need on average" in text
    assert "no vehicle comes" not in text


def test_ports_limit_no_cohort() -> None:
    text = changed(
        ("charge = 10 kW", "battery = 10 kWh"), ("minimize", "port ac {\n    power = 11 kW\n}\nminimize")
    )
    _, found = resolve(Source("small.evs", text))
    assert [(problem.code, problem.help) for problem in found] == [
        ("E411", "add `charge = 11 kW` to `class car`, or `power = 11 kW` to `cohort cars`")
    ]
