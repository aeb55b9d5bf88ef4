"""SEMANTICS 3: selectors, and which traces a suite judges."""

import sys

from tests.semantics.harness import injection, span
from tests.semantics.table import Case, main

ALL = "span[]"


def counts(*pairs, base=()):
    """Rows that count what selectors select."""
    return list(base) + [("pass", f"count = {number}", selector) for selector, number in pairs]


TREE = [  # a(1) - b(2) - c(3); a - b(4) - d(5); second top a(6) - c(7)
    span(1, 0, 100, name="a", attrs={"k": 1}),
    span(2, 10, 50, 1, name="b", attrs={"k": 2}),
    span(3, 20, 40, 2, name="c", attrs={"k": 3}),
    span(4, 5, 60, 1, name="b", attrs={"k": 4}),
    span(5, 30, 35, 4, name="d", attrs={"k": 5}),
    span(6, 2, 90, name="a", attrs={"k": 6}),
    span(7, 3, 80, 6, name="c", attrs={"k": 7}),
]
ODD = [span(1, 10, 5, name="back"), span(2, 10, 10, name="zero"), span(3, 10, 20, name="fine")]
LABELLED = [span(1, trace=1), span(1, trace=2), span(1, trace=3), span(1, trace=4)]
RECORDS = [
    injection(1, scenario="checkout", step="pay", iteration=7),
    injection(2, scenario="checkout"),
    injection(3, scenario="Checkout", zone="eu")
]

CASES = [
    Case(
        "joined filters, parts, chains", TREE,
        counts(("span[name=a k=1]", 1), ("span[name=a, k=1]", 1), ("span[name=a k=2]", 0),
               ("span[name=a], span[k=1]", 2), ("span[name=a], span[name=a]", 2), (ALL + ", " + ALL, 7),
               ("span[name=a] span[name=c]", 2), ("span[name=a] > span[name=c]", 1),
               ("span[name=a] > span[name=b] > span[name=c]", 1), ("span[name=a] span[name=b] span[name=c]", 1),
               ("span[name=c] span[name=a]", 0), ("span[] span[]", 5), ("span[] > span[]", 5),
               ("span[] > span[] > span[]", 2), ("span[name=a]>span[name=c], span[name=b] span[name=c]", 2),
               ("span[name=a] span[name=a]", 0), ("span[], span[name=nope]", 7),
               ("span[name=a] > span[name=b] span[], span[k=3]", 2))),
    Case("pseudo-classes pick from what matches the chain", TREE,
         [("pass", "k = 1", "span[name=a]:first"), ("pass", "k = 6", "span[name=a]:last"),
          ("pass", "k = 4", "span[name=b]:first"), ("pass", "k = 2", "span[name=b]:last"),
          ("pass", "k = 7", "span[name=c]:first"), ("pass", "k = 3", "span[name=b] span[name=c]:first"),
          ("pass", "k = 3", "span[name=a]:first span[name=c]"),
          ("pass", "count = 1", "span[name=a]:first span[name=c]"), ("pass", "k = 7", "span[name=a]:last span[]"),
          ("pass", "k = 7", "span[name=a] span[name=c]:first"),
          ("pass", "k = 3", "span[name=a] span[name=c]:nth_child(2)"),
          ("pass", "count = 0", "span[name=c]:nth_child(3)"), ("pass", "k = 5", "span[name=b]:first span[]"),
          ("pass", "count = 2", "span[name=a]:first, span[name=c]:first"),
          ("pass", "count = 1", "span[name=a]:first, span[k=1]"),
          ("pass", "count = 2", "span[name=a]:first, span[name=a]:last"),
          ("pass", "k = 4", "span[name=a]:first > span[name=b]:first"), ("pass", "k = 6", "span[]:nth_child(2)"),
          ("pass", "k = 7", "span[name=c]:first, span[name=c]:nth_child(1)"),
          ("pass", "count = 0", "span[name=nope]:first"), ("pass", "k = 5", "span[]:last")]),
    Case(
        "filters on times of spans that end before they start", ODD,
        counts(("span[duration < 1s]", 2), ("span[duration >= 0s]", 2), ("span[duration = 0s]", 1),
               ("span[not (duration > 1s)]", 2), ("span[not (duration < 1s)]", 0), ("span[duration != 5ms]", 2),
               ("span[start > 1s]", 2), ("span[end > 1s]", 2), ("span[not (end > 1s)]", 0),
               ("span[duration exists]", 3), ("span[not (duration > 1s name=fine)]", 3), ("span[name=back]", 1),
               ("span[duration < 1s], span[name=back]", 3), ("span[duration > -1h]", 2))),
    Case("traces: what the selector selects", [
        span(1, name="a", trace=1),
        span(1, name="b", trace=2),
        span(1, name="a", trace=3),
        span(2, name="b", trace=3)
    ], [({"pass": 2}, "count >= 1", ALL)], traces="span[name=a]",
         report={"suites.0.traces.judged": 2, "ledger.spans.judged": 3, "ledger.spans.unjudged": 1}),
    Case(
        "labels choose traces", LABELLED, [({"pass": 2}, "count = 1", ALL)], injections=RECORDS,
        labels={"scenario": "checkout"}, report={
            "suites.0.traces.judged": 2, "ledger.injections.unjudged": 1, "ledger.injections.pass": 2,
            "ledger.injections.total": 3, "ledger.spans.outside": 1, "campaign.status": "WARNING"
        }),
    Case("two labels", LABELLED, [({"pass": 1}, "count = 1", ALL)], injections=RECORDS,
         labels={"scenario": "checkout", "step": "pay"}),
    Case("iteration by its canonical text", LABELLED, [({"pass": 1}, "count = 1", ALL)], injections=RECORDS,
         labels={"iteration": "7"}),
    Case("labels without injections: none", LABELLED, [({}, "count = 1", ALL)], labels={"scenario": "checkout"},
         report={"campaign.status": "NO_DATA"}, code=121),
    Case("labels and traces together",
         [span(1, name="a", trace=1), span(1, name="b", trace=2)], [({"pass": 1}, "count = 1", ALL)],
         injections=RECORDS[:2], labels={"scenario": "checkout"}, traces="span[name=b]"),
    Case("auto without injections: all", LABELLED, [({"pass": 4}, "count = 1", ALL)]),
    Case("auto with injections: these", LABELLED, [({"pass": 3}, "count = 1", ALL)], injections=RECORDS,
         report={"ledger.spans.outside": 1, "ledger.injections.pass": 3}),
    Case("off: all, the records give labels", LABELLED,
         [({"pass": 4}, "count = 1", ALL), ({"pass": 2, "fail": 2}, "$injection.scenario = checkout", None)],
         injections=RECORDS, config={"campaign": {"correlation": "off"}}),
    Case("required without a record: none", LABELLED, [({}, "count = 1", ALL)],
         config={"campaign": {"correlation": "required"}}, code=121, report={"campaign.status": "NO_DATA"}),
    Case("required with records", LABELLED, [({"pass": 3}, "count = 1", ALL)], injections=RECORDS,
         config={"campaign": {"correlation": "required"}}),
    Case("auto with an empty list of injections", LABELLED, [({}, "count = 1", ALL)], injections=[], code=121,
         report={"ledger.spans.outside": 4}),
]

if __name__ == "__main__":
    sys.exit(main(CASES))
