"""Hand-written cases: small tables whose answers were worked out from the semantics, not by a program.

`python3 -m tests.oracle.tables` writes them as tests/oracle/cases/*.json: configuration, traces, records and the
expected parts of the report, for anything that can run `check`.
"""

import base64
import json
import os

from . import libconf

FOLDER = os.path.join(os.path.dirname(__file__), "cases")
BASE = 1_700_000_000 * 10**9
MS = 10**6
T1, T2, T3 = (f"{number:032x}" for number in (1, 2, 3))


# Writing OTLP shortly

def value(item):
    """An AnyValue; None is one without a value, a dict a key-value list."""
    if item is None:
        return {}
    if isinstance(item, bool):
        return {"boolValue": item}
    if isinstance(item, int):
        return {"intValue": str(item)}
    if isinstance(item, float):
        special = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(repr(item))
        return {"doubleValue": special or item}
    if isinstance(item, bytes):
        return {"bytesValue": base64.b64encode(item).decode()}
    if isinstance(item, list):
        return {"arrayValue": {"values": [value(inner) for inner in item]}}
    if isinstance(item, dict):
        return {"kvlistValue": {"values": pairs(item)}}
    return {"stringValue": item}


def pairs(attributes):
    """A list of KeyValue; a list of tuples may hold a key twice."""
    items = attributes.items() if isinstance(attributes, dict) else attributes
    return [{"key": key, "value": value(item)} for key, item in items]


def span(number, parent=None, name="op", trace=T1, start=0, length=50, service="front", **more):
    """(resource, scope, span); `number` and `parent` are short for 16 digits, times are milliseconds."""
    resource = {"attributes": pairs({"service.name": service, **more.pop("resource", {})} if service else
                                    more.pop("resource", {}))}
    scope = more.pop("scope", {"name": "lib", "version": "1.0", "attributes": []})
    made = {"traceId": trace, "spanId": f"{number:016x}", "name": name, "kind": more.pop("kind", 2),
            "startTimeUnixNano": str(BASE + int(start * MS)), "endTimeUnixNano": str(BASE + int((start + length) * MS)),
            "attributes": pairs(more.pop("attributes", {})), "flags": more.pop("flags", 1),
            "status": {"code": more.pop("status", 0)}}
    if parent is not None:
        made["parentSpanId"] = f"{parent:016x}"
    events = more.pop("events", [])
    if events:
        made["events"] = [{"timeUnixNano": "1", "name": event, "attributes": pairs(items)} for event, items in events]
    links = more.pop("links", [])
    if links:
        made["links"] = [{"traceId": "ab" * 16, "spanId": ident, "attributes": pairs(items)} for ident, items in links]
    return resource, scope, {**made, **more}


def document(spans):
    """Spans as an OTLP JSON document."""
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": scope, "spans": [one]}]}
                              for resource, scope, one in spans]}


def case(name, spans, expect, suite=None, injections=None, **config):
    """One case. `suite` is the only suite; more of the configuration comes by keyword."""
    if suite is not None:
        config["suites"] = [{"name": "s", **suite}]
    config.setdefault("report", {"max_failures": 100000})
    campaign = config.pop("campaign_argument", None)
    return {"name": name, "config": libconf.dump_file(config), "traces": document(spans), "injections": injections,
            "campaign": campaign, "expect": expect}


def results(name, spans, rows, suite=None, injections=None, **config):
    """A case with one assertion for each row (a dict of the assertion's settings, result)."""
    assertions, expected = [], {}
    for number, (settings, result) in enumerate(rows):
        title = f"{number}: {settings.get('select', '')} | {settings['assert']}"
        assertions.append({"name": title, **settings})
        expected[title] = result
    return case(name, spans, {"results": expected}, {**(suite or {}), "assertions": assertions}, injections, **config)


def on_all(*texts):
    """Rows for `select = "span[]"`: "CONDITION -> RESULT"."""
    return [({"select": "span[]", "assert": text.split(" -> ")[0]}, text.split(" -> ")[1]) for text in texts]


def on(select, *texts):
    """As on_all, for another selector."""
    return [({"select": select, "assert": text.split(" -> ")[0]}, text.split(" -> ")[1]) for text in texts]


def bare(*texts):
    """As on_all, without select."""
    return [({"assert": text.split(" -> ")[0]}, text.split(" -> ")[1]) for text in texts]


# Section 2: one span with every kind of value

ZOO = span(1, name="op", kind=2, status=2, attributes=[
    ("i0", 0), ("i5", 5), ("i200", 200), ("imax", 2**63 - 1), ("imin", -2**63), ("i53", 2**53 + 1),
    ("d0", 0.0), ("dn0", -0.0), ("d15", 1.5), ("d200", 200.0), ("d53", 9007199254740992.0), ("dnan", float("nan")),
    ("dinf", float("inf")), ("dninf", float("-inf")), ("d21", 1e21), ("d20", 1e20), ("d7", 1e-7), ("d8", 5e-8),
    ("yes", True), ("no", False), ("empty", ""), ("t200", "200"), ("t15", "1.5"), ("t150", "1.50"), ("tn0", "-0"),
    ("t0200", "0200"), ("tn15", "-1.5"), ("ttrue", "true"), ("tdur", "1500ms"), ("abc", "abc"), ("tnan", "NaN"), ("tinf", "Infinity"),
    ("uml", "Größe"), ("quote", "it's \"x\" \\d\n"), ("bytes", b"abc"), ("arr", [1, "a", True, 2.5, float("nan"), [1], None]),
    ("arr0", []), ("kv", {"k": 1}), ("none", None), ("twice", 1), ("twice", 2), ("gone", 5), ("gone", None),
    ("odd key", 7), ("name", "inner"), ("both", "span"), ("fall", None), ("x-y/z.w_v", 1), ("count", 3)],
    resource={"region": "eu", "both": "resource", "fall": "resource"},
    scope={"name": "lib", "version": "1.0", "attributes": pairs({"sa": 1, "name": "scope attribute"})},
    events=[("exception", {"code": 5}), ("retry", {"code": "x", "name": "inner"})],
    links=[("00000000000000c1", {"la": 1})])


