"""SEMANTICS 2: keys and values."""

import sys

from tests.semantics.harness import NOTHING, Raw, span
from tests.semantics.table import Case, main

ALL = "span[]"
NAN, INF = float("nan"), float("inf")


def rows(*triples, select=ALL):
    """Rows over all spans."""
    return [(expected, condition, select) for expected, condition in triples]


KEYS = [
    Case(
        "own field, attribute, resource", [
            span(1, name="own", attrs={"name": "attr", "kind": "k", "a": 1, "service": "x", "duration": 7},
                 resource={"a": 2, "b": 3, "status": "r"})
        ],
        rows(("pass", "name = own"), ("pass", "attr:name = attr"), ("pass", "`name` = attr"), ("pass", "a = 1"),
             ("pass", "resource:a = 2"), ("pass", "b = 3"), ("fail", "attr:b = 3"), ("pass", "attr:b missing"),
             ("pass", "kind = internal"), ("pass", "`kind` = k"), ("pass", "service = svc"),
             ("pass", "attr:service = x"), ("pass", "duration = 10ms"), ("pass", "attr:duration = 7"),
             ("pass", "`duration` = 7"), ("pass", "resource:status = r"), ("pass", "`status` = r"),
             ("pass", "status = unset"), ("pass", "resource:service.name = svc"), ("pass", "service.name = svc"),
             ("pass", "attr:service.name missing"))),
    Case(
        "service is empty without service.name", [span(1, service=None, attrs={"service.name": "no"})],
        rows(("pass", "service = ''"), ("pass", "service exists"), ("fail", "service missing"),
             ("pass", "resource:service.name missing"), ("fail", "service != ''"),
             ("pass", "service =~ '^$'")) + [("pass", "count = 1", "span[service='']")]),
    Case("an empty service.name is there", [span(1, service="")],
         rows(("pass", "service = ''"), ("pass", "resource:service.name exists"))),
    Case("service.name that is no text", [span(1, service=5)],
         rows(("pass", "resource:service.name = 5"), ("pass", "service = ''"))),
    Case(
        "scope's fields and attributes",
        [span(1, scope={"name": "lib", "version": "1.2", "attributes": [{"key": "k", "value": {"intValue": "1"}}]})],
        rows(("pass", "scope:name = lib"), ("pass", "scope:version = '1.2'"), ("pass", "scope:k = 1"),
             ("pass", "scope:x missing"), ("fail", "k = 1"))),
    Case(
        "events: one of them", [span(1, events=[("a", {"k": 1, "name": "x"}), ("b", {"k": 2, "only": 1})])],
        rows(("pass", "event:name = a"), ("pass", "event:name = b"), ("fail", "event:name = c"),
             ("pass", "event:k = 1"), ("pass", "event:k = 2"), ("pass", "event:k != 1"), ("pass", "event:only = 1"),
             ("fail", "event:only = 2"), ("fail", "event:only missing"), ("pass", "event:only exists"),
             ("fail", "event:name = x"), ("pass", "event:none missing"), ("fail", "event:none exists"),
             ("fail", "k = 1"), ("fail", "not (event:k = 1)"), ("pass", "not (event:k = 3)"))),
    Case(
        "no events: missing", [span(1)],
        rows(("pass", "event:name missing"), ("fail", "event:name exists"), ("fail", "event:name = a"),
             ("fail", "event:name != a"), ("pass", "link:span_id missing"), ("pass", "not (event:name = a)"))),
    Case(
        "links: IDs and attributes", [span(1, links=[(7, 8, {"k": "v"}), (9, 10, {})])],
        rows(("pass", f"link:trace_id = '{7:032x}'"), ("pass", f"link:span_id = '{10:016x}'"), ("pass", "link:k = v"),
             ("fail", "link:k = w"), ("fail", f"link:trace_id = '{8:032x}'"))),
    Case(
        "keys in back quotes",
        [span(1, attrs={"a b": 1, "0x": 2, "-m": 3, "ü": 4, "a:b": 5, "a-b/c.d_e": 6, "attr:x": 7, "": 8})],
        rows(("pass", "attr:`a b` = 1"), ("pass", "`a b` = 1"), ("pass", "`0x` = 2"), ("pass", "`-m` = 3"),
             ("pass", "attr:`ü` = 4"), ("pass", "`a:b` = 5"), ("pass", "a-b/c.d_e = 6"),
             ("pass", "attr:a-b/c.d_e = 6"), ("pass", "`attr:x` = 7"))),
]

