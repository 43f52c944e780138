"""How a quantity is written in brackets, and where a variable of it gets its set: what helps say."""

from __future__ import annotations

import re

from evdsl.language.quantities import QuantityDeclaration
from evdsl.semantics.scope import Local
from evdsl.semantics.sets import kind_of


def in_brackets(text: str, declared: QuantityDeclaration, local: Local) -> str:
    """How a quantity is written with the variables that are bound, and where the others get their sets."""
    bound = {kind_of(over): name for name, over in local.binders.items()}
    bound["vehicle"] = bound.get("vehicle") or bound.get("group") or ""
    letters = {kind: bound.get(kind) or ("t" if kind == "step" else "v") for kind in declared.over}
    usage = f"{text}[{', '.join(letters[kind] for kind in declared.over)}]"
    sets = {"vehicle": "vehicles", "step": "steps"}
    missing = [f"{letters[kind]} in {sets[kind]}" for kind in declared.over if not bound.get(kind)]
    if not missing:
        return f"write `{usage}`"
    around = usage
    for binder in reversed(missing):
        around = f"sum({binder}: {around})"
    if local.is_let:
        return f"write `{around}`"
    joint = ", " if local.binders else "for "
    return f"write `{usage}`, and `{joint}{', '.join(missing)}` behind the requirement; or add up: `{around}`"


def to_bind(name: str, over: str, usage: str, local: Local) -> str:
    """Where a variable that is not bound gets its set: behind a requirement, or in a sum."""
    if local.is_let:
        letter = "t" if over == "steps" else "v"
        quantity = re.sub(rf"\b{letter}\b(?=[^\[]*\])", name, usage)
        return f"add up over a set: `sum({name} in {over}: {quantity})`"
    joint = ", " if local.binders else "for "
    return f"bind it, behind the requirement: `{joint}{name} in {over}`"
