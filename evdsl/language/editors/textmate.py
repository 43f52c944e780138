"""The TextMate grammar, which editors colour specs with, made from the words of the language.

`python tests/grammar.py` writes it to `grammars/evs.tmLanguage.json`. A rule that begins with a statement
ends with its line, unless an operator, a comma or an open bracket joins the next to it, as in the parser.
"""

from __future__ import annotations

import json

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

SCOPES: dict[str, str] = {
    "comment": "comment.line.number-sign.evs",
    "string": "string.quoted.double.evs",
    "number": "constant.numeric.evs",
    "unit": "keyword.other.unit.evs",
    "date": "constant.other.date.evs",
    "clock": "constant.other.time.evs",
    "keyword": "keyword.control.evs",
    "kind": "storage.type.evs",
    "setting": "support.type.property-name.evs",
    "choice": "constant.language.evs",
    "word": "support.variable.evs",
    "toggle": "support.constant.evs",
    "function": "support.function.evs",
    "argument": "variable.parameter.evs",
    "builtin": "variable.language.evs",
    "definition": "entity.name.evs",
    "name": "variable.other.evs",
    "operator": "keyword.operator.evs",
    "punctuation": "punctuation.evs",
    "error": "invalid.illegal.evs",
}
"""The scope of each class of the vocabulary."""
ROOT = "source.evs"

Json = dict[str, object]

LINE_END = r"(?=\}|$)"
"""The end of a statement, or the brace of the block that it is the last of."""


def grammar() -> Json:
    """The grammar as the document that editors read."""
    repository: Json = {
        "statement": {"patterns": _statements()},
        "expression": {"patterns": _expressions()},
    }
    for keyword in SETTINGS:
        repository[keyword] = _block(keyword, keyword + END, "kind")
    repository["other-block"] = _block("", f"(?!{NAMES[0].pattern}){NAME}", "name")
    return {
        "name": "evs",
        "scopeName": ROOT,
        "fileTypes": ["evs"],
        "patterns": [*_includes("statement"), _match(r"\}", "punctuation")],
        "repository": repository,
    }


def written() -> str:
    """The file that is shipped."""
    return json.dumps(grammar(), indent=1, ensure_ascii=False) + "\n"


def _includes(*names: str) -> list[Json]:
    return [{"include": f"#{name}"} for name in names]


def _match(pattern: str, shown: str) -> Json:
    return {"match": pattern, "name": SCOPES[shown]}


def _captures(classes: tuple[str, ...]) -> Json:
    return {str(number): {"name": SCOPES[name]} for number, name in enumerate(classes, 1) if name}


def _matched(rule: Rule) -> Json:
    if len(rule.classes) == 1:
        return _match(rule.pattern, rule.classes[0])
    return {"match": rule.pattern, "captures": _captures(rule.classes)}


def _until(begin: str, shown: str, end: str, patterns: list[Json], *, closed: bool = False) -> Json:
    """What stands between two patterns; the second is coloured where it is `closed` by a bracket."""
    rule: Json = {"begin": begin, "end": end}
    if shown:
        rule["beginCaptures"] = {"0": {"name": SCOPES[shown]}}
    if closed:
        rule["endCaptures"] = {"0": {"name": SCOPES["punctuation"]}}
    return {**rule, "patterns": patterns}


def _statements() -> list[Json]:
    value = _includes("expression")
    defined = [_match(NAME + BEFORE_EQUAL, "definition"), *value]
    asked = [_match(rf"{NAME}(?={BLANK}*:)", "definition"), *value]
    toggled = [_match(TOGGLE_NAMES, "toggle"), *value]
    return [
        _until(f"(?:param|let){END}", "keyword", LINE_END, defined),
        _until(f"(?:enable|disable){END}", "keyword", LINE_END, toggled),
        _until(f"require{END}", "keyword", LINE_END, asked),
        _until(NAME + BEFORE_EQUAL, "name", LINE_END, value),
        *_includes(*SETTINGS, "other-block"),
        # Whatever else begins a line, comments too, is coloured as in an expression.
        _until(r"(?=[^ \t\r\n\f}])", "", LINE_END, value),
    ]


def _block(keyword: str, begin: str, shown: str) -> Json:
    """A block from its kind to its brace, or a declaration from its kind to the end of its value."""
    body: list[Json] = []
    for rule in choices(keyword):
        body.append({"begin": rule.pattern, "beginCaptures": _captures(rule.classes), "end": LINE_END})
        body[-1]["patterns"] = _includes("expression")
    if keyword in SETTINGS:
        setting = SETTINGS[keyword] + BEFORE_EQUAL
        body.append(_until(setting, "setting", LINE_END, _includes("expression")))
    head: list[Json] = [
        _until(r"\{", "punctuation", r"\}", [*body, *_includes("statement")], closed=True),
        {"match": rf"(of)({BLANK}+)({NAME})", "captures": _captures(("keyword", "", "name"))},
        _match(f"(?!{NAMES[0].pattern}){NAME}", "definition"),
        _until("(?==)", "", LINE_END, _includes("expression")),
        *_includes("expression"),
    ]
    return _until(begin, shown, r"(?<=\})|(?=\})|$", head)


def _expressions() -> list[Json]:
    comment = [_match(COMMENT, "comment")]
    inside: list[Json] = [_match(NAME + BEFORE_EQUAL, "argument"), *_includes("expression")]
    return [
        *(_matched(rule) for rule in (*LITERALS, *NAMES)),
        _until(OPERATORS, "operator", r"(?=[^ \t\r\n\f#])", comment),
        _until(SEPARATORS, "punctuation", r"(?=[^ \t\r\n\f#])", comment),
        _until(r"\(", "punctuation", r"\)", inside, closed=True),
        _until(r"\[", "punctuation", r"\]", inside, closed=True),
        _until(r"\{", "punctuation", r"\}", _includes("expression"), closed=True),
        _match(r"[)\].]", "punctuation"),
        _match(r"[^ \t\r\n\f}]", "error"),
    ]
