"""Lists of the command line, such as `gamma=0.2,0.3` and `1..100`: what they say, and what is wrong there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from evdsl.diagnostics.diagnostic import Diagnostic, did_you_mean
from evdsl.diagnostics.source import Source, Span

OPENING, CLOSING = "([{", ")]}"
RANGE = re.compile(r"(\d{1,9})(?:\s*\.\.\s*(\d{1,9}))?", re.ASCII)


def parts_of(text: str, begin: int = 0) -> list[tuple[int, int]]:
    """Where the parts between top-level commas stand, without the space around them.

    A comma in brackets or in quotes belongs to a value.
    """
    ends, depth, quoted = [], 0, False
    for at, letter in enumerate(text[begin:], begin):
        if letter == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif letter in OPENING:
            depth += 1
        elif letter in CLOSING:
            depth -= 1
        elif letter == "," and depth <= 0:
            ends.append(at)
    found = []
    for end in [*ends, len(text)]:
        part = text[begin:end]
        first = begin + len(part) - len(part.lstrip())
        found.append((first, max(first, begin + len(part.rstrip()))))
        begin = end + 1
    return found


def names_of(option: str, text: str, what: str) -> tuple[list[tuple[str, Span]], list[Diagnostic]]:
    """The parts of a list with their places; one that is empty or named twice is a mistake."""
    source = Source(option, text)
    named: dict[str, Span] = {}
    wrong = []
    for first, end in parts_of(text):
        name, place = text[first:end], Span(source, first, end)
        if not name:
            wrong.append(_nothing(place, what))
        elif name in named:
            wrong.append(_twice(name, place, what))
        else:
            named[name] = place
    return list(named.items()), wrong


def chosen_of(option: str, text: str, known: Sequence[str], what: str) -> tuple[list[str], list[Diagnostic]]:
    """The parts of a list of names of which all are known."""
    named, wrong = names_of(option, text, what)
    for name, place in named:
        if name not in known:
            help = did_you_mean(name, known) or f"there are {', '.join(known)}"
            wrong.append(Diagnostic("E203", f"there is no {what} `{name}`", place, "", help))
    return [name for name, _ in named], wrong


def values_of(given: Iterable[str]) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], list[Diagnostic]]:
    """The values of each `--set NAME=VALUE,VALUE`."""
    settings: dict[str, tuple[str, ...]] = {}
    wrong: list[Diagnostic] = []
    for text in given:
        source = Source("--set", text)
        name = text.partition("=")[0].strip()
        equals = text.find("=")
        if equals < 0 or not name:
            message = f"`{text}` is not a name with its values"
            help = "write `--set NAME=VALUE,VALUE`"
            wrong.append(Diagnostic("E101", message, Span(source, 0, len(text)), "", help))
            continue
        if name in settings:
            place = Span(source, text.index(name), text.index(name) + len(name))
            help = f"write its values in one list: `--set {name}=VALUE,VALUE`"
            wrong.append(Diagnostic("E207", f"`{name}` is set twice", place, "", help))
            continue
        values: list[str] = []
        for first, end in parts_of(text, equals + 1):
            value, place = text[first:end], Span(source, first, end)
            if not value:
                wrong.append(_nothing(place, "value"))
            elif value in values:
                wrong.append(_twice(value, place, "value"))
            else:
                values.append(value)
        settings[name] = tuple(values)
    return tuple(settings.items()), wrong


def seeds_of(text: str) -> tuple[tuple[range, ...], list[Diagnostic]]:
    """The seeds of `1..100,200`, as ranges in their order."""
    source = Source("--seeds", text)
    found: list[range] = []
    wrong: list[Diagnostic] = []
    for first, end in parts_of(text):
        part, place = text[first:end], Span(source, first, end)
        match = RANGE.fullmatch(part)
        if not part:
            wrong.append(_nothing(place, "seed"))
        elif match is None:
            message = f"`{part}` is neither a seed, a whole number from 0 to 999999999, nor a range of them"
            wrong.append(Diagnostic("E305", message, place, "", "write `--seeds 1..100` or `--seeds 1,5,9`"))
        else:
            low, high = int(match[1]), int(match[2] or match[1])
            seeds = range(low, high + 1)
            both = next((one for one in found if seeds and low < one.stop and one.start <= high), None)
            if not seeds:
                help = f"write `{high}..{low}`"
                wrong.append(Diagnostic("E308", f"the range `{part}` has no seeds", place, "", help))
            elif both is not None:
                wrong.append(_twice(str(max(low, both.start)), place, "seed"))
            else:
                found.append(seeds)
    return tuple(found), wrong


def _nothing(place: Span, what: str) -> Diagnostic:
    return Diagnostic("E101", f"a {what} is missing here", place, "", "leave out the comma, or write one")


def _twice(name: str, place: Span, what: str) -> Diagnostic:
    return Diagnostic("E207", f"the {what} `{name}` is given twice", place, "", "leave out one of them")
