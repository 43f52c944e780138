"""Charging and discharging, importing and exporting at once: never where a toggle forbids it, and not
kept from it where none does. Prices below zero, no losses, exports dearer than imports, must-run solar."""

from __future__ import annotations

import numpy as np
import pytest

import evdsl

HEAD = """
station s {{
    start = 2024-03-12
    horizon = {hours} h
    step = 1 h
}}
"""
CAR = """
class car {{
    battery = 10 kWh
    charge = 4 kW
    discharge = 4 kW
    efficiency = {efficiency}
}}
vehicle a of car {{
    arrival = 00:00
    stay = 1 h
    soc_arrival = 100 %
    soc_target = 100 %
}}
enable v2g
"""
STORAGE = """
storage store {{
    capacity = 10 kWh
    power = 4 kW
    efficiency = {efficiency}
    soc_initial = 100 %
}}
"""
NEGATIVE = "grid {\n    price = -0.10 EUR/kWh\n}\n"
MUST_RUN = "solar roof {\n    power = 3 kW\n}\ndisable curtailment\n"


def solved(text: str, solver: str, toggle: str, on: bool) -> evdsl.Result:
    spec = evdsl.loads(text, enable=[toggle] if on else [], disable=[] if on else [toggle])
    result = evdsl.compile(spec).run(solver)
    assert result.verdict is None or result.verdict.ok, result.message
    return result


@pytest.mark.parametrize(
    ("battery", "efficiency", "apart", "together"),
    [
        # 4 kW in are 3.6 kWh, which are 3.24 kW out: 0.76 kWh burnt at 0.10.
        (CAR, "90 %", 0.0, -0.076),
        (CAR, "100 %", 0.0, 0.0),
        # 4 kW in are 2 kWh, which are 1 kW out.
        (STORAGE, "50 %", 0.0, -0.30),
        (STORAGE, "100 %", 0.0, 0.0),
    ],
)
def test_a_full_battery_burns_energy_at_a_price_below_zero_only_where_it_may(
    solver: str, battery: str, efficiency: str, apart: float, together: float
) -> None:
    text = HEAD.format(hours=1) + NEGATIVE + battery.format(efficiency=efficiency) + "minimize energy_cost\n"
    held = solved(text, solver, "exclusive", True)
    free = solved(text, solver, "exclusive", False)
    assert held.stages[0].value == pytest.approx(apart, abs=1e-7)
    assert free.stages[0].value == pytest.approx(together, abs=1e-7)
    names = ("charge", "discharge") if battery is CAR else ("store.charge", "store.discharge")
    assert held.schedule is not None
    first, second = (np.asarray(held.schedule[name].values) for name in names)
    assert float(np.minimum(first, second).max()) <= 1e-7


def test_must_run_solar_is_burnt_only_where_a_storage_may_do_both(solver: str) -> None:
    text = HEAD.format(hours=1) + MUST_RUN + STORAGE.format(efficiency="50 %") + "minimize peak\n"
    assert solved(text, solver, "exclusive", True).status is evdsl.Status.INFEASIBLE
    free = solved(text, solver, "exclusive", False)
    assert free.status is evdsl.Status.OPTIMAL
    assert free.schedule is not None
    assert float(free.schedule["store.charge"].max()) == pytest.approx(4.0, abs=1e-6)
    assert float(free.schedule["store.discharge"].max()) == pytest.approx(1.0, abs=1e-6)


def test_exports_dearer_than_imports_pay_only_where_both_may_be_at_once(solver: str) -> None:
    grid = """grid {
    import_limit = 10 kW
    export_limit = 10 kW
    price = 0.20 EUR/kWh
    feed_in = 0.50 EUR/kWh
}
"""
    storage = "storage store {\n    capacity = 4 kWh\n    power = 2 kW\n}\n"
    text = HEAD.format(hours=2) + grid + storage + "minimize cost\n"
    # Apart: 2 kWh in for 0.40, 2 kWh out for 1.00. Together: 10 kWh in and out in both hours, at 0.30 each.
    held = solved(text, solver, "import_or_export", True)
    free = solved(text, solver, "import_or_export", False)
    assert held.stages[0].value == pytest.approx(-0.60, abs=1e-7)
    assert free.stages[0].value == pytest.approx(-6.00, abs=1e-7)
    assert held.schedule is not None
    both = np.minimum(held.schedule["import"].values, held.schedule["export"].values)
    assert float(both.max()) <= 1e-7


@pytest.mark.parametrize("price", ["0.20 EUR/kWh", "-0.20 EUR/kWh", "0 EUR/kWh"])
def test_rewrites_change_nothing_about_it(solver: str, price: str) -> None:
    grid = f"grid {{\n    price = {price}\n    feed_in = 0.05 EUR/kWh\n    export_limit = 1 kW\n}}\n"
    solar = "solar roof {\n    power = { 00:00: 6 kW, 01:00: 0 kW }\n}\n"
    text = HEAD.format(hours=2) + grid + solar + CAR.format(efficiency="95 %").replace("100 %", "60 %", 2)
    text += STORAGE.format(efficiency="90 %").replace("100 %", "50 %") + "minimize cost + 1 EUR/kWh * unmet\n"
    problem = evdsl.compile(evdsl.loads(text))
    values = [
        problem.run(solver, without=without).stages[0].value
        for without in ((), ("exclusive_to_nothing",), ("crossing_to_nothing",))
    ]
    assert values[1:] == pytest.approx(values[:1] * 2, abs=1e-6)


@pytest.mark.parametrize("emptier", ["a", "b"])
@pytest.mark.parametrize("order", ["a b c", "c a b", "a c b"])
def test_who_holds_no_port_neither_takes_nor_gives_at_prices_below_zero(
    solver: str, order: str, emptier: str
) -> None:
    ports = "".join(
        f"port {name} {{\n    count = {count}\n    power = 4 kW\n    discharge = 4 kW\n}}\n"
        for name, count in (("scarce", 1), ("plenty", 2))
    )
    car = CAR.split("vehicle a", 1)[0].strip().format(efficiency="100 %")
    classes = "".join(
        car.replace("class car {", f"class {name} {{\n    ports = [{port}]") + "\n"
        for name, port in (("guest", "scarce"), ("own", "plenty"))
    )
    visits = "".join(
        f"vehicle {name} of {'own' if name == 'c' else 'guest'} {{\n    arrival = 00:00\n    stay = 2 h\n"
        f"    soc_arrival = {50 if name in (emptier, 'c') else 90} %\n    soc_target = 50 %\n}}\n"
        for name in order.split()
    )
    text = HEAD.format(hours=2) + NEGATIVE + ports + classes + visits + "enable v2g\nminimize energy_cost\n"
    # Five of ten kWh are for the emptier guest, and as many for the car with a port of its own.
    result = solved(text, solver, "exclusive", True)
    assert result.stages[0].value == pytest.approx(-1.0, abs=1e-6)
    assert result.schedule is not None
    assert sorted(result.schedule["energy_departure"].values) == pytest.approx([9, 10, 10], abs=1e-5)
