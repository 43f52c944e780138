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
    examples = {each.name: each.example for each in declared.settings}
    article = "an" if block[0] in "aeiou" else "a"
    where = (
        f"add `{block} {'NAME ' * declared.named}{{ {setting} = {examples[setting]} }}`"
        if no_block
        else f"add `{setting} = {examples[setting]}` to {article if declared.named else ''} `{block}`"
    ).replace("  ", " ")
    if block == "event":
        # It also says when, how much, and what its energy is counted from.
        names = ("from", "to", "limit", "baseline", setting) if no_block else ("baseline", setting)
        lines = " and ".join(f"`{name} = {examples[name]}`" for name in names)
        where = f"add a block `event` with {lines}" if no_block else f"add {lines} to an `event`"
    whose = article if declared.named else "the"
    return Diagnostic("E405", f"`{name}` needs the `{setting}` of {whose} `{block}`", span, "", where)
