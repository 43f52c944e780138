"""The balance of the site, which no toggle switches off: at every step

    import - export = Σ charge - Σ discharge + loads + storage charge - storage discharge - generation

where charge and discharge count with the losses of their ports. What hangs on a feeder enters as the
feeder's flow. A step in which nothing is connected balances to zero.
"""

from __future__ import annotations

from evdsl.language.builder import Builder


def build(builder: Builder) -> None:
    """One row for each step."""
    grid = builder.spec.only("grid")
    owner = grid.header if grid is not None else builder.spec.source_span()
    left = builder.need("import")
    export = builder.get("export")
    if export is not None:
        left = left - export
    for power in builder.decided_powers():
        left = left - power
    builder.rows("site.balance", left, "==", builder.given_powers(), owner)
