"""Files and texts that are made to do harm: what `hostile.py` runs."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import os
import pickle
import socket
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TIME, UNIT = 'time="time"', 'unit="EUR/kWh"'
SPEC = """\
station lot {
    start   = 2024-03-12
    horizon = 24 h
    step    = 1 h
}
grid {
    price = 0.20 EUR/kWh
}
class car {
    battery = 52 kWh
    charge  = 11 kW
}
fleet day of car {
    count   = 2
    arrival = 08:00
    stay    = 8 h
    energy  = 20 kWh
}
minimize cost
"""
ROWS = "".join(f"2024-03-12 {hour:02}:00,0.2\n" for hour in range(24))
GOOD = f"time,price\n{ROWS}"


def series(name: str) -> str:
    return SPEC.replace("0.20 EUR/kWh", f'csv("{name}", {TIME}, {UNIT})')


def tariff(name: str) -> str:
    return SPEC.replace("0.20 EUR/kWh", f'tariff("{name}", {UNIT})')


def sessions(name: str) -> str:
    columns = 'arrival="arrival", departure="departure", energy="energy (kWh)"'
    return f'{SPEC}sessions log of car = csv("{name}", {columns})\n'


def include(name: str) -> str:
    return f'{SPEC}include "{name}"\n'


@dataclass(frozen=True, slots=True)
class Case:
    """What is written into the folder `site`, and the codes of which one is to be said."""

    name: str
    text: str | bytes
    codes: tuple[str, ...]
    make: Callable[[Path], object] = lambda _: None
    spec: str = "lot.evs"
    result: str = ""


def link(target: str) -> Callable[[Path], object]:
    return lambda site: (site / "p.csv").symlink_to(target)


def content(data: str | bytes | Callable[[], str | bytes]) -> Callable[[Path], object]:
    def write(site: Path) -> None:
        made = data() if callable(data) else data
        (site / "p.csv").write_bytes(made if isinstance(made, bytes) else made.encode())

    return write


def unix_socket(site: Path) -> None:
    here = os.getcwd()
    os.chdir(site)  # the path of a socket has a hundred characters at most
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("p.csv")
    os.chdir(here)


def outside_folder(site: Path) -> None:
    (site / "door").symlink_to(site.parent)


class Payload:
    """Writes a file where it is unpickled."""

    def __reduce__(self) -> object:
        return (Path.touch, (Path("unpickled"),))


def zipped(inner: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.writestr("p.csv", inner)
    return stream.getvalue()


def netcdf(site: Path, size: int, coordinate: bool = False) -> None:
    """A file of some kilobytes that holds `size` numbers."""
    import netCDF4

    with netCDF4.Dataset(site / "r.nc", "w") as made:
        made.createDimension("time", size)
        made.createVariable("time" if coordinate else "import", "f8", ("time",), zlib=True)


def parquet(site: Path) -> None:
    """Thirty million rows of one value each, in some kilobytes."""
    import polars

    names = ["variable", "vehicle", "time", "value", "unit"]
    column = polars.repeat("x", 30_000_000, dtype=polars.Categorical, eager=True)
    polars.DataFrame(dict.fromkeys(names, column)).write_parquet(site / "r.parquet")


def table_bomb(site: Path) -> None:
    """Names of 30,000 vehicles and times, and a variable over both: 7 GB."""
    names = [str(number) for number in range(30_000)]
    about = {
        "attributes": {},
        "vehicles": names,
        "times": names,
        "ports": [],
        "variables": {"charge": {"dims": ["vehicle", "time"], "type": "float64", "units": "kW"}},
    }
    columns: dict[str, list[str]] = {name: [] for name in ("variable", "vehicle", "time", "value", "unit")}
    (site / "r.json").write_text(json.dumps({"schedule": {"about": about, **columns}}))


def stored(name: str, data: str | bytes) -> Callable[[Path], object]:
    return lambda site: (site / name).write_bytes(data if isinstance(data, bytes) else data.encode())


MILLION = 1_000_000
PATHS: tuple[tuple[str, str, tuple[str, ...], Callable[[Path], object]], ...] = (
    ("a path upwards", "../secret.csv", ("E502",), lambda _: None),
    ("a path down and upwards", "sub/../../secret.csv", ("E502",), lambda site: (site / "sub").mkdir()),
    ("an absolute path", "/etc/passwd", ("E502",), lambda _: None),
    ("an absolute path with two slashes", "//etc/passwd", ("E502",), lambda _: None),
    ("a home folder", "~/.ssh/id_rsa", ("E502",), lambda _: None),
    ("a variable of the shell", "$HOME/x.csv", ("E501",), lambda _: None),
    ("a path of another system", "..\\\\secret.csv", ("E501", "E502"), lambda _: None),
    ("a drive", "C:\\\\secret.csv", ("E502",), lambda _: None),
    ("a share", "\\\\\\\\host\\\\share\\\\x.csv", ("E502",), lambda _: None),
    ("a path upwards in percent signs", "%2e%2e/secret.csv", ("E501",), lambda _: None),
    ("a path upwards in other dots", "\u2025/secret.csv", ("E501",), lambda _: None),
    ("a link to a file outside", "p.csv", ("E502",), link("../secret.csv")),
    ("a link to a folder outside", "door/secret.csv", ("E502",), outside_folder),
    ("a link to nothing outside", "p.csv", ("E501", "E502"), link("../missing.csv")),
    ("a link to itself", "p.csv", ("E503",), link("p.csv")),
    ("a link to the passwords", "p.csv", ("E502",), link("/etc/passwd")),
    ("a link to endless zeros", "p.csv", ("E502",), link("/dev/zero")),
    ("a link to the memory", "p.csv", ("E502",), link("/proc/self/mem")),
    ("endless zeros", "/dev/zero", ("E502",), lambda _: None),
    ("chance", "/dev/random", ("E502",), lambda _: None),
    ("standard input", "/dev/stdin", ("E502",), lambda _: None),
    ("the environment", "/proc/self/environ", ("E502",), lambda _: None),
    ("a pipe", "p.csv", ("E503",), lambda site: os.mkfifo(site / "p.csv")),
    ("a socket", "p.csv", ("E503",), unix_socket),
    ("a folder", "p.csv", ("E503",), lambda site: (site / "p.csv").mkdir()),
    ("a file taken for a folder", "lot.evs/p.csv", ("E501", "E503"), lambda _: None),
    ("an address", "http://127.0.0.1:9/p.csv", ("E502",), lambda _: None),
    ("a safe address", "https://example.org/p.csv", ("E502",), lambda _: None),
    ("an address of a file", "file:///etc/passwd", ("E502",), lambda _: None),
    ("a bucket", "s3://bucket/p.csv", ("E502",), lambda _: None),
    ("a server of files", "ftp://example.org/p.csv", ("E502",), lambda _: None),
    ("an archive as an address", "zip://p.zip::p.csv", ("E502",), lambda _: None),
    ("a name of 5,000 letters", "x" * 5000, ("E503",), lambda _: None),
)
"""Name of the case, path, codes, and what lies in the folder."""

CONTENTS: tuple[tuple[str, tuple[str, ...], str | bytes | Callable[[], str | bytes]], ...] = (
    ("a zip bomb", ("E503",), lambda: zipped(bytes(50 * MILLION))),
    ("a zip bomb in a zip bomb", ("E503",), lambda: zipped(zipped(bytes(20 * MILLION)) * 50)),
    ("a gzip bomb", ("E503",), lambda: gzip.compress(bytes(50 * MILLION), 1)),
    ("a bzip2 bomb", ("E503",), lambda: bz2.compress(bytes(20 * MILLION), 1)),
    ("an xz bomb", ("E503",), lambda: lzma.compress(bytes(20 * MILLION), preset=0)),
    ("half a gzip file", ("E503",), lambda: gzip.compress(GOOD.encode())[:-20]),
    ("a pickle that runs", ("E503",), lambda: pickle.dumps(Payload(), 4)),
    ("a pickle of letters", ("E503", "E504", "E505"), lambda: pickle.dumps(Payload(), 0)),
    ("a NetCDF file", ("E503",), b"\x89HDF\r\n\x1a\n\x00" + bytes(500)),
    ("a program", ("E503",), lambda: Path(sys.executable).read_bytes()[: 4 * MILLION]),
    ("one line of 30 MB", ("E503", "E504"), lambda: "time,price\n2024-03-12 00:00,1" + " " * (30 * MILLION)),
    ("a million columns", ("E503", "E504"), lambda: "x," * MILLION + "x\n" + "1," * MILLION + "1\n"),
    ("a header of a million columns", ("E503", "E504", "E505"), lambda: "x," * MILLION + "x\n1\n"),
    ("two million rows", ("E503",), lambda: "time,price\n" + "1,1\n" * (2 * MILLION)),
    ("a cell that is no number", ("E505",), GOOD.replace("0.2", "nan", 1)),
    ("a cell without an end", ("E505",), GOOD.replace("0.2", "-inf", 1)),
    ("a cell of 1e308", ("E505",), GOOD.replace("0.2", "1e308", 1)),
    ("a cell of a spreadsheet's command", ("E505",), GOOD.replace("0.2", "=cmd|'/c calc'!A1", 1)),
    ("digits of another script", (), GOOD.replace("0.2", "0.\u0662", 1)),
    ("text in UTF-16", ("E503",), GOOD.encode("utf-16")),
    ("text in UTF-32", ("E503",), GOOD.encode("utf-32")),
    ("text that is no UTF-8", ("E503",), GOOD.encode() + b"\xc3\x28\n"),
    ("overlong characters", ("E503",), GOOD.encode() + b"\xc0\xaf\n"),
    ("lone surrogates", ("E503",), GOOD.encode() + b"\xed\xa0\x80\n"),
    ("only a mark of the byte order", ("E503",), b"\xef\xbb\xbf"),
    ("nothing", ("E503",), b""),
    ("only blank lines", ("E503",), b"\n" * 1000),
    ("a header and no rows", ("E503",), b"time,price\n"),
    ("a sound file with a mark of the byte order", (), b"\xef\xbb\xbf" + GOOD.encode()),
)

JSONS: tuple[tuple[str, str | bytes], ...] = (
    ("a tariff nested 300,000 deep", "[" * 300_000 + "]" * 300_000),
    ("a tariff of objects nested deep", '{"schedule":' * 60_000),
    ("a tariff with a number of 500,000 digits", '{"schedule": [' + "9" * 500_000 + "]}"),
    (
        "a tariff with a price that is no number",
        '{"schedule": [{"times": [0], "tariffs": [NaN], "dow_mask": "ALL", '
        '"effective_start": "01-01", "effective_end": "12-31"}]}',
    ),
    ("a tariff that is a text", '"schedule"'),
)


def cases() -> list[Case]:
    """Every case: each path as a series, a tariff, sessions and a file to include, and each content."""
    uses = (("series", series), ("tariff", tariff), ("sessions", sessions), ("include", include))
    found = [
        Case(f"{name} as {use}", write(path), codes, make)
        for name, path, codes, make in PATHS
        for use, write in uses
    ]
    found += [Case(name, series("p.csv"), codes, content(data)) for name, codes, data in CONTENTS]
    found += [Case(name, tariff("p.csv"), ("E505",), content(data)) for name, data in JSONS]
    found += [
        Case("a gzip bomb of sessions", sessions("p.csv"), ("E503",), content(gzip.compress(bytes(MILLION)))),
        Case("a gzip bomb to include", include("p.csv"), ("E001",), content(gzip.compress(bytes(MILLION)))),
        Case("a NUL in a name", f'{SPEC}include "a\0.evs"\n', ("E001",)),
        Case("a spec that is an archive", zipped(SPEC.encode()), ("E001",)),
        Case("a spec in UTF-16", SPEC.encode("utf-16"), ("E001",)),
        Case("a spec of endless zeros", "", ("E003",), spec="/dev/zero"),
        Case("a spec of chance", "", ("E001", "E003"), spec="/dev/urandom"),
        Case("a spec that is the memory", "", ("E001",), spec="/proc/self/mem"),
        Case("a spec that is an address", "", ("E001",), spec="http://127.0.0.1:9/lot.evs"),
        Case("a spec that is a socket", "", ("E001",), unix_socket, "p.csv"),
        Case("a spec that is a folder", "", ("E001",), spec="."),
    ]
    results: tuple[tuple[str, str, Callable[[Path], object]], ...] = (
        ("a NetCDF bomb", "r.nc", lambda site: netcdf(site, 2_000 * MILLION)),
        ("a NetCDF bomb in a coordinate", "r.nc", lambda site: netcdf(site, 2_000 * MILLION, True)),
        ("a Parquet bomb", "r.parquet", parquet),
        ("a table larger than any memory", "r.json", table_bomb),
        ("a pickle as a schedule", "r.nc", stored("r.nc", pickle.dumps(Payload(), 4))),
        ("a schedule nested deep", "r.json", stored("r.json", "[" * 300_000)),
        ("a schedule that is an archive", "r.csv", stored("r.csv", gzip.compress(bytes(50 * MILLION)))),
        ("a schedule of one endless line", "r.csv", stored("r.csv", "# evdsl " + "[" * (30 * MILLION))),
        ("a schedule that is a pipe", "r.csv", lambda site: os.mkfifo(site / "r.csv")),
        ("a schedule of endless zeros", "r.csv", lambda site: (site / "r.csv").symlink_to("/dev/zero")),
    )
    return found + [Case(name, SPEC, ("E609",), make, result=result) for name, result, make in results]
