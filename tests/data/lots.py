"""A car park with what several tests of data read into it."""

from __future__ import annotations

from pathlib import Path

from evdsl.data.data import Data
from evdsl.data.load import load_data
from evdsl.diagnostics.diagnostic import Diagnostic, render
from evdsl.diagnostics.source import Source
from evdsl.language.site import Vehicles
from evdsl.semantics.overrides import Overrides
from evdsl.semantics.resolve import resolve

HEAD = """\
station lot {
    start   = 2024-03-12
    horizon = 24 h
    step    = 15 min
    zone    = "Europe/Rome"
    seed    = 7
}
class car {
    battery = 52 kWh
    charge  = 11 kW
    soc     = 10 % .. 90 %
}
"""
OBJECTIVE = "minimize unmet\n"
DAY = {
    "count": "40",
    "arrival": "normal(08:15, 45 min)",
    "stay": "normal(8 h, 1 h)",
    "soc_arrival": "uniform(20 %, 60 %)",
    "soc_target": "80 %",
}


def block(kind: str, name: str, settings: dict[str, str]) -> str:
    lines = "".join(f"    {setting} = {value}\n" for setting, value in settings.items() if value)
    return f"{kind} {name} of car {{\n{lines}}}\n"


def loaded(
    text: str, folder: Path | None = None, **overrides: object
) -> tuple[Data | None, list[Diagnostic]]:
    source = Source("lot.evs", text, (folder or Path("/nowhere")) / "lot.evs")
    spec, found = resolve(source, Overrides(**overrides))  # type: ignore[arg-type]  # the fields of Overrides
    if spec is None:
        return None, found
    data, more = load_data(spec)
    return data, [*found, *more]


def vehicles(*blocks: str, head: str = HEAD, **overrides: object) -> Vehicles:
    data, found = loaded(head + "".join(blocks) + OBJECTIVE, None, **overrides)
    assert data is not None, render(found)
    return data.vehicles


def fleet(name: str = "day", **changes: str) -> str:
    return block("fleet", name, DAY | changes)


COLUMNS = ("id", "arr", "dep", "energy (kWh)", "soc", "stay")
ROW = ("a", "2024-03-12 08:00", "2024-03-12 17:00", "20", "30", "8")
BY_TIME = 'arrival="arr", departure="dep", energy="energy (kWh)"'


def row(**changes: str) -> str:
    values = dict(zip(("id", "arr", "dep", "energy", "soc", "stay"), ROW, strict=True)) | changes
    return ",".join(values.values())


def only(found: list[Diagnostic]) -> Diagnostic:
    assert len(found) == 1, render(found)
    assert found[0].help
    return found[0]


def hours(count: int = 24, first: int = 0, **odd: str) -> str:
    """An hourly file; `h5="x"` puts another value at 05:00, and an empty one leaves the row out."""
    lines = ["time,price"]
    for hour in range(first, first + count):
        value = odd.get(f"h{hour}", "0.1")
        lines += [f"2024-03-{12 + hour // 24} {hour % 24:02}:00,{value}"] if value else []
    return "\n".join(lines) + "\n"


def priced(name: str, arguments: str = 'unit="EUR/kWh"') -> str:
    """A spec whose price is in a file."""
    grid = f'grid {{\n    price = csv("{name}", {arguments})\n}}\n'
    return f"{HEAD}{grid}{fleet()}minimize cost + 1 EUR/kWh * unmet\n"
