"""A table of a Parquet file as JSON: the program of a process of its own, in which polars may break off.

`python -P parquet_reader.py FILE ROWS` prints `{"about": ..., "rows": {column: values}}`, where `about` is
the metadata `evdsl` of the file, or `{"error": reason}`. At some files with damaged bytes polars 2.1 ends the
process without an exception (`tests/schedule/test_storage.py` damages a few). The package is not imported
here: what stands beside the file that is read, or in the folder, must not be.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

SECONDS = 120.0


def read_table(path: Path, most: int) -> tuple[dict[str, list[Any]], str]:
    """Columns by name and the text of the metadata; `ValueError` where it has none, or too much."""
    command = [sys.executable, "-P", __file__, str(path.resolve()), str(most)]
    done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    if done.returncode:
        raise ValueError("it is no Parquet file, or a damaged one")
    found = json.loads(done.stdout)
    if "error" in found:
        raise ValueError(found["error"])
    return found["rows"], found["about"]


def _document(path: str, most: int) -> dict[str, Any]:
    import polars

    # A stream and no path: polars knows addresses and patterns.
    with open(path, "rb") as stream:
        about = polars.read_parquet_metadata(stream).get("evdsl", "")
        stream.seek(0)
        count = polars.scan_parquet(stream).select(polars.len()).collect().item()
        if count > most:
            return {"error": f"it has {count:,} rows, and {most:,} are read at most"}
        stream.seek(0)
        table = polars.read_parquet(stream)
    return {"about": about, "rows": {name: table[name].to_list() for name in table.columns}}


if __name__ == "__main__":
    try:
        document = _document(sys.argv[1], int(sys.argv[2]))
    except Exception as problem:  # polars raises what it likes at a damaged file
        document = {"error": str(problem)}
    print(json.dumps(document))
