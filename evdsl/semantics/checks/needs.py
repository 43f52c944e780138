"""A word of the objective needs the settings that it is computed from: `cost` needs a `price`."""

from __future__ import annotations

from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.diagnostics.source import Span
from evdsl.language.devices import declared_kind
from evdsl.language.objectives import declared_word
from evdsl.language.spec import Spec


def check(spec: Spec) -> list[Diagnostic]:
    """E405 for each word that lacks one, once a word."""
    found: dict[str, Diagnostic] = {}
    for name, span in spec.word_uses:
        declared = declared_word(name)
        instead = any(_is_given(spec, *other) for other in declared.or_needs)
        for block, setting in declared.needs[1:] if instead else declared.needs:
            if name not in found and not _is_given(spec, block, setting):
                found[name] = _missing(name, block, setting, span, spec.only(block) is None)
    return list(found.values())


def _is_given(spec: Spec, block: str, setting: str) -> bool:
    return any(setting in device.given for device in spec.of_kind(block))


def _missing(name: str, block: str, setting: str, span: Span, no_block: bool) -> Diagnostic:
    declared = declared_kind(block)
    example = next(s.example for s in declared.settings if s.name == setting)
    required = any(one.required and one.name != setting for one in declared.settings)
    where = (
        f"add `{block} NAME {{ ... }}` with `{setting} = {example}`"
        if no_block and (required or declared.either)
        else f"add `{block} {'NAME ' * declared.named}{{ {setting} = {example} }}`"
        if no_block
        else f"add `{setting} = {example}` to {'a' if declared.named else ''} `{block}`".replace("  ", " ")
    )
    whose = "a" if declared.named else "the"
    return Diagnostic("E405", f"`{name}` needs the `{setting}` of {whose} `{block}`", span, "", where)
