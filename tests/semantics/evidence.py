"""SEMANTICS 5: short evidence."""

import sys

from tests.semantics.harness import injection, span, span_id
from tests.semantics.table import Case, main

ALL = "span[]"
NONE = "span[name=nothing]"
KNOWN = [("pass", "count >= 1", ALL), ("inconclusive", "count = 2", ALL)]  # what a short trace shows of two spans
SURE = [("pass", "count >= 1", ALL), ("pass", "count = 2", ALL)]
A, B = span(1, name="a", attrs={"k": 1}), span(2, parent=1, name="b", attrs={"k": 1})


def two(first, second, **more):
    return [span(1, **first, name="a"), span(2, **second, name="b")], more


FLAGS = {
    0: SURE, 1: SURE, 2: KNOWN, 3: SURE, 0x80: KNOWN, 0x100: SURE, 0x300: SURE, 0x301: SURE, 0x102: KNOWN, 0xFF: SURE,
    0xFE: KNOWN
}

CASES = [
    Case("complete", [A, B], SURE),
    Case("two roots are not short", [span(1), span(2)], SURE),
    Case("no root: a cycle is not short", [span(1, parent=2), span(2, parent=1)], SURE),
    Case("one missing parent ID above all top spans is normal",
         [span(1, parent=9), span(2, parent=9)], SURE),
    Case("one missing ID, below it a tree", [span(1, parent=9), span(2, parent=1)], SURE),
    Case("one missing ID beside a root is short", [span(1), span(2, parent=9)], KNOWN),
    Case("missing parents of two IDs are short", [span(1, parent=8), span(2, parent=9)], KNOWN),
    Case("a cycle beside one missing ID is not",
         [span(1, parent=2), span(2, parent=1), span(3, parent=9)], [("pass", "count = 3", ALL)]),
    Case("a self-parent beside one missing ID is not", [span(1, parent=1), span(2, parent=9)], SURE),
    Case("the injection's span_id counts as present", [span(1, parent=9), span(2, parent=9)], SURE,
         injections=[injection(1, span_id=span_id(9))]),
    Case("also beside a root", [span(1), span(2, parent=9)], SURE, injections=[injection(1, span_id=span_id(9))]),
    Case("known, and another parent is missing", [span(1, parent=8), span(2, parent=1)], KNOWN,
         injections=[injection(1, span_id=span_id(9))]),
    Case("known, and one of two is missing", [span(1, parent=9), span(2, parent=8)], KNOWN,
         injections=[injection(1, span_id=span_id(9))]),
    Case("known, and all are roots", [span(1), span(2)], SURE, injections=[injection(1, span_id=span_id(9))]),
    Case("a record without span_id: one is normal", [span(1, parent=9), span(2, parent=9)], SURE,
         injections=[injection(1)]),
    Case("a record without span_id: two are short", [span(1, parent=9), span(2, parent=8)], KNOWN,
         injections=[injection(1)]),
    Case("lenient: missing parents count for nothing", [span(1), span(2, parent=9)], SURE, evidence="lenient"),
    Case("lenient: rejected spans do", [span(1), span(2), span(0, parent=1)], KNOWN, evidence="lenient"),
    Case("lenient: flags do", [span(1), span(2, flags=2)], KNOWN, evidence="lenient"),
    *[Case(f"flags {flags:#x}", [span(1), span(2, parent=1, flags=flags)], rows) for flags, rows in FLAGS.items()],
    Case(
        "what a further span could change",
        [
            span(1, name="a", attrs={"k": 1, "arr": [1]}),
            span(2, parent=1, name="b", attrs={"k": 1}),
            span(3, parent=9, name="b", attrs={"k": 1})
        ],
        [
            # nothing selected
            ("inconclusive", "k = 1", NONE),
            ("inconclusive", "any: k = 1", NONE),
            ("inconclusive", "none: k = 1", NONE),
            ("inconclusive", "count = 0", NONE),
            ("inconclusive", "k = 1", NONE, {"optional": True}),
            ("inconclusive", "count = 1", NONE, {"optional": True}),
            # counts
            ("inconclusive", "count = 3", ALL),
            ("inconclusive", "count <= 3", ALL),
            ("fail", "count <= 2", ALL),
            ("fail", "count = 2", ALL),
            ("inconclusive", "count = 4", ALL),
            ("pass", "count >= 3", ALL),
            ("inconclusive", "count >= 4", ALL),
            ("pass", "count > 2", ALL),
            ("pass", "count >= 0", ALL),
            ("pass", "count >= 0", NONE),
            ("fail", "count < 0", ALL),
            ("fail", "count < 3", ALL),
            ("pass", "count != 2", ALL),
            ("inconclusive", "count != 3", ALL),
            ("inconclusive", "count != 4", ALL),
            ("fail", "count < 1", ALL),
            ("pass", "count > -1", NONE),
            ("pass", "count != -1", ALL),
            # quantifiers
            ("inconclusive", "k = 1", ALL),
            ("fail", "k = 2", ALL),
            ("inconclusive", "none: k = 2", ALL),
            ("fail", "none: k = 1", ALL),
            ("pass", "any: k = 1", ALL),
            ("inconclusive", "any: k = 2", ALL),
            ("inconclusive", "any: arr = 2", ALL),
            ("fail", "arr = 1", ALL),
            ("error", "arr = 1", "span[name=a]"),
            ("error", "none: arr = 1", "span[name=a]"),
            # names
            ("inconclusive", "$a.k = 1", None),
            ("fail", "$a.k = 2", None),
            ("fail", "$b.k = 1", None),
            ("inconclusive", "$none.k = 1", None),
            ("error", "$a.arr = 1", None),
            ("inconclusive", "count($a) = 1", None),
            ("fail", "count($b) = 1", None),
            ("pass", "count($b) >= 2", None),
            ("inconclusive", "count($none) = 0", None),
            ("pass", "count($none) >= 0", None),
            ("fail", "$a.start - $b.start < 1h", None),
            ("inconclusive", "$a.start - $none.start < 1h", None),
            ("inconclusive", "$a.start - $a.end < 1h", None),
            ("fail", "$a.end - $a.start < 1ms", None),
            ("fail", "$injection.status = 200", None),
            ("fail", "$a.start - $injection.time < 1h", None),
            ("fail", "$a.nope = 1", None),
            ("inconclusive", "$a.nope missing", None),
            ("fail", "not ($a.k = 1)", None),
            # when
            ("inconclusive", "count >= 1", ALL, {"when": NONE}),
            ("inconclusive", "count >= 1", ALL, {"when": "span[name=a]"}),
            ("inconclusive", "count = 7", ALL, {"when": "$a.k = 1"}),
            ("inconclusive", "k = 2", ALL, {"when": "count($a) >= 1"}),
            ("error", "count >= 1", ALL, {"when": "$a.arr = 1"}),
            ("skipped", "count = 1", ALL, {"when": "$injection.status = 200"}),
            # pseudo-classes
            ("inconclusive", "k = 1", "span[]:first"),
            ("inconclusive", "k = 2", "span[]:first"),
            ("inconclusive", "count = 1", "span[]:first"),
            ("inconclusive", "any: k = 1", "span[]:first"),
            ("inconclusive", "none: k = 1", "span[]:first"),
            ("error", "arr = 1", "span[name=a]:first"),
            ("inconclusive", "count >= 1", "span[]:last"),
            ("inconclusive", "k = 2", "span[name=a]:first > span[]"),
            ("error", "none: arr = 1", "span[name=a]:first"),
            ("inconclusive", "$first.k = 2", None),
            ("error", "$first.arr = 2", None),
            # relations only gain
            ("pass", "count >= 1", "span[] > span[]"),
            ("fail", "k = 2", "span[] > span[]"),
            ("fail", "count = 0", "span[] span[]")
        ],
        spans={"a": "span[name=a]", "b": "span[name=b]", "none": NONE, "first": "span[name=a]:first"}),
    Case("conditions stay together",
         [span(1, name="a", attrs={"k": 1}), span(2, parent=9)],
         [("fail", ["count = 2", "k = 7"], "span[name=a]"), ("inconclusive", ["count >= 1", "k = 1"], "span[name=a]"),
          ("pass", ["count >= 1", "any: k = 1"], "span[name=a]")]),
    Case("the reason names cause and remedy", [span(1), span(2, parent=9)], [("inconclusive", "count = 2", ALL)],
         why={"count = 2": "evidence = 'lenient'"}),
    Case("with no data of its injection's trace", [span(1, trace=2)], [({"pass": 1}, "count = 1", ALL)],
         injections=[injection(1), injection(2)],
         report={"ledger.injections.missing": 1, "campaign.status": "INCONCLUSIVE"}, code=120),
    Case("evidence strict may be written", [span(1), span(2, parent=9)], KNOWN, evidence="strict"),
    Case("no parent, with the reason of rejected", [span(1), span(0)], [("inconclusive", "count = 1", ALL)],
         why={"count = 1": "reject"}),
]

if __name__ == "__main__":
    sys.exit(main(CASES))
