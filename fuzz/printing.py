"""A spec is taken or told why not; printing changes nothing: `python fuzz/printing.py [EXAMPLES [SEED]]`."""

from target import run

if __name__ == "__main__":
    run(["diagnosed", "printed"], relations=False)
