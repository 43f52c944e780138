"""The lists of a cohort have an entry for each of its states, or one for all; its power suits its class."""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.devices.cohort import KIND
from evdsl.language.spec import Device, Spec
from evdsl.language.units import ENERGY, POWER, format_value

LISTS = tuple(setting.name for setting in KIND.settings if setting.by_state)


def check(spec: Spec) -> list[Diagnostic]:
    """E308 for each list of another length, for weights that are all 0, and for a power above the class's."""
    found: list[Diagnostic] = []
    for device in spec.of_kind("cohort"):
        found += [*_lists(device), *_power(spec, device)]
    return found


def _lists(device: Device) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    last = int(device.number("classes", 0.0))
    for setting in LISTS:
        given, place = device.entries(setting), device.place(setting)
        if device.get(setting) is None or not last:
            continue
        if len(given) not in (1, last + 1):
            entries = f"{len(given)} entries, and {last} classes make {last + 1} states"
            message = f"`{setting}` of `cohort {device.name}` has {entries}"
            help = f"write one for each state, from 0 (full) to {last} (empty), or one for all"
            found.append(Diagnostic("E308", message, place, "", help, (), device.header))
        elif setting == "spread" and not sum(device.numbers(setting)):
            message = f"`spread` of `cohort {device.name}` is 0 for every state, so nobody could arrive"
            help = "give some state a weight above 0, or write `arrivals = 0 vehicles/h`"
            found.append(Diagnostic("E308", message, place, "", help, (), device.header))
        elif setting == "dissatisfaction" and len(given) > 1 and device.numbers(setting)[0]:
            first = format_value(device.numbers(setting)[0], ENERGY, "EUR")
            message = f"the full of `cohort {device.name}` need nothing, and count for {first} in `{setting}`"
            help = "write `0 kWh` as the first entry, which is that of the full"
            found.append(Diagnostic("E308", message, place, "", help, (), device.header))
    return found


def _power(spec: Spec, device: Device) -> list[Diagnostic]:
    category, power = spec.class_of(device), device.number("power", 0.0)
    if category is None or power <= category.number("charge", power):
        return []
    most = format_value(category.number("charge"), POWER, spec.currency)
    shown = format_value(power, POWER, spec.currency)
    message = (
        f"`power` of `cohort {device.name}` is {shown}, and `class {category.name}` charges at {most} at most"
    )
    help = f"write `power = {most}`, or give the class a larger `charge`"
    return [Diagnostic("E308", message, device.place("power"), "", help, (), device.header)]