def section_2():
    """Keys and values."""
    return [
        results("own fields", [ZOO], on_all(
            "name = op -> pass", "name = 'op' -> pass", "name != op -> fail", "kind = server -> pass", "kind = 'server' -> pass",
            "kind != server -> fail", "status = error -> pass", "status = ok -> fail", "service = front -> pass",
            "duration = 50ms -> pass", "duration = '50ms' -> pass", "duration < 50ms -> fail", "duration <= 0.05s -> pass",
            "duration < 50000001ns -> pass", "duration > 49999999ns -> pass", "duration < 1m -> pass", "duration < 1h -> pass",
            "start = 1700000000s -> pass", "end > 1700000000s -> pass", "end = 1700000000050ms -> pass",
            "name exists -> pass", "name missing -> fail", "duration exists -> pass", "kind =~ '^ser' -> pass",
            "status contains rr -> pass", "kind contains x -> fail", "`name` = inner -> pass", "attr:name = inner -> pass",
            "attr:kind exists -> fail", "service != front -> fail", "resource:service.name = front -> pass")),
        results("service without a resource", [span(1, service=None)], on_all(
            "service = '' -> pass", "service exists -> pass", "resource:service.name exists -> fail", "service = front -> fail",
            "resource:service.name = '' -> fail")),
        results("prefixes", [ZOO], on_all(
            "region = eu -> pass", "both = span -> pass", "attr:region = eu -> fail", "attr:region exists -> fail",
            "resource:both = resource -> pass", "resource:i5 exists -> fail", "scope:name = lib -> pass", "scope:version = '1.0' -> pass",
            "scope:sa = 1 -> pass", "scope:`name` = 'scope attribute' -> pass", "sa exists -> fail", "fall = resource -> pass",
            "attr:fall missing -> pass", "event:name = exception -> pass", "event:name = retry -> pass", "event:name = none -> fail",
            "event:name != exception -> pass", "event:code = 5 -> pass", "event:code = x -> pass", "event:code exists -> pass",
            "event:nope exists -> fail", "event:nope missing -> pass", "event:nope = 1 -> fail", "event:code missing -> fail",
            "event:`name` = inner -> pass", "event:code < 6 -> pass", "event:code > 6 -> error", "not (event:name = exception) -> fail",
            "link:span_id = 00000000000000c1 -> pass", "link:trace_id = " + "ab" * 16 + " -> pass", "link:la = 1 -> pass",
            "link:nope missing -> pass", "x-y/z.w_v = 1 -> pass", "`odd key` = 7 -> pass", "attr:`odd key` = 7 -> pass",
            "attr:count = 3 -> pass")),
        results("numbers", [ZOO], on_all(
            "i5 = 5 -> pass", "i5 = 5.0 -> pass", "i5 != 5.0 -> fail", "i5 < 5.5 -> pass", "i5 <= 5 -> pass", "i5 > 5 -> fail", "i5 >= 5e0 -> pass",
            "d15 = 1.5 -> pass", "d15 = 15e-1 -> pass", "d200 = 200 -> pass", "d200 = 2e+2 -> pass", "dn0 = 0 -> pass", "d0 = -0 -> pass",
            "i53 = 9007199254740993 -> pass", "i53 = 9007199254740992.0 -> fail", "i53 > 9007199254740992.0 -> pass",
            "i53 = 9007199254740993.0 -> fail", "d53 = 9007199254740992 -> pass", "d53 = 9007199254740993 -> fail",
            "d53 < 9007199254740993 -> pass", "imax = 9223372036854775807 -> pass", "imax < 9223372036854775808.0 -> pass",
            "imin = -9223372036854775808 -> pass", "imin >= -9223372036854775808.0 -> pass", "dinf > 9223372036854775807 -> pass",
            "dninf < -9223372036854775808 -> pass", "i5 < 500% -> fail", "i5 <= 500% -> pass", "d15 = 150% -> pass", "i0 < 0.1% -> pass",
            "i5 = true -> error", "i5 = 5ms -> error", "yes = 1 -> error", "yes < 1 -> error", "i5 contains 5 -> error", "i5 =~ '5' -> error")),
        results("NaN", [ZOO], on_all(
            "dnan = 1 -> fail", "dnan != 1 -> fail", "dnan < 1 -> fail", "dnan >= 1 -> fail", "dnan = NaN -> fail", "dnan != 'x' -> fail",
            "dnan = true -> fail", "dnan exists -> pass", "not (dnan = 1) -> pass", "not (dnan != 1) -> pass", "tnan = NaN -> pass")),
        results("texts and canonical texts", [ZOO], on_all(
            "t200 = 200 -> pass", "t200 = '200' -> pass", "t200 = 200.0 -> pass", "t200 != 200 -> fail", "t0200 = 200 -> fail", "i200 = '200' -> pass",
            "i200 = '200.0' -> fail", "i200 = '0200' -> fail", "d200 = '200' -> pass", "d200 = '200.0' -> fail", "d15 = '1.5' -> pass",
            "t15 = 1.5 -> pass", "t150 = 1.5 -> fail", "dn0 = '0' -> pass", "dn0 = '-0' -> fail", "d21 = '1e+21' -> pass", "d21 = '1e21' -> fail",
            "d20 = '100000000000000000000' -> pass", "d7 = '0.0000001' -> pass", "d8 = '5e-8' -> pass", "dinf = Infinity -> pass",
            "dninf = '-Infinity' -> pass", "tinf = Infinity -> pass", "yes = 'true' -> pass", "ttrue = true -> pass", "ttrue = false -> fail", "no = 'false' -> pass",
            "yes = true -> pass", "yes = false -> fail", "yes != false -> pass", "tdur = 1500ms -> pass", "tdur = 1.5s -> pass", "tdur = '1.5s' -> fail",
            "tdur = 1501ms -> fail", "empty = '' -> pass", "empty exists -> pass", "empty missing -> fail", "abc = abc -> pass", "abc = \"abc\" -> pass",
            "abc = ABC -> fail", "uml = 'Größe' -> pass", "quote = 'it\\'s \"x\" \\\\d\\n' -> pass", "quote = \"it's \\\"x\\\" \\d\\n\" -> pass")),
        results("order of texts", [ZOO], on_all(
            "t200 < 201 -> pass", "t200 < '1000' -> pass", "t200 > 55 -> pass", "i200 < '1000' -> pass", "t15 < 2 -> pass", "t15 <= 1.5 -> pass", "tn15 < -1 -> pass",
            "t150 < 2 -> error", "tn0 < 1 -> error", "t0200 < 201 -> error", "abc < 5 -> error", "empty < 5 -> error", "ttrue < 5 -> error",
            "tdur < 5 -> error", "tnan < 5 -> error", "not (abc < 5) -> error", "any: abc < 5 -> error", "none: abc < 5 -> error")),
        results("contains", [ZOO], on_all(
            "abc contains b -> pass", "abc contains '' -> pass", "abc contains x -> fail", "t200 contains 20 -> pass", "uml contains 'ö' -> pass",
            "tdur contains 1500ms -> pass", "ttrue contains true -> pass", "arr contains 1 -> pass", "arr contains '1' -> pass", "arr contains 1.0 -> pass",
            "arr contains a -> pass", "arr contains true -> pass", "arr contains 2.5 -> pass", "arr contains b -> fail", "arr contains NaN -> fail",
            "arr0 contains a -> fail", "yes contains true -> error", "d15 contains 1 -> error", "bytes contains a -> error", "kv contains k -> error")),
        results("patterns", [ZOO], on_all(
            "abc =~ 'b' -> pass", "abc =~ '^b' -> fail", "abc !~ '^b' -> pass", "abc !~ 'b' -> fail", "uml =~ '^.{5}$' -> pass", "t200 =~ '^\\d+$' -> pass",
            "i200 =~ '2' -> error", "i200 !~ '2' -> error", "bytes =~ 'a' -> error", "nope =~ 'a' -> fail", "nope !~ 'a' -> fail", "abc =~ '(?i)B' -> pass")),
        results("bytes, arrays, key-value lists", [ZOO], on_all(
            "bytes = abc -> error", "bytes != abc -> error", "bytes < 5 -> error", "arr = 1 -> error", "arr0 = '' -> error", "kv = 1 -> error",
            "bytes exists -> pass", "arr0 exists -> pass", "kv missing -> fail", "not (bytes = abc) -> error")),
        results("missing", [ZOO], on_all(
            "nope = 1 -> fail", "nope != 1 -> fail", "nope < 1 -> fail", "nope contains a -> fail", "nope exists -> fail", "nope missing -> pass",
            "none exists -> fail", "none missing -> pass", "none != 1 -> fail", "gone missing -> pass", "twice = 2 -> pass", "twice = 1 -> fail",
            "not (nope = 1) -> pass", "not (nope != 1) -> pass", "not (not (nope = 1)) -> fail", "not ( i5 = 5 ) -> fail", "not (nope exists) -> pass")),
        results("blanks", [ZOO], on_all(
            "  i5=5  -> pass", "i5\t=\t5 -> pass", "all:i5=5 -> pass", "all :  i5 = 5 -> pass", "not(i5=6) -> pass", "count=1 -> pass", "count   >=1 -> pass")),
        results("unknown kinds and statuses", [
            span(1, name="k0", kind=0), span(2, 1, name="k99", kind=99, status=77), span(3, 1, name="k5", kind=5, status=1)],
            on("span[kind=internal]", "count = 2 -> pass") + on("span[status=unset]", "count = 2 -> pass")
            + on("span[kind=consumer status=ok]", "count = 1 -> pass")),
        results("filters that can't be compared do not match", [ZOO],
                on("span[abc < 5]", "count = 0 -> pass") + on("span[not (abc < 5)]", "count = 0 -> pass")
                + on("span[bytes = abc]", "count = 0 -> pass") + on("span[not (nope = 1)]", "count = 1 -> pass")
                + on("span[nope != 1]", "count = 0 -> pass") + on("span[dnan != 1]", "count = 0 -> pass")
                + on("span[count = 3]", "count = 1 -> pass")),
    ]


# Section 1 and 3: a tree
#
#   1 a ── 2 b ── 4 b          start order: 1, 2, 3, 4, 5, 6
#     │     └──── 5 c
#     └─── 3 c ── 6 b

TREE = [span(1, name="a", start=0), span(2, 1, name="b", start=1), span(3, 1, name="c", start=2),
        span(4, 2, name="b", start=3), span(5, 2, name="c", start=4), span(6, 3, name="b", start=5)]


def selections(name, spans, rows, **suite):
    """A case with one assertion for each "SELECTOR -> DIGITS": the last digits of the selected spans in order."""
    assertions, expected = [], {}
    for number, row in enumerate(rows):
        selector, digits = row.split(" -> ") if " -> " in row else (row.removesuffix(" ->"), "")
        title = f"{number}: {selector}"
        assertions.append({"name": title, "select": selector, "assert": "none: name exists"})
        expected[title] = [f"{int(digit, 16):016x}" for digit in digits]
    return case(name, spans, {"selected": expected}, {**suite, "assertions": assertions})


