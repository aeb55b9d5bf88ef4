"""HTTP/1.1 below OTLP/HTTP: chunks, lengths, header lines, versions, connections."""
from tests.conformance import http1, outcome, telemetry
from tests.conformance.case import MUST, ROBUST, SHOULD, Family
from tests.conformance.client import chunks, head
from tests.conformance.outcome import (
    CLOSED, FULL, JSON, PROTOBUF, TAKEN, YES, Expect, http, of_http, seen)

BAD = http(400)
#: A message that cannot be framed: the connection has no further use.
BAD_FRAMING = http(400, 501) | CLOSED


def small():
    return telemetry.small()


#: What widespread servers let pass: they do not read trailers, or take LF for CR LF.
LENIENT = ("no-end-of-data", "newline-after-size", "newline-after-data", "folded-trailer",
           "blank-in-trailer-name")


def chunked():
    made = Family("http1/chunked", "Chunks are read in every valid form", "RFC 9112 7.1",
                  MUST, "H16")
    body = small()
    start = head(lines=["Transfer-Encoding: chunked"])
    size = b"%x" % len(body)
    for name, sent, octets in (
            ("one", "one chunk", chunks(body, 10**6)), ("small", "chunks of 7", chunks(body, 7)),
            ("bytes", "chunks of 1", chunks(body, 1)),
            ("upper-case", "a size in upper case",
             size.upper() + b"\r\n" + body + b"\r\n0\r\n\r\n"),
            ("zeros", "leading zeros", b"0000" + size + b"\r\n" + body + b"\r\n000\r\n\r\n"),
            ("extension", "extensions", chunks(body, 9, b";a=b;c")),
            ("quoted-extension", "quoted extensions", chunks(body, 9, b';a="b c;d"')),
            ("trailer", "a trailer", chunks(body, 9)[:-2] + b"X-Any: v\r\n\r\n"),
            ("trailers", "trailers that would matter in a header", chunks(body, 9)[:-2]
             + b"Content-Length: 5\r\nAuthorization: x\r\nHost: y\r\n\r\n"),
            ("empty", "no chunk but the last", b"0\r\n\r\n")):
        made.add(name, sent, lambda c, o=octets: c.raw(start, o), FULL)
    made.add("upper-case-name", "Transfer-Encoding: Chunked", lambda c: c.raw(
        head(lines=["Transfer-Encoding: Chunked"]), chunks(body, 9)), FULL)
    made.add("json", "JSON in chunks of 5", lambda c: c.raw(
        head(kind=JSON, lines=["Transfer-Encoding: chunked"]),
        chunks(telemetry.small("json"), 5), kind=JSON), FULL)
    made.add("byte-by-byte", "every byte sent alone", lambda c: c.raw(
        *[bytes([one]) for one in start + chunks(body, 30)]), FULL)
    made.add("50000-bytes", "50,000 chunks of one byte", lambda c: c.raw(
        start, chunks(telemetry.request_of(50_000), 1)), FULL | http(413), level=ROBUST)
    bad = Family("http1/chunked-bad", "Chunks that are not well formed end the connection",
                 "RFC 9112 7.1", MUST, "H16")
    for name, octets in (
            ("no-size", b"\r\nabc"), ("not-hex", b"xyz\r\nabc\r\n0\r\n\r\n"),
            ("minus", b"-1\r\n\r\n0\r\n\r\n"), ("plus", b"+5\r\nhello\r\n0\r\n\r\n"),
            ("prefix", b"0x5\r\nhello\r\n0\r\n\r\n"), ("blank-before", b" 5\r\nhello\r\n0\r\n\r\n"),
            ("two-sizes", b"5 5\r\nhello\r\n0\r\n\r\n"), ("underscore", b"1_0\r\n" + b"x" * 16),
            ("16-digits", b"ffffffffffffffff\r\nx"), ("17-digits", b"10000000000000000\r\nx"),
            ("wraps", b"10000000000000005\r\nhello\r\n0\r\n\r\n"),
            ("no-end-of-data", b"5\r\nhelloX\r\n0\r\n\r\n"),
            ("too-short", b"6\r\nhello\r\n0\r\n\r\n\r\n"),
            ("newline-after-data", b"5\r\nhello\n0\r\n\r\n"),
            ("newline-after-size", b"5\nhello\r\n0\r\n\r\n"),
            ("return-in-extension", b"5;a=\rb\r\nhello\r\n0\r\n\r\n"),
            ("newline-in-extension", b"5;a=\nb\r\nhello\r\n0\r\n\r\n"),
            ("nul-in-extension", b"5;a=\0\r\nhello\r\n0\r\n\r\n"),
            ("comma", b"5,5\r\nhello\r\n0\r\n\r\n"), ("decimal", b"5.0\r\nhello\r\n0\r\n\r\n"),
            ("bad-trailer", b"0\r\nno colon\r\n\r\n"),
            ("folded-trailer", b"0\r\nA: b\r\n c\r\n\r\n"),
            ("blank-in-trailer-name", b"0\r\nA : b\r\n\r\n"),
            ("extension-of-1-MiB", b"5;" + b"a" * (1 << 20))):
        bad.add(name, f"{octets[:30]!r}", lambda c, o=octets: c.raw(start, o),
                BAD_FRAMING | http(413, 431) | outcome.SILENCE if name == "16-digits"
                else BAD_FRAMING | http(413, 431), level=ROBUST if name in LENIENT else None)
    return [made, bad]


