"""A trip needs a battery that it empties, and states of charge from which its vehicle comes and goes."""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.source import Span
from evdsl.language.spec import VEHICLE_BLOCKS, Device, Spec


def check(spec: Spec) -> list[Diagnostic]:
    """E412, E405, E404 for what the vehicles of a trip lack; E202 and E208 for its columns."""
    found: list[Diagnostic] = []
    for trip in spec.of_kind("trip"):
        device = next((d for d in spec.devices if d.kind in VEHICLE_BLOCKS and d.name == trip.of), None)
        found += _column(trip, device)
        found += _dates(trip)
        if device is not None:
            found += _vehicles(spec, device, f"`trip {trip.name}`", trip.header)
    for category in spec.of_kind("class"):
        if "elsewhere" in category.given and "battery" not in category.given:
            message = f"`class {category.name}` has a price `elsewhere`, and no `battery` to be charged there"
            place, help = category.place("elsewhere"), "add `battery = 60 kWh`, or remove the line"
            found.append(Diagnostic("E412", message, place, "", help, (), category.header))
    for device in spec.of_kind("sessions"):
        if "used" not in device.given:
            continue
        if "id" not in device.given:
            message = f"`{device.name}` has a column `used`, and no `id` that could come again"
            help = 'add `id="column"`, or remove `used`'
            found.append(Diagnostic("E208", message, device.place("used"), "", help, (), device.header))
        found += _vehicles(spec, device, f"`used` of `{device.name}`", device.place("used"))
    return found


def _column(trip: Device, device: Device | None) -> list[Diagnostic]:
    named = "vehicle" in trip.given
    if trip.rows is None and named:
        message = (
            f"`trip {trip.name}` is made by each vehicle of `{trip.of}`, and has no column that names them"
        )
        place = trip.place("vehicle")
        help = "remove the line, or write `= csv(...)` in the place of the braces"
        return [Diagnostic("E202", message, place, "", help, (), trip.header)]
    is_one = device is not None and device.kind == "vehicle" and "days" not in device.given
    if trip.rows is not None and not named and device is not None and not is_one:
        message = f"`trip {trip.name}` needs `vehicle`: whose the trips of `{trip.rows.shown}` are"
        return [Diagnostic("E208", message, trip.header, "", 'add `vehicle="column"`')]
    return []


def _dates(trip: Device) -> list[Diagnostic]:
    if trip.rows is None or "days" not in trip.given:
        return []
    message = f"the rows of `{trip.rows.shown}` are on dates, and `trip {trip.name}` has `days` beside them"
    help = "remove `days`, or write the trip in braces"
    return [Diagnostic("E202", message, trip.place("days"), "", help, (), trip.header)]


def _vehicles(spec: Spec, device: Device, what: str, place: Span) -> list[Diagnostic]:
    category = spec.class_of(device)
    if category is None:
        return []
    if "battery" not in category.given:
        message = f"{what} empties a battery, and `class {category.name}` has no `battery`"
        help = f"add `battery = 60 kWh` to `class {category.name}`"
        if "energy" in device.given:
            help += _in_place_of_energy(device)
        return [Diagnostic("E412", message, place, "", help)]
    if "energy" in device.given:
        message = f"{what} needs states of charge, and `{device.name}` asks for `energy`"
        help = "in the place of `energy` write " + _both(device)
        return [Diagnostic("E405", message, place, "", help)]
    lacking = [name for name in ("soc_arrival", "soc_target") if name not in device.given]
    if lacking:
        message = f"{what} needs the `{lacking[0]}` of `{device.kind} {device.name}`"
        examples = {"soc_arrival": "40 %", "soc_target": "80 %"}
        added = [_written(device, name, examples[name]) for name in lacking]
        return [Diagnostic("E405", message, place, "", f"add {' and '.join(added)} to `{device.name}`")]
    if category.choice("up_to") == "target":
        message = f"`{device.name}` makes trips, and `class {category.name}` has `up_to = target`"
        note = "what its last stay begins with is decided, and a most at its end would not be linear in it"
        help = f"remove `up_to` from `class {category.name}`"
        return [Diagnostic("E404", message, category.place("up_to"), "", help, (note,), category.header)]
    if category.choice("outside") == "widen":
        message = f"`{device.name}` makes trips, and `class {category.name}` has `outside = widen`"
        note = (
            "a trip leaves the least state of charge of the class, and a stay that begins below has another"
        )
        help = f"remove `outside` from `class {category.name}`"
        return [Diagnostic("E404", message, category.place("outside"), "", help, (note,), category.header)]
    return []


def _in_place_of_energy(device: Device) -> str:
    return f", and in the place of `energy` write {_both(device)}"


def _both(device: Device) -> str:
    return f"{_written(device, 'soc_arrival', '40 %')} and {_written(device, 'soc_target', '80 %')}"


def _written(device: Device, name: str, example: str) -> str:
    return f'`{name}="column"`' if device.rows is not None else f"`{name} = {example}`"
