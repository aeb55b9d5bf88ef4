"""Figures, how they are printed, and what changed against those that were kept.

A figure is the spread of one number over the rounds of a run: median, least, greatest. A section is a list of rows over
a dict of figures; what is kept (tests/bench/baseline.json, and as tables docs/performance.md) is each figure's spread with
the conditions of its section.
"""
import json
import os
import statistics
from collections import namedtuple

from tests.bench.servers import HERE, ROOT

PAGE = os.path.join(ROOT, "docs", "performance.md")
BEGIN, END = "<!-- figures: written by scripts/bench --keep -->", "<!-- end of figures -->"
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


def change(now, kept):
    """How a figure's median differs from the one that was kept, as text."""
    if kept is None:
        return ""
    before = kept["median"]
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
    """Section name -> {"conditions": ..., "figures": {name: spread}}."""
    if not os.path.exists(BASELINE):
        return {}
    with open(BASELINE, encoding="utf-8") as file:
        return json.load(file)


def keep(result):
    """Replaces the sections that this run measured."""
    kept = read_kept()
    for name, figures in result["figures"].items():
        kept[name] = {"conditions": result["conditions"],
                      "figures": {key: {part: float(f"{found[part]:.5g}") for part in ("median", "min", "max")}
                                  for key, found in sorted(figures.items()) if not key.startswith("own ")}}
    with open(BASELINE, "w", encoding="utf-8") as out:
        json.dump(kept, out, indent=1)
        out.write("\n")


def cells(row, found):
    """The median with its unit, and the span from least to greatest, as text."""
    middle, least, most = (f"{found[part] / row.unit:.{row.digits}f}" for part in ("median", "min", "max"))
    return f"{middle} {row.name}".strip(), "" if least == most else f"{least} – {most}"


def markdown(rows, figures):
    lines = ["| what | median | min – max | budget |", "|---|---|---|---|"]
    for row in rows:
        if row.key in figures:
            lines.append("| " + " | ".join((row.what.strip(), *cells(row, figures[row.key]), row.budget)) + " |")
    return lines


def write_page(sections):
    """The tables of docs/performance.md, from what is kept."""
    lines = []
    for name, kept in read_kept().items():
        section, then = sections[name], kept["conditions"]
        lines += ["", f"### {section.TITLE[0].upper()}{section.TITLE[1:]}", "",
                  f"{then['date'][:10]}, commit {then['commit']}, {then['cores']} cores of {then['cpu']}, Linux {then['kernel']}, "
                  f"{then['compiler']}, {then['build']}; load average {then['load_before']} before, {then['load_after']} after.", ""]
        if hasattr(section, "markdown"):
            lines += [*section.markdown(kept["figures"]), ""]
        if not getattr(section, "PAGE_WITHOUT_ROWS", False):
            lines += markdown(section.ROWS, kept["figures"])
    with open(PAGE, encoding="utf-8") as file:
        before, _, rest = file.read().partition(BEGIN)
    with open(PAGE, "w", encoding="utf-8") as out:
        out.write(before + BEGIN + "\n" + "\n".join(lines) + "\n\n" + END + rest.partition(END)[2])