def section_1_3():
    """Spans, traces and selectors."""
    cycle = [span(1, 3, name="a"), span(2, 1, name="b"), span(3, 2, name="c"), span(4, 2, name="d"), span(5, 5, name="self")]
    conflicting = [span(1, name="a", start=0), span(2, 1, name="x", start=1), span(2, None, name="y", start=2), span(3, 2, name="c", start=3)]
    ties = [span(3, name="c"), span(1, 3, name="a"), span(2, 3, name="b"), span(2, 3, name="b", length=10)]
    copies = [span(1, name="a", attributes={"k": 1, "m": 2}), span(1, name="a", attributes=[("m", 2), ("k", 0), ("k", 1)], flags=0x101),
              span(1, name="a", attributes={"k": 1.0, "m": 2}, start=0)]
    return [
        selections("relations", TREE, [
            "span[] -> 123456", "span[name=b] -> 246", "span[name=a] span[name=b] -> 246", "span[name=a] > span[name=b] -> 2",
            "span[name=b] span[] -> 45", "span[name=b] > span[name=b] -> 4", "span[name=c] span[name=b] -> 6", "span[name=b]>span[name=c] -> 5",
            "span[name=a] > span[] > span[name=b] -> 46", "span[name=a] span[] span[name=c] -> 5", "span[name=c] > span[name=c] ->",
            "span[name=b], span[name=c] -> 23456", "span[name=b], span[name=b] -> 246", "span[name=a] > span[name=c], span[name=b] -> 2346",
            "span[name=b name=c] ->", "span[name=b, name=b] -> 246", "span[name=b not (start > 1700000000001ms)] -> 2", "span[nope missing] -> 123456"]),
        selections("pseudo-classes", TREE, [
            "span[]:first -> 1", "span[]:last -> 6", "span[]:nth_child(2) -> 2", "span[]:nth_child(7) ->", "span[name=b]:first -> 2",
            "span[name=b]:last -> 6", "span[name=b]:nth_child(2) -> 4", "span[name=a] span[name=b]:first -> 2", "span[name=b] span[]:first -> 4",
            "span[name=b]:first span[] -> 45", "span[name=b]:last span[] ->", "span[name=c]:first > span[name=b] -> 6", "span[name=c]:last > span[name=b] ->",
            "span[name=b]:first, span[name=c]:first -> 23", "span[name=b]:first, span[name=b]:last -> 26", "span[name=z]:first ->",
            "span[name=b]:first span[name=c]:last -> 5", "span[]:nth_child(3) span[]:last -> 6"]),
        selections("cycles and self-parents", cycle, [
            "span[name=a] span[] -> 234", "span[name=b] span[name=a] -> 1", "span[name=b] > span[] -> 34", "span[name=a] span[name=a] ->",
            "span[name=self] span[] ->", "span[name=self] > span[] ->", "span[name=d] span[] ->", "span[name=b] span[] -> 134"]),
        selections("a child of a conflicting ID is a child of each", conflicting, [
            "span[name=x] > span[name=c] -> 3", "span[name=y] > span[name=c] -> 3", "span[name=a] span[] -> 23", "span[name=y] span[] -> 3", "span[] -> 1223"]),
        selections("order by start, ID, end, name", ties, [
            "span[] -> 1223", "span[]:first -> 1", "span[]:last -> 3", "span[name=b]:first -> 2"]),
        case("the shorter of two with one start and ID comes first", ties, {"failures": {"one": [
            {"span_id": "0000000000000002", "actual": 10 * MS}]}},
            {"assertions": [{"name": "one", "select": "span[name=b]:first", "assert": "duration > 1m"}]}),
        case("duplicates", copies, {
            "ledger": {"spans": {"received": 3, "judged": 2, "duplicate": 1, "conflicting": 1}}, "results": {"one": "pass"}},
            {"assertions": [{"name": "one", "select": "span[]", "assert": "count = 2"}]}),
        case("rejected spans", [span(1), span(2, 1, trace=""), span(3, 1, trace="0" * 32), span(0, 1, trace=T2)], {
            "ledger": {"spans": {"received": 4, "judged": 1, "rejected": 3}}, "suite": {"judged": 1, "pass": 1}, "results": {"one": "pass"}},
            {"assertions": [{"name": "one", "select": "span[]", "assert": "count = 1"}]}),
        case("a rejected span makes its trace short", [span(1), span(0, 1)], {"results": {"one": "inconclusive", "two": "pass"}, "status": "INCONCLUSIVE"},
             {"assertions": [{"name": "one", "select": "span[]", "assert": "count = 1"}, {"name": "two", "select": "span[]", "assert": "count >= 1"}]}),
        case("a span cap makes its trace short", [span(1), span(2, 1), span(3, 1)], {
            "results": {"one": "pass", "two": "inconclusive"}, "ledger": {"spans": {"received": 3, "judged": 2, "cut": 1}}},
            {"assertions": [{"name": "one", "select": "span[]", "assert": "count >= 2"}, {"name": "two", "select": "span[]", "assert": "count < 3"}]},
            limits={"max_spans_per_trace": 2}),
        results("a span that ends before it starts", [span(1, start=10, length=-5)],
                on_all("duration < 1s -> inconclusive", "start < 0s -> inconclusive", "end > 0s -> inconclusive", "not (duration < 1s) -> inconclusive",
                       "any: duration < 1s -> inconclusive", "none: duration < 1s -> inconclusive", "name = op -> pass", "duration exists -> pass")
                + on("span[duration < 1s]", "count = 0 -> pass") + on("span[not (duration < 1s)]", "count = 0 -> pass")
                + on("span[start > 0s]", "count = 0 -> pass")
                + bare("$x.duration < 1s -> inconclusive", "$x.start - $x.end < 1s -> inconclusive", "$x.name = op -> pass", "$none.start - $x.end < 1s -> fail"),
                {"spans": {"x": "span[]", "none": "span[name=none]"}}),
        case("which traces a suite judges", [span(1, trace=T1, name="a"), span(1, trace=T2, name="b"), span(2, 1, trace=T2, name="a")], {
            "suites": {"by name": {"judged": 2}, "below": {"judged": 1}, "none": {"judged": 0}, "all": {"judged": 2}}, "status": "INCONCLUSIVE"},
            suites=[{"name": name, "traces": selector, "assertions": [{"name": "one", "select": "span[]", "assert": "count >= 1"}]}
                    for name, selector in (("by name", "span[name=a]"), ("below", "span[name=b] > span[name=a]"), ("none", "span[name=c]"), ("all", "span[]"))]),
        case("labels choose suites", [span(1, trace=T1), span(1, trace=T2), span(1, trace=T3)], {
            "suites": {"pay": {"judged": 2}, "pay 7": {"judged": 1}, "other": {"judged": 0}, "any": {"judged": 3}}, "exit": 120},
            injections=[{"trace_id": T1, "scenario": "pay", "iteration": 7}, {"trace_id": T2, "scenario": "pay", "iteration": 8}, {"trace_id": T3}],
            suites=[{"name": name, "labels": labels, "assertions": [{"name": "one", "select": "span[]", "assert": "count >= 1"}]}
                    for name, labels in (("pay", {"scenario": "pay"}), ("pay 7", {"scenario": "pay", "iteration": "7"}),
                                         ("other", {"scenario": "pay", "zone": "eu"}), ("any", {}))]),
    ]


# Section 4: conditions

THREE = [span(1, name="request", attributes={"v": 1}), span(2, 1, name="mail", start=100, attributes={"v": 2}), span(3, 1, name="row", start=20, status=2),
         span(4, 1, name="row", start=40, attributes={"v": b"x"})]
NAMES = {"spans": {"request": "span[name=request]", "mail": "span[name=mail]", "row": "span[name=row]", "nobody": "span[name=nobody]",
                   "first": "span[]:first"}}


def _entry(number=None, result="fail", **more):
    entry = {"result": result, **more}
    if number is not None:
        entry["span_id"] = f"{number:016x}"
    return entry


