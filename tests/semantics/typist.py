"""Someone who types what a help says, word for word, into the spec that it was said of.

Each choice that a help offers in backticks is typed into a copy of the text: in the place of what was marked,
as a setting of the block, as a line of its own. A help that only says what to think about gives nothing; who
uses this lists those, each with what was typed by hand.
"""

from __future__ import annotations

import re

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.source import Span

SKETCH = re.compile(r"\.\.\.|NAME|CLASS|DAY|DIR|\(a, b\)|mean, deviation|=\"column\"|\"file|^allowing$")
"""What a help leaves for the reader to fill in."""
SETTING = re.compile(r"(\w+) = (.*)")
STATEMENT = re.compile(r"(then )?(minimize|maximize) .*|(enable|disable) .*|(param|let) .*")
DECLARATION = re.compile(r"\w+ \w+ = ")
REMOVALS = ("remove it", "remove the line", "leave it out", "keep one of them")


def typed(found: Diagnostic) -> list[str]:
    """The texts that the choices of a help lead to; none where it cannot be typed as it stands."""
    span = found.span
    if span is None or not found.help:
        return []
    meant = re.fullmatch(r"did you mean `(.*)`\?", found.help)
    if meant is not None:
        return [] if found.code == "E101" else [_in_place(span, _quoted(span, meant.group(1)))]
    if found.help.startswith("remove the block"):
        return [_without_block(span)]
    is_removal = found.help in REMOVALS or found.help.endswith(", or remove the line")
    texts = [_without_line(span, found.code)] if is_removal else []
    verb = found.help.split(" ")[0] if not found.help.startswith("add up ") else ""
    if verb in ("add", "write", "mend", "take"):
        return texts + [text for part in _parts(found.help) if (text := _typed(found, verb, part))]
    price = re.fullmatch(r"give (\w+) a price, such as `(.*)`", found.help)
    if price is not None:
        marked = re.sub(rf"\b{price.group(1)}\b", price.group(2), span.text)
        return [*texts, _in_place(span, marked)]
    unit = re.fullmatch(r"give the number its unit: `(.*)`", found.help)
    if unit is not None:
        number = unit.group(1).split(" ")[0]
        alone = rf"(?<![\w.]){re.escape(number)}(?![\w.])"
        return [*texts, _in_place(span, re.sub(alone, unit.group(1), span.text))]
    bound = re.fullmatch(r"bind it, behind the requirement: `(.*)`", found.help)
    if bound is not None:
        text, end = span.source.text, _end_of_line(span)
        joint = "" if bound.group(1).startswith(",") else " "
        return [*texts, text[:end] + joint + bound.group(1) + text[end:]]
    return texts


def _parts(help: str) -> list[str]:
    """The choices of a help, each with all that is to be typed together."""
    return re.split(r",? or (?=(?:[^`]*`[^`]*`)*[^`]*$)", help.split("; ")[0])


def _typed(found: Diagnostic, verb: str, part: str) -> str:
    """The text after one choice; empty where it is a sketch, or says what to do and not what to type."""
    choices = re.findall(r"`([^`]*)`", part)
    target = re.search(r"` (?:to|in) (?:a |the )?`([^`]*)`", part)
    if (
        not choices
        or any(SKETCH.search(choice) for choice in choices)
        or part.startswith(("ask for", "leave", "a `port`"))
    ):
        return ""
    assert found.span is not None
    own = part.split(" ")[0]
    verb = own if own in ("add", "write") else verb
    given = re.fullmatch(r"give the class `(soc|outside) = (.*)`", part)
    if given is not None:
        category = re.search(r" of (\w+)", (found.context or found.span).text)
        assert category is not None
        begin = found.span.source.text.index(f"class {category.group(1)} {{")
        body, end = found.span.source.text[begin:], ""
        body, end = body[: body.index("}")], body[body.index("}") :]
        line = f"{given.group(1)} = {given.group(2)}"
        if given.group(1) == "soc":
            body = re.sub(r"soc( *)= .*", line, body)
        else:
            body += f"    {line}\n"
        return found.span.source.text[:begin] + body + end
    behind = re.fullmatch(r"write `(.*)`, and `(.*)` behind the requirement", part)
    if behind is not None:
        text, end = _in_place(found.span, behind.group(1)), -1
        end = text.find("\n", found.span.start)
        joint = "" if behind.group(2).startswith(",") else " "
        return text[:end] + joint + behind.group(2) + text[end:]
    if verb == "add" or target is not None:
        settings = [choice for choice in choices if target is None or choice != target.group(1)]
        return _added(found, settings, target.group(1) if target else "")
    return _written(found, tuple(choices))


