"""OTLP/JSON: JSON itself, and the mapping of messages to it."""
import json

from tests.conformance import telemetry
from tests.conformance.case import MUST, ROBUST, SHOULD, Family
from tests.conformance.outcome import FULL, REFUSED, TAKEN, TOO_LARGE, WARNED, http, partial
from tests.conformance.telemetry import MESSAGES, json_request, json_request_with, json_span

MAPPING = "OTLP JSON Protobuf Encoding"
PROTO3 = "ProtoJSON format"


def _add(made, name, sent, make, expect, **more):
    """`make()` gives a dict, or the bytes of a body, anew for each run."""
    made.add(name, sent[:90], lambda c: c.post_json(make()), expect, **more)


def _beside(text):
    """A good request in which an unknown key has this JSON text as its value."""
    return b'{"later":' + text + b"," + telemetry.small("json")[1:]


def _attribute(value):
    """A good request with one attribute; `value` is the JSON text of its AnyValue."""
    span = json.dumps(json_span(attributes=[{"key": "k", "value": {"HERE": 1}}]))
    text = json.dumps(json_request({"SPAN": 1}))
    text = text.replace('{"SPAN": 1}', span).replace('{"HERE": 1}', value)
    return text.encode()


def _member(name, text):
    """A good request whose span has a member with this JSON text."""
    plain = json.dumps(json_request(json_span(**{name: 12345678901})))
    return plain.replace(f'"{name}": 12345678901', f'"{name}": {text}').encode()


GOOD_VALUES = (
    "null", "true", "false", "0", "-0", "1", "-1", "10", "123456789012345678901234567890", "1.5",
    "-1.5", "0.1", "1e5", "1E5", "1e+5", "1e-5", "1.5e300", "1e-400", '""', '"a"', '"\\""',
    '"\\\\"', '"\\/"', '"\\b\\f\\n\\r\\t"', '"\\u0041"', '"\\u00e9"', '"\\ud83d\\ude00"',
    '"\\u0000"', '"\\uFFFF"', '"\u00e9"', '"\U0001f600"', '"\x7f"', '"\u2028"', "[]", "[1]",
    "[1,2]", "[[]]", "[{}]", "[null]", "[ 1 , 2 ]", "{}", '{"a":1}', '{"a":{"b":[]}}', '{"":0}',
    '{"a":1,"a":2}', '{"a\\u0000b":0}', "[" * 20 + "]" * 20, '{"a":' * 20 + "1" + "}" * 20)

BAD_VALUES = (
    "", "nul", "Null", "NULL", "True", "tru", "truefalse", "undefined", "NaN", "Infinity",
    "-Infinity", "nan", "inf", "+1", "01", "-01", "00", "1.", ".5", "-.5", "-", "+", "1e", "1e+",
    "1.e5", "1e5.5", "0x10", "0b1", "1_000", "1 000", "1,", "--1", "1a", "\uff11", "'a'", "a",
    '"', '"a', '"\\x41"', '"\\u12"', '"\\u12G4"', '"\\U0041"', '"\\a"', '"\\', '"\\u', '"a\nb"',
    '"a\tb"', '"a\0b"', '"\x1f"', "[", "]", "[1", "[1,]", "[,1]", "[1,,2]", "[1 2]", "[1:2]",
    "[}", "{", "{]", '{"a"}', '{"a":}', '{"a":1,}', '{,"a":1}', "{1:2}", "{a:1}", "{'a':1}",
    '{"a":1 "b":2}', '{"a" 1}', '{"a"::1}', '{"a":1:2}', '{null:1}', "/**/1", "1//", "#1", "<x>",
    "\ufeff1", "\u00a01", "\u20281", "\x0b1", "\x0c1", "()", "`a`", '"a" "b"', "@", "*")


def _name(index, text):
    plain = "".join(one if one.isascii() and one.isalnum() else "_" for one in text)
    return f"{index:02}-{plain[:16] or 'empty'}"


