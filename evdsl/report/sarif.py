"""The findings of `evdsl check` as SARIF 2.1.0, which code scanners and editors read.

One run, with a rule for each code that was found, its explanation in it. A file outside the working folder
has an absolute URI; every other is relative to `%SRCROOT%`. At most fifty findings of a spec are results;
what is left out is said by a notification of the invocation.

The fingerprint of a result is made of the code, the marked text, its line and the line of its block, without
the space around them, and the number of the finding among those of its file that agree in all this: lines may
move up and down without changing it. A finding without a place has its message
instead, without digits, which may be numbers of lines.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from urllib.parse import quote

from evdsl.diagnostics.codes import CODES
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.language.reference.page import Page, Paragraph, as_markdown, as_text
from evdsl.language.reference.texts import of_code
from evdsl.report.github import CheckedFile, Place, message_of, place_of

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "evdslFinding/v1"
UNREAD = frozenset(["E001", "E003"])
"""Codes that say of a whole spec that it was not looked at."""

Json = dict[str, object]


def as_sarif(several: Sequence[CheckedFile], version: str, status: int) -> Json:
    """The log of a check that ends with an exit status. One result where several specs share a finding."""
    results: list[Json] = []
    rules: list[str] = sorted({found.code for checked in several for found in checked.shown})
    seen: set[tuple[str, Place, str]] = set()
    alike: Counter[tuple[str, str]] = Counter()
    for checked in several:
        for diagnostic in checked.shown:
            place, text = place_of(diagnostic, checked), "\n".join(message_of(diagnostic))
            if (diagnostic.code, place, text) in seen:
                continue
            seen.add((diagnostic.code, place, text))
            said = _fingerprint(diagnostic, place)
            alike[place.file, said] += 1
            results.append(
                {
                    "ruleId": diagnostic.code,
                    "ruleIndex": rules.index(diagnostic.code),
                    "level": _level(diagnostic.code),
                    "message": {"text": text},
                    "locations": [{"physicalLocation": _physical(place)}],
                    "partialFingerprints": {FINGERPRINT: f"{said}:{alike[place.file, said]}"},
                }
            )
    driver: Json = {"name": "evdsl", "version": version, "rules": [_rule(code) for code in rules]}
    run: Json = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(several, status)],
        "results": results,
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _level(code: str) -> str:
    return "error" if code.startswith("E") else "warning"


def _rule(code: str) -> Json:
    slug, doc = next((slug, doc) for known, slug, doc in CODES if known == code)
    explanation = of_code(code)
    opening = next((part.text for part in explanation if isinstance(part, Paragraph)), doc)
    page = Page(f"{code} {slug}", explanation)
    return {
        "id": code,
        "name": slug,
        "shortDescription": {"text": doc},
        "fullDescription": {"text": opening},
        "help": {"text": as_text(page), "markdown": as_markdown(page)},
        "defaultConfiguration": {"level": _level(code)},
    }


def _invocation(several: Sequence[CheckedFile], status: int) -> Json:
    unread = any(
        found.code in UNREAD and found.span is None for checked in several for found in checked.found
    )
    # The exit status of a command line that is wrong is 2: then no spec was judged as it stands.
    invocation: Json = {"executionSuccessful": not unread and status < 2, "exitCode": status}
    left = [{"level": "note", "message": {"text": checked.rest}} for checked in several if checked.rest]
    if left:
        invocation["toolExecutionNotifications"] = left
    return invocation


def _physical(place: Place) -> Json:
    location: Json = {"artifactLocation": _artifact(place.file)}
    if place.region is not None:
        names = ("startLine", "startColumn", "endLine", "endColumn")
        location["region"] = dict(zip(names, place.region, strict=True))
    return location


def _artifact(file: str) -> Json:
    uri = quote(os.fsencode(file))
    return {"uri": f"file://{uri}"} if file.startswith("/") else {"uri": uri, "uriBaseId": "%SRCROOT%"}


def _fingerprint(diagnostic: Diagnostic, place: Place) -> str:
    span, context = diagnostic.span, diagnostic.context
    parts = [diagnostic.code]
    if span is None or place.region is None:
        parts.append(re.sub(r"[0-9]+", "", diagnostic.message))
    else:
        parts += [span.text, span.source.line(span.line)]
        parts += [context.source.line(context.line)] if context is not None else []
    said = "\n".join(" ".join(part.split()) for part in parts)
    return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]
