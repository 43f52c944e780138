"""Texts and files made to break a reader: each is refused with a diagnostic, quickly, in little memory.

The ceilings are generous, for busy machines: most cases take a quarter of a second and 40 MB.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from worlds import DATA, FIRST_SPEC, SPECS

from evdsl.diagnostics.diagnostic import render
from evdsl.diagnostics.source import Source
from evdsl.semantics.overrides import Overrides
from evdsl.semantics.resolve import resolve

SECONDS = 20
MEGABYTES = 400

SOUND = """\
station lot {
    start   = 2024-03-12
    horizon = 24 h
    step    = 15 min
    zone    = "Europe/Rome"
}
param gamma = 0.40 EUR/kWh
grid {
    price = 0.20 EUR/kWh
}
class car {
    battery = 52 kWh
    charge  = 11 kW
}
fleet day of car {
    count   = 6
    arrival = normal(08:15, 45 min)
    stay    = normal(8 h, 1 h)
    energy  = 20 kWh
}
minimize cost + gamma * unmet
"""
"""The first spec of the language page, less its roof."""

PROGRAM = """\
import re, sys
from evdsl.cli.main import main
status = main(sys.argv[1:])
try:
    # Not `ru_maxrss`, which begins with the memory of the process that started this one.
    peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read()).group(1)) // 1024
except OSError:
    peak = 0
