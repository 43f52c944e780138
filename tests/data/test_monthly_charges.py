"""`demand_charge NAME = tariff("file.json")`: the prices of a file, one for each month."""

from __future__ import annotations

import json
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest

import evdsl
from evdsl.data import monthly_charges as readers
from evdsl.data.load import load_data
from evdsl.data.metering import meter_of
from evdsl.diagnostics.diagnostic import Diagnostic, render
from evdsl.diagnostics.source import Source
from evdsl.language.spec import Spec
from evdsl.semantics.resolve import Overrides, resolve
from evdsl.testing.exact.metering import demand_charges
from evdsl.testing.exact.reading import Exact
from evdsl.verifier import metering as verifier

SCE = "acn_tariffs/sce_tou_ev_4_march_2019.json"
PGE = "acn_tariffs/pge_a10_tou_aug_2019.json"
TWO_WAYS = '"t.json" can be read in two ways: July 2019 has demand charges '
NO_CHARGES = '"t.json" is not a tariff with demand charges: '
NOT_BESIDE = "`demand_charge bill` is read from a tariff, and has no "
WEEKEND_CHEAPER = {"WEEKDAYS": 3.0, "WEEKENDS": 1.0}


def entry(first: str, last: str, days: str, charge: object) -> dict[str, object]:
    found = {
        "effective_start": first,
        "effective_end": last,
        "dow_mask": days,
        "times": [0],
        "tariffs": [0.1],
    }
    return found if charge is None else {**found, "demand_charge": charge}


def written(folder: Path, *entries: dict[str, object]) -> str:
    (folder / "t.json").write_text(json.dumps({"schedule": entries}))
    return "t.json"


def site(file: str, *, start: str, horizon: str = "2 d", more: str = "", load: str = "10 kW") -> str:
    """A load alone, whose peaks are billed by the file."""
    return (
        f'station s {{\n start = {start}\n horizon = {horizon}\n currency = "USD"\n}}\n'
        f"load house {{ power = {load} }}\n"
        f'demand_charge bill = tariff("{file}"{more})\nminimize demand_cost\n'
    )


def loaded(text: str, folder: Path) -> tuple[Spec | None, list[Diagnostic]]:
    """A spec with its data; none where either is refused."""
    spec, found = resolve(Source("charges.evs", text), Overrides(folders=(folder,)))
    if spec is None:
        return None, found
    data, more = load_data(spec)
    return (None if data is None else spec), [*found, *more]


def demand_cost(text: str, folder: Path, solver: str = "highs") -> float:
    spec, found = loaded(text, folder)
    assert spec is not None, render(found)
    result = evdsl.compile(spec).run(solver)
    assert result.status is evdsl.Status.OPTIMAL, result.message
    assert result.verdict is not None
    assert result.verdict.ok, result.verdict.violations
    assert result.schedule is not None
    exact = demand_charges(Exact(spec, result.data, result.schedule))
    assert float(exact.value) == pytest.approx(result.terms["demand_cost"], abs=1e-6)
    return result.terms["demand_cost"]


def refused(text: str, folder: Path) -> str:
    spec, found = loaded(text, folder)
    assert spec is None
    return render(found)


def test_weekdays_and_weekends_of_a_month_have_one_peak(data_folder: Path, solver: str) -> None:
    """Friday 10 kW, Saturday 20 kW: 15.51 USD for each of 20 kW, and not of 30."""
    load = "{ fri: 10 kW, sat: 20 kW, all: 0 kW }"
    text = site(SCE, start="2019-07-26", load=load)
    assert demand_cost(text, data_folder, solver) == pytest.approx(310.20, abs=1e-6)


def test_a_month_pays_the_price_of_its_season(data_folder: Path, solver: str) -> None:
    """31 October and 1 November: 19.99 for 10 kW, then 11.66 for 5."""
    load = "{ 2019-10-31: 10 kW, all: 5 kW }"
    text = site(PGE, start="2019-10-31", load=load)
    assert demand_cost(text, data_folder, solver) == pytest.approx(199.90 + 58.30, abs=1e-6)


def test_days_without_a_charge_are_not_metered(tmp_path: Path, solver: str) -> None:
    file = written(tmp_path, entry("01-01", "12-31", "WEEKDAYS", 4), entry("01-01", "12-31", "WEEKENDS", 0))
    load = "{ fri: 10 kW, sat: 20 kW, all: 0 kW }"
    assert demand_cost(site(file, start="2019-07-26", load=load), tmp_path, solver) == pytest.approx(40.0)
    assert demand_cost(site(file, start="2019-07-27", load=load), tmp_path, solver) == 0.0


def test_the_spec_says_the_interval_and_what_was_reached(data_folder: Path, solver: str) -> None:
    """8 kW and 4 kW in two halves of an hour: 6 kW, of which 5 are paid for."""
    text = site(
        SCE,
        start="2019-07-22",
        horizon="1 h",
        more=", interval=1 h, reached=5 kW",
        load="{ 00:00: 8 kW, 00:30: 4 kW }",
    ).replace("start =", "step = 30 min\n start =")
    assert demand_cost(text, data_folder, solver) == pytest.approx(15.51, abs=1e-6)


