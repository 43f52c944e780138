"""The small changes that a text of Python can be given, each of which a test should notice.

Changed are: comparisons (`<` to `<=` and to `>=`, `==` to `!=`, `in` to `not in`), arithmetic (`+` to `-`,
`*` to `/`), signs, numbers (by one more), `True` to `False`, `and` to `or`, `not` and filters of
comprehensions (left out), the two arms of a choice, the first two arguments of a call where they may be
taken for each other, the least for the most (`min`, `floor`, `any`), the sense of a row (`"<="` to `">="`),
what is returned (nothing, or the contrary of a truth), the bounds of slices and ranges (off by one), and
statements (left out: calls, `continue`, `break`, sums, items and rebinding).

Left alone are docstrings, annotations, decorators, imports, assertions, what is raised, and texts with what
chooses them: f-strings, strings but for senses, and choices between two texts.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

COMPARED = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
    "in": ("not in",),
    "not in": ("in",),
    "is": ("is not",),
    "is not": ("is",),
}
COUNTED = dict(zip("+ - * / // % ** & | ^".split(), "- + / * * * * | & &".split(), strict=True))
PAIRS = "min max any all floor ceil minimum maximum argmin argmax".split()
CONTRARY = {word: PAIRS[place ^ 1] for place, word in enumerate(PAIRS)}
WORDS: dict[type[ast.AST], str] = {
    type(node): word
    for word in COMPARED
    for node in ast.parse(f"a {word} b", mode="eval").body.ops  # type: ignore[attr-defined]  # such nodes have it
} | {type(ast.parse(f"a {word} b", mode="eval").body.op): word for word in COUNTED}  # type: ignore[attr-defined]  # such nodes have it
"""How the operators are written."""
SENSES = {"<=": ">=", ">=": "<=", "==": "<="}
UNTOUCHED = {"strict", "dtype", "kind", "help"}
"""Keywords of calls whose values say nothing about the world."""
SYMMETRIC = {"min", "max", "minimum", "maximum", "isclose", "Diagnostic", "isinstance", "zip"}
PASSED = set("self spec data builder program device category reading scope source values".split())
"""First arguments that nothing else is taken for: a swap of these is a mistake of types."""


@dataclass(frozen=True, slots=True)
class Change:
    """The characters `start` to `end` become `new`; `lines` are those of the statement, first and last."""

    start: int
    end: int
    new: str
    line: int
    lines: tuple[int, int]
    kind: str
    inside: bool
    """Of a function: else it happens when the module is imported."""

    def applied(self, text: str) -> str:
        """The text with the change."""
        return text[: self.start] + self.new + text[self.end :]


class Changes(ast.NodeVisitor):
    """Collects the changes of a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[Change] = []
        self.depth = 0
        self.lines = (1, 1)
        self.bound: set[str] = set()
        self.starts = [0]
        self.coded = [line.encode() for line in text.splitlines(keepends=True)]
        for line in text.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        self.tokens = [
            (self.starts[t.start[0] - 1] + t.start[1], self.starts[t.end[0] - 1] + t.end[1], t.string)
            for t in tokens
            if t.type in (tokenize.OP, tokenize.NAME)
        ]

    def place(self, line: int, column: int) -> int:
        """A position of the parser, which counts bytes, in characters of the text."""
        return self.starts[line - 1] + len(self.coded[line - 1][:column].decode())

    def begin(self, node: ast.AST) -> int:
        return self.place(node.lineno, node.col_offset)  # type: ignore[attr-defined]  # such nodes have it

    def end(self, node: ast.AST) -> int:
        return self.place(node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]  # such nodes have it

    def source(self, node: ast.AST) -> str:
        return self.text[self.begin(node) : self.end(node)]

    def add(self, start: int, end: int, new: str, kind: str) -> None:
        line = self.text.count("\n", 0, start) + 1
        self.found.append(Change(start, end, new, line, self.lines, kind, self.depth > 0))

    def put(self, node: ast.AST, new: str, kind: str) -> None:
        self.add(self.begin(node), self.end(node), new, kind)

    def between(self, left: ast.AST, right: ast.AST, operator: str) -> tuple[int, int]:
        """Where the operator between two operands is written."""
        first, last = self.end(left), self.begin(right)
        words = operator.split()
        there = [token for token in self.tokens if first <= token[0] and token[1] <= last]
        for at, token in enumerate(there):
            if [each[2] for each in there[at : at + len(words)]] == words:
                return token[0], there[at + len(words) - 1][1]
        raise AssertionError(f"no {operator} in {self.text[first:last]!r}")

    # Statements

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import | ast.ImportFrom | ast.Assert | ast.Raise | ast.JoinedStr):
            return
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            last = body[0].lineno - 1 if body else node.end_lineno
            self.lines = (node.lineno, max(node.lineno, last or 0))
        super().visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for default in (*node.args.defaults, *(one for one in node.args.kw_defaults if one is not None)):
            self.visit(default)
        outer, self.bound = self.bound, {one.arg for one in (*node.args.args, *node.args.kwonlyargs)}
        self.depth += 1
        for each in node.body:
            self.visit(each)
        self.depth -= 1
        self.bound = outer

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self.depth += 1
        self.visit(node.body)
        self.depth -= 1

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for each in node.body:
            self.visit(each)

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):
            if self.depth and not isinstance(node.value, ast.Yield):
                self.put(node, "pass", "statement left out")
            self.generic_visit(node)

    def visit_Continue(self, node: ast.Continue) -> None:
        self.put(node, "pass", "statement left out")

    def visit_Break(self, node: ast.Break) -> None:
        self.put(node, "pass", "statement left out")

    def visit_Assign(self, node: ast.Assign) -> None:
        names = {one.id for target in node.targets for one in ast.walk(target) if isinstance(one, ast.Name)}
        item = any(isinstance(target, ast.Subscript | ast.Attribute) for target in node.targets)
        if self.depth and not is_text(node.value) and (item or (names and names <= self.bound)):
            self.put(node, "pass", "statement left out")
        self.bound |= names
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.bound.add(node.target.id)
        if node.value is not None:
            self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.put(node, "pass", "statement left out")
        for start, end, word in self.tokens:
            if self.end(node.target) <= start < self.begin(node.value) and word[:-1] in COUNTED:
                self.add(start, end, COUNTED[word[:-1]] + "=", "arithmetic")
        self.visit(node.value)

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is None:
            return
        if isinstance(node.value, ast.Compare | ast.BoolOp | ast.UnaryOp):
            self.put(node.value, f"not ({self.source(node.value)})", "returned")
        elif not isinstance(node.value, ast.Constant | ast.JoinedStr):
            empty = isinstance(node.value, ast.List | ast.ListComp)
            self.put(node.value, "[]" if empty else "None", "returned")
        self.visit(node.value)

    # Expressions

    def visit_Compare(self, node: ast.Compare) -> None:
        operands = [node.left, *node.comparators]
        for left, operator, right in zip(operands, node.ops, node.comparators, strict=False):
            word = WORDS[type(operator)]
            for new in COMPARED[word]:
                self.add(*self.between(left, right, word), new, "comparison")
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        texts = any(isinstance(one, ast.JoinedStr) or is_text(one) for one in (node.left, node.right))
        word = WORDS.get(type(node.op))
        if word in COUNTED and not texts:
            self.add(*self.between(node.left, node.right, word), COUNTED[word], "arithmetic")
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        word, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self.add(*self.between(left, right, word), new, "and and or")
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        kind = "not left out" if isinstance(node.op, ast.Not | ast.Invert) else "sign"
        self.put(node, f"({self.source(node.operand)})", kind)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if isinstance(value, bool):
            self.put(node, str(not value), "truth")
        elif isinstance(value, int | float):
            self.put(node, repr(value + 1), "number")
        elif isinstance(value, str) and value in SENSES and self.depth:
            self.put(node, f'"{SENSES[value]}"', "sense")

    def visit_IfExp(self, node: ast.IfExp) -> None:
        if not (is_text(node.body) and is_text(node.orelse)):
            arms = self.source(node.orelse), self.source(node.test), self.source(node.body)
            self.put(node, "{} if {} else {}".format(*arms), "arms")
            self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        for condition in node.ifs:
            self.put(condition, "True", "filter left out")
        self.generic_visit(node)

    def visit_Slice(self, node: ast.Slice) -> None:
        for bound in (node.lower, node.upper):
            if bound is not None and not isinstance(bound, ast.Constant):
                self.put(bound, f"({self.source(bound)}) + 1", "slice")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in CONTRARY:
            self.add(self.end(node.func) - len(name), self.end(node.func), CONTRARY[name], "contrary")
        if name == "range" and not isinstance(node.args[-1], ast.Constant):
            self.put(node.args[-1], f"({self.source(node.args[-1])}) - 1", "range")
        plain = [one for one in node.args if not isinstance(one, ast.Starred)]
        if len(plain) > 1 and len(plain) == len(node.args) and name not in SYMMETRIC and alike(*plain[:2]):
            first, second = plain[:2]
            middle = self.text[self.end(first) : self.begin(second)]
            swapped = self.source(second) + middle + self.source(first)
            self.add(self.begin(first), self.end(second), swapped, "arguments")
        self.visit(node.func)
        for each in node.args:
            self.visit(each)
        for keyword in node.keywords:
            if keyword.arg not in UNTOUCHED:
                self.visit(keyword.value)


def alike(first: ast.expr, second: ast.expr) -> bool:
    """Whether two arguments may be taken for each other: neither a text nor one of the values of a pass."""
    apart = any(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in (first, second))
    return not apart and not (isinstance(first, ast.Name) and first.id in PASSED)


def is_text(node: ast.AST) -> bool:
    """Whether the node is a piece of a message."""
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def changes(text: str) -> Iterator[Change]:
    """The changes of a text, in its order."""
    collected = Changes(text)
    collected.visit(ast.parse(text))
    for change in sorted(collected.found, key=lambda one: (one.start, one.end, one.new)):
        if change.new != text[change.start : change.end]:
            yield change
