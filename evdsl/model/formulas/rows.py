"""The formula of every family of rows: see `evdsl.model.formulas.variables`."""

from __future__ import annotations

from evdsl.language.devices.phases import LABELS, PAIRS
from evdsl.model.formulas.calls import OF_CALLS
from evdsl.model.formulas.declaration import KW, KWH, NUMBER, VEHICLES, RowFormula, Term
from evdsl.model.formulas.storages import OF_LIMITS, OF_STORAGES
from evdsl.model.formulas.tapers import OF_TAPERS
from evdsl.model.formulas.trips import INSIDE, LACKED, OF_TRIPS, SPARE, SPARE_BEFORE

SITE = (
    Term(-1, "charge", "1/eta_p[p]"),
    Term(1, "discharge", "eta_p[p]"),
    Term(1, "*.power"),
    Term(-1, "*.charge"),
    Term(1, "*.discharge"),
    Term(-1, "*.flow"),
    Term(-1, "*.taken"),
)
PORT = (Term(1, "charge", "delta"), Term(-1, "discharge", "delta"))
BEST = (
    Term(-1, "fairness_gap", "k[v]"),
    Term(-1, "fairness_gap.worst", "k[v]"),
    Term(-1, "fairness_gap.full", "k[v] excess[v]"),
)

