"""Writes `docs/reference`: all pages of the language, a file for each sort of thing, and their contents.

python tests/reference.py            write the files, and remove those that no page is in any more
python tests/reference.py --check    exit 1 if they are out of date
"""

from __future__ import annotations

import sys
from pathlib import Path

from evdsl.language.reference.index import contents, section, shelves
from evdsl.language.reference.page import Page, Paragraph, as_markdown
from evdsl.language.reference.pages import quantities_page

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
    return {"README.md": "\n".join(index), **written}


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
