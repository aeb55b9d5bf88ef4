"""Golden cases: values, spans, traces and selectors (sections 1 to 3)."""

from .case_writing import MS, T1, T2, T3, bare, case, on, on_all, pairs, results, span

# One span with every kind of value
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


# A tree
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
