"""Text to syntax nodes.

`parse` never raises for a text. A mistake inside one statement is reported and the reading goes on
at the next: Lark's own recovery makes nine errors out of two, so the state of the parser is kept at
the start of each statement and put back there.
"""

from __future__ import annotations

from bisect import bisect_left
from difflib import get_close_matches

from lark import Token, UnexpectedToken
from lark.parsers.lalr_interactive_parser import InteractiveParser

from evdsl.diagnostics.diagnostic import Diagnostic, in_order
from evdsl.diagnostics.source import Source, Span
from evdsl.syntax import ast
from evdsl.syntax.lexer import CLOSING, JOINING, KEYWORDS, OPENING, STARTING, TABLE_AFTER, parser
from evdsl.syntax.messages import advice, character_name, in_english, token_name
from evdsl.syntax.recovery import Lines, Mark
from evdsl.syntax.transformer import CURRENT, ParseState

MAXIMUM_NESTING = 100
"""Brackets inside brackets; a spec written by a person has five."""
MAXIMUM_TOKENS = 20_000
"""Of one statement: a list of ten thousand numbers."""
MAXIMUM_FINDINGS = 500
"""After these a text is not a spec, and is read no further."""
STATEMENTS = sorted(keyword.lower() for keyword in KEYWORDS)
"""The words that a statement may begin with, beside the kinds of blocks, which only later passes know."""
BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"


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


