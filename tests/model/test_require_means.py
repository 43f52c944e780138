"""The rows of a requirement and the check of a schedule are written apart, and mean the same.

One side of each of many requirements is evaluated at one point: once as the rows have it, by the decisions of
the model, and once as the verifier has it, by the flows of the schedule.
"""

from __future__ import annotations

import numpy as np
import pytest

import evdsl
from evdsl.data.data import Data
from evdsl.data.load import load_data
from evdsl.data.sets import axis_of
from evdsl.language.devices import KINDS
from evdsl.language.toggles import TOGGLES
from evdsl.model import balance
from evdsl.model.builder import ModelBuilder
from evdsl.model.lower import lower
from evdsl.model.program import aim
from evdsl.model.require.columns import DecisionColumns
from evdsl.model.require.grid import Affine
from evdsl.model.require.rows import _Statement
from evdsl.schedule.dataset import as_dataset
from evdsl.schedule.flows import extract_flows
from evdsl.schedule.settle import project_on_bounds
from evdsl.solver.backend import Backend
from evdsl.solver.discovery import find
from evdsl.solver.solution import Options
from evdsl.verifier.presence import ports_of
from evdsl.verifier.quantities import ScheduleReadings
from evdsl.verifier.reading import read
from evdsl.verifier.requirements import Worth
from evdsl.verifier.sets import range_of
from evdsl.verifier.violations import Findings

SITE = """\
station site {
    start    = 2024-03-30 20:00
    horizon  = 12 h
    step     = 30 min
    zone     = "Europe/Rome"
    seed     = 3
    rounding = exact
}
grid {
    import_limit = 60 kW
    price        = { 00:00: 0.1 EUR/kWh, 05:00: -0.2 EUR/kWh, 07:00: 0.4 EUR/kWh }
    feed_in      = 0.05 EUR/kWh
    carbon       = { 00:00: 400 g/kWh, 06:00: 300 g/kWh }
}
param cap = { 00:00: 5 kW, 04:00: 9 kW }
feeder main {
    limit = 50 kW
}
port ac {
    count      = 3
    power      = 11 kW
    discharge  = 5 kW
    efficiency = 95 %
    feeder     = main
}
port dc {
    count     = 2
    power     = 22 kW
    discharge = 10 kW
}
class van {
    battery    = 50 kWh
    charge     = 11 kW
    discharge  = 7 kW
    efficiency = 90 %
}
class taxi {
    battery    = 60 kWh
    charge     = 22 kW
    efficiency = 90 %
}
fleet vans of van {
    count       = 3
    arrival     = normal(20:40, 30 min)
    stay        = uniform(2 h, 10 h)
    soc_arrival = uniform(30 %, 60 %)
    soc_target  = 80 %
}
fleet taxis of taxi {
    count       = 2
    arrival     = uniform(20:00, 22:00)
    stay        = 4 h
    soc_arrival = 20 %
    soc_target  = 90 %
    priority    = 3
}
vehicle late of taxi {
    arrival   = 2024-03-31 05:10
    departure = 2024-03-31 07:20
    energy    = 10 kWh
}
solar roof {
    peak    = 20 kW
    profile = { 00:00: 0, 06:00: 0.7 }
}
storage store {
    capacity   = 30 kWh
    power      = 10 kW
    efficiency = 90 %
}
load house {
    power = { 00:00: 3 kW, 06:00: 8 kW }
}
enable v2g
minimize cost + 0.3 EUR/kWh * unmet
"""
SIDES = """\
charge[v, t] for v in vehicles, t in steps
discharge[v, t] for t in 22:00 .. 05:00, v in vans
charge[v, t] - discharge[v, t] for v in [vans, late], t in 2024-03-30 23:00 .. 2024-03-31 06:00
energy[v, t] for v in vehicles, t in steps
energy[v, t] - energy[v, t - 2] for v in vehicles, t in 20:00 .. 06:00
soc[v, t] * need[v] for v in vehicles, t in steps
soc[late, 2024-03-31 06:10]
energy[vans, t] for t in steps
energy[v, departure] for v in vehicles
energy[v, departure] - energy[v, 22:00] for v in vehicles
energy[vans, departure] - 2 * energy[late, departure]
soc[v, departure] * battery[v] for v in [taxis, late]
energy[f, t] - charge[f, t + 1] * step for f in fleets, t in steps
charge[c, t] for c in classes, t in steps
charge[p, t] - 2 * discharge[p, t] for t in steps, p in ports
charge[ac, t] for t in steps
discharge[v, t] for v in ac, t in steps
charge[[ac, dc], 22:00]
delivered[v] for v in vehicles
delivered[v] for v in dc
delivered[p] for p in ports
delivered[vans] - need[vans] + battery[taxis]
unmet[v] * priority[v] for v in vehicles
unmet[c] for c in classes
import[t] - export[t] - cap[t] for t in steps
import[t] - import[t - 1] for t in 22:00 .. 05:00
price[t] * import[t] - feed_in[t] * export[t] for t in steps
sum(t in steps: carbon[t] * import[t]) * step
sum(v in vans: sum(t in 02:00 .. 06:00: charge[v, t] * price[t]))
sum(t in 22:00 .. 23:00: charge[v, t]) / battery[v] for v in vehicles
mean(t in steps: soc[v, t]) for v in vehicles
mean(v in taxis: soc[v, t]) for t in steps
mean(t in 22:00 .. 01:00: energy[v, t]) for v in taxis
sum(f in fleets: delivered[f]) - max(t in steps: price[t]) * 1 kWh * 1 kWh / 1 EUR
roof[t] + store.power[t] - main[t] for t in steps
store.energy[t] - store.energy[t - 1] for t in steps
store.soc[t] for t in 05:00 .. 07:00
store.charge[t] - store.discharge[t] + house.power[t] for t in steps
min(t in 04:00 .. 08:00: price[t]) * import[s] for s in steps
"""