QUOTES = [
    Case(
        "texts and escapes", [
            span(
                1, attrs={
                    "q": "it's", "d": 'say "x"', "n": "a\nb\tc", "b": "a\\b", "r": "a1", "w": "GET", "dw": "a.b-c_d/e"
                })
        ],
        rows(("pass", 'q = "it\'s"'), ("pass", r"q = 'it\'s'"), ("pass", "d = 'say \"x\"'"),
             ("pass", r'd = "say \"x\""'), ("pass", r"n = 'a\nb\tc'"), ("pass", r"b = 'a\\b'"),
             ("pass", r"b = 'a\b'"), ("pass", r"r =~ '^a\d$'"), ("pass", r'r =~ "^a\d$"'), ("pass", "w = GET"),
             ("fail", "w = get"), ("pass", "dw = a.b-c_d/e"), ("fail", "w = 'GET '"), ("pass", r"d =~ 'say \"x\"'"))),
    Case(
        "words that are no texts",
        [span(1, attrs={"t": "true", "b": True, "i": "5", "d": "5ms", "n": 5, "p": 0.001})],
        rows(("pass", "b = true"), ("pass", "t = true"), ("pass", "t = 'true'"), ("pass", "b = 'true'"),
             ("fail", "b = false"), ("pass", "i = 5"), ("pass", "d = 5ms"), ("pass", "n = '5'"), ("pass", "p = 0.1%"),
             ("fail", "t = True"))),
    Case(
        "compared byte by byte", [span(1, attrs={"a": "\u00e9", "e": "e\u0301", "z": "a\0b"})],
        rows(("pass", "a = '\u00e9'"), ("fail", "a = 'e\u0301'"), ("fail", "e = '\u00e9'"), ("fail", "z = a"),
             ("pass", "z != a"))),
]

MAX = 2**63 - 1
NUMBERS = [
    Case(
        "int and double by value, exactly", [
            span(
                1, attrs={
                    "i": MAX, "d": 9223372036854775808.0, "m": 2**53 + 1, "w": 9007199254740992.0, "two": 2,
                    "dtwo": 2.0, "h": 0.1, "z": -0.0, "s": 1e-7, "low": -2**63
                })
        ],
        rows((("fail"), "i = 9223372036854775808.0"), ("pass", "i < 9223372036854775808.0"),
             ("pass", "d > 9223372036854775807"), ("fail", "m = 9007199254740992.0"),
             ("pass", "m > 9007199254740992.0"), ("fail", "w = 9007199254740993"), ("pass", "w < 9007199254740993"),
             ("pass", "two = 2.0"), ("pass", "dtwo = 2"), ("pass", "two = 2e0"), ("pass", "h = 0.1"),
             ("pass", "h = 10%"), ("pass", "z = 0"), ("pass", "z = -0.0"), ("pass", "z >= 0"), ("pass", "s = 1e-7"),
             ("pass", "s = 0.0000001"), ("pass", "low = -9223372036854775808"),
             ("pass", "low < -9223372036854775807"), ("pass", "two = 2e+0"), ("pass", "two = 200%"),
             ("pass", "h < 1"), ("pass", "two != 3.5"))),
    Case(
        "durations", [span(1, 0, 1500), span(2, 0, 1500)],
        rows(("pass", "duration = 1500ms"), ("pass", "duration = 1.5s"), ("pass", "duration = 1500000us"),
             ("pass", "duration = 1500000000ns"), ("pass", "duration < 1m"), ("pass", "duration < 1h"),
             ("pass", "duration = 0.025m"), ("pass", "duration > 1.499999999s"), ("pass", "duration < 1.500000001s"),
             ("fail", "duration < 1.5s"), ("pass", "duration <= 1.5s"), ("pass", "duration >= 1.5s"),
             ("fail", "duration > 1.5s"), ("pass", "duration = '1500ms'"))),
    Case("zero and long durations",
         [span(1, 0, 0), span(2, 0, 3_600_000), span(3, 0, 0.000001)],
         [("pass", "duration = 0s", f"span[span:id='{1:016x}']"),
          ("pass", "duration = 0ns", f"span[span:id='{1:016x}']"),
          ("pass", "duration = '0s'", f"span[span:id='{1:016x}']"),
          ("pass", "duration = 1h", f"span[span:id='{2:016x}']"),
          ("pass", "duration = '3600s'", f"span[span:id='{2:016x}']"),
          ("pass", "duration = 60m", f"span[span:id='{2:016x}']"),
          ("pass", "duration = 1ns", f"span[span:id='{3:016x}']"),
          ("pass", "duration = '1ns'", f"span[span:id='{3:016x}']")]),
    Case(
        "blanks between tokens", [span(1, attrs={"a": 1, "b": "x"})],
        rows(("pass", "  a   =   1  "), ("pass", "a=1"), ("pass", "a\t=\n1"), ("pass", "b='x'"),
             ("pass", "none: a=2"), ("pass", "any:a=1"), ("pass", "all :a = 1"), ("pass", "not( a = 2 )"),
             ("pass", "count=1"), ("pass", "count >=1")) + [("pass", "count = 1", " span [ a = 1 , b = x ] "),
                                                            ("pass", "count = 1", "span[a=1,b=x]:first"),
                                                            ("pass", "count = 1", "span[a=1 b=x] : first"),
                                                            ("pass", "count = 1", "span[]:nth_child( 1 )"),
                                                            ("pass", "count=1", "span[a=1],span[b=x]")]),
]

