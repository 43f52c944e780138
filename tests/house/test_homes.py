"""Where the tests of a module are: in a file of its name, or of its folder, or where `homes.txt` says."""

from __future__ import annotations

from fnmatch import fnmatch

from worlds import ROOT, TESTS

PACKAGE = ROOT / "evdsl"
HOMES = [
    tuple(part.strip() for part in line.split("|"))
    for line in (TESTS / "house" / "homes.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def modules() -> list[str]:
    paths = [path for path in PACKAGE.rglob("*.py") if not path.name.startswith("__")]
    return sorted(".".join(path.relative_to(PACKAGE).with_suffix("").parts) for path in paths)


def has_a_namesake(module: str) -> bool:
    """Whether a file of tests has its name, or that of a folder that it lies in, below its package."""
    package, *parts = module.split(".")
    return any((TESTS / package / f"test_{part}.py").is_file() for part in parts)


def test_every_module_has_a_test_or_a_stated_home() -> None:
    homeless = [
        module
        for module in modules()
        if not has_a_namesake(module) and not any(fnmatch(module, pattern) for pattern, _ in HOMES)
    ]
    assert homeless == []


def test_every_stated_home_is_there_and_is_needed() -> None:
    assert [home for _, home in HOMES if not (TESTS / home).exists()] == []
    needless = [
        pattern
        for pattern, _ in HOMES
        if not any(fnmatch(module, pattern) and not has_a_namesake(module) for module in modules())
    ]
    assert needless == []
