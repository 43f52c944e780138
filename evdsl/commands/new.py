"""`evdsl new NAME`: a spec to start from, which solves as it stands."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from evdsl.cli import DONE, USAGE

TEMPLATE = """\
# {name}: ten cars charge overnight behind a small connection.
station {name} {{
    start   = 2024-03-12 16:00
    horizon = 18 h
    step    = 15 min
    zone    = "Europe/Rome"
    seed    = 1
}}

param gamma = 0.50 EUR/kWh    # what an undelivered kWh is worth

grid {{
    import_limit = 30 kW
    price        = {{ 00:00: 0.14 EUR/kWh, 07:00: 0.24 EUR/kWh, 21:00: 0.14 EUR/kWh }}
    carbon       = {{ 00:00: 220 g/kWh, 08:00: 300 g/kWh, 22:00: 220 g/kWh }}
}}

port ac {{
    count = 10
    power = 11 kW
}}

class car {{
    battery    = 60 kWh
    charge     = 11 kW
    efficiency = 94 %
}}

fleet residents of car {{
    count       = 10
    arrival     = normal(18:00, 1 h)
    stay        = normal(12 h, 1 h)
    soc_arrival = uniform(20 %, 60 %)
    soc_target  = 90 %
}}

minimize cost + gamma * unmet
"""


def run(arguments: argparse.Namespace) -> int:
    """Writes NAME.evs, and nothing over a file that is there."""
    name = arguments.name.removesuffix(".evs")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,63}", name):
        print(
            f"error: `{name}` is no name of a station: letters, digits and `_`, beginning with a letter",
            file=sys.stderr,
        )
        return USAGE
    path = Path(f"{name}.evs")
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(TEMPLATE.format(name=name))
    except FileExistsError:
        print(f"error: {path} is there already, and is left as it is", file=sys.stderr)
        return USAGE
    except OSError as error:
        print(f"error: {path} cannot be written: {(error.strerror or '').lower()}", file=sys.stderr)
        return USAGE
    print(f"{path} written; next: evdsl solve {path}")
    return DONE
