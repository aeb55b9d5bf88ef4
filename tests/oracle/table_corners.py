"""Golden cases: corners of the language's page that are easily read in two ways."""

from .case_writing import bare, case, on, results, span

WHOLE = {"i": 3, "neg": -7, "big": 2**63 - 1, "min": -2**63, "d": 2.5, "nan": float("nan"), "inf": float("inf"), "nz": -0.0, "t": "text", "t5": "5", "t15": "1.5", "t150": "1.50",
         "t07": "007", "e": "", "b": True, "bt": "true", "by": b"\x00\x01", "ar": [1, "a", 2.0, True], "em": [], "mp": {"k": 1}, "none": None, "ünï": 1, "a b": 2, "a-b": 3,
         "name": "inner", "e21": 1e21, "e7": 1e-7, "e8": 1e-8, "i53": 2**53 + 1, "d53": 2.0**53, "u": "naïve", "nl": "a\nb", "q": "it's", "dur": "50ms"}
SPANS = [span(1, name="GET /", service="shop", attributes=WHOLE, resource={"r1": "res", "i": 99}, status=1),
         span(2, 1, name="db", service="db", kind=3, start=1, length=5, attributes={"i": 4, "m": 1}, status=2),
         span(3, 1, name="c", service="shop", kind=1, start=2, length=0, attributes={"i": 5.0}, droppedAttributesCount=2),
         span(4, 1, name="bw", service="shop", kind=1, start=3, length=-1, attributes={"i": 6})]
NAMES = {"spans": {"r": "span[name='GET /']", "db": "span[name=db]", "z": "span[name=zzz]", "all": "span[]", "c": "span[name=c]", "bw": "span[name=bw]"}}


