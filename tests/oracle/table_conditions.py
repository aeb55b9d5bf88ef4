"""Golden cases: conditions, and short evidence (sections 4 and 5)."""

from .case_writing import BASE, T1, bare, case, entry, on, on_all, results, span

THREE = [span(1, name="request", attributes={"v": 1}), span(2, 1, name="mail", start=100, attributes={"v": 2}), span(3, 1, name="row", start=20, status=2),
         span(4, 1, name="row", start=40, attributes={"v": b"x"})]
NAMES = {"spans": {"request": "span[name=request]", "mail": "span[name=mail]", "row": "span[name=row]", "nobody": "span[name=nobody]",
                   "first": "span[]:first"}}


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
        results("dropped events beside one that can't be compared", [span(1, droppedEventsCount=1, events=[("retry", {"n": True})])], on_all(
            "event:n < 5 -> inconclusive", "none: event:n < 5 -> inconclusive", "not (event:n < 5) -> inconclusive", "event:n = true -> pass",
            "any: event:n = true -> pass") + on("span[event:n < 5]", "count = 0 -> inconclusive", "count >= 0 -> pass")
            + on("span[not (event:n < 5)]", "count = 0 -> inconclusive")),
        results("one that can't be compared", [span(1, events=[("retry", {"n": True})])], on_all("event:n < 5 -> error", "none: event:n < 5 -> error")
                + on("span[event:n < 5]", "count = 0 -> pass")),
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
