"""Random specs through every invariant: `python fuzz/everything.py [EXAMPLES [SEED]]`.

Each is held against four relations besides, those that were tried least often.
"""

from target import run

if __name__ == "__main__":
    run()
