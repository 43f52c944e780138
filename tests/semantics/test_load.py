"""A spec with mistakes from Python is an exception that carries them."""

from __future__ import annotations

from pathlib import Path

import pytest
from semantics.car_park import SOUND, changed

from evdsl.diagnostics.source import Source
from evdsl.semantics.load import SpecError, load, loads
from evdsl.semantics.resolve import resolve


def test_load_raises_one_exception_that_carries_the_diagnostics(tmp_path: Path) -> None:
    path = tmp_path / "lot.evs"
    path.write_text(changed("power = 22 kW", "power = 22 kWh").replace("horizon = 24 h", "horizon = 24"))
    with pytest.raises(SpecError) as caught:
        load(path)
    assert [diagnostic.code for diagnostic in caught.value.diagnostics] == ["E303", "E301"]
    assert "help: write `22 kW`" in str(caught.value)


def test_a_text_may_be_loaded_too() -> None:
    assert loads(SOUND).steps == 96
    with pytest.raises(SpecError, match="E401"):
        loads(SOUND.replace("minimize", "# minimize"))


def test_a_finding_as_a_record_says_the_same_as_its_text() -> None:
    (found,) = resolve(Source("lot.evs", changed("power = 22 kW", "power = 22 kWh")))[1]
    assert found.as_record() == {
        "code": "E301",
        "name": "unit-mismatch",
        "severity": "error",
        "message": "`port ac` wants `power` in kW, and 22 kWh is an energy",
        "label": "energy",
        "help": "write `22 kW`",
        "notes": [],
        "count": 1,
        "file": "lot.evs",
        "line": 17,
        "column": 13,
        "end_line": 17,
        "end_column": 19,
    }
