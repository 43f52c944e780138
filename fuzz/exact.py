"""Schedules and optima in exact fractions: `python fuzz/exact.py [EXAMPLES [SEED]]`."""

from target import run

if __name__ == "__main__":
    run(["exactly_kept", "exactly_worth", "proven"], relations=False)