def section_4():
    """Conditions."""
    return [
        results("quantifiers", THREE, on_all(
            "v = 1 -> fail", "all: v = 1 -> fail", "any: v = 1 -> pass", "none: v = 1 -> fail", "none: v = 3 -> error", "any: v = 3 -> error",
            "any: nope = 1 -> fail", "none: nope = 1 -> pass", "nope = 1 -> fail", "any: status = error -> pass", "none: status = error -> fail",
            "count = 4 -> pass", "count != 4 -> fail", "count <= 3 -> fail", "count < 4.5 -> pass", "count = '4' -> pass", "count = 4.0 -> pass", "not (count = 4) -> fail")
            + on("span[name=request], span[name=mail]", "v < 3 -> pass", "v < 2 -> fail", "none: v = 3 -> pass", "any: v = 3 -> fail")
            + on("span[name=mail], span[v exists]", "v < 3 -> error")),
        case("several conditions", THREE, {"results": {"all": "pass", "fail": "fail", "error": "error", "strongest": "fail"}}, {"assertions": [
            {"name": "all", "select": "span[]", "assert": ["count = 4", "any: v = 1", "none: name = x"]},
            {"name": "fail", "select": "span[]", "assert": ["count = 4", "count = 5"]},
            {"name": "error", "select": "span[]", "assert": ["count = 4", "any: v = 3"]},
            {"name": "strongest", "select": "span[]", "assert": ["any: v = 3", "count = 5", "count = 4"]}]}),
        case("nothing selected", THREE, {"results": {"count": "pass", "none": "pass", "all": "fail", "any": "fail", "mixed": "fail", "skipped": "skipped",
                                                     "not skipped": "fail", "names": "pass"}, "suite": {"judged": 1, "fail": 1}}, {**NAMES, "assertions": [
            {"name": "count", "select": "span[name=x]", "assert": ["count = 0", "count < 1"]}, {"name": "none", "select": "span[name=x]", "assert": "none: v = 1"},
            {"name": "all", "select": "span[name=x]", "assert": "v = 1"}, {"name": "any", "select": "span[name=x]", "assert": "any: v = 1"},
            {"name": "mixed", "select": "span[name=x]", "assert": ["count = 0", "v missing"]},
            {"name": "skipped", "select": "span[name=x]", "assert": ["count = 1", "v = 1"], "optional": True},
            {"name": "not skipped", "select": "span[name=row]", "assert": "count = 1", "optional": True},
            {"name": "names", "select": "span[name=x]", "assert": ["count = 0", "$request.v = 1"]}]}),
        results("names", THREE, bare(
            "$request.v < count($request) * 2 -> pass", "$request.v = 1 -> pass", "$request.v = 2 -> fail", "$request.nope = 1 -> fail", "$request.nope missing -> pass", "$request.kind = server -> pass",
            "$request.duration = 50ms -> pass", "$request.start = 1700000000s -> pass", "$request.attr:v >= 1 -> pass", "$request.`v` exists -> pass",
            "$request.resource:service.name = front -> pass", "not ($request.v = 2) -> pass", "not ($nobody.v = 2) -> fail",
            "$nobody.v = 1 -> fail", "$nobody.v missing -> fail", "$row.v exists -> fail", "$row.status = error -> fail", "$first.name = request -> pass",
            "count($row) = 2 -> pass", "count($nobody) = 0 -> pass", "count( $row ) < 2 -> fail",
            "$mail.start - $request.end <= 50ms -> pass", "$mail.start - $request.end < 50ms -> fail", "$request.end - $mail.start = -50ms -> pass",
            "$mail.start - $request.end != '50ms' -> fail", "$mail.start - $mail.start = 0s -> pass", "$mail.start - $nobody.end < 5s -> fail",
            "$row.start - $mail.end < 5s -> fail", "$nobody.start - $row.end < 5s -> fail"), NAMES),
        results("an error of a name", [span(1, name="request", attributes={"v": b"x"})], bare("$request.v = 1 -> error"), NAMES),
        results("the injection", THREE, bare(
            "$injection.status = 200 -> pass", "$injection.status < 300 -> pass", "$injection.outcome = ok -> pass", "$injection.scenario = pay -> pass",
            "$injection.iteration = 7 -> pass", "$injection.duration < 1s -> pass", "$injection.duration = 50ms -> pass", "$injection.time = 1700000000s -> pass",
            "$injection.user = eva -> pass", "$injection.big = 9007199254740993 -> pass", "$injection.`status` = inner -> pass", "$injection.zone = eu -> fail",
            "$injection.zone missing -> pass", "$injection.list contains 5 -> pass", "$injection.list = 5 -> error", "$injection.null exists -> fail",
            "$mail.start - $injection.time = 100ms -> pass", "$injection.time - $request.start <= 0s -> pass", "$nobody.start - $injection.time < 1s -> fail"), NAMES,
            injections=[{"trace_id": T1, "status": 200, "outcome": "ok", "scenario": "pay", "iteration": 7, "duration_ns": "50000000",
                         "time_unix_nano": str(BASE), "unknown": 1, "attributes": {
                             "user": "eva", "big": 2**53 + 1, "status": "inner", "list": [5], "null": None}}]),
        results("no record of an injection", THREE, bare(
            "$injection.status = 200 -> fail", "$injection.status missing -> fail", "$mail.start - $injection.time < 1s -> fail"), NAMES),
        results("when", THREE, [({"assert": "count($row) = 2", "when": when}, result) for when, result in (
            ("span[name=mail]", "pass"), ("span[name=x]", "skipped"), ("$request.v = 1", "pass"), ("$request.v = 2", "skipped"),
            ("$nobody.v = 1", "skipped"), ("$row.v = 1", "skipped"), ("count($row) = 2", "pass"), ("count($row) > 2", "skipped"),
            ("$request.nope = 1", "skipped"), ("$odd.v = 1", "error"), ("$mail.start - $request.end > 1s", "skipped"),
            ("$injection.status = 200", "skipped"), ("span[name=request] > span[name=row]:last", "pass"))],
            {"spans": {**NAMES["spans"], "odd": "span[v exists name=row]"}}),
        results("when on a span that ends before it starts", [span(1, name="request", length=-5)],
                [({"assert": "count($request) = 2", "when": "$request.duration < 1s"}, "inconclusive")], NAMES),
        case("a when that is in error is the failure", [span(1, name="request", attributes={"v": b"x"})], {
            "results": {"one": "error"}, "failures": {"one": [{"condition": "$request.v = 1", "result": "error", "expected": 1, "actual": "eA=="}]}},
            {**NAMES, "assertions": [{"name": "one", "when": "$request.v = 1", "assert": "count($request) = 2"}]}),
        results("dropped attributes", [span(1, attributes={"a": 1}, resource={"r": 1}, droppedAttributesCount=1)], on_all(
            "a = 1 -> pass", "a = 2 -> fail", "b = 1 -> inconclusive", "b != 1 -> inconclusive", "b exists -> inconclusive", "b missing -> inconclusive",
            "not (b = 1) -> inconclusive", "any: b = 1 -> inconclusive", "none: b = 1 -> inconclusive", "attr:b = 1 -> inconclusive",
            "r = 1 -> inconclusive", "resource:r = 1 -> pass", "resource:b = 1 -> fail", "event:b exists -> fail", "link:b missing -> pass", "duration = 50ms -> pass")
            + on("span[a = 1]", "count = 1 -> pass") + on("span[b = 1]", "count = 0 -> inconclusive", "count >= 0 -> pass", "none: a = 1 -> inconclusive", "a = 1 -> inconclusive")
            + on("span[b missing]", "count = 1 -> inconclusive", "a = 2 -> inconclusive") + on("span[a = 2 b = 1]", "count = 0 -> pass")
            + on("span[a = 1], span[b = 1]", "count = 1 -> pass")
            + bare("$x.a = 1 -> inconclusive", "count($x) = 0 -> inconclusive", "count($x) <= 1 -> inconclusive", "count($x) < 2 -> inconclusive"), {"spans": {"x": "span[b = 1]"}}),
        results("dropped keys below what is not there do no harm", [span(1, name="a"), span(2, 1, name="b", droppedAttributesCount=3)],
                on("span[name=c] span[k = 1]", "count = 0 -> pass") + on("span[name=a] span[k = 1]", "count = 0 -> inconclusive")
                + on("span[k = 1]:first", "count = 0 -> inconclusive") + on("span[name=a], span[k = 1]", "v = 1 -> fail", "none: v = 1 -> inconclusive")),
        results("dropped events and links", [span(1, attributes={"a": 1}, droppedEventsCount=1, events=[("retry", {"n": 1})])], on_all(
            "event:name = retry -> pass", "event:name = x -> inconclusive", "event:n exists -> pass", "event:n missing -> fail", "event:m missing -> inconclusive",
            "event:m exists -> inconclusive", "b = 1 -> fail", "link:span_id exists -> fail")
            + on("span[event:name = x]", "count = 0 -> inconclusive") + on("span[event:name = retry]", "count = 1 -> pass")),
        results("dropped links", [span(1, droppedLinksCount=1)], on_all("link:a = 1 -> inconclusive", "event:a = 1 -> fail", "a = 1 -> fail")),
        case("every copy's dropped counts count", [span(1), span(1, droppedAttributesCount=1)], {
            "results": {"one": "inconclusive"}, "ledger": {"spans": {"received": 2, "judged": 1, "duplicate": 1}}},
            {"assertions": [{"name": "one", "select": "span[]", "assert": "a = 1"}]}),
    ]


