"""`grid`: the connection of the site.

    0 <= import[t] <= import_limit[t],   0 <= export[t] <= export_limit[t]
    |net[φ,t]| <= phase_limit[t] · V,    |net[φ,t] - net[ψ,t]| <= unbalance_limit[t] · V

No `import_limit` is no limit. Exports are possible up to `export_limit`, without limit where only
`feed_in` is given, and not at all where neither is. A limit that is a range, `50 kW .. 500 kW`, is
chosen: one number for the whole horizon, which may cost something (`peak`, `demand_charge`).

`phase_limit` and `unbalance_limit` are of single phases: with V the `voltage` of the station, and share[i,φ]
what of the power of i is on the phase φ, 1/k on each of the k phases that it uses and 0 on the others,

    net[φ,t] = Σ_i share[i,φ] · (takes_i[t] - gives_i[t])                          kW at the site

This is the linear model of charging networks: nominal voltage on every phase, power factor 1. Ports and
devices say which `phases` they use, a class how many; what does not say uses all three alike, as a cohort
always does. Money is for the sum of the phases, as on a meter that nets them.
"""

from __future__ import annotations

from evdsl.language.builder import Builder
from evdsl.language.declaration import Kind, Setting, Shape
from evdsl.language.devices.phases import phase_limit
from evdsl.language.units import CURRENT, MASS_PER_ENERGY, MONEY_PER_ENERGY, MONEY_PER_POWER, POWER


def build(builder: Builder) -> None:
    """Import and export; an export only where something could be exported and may be."""
    spec, data = builder.spec, builder.data
    grid = spec.only("grid")
    owner = grid.header if grid is not None else spec.only("station").header  # type: ignore[union-attr]  # resolved specs have one
    limit = data.over_time("grid", "import_limit")
    builder.variable(
        "import",
        "time",
        spec.steps,
        grid.place("import_limit") if grid is not None else owner,
        upper=float("inf") if limit is None else limit,
    )
    _chosen(builder, "import")
    allowed = data.over_time("grid", "export_limit")
    if builder.can_export and (allowed is not None or data.over_time("grid", "feed_in") is not None):
        place = (
            grid.place("export_limit" if allowed is not None else "feed_in") if grid is not None else owner
        )
        builder.variable(
            "export", "time", spec.steps, place, upper=float("inf") if allowed is None else allowed
        )
    _chosen(builder, "export")


def _chosen(builder: Builder, way: str) -> None:
    """A limit that is chosen: the series of the data is its upper end."""
    grid, setting = builder.spec.only("grid"), f"{way}_limit"
    if grid is None or not grid.decides(setting):
        return
    limit, flow = builder.chosen(grid, setting), builder.get(way)
    if flow is not None:
        builder.rows(f"grid.{setting}", flow - limit, "<=", 0.0, grid.place(setting))


KIND = Kind(
    keyword="grid",
    doc="the connection of the site",
    named=False,
    single=True,
    settings=(
        Setting(
            "import_limit",
            Shape.SERIES,
            "the largest power drawn from the grid",
            POWER,
            minimum=0.0,
            relaxed_by="more",
            decidable=True,
            example="120 kW",
        ),
        Setting(
            "export_limit",
            Shape.SERIES,
            "the largest power fed into the grid",
            POWER,
            minimum=0.0,
            relaxed_by="more",
            decidable=True,
            example="60 kW",
        ),
        phase_limit("the largest current on each phase, in either direction"),
        Setting(
            "unbalance_limit",
            Shape.SERIES,
            "by how much the currents of two phases may differ",
            CURRENT,
            minimum=0.0,
            relaxed_by="more",
            example="20 A",
        ),
        Setting("price", Shape.SERIES, "of imported energy", MONEY_PER_ENERGY, example="0.20 EUR/kWh"),
        Setting(
            "feed_in", Shape.SERIES, "what exported energy earns", MONEY_PER_ENERGY, example="0.06 EUR/kWh"
        ),
        Setting(
            "carbon", Shape.SERIES, "the emissions of imported energy", MASS_PER_ENERGY, example="320 g/kWh"
        ),
        Setting(
            "export_carbon",
            Shape.SERIES,
            "the emissions that exported energy spares; without it, none",
            MASS_PER_ENERGY,
            minimum=0.0,
            example="250 g/kWh",
        ),
        Setting(
            "demand_charge",
            Shape.CONSTANT,
            "the price of the horizon's peak import",
            MONEY_PER_POWER,
            minimum=0.0,
            example="12 EUR/kW",
        ),
    ),
    build=build,
)
