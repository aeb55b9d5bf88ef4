"""What the issue of the language promises of the whole campaign (7) and of truth (8)."""

import sys

from tests.semantics.campaign import MS, rule, shown
from tests.semantics.harness import ORIGIN_MS, injection, span
from tests.semantics.table import Case, main

ALL = "span[]"
S = 1000


def requests(*durations, every=S, **more):
    """One trace for each duration (ms), one after the other, `every` ms apart."""
    return [
        span(1, every * place, every * place + duration, name="r", trace=place + 1,
             attrs={"n": duration, "id": f"o{place % 3}"}, **more) for place, duration in enumerate(durations)
    ]


def records(count, every=S, **labels):
    return [
        injection(place + 1, time_unix_nano=str((ORIGIN_MS + every * place) * MS),
                  **{name: held[place % len(held)]
                     for name, held in labels.items()}) for place in range(count)
    ]


R = {"r": "span[name=r]", "p": "span[name=p]", "c": "span[name=c]"}
TEN = requests(10, 20, 30, 40, 50, 60, 70, 80, 90, 100)
D = "$r.duration"

WORDS = [
    Case(
        "7: k6's grammar and QALIPSIS's words", TEN, thresholds=[
            rule("pass", f"p(90)({D})<95ms"),
            rule("fail", f"p(90)({D})<85ms"),
            rule("pass", f"avg({D})<=55ms"),
            rule("pass", f"med({D})<51ms"),
            rule("pass", f"med({D})>49ms"),
            rule("pass", f"min({D})==10ms"),
            rule("pass", f"max({D})===100ms"),
            rule("pass", f"max({D}) != 99ms"),
            rule("pass", f"max({D}) isLessThanOrEqual 100ms"),
            rule("fail", f"max({D}) isLessThan 100ms"),
            rule("pass", f"mean({D}) isEqual 55ms"),
            rule("pass", f"min({D}) isGreaterThan 9ms"),
            rule("pass", f"min({D}) isGreaterThanOrEqual 10ms"),
            rule("pass", f"mean({D}) isBetween 55ms and 60ms"),
            rule("fail", f"mean({D}) isNotBetween 50ms and 55ms"),
            rule("pass", f"percentile(90)({D}) < 95ms"),
            rule("pass", f"median({D}) < 51ms"),
            rule("pass", "avg($r.n) = 55"),
            rule("pass", f"avg({D} * 2) = 110ms"),
            rule("pass", f"max({D} / 1ms) = 100")
        ], spans=R),
    Case(
        "7: tags and labels", TEN, injections=records(10, scenario=["a", "b"], zone=["eu", "us", "eu", "eu", "us"]),
        thresholds=[
            rule(shown("pass", 90 * MS, 5), f"max({D}){{scenario:a}} <= 90ms"),
            rule(shown("pass", 100 * MS, 5), f"max({D}){{scenario:b}} = 100ms"),
            rule(shown("inconclusive", None, 0), f"max({D}){{scenario:none}} < 1h"),
            rule({"samples": 3}, f"max({D}){{scenario:a, zone:eu}} < 1h"),
            rule({"result": "fail", "samples": 10, "value": 100 * MS}, f"max({D}) < 95ms", by=["scenario"]),
            rule("pass", f"max({D}) < 101ms", by=["scenario", "zone"]),
            rule(shown("pass", 0, 5), "ratio(missing){scenario:a} = 0"),
            rule(shown("pass", 0, 5), "ratio(fail){scenario:a} = 0")
        ], spans=R),
    Case(
        "7: ratios of the results of one assertion", TEN,
        [({"pass": 5, "fail": 5}, "n <= 50", ALL, {"severity": "warning"})], thresholds=[
            rule(shown("pass", 0.5, 10), "ratio(fail of 'r0') <= 50%"),
            rule(shown("pass", 0, 10), "ratio(fail) = 0"),
            rule(shown("pass", 5, 10), "count(pass of 'r0') = 5")
        ], spans=R),
    Case(
        "7: uniqueness and multiplicity", TEN, thresholds=[
            rule({"result": "fail", "value": 7, "samples": 10}, "unique($r.id)"),
            rule({"result": "pass", "value": 7}, "duplicates($r.id) = 7"),
            rule({"result": "pass", "value": 3}, "distinct($r.id) = 3"),
            rule({"result": "pass", "value": 4}, "most($r.id) = 4"),
            rule("pass", "unique($r.n)"),
            rule("pass", f"unique({D})"),
            rule("pass", "unique(each $r.n)")
        ], spans=R),
    Case(
        "7: rate from the first to the last end", requests(*[10] * 10), thresholds=[
            rule(shown("pass", 10 / 9, 10), "rate($r) > 1.1"),
            rule("fail", "rate($r) > 1.2"),
            rule("inconclusive", "rate($r) > 0.1", min_samples=11)
        ], spans=R),
    Case("7: rate without time", requests(10),
         thresholds=[rule({"result": "inconclusive", "value": None}, "rate($r) > 1")], spans=R),
    Case("7: rate of spans at one moment", requests(10, 10, every=0),
         thresholds=[rule({"result": "inconclusive", "value": None}, "rate($r) > 1")], spans=R),
    Case(
        "7: backlog", [
            span(k, S * second, S * second, name="p", trace=100 * second + k) for second in range(1, 6)
            for k in (1, 2, 3)
        ] + [span(1, S * second, S * second, name="c", trace=9000 + second) for second in range(1, 6)], thresholds=[
            rule(shown("pass", 2.0, 20), "slope(backlog($p, $c)) <= 2"),
            rule("fail", "slope(backlog($p, $c)) <= 1.9"),
            rule(shown("pass", 10, 20), "max(backlog($p, $c)) = 10"),
            rule(shown("fail", -2, 20), "max(backlog($c, $p)) < -2"),
            rule("pass", "slope(backlog($p, $c)) = 2", over="3s"),
            rule("fail", "max(backlog($p, $c)) < 10", over="2s")
        ], spans=R),
    Case(
        "7: the whole trace", [
            span(1, 0, 10, name="r", trace=1), span(2, 20, 60, 1, name="c", trace=1), span(3, 30, 40, 2, name="p", trace=1, status=2),
            span(1, 0, 10, name="r", trace=2), span(2, 15, 20, 1, name="c", trace=2),
            span(1, 0, 30, name="r", trace=3)
        ], thresholds=[
            rule(shown("pass", 60 * MS, 3), "max(trace:duration) < 61ms"),
            rule(shown("fail", 2.0, 3), "avg(trace:spans) < 2"),
            rule(shown("pass", 1, 3), "max(trace:errors) = 1"),
            rule(shown("pass", 30 * MS, 3), "p(50)(trace:duration) = 30ms", min_samples=1),
            rule(shown("pass", 7.5 * MS, 2), "avg(gap($r, $c)) < 8ms"),
            rule({"result": "fail", "samples": 3, "absent": 1}, "max(gap($r, $c)) < 8ms"),
            rule(shown("pass", 30 * MS, 2), "max($c.span:self_time) = 30ms"),
            rule(shown("pass", 10 * MS, 1), "max(each $p.span:self_time) = 10ms"),
            rule(shown("pass", 3, 3), "distinct(trace:spans) = 3"),
            rule(shown("pass", 60 * MS, 3), "max(output:total) = 60ms")
        ], spans=R, outputs={"total": "trace:duration"}),
    Case(
        "7: windows; those at an edge", requests(10, 10, 10, 90, every=S), thresholds=[
            rule({"result": "fail", "samples": 4}, f"max({D}) < 50ms", over="2s"),
            rule({"result": "fail"}, f"avg({D}) < 31ms", over="2s"),
            rule({"result": "pass"}, f"avg({D}) < 31ms", over="4s"),
            rule({"result": "fail"}, f"max({D}) < 50ms", over="1s"),
            rule({"result": "inconclusive"}, f"max({D}) < 50ms", over="1s", min_samples=2),
            rule({"result": "pass"}, f"max({D}) <= 90ms", over="2s", min_samples=2)
        ], spans=R),
    Case(
        "7: warm-up, at its edge", requests(90, 90, 10, 10), thresholds=[
            rule(shown("pass", 10 * MS, 2), f"max({D}) < 50ms", warmup="2s"),
            rule(shown("fail", 90 * MS, 3), f"max({D}) < 50ms", warmup="1s"),
            rule(shown("fail", 90 * MS, 3), f"max({D}) < 50ms", warmup="0.001s"),
            rule(shown("inconclusive", None, 0), f"max({D}) < 50ms", warmup="3001ms"),
            rule(shown("pass", 10 * MS, 1), f"max({D}) < 50ms", warmup="3s")
        ], spans=R),
    Case(
        "7: stages, at their edges", requests(90, 80, 10, 10, 70), stages=["ramp 2s", "steady 2s"], thresholds=[
            rule(shown("pass", 10 * MS, 2), f"max({D}){{stage:steady}} < 50ms"),
            rule(shown("fail", 90 * MS, 2), f"max({D}){{stage:ramp}} < 50ms"),
            rule({"result": "fail", "samples": 5}, f"max({D}) < 75ms", by=["stage"]),
            rule(shown("fail", 70 * MS, 1), f"max({D}){{stage:''}} < 50ms")
        ], spans=R),
    Case(
        "7: over any expression", TEN, [], thresholds=[
            rule("pass", "max($r.n * 2 + 1) = 201"),
            rule("pass", "avg(output:twice) = 110"),
            rule({"samples": 10, "result": "pass"}, "p(50)(each $r.duration) < 51ms")
        ], outputs={"twice": "$r.n * 2"}, spans=R),
]


