"""The tokens of the language as Lark cuts them, and the parser whose tables are kept between runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from lark import Lark, Token
from lark import __version__ as lark_version

from evdsl.syntax.transformer import Nodes

JOINING = frozenset(
    [
        "COMMA",
        "EQUAL",
        "LESS",
        "MORE",
        "SAME",
        "PLUS",
        "MINUS",
        "STAR",
        "SLASH",
        "COLON",
        "UNTO",
        "LPAR",
        "LSQB",
        "LTABLE",
    ]
)
STARTING = frozenset(["NEWLINE", "LBRACE"])
KEYWORDS = frozenset(
    ["PARAM", "LET", "ENABLE", "DISABLE", "MINIMIZE", "MAXIMIZE", "THEN", "REQUIRE", "INCLUDE", "PARETO"]
)
TABLE_AFTER = JOINING | frozenset(["IN", "MINIMIZE", "MAXIMIZE", "ALLOWING", "PARETO", "POINTS"])
OPENING = {"LPAR": "RPAR", "LSQB": "RSQB", "LTABLE": "RTABLE", "LBRACE": "RBRACE"}
CLOSING = frozenset(OPENING.values())


class _KeepAll:
    """Tells Lark to keep the terminals that only this module reads."""

    always_accept = ("COMMENT", "OPEN_STRING", "STRANGE", "NEWLINE")

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        return stream


def _cache_file() -> str | bool:
    """Where the parser's tables are kept between runs: building them takes longer than reading a spec."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    folder = os.path.join(home, "evdsl")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    except OSError:
        return False
    python = "".join(str(part) for part in sys.version_info[:2])
    file = os.path.join(folder, f"grammar-{lark_version}-{python}.tables")
    return file if os.access(folder, os.W_OK) else False


@cache
def parser() -> Lark:
    """The parser of the language, made once a process."""
    grammar = files("evdsl.grammars").joinpath("evs.lark").read_text(encoding="utf-8")
    return Lark(
        grammar,
        parser="lalr",
        lexer="basic",
        postlex=_KeepAll(),
        transformer=Nodes(),
        keep_all_tokens=True,
        maybe_placeholders=False,
        cache=_cache_file(),
    )
