"""The words and shapes of the language as patterns, for what colours a text without parsing it.

Every word comes from a declaration and every literal from the grammar, so that a new device, toggle, word,
function or unit is coloured as soon as it is declared. A pattern uses only what Python's `re` and Oniguruma
(TextMate) read alike: no `\\w`, `\\s`, `\\d` and `\\b`, which differ in what they take for a letter.

A name is classed by where it stands: a setting only in a block that has it and before `=`, a function before
`(`, a quantity of single vehicles and steps before `[` or behind `.`, a word of the objective anywhere in an
expression. What is defined, and what the names of a spec refer to, no pattern can know; nor does one see
beyond the end of a line, so that a name and the `=`, `(` or `[` that tells what it is stand on one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from lark.lexer import PatternStr

from evdsl.language.devices import KINDS
from evdsl.language.names import AGGREGATES, FUNCTIONS, RESERVED, SET_WORDS
from evdsl.language.objectives import WORDS
from evdsl.language.quantities import OF_DEVICES, QUANTITIES
from evdsl.language.toggles import TOGGLES
from evdsl.language.units import BELOW, CURRENCIES, MAXIMUM_PARTS, SIMPLE
from evdsl.syntax.lexer import parser

CLASSES = (
    "comment string number unit date clock keyword kind setting choice word toggle function argument builtin "
    "definition name operator punctuation error".split()
)
"""What a character may be. A `builtin` is a quantity, a set or a value that the language names itself."""
BLANK = r"[ \t\r\f]"
END = r"(?![A-Za-z0-9_])"
"""The end of a word."""

_TERMINALS = {terminal.name: terminal.pattern for terminal in parser().terminals}


def _terminal(name: str) -> str:
    """The pattern of a literal of the grammar, on one line."""
    text = _TERMINALS[name].value
    for character, shown in (("\t", r"\t"), ("\n", r"\n"), ("\r", r"\r"), ("\f", r"\f")):
        text = text.replace(character, shown)
    # Only whole matches have a class: what a literal groups for itself is not counted.
    return re.sub(r"(?<!\\)\((?!\?)", "(?:", text)


def one_of(words: Iterable[str]) -> str:
    """Any of some words, whole."""
    return f"(?:{'|'.join(sorted(set(words)))}){END}"


NAME = _terminal("NAME") + END
COMMENT = _terminal("COMMENT")
KEYWORDS = tuple(
    sorted(
        pattern.value
        for pattern in _TERMINALS.values()
        if isinstance(pattern, PatternStr) and pattern.value.isalpha()
    )
)
BEFORE_EQUAL = f"(?={BLANK}*=(?!=))"
NOT_BEFORE_EQUAL = f"(?!{BLANK}*=)"
OPERATORS = r"<=|>=|==|\.\.|[-=+*/]"
SEPARATORS = "[,:]"
CHOICES = tuple(
    (kind.keyword, setting.name, setting.choices)
    for kind in KINDS
    for setting in kind.settings
    if setting.choices
)

_NUMBER = f"(?>{_terminal('NUMBER')})"
_SIMPLE = f"(?:{'|'.join(sorted((set(SIMPLE) | CURRENCIES) - {'%'}))})"
_RATE = f"(?:{'|'.join(sorted(BELOW))}|{_SIMPLE})"
_BELOW = rf"(?:/{_RATE}){{0,{MAXIMUM_PARTS - 1}}}(?![A-Za-z0-9_]|/[A-Za-z_])"
_UNIT = rf"%(?!/[A-Za-z_])|(?:%/)?{_SIMPLE}{_BELOW}"
_STRANGE_UNIT = r"(?:%|[A-Za-zµ€$£][A-Za-z0-9_]*)(?:/[A-Za-z_][A-Za-z0-9_]*)*"
_OF_DEVICES = one_of(name for declared in OF_DEVICES.values() for name in declared)


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern and the class of what it matches; of each of its groups, where it has some."""

    pattern: str
    classes: tuple[str, ...]


def quantity(unit: str, shown: str) -> Rule:
    """A number with its unit; a keyword behind a number is none."""
    return Rule(rf"({_NUMBER})([ \t]*)(?!{one_of(KEYWORDS)})({unit})", ("number", "", shown))


LITERALS = (
    Rule(COMMENT, ("comment",)),
    Rule(_terminal("STRING"), ("string",)),
    Rule(_terminal("OPEN_STRING"), ("error",)),
    Rule(_terminal("DATE"), ("date",)),
    Rule(_terminal("CLOCK"), ("clock",)),
    quantity(_UNIT, "unit"),
    quantity(_STRANGE_UNIT, "name"),
    Rule(_NUMBER, ("number",)),
)
NAMES = (
    Rule(one_of(KEYWORDS), ("keyword",)),
    Rule(rf"{one_of([*FUNCTIONS, *AGGREGATES])}(?={BLANK}*\()", ("function",)),
    Rule(rf"{one_of(QUANTITIES)}(?={BLANK}*\[)", ("builtin",)),
    Rule(rf"(\.)({BLANK}*)({_OF_DEVICES})", ("punctuation", "", "builtin")),
    Rule(rf"(\.)({BLANK}*)({NAME})", ("punctuation", "", "name")),
    Rule(one_of(word.name for word in WORDS), ("word",)),
    Rule(one_of([*SET_WORDS, *RESERVED]), ("builtin",)),
    Rule(NAME, ("name",)),
)
TOGGLE_NAMES = one_of(toggle.name for toggle in TOGGLES)
SETTINGS = {kind.keyword: one_of(setting.name for setting in kind.settings) for kind in KINDS}
"""The settings of each kind of block."""


def choices(keyword: str) -> tuple[Rule, ...]:
    """Settings of a kind that take one of a few words, with the word."""
    return tuple(
        Rule(
            rf"({setting})({BLANK}*)(=)({BLANK}*)({one_of(words)})",
            ("setting", "", "operator", "", "choice"),
        )
        for kind, setting, words in CHOICES
        if kind == keyword
    )