def syntax():
    made = Family("json/good", "What is JSON is read, also where nobody knows the key",
                  "RFC 8259; " + MAPPING, MUST, "J3")
    for index, text in enumerate(GOOD_VALUES):
        _add(made, _name(index, text), f"an unknown key with {text!r}",
             lambda t=text: _beside(t.encode()), TAKEN)
    for name, sent, make in (
            ("blanks", "blanks, tabs, newlines and returns between", lambda: telemetry.small(
                "json").replace(b'": ', b'"\r\n\t :\n ').replace(b", ", b"\t,\r\n ")),
            ("around", "blanks around the whole", lambda: b" \n\t" + telemetry.small("json")
             + b"\r\n "), ("compact", "no blanks at all", lambda: telemetry.small(
                 "json").replace(b" ", b"")),
            ("escaped-keys", "keys written with \\u",
             lambda: telemetry.small("json").replace(b'"name"', b'"\\u006eame"')),
            ("escaped-slashes", "an escaped slash in a name", lambda: telemetry.small(
                "json").replace(b'"conformance"', b'"a\\/b"')),
            ("long-text", "a name of 100 KB", lambda: json_request(json_span(name="x" * 100_000))),
            ("long-key", "an unknown key of 100 KB",
             lambda: json_request(json_span(**{"x" * 100_000: 1}))),
            ("many-keys", "10,000 unknown keys",
             lambda: json_request(json_span(**{f"x{n}": n for n in range(10_000)})))):
        _add(made, name, sent, make, TAKEN)
    return made


def broken():
    made = Family("json/bad", "What is not JSON is refused whole", "RFC 8259", MUST, "H10 J9")
    for index, text in enumerate(BAD_VALUES):
        _add(made, _name(index, text), f"an unknown key with {text!r}",
             lambda t=text: _beside(t.encode()), REFUSED)
    whole = telemetry.small("json")
    for name, sent, make in (
            ("trailing-text", "a letter behind", lambda: whole + b"x"),
            ("trailing-brace", "a brace behind", lambda: whole + b"}"),
            ("trailing-comma", "a comma behind", lambda: whole + b","),
            ("trailing-nul", "a zero byte behind", lambda: whole + b"\0"),
            ("two-documents", "two documents", lambda: whole + whole),
            ("two-lines", "two documents on two lines", lambda: whole + b"\n" + whole),
            ("comment", "a comment before", lambda: b"// x\n" + whole),
            ("utf-16", "UTF-16", lambda: whole.decode().encode("utf-16")),
            ("utf-32", "UTF-32", lambda: whole.decode().encode("utf-32")),
            ("protobuf", "protobuf", lambda: telemetry.small()),
            ("xml", "XML", lambda: b"<resourceSpans/>"), ("blank", "a blank", lambda: b" "),
            ("list", "a list", lambda: b"[]"), ("list-of-one", "a list with the request",
                                                lambda: b"[" + whole + b"]"),
            ("text", "a text", lambda: b'"x"'), ("number", "a number", lambda: b"1"),
            ("true", "true", lambda: b"true")):
        _add(made, name, sent, make, REFUSED)
    _add(made, "byte-order-mark", "a byte order mark before (RFC 8259 section 8.1 lets a reader "
         "ignore it)", lambda: b"\xef\xbb\xbf" + whole, REFUSED | TAKEN, level=ROBUST)
    _add(made, "null", "null", lambda: b"null", REFUSED | TAKEN, level=ROBUST)
    _add(made, "no-body", "no body at all", lambda: b"", REFUSED | TAKEN, level=ROBUST)
    for size in range(1, len(whole), 11):
        _add(made, f"cut-at-{size:03}", f"the first {size} bytes", lambda s=size: whole[:s],
             REFUSED)
    return made


