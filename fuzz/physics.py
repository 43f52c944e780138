"""States of charge, capacity, presence, exclusivity, balance: `python fuzz/physics.py [EXAMPLES [SEED]]`."""

from target import run

from evdsl.testing.properties.physics import PHYSICS

if __name__ == "__main__":
    run([one.name for one in PHYSICS], relations=False)