CANONICAL = {  # value: canonical text
    200: "200", -5: "-5", 0: "0", MAX: "9223372036854775807", -2**63: "-9223372036854775808", 1.5: "1.5", 2.0: "2",
    -0.0: "0", 0.1: "0.1", 1e20: "100000000000000000000",
    1e21: "1e+21", 1.5e21: "1.5e+21", 1e-7: "0.0000001", 5e-8: "5e-8", 9.9e-8: "9.9e-8", 1.25e-7: "0.000000125",
    999999999999999900000.0: "999999999999999900000", 1e100: "1e+100", 5e-324: "5e-324",
    INF: "Infinity", -INF: "-Infinity", 123456.789: "123456.789", 1 / 3: "0.3333333333333333", -1e-9: "-1e-9",
    4294967296.0: "4294967296",
}
TEXTS = [
    Case(
        "canonical text",
        [span(1, attrs={f"k{i}": held
                        for i, held in enumerate(CANONICAL)} | {"t": True, "f": False, "nan": NAN})],
        rows(*[("pass", f"k{i} = '{held}'") for i, held in enumerate(CANONICAL.values())]) + rows(
            ("pass", "t = 'true'"), ("pass", "f = 'false'"), ("fail", "t = 'True'"), ("fail", "t = '1'"),
            ("pass", "k0 != '200.0'"), ("pass", "k0 != '0200'"), ("pass", "k6 != '2.0'"), ("fail", "k7 = '-0'"),
            ("fail", "k0 = '2e2'"))),
    Case(
        "a text of the span against a number", [
            span(
                1, attrs={
                    "a": "200", "b": "200.0", "c": "0200", "d": "1e3", "e": "-0", "f": "1.50", "g": "1.5", "h": "+5",
                    "i": "", "j": " 5", "k": "Infinity", "l": "9223372036854775808", "m": "0.0000001", "n": "-1.5",
                    "o": "100000000000000000000000", "p": "true", "q": "1.", "r": ".5", "s": "0", "u": "00", "v": "-"
                })
        ],
        rows(("pass", "a = 200"), ("fail", "b = 200"), ("pass", "b != 200"), ("fail", "c = 200"), ("pass", "a < 201"),
             ("pass", "a > 199.5"), ("fail", "a < 200"), ("error", "b < 201"), ("error", "c < 201"),
             ("error", "d < 1e4"), ("error", "e < 1"), ("error", "f < 2"), ("pass", "g < 2"), ("error", "h < 6"),
             ("error", "i < 1"), ("error", "j < 6"), ("error", "k > 1"), ("pass", "l > 9223372036854775807"),
             ("pass", "m < 1"), ("pass", "n < 0"), ("pass", "n >= -1.5"), ("pass", "o > 1"), ("pass", "p = true"),
             ("error", "q < 2"), ("error", "r < 1"), ("pass", "s >= 0"), ("error", "u >= 0"), ("error", "v < 1"),
             ("pass", "a <= '200'"), ("pass", "a < '1000'"), ("error", "b < '1000'"), ("pass", "g > '1.25'"),
             ("pass", "s = 0"), ("fail", "u = 0"), ("fail", "e = 0"), ("fail", "i = 0"))),
    Case("numbers against texts with <", [span(1, attrs={"n": 200, "d": 1.5})],
         rows(("pass", "n < '201'"), ("pass", "d < '1.6'"), ("pass", "n >= '200'"), ("pass", "d > '-1.5'"))),
    Case(
        "bools have no order", [span(1, attrs={"b": True, "t": "x"})],
        rows(("error", "b < 5"), ("error", "b >= 1"), ("error", "b < '5'"), ("error", "b = 5"), ("error", "b != 5"),
             ("fail", "t = false"))),
    Case("durations against numbers", [span(1, attrs={"n": 5, "s": "5ms", "d": 5.0, "b": True})],
         rows(("error", "n = 5ms"), ("pass", "s = 5ms"), ("error", "d = 5ms"), ("error", "b = 5ms"))),
]

