"""Arguments that several commands have, and what the command line takes for a value of one."""

from __future__ import annotations

import argparse
import os
from math import isfinite


def pair(text: str) -> tuple[str, str]:
    """`NAME=VALUE`."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise argparse.ArgumentTypeError(f"'{text}' is not NAME=VALUE")
    return name.strip(), value.strip()


LEFT_OUT = (
    "network",
    "exclusive_to_relaxation",
    "exclusive_to_nothing",
    "crossing_to_nothing",
    "en_route_to_nothing",
    "ports_to_counts",
)
"""What `--without` may name: rewrites of `evdsl.model.lower`, ways of `evdsl.solver`."""

FUZZ_SECONDS = 5.0
"""For each solve of a campaign, where the command line does not say."""


def whole(text: str) -> int:
    """A whole number."""
    if not text.isdecimal() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 0 to 999999999")
    return int(text)


def positive_count(text: str) -> int:
    """A whole number above 0."""
    value = whole(text)
    if value < 1:
        raise argparse.ArgumentTypeError("at least 1 is needed")
    return value


def number(text: str) -> float:
    """A finite number, or a percentage."""
    try:
        value = float(text.removesuffix("%").strip()) / (100 if text.endswith("%") else 1)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise argparse.ArgumentTypeError(f"'{text}' is not a number")
    return value


def seconds(text: str) -> float:
    """A time limit."""
    value = number(text)
    if value <= 0:
        raise argparse.ArgumentTypeError("a time limit lies above 0 s")
    return value


def minutes(text: str) -> float:
    """A length of time."""
    value = number(text)
    if value <= 0:
        raise argparse.ArgumentTypeError("minutes lie above 0")
    return value


def error_share(text: str) -> float:
    """A share above 0 and below 1."""
    value = number(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError("an error lies above 0 and below 1, such as 0.5%")
    return value


def gap(text: str) -> float:
    """A share below 1."""
    value = number(text)
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError("a gap lies between 0 and 1, such as 0.01 or 1%")
    return value


SIZES = {"MB": 10**6, "GB": 10**9, "TB": 10**12, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
LEAST = 500 * 10**6
"""Bytes; the program and its libraries take four fifths of that before they solve anything."""


def size(text: str) -> int:
    """An amount of memory, in bytes."""
    unit = next((unit for unit in SIZES if text.lower().endswith(unit.lower())), "")
    digits = text[: len(text) - len(unit)].strip()
    if not unit or not digits.replace(".", "", 1).isdecimal() or not digits.isascii() or len(digits) > 9:
        raise argparse.ArgumentTypeError(f"'{text}' is no size such as 2GB or 800MB")
    found = int(float(digits) * SIZES[unit])
    if found < LEAST:
        raise argparse.ArgumentTypeError("the memory is 500MB at least: the program itself takes 400MB")
    return found


def folder(text: str) -> str:
    """A folder that is there."""
    if not os.path.isdir(text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a folder")
    return text


def spec_arguments(command: argparse.ArgumentParser) -> None:
    """The spec that a command is about, and what is said over it."""
    command.add_argument("spec", metavar="SPEC", help="a .evs file")
    override_arguments(command)


def override_arguments(
    command: argparse.ArgumentParser, seed: str = "the seed of the draws, instead of the spec's"
) -> None:
    """What the command line says over a spec."""
    command.add_argument(
        "--set", metavar="NAME=VALUE", action="append", default=[], type=pair, help="set a param"
    )
    command.add_argument("--enable", metavar="TOGGLE", action="append", default=[], help="switch a toggle on")
    command.add_argument(
        "--disable", metavar="TOGGLE", action="append", default=[], help="switch a toggle off"
    )
    command.add_argument("--seed", metavar="N", type=whole, help=seed)
    command.add_argument(
        "--data", metavar="DIR", action="append", default=[], type=folder, help="where data files are"
    )


def solver_arguments(command: argparse.ArgumentParser) -> None:
    """The solver, and what is asked of it."""
    command.add_argument("--backend", metavar="NAME", default="auto", help="highs, scip or auto (default)")
    command.add_argument("--time-limit", metavar="S", type=seconds, help="seconds for all stages together")
    command.add_argument(
        "--gap", metavar="G", type=gap, default=1e-6, help="relative distance to the bound that will do"
    )
    command.add_argument(
        "--threads", metavar="N", type=whole, default=0, help="threads of the solver; 0: its choice"
    )
    memory_argument(command)
    command.add_argument(
        "--without",
        metavar="WAY",
        action="append",
        default=[],
        choices=LEFT_OUT,
        help=f"solve without a simplification or an algorithm: {', '.join(LEFT_OUT)}",
    )
    command.add_argument(
        "--solver-option",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        type=pair,
        help="an option by its solver's name",
    )


def memory_argument(command: argparse.ArgumentParser) -> None:
    """The memory that a command may take."""
    command.add_argument(
        "--memory", metavar="SIZE", type=size, help="such as 2GB; default: nine tenths of what is free"
    )
