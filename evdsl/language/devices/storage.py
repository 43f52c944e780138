"""`storage NAME`: a stationary battery. With η_c and η_d its efficiencies and λ its `leakage`:

    0 <= charge[t] <= its `charge`,   0 <= discharge[t] <= its `discharge`       kW at the site
    energy[t+1] = (1 - λ)^Δ energy[t] + Δ (η_c charge[t] - discharge[t] / η_d)   kWh, Δ in hours
    soc_min · capacity <= energy[t] <= soc_max · capacity
    energy[0] = soc_initial · capacity,   energy[T] >= soc_final · capacity

`power` is the largest of both ways, or `charge` and `discharge` of each; `efficiency` sets both, and one of
`charge_efficiency` and `discharge_efficiency` its own way. `leakage` is the share that is lost in an hour, of
what is there: the same for every length of a step (`2 %/d` is taken as a twenty-fourth of it in each hour).
What is charged in a step does not leak in it.

`soc_final` is `soc_initial` where it is not given, so that nothing is won by emptying it. As a range,
`40 % .. 60 %`, it says the most as well, and what lies between is chosen.

`soc_initial` as a range, `20 % .. 80 %`, leaves to be chosen what it begins with, and `initial_price` is what
that costs (`initial_cost`). It is one decision E0 for the whole horizon; where `soc_final` is not given, the
storage ends with at least what was chosen:

    low · capacity <= E0 <= high · capacity,   energy[0] = E0,   energy[T] >= E0

`capacity` and the powers may be ranges too, `0 kWh .. 400 kWh`: one size for the whole horizon each, chosen
with all else. The rows above are linear in them, as shares times a capacity are. What `exclusive` and
`min_power` bound a flow by is the upper end, beside `charge[t] <= power`.

A range of `soc_initial` lies within `soc`, with `outside = widen` too. With `exclusive` on it does not
charge and discharge in one step. With `min_power` on each of its flows p is zero or at least its `min_power`,
with a binary on[t] of its own:

    min_power · on[t] <= p[t] <= the most of p · on[t]

With `outside = widen` it may begin outside of `soc`: what it begins with is then its bound, as far as that
leaks away, so that it is never forced to charge:

    min(soc_min, (1 - λ)^(tΔ) soc_initial) · capacity <= energy[t] <= max(soc_max, soc_initial) · capacity

`source` says what it may be charged from: `any`, `generation` (never more than what sun and wind give, all
storages of this kind together), or `surplus` (as `generation`, and never while the site imports). `sink` says
what it may give to: `any`, or `site` (never more than what loads, vehicles and cohorts take, so that nothing
of it is exported or goes into another storage). `evdsl.model.origins` has the rows.
"""

from __future__ import annotations

from evdsl.diagnostics.source import Span
from evdsl.language.builder import Builder, Linear
from evdsl.language.combinatorial import Complementarity
from evdsl.language.declaration import DEVICE, Kind, Setting, Shape
from evdsl.language.devices.feeder import FEEDER
from evdsl.language.devices.phases import PHASES
from evdsl.language.spec import Device, Spec
from evdsl.language.units import ENERGY, MONEY_PER_ENERGY, NUMBER, POWER, RATE
from evdsl.language.values import RangeValue
from evdsl.language.widening import OUTSIDE, widens


def rated_by(device: Device) -> tuple[str, str]:
    """The settings that say the largest power of charging and of discharging."""
    return ("power", "power") if "power" in device.settings else ("charge", "discharge")


def ratings(device: Device) -> tuple[float, float]:
    """The largest power of charging and of discharging, kW; what a range allows where it is chosen."""
    inward, outward = rated_by(device)
    return device.most(inward), device.most(outward)


def kept(device: Device, hours: float) -> float:
    """The share of its energy that is still there after some hours in which nothing flows."""
    return float((1.0 - device.number("leakage", 0.0)) ** hours)


