"""Words make the value of a stage, and later stages keep it: `python fuzz/stages.py [EXAMPLES [SEED]]`."""

from target import run

if __name__ == "__main__":
    run(["words_recomputed", "stages_kept"], relations=False)
