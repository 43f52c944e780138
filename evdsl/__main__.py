"""`python -m evdsl`."""

import sys

from evdsl.console import main

if __name__ == "__main__":
    sys.exit(main())