ROWS: tuple[RowFormula, ...] = (
    *OF_TRIPS,
    *OF_LIMITS,
    *OF_CALLS,
    RowFormula("site.balance", "t", KW, (Term(1, "import"), Term(-1, "export"), *SITE), "=", "load[t]"),
    RowFormula("{name}.balance", "t", KW, (Term(1, "{name}.flow"), *SITE), "=", "load[t]"),
    *(
        RowFormula(
            f"{{name}}.{label}_balance",
            "t",
            KW,
            (
                Term(1, f"{{name}}.{label}"),
                Term(-1, "charge", "spread[v,p]/eta_p[p]"),
                Term(1, "discharge", "spread[v,p] eta_p[p]"),
                Term(1, "*.power", "spread"),
                Term(-1, "*.charge", "spread"),
                Term(1, "*.discharge", "spread"),
                Term(-1, "*.taken", "spread"),
            ),
            "=",
            "spread load[t]",
            "of all that hangs there, also on feeders below",
        )
        for label in LABELS
    ),
    *(
        RowFormula(
            f"grid.{LABELS[one]}_over_{LABELS[other]}",
            "t",
            KW,
            (Term(1, f"grid.{LABELS[one]}"), Term(-1, f"grid.{LABELS[other]}")),
            "<=",
            "volts unbalance_limit[t]",
        )
        for one, other in PAIRS
    ),
    RowFormula(
        "vehicle.energy",
        "v,t",
        KWH,
        (
            Term(1, "energy", at="t+1"),
            Term(-1, "energy", at="t"),
            Term(-1, "charge", "delta eta_c[v]"),
            Term(1, "discharge", "delta/eta_d[v]"),
            SPARE_BEFORE,
        ),
        "=",
        "initial[v]",
        "the state at first stands on the right",
    ),
    RowFormula(
        "own.energy.rises",
        "v,t",
        KWH,
        (
            Term(1, "own.energy", at="t+1"),
            Term(-1, "own.energy", at="t"),
            Term(-1, "charge", "delta eta_c[v]"),
            SPARE_BEFORE,
        ),
        "=",
        "initial[v]",
        "the state at first stands on the right",
    ),
    *OF_TAPERS,
    RowFormula("vehicle.target", "v", KWH, (*INSIDE, SPARE, *LACKED), ">=", "target[v] - initial[v]"),
    RowFormula("vehicle.demand", "v", KWH, (*PORT, Term(1, "unmet")), "=", "demand[v]"),
    RowFormula("vehicle.demand_or_more", "v", KWH, (*PORT, Term(1, "unmet")), ">=", "demand[v]"),
    RowFormula("vehicle.up_to", "v", KWH, INSIDE, "<=", "lacked[v]"),
    RowFormula("vehicle.full", "v", KWH, (*INSIDE, SPARE), "<=", "battery_max[v] - initial[v]"),
    RowFormula("port.one", "v,t", NUMBER, (Term(1, "holds"),), "<=", "1"),
    RowFormula("port.charge", "v,t,p", KW, (Term(1, "charge"), Term(-1, "holds", "most_c[v,t,p]")), "<="),
    RowFormula(
        "port.discharge", "v,t,p", KW, (Term(1, "discharge"), Term(-1, "holds", "most_d[v,t,p]")), "<="
    ),
    RowFormula(
        "port.count",
        "t,p",
        NUMBER,
        (Term(1, "holds"),),
        "<=",
        "count[p]",
        "over those that are there at one instant",
    ),
    RowFormula(
        "port.begin",
        "v,t,p",
        NUMBER,
        (Term(1, "holds.begin"), Term(-1, "holds"), Term(1, "holds", at="t-1")),
        ">=",
    ),
    RowFormula("port.one_begin", "v", NUMBER, (Term(1, "holds.begin"),), "<=", "1"),
    RowFormula("port.begin_held", "v,t,p", NUMBER, (Term(1, "holds.begin"), Term(-1, "holds")), "<="),
    *(
        formula
        for flow, most in (("charge", "most_c[v,t,p]"), ("discharge", "most_d[v,t,p]"))
        for formula in (
            RowFormula(
                f"port.{flow}_least",
                "v,t,p",
                KW,
                (Term(1, flow), Term(-1, f"{flow}.on", "present[v,t] least[v,p]")),
                ">=",
            ),
            RowFormula(f"port.{flow}_most", "v,t,p", KW, (Term(1, flow), Term(-1, f"{flow}.on", most)), "<="),
            RowFormula(
                f"port.{flow}_rate",
                "v,t,p",
                KW,
                (Term(1, flow), Term(-1, f"{flow}.at", "present[v,t] rate[p]")),
                "=",
            ),
            RowFormula(f"port.{flow}_one_rate", "v,t,p", NUMBER, (Term(1, f"{flow}.at"),), "<=", "1"),
        )
    ),
    RowFormula(
        "vehicle.start",
        "v,t",
        NUMBER,
        (
            Term(1, "begin"),
            Term(-1, "charge.on"),
            Term(1, "charge.on", at="t-1"),
            Term(-1, "charge.at"),
            Term(1, "charge.at", at="t-1"),
        ),
        ">=",
    ),
    RowFormula("vehicle.one_start", "v", NUMBER, (Term(1, "begin"),), "<=", "1"),
    RowFormula(
        "{name}.mean",
        "i",
        KW,
        (
            Term(1, "import", "mean[t,i]"),
            Term(1, "{name}.inward", "mean[t,i]"),
            Term(1, "*.flow", "mean[t,i]"),
            Term(-1, "{name}.billed"),
        ),
        "<=",
        "reached",
        "i an interval of the meter, with what its period is billed",
    ),
    RowFormula("{name}.inward", "t", KW, (Term(1, "*.flow"), Term(-1, "{name}.inward")), "<="),
    RowFormula("site.peak", "t", KW, (Term(1, "import"), Term(-1, "peak")), "<="),
    RowFormula("site.export_peak", "t", KW, (Term(1, "export"), Term(-1, "export_peak")), "<="),
    RowFormula(
        "site.fairness",
        "v",
        KWH,
        (Term(1, "unmet", "k[v]/need[v]"), Term(1, "fairness", "k[v]")),
        "<=",
        "k[v]",
    ),
    RowFormula(
        "site.fairness_gap.worst",
        "v",
        KWH,
        (Term(1, "unmet", "k[v]/need[v]"), Term(1, "fairness_gap.worst", "k[v]")),
        "<=",
        "k[v]",
    ),
    RowFormula(
        "site.fairness_gap.full",
        "",
        NUMBER,
        (Term(1, "fairness_gap.full"), Term(-1, "fairness_gap"), Term(-1, "fairness_gap.worst")),
        "<=",
    ),
    RowFormula(
        "site.fairness_gap.port",
        "v",
        KWH,
        (Term(1, "charge", "delta k[v]/need[v]"), Term(-1, "discharge", "delta k[v]/need[v]"), *BEST),
        "<=",
    ),
    RowFormula(
        "site.fairness_gap.battery",
        "v",
        KWH,
        (
            Term(1, "charge", "delta eta_c[v] k[v]/need[v]"),
            Term(-1, "discharge", "delta/eta_d[v] k[v]/need[v]"),
            *BEST,
        ),
        "<=",
    ),
    RowFormula(
        "vehicle.exclusive.second.a",
        "v,t,p",
        KW,
        (
            Term(1, "charge"),
            Term(-1, "holds", "most_c[v,t,p]"),
            Term(1, "vehicle.exclusive.second", "most_c[v,t,p]"),
        ),
        "<=",
        "most_c[v,t,p]",
        "`holds` where a port is to be chosen, the right side where none is",
    ),
    RowFormula(
        "vehicle.exclusive.second.b",
        "v,t,p",
        KW,
        (Term(1, "discharge"), Term(-1, "vehicle.exclusive.second", "most_d[v,t,p]")),
        "<=",
    ),
    RowFormula(
        "grid.import_or_export.second.a",
        "t",
        KW,
        (Term(1, "import"), Term(1, "grid.import_or_export.second", "site_in[t]")),
        "<=",
        "site_in[t]",
    ),
    RowFormula(
        "grid.import_or_export.second.b",
        "t",
        KW,
        (Term(1, "export"), Term(-1, "grid.import_or_export.second", "site_out[t]")),
        "<=",
    ),
    RowFormula(
        "{name}.exclusive.second.a",
        "t",
        KW,
        (Term(1, "{name}.charge"), Term(1, "{name}.exclusive.second", "power")),
        "<=",
        "power",
    ),
    RowFormula(
        "{name}.exclusive.second.b",
        "t",
        KW,
        (Term(1, "{name}.discharge"), Term(-1, "{name}.exclusive.second", "power")),
        "<=",
    ),
    RowFormula("{name}.power", "t", KW, (Term(1, "{name}.taken"), Term(-1, "{name}.charging", "each")), "="),
    RowFormula(
        "{name}.moved",
        "t,n",
        VEHICLES,
        (
            Term(1, "{name}.count", at="t+1"),
            Term(-1, "{name}.count", "stay[t,n]", at="t"),
            Term(1, "{name}.charging"),
            Term(-1, "{name}.charging", at="n+1"),
        ),
        "=",
        "arrivals[t,n]",
    ),
    RowFormula(
        "{name}.there",
        "t,n",
        VEHICLES,
        (Term(1, "{name}.charging"), Term(-1, "{name}.count", at="t")),
        "<=",
        "at_first[n]",
        "those at first stand on the right",
    ),
    RowFormula(
        "{name}.in_need",
        "t",
        VEHICLES,
        (Term(1, "{name}.waiting"), Term(-1, "{name}.count", at="t")),
        "=",
        "at_first",
        "those at first stand on the right",
    ),
    RowFormula(
        "{name}.counts",
        "t",
        KWH,
        (Term(1, "{name}.counted"), Term(-1, "{name}.count", "counts_for[n]", at="t")),
        "=",
        "at_first",
        "what those at first count for stands on the right",
    ),
    *OF_STORAGES,
)
