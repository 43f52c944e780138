"""A Pygments lexer, for specs in documentation and in terminals: `pygmentize -l evs`, ```` ```evs ````.

A state of the lexer is a place in a spec: between statements, in the head or the body of a kind of block, in
the value of a statement, in brackets, and behind an operator, where the end of a line ends nothing.
"""

from __future__ import annotations

from typing import Any

from pygments.lexer import RegexLexer, bygroups, default, include
from pygments.token import (
    Comment,
    Error,
    Keyword,
    Literal,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Whitespace,
)

from evdsl.language.editors.vocabulary import (
    BEFORE_EQUAL,
    BLANK,
    COMMENT,
    END,
    LITERALS,
    NAME,
    NAMES,
    OPERATORS,
    SEPARATORS,
    SETTINGS,
    TOGGLE_NAMES,
    Rule,
    choices,
)

TOKENS: dict[str, Any] = {
    "": Whitespace,
    "comment": Comment.Single,
    "string": String.Double,
    "number": Number,
    "unit": Keyword.Type,
    "date": Literal.Date,
    "clock": Literal.Date.Clock,
    "keyword": Keyword,
    "kind": Keyword.Declaration,
    "setting": Name.Attribute,
    "choice": Keyword.Constant,
    "word": Name.Builtin,
    "toggle": Name.Constant,
    "function": Name.Function,
    "argument": Name.Property,
    "builtin": Name.Builtin.Pseudo,
    "definition": Name.Variable,
    "name": Name,
    "operator": Operator,
    "punctuation": Punctuation,
    "error": Error,
}
"""The token of Pygments for each class of the vocabulary."""
OTHER_BLOCK = "other"
"""A block of a kind that the language does not have."""


def _lexed(rule: Rule, *state: str) -> tuple[Any, ...]:
    tokens = [TOKENS[name] for name in rule.classes]
    return (rule.pattern, tokens[0] if len(tokens) == 1 else bygroups(*tokens), *state)


def _statement(keywords: str, state: str) -> tuple[Any, ...]:
    return (f"(?:{keywords}){END}", Keyword, state)


def _states() -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {
        "root": [
            ("\N{ZERO WIDTH NO-BREAK SPACE}", Whitespace),
            (rf"(?:{BLANK}|\n)+", Whitespace),
            include("statement"),
        ],
        "statement": [
            (COMMENT, Comment.Single),
            _statement("param|let", "definition"),
            _statement("enable|disable", "toggles"),
            _statement("require", "requirement"),
            (NAME + BEFORE_EQUAL, Name, "value"),
            *((keyword + END, Keyword.Declaration, f"{keyword} head") for keyword in SETTINGS),
            (f"(?!{NAMES[0].pattern}){NAME}", Name, f"{OTHER_BLOCK} head"),
            default("value"),
        ],
        "definition": [(NAME + BEFORE_EQUAL, Name.Variable), include("value")],
        "toggles": [(TOGGLE_NAMES, Name.Constant), include("value")],
        "requirement": [(rf"{NAME}(?={BLANK}*:)", Name.Variable), include("value")],
        "value": [(r"\n", Whitespace, "#pop"), include("expression")],
        "brackets": [
            (r"\n", Whitespace),
            (r"[)\]}]", Punctuation, "#pop"),
            (NAME + BEFORE_EQUAL, Name.Property),
            include("expression"),
        ],
        "expression": [
            (f"{BLANK}+", Whitespace),
            *(_lexed(rule) for rule in LITERALS),
            *(_lexed(rule) for rule in NAMES),
            (OPERATORS, Operator, "joined"),
            (SEPARATORS, Punctuation, "joined"),
            (r"[(\[{]", Punctuation, "brackets"),
            # The brace of a block, which its body ends at.
            (r"(?=\})", bygroups(), "#pop"),
            (r"[)\].]", Punctuation),
        ],
        "joined": [(rf"(?:{BLANK}|\n)+", Whitespace), (COMMENT, Comment.Single), default("#pop")],
    }
    # Between statements no block is open that a brace could end.
    found["root"].insert(0, (r"\}", Punctuation))
    for keyword in (*SETTINGS, OTHER_BLOCK):
        found |= _block(keyword)
    return found


def _block(keyword: str) -> dict[str, list[Any]]:
    """The head and the body of a kind of block."""
    settings = [(SETTINGS[keyword] + BEFORE_EQUAL, Name.Attribute, "value")] if keyword in SETTINGS else []
    return {
        f"{keyword} head": [
            (r"\n", Whitespace, "#pop"),
            (r"\{", Punctuation, ("#pop", f"{keyword} body")),
            (rf"(of)({BLANK}+)({NAME})", bygroups(Keyword, Whitespace, Name)),
            (rf"(?!{NAMES[0].pattern}){NAME}", Name.Variable),
            ("=", Operator, ("#pop", "value", "joined")),
            include("expression"),
        ],
        f"{keyword} body": [
            (rf"(?:{BLANK}|\n)+", Whitespace),
            (r"\}", Punctuation, "#pop"),
            *(_lexed(rule, "value") for rule in choices(keyword)),
            *settings,
            include("statement"),
        ],
    }


class EvsLexer(RegexLexer):  # type: ignore[misc]  # pygments has no types
    """Lexer for specs of EV charging stations."""

    name = "evs"
    aliases = ("evs", "evdsl")
    filenames = ("*.evs",)
    mimetypes = ("text/x-evs",)
    tokens = _states()