def final(device: Device) -> tuple[float, float]:
    """The least and the most state of charge with which it may end.

    The least is zero where it follows from a start that is chosen: that is a row of its own.
    """
    if isinstance(device.get("soc_final"), RangeValue):
        return device.bounds("soc_final")
    if ends_as_chosen(device):
        return 0.0, 1.0
    given = "soc_initial" if device.get("soc_final") is None else "soc_final"
    return device.number(given), 1.0


def ends_as_chosen(device: Device) -> bool:
    """Whether it ends with at least what it begins with, which is chosen."""
    return device.get("soc_final") is None and device.decides("soc_initial")


def start_range(device: Device) -> tuple[float, float]:
    """The least and the most state of charge that may be chosen to begin with.

    A range as written lies within `soc`; where `explain` asks what a narrower `soc` would cost, it is cut.
    """
    (low, high), (least, most) = device.bounds("soc_initial"), device.bounds("soc")
    low = min(max(low, least), high)
    return low, max(low, min(high, most))


def allowed(device: Device) -> tuple[float, float]:
    """The least and the most state of charge, with what it begins with where that may lie outside."""
    low, high = device.bounds("soc")
    if not _may_begin_outside(device):
        return low, high
    initial = device.number("soc_initial")
    return min(low, initial), max(high, initial)


def _may_begin_outside(device: Device) -> bool:
    """Whether what it begins with may be its bound: a start that is chosen lies within `soc`."""
    return widens(device) and not device.decides("soc_initial")


def _least(device: Device, steps: int, step: float) -> list[float]:
    """The least state of charge at the end of each step: of one below `soc` what is left of it."""
    low = device.bounds("soc")[0]
    if not _may_begin_outside(device):
        return [low] * steps
    initial = device.number("soc_initial")
    return [min(low, initial * kept(device, step * (at + 1))) for at in range(steps)]


def build(builder: Builder) -> None:
    """The flows and states of each storage."""
    for device in builder.spec.of_kind("storage"):
        _flows(builder, device)


def _place_of_rating(device: Device, way: str) -> Span:
    return device.place(way if way in device.given else "power")


def _flows(builder: Builder, device: Device) -> None:
    name, steps = device.name, builder.spec.steps
    smallest, largest = device.least("capacity"), device.most("capacity")
    most_in, most_out = ratings(device)
    shares = _least(device, steps, builder.spec.step)
    least = [share * smallest for share in shares]
    place = _place_of_rating(device, "charge")
    charge = builder.variable(f"{name}.charge", "time", steps, place, upper=most_in)
    place = _place_of_rating(device, "discharge")
    discharge = builder.variable(f"{name}.discharge", "time", steps, place, upper=most_out)
    most = allowed(device)[1]
    builder.variable(f"{name}.energy", "time", steps, device.place("soc"), lower=least, upper=most * largest)
    if device.decides("soc_initial"):
        low, high = start_range(device)
        place = device.place("soc_initial")
        builder.single(f"{name}.energy_start", place, lower=low * smallest, upper=high * largest)
    _sizes(builder, device, shares, most)
    _states(builder, device)
    _levels(builder, device)
    builder.consume(charge - discharge, name, "".join(device.names("feeder")))
    if builder.spec.on("exclusive"):
        builder.demand(
            Complementarity(
                name=f"{name}.exclusive",
                subject="storage",
                dimension="time",
                first=f"{name}.charge",
                second=f"{name}.discharge",
                first_cap=[most_in] * steps,
                second_cap=[most_out] * steps,
                owner=builder.toggle_place("exclusive"),
            )
        )


