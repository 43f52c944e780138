"""A digest of what a spec says, whatever its layout: two specs with one digest are one problem."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path

from evdsl.diagnostics.source import Source, Span


def fingerprint(parts: Iterable[object]) -> str:
    """The digest of values; where they were written does not count."""
    digest = hashlib.sha256()
    for part in parts:
        _feed(part, digest)
    return digest.hexdigest()


def _feed(value: object, digest: hashlib._Hash) -> None:
    if isinstance(value, Span | Source):
        return
    if is_dataclass(value):
        digest.update(type(value).__name__.encode())
        for item in fields(value):
            part = getattr(value, item.name)
            if "shown" in item.metadata or ("optional" in item.metadata and part in (None, ())):
                continue
            _feed(part, digest)
    elif isinstance(value, Mapping):
        for key in sorted(value):
            digest.update(str(key).encode())
            _feed(value[key], digest)
    elif isinstance(value, frozenset):
        digest.update(repr(sorted(value)).encode())
    elif isinstance(value, list | tuple):
        digest.update(str(len(value)).encode())
        for item in value:
            _feed(item, digest)
    elif isinstance(value, Path):
        digest.update(value.name.encode())
    else:
        digest.update(repr(value).encode())
