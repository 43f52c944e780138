"""How long the formulation of a spec takes: `python bench/build.py SPEC [--data DIR] [--times N]`.

Prints the median time from spec and data to a model, in milliseconds, and the size of the model.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path

import evdsl
from evdsl.data.load import load_data
from evdsl.model.formulate import formulate


def main() -> None:
    """Formulates a spec some times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("spec", type=Path)
    parser.add_argument("--data", type=Path, action="append", default=[])
    parser.add_argument("--times", type=int, default=15)
    arguments = parser.parse_args()
    spec = evdsl.load(arguments.spec, data=arguments.data)
    data, _ = load_data(spec)
    if data is None:
        raise SystemExit("the data of the spec cannot be read")
    seconds: list[float] = []
    for _ in range(arguments.times):
        started = time.process_time()
        model = formulate(spec, data).model
        seconds.append(time.process_time() - started)
    print(f"{1000 * statistics.median(seconds):.1f} ms, {model.nvars:,} variables, {model.ncons:,} rows")


if __name__ == "__main__":
    main()
