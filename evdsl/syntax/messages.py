"""What a reader of tokens says about them."""

from __future__ import annotations

from collections.abc import Iterable

from lark import Token

from evdsl.diagnostics.diagnostic import excerpt

ENGLISH = {
    "NAME": "a name",
    "NUMBER": "a number",
    "QUANTITY": "a quantity",
    "DATE": "a date",
    "CLOCK": "a clock time",
    "STRING": "a text in quotes",
    "NEWLINE": "the end of the line",
    "$END": "the end of the file",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "LTABLE": "`{`",
    "RTABLE": "`}`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "EQUAL": "`=`",
    "SAME": "`==`",
    "UNTO": "`..`",
    "LESS": "`<=`",
    "MORE": "`>=`",
    "PLUS": "`+`",
    "MINUS": "`-`",
    "STAR": "`*`",
    "SLASH": "`/`",
    "DOT": "`.`",
    "COMMA": "`,`",
    "COLON": "`:`",
}
VALUES = frozenset(
    ["NAME", "NUMBER", "QUANTITY", "DATE", "CLOCK", "STRING", "LPAR", "LSQB", "LTABLE", "MINUS"]
)
OPERATORS = frozenset(["PLUS", "MINUS", "STAR", "SLASH", "DOT", "LSQB", "LPAR", "UNTO"])


def token_name(token: Token) -> str:
    """A token as a message shows it."""
    if token.type in ("NEWLINE", "$END"):
        return ENGLISH[token.type]
    value = excerpt(token.value, 40)
    return f"`{value}`"


def in_english(accepted: Iterable[str]) -> str:
    """What may come next, the choices that belong together said as one."""
    names = set(accepted) - {"COMMENT", "OPEN_STRING", "STRANGE"}
    if "NEWLINE" in names:
        names.discard("$END")
    parts: list[str] = []
    if {"NUMBER", "QUANTITY"} <= names:
        parts.append("a value")
        names -= VALUES
    if "PLUS" in names:
        parts.append("an operator")
        names -= OPERATORS
    if {"MINIMIZE", "ENABLE"} <= names:
        parts.append("a statement")
        names -= {"NAME", "NEWLINE", "MINIMIZE", "MAXIMIZE", "ENABLE", "DISABLE", "THEN"}
        names -= {"PARAM", "LET", "REQUIRE", "INCLUDE", "PARETO"}
    parts += [ENGLISH.get(name, f"`{name.lower()}`") for name in sorted(names)]
    return " or ".join(dict.fromkeys(parts)) or "nothing"


def character_name(character: str) -> str:
    """A character, or its number where it cannot be seen."""
    return f"`{character}`" if character.isprintable() else f"U+{ord(character):04X}"


def advice(character: str) -> str:
    """What to type instead of a character that the language does not have."""
    if character in "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}'":
        return 'texts stand in straight quotes: `"`'
    if character in "\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}":
        return "write `-`"
    if character == ";":
        return "one statement a line; no `;`"
    if character in "<>":
        return f"write `{character}=`"
    if character.isspace():
        return "write a plain space"
    return "remove it"
