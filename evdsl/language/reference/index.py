"""Where a page of the reference stands, and which one a reader means by a word.

A shelf holds the pages of one sort: blocks, statements, toggles, words, functions, diagnostics. A setting is
found as `solar.peak`, or by its name alone where only one block has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial

from evdsl.diagnostics.codes import CODES
from evdsl.diagnostics.diagnostic import suggest
from evdsl.language.devices import KINDS, PLANNED
from evdsl.language.names import SET_WORDS, STATEMENTS
from evdsl.language.objectives import WORDS
from evdsl.language.quantities import QUANTITIES
from evdsl.language.reference import pages as reference
from evdsl.language.reference.page import Element, Heading, Items, Page, Paragraph, anchor
from evdsl.language.reference.texts import of_function
from evdsl.language.toggles import TOGGLES

FAMILIES = {
    "E0": "The text itself",
    "E1": "Syntax",
    "E2": "Names",
    "E3": "Units and shapes",
    "E4": "Meaning",
    "E5": "Data",
    "E6": "Model and solver",
    "W1": "Warnings",
}
"""What the codes that begin alike are about."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A page on a shelf: its name, what it is about in a line, and how it is made."""

    name: str
    doc: str
    page: Callable[[], Page]
    also: str = ""
    """Another name of it: the slug of a code, the other word of a statement."""

    @property
    def heading(self) -> str:
        """What stands above it where many stand in one file."""
        return f"{self.name} {self.also}".rstrip()


@dataclass(frozen=True, slots=True)
class Shelf:
    """The pages of one sort, in the file of that name."""

    name: str
    title: str
    about: str
    entries: tuple[Entry, ...]


@cache
def shelves() -> tuple[Shelf, ...]:
    """All pages of the language."""
    return (
        Shelf(
            "blocks",
            "Blocks",
            "What a site consists of, and who comes.",
            tuple(Entry(kind.keyword, kind.doc, partial(reference.block_page, kind)) for kind in KINDS),
        ),
        Shelf(
            "statements",
            "Statements",
            "What stands beside the blocks: values with names, requirements, objectives, switches.",
            tuple(
                Entry(name, doc, partial(reference.statement_page, name), also)
                for name, also, doc in STATEMENTS
            ),
        ),
        Shelf(
            "toggles",
            "Toggles",
            "Switches of what a schedule may do: `enable NAME`, `disable NAME`.",
            tuple(Entry(t.name, t.doc, partial(reference.toggle_page, t)) for t in TOGGLES),
        ),
        Shelf(
            "words",
            "Words",
            "Quantities of a whole schedule, for `minimize`, `maximize`, `then`, `let` and `require`.",
            tuple(Entry(w.name, w.doc, partial(reference.word_page, w)) for w in WORDS),
        ),
        Shelf(
            "functions",
            "Functions",
            "What is called with parentheses: files, distributions, and sums over sets.",
            tuple(
                Entry(name, _line(name), partial(reference.function_page, name))
                for name in reference.functions()
            ),
        ),
        Shelf(
            "diagnostics",
            "Diagnostics",
            "What the compiler says of a spec. Codes are stable.",
            tuple(
                Entry(code, f"{slug}: {doc}", partial(reference.code_page, code), slug)
                for code, slug, doc in CODES
            ),
        ),
    )


def _line(name: str) -> str:
    """The first sentence on a function."""
    text = next((e.text for e in of_function(name)[1:] if isinstance(e, Paragraph)), "")
    first = text.split(". ")[0].split(": ")[0].rstrip(".")
    return first[:1].lower() + first[1:]


def settings() -> Iterator[tuple[str, Entry]]:
    """Every setting of every block, by its name and as an entry `block.setting`."""
    for kind in KINDS:
        for setting in kind.settings:
            entry = Entry(
                f"{kind.keyword}.{setting.name}",
                setting.doc,
                partial(reference.setting_page, kind, setting),
            )
            yield setting.name, entry


def find(term: str) -> tuple[list[Page], list[str]]:
    """The pages that a reader means by a term, and the names of others that it may stand for."""
    wanted = term.strip().strip("`").lower()
    shelf = next((s for s in shelves() if wanted in (s.name, s.name.removesuffix("s"))), None)
    if shelf is not None:
        return [shelf_page(shelf)], []
    if wanted in ("quantity", "quantities"):
        return [reference.quantities_page()], []
    if wanted in SET_WORDS:
        return [reference.sets_page()], []
    found = [
        entry.page()
        for shelf in shelves()
        for entry in shelf.entries
        if wanted in (entry.name.lower(), entry.also)
    ]
    if wanted in PLANNED:
        found = [reference.planned_page(wanted, PLANNED[wanted])]
    if wanted in QUANTITIES:
        found.append(reference.quantities_page())
    of_blocks = [entry for name, entry in settings() if wanted in (name, entry.name)]
    if not found and len(of_blocks) == 1:
        return [of_blocks[0].page()], []
    return found, [entry.name for entry in of_blocks]


def near(term: str) -> str:
    """The name of the page that was probably meant; empty where none is near."""
    names = [
        name for shelf in shelves() for entry in shelf.entries for name in (entry.name, entry.also) if name
    ]
    own = dict.fromkeys(name for name, _ in settings())
    dotted = [entry.name for _, entry in settings()]
    return suggest(term, dotted if "." in term else [*names, *own]) or ""


def shelf_page(shelf: Shelf) -> Page:
    """The contents of a shelf."""
    return Page(shelf.title, (Paragraph(shelf.about), *contents(shelf)))


def section(shelf: Shelf, entry: Entry) -> Page:
    """A page below a heading that links can name: short, and told from all others of its file."""
    page = entry.page()
    pattern = (Paragraph(page.title),) if shelf.name in ("blocks", "functions", "statements") else ()
    return Page(entry.heading, (*pattern, *page.body))


def contents(shelf: Shelf, *, linked: bool = False) -> tuple[Element, ...]:
    """The names on a shelf, diagnostics by family; each leads to its section, if that is wanted."""

    def point(entry: Entry) -> str:
        address = f"{shelf.name}.md#{anchor(entry.heading)}"
        name = f"[`{entry.name}`]({address})" if linked else f"`{entry.name}`"
        return f"{name}: {entry.doc}" if entry.doc else name

    if shelf.name != "diagnostics":
        return (Items(tuple(point(entry) for entry in shelf.entries)),)
    body: list[Element] = []
    for family, title in FAMILIES.items():
        points = [point(entry) for entry in shelf.entries if entry.name.startswith(family)]
        if points:
            body += [Heading(title), Items(tuple(sorted(points)))]
    return tuple(body)
