"""Results as text, as JSON, and as the tables of docs/conformance.md."""
import json
from collections import Counter

from tests.conformance.case import LEVELS
from tests.conformance.run import FAIL, PASS, SKIP


def line(result):
    case = result.case
    return f"{result.verdict}  {case.level:6}  {case.id}  [{case.section}]  {result.came}"


def failure(result):
    case = result.case
    return (f"{case.id} ({case.level}, {case.section})\n"
            f"    rule      {case.family.title}\n    sent      {case.sent}\n"
            f"    accepted  {case.expect.words}\n    came      {result.came}\n")


def _counts(results):
    counts = Counter(result.verdict for result in results)
    return counts[PASS], counts[FAIL], counts[SKIP]


def areas(results):
    """[(area, its results)], in the order of the run."""
    names = dict.fromkeys(result.case.area for result in results)
    return [(name, [r for r in results if r.case.area == name]) for name in names]


def summary(results):
    """Counts by area, and by level."""
    rows = [("area", "cases", "pass", "fail", "skip")]
    rows += [(name, len(some), *_counts(some)) for name, some in areas(results)]
    rows.append(("all", len(results), *_counts(results)))
    rows += [(f"of these {level}", len(some), *_counts(some)) for level in LEVELS
             for some in [[r for r in results if r.case.level == level]]]
    return "\n".join(f"{row[0]:18}" + "".join(f"{cell:>7}" for cell in row[1:]) for row in rows)


def to_json(results, about):
    """One document; `about` says what was tested, and how."""
    return json.dumps({
        "format": 1, "about": about,
        "counts": dict(zip((PASS, FAIL, SKIP), _counts(results))),
        "areas": {name: dict(zip((PASS, FAIL, SKIP), _counts(some)))
                  for name, some in areas(results)},
        "cases": [{"id": r.case.id, "verdict": r.verdict, "level": r.case.level,
                   "rows": r.case.family.rows, "section": r.case.section,
                   "title": r.case.family.title, "sent": r.case.sent,
                   "accepted": r.case.expect.words, "came": r.came,
                   "seconds": round(r.seconds, 3)} for r in results],
    }, indent=1, ensure_ascii=False) + "\n"


def _by_family(results):
    found = {}
    for result in results:
        found.setdefault(result.case.family, []).append(result)
    return found


def _share(results):
    passed, failed, skipped = _counts(results)
    parts = [f"{passed}/{passed + failed}"] if passed + failed else []
    return ", ".join(parts + ([f"{skipped} skipped"] if skipped else []))


def markdown(results):
    """The tables of docs/conformance.md: by area, and by family."""
    lines = ["| area | cases | passed | failed | skipped |", "|---|---|---|---|---|"]
    lines += [f"| {name} | {len(some)} | " + " | ".join(map(str, _counts(some))) + " |"
              for name, some in areas(results) + [("**all**", results)]]
    lines += ["", "| family | rule | section | level | rows | passed |",
              "|---|---|---|---|---|---|"]
    for family, some in _by_family(results).items():
        lines.append(f"| `{family.id}` | {family.title} | {family.section} | {family.level} | "
                     f"{' '.join(family.rows)} | {_share(some)} |")
    return "\n".join(lines) + "\n"
