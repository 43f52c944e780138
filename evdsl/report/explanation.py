"""An explanation as text: statements with their lines, numbers in their units."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evdsl.language.units import NUMBER, symbol
from evdsl.model.taper import reach
from evdsl.optimization.explanation.conflict import Conflict
from evdsl.optimization.explanation.explain import Explanation
from evdsl.optimization.explanation.jump import Jump
from evdsl.optimization.explanation.levers import DEMAND, SETTING, TOGGLE, Lever, demand_of, whose_to_change
from evdsl.optimization.explanation.prices import LinePrice, Prices
from evdsl.optimization.explanation.shortage import Shortage
from evdsl.optimization.explanation.variant import Variant
from evdsl.optimization.explanation.wording import change_that_is_enough
from evdsl.optimization.result import attempt_lines
from evdsl.report.facts import clock
from evdsl.report.numbers import clock_label, decimals, energy, plural, printable, quantity
from evdsl.report.width import shortened, terminal_width, wrapped

LONGEST = 70
"""Characters of a statement."""
SHORTEST = 20
"""Characters that are left of a statement in a narrow terminal."""
PARTS = 4
"""Columns of the table of prices that say what is priced; the others say what it is worth."""
NAMED = 4
"""Vehicles that are told by name."""
NO_PRICE = "no limit and no demand costs anything"


def text(found: Explanation, width: int | None = None) -> str:
    """The explanation, each line ended, its tables at most `width` characters wide; empty for none."""
    wide = terminal_width(width)
    if found.conflict is not None:
        lines = _conflict(found, found.conflict, wide)
    elif found.prices is not None:
        lines = [part for line in _prices(found, found.prices, wide) for part in wrapped(line, wide)]
    else:
        lines = []
    if lines:
        several = [f"solver: {line}" for line in attempt_lines(found.attempts, 1)]
        lines += [part for line in several for part in wrapped(line, wide)]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def at(lever: Lever, found: Explanation) -> str:
    """The line of a statement; with its file, where that is not the spec's own."""
    own = lever.span.source is found.spec.source
    return f"line {lever.span.line}" if own else f"{lever.span.source.name}:{lever.span.line}"


def statement_text(lever: Lever) -> str:
    """A statement, as it is written."""
    default = " (default)" if lever.sort == SETTING and not lever.written else ""
    end = {"low": ", lower end", "high": ", upper end"}.get(lever.end, "")
    return f"{printable(lever.text, LONGEST)}{default}{end}"


def whose(lever: Lever, found: Explanation) -> str:
    """The block of a statement, and of a demand how many vehicles ask for how much."""
    if lever.sort != DEMAND:
        return "" if lever.sort == TOGGLE else lever.owner
    vehicles = found.data.vehicles
    mine = vehicles.owner == lever.device
    need = energy(demand_of(lever, Variant(found.spec, found.data)))
    return f"{lever.owner}, {plural(int((mine & vehicles.is_first).sum()), 'vehicle')}, {need} kWh"


def _conflict(found: Explanation, conflict: Conflict, width: int) -> list[str]:
    if not conflict.members:
        return ["infeasible, and no limit, demand or toggle of the spec that could be taken away explains it"]
    count = len(conflict.members)
    head = (
        f"infeasible: {count} statements cannot hold together"
        if count > 1
        else "infeasible: this cannot hold"
    )
    lines = [
        head,
        *_table(
            [
                ["", at(m.lever, found), statement_text(m.lever), whose(m.lever, found)]
                for m in conflict.members
            ],
            width,
        ),
    ]
    if count > 1:
        lines += ["", "without any one of them, the others can hold, where every other limit is set aside"]
    if conflict.shortage is not None:
        lines += ["", *_shortage(found, conflict.shortage)]
    enough = sorted((m for m in conflict.members if m.relief), key=lambda m: whose_to_change(m.lever))
    if enough:
        lines += ["", "the spec is feasible with any one of these changes alone:"]
        lines += _table(
            [["", at(m.lever, found), change_that_is_enough(m, found.spec, found.data)] for m in enough]
        )
    for member in conflict.members:
        other = member.beside
        if other is not None:
            also = f"{statement_text(other)} ({at(other, found)}, {other.owner})"
            both = f"{statement_text(member.lever)} ({at(member.lever, found)}, {member.lever.owner})"
            lines += ["", f"{both} and {also} hold alike: easing one of them is not enough, easing both is"]
    rest = [m for m in conflict.members if m.relief is None and m.beside is None]
    if rest and enough:
        lines += ["", "no change of these alone is enough:"]
        lines += _table([["", at(m.lever, found), statement_text(m.lever)] for m in rest])
    elif rest:
        lines += ["", "no change of one of them alone is enough: other statements are in conflict too"]
    return lines


