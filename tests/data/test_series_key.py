"""One key for the series of a block, whoever asks for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from worlds import FEATURES

import evdsl
from evdsl.data.load import load_data
from evdsl.language.devices import series_key

SPECS = sorted(FEATURES.glob("*.evs"))


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_every_series_of_the_data_is_that_of_a_block_or_of_a_let(spec: Path) -> None:
    site = evdsl.load(spec)
    data, _ = load_data(site)
    assert data is not None
    known = {series_key(device) for device in site.devices} | {"let"}
    assert {key for key, _ in data.series} <= known


def test_a_series_of_a_class_is_found_by_the_key_of_its_class() -> None:
    site = evdsl.load(FEATURES / "v2g_profit.evs")
    data, _ = load_data(site)
    assert data is not None
    (car,) = site.of_kind("class")
    assert data.series[series_key(car), "v2g_reward"].tolist() == [0.10, 0.10]
    assert data.of_classes(site, "v2g_reward").tolist() == [[0.10, 0.10]]