def utf8():
    made = Family("json/utf8", "JSON is UTF-8, and surrogates come in pairs", "RFC 8259 8.1, 8.2",
                  SHOULD, "J9")
    for name, octets in (("ff", b"\xff"), ("lone-continuation", b"\x80"), ("cut", b"\xe2\x82"),
                         ("overlong", b"\xc0\xaf"), ("surrogate", b"\xed\xa0\x80"),
                         ("beyond", b"\xf4\x90\x80\x80"), ("latin-1", b"\xe9t\xe9")):
        for where in ("name", "unknown"):
            key = b'"conformance"' if where == "name" else b'"x"'
            _add(made, f"{name}-in-{where}", f"{octets!r} in a text ({where})",
                 lambda o=octets, k=key, w=where: (
                     telemetry.small("json").replace(k, b'"' + o + b'"') if w == "name"
                     else _beside(b'"' + o + b'"')), REFUSED)
    for name, text in (("high-alone", "\\ud800"), ("low-alone", "\\udc00"),
                       ("high-and-text", "\\ud800a"), ("two-highs", "\\ud800\\ud800"),
                       ("reversed", "\\udc00\\ud800")):
        _add(made, name, f"a name of {text}", lambda t=text: telemetry.small("json").replace(
            b'"conformance"', f'"{t}"'.encode()), REFUSED | TAKEN, level=ROBUST)
    return made


def unknown_keys():
    made = Family("json/unknown-key", "Unknown keys are ignored in every message", MAPPING, MUST,
                  "C13 J3")
    for message in MESSAGES:
        for name, value in (("number", 1), ("nested", {"a": [1, {"b": None}], "c": "d"}),
                            ("null", None), ("list", [[], [[]]])):
            _add(made, f"{message}-{name}", f"\"later\": {value} in {message}",
                 lambda m=message, v=value: json_request_with(m, {"later": v}), TAKEN)
    for name, key in (("strindex", "keyStrindex"), ("dollar", "$ref"), ("type", "@type"),
                      ("empty", ""), ("prototype", "__proto__"), ("case", "TraceId")):
        _add(made, name, f"the key {key!r} in a span",
             lambda k=key: json_request(json_span(**{k: "x"})), TAKEN)
    return made


def snake_case():
    made = Family("json/snake-case", "Keys in snake_case are unknown: what they hold is lost, so "
                  "it is told", MAPPING, ROBUST, "J4 C9")
    for message, key, value in (
            ("TracesData", "resource_spans", []), ("ResourceSpans", "scope_spans", []),
            ("ResourceSpans", "schema_url", "u"), ("Span", "start_time_unix_nano", "5"),
            ("Span", "parent_span_id", "00000000000000ff"), ("Span", "dropped_events_count", 1),
            ("AnyValue", "string_value", "x"), ("Event", "time_unix_nano", "1")):
        _add(made, key, f"{key} in {message}",
             lambda m=message, k=key, v=value: json_request_with(m, {k: v}), WARNED)
        _add(made, f"{key}-taken", f"{key} in {message}: it is no error",
             lambda m=message, k=key, v=value: json_request_with(m, {k: v}), TAKEN, level=MUST)
    _add(made, "trace_id-only", "trace_id instead of traceId: the span has none",
         lambda: json_request(json_span(traceId=None, trace_id="1" * 32)), partial(1) | REFUSED,
         level=MUST)
    return made


#: A JSON value of each type; which of them a field may have.
SAMPLES = {"object": {}, "list": [], "text": "x", "number": 1, "fraction": 1.5, "true": True}
FITTING = {"message": ("object",), "text": ("text",), "id": ("text",), "base64": ("text",),
           "bool": ("true",), "double": ("number", "fraction"), "enum": ("number",)}


def types():
    made = Family("json/type", "A value of a type that its field does not have is refused",
                  PROTO3, SHOULD, "H10")
    for message, fields in MESSAGES.items():
        for field in fields:
            fitting = ("list",) if field.repeated else FITTING.get(field.plain, ("number",))
            for name, value in SAMPLES.items():
                if name not in fitting:
                    _add(made, f"{message}.{field.name}-{name}",
                         f"{message}.{field.name}: {json.dumps(value)}",
                         lambda m=message, f=field.name, v=value: json_request_with(m, {f: v}),
                         REFUSED)
    return made


