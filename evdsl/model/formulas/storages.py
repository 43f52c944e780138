"""The formulas of storages, and of what a size that is chosen allows."""

from __future__ import annotations

from evdsl.model.formulas.declaration import KW, KWH, RowFormula, Term

CAPACITY = "{name}.size.capacity"


def _limit(row: str, flow: str, sizes: tuple[str, ...], relation: str = "<=") -> RowFormula:
    """A flow against a size; of several names a model has one."""
    sign = -1 if relation == "<=" else 1
    return RowFormula(row, "t", KW, (Term(1, flow), *(Term(sign, size) for size in sizes)), relation)


OF_LIMITS: tuple[RowFormula, ...] = (
    _limit("grid.import_limit", "import", ("grid.size.import_limit",)),
    _limit("grid.export_limit", "export", ("grid.size.export_limit",)),
    _limit("{name}.limit_in", "{name}.flow", ("{name}.size.limit",)),
    _limit("{name}.limit_out", "{name}.flow", ("{name}.size.limit",), ">="),
    RowFormula(
        "{name}.available",
        "t",
        KW,
        (Term(1, "{name}.power"), Term(-1, "{name}.size.peak", "profile[t]")),
        "<=",
    ),
    _limit("{name}.charge_limit", "{name}.charge", ("{name}.size.power", "{name}.size.charge")),
    _limit("{name}.discharge_limit", "{name}.discharge", ("{name}.size.power", "{name}.size.discharge")),
)
"""What flows, against what was chosen."""

OF_STORAGES: tuple[RowFormula, ...] = (
    RowFormula(
        "{name}.state",
        "t",
        KWH,
        (
            Term(1, "{name}.energy", at="t+1"),
            Term(-1, "{name}.energy", at="t"),
            Term(-1, "{name}.charge", "delta eta"),
            Term(1, "{name}.discharge", "delta/eta"),
            Term(-1, "{name}.energy_start"),
            Term(-1, "{name}.size.capacity", "soc_start"),
        ),
        "=",
        "initial",
        "the state at first stands on the right",
    ),
    RowFormula(
        "{name}.energy_balance",
        "t",
        KWH,
        (
            Term(1, "{name}.energy", at="t+1"),
            Term(-1, "{name}.energy", "kept", at="t"),
            Term(-1, "{name}.charge", "delta eta_c"),
            Term(1, "{name}.discharge", "delta/eta_d"),
            Term(-1, "{name}.energy_start", "kept"),
            Term(-1, "{name}.size.capacity", "kept soc_start"),
        ),
        "=",
        "kept initial",
        "the state at first stands on the right",
    ),
    RowFormula(
        "{name}.charge_least",
        "t",
        KW,
        (Term(1, "{name}.charge"), Term(-1, "{name}.charge_on", "least")),
        ">=",
    ),
    RowFormula(
        "{name}.charge_most",
        "t",
        KW,
        (Term(1, "{name}.charge"), Term(-1, "{name}.charge_on", "power")),
        "<=",
    ),
    RowFormula(
        "{name}.discharge_least",
        "t",
        KW,
        (Term(1, "{name}.discharge"), Term(-1, "{name}.discharge_on", "least")),
        ">=",
    ),
    RowFormula(
        "{name}.discharge_most",
        "t",
        KW,
        (Term(1, "{name}.discharge"), Term(-1, "{name}.discharge_on", "power")),
        "<=",
    ),
    RowFormula("site.source", "t", KW, (Term(1, "*.charge"), Term(-1, "*.power")), "<="),
    RowFormula(
        "site.sink",
        "t",
        KW,
        (Term(1, "*.discharge"), Term(-1, "charge", "1/eta_p[p]"), Term(-1, "*.taken")),
        "<=",
        "load[t]",
    ),
    RowFormula(
        "{name}.surplus.second.a",
        "t",
        KW,
        (Term(1, "import"), Term(1, "{name}.surplus.second", "site_in[t]")),
        "<=",
        "site_in[t]",
    ),
    RowFormula(
        "{name}.surplus.second.b",
        "t",
        KW,
        (Term(1, "{name}.charge"), Term(-1, "{name}.surplus.second", "power")),
        "<=",
    ),
    RowFormula("{name}.final", "", KWH, (Term(1, "{name}.energy", at="T"),), ">=", "soc_final capacity"),
    RowFormula(
        "{name}.final_start",
        "",
        KWH,
        (Term(1, "{name}.energy", at="T"), Term(-1, "{name}.energy_start")),
        ">=",
        "0",
    ),
    RowFormula("{name}.final_most", "", KWH, (Term(1, "{name}.energy", at="T"),), "<=", "soc_most capacity"),
    RowFormula(
        "{name}.energy_most",
        "t",
        KWH,
        (Term(1, "{name}.energy", at="t+1"), Term(-1, CAPACITY, "soc_max")),
        "<=",
    ),
    RowFormula(
        "{name}.energy_least",
        "t",
        KWH,
        (Term(1, "{name}.energy", at="t+1"), Term(-1, CAPACITY, "soc_min")),
        ">=",
    ),
    RowFormula(
        "{name}.start_most", "", KWH, (Term(1, "{name}.energy_start"), Term(-1, CAPACITY, "start_most")), "<="
    ),
    RowFormula(
        "{name}.start_least",
        "",
        KWH,
        (Term(1, "{name}.energy_start"), Term(-1, CAPACITY, "start_least")),
        ">=",
    ),
    RowFormula(
        "{name}.final_chosen",
        "",
        KWH,
        (Term(1, "{name}.energy", at="T"), Term(-1, CAPACITY, "soc_final")),
        ">=",
    ),
    RowFormula(
        "{name}.final_most_chosen",
        "",
        KWH,
        (Term(1, "{name}.energy", at="T"), Term(-1, CAPACITY, "soc_most")),
        "<=",
    ),
)
