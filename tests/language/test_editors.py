"""Both grammars for editors colour each token of the parser as what it is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.token import Error
from worlds import EVERYTHING, ROOT, SPECS

from evdsl.diagnostics.source import Source
from evdsl.language import units
from evdsl.language.devices import KINDS, kind
from evdsl.language.editors.pygments_lexer import TOKENS, EvsLexer
from evdsl.language.editors.textmate import SCOPES, written
from evdsl.language.editors.vocabulary import CLASSES, KEYWORDS
from evdsl.language.names import SET_WORDS
from evdsl.language.objectives import WORDS
from evdsl.language.quantities import OF_DEVICES, QUANTITIES
from evdsl.language.reference.pages import functions
from evdsl.language.toggles import TOGGLES
from evdsl.syntax import ast
from evdsl.syntax.lexer import parser
from evdsl.syntax.parser import parse
from evdsl.syntax.transformer import DIGITS
from evdsl.testing.generate.specs import texts

COLOURED = sorted([*SPECS.rglob("*.evs"), EVERYTHING])
GRAMMAR = ROOT / "grammars" / "evs.tmLanguage.json"
SAID = [word.name for word in WORDS]
OF_THE_LANGUAGE = {*SET_WORDS, "max_energy"}
LITERAL = {"COMMENT": "comment", "STRING": "string", "DATE": "date", "CLOCK": "clock", "NUMBER": "number"}
OPERATORS = frozenset("EQUAL LESS MORE SAME UNTO PLUS MINUS STAR SLASH".split())

HARD = """\
include "other.evs"
station lot { start = 2024-03-12 07:30 }
station second {
    start    = 2024-03-12T7:30:15  # a date with a time, and a comment
    horizon  = 24 h
    rounding = inward
    power    = 3  # a setting of other blocks
}
param price = 1_000.5e-3 EUR/kWh
param low=-.5
param many = 3 for_sale
param strange = 3 kw
param half = 3 kW/foo
param per_name = 3 kW/ many
param third = 3 kW/2 + 5 %/2
param parts = [1 kW, 2 kW,
               3 kW]
let long_sum = price +  # the line goes on
    # here too

    2 * (low
    - 1)
feeder yard { limit = 10 kW }
feeder east {
    feeder = yard
    limit = { 00:00: 1 kW, 07:00:00: 2 kW,
              23:00: 3 kW, 50 %: 4 kW, low .. 5: 5 kW, 2024-12-25: { 6 %/h: 6 kW } } }
port ac {
    feeder = east
    rates = [
        3 kW,
    ]
}
class car { battery = 50 kWh
    charge = min(11 kW, max(2 kW, 3 kW)) }
fleet day of car {
    arrival = normal(08:15, 45 min)
    energy = uniform(0, 1) * max_energy
}
sessions log of car = csv("s.csv",
    arrival="arrival", energy = "energy (kWh)",
    departure="departure")
cohort crowd of car {
    draws = poisson_rate
    rounding = inward
}
vehicle minimum of car { arrival = 2019-07-24 .. 2019-07-25 }
solar roof {
    profile = csv("p.csv", column="p", method="linear")
}
robber barons {
    count = 3
    feeder = east
}
enable v2g, partial_charging,
    exclusive, teleport