def _written(found: Diagnostic, choice: tuple[str, ...]) -> str:
    span = found.span
    assert span is not None
    if len(choice) > 1 and all(STATEMENT.fullmatch(part) for part in choice):
        return _as_line(span, "\n".join(choice))
    text = span.source.text
    for part in choice:
        setting, statement = SETTING.fullmatch(part), STATEMENT.fullmatch(part)
        if statement is not None and not part.startswith(("param", "let")):
            return _as_line(span, part) if not part.startswith(("enable", "disable")) else f"{text}{part}\n"
        if setting is not None:
            text = _set(found, text, *setting.groups())
        else:
            word = part.split(" ")[0]
            before = text[: span.start].rstrip()
            return _in_place(span, part.removeprefix(f"{word} ") if before.endswith(f" {word}") else part)
    return text


def _set(found: Diagnostic, text: str, name: str, value: str) -> str:
    """A setting written anew: in its block, in the place of the marked one, or in the station."""
    span = found.span
    assert span is not None
    header = found.context or span
    begin = text.rfind("\n", 0, header.start) + 1
    end = text.find("\n}", begin)
    end = len(text) if end < 0 else end
    block = text[begin:end]
    line = re.compile(rf"^( *{name} *= ).*(?:\n {{20,}}.*)*$", re.MULTILINE)
    if line.search(block):
        return text[:begin] + line.sub(lambda m: m.group(1) + value, block, count=1) + text[end:]
    if name in ("start", "horizon", "step"):
        return re.sub(rf"^( *{name} *= ).*$", lambda m: m.group(1) + value, text, count=1, flags=re.MULTILINE)
    first, last = text.rfind("\n", 0, span.start) + 1, _end_of_line(span)
    if text[first:last].rstrip().endswith("{"):
        return text[:last] + f"\n    {name} = {value}" + text[last:]
    return text[:first] + f"    {name} = {value}" + text[last:]


def _added(found: Diagnostic, choices: list[str], target: str) -> str:
    """Settings added below the header of a block; a statement or a block at the end."""
    span = found.span
    assert span is not None
    text = span.source.text
    if "{" in choices[0] or STATEMENT.fullmatch(choices[0]) or DECLARATION.match(choices[0]):
        return f"{text.rstrip()}\n{choices[0]}\n"
    at = text.index("\n", (found.context or span).start)
    if target:
        header = re.search(rf"^{re.escape(target)}\b.*\{{$", text, re.MULTILINE)
        assert header is not None, target
        at = header.end()
    return text[:at] + "".join(f"\n    {choice}" for choice in choices) + text[at:]


def _quoted(span: Span, word: str) -> str:
    quoted = f'"{word}"' if span.text.startswith('"') else word
    return f"[{quoted}]" if span.text.startswith("[") else quoted


def _in_place(span: Span, replacement: str) -> str:
    text = span.source.text
    return text[: span.start] + replacement + text[span.end :]


def _as_line(span: Span, replacement: str) -> str:
    text = span.source.text
    return text[: text.rfind("\n", 0, span.start) + 1] + replacement + text[_end_of_line(span) :]


def _end_of_line(span: Span) -> int:
    text = span.source.text
    end = text.find("\n", max(span.end - 1, span.start))
    return len(text) if end < 0 else end


def _without_line(span: Span, code: str) -> str:
    if code in ("E002", "E102"):
        return _in_place(span, "")
    text = span.source.text
    if text[: _end_of_line(span)].rstrip().endswith("{"):
        return _without_block(span)
    return text[: text.rfind("\n", 0, span.start) + 1] + text[_end_of_line(span) + 1 :]


def _without_block(span: Span) -> str:
    text = span.source.text
    begin, end = text.rfind("\n", 0, span.start) + 1, text.index("}", span.start) + 1
    return text[:begin] + text[end:]