# Section 5: short evidence

def _short(name, spans, short, injections=None, **suite):
    """A case that tells whether a trace is short: `count <= 9` holds only where it is not."""
    return case(name, spans, {"results": {"full": "inconclusive" if short else "pass"}},
                {**suite, "assertions": [{"name": "full", "select": "span[]", "assert": "count <= 9"}]}, injections)


def section_5():
    """Short evidence."""
    missing = [span(1, name="a", attributes={"v": 1}), span(2, 0xEE, name="b", attributes={"v": b"x"}, start=10), span(3, 1, name="c", start=20, length=-5)]
    remote = [span(1, 0xDD), span(2, 1)]
    record = [{"trace_id": T1, "span_id": "00000000000000DD"}]
    return [
        _short("one missing parent above all is normal", remote, False),
        _short("two roots with one missing parent", [span(1, 0xDD), span(2, 0xDD)], False),
        _short("no missing parent, two roots", [span(1), span(2)], False),
        _short("no root", [span(1, 2), span(2, 1)], False),
        _short("a self-parent", [span(1, 1)], False),
        _short("a missing parent beside a root", [span(1), span(2, 0xEE)], True),
        _short("two missing parents", [span(1, 0xDD), span(2, 0xEE)], True),
        _short("the injection's span is present", remote, False, record),
        _short("the injection's span beside a root", [span(1), span(2, 0xDD)], False, record),
        _short("another missing parent than the injection's", [span(1, 0xEE)], True, record),
        _short("the injection's span and another", [span(1, 0xDD), span(2, 0xEE)], True, record),
        _short("an injection without span ID", remote, False, [{"trace_id": T1}]),
        _short("lenient: a missing parent beside a root", [span(1), span(2, 0xEE)], False, evidence="lenient"),
        _short("flags 1", [span(1, flags=1)], False),
        _short("flags 0", [span(1, flags=0)], False),
        _short("flags 0x100", [span(1, flags=0x100)], False),
        _short("flags 0x101", [span(1, flags=0x101)], False),
        _short("flags 3", [span(1, flags=3)], False),
        _short("flags 2: not sampled", [span(1, flags=2)], True),
        _short("flags 0x302: not sampled", [span(1, flags=0x302)], True),
        _short("not sampled, lenient", [span(1, flags=2)], True, evidence="lenient"),
        _short("a copy was not sampled", [span(1), span(1, flags=2)], True),
        results("what stays and what does not", missing, on_all(
            "count = 3 -> inconclusive", "count = 2 -> fail", "count = 4 -> inconclusive", "count >= 3 -> pass", "count >= 4 -> inconclusive", "count > 2 -> pass",
            "count <= 3 -> inconclusive", "count <= 2 -> fail", "count != 2 -> pass", "count != 3 -> inconclusive", "count != 4 -> inconclusive", "count >= 0 -> pass",
            "count < 0 -> fail", "count = 1.5 -> fail", "name != x -> inconclusive", "name = a -> fail", "name !~ 'x' -> inconclusive", "any: name = a -> pass", "any: name = x -> inconclusive",
            "none: name = a -> fail", "none: name = x -> inconclusive", "any: v < 0 -> inconclusive")
            + on("span[v exists]", "attr:v * $first.v = 7 -> inconclusive", "any: attr:v * $first.v = 7 -> inconclusive", "v <= 5 -> error", "none: v = 5 -> error", "any: v = 5 -> inconclusive")
            + on("span[name=x]", "count = 0 -> inconclusive", "count >= 0 -> pass", "count > 0 -> inconclusive", "name = x -> inconclusive", "any: name = x -> inconclusive",
                 "none: name = x -> inconclusive")
            + on("span[]:first", "name = a -> inconclusive", "name = b -> inconclusive", "count = 1 -> inconclusive", "count >= 0 -> pass", "none: name = a -> inconclusive",
                 "any: name = a -> inconclusive")
            + on("span[v =~ '']:last, span[name=b]:first", "v = 1 -> error", "any: v = 1 -> inconclusive", "attr:v * $a.v = 1 -> error", "any: attr:v * $a.v = 1 -> inconclusive",
                 "attr:v * $a.nope = 1 -> inconclusive", "attr:v * count($a) = 1 -> inconclusive", "name = $a.name -> inconclusive")
            + bare("$a.v = 1 -> inconclusive", "$a.v = 2 -> fail", "$a.nope exists -> fail", "$b.v = 1 -> error", "$none.v = 1 -> inconclusive", "$all.v = 1 -> fail",
                   "$c.duration < 1s -> inconclusive", "$first.v = 2 -> inconclusive", "$first.v = 1 -> inconclusive", "count($all) = 3 -> inconclusive", "count($all) = 2 -> fail",
                   "count($none) >= 0 -> pass", "$b.start - $a.start <= 10ms -> inconclusive", "$b.start - $a.start < 10ms -> fail", "$none.start - $a.start < 1s -> inconclusive",
                   "$all.start - $a.start < 1s -> fail", "$all.start - $none.start < 1s -> fail", "$a.start - $injection.time < 1s -> fail", "$none.start - $injection.time < 1s -> fail",
                   "$first.start - $a.start < -1s -> inconclusive", "$injection.status = 200 -> fail")
            + [({"select": "span[name=x]", "assert": "count = 1", "optional": True}, "inconclusive"),
               ({"select": "span[name=a]", "assert": "v = 2", "optional": True}, "fail"),
               ({"assert": "count($all) = 2", "when": "span[name=a]"}, "inconclusive"), ({"assert": "count($all) = 2", "when": "span[name=x]"}, "inconclusive"),
               ({"assert": "count($all) = 2", "when": "$a.v = 1"}, "inconclusive"), ({"assert": "count($all) = 2", "when": "$b.v = 1"}, "error"),
               ({"assert": "count($all) = 2", "when": "$injection.status = 200"}, "skipped")],
            {"spans": {"a": "span[name=a]", "b": "span[name=b]", "c": "span[name=c]", "none": "span[name=x]", "all": "span[]", "first": "span[]:first"}}),
        results("a record stays what it is", [span(1, flags=2)], bare("$injection.status = 200 -> pass", "$injection.status = 500 -> fail")
                + [({"select": "span[]", "assert": "count = 2", "when": "$injection.status = 200"}, "inconclusive"),
                   ({"select": "span[]", "assert": "count = 0", "when": "$injection.status = 200"}, "fail")],
                injections=[{"trace_id": T1, "status": 200}]),
    ]


# Section 6: verdicts, thresholds, campaign

def _trace(number, **more):
    """One trace with a request and, where `mail` says when, a mail."""
    trace_id = f"{number:032x}"
    mail = more.pop("mail", None)
    spans = [span(1, name="request", trace=trace_id, **more)]
    if mail is not None:
        spans.append(span(2, 1, name="mail", trace=trace_id, start=mail))
    return spans


def _traces(*mails):
    return [one for number, mail in enumerate(mails, 1) for one in _trace(number, mail=mail)]


MAILS = {"spans": {"request": "span[name=request]", "mail": "span[name=mail]"},
         "assertions": [{"name": "there", "select": "span[]", "assert": "count >= 1"}]}


def thresholds(name, spans, rows, injections=None, suite=None, **config):
    """A case with a threshold for each (rule, result, value, samples, absent); min_samples is 1 but where the row says."""
    made, expected = [], {}
    for number, (rule, result, value_, samples, absent, *more) in enumerate(rows):
        title = f"{number}: {rule}"
        settings = {"min_samples": 1} if not more else more[0]
        made.append({"name": title, "rule": rule, **settings})
        expected[title] = {"result": result, "value": value_, "samples": samples, "absent": absent}
    return case(name, spans, {"thresholds": expected}, {**MAILS, **(suite or {}), "thresholds": made}, injections, **config)


def _status(name, spans, status, exit_code, assertions, injections=None, suite=None, **config):
    return case(name, spans, {"status": status, "exit": exit_code}, {**(suite or {}), "assertions": assertions}, injections, **config)


def _one(condition, select="span[]", **more):
    return {"name": more.pop("name", condition), "select": select, "assert": condition, **more}


