"""Text to syntax nodes: the only module that knows Lark.

`parse` never raises for a text. A mistake inside one statement is reported and the reading goes on
at the next: Lark's own recovery makes nine errors out of two, so the state of the parser is kept at
the start of each statement and put back there.
"""

from __future__ import annotations

import os
import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from lark import Lark, Token, UnexpectedToken
from lark import __version__ as lark_version
from lark.parsers.lalr_interactive_parser import InteractiveParser

from evdsl import ast
from evdsl.diagnostic import Diagnostic, in_order
from evdsl.nodes import CURRENT, Nodes, Reading
from evdsl.source import Source, Span

MAXIMUM_NESTING = 100
"""Brackets inside brackets; a spec written by a person has five."""
MAXIMUM_TOKENS = 20_000
"""Of one statement: a list of ten thousand numbers."""
MAXIMUM_FINDINGS = 500
"""After these a text is not a spec, and is read no further."""

JOINING = frozenset(
    "COMMA EQUAL LESS MORE SAME PLUS MINUS STAR SLASH COLON UNTO LPAR LSQB LTABLE".split()
)
STARTING = frozenset(["NEWLINE", "LBRACE"])
KEYWORDS = frozenset(
    "PARAM LET ENABLE DISABLE MINIMIZE MAXIMIZE THEN REQUIRE INCLUDE PARETO".split()
)
TABLE_AFTER = JOINING | frozenset(["IN", "MINIMIZE", "MAXIMIZE", "ALLOWING", "PARETO", "POINTS"])
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
OPENING = {"LPAR": "RPAR", "LSQB": "RSQB", "LTABLE": "RTABLE", "LBRACE": "RBRACE"}
CLOSING = frozenset(OPENING.values())

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
VALUES = frozenset("NAME NUMBER QUANTITY DATE CLOCK STRING LPAR LSQB LTABLE MINUS".split())
OPERATORS = frozenset("PLUS MINUS STAR SLASH DOT LSQB LPAR UNTO".split())


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
def _parser() -> Lark:
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


def parse(source: Source) -> tuple[ast.File, list[Diagnostic]]:
    """The statements of a text, as far as they can be read, and what is wrong with the rest."""
    reader = _Reader(source)
    token = CURRENT.set(reader.reading)
    try:
        return reader.read(), in_order(reader.diagnostics)
    finally:
        CURRENT.reset(token)


def parse_expression(source: Source) -> tuple[ast.Expression | None, list[Diagnostic]]:
    """One expression that is the whole of a text, such as the value of `--set`."""
    wrapped = Source(source.name, f"value = {source.text}")
    file, diagnostics = parse(wrapped)
    if diagnostics:
        return None, diagnostics
    first = file.statements[0] if len(file.statements) == 1 else None
    if not isinstance(first, ast.Setting):
        span = Span(wrapped, 8, len(wrapped.text))
        return None, [Diagnostic("E101", "one value is expected here", span)]
    return first.value, []


@dataclass(slots=True)
class _Mark:
    """Where a statement began, to come back to when it cannot be read."""

    state: InteractiveParser
    brackets: tuple[Token, ...]
    index: int


