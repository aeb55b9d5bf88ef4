"""SEMANTICS 6: verdicts, thresholds, the campaign."""

import sys

from tests.semantics.harness import ORIGIN_MS, injection, span, span_id
from tests.semantics.table import Case, main

ALL = "span[]"
NONE = "span[name=nothing]"


def traces(*outcomes, **more):
    """One trace for each letter: p passes `k = 1`, f fails, e is an error, i is inconclusive, s is short of evidence."""
    spans = []
    for number, letter in enumerate(outcomes, 1):
        held = {"p": {"k": 1}, "f": {"k": 2}, "e": {"k": [1]}, "i": {}, "s": {"k": 1}, "m": {}}[letter]
        spans.append(span(1, number, attrs=held, trace=number, droppedAttributesCount=int(letter == "i"), **more))
        if letter == "s":
            spans.append(span(2, 0, parent=9, attrs=held, trace=number))
    return spans


K = "k = 1"
VERDICT = "suites.0.traces"


def status(status, code, letters, title=None, result=None, more=None, thresholds=(), report=None, **kept):
    """A campaign whose assertion `k = 1` sees the traces of `letters`."""
    return Case(title or f"{letters} {more or ''} is {status}", traces(*letters), [(result, K, ALL, more or {})],
                report={"campaign.status": status, **(report or {})}, code=code, thresholds=thresholds, **kept)


STATUSES = [
    status("SUCCESSFUL", 0, "ppp", result={"pass": 3}),
    status("FAILED", 99, "ppf", result={"pass": 2, "fail": 1}),
    status("FAILED", 99, "ppe", result={"pass": 2, "error": 1}),
    status("INCONCLUSIVE", 120, "ppi", result={"pass": 2, "inconclusive": 1}),
    status("FAILED", 99, "pfi", result={"pass": 1, "fail": 1, "inconclusive": 1}),
    status("FAILED", 99, "ei", result={"error": 1, "inconclusive": 1}),
    *[
        status("WARNING", 0, letters, result=result, more={"severity": "warning"}, report={f"{VERDICT}.pass": 2})
        for letters, result in (("pf", {"pass": 1, "fail": 1}), ("pe", {"pass": 1, "error": 1}),
                                ("pi", {"pass": 1, "inconclusive": 1}))
    ],
    status("SUCCESSFUL", 0, "pp", result={"pass": 2}, more={"severity": "warning"}),
    # tolerance: equal is within
    status("SUCCESSFUL", 0, "pppf", result={"pass": 3, "fail": 1}, more={"tolerance": "25%"},
           report={f"{VERDICT}.fail": 1}),
    status("FAILED", 99, "pppf", result={"pass": 3, "fail": 1}, more={"tolerance": "24.9%"}),
    status("SUCCESSFUL", 0, "pppi", result={"pass": 3, "inconclusive": 1}, more={"tolerance": "25%"}),
    status("INCONCLUSIVE", 120, "pppi", result={"pass": 3, "inconclusive": 1}, more={"tolerance": "24%"}),
    status("INCONCLUSIVE", 120, "ppfi", result={"pass": 2, "fail": 1, "inconclusive": 1}, more={"tolerance": "25%"}),
    status("INCONCLUSIVE", 120, "ppfi", result={"pass": 2, "fail": 1, "inconclusive": 1}, more={"tolerance": "49%"}),
    status("SUCCESSFUL", 0, "ppfi", result={"pass": 2, "fail": 1, "inconclusive": 1}, more={"tolerance": "50%"}),
    status("FAILED", 99, "ppfi", result={"pass": 2, "fail": 1, "inconclusive": 1}, more={"tolerance": "24%"}),
    status("FAILED", 99, "pppe", result={"pass": 3, "error": 1}, more={"tolerance": "100%"}),
    status("SUCCESSFUL", 0, "ff", result={"fail": 2}, more={"tolerance": "100%"}),
    status("SUCCESSFUL", 0, "pppf", title="tolerance as a number", result={"pass": 3, "fail": 1},
           more={"tolerance": 0.25}),
    status("SUCCESSFUL", 0, "p" * 7 + "f" * 3, title="3 of 10 within 0.3", result={"pass": 7, "fail": 3},
           more={"tolerance": "30%"}),
    status("SUCCESSFUL", 0, "pppf", title="a warning within its tolerance is no finding",
           result={"pass": 3, "fail": 1}, more={"tolerance": "25%", "severity": "warning"}),
    status("WARNING", 0, "pppf", title="a warning beyond it is", result={"pass": 3, "fail": 1},
           more={"tolerance": "24%", "severity": "warning"}),
    status("WARNING", 0, "pppi", title="an inconclusive warning is", result={"pass": 3, "inconclusive": 1},
           more={"tolerance": "24%", "severity": "warning"}),
    Case("tolerance: skipped traces are not in the share", traces(*"pfmm"),
         [({"pass": 1, "fail": 1, "skipped": 2}, K, "span[k exists]", {"optional": True, "tolerance": "25%"})],
         report={"campaign.status": "FAILED"}, code=99),
    Case("verdict: the strongest of severity error", traces("p"), [("pass", K, ALL),
                                                                   ("fail", "k = 2", ALL, {"severity": "warning"}),
                                                                   ("skipped", K, NONE, {"optional": True})],
         report={f"{VERDICT}.pass": 1, f"{VERDICT}.fail": 0, "campaign.status": "WARNING"}, code=0),
    Case("verdict: fail before error before inconclusive", traces("e",
                                                                  "i"), [({"error": 1, "inconclusive": 1}, K, ALL),
                                                                         ({"pass": 2}, "count = 1", ALL)],
         report={f"{VERDICT}.error": 1, f"{VERDICT}.inconclusive": 1}),
    Case("verdict: fail and error in one trace", traces("e"), [("error", K, ALL), ("fail", "count = 2", ALL)],
         report={f"{VERDICT}.fail": 1, f"{VERDICT}.error": 0}),
    Case("verdict: skipped only passes", traces("p"), [("skipped", K, NONE, {"optional": True})],
         report={f"{VERDICT}.pass": 1, "campaign.status": "SUCCESSFUL"}, code=0),
    Case("verdict: no assertion at all passes", traces("p"), [],
         report={f"{VERDICT}.pass": 1, "campaign.status": "SUCCESSFUL"}, code=0),
    Case("a suite that judged nothing", traces("p"), [({}, K, ALL)], traces="span[name=other]",
         report={"campaign.status": "NO_DATA"}, code=121),
]