def nulls():
    made = Family("json/null", "null is an absent field", PROTO3, MUST, "J7")
    for message, fields in MESSAGES.items():
        for field in fields:
            if (message, field.name) not in (("Span", "traceId"), ("Span", "spanId")):
                _add(made, f"{message}.{field.name}", f"{message}.{field.name}: null",
                     lambda m=message, f=field.name: json_request_with(m, {f: None}), TAKEN)
    for name in ("traceId", "spanId"):
        _add(made, f"Span.{name}", f"Span.{name}: null", lambda n=name: json_request_with(
            "Span", {n: None}), partial(1) | REFUSED)
    for name in ("resourceSpans", "spans", "attributes"):
        _add(made, f"in-{name}", f"null as an item of {name}", lambda n=name: {
            "resourceSpans": lambda: {"resourceSpans": [None]},
            "spans": lambda: json_request(None),
            "attributes": lambda: json_request(json_span(attributes=[None]))}[n](),
            REFUSED | TAKEN | partial(1), level=ROBUST)
    return made


def empties():
    made = Family("json/empty", "Empty messages and lists are allowed everywhere", PROTO3, MUST,
                  "C6 C12 J7")
    for message, fields in MESSAGES.items():
        for field in fields:
            if field.plain == "message":
                value = [] if field.repeated else {}
                _add(made, f"{message}.{field.name}", f"{message}.{field.name}: {value}",
                     lambda m=message, f=field.name, v=value: json_request_with(m, {f: v}), TAKEN)
    for name, text in (("object", b"{}"), ("list", b'{"resourceSpans":[]}'),
                       ("resource-spans", b'{"resourceSpans":[{}]}'),
                       ("scope-spans", b'{"resourceSpans":[{"scopeSpans":[{}]}]}')):
        _add(made, name, text.decode(), lambda t=text: t, FULL)
    return made


GOOD_INTEGERS = ("0", "1", "-1", "5", "9007199254740993", "9223372036854775807",
                 "-9223372036854775808")
BAD_INTEGERS = ("1.5", "9223372036854775808", "-9223372036854775809", "1e400", "1e-1",
                '"1.5"', '"9223372036854775808"', '"abc"', '""', '" 1"', '"1 "', '"0x10"', '"+-1"',
                '"1,000"', '"NaN"', "true", "[1]", '{"a":1}')


def integers():
    made = Family("json/int64", "64-bit integers come as text or number, whole and in range",
                  PROTO3 + ", int64", MUST, "J5")
    for text in GOOD_INTEGERS:
        _add(made, f"number-{text}", f"intValue: {text}",
             lambda t=text: _attribute(f'{{"intValue":{t}}}'), TAKEN)
        _add(made, f"text-{text}", f'intValue: "{text}"',
             lambda t=text: _attribute(f'{{"intValue":"{t}"}}'), TAKEN)
    for text in ("1.0", "1e3", "-1e0", "1.5e1", '"1e3"', '"1.0"', "-0"):
        _add(made, f"whole-{text}".replace('"', "'"), f"intValue: {text}",
             lambda t=text: _attribute(f'{{"intValue":{t}}}'), TAKEN, level=SHOULD)
    for index, text in enumerate(BAD_INTEGERS):
        _add(made, "bad-" + _name(index, text), f"intValue: {text}",
             lambda t=text: _attribute(f'{{"intValue":{t}}}'), REFUSED, level=SHOULD)
    return made


def unsigned():
    made = Family("json/uint", "Unsigned integers come as text or number, whole and in range",
                  PROTO3 + ", uint32, fixed32, fixed64", MUST, "J5")
    for name, goods, bads in (
            ("startTimeUnixNano", ("0", "1", "1767225600000000000", "18446744073709551615"),
             ("-1", "18446744073709551616", "1.5", '"-1"', '"x"')),
            ("droppedAttributesCount", ("0", "1", "4294967295"),
             ("-1", "4294967296", "1.5", '"x"')),
            ("flags", ("0", "1", "257", "4294967295"), ("-1", "4294967296", "0.5", '"0x1"'))):
        for text in goods:
            for form, written in (("number", text), ("text", f'"{text}"')):
                _add(made, f"{name}-{form}-{text}", f"{name}: {written}",
                     lambda n=name, w=written: _member(n, w), TAKEN)
        for index, text in enumerate(bads):
            _add(made, f"{name}-bad-{_name(index, text)}", f"{name}: {text}",
                 lambda n=name, t=text: _member(n, t), REFUSED, level=SHOULD)
    return made


