"""The price of a choice as text and as data: both schedules in every word, and what is lost and gained.

| key of a choice in the document | |
|---|---|
| `choice`, `kind` | the word or the toggle; `word` or `toggle` |
| `schedules` | both: `title`, `status`, `backend`, `choice`, `attempts`, `verified`, `stages`, `terms` |
| `objective` | the spec's first one: `sense`, `expression`, `values` of both, `loss`, `relative`, `unit` |
| `gain` | of the word, or the energy discharged: `value`, `unit` |
| `rate` | the loss for each unit of the gain: `value`, `unit` |
| `profit` | of `v2g`, where the objective leaves out what drivers pay: `values`, `change`; else null |
"""

from __future__ import annotations

from evdsl.language.objectives import WORDS
from evdsl.language.toggles import TOGGLES
from evdsl.language.units import MASS, symbol
from evdsl.optimization.result import Result, attempt_lines, attempt_record, shown_record
from evdsl.optimization.rounding import difference
from evdsl.optimization.tradeoff import Price, kept_service
from evdsl.report.facts import unit_of
from evdsl.report.numbers import decimals, energy, printable, quantity, share
from evdsl.report.run.document import plain
from evdsl.report.run.summary import site_line
from evdsl.report.width import fitting, terminal_width, wrapped

SHARES = ("fairness", "fairness_gap", "lexfairness")
SEEN = 1e-5
"""A word that is no more than this in either schedule is not told."""


def text(price: Price) -> str:
    """The report, each line ended."""
    first, second = price.results
    objective, currency = price.objective, first.spec.currency
    how = {result.status.value for result in price.results}
    told = "optimal" if how == {"optimal"} else "/".join(sorted(how))
    width = terminal_width()
    head = f"{price.choice}: two schedules, {told} on {first.backend}, both verified"
    asked = [
        f"{title + ':':<18} {_asked(result)}"
        for title, result in zip(price.titles, price.results, strict=True)
    ]
    rows = [_row("objective", symbol(objective.dimension, currency), price.values)]
    if price.profits is not None:
        rows.insert(0, _row("profit", currency, (price.profits[0].value, price.profits[1].value)))
    for declared in WORDS:
        name = declared.name
        if name == "lexfairness" and name != price.choice:
            continue
        if name == "profit" and price.profits is not None:
            continue
        if name == "export_peak" and name != price.choice and not _weighs(first, name):
            continue
        if name in first.terms and name in second.terms:
            values = (first.terms[name], second.terms[name])
            if max(map(abs, values)) > SEEN or name == price.choice:
                rows.append(_row(name, unit_of(name, first.spec), values))
    kept = () if price.of_toggle else kept_service(price.choice, first.spec)
    if kept:
        asked[-1] += f", with {' and '.join(f'`{name}`' for name in kept)} as written"
    lines = [*wrapped(head, width), *wrapped(site_line(first), width), ""]
    lines += [part for line in asked for part in wrapped(line, width, " " * 19)]
    titles = ["", *price.titles, "difference", ""]
    widths = [max(len(row[at]) for row in (titles, *rows)) for at in range(len(titles))]
    lines.append("")
    # The share is what a narrow terminal does without.
    count = fitting(widths, len(titles) - 1, width - 2)
    for row in (titles, *rows):
        cells = [
            f"{row[0]:<{widths[0]}}",
            *(f"{cell:>{size}}" for cell, size in zip(row[1:count], widths[1:count], strict=True)),
        ]
        lines.append("  ".join(["", *cells]).rstrip())
    lines.append("")
    lines += [part for line in (*_of_profit(price), _sentence(price)) for part in wrapped(line, width)]
    for title, result in zip(price.titles, price.results, strict=True):
        several = attempt_lines(result.attempts, len(result.spec.stages))
        for line in several:
            lines += wrapped(f"solver, {title}: {line}", width)
    return "".join(f"{line}\n" for line in lines)


def _weighs(result: Result, name: str) -> bool:
    return any(name in stage.weights for stage in result.spec.stages)


def _asked(result: Result) -> str:
    stages = result.spec.stages
    return ", then ".join(
        f"{stage.sense} {printable(stage.text, 120)}"
        + (f" allowing {share(stage.allowing)}" if stage.allowing else "")
        for stage in stages
    )


def _row(name: str, unit: str, values: tuple[float, float]) -> list[str]:
    """A word with both of its values, the difference, and that as a share of the first."""
    before, after = values
    if name in SHARES:
        shown = [share(round(value, 5)) for value in values]
        same = abs(after - before) < 5e-4
        return [name, *shown, "same" if same else f"{100 * (after - before):+.1f} pp", ""]
    places = 2 if unit not in ("kWh", "kW", "kg") or abs(before) < 100 else 1
    change = after - before
    if abs(change) <= 1e-5 * max(abs(before), abs(after)):
        return [f"{name} {unit}".rstrip(), decimals(before, places), decimals(after, places), "same", ""]
    sign = "+" if change > 0 else "-"
    cells = [decimals(before, places), decimals(after, places), f"{sign}{decimals(abs(change), places)}"]
    part = f"{sign}{share(abs(change / before))}" if abs(before) > SEEN else ""
    return [f"{name} {unit}".rstrip(), *cells, part]