disable hold_port
require quiet: sum(t in 22:00 .. 06:00: import[t] * 1 h) <= 3 kWh
require roofs: roof.power[t] + roof . power[t + 1] >= 2 kW for t in steps, v in vehicles
require odd: charge[v=day, t] + roof.cost[t] + low.high >= 2
require same: mean(v in day: charge[v, t]) == charge[day, t] for t in steps
minimize cost + price * unmet + 80 EUR/t * co2 / 2
then maximize fairness allowing 1 %
pareto cost, co2 points 15
"""


# What the parser says


def expected(text: str) -> list[str]:
    """The class of each character by the parser's tokens and, for names, by their place in the tree."""
    source = Source("spec", text)
    file, _ = parse(source)
    roles = {offset: shown for statement in file.statements for offset, shown in _roles(statement, "")}
    found = [""] * len(text)
    for token in parser().lex(text):
        start, value = token.start_pos or 0, token.value
        if token.type == "QUANTITY":
            digits = DIGITS.match(value)
            assert digits is not None
            unit = value[digits.end() :].strip()
            _fill(found, start, digits.end(), "number")
            known = isinstance(units.parse(unit), units.Unit)
            _fill(found, start + len(value) - len(unit), len(unit), "unit" if known else "name")
        elif token.type != "NEWLINE":
            _fill(found, start, len(value), _class_of(token.type, value, roles.get(start, "name")))
    return found


def _class_of(terminal: str, value: str, role: str) -> str:
    if terminal == "NAME":
        return role
    if terminal in LITERAL:
        return LITERAL[terminal]
    if value.isalpha():
        return "keyword"
    if terminal in ("STRANGE", "OPEN_STRING"):
        return "error"
    return "operator" if terminal in OPERATORS else "punctuation"


def _fill(found: list[str], start: int, length: int, shown: str) -> None:
    found[start : start + length] = [shown] * length


def _roles(node: object, block: str) -> Iterator[tuple[int, str]]:
    """The places of names with what they are; the inner say more than the outer, and come later."""
    match node:
        case ast.Block() | ast.Declaration():
            declared = kind(node.kind.text)
            yield node.kind.span.start, "kind" if declared is not None else "name"
            if node.name is not None:
                yield node.name.span.start, "definition"
            for inner in node.body if isinstance(node, ast.Block) else (node.value,):
                yield from _roles(inner, node.kind.text)
            return
        case ast.Setting(name, value):
            declared = kind(block)
            setting = declared.setting(name.text) if declared is not None else None
            yield name.span.start, "setting" if setting is not None else "name"
            yield from _roles(value, block)
            if setting is not None and isinstance(value, ast.Name) and value.text in setting.choices:
                yield value.span.start, "choice"
            return
        case ast.Param(name) | ast.Let(name) | ast.Requirement(name):
            yield from _children(node, block)
            yield name.span.start, "definition"
            return
        case ast.Toggle():
            names = {toggle.name for toggle in TOGGLES}
            yield from ((n.span.start, "toggle" if n.text in names else "name") for n in node.names)
            return
        case ast.Call(function) | ast.Aggregate(function):
            yield from _children(node, block)
            yield function.span.start, "function" if function.text in functions() else "name"
            return
        case ast.Index(ast.Name(text, span)) if text in QUANTITIES:
            yield from _children(node, block)
            yield span.start, "builtin"
            return
        case ast.Attribute(_, name):
            yield from _children(node, block)
            known = any(name.text in declared for declared in OF_DEVICES.values())
            yield name.span.start, "builtin" if known else "name"
            return
        case ast.Argument(name, _, span) if name:
            yield span.start, "argument"
        case ast.Name(text, span):
            yield span.start, "word" if text in SAID else "builtin" if text in OF_THE_LANGUAGE else "name"
    yield from _children(node, block)


def _children(node: object, block: str) -> Iterator[tuple[int, str]]:
    for child in ast.children(node):
        yield from _roles(child, block)


# What the grammars say


def by_pygments(text: str) -> list[str]:
    """The class of each character by the lexer; its tokens join to the text."""
    lexer = EvsLexer(stripnl=False, ensurenl=False)
    tokens = list(lexer.get_tokens(text))
    assert "".join(value for _, value in tokens) == text
    names = {token: name for name, token in TOKENS.items()}
    return [names[token] for token, value in tokens for _ in value]


@dataclass(frozen=True, slots=True)
class Open:
    """A rule of the TextMate grammar that has begun and not ended."""

    patterns: list[dict[str, Any]]
    end: str = ""
    captures: dict[str, Any] | None = None