def doubles():
    made = Family("json/double", "Doubles come as number, as text, and as three words",
                  PROTO3 + ", double", MUST, "J6")
    for text in ("0", "-0.0", "1", "1.5", "-1.5e-10", "1e300", "1.7976931348623157e308", "5e-324",
                 '"NaN"', '"Infinity"', '"-Infinity"', '"1.5"', '"-1e5"', '"0"', "1e-400"):
        _add(made, "good-" + text.strip('"') + ("-text" if '"' in text else ""),
             f"doubleValue: {text}", lambda t=text: _attribute(f'{{"doubleValue":{t}}}'), TAKEN)
    for index, text in enumerate(("1e400", "-1e400", "NaN", "Infinity", '"nan"', '"inf"', '"abc"',
                                  '""', '"1.5 "', '"0x1p3"', "true", "[]", '"1e400"')):
        _add(made, "bad-" + _name(index, text), f"doubleValue: {text}",
             lambda t=text: _attribute(f'{{"doubleValue":{t}}}'), REFUSED, level=SHOULD)
    return made


def booleans():
    made = Family("json/bool", "Booleans are true and false", PROTO3 + ", bool", SHOULD)
    for text, expect in (("true", TAKEN), ("false", TAKEN), ('"true"', REFUSED), ("1", REFUSED),
                         ("0", REFUSED), ('""', REFUSED), ("[]", REFUSED)):
        _add(made, _name(0, text)[3:] if '"' not in text else "text-" + text.strip('"'),
             f"boolValue: {text}", lambda t=text: _attribute(f'{{"boolValue":{t}}}'), expect)
    return made


def enums():
    made = Family("json/enum", "Enums are integers; their names are not sent", MAPPING, MUST, "J2")
    for name, message, key, words in (
            ("kind", "Span", "kind", ("SPAN_KIND_SERVER", "SERVER", "server", "2x", "")),
            ("status", "Status", "code", ("STATUS_CODE_ERROR", "ERROR", "error", ""))):
        for number in (0, 1, 2, 3, 5):
            _add(made, f"{name}-{number}", f"{key}: {number}",
                 lambda m=message, k=key, n=number: json_request_with(m, {k: n}), TAKEN)
        for number in (6, 99, 2147483647, -1):
            _add(made, f"{name}-unknown-{number}", f"{key}: {number}",
                 lambda m=message, k=key, n=number: json_request_with(m, {k: n}), TAKEN,
                 section="proto3 language guide, open enums", level=SHOULD)
        for word in words:
            _add(made, f"{name}-word-{word or 'empty'}", f"{key}: {word!r}",
                 lambda m=message, k=key, w=word: json_request_with(m, {k: w}), REFUSED,
                 level=SHOULD)
        for number in (1.5, 2147483648, -2147483649):
            _add(made, f"{name}-bad-{number}", f"{key}: {number}",
                 lambda m=message, k=key, n=number: json_request_with(m, {k: n}), REFUSED,
                 level=SHOULD)
    return made