def _smuggled(lines, body):
    """A request whose length is in doubt, with another one in its body: one answer, then close."""
    def run(client):
        with client.http1() as connection:
            connection.send(head(None, lines=lines), body, head(len(small())), small())
            try:
                first = connection.answer()
            except http1.NoAnswer as none:
                return outcome.Outcome(none.what, note=str(none))
            rest = connection.rest()
            if b"HTTP/1.1 2" in rest:
                return outcome.Outcome("garbage", note=f"{first.status}, and a second answer")
            return of_http(first, PROTOBUF)
    return run


def lengths():
    made = Family("http1/length", "A body whose length is in doubt is refused, and what follows is "
                  "never a request", "RFC 9112 6.3", MUST, "H16")
    for name, lines in (
            ("both", ["Content-Length: 5", "Transfer-Encoding: chunked"]),
            ("both-reversed", ["Transfer-Encoding: chunked", "Content-Length: 5"]),
            ("two-lengths", ["Content-Length: 5", "Content-Length: 6"]),
            ("length-list", ["Content-Length: 5, 6"]), ("plus", ["Content-Length: +5"]),
            ("minus", ["Content-Length: -5"]), ("blank", ["Content-Length: 5 5"]),
            ("hex", ["Content-Length: 0x5"]), ("2-64", ["Content-Length: 18446744073709551616"]),
            ("2-64-5", ["Content-Length: 18446744073709551621"]),
            ("huge", ["Content-Length: " + "9" * 50]), ("words", ["Content-Length: five"]),
            ("empty-length", ["Content-Length:"]), ("fraction", ["Content-Length: 5.0"]),
            ("exponent", ["Content-Length: 5e0"]), ("arabic", ["Content-Length: \xd9\xa5"]),
            ("unknown-coding", ["Transfer-Encoding: xchunked"]),
            ("chunked-not-last", ["Transfer-Encoding: chunked, identity"]),
            ("chunked-twice", ["Transfer-Encoding: chunked, chunked"]),
            ("gzip-chunked", ["Transfer-Encoding: gzip, chunked"]),
            ("two-codings", ["Transfer-Encoding: chunked", "Transfer-Encoding: x"]),
            ("quoted", ['Transfer-Encoding: "chunked"']), ("empty-coding", ["Transfer-Encoding:"]),
            ("coding-and-parameter", ["Transfer-Encoding: chunked;a=b"]),
            ("control", ["Transfer-Encoding: \x0bchunked"]),
            ("nul", ["Transfer-Encoding: chunked\0"]),
            ("identity", ["Transfer-Encoding: identity"])):
        made.add(name, "; ".join(lines), _smuggled(lines, b"hello"), BAD_FRAMING | http(413))
    made.add("two-equal", "two equal Content-Length lines", lambda c: c.raw(
        head(len(small()), lines=[f"Content-Length: {len(small())}"]), small()), FULL | BAD)
    made.add("list-of-equals", "Content-Length: n, n", lambda c: c.raw(
        head(lines=[f"Content-Length: {len(small())}, {len(small())}"]), small()), FULL | BAD)
    made.add("leading-zeros", "Content-Length: 000n", lambda c: c.raw(
        head(lines=[f"Content-Length: 000{len(small())}"]), small()), FULL | BAD, level=ROBUST)
    made.add("http-1.0-chunked", "Transfer-Encoding in HTTP/1.0", lambda c: c.raw(
        head(lines=["Transfer-Encoding: chunked"], version="HTTP/1.0"), chunks(small(), 9)),
        BAD_FRAMING | FULL, section="RFC 9112 6.1", level=SHOULD)
    made.add("none", "neither length nor chunks: no body", lambda c: c.raw(head()),
             TAKEN | http(411, 400))
    made.add("zero", "Content-Length: 0", lambda c: c.post(b""), FULL)
    made.add("cut", "a Content-Length beyond what comes, then the end", lambda c: c.raw(
        head(1000), small(), finish=True), BAD | CLOSED | http(408), section="RFC 9112 8")
    made.add("chunks-cut", "chunks without the last, then the end", lambda c: c.raw(
        head(lines=["Transfer-Encoding: chunked"]), b"5\r\nhel", finish=True),
        BAD | CLOSED | http(408), section="RFC 9112 8")
    return made


