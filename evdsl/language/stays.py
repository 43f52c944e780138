"""What a stay begins with in a model: data at the first of a vehicle, decided where a trip came before it.

For a stay j with a stay k = previous[j] before it, `spare[j]` is what it begins with above the least allowed:

    e_arr[j] = soc_min · battery + spare[j],    0 <= spare[j] <= (soc_max - soc_min) · battery
    e_dep[k] + en_route[k] - used[k] = e_arr[j],    en_route[k] >= 0,   en_route[k] · spare[j] = 0

This is `en_route[k] = max(0, used[k] + soc_min · battery - e_dep[k])`, written as the two parts of what is
under the maximum: of `x = spare - en_route` with both at least zero and one of them zero, `en_route` is the
larger of 0 and `-x`. It is at most `used[k]`, as e_dep >= soc_min · battery. `en_route` is `elsewhere[k]`
where the class has a price for it, else it is `unmet[k]`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evdsl.language.builder import Builder, Linear
from evdsl.language.combinatorial import Complementarity

if TYPE_CHECKING:
    from evdsl.diagnostics.source import Span
    from evdsl.language.site import Vehicles


def decide(builder: Builder, place: Span) -> None:
    """The decisions about trips: what is bought on the road, and what later stays begin with."""
    vehicles = builder.data.vehicles
    later = (~vehicles.is_first).nonzero()[0]
    if len(later):
        room = (vehicles.high - vehicles.low)[later]
        builder.variable("spare", "trip", len(later), place, upper=room)
    bought = vehicles.buys.nonzero()[0]
    if len(bought):
        builder.variable("elsewhere", "bought", len(bought), place, upper=vehicles.used[bought])


def known_start(vehicles: Vehicles) -> Any:
    """What each stay begins with beside `spare`, kWh."""
    start = vehicles.initial.copy()
    later = ~vehicles.is_first
    start[later] = vehicles.low[later]
    return start


def decided_start(builder: Builder, who: Any, dimension: str) -> Linear | None:
    """`spare` of these stays, along `dimension`; `None` where none of them has any."""
    return _placed(builder, "spare", ~builder.data.vehicles.is_first, who, dimension)


def bought(builder: Builder, who: Any, dimension: str) -> Linear | None:
    """`elsewhere` of the trips after these stays; `None` where none of them has any."""
    return _placed(builder, "elsewhere", builder.data.vehicles.buys, who, dimension)


def _placed(builder: Builder, name: str, having: Any, who: Any, dimension: str) -> Linear | None:
    """A decision of some stays at the places of `who`, and nothing at the others."""
    places = having[who].nonzero()[0]
    if not len(places):
        return None
    numbers = (having.cumsum() - 1)[who[places]]
    return builder.group_sum(
        builder.take(builder.need(name), numbers, dimension), places, dimension, len(who)
    )


def most_unmet(vehicles: Vehicles) -> Any:
    """What each stay can lack at most, kWh: the `need` of its vehicle; on a trip `used`, or 0 if it buys."""
    most = vehicles.need[vehicles.first] if len(vehicles) else vehicles.need
    travels = vehicles.used == vehicles.used
    most[travels] = most[travels].clip(max=vehicles.used[travels])
    most[vehicles.buys] = 0.0
    return most


def exclude(builder: Builder, place: Span) -> None:
    """Of `en_route` and `spare` at each trip one is zero: left open for a rewrite."""
    vehicles = builder.data.vehicles
    following = vehicles.following
    for name, first, mine, first_cap in (
        ("trip.en_route", "unmet", ~vehicles.buys, most_unmet(vehicles)),
        ("trip.elsewhere", "elsewhere", vehicles.buys, vehicles.used),
    ):
        who = (mine & (following >= 0)).nonzero()[0]
        if not len(who):
            continue
        at = who if first == "unmet" else (vehicles.buys.cumsum() - 1)[who]
        then = following[who]
        builder.demand(
            Complementarity(
                name=name,
                subject="trip",
                dimension="trip",
                first=first,
                second="spare",
                first_cap=first_cap[who],
                second_cap=(vehicles.high - vehicles.low)[then],
                owner=place,
                first_at=at,
                second_at=((~vehicles.is_first).cumsum() - 1)[then],
            )
        )