print("peak", peak, file=sys.stderr)
sys.exit(status)
"""


@dataclass(frozen=True)
class Outcome:
    """How `evdsl check` took a text: its exit status, what it said, and the memory it had (MB)."""

    status: int
    codes: tuple[str, ...]
    text: str
    megabytes: int


def check(folder: Path, content: str | bytes, *arguments: str) -> Outcome:
    """Runs `evdsl check -v` on a text in a process of its own, which is stopped after some seconds."""
    path = folder / "lot.evs"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return run(folder, "check", "-v", "lot.evs", *arguments)


def run(folder: Path, *arguments: str) -> Outcome:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=SECONDS,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr[-2000:]
    assert "bug:" not in done.stderr, done.stderr[-2000:]
    peak = int(done.stderr.rsplit("peak ", 1)[1])
    codes = tuple(re.findall(r"^(?:error|warning)\[(\w+)", done.stderr, re.MULTILINE))
    return Outcome(done.returncode, codes, done.stdout + done.stderr, peak)


def refused(outcome: Outcome, code: str) -> None:
    """The text was refused for that reason, in little memory and few lines."""
    assert outcome.status == 1
    assert code in outcome.codes, outcome.text[:2000]
    assert len(outcome.codes) <= 50
    assert outcome.megabytes < MEGABYTES
    assert len(outcome.text) < 200_000


def names(line: str, first: str = "") -> str:
    """The sound spec and 400 definitions, each with its number `i` and that of the one before, `j`."""
    return SOUND + first + "".join(f"let {line}\n".format(i=i, j=i - 1) for i in range(1, 400))


TEXTS: dict[str, tuple[str, Callable[[], str | bytes]]] = {
    "100,000 brackets": ("E004", lambda: f"{SOUND}let x = {'(' * 100_000}"),
    "100,000 brackets from the start": ("E101", lambda: "(" * 100_000),
    "100,000 lists": ("E004", lambda: f"{SOUND}let x = {'[' * 50_000}{']' * 50_000}"),
    "100,000 braces": ("E101", lambda: "{" * 100_000),
    "100,000 closing braces": ("E102", lambda: "}" * 100_000),
    "blocks in blocks": ("E004", lambda: "a b { " * 20_000),
    "100,000 minus signs": ("E004", lambda: f"{SOUND}let x = {'-' * 100_000}1"),
    "60,000 terms": ("E004", lambda: f"{SOUND}let x = {'1 + ' * 60_000}1"),
    "100,000 quotes": ("E101", lambda: '"' * 100_000),
    "100,000 strange characters": ("E002", lambda: "\N{EURO SIGN}" * 80_000),
    "100,000 broken lines": ("E101", lambda: "x\n" * 100_000),
    "30,000 settings outside a block": ("E101", lambda: "a = 1\n" * 30_000),
    "NUL bytes": ("E001", lambda: b"\0" * 1000),
    "no text": ("E001", lambda: bytes(range(128, 256)) * 100),
    "a text larger than any spec": ("E003", lambda: SOUND + "#" * 300_000),
    "a name of 100,000 letters": ("E203", lambda: f"{SOUND}let x = {'a' * 100_000}"),
    "a number of 100,000 digits": ("E307", lambda: f"{SOUND}let x = {'9' * 100_000}"),
    "a unit of 1,000 parts": ("E302", lambda: f"{SOUND}let x = 1 kW{'/s' * 1000}"),
    "a file name of 100,000 letters": ("E503", lambda: f'{SOUND}include "{"a" * 100_000}"'),
    "10,000 unknown names": ("E003", lambda: SOUND + "".join(f"let a{i} = b{i}\n" for i in range(10_000))),
    "400 names that resemble each other": (
        "E203",
        lambda: names("abcdefgh{i} = abcdefg{i}"),
    ),
    "10,000 unknown blocks": ("E201", lambda: SOUND + "".join(f"blok b{i} {{ }}\n" for i in range(10_000))),
    "10,000 unknown settings": (
        "E202",
        lambda: SOUND.replace("price =", "".join(f"prise{i} = 1\n" for i in range(10_000)) + "price ="),
    ),
    "8,000 unknown toggles": (
        "E204",
        lambda: f"{SOUND}enable {', '.join(f'togle{i}' for i in range(8_000))}\n",
    ),
    "3,000 vehicles of one name": (
        "E207",
        lambda: SOUND + "vehicle v of car { arrival = 08:00\n stay = 1 h\n energy = 1 kWh }\n" * 3_000,
    ),
    "a chain of 400 names, each defined after its use": (
        "E004",
        lambda: SOUND + "".join(f"let a{i} = a{i + 1} + 1\n" for i in range(400)) + "let a400 = 1\n",
    ),
    "names that double each other 400 times": (
        "E004",
        lambda: names("a{i} = a{j} + a{j}", "let a0 = cost\n"),
    ),
    "numbers that square each other": (
        "E307",
        lambda: names("a{i} = a{j} * a{j}", "let a0 = 2\n"),
    ),
    "units that square each other": (
        "E301",
        lambda: names("a{i} = a{j} * a{j}", "let a0 = 1 kWh\n"),
    ),
    "lists that double each other": (
        "E305",
        lambda: names("a{i} = [a{j}, a{j}]", "let a0 = [1]\n"),
    ),
    "calls in calls, through names": (
        "E004",
        lambda: f"{SOUND}let b = {'max(1, ' * 99}a{')' * 99}\nlet a = {'min(1, ' * 99}1{')' * 99}\n",
    ),
    "10,000 files to include": ("E501", lambda: "".join(f'include "{i}.evs"\n' for i in range(10_000))),
    "a horizon of 10^9 steps": ("E410", lambda: SOUND.replace("24 h", "250e6 h", 1)),
    "a step of nothing": ("E410", lambda: SOUND.replace("15 min", "1e-300 s", 1)),
    "a fleet larger than any": ("E308", lambda: SOUND.replace("count   = 6", "count = 1e12")),
    "a million vehicles for eight hours": ("E410", lambda: SOUND.replace("count   = 6", "count = 1_000_000")),
    "a thousand fleets of a million": (
        "E410",
        lambda: SOUND
        + "".join(
            f"fleet f{i} of car {{ count = 1e6\n arrival = 08:00\n stay = 1 h\n energy = 1 kWh }}\n"
            for i in range(1000)
        ),
    ),
    "vehicles over ten years": (
        "E410",
        lambda: SOUND.replace("24 h", "87600 h", 1).replace("15 min", "30 min", 1).replace("6\n", "60\n", 1)
        .replace("normal(8 h, 1 h)", "87600 h"),
    ),
    "a distribution that never means anything": (
        "E510",
        lambda: SOUND.replace("normal(8 h, 1 h)", "normal(-99 h, 1 s)").replace("= 6", "= 100_000"),
    ),
    "a choice of 6,000 with a wrong weight": (
        "E308",
        lambda: SOUND.replace(
            "20 kWh", f"choice([{','.join(['1 kWh'] * 3000)}], weights=[{','.join(['1'] * 2999)}])"
        ),
    ),
    "a daily table of 9,000 entries": (
        "E004",
        lambda: SOUND.replace("0.20 EUR/kWh", f"{{ {', '.join(['00:00: 1 EUR/kWh'] * 9000)} }}"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_is_refused(name: str, tmp_path: Path) -> None:
    code, text = TEXTS[name]
    refused(check(tmp_path, text()), code)


PRICE = "price = 0.20 EUR/kWh"
FILES: dict[str, tuple[str, Callable[[], str | bytes]]] = {
    "a cell of 10 MB": ("E503", lambda: "time,price\n2024-03-12 00:00," + "x" * 10_000_000),
    "a cell of 10 MB in quotes": ("E503", lambda: 'time,price\n"' + "x" * 10_000_000 + '",1\n'),
    "a quote that is never closed": ("E503", lambda: 'time,price\n"2024' + "\n" * 1000),
    "a file of 40 MB": ("E503", lambda: "x" * 40_000_000),
    "31 million blank lines": ("E503", lambda: "time,price\n" + "\n" * 31_000_000),
    "31 million commas": ("E503", lambda: "time,price\n" + "," * 31_000_000),
    "half a million columns": ("E504", lambda: "x," * 500_000 + "x\n" + "1," * 500_000 + "1\n"),
    "300,000 rows of one time": ("E507", lambda: "time,price\n" + "2024-03-12 00:00,1\n" * 300_000),
    "NUL bytes": ("E503", lambda: b"time,price\n\0\0\0"),
    "an archive": ("E503", lambda: b"\x1f\x8b\x08\x00" + bytes(range(256)) * 1000),
    "control characters": ("E507", lambda: "time,price\n2024-03-12 00:00,\x1b[2J\x1b]0;x\x07\n" * 2),
    "numbers beyond numbers": ("E505", lambda: f"time,price\n2024-03-12 00:00,{'9' * 400}\n2024-03-13,1\n"),
    "dates beyond calendars": ("E505", lambda: "time,price\n2024-03-12 00:00,1\n9999-12-31 23:59,1\n"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_a_hostile_csv_file_is_refused(name: str, tmp_path: Path) -> None:
    code, content = FILES[name]
    written = content()
    (tmp_path / "p.csv").write_bytes(written if isinstance(written, bytes) else written.encode())
    outcome = check(tmp_path, SOUND.replace(PRICE, 'price = csv("p.csv", time="time", unit="EUR/kWh")'))
    if code != "E504":
        refused(outcome, code)
    else:
        assert outcome.status == 1
        assert outcome.codes == (code,)
    assert "\x1b" not in outcome.text


def test_a_sparse_file_of_50_gb_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "p.csv").open("wb") as stream:
        stream.truncate(50_000_000_000)
    for call in ('csv("p.csv", unit="EUR/kWh")', 'tariff("p.csv", unit="EUR/kWh")'):
        outcome = check(tmp_path, SOUND.replace(PRICE, f"price = {call}"))
        refused(outcome, "E503")
        assert outcome.megabytes < 200


def season(times: list[float]) -> dict[str, object]:
    dates = {"effective_start": "01-01", "effective_end": "12-31", "dow_mask": "ALL"}
    return {**dates, "times": times, "tariffs": [1] * len(times)}


TARIFFS: dict[str, Callable[[], str]] = {
    "nested a million deep": lambda: "[" * 900_000,
    "an integer of 900,000 digits": lambda: '{"schedule": [{"times": [' + "9" * 900_000 + "]}]}",
    "a number beyond numbers": lambda: json.dumps({"schedule": [season([0.0])]}).replace("[1]", "[1e999]"),
    "100,000 times a day": lambda: json.dumps({"schedule": [season([i / 5000 for i in range(100_000)])]})[
        :900_000
    ],
    "5,000 times a day": lambda: json.dumps({"schedule": [season([i * 24 / 5000 for i in range(5000)])]}),
    "8,000 seasons": lambda: json.dumps({"schedule": [season([0])] * 8000}, separators=(",", ":"))[:999_000],
}


@pytest.mark.parametrize("name", TARIFFS)
def test_a_hostile_tariff_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(TARIFFS[name]())
    text = SOUND.replace(PRICE, 'price = tariff("t.json", unit="EUR/kWh")').replace("24 h", "3650 d", 1)
    refused(check(tmp_path, text.replace("15 min", "1 h", 1)), "E505")


def test_too_many_sessions_are_refused_before_their_steps_are_laid_out(tmp_path: Path) -> None:
    rows = "2024-03-12 08:00,2024-03-12 17:00,1\n" * 60_000
    (tmp_path / "s.csv").write_text(f"arrival,departure,energy (kWh)\n{rows}")
    call = 'csv("s.csv", arrival="arrival", departure="departure", energy="energy (kWh)")'
    text = f"{SOUND}sessions log of car = {call}\n".replace("15 min", "1 min", 1)
    outcome = check(tmp_path, text)
    refused(outcome, "E410")
    assert "with `log` the spec has 60,006 vehicles" in outcome.text


def test_includes_that_include_each_other_in_a_long_chain_are_refused(tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"{number}.evs").write_text(f'include "{number + 1}.evs"\n')
    refused(check(tmp_path, f'include "0.evs"\n{SOUND}'), "E211")


def test_includes_that_add_up_to_a_large_text_are_refused(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number}.evs").write_text("x" * 200_000)
    refused(check(tmp_path, SOUND + "".join(f'include "{number}.evs"\n' for number in range(20))), "E003")


def test_a_spec_that_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.evs")
    (tmp_path / "loop.evs").symlink_to("loop.evs")
    for name in ("pipe.evs", "loop.evs", ".", "missing.evs", "lot.evs/"):
        outcome = run(tmp_path, "check", name)
        assert (outcome.status, outcome.codes) == (1, ("E001",))
    assert run(tmp_path, "check", "/dev/zero").codes == ("E003",)
    assert run(tmp_path, "check", "/dev/null").codes == ("E209", "E401")


def test_terminal_commands_in_names_are_not_passed_on(tmp_path: Path) -> None:
    outcome = check(tmp_path, f'{SOUND}include "\x1b[2J\x1b]0;gone\x07.evs"\n')
    assert "\x1b" not in outcome.text
    assert "\x07" not in outcome.text
    outcome = check(tmp_path, SOUND, "--set", "gamma=\x1b[2J", "--json")
    assert "\x1b" not in outcome.text


def test_a_long_horizon_is_refused_before_anything_is_allocated() -> None:
    text = SOUND.replace("24 h", "1e9 h", 1)
    resolve(Source("lot.evs", text))
    tracemalloc.start()
    spec, found = resolve(Source("lot.evs", text))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert spec is None
    assert [diagnostic.code for diagnostic in found] == ["E410"]
    assert peak < 5_000_000


@pytest.mark.slow
def test_a_sound_spec_at_the_edge_of_what_is_allowed_is_taken(tmp_path: Path) -> None:
    """The ceilings are not in the way of honest specs."""
    blocks = "".join(
        f"vehicle v{i} of car {{ arrival = 08:00\n stay = 1 h\n energy = 1 kWh }}\n" for i in range(1000)
    )
    outcome = check(tmp_path, SOUND + blocks)
    assert outcome.status == 0, outcome.text[:2000]
    names = "".join(f"let a{i} = {f'a{i - 1}' if i else '1'} + 1\n" for i in range(400))
    assert check(tmp_path, SOUND + names).status == 0
    terms = " + ".join(["cost"] * 190)
    assert check(tmp_path, f"{SOUND}let x = {terms}\n").status == 0
    brackets = f"{'(' * 90}1{')' * 90}"
    assert check(tmp_path, f"{SOUND}let x = {brackets}\n").status == 0
    calls = f"{'min(1, ' * 95}1{')' * 95}"
    assert check(tmp_path, f"{SOUND}let x = {calls}\n").status == 0


# Mutations

TOKEN = re.compile(r'"[^"\n]*"|[A-Za-z_]\w*|\d[\d:.\-]*|\n|[ \t]+|.')
FOREIGN = [
    *"{ } ( ) [ ] .. * / + - = == , : . # < >= 0 -1 1e308 1e-308 24:00 % kW kWh h d EUR USD".split(),
    *"then minimize maximize fairness peak enable disable let param require include pareto of".split(),
    *"max_energy uniform(0,1) poisson(3) beta(1,1) choice([1,2],weights=[1,0])".split(),
    'column("x")',
    "normal(08:00, 1 h)",
    "2024-03-31 02:30",
    "2200-01-01",
    'csv("x.csv")',
    "sum(v in x: y)",
    "\x00",
    "\N{GREEK SMALL LETTER ALPHA}",
    '"',
]


def mutated(text: str, chance: random.Random) -> str:
    """The text with a few of its words left out, repeated, swapped or replaced."""
    words = TOKEN.findall(text)
    foreign = [*FOREIGN, *words]
    for _ in range(chance.choice([1, 1, 2, 3, 6])):
        at = chance.randrange(len(words))
        match chance.randrange(5):
            case 0:
                del words[at : at + chance.choice([1, 1, 3])]
            case 1:
                words[at] = chance.choice(foreign)
            case 2:
                words.insert(at, chance.choice(foreign))
            case 3:
                other = chance.randrange(len(words))
                words[at], words[other] = words[other], words[at]
            case _:
                words[at:at] = words[at : at + chance.randrange(1, 12)]
        words = words or ["\n"]
    return "".join(words)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(3))
@pytest.mark.parametrize("name", ["jpl", "language"])
def test_no_mutation_of_a_spec_makes_the_reader_fail(name: str, part: int) -> None:
    """300 mutations of each; those that are still sound have their data read too."""
    from evdsl.data.load import load_data

    text = (SPECS / "sites/jpl.evs").read_text() if name == "jpl" else FIRST_SPEC
    folders = (DATA,) if DATA.is_dir() else ()
    for seed in range(part * 100, part * 100 + 100):
        mutation = mutated(text, random.Random(f"{name} {seed}"))
        try:
            spec, found = resolve(
                Source("lot.evs", mutation, Path("/nowhere/lot.evs")), Overrides(folders=folders)
            )
            assert (spec is None) == any(diagnostic.is_error for diagnostic in found)
            if spec is not None:
                data, more = load_data(spec)
                assert (data is None) == any(diagnostic.is_error for diagnostic in more)
                found = [*found, *more]
            assert render(found) or not found
            json.dumps([diagnostic.as_record() for diagnostic in found])
        except Exception as error:
            pytest.fail(f"{error!r} for the mutation {seed}:\n{mutation}")


def test_the_specs_that_are_mutated_are_sound() -> None:
    spec, found = resolve(Source("lot.evs", FIRST_SPEC))
    assert spec is not None, render(found)
    assert not found
