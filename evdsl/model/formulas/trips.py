"""The formulas of rows about trips: what a stay begins with and lacks; see `evdsl.language.stays`."""

from __future__ import annotations

from evdsl.model.formulas.declaration import KWH, RowFormula, Term

INSIDE = (Term(1, "charge", "delta eta_c[v]"), Term(-1, "discharge", "delta/eta_d[v]"))
SPARE = Term(1, "spare")
SPARE_BEFORE = Term(-1, "spare")
LACKED = (Term(1, "unmet"), Term(1, "elsewhere"))
"""What a stay lacks at its end: it is missing, or bought on the trip after it."""

OF_TRIPS: tuple[RowFormula, ...] = (
    RowFormula(
        "vehicle.trip",
        "v",
        KWH,
        (*INSIDE, SPARE, *LACKED, Term(-1, "spare", at="v+1")),
        "=",
        "target[v] - initial[v]",
        "v+1 the stay after v; the target is what the trip uses, above energy_min",
    ),
    RowFormula("vehicle.need", "i", KWH, (Term(1, "unmet"),), "<=", "need", "i a vehicle, over its stays"),
    RowFormula(
        "trip.en_route.second.a",
        "v",
        KWH,
        (Term(1, "unmet"), Term(1, "trip.en_route.second", "lack_most[v]")),
        "<=",
        "lack_most[v]",
    ),
    RowFormula(
        "trip.en_route.second.b",
        "v",
        KWH,
        (Term(1, "spare", at="v+1"), Term(-1, "trip.en_route.second", "range[v]")),
        "<=",
    ),
    RowFormula(
        "trip.elsewhere.second.a",
        "v",
        KWH,
        (Term(1, "elsewhere"), Term(1, "trip.elsewhere.second", "lack_most[v]")),
        "<=",
        "lack_most[v]",
    ),
    RowFormula(
        "trip.elsewhere.second.b",
        "v",
        KWH,
        (Term(1, "spare", at="v+1"), Term(-1, "trip.elsewhere.second", "range[v]")),
        "<=",
    ),
    RowFormula(
        "site.fairness_gap.trips",
        "v",
        KWH,
        (
            Term(1, "unmet", "k[v]/need[v]"),
            Term(1, "fairness_gap", "k[v]"),
            Term(1, "fairness_gap.worst", "k[v]"),
        ),
        ">=",
        "k[v]",
        "unmet over all stays of v",
    ),
    RowFormula(
        "site.fairness_gap.over",
        "v",
        KWH,
        (*INSIDE, SPARE, Term(1, "unmet"), Term(-1, "fairness_gap.over")),
        "=",
        "target[v] - initial[v]",
    ),
    RowFormula(
        "fairness_gap.left.second.a",
        "v",
        KWH,
        (Term(1, "unmet"), Term(1, "fairness_gap.left.second", "lack_most[v]")),
        "<=",
        "lack_most[v]",
    ),
    RowFormula(
        "fairness_gap.left.second.b",
        "v",
        KWH,
        (Term(1, "fairness_gap.over"), Term(-1, "fairness_gap.left.second", "range[v]")),
        "<=",
    ),
)
