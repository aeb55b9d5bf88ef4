"""SEMANTICS 1: traces and spans, one case or more for each of its sentences."""

import sys

from tests.semantics.harness import NOTHING, span
from tests.semantics.table import Case, main

ALL = "span[]"


def twice(first, second, **changes):
    """A span and a second message of the same ID."""
    return [span(1, **first), span(1, **{**first, **second, **changes})]


CASES = [
    Case("an equal copy is dropped", [span(1, name="a")] * 3, [("pass", "count = 1", ALL)],
         report={"ledger.spans.duplicate": 2, "ledger.spans.judged": 1, "ledger.spans.received": 3}),
    Case("attributes are compared as maps",
         [span(1, attrs={"a": 1, "b": 2}), span(1, attrs={"b": 2, "a": 1})], [("pass", "count = 1", ALL)],
         report={"ledger.spans.duplicate": 1}),
    Case("the last of equal keys counts where copies are compared",
         [span(1, attrs=[("a", 1), ("a", 2)]), span(1, attrs={"a": 2})], [("pass", "count = 1", ALL)],
         report={"ledger.spans.duplicate": 1}),
    Case("int and double are other content",
         [span(1, attrs={"a": 1}), span(1, attrs={"a": 1.0})], [("pass", "count = 2", ALL)],
         report={"ledger.spans.conflicting": 1, "ledger.spans.duplicate": 0, "ledger.spans.judged": 2}),
    Case("text and int are other content",
         [span(1, attrs={"a": 1}), span(1, attrs={"a": "1"})], [("pass", "count = 2", ALL)]),
    Case("the empty text is other content than none", [span(1, attrs={"a": ""}), span(1)],
         [("pass", "count = 2", ALL)]),
    Case("flags are no content, but count for evidence", [span(1), span(1, flags=2)],
         [("inconclusive", "count = 1", ALL), ("pass", "count >= 1", ALL)], report={"ledger.spans.duplicate": 1}),
    Case("flags of a first copy count too", [span(1, flags=2), span(1)], [("inconclusive", "count = 1", ALL)]),
    Case("dropped counts of a copy count for evidence", [span(1), span(1, droppedAttributesCount=3)],
         [("inconclusive", "attr:x = 1", ALL), ("pass", "count = 1", ALL)], report={"ledger.spans.duplicate": 1}),
    Case("dropped counts of a first copy too",
         [span(1, droppedAttributesCount=3), span(1)], [("inconclusive", "attr:x = 1", ALL)]),
    Case("trace state is no content", [span(1), span(1, traceState="a=b")], [("pass", "count = 1", ALL)],
         report={"ledger.spans.duplicate": 1}), *[
             Case(f"other {what} is other content", twice(dict(parent=0), change), [("pass", "count = 2", ALL)],
                  report={"ledger.spans.conflicting": 1}, evidence="lenient") for what, change in {
                      "parent": dict(parent=9), "start": dict(start=1), "end": dict(end=11), "name": dict(
                          name="b"), "kind": dict(kind=2), "status": dict(status=1), "events": dict(
                              events=[("e", {})]), "links": dict(links=[(9, 9, {})]), "resource": dict(
                                  resource={"h": 1}), "service": dict(service="b"), "scope": dict(scope={"name": "x"})
                  }.items()
         ],
    Case("a child of a conflicting ID is a child of each",
         [span(1, name="a"), span(1, name="b"), span(2, parent=1, name="c")],
         [("pass", "count = 1", "span[name=a] > span[name=c]"), ("pass", "count = 1", "span[name=b] > span[name=c]"),
          ("pass", "count = 1", "span[] > span[name=c]"), ("pass", "count = 2", "span[name=c] < span[]")]),
    Case("three of one ID, two of them equal",
         [span(1, name="a"), span(1, name="b"), span(1, name="a")], [("pass", "count = 2", ALL)],
         report={"ledger.spans.conflicting": 1, "ledger.spans.duplicate": 1}),
    Case(
        "order by start, then ID",
        [span(3, 5, name="c"), span(2, 5, name="b"), span(4, 4, name="a")],
        [("pass", "name = a", "span[]:first"), ("pass", "name = b", "span[]:nth_child(2)"),
         ("pass", "name = c", "span[]:last"), ("fail", "count = 1", "span[]:nth_child(4)")]),
    Case("of one ID by end", [span(1, 0, 20, name="a"), span(1, 0, 10, name="b")],
         [("pass", "name = b", "span[]:first")]),
    Case("of one ID and end by name", [span(1, name="b"), span(1, name="a")], [("pass", "name = a", "span[]:first")]),
    Case("of one ID, end and name by kind", [span(1, kind=3), span(1, kind=2)],
         [("pass", "kind = server", "span[]:first")]),
    Case("IDs are ordered as bytes",
         [span("ff00000000000000", name="b"), span("0100000000000000", name="a")],
         [("pass", "name = a", "span[]:first")]),
    Case("top spans: no parent, or none in the trace",
         [span(1, name="a"), span(2, parent=9, name="b"),
          span(3, parent=1, name="c")], [("pass", "count = 2", "span[]:root"),
                                         ("pass", "trace:roots = 2")], evidence="lenient"),
    Case("no span is its own parent",
         [span(1, parent=1, name="a"), span(2, parent=1, name="b")],
         [("pass", "count = 0", "span[name=a] span[name=a]"), ("pass", "count = 0", "span[name=a] > span[name=a]"),
          ("pass", "count = 1", "span[name=a] > span[name=b]"), ("pass", "count = 1", "span[] > span[]")]),
    Case("members of a cycle are each other's ancestors", [
        span(1, parent=3, name="a"),
        span(2, parent=1, name="b"),
        span(3, parent=2, name="c"),
        span(4, parent=3, name="d")
    ], [("pass", "count = 1", "span[name=a] span[name=c]"), ("pass", "count = 1", "span[name=c] span[name=b]"),
        ("pass", "count = 0", "span[name=a] span[name=a]"), ("pass", "count = 1", "span[name=b] span[name=d]"),
        ("pass", "count = 0", "span[name=d] span[]"), ("pass", "count = 3", "span[name=d] << span[]"),
        ("pass", "count = 0", "span[]:root"), ("pass", "count >= 4", ALL), ("pass", "count = 4", ALL)]),
    Case("a missing parent ends the chain", [span(1, name="a"), span(3, parent=2, name="c")],
         [("pass", "count = 0", "span[name=a] span[name=c]")], evidence="lenient"),
    Case("a copy of a parent's ID makes no ancestor of itself",
         [span(1, parent=1, name="a"), span(1, parent=1, name="b")],
         [("pass", "count = 1", "span[name=a] > span[name=b]"), ("pass", "count = 1", "span[name=b] > span[name=a]"),
          ("pass", "count = 0", "span[name=a] > span[name=a]"), ("pass", "count = 0", "span[name=a] span[name=a]")]),
    Case("unknown kinds are internal, unknown statuses unset",
         [span(1, kind=0, status=7), span(2, kind=9), span(3, kind=1)],
         [("pass", "kind = internal", ALL), ("pass", "status = unset", ALL),
          ("pass", "count = 3", "span[kind=internal status=unset]")]),
    Case("kinds and statuses by their words",
         [span(1, kind=2, status=1),
          span(2, kind=3, status=2),
          span(3, kind=4), span(4, kind=5)],
         [("pass", "count = 1", f"span[kind={kind}]")
          for kind in ("server", "client", "producer", "consumer")] + [("pass", "count = 1", "span[status=ok]"),
                                                                       ("pass", "count = 1", "span[status=error]"),
                                                                       ("pass", "count = 2", "span[status=unset]")]),
    Case("the last of duplicate keys counts", [span(1, attrs=[("a", 1), ("a", "x")])], [("pass", "a = x", ALL),
                                                                                        ("fail", "a = 1", ALL)]),
    Case("without a value is missing, a later one too",
         [span(1, attrs=[("a", NOTHING), ("b", 1), ("b", NOTHING), ("c", NOTHING),
                         ("c", 1)])], [("pass", "a missing", ALL), ("pass", "b missing", ALL), ("pass", "c = 1", ALL),
                                       ("fail", "b != 1", ALL)]),
    Case("a resource's keys likewise", [span(1, resource=[("a", 1), ("a", NOTHING), ("b", 1), ("b", 2)])],
         [("pass", "resource:a missing", ALL), ("pass", "resource:b = 2", ALL)]),
    Case("a span's attribute without value shows the resource's",
         [span(1, attrs=[("a", NOTHING)], resource={"a": 1})], [("pass", "a = 1", ALL),
                                                                ("pass", "attr:a missing", ALL)]),
    Case("the cap cuts, and makes short", [span(1), span(2, parent=1), span(3, parent=1)],
         [("inconclusive", "count <= 5", ALL), ("pass", "count >= 2", ALL),
          ("inconclusive", "count >= 3", ALL)], config={"limits": {"max_spans_per_trace": 2}},
         report={"ledger.spans.cut": 1, "ledger.spans.judged": 2, "ledger.spans.received": 3}),
    Case("as many as the cap are all there", [span(1), span(2, parent=1)], [("pass", "count = 2", ALL)],
         config={"limits": {"max_spans_per_trace": 2}}, report={"ledger.spans.cut": 0}),
    Case("copies do not count for the cap",
         [span(1), span(2, parent=1), span(1), span(2, parent=1)], [("pass", "count = 2", ALL)],
         config={"limits": {"max_spans_per_trace": 2}}, report={"ledger.spans.cut": 0, "ledger.spans.duplicate": 2}),
    Case("lenient does not mend a cut", [span(1), span(2, parent=1), span(3, parent=1)],
         [("inconclusive", "count <= 5", ALL)], config={"limits": {"max_spans_per_trace": 2}}, evidence="lenient"), *[
             Case(f"span ID {bad!r} is rejected alone", [span(1), span(bad, parent=1)], [
                 ("pass", "count >= 1", ALL), ("inconclusive", "count = 1", ALL),
                 ("inconclusive", "status = unset", ALL)
             ], report={"ledger.spans.rejected": 1, "ledger.spans.judged": 1, "ledger.spans.received": 2})
             for bad in ("", "0" * 16, "abcd")
         ], *[
             Case(f"trace ID {bad!r} is rejected, all else judged", [span(1), span(2, trace=bad)],
                  [("pass", "count = 1", ALL)], report={"ledger.spans.rejected": 1, "ledger.spans.judged": 1})
             for bad in ("", "0" * 32, "ab" * 8)
         ],
    Case("only rejected spans: no data", [span(0)], [({}, "count = 1", ALL)], report={"campaign.status": "NO_DATA"},
         code=121),
]

if __name__ == "__main__":
    sys.exit(main(CASES))
