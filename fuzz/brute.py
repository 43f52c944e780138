"""Tiny sites, all schedules of which are written out: `python fuzz/brute.py [SITES [SEED]]`.

Every solver must find the same status, the same values and one of these schedules.
"""

from __future__ import annotations

import sys
import time
from collections import Counter

from hypothesis import HealthCheck, given, seed, settings

from evdsl.testing import TinySite, Trial, brute_force, tiny_sites
from evdsl.testing.brute.search import schedules
from evdsl.testing.campaigns import wrong_with


def main() -> None:
    number, start = [*(int(given) for given in sys.argv[1:3]), *(500, 0)[len(sys.argv[1:3]) :]]
    met: Counter[str] = Counter()
    begun = time.monotonic()

    @seed(start)
    @settings(
        max_examples=number,
        database=None,
        deadline=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(tiny_sites())
    def run(site: TinySite) -> None:
        trial = Trial(site.text)
        wrong = wrong_with(trial, brute_force(site))
        met["sites"] += 1
        met[trial.run().status.value] += 1
        met["schedules"] += len(schedules(site).charge)
        met.update(sorted({word for stage in site.stages for word, _ in stage.weights} | site.on))
        assert wrong is None, f"{wrong}\n{site.text}"

    try:
        run()
    except AssertionError as failure:
        sys.exit(f"brute_force: {failure}")
    finally:
        told = ", ".join(f"{name} {count}" for name, count in met.items())
        print(f"{told}; {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
