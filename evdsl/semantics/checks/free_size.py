"""A size that is chosen, and that nothing pays for: the largest is as good as any."""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.billing import weighed_stages
from evdsl.language.decisions import Decision, sizes
from evdsl.language.objectives import base_weights
from evdsl.language.spec import Spec, Stage
from evdsl.language.units import ENERGY, MONEY, format_value

LARGEST = {"import_limit": ("peak", "import"), "export_limit": ("export_peak", "export")}
"""Of limits of the connection, the word for the largest of what flows, and the flow."""


def check(spec: Spec) -> list[Diagnostic]:
    """W117 for each size that no stage and no requirement keeps small."""
    if not weighed_stages(spec):
        return []
    return [_told(size, spec) for size in sizes(spec) if size.low < size.high and not _is_kept(size, spec)]


def _is_kept(size: Decision, spec: Spec) -> bool:
    """Whether a requirement or an objective speaks of it, or of what flows through it."""
    own = [requirement.references() for requirement in spec.requirements]
    quantities = {name for names in (*own, *(term.references() for term in spec.terms)) for name in names}
    if size.kind != "grid":
        return any(name.startswith(f"{size.device}.") for name in quantities)
    word, flow = LARGEST[size.setting]
    words = {name for stage in weighed_stages(spec) for name in base_weights(stage)} | quantities
    charged = word == "peak" and "demand_cost" in words and _is_charged(spec)
    return charged or bool(words & {word, flow})


def _is_charged(spec: Spec) -> bool:
    """Whether the largest import costs something."""
    grid = spec.only("grid")
    return bool(spec.of_kind("demand_charge")) or (grid is not None and grid.get("demand_charge") is not None)


def _told(size: Decision, spec: Spec) -> Diagnostic:
    device = next(
        one for one in spec.devices if (one.name or one.kind) == size.device and one.kind == size.kind
    )
    block = f"{device.kind} {device.name}".strip()
    most = format_value(size.high, size.dimension, spec.currency)
    message = f"nothing is paid for `{size.setting}` of `{block}`: any size up to {most} costs the same"
    place = spec.pareto.span if spec.pareto is not None else spec.stages[0].span
    help = _weighed(size, spec.stages[0] if spec.pareto is None else None, spec)
    return Diagnostic("W117", message, place, "", help, (), device.place(size.setting))


def _weighed(size: Decision, stage: Stage | None, spec: Spec) -> str:
    """What to write: a price of the size in the first stage, or where that is no money, a stage behind it."""
    subject = LARGEST[size.setting][0] if size.kind == "grid" else size.quantity
    if stage is None:
        return f"weigh {subject} in an axis of the front"
    if stage.dimension != MONEY:
        return f"add `then minimize {subject}`"
    unit = f"{spec.currency}/{'kWh' if size.dimension == ENERGY else 'kW'}"
    sign = "+" if stage.sense == "minimize" else "-"
    return f"write `{stage.sense} {stage.text} {sign} 0.10 {unit} * {subject}`"
