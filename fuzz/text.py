"""Mutations of the shipped specs: a reason or a meaning; `python fuzz/text.py [MUTATIONS [SEED]]`.

Whatever a text says, reading it raises nothing, takes a second of the processor and 400 MB at most, tells
what is wrong with its place, and what parses is printed and read back the same
(`evdsl.testing.properties.reading`). Without figures 20,000 are made. What is wrong is written to
`fuzz_text_N.evs`.
"""

from __future__ import annotations

import random
import resource
import sys
import time
from collections import Counter
from pathlib import Path

from evdsl.testing.generate.mutations import mutate
from evdsl.testing.properties.reading import read

ROOT = Path(__file__).parent.parent
SPECS = ROOT / "specs"
MOST = 20
"""Texts that are written before a run gives up."""


def main() -> None:
    number, seed = [*(int(given) for given in sys.argv[1:3]), *(20_000, 0)[len(sys.argv[1:3]) :]]
    paths = [*SPECS.rglob("*.evs"), *ROOT.glob("tests/**/*.evs"), *ROOT.glob("evdsl/cli/templates/*.evs")]
    texts = [path.read_text() for path in sorted(paths)]
    draw, began = random.Random(seed), time.monotonic()
    codes: Counter[str] = Counter()
    taken = wrong = 0
    slowest = largest = 0.0
    for count in range(1, number + 1):
        text = mutate(draw.choice(texts), draw, texts)
        reading = read(text, SPECS / "features" / "mutated.evs")
        taken += reading.has_no_errors
        codes.update(set(reading.codes))
        slowest, largest = max(slowest, reading.seconds), max(largest, reading.megabytes)
        if reading.wrong:
            wrong += 1
            path = Path(f"fuzz_text_{wrong}.evs")
            path.write_bytes(text.encode("utf-8", "surrogatepass"))
            print(f"mutation {count}: {reading.wrong}; the text is in {path}", flush=True)
        if wrong == MOST:
            break
        if count % 2000 == 0:
            print(f"{count} of {number} mutations, {time.monotonic() - began:.0f} s", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    seconds = time.monotonic() - began
    print(
        f"{count} mutations of {len(texts)} specs (seed {seed}) in {seconds:.0f} s: {wrong} wrong\n"
        f"{taken} taken, {count - taken} refused, with {len(codes)} codes\n"
        f"slowest {slowest:.2f} s, most {largest:.0f} MB for one text, {peak:.0f} MB for the whole run"
    )
    print(", ".join(f"{code} {times}" for code, times in sorted(codes.items())))
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
