"""The formula of every family of rows: see `evdsl.model.formulas.variables`."""

from __future__ import annotations

from evdsl.model.formulas.declaration import KW, KWH, NUMBER, VEHICLES, RowFormula, Term

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
INSIDE = (Term(1, "charge", "delta eta_c[v]"), Term(-1, "discharge", "delta/eta_d[v]"))

ROWS: tuple[RowFormula, ...] = (
    RowFormula("site.balance", "t", KW, (Term(1, "import"), Term(-1, "export"), *SITE), "=", "load[t]"),
    RowFormula("{name}.balance", "t", KW, (Term(1, "{name}.flow"), *SITE), "=", "load[t]"),
    RowFormula(
        "vehicle.energy",
        "v,t",
        KWH,
        (
            Term(1, "energy", at="t+1"),
            Term(-1, "energy", at="t"),
            Term(-1, "charge", "delta eta_c[v]"),
            Term(1, "discharge", "delta/eta_d[v]"),
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
        ),
        "=",
        "initial[v]",
        "the state at first stands on the right",
    ),
    RowFormula("vehicle.target", "v", KWH, (*INSIDE, Term(1, "unmet")), ">=", "target[v] - initial[v]"),
    RowFormula("vehicle.demand", "v", KWH, (*PORT, Term(1, "unmet")), "=", "demand[v]"),
    RowFormula("vehicle.demand_or_more", "v", KWH, (*PORT, Term(1, "unmet")), ">=", "demand[v]"),
    RowFormula("vehicle.up_to", "v", KWH, INSIDE, "<=", "lacked[v]"),
    RowFormula("vehicle.full", "v", KWH, INSIDE, "<=", "battery_max[v] - initial[v]"),
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
    RowFormula("site.peak", "t", KW, (Term(1, "import"), Term(-1, "peak")), "<="),
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
    RowFormula(
        "{name}.state",
        "t",
        KWH,
        (
            Term(1, "{name}.energy", at="t+1"),
            Term(-1, "{name}.energy", at="t"),
            Term(-1, "{name}.charge", "delta eta"),
            Term(1, "{name}.discharge", "delta/eta"),
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
        ),
        "=",
        "kept initial",
        "the state at first stands on the right",
    ),
    RowFormula("{name}.power", "t", KW, (Term(1, "{name}.taken"), Term(-1, "{name}.charging", "each")), "="),
    RowFormula(
        "{name}.moved",
        "t,n",
        VEHICLES,
        (
            Term(1, "{name}.count", at="t+1"),
            Term(-1, "{name}.count", "stay[n]", at="t"),
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
    RowFormula("{name}.final", "", KWH, (Term(1, "{name}.energy", at="T"),), ">=", "soc_final capacity"),
    RowFormula("{name}.final_most", "", KWH, (Term(1, "{name}.energy", at="T"),), "<=", "soc_most capacity"),
)
