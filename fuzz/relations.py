"""What must become of the optimum when a spec is changed: `python fuzz/relations.py [EXAMPLES [SEED]]`."""

from target import run

if __name__ == "__main__":
    run(["diagnosed"])