# tolerance of inconclusive results; exit codes by --fail-on
FAIL_ON = [
    Case(f"--fail-on {what} with {letters}", traces(*letters), [(result, K, ALL, {"severity": severity})],
         words=["--fail-on", what], code=code)
    for what, letters, result, severity, code in (("failed", "f", {"fail": 1}, "error", 99),
                                                  ("aborted", "f", {"fail": 1}, "error", 0),
                                                  ("inconclusive", "f", {"fail": 1}, "error", 0),
                                                  ("failed", "i", {"inconclusive": 1}, "error", 0),
                                                  ("inconclusive", "i", {"inconclusive": 1}, "error", 120),
                                                  ("warning", "f", {"fail": 1}, "warning", 99),
                                                  ("failed,inconclusive", "f", {"fail": 1}, "warning", 0),
                                                  ("failed,warning", "f", {"fail": 1}, "warning", 99),
                                                  ("warning", "f", {"fail": 1}, "error", 0))
] + [
    Case(f"--fail-on {what} without data", [], [({}, K, ALL)], words=["--fail-on", what], code=code)
    for what, code in (("no-data", 121), ("failed", 0), ("failed,no-data", 121))
]


def paths(*gaps, start=0):
    """A trace for each gap between the end of a (10 ms) and the start of b; None: no b; "two": two of them."""
    spans = []
    for number, gap in enumerate(gaps, 1):
        spans.append(span(1, 0, 10, name="a", trace=number, attrs={"n": number}))
        for place in range({None: 0, "two": 2}.get(gap, 1)):
            at = 10 + (gap if isinstance(gap, (int, float)) else 5)
            spans.append(span(2 + place, at, at + 5, 1, name="b", trace=number))
    return spans


GAP = "$b.start - $a.end"
NAMES = {"a": "span[name=a]", "b": "span[name=b]", "no": NONE, "back": "span[name=back]"}
MS = 1_000_000


def rule(expected, text, **more):
    return (expected, text, more)


def shown(result, value, samples, **more):
    return {"result": result, "value": value, "samples": samples, **more}


