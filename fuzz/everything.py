"""Random specs through every invariant and relation: `python fuzz/everything.py [EXAMPLES [SEED]]`."""

from target import run

if __name__ == "__main__":
    run()