def call(skew=0, duration=20):
    """A client of one process, its server in another whose clock is `skew` ms ahead."""
    return [
        span(1, 0, 40, name="client", kind=3, service="a"),
        span(2, 10 + skew, 10 + skew + duration, 1, name="server", kind=2, service="b")
    ]


N = {"client": "span[name=client]", "server": "span[name=server]"}
ESTIMATE = {"clock_skew": "estimate", "spans": N}
TRUTH = [
    Case("8: exact clocks by default", call(), [("pass", "$server.start - $client.start <= 10ms", None),
                                                ("fail", "$server.start - $client.start < 10ms", None)], spans=N),
    Case("8: judged on intervals", call(), [("pass", "$server.start - $client.start <= 20ms", None),
                                            ("inconclusive", "$server.start - $client.start < 10ms", None),
                                            ("inconclusive", "$server.start - $client.start <= 10ms", None),
                                            ("pass", "$server.start - $client.start >= 0ms", None),
                                            ("fail", "$server.start - $client.start > 20ms", None),
                                            ("pass", "$client starts before $server", None),
                                            ("pass", "$server.end - $server.start = 20ms", None),
                                            ("inconclusive", "$server.start - $client.start < 19ms", None)],
         **ESTIMATE),
    Case("8: skewed by more than the call", call(skew=500),
         [("pass", "$server.start - $client.start <= 20ms", None),
          ("fail", "$server.start - $client.start > 20ms", None),
          ("inconclusive", "$server.start - $client.start < 19ms", None)], **ESTIMATE),
    Case("8: a bound given", call(), [("pass", "$server.start - $client.start <= 13ms", None),
                                      ("inconclusive", "$server.start - $client.start <= 12ms", None),
                                      ("fail", "$server.start - $client.start < 7ms", None)], **ESTIMATE,
         max_clock_skew="3ms"),
    Case("8: the reason names measure and bound", call(),
         [("inconclusive", "$server.start - $client.start < 9ms", None)], **ESTIMATE, max_clock_skew="3ms",
         why={"$server.start - $client.start < 9ms": "10ms by the clocks of two processes, really from 7ms to 13ms"}),
    Case("8: order conditions too", [span(1, 0, 10, name="a", service="a"),
                                     span(2, 9, 20, name="b", service="b")], [("inconclusive", "$a before $b", None),
                                                                              ("inconclusive", "$b before $a", None)],
         clock_skew="estimate", spans={"a": "span[name=a]", "b": "span[name=b]"}),
    Case("8: a tolerated share of inconclusive results",
         requests(1, 2, 3) + [span(1, trace=9, droppedAttributesCount=1)],
         [({"pass": 3, "inconclusive": 1}, "n < 9", ALL)], max_inconclusive="25%",
         report={"campaign.status": "SUCCESSFUL"}, code=0),
    Case("8: beyond it",
         requests(1, 2, 3) + [span(1, trace=9, droppedAttributesCount=1)],
         [({"pass": 3, "inconclusive": 1}, "n < 9", ALL)], max_inconclusive="24%",
         report={"campaign.status": "INCONCLUSIVE"}, code=120),
    Case("8: all inconclusive stays so", [span(1, trace=9, droppedAttributesCount=1)],
         [({"inconclusive": 1}, "n < 9", ALL)], max_inconclusive="100%", report={"campaign.status": "INCONCLUSIVE"},
         code=120),
    Case("8: with a tolerance of failures",
         requests(1, 2, 30) + [span(1, trace=9, droppedAttributesCount=1)],
         [({"pass": 2, "fail": 1, "inconclusive": 1}, "n < 9", ALL, {"tolerance": "34%"})], max_inconclusive="25%",
         report={"campaign.status": "SUCCESSFUL"}, code=0),
    Case("8: and a tighter one",
         requests(1, 2, 30) + [span(1, trace=9, droppedAttributesCount=1)],
         [({"pass": 2, "fail": 1, "inconclusive": 1}, "n < 9", ALL, {"tolerance": "33%"})], max_inconclusive="25%",
         report={"campaign.status": "FAILED"}, code=99),
]

CASES = WORDS + TRUTH

if __name__ == "__main__":
    sys.exit(main(CASES))
