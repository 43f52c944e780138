"""The formulas of calls to draw less: see `evdsl.language.devices.event`."""

from __future__ import annotations

from evdsl.model.formulas.declaration import KW, RowFormula, Term

DRAWN = (Term(1, "import"), Term(-1, "export"), Term(1, "*.flow"))
IN_A_CALL = "t a step in a call"

OF_CALLS: tuple[RowFormula, ...] = (
    RowFormula("{name}.most", "t", KW, (*DRAWN, Term(-1, "{name}.over")), "<=", "call_most[t]", IN_A_CALL),
    RowFormula("{name}.saved", "t", KW, (*DRAWN, Term(1, "{name}.saved")), "<=", "baseline[t]", IN_A_CALL),
)