THRESHOLDS = [
    Case(
        "samples of a difference", paths(20, 40, -5, 30), thresholds=[
            rule(shown("pass", 21_250_000, 4, absent=0), f"avg({GAP}) < 22ms"),
            rule(shown("pass", -5 * MS, 4), f"min({GAP}) < 0ms"),
            rule(shown("fail", 40 * MS, 4), f"max({GAP}) < 40ms"),
            rule(shown("pass", 40 * MS, 4), f"max({GAP}) <= 40ms"),
            rule(shown("inconclusive", 40 * MS, 4), f"max({GAP}) <= 40ms", min_samples=5),
            rule(shown("pass", 40 * MS, 4), f"max({GAP}) <= 40ms", min_samples=4),
            rule(shown("pass", 10 * MS, 4), "avg($a.duration) = 10ms"),
            rule(shown("pass", 2.5, 4), "avg($a.n) = 2.5"),
            rule(shown("pass", 4, 4), "max($a.n) = 4"),
            rule(shown("pass", 1, 4), "min($a.n) >= 1")
        ], spans=NAMES),
    Case(
        "percentiles of few samples", paths(20, 40, 10, 30), thresholds=[
            rule({"result": "inconclusive", "samples": 4}, f"p(99)({GAP}) < 1h"),
            rule({"result": "pass", "samples": 4}, f"p(75)({GAP}) < 31ms"),
            rule({"result": "fail", "samples": 4}, f"p(75)({GAP}) < 29ms"),
            rule({"result": "inconclusive", "samples": 4}, f"p(76)({GAP}) < 1h"),
            rule({"result": "pass"}, f"p(76)({GAP}) > 39ms", min_samples=1),
            rule({"result": "pass"}, f"p(50)({GAP}) < 21ms"),
            rule({"result": "pass"}, f"p(100)({GAP}) >= 40ms"),
            rule({"result": "pass"}, f"p(1)({GAP}) < 11ms"),
            rule({"result": "pass"}, f"p(25)({GAP}) < 11ms"),
            rule({"result": "pass"}, f"p(26)({GAP}) > 19ms", min_samples=1),
            rule({"result": "inconclusive", "samples": 4}, f"p(99.9)({GAP}) < 1h")
        ], spans=NAMES),
    Case(
        "absent: infinite for p(N) and max, left out by avg and min", paths(20, 40, None), thresholds=[
            rule(shown("fail", "Infinity", 3, absent=1), f"max({GAP}) < 1h"),
            rule(shown("fail", "Infinity", 3, absent=1), f"p(100)({GAP}) < 1h"),
            rule(shown("pass", 30 * MS, 2, absent=1), f"avg({GAP}) <= 30ms"),
            rule(shown("pass", 20 * MS, 2, absent=1), f"min({GAP}) <= 20ms"),
            rule({"result": "pass", "absent": 1}, f"p(50)({GAP}) < 41ms"),
            rule(shown("pass", "Infinity", 3, absent=1), f"max({GAP}) > 1h")
        ], spans=NAMES),
    Case(
        "several, none, a clock",
        paths(20, "two") + [span(1, 0, 10, name="x", trace=7)] +
        [span(1, 0, 10, name="a", trace=8, attrs={"n": 1}),
         span(2, 20, 5, 1, name="b", trace=8)], thresholds=[
             rule(shown("pass", 20 * MS, 1, absent=0), f"max({GAP}) <= 20ms"),
             rule({"result": "inconclusive", "value": None, "samples": 0}, "max($no.duration) < 1h"),
             rule({"result": "inconclusive", "value": None, "samples": 0, "absent": 0},
                  "max($no.start - $no.end) < 1h")
         ], spans=NAMES),
    Case("an attribute that is no number gives no sample", [
        span(1, name="a", attrs={"n": held}, trace=number)
        for number, held in enumerate([1, "2", True, 2.5, float("nan"), [1]], 1)
    ], thresholds=[rule(shown("pass", 1.75, 2, absent=0), "avg($a.n) = 1.75")], spans=NAMES),
    Case("a single name that is missing is no sample", paths(5, None, None),
         thresholds=[rule(shown("pass", 5 * MS, 1, absent=0), "max($b.duration) <= 5ms")], spans=NAMES),
    Case("a trace short of evidence gives no sample",
         paths(20, 40) + [span(9, parent=8, trace=2, name="x")],
         thresholds=[rule(shown("pass", 20 * MS, 1, absent=0), f"max({GAP}) <= 20ms")], spans=NAMES),
    Case("only judged traces give samples", paths(20, 40),
         thresholds=[rule(shown("pass", 20 * MS, 1), f"max({GAP}) <= 20ms")], spans=NAMES, traces="span[n = 1]"),
    Case(
        "$injection.time in a rule", paths(20, 40), thresholds=[
            rule(shown("pass", 12 * MS, 1, absent=0), "max($a.end - $injection.time) <= 12ms"),
            rule({"samples": 1}, "avg($a.start - $injection.time) < 1h")
        ], spans=NAMES, injections=[injection(1, time_unix_nano=str((ORIGIN_MS - 2) * MS)),
                                    injection(2)]),
    Case(
        "$injection.time with an absent span", paths(20, None),
        thresholds=[rule(shown("fail", "Infinity", 2, absent=1),
                         "max($b.start - $injection.time) < 1h")], spans=NAMES, injections=[
                             injection(1, time_unix_nano=str(ORIGIN_MS * MS)),
                             injection(2, time_unix_nano=str(ORIGIN_MS * MS))
                         ]),
    Case(
        "ratios and counts of results", traces(*"ppfei"),
        [({"pass": 2, "fail": 1, "error": 1, "inconclusive": 1}, K, ALL)], thresholds=[
            rule(shown("pass", 0.2, 5), "ratio(fail) <= 20%"),
            rule(shown("fail", 0.2, 5), "ratio(fail) < 20%"),
            rule(shown("pass", 2, 5), "count(pass) = 2"),
            rule(shown("pass", 0.4, 5), "ratio(pass) >= 0.4"),
            rule(shown("pass", 1, 5), "count(error) = 1"),
            rule(shown("pass", 1, 5), "count(inconclusive) <= 1"),
            rule({"result": "skipped", "value": None, "samples": 0}, "ratio(missing) <= 0%"),
            rule({"result": "skipped"}, "count(unexpected) = 0"),
            rule({"result": "skipped"}, "count(late) = 0"),
            rule({"result": "skipped"}, "count(duplicate) = 0"),
            rule(shown("inconclusive", 0.2, 5), "ratio(fail) <= 20%", min_samples=6)
        ]),
    Case(
        "states over the campaign's injections", traces(*"ppp"), [({"pass": 2}, K, ALL)], labels={"scenario": "a"},
        injections=[
            injection(1, scenario="a"),
            injection(2, scenario="a"),
            injection(4, scenario="b"),
            injection(5, scenario="b", sampled=False)
        ], thresholds=[
            rule(shown("fail", 1 / 3, 3), "ratio(missing) <= 33%"),
            rule(shown("pass", 1, 3), "count(missing) = 1"),
            rule(shown("pass", 0, 4), "ratio(duplicate) = 0"),
            rule(shown("pass", 0, 2), "ratio(fail) = 0"),
            rule(shown("pass", 0, 4), "count(unexpected) = 0"),
            rule(shown("pass", 0, 4), "count(late) = 0")
        ], report={
            "ledger.injections.total": 4, "ledger.injections.missing": 1, "ledger.injections.unsampled": 1,
            "ledger.injections.pass": 2, "correlation.matched": 2, "correlation.missing": 1,
            "campaign.status": "FAILED"
        }, code=99),
    Case(
        "duplicate as a state",
        traces("p", "p") + traces("p"), [({"pass": 2}, K, ALL)], injections=[injection(1), injection(2)], thresholds=[
            rule(shown("pass", 0.5, 2), "ratio(duplicate) = 50%"),
            rule(shown("pass", 1, 2), "count(duplicate) = 1")
        ], report={"correlation.duplicate": 1}),
    Case("threshold severity", traces("f"), [("fail", K, ALL, {"severity": "warning"})],
         thresholds=[rule("fail", "count(fail) > 0",
                          severity="warning")], report={"campaign.status": "WARNING"}, code=0),
    Case("a failing threshold fails the campaign", traces("p"), [("pass", K, ALL)],
         thresholds=[rule("fail", "count(pass) > 1")], report={"campaign.status": "FAILED"}, code=99),
    Case("an inconclusive threshold", traces("p"), [("pass", K, ALL)],
         thresholds=[rule("inconclusive", "count(pass) >= 1",
                          min_samples=2)], report={"campaign.status": "INCONCLUSIVE"}, code=120),
    Case("an inconclusive threshold of severity warning", traces("p"), [("pass", K, ALL)],
         thresholds=[rule("inconclusive", "count(pass) >= 1", min_samples=2,
                          severity="warning")], report={"campaign.status": "WARNING"}, code=0),
]


