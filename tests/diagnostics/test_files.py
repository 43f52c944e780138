"""Which files a spec may read, and what is said of those that it may not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from data.lots import BY_TIME, COLUMNS, HEAD, fleet, hours, loaded, only, priced, row

from evdsl.diagnostics.diagnostic import render


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("missing.csv", "E501", '"missing.csv" is not in `{}`'),
        ("", "E502", "the name of a file is empty"),
        ("../p.csv", "E502", '"../p.csv" leads out of `{}`'),
        ("sub/../../p.csv", "E502", '"sub/../../p.csv" leads out of `{}`'),
        ("/etc/passwd", "E502", '"/etc/passwd" is not a path relative to the spec'),
        ("/dev/zero", "E502", '"/dev/zero" is not a path relative to the spec'),
        ("~/p.csv", "E502", '"~/p.csv" is not a path relative to the spec'),
        ("C:/p.csv", "E502", '"C:/p.csv" is not a path relative to the spec'),
        ("https://x.org/p.csv", "E502", '"https://x.org/p.csv" is an address, and a spec reads files only'),
        ("file:///etc/passwd", "E502", '"file:///etc/passwd" is an address, and a spec reads files only'),
        ("folder", "E503", '"folder" is a folder, and no ordinary file'),
        ("fifo", "E503", '"fifo" is a pipe, and no ordinary file'),
        ("passwd.csv", "E502", '"passwd.csv" leads out of `{}`'),
        ("zero.csv", "E502", '"zero.csv" leads out of `{}`'),
        ("up/site/p.csv", "E502", '"up/site/p.csv" leads out of `{}`'),
        ("loop.csv", "E503", '"loop.csv" cannot be opened: '),
        ("n" * 300 + ".csv", "E503", f'"{"n" * 77}..." cannot be opened: file name too long'),
    ],
)
def test_files_are_read_from_the_folder_of_the_spec_alone(
    name: str, code: str, message: str, tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    (folder / "folder").mkdir(parents=True)
    (folder / "sub").mkdir()
    (tmp_path / "p.csv").write_text(hours())
    os.mkfifo(folder / "fifo")
    (folder / "passwd.csv").symlink_to("/etc/passwd")
    (folder / "zero.csv").symlink_to("/dev/zero")
    (folder / "loop.csv").symlink_to("loop.csv")
    (folder / "up").symlink_to(tmp_path.parent)
    text = priced(name)
    data, found = loaded(text, folder)
    assert data is None
    assert only(found).code == code
    assert only(found).message.startswith(message.format(folder))
    assert found[0].span is not None
    assert found[0].span.text == f'"{name}"'


def test_a_device_in_a_data_folder_is_refused(tmp_path: Path) -> None:
    text = priced("zero")
    data, found = loaded(text, tmp_path, folders=(Path("/dev"),))
    assert data is None
    assert only(found).message == '"zero" is a device, and no ordinary file'


def test_a_link_inside_the_folder_is_followed_and_so_are_data_folders(tmp_path: Path) -> None:
    folder, data_folder = tmp_path / "site", tmp_path / "data"
    folder.mkdir()
    data_folder.mkdir()
    (folder / "real.csv").write_text(hours())
    (folder / "p.csv").symlink_to("real.csv")
    (data_folder / "q.csv").write_text(hours())
    for name in ("p.csv", "q.csv"):
        text = priced(name)
        data, found = loaded(text, folder, folders=(data_folder,))
        assert data is not None, render(found)


def test_a_file_with_a_similar_name_is_suggested(tmp_path: Path) -> None:
    (tmp_path / "prices.csv").write_text(hours())
    text = priced("price.csv")
    _, found = loaded(text, tmp_path)
    assert only(found).help == "did you mean `prices.csv`?"


def test_all_bad_files_are_told_in_one_run(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(hours(20))
    (tmp_path / "s.csv").write_text("\n".join([",".join(COLUMNS), row(energy="x")]) + "\n")
    grid = 'grid {\n price = csv("p.csv", unit="EUR/kWh")\n import_limit = csv("p.csv", unit="kW")\n}\n'
    text = (
        f"{HEAD}{grid}"
        f'sessions log of car = csv("s.csv", {BY_TIME})\n'
        f"{fleet(soc_target='normal(99 %, 0.1 %)')}minimize cost + 1 EUR/kWh * unmet\n"
    )
    data, found = loaded(text, tmp_path)
    assert data is None
    assert sorted(one.code for one in found) == ["E505", "E508", "E508", "E510"]
