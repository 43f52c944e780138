"""What the literature prints beside what the specs of `specs/literature` give, by sweeps over seeds.

python tests/literature.py              print the tables: 100 seeds of A, B and C, five of each variant
python tests/literature.py --only sources   one of the two
python tests/literature.py --write      put them into docs/literature.md
python tests/literature.py --seeds 5    fewer seeds, of the variants too
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "literature.md"
SPECS = {
    "A": "specs/literature/a_power/power.evs",
    "B": "specs/literature/b_co2/co2.evs",
    "C": "specs/literature/c_cohorts/cohorts.evs",
}
VARIANTS = {
    "A": (
        "gamma=0.2 EUR/kWh,0.3 EUR/kWh,0.5 EUR/kWh",
        "vehicles=200",
        "site=1000 kW,1500 kW",
        "delta=10 min",
    ),
    "B": ("group=100,250,400", "lambda=0,3,30", "c0=6000 EUR/t"),
    "C": ("n=15,50", "gamma=0.9 EUR/kWh,1 EUR/kWh", "site=2000 kW"),
}
Value = Callable[[pl.DataFrame], pl.Series]


@dataclass(frozen=True, slots=True)
class Line:
    """One line: of which source, of what, what is printed, what is taken of each row, why it differs."""

    source: str
    what: str
    printed: str
    value: Value
    why: str


def column(name: str) -> Value:
    return lambda rows: rows[name]


def each_kwh(rows: pl.DataFrame) -> pl.Series:
    return rows["energy_cost"] / rows["charged"]


MADE = "prices and draws of the source are not public: a made Italian shape, and other seeds"
LINES = (
    Line("A", "cost + gamma e", "-4.2 % (550.751 against 575.048 EUR)", column("stage_1"), MADE),
    Line(
        "B",
        "cost + λ CO2",
        "-3.9 % (1508.059 against 1569.445 EUR)",
        column("stage_1"),
        MADE + "; intensities too",
    ),
    Line("B", "cost alone", "the same amounts, if the CO2 is not in them", column("energy_cost"), "as above"),
    Line("B", "CO2", "not printed", column("co2"), "as above"),
    Line(
        "C",
        "energy cost",
        "-16.4 % (3856.108 against 4611.79 EUR)",
        column("energy_cost"),
        "heights of the peaks of arrivals and prices are not public; the optimum delivers fewer kWh",
    ),
    Line(
        "C", "energy delivered", "not printed", column("charged"), "who leaves uncharged costs nothing more"
    ),
    Line("C", "energy cost of a kWh", "not printed", each_kwh, "what better hours alone are worth"),
    Line("C", "energy cost + gamma β'x", "not printed", column("stage_1"), "what the model makes small"),
)
UNCOUNTED = (
    (
        "D",
        "rules",
        "their definition",
        "the same powers to 1e-6",
        "nothing: `tests/specs/test_literature.py`",
    ),
    ("E", "profit", "no instance", "the same optimum as its MILP", "its data are not public"),
    ("G", "cost, revenue", "-20 %, +15 % claimed", "the same optimum as its LP", "the claim has no instance"),
    ("H", "objective", "no numbers", "the same optimum as its LP", "a poster: names parts, and no data"),
)


def sweep(spec: str, seeds: int, settings: str = "") -> tuple[str, pl.DataFrame]:
    """The command, and its rows."""
    words = ["sweep", spec, *(["--set", settings] if settings else [])]
    words += ["--seeds", f"1..{seeds}", "--policies", "optimum,fifs"]
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "runs.parquet")
        command = [sys.executable, "-P", "-m", "evdsl", *words, "--out", out]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(done.stderr)
        rows = pl.read_parquet(out)
    shown = " ".join(f'"{word}"' if " " in word else word for word in words)
    return f"evdsl {shown}", rows


def savings(rows: pl.DataFrame, value: Value) -> np.ndarray:
    """Of each seed by what share the optimum is above FIFS, in percent; below zero it saves."""
    best, rule = (rows.filter(pl.col("policy") == name).sort("seed") for name in ("optimum", "fifs"))
    assert best["verified"].all()
    assert rule["verified"].all()
    assert best["seed"].to_list() == rule["seed"].to_list()
    return 100.0 * (value(best).to_numpy() / value(rule).to_numpy() - 1.0)


def told(values: np.ndarray) -> str:
    return f"{values.mean():.2f} % ({values.min():.2f} .. {values.max():.2f})"


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def of_sources(seeds: int) -> str:
    """The sources beside what is found: mean, least and largest over the seeds."""
    found = {source: sweep(spec, seeds) for source, spec in SPECS.items()}
    rows = [
        (one.source, one.what, one.printed, told(savings(found[one.source][1], one.value)), one.why)
        for one in LINES
    ]
    commands = "".join(f"{command}\n" for command, _ in found.values())
    head = ("paper", "of what", "printed", "ours", "why different")
    return f"```sh\n{commands}```\n\n{table(head, [*rows, *UNCOUNTED])}"


def of_variants(seeds: int) -> str:
    """The same with one setting changed at a time."""
    rows: list[tuple[str, ...]] = []
    for source, several in VARIANTS.items():
        value = column("energy_cost") if source == "C" else column("stage_1")
        for settings in several:
            name, values = settings.split("=")
            _, found = sweep(SPECS[source], seeds, settings)
            for one in values.split(","):
                mine = found.filter(pl.col(f"set.{name}") == one)
                more = (told(savings(mine, each_kwh)), told(savings(mine, column("charged"))))
                rows.append(
                    (
                        source,
                        f"`{name} = {one}`",
                        told(savings(mine, value)),
                        *(more if source == "C" else ("", "")),
                    )
                )
    return table(("paper", "with", "saving", "of a kWh", "kWh delivered"), rows)


def main() -> None:
    """Prints the tables, or writes them into the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--only", choices=("sources", "variants"))
    given = parser.parse_args()
    made = {"sources": lambda: of_sources(given.seeds), "variants": lambda: of_variants(min(given.seeds, 5))}
    found = {name: make() for name, make in made.items() if given.only in (None, name)}
    if not given.write:
        sys.stdout.write("\n".join(found.values()))
        return
    text = PAGE.read_text(encoding="utf-8")
    for name, block in found.items():
        before, begin, rest = text.partition(f"<!-- {name} -->\n")
        _, end, after = rest.partition("<!-- end -->")
        text = before + begin + block + end + after
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