BYTES = [
    Case(
        "bytes, arrays, key-value lists", [
            span(
                1, attrs={
                    "y": b"abc", "a": ["x", 1, 2.5, True, "7"], "k": {"a": 1}, "e": [], "ke": {}, "ye": b"", "es": ""
                })
        ],
        rows(
            *[("error", f"{key} {op} {held}") for key in ("y", "a", "k", "e")
              for op, held in (("=", "x"), ("!=", "x"), ("=", "1"), ("<", "1"), ("=~", "x"), ("!~", "x"))], *[
                  ("pass", f"{key} exists") for key in ("y", "a", "k", "e", "ke", "ye", "es")
              ], *[("fail", f"{key} missing") for key in ("y", "a", "k", "e", "ke", "ye", "es")],
            ("error", "y contains a"), ("error", "k contains a"), ("pass", "a contains x"), ("pass", "a contains 1"),
            ("pass", "a contains 1.0"), ("pass", "a contains '1'"), ("pass", "a contains 2.5"),
            ("pass", "a contains true"), ("pass", "a contains 7"), ("fail", "a contains 3"),
            ("fail", "a contains ''"), ("fail", "e contains x"), ("fail", "a contains xx"), ("pass", "es = ''"),
            ("fail", "es != ''"))),
    Case("membership in arrays with what can't be compared",
         [span(1, attrs={"a": [b"x", ["y"], {}], "n": [NAN], "b": [True, "x"]})],
         rows(("fail", "a contains y"), ("fail", "n contains 1"), ("pass", "b contains x"))),
    Case(
        "contains in texts", [span(1, attrs={"t": "order 15.5 of é", "n": 15, "b": True})],
        rows(("pass", "t contains 15.5"), ("pass", "t contains 5.5"), ("pass", "t contains '15.5'"),
             ("pass", "t contains 5"), ("fail", "t contains 15.51"), ("pass", "t contains 15.50"),
             ("pass", "t contains 'é'"), ("pass", "t contains ''"), ("fail", "t contains ORDER"),
             ("error", "n contains 1"), ("error", "b contains true"), ("pass", "none: t contains true"))),
    Case(
        "regular expressions",
        [span(1, attrs={"t": "GET /é/42", "n": 42, "bad": Raw(bytesValue="/w=="), "nl": "a\nb", "e": ""})],
        rows(("pass", "t =~ '42'"), ("fail", "t =~ '^42'"), ("pass", r"t =~ '\d+$'"), ("pass", "t =~ '/./'"),
             ("pass", "t !~ POST"), ("fail", "t !~ GET"), ("error", "n =~ '4'"), ("error", "bad =~ x"),
             ("fail", "t =~ 'get'"), ("pass", "t =~ '(?i)get'"), ("pass", "e =~ ''"), ("pass", r"nl =~ 'a\sb'"),
             ("fail", "nl =~ 'a.b'"), ("pass", "name =~ '^o'"))),
    Case(
        "a match limit", [span(1, attrs={"t": "a" * 40 + "b"})],
        rows(("error", "t =~ '^(a+)+$'"),
             ("error", "t !~ '^(a+)+$'")) + [("fail", "count = 1", "span[t =~ '^(a+)+$']"),
                                             ("fail", "count = 1", "span[t !~ '^(a+)+$']"),
                                             ("fail", "count = 1", "span[not (t =~ '^(a+)+$')]")]),
]

