"""`export_revenue`: what the exported energy earns, Σ_t Δ feed_in[t] export[t]; zero without `feed_in`."""

from __future__ import annotations

from evdsl.language.builder import Builder, Linear
from evdsl.language.declaration import Word
from evdsl.language.units import MONEY


def expression(builder: Builder) -> Linear:
    """The word as a linear expression of the model."""
    feed_in = builder.data.over_time("grid", "feed_in")
    export = builder.get("export")
    if export is None or feed_in is None:
        return builder.zero()
    return builder.total(builder.scale(export, feed_in * builder.spec.step))


WORD = Word("export_revenue", MONEY, "what exported energy earns", expression, better="large")
