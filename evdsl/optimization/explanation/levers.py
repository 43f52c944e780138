"""The statements of a spec that could be otherwise, and the spec as it then is.

A lever is a limit (a setting that declares which way it is relaxed), the demand of a block of vehicles, a
toggle, or a requirement of the user's own. It can be taken away, which lets every schedule through that it
keeps out, or changed by an amount. Both act on the spec and its data as they were read: nothing is drawn
anew.

Changes that are enough are told in the order of who could make them (`whose_to_change`), for a car whose
`charge` is 22 kW is not made one of 321 kW, while a connection, a port or a promise is the operator's:

    0  what the operator buys or builds: `grid`, `feeder`, `port`, `storage`, and each `require`
    1  what is promised to drivers: the demand of a block
    2  how the site is run: a toggle
    3  what else is on the site: `load`, `solar`, `wind`
    4  what the vehicles are: a `class`
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from evdsl.data.data import Data
from evdsl.data.demands import widened
from evdsl.data.trips import needs
from evdsl.diagnostics.diagnostic import excerpt
from evdsl.diagnostics.source import Span
from evdsl.language.arrays import FloatArray
from evdsl.language.declaration import VEHICLE, Setting, Shape
from evdsl.language.devices import declared_kind, series_key
from evdsl.language.devices.cohort import initial, power_of
from evdsl.language.devices.phases import LABELS, voltage
from evdsl.language.site import Vehicles
from evdsl.language.spec import Device, Spec, Switch
from evdsl.language.toggles import TOGGLES
from evdsl.language.units import CURRENT, ENERGY, NUMBER, POWER, Dimension
from evdsl.language.values import Calendar, Const, Daily, RangeValue
from evdsl.optimization.explanation.variant import Variant

SHORTEST = 0.01
"""Share of a step: a vehicle that is there for less is not asked to take all its energy in it."""
SETTING, DEMAND, TOGGLE, REQUIREMENT, STAGE = "setting", "demand", "toggle", "requirement", "stage"
SHAPED = ("solar", "wind", "load")
"""Kinds of blocks whose series have a shape of their own: as much more at every step is not for sale."""
MONOTONE = {"more": 1.0, "less": -1.0}


@dataclass(frozen=True, slots=True)
class Lever:
    """One statement. `relaxed_by` is the sign of the change that lets more through, 0 where neither does.

    `owner` is the block as it is written, `device` its position in the spec; `end` is `low` or `high` for
    one end of a range; `written` whether the spec says it, or it is a default. What is `proportional` grows
    by a share of itself: a roof gives more where it gives something, and nothing at midnight.
    """

    sort: str
    name: str
    owner: str
    span: Span
    text: str
    dimension: Dimension = NUMBER
    relaxed_by: float = 0.0
    device: int = -1
    end: str = ""
    whole: bool = False
    written: bool = True
    proportional: bool = False

    @property
    def shown(self) -> str:
        """The statement in backquotes, with the end of a range that is meant."""
        return f"`{self.text}`" + (f" ({self.end}er end)".replace("high", "upp") if self.end else "")


def whose_to_change(lever: Lever) -> int:
    """The place of a statement in the order above: 0 is the operator's, 4 what no operator can change."""
    if lever.sort == SETTING:
        return {"load": 3, "solar": 3, "wind": 3, "class": 4}.get(lever.owner.split(" ")[0], 0)
    return {DEMAND: 1, TOGGLE: 2}.get(lever.sort, 0)


def levers(case: Variant) -> tuple[Lever, ...]:
    """Every lever of a spec, in its order."""
    spec = case.spec
    found = [lever for index in range(len(spec.devices)) for lever in _of_device(case, index)]
    for toggle in TOGGLES:
        switch = spec.toggles[toggle.name]
        flipped = replace(spec, toggles={**spec.toggles, toggle.name: Switch(toggle.frees, None)})
        if switch.on == toggle.frees or toggle.idle(flipped if toggle.frees else spec) is not None:
            continue
        text = f"{'enable' if switch.on else 'disable'} {toggle.name}"
        place = switch.span or spec.source_span()
        owner, written = "the station", switch.span is not None
        text = text if written else f"{toggle.name}, {'on' if switch.on else 'off'} by default"
        found.append(Lever(TOGGLE, toggle.name, owner, place, text, relaxed_by=1.0, written=written))
    for own in spec.requirements:
        text = " ".join(own.span.text.split())
        found.append(Lever(REQUIREMENT, own.row, "", own.span, text, own.left.dimension, 1.0))
    return tuple(found)


def earlier_stages(case: Variant, count: int) -> tuple[Lever, ...]:
    """The first stages of a spec, as what holds a later one back."""
    return tuple(
        Lever(STAGE, f"stage.{at + 1}", "", stage.span, f"{stage.sense} {stage.text}", stage.dimension, 1.0)
        for at, stage in enumerate(case.spec.stages[:count])
    )


