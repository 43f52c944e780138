"""A sound spec, and how what is said of a changed one is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from evdsl.diagnostics.diagnostic import render
from evdsl.diagnostics.source import Source
from evdsl.semantics.overrides import Overrides
from evdsl.semantics.resolve import resolve

SOUND = """\
station lot {
    start   = 2024-03-12
    horizon = 24 h
    step    = 15 min
    zone    = "Europe/Rome"
}

param gamma = 0.40 EUR/kWh

grid {
    import_limit = 50 kW
    price        = { 00:00: 0.11 EUR/kWh, 07:00: 0.19 EUR/kWh }
}

port ac {
    count = 4
    power = 22 kW
}

class car {
    battery = 52 kWh
    charge  = 11 kW
    soc     = 10 % .. 90 %
}

fleet day of car {
    count       = 6
    arrival     = normal(08:15, 45 min)
    stay        = normal(8 h, 1 h)
    soc_arrival = uniform(20 %, 60 %)
    soc_target  = 80 %
}

vehicle van of car {
    arrival   = 07:30
    departure = 17:00
    energy    = 20 kWh
}

enable partial_charging
minimize cost + gamma * unmet
"""
HEADINGS = (
    "names given_twice_or_not_at_all units_and_shapes numbers time states_of_charge the_objective circles "
    "requirements demand_charges storage trips calendars phases outages events paths "
    "scenarios"
).split()
"""The files in `mistakes`; which pairs of mistakes are tried together depends on their order."""
NUMBERED = re.compile(r"^ *(\d+) \| ?(.*)$")


@dataclass(frozen=True)
class Told:
    """One rendered diagnostic: its first line, its place, what is marked there, and its help."""

    head: str
    line: int
    marked: str
    help: str


@dataclass(frozen=True)
class Mistake:
    """A section of a file in `mistakes`; `where` is the line of the mark, where it is not the changed one."""

    name: str
    old: str
    new: str
    head: str
    marked: str
    where: str
    help: str


def mistakes() -> list[Mistake]:
    """The sections of all files in `mistakes`, in the order of `HEADINGS`."""
    found = []
    folder = Path(__file__).with_name("mistakes")
    assert {file.stem for file in folder.iterdir()} == set(HEADINGS)
    text = "\n".join((folder / f"{name}.txt").read_text(encoding="utf-8") for name in HEADINGS)
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        lines = section.split("\n# ")[0].rstrip().split("\n")
        old = "\n".join(line[2:] for line in lines if line.startswith("- "))
        new = "\n".join(line[2:] for line in lines if line.startswith("+ "))
        head, at, help = lines[-3:]
        place = re.fullmatch(r"at `(.*?)`(?: in `(.*)`)?", at)
        assert place is not None, at
        where = place.group(2) or ""
        found.append(Mistake(lines[0], old, new, head, place.group(1), where, help.removeprefix("help: ")))
    return found


def read(text: str, overrides: Overrides | None = None, folder: Path | None = None) -> str:
    """All that is said of a text, as a person reads it."""
    return render(resolve(Source("lot.evs", text, (folder or Path("/nowhere")) / "lot.evs"), overrides)[1])


def told(rendered: str) -> list[Told]:
    """The diagnostics in a rendered text, taken apart."""
    found = []
    for one in filter(None, rendered.strip("\n").split("\n\n")):
        lines = one.split("\n")
        line, marked = 0, ""
        for shown, marks in pairwise(lines):
            numbered = NUMBERED.match(shown)
            if numbered and "^" in marks and not NUMBERED.match(marks):
                start = marks.index("^") - numbered.start(2)
                line, marked = int(numbered.group(1)), numbered.group(2)[start : start + marks.count("^")]
        help = "".join(text.removeprefix("help: ") for text in lines if text.startswith("help: "))
        found.append(Told(lines[0], line, marked, help))
    return found


def heads(text: str, overrides: Overrides | None = None, folder: Path | None = None) -> list[str]:
    return [one.head for one in told(read(text, overrides, folder))]


def changed(old: str, new: str) -> str:
    assert SOUND.count(old) == 1, f"{old!r} is not in the spec once"
    return SOUND.replace(old, new)
