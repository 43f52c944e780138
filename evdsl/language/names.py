"""Names that the language keeps for itself, beside those of blocks, settings, toggles and objective words."""

from __future__ import annotations

SET_WORDS = ("vehicles", "fleets", "classes", "ports", "steps")
"""Sets of a requirement."""
AGGREGATES = ("sum", "mean", "max", "min")
"""Functions over a set."""
COMPARISONS = ("<=", ">=", "==")
"""How the two sides of a requirement stand to each other."""
RESERVED = ("max_energy",)
"""Values that stand for what the site decides; `evdsl.semantics.evaluate` says what they are."""
FUNCTIONS = (
    "csv",
    "tariff",
    "column",
    "typical",
    "gaussian",
    "bootstrap",
    "noisy",
    "normal",
    "lognormal",
    "uniform",
    "beta",
    "poisson",
    "choice",
    "min",
    "max",
    "abs",
    "round",
    "above",
)
"""Functions of values; `evdsl.semantics.functions` evaluates them."""
DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
"""Days and months: known as such only where days are read, and free elsewhere."""
STATEMENTS = (
    ("param", "", "a value with a name that `--set` changes"),
    ("let", "", "an expression with a name, in the report where it depends on the schedule"),
    ("require", "", "a constraint of your own"),
    ("minimize", "maximize", "what is to be small or large"),
    ("then", "allowing", "a further stage, which keeps what those before reached"),
    ("pareto", "points", "a front of two expressions in the place of an objective"),
    ("enable", "disable", "switches of what a schedule may do"),
    ("include", "", "the statements of another file"),
)
"""Statements beside blocks and settings: the word that begins them, another word of theirs, what they say."""