@pytest.fixture(scope="module")
def both() -> list[tuple[str, np.ndarray, np.ndarray]]:
    """Each left side, as the rows and as the verifier have it; NaN where it has no meaning."""
    lines = []
    for number, line in enumerate(SIDES.splitlines()):
        side, _, rest = line.partition(" for ")
        lines.append(f"require r{number}: {side} <= 0 * ({side}){' for ' + rest if rest else ''}\n")
    spec = evdsl.loads(SITE + "".join(lines))
    data, _ = load_data(spec)
    assert data is not None
    return compared(spec, data)


def compared(spec: evdsl.Spec, data: Data) -> list[tuple[str, np.ndarray, np.ndarray]]:
    builder = ModelBuilder.of(spec, data)
    for part in (*KINDS, *TOGGLES):
        if part.build is not None:
            part.build(builder)
    balance.build(builder)
    columns = DecisionColumns(builder)
    sides = []
    for own in spec.requirements:
        axes = [axis_of(binder.name, binder.over, spec, data) for binder in own.binders]
        sides.append(_Statement(own.row, own.span, columns).value(own.left, axes))
    chance = np.random.default_rng(5)
    goal = builder.zero()
    for name in ("charge", "discharge", "import", "export", "roof.power", "store.energy", "own.energy"):
        made = builder.need(name)
        goal = goal + builder.total(builder.scale(made, chance.normal(size=made.size)))
    backend = find("highs")
    assert isinstance(backend, Backend)
    lowered = lower(builder.build(), backend.capabilities)
    program = lowered.program
    aim(program, goal, "min")
    solution = backend.solve(program.model, Options(), None)
    values = project_on_bounds(dict(solution.values), program)
    findings, ports = Findings(data), ports_of(spec)
    schedule = as_dataset(extract_flows(values, program), data, {})
    reading = read(spec, data, ports, schedule, findings)
    assert reading is not None
    assert lowered.applied
    found = []
    for own, side in zip(spec.requirements, sides, strict=True):
        ranges = [range_of(binder.name, binder.over, spec, data) for binder in own.binders]
        cells = Worth(ScheduleReadings(spec, data, reading, ports), {}).value(own.left, ranges)
        shape = np.broadcast_shapes(cells.shape, side.shape)
        rows = evaluated(side, values, columns)
        found.append(
            (
                own.text,
                np.broadcast_to(rows, shape),
                np.broadcast_to(np.where(cells.there, cells.value, np.nan), shape),
            )
        )
    return found


def evaluated(side: Affine, values: dict[str, np.ndarray], columns: DecisionColumns) -> np.ndarray:
    point = np.concatenate([np.ravel(values[name]) for name in columns.names])
    wide = side.laid_out(side.shape)
    flat = np.ravel_multi_index(tuple(wide.cell), side.shape) if side.shape else np.zeros_like(wide.column)
    size = int(np.prod(side.shape))
    found = np.bincount(flat, wide.coefficient * point[wide.column], minlength=size).reshape(side.shape)
    return np.where(side.there, found + side.constant, np.nan)


@pytest.mark.parametrize("number", range(len(SIDES.splitlines())))
def test_rows_and_check_agree_on_what_a_side_is_worth(
    number: int, both: list[tuple[str, np.ndarray, np.ndarray]]
) -> None:
    text, rows, check = both[number]
    assert (np.isnan(rows) == np.isnan(check)).all(), text
    assert np.nanmax(np.abs(check)) > 0, text
    assert rows == pytest.approx(check, abs=2e-6, nan_ok=True), text
