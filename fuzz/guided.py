"""Texts guided by coverage through the reader: `python fuzz/guided.py MINUTES [FOLDER]`, with Atheris.

Atheris (`pip install atheris`, not a dependency of the project) keeps each text that reaches new branches of
`evdsl` and of Lark, and mutates those: half of the time by libFuzzer's own means, half by
`evdsl.testing.generate.mutations`, which know the words of the language. Every text is read, checked, and
printed where it parses; what `evdsl.testing.properties.reading` finds wrong is written to FOLDER (default:
`guided`), once for each place, and the run goes on. FOLDER/corpus keeps what was reached for the next run.
"""

from __future__ import annotations

import os
import random
import re
import signal
import sys
import time
from collections import Counter
from pathlib import Path

import atheris

ROOT = Path(__file__).parent.parent
LONGEST = 6000
"""Characters; the longest shipped spec has fewer."""
SLOW = 5.0
"""Seconds for one text: counting what is reached takes about ten times as long as reading alone."""

with atheris.instrument_imports(include=["evdsl", "lark"]):
    # What resolving a spec needs; importing it here has it instrumented.
    from evdsl.testing.generate.mutations import mutate
    from evdsl.testing.properties.reading import read


class Guided:
    """The run: how many texts, how they were taken, and what was found wrong so far."""

    def __init__(self, folder: Path, minutes: float) -> None:
        self.folder = folder
        self.began = self.told = time.monotonic()
        self.end = self.began + 60 * minutes
        self.texts = self.taken = 0
        self.codes: Counter[str] = Counter()
        self.found: dict[str, str] = {}
        self.slowest = self.largest = 0.0

    def one(self, data: bytes) -> None:
        """Reads one text; what is wrong is kept, and nothing is raised."""
        text = data.decode("utf-8", errors="replace")
        reading = read(text, ROOT / "specs" / "features" / "guided.evs", SLOW)
        self.texts += 1
        self.taken += reading.has_no_errors
        self.codes.update(set(reading.codes))
        self.slowest, self.largest = max(self.slowest, reading.seconds), max(self.largest, reading.megabytes)
        if reading.wrong is not None:
            self._keep(reading.wrong, data)
        now = time.monotonic()
        if now - self.told > 60:
            self.told = now
            self.tell()
        if now > self.end:
            self.tell()
            # libFuzzer cannot be left by an exception; what it has reached is in its folder already.
            sys.stdout.flush()
            os._exit(1 if self.found else 0)

    def _keep(self, wrong: str, data: bytes) -> None:
        place = wrong[wrong.rfind("(at ") :] if "(at " in wrong else wrong.split(":")[0]
        place = place if "(at " in wrong else re.sub(r"[0-9.]+", "", place)
        if place in self.found:
            return
        path = self.folder / f"wrong_{len(self.found) + 1}.evs"
        path.write_bytes(data)
        self.found[place] = wrong
        print(f"wrong: {wrong}; the text is in {path}", flush=True)

    def tell(self) -> None:
        """One line of figures."""
        minutes = (time.monotonic() - self.began) / 60
        corpus = sum(1 for _ in (self.folder / "corpus").iterdir())
        print(
            f"{minutes:.0f} min: {self.texts} texts, {self.taken} taken, {len(self.codes)} codes met, "
            f"{corpus} in the corpus, slowest {self.slowest:.2f} s, most {self.largest:.0f} MB, "
            f"{len(self.found)} wrong",
            flush=True,
        )


def mutation(data: bytes, longest: int, seed: int) -> bytes:
    """Half the time what libFuzzer does, half what knows the language."""
    draw = random.Random(seed)
    if draw.randrange(2):
        return bytes(atheris.Mutate(data, longest))
    text = mutate(data.decode("utf-8", errors="replace"), draw)
    return text.encode("utf-8", errors="replace")[:longest]


def seeds(folder: Path) -> None:
    """The shipped specs, whole and block by block: small texts are read fast."""
    paths = [
        *ROOT.glob("specs/**/*.evs"),
        *ROOT.glob("tests/**/*.evs"),
        *ROOT.glob("evdsl/cli/templates/*.evs"),
    ]
    for number, path in enumerate(sorted(paths)):
        text = path.read_text()
        (folder / f"seed_{number}").write_text(text)
        for part, block in enumerate(text.split("\n\n")):
            (folder / f"seed_{number}_{part}").write_text(block)


def main() -> None:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    folder = Path(sys.argv[2] if len(sys.argv) > 2 else "guided")
    (folder / "corpus").mkdir(parents=True, exist_ok=True)
    seeds(folder / "corpus")
    run = Guided(folder, minutes)
    signal.signal(signal.SIGTERM, lambda *_: (run.tell(), os._exit(1 if run.found else 0)))
    options = [
        f"-max_len={LONGEST}",
        "-timeout=60",
        "-rss_limit_mb=4096",
        "-print_final_stats=0",
        "-verbosity=0",
    ]
    atheris.Setup(
        [sys.argv[0], *options, f"-artifact_prefix={folder}/", str(folder / "corpus")],
        run.one,
        custom_mutator=mutation,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