def section_6_thresholds():
    """Thresholds."""
    ten = _traces(*range(60, 160, 10))                     # mail 10 ms … 100 ms after the request's end
    lost = _traces(60, 70, 80, None)
    numbers = [one for number, item in enumerate([1, 2.5, 4, "5", True, None, float("nan")], 1)
               for one in _trace(number, attributes={"n": item})]
    odd = (_trace(1, mail=60) + _trace(2, mail=70, length=-5) + [span(9, name="other", trace=T3)]
           + _trace(4, mail=60) + [span(3, 1, name="mail", trace=f"{4:032x}", start=90)] + _trace(5, mail=60, flags=2) + _trace(6, mail=40))
    states = ([{"trace_id": f"{number:032x}"} for number in range(1, 5)]
              + [{"trace_id": "aa" * 16}, {"trace_id": "bb" * 16, "sampled": False}, {"trace_id": "cc" * 16, "outcome": "not_sent"}])
    delta = "$mail.start - $request.end"
    return [
        thresholds("percentiles of a difference", ten, [
            (f"p(50)({delta}) <= 50ms", "pass", 50 * MS, 10, 0), (f"p(51)({delta}) <= 50ms", "fail", 60 * MS, 10, 0), (f"p(90)({delta}) < 100ms", "pass", 90 * MS, 10, 0),
            (f"p(100)({delta}) < 200ms", "pass", 100 * MS, 10, 0), (f"p(0.1)({delta}) < 50ms", "pass", 10 * MS, 10, 0), (f"min({delta}) = 10ms", "pass", 10 * MS, 10, 0),
            (f"max({delta}) = 100ms", "pass", 100 * MS, 10, 0), (f"avg({delta}) = 55ms", "pass", 55 * MS, 10, 0), (f"avg({delta}) != 55ms", "fail", 55 * MS, 10, 0),
            ("p(50)($request.end - $mail.start) < 0s", "pass", -60 * MS, 10, 0), ("max($mail.duration) <= 50ms", "pass", 50 * MS, 10, 0)]),
        thresholds("smallest numbers of samples", ten, [
            (f"p(90)({delta}) < 1s", "pass", 90 * MS, 10, 0, {}), (f"p(91)({delta}) < 1s", "inconclusive", 100 * MS, 10, 0, {}),
            (f"p(99)({delta}) < 1s", "inconclusive", 100 * MS, 10, 0, {}), (f"p(100)({delta}) < 1s", "pass", 100 * MS, 10, 0, {}),
            (f"avg({delta}) < 1s", "pass", 55 * MS, 10, 0, {}), (f"min({delta}) < 1s", "inconclusive", 10 * MS, 10, 0, {"min_samples": 11}),
            ("ratio(pass) = 100%", "pass", 1, 10, 0, {"min_samples": 10}), ("ratio(pass) = 100%", "inconclusive", 1, 10, 0, {"min_samples": 11})]),
        thresholds("what was to happen and did not", lost, [
            (f"p(75)({delta}) < 1s", "pass", 30 * MS, 4, 1), (f"p(76)({delta}) < 1s", "fail", "Infinity", 4, 1), (f"max({delta}) < 1s", "fail", "Infinity", 4, 1),
            (f"max({delta}) > 1s", "pass", "Infinity", 4, 1), (f"avg({delta}) = 20ms", "pass", 20 * MS, 3, 1), (f"min({delta}) = 10ms", "pass", 10 * MS, 3, 1),
            ("max($mail.duration) = 50ms", "pass", 50 * MS, 3, 0)]),
        thresholds("odd traces: backwards, nothing, two mails, short, negative", odd, [
            (f"max({delta}) < 1s", "pass", 10 * MS, 2, 0), (f"min({delta}) = -10ms", "pass", -10 * MS, 2, 0), ("max($request.duration) = 50ms", "pass", 50 * MS, 3, 0)]),
        thresholds("numbers", numbers, [
            ("p(50)($request.n) = 2.5", "pass", 2.5, 3, 0), ("max($request.n) <= 4", "pass", 4, 3, 0), ("avg($request.n) = 2.5", "pass", 2.5, 3, 0),
            ("min($request.attr:n) > 1", "fail", 1, 3, 0), ("max($request.nope) > 1", "inconclusive", None, 0, 0), ("max($request.resource:n) > 1", "inconclusive", None, 0, 0)]),
        thresholds("results", ten, [
            ("count(pass) = 10", "pass", 10, 10, 0), ("count(fail) > 0", "fail", 0, 10, 0), ("ratio(pass) >= 100%", "pass", 1, 10, 0), ("ratio(error) < 0.1%", "pass", 0, 10, 0),
            ("count(inconclusive) <= 0", "pass", 0, 10, 0), ("ratio(missing) <= 0", "skipped", None, 0, 0), ("count(unexpected) = 0", "skipped", None, 0, 0),
            ("max($mail.start - $injection.time) < 1s", "skipped", None, 0, 0)]),
        thresholds("percentages are exact", _traces(*[60] * 7), [("ratio(pass) <= 100%", "pass", 1, 7, 0)]),
        thresholds("states of injections", ten[:8] + [ten[0]], [
            ("count(missing) = 1", "pass", 1, 5, 0), ("ratio(missing) = 20%", "pass", 0.2, 5, 0), ("count(duplicate) = 1", "pass", 1, 7, 0), ("ratio(late) = 0", "pass", 0, 7, 0),
            ("count(unexpected) = 0", "pass", 0, 7, 0), ("count(pass) = 4", "pass", 4, 4, 0)], states),
        thresholds("the time of the injection", lost, [
            ("max($mail.start - $injection.time) = 80ms", "fail", "Infinity", 2, 1), ("min($mail.start - $injection.time) = 70ms", "pass", 70 * MS, 1, 1)],
            [{"trace_id": T1}, {"trace_id": T2, "time_unix_nano": BASE}, {"trace_id": f"{4:032x}", "time_unix_nano": BASE}]),
        thresholds("nothing was judged", [], [("count(pass) = 0", "inconclusive", None, 0, 0), ("max($mail.duration) > 1s", "inconclusive", None, 0, 0)]),
    ]