MISSING = [
    Case(
        "exists, missing", [span(1, attrs={"a": NOTHING, "e": "", "z": 0, "f": False, "v": Raw()})],
        rows(
            *[(want, f"{key} {op}") for key, there in (("a", 0), ("e", 1), ("z", 1), ("f", 1), ("nope", 0), ("v", 0))
              for op, want in (("exists", "pass" if there else "fail"), ("missing", "fail" if there else "pass"))],
            *[("pass", f"{key} exists")
              for key in ("name", "kind", "status", "service", "duration", "start", "end")])),
    Case(
        "a missing attribute fails each comparison", [span(1, name="")],
        rows(
            *[("fail", f"x {op} {held}")
              for op, held in (("=", "1"), ("!=", "1"), ("<", "1"), (">=", "1"), ("=~", "a"), ("!~", "a"),
                               ("contains", "a"), ("not contains", "a"), ("in", "(1, 2)"), ("not in", "(1, 2)"),
                               ("starts-with", "a"))], ("pass", "not (x = 1)"), ("pass", "not (x != 1)"),
            ("pass", "name = ''"), ("pass", "name exists")),
        why={"x != 1": "attribute missing", "x !~ a": "attribute missing", "x = 1": "attribute missing"}),
    Case("selectors with a missing attribute", [span(1)],
         [("fail", "count = 1", f"span[x {op} {held}]")
          for op, held in (("=", "1"), ("!=", "1"), ("!~", "a"),
                           ("not in", "(1)"))] + [("pass", "count = 1", "span[not (x = 1)]"),
                                                  ("pass", "count = 1", "span[x missing]")]),
    Case("not where nothing can be compared", [span(1, attrs={"a": [1], "b": True})],
         [("error", "not (a = 1)", ALL), ("fail", "count = 1", "span[a = 1]"),
          ("fail", "count = 1", "span[not (a = 1)]"), ("fail", "count = 1", "span[not (b < 5)]"),
          ("pass", "count = 1", "span[not (a missing)]"), ("pass", "count = 1", "span[not (a = 1 x = 2)]"),
          ("pass", "count = 0", "span[not (a = 1 b = true)]")]),
    Case("not around not", [span(1, attrs={"a": 1})], [("pass", "not (not (a = 1))", ALL),
                                                       ("fail", "not (not (x = 1))", ALL),
                                                       ("pass", "count = 1", "span[not (not (a = 1))]"),
                                                       ("pass", "count = 0", "span[not (not (x = 1))]")]),
    Case(
        "NaN", [span(1, attrs={"n": NAN, "a": [NAN, 1.0]})],
        rows(
            *[("fail", f"n {op} {held}") for op in ("=", "!=") for held in ("1", "1.5", "x", "'NaN'", "true", "5ms")],
            *[("fail", f"n {op} {held}") for op in ("<", "<=", ">", ">=") for held in ("1", "1.5", "'1'")],
            ("pass", "n exists"), ("fail", "n missing"), ("pass", "not (n = 1)"), ("pass", "not (n != 1)"),
            ("fail", "n in (1, 2)"), ("fail", "n not in (1, 2)"), ("pass", "a contains 1"), ("pass", "none: n = 1"))),
    Case(
        "infinities", [span(1, attrs={"p": INF, "m": -INF})],
        rows(("pass", "p > 1e300"), ("pass", "p > 9223372036854775807"), ("pass", "m < -1e300"),
             ("pass", "p = 'Infinity'"), ("pass", "m = '-Infinity'"), ("pass", "p != 1"))),
]

CASES = KEYS + QUOTES + NUMBERS + TEXTS + BYTES + MISSING

if __name__ == "__main__":
    sys.exit(main(CASES))