def _of_profit(price: Price) -> list[str]:
    """What a toggle does to the profit, where the objective leaves out what drivers pay and are paid."""
    if price.profits is None:
        return []
    currency, change = price.results[0].spec.currency, difference(price.profits[1], price.profits[0])
    if not change:
        return [f"with {price.choice} profit stays as it is"]
    rises = "rises" if change > 0 else "falls"
    amount = quantity(abs(change), currency, currency)
    return [f"with {price.choice} profit {rises} by {amount}, what drivers pay and are paid included"]


def _sentence(price: Price) -> str:
    """What it comes to."""
    objective, currency = price.objective, price.results[0].spec.currency
    unit = symbol(objective.dimension, currency)
    loss, of = price.loss, f"`{objective.sense} {printable(objective.text, 80)}`"
    small = abs(loss) <= 1e-5 * max(map(abs, price.values))
    lost = quantity(abs(loss), unit, currency)
    part = f", {share(abs(price.relative))} of its value" if price.relative is not None else ""
    part += " without" if price.of_toggle and part else ""
    if price.of_toggle:
        if small:
            verb = "earns nothing" if _frees(price.choice) else f"makes no difference to {of}"
            of = f"{of} is" if _frees(price.choice) else "it is"
            return f"{price.choice} {verb}: {of} worth the same with it and without"
        verb = "earns" if loss > 0 else "costs"
        line = f"{price.choice} {verb} {lost} in {of}{part}"
        if price.rate is not None and price.choice == "v2g":
            each = quantity(abs(price.rate), price.rate_unit, currency)
            line += f": {each} for {energy(price.gain)} kWh discharged"
        return line
    largest = max(abs(result.terms.get(price.choice, 0.0)) for result in price.results)
    if small and abs(price.gain) <= max(SEEN, 1e-5 * largest):
        return f"the price of {price.choice} is nothing: as written it is already as good as it can be"
    if small:
        return f"the price of {price.choice} is nothing: {of} is worth the same"
    if loss < 0:
        return f"{of} itself is better by {lost} then: later stages of the spec, or a gap, had given it away"
    line = f"the price of {price.choice}: {lost} in {of}{part}"
    return line + _for_each(price)


def _frees(choice: str) -> bool:
    """Whether a toggle lets more through when it is on, so that it may earn something."""
    return any(toggle.frees for toggle in TOGGLES if toggle.name == choice)


def _for_each(price: Price) -> str:
    """The loss for each unit of what the word got better by, where it did."""
    if price.rate is None:
        return ""
    currency = price.results[0].spec.currency
    own = symbol(price.objective.dimension, currency)
    if price.choice in SHARES:
        return f"; {quantity(price.rate / 100, own, currency)} for each percentage point"
    if price.gain_unit == symbol(MASS):
        each = f"{decimals(price.rate * 1000, 2)} {own or '1'}/t"
        return f"; {each} for {quantity(price.gain, 'kg', currency)} avoided"
    each = f"{decimals(price.rate, 2, 6)} {price.rate_unit}"
    return f"; {each} for {quantity(price.gain, price.gain_unit, currency)}"


def document(price: Price) -> object:
    """The price as plain data; see the module for its keys."""
    spec = price.results[0].spec
    objective, currency = price.objective, spec.currency
    schedules = [
        {
            "title": title,
            "status": result.status.value,
            "backend": result.backend,
            "choice": result.choice or None,
            "attempts": [attempt_record(attempt) for attempt in result.attempts],
            "verified": result.verdict is not None and result.verdict.ok,
            "stages": [shown_record(stage, result.spec) for stage in result.stages],
            "terms": {n: {"value": v, "unit": unit_of(n, result.spec)} for n, v in result.terms.items()},
        }
        for title, result in zip(price.titles, price.results, strict=True)
    ]
    return plain(
        {
            "choice": price.choice,
            "kind": "toggle" if price.of_toggle else "word",
            "schedules": schedules,
            "objective": {
                "sense": objective.sense,
                "expression": objective.text,
                "values": list(price.values),
                "loss": price.loss,
                "relative": price.relative,
                "unit": symbol(objective.dimension, currency),
            },
            "profit": None
            if price.profits is None
            else {
                "values": [profit.value for profit in price.profits],
                "change": difference(price.profits[1], price.profits[0]),
                "unit": currency,
            },
            "gain": {"value": price.gain, "unit": price.gain_unit},
            "rate": {"value": price.rate, "unit": price.rate_unit},
        }
    )