class _Reader:
    def __init__(self, source: Source) -> None:
        self.reading = ParseState(source)
        self.source = source
        self.diagnostics = self.reading.diagnostics
        self.comments: list[ast.Comment] = []
        self.unread: set[str] = set()
        self.blemishes: list[int] = []
        self.tokens: list[Token] = []
        self.lines = Lines(source, self.tokens)
        self._read_tokens()
        self.brackets: list[Token] = []
        self.stopped = False

    def read(self) -> ast.File:
        state = parser().parse_interactive()
        mark = Mark(_snapshot(state), (), 0)
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
                    mark = Mark(_snapshot(state), tuple(self.brackets), index)
                state, index = self._resume(index, mark)
                previous = self.tokens[index - 1] if index else None
                mark = Mark(_snapshot(state), tuple(self.brackets), index)
                continue
            index += 1
            previous = token
            if token.type in STARTING:
                mark = Mark(_snapshot(state), tuple(self.brackets), index)
        statements = self._without_deep_ones(self._finished(state, mark))
        return ast.File(statements, tuple(self.comments), self.source, frozenset(self.unread))

    def _fed(self, state: InteractiveParser, token: Token, mark: Mark, index: int) -> bool:
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

    def _finished(self, state: InteractiveParser, mark: Mark) -> tuple[ast.Statement, ...]:
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

    def _without_deep_ones(self, statements: tuple[ast.Statement, ...]) -> tuple[ast.Statement, ...]:
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

    def _read_tokens(self) -> None:
        fresh_line = True
        for token in parser().lex(self.source.text):
            if token.type == "COMMENT":
                line = self.source.position(token.start_pos or 0)[0]
                self.comments.append(ast.Comment(token.value.rstrip(), line, fresh_line))
                continue
            if token.value == BYTE_ORDER_MARK and token.start_pos == 0:
                continue
            if token.type == "STRANGE":
                # Kept, and taken by no statement: half of a statement is worse than none.
                self.blemishes.append(token.start_pos or 0)
                message = f"the character {character_name(token.value)} has no meaning here"
                self._report("E002", message, token, "", advice(token.value))
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
            self.tokens.append(token)

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

    def _resume(self, failed: int, mark: Mark) -> tuple[InteractiveParser, int]:
        """The state and the token to go on with after a statement that could not be read."""
        self.brackets = list(mark.brackets)
        state = _snapshot(mark.state)
        brace = self.lines.header_brace(mark.index)
        if brace is not None and failed <= brace and self._feed_header(state, mark.index, brace):
            self.brackets.append(self.tokens[brace])
            return state, brace + 1
        index = self.lines.next_statement(failed, mark)
        self._note_unread(mark.index, index)
        return state, index

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

    def _blemished(self, mark: Mark, token: Token) -> bool:
        """Whether the statement was found wrong as text already: what follows from that is not said."""
        start = self.tokens[mark.index].start_pos if mark.index < len(self.tokens) else token.start_pos
        following = bisect_left(self.blemishes, start or 0)
        return following < len(self.blemishes) and self.blemishes[following] <= (token.start_pos or 0)

    def _explain(self, state: InteractiveParser, token: Token, mark: Mark, index: int) -> None:
        if self._blemished(mark, token):
            return
        opened = self.brackets[-1] if len(self.brackets) > len(mark.brackets) else None
        ends_block = token.type == "RBRACE" and self.brackets
        if token.type in CLOSING and opened is None and not ends_block:
            self._report("E102", f"`{token.value}` closes nothing", token, "", "remove it")
            return
        next_line = index if self.lines.begins_line(index, mark) else index - 1
        begun = self.lines.begins_line(next_line, mark)
        if opened is not None and (begun or token.type in CLOSING - {OPENING[opened.type]}):
            message = f"`{opened.value}` is not closed where {token_name(token)} stands"
            line = self.lines.span(token).line
            place = f"line {line}" if line > self.lines.span(opened).line else token_name(token)
            self._report("E102", message, opened, "opened here", f"close it before {place}")
            return
        last = self.tokens[max(next_line - 2, 0)]
        if begun and last.type in JOINING:
            message = f"nothing follows `{last.value}` before the next statement"
            self._report("E101", message, last, "", f"complete the line, or remove `{last.value}`")
            return
        accepted = _accepted(state)
        message = f"{token_name(token)} cannot stand here; {in_english(accepted)} is expected"
        self._report("E101", message, token, "", self._advice_for(index, token, accepted, mark))

    def _advice_for(self, index: int, token: Token, accepted: set[str], mark: Mark) -> str:
        start = self.tokens[mark.index] if mark.index < len(self.tokens) else token
        around = [other.type for other in self.tokens[max(index - 1, 0) : index + 2]]
        if around[:2] == ["NUMBER", "COMMA"] and around[2:] in (["NUMBER"], ["QUANTITY"]):
            return "decimals have a point: `1.5`, not `1,5`"
        if around[0] == "NAME" and index and str(token.value).startswith(".") and token.type == "NUMBER":
            return f"a vehicle of a fleet is written `{self.tokens[index - 1].value}[{str(token.value)[1:]}]`"
        if "EQUAL" in accepted and token.type in ("COLON", "SAME"):
            if index > mark.index + 1:
                return f"a block is written `{start.value} {self.tokens[index - 1].value} {{ ... }}`"
            return f"a setting is written `{start.value} = value`"
        near = get_close_matches(str(start.value)[:20], STATEMENTS, n=1, cutoff=0.8)
        if near and start.type == "NAME":
            return f"did you mean `{near[0]}`?"
        if "LBRACE" in accepted and token.type == "NEWLINE" and self.lines.is_brace(index + 1):
            return "put the `{` on the line of the name that it belongs to"
        return ""

    def _report(self, code: str, message: str, token: Token, label: str = "", help: str = "") -> None:
        if len(self.diagnostics) <= MAXIMUM_FINDINGS:
            self.diagnostics.append(Diagnostic(code, message, self.lines.span(token), label, help))


def _snapshot(state: InteractiveParser) -> InteractiveParser:
    copied: InteractiveParser = state.copy(deepcopy_values=False)  # type: ignore[no-untyped-call]  # lark's
    return copied


def _accepted(state: InteractiveParser) -> set[str]:
    return set(state.accepts())  # type: ignore[no-untyped-call]  # lark's