def _shortage(found: Explanation, short: Shortage) -> list[str]:
    vehicles, spec = found.data.vehicles, found.spec
    owners: dict[str, list[int]] = {}
    for vehicle in short.vehicles:
        owners.setdefault(spec.devices[int(vehicles.owner[vehicle])].name, []).append(vehicle)
    who = " and ".join(
        f"`{name}`" if len(mine) == 1 else f"the {len(mine)} vehicles of `{name}`"
        for name, mine in owners.items()
    )
    window = short.window
    if window is not None:
        begin, end = _clock(found, window.begin), _clock(found, window.end)
        verb = "needs" if len(short.vehicles) == 1 else "need"
        on = f" on {' and '.join(window.phases)}" if window.phases else ""
        return [
            f"between {begin} and {end} {who} {verb} {energy(window.asked)} kWh, and `{window.limit.text}` "
            f"({at(window.limit, found)}) lets {energy(window.through)} kWh through{on}: "
            f"{energy(short.missing)} kWh too little"
        ]
    lines = [
        f"of {energy(short.asked)} kWh asked for at the ports, at least {energy(short.missing)} kWh "
        "cannot be delivered under these statements"
    ]
    most = reach(found.spec, found.data)
    travelling = list(dict.fromkeys(int(vehicles.first[v]) for v in short.vehicles if vehicles.travels[v]))
    others = [vehicle for vehicle in short.vehicles if not vehicles.travels[vehicle]]
    told = [*travelling, *others]
    for vehicle in told[:NAMED]:
        if vehicles.travels[vehicle]:
            trips = int((~np.isnan(vehicles.used[vehicles.first == vehicle])).sum())
            lines.append(
                f"  `{printable(vehicles.name[vehicle], 24)}`, which makes {plural(trips, 'trip')}, asks for "
                f"{energy(float(vehicles.need[vehicle]))} kWh over its stays"
            )
            continue
        begin, end = (_clock(found, float(side[vehicle])) for side in (vehicles.begin, vehicles.end))
        could = energy(min(float(most[vehicle]), 1e12))
        lines.append(
            f"  `{printable(vehicles.name[vehicle], 24)}`, there from {begin} to {end}, asks for "
            f"{energy(float(vehicles.need[vehicle]))} kWh and could take {could} kWh on its own"
        )
    more = len(told) - NAMED
    return lines + ([f"  and {plural(more, 'more vehicle')}"] if more > 0 else [])


def _clock(found: Explanation, hours: float) -> str:
    return clock_label(clock(found.data, hours), found.data.timeline.horizon / 24)


def _prices(found: Explanation, prices: Prices, width: int) -> list[str]:
    stage, currency = found.spec.stages[prices.index], found.spec.currency
    unit = symbol(stage.dimension, currency)
    head = f"{found.status.value} on {found.backend}: {stage.sense} {stage.text}"
    lines = [f"{head} = {quantity(prices.value, unit, currency)}"]
    if not prices.prices:
        return [*lines, "", NO_PRICE]
    lines += ["", *_table(price_rows(found, prices), width, PARTS)]
    idle = idle_statements(found, prices)
    if idle:
        lines += ["", f"free of charge: {', '.join(idle)}"]
    lines += ["", *price_notes(prices, found)]
    return lines


def idle_statements(found: Explanation, prices: Prices) -> list[str]:
    """The statements that cost nothing."""
    # A multiplier of nothing does not say that one less costs nothing, and counts have none.
    if prices.how.quick:
        return []
    return [_idle(lever, found) for lever in prices.idle if lever.written]