def corners():
    """Each of them on four spans: one with every type of value, one that dropped attributes, one that ends before it starts."""
    rows = []
    rows += on(
        "span[name=zzz]",
        "count = 0 -> pass", "count < 0 -> fail", "all: i = 1 -> fail", "any: i = 1 -> fail", "none: i = 1 -> pass", "i missing -> fail",
        "not (i = 1) -> fail", "exactly 0: i = 1 -> pass", "at most 10%: i = 1 -> fail", "sum(i) = 0 -> fail", "none: span:self_time > 1s -> pass",
        "(count = 0) or (i = 1) -> fail", "none: (i = 1) or (trace:spans = 4) -> pass")
    rows += bare(
        "count($z) = 0 -> pass", "$z.i = 1 -> fail", "$z.i missing -> fail", "not ($z.i = 1) -> fail", "$all.i = 1 -> fail", "$z before $r -> fail",
        "not ($z before $r) -> pass", "no $z after $r -> pass", "each $z followed by $r -> fail", "distinct(i in $z) = 0 -> fail",
        "max($z.i) + 1 > 0 -> fail", "(max($z.i) > 0) or (count($r) = 1) -> pass", "trace:spans = 4 -> pass", "trace:errors = 1 -> pass",
        "trace:services = 2 -> pass", "trace:depth = 2 -> pass", "trace:roots = 1 -> pass", "trace:fan_out = 3 -> pass", "trace:repeats = 1 -> pass",
        "critical(nobody) < 1 -> fail", "sum(i in $r) = 3 -> pass", "max(i in $all) = 6 -> pass", "distinct(i in $all) = 4 -> pass",
        "distinct(t in $r) = 1 -> pass", "sum(t in $r) = 1 -> error", "sum(nan in $r) = 1 -> error", "sum(big in $r) > 0 -> pass",
        "sum(nope in $r) = 0 -> fail", "same service in $r, $c -> pass", "same service in $r, $db -> fail", "unique span:id in $all -> pass",
        "unique kind in $all -> fail", "p(50)(i in $all) = 4 -> pass", "p(100)(i in $all) = 6 -> pass", "gap($r, $db) < 0s -> pass",
        "$r before $db -> fail", "$r starts before $db -> pass", "$db before $c -> fail", "$r overlaps $db -> pass", "concurrency($r) = 1 -> pass",
        "lag($r, $db) < 0s -> pass")
    rows += on(
        "span[name='GET /']",
        "nope = 1 -> fail", "nope != 1 -> fail", "not (nope = 1) -> pass", "nope !~ 'x' -> fail", "nope not in (1) -> fail", "nope missing -> pass",
        "none missing -> pass", "none = '' -> fail", "e exists -> pass", "e = '' -> pass", "not (nope exists) -> pass", "any: nope = 1 -> fail",
        "none: nope = 1 -> pass", "not (not (nope = 1)) -> fail", "i = 3.0 -> pass", "i = '3' -> pass", "i = '3.0' -> fail", "i = '03' -> fail",
        "d = '2.5' -> pass", "d = '2.50' -> fail", "i53 = d53 -> fail", "i53 > attr:d53 -> pass", "i53 = 9007199254740993 -> pass",
        "i53 = 9007199254740993.0 -> fail", "big = 9223372036854775807 -> pass", "big < 9223372036854775808.0 -> pass",
        "min = -9223372036854775808 -> pass", "nz = 0 -> pass", "nz = '0' -> pass", "nz = '-0' -> fail", "nz < 0 -> fail", "nz = -0.0 -> pass",
        "e21 = '1e+21' -> pass", "e8 = '1e-8' -> pass", "e7 = '0.0000001' -> pass", "nan = nan -> fail", "nan != 1 -> fail", "nan = 'NaN' -> fail",
        "not (nan = 1) -> pass", "nan in (1, 2) -> fail", "nan not in (1, 2) -> fail", "nan exists -> pass", "inf > 1e308 -> pass",
        "inf = 'Infinity' -> pass", "inf = attr:inf -> pass", "nan = attr:nan -> fail", "nan < attr:inf -> fail", "t5 = 5 -> pass", "t5 < 6 -> pass",
        "t07 = 7 -> fail", "t07 < 8 -> error", "t15 > 1 -> pass", "t150 > 1 -> error", "t150 = 1.5 -> fail", "t < 1 -> error", "t = 1 -> fail",
        "t != 1 -> pass", "b = true -> pass", "b = 'true' -> pass", "bt = true -> pass", "b = 1 -> error", "b != 1 -> error", "i = true -> error",
        "by = 'x' -> error", "by exists -> pass", "ar = 1 -> error", "ar contains 1 -> pass", "ar contains 2 -> pass", "ar contains '2' -> pass",
        "ar contains true -> pass", "ar contains 'true' -> pass", "ar not contains 9 -> pass", "em contains 1 -> fail", "em not contains 1 -> pass",
        "mp contains 1 -> error", "mp exists -> pass", "em exists -> pass", "i contains 3 -> error", "t contains '' -> pass", "i =~ '3' -> error",
        "i starts-with 3 -> error", "t5 starts-with 5 -> pass", "t =~ '^te' -> pass", "u =~ '^na.ve$' -> pass", "nl =~ 'a.b' -> fail",
        "nl =~ '^b' -> fail", "length(u) = 5 -> pass", "q = 'it\\'s' -> pass", "q = \"it's\" -> pass", "nl = 'a\\nb' -> pass", "dur = 50ms -> pass",
        "duration = '50ms' -> pass", "duration = 0.05s -> pass", "duration in (50ms, 1s) -> pass", "`ünï` = 1 -> pass", "`a b` = 2 -> pass",
        "a-b = 3 -> pass", "name = 'GET /' -> pass", "`name` = inner -> pass", "attr:name = inner -> pass", "attr:`name` = inner -> pass",
        "r1 = res -> pass", "attr:r1 missing -> pass", "resource:r1 = res -> pass", "i = 3 -> pass", "resource:i = 99 -> pass",
        "resource:service.name = shop -> pass", "service = shop -> pass", "scope:name = lib -> pass", "scope:version exists -> pass",
        "event:name exists -> fail", "event:name missing -> pass", "not (event:name = x) -> pass", "link:trace_id missing -> pass",
        "span:parent_id missing -> pass", "span:status_message missing -> pass", "span:event_count = 0 -> pass", "span:type = general -> pass",
        "i / 2 = 1.5 -> pass", "neg / 2 = -3.5 -> pass", "neg % 4 = -3 -> pass", "i % 0 = 1 -> error", "i / 0 = 1 -> error", "d / 0.0 = 1 -> error",
        "big + 1 > 0 -> error", "min - 1 < 0 -> error", "- attr:min > 0 -> error", "min / -1 > 0 -> pass", "big * 1.0 > 0 -> pass",
        "big * 2 > 0 -> error", "abs(attr:min) > 0 -> error", "t5 + 1 = 6 -> error", "int(t5) + 1 = 6 -> pass", "int(t15) = 1 -> error",
        "number(t15) = 1.5 -> pass", "number(t150) = 1.5 -> pass", "1 + 2 * 3 = 7 -> pass", "(1 + 2) * 3 = 9 -> pass", "10 - 2 - 3 = 5 -> pass",
        "2 * 3 % 4 = 2 -> pass", "duration * 2 = 100ms -> pass", "duration / 3 = 16666666ns -> pass", "duration / 0 = 1s -> error",
        "duration / 0s = 1 -> error", "duration - 60ms = -10ms -> pass", "duration * 1e300 > 1s -> error", "d * attr:nan = 1 -> error",
        "round(-2.5) = -3 -> pass", "round(0.5) = 1 -> pass", "floor(-0.5) = -1 -> pass", "ceil(-0.5) = 0 -> pass", "int(-1.9) = -1 -> pass",
        "int(1e30) = 1 -> error", "int(attr:nan) = 1 -> error", "max(1, 2.0, 2) = 2 -> pass", "min(attr:nan, 1) = 1 -> error",
        "substring(u, 0, 3) = 'naï' -> pass", "substring(u, -2) = 've' -> pass", "substring(u, 99) = '' -> pass", "get_index(ar, -1) = true -> pass",
        "get_index(ar, -5) missing -> pass", "get_index(ar, 'last') = true -> pass", "length(ar) = 4 -> pass", "length(em) = 0 -> pass",
        "type(ar) = 'array' -> pass", "type(duration) = 'duration' -> pass", "type(nope) = 'x' -> fail",
        "concat(i, d, b, duration) = '32.5true50ms' -> pass", "concat(ar) = 'x' -> error", "text(nz) = '0' -> pass", "upper(u) = 'NAïVE' -> pass",
        "coalesce(nope, none, 1) = 1 -> pass", "coalesce(t5 + 1, 1) = 1 -> error", "nope + t5 * 2 = 1 -> fail", "f'a$b' = 'a$b' -> pass",
        "i in (1, 3) -> pass", "i in ('3', 9) -> pass", "i not in (1, 3) -> fail", "i in (true, 3) -> pass", "i in (true, 4) -> error",
        "i not in (true, 4) -> error", "i not in (true, 3) -> fail", "nope in (1) -> fail", "i in (attr:nan, 4) -> fail",
        "i not in (attr:nan, 4) -> fail", "i in (attr:nope, 3) -> fail", "b in ('true') -> pass", "ar in (1) -> error",
        "(i = 3) and (nope = 1) -> fail", "(i = 3) or (nope = 1) -> pass", "(t07 < 8) or (i = 3) -> pass", "(t07 < 8) and (i = 4) -> fail",
        "(t07 < 8) and (i = 3) -> error", "not (t07 < 8) -> error", "not ((t07 < 8) and (i = 4)) -> pass",
        "((i = 3) and (d = 2.5)) or (t = x) -> pass", "not ((nope = 1) or (nope = 2)) -> pass", "(nan = 1) or (nan != 1) -> fail")
    rows += on(
        "span[name=c]",
        "nope = 1 -> inconclusive", "nope missing -> inconclusive", "(nope = 1) or (i = 5) -> pass", "(nope = 1) and (i = 5) -> inconclusive",
        "(nope = 1) and (i = 6) -> fail", "nope + 1 = 2 -> inconclusive", "coalesce(nope, 1) = 1 -> inconclusive")
    rows += on(
        "span[name=bw]",
        "duration < 1s -> inconclusive", "duration exists -> pass", "start missing -> fail", "not (duration < 1s) -> inconclusive",
        "(duration < 1s) or (i = 6) -> pass")
    rows += on(
        "span[duration < 1h]",
        "count = 3 -> pass")
    rows += on(
        "span[not (duration < 1h)]",
        "count = 0 -> pass")
    rows += [({"assert": "edge shop -> db"}, "pass"),
             ({"assert": "no edge shop -> db"}, "fail"),
             ({"assert": "edges only shop -> db"}, "pass"),
             ({"assert": "no edge db -> shop"}, "pass")]
    refused = [
        "big < 9223372036854775808", "duration = '50.0ms'", "duration = '0.05s'", "dur < 60ms", "ünï = 1", "duration % 2 = 0s",
        "(i = 3) and (d = 2.5) or (t = x)", "i = 3 and d = 2.5", "p(0)(i in $all) = 6"]
    return [results("corners", SPANS, rows, NAMES)] + [
        case(f"corner {text}", [], {"refused": True}, {**NAMES, "assertions": [{"name": "a", "select": "span[]", "assert": text}]}) for text in refused]
