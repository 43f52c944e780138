"""Writes `docs/goals.md` and its picture: one site under four goals. Run as `python docs/goals.py`."""

from __future__ import annotations

from pathlib import Path

import evdsl

HERE = Path(__file__).parent
SPEC = HERE.parent / "specs" / "sites" / "goals.evs"
PAGE, PICTURE = HERE / "goals.md", HERE / "goals.svg"
GOALS = {
    "cost": "cost + gamma * unmet",
    "cost + CO2": "cost + gamma * unmet + climate",
    "fair": "-fairness",
    "V2G profit": "gamma * unmet - v2g_profit",
}
WORDS = {
    "cost": ("EUR", 2),
    "co2": ("kg", 1),
    "unmet": ("kWh", 1),
    "fairness": ("", 3),
    "v2g_profit": ("EUR", 2),
    "discharged": ("kWh", 1),
    "peak": ("kW", 1),
}
ABOVE = {"import": "#4c78a8", "roof": "#f2b701", "battery gives": "#b279a2", "vehicles give": "#54a24b"}
BELOW = {"building": "#9d9da1", "vehicles": "#8cd17d", "battery takes": "#d4a6c8", "export": "#e45756"}


def solved() -> dict[str, evdsl.Result]:
    """The schedule of each goal, optimal and verified."""
    results: dict[str, evdsl.Result] = {}
    for name, goal in GOALS.items():
        result = evdsl.compile(evdsl.load(SPEC, set={"goal": goal})).run("highs")
        if result.status is not evdsl.Status.OPTIMAL:
            raise SystemExit(f"{name}: {result.status.value}: {result.message}")
        results[name] = result
    return results


def table(results: dict[str, evdsl.Result]) -> str:
    """Every word under every goal, in Markdown."""
    lines = [
        "| goal | "
        + " | ".join(f"`{word}`{', ' + unit if unit else ''}" for word, (unit, _) in WORDS.items())
        + " |",
        "|---" * (1 + len(WORDS)) + "|",
    ]
    for name, result in results.items():
        cells = [
            f"{round(result.terms[word], places) + 0.0:,.{places}f}" for word, (_, places) in WORDS.items()
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def picture(results: dict[str, evdsl.Result]) -> None:
    """What gives and what takes power over the day, a panel for each goal."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "evdsl"
    import matplotlib.pyplot as plt

    figure, panels = plt.subplots(2, 2, figsize=(11, 7), sharex=True, sharey=True, layout="constrained")
    for panel, (name, result) in zip(panels.flat, results.items(), strict=True):
        schedule = result.schedule
        assert schedule is not None
        edges = [result.spec.step * at for at in range(result.spec.steps + 1)]
        charge = schedule["charge"].sum("vehicle").values
        flows = {
            "import": schedule["import"].values,
            "roof": schedule["roof"].values,
            "battery gives": schedule["battery.discharge"].values,
            "vehicles give": schedule["discharge"].sum("vehicle").values,
            "building": -schedule["building"].values,
            "vehicles": -charge,
            "battery takes": -schedule["battery.charge"].values,
            "export": -schedule["export"].values,
        }
        for colors in (ABOVE, BELOW):
            base = charge * 0.0
            for label, color in colors.items():
                top = base + flows[label]
                panel.stairs(top, edges, baseline=base, fill=True, color=color, label=label)
                base = top
        terms = result.terms
        worst = f"worst share {100 * terms['fairness']:.0f} %"
        title = f"{name}: {terms['cost']:.0f} EUR, {terms['co2']:.0f} kg, {worst}"
        panel.set_title(title, fontsize=11, loc="left")
        panel.axhline(0.0, color="black", linewidth=0.8)
        panel.set_xticks(range(0, 25, 4), [f"{hour:02}:00" for hour in range(0, 25, 4)])
        panel.set_xlim(0, 24)
        for side in ("top", "right"):
            panel.spines[side].set_visible(False)
    for panel in panels[:, 0]:
        panel.set_ylabel("kW, given above and taken below")
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=8, frameon=False, fontsize=9)
    figure.savefig(PICTURE, metadata={"Date": None})
    plt.close(figure)


def page(results: dict[str, evdsl.Result]) -> str:
    """The whole page."""
    solve = "evdsl solve specs/sites/goals.evs"
    commands = "\n".join(f'{solve} --set goal="{goal}"' for goal in GOALS.values())
    return f"""# One site, four goals

`specs/sites/goals.evs` is a depot: 10 commuters with bidirectional batteries, 6 vans, 16 ports, a
connection of 32 kW, a roof, a stationary battery and a building. Its goal is a `param`, so that another
one is a word on the command line; behind it stands `then minimize cost + gamma * unmet`, which settles
what the goal leaves open.

```sh
{commands}
```

{table(results)}

![What gives and takes power under each goal](goals.svg)

Read along a line: what a choice costs the others. `gamma` says that an undelivered kWh is worth 0.38 EUR, so
the plan for cost leaves the vans without the energy that is dearer than that, and its worst-served vehicle
shows it.
What one choice costs against the spec as it is written, in every word, is one command:

```sh
evdsl price specs/sites/goals.evs fairness co2 v2g
```

This page and its picture are written by `python docs/goals.py`.
"""


if __name__ == "__main__":
    found = solved()
    picture(found)
    PAGE.write_text(page(found), encoding="utf-8")
    print(table(found))
