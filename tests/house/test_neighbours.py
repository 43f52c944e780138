"""What `evdsl` leaves as it was in the process of whoever imports it."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import FEATURES, run_python

SPEC = FEATURES / "exclusive.evs"
MODEL = """\
import json, os, sys, warnings
{before}
import linopy, numpy as np, pandas as pd, xarray as xr
warnings.simplefilter("ignore")
model = linopy.Model()
x = model.add_variables(0, 10, coords=[pd.RangeIndex(3, name="t")], name="x")
price = xr.DataArray([1.0, 2.0, 3.0], coords={{"t": [1, 2, 3]}})
# Labels that do not match: what becomes of them is what linopy's options say.
model.add_objective((price * x).sum(), sense="max")
{after}
model.add_constraints(x.sum() <= 7, name="all")
model.solve("highs", output_flag=False, progress=False)
options = {{name: linopy.options[name] for name in linopy.options._defaults}}
with open({result!r}, "w") as stream:
    environment = {{name: value for name, value in os.environ.items() if "LINOPY" in name}}
    json.dump([float(model.objective.value), options, environment], stream)
"""
USE = """\
import evdsl, evdsl.testing
problem = evdsl.compile(evdsl.load({spec!r}))
problem.solve("highs")
from evdsl.solver.discovery import find
evdsl.testing.conformance(find("scip"), evdsl.testing.CASES[:3])
"""


@pytest.mark.slow
@pytest.mark.parametrize("where", ["before", "after"])
def test_a_model_of_ones_own_gives_what_it_gave_without_evdsl(where: str, tmp_path: Path) -> None:
    found = []
    for use in ("", USE.format(spec=str(SPEC))):
        result = tmp_path / "result.json"
        places = {"before": "", "after": ""} | {where: use}
        text = MODEL.format(**places, result=str(result))
        run_python(text, timeout=60).check_returncode()
        found.append(result.read_text())
    assert found[0] == found[1]


@pytest.mark.slow
def test_importing_every_part_of_evdsl_changes_nothing_global() -> None:
    text = (
        "import locale, os, signal, sys, warnings\n"
        # What these do to warnings and the environment is theirs.
        "import hypothesis, linopy, netCDF4, pandas, pygments, rich.console, scipy.special, xarray\n"
        "def state():\n"
        "    options = {n: linopy.options[n] for n in linopy.options._defaults}\n"
        "    return (dict(os.environ), options, warnings.filters[:], locale.setlocale(locale.LC_ALL),\n"
        "        signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM),\n"
        "        dict(xarray.get_options()),\n"
        "        sys.stdout, sys.stderr, sys.excepthook, sys.getrecursionlimit())\n"
        "before = state()\n"
        "import importlib, pkgutil, evdsl\n"
        "for module in pkgutil.walk_packages(evdsl.__path__, 'evdsl.'):\n"
        "    if not module.name.endswith('__main__'):\n"
        "        importlib.import_module(module.name)\n"
        "assert state() == before, (state(), before)\n"
    )
    done = run_python(text, timeout=60)
    assert done.returncode == 0, done.stderr