def identifiers():
    made = Family("json/id", "IDs are hex in any case; what is none costs that span",
                  MAPPING + "; trace.proto", MUST, "J1 J8")
    hexes = "a55e27d0" + "0123456789abcdef" + "ABCDEF12"
    for name, text in (("lower", hexes.lower()), ("upper", hexes.upper()), ("mixed", hexes)):
        _add(made, f"trace-{name}", f"traceId of {name} case",
             lambda t=text: json_request(json_span(traceId=t)), TAKEN)
        _add(made, f"span-{name}", f"spanId of {name} case",
             lambda t=text: json_request(json_span(spanId=t[:16])), TAKEN)
        _add(made, f"parent-{name}", f"parentSpanId of {name} case",
             lambda t=text: json_request(json_span(parentSpanId=t[:16])), TAKEN)
        _add(made, f"link-{name}", f"a link's IDs of {name} case", lambda t=text: json_request(
            json_span(links=[{"traceId": t, "spanId": t[:16]}])), TAKEN)
    for key, length in (("traceId", 32), ("spanId", 16), ("parentSpanId", 16)):
        good = "a" * length
        for name, text in (("short", good[1:]), ("long", good + "a"), ("two-short", good[2:]),
                           ("two-long", good + "aa"), ("prefix", "0x" + good[2:]),
                           ("blank", " " + good[1:]), ("dashes", good[:7] + "-" + good[8:]),
                           ("not-hex", "g" * length), ("non-ascii", "\u00e9" * length),
                           ("nul", good[1:] + "\0"), ("base64", "qqqqqqqqqqqqqqqqqqqqqg=="),
                           ("braces", "{" + good[2:] + "}")):
            _add(made, f"{key}-{name}", f"{key}: {text[:40]!r}",
                 lambda k=key, t=text: json_request(json_span(**{k: t})), partial(1) | REFUSED)
            _add(made, f"{key}-{name}-beside-good", f"{key}: {text[:40]!r}, and a good span",
                 lambda k=key, t=text: json_request(json_span(**{k: t}), json_span()), partial(1),
                 level=SHOULD, section="OTLP/HTTP Partial Success")
    for key in ("traceId", "spanId"):
        _add(made, f"{key}-empty", f"{key}: ''", lambda k=key: json_request(
            json_span(**{k: ""})), partial(1) | REFUSED)
        _add(made, f"{key}-absent", f"no {key}", lambda k=key: json_request(
            json_span(**{k: None})), partial(1) | REFUSED)
    _add(made, "parent-empty", "parentSpanId: ''", lambda: json_request(
        json_span(parentSpanId="")), TAKEN)
    _add(made, "link-not-hex", "a link's traceId that is not hex", lambda: json_request(
        json_span(links=[{"traceId": "zz", "spanId": "zz"}])), TAKEN | partial(1) | REFUSED,
        level=ROBUST)
    return made


def base64s():
    made = Family("json/base64", "bytesValue is base64, with either alphabet, padded or not",
                  PROTO3 + ", bytes", MUST, "J6")
    for name, text in (("empty", ""), ("padded", "aGk="), ("unpadded", "aGk"), ("two-pads", "aA=="),
                       ("no-pads", "aA"), ("standard", "+/+/"), ("url", "-_-_"),
                       ("long", "QUJD" * 5000)):
        _add(made, name, f"bytesValue: {text[:40]!r}",
             lambda t=text: _attribute(json.dumps({"bytesValue": t})), TAKEN)
    for name, text in (("one-digit", "a"), ("five-digits", "aGVsb"), ("blank", "aG k"),
                       ("newline", "aG\nk"), ("pad-within", "aG=k"), ("letters", "a*b!"),
                       ("non-ascii", "\u00e9\u00e9\u00e9\u00e9"), ("only-pads", "====")):
        _add(made, f"bad-{name}", f"bytesValue: {text!r}",
             lambda t=text: _attribute(json.dumps({"bytesValue": t})), REFUSED, level=SHOULD)
    return made


def duplicates():
    made = Family("json/duplicate", "Of equal keys the last counts, or the request is refused",
                  "RFC 8259 4; " + PROTO3, ROBUST, "J7")
    for name, old, new in (
            ("name", b'"name":', b'"name": "first", "name":'),
            ("trace-id", b'"traceId":', b'"traceId": "00", "traceId":'),
            ("kind", b'"kind":', b'"kind": 1, "kind":'),
            ("spans", b'"spans":', b'"spans": [], "spans":'),
            ("resource-spans", b'{"resourceSpans":', b'{"resourceSpans": [], "resourceSpans":'),
            ("times", b'"endTimeUnixNano":', b'"endTimeUnixNano": "1", "endTimeUnixNano":')):
        _add(made, name, f"{name} twice", lambda o=old, n=new: telemetry.small("json").replace(
            o, n, 1), TAKEN | REFUSED)
    _add(made, "one-value-twice", "stringValue twice",
         lambda: _attribute('{"stringValue":"a","stringValue":"b"}'), TAKEN | REFUSED)
    return made


