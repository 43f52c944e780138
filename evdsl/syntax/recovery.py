"""Where to go on after a statement that could not be read."""

from __future__ import annotations

from dataclasses import dataclass

from lark import Token
from lark.parsers.lalr_interactive_parser import InteractiveParser

from evdsl.diagnostics.source import Source, Span
from evdsl.syntax.lexer import CLOSING, KEYWORDS, OPENING

LONGEST_HEADER = 50
"""Tokens of a broken header in which its brace is looked for: a search to the end of the text at each of
hundreds of mistakes took ten seconds."""


@dataclass(slots=True)
class Mark:
    """Where a statement began, to come back to when it cannot be read."""

    state: InteractiveParser
    brackets: tuple[Token, ...]
    index: int


class Lines:
    """The tokens of a text with the places where statements seem to begin and end."""

    def __init__(self, source: Source, tokens: list[Token]) -> None:
        self.source = source
        self.tokens = tokens

    def next_statement(self, failed: int, mark: Mark) -> int:
        """The first token after a statement that could not be read.

        That is after the first line end outside its brackets, or at a line that begins no further
        right and looks like a statement: an unclosed bracket must not swallow the rest of the file.
        """
        indent = self.column(mark.index)
        depth = 0
        for index in range(mark.index, len(self.tokens)):
            token = self.tokens[index]
            if index > mark.index and self.tokens[index - 1].type == "NEWLINE":
                if token.type == "RBRACE" and mark.brackets and self.column(index) < indent:
                    return index
                if self.column(index) <= indent and self.looks_like_statement(index):
                    return index
            if token.type in OPENING:
                depth += 1
            elif token.type in CLOSING and depth:
                depth -= 1
            elif token.type == "RBRACE" and index >= failed and self.ends_block(index, mark):
                return index
            elif token.type == "NEWLINE" and index >= failed and not depth and self.ends(index, indent):
                return index + 1
        return len(self.tokens)

    def ends_block(self, index: int, mark: Mark) -> bool:
        """Whether a brace behind a broken statement is that of the block, and not a stray one."""
        following = self.tokens[index + 1].type if index + 1 < len(self.tokens) else "NEWLINE"
        if not mark.brackets or following not in ("NEWLINE", "RBRACE"):
            return False
        begun = self.span(self.tokens[mark.index]).line
        return begun in (self.span(self.tokens[index]).line, self.span(mark.brackets[-1]).line)

    def ends(self, index: int, indent: int) -> bool:
        """Whether a line end is that of a broken statement: the next line is not the rest of it."""
        index += 1
        if index >= len(self.tokens) or self.tokens[index].type in ("NEWLINE", "RBRACE"):
            return True
        return self.column(index) <= indent or self.looks_like_statement(index)

    def looks_like_statement(self, index: int) -> bool:
        """Whether a statement seems to begin with a token."""
        token = self.tokens[index]
        if token.type != "NAME":
            return token.type in KEYWORDS
        following = self.tokens[index + 1].type if index + 1 < len(self.tokens) else ""
        return following in ("EQUAL", "NAME", "LBRACE", "OF")

    def header_brace(self, start: int) -> int | None:
        """The `{` of a block whose header begins at `start`, if it ends its line or begins the next."""
        for index in range(start, min(start + LONGEST_HEADER, len(self.tokens))):
            kind = self.tokens[index].type
            if kind in KEYWORDS or kind in ("EQUAL", "STRANGE"):
                return None
            if kind == "NEWLINE" and not self.is_brace(index + 1):
                return None
            if kind == "LBRACE":
                return index if index > start else None
        return None

    def is_brace(self, index: int) -> bool:
        """Whether a token is the `{` of a block."""
        return index < len(self.tokens) and self.tokens[index].type == "LBRACE"

    def column(self, index: int) -> int:
        """The column of a token, from 1."""
        return self.source.position(self.tokens[index].start_pos or 0)[1]

    def begins_line(self, index: int, mark: Mark) -> bool:
        """Whether a token looks like the first of a statement on a line of its own, no further right."""
        fresh = mark.index < index < len(self.tokens) and self.tokens[index - 1].type == "NEWLINE"
        return fresh and self.column(index) <= self.column(mark.index) and self.looks_like_statement(index)

    def span(self, token: Token) -> Span:
        """The characters of a token; line and file ends have none."""
        start = token.start_pos or 0
        if token.type == "$END":
            start = len(self.source.text.rstrip())
        length = 0 if token.type in ("NEWLINE", "$END") else len(token.value)
        return Span(self.source, start, start + length)