def _sizes(builder: Builder, device: Device, least: list[float], most: float) -> None:
    """What a size that is chosen allows; `least` and `most` are the states of charge that are allowed."""
    name = device.name
    for way, setting in zip(("charge", "discharge"), rated_by(device), strict=True):
        if device.decides(setting):
            room = builder.need(f"{name}.{way}") - builder.chosen(device, setting)
            builder.rows(f"{name}.{way}_limit", room, "<=", 0.0, device.place(setting))
    if not device.decides("capacity"):
        return
    energy, capacity, place = (
        builder.need(f"{name}.energy"),
        builder.chosen(device, "capacity"),
        device.place("capacity"),
    )
    builder.rows(f"{name}.energy_most", energy - builder.scale(capacity, most), "<=", 0.0, place)
    if max(least) > 0.0:
        each = builder.take(capacity, [0] * len(least), "time")
        builder.rows(f"{name}.energy_least", energy - builder.scale(each, least), ">=", 0.0, place)
    if device.decides("soc_initial"):
        begins, (low, high) = start(builder, device), start_range(device)
        builder.rows(f"{name}.start_most", begins - builder.scale(capacity, high), "<=", 0.0, place)
        builder.rows(f"{name}.start_least", begins - builder.scale(capacity, low), ">=", 0.0, place)


def least_power(spec: Spec, device: Device) -> float:
    """The least power above zero, either way; 0 where nothing asks for one."""
    return device.number("min_power", 0.0) if spec.on("min_power") else 0.0


def _levels(builder: Builder, device: Device) -> None:
    """`min_power`: each flow is zero or at least that."""
    least, place = least_power(builder.spec, device), device.place("min_power")
    if least <= 0.0:
        return
    for way, most in zip(("charge", "discharge"), ratings(device), strict=True):
        flow = builder.need(f"{device.name}.{way}")
        on = builder.variable(f"{device.name}.{way}_on", "time", builder.spec.steps, place, binary=True)
        builder.rows(f"{device.name}.{way}_least", flow - builder.scale(on, least), ">=", 0.0, place)
        builder.rows(f"{device.name}.{way}_most", flow - builder.scale(on, most), "<=", 0.0, place)


def start(builder: Builder, device: Device) -> Linear:
    """The energy with which it begins, as it is chosen or given."""
    if device.decides("soc_initial"):
        return builder.need(f"{device.name}.energy_start")
    return builder.scale(builder.chosen(device, "capacity"), device.number("soc_initial"))


def _states(builder: Builder, device: Device) -> None:
    """Energies at the end of each step follow from what flows and what leaks; the last one is bounded."""
    name, steps, step = device.name, builder.spec.steps, builder.spec.step
    inward, outward = device.charge_efficiency, device.discharge_efficiency
    charge, discharge = builder.need(f"{name}.charge"), builder.need(f"{name}.discharge")
    energy, share = builder.need(f"{name}.energy"), kept(device, step)
    gained = builder.scale(charge, step * inward) - builder.scale(discharge, step / outward)
    before = builder.group_sum(builder.take(energy, range(steps - 1), "time"), range(1, steps), "time", steps)
    # Apart, so that a storage that leaks nothing and is the same both ways is told as the simpler thing.
    plain = share == 1.0 and inward == outward
    left = energy - (before if plain else builder.scale(before, share)) - gained
    row, place = f"{name}.state" if plain else f"{name}.energy_balance", device.place("soc_initial")
    if device.decides("soc_initial") or device.decides("capacity"):
        first = builder.group_sum(builder.scale(start(builder, device), share), [0], "time", steps)
        builder.rows(row, left - first, "==", 0.0, place)
    else:
        initial = [share * device.number("soc_initial") * device.number("capacity")] + [0.0] * (steps - 1)
        builder.rows(row, left, "==", initial, place)
    least, most = final(device)
    last = builder.take(energy, [steps - 1], "end")
    if ends_as_chosen(device):
        rise = builder.total(last) - start(builder, device)
        builder.rows(f"{name}.final_start", rise, ">=", 0.0, place)
    else:
        _end(builder, device, f"{name}.final", last, ">=", least)
    if most < allowed(device)[1]:
        _end(builder, device, f"{name}.final_most", last, "<=", most)


def _end(builder: Builder, device: Device, row: str, last: Linear, relation: str, share: float) -> None:
    """What it ends with against a share of its capacity."""
    place = device.place("soc_final")
    if device.decides("capacity"):
        held = builder.total(last) - builder.scale(builder.chosen(device, "capacity"), share)
        builder.rows(f"{row}_chosen", held, relation, 0.0, place)
    else:
        builder.rows(row, last, relation, share * device.number("capacity"), place)


