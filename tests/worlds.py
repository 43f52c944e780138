"""What several tests stand on: the folders of the checkout, specs with a name, and the command as a process.

`pyproject.toml` has this folder on the path of pytest, so that a test says `from worlds import ROOT`.
"""

from __future__ import annotations

import os
from pathlib import Path

TESTS = Path(__file__).parent
"""Where commands run: at the root the checkout's own sources would be imported, not what is installed."""
ROOT = TESTS.parent
SPECS = ROOT / "specs"
FEATURES = SPECS / "features"
TUTORIAL = SPECS / "tutorial"
DATA = Path(os.environ.get("EVDSL_DATA", ROOT.parent / "shared" / "data"))
"""The folder of real data; the fixture `data_folder` skips a test where it is missing."""
EVERYTHING = TESTS / "everything.evs"
"""A small site with every device."""
FIRST_SPEC = (TESTS / "first_spec.evs").read_text()
"""A spec of all ordinary statements, with comments."""