def ledger(**counts):
    """Members of ledger.injections."""
    return {f"ledger.injections.{key}": held for key, held in counts.items()}


def missing(how, code, status, thresholds=(), **more):
    config = {"campaign": {"missing": how}} if how else {}
    return Case(f"one missing, campaign.missing {how}, thresholds {thresholds}", traces("p"), [("pass", K, ALL)],
                injections=[injection(1), injection(2)], config=config, thresholds=thresholds,
                report={"campaign.status": status, **ledger(missing=1, total=2), **more}, code=code)


INJECTIONS = [
    missing(None, 120, "INCONCLUSIVE"),
    missing("fail", 99, "FAILED"),
    missing("inconclusive", 120, "INCONCLUSIVE"),
    missing("ignore", 0, "SUCCESSFUL"),
    missing(None, 0, "SUCCESSFUL", [rule("pass", "ratio(missing) <= 50%")]),
    missing("fail", 99, "FAILED", [rule("pass", "ratio(missing) <= 50%")]),
    missing("inconclusive", 120, "INCONCLUSIVE", [rule("pass", "ratio(missing) <= 50%")]),
    missing(None, 99, "FAILED", [rule("fail", "ratio(missing) <= 49%")]),
    missing("ignore", 99, "FAILED", [rule("fail", "count(missing) = 0")]),
    Case("sampled: false and not_sent expect nothing", traces("p"), [("pass", K, ALL)],
         injections=[injection(1), injection(2, sampled=False),
                     injection(3, outcome="not_sent")],
         report={**ledger(total=3, unsampled=1, not_sent=1, missing=0), "campaign.status": "SUCCESSFUL"}, code=0),
    Case("but spans that come are judged", traces("p", "f", "p"), [({"pass": 2, "fail": 1}, K, ALL)],
         injections=[injection(1), injection(2, sampled=False),
                     injection(3, outcome="not_sent")],
         report={**ledger(total=3, unsampled=0, not_sent=0, fail=1), **{"ledger.injections.pass": 2}}, code=99),
    Case("sampled: false alone: no data", [], [({}, K, ALL)], injections=[injection(1, sampled=False)],
         report={"campaign.status": "NO_DATA", **ledger(unsampled=1)}, code=121),
    Case("a second record of one trace", traces("p"), [("pass", K, ALL),
                                                       ("pass", "$injection.scenario = first", None)],
         injections=[injection(1, scenario="first"), injection(1, scenario="second")],
         report={**ledger(total=1, repeated=1), **{"ledger.injections.pass": 1}}, code=0),
    Case("three records of one trace", traces("p"), [("pass", K, ALL)], injections=[injection(1)] * 3,
         report=ledger(total=1, repeated=2)),
    Case("unjudged injected traces are a warning", traces("p", "f"), [("pass", K, ALL)], traces="span[k=1]",
         injections=[injection(1), injection(2)],
         report={"campaign.status": "WARNING", **ledger(unjudged=1, total=2), "ledger.spans.unjudged": 1}, code=0),
    Case("unjudged: ignore", traces("p", "f"), [("pass", K, ALL)], traces="span[k=1]",
         injections=[injection(1), injection(2)], config={"campaign": {"unjudged": "ignore"}},
         report={"campaign.status": "SUCCESSFUL"}, code=0),
    Case("unjudged: fail", traces("p", "f"), [("pass", K, ALL)], traces="span[k=1]",
         injections=[injection(1), injection(2)], config={"campaign": {"unjudged": "fail"}},
         report={"campaign.status": "FAILED"}, code=99),
    Case("unjudged without injections is no finding", traces("p", "f"), [("pass", K, ALL)], traces="span[k=1]",
         report={"campaign.status": "SUCCESSFUL", "ledger.spans.unjudged": 1}, code=0),
    Case(
        "outside and unexpected", [
            span(1, attrs={"k": 1}),
            span(1, trace=2),
            span(1, trace=3, traceState="assertd=check"),
            span(1, trace=4, traceState="assertd=other"),
            span(1, trace=5, traceState="x=y,assertd=check/s/t")
        ], [("pass", K, ALL)], injections=[injection(1)], report={
            "ledger.spans.outside": 4, "correlation.unexpected": 2, "ledger.spans.judged": 1, "correlation.matched": 1
        }),
    Case("a claim by an attribute of a root span", [
        span(1, attrs={"k": 1}),
        span(1, trace=3, attrs={"assertd.campaign": "check"}),
        span(1, trace=4, attrs={"assertd.campaign": "other"}),
        span(1, trace=5, parent=9, attrs={"assertd.campaign": "check"})
    ], [("pass", K, ALL)], injections=[injection(1)], report={
        "ledger.spans.outside": 3, "correlation.unexpected": 1
    }),
    Case("unexpected as a state",
         [span(1, attrs={"k": 1}), span(1, trace=3, traceState="assertd=check")], [("pass", K, ALL)],
         injections=[injection(1)], thresholds=[rule(shown("fail", 1, 1), "count(unexpected) = 0")]),
    Case("claims with a key of its own", [
        span(1, attrs={"k": 1}),
        span(1, trace=3, traceState="assertd=my.key"),
        span(1, trace=4, traceState="assertd=check")
    ], [("pass", K, ALL)], injections=[injection(1)], words=["--campaign", "my.key"],
         report={"correlation.unexpected": 1, "campaign.key": "my.key"}),
    Case("the strongest of two suites counts for the injection", traces("p", "f"), [({"pass": 1, "fail": 1}, K, ALL)],
         injections=[injection(1), injection(2)], report=ledger(fail=1, total=2, missing=0)),
    Case("a missing injection and no trace at all", [], [({}, K, ALL)], injections=[injection(1)],
         report={"campaign.status": "NO_DATA", **ledger(missing=1)}, code=121),
]