def fields():
    made = Family("http1/field", "Header lines are read strictly", "RFC 9112 5", MUST, "H16")
    body = small()
    good = f"POST /v1/traces HTTP/1.1\r\nHost: test\r\nContent-Type: {PROTOBUF}\r\n".encode()
    end = b"Content-Length: %d\r\n\r\n" % len(body)
    for name, line, section in (
            ("blank-before-colon", b"X-Any : v\r\n", "5.1"),
            ("blank-before-coding", b"Transfer-Encoding : chunked\r\n", "5.1"),
            ("folded", b"X-Any: a\r\n b\r\n", "5.2"), ("folded-tab", b"X-Any: a\r\n\tb\r\n", "5.2"),
            ("no-colon", b"X-Any\r\n", "5"), ("empty-name", b": v\r\n", "5"),
            ("return-in-value", b"X-Any: a\rb\r\n", "2.2"),
            ("nul-in-value", b"X-Any: a\0b\r\n", "5"),
            ("nul-in-name", b"X\0: a\r\n", "5"), ("blank-in-name", b"X Any: v\r\n", "5"),
            ("bracket-in-name", b"X[Any]: v\r\n", "5"), ("quote-in-name", b'"X": v\r\n', "5"),
            ("latin-in-name", b"X\xe9: v\r\n", "5"), ("control-in-value", b"X: a\x01b\r\n", "5"),
            ("delete-in-value", b"X: a\x7fb\r\n", "5")):
        made.add(name, f"{line!r}", lambda c, li=line: c.raw(good + li + end, body),
                 BAD | FULL if name in ("control-in-value", "delete-in-value", "folded",
                                        "folded-tab") else BAD,
                 section=f"RFC 9112 {section}; RFC 9110 5.5",
                 level=ROBUST if name in ("control-in-value", "delete-in-value") else None)
    for name, line in (("empty-value", b"X-Any:\r\n"), ("no-blank", b"X-Any:v\r\n"),
                       ("blanks-around", b"X-Any: \t v \t \r\n"),
                       ("latin", b"X-Any: \xe9t\xe9\r\n"),
                       ("repeated", b"X-Any: a\r\nX-Any: b\r\n"),
                       ("token", b"X!#$%&'*+-.^_`|~1: v\r\n"),
                       ("colons", b"X-Any: a:b:c\r\n"), ("lower-case", b"x-any: v\r\n"),
                       ("cookie", b"Cookie: a=b; c=d\r\n"), ("accept", b"Accept: text/html\r\n"),
                       ("accept-encoding", b"Accept-Encoding: gzip\r\n"),
                       ("user-agent", b"User-Agent: OTel-OTLP-Exporter-C/1.2.3\r\n")):
        made.add(f"good-{name}", f"{line!r}", lambda c, li=line: c.raw(good + li + end, body), FULL)
    for name, text in (
            ("newline-alone", good.replace(b"Host: test\r\n", b"Host: test\n") + end),
            ("newlines-only", (good + end).replace(b"\r\n", b"\n"))):
        made.add(name, "LF without CR", lambda c, t=text: c.raw(t, body), BAD | FULL | CLOSED,
                 level=ROBUST, section="RFC 9112 2.2")
    made.add("empty-lines-before", "an empty line before the request", lambda c: c.raw(
        b"\r\n" + good + end, body), FULL, level=SHOULD, section="RFC 9112 2.2")
    made.add("blank-after-first-line", "a blank before the first header line", lambda c: c.raw(
        good.replace(b"\r\nHost", b"\r\n Host") + end, body), BAD | CLOSED,
        section="RFC 9112 2.2")
    made.add("lower-case-names", "all names in lower case", lambda c: c.raw(
        (good + end).replace(b"Host", b"host").replace(b"Content-", b"content-"), body), FULL,
        section="RFC 9110 5.1")
    return made


