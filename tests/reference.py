"""Writes `docs/reference`: all pages of the language, a file for each sort of thing, and their contents.

python tests/reference.py            write the files, and remove those that no page is in any more
python tests/reference.py --check    exit 1 if they are out of date
"""

from __future__ import annotations

import dataclasses
import enum
import inspect
import re
import sys
from pathlib import Path

import evdsl
from evdsl.language.reference.index import contents, section, shelves
from evdsl.language.reference.page import Page, Paragraph, as_markdown
from evdsl.language.reference.pages import quantities_page
from evdsl.optimization.comparison import Comparison
from evdsl.optimization.explanation.explain import Explanation
from evdsl.optimization.tradeoff import Price
from evdsl.semantics.diff.blocks import Difference
from evdsl.verifier import Verdict

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
ABOUT = (
    "Every block with its settings, every toggle, word, function and diagnostic of the language. "
    "`evdsl explain NAME` prints the same in a terminal; what the parts mean together is in "
    "[the language](../language.md)."
)
WRITTEN = "These pages are written from the declarations by `python tests/reference.py`."
QUANTITIES = (
    "What a `require` and a `let` may speak of, beside the words: `charge[v, t]`, `import[t]`, and so on."
)

PYTHON = "Python"
IN_PYTHON = (
    "What a program calls: `import evdsl`. How a model is looked at and extended is in "
    "[the page for linopy users](../linopy.md)."
)


def files() -> dict[str, str]:
    """The text of each file by its name."""
    index = [as_markdown(Page("Reference", (Paragraph(ABOUT), Paragraph(WRITTEN))))]
    written: dict[str, str] = {}
    for shelf in shelves():
        name = f"{shelf.name}.md"
        about = Paragraph(shelf.about)
        index.append(
            as_markdown(Page(f"[{shelf.title}]({name})", (about, *contents(shelf, linked=True))), level=2)
        )
        written[name] = "\n".join(
            [
                as_markdown(Page(shelf.title, (about, Paragraph("[Contents](README.md)")))),
                *(as_markdown(section(shelf, entry), level=2) for entry in shelf.entries),
            ]
        )
    index.append(as_markdown(Page("[Quantities](quantities.md)", (Paragraph(QUANTITIES),)), level=2))
    written["quantities.md"] = as_markdown(quantities_page())
    index.append(as_markdown(Page("[Python](python.md)", (Paragraph(IN_PYTHON),)), level=2))
    written["python.md"] = python_page()
    return {"README.md": "\n".join(index), **written}


def python_page() -> str:
    """Every public name of the package, from its signature and docstring."""
    names = [name for name in evdsl.__all__ if inspect.isroutine(getattr(evdsl, name))]
    names += [name for name in evdsl.__all__ if inspect.isclass(getattr(evdsl, name))]
    parts = [f"# {PYTHON}", IN_PYTHON, "[Contents](README.md)"]
    for name in names:
        found = getattr(evdsl, name)
        told = _class(name, found) if inspect.isclass(found) else _call(name, found)
        parts += [f"## `evdsl.{name}`", *told]
    for found in (Comparison, Explanation, Price, Verdict, Difference):
        parts += [f"## `{found.__name__}`", *_class(found.__name__, found)]
    return "\n\n".join(parts) + "\n"


def _call(name: str, found: object, owner: str = "evdsl") -> list[str]:
    signature = re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(found)))
    signature = re.sub(r"^\(self(, )?", "(", signature).replace("'", '"')
    return [f"```text\n{owner}.{name}{signature}\n```", inspect.getdoc(found) or ""]


def _class(name: str, found: type) -> list[str]:
    """Its docstring, what it has, and what can be asked of it."""
    parts = [inspect.getdoc(found) or ""]
    if dataclasses.is_dataclass(found):
        fields = [each for each in dataclasses.fields(found) if not each.name.startswith("_")]
        parts.append("\n".join(f"- `{each.name}: {each.type}`" for each in fields))
    if issubclass(found, enum.Enum):
        parts.append("\n".join(f'- `{each.name}`: `"{each.value}"`' for each in found))
    for attribute, value in vars(found).items():
        if attribute.startswith("_"):
            continue
        owner = name[0].lower() + name[1:]
        if isinstance(value, property):
            returns = value.fget.__annotations__.get("return", "") if value.fget is not None else ""
            parts += [f"### `{owner}.{attribute}: {returns}`", inspect.getdoc(value) or ""]
        elif inspect.isfunction(value):
            parts += [f"### `{owner}.{attribute}`", *_call(attribute, value, owner)]
    return parts


def stale() -> list[str]:
    """The names of files that are not as they should be, or should not be."""
    fresh = files()
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*")}
    return sorted(name for name in {*fresh, *there} if fresh.get(name) != there.get(name))


if __name__ == "__main__":
    old = stale()
    if "--check" in sys.argv:
        sys.exit(f"docs/reference is out of date: {', '.join(old)}" if old else 0)
    FOLDER.mkdir(exist_ok=True)
    fresh = files()
    for name in old:
        if name in fresh:
            (FOLDER / name).write_text(fresh[name], encoding="utf-8")
        else:
            (FOLDER / name).unlink()
    print(f"{len(fresh)} files, of which {len(old)} changed" if old else f"{len(fresh)} files, all fresh")