FAILURES = [
    Case(
        "failures: order, JSON types", [
            span(2, 5, trace=2, name="b",
                 attrs={"i": 2**60, "d": float("nan"), "y": b"ab", "k": 5, "t": "x", "f": 1.5, "b": True}),
            span(1, 9, trace=1, attrs={"k": 5, "i": 1})
        ], [({"fail": 2}, ["k = 6", "i = 7"], ALL), ({"fail": 2}, "d = 1", ALL), ({"fail": 2}, "f = 2.5", ALL),
            ({"fail": 2}, "b = false", ALL), ({"fail": 2}, "duration < 5ms", ALL), ({"fail": 2}, "count = 2", ALL),
            ({"fail": 2}, "t = 'y'", ALL)],
        report={
            "suites.0.assertions.0.failures.0.trace_id": f"{1:032x}",
            "suites.0.assertions.0.failures.0.condition": "k = 6",
            "suites.0.assertions.0.failures.0.span_id": span_id(1), "suites.0.assertions.0.failures.0.expected": 6,
            "suites.0.assertions.0.failures.0.actual": 5, "suites.0.assertions.0.failures.0.result": "fail",
            "suites.0.assertions.0.failures.1.condition": "i = 7",
            "suites.0.assertions.0.failures.2.trace_id": f"{2:032x}",
            "suites.0.assertions.0.failures.3.actual": str(2**60), "suites.0.assertions.1.failures.1.actual": "NaN",
            "suites.0.assertions.2.failures.1.actual": 1.5, "suites.0.assertions.2.failures.1.expected": 2.5,
            "suites.0.assertions.3.failures.1.actual": True, "suites.0.assertions.3.failures.1.expected": False,
            "suites.0.assertions.4.failures.0.actual": 10 * MS, "suites.0.assertions.4.failures.0.expected": 5 * MS,
            "suites.0.assertions.5.failures.0.actual": 1, "suites.0.assertions.6.failures.1.actual": "x",
            "suites.0.assertions.6.failures.1.expected": "y"
        }),
    Case(
        "failures within a trace by the order of spans",
        [span(3, 1, name="c"), span(1, 5, name="a"), span(2, 0, name="b")], [("fail", "name = x", ALL)],
        report={f"suites.0.assertions.0.failures.{place}.actual": name
                for place, name in enumerate("bca")}),
    Case(
        "failures of more than the report holds", traces(*"fffff"), [({"fail": 5}, K, ALL)],
        config={"report": {"max_failures": 2}}, report={
            "suites.0.assertions.0.failures_omitted": 3, "suites.0.assertions.0.failures.1.trace_id": f"{2:032x}",
            "suites.0.assertions.0.groups.0.count": 5
        }),
    Case(
        "groups", [
            span(1, name=name, service=service, trace=number, attrs={"k": 2})
            for number, (name, service) in enumerate([("a", "s"), ("a", "s"), ("b", "s"), ("a", "t")], 1)
        ], [({"fail": 4}, K, ALL)], report={
            "suites.0.assertions.0.groups.0.count": 2, "suites.0.assertions.0.groups.0.trace_id": f"{1:032x}",
            "suites.0.assertions.0.groups.0.service": "s", "suites.0.assertions.0.groups.0.span": "a"
        }),
]

CASES = STATUSES + FAIL_ON + THRESHOLDS + INJECTIONS + FAILURES

if __name__ == "__main__":
    sys.exit(main(CASES))