def hosts():
    made = Family("http1/host", "HTTP/1.1 has one valid Host", "RFC 9112 3.2", MUST)
    start = (f"POST /v1/traces HTTP/1.1\r\nContent-Type: {PROTOBUF}\r\n"
             "Content-Length: 0\r\n").encode()
    for name, lines in (("none", b""), ("two", b"Host: a\r\nHost: b\r\n"),
                        ("two-equal", b"Host: a\r\nHost: a\r\n"), ("blank", b"Host: a b\r\n"),
                        ("slash", b"Host: a/b\r\n"), ("at", b"Host: u@a\r\n"),
                        ("bad-port", b"Host: a:x\r\n")):
        made.add(name, f"{lines!r}", lambda c, li=lines: c.raw(start + li + b"\r\n"),
                 BAD | FULL if name in ("slash", "at", "bad-port") else BAD,
                 level=ROBUST if name in ("slash", "at", "bad-port", "blank") else None)
    for name, host in (("port", "a:4318"), ("ipv6", "[::1]:4318"), ("empty", ""),
                       ("upper-case", "EXAMPLE.ORG"), ("underscore", "a_b.c")):
        made.add(f"good-{name}", f"Host: {host}", lambda c, h=host: c.raw(
            start + f"Host: {h}\r\n\r\n".encode()), FULL | BAD if name == "empty" else FULL)
    return made


