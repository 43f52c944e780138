"""`min_power`: power is zero or at least the port's `min_power`, and one of its `rates` where it lists them.

For each slot s (a vehicle, a step, a group of ports) and each of its flows p, with on[s] binary, the
presence n[s] in the step, and cap[s] = n[s] · min(class, port):

    n[s] · min_power · on[s] <= p[s] <= cap[s] · on[s]                        where ports list no `rates`
    p[s] = n[s] · Σ_r r · at[s,r],   Σ_r at[s,r] <= 1                         over the rates up to the cap

The rates are those of the port, or of the class, or what is in both lists.
Exact: for on = 0 the rows say p = 0, for on = 1 that p lies between the least and the most; with rates, p is
zero or one of them. A `storage` with a `min_power` has binaries of its own, in the same way
(`evdsl.language.devices.storage`). `uninterrupted` uses the same binaries for charging, with a least power of
its own.
"""

from __future__ import annotations

from typing import Any

from evdsl.language.builder import Builder
from evdsl.language.declaration import Toggle
from evdsl.language.spec import Spec
from evdsl.language.values import ListValue


def build(builder: Builder) -> None:
    """The levels of every flow that has some; `charge.on` and `charge.at` are their binaries."""
    owner = builder.toggle_place("min_power" if builder.spec.on("min_power") else "uninterrupted")
    for flow, levels in builder.slot_index.levels.items():
        power = builder.get(flow)
        if power is None:
            continue
        size = len(levels.between)
        if size:
            on = builder.variable(f"{flow}.on", "level", size, owner, binary=True)
            free = builder.take(power, levels.between, "level")
            builder.rows(f"port.{flow}_least", free - builder.scale(on, levels.least), ">=", 0.0, owner)
            builder.rows(f"port.{flow}_most", free - builder.scale(on, levels.most), "<=", 0.0, owner)
        size = len(levels.rated)
        if size:
            rated = builder.take(power, levels.rated, "rated")
            if len(levels.choice):
                at = builder.variable(f"{flow}.at", "rate", len(levels.choice), owner, binary=True)
                amount = builder.group_sum(builder.scale(at, levels.rate), levels.choice, "rated", size)
                rated = rated - amount
                chosen = builder.group_sum(at, levels.chooser, "chooser", levels.choosers)
                builder.rows(f"port.{flow}_one_rate", chosen, "<=", 1.0, owner)
            builder.rows(f"port.{flow}_rate", rated, "==", 0.0, owner)


def _idle(spec: Spec) -> str | None:
    def asks(device: Any) -> bool:
        rated = any(isinstance(device.get(name), ListValue) for name in ("rates", "discharge_rates"))
        return device.number("min_power", 0.0) > 0 or rated

    storages = spec.of_kind("storage")
    if any(asks(device) for device in (*spec.of_kind("port"), *spec.of_kind("class"), *storages)):
        return None
    return "no port has `min_power` or `rates`" + (", and no storage a `min_power`" if storages else "")


TOGGLE = Toggle(
    "min_power", False, "power is zero or at least `min_power`, and on one of the `rates`", _idle, build
)