class _Reader:
    def __init__(self, source: Source) -> None:
        self.reading = Reading(source)
        self.source = source
        self.diagnostics = self.reading.diagnostics
        self.comments: list[ast.Comment] = []
        self.unread: set[str] = set()
        self.blemishes: list[int] = []
        self.tokens = self._tokens()
        self.brackets: list[Token] = []
        self.stopped = False

    def read(self) -> ast.File:
        state = _parser().parse_interactive()
        mark = _Mark(_snapshot(state), (), 0)
        previous: Token | None = None
        index = 0
        while index < len(self.tokens):
            token = self._classified(self.tokens[index], previous)
            if token.type == "NEWLINE" and self._joins(previous):
                index += 1
                mark.index = index if previous is None or previous.type in STARTING else mark.index
                continue
            if self._too_much(token, index - mark.index):
                self._note_unread(mark.index, len(self.tokens))
                self.stopped = True
                break
            if not self._fed(state, token, mark, index):
                if previous is not None and previous.type == "RBRACE" and "NEWLINE" in _accepted(state):
                    # The block is read; only what follows it on its line is wrong.
                    state.feed_token(Token.new_borrow_pos("NEWLINE", "", token))
                    mark = _Mark(_snapshot(state), tuple(self.brackets), index)
                state, index = self._resume(index, mark)
                previous = self.tokens[index - 1] if index else None
                mark = _Mark(_snapshot(state), tuple(self.brackets), index)
                continue
            index += 1
            previous = token
            if token.type in STARTING:
                mark = _Mark(_snapshot(state), tuple(self.brackets), index)
        statements = self._without_deep_ones(self._finished(state, mark))
        return ast.File(statements, tuple(self.comments), self.source, frozenset(self.unread))

    def _fed(self, state: InteractiveParser, token: Token, mark: _Mark, index: int) -> bool:
        try:
            state.feed_token(token)
        except UnexpectedToken:
            self._explain(state, token, mark, index)
            return False
        if token.type in OPENING:
            self.brackets.append(token)
        elif token.type in CLOSING:
            self.brackets.pop()
        return True

    def _finished(self, state: InteractiveParser, mark: _Mark) -> tuple[ast.Statement, ...]:
        end = Token("$END", "", len(self.source.text), end_pos=len(self.source.text))
        if not self.stopped and not self.brackets:
            # Fed once: Lark adds to lists in place, so that a trial on a copy would count items twice.
            try:
                return tuple(state.feed_token(end))
            except UnexpectedToken:
                self._explain(state, end, mark, len(self.tokens))
        unclosed = [] if self.stopped or self._blemished(mark, end) else self.brackets
        for opened in unclosed:
            message = f"`{opened.value}` is not closed before the file ends"
            self._report("E102", message, opened, "opened here", "close it")
        self._note_unread(mark.index, len(self.tokens))
        state = mark.state
        for _ in mark.brackets:
            state.feed_token(Token("RBRACE", "}", end.start_pos, end_pos=end.start_pos))
        return tuple(state.feed_token(end))

    def _without_deep_ones(
        self, statements: tuple[ast.Statement, ...]
    ) -> tuple[ast.Statement, ...]:
        kept = []
        for statement in statements:
            if ast.depth_exceeds(statement, 2 * MAXIMUM_NESTING):
                message = f"an expression is nested more than {2 * MAXIMUM_NESTING} deep"
                help = "name its parts with `let`"
                self.diagnostics.append(Diagnostic("E004", message, statement.span, "", help))
                inside = range(statement.span.start, statement.span.end)
                self.unread.update(t.value for t in self.tokens if t.type == "NAME" and t.start_pos in inside)
            else:
                kept.append(statement)
        return tuple(kept)

    def _tokens(self) -> list[Token]:
        kept: list[Token] = []
        fresh_line = True
        for token in _parser().lex(self.source.text):
            if token.type == "COMMENT":
                line = self.source.position(token.start_pos or 0)[0]
                self.comments.append(ast.Comment(token.value.rstrip(), line, fresh_line))
                continue
            if token.value == BYTE_ORDER_MARK and token.start_pos == 0:
                continue
            if token.type == "STRANGE":
                # Kept, and taken by no statement: half of a statement is worse than none.
                self.blemishes.append(token.start_pos or 0)
                message = f"the character {_spelled(token.value)} has no meaning here"
                self._report("E002", message, token, "", _advice(token.value))
            if token.type == "OPEN_STRING":
                self.blemishes.append(token.start_pos or 0)
                self._report(
                    "E103",
                    "a text in quotes ends on the line where it begins",
                    token,
                    "not closed",
                    'close it with `"`',
                )
                token = Token.new_borrow_pos("STRING", token.value + '"', token)
            fresh_line = token.type == "NEWLINE"
            kept.append(token)
        return kept

    def _classified(self, token: Token, previous: Token | None) -> Token:
        """`{` opens a table after an operator and a block elsewhere; `}` closes what is open."""
        if token.type == "LBRACE" and previous is not None and previous.type in TABLE_AFTER:
            return Token.new_borrow_pos("LTABLE", token.value, token)
        if token.type == "RBRACE" and self.brackets and self.brackets[-1].type == "LTABLE":
            return Token.new_borrow_pos("RTABLE", token.value, token)
        return token

    def _joins(self, previous: Token | None) -> bool:
        """Whether a newline here ends nothing."""
        if previous is None or previous.type in JOINING or previous.type in STARTING:
            return True
        return bool(self.brackets) and self.brackets[-1].type != "LBRACE"

    def _too_much(self, token: Token, length: int) -> bool:
        """Whether this is no spec but an attack or an accident: the rest of the text is left unread."""
        if token.type in OPENING and len(self.brackets) >= MAXIMUM_NESTING:
            message = f"more than {MAXIMUM_NESTING} brackets are open at once"
            self._report("E004", message, token, "", "name the inner parts with `let`")
            return True
        if length > MAXIMUM_TOKENS:
            message = f"a statement has more than {MAXIMUM_TOKENS} words"
            self._report("E004", message, token, "", "keep long lists in a file and read it with `csv(...)`")
            return True
        return len(self.diagnostics) > MAXIMUM_FINDINGS

    def _resume(self, failed: int, mark: _Mark) -> tuple[InteractiveParser, int]:
        """The state and the token to go on with after a statement that could not be read."""
        self.brackets = list(mark.brackets)
        state = _snapshot(mark.state)
        brace = self._header_brace(mark.index)
        if brace is not None and failed <= brace and self._feed_header(state, mark.index, brace):
            self.brackets.append(self.tokens[brace])
            return state, brace + 1
        index = self._next_statement(failed, mark)
        self._note_unread(mark.index, index)
        return state, index

    def _next_statement(self, failed: int, mark: _Mark) -> int:
        """The first token after a statement that could not be read.

        That is after the first line end outside its brackets, or at a line that begins no further
        right and looks like a statement: an unclosed bracket must not swallow the rest of the file.
        """
        indent = self._column(mark.index)
        depth = 0
        for index in range(mark.index, len(self.tokens)):
            token = self.tokens[index]
            if index > mark.index and self.tokens[index - 1].type == "NEWLINE":
                if token.type == "RBRACE" and mark.brackets and self._column(index) < indent:
                    return index
                if self._column(index) <= indent and self._looks_like_statement(index):
                    return index
            if token.type in OPENING:
                depth += 1
            elif token.type in CLOSING and depth:
                depth -= 1
            elif token.type == "RBRACE" and index >= failed and self._ends_block(index, mark):
                return index
            elif token.type == "NEWLINE" and index >= failed and not depth and self._ends(index, indent):
                return index + 1
        return len(self.tokens)

    def _ends_block(self, index: int, mark: _Mark) -> bool:
        """Whether a brace behind a broken statement is that of the block, and not a stray one."""
        following = self.tokens[index + 1].type if index + 1 < len(self.tokens) else "NEWLINE"
        if not mark.brackets or following not in ("NEWLINE", "RBRACE"):
            return False
        begun = self._span(self.tokens[mark.index]).line
        return begun in (self._span(self.tokens[index]).line, self._span(mark.brackets[-1]).line)

    def _ends(self, index: int, indent: int) -> bool:
        """Whether a line end is that of a broken statement: the next line is not the rest of it."""
        index += 1
        if index >= len(self.tokens) or self.tokens[index].type in ("NEWLINE", "RBRACE"):
            return True
        return self._column(index) <= indent or self._looks_like_statement(index)

    def _looks_like_statement(self, index: int) -> bool:
        token = self.tokens[index]
        if token.type != "NAME":
            return token.type in KEYWORDS
        following = self.tokens[index + 1].type if index + 1 < len(self.tokens) else ""
        return following in ("EQUAL", "NAME", "LBRACE", "OF")

    def _header_brace(self, start: int) -> int | None:
        """The `{` of a block whose header begins at `start`, if it ends its line or begins the next."""
        for index in range(start, len(self.tokens)):
            kind = self.tokens[index].type
            if kind in KEYWORDS or kind in ("EQUAL", "STRANGE"):
                return None
            if kind == "NEWLINE" and not self._is_brace(index + 1):
                return None
            if kind == "LBRACE":
                return index if index > start else None
        return None

    def _is_brace(self, index: int) -> bool:
        return index < len(self.tokens) and self.tokens[index].type == "LBRACE"

    def _feed_header(self, state: InteractiveParser, start: int, brace: int) -> bool:
        """Reads a broken header as the names that it begins with, so that its body is still read."""
        names = [token for token in self.tokens[start:brace] if token.type == "NAME"][:2]
        for token in names:
            state.feed_token(token)
        if names:
            state.feed_token(self.tokens[brace])
        return bool(names)

    def _note_unread(self, start: int, end: int) -> None:
        self.unread.update(t.value for t in self.tokens[start:end] if t.type == "NAME")

    def _column(self, index: int) -> int:
        return self.source.position(self.tokens[index].start_pos or 0)[1]

    def _begins_line(self, index: int, mark: _Mark) -> bool:
        """Whether a token looks like the first of a statement on a line of its own, no further right."""
        fresh = mark.index < index < len(self.tokens) and self.tokens[index - 1].type == "NEWLINE"
        return fresh and self._column(index) <= self._column(mark.index) and self._looks_like_statement(index)

    def _blemished(self, mark: _Mark, token: Token) -> bool:
        """Whether the statement was found wrong as text already: what follows from that is not said."""
        start = self.tokens[mark.index].start_pos if mark.index < len(self.tokens) else token.start_pos
        following = bisect_left(self.blemishes, start or 0)
        return following < len(self.blemishes) and self.blemishes[following] <= (token.start_pos or 0)

    def _explain(self, state: InteractiveParser, token: Token, mark: _Mark, index: int) -> None:
        if self._blemished(mark, token):
            return
        opened = self.brackets[-1] if len(self.brackets) > len(mark.brackets) else None
        ends_block = token.type == "RBRACE" and self.brackets
        if token.type in CLOSING and opened is None and not ends_block:
            self._report("E102", f"`{token.value}` closes nothing", token, "", "remove it")
            return
        next_line = index if self._begins_line(index, mark) else index - 1
        begun = self._begins_line(next_line, mark)
        if opened is not None and (begun or token.type in CLOSING - {OPENING[opened.type]}):
            message = f"`{opened.value}` is not closed where {_named(token)} stands"
            line = self._span(token).line
            place = f"line {line}" if line > self._span(opened).line else _named(token)
            self._report("E102", message, opened, "opened here", f"close it before {place}")
            return
        last = self.tokens[max(next_line - 2, 0)]
        if begun and last.type in JOINING:
            message = f"nothing follows `{last.value}` before the next statement"
            self._report("E101", message, last, "", f"complete the line, or remove `{last.value}`")
            return
        accepted = _accepted(state)
        message = f"{_named(token)} cannot stand here; {_in_english(accepted)} is expected"
        self._report("E101", message, token, "", self._advice_for(index, token, accepted, mark))

    def _advice_for(self, index: int, token: Token, accepted: set[str], mark: _Mark) -> str:
        start = self.tokens[mark.index] if mark.index < len(self.tokens) else token
        around = [other.type for other in self.tokens[max(index - 1, 0) : index + 2]]
        if around[:2] == ["NUMBER", "COMMA"] and around[2:] in (["NUMBER"], ["QUANTITY"]):
            return "decimals have a point: `1.5`, not `1,5`"
        if "EQUAL" in accepted and token.type in ("COLON", "SAME"):
            if index > mark.index + 1:
                return f"a block is written `{start.value} {self.tokens[index - 1].value} {{ ... }}`"
            return f"a setting is written `{start.value} = value`"
        if str(start.value) in ("minimise", "maximise"):
            return f"did you mean `{start.value[:-3]}ize`?"
        if "LBRACE" in accepted and token.type == "NEWLINE" and self._is_brace(index + 1):
            return "put the `{` on the line of the name that it belongs to"
        return ""

    def _report(
        self, code: str, message: str, token: Token, label: str = "", help: str = ""
    ) -> None:
        if len(self.diagnostics) <= MAXIMUM_FINDINGS:
            self.diagnostics.append(Diagnostic(code, message, self._span(token), label, help))

    def _span(self, token: Token) -> Span:
        start = token.start_pos or 0
        if token.type == "$END":
            start = len(self.source.text.rstrip())
        length = 0 if token.type in ("NEWLINE", "$END") else len(token.value)
        return Span(self.source, start, start + length)


def _snapshot(state: InteractiveParser) -> InteractiveParser:
    copied: InteractiveParser = state.copy(deepcopy_values=False)  # type: ignore[no-untyped-call]  # lark's
    return copied


def _accepted(state: InteractiveParser) -> set[str]:
    return set(state.accepts())  # type: ignore[no-untyped-call]  # lark's


def _named(token: Token) -> str:
    if token.type in ("NEWLINE", "$END"):
        return ENGLISH[token.type]
    value = token.value if len(token.value) <= 40 else token.value[:37] + "..."
    return f"`{value}`"


def _in_english(accepted: Iterable[str]) -> str:
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


def _spelled(character: str) -> str:
    return f"`{character}`" if character.isprintable() else f"U+{ord(character):04X}"


def _advice(character: str) -> str:
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
