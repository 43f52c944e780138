"""Whether a spec has anything random in it."""

from __future__ import annotations

import pytest
from data.lots import HEAD, OBJECTIVE, fleet

from evdsl.diagnostics.source import Source
from evdsl.semantics.paths.random_settings import is_random
from evdsl.semantics.resolve import resolve

STILL = {"arrival": "08:00", "stay": "8 h", "soc_arrival": "20 %"}
COHORT = "cohort cars of car {\n    classes = 3\n    arrivals = 40 vehicles/h\n    departures = 10 %\n%s}\n"


@pytest.mark.parametrize(
    ("blocks", "random"),
    [
        (fleet(**STILL), False),
        (fleet(**{**STILL, "soc_arrival": "uniform(20 %, 60 %) + 1 %"}), True),
        (fleet(**{**STILL, "count": "poisson(9)"}), True),
        (COHORT.replace("%s", ""), False),
        (COHORT.replace("%s", "    draw = poisson\n"), True),
    ],
)
def test_a_spec_is_random_where_a_setting_is_drawn(blocks: str, random: bool) -> None:
    spec, found = resolve(Source("lot.evs", HEAD + blocks + OBJECTIVE))
    assert spec is not None, found
    assert is_random(spec) is random
