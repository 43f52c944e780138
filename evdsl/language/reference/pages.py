"""The pages of the reference, made from the declarations of blocks, toggles, words, functions and codes.

Nothing here lists a word of the language: a new one has its page as soon as it is declared. The mathematics
is the docstring of the module that declares it, the prose of a code or function its file in `texts`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from inspect import getdoc, ismodule
from types import ModuleType

from evdsl.diagnostics.codes import CODES
from evdsl.language import devices, objectives, quantities
from evdsl.language import toggles as constraints
from evdsl.language.declaration import Curve, Kind, Setting, Toggle, Word
from evdsl.language.devices import KINDS
from evdsl.language.names import AGGREGATES, FUNCTIONS, SET_WORDS
from evdsl.language.objectives import WORDS
from evdsl.language.quantities import DECLARED, QuantityDeclaration
from evdsl.language.reference import page as pages
from evdsl.language.reference import texts as explanations
from evdsl.language.reference.page import Code, Element, Heading, Items, Page, PageTable, Paragraph, anchor
from evdsl.language.reference.settings import HEAD, facts, pattern, row
from evdsl.language.units import describe, symbol

SENSES = {
    Curve.LINEAR: "It may be minimized and maximized, weighed and added.",
    Curve.CONVEX: "It is a largest value, so it may be made small only.",
    Curve.CONCAVE: "It is a smallest value, so it may be made large only.",
}
COMMONEST = 4
"""Settings that the example of a block without a required one shows."""


def link(shelf: str, name: str) -> str:
    """A name that leads to its section; a shelf is a file of the reference."""
    return f"[`{name}`]({shelf}.md#{anchor(name)})"


def functions() -> tuple[str, ...]:
    """The functions of the language, those over sets included."""
    return tuple(dict.fromkeys([*FUNCTIONS, *AGGREGATES]))


def block_page(kind: Kind) -> Page:
    """What a block is, its settings, and a block as short as it gets."""
    body: list[Element] = [*_mathematics(devices, "KIND", kind, kind.doc)]
    if kind.single:
        body.append(Paragraph(f"A spec has {'exactly' if kind.named else 'at most'} one."))
    body += [Heading("Settings"), PageTable(HEAD, tuple(row(setting) for setting in kind.settings))]
    body += [Paragraph(text) for text in _rules(kind)]
    body += [Heading("As short as it gets" if _needed(kind) else "For example"), Code("evs", example(kind))]
    body += _mentions(kind)
    return Page(f"`{pattern(kind)}`", tuple(body))


def _rules(kind: Kind) -> list[str]:
    required = [f"`{setting.name}`" for setting in kind.settings if setting.required]
    found = [f"{_series(required, 'and')} must be given."] if required else []
    groups = [_series([f"`{name}`" for name in group], "and") for group in kind.either]
    return [*found, *(f"One of {group} must be given, and only one." for group in groups)]


def _mentions(kind: Kind) -> list[Element]:
    """Where else the block is spoken of."""
    points = [
        f"{link('blocks', other.keyword)} names it in `{setting.name}`"
        for other in KINDS
        for setting in other.settings
        if setting.refers_to == kind.keyword
    ]
    points += [
        f"{link('blocks', other.keyword)} blocks are of one"
        for other in KINDS
        if other.of and other.of in (kind.keyword, kind.family)
    ]
    for word in WORDS:
        names = [f"`{name}`" for keyword, name in (*word.needs, *word.or_needs) if keyword == kind.keyword]
        if names:
            points.append(f"{link('words', word.name)} is computed from {_series(names, 'and')}")
    return [Heading("See also"), Items(tuple(points))] if points else []


def _needed(kind: Kind) -> list[Setting]:
    """The settings that a block cannot be without: the first of each choice."""
    names = [setting.name for setting in kind.settings if setting.required]
    for group in kind.either:
        if not any(name in names for name in group):
            names.append(group[0])
    return [setting for setting in kind.settings if setting.name in names]


def example(kind: Kind) -> str:
    """A block of this kind that can be typed as it stands."""
    settings = _needed(kind) or list(kind.settings[:COMMONEST])
    name = f" {kind.keyword[0]}1" if kind.named else ""
    header = f"{kind.keyword}{name}{f' of {kind.of}1' if kind.of else ''}"
    header = header.replace("class1", "c1").replace("vehicle1", "v1")
    if not kind.in_braces:
        columns = ", ".join(f'{setting.name}="{column(setting)}"' for setting in settings)
        return f'{header} = csv("data.csv", {columns})'
    width = max(len(setting.name) for setting in settings)
    lines = [f"    {setting.name:<{width}} = {setting.example}" for setting in settings]
    return "\n".join([f"{header} {{", *lines, "}"])


def column(setting: Setting) -> str:
    """The name of a column for a setting, its unit in it."""
    unit = symbol(setting.dimension)
    return f"{setting.name} ({unit})" if unit else setting.name


def setting_page(kind: Kind, setting: Setting) -> Page:
    """One setting of a block."""
    body: list[Element] = [Paragraph(f"{_sentence(setting.doc)}"), Items(facts(setting))]
    for group in kind.either:
        if setting.name in group:
            others = [f"`{name}`" for name in group if name != setting.name]
            body.append(Paragraph(f"It stands instead of {_series(others, 'or')}."))
    words = [word.name for word in WORDS if (kind.keyword, setting.name) in (*word.needs, *word.or_needs)]
    if words:
        body.append(Paragraph(f"{_series([f'`{name}`' for name in words], 'and')} is computed from it."))
    if setting.example and kind.in_braces and not setting.of_rows:
        header = pattern(kind).removesuffix(" ... }")
        body.append(Code("evs", f"{header}\n    {setting.name} = {setting.example}\n}}"))
    return Page(f"`{setting.name}` of `{kind.keyword}`", tuple(body))


def toggle_page(toggle: Toggle) -> Page:
    """What a toggle switches."""
    verb = "disable" if toggle.default else "enable"
    body = [
        *_mathematics(constraints, "TOGGLE", toggle, toggle.doc),
        Paragraph(
            f"It is {'on' if toggle.default else 'off'} unless a spec, or the command line, says otherwise."
        ),
        Code("evs", f"{verb} {toggle.name}"),
        Code("sh", f"evdsl solve site.evs --{verb} {toggle.name}"),
    ]
    return Page(f"`{toggle.name}`: a toggle, {'on' if toggle.default else 'off'} by default", tuple(body))


def word_page(word: Word) -> Page:
    """What a word of the objective measures."""
    unit = symbol(word.dimension)
    body: list[Element] = [*_mathematics(objectives, "WORD", word, word.doc)]
    if word.parts and len(body) == 1:
        # The docstring of a sum is its formula, which stands below with links.
        body = [Paragraph(_sentence(word.doc))]
    told = (
        f"It is {describe(word.dimension)}, reported in {unit}."
        if unit
        else f"It is {describe(word.dimension)}."
    )
    senses = "It stands alone in its stage and is maximized." if word.order else SENSES[word.curve]
    body.append(Paragraph(f"{told} {senses}"))
    if word.parts:
        parts = " ".join(
            f"{'-' if weight < 0 else '+'} {link('words', name)}" for name, weight in word.parts.items()
        )
        body.append(Paragraph(f"`{word.name}` = {parts.removeprefix('+ ')}"))
    if word.needs:
        needs = [f"`{name}` of {link('blocks', kind)}" for kind, name in word.needs]
        instead = [f"`{name}` of {link('blocks', kind)}" for kind, name in word.or_needs]
        body.append(
            Paragraph(f"It needs {_series(needs, 'and')}{''.join(f', or {one}' for one in instead)}.")
        )
    large = word.better == "large" or word.curve is Curve.CONCAVE
    body.append(Code("evs", f"{'maximize' if large else 'minimize'} {word.name}"))
    return Page(f"`{word.name}`: {word.doc}", tuple(body))


def function_page(name: str) -> Page:
    """What a function gives, as its text says."""
    text = explanations.of_function(name)
    if text and isinstance(text[0], Paragraph):
        return Page(text[0].text, text[1:])
    return Page(f"`{name}(...)`", ())


def statement_page(name: str) -> Page:
    """What a statement says, as its text has it: first its pattern."""
    pattern, *body = explanations.of_statement(name)
    assert isinstance(pattern, Paragraph), "a text of a statement begins with its pattern"
    return Page(pattern.text, tuple(body))


def quantities_page() -> Page:
    """What a requirement may speak of."""
    rows = tuple(_quantity(declared) for declared in DECLARED.values())
    table = PageTable(("quantity", "unit", "of", ""), rows)
    units = Paragraph("How each is written, with its unit; what is given cannot be decided.")
    return Page("Quantities of a requirement", (*_docstring(quantities), units, table))


def _quantity(declared: QuantityDeclaration) -> tuple[str, ...]:
    over = " and ".join(f"a {kind}" for kind in declared.over)
    return (f"`{declared.usage()}`", symbol(declared.dimension), over, "" if declared.decided else "given")


def sets_page() -> Page:
    """What a variable of a requirement, a sum or a mean runs over."""
    about = (
        f"The sets of the language are {_series([f'`{name}`' for name in SET_WORDS], 'and')}; the name of a "
        "fleet, a vehicle, a class or a block of ports, a list of such names, and a range of times, as in "
        "`22:00 .. 06:00`, are sets too."
    )
    example = "require night: charge[v, t] <= 5 kW for v in vehicles, t in 22:00 .. 06:00"
    return Page("Sets of a requirement", (Paragraph(about), Code("evs", example)))


def planned_page(name: str, doc: str) -> Page:
    """What a word will be that this version does not build."""
    about = f"It is for {doc}. A spec that has it is refused (`evdsl explain E206`): leave it out."
    return Page(f"`{name}`: not built in this version", (Paragraph(about),))


def code_page(code: str) -> Page:
    """What a diagnostic means, and what to type instead."""
    slug, doc = next((slug, doc) for known, slug, doc in CODES if known == code)
    severity = "an error" if code.startswith("E") else "a warning"
    body = explanations.of_code(code)
    return Page(f"{code} {slug}", (Paragraph(f"{_sentence(doc)[:-1]}; {severity}."), *body))


def _mathematics(folder: ModuleType, attribute: str, declared: object, doc: str) -> tuple[Element, ...]:
    """The docstring of the module that declares something; its one line where there is none."""
    found = [module for module in vars(folder).values() if ismodule(module)]
    home = next((module for module in found if getattr(module, attribute, None) is declared), None)
    return _docstring(home) or (Paragraph(_sentence(doc)),)


def _docstring(module: ModuleType | None) -> tuple[Element, ...]:
    """A docstring, without the name of what it documents, which is the title already."""
    elements = pages.read((getdoc(module) if module is not None else "") or "")
    if elements and isinstance(elements[0], Paragraph):
        text = re.sub(r"^`[^`]*`: ", "", elements[0].text)
        return (Paragraph(_sentence(text)), *elements[1:])
    return elements


def _sentence(text: str) -> str:
    """A text that begins and ends as a sentence does."""
    begun = text[:1].upper() + text[1:]
    return begun if begun.endswith((".", "!", "?", ":")) else f"{begun}."


def _series(names: Iterable[str], joint: str) -> str:
    listed = list(names)
    return f"{', '.join(listed[:-1])} {joint} {listed[-1]}" if len(listed) > 1 else "".join(listed)
