"""Writes the grammar for editors, `grammars/evs.tmLanguage.json`, from the words of the language.

python tests/grammar.py            write it
python tests/grammar.py --check    exit 1 if it is out of date
"""

from __future__ import annotations

import sys
from pathlib import Path

from evdsl.language.editors.textmate import written

FILE = Path(__file__).parent.parent / "grammars" / "evs.tmLanguage.json"


def main() -> int:
    fresh = written()
    if "--check" in sys.argv[1:]:
        if not FILE.exists() or FILE.read_text(encoding="utf-8") != fresh:
            print("grammars/evs.tmLanguage.json is out of date: run `python tests/grammar.py`")
            return 1
        return 0
    FILE.write_text(fresh, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
