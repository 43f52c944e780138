"""Where the energy of storages comes from, and where it goes to: `source` and `sink` of `storage`.

With G the generation that is used and L what loads, vehicles and cohorts take, both on the site's side of
losses, and sums over the storages with the setting, at every step

    Σ charge[t] <= G[t]            `source = generation`, and `source = surplus`
    Σ discharge[t] <= L[t]         `sink = site`
    charge[t] = 0 or import[t] = 0      each with `source = surplus`

The first two are exact: flows by origin exist just where they hold, for generation may be counted as that of
the storages first, and what they give as what consumers take first. The third is left open as at most one
of two flows (`lower.exclusive_to_binary`). The site's own flows bound an import: all that it could take and,
where it may import and export at once, what it may export on top of that.
"""

from __future__ import annotations

import numpy as np

from evdsl.language.arrays import FloatArray
from evdsl.language.combinatorial import Complementarity
from evdsl.language.devices.generation import KEYWORDS
from evdsl.language.devices.storage import ratings
from evdsl.language.spec import Device
from evdsl.model.builder import ModelBuilder


def build(builder: ModelBuilder) -> None:
    """The rows of those that name an origin or an end; nothing for `any`."""
    storages = builder.spec.of_kind("storage")
    bound = [device for device in storages if device.choice("source") != "any"]
    if bound:
        generators = {device.name for keyword in KEYWORDS for device in builder.spec.of_kind(keyword)}
        left = sum((power.amount for power in builder.powers if power.owner in generators), builder.zero())
        for device in bound:
            left = left + builder.need(f"{device.name}.charge")
        builder.rows("site.source", left, "<=", 0.0, bound[0].place("source"))
    within = [device for device in storages if device.choice("sink") == "site"]
    if within:
        _within(builder, within)
    surplus = [device for device in storages if device.choice("source") == "surplus"]
    most = _most_imported(builder) if surplus else np.zeros(0)
    for device in surplus:
        builder.demand(
            Complementarity(
                name=f"{device.name}.surplus",
                subject="surplus",
                dimension="time",
                first="import",
                second=f"{device.name}.charge",
                first_cap=most,
                second_cap=[ratings(device)[0]] * builder.spec.steps,
                owner=device.place("source"),
            )
        )


def _within(builder: ModelBuilder, storages: list[Device]) -> None:
    """What they give is no more than what consumers take."""
    spec = builder.spec
    consumers = {"charge", *(d.name for keyword in ("load", "cohort") for d in spec.of_kind(keyword))}
    left, right = builder.zero(), np.zeros(spec.steps)
    for device in storages:
        left = left + builder.need(f"{device.name}.discharge")
    for power in builder.powers:
        if power.owner in consumers and power.decided:
            left = left - power.amount
        elif power.owner in consumers:
            right = right + power.amount
    builder.rows("site.sink", left, "<=", right, storages[0].place("sink"))


def _most_imported(builder: ModelBuilder) -> FloatArray:
    """What can flow in, kW: a check refuses a spec in which nothing bounds it."""
    data = builder.data
    most = builder.site_caps()[0]
    if builder.get("export") is not None and not builder.spec.on("import_or_export"):
        allowed = data.over_time("grid", "export_limit")
        most = most + (np.inf if allowed is None else allowed)
    limit = data.over_time("grid", "import_limit")
    return np.asarray(most if limit is None else np.minimum(most, limit))
