"""What scenarios share is one decision that all of them can have, and something differs between them."""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean
from evdsl.language.decisions import decisions
from evdsl.language.devices.scenarios import IMPORT, SHARABLE, is_antithetic, share_of
from evdsl.language.objectives import word
from evdsl.language.spec import VEHICLE_BLOCKS, Device, Spec
from evdsl.language.values import Const, Draw, Reference, leaves
from evdsl.semantics.paths.random_settings import is_random
from evdsl.semantics.times.horizon import MAXIMUM_STEPS

HIGHEST_LEVEL = 0.9999
"""Of `risk`: beyond it the numbers of a model lie too far apart, and the worst scenario alone counts."""
PRESENCE = ("arrival", "departure", "stay", "count", "days", "duration")
"""Settings of a block of vehicles, and of its trips, that say when they are there."""


def check(spec: Spec) -> list[Diagnostic]:
    """E203 and E415 for what cannot be shared, E209 for `risk` alone, E402, E404 and E206 for objectives of
    which no mean over scenarios is built."""
    block, risk = spec.only("scenarios"), spec.only("risk")
    if block is None:
        if risk is None:
            return []
        help = "remove the block, or write another, `scenarios`, with `count = 20` in it"
        return [Diagnostic("E209", "`risk` needs `scenarios` to look at", risk.header, "", help)]
    found = [problem for one in block.entries("share") for problem in _of_shared(spec, block, one)]
    count = block.number("count", 0.0)
    if is_antithetic(spec) and count % 2:
        message = f"`count` of `scenarios` is {count:g}, and opposites come in pairs"
        help = f"write `count = {count + 1:g}`"
        found.append(Diagnostic("E308", message, block.place("count"), "", help, (), block.header))
    if risk is not None and isinstance(risk.get("level"), Const) and risk.number("level") > HIGHEST_LEVEL:
        text = f"{risk.number('level') * 100:.7g} %"
        message = f"`level` of `risk` is {text}, and must lie below {_limit(risk)}"
        place = risk.place("level")
        found.append(Diagnostic("E308", message, place, "", "write `level = 95 %`", (), risk.header))
    return [*found, *_of_stages(spec, block)]


def _limit(risk: Device) -> str:
    return "it" if risk.number("level") == 1.0 else f"{HIGHEST_LEVEL * 100:g} %"


def _of_shared(spec: Spec, block: Device, one: object) -> list[Diagnostic]:
    assert isinstance(one, Reference)
    name, span = one.name, one.span
    if name == IMPORT:
        return []
    named = [device for device in spec.devices if device.name == name and device.kind != "station"]
    able = [device.name for device in spec.devices if device.kind in SHARABLE and not _varies(spec, device)]
    known = [*able, IMPORT]
    if not named:
        help = did_you_mean(name, known) or _instead(known)
        return [Diagnostic("E203", f"there is no block `{name}` to share", span, "", help, (), block.header)]
    device = next((each for each in named if each.kind in SHARABLE), named[0])
    if device.kind not in SHARABLE:
        message = f"`{name}` is a `{device.kind}`, of which nothing is decided ahead in each step"
    elif _varies(spec, device):
        message = f"`{name}` cannot be shared: when its vehicles are there differs between scenarios"
    else:
        return []
    return [Diagnostic("E415", message, span, "", _instead(known), (), block.header)]


def _instead(known: list[str]) -> str:
    return f"write `share = [{', '.join(known)}]`, or name some of these"


def _varies(spec: Spec, device: Device) -> bool:
    """Whether the vehicles of a block come and go otherwise in another scenario."""
    if device.kind not in VEHICLE_BLOCKS:
        return False
    blocks = [device, *(trip for trip in spec.of_kind("trip") if trip.of == device.name)]
    return any(_is_drawn(block, name) for block in blocks for name in PRESENCE)


def _is_drawn(device: Device, name: str) -> bool:
    value = device.get(name)
    return value is not None and any(isinstance(leaf, Draw) for leaf in leaves(value))


def _of_stages(spec: Spec, block: Device) -> list[Diagnostic]:
    risk = spec.only("risk")
    if spec.pareto is not None:
        if risk is not None:
            message = "`risk` acts on the first stage, and a front has none"
            help = "remove `risk`, or write `minimize ...` for `pareto ...`"
            return [Diagnostic("E402", message, risk.header, "", help)]
        message = "a front over `scenarios` is not built in this version"
        return [
            Diagnostic("E206", message, spec.pareto.span, "", "remove `scenarios`, or write `minimize ...`")
        ]
    for stage in spec.stages:
        if any((found := word(name)) is not None and found.order for name in stage.weights):
            message = f"`{stage.text}` is an order of schedules, of which scenarios have no mean"
            help = "write `maximize fairness`, or remove `scenarios`"
            return [Diagnostic("E404", message, stage.span, "", help, (), block.header)]
    return []


def against_steps(spec: Spec) -> list[Diagnostic]:
    """E410 where the steps of all scenarios are more than can be planned."""
    block = spec.only("scenarios")
    if block is None:
        return []
    count = int(block.number("count", 0.0))
    if count * spec.steps <= MAXIMUM_STEPS:
        return []
    message = (
        f"{count} scenarios of {spec.steps:,} steps are more than the {MAXIMUM_STEPS:,} that can be planned"
    )
    help = "take fewer scenarios, longer steps or a shorter horizon"
    return [Diagnostic("E410", message, block.place("count"), "", help, (), block.header)]


def sense(spec: Spec) -> list[Diagnostic]:
    """W115 where nothing is random, else W116 where nothing is decided before the scenario is known."""
    block = spec.only("scenarios")
    if block is None:
        return []
    if not is_random(spec):
        message = "nothing in the spec is random, so that all scenarios are alike"
        help = "remove the block, or draw something, such as `arrival = normal(08:00, 45 min)`"
        return [Diagnostic("W115", message, block.header, "", help)]
    if not share_of(spec) and not decisions(spec):
        message = (
            "nothing is decided before the scenario is known: the mean is what it costs to know the future"
        )
        help = "name what is decided ahead, as `share = [battery]`, or give a setting a range"
        return [Diagnostic("W116", message, block.header, "", help)]
    return []


def not_built(spec: Spec, command: str) -> Diagnostic | None:
    """E206 for a command that has no meaning yet for many schedules."""
    block = spec.only("scenarios")
    if block is None:
        return None
    message = f"`evdsl {command}` of a spec with `scenarios` is not built in this version"
    help = "remove the block `scenarios`, and `risk` with it; `evdsl solve SPEC` makes the plan"
    return Diagnostic("E206", message, block.header, "", help)
