"""Runs the cells of `docs/report.ipynb` and stores what they show, so that a reader sees it without Jupyter.

python tests/notebook.py          rewrite the outputs

The notebook runs in Jupyter too; what is stored here is the same but for what a display of Jupyter adds.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "docs" / "report.ipynb"


def shown(sources: list[str]) -> list[tuple[str, str]]:
    """Of each cell what it prints, and the HTML of its last line where that is a value that has one."""
    names: dict[str, Any] = {}
    found = []
    for source in sources:
        tree = ast.parse(source)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        printed = io.StringIO()
        value = None
        with contextlib.redirect_stdout(printed):
            exec(compile(tree, "cell", "exec"), names)
            if isinstance(last, ast.Expr):
                value = eval(compile(ast.Expression(last.value), "cell", "eval"), names)
        drawn = value._repr_html_() if hasattr(value, "_repr_html_") else None
        found.append((printed.getvalue(), drawn or ""))
    return found


def code_of(notebook: dict[str, Any]) -> list[dict[str, Any]]:
    """The cells of code."""
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def run() -> list[tuple[str, str]]:
    """What the cells show, run at the root."""
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    os.chdir(ROOT)
    return shown(["".join(cell["source"]) for cell in code_of(notebook)])


def main() -> None:
    """Stores the outputs."""
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    for number, (cell, (printed, drawn)) in enumerate(zip(code_of(notebook), run(), strict=True), 1):
        cell["execution_count"] = number
        cell["outputs"] = []
        if printed:
            lines = printed.splitlines(keepends=True)
            cell["outputs"].append({"name": "stdout", "output_type": "stream", "text": lines})
        if drawn:
            data = {"text/html": drawn.splitlines(keepends=True)}
            output = {
                "data": data,
                "execution_count": number,
                "metadata": {},
                "output_type": "execute_result",
            }
            cell["outputs"].append(output)
    NOTEBOOK.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