def test_the_days_of_a_month_that_the_horizon_holds_may_be_paid_alone(data_folder: Path) -> None:
    text = site(SCE, start="2019-07-22", more=", partial=days")
    assert demand_cost(text, data_folder) == pytest.approx(155.10 * 2 / 31, abs=1e-6)


def test_the_feeder_may_be_metered(data_folder: Path) -> None:
    text = site(SCE, start="2019-07-22", more=", feeder=east").replace(
        "load house {", "load house { feeder = east\n"
    )
    assert demand_cost(f"feeder east {{ limit = 20 kW }}\n{text}", data_folder) == pytest.approx(155.10)


def test_a_price_in_another_currency_is_said_by_its_unit(tmp_path: Path) -> None:
    file = written(tmp_path, entry("01-01", "12-31", "ALL", 3))
    text = site(file, start="2019-07-22", more=', unit="EUR/kW"').replace('"USD"', '"EUR"')
    assert demand_cost(text, tmp_path) == pytest.approx(30.0)


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (
            [entry("01-01", "12-31", days, charge) for days, charge in WEEKEND_CHEAPER.items()],
            TWO_WAYS + "of 3 USD/kW on Monday 01 July and of 1 USD/kW on Saturday 06 July",
        ),
        (
            [entry("01-01", "07-14", "ALL", 3), entry("07-15", "12-31", "ALL", 2)],
            TWO_WAYS + "of 3 USD/kW on Monday 01 July and of 2 USD/kW on Monday 15 July",
        ),
        (
            [entry("01-01", "12-31", "ALL", None)],
            NO_CHARGES + "no entry of its schedule has a `demand_charge`",
        ),
        (
            [entry("01-01", "12-31", "WEEKDAYS", 3), entry("01-01", "12-31", "WEEKENDS", "3")],
            NO_CHARGES + "entry 2 of its schedule has a `demand_charge` that is no number from 0 on",
        ),
        (
            [entry("01-01", "12-31", "ALL", -3)],
            NO_CHARGES + "entry 1 of its schedule has a `demand_charge` that is no number from 0 on",
        ),
        (
            [entry("01-01", "07-22", "ALL", 3), entry("07-24", "12-31", "ALL", 3)],
            '"t.json" has no demand charge for 2019-07-23',
        ),
        ([], '"t.json" is not a tariff as ACN-Sim writes them: it has no list `schedule`'),
    ],
)
def test_what_cannot_be_billed_is_refused(
    entries: list[dict[str, object]], said: str, tmp_path: Path
) -> None:
    rendered = refused(site(written(tmp_path, *entries), start="2019-07-22"), tmp_path)
    assert rendered.splitlines()[0].split("]: ", 1)[1] == said


@pytest.mark.parametrize(
    ("more", "said", "help"),
    [
        (
            ", window=12:00 .. 18:00",
            NOT_BESIDE + "`window` of its own: the file says the days",
            "leave it out, or write `demand_charge bill {` with a `price`",
        ),
        (
            ", per=day",
            NOT_BESIDE + "`per` of its own: the file says that each month is billed",
            "leave it out, or write `demand_charge bill {` with a `price`",
        ),
        (
            ", intervall=15 min",
            NOT_BESIDE + "`intervall` of its own",
            "did you mean `interval`?",
        ),
        (
            ', unit="USD/kWh"',
            "`demand_charge bill` wants its prices in money for each kW, and `USD/kWh` is a price of energy",
            'write `unit="USD/kW"`',
        ),
        (
            ", interval=7 min",
            "`interval` of `demand_charge bill` is 7 min, which does not fit into an hour",
            "write `interval = 15 min`, or another part of an hour",
        ),
    ],
)
def test_what_may_not_be_said_beside_a_file_is_refused(
    more: str, said: str, help: str, data_folder: Path
) -> None:
    rendered = refused(site(SCE, start="2019-07-22", more=more), data_folder).splitlines()
    assert rendered[0].split("]: ", 1)[1] == said
    assert rendered[-1] == f"help: {help}"


@pytest.mark.parametrize(
    ("blocks", "block"),
    [
        ('demand_charge bill { price = tariff("FILE") }\n', "bill"),
        ('grid { demand_charge = tariff("FILE") }\n', "monthly"),
    ],
)
def test_a_file_in_the_place_of_one_price_is_told_the_block(
    blocks: str, block: str, data_folder: Path
) -> None:
    text = site(SCE, start="2019-07-22").splitlines(keepends=True)
    rendered = refused("".join([*text[:6], blocks.replace("FILE", SCE), *text[7:]]), data_folder)
    wanted = f'a file has a price for each month: write `demand_charge {block} = tariff("{SCE}")`'
    assert rendered.splitlines()[-1] == f"help: {wanted}"


MASKS = {"WEEKDAYS": range(5), "WEEKENDS": range(5, 7), "ALL": range(7)}