def section_6_campaign():
    """Verdicts, tolerance, statuses, the ledger."""
    two = _trace(1, status=2) + _trace(2)
    ten = [one for number in range(1, 11) for one in _trace(number, status=2 if number <= 3 else 0, flags=2 if number == 10 else 1)]
    all_traces = [f"{number:032x}" for number in range(1, 11)]
    good, bad = _one("count >= 1", name="good"), _one("status != error", name="bad")
    known = [{"trace_id": T1}, {"trace_id": T2}]
    return [
        _status("successful", two, "SUCCESSFUL", 0, [good]),
        _status("failed", two, "FAILED", 99, [good, bad]),
        _status("an error is failed", _trace(1, attributes={"v": b""}), "FAILED", 99, [_one("v = 1")]),
        _status("a warning that fails", two, "WARNING", 0, [good, {**bad, "severity": "warning"}]),
        _status("inconclusive", _trace(1, flags=2), "INCONCLUSIVE", 120, [_one("count = 1")]),
        _status("an inconclusive warning", _trace(1, flags=2), "WARNING", 0, [_one("count = 1", severity="warning")]),
        _status("no data", [], "NO_DATA", 121, [good]),
        _status("no data, since nothing was injected", two, "NO_DATA", 121, [good], [{"trace_id": T3}]),
        _status("a suite judged nothing", two, "NO_DATA", 121, [good], suite={"traces": "span[name=x]"}),
        case("one of two suites judged nothing", two, {"status": "INCONCLUSIVE"}, suites=[
            {"name": "one", "assertions": [good]}, {"name": "two", "traces": "span[name=x]", "assertions": [good]}]),
        case("one of two suites judged nothing and may", two, {"status": "SUCCESSFUL"}, suites=[
            {"name": "one", "assertions": [good]}, {"name": "two", "traces": "span[name=x]", "assertions": [good], "optional": True}]),
        _status("skipped passes", two, "SUCCESSFUL", 0, [_one("count = 1", "span[name=x]", optional=True)]),
        _status("half is within a half", two, "SUCCESSFUL", 0, [{**bad, "tolerance": 0.5}]),
        _status("half is beyond 0.49", two, "FAILED", 99, [{**bad, "tolerance": 0.49}]),
        _status("3 failed of 10, 1 open: beyond 0.29", ten, "FAILED", 99, [{**bad, "tolerance": 0.29}]),
        _status("3 failed of 10, 1 open: 0.3 is between", ten, "INCONCLUSIVE", 120, [{**bad, "tolerance": 0.3}]),
        _status("3 failed of 10, 1 open: within 0.4", ten, "SUCCESSFUL", 0, [{**bad, "tolerance": 0.4}]),
        _status("1 open of 10 is left out, 3 of 9 failed: within 0.34", ten, "SUCCESSFUL", 0, [{**bad, "tolerance": 0.34}],
                suite={"max_inconclusive": 0.1}),
        _status("1 open of 10 is left out, 3 of 9 failed: beyond 0.3", ten, "FAILED", 99, [{**bad, "tolerance": 0.3}],
                suite={"max_inconclusive": 0.1}),
        _status("1 open of 10 is more than 0.09", ten, "INCONCLUSIVE", 120, [{**bad, "tolerance": 0.3}], suite={"max_inconclusive": 0.09}),
        _status("an error is never tolerated", _trace(1, attributes={"v": b""}), "FAILED", 99, [_one("v = 1", tolerance=1.0)]),
        case("counts and verdicts", ten, {
            "suite": {"judged": 10, "pass": 6, "fail": 3, "error": 0, "inconclusive": 1}, "assertions": {"bad": {"pass": 6, "fail": 3, "inconclusive": 1, "skipped": 0}}},
            {"assertions": [good, bad]}),
        case("thresholds that fail", two, {"status": "FAILED"}, {"assertions": [good], "thresholds": [{"name": "t", "rule": "count(pass) < 2"}]}),
        case("a warning threshold that fails", two, {"status": "WARNING"}, {
            "assertions": [good], "thresholds": [{"name": "t", "rule": "count(pass) < 2", "severity": "warning"}]}),
        case("too few samples", two, {"status": "INCONCLUSIVE"}, {"assertions": [good], "thresholds": [{"name": "t", "rule": "count(pass) = 2", "min_samples": 3}]}),
        case("injections missing", two, {"status": "INCONCLUSIVE", "exit": 120, "correlation": {"matched": 2, "missing": 1, "unexpected": 0, "late": 0, "duplicate": 0},
                                         "ledger": {"injections": {"total": 3, "pass": 2, "missing": 1, "fail": 0}}}, {"assertions": [good]}, known + [{"trace_id": T3}]),
        case("injections missing, a threshold reads them", two, {"status": "SUCCESSFUL"}, {
            "assertions": [good], "thresholds": [{"name": "t", "rule": "ratio(missing) <= 50%"}]}, known + [{"trace_id": T3}]),
        case("missing = fail", two, {"status": "FAILED"}, {"assertions": [good], "thresholds": [{"name": "t", "rule": "ratio(missing) <= 50%"}]},
             known + [{"trace_id": T3}], campaign={"missing": "fail"}),
        case("missing = ignore", two, {"status": "SUCCESSFUL"}, {"assertions": [good]}, known + [{"trace_id": T3}], campaign={"missing": "ignore"}),
        case("unsampled, not sent, repeated", two, {"status": "SUCCESSFUL", "ledger": {"injections": {
            "total": 5, "repeated": 1, "pass": 2, "unsampled": 1, "not_sent": 2, "missing": 0}}}, {"assertions": [good]},
            [{"trace_id": T1, "sampled": False}, {"trace_id": T2, "outcome": "not_sent"}, {"trace_id": T3, "sampled": False}, {"trace_id": T3},
             {"trace_id": "aa" * 16, "outcome": "not_sent"}, {"trace_id": "bb" * 16, "sampled": False, "outcome": "not_sent"}]),
        case("unjudged", two, {"status": "WARNING", "exit": 0, "ledger": {
            "injections": {"total": 2, "pass": 1, "unjudged": 1}, "spans": {"received": 2, "judged": 1, "unjudged": 1, "outside": 0}}},
            {"traces": "span[status=error]", "assertions": [good]}, known),
        case("unjudged = ignore", two, {"status": "SUCCESSFUL"}, {"traces": "span[status=error]", "assertions": [good]}, known, campaign={"unjudged": "ignore"}),
        case("unjudged = fail", two, {"status": "FAILED"}, {"traces": "span[status=error]", "assertions": [good]}, known, campaign={"unjudged": "fail"}),
        case("unjudged without injections", two, {"status": "SUCCESSFUL", "ledger": {"spans": {"judged": 1, "unjudged": 1}}},
             {"traces": "span[status=error]", "assertions": [good]}),
        case("outside", two, {"status": "SUCCESSFUL", "suite": {"judged": 1}, "ledger": {"spans": {"received": 2, "judged": 1, "outside": 1}, "injections": {"total": 1}},
                              "correlation": {"matched": 1, "unexpected": 0}}, {"assertions": [good]}, known[:1]),
        case("unexpected", _trace(1) + _trace(2, traceState="x=1, assertd=my%2Dkey/pay") + _trace(3, traceState="assertd=other"), {
            "campaign_key": "my-key", "correlation": {"matched": 1, "unexpected": 1}, "ledger": {"spans": {"judged": 1, "outside": 2}}}, {"assertions": [good]}, known[:1],
            campaign_argument="my-key"),
        case("correlation off", two, {"suite": {"judged": 2}, "results": {"good": "pass"}, "assertions": {"paid": {"pass": 1, "fail": 1}}}, {"assertions": [
            good, {"name": "paid", "assert": "$injection.status = 200"}]}, [{"trace_id": T1, "status": 200}], campaign={"correlation": "off"}),
        case("the strongest verdict of an injection", two, {"ledger": {"injections": {"total": 2, "fail": 1, "pass": 1}}}, None, known, suites=[
            {"name": "one", "assertions": [good]}, {"name": "two", "assertions": [bad]}]),
        case("a warning never turns a trace red", two, {"suite": {"judged": 2, "pass": 2}}, {"assertions": [{**bad, "severity": "warning"}]}),
        case("labels in the report", two, {"by_label": [["", "", "", 1], ["pay", "s1", "", 1]]}, {"assertions": [good]},
             [{"trace_id": T1, "scenario": "pay", "step": "s1"}, {"trace_id": T2}]),
        case("the order and the limit of failures", _trace(2, mail=10) + _trace(1, mail=5), {"omitted": {"a": 2}, "failures": {"a": [
            {"trace_id": T1, "condition": "name = x", "span_id": f"{1:016x}", "expected": "x", "actual": "request", "result": "fail"},
            {"trace_id": T1, "condition": "name = x", "span_id": f"{2:016x}", "expected": "x", "actual": "mail", "result": "fail"},
            {"trace_id": T1, "condition": "count = 1", "span_id": None, "expected": 1, "actual": 2, "result": "fail"},
            {"trace_id": T2, "condition": "name = x", "span_id": f"{1:016x}", "expected": "x", "actual": "request", "result": "fail"}]}},
            {"assertions": [{"name": "a", "select": "span[]", "assert": ["name = x", "count = 1"]}]}, report={"max_failures": 4}),
        case("expected and actual keep their type", [ZOO], {"failures": {
            name: [entry] for name, entry in (
                ("i5 = 6", {"expected": 6, "actual": 5}), ("d15 = 2.5", {"expected": 2.5, "actual": 1.5}), ("yes = false", {"expected": False, "actual": True}),
                ("abc = 'x'", {"expected": "x", "actual": "abc"}), ("i53 = 9007199254740995", {"expected": "9007199254740995", "actual": "9007199254740993"}),
                ("dnan = 1", {"expected": 1, "actual": "NaN"}), ("dninf > 0", {"expected": 0, "actual": "-Infinity"}), ("bytes = abc", {"expected": "abc", "actual": "YWJj", "result": "error"}),
                ("duration < 50ms", {"expected": 50 * MS, "actual": 50 * MS}), ("nope = 1", {"expected": 1, "actual": None}), ("kv = 1", {"expected": 1, "actual": {"k": 1}, "result": "error"}),
                ("i5 missing", {"expected": True, "actual": False}), ("nope exists", {"expected": True, "actual": False}), ("not (i5 = 5)", {"expected": True, "actual": False}),
                ("none: i5 = 5", {"expected": 5, "actual": 5}), ("any: i5 = 6", {"expected": 6, "actual": None, "span_id": None}), ("abc =~ 'x'", {"expected": "x", "actual": "abc"}),
                ("count = 2", {"expected": 2, "actual": 1, "span_id": None}), ("i5 < 50%", {"expected": 0.5, "actual": 5}))}},
            {"assertions": [_one(text, name=text) for text in (
                "i5 = 6", "d15 = 2.5", "yes = false", "abc = 'x'", "i53 = 9007199254740995", "dnan = 1", "dninf > 0", "bytes = abc", "duration < 50ms", "nope = 1", "kv = 1",
                "i5 missing", "nope exists", "not (i5 = 5)", "none: i5 = 5", "any: i5 = 6", "abc =~ 'x'", "count = 2", "i5 < 50%")]}),
        case("failures of names", THREE, {"failures": {
            "$request.v = 2": [_entry(1, expected=2, actual=1)], "$nobody.v = 2": [_entry(None, expected=2, actual=None, span_id=None)],
            "$row.v = 2": [_entry(None, expected=2, actual=None, span_id=None)], "$mail.start - $request.end < 1ms": [_entry(None, expected=MS, actual=50 * MS, span_id=None)],
            "$mail.end - $mail.start < 1ms": [_entry(2, expected=MS, actual=50 * MS)], "count($row) = 1": [_entry(None, expected=1, actual=2, span_id=None)],
            "$injection.status = 200": [_entry(None, expected=200, actual=None, span_id=None)]}},
            {**NAMES, "assertions": [{"name": text, "assert": text} for text in (
                "$request.v = 2", "$nobody.v = 2", "$row.v = 2", "$mail.start - $request.end < 1ms", "$mail.end - $mail.start < 1ms", "count($row) = 1", "$injection.status = 200")]}),
        case("required without any trace of it", two, {"status": "NO_DATA", "exit": 121, "ledger": {"spans": {"outside": 2}, "injections": {"total": 1, "missing": 1}}},
             {"assertions": [good]}, [{"trace_id": T3}], campaign={"correlation": "required"}),
        case("more injections than ten", [one for ident in all_traces for one in _trace(int(ident, 16))], {
            "status": "SUCCESSFUL", "ledger": {"injections": {"total": 10, "pass": 10}}}, {"assertions": [good]}, [{"trace_id": ident} for ident in all_traces]),
    ]