def _of_device(case: Variant, index: int) -> Iterator[Lever]:
    device, data = case.spec.devices[index], case.data
    declared = declared_kind(device.kind)
    owner = f"{device.kind} {device.name}".strip()
    if declared.family == VEHICLE:
        if float(data.vehicles.need[data.vehicles.owner == index].sum()) > 0:
            name = "energy" if device.get("energy") is not None else "soc_target"
            place = device.place(name)
            travels = data.vehicles.travels[data.vehicles.owner == index].any()
            owner += " and its trips" if travels else ""
            yield Lever(DEMAND, name, owner, place, _statement(name, place), ENERGY, -1.0, index)
        return
    must_use = not case.spec.on("curtailment")
    for setting in declared.settings:
        if device.get(setting.name) is None or not _is_lever(declared.keyword, setting):
            continue
        if setting.decidable and device.decides(setting.name):
            continue  # what is best in a range is chosen already
        written = setting.name in device.given
        place = device.place(setting.name)
        text = _statement(setting.name, place) if written else f"{setting.name} = {setting.default}"
        # Where generation must be used, a load takes it up, and less of it helps nobody.
        relaxed_by = (
            0.0 if setting.relaxed_by == "less" and must_use else MONOTONE.get(setting.relaxed_by, 0.0)
        )
        if (device.kind, setting.name) == ("class", "charge") and _is_taken_whole(case.spec, device):
            relaxed_by = 0.0
        lever = Lever(SETTING, setting.name, owner, place, text, setting.dimension, relaxed_by, index)
        lever = replace(lever, whole=setting.is_counted, written=written)
        if setting.relaxed_by == "wider" or isinstance(device.get(setting.name), RangeValue):
            yield replace(lever, end="low", relaxed_by=-1.0)
            yield replace(lever, end="high", relaxed_by=1.0)
        else:
            yield lever


def _is_taken_whole(spec: Spec, category: Device) -> bool:
    """Whether a cohort of a class takes its `charge` all or not at all: with more of it fewer may fit."""
    return any(one.of == category.name and one.get("power") is None for one in spec.of_kind("cohort"))


def _is_lever(keyword: str, setting: Setting) -> bool:
    """Limits, and powers and energies of devices.

    A class's battery is what its vehicles ask by, an event's baseline a fact.
    """
    if setting.relaxed_by:
        return True
    amount = setting.dimension in (POWER, ENERGY) and setting.shape in (Shape.CONSTANT, Shape.SERIES)
    return amount and setting.default is None and keyword not in ("class", "event")


def _statement(name: str, place: Span) -> str:
    return f"{name} = {excerpt(' '.join(place.text.split()), 60)}"


def value_of_setting(lever: Lever, case: Variant) -> FloatArray:
    """A setting as an array: one value, or one for each step."""
    device = case.spec.devices[lever.device]
    series = case.data.series.get((series_key(device), lever.name))
    if series is not None:
        return series
    if lever.end:
        return np.array([device.bounds(lever.name)[lever.end == "high"]])
    return np.array([device.number(lever.name)])


def as_priced(lever: Lever, case: Variant) -> Lever:
    """The lever as it is priced: a series of generation or load that changes in proportion to itself."""
    if lever.sort != SETTING or case.spec.devices[lever.device].kind not in SHAPED:
        return lever
    return replace(lever, proportional=bool(np.ptp(value_of_setting(lever, case)) > 0))


def demand_of(lever: Lever, case: Variant) -> float:
    """The energy that the vehicles of a demand ask for, kWh."""
    vehicles = case.data.vehicles
    return float(vehicles.need[vehicles.owner == lever.device].sum())


def without(lever: Lever, case: Variant) -> Variant:
    """The spec as it is when a statement asks for nothing."""
    spec = case.spec
    if lever.sort == DEMAND:
        return replace(case, free=case.free | {lever.device})
    if lever.sort == TOGGLE:
        toggles = {**spec.toggles, lever.name: Switch(not spec.on(lever.name), None)}
        return replace(case, spec=replace(spec, toggles=toggles))
    if lever.sort == REQUIREMENT:
        kept = tuple(own for own in spec.requirements if own.row != lever.name)
        return replace(case, spec=replace(spec, requirements=kept))
    return _with_setting(lever, case, np.full_like(value_of_setting(lever, case), limit(lever, case)))


def changed(lever: Lever, case: Variant, amount: float) -> Variant:
    """The spec with a setting, or the demand of a block in total, larger by an amount or a share of it."""
    if lever.sort == DEMAND:
        return replace(case, data=_more_demand(lever, case, amount))
    value = value_of_setting(lever, case)
    more = value * amount if lever.proportional else amount
    return _with_setting(lever, case, np.maximum(value + more, 0.0))


def limit(lever: Lever, case: Variant) -> float:
    """What a setting is at most, or at least, when it holds nothing back any more."""
    if lever.relaxed_by < 0:
        return 0.0
    if lever.end or (lever.dimension == NUMBER and not lever.whole):
        return 1.0
    if lever.whole:
        return max(float(len(case.data.vehicles)), float(value_of_setting(lever, case).max()))
    # A current that nothing could ever use up is one whose phase alone could carry all of it.
    each = voltage(case.spec) if lever.dimension == CURRENT else 1.0
    if any(category.get("phases") is not None for category in case.spec.of_kind("class")):
        each /= len(LABELS)  # of a power a vehicle may have the part of one phase alone
    return max(_plenty(case) / each, float(value_of_setting(lever, case).max()))