def oneofs():
    made = Family("json/oneof", "An AnyValue with two values is refused", PROTO3 + ", oneof",
                  SHOULD)
    pairs = (('"stringValue":"a"', '"intValue":"1"'), ('"intValue":"1"', '"boolValue":true'),
             ('"arrayValue":{"values":[]}', '"stringValue":"a"'),
             ('"kvlistValue":{"values":[]}', '"arrayValue":{"values":[]}'),
             ('"doubleValue":1.5', '"bytesValue":"aGk="'))
    for index, (one, other) in enumerate(pairs):
        _add(made, f"two-{index}", f"{{{one}, {other}}}", lambda a=one, b=other: _attribute(
            f"{{{a},{b}}}"), REFUSED)
    _add(made, "and-null", "a value, and null for another", lambda: _attribute(
        '{"stringValue":"a","intValue":null}'), TAKEN)
    _add(made, "none", "a value of no type", lambda: _attribute("{}"), TAKEN)
    return made


def depths():
    made = Family("json/depth", "Nesting is bounded, also under unknown keys",
                  "RFC 8259 9", ROBUST, "J9")
    value = lambda depth: ('{"arrayValue":{"values":[' * depth + '{"intValue":"1"}'
                           + "]}}" * depth)
    for depth in (2, 8, 16):
        _add(made, f"values-{depth}", f"{depth} arrays in each other",
             lambda d=depth: _attribute(value(d)), TAKEN)
    for depth in (2000, 20_000):
        _add(made, f"values-{depth}", f"{depth} arrays in each other",
             lambda d=depth: _attribute(value(d)), REFUSED)
    for depth in (2000, 100_000):
        for name, begin, end in (("lists", b"[", b"]"), ("objects", b'{"a":', b"}")):
            middle = b"" if name == "lists" else b"1"
            _add(made, f"unknown-{name}-{depth}", f"{depth} unknown {name} in each other",
                 lambda d=depth, b=begin, m=middle, e=end: _beside(b * d + m + e * d), REFUSED)
        _add(made, f"unclosed-{depth}", f"{depth} opening brackets and the end",
             lambda d=depth: b"[" * d, REFUSED)
    _add(made, "long-number", "a number of 100,000 digits",
         lambda: _attribute('{"intValue":' + "1" * 100_000 + "}"), REFUSED)
    _add(made, "long-unknown-number", "an unknown number of 100,000 digits",
         lambda: _beside(b"1" * 100_000), TAKEN | REFUSED)
    _add(made, "many-spans", "5,000 spans", lambda: json_request(
        *[json_span(spanId=f"{n + 1:016x}") for n in range(5000)]), FULL)
    _add(made, "many-empty-spans", "20,000 empty spans", lambda: json_request(*[{}] * 20_000),
         partial(20_000) | REFUSED | TOO_LARGE)
    return made


def content():
    made = Family("json/content-type", "JSON is told by its content type", "OTLP/HTTP Request",
                  SHOULD, "H3")
    small = lambda: telemetry.small("json")
    for name, kind, expect in (
            ("plain", "application/json", FULL), ("utf-8", "application/json; charset=utf-8", FULL),
            ("upper-case", "APPLICATION/JSON", FULL),
            ("quoted", 'application/json; charset="utf-8"', FULL),
            ("spaces", "application/json ;  charset=UTF-8", FULL),
            ("other-parameter", "application/json; version=1", FULL),
            ("utf-16", "application/json; charset=utf-16", http(415, 400)),
            ("text-json", "text/json", http(415) | FULL),
            ("suffix", "application/vnd.x+json", http(415) | FULL)):
        made.add(name, f"Content-Type: {kind}", lambda c, k=kind: c.post(small(), k), expect)
    return made


def families():
    return [syntax(), broken(), utf8(), unknown_keys(), snake_case(), types(), nulls(), empties(),
            integers(), unsigned(), doubles(), booleans(), enums(), identifiers(), base64s(),
            duplicates(), oneofs(), depths(), content()]
