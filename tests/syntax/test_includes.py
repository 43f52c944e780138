"""What an `include` takes in, and where it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from semantics.car_park import SOUND, Told, read, told


def including(folder: Path, **files: str) -> list[Told]:
    """What is said of the spec with `include "a.evs"`, beside these files."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.evs"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    (folder / "lot.evs").write_text(f'include "a.evs"\n{SOUND}')
    return told(read((folder / "lot.evs").read_text(), folder=folder))


def test_included_files_are_part_of_the_spec(tmp_path: Path) -> None:
    assert (
        including(tmp_path, a='include "sub/b.evs"\n', sub__b='include "c.evs"\n', sub__c="let x = 3\n") == []
    )


def test_a_mistake_in_an_included_file_is_told_there(tmp_path: Path) -> None:
    (tmp_path / "a.evs").write_text("\n\nlet x = 3 kwh\n")
    rendered = read(f'include "a.evs"\n{SOUND}', folder=tmp_path)
    assert "--> a.evs:3:9" in rendered


@pytest.mark.parametrize(
    ("files", "head", "marked"),
    [
        ({"a": 'include "a.evs"\n'}, "the file includes itself: lot.evs -> a.evs -> a.evs", '"a.evs"'),
        ({"a": 'include "lot.evs"\n'}, "the file includes itself: lot.evs -> a.evs -> lot.evs", '"lot.evs"'),
        (
            {"a": 'include "b.evs"\n', "b": 'include "a.evs"\n'},
            "the file includes itself: lot.evs -> a.evs -> b.evs -> a.evs",
            '"a.evs"',
        ),
    ],
)
def test_a_circle_of_includes_is_told_where_it_closes(
    files: dict[str, str], head: str, marked: str, tmp_path: Path
) -> None:
    found = including(tmp_path, **files)
    assert [(one.head, one.marked, one.help) for one in found] == [
        (f"error[E210 circular]: {head}", marked, "break the circle")
    ]


def test_a_file_is_included_once(tmp_path: Path) -> None:
    found = including(tmp_path, a='include "b.evs"\ninclude "b.evs"\n', b="let x = 3\n")
    assert [(one.head, one.line, one.help) for one in found] == [
        ('error[E211 bad-include]: "b.evs" is included twice', 2, "include it once")
    ]


@pytest.mark.parametrize(
    ("path", "head"),
    [
        ("b.evs", 'error[E501 file-missing]: "b.evs" is not in `{}`'),
        ("../lot.evs", 'error[E502 file-outside]: "../lot.evs" leads out of `{}`'),
        ("/etc/passwd", 'error[E502 file-outside]: "/etc/passwd" is not a path relative to the spec'),
        ("https://evs.org/a.evs", 'error[E502 file-outside]: "https://evs.org/a.evs" is an address'),
        ("", "error[E502 file-outside]: the name of a file is empty"),
        (".", 'error[E503 file-unreadable]: "." is a folder, and no ordinary file'),
    ],
)
def test_an_include_stays_below_the_folder_of_the_spec(path: str, head: str, tmp_path: Path) -> None:
    found = including(tmp_path, a=f'include "{path}"\n')
    assert len(found) == 1
    assert found[0].head.startswith(head.format(tmp_path))
    assert found[0].help


def test_an_include_of_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.evs").write_bytes(b"\x1f\x8b\x08\x00\x00")
    found = told(read(f'include "a.evs"\n{SOUND}', folder=tmp_path))
    assert [one.head for one in found] == [
        'error[E001 unreadable-file]: "a.evs" is not a text in UTF-8 (byte 1 is not)'
    ]


def test_a_link_of_an_include_that_leads_out_is_refused(tmp_path: Path) -> None:
    folder, outside = tmp_path / "site", tmp_path / "secret.evs"
    folder.mkdir()
    outside.write_text("let x = 3\n")
    (folder / "a.evs").symlink_to(outside)
    found = told(read(f'include "a.evs"\n{SOUND}', folder=folder))
    assert [one.head for one in found] == [f'error[E502 file-outside]: "a.evs" leads out of `{folder}`']