def _plenty(case: Variant) -> float:
    """A power (kW) that nothing on the site could ever use up."""
    data, step = case.data, case.spec.step
    vehicles, visits = data.vehicles, data.visits
    shortest = np.ones(len(vehicles))
    np.minimum.at(shortest, visits.vehicle, visits.presence)
    room = np.fmax(vehicles.need, vehicles.high - vehicles.low) / vehicles.charge_efficiency
    useful = float((room / step / shortest.clip(min=SHORTEST)).sum())
    for device in case.spec.devices:
        declared = declared_kind(device.kind)
        for setting in declared.settings:
            if setting.dimension != POWER or declared.keyword in (
                "port",
                "class",
                "grid",
                "feeder",
                "demand_charge",
                "event",
            ):
                continue
            series = data.series.get((series_key(device), setting.name))
            value = device.get(setting.name)
            value = value.high if isinstance(value, RangeValue) else value
            useful += float(series.max(initial=0.0)) if series is not None else 0.0
            useful += value.value if isinstance(value, Const) and series is None else 0.0
    for device in case.spec.of_kind("storage"):
        # Its power is a limit too: without it, all of its capacity goes through in a step.
        useful += device.most("capacity") / device.charge_efficiency / step
    for device in case.spec.of_kind("cohort"):
        everyone = float(np.sum(initial(device)) + data.cohorts[device.name].sum())
        useful += everyone * power_of(case.spec, device)
    return 2.0 * useful + 1.0


def _with_setting(lever: Lever, case: Variant, value: FloatArray) -> Variant:
    spec, data = case.spec, case.data
    device = spec.devices[lever.device]
    key = (series_key(device), lever.name)
    if key in data.series:
        data = replace(data, series={**data.series, key: value})
        if not lever.whole:
            return replace(case, data=data)
    # How many ports there are at all is said by the spec.
    settings = {**device.settings, lever.name: _constant(lever, device, float(value.max()))}
    devices = list(spec.devices)
    devices[lever.device] = replace(device, settings=settings)
    if device.kind == "class":
        data = replace(data, vehicles=_of_class(lever, spec, data, device, float(value[0])))
    return replace(case, spec=replace(spec, devices=tuple(devices)), data=data)


def _constant(lever: Lever, device: Device, value: float) -> Const | Daily | RangeValue:
    new = Const(value, lever.dimension, lever.span)
    old = device.settings[lever.name]
    if isinstance(old, Daily | Calendar):
        return Daily(((0.0, value),), lever.dimension, lever.span)
    if not isinstance(old, RangeValue):
        return new
    return replace(old, low=new) if lever.end == "low" else replace(old, high=new)


def _of_class(lever: Lever, spec: Spec, data: Data, device: Device, value: float) -> Vehicles:
    """The vehicles of a class whose setting changes; what they bring and ask for stays."""
    vehicles = data.vehicles
    mine = vehicles.category == spec.of_kind("class").index(device)
    if lever.end == "low":
        low = np.where(mine, _widened(device, value, vehicles)[0], vehicles.low)
        # Trips ask for what they use on top of it.
        target = np.where(np.isnan(vehicles.used), vehicles.target, low + vehicles.used)
        return with_needs(replace(vehicles, low=low, target=target))
    if lever.end == "high":
        return replace(vehicles, high=np.where(mine, _widened(device, value, vehicles)[1], vehicles.high))
    if lever.name == "charge":
        return replace(vehicles, charge=np.where(mine, value, vehicles.charge))
    return replace(vehicles, discharge=np.where(mine, value, vehicles.discharge))


def _widened(device: Device, value: float, vehicles: Vehicles) -> tuple[FloatArray, FloatArray]:
    """An end of `soc` as the least and as the most, kWh; what a vehicle comes with may widen it."""
    bound = value * vehicles.battery
    return widened(device, bound, bound, vehicles.initial)


def with_needs(vehicles: Vehicles) -> Vehicles:
    """The same with what follows for the needs of vehicles that make trips."""
    return replace(vehicles, need=np.where(vehicles.travels, needs(vehicles), vehicles.need))


def _more_demand(lever: Lever, case: Variant, amount: float) -> Data:
    """The demands of a block, larger by an amount in total, in proportion to what each vehicle needs."""
    vehicles = case.data.vehicles
    mine = vehicles.owner == lever.device
    factor = np.where(mine, max(0.0, 1.0 + amount / demand_of(lever, case)), 1.0)
    rise = np.fmax(vehicles.target - vehicles.initial, 0.0) * (factor - 1.0)
    if vehicles.travels.any():
        # More at the end of the last stay: what trips use is not what is promised.
        last = vehicles.following < 0
        rise = np.where(last, vehicles.need[vehicles.first] * (factor - 1.0), 0.0)
    grown = replace(
        vehicles,
        demand=vehicles.demand * factor,
        target=vehicles.target + rise,
        need=vehicles.need * factor,
    )
    return replace(case.data, vehicles=grown)
