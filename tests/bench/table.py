"""Figures, how they are printed, and what changed against those that were kept.

A figure is the spread of one number over the rounds of a run: median, least, greatest. A section is a list of rows over
a dict of figures; what is kept (tests/bench/baseline.json) is each figure's median with the conditions of its section.
"""
import json
import os
import statistics
from collections import namedtuple

from tests.bench.servers import HERE

BASELINE = os.path.join(HERE, "baseline.json")
CHANGED = 0.05  # smaller changes are the machine's

# what; the figure's name; what is allowed, as text; divided by; digits; the unit's name
Row = namedtuple("Row", "what key budget unit digits name", defaults=("", 1, 2, ""))


def spread(numbers):
    numbers = list(numbers) if isinstance(numbers, (list, tuple)) else [numbers]
    return {"median": statistics.median(numbers), "min": min(numbers), "max": max(numbers), "all": numbers}


def over_rounds(rounds):
    """Dicts of numbers, one for each round, as a dict of figures."""
    return {key: spread([one[key] for one in rounds]) for key in rounds[0]}


def change(now, before):
    """How a figure differs from the one that was kept, as text."""
    if before is None:
        return ""
    if before == now:
        return "="
    if before == 0:
        return f"was {before:g}"
    ratio = now / before - 1
    return "=" if abs(ratio) < CHANGED else f"{ratio:+.0%}"


def print_rows(title, rows, figures, kept):
    print(f"\n{title:<56} {'median':>10}       {'min - max':>19} {'change':>8}  budget")
    for row in rows:
        if row.key not in figures:
            continue
        found = figures[row.key]
        middle, least, most = (f"{found[part] / row.unit:.{row.digits}f}" for part in ("median", "min", "max"))
        print(f"{row.what:<56} {middle:>10} {row.name:<5} {least + ' - ' + most:>19} "
              f"{change(found['median'], kept.get(row.key)):>8}  {row.budget}")


def read_kept():
    """Section name -> {"conditions": ..., "figures": {name: median}}."""
    if not os.path.exists(BASELINE):
        return {}
    with open(BASELINE, encoding="utf-8") as file:
        return json.load(file)


def keep(result):
    """Replaces the sections that this run measured."""
    kept = read_kept()
    for name, figures in result["figures"].items():
        kept[name] = {"conditions": result["conditions"],
                      "figures": {key: float(f"{found['median']:.5g}") for key, found in sorted(figures.items())
                                  if not key.startswith("own ")}}
    with open(BASELINE, "w", encoding="utf-8") as out:
        json.dump(kept, out, indent=1, sort_keys=True)
        out.write("\n")