def versions():
    made = Family("http1/version", "Other versions are refused, or answered as far as is known",
                  "RFC 9112 2.3", MUST)
    body = small()
    for name, version, expect in (
            ("1.0", "HTTP/1.0", FULL), ("1.2", "HTTP/1.2", FULL | http(505, 400)),
            ("2.0", "HTTP/2.0", http(505, 400) | CLOSED),
            ("9.9", "HTTP/9.9", http(505, 400) | CLOSED),
            ("lower-case", "http/1.1", BAD | CLOSED), ("one-digit", "HTTP/1", BAD | CLOSED),
            ("no-dot", "HTTP/11", BAD | CLOSED),
            ("three-digits", "HTTP/1.10", BAD | CLOSED | http(505)),
            ("blank", "HTTP/1.1 ", BAD | CLOSED), ("words", "HTTP/one", BAD | CLOSED | http(505)),
            ("empty", "", BAD | CLOSED | http(505)),
            ("other", "ICY/1.1", BAD | CLOSED | http(505))):
        made.add(name, f"the version {version!r}", lambda c, v=version: c.raw(
            head(len(body), version=v), body), expect)
    made.add("0.9", "GET /v1/traces, and no more", lambda c: c.raw(b"GET /v1/traces\r\n\r\n"),
             BAD | CLOSED | http(405, 505))
    for name, octets in (("http2-preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9)),
                         ("tls", bytes.fromhex("16030100c8010000c40303") + b"\1" * 200),
                         ("zeros", bytes(200)), ("noise", bytes(range(128, 250)) * 3),
                         ("ssh", b"SSH-2.0-OpenSSH_9.2\r\n"), ("nothing", b""),
                         ("blank-lines", b"\r\n" * 100 + b"x\r\n\r\n")):
        made.add(f"garbage-{name}", f"{octets[:24]!r}", lambda c, o=octets: c.raw(o, finish=True),
                 http(400, 405, 408, 414, 431, 501, 505) | CLOSED
                 | Expect("garbage", lambda came: came.kind == "garbage"), level=ROBUST)
    made.add("upgrade", "an upgrade to h2c is not taken", lambda c: c.raw(
        head(len(body), lines=["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c",
                               "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"]), body), FULL,
        section="RFC 9113 3.1", level=SHOULD)
    return made


def _series(count, close_last=False):
    def run(client):
        with client.http1() as connection:
            for number in range(count):
                last = close_last and number == count - 1
                connection.send(head(len(small()), lines=["Connection: close"] if last else ()),
                                small())
                if connection.answer().status != 200:
                    return seen(False, f"request {number}")
            return seen(not close_last or connection.is_closed())
    return run


def _pipelined(count, kind=PROTOBUF, busy=()):
    """`busy` are the statuses with which a server may ask to be sent a request again."""
    def run(client):
        body = telemetry.small("json" if kind == JSON else "protobuf")
        with client.http1() as connection:
            connection.send((head(len(body), kind) + body) * count)
            for number in range(count):
                answer = connection.answer()
                if answer.status not in (200, *busy):
                    return seen(False, f"answer {number}: {answer.status}")
            return seen(True)
    return run


def _in_order(client):
    """Answers come in the order of the requests: told apart by their status."""
    with client.http1() as connection:
        connection.send(head(len(small())), small(), head(0, path="/nowhere"),
                        head(3) + b"\xff\xff\xff", head(len(small())), small())
        found = [connection.answer().status for _ in range(4)]
        return seen(found == [200, 404, 400, 200], str(found))


def _after(bad):
    def run(client):
        with client.http1() as connection:
            connection.send(*bad())
            first = connection.answer()
            if first.headers.get("connection", "").lower() == "close":
                return seen(True, f"{first.status}, closed")
            connection.send(head(len(small())), small())
            return seen(connection.answer().status == 200, f"{first.status}, then no success")
    return run


def connections():
    made = Family("http1/connection", "Connections are kept, and closed when asked",
                  "OTLP/HTTP Connection; RFC 9112 9.3", SHOULD, "H1 H13")
    made.add("kept", "10 requests on one connection", _series(10), YES)
    made.add("closed", "Connection: close on the last", _series(3, True), YES, level=MUST,
             section="RFC 9112 9.6")
    made.add("pipelined", "100 requests at once", _pipelined(100), YES, level=MUST,
             section="RFC 9112 9.3.2")
    made.add("pipelined-1000", "1,000 requests at once", _pipelined(
        1000, busy=(429, 503)), YES, level=MUST,
             section="RFC 9112 9.3.2")
    made.add("pipelined-json", "100 requests at once, JSON", _pipelined(100, JSON), YES, level=MUST,
             section="RFC 9112 9.3.2")
    made.add("in-order", "four requests at once, good and bad", _in_order, YES, level=MUST,
             section="RFC 9112 9.3.2")
    made.add("half-closed", "a request, and no more", lambda c: c.raw(
        head(len(small())), small(), finish=True), FULL, section="RFC 9112 9.6")
    made.add("http-1.0-closes", "HTTP/1.0 without keep-alive", lambda c: _old(c, ()), YES,
             level=MUST, section="RFC 9112 9.3")
    made.add("byte-by-byte", "every byte sent alone", lambda c: c.raw(
        *[bytes([one]) for one in head(len(small())) + small()]), FULL)
    made.add("split-in-header", "a header in two parts", lambda c: c.raw(
        head(len(small()))[:40], head(len(small()))[40:], small()), FULL)
    for name, bad in (("bad-data", lambda: (head(3), b"\xff\xff\xff")),
                      ("not-found", lambda: (head(0, path="/nowhere"),)),
                      ("method", lambda: (head(None, method="GET"),)),
                      ("bad-gzip", lambda: (head(3, lines=["Content-Encoding: gzip"]), b"xxx")),
                      ("media-type", lambda: (head(5, kind="text/plain"), b"hello"))):
        made.add(f"after-{name}", f"{name.replace('-', ' ')}, then a good request", _after(bad),
                 YES)
    made.add("cut-request", "half a request and a close, then another connection", _cut, FULL)
    return made


def _old(client, lines):
    with client.http1() as connection:
        connection.send(head(len(small()), lines=lines, version="HTTP/1.0"), small())
        return seen(connection.answer().status == 200 and connection.is_closed())


def _cut(client):
    for size in range(1, 200, 13):
        with client.http1() as connection:
            connection.send((head(len(small())) + small())[:size])
    return client.post(small())


def _expectation(lines, kind=PROTOBUF, size=None):
    """Sends the header alone: the first status that comes."""
    def run(client):
        with client.http1() as connection:
            connection.send(head(len(small()) if size is None else size, kind, lines=lines))
            try:
                return seen(True, str(connection.interim()))
            except http1.NoAnswer as none:
                return outcome.Outcome(none.what)
    return run


def _said(*codes):
    return Expect("first status " + "/".join(map(str, codes)),
                  lambda came: came.kind == "seen" and came.note in map(str, codes))


def expectations():
    made = Family("http1/expect", "100-continue is answered before the body",
                  "RFC 9110 10.1.1", MUST, "H16")
    waiting = ["Expect: 100-continue"]
    made.add("continue", "Expect: 100-continue, and no body yet", _expectation(waiting), _said(100))
    made.add("upper-case", "Expect: 100-Continue", _expectation(["Expect: 100-Continue"]),
             _said(100))
    made.add("with-body", "Expect: 100-continue, and the body", lambda c: c.raw(
        head(len(small()), lines=waiting), small()), FULL)
    made.add("chunked", "Expect: 100-continue, and chunks", lambda c: c.raw(
        head(lines=waiting + ["Transfer-Encoding: chunked"]), chunks(small(), 9)), FULL)
    made.add("refused-type", "Expect: 100-continue with a type that is refused", _expectation(
        waiting, "text/plain"), _said(415), level=ROBUST)
    made.add("refused-size", "Expect: 100-continue with a length beyond the limit",
             lambda c: _expectation(waiting, size=c.limit + 1)(c), _said(413), level=ROBUST)
    made.add("unknown", "Expect: something", _expectation(["Expect: something"]),
             _said(417, 400, 100), level=ROBUST)
    made.add("http-1.0", "Expect in HTTP/1.0 is ignored", lambda c: c.raw(
        head(len(small()), lines=waiting, version="HTTP/1.0"), small()),
        Expect("full success, no 100", lambda came: FULL.test(came) and not came.reply.interim))
    made.add("no-body", "Expect: 100-continue with Content-Length: 0", lambda c: c.raw(
        head(0, lines=waiting)), FULL)
    return made


def families():
    return [*chunked(), lengths(), fields(), hosts(), versions(), connections(), expectations()]
