"""By how much the rules of devices, feeders and the connection are missed, in exact fractions.

    0 <= power <= available of `solar` and `wind`, all of it without `curtailment`;  a load takes its series
    storage: 0 or min_power <= flows <= most,  e(0) = soc_initial,  low <= e <= high,  e(T) in soc_final,
             e(0) within `soc_initial` where it is a range, and e(T) >= e(0) without a `soc_final`,
             e(t+1) = (1 - leakage)^Δ e(t) + Δ (η_c charge - discharge / η_d),  power = charge - discharge
             Σ charge of those with a `source` <= generation, and min(charge, import) = 0 of `surplus`
             Σ discharge of those with `sink = site` <= what loads, vehicles and cohorts take
    cohort:  0 <= c_i <= x_i,  x_i(t+1) = (1 - q_i) x_i(t) - c_i + c_{i+1} + a_i,  power = p Σ c_i
    feeder:  flow = what hangs on it takes less what it gives,  |flow| <= limit
    import - export = what the site takes,  0 <= import <= limit,  0 <= export <= limit
    event:  import - export, or the flow of its feeder, <= what it allows where nothing is paid for more

Ports count on the site's side of their losses: charge / η, discharge · η.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, localcontext
from fractions import Fraction

from evdsl.language.spec import Device
from evdsl.language.values import RangeValue
from evdsl.testing.exact.events import event_rules
from evdsl.testing.exact.reading import ZERO, Exact, Miss, available, efficiency, setting


def site_rules(of: Exact) -> Iterator[Miss]:
    """Every rule of the site."""
    for device in (*of.spec.of_kind("solar"), *of.spec.of_kind("wind")):
        yield from _generation(of, device)
    for device in of.spec.of_kind("load"):
        series = of.series(device.name, "power") or ()
        for step, (power, asked) in enumerate(zip(of.of(device.name), series, strict=True)):
            yield Miss("load", f"{device.name}, {of.local(step)}", abs(power - asked), asked)
    for device in of.spec.of_kind("storage"):
        yield from _storage(of, device)
    yield from _origins(of)
    for device in of.spec.of_kind("cohort"):
        yield from _cohort(of, device)
    for feeder in of.spec.of_kind("feeder"):
        yield from _feeder(of, feeder)
    yield from _connection(of)
    yield from event_rules(of)


def _generation(of: Exact, device: Device) -> Iterator[Miss]:
    for step, (power, most) in enumerate(zip(of.of(device.name), available(of, device), strict=True)):
        place = f"{device.name}, {of.local(step)}"
        yield Miss("generation", place, max(-power, power - most), most)
        if not of.spec.on("curtailment"):
            yield Miss("curtailment", place, most - power, most)


def _storage(of: Exact, device: Device) -> Iterator[Miss]:
    name, capacity = device.name, setting(device, "capacity")
    most = [setting(device, way if way in device.settings else "power") for way in ("charge", "discharge")]
    both = setting(device, "efficiency", 1.0)
    inward, outward = (setting(device, f"{way}_efficiency", float(both)) for way in ("charge", "discharge"))
    stays = _left_after(of.step, setting(device, "leakage"))
    low, high = (Fraction(share) * capacity for share in device.bounds("soc"))
    chosen = isinstance(device.get("soc_initial"), RangeValue)
    if chosen:
        energy = begins = of.of(f"{name}.energy")[0]
        ends = [Fraction(share) * capacity for share in device.bounds("soc_initial")]
        yield Miss("chosen", name, max(ends[0] - begins, begins - ends[1]), ends[1])
    else:
        energy = begins = setting(device, "soc_initial") * capacity
    widens = device.choice("outside") == "widen" and not chosen
    high = max(high, begins) if widens else high
    first = begins
    stored = (*of.of(f"{name}.energy"), *of.of(f"{name}.energy_end"))
    flows = zip(of.of(f"{name}.charge"), of.of(f"{name}.discharge"), of.of(name), strict=True)
    for step, (charge, discharge, net) in enumerate(flows):
        place = f"{name}, {of.local(step)}"
        yield Miss("storage energy", place, abs(stored[step] - energy), capacity)
        for power, cap in zip((charge, discharge), most, strict=True):
            yield Miss("storage power", place, max(-power, power - cap), cap)
            if of.spec.on("min_power"):
                yield Miss("levels", place, min(power, setting(device, "min_power") - power), cap)
        yield Miss("storage power", place, abs(net - (charge - discharge)), max(most))
        if of.spec.on("exclusive"):
            yield Miss("exclusive", place, min(charge, discharge), max(charge, discharge))
        energy = stays * energy + of.step * (inward * charge - discharge / outward)
        begins = stays * begins
        least = min(low, begins) if widens else low
        yield Miss("storage state of charge", place, max(least - energy, energy - high), high)
    yield Miss("storage energy", f"{name}, at the end", abs(stored[-1] - energy), capacity)
    if isinstance(device.get("soc_final"), RangeValue):
        least, highest = (Fraction(share) * capacity for share in device.bounds("soc_final"))
        yield Miss("storage final", name, energy - highest, highest)
    elif device.get("soc_final") is None:
        least = first
    else:
        least = setting(device, "soc_final") * capacity
    yield Miss("storage final", name, least - energy, least)


def _origins(of: Exact) -> Iterator[Miss]:
    storages = of.spec.of_kind("storage")
    charged = [device.name for device in storages if device.choice("source") in ("generation", "surplus")]
    giving = [device.name for device in storages if device.choice("sink") == "site"]
    imports = of.of("import")
    for step in of.steps:
        place = of.local(step)
        gives = sum((of.of(d.name)[step] for k in ("solar", "wind") for d in of.spec.of_kind(k)), ZERO)
        takes = sum((of.of(d.name)[step] for k in ("load", "cohort") for d in of.spec.of_kind(k)), ZERO)
        for vehicle in of.vehicles:
            takes += of.charge[vehicle][step] / efficiency(of.block(vehicle, step))
        into = sum((of.of(f"{name}.charge")[step] for name in charged), ZERO)
        out = sum((of.of(f"{name}.discharge")[step] for name in giving), ZERO)
        yield Miss("storage source", place, into - gives, gives)
        yield Miss("storage sink", place, out - takes, takes)
        for device in storages:
            if device.choice("source") == "surplus":
                charge = of.of(f"{device.name}.charge")[step]
                both, size = min(charge, imports[step]), max(charge, imports[step])
                yield Miss("storage source", f"{device.name}, {place}", both, size)


def _left_after(hours: Fraction, leakage: Fraction) -> Fraction:
    """(1 - leakage)^hours, in forty digits: it is no fraction where a step is no whole hour."""
    if not leakage:
        return Fraction(1)
    with localcontext(prec=40):
        base, exponent = 1 - leakage, Decimal(hours.numerator) / Decimal(hours.denominator)
        return Fraction((Decimal(base.numerator) / Decimal(base.denominator)) ** exponent)


def _cohort(of: Exact, device: Device) -> Iterator[Miss]:
    name, last = device.name, int(device.number("classes"))
    states = range(last + 1)
    nobody = (ZERO,) * len(of.steps)
    count = [of.of(f"{name}.count.{state}") for state in states]
    charging = [nobody, *(of.of(f"{name}.charging.{state}") for state in states[1:]), nobody]
    leaving, begins = _leaving(of, device), by_state(device, "initial", [ZERO] * (last + 1))
    arrivals = of.data.cohorts[name]
    own = device.get("power") is not None
    each = setting(device, "power") if own else setting(of.spec.named("class", device.of), "charge")
    for state in states:
        wanted = begins[state]
        for step in of.steps:
            there, here = count[state][step], charging[state][step]
            place = f"{name}, state {state}, {of.local(step)}"
            yield Miss("cohort count", place, max(abs(there - wanted), -there), there)
            yield Miss("cohort charging", place, max(-here, here - there), there)
            comes = Fraction(float(arrivals[state, step])) + charging[state + 1][step]
            wanted = (1 - leaving[state][step]) * there - here + comes
        yield Miss("cohort count", f"{name}, state {state}, at the end", -wanted, count[state][-1])
    for step in of.steps:
        place, taken = f"{name}, {of.local(step)}", each * sum((c[step] for c in charging), ZERO)
        yield Miss("cohort power", place, abs(of.of(name)[step] - taken), taken)
        waits = sum((count[state][step] for state in states[1:]), ZERO)
        yield Miss("cohort count", place, abs(of.of(f"{name}.waiting")[step] - waits), waits)


def _leaving(of: Exact, device: Device) -> list[tuple[Fraction, ...]]:
    """By state and step the share that leaves."""
    last, given = int(device.number("classes")), len(device.entries("departures"))
    if not given:
        return [(Fraction(last + 1 - state, last + 2),) * len(of.steps) for state in range(last + 1)]
    each = [of.series(device.name, f"departures.{number}") or () for number in range(given)]
    return each if given > 1 else each * (last + 1)


def by_state(device: Device, name: str, usual: list[Fraction]) -> list[Fraction]:
    """A list of a cohort by state, or one number for all."""
    given = [Fraction(value) for value in device.numbers(name)]
    if not given:
        return usual
    return given if len(given) > 1 else given * len(usual)


def at_site(of: Exact, vehicle: int, step: int) -> Fraction:
    """What a vehicle takes of the site, with the losses of its port; kW."""
    kept = efficiency(of.block(vehicle, step))
    return of.charge[vehicle][step] / kept - of.discharge[vehicle][step] * kept


def _hung(of: Exact, feeder: str, step: int) -> tuple[Fraction, Fraction]:
    """What all on a feeder takes, those feeders below it included, and the largest of it; kW."""
    powers: list[Fraction] = []
    for vehicle in of.vehicles:
        block = of.block(vehicle, step)
        if "".join(block.names("feeder") if block is not None else ()) == feeder:
            powers.append(at_site(of, vehicle, step))
    for kind, sign in SIGNS.items():
        hanging = (device for device in of.spec.of_kind(kind) if "".join(device.names("feeder")) == feeder)
        powers += [sign * of.of(device.name)[step] for device in hanging]
    below = (one for one in of.spec.of_kind("feeder") if "".join(one.names("feeder")) == feeder)
    powers += [_hung(of, one.name, step)[0] for one in below]
    return sum(powers, ZERO), max(map(abs, powers), default=ZERO)


SIGNS = {"solar": -1, "wind": -1, "load": 1, "cohort": 1, "storage": 1}
"""The devices whose power the site has to carry, and which way that of a schedule counts."""


def _feeder(of: Exact, feeder: Device) -> Iterator[Miss]:
    limit, flows = of.series(feeder.name, "limit"), of.of(feeder.name)
    assert limit is not None, "a feeder has its limit"
    for step in of.steps:
        place, (taken, size) = f"{feeder.name}, {of.local(step)}", _hung(of, feeder.name, step)
        yield Miss("feeder flow", place, abs(flows[step] - taken), size)
        yield Miss("feeder limit", place, abs(taken) - limit[step], limit[step])


def _connection(of: Exact) -> Iterator[Miss]:
    imports, exports = of.of("import"), of.of("export")
    limit, allowed = of.series("grid", "import_limit"), of.series("grid", "export_limit")
    if allowed is None and of.series("grid", "feed_in") is None:
        allowed = (ZERO,) * len(of.steps)
    for step in of.steps:
        place, (taken, size) = of.local(step), _hung(of, "", step)
        size = max(size, imports[step], exports[step])
        yield Miss("power balance", place, abs(imports[step] - exports[step] - taken), size)
        for name, power, most in (("import", imports[step], limit), ("export", exports[step], allowed)):
            yield Miss(f"{name} at least zero", place, -power)
            if most is not None:
                yield Miss(f"{name} at most", place, power - most[step], most[step])
        if of.spec.on("import_or_export"):
            yield Miss("import or export", place, min(imports[step], exports[step]), size)
