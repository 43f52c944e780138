"""`import_or_export`: the connection never imports and exports in one step."""

from __future__ import annotations

from evdsl.language.builder import Builder
from evdsl.language.combinatorial import Complementarity
from evdsl.language.declaration import Toggle
from evdsl.language.spec import Spec
from evdsl.language.toggles.v2g import TOGGLE as V2G


def build(builder: Builder) -> None:
    """At most one of import and export is above zero.

    The caps are the connection's limits or, where smaller, all that the site could take or give.
    """
    if not builder.spec.on("import_or_export") or builder.get("export") is None:
        return
    data = builder.data
    taken, given = builder.site_caps()
    limit, allowed = data.over_time("grid", "import_limit"), data.over_time("grid", "export_limit")
    builder.demand(
        Complementarity(
            name="grid.import_or_export",
            subject="connection",
            dimension="time",
            first="import",
            second="export",
            first_cap=taken if limit is None else taken.clip(max=limit),
            second_cap=given if allowed is None else given.clip(max=allowed),
            owner=builder.toggle_place("import_or_export"),
        )
    )


def _idle(spec: Spec) -> str | None:
    if not spec.givers and not (spec.on("v2g") and V2G.idle(spec) is None):
        return "nothing on the site can export"
    grid = spec.only("grid")
    able = grid is not None and (grid.get("export_limit") is not None or grid.get("feed_in") is not None)
    return None if able else "the grid has neither `export_limit` nor `feed_in`, so nothing is exported"


TOGGLE = Toggle(
    "import_or_export", True, "the connection never imports and exports in one step", _idle, build
)
