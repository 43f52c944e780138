"""Series that scenarios draw have no meaning in a plan without scenarios: it needs the one that will be."""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.spec import Spec
from evdsl.language.values import DerivedSeries, Operation, Value
from evdsl.semantics.paths.random_settings import random_series


def without_scenario(spec: Spec) -> list[Diagnostic]:
    """E416 for each random series of a spec that is no scenario and has none."""
    if spec.scenario > 0 or spec.of_kind("scenarios"):
        return []
    # What a series is made of may be random too, and goes with it.
    found = {value.span: value for value in random_series(spec)}
    inner = {span for value in found.values() for span in _within(value)}
    return [_refused(value) for span, value in found.items() if span not in inner]


def _within(value: Value) -> list[object]:
    if not isinstance(value, DerivedSeries | Operation):
        return []
    inner = [operand for operand in value.operands if isinstance(operand, DerivedSeries)]
    return [one.span for one in inner] + [span for each in value.operands for span in _within(each)]


def _refused(value: DerivedSeries) -> Diagnostic:
    message = f"`{value.function}` is drawn for each scenario, and a plan without scenarios needs one series"
    if value.function == "csv":
        message = "`csv` with `scenario` has a series for each, and a plan without scenarios needs one"
        help = "take a file with the rows of one scenario, and leave `scenario` out"
        return Diagnostic("E416", message, value.span, "", help)
    mean = _mean(value)
    help = f"write `{mean}`, which it varies around" if mean else "write what it varies around"
    return Diagnostic("E416", message, value.span, "", help)


def _mean(value: Value) -> str:
    """What a series varies around, as a spec says it; empty where that takes more than one name."""
    if not isinstance(value, DerivedSeries) or not value.is_random:
        is_plain = not isinstance(value, Operation) or not _within(value)
        return " ".join(value.span.text.split()) if is_plain else ""
    if value.function == "csv":
        return ""
    inner = _mean(value.operands[0])
    if not inner or value.function == "noisy" or len(value.operands) == 2:
        return inner
    days = value.option("days")
    among = f", days={' '.join(days.span.text.split())}" if days is not None else ""
    return f"typical({inner}{among})"