def _share(
    name: str,
    doc: str,
    default: str | None,
    example: str,
    least: float = 0.0,
    relaxed_by: str = "",
    shape: Shape = Shape.CONSTANT,
    decidable: bool = False,
) -> Setting:
    return Setting(
        name,
        shape,
        doc,
        NUMBER,
        default=default,
        minimum=least,
        maximum=1.0,
        relaxed_by=relaxed_by,
        example=example,
        decidable=decidable,
    )


def _power(name: str, doc: str, example: str) -> Setting:
    return Setting(
        name,
        Shape.CONSTANT,
        doc,
        POWER,
        minimum=0.0,
        relaxed_by="more",
        decidable=True,
        example=example,
    )


KIND = Kind(
    keyword="storage",
    doc="a stationary battery",
    family=DEVICE,
    either=(("power", "charge"), ("power", "discharge")),
    settings=(
        Setting(
            "capacity",
            Shape.CONSTANT,
            "the energy that it holds",
            ENERGY,
            required=True,
            minimum=0.0,
            above=True,
            decidable=True,
            example="200 kWh",
        ),
        _power("power", "the largest power, either way", "50 kW"),
        _power("charge", "the largest power of charging", "50 kW"),
        _power("discharge", "the largest power of discharging", "30 kW"),
        Setting(
            "min_power",
            Shape.CONSTANT,
            "the least power above zero, either way, with the toggle `min_power`",
            POWER,
            minimum=0.0,
            relaxed_by="less",
            example="2 kW",
        ),
        _share("efficiency", "of charging and of discharging", "100 %", "95 %", 0.01),
        _share("charge_efficiency", "of charging alone", None, "95 %", 0.01),
        _share("discharge_efficiency", "of discharging alone", None, "92 %", 0.01),
        Setting(
            "leakage",
            Shape.CONSTANT,
            "the share of the energy inside that is lost in an hour",
            RATE,
            default="0 %/h",
            minimum=0.0,
            maximum=1.0,
            example="0.1 %/h",
        ),
        Setting(
            "soc",
            Shape.RANGE,
            "the states of charge that are allowed",
            NUMBER,
            default="0 % .. 100 %",
            minimum=0.0,
            maximum=1.0,
            relaxed_by="wider",
            example="10 % .. 90 %",
        ),
        OUTSIDE,
        Setting(
            "source",
            Shape.CHOICE,
            "what it is charged from: anything, generation, or generation that is left over",
            default="any",
            choices=("any", "generation", "surplus"),
            example="surplus",
        ),
        Setting(
            "sink",
            Shape.CHOICE,
            "what it gives to: anything, or what loads and vehicles of the site take",
            default="any",
            choices=("any", "site"),
            example="site",
        ),
        _share("soc_initial", "the state of charge at the start", "50 %", "50 %", decidable=True),
        Setting(
            "initial_price",
            Shape.CONSTANT,
            "what the energy at the start costs; without it, nothing",
            MONEY_PER_ENERGY,
            example="0.20 EUR/kWh",
        ),
        _share(
            "soc_final",
            "the least at the end, or a range; without it, `soc_initial`",
            None,
            "50 %",
            relaxed_by="less",
            shape=Shape.LEAST,
        ),
        Setting(
            "wear",
            Shape.CONSTANT,
            "the cost of wear for each energy discharged",
            MONEY_PER_ENERGY,
            default="0 ct/kWh",
            minimum=0.0,
            example="0.03 EUR/kWh",
        ),
        Setting(
            "end_value",
            Shape.CONSTANT,
            "what the energy left at the end is worth",
            MONEY_PER_ENERGY,
            default="0 ct/kWh",
            example="0.15 EUR/kWh",
        ),
        PHASES,
        FEEDER,
    ),
    build=build,
)