def price_rows(found: Explanation, prices: Prices) -> list[list[str]]:
    """The table of prices: titles, and what a unit more and less of each line is worth."""
    stage, currency = found.spec.stages[prices.index], found.spec.currency
    unit = symbol(stage.dimension, currency)
    titles = ["", "", "statement", "", "of it", "one more", "one less", "binds"]
    if prices.how.quick:
        titles[5:7] = ["by its multiplier"]
    rows = [titles]
    for price in prices.prices:
        lever = price.lever
        row = [
            "",
            at(lever, found),
            statement_text(lever),
            whose(lever, found),
            f"1 {unit_of(lever, currency)}",
        ]
        told = [_worth(price.dual, stage.sense, unit, currency)]
        if not prices.how.quick:
            told = [
                _jump(jump, way, unit_of(lever, currency), _worth(jump.change, stage.sense, unit, currency))
                if jump
                else _worth(value, stage.sense, unit, currency)
                for value, jump, way in zip(
                    (price.more, price.less), price.jumps, ("more", "less"), strict=True
                )
            ]
        rows.append([*row, *told, _when(price, found)])
    return rows


def price_notes(prices: Prices, found: Explanation) -> list[str]:
    """What is to be known of the prices."""
    if prices.how.quick:
        told = [
            "these are multipliers, which may hold in one direction only; without --quick each is re-solved"
        ]
    else:
        told = ["each value is that of a small change, solved again, and told for one unit"]
        if any(jump for price in prices.prices for jump in price.jumps):
            told.append(
                "`already`: a jump, told as it came out, since half of that change is not worth half of it"
            )
        weaker = [
            found.spec.devices[p.lever.device] for p in prices.prices if p.jumps[1] and p.lever.device >= 0
        ]
        if any(device.kind == "port" and device.get("rates") is not None for device in weaker):
            told.append(
                "a port below one of its `rates` is priced without that rate, which the spec must drop"
            )
    if prices.integers and not prices.how.exact:
        told.append(
            "ports and other either-or choices stay as they are where they can, but for counts; "
            "--exact decides them anew"
        )
    return told


def unit_of(lever: Lever, currency: str) -> str:
    """One more of a statement, as it is told."""
    if lever.whole:
        return "port" if lever.owner.startswith("port") else lever.name
    if lever.dimension == NUMBER or lever.proportional:
        return "%" if lever.sort == SETTING else ""
    return symbol(lever.dimension, currency)


def _worth(value: float | None, sense: str, unit: str, currency: str) -> str:
    if value is None:
        return "infeasible"
    if value == 0:
        return "nothing"
    better = (value < 0) == (sense == "minimize")
    amount = quantity(abs(value), unit, currency) if unit else decimals(abs(value), 2, 6)
    words = ("saves", "costs") if unit == currency and sense == "minimize" else ("better by", "worse by")
    return f"{words[0] if better else words[1]} {amount}"


def _jump(jump: Jump, way: str, unit: str, worth: str) -> str:
    return f"already {' '.join(filter(None, (f'{jump.step:.3g}', unit, way)))} {worth}"


def _when(price: LinePrice, found: Explanation) -> str:
    if not price.steps:
        return ""
    step = found.spec.step
    begin, end = _clock(found, price.steps[0] * step), _clock(found, (price.steps[-1] + 1) * step)
    on = f" on {', '.join(price.phases)}" if price.phases else ""
    return f"{plural(len(price.steps), 'step')}, {begin}..{end}{on}"


def _idle(lever: Lever, found: Explanation) -> str:
    name = f"{lever.owner} {lever.name}" if lever.sort in (SETTING, DEMAND) else statement_text(lever)
    return f"{name}{f' ({lever.end})' if lever.end else ''} ({at(lever, found)})"


def _table(rows: Sequence[Sequence[str]], width: int | None = None, first: int = 0) -> list[str]:
    """Columns side by side; where they do not fit, the first ones on a line and the rest on the next.

    What still does not fit is cut at the statement, which can be looked up by its line. Without a `width`
    nothing is cut.
    """
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    if width is None or sum(widths) + 2 * (len(widths) - 1) <= width:
        return [_joined(row, widths) for row in rows]
    whole = first or len(widths)
    widths[2] = shortened(widths[:whole], 2, width, SHORTEST)
    cut = [[*row[:2], printable(row[2], widths[2]), *row[3:]] for row in rows]
    lines = []
    for row in cut:
        lines.append(_joined(row[:whole], widths[:whole]))
        if whole < len(row):
            lines.append(" " * (widths[0] + widths[1] + 4) + _joined(row[whole:], widths[whole:]))
    return lines


def _joined(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()