@cache
def grammar() -> dict[str, Any]:
    """The grammar that is shipped."""
    found: dict[str, Any] = json.loads(GRAMMAR.read_text(encoding="utf-8"))
    return found


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def flat(patterns: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Patterns with what they include."""
    for pattern in patterns:
        if "include" in pattern:
            included = grammar()["repository"][pattern["include"][1:]]
            yield from flat([included] if "begin" in included else included["patterns"])
        else:
            yield pattern


def by_textmate(text: str) -> list[str]:
    """The class of each character as an editor finds it: line by line, the earliest match, then the first."""
    names = {scope: name for name, scope in SCOPES.items()}
    stack = [Open(grammar()["patterns"])]
    found: list[str] = []
    for line in text.splitlines(keepends=True):
        shown = [""] * len(line)
        position, still = 0, 0
        while True:
            top = stack[-1]
            best, rule = (compiled(top.end).search(line, position) if top.end else None), None
            for candidate in flat(top.patterns):
                match = compiled(candidate.get("match") or candidate["begin"]).search(line, position)
                if match is not None and (best is None or match.start() < best.start()):
                    best, rule = match, candidate
            if best is None:
                break
            still = still + 1 if best.end() == position else 0
            assert still < 20, f"no way on from {line[position:]!r}"
            captures = top.captures if rule is None else rule.get("captures") or rule.get("beginCaptures")
            if rule is not None and "name" in rule:
                captures = {"0": {"name": rule["name"]}}
            for number, capture in (captures or {}).items():
                begin, end = best.span(int(number))
                _fill(shown, begin, end - begin, names[capture["name"]])
            position = best.end()
            if rule is None:
                stack.pop()
            elif "begin" in rule:
                stack.append(Open(rule["patterns"], rule["end"], rule.get("endCaptures")))
        found += shown
    return found


HIGHLIGHTERS = pytest.mark.parametrize("classes", [by_pygments, by_textmate])


def differences(text: str, found: list[str]) -> list[tuple[str, str, str]]:
    """What is coloured as something else: its line, what it is, and what it was taken for."""
    wanted = expected(text)
    assert len(found) == len(text)
    return [
        (f"{text[: i + 1].count(chr(10)) + 1}: {text[i:].split()[0][:20]}", wanted[i], found[i])
        for i in range(len(text))
        if not text[i].isspace() and wanted[i] != found[i]
    ]


@HIGHLIGHTERS
@pytest.mark.parametrize("path", COLOURED, ids=lambda path: path.stem)
def test_each_token_of_a_shipped_spec_is_coloured_as_what_it_is(path: Path, classes: Any) -> None:
    text = path.read_text(encoding="utf-8")
    found = classes(text)
    assert "error" not in found
    assert differences(text, found) == []


@HIGHLIGHTERS
def test_each_token_of_a_hard_text_is_coloured_as_what_it_is(classes: Any) -> None:
    assert parse(Source("hard", HARD))[1] == []
    assert differences(HARD, classes(HARD)) == []
    assert set(expected(HARD)) == {*CLASSES, ""} - {"error"}


@HIGHLIGHTERS
@settings(max_examples=20)
@given(text=texts())
def test_each_token_of_any_spec_is_coloured_as_what_it_is(text: str, classes: Any) -> None:
    assert differences(text, classes(text)) == []


@HIGHLIGHTERS
@pytest.mark.parametrize("declared", KINDS, ids=lambda declared: declared.keyword)
def test_every_setting_of_every_block_is_known(declared: Any, classes: Any) -> None:
    lines = [f"    {setting.name} = 1" for setting in declared.settings]
    text = "\n".join([f"{declared.keyword} it {{", *lines, "}\n"])
    found = classes(text)
    assert found.count("setting") == sum(len(setting.name) for setting in declared.settings)
    assert found.count("kind") == len(declared.keyword)


@HIGHLIGHTERS
def test_every_toggle_word_function_keyword_and_unit_is_known(classes: Any) -> None:
    for name, lines in {
        "toggle": {toggle.name: f"enable {toggle.name}" for toggle in TOGGLES},
        "word": {name: f"let x = 2 * {name}" for name in SAID},
        "function": {name: f"let x = {name}(1)" for name in functions()},
        "builtin": {name: f"require r: {name}[t] <= 1" for name in QUANTITIES},
        "keyword": {name: f"{name} 2" for name in KEYWORDS},
        "unit": {name: f"let x = 2 {name}" for name in units.unit_names()},
    }.items():
        for word, text in lines.items():
            start = text.rindex(word)
            found = classes(f"{text}\n")
            assert set(found[start : start + len(word)]) == {name}, text


@HIGHLIGHTERS
def test_a_mistake_is_marked_and_hides_nothing_of_the_next_line(classes: Any) -> None:
    text = 'let a = 3 ; 4\nlet b = "open\ngrid {\n    price = 3 §\n    carbon = 2 }\nminimize cost\n'
    found = classes(text)
    assert {i for i, name in enumerate(found) if name == "error"} == {
        text.index(";"),
        *range(text.index('"'), text.index("\ngrid")),
        text.index("§"),
    }
    assert found[text.index("carbon")] == "setting"
    assert found[text.index("minimize")] == "keyword"
    assert found[text.index("cost")] == "word"


@HIGHLIGHTERS
@pytest.mark.parametrize(
    "text", ["}\n", "{", "port", "port ac {\n  power =", "a = }\n", ")]}", "enable\n", "..", "x y z"]
)
def test_an_unfinished_text_is_coloured_to_its_end(text: str, classes: Any) -> None:
    assert len(classes(text)) == len(text)


def test_the_grammar_for_editors_is_fresh() -> None:
    assert GRAMMAR.read_text(encoding="utf-8") == written(), "run `python tests/grammar.py`"
    shipped = files("evdsl.grammars").joinpath(GRAMMAR.name)
    assert shipped.read_text(encoding="utf-8") == written()
    done = subprocess.run([sys.executable, ROOT / "tests" / "grammar.py", "--check"], check=False)
    assert done.returncode == 0


def test_the_patterns_are_such_as_python_and_oniguruma_read_alike() -> None:
    text = GRAMMAR.read_text(encoding="utf-8")
    patterns = re.findall(r'"(?:match|begin|end)": ("(?:[^"\\]|\\.)*")', text)
    assert len(patterns) > 50
    for quoted in patterns:
        pattern = json.loads(quoted)
        assert not re.search(r"\\[wWsSdDbBAZzGhH]|\(\?[P#iLmsux]|\(\?<[a-z]|&&", pattern), pattern
        re.compile(pattern)


def test_every_class_has_a_token_and_a_scope_of_its_own() -> None:
    assert set(TOKENS) == {*CLASSES, ""}
    assert set(SCOPES) == set(CLASSES)
    assert len(set(TOKENS.values())) == len(TOKENS)
    assert len(set(SCOPES.values())) == len(SCOPES)
    assert TOKENS["error"] is Error


def test_pygments_finds_the_lexer_by_its_entry_point() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (target,) = project["entry-points"]["pygments.lexers"].values()
    module, _, name = target.partition(":")
    assert getattr(import_module(module), name) is EvsLexer
    assert any(text.startswith("pygments") for text in project["dependencies"])


@pytest.mark.skipif(not os.environ.get("EVDSL_INSTALLED"), reason="only `tests/run` installs the wheel")
def test_pygments_knows_the_language_by_name_and_by_file() -> None:
    assert isinstance(get_lexer_by_name("evs"), EvsLexer)
    assert isinstance(get_lexer_for_filename("site.evs"), EvsLexer)
