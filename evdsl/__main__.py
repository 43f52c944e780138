"""`python -m evdsl`."""

import sys

from evdsl.cli.process import main

if __name__ == "__main__":
    sys.exit(main())
