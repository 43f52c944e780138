"""Syntax nodes back to canonical text.

`parse(format(file)) == file` and `format(parse(format(file))) == format(file)`: only the layout
changes. What a person chose to say is kept: digits as they were spelled, comments, and a blank
line where there were some.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import groupby

from evdsl.syntax import ast

WIDTH = 100
"""Columns that a line may have; longer ones are broken after a comma, a `+` or a `-`."""
INDENT = " " * 4
STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2}
UNARY = 3
POSTFIX = 4


class _Mark(Enum):
    """Places in the text of a statement where its lines may be broken."""

    OPEN = auto()  # lines that go on from inside begin in this column
    CLOSE = auto()
    BREAK = auto()  # a space, or the end of a line


_Piece = str | _Mark


@dataclass(frozen=True, slots=True)
class _Row:
    """A statement, a comment or a brace before it is broken into lines and aligned.

    `name` is that of a setting, whose `=` is aligned with its neighbours'; `comment` follows it on
    its last line; `gap` asks for a blank line before it.
    """

    depth: int
    pieces: Sequence[_Piece]
    name: str = ""
    comment: str = ""
    gap: bool = False


def format(file: ast.File) -> str:
    """The canonical text of a file; statements that could not be read are not in it.

    A comment inside a statement of several lines goes before that statement. A file without
    statements and comments is the empty text.
    """
    layout = _Layout(file.comments)
    end = len(file.source.line_starts) + 1
    layout.body(file.statements, 0, end)
    return "".join(f"{line}\n" for run in _runs(layout.rows) for line in _aligned(run))


class _Layout:
    """Puts statements and comments in order, and keeps the blank lines of the source, one at most."""

    def __init__(self, comments: Iterable[ast.Comment]) -> None:
        self.comments = deque(comments)
        self.rows: list[_Row] = []
        self.last = 0
        """The source line that the last row ended on; 0 where no blank line may follow."""

    def body(self, statements: Iterable[ast.Statement], depth: int, end: int) -> None:
        """The statements of a block whose brace closes on line `end`, and every comment before that."""
        for statement in statements:
            first, last = _lines(statement)
            self._comments_before(first, depth)
            if isinstance(statement, ast.Block):
                self._block(statement, depth, end)
                continue
            while self.comments and self.comments[0].line < last:
                self._add(_Row(depth, [self.comments.popleft().text]), first, first)
            name = statement.name.text if isinstance(statement, ast.Setting) else ""
            row = _Row(depth, _statement(statement), name, self._trailing(last, end))
            self._add(row, first, last)
        self._comments_before(end, depth)

    def _block(self, block: ast.Block, depth: int, end: int) -> None:
        first, last = _lines(block)
        inner = _lines(block.body[0])[0] if block.body else last
        self._add(_Row(depth, [f"{_header(block)} {{"], comment=self._trailing(first, inner)), first, 0)
        self.body(block.body, depth + 1, last)
        self.last = 0
        self._add(_Row(depth, ["}"], comment=self._trailing(last, end)), last, last)

    def _comments_before(self, line: int, depth: int) -> None:
        while self.comments and self.comments[0].line < line:
            comment = self.comments.popleft()
            self._add(_Row(depth, [comment.text]), comment.line, comment.line)

    def _trailing(self, line: int, following: int) -> str:
        """The comment that ends a line, unless it stands behind what follows on the same line."""
        if line != following and self.comments and self.comments[0].line == line:
            return self.comments.popleft().text
        return ""

    def _add(self, row: _Row, first: int, last: int) -> None:
        gap = self.last > 0 and first - self.last > 1
        self.rows.append(_Row(row.depth, row.pieces, row.name, row.comment, gap))
        self.last = last


def _lines(node: ast.Statement) -> tuple[int, int]:
    """The first and the last source line of a statement."""
    return node.span.line, node.span.source.position(node.span.end)[0]


def _runs(rows: Iterable[_Row]) -> list[list[_Row]]:
    """Consecutive settings together, every other row alone."""
    runs: list[list[_Row]] = []
    for row in rows:
        if runs and row.name and runs[-1][-1].name and not row.gap:
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


def _aligned(run: list[_Row]) -> list[str]:
    """The lines of a run: one column for `=`, and one for comments on consecutive lines."""
    width = max(len(row.name) for row in run)
    lines: list[tuple[str, str]] = [("", "")] if run[0].gap else []
    for row in run:
        start = INDENT * row.depth + (f"{row.name:<{width}} = " if row.name else "")
        *before, last = _broken(start, row.pieces)
        lines += [(line, "") for line in before]
        lines.append((last, row.comment))
    found: list[str] = []
    for commented, group in groupby(lines, key=lambda line: bool(line[1])):
        neighbours = list(group)
        column = max(len(text) for text, _ in neighbours)
        found += [f"{text:<{column}}  {note}" if commented else text for text, note in neighbours]
    return found


def _broken(start: str, pieces: Sequence[_Piece]) -> list[str]:
    """The lines of a statement: as much on each as `WIDTH` takes, the outer breaks first."""
    lines = [start]
    margins: list[int] = []
    for piece, room in zip(pieces, _rooms(pieces), strict=True):
        if isinstance(piece, str):
            lines[-1] += piece
        elif piece is _Mark.OPEN:
            margins.append(len(lines[-1]))
        elif piece is _Mark.CLOSE:
            margins.pop()
        elif len(lines[-1]) + 1 + room > WIDTH:
            lines.append(" " * margins[-1])
        else:
            lines[-1] += " "
    return lines


def _rooms(pieces: Sequence[_Piece]) -> list[int]:
    """For each break, the columns from it to the next one that is not further inside."""
    rooms = [0] * len(pieces)
    waiting: list[int] = [0]  # columns to the next break, for each depth that is open
    for place in reversed(range(len(pieces))):
        piece = pieces[place]
        if isinstance(piece, str):
            waiting = [columns + len(piece) for columns in waiting]
        elif piece is _Mark.CLOSE:
            waiting.append(waiting[-1])
        elif piece is _Mark.OPEN:
            waiting.pop()
        else:
            rooms[place], waiting[-1] = waiting[-1], 0
            waiting[:-1] = [columns + 1 for columns in waiting[:-1]]
    return rooms


def _header(node: ast.Block | ast.Declaration) -> str:
    words = [node.kind.text]
    words += [node.name.text] if node.name else []
    words += ["of", node.of.text] if node.of else []
    return " ".join(words)


def _statement(node: ast.Statement) -> list[_Piece]:
    """A statement in pieces; of a setting the value alone, since its name is aligned."""
    match node:
        case ast.Setting(value=value):
            return _expression(value)
        case ast.Declaration(value=value):
            return [f"{_header(node)} = ", *_expression(value)]
        case ast.Param(name=name, value=value):
            return [f"param {name.text} = ", *_expression(value)]
        case ast.Let(name=name, value=value):
            return [f"let {name.text} = ", *_expression(value)]
        case ast.Toggle(on=on, names=names):
            return _items("enable " if on else "disable ", [[name.text] for name in names], "")
        case ast.Objective(then=then, sense=sense, value=value, allowing=allowing):
            start = f"then {sense} " if then else f"{sense} "
            return [start, *_expression(value), *_clause(" allowing ", allowing)]
        case ast.Requirement(name=name, left=left, relation=relation, right=right, binders=binders):
            start = f"require {name.text}: "
            over = _items(" for ", [_binder(binder) for binder in binders], "") if binders else []
            return [start, *_expression(left), f" {relation} ", *_expression(right), *over]
        case ast.Include(path=path):
            return [f"include {_literal(path)}"]
        case ast.Pareto(first=first, second=second, points=points):
            pair = _items("pareto ", [_expression(first), _expression(second)], "")
            return [*pair, *_clause(" points ", points)]
    raise TypeError(f"{type(node).__name__} is not a statement")


def _clause(word: str, value: ast.Expression | None) -> list[_Piece]:
    return [] if value is None else [word, *_expression(value)]


def _key(node: ast.Expression) -> list[_Piece]:
    """The key of a table: on one line, as `[sat, sun]`, unless it is a long list of dates."""
    pieces = _expression(node)
    text = "".join(piece if isinstance(piece, str) else " " * (piece is _Mark.BREAK) for piece in pieces)
    return [text] if len(text) <= WIDTH // 2 else pieces


def _expression(node: ast.Expression, strength: int = 0) -> list[_Piece]:
    """A node in pieces, in brackets where it binds less than `strength`."""
    if _strength(node) < strength:
        return _items("(", [_expression(node)], ")")
    match node:
        case ast.Unary(operator=operator, operand=operand):
            return [operator, *_expression(operand, UNARY)]
        case ast.Binary():
            return _binary(node)
        case ast.Range(low=low, high=high):
            return [*_expression(low), " .. ", *_expression(high)]
        case ast.ListOf(items=items):
            return _items("[", [_expression(item) for item in items], "]")
        case ast.Table(entries=entries):
            rows = [[*_key(key), ": ", *_expression(value)] for key, value in entries]
            return _items("{ ", rows, " }")
        case ast.Call(function=function, arguments=arguments):
            return _items(f"{function.text}(", [_argument(each) for each in arguments], ")")
        case ast.Aggregate(function=function, binder=binder, body=body):
            return [f"{function.text}(", *_binder(binder), ": ", *_expression(body), ")"]
        case ast.Attribute(owner=owner, name=name):
            return [*_expression(owner, POSTFIX), f".{name.text}"]
        case ast.Index(owner=owner, indices=indices):
            inner = _items("[", [_argument(index) for index in indices], "]")
            return [*_expression(owner, POSTFIX), *inner]
        case _:
            return [_literal(node)]


def _strength(node: ast.Expression) -> int:
    if isinstance(node, ast.Binary):
        return STRENGTH[node.operator]
    return UNARY if isinstance(node, ast.Unary) else POSTFIX


def _binary(node: ast.Binary) -> list[_Piece]:
    """The right side binds more than the operator: `a - (b - c)` keeps its brackets."""
    strength = STRENGTH[node.operator]
    left, right = _expression(node.left, strength), _expression(node.right, strength + 1)
    space = _Mark.BREAK if node.operator in "+-" else " "
    return [_Mark.OPEN, *left, f" {node.operator}", space, *right, _Mark.CLOSE]


def _items(opening: str, items: Iterable[Sequence[_Piece]], closing: str) -> list[_Piece]:
    """Items between commas; those that do not fit go on below the first."""
    pieces: list[_Piece] = [opening, _Mark.OPEN]
    for place, item in enumerate(items):
        pieces += [",", _Mark.BREAK, *item] if place else item
    return [*pieces, _Mark.CLOSE, closing]


def _argument(argument: ast.Argument) -> list[_Piece]:
    value = _expression(argument.value)
    return [f"{argument.name}=", *value] if argument.name else value


def _binder(binder: ast.Binder) -> list[_Piece]:
    return [f"{binder.variable.text} in ", *_expression(binder.over)]


def _literal(node: ast.Number | ast.Text | ast.Clock | ast.Date | ast.Name) -> str:
    match node:
        case ast.Number(digits=digits, unit=unit):
            return f"{digits} {unit}" if unit else digits
        case ast.Text(value=value):
            return f'"{value}"'
        case ast.Name(text=text):
            return text
        case ast.Clock(seconds=seconds):
            minutes, second = divmod(seconds, 60)
            return f"{minutes // 60:02}:{minutes % 60:02}" + (f":{second:02}" if second else "")
        case ast.Date(when=when, has_time=False):
            return when.date().isoformat()
        case ast.Date(when=when):
            return when.isoformat(" ", "seconds" if when.second else "minutes")
