"""Both solvers agree, and the check believes them: `python fuzz/solvers.py [EXAMPLES [SEED]]`."""

from target import run

if __name__ == "__main__":
    run(["verified", "bound_met", "solvers_agree", "seeds_agree"], relations=False)
