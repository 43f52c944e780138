"""Mutation testing changes what a program means and nothing else, and puts it where the program was."""

from __future__ import annotations

import mutant_changes
import mutant_runs


def changed(text: str) -> list[str]:
    """What becomes of a text, without its blanks at the end."""
    return [change.applied(text).strip() for change in mutant_changes.changes(text)]


def inside(line: str) -> list[str]:
    """What becomes of the only line of a function."""
    return [text.split("\n    ", 1)[1] for text in changed(f"def f(a, b):\n    {line}\n")]


def test_each_operator_and_number_of_a_line_is_changed_on_its_own() -> None:
    assert inside("a[1] = b") == ["pass", "a[2] = b"]
    assert inside("c = a <= b") == ["c = a < b", "c = a > b"]
    assert inside("c = a - b * 2.0") == ["c = a + b * 2.0", "c = a - b / 2.0", "c = a - b * 3.0"]
    assert inside("c = not a and -b") == ["c = (a) and -b", "c = not a or -b", "c = not a and (b)"]
    assert inside("c = [x for x in a if x is None]") == [
        "c = [x for x in a if True]",
        "c = [x for x in a if x is not None]",
    ]
    assert inside("c = a if b else 1") == ["c = 1 if b else a", "c = a if b else 2"]
    assert inside("return a not in b") == ["return not (a not in b)", "return a in b"]
    assert inside("a += b") == ["pass", "a -= b"]
    assert inside("c = a[1:b]") == ["c = a[2:b]", "c = a[1:(b) + 1]"]
    assert inside('rows(a, "<=", max(b))') == ["pass", 'rows(a, ">=", max(b))', 'rows(a, "<=", min(b))']
    assert inside("c = power(a, b)") == ["c = power(b, a)"]
    assert inside("c = (\n        a\n        is not\n        b)")[0].split() == [
        "c",
        "=",
        "(",
        "a",
        "is",
        "b)",
    ]


def test_texts_annotations_assertions_and_what_is_raised_are_left_alone() -> None:
    for line in (
        '"""Of 3 > 2."""',
        'c = f"{a + 1} of {-b}"',
        'c = "asks" if a > 1 else "ask"',
        "c: list[1 + 1]",
        "assert a > 1",
        "raise ValueError(a > 1)",
        "import a",
    ):
        assert inside(line) == [], line
    assert changed("@dataclass(frozen=True)\nclass C:\n    a: int\n") == []
    assert changed('"""η > β, 3."""\nEDGE = 0.5  # ∈ 1\n') == ['"""η > β, 3."""\nEDGE = 1.5  # ∈ 1']


def test_the_changed_code_takes_the_place_of_what_was_there_wherever_it_is_referred_to() -> None:
    old = "def f(a):\n    def g(b):\n        return a < b\n    return g(2)\n\ndef h():\n    return 1\n"
    new = next(change for change in mutant_changes.changes(old) if change.new == "<=").applied(old)
    space: dict[str, object] = {}
    exec(compile(old, "place.py", "exec"), space)
    kept, other = space["f"], space["h"]
    assert callable(kept)
    assert callable(other)
    assert not kept(2)
    mutant_runs.exchanged([kept, other], "place.py", old, new)
    assert kept(2)
    assert other() == 1