# What must be refused

BAD_SELECTORS = [
    "", " ", "span", "span[", "span]", "[name=a]", "span[name]", "span[name=]", "span[=a]", "span[name=a", "span[name=a]]", "span[name==a]", "span[name=a]:", "span[name=a]:second",
    "span[name=a]:nth_child", "span[name=a]:nth_child()", "span[name=a]:nth_child(0)", "span[name=a]:nth_child(-1)", "span[name=a]:nth_child(x)", "span[name=a],", ",span[name=a]",
    "span[name=a] >", "> span[name=a]", "span[name=a] > > span[name=b]", "span[name=a] + span[name=b]", "span[name='a]", "span[name=\"a]", "span[name=a'b]", "span[`a=1]", "span[``=1]",
    "span[1a=1]", "span[-a=1]", "span[a b]", "span[foo:a=1]", "span[attr:=1]", "span[duration < 50]", "span[duration = 50]", "span[duration = 'x']", "span[duration < '50ms']", "span[status < 3]",
    "span[status = 3]", "span[status = fine]", "span[kind = servr]", "span[kind = SERVER]", "span[kind = unspecified]", "span[kind > client]", "span[start > 5]", "span[start = now]", "span[a < true]", "span[a < abc]",
    "span[a < '01']", "span[a < '1.50']", "span[a < '-0']", "span[a >= 5ms]", "span[name < 5ms]", "span[a = 9223372036854775808]", "span[a = -9223372036854775809]", "span[a = 1.5ns]", "span[duration < 0.1ns]",
    "span[duration < 300000000000s]", "span[a =~ '[']", "span[a =~ '(']", "span[a !~ '*']", "span[duration =~ 'x']", "span[duration contains 5]", "span[not a = 1]", "span[not (a = 1]", "span[not ()]", "span[a exists 5]",
    "span[a=1,,b=2]", "span[a=1 and b=2]", "SPAN[a=1]", "span[a ! 1]", "span[a ~ 'x']", "span[a <> 1]", "span[a = 1ms5]x", "span[$x.a = 1]", "span[a=b] span"]
BAD_CONDITIONS = [
    "", "count", "count =", "count = 'x'", "count = true", "count = 5ms", "count < 'x'", "count exists", "count contains 1", "count =~ '1'", "= 1", "a =", "all:", "some: a = 1", "any: count = 1", "none: $x.a = 1",
    "all any: a = 1", "duration < 50", "status < 3", "kind = servr", "$x", "$x.", "$x = 1", "$y.a = 1", "$.a = 1", "x.start - $x.end < 5s", "$x.start - $y.end < 5s", "$x.start - $x.end < 5", "$x.start - $x.end = 'x'",
    "$x.start-$x.end < 5s", "$x.start + $x.end < 5s", "$x.start - $x.end", "$x.start - $x.a < 5s", "$x.duration < 5", "$x.start < 5", "$x.kind = foo",
    "$injection = 1", "$injection. = 1", "$injection.time < 5", "$injection.duration < 5", "count($y) = 1", "count(x) = 1", "count($x.a) = 1", "count($x = 1", "a = 1 b = 2", "a = 1, b = 2", "not a = 1", "a = 1)", "span[a=1]",
    "a = 9223372036854775808", "a =~ '['"]
BAD_RULES = [
    "", "p(99)", "p(99)($x.duration)", "p(99)($x.duration) <", "p(99)($x.duration) < 5", "p(101)($x.duration) < 5s", "p(0)($x.duration) < 5s", "p(-1)($x.duration) < 5s", "p()($x.duration) < 5s", "p99($x.duration) < 5s",
    "p(99)(duration) < 5s", "p(99)($y.duration) < 5s", "p(99)($x.start) < 5s", "p(99)($x.name) < 5", "p(99)($x.kind) < 5", "p(99)($x.a) < 5ms", "p(99)($x.a) < 'x'", "p(99)($x.start - $x.end) < 5",
    "avg(missing) < 5", "ratio($x.duration) < 5", "count(lost) = 0", "count() = 0", "ratio(missing) < 5ms", "ratio(missing) < x", "ratio(missing)", "ratio missing < 5%", "count(missing) =~ '1'", "count(missing) exists",
    "avg($x.duration) < 5s s", "avg($x.start - $x.duration) < 5s", "avg($x.event:a) < 5"]


def refused():
    """Configurations that are refused with exit code 2."""
    cases = []
    for text in BAD_SELECTORS:
        for part in ("select", "traces", "spans", "when"):
            if part == "when" and not text.startswith("span["):
                continue
            suite = {"assertions": [{"name": "a", "select": "span[]", "assert": "count = 1"}]}
            if part in ("select", "when"):
                suite["assertions"][0][part] = text
            else:
                suite[part] = text if part == "traces" else {"x": text}
            cases.append(case(f"{part} {text}", [], {"refused": True}, suite))
    for text in BAD_CONDITIONS:
        suite = {"spans": {"x": "span[]"}, "assertions": [{"name": "a", "select": "span[]", "assert": text}]}
        cases.append(case(f"assert {text}", [], {"refused": True}, suite))
    for text in ("a = 1", "any: a = 1", "count = 1", "name = x", "none: status = error", "not (a = 1)", "duration < 5s"):
        cases.append(case(f"no select: {text}", [], {"refused": True}, {"assertions": [{"name": "a", "assert": text}]}))
    for text in ("a = 1", "count = 1", "none: $x.a = 1", "span[", "$y.a = 1", "$x.a = 1 $x.b = 2"):
        suite = {"spans": {"x": "span[]"}, "assertions": [{"name": "a", "select": "span[]", "assert": "count = 1", "when": text}]}
        cases.append(case(f"when {text}", [], {"refused": True}, suite))
    for text in BAD_RULES:
        suite = {"spans": {"x": "span[]"}, "assertions": [{"name": "a", "select": "span[]", "assert": "count = 1"}], "thresholds": [{"name": "t", "rule": text}]}
        cases.append(case(f"rule {text}", [], {"refused": True}, suite))
    good = {"name": "a", "select": "span[]", "assert": "count = 1"}
    for name, suite in (("label", {"labels": {"colour": "red"}}), ("evidence", {"evidence": "none"}),
                        ("severity", {"assertions": [{**good, "severity": "fatal"}]}), ("tolerance", {"assertions": [{**good, "tolerance": 1.5}]})):
        cases.append(case(f"setting {name}", [], {"refused": True}, {"assertions": [good], **suite}))
    return cases


def tables():
    """File name -> cases."""
    return {"section-1-3.json": section_1_3(), "section-2.json": section_2(), "section-4.json": section_4(), "section-5.json": section_5(),
            "section-6-thresholds.json": section_6_thresholds(), "section-6-campaign.json": section_6_campaign(), "refused.json": refused()}


def text(cases):
    """The text of a file of cases."""
    return json.dumps(cases, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main():
    """Writes all files."""
    os.makedirs(FOLDER, exist_ok=True)
    for name, cases in tables().items():
        with open(os.path.join(FOLDER, name), "w", encoding="utf-8") as target:
            target.write(text(cases))
        print(name, len(cases))


if __name__ == "__main__":
    main()
