"""Two thousand mutations of the shipped specs: each has a meaning, or a reason with a place."""

from __future__ import annotations

import time
from collections import Counter
from random import Random

import pytest
from worlds import FEATURES, ROOT

from evdsl.diagnostics.source import Source
from evdsl.semantics.resolve import resolve
from evdsl.testing.generate.mutations import ALIKE, MUTATIONS, dictionary, mutate
from evdsl.testing.properties import reading

PLACE = FEATURES / "mutated.evs"
PATHS = sorted([*ROOT.glob("specs/**/*.evs"), *ROOT.glob("tests/**/*.evs")])
CEILING = 3.0
"""Seconds of the processor, for slow machines; `python fuzz/text.py` asks for one."""
TEXTS = [path.read_text() for path in PATHS]


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_a_mutation_of_a_spec_is_read_or_told_why_not(part: int) -> None:
    codes: Counter[str] = Counter()
    for seed in range(250 * part, 250 * (part + 1)):
        draw = Random(seed)
        text = mutate(draw.choice(TEXTS), draw, TEXTS)
        found = reading.read(text, PLACE, CEILING)
        assert found.wrong is None, f"mutation {seed}: {found.wrong}\n{text!r}"
        codes.update(set(found.codes) or {"taken"})
    assert len(codes) >= 15, "the mutations break specs in too few ways"
    assert codes["taken"] >= 5, "no mutation leaves a spec sound"


def test_the_specs_themselves_are_taken() -> None:
    for path in PATHS:
        found = reading.read(path.read_text(), path)
        assert found.wrong is None, path
        assert found.has_no_errors or set(found.codes) == {"E501"}, path  # of real data that lie elsewhere


@pytest.mark.parametrize("mutation", dict.fromkeys(MUTATIONS), ids=lambda mutation: mutation.__name__)
def test_each_sort_of_mutation_changes_texts_and_takes_the_empty_one(mutation: object) -> None:
    assert callable(mutation)
    made = {mutation(TEXTS[0], Random(seed)) for seed in range(50)}
    assert len(made - {TEXTS[0]}) >= 4
    for seed in range(30):
        assert isinstance(mutation("", Random(seed)), str)
        assert mutation(TEXTS[1], Random(seed)) == mutation(TEXTS[1], Random(seed))


def test_mutations_know_the_words_of_the_language() -> None:
    assert {"storage", "fairness", "kWh", "allowing", "min_power", "EUR", "normal"} <= set(dictionary())
    assert len("".join(chr(code) for code in ALIKE)) == len(set(ALIKE.values()))


@pytest.mark.slow
def test_a_reader_that_fails_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = reading.resolve
    kept: list[bytes] = []

    def raising(*_: object) -> object:
        raise KeyError("a word")

    def slow(source: Source) -> object:
        end = time.process_time() + 1.1
        while time.process_time() < end:
            pass
        return sound(source)

    def hungry(source: Source) -> object:
        kept.append(b"x" * 500_000_000)
        return sound(source)

    for what, said in (
        (raising, "KeyError: 'a word' (at test_mutations.py:"),
        (slow, "it took 1.1 s"),
        (hungry, "it took "),
        (lambda _: (None, []), "refused without a reason"),
    ):
        monkeypatch.setattr(reading, "resolve", what)
        wrong = reading.read(TEXTS[0]).wrong
        kept.clear()
        assert wrong is not None
        assert wrong.startswith(said)


def test_a_formatter_that_changes_the_meaning_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for what, said in (
        (lambda _: "param x = 1\n", "the formatted text says something else"),
        (lambda _: "param x = \n", "the formatted text is refused: "),
    ):
        monkeypatch.setattr(reading, "format", what)
        assert (reading.misprinted("let y = 2\n") or "").startswith(said)


# What mutations and guided fuzzing found.


@pytest.mark.slow
@pytest.mark.parametrize("start", ["g {\n p = 1 }", "g {\n p = { 00:00: 1 }", "x\n)"])
def test_a_quarter_of_a_million_closing_braces_take_no_minute(start: str) -> None:
    """Each of 500 mistakes looked for the brace of a header up to the end of the text: ten seconds."""
    began = time.process_time()
    spec, found = resolve(Source("braces.evs", start + "}" * 250_000))
    assert spec is None
    assert "E102" in {each.code for each in found}
    assert time.process_time() - began < 4.0
