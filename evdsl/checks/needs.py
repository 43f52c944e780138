"""A word of the objective needs the settings that it is computed from: `cost` needs a `price`."""

from __future__ import annotations

from evdsl.devices import kind
from evdsl.diagnostic import Diagnostic
from evdsl.objectives import word
from evdsl.source import Span
from evdsl.spec import Spec


def check(spec: Spec) -> list[Diagnostic]:
    """E405 for each word that lacks one, once a word."""
    found: dict[str, Diagnostic] = {}
    for name, span in spec.word_uses:
        declared = word(name)
        assert declared is not None
        for block, setting in declared.needs:
            device = spec.only(block)
            if name not in found and (device is None or setting not in device.given):
                found[name] = _missing(name, block, setting, span, device is None)
    return list(found.values())


def _missing(name: str, block: str, setting: str, span: Span, no_block: bool) -> Diagnostic:
    declared = kind(block)
    assert declared is not None
    example = next(s.example for s in declared.settings if s.name == setting)
    where = (
        f"add `{block} {{ {setting} = {example} }}`"
        if no_block
        else f"add `{setting} = {example}` to `{block}`"
    )
    return Diagnostic("E405", f"`{name}` needs the `{setting}` of the `{block}`", span, "", where)
