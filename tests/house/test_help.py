"""What a diagnostic's help says leads to a spec that is right, for every code.

The page of a code shows a wrong example; what its help names in backticks is typed into it, as
`semantics.typist` does, and the spec that comes out has no error and this finding no more. A help that leaves
a choice to its user is listed here with the reason; its page shows the example mended (`## Right`), which
`test_reference.py` holds to be sound.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from house.test_reference import NOT_TO_BE_HAD, completed, halves
from semantics.typist import typed

from evdsl.data.load import load_data
from evdsl.diagnostics.codes import CODES
from evdsl.diagnostics.diagnostic import Diagnostic
from evdsl.semantics.load import read

COMMAND_LINE = "it is a word of the command line that is mended"
FILE = "it is the data file that is mended"
OWN = "which number, name or aim is meant is for the user to say"
BY_HAND = {
    "E001": COMMAND_LINE,
    "E002": "what stands there instead depends on the character: of a `;`, nothing",
    "E003": "a file too large is none of the lines of a spec",
    "E004": OWN,
    "E101": "what stands there is a sketch: `import_limit = value`",
    "E102": "where a bracket ends is for the user to say",
    "E103": "where a text ends is for the user to say",
    "E104": OWN,
    "E205": "what stands there is a sketch: `normal(mean, deviation)`",
    "E209": "what stands there is a sketch: `station NAME { ... }`",
    "E210": OWN,
    "E211": "the second of the two lines is left out",
    "E306": OWN,
    "E307": OWN,
    "E401": OWN,
    "E402": "what stands there is a sketch: `then minimize ...`",
    "E404": OWN,
    "E410": OWN,
    "E414": OWN,
    "E415": OWN,
    "E419": COMMAND_LINE,
    "E501": COMMAND_LINE,
    "E502": COMMAND_LINE,
    "E503": FILE,
    "E511": FILE,
    "E504": "the columns of the file are listed, and one has to choose",
    "E505": FILE,
    "E506": FILE,
    "E507": FILE,
    "E509": OWN,
    "E510": OWN,
    "E601": COMMAND_LINE,
    "E602": OWN,
    "E603": COMMAND_LINE,
    "E604": COMMAND_LINE,
    "E609": COMMAND_LINE,
    "W101": OWN,
    "W103": "it says what becomes of the rest, and nothing has to be typed",
    "W104": OWN,
    "W107": OWN,
    "W108": OWN,
    "W116": OWN,
}


def found_in(text: str) -> list[Diagnostic]:
    """All that `check` says of a text."""
    Path("site.evs").write_text(text, encoding="utf-8")
    spec, found = read("site.evs")
    return found if spec is None else [*found, *load_data(spec)[1]]


def texts_of(code: str) -> list[str]:
    """The wrong example of a page after each choice of its help."""
    wrong, _ = halves(code)
    for block in wrong:
        if "." in block.label:
            Path(block.label).write_text(block.text + "\n", encoding="utf-8")
    (block,) = (block for block in wrong if block.language == "evs" and "." not in block.label)
    text = block.text + "\n" if block.label == "whole" else completed(block.text)
    found = [one for one in dict.fromkeys(found_in(text)) if one.code == code]
    return [mended for one in found for mended in typed(one)]


@pytest.mark.parametrize("code", [code for code, _, _ in CODES if code not in {*BY_HAND, *NOT_TO_BE_HAD}])
def test_what_the_help_of_a_page_says_leads_to_a_spec_that_is_right(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    texts = texts_of(code)
    assert texts, f"write {code} into BY_HAND, with the reason"
    for text in texts:
        wrong = [(one.code, one.message) for one in found_in(text) if one.is_error or one.code == code]
        assert wrong == [], text


def test_each_code_is_typed_or_has_a_reason() -> None:
    assert {*BY_HAND, *NOT_TO_BE_HAD} <= {code for code, _, _ in CODES}
    assert not {*BY_HAND} & {*NOT_TO_BE_HAD}
