"""Mutations of a text: what typing, copying, broken transfers and malice make of a spec.

Each is a function of the text and of a source of chance, so that a seed gives the same texts again. Bytes are
changed in UTF-8 and read back as a reader of files would, with U+FFFD where they are no text any more;
characters include those that look like others, have no width, or end a line for Python and not for an editor;
tokens are exchanged for the words that the declarations know; lines are lost, doubled and moved.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from random import Random

Mutation = Callable[[str, Random], str]

TOKEN = re.compile(r'"[^"\n]*"|[A-Za-z_]\w*|\d[\d:.\-]*|\n|[ \t]+|.', re.DOTALL)
ENDS = "\n \r\n \r \v \f \x1c \x85 \u2028 \u2029".split(" ")
"""Ends of lines; only the first two are those of a spec."""
STRANGE = (
    "\x00\x01\x08\x1b\x7f\u00a0\u00ad\u0301\u0338\u061c\u200b\u200d\u200e\u202e\u2066\ufeff\ufffd\uffff"
    "\ud7ff\ud800\udfff\U0001f50c\U000e0041\U0010ffff\u20ac\u00b5\u00b2\u00bd\u2160"
)
"""Characters that terminals, editors and `str` take for something else than they show; surrogates too."""
ALIKE = str.maketrans(
    "aceopxyABCEHKMOPTX0123456789-.:,=\"'{}()[]/*+%#",
    "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0410\u0412\u0421\u0415\u041d\u041a\u041c\u041e\u0420\u0422\u0425"
    "\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669\u2212\uff0e\uff1a\uff0c\uff1d\u201c\u2019"
    "\uff5b\uff5d\uff08\uff09\uff3b\uff3d\u2044\u00d7\uff0b\uff05\uff03",
)
"""What looks like a letter, a digit or a sign of the language and is none."""
NUMBERS = (
    "0 -0 -1 1e308 1e-308 1e999 0x10 1_000 1__0 .5 5. 1e 1,5 00:00 24:00 25:61 00:00:60 2024-02-30 "
    "2024-12-31 0001-01-01 9999-12-31 2024-03-31T02:30 NaN inf 100% -5% 3.kW 1kWh/ 7 h h"
).split(" ")
REPEATED = (2, 5, 30, 101, 2_000)
"""How often a token or a line is written: past each limit of the reader at times."""


@cache
def dictionary() -> tuple[str, ...]:
    """The words of the language, from its declarations, and numbers, dates and signs at its edges."""
    from evdsl.language.devices import KINDS
    from evdsl.language.editors.vocabulary import KEYWORDS
    from evdsl.language.names import FUNCTIONS
    from evdsl.language.objectives import WORDS
    from evdsl.language.quantities import QUANTITIES
    from evdsl.language.toggles import TOGGLES
    from evdsl.language.units import BELOW, CURRENCIES, SIMPLE

    words = [*KEYWORDS, *(toggle.name for toggle in TOGGLES), *(word.name for word in WORDS)]
    words += [*FUNCTIONS, *QUANTITIES, *sorted(SIMPLE), *BELOW, *sorted(CURRENCIES)]
    words += [kind.keyword for kind in KINDS]
    words += [setting.name for kind in KINDS for setting in kind.settings]
    signs = ["..", "*", "/", "+", "-", "=", "==", "<=", ">=", ",", ":", ".", "#", '"', *"{}()[]", "\n", "\t"]
    return tuple(dict.fromkeys([*words, *NUMBERS, "9" * 400, "a" * 400, *signs]))


def raw_bytes(text: str, draw: Random) -> str:
    """Up to eight bytes are changed, lost, doubled or put in."""
    data = bytearray(text.encode("utf-8", "surrogatepass"))
    for _ in range(draw.choice((1, 1, 2, 8))):
        at = draw.randrange(len(data)) if data else 0
        match draw.randrange(5):
            case 0:
                data[at : at + 1] = bytes([draw.randrange(256)])
            case 1 if data:
                data[at] ^= 1 << draw.randrange(8)
            case 2:
                del data[at : at + draw.choice((1, 1, 4, 64))]
            case 3:
                data[at:at] = data[at : at + draw.choice((1, 4, 64))]
            case _:
                data[at:at] = draw.choice(
                    (b"\xff\xfe", b"\xef\xbb\xbf", b"\xc0\x80", b"\xed\xa0\x80", b"\x00")
                )
    return data.decode("utf-8", errors="replace")


def characters(text: str, draw: Random) -> str:
    """A character is put in or takes the place of up to two."""
    at = draw.randrange(len(text) + 1)
    put = draw.choice(draw.choice(("".join(dictionary()[-20:]), STRANGE, "\\'`~!@$^&|;?<>")))
    return text[:at] + put + text[at + draw.randrange(3) :]


def look_alikes(text: str, draw: Random) -> str:
    """Characters of a stretch become others that look the same."""
    at = draw.randrange(len(text) + 1)
    end = at + draw.choice((1, 1, 5, 40, len(text)))
    return text[:at] + text[at:end].translate(ALIKE) + text[end:]


def line_ends(text: str, draw: Random) -> str:
    """The lines end otherwise, all of them or one."""
    lines, end = text.split("\n"), draw.choice(ENDS)
    if draw.randrange(2):
        return end.join(lines)
    at = draw.randrange(len(lines))
    return "\n".join(lines[:at]) + end + "\n".join(lines[at:])


def tokens(text: str, draw: Random) -> str:
    """A few words are lost, doubled, exchanged, or others of the language stand in their place."""
    words = TOKEN.findall(text) or [""]
    for _ in range(draw.choice((1, 1, 2, 3, 6))):
        at = draw.randrange(len(words))
        match draw.randrange(5):
            case 0:
                del words[at : at + draw.choice((1, 1, 3))]
            case 1:
                words[at] = draw.choice(dictionary())
            case 2:
                words.insert(at, draw.choice((draw.choice(dictionary()), draw.choice(words))))
            case 3:
                other = draw.randrange(len(words))
                words[at], words[other] = words[other], words[at]
            case _:
                words[at:at] = words[at : at + draw.randrange(1, 12)]
        words = words or [""]
    return "".join(words)


def lines(text: str, draw: Random) -> str:
    """A line is lost, doubled, exchanged, indented, or many stand elsewhere."""
    found = text.split("\n")
    one, other = draw.randrange(len(found)), draw.randrange(len(found))
    match draw.randrange(5):
        case 0:
            del found[one]
        case 1:
            found.insert(one, found[other])
        case 2:
            found[one], found[other] = found[other], found[one]
        case 3:
            found[one] = draw.choice((" ", "\t", "#", '"', "{", "}")) + found[one]
        case _:
            moved = found[one : one + 6]
            del found[one : one + 6]
            found[other:other] = moved
    return "\n".join(found)


def cut(text: str, draw: Random) -> str:
    """The text ends before its end, or begins behind its beginning."""
    at = draw.randrange(len(text) + 1)
    return text[:at] if draw.randrange(4) else text[at:]


def repeat(text: str, draw: Random) -> str:
    """A token or a line stands there many times over."""
    pieces = TOKEN.findall(text) if draw.randrange(2) else text.splitlines(keepends=True)
    pieces = pieces or [text]
    at = draw.randrange(len(pieces))
    pieces[at] = draw.choice((pieces[at], draw.choice(dictionary()))) * draw.choice(REPEATED)
    return "".join(pieces)


MUTATIONS: tuple[Mutation, ...] = (
    raw_bytes,
    characters,
    look_alikes,
    line_ends,
    tokens,
    tokens,
    lines,
    cut,
    repeat,
)
"""Every sort of mutation; words of the language twice, since most that break it go deeper."""


def mutate(text: str, draw: Random, others: Sequence[str] = ()) -> str:
    """The text after one to five mutations; at times its end is that of another text."""
    if others and not draw.randrange(10):
        other = draw.choice(others)
        text = text[: draw.randrange(len(text) + 1)] + other[draw.randrange(len(other) + 1) :]
    for _ in range(draw.choice((1, 1, 1, 2, 5))):
        text = draw.choice(MUTATIONS)(text, draw)
    return text