def random_file(random: Random, folder: Path) -> list[dict[str, object]]:
    """Seasons of whole months; in each one price, for weekdays and weekends together or for one of them."""
    edges = sorted(random.sample(range(1, 13), random.choice([1, 2, 3])))
    entries: list[dict[str, object]] = []
    for first, after in zip(edges, [*edges[1:], edges[0] + 12], strict=True):
        last = (after - 2) % 12 + 1
        ends = f"{first:02}-01", f"{last:02}-{monthrange(2000, last)[1]}"
        price = random.choice([0, 1, 2.5, 10])
        if random.random() < 0.3:
            entries.append(entry(*ends, "ALL", price))
            continue
        masks = random.sample(["WEEKDAYS", "WEEKENDS"], 2)
        entries += [entry(*ends, days, price if random.random() < 0.7 else 0) for days in masks]
    written(folder, *entries)
    return entries


def by_hand(entries: list[dict[str, object]], loads: dict[date, int]) -> float:
    """What a file bills for the load of each day, kW."""

    def charge(day: date) -> float:
        for each in entries:
            ends = [str(each[f"effective_{end}"]) for end in ("start", "end")]
            at = f"{day:%m-%d}"
            inside = ends[0] <= at <= ends[1] if ends[0] <= ends[1] else at >= ends[0] or at <= ends[1]
            if inside and day.weekday() in MASKS[str(each["dow_mask"])]:
                return float(str(each["demand_charge"]))
        raise AssertionError(day)

    peaks: dict[tuple[int, int], float] = {}
    for day, load in loads.items():
        month = day.year, day.month
        peaks[month] = max(peaks.get(month, 0.0), charge(day) * load)
    return sum(peaks.values())


def disagrees(number: int, folder: Path) -> bool:
    """Whether a random file is billed otherwise than by hand, or other than `verify` takes."""
    random = Random(number)
    entries = random_file(random, folder)
    first = date(2023, 1, 1) + timedelta(days=random.randrange(700))
    days = [first + timedelta(days=n) for n in range(random.choice([1, 3, 8, 40]))]
    loads = {day: random.randrange(30) for day in days}
    table = ", ".join(f"{day}: {load} kW" for day, load in loads.items())
    text = site("t.json", start=str(first), horizon=f"{len(days)} d", load=f"{{ {table} }}")
    try:
        return demand_cost(text, folder) != pytest.approx(by_hand(entries, loads), abs=1e-6)
    except AssertionError:
        return True


@pytest.mark.slow
def test_random_files_are_billed_as_by_hand(tmp_path: Path) -> None:
    assert not [number for number in range(60) if disagrees(number, tmp_path)]


FAULTS: dict[str, tuple[object, str, Callable[..., object]]] = {
    "the price of the day that the month begins on": (
        readers.MonthlyCharges,
        "of_month",
        lambda self, day: self.on(day.replace(day=1)),
    ),
    "days without a charge are metered": (
        readers.MonthlyCharges,
        "on",
        lambda self, day: max(self.factor * self.tariff.demand_charge_on(day), 1e-9),
    ),
    "the verifier takes the price of the first day": (
        verifier,
        "_price",
        lambda charge, days: verifier._of_file(charge.get("price"), days[0].date),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found_within_200_files(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, name, wrong = FAULTS[fault]
    monkeypatch.setattr(owner, name, wrong)
    assert any(disagrees(number, tmp_path) for number in range(200))


def test_a_meter_takes_prices_of_a_file_by_its_periods(data_folder: Path) -> None:
    text = site(PGE, start="2019-10-31", horizon="2 d")
    spec, found = loaded(text, data_folder)
    assert spec is not None, render(found)
    problem = evdsl.compile(spec)
    prices = readers.read_charges(spec.named("demand_charge", "bill"), problem.data.timeline)
    assert isinstance(prices, readers.MonthlyCharges)
    meter = meter_of(spec.named("demand_charge", "bill"), problem.data.timeline, prices)
    assert meter.price.tolist() == [19.99, 11.66]


@pytest.mark.parametrize(
    ("weekends", "help"),
    [
        (3, 'add `demand_charge monthly = tariff("t.json")`, or `demand_charge = 0 USD/kW` to the `grid`'),
        (1, "add `demand_charge = 3 USD/kW` to the `grid`, or 0"),
    ],
)
def test_a_charge_left_out_is_offered_as_the_file_can_be_read(
    weekends: int, help: str, tmp_path: Path
) -> None:
    written(tmp_path, entry("01-01", "12-31", "WEEKDAYS", 3), entry("01-01", "12-31", "WEEKENDS", weekends))
    text = 'station s {\n start = 2019-07-22\n horizon = 1 d\n}\ngrid { price = tariff("t.json") }\n'
    spec, found = loaded(f"{text}load house {{ power = 1 kW }}\nminimize cost\n", tmp_path)
    assert spec is not None, render(found)
    assert [(one.code, one.help) for one in found] == [("W109", f"{help} to leave it out")]
