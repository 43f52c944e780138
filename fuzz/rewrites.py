"""Without any one rewrite the optimum is the same: `python fuzz/rewrites.py [EXAMPLES [SEED]]`."""

from target import run

if __name__ == "__main__":
    run(["rewrites_agree"], relations=False)
