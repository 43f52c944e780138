"""HTML as a tree of elements, which is escaped when it is written, and nowhere else.

There is no way to put markup into a page as text: a child is an element or a text, and the serializer of the
standard library escapes what is text (`docs/design/report.md`). The page as a whole forbids a browser to
run, load or send anything by its `Content-Security-Policy`; it has one style sheet, named there by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from collections.abc import Iterable
from importlib.resources import files
from typing import TypeAlias
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

__all__ = ["Child", "Element", "append", "clean", "element", "fragment", "page", "style_sheet"]

Child: TypeAlias = "Element | str | None"

UNPRINTABLE = ("Cc", "Cf", "Cs", "Co", "Cn")
"""Categories of Unicode that show nothing or change what is beside them: control, direction, surrogates."""


def element(tag: str, *children: Child, **attributes: str) -> Element:
    """An element; `class_` and `data_label` are the attributes `class` and `data-label`."""
    names = {name: name.rstrip("_").replace("_", "-") for name in attributes}
    made = Element(tag, {names[name]: clean(value) for name, value in attributes.items()})
    return append(made, *children)


def append(parent: Element, *children: Child) -> Element:
    """Puts children behind those that an element has."""
    for child in children:
        if child is None:
            continue
        if isinstance(child, str):
            text = clean(child)
            if len(parent):
                parent[-1].tail = (parent[-1].tail or "") + text
            else:
                parent.text = (parent.text or "") + text
        else:
            parent.append(child)
    return parent


def clean(text: str) -> str:
    """The text with a sign in the place of what shows nothing or turns the direction of reading."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c if c in "\n\t" or unicodedata.category(c) not in UNPRINTABLE else "\N{REPLACEMENT CHARACTER}"
        for c in text
    )


def fragment(root: Element) -> str:
    """An element as HTML."""
    return ElementTree.tostring(root, encoding="unicode", method="html")


def page(title: str, body: Iterable[Element]) -> str:
    """A whole page."""
    style = style_sheet()
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", **{"http-equiv": "Content-Security-Policy"}, content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("style", style),
    )
    main = element("main", *body)
    return f"<!doctype html>\n{fragment(element('html', head, element('body', main), lang='en'))}\n"


def style_sheet() -> str:
    """The style of every page."""
    return (files(__package__) / "page.css").read_text(encoding="utf-8").replace("\r\n", "\n")
