"""Compressed requests over both transports: gzip in all its forms, and what lies beyond it."""
from tests.conformance import gzips, outcome, telemetry
from tests.conformance.case import MUST, ROBUST, SHOULD, Family
from tests.conformance.client import chunks, grpc_frame, head
from tests.conformance.outcome import (
    FULL, INTERNAL, INVALID_ARGUMENT, JSON, UNIMPLEMENTED, Expect, grpc, header, http)


def small():
    return telemetry.small()


def _gzip_call(packed):
    return lambda c: c.call(grpc_frame(packed, 1), grpc_encoding="gzip")


def over_grpc():
    made = Family("grpc/gzip", "gzip is accepted in every form of RFC 1952",
                  "OTLP Protocol Details; RFC 1952", MUST, "C1 G12 H17")
    for name, packed in gzips.good(small()).items():
        made.add(name, f"a span, {name}", _gzip_call(packed), FULL,
                 level=MUST if name == "default" else ROBUST)
    made.add("flag-0", "grpc-encoding: gzip, and a plain message of flag 0", lambda c: c.call(
        grpc_frame(small()), grpc_encoding="gzip"), FULL, section="gRPC over HTTP/2, Compressed-Flag")
    return made


def damaged_over_grpc():
    made = Family("grpc/gzip-damaged", "What cannot be inflated is INTERNAL",
                  "gRPC compression; RFC 1952", ROBUST, "G12 H17")
    for name, packed in gzips.bad(small()).items():
        made.add(name, f"gzip, {name}", _gzip_call(packed), grpc(INTERNAL, INVALID_ARGUMENT))
    made.add("double", "gzip in gzip", _gzip_call(gzips.plain(gzips.plain(small()))),
             grpc(INTERNAL, INVALID_ARGUMENT))
    return made


def _named_encodings(code):
    """The codes, with a grpc-accept-encoding that does not name what was refused."""
    def test(came):
        told = came.headers.get("grpc-accept-encoding", "")
        return (came.kind, came.code) == ("grpc", UNIMPLEMENTED) and told != "" and (
            code not in [one.strip() for one in told.split(",")])
    return Expect(f"grpc UNIMPLEMENTED, grpc-accept-encoding without {code}", test)


def named_over_grpc():
    made = Family("grpc/encoding",
                  "An unknown encoding is UNIMPLEMENTED, with those that are known",
                  "gRPC compression, test case 3", MUST, "G12 H19")
    for name in ("br", "x-unheard-of", "GZIP", "gzip,gzip"):
        run = lambda c, n=name: c.call(
            grpc_frame(gzips.plain(small()), 1), grpc_encoding=n)
        made.add(name, f"grpc-encoding: {name}, flag 1", run,
                 grpc(UNIMPLEMENTED) | FULL if name == "GZIP" else grpc(UNIMPLEMENTED),
                 level=ROBUST if "z" in name.lower() else MUST)
        if name in ("br", "x-unheard-of"):
            made.add(f"{name}-told", f"grpc-encoding: {name}, flag 1: what is known", run,
                     _named_encodings(name), level=SHOULD)
    for name, packed in (("deflate", gzips.zlib.compress(small())),
                         ("zstd", gzips.zstd(small()))):
        made.add(name, f"grpc-encoding: {name}, flag 1", lambda c, n=name, p=packed: c.call(
            grpc_frame(p, 1), grpc_encoding=n), FULL | grpc(UNIMPLEMENTED), level=ROBUST)
    for name in ("identity", "gzip", "deflate", "zstd", "br"):
        made.add(f"{name}-flag-0", f"grpc-encoding: {name}, and a plain message of flag 0",
                 lambda c, n=name: c.call(grpc_frame(small()), grpc_encoding=n),
                 FULL | grpc(UNIMPLEMENTED) if name in ("deflate", "zstd", "br") else FULL,
                 level=ROBUST)
    return made


def others_over_grpc():
    made = Family("grpc/packed", "Encodings beyond gzip are held to the same rules, or are "
                  "UNIMPLEMENTED", "gRPC compression; RFC 1950; RFC 8878", ROBUST, "C2 G12 H19")
    run = lambda packed, name: lambda c: c.call(grpc_frame(packed, 1), grpc_encoding=name)
    for (name, form), packed in gzips.others_good(small()).items():
        made.add(f"{name}-{form}", f"{name}: {form}", run(packed, name),
                 FULL | grpc(UNIMPLEMENTED))
    for (name, form), packed in gzips.others_bad(small()).items():
        made.add(f"{name}-bad-{form}", f"{name}: {form}", run(packed, name), grpc(*outcome.FINAL))
    for name, make in (("deflate-bomb", lambda size: gzips.zlib.compress(bytes(size), 9)),
                       ("zstd-bomb", gzips.zstd_bomb),
                       ("zstd-bomb-untold", lambda size: gzips.zstd_bomb(size, False))):
        made.add(name, "zeros beyond the limit, in little", lambda c, m=make, n=name: run(
            m(c.limit + 1), n.split("-")[0])(c), outcome.TOO_LARGE | grpc(UNIMPLEMENTED))
    return made


def over_http():
    made = Family("http/gzip", "gzip is accepted in every form of RFC 1952",
                  "OTLP Protocol Details; RFC 1952", MUST, "C1 H5 H17")
    for name, packed in gzips.good(small()).items():
        made.add(name, f"a span, {name}", lambda c, p=packed: c.post_gzip(p), FULL,
                 level=MUST if name == "default" else ROBUST)
    made.add("json", "JSON, gzip", lambda c: c.post_gzip(
        gzips.plain(telemetry.small("json")), JSON), FULL)
    made.add("upper-case", "Content-Encoding: GZIP", lambda c: c.post_gzip(
        gzips.plain(small()), encoding="GZIP"), FULL, level=SHOULD, section="RFC 9110 8.4.1")
    made.add("chunked", "gzip in chunks", lambda c: c.raw(
        head(lines=["Transfer-Encoding: chunked", "Content-Encoding: gzip"]),
        chunks(gzips.plain(small()), 7)), FULL)
    made.add("identity", "Content-Encoding: identity", lambda c: c.post_gzip(
        small(), encoding="identity"), FULL, level=SHOULD)
    made.add("empty-body", "Content-Encoding: gzip, and no body", lambda c: c.post_gzip(b""),
             FULL | http(400), level=ROBUST)
    damaged = Family("http/gzip-damaged", "What cannot be inflated is 400", "OTLP/HTTP Bad Data; "
                     "RFC 1952", SHOULD, "H10 H17")
    for name, packed in gzips.bad(small()).items():
        if name != "empty":
            damaged.add(name, f"gzip, {name}", lambda c, p=packed: c.post_gzip(p), http(400))
    damaged.add("double", "gzip in gzip", lambda c: c.post_gzip(
        gzips.plain(gzips.plain(small()))), http(400))
    others = Family("http/encoding", "An unknown encoding is 415, with those that are known",
                    "RFC 9110 15.5.16", SHOULD, "H19")
    told = http(415) & header("accept-encoding", "gzip")
    for name in ("br", "x-unheard-of", "gzip, br"):
        others.add(name, f"Content-Encoding: {name}", lambda c, n=name: c.post_gzip(
            gzips.plain(small()), encoding=n), told)
    others.add("gzip, gzip", "gzip twice, and said so", lambda c: c.post_gzip(
        gzips.plain(gzips.plain(small())), encoding="gzip, gzip"), FULL | http(415, 400),
        level=ROBUST)
    for name, packed in (("deflate", gzips.zlib.compress(small())), ("zstd", gzips.zstd(small())),
                         ("x-gzip", gzips.plain(small()))):
        others.add(name, f"Content-Encoding: {name}", lambda c, n=name, p=packed: c.post_gzip(
            p, encoding=n), FULL | http(415, 400), level=ROBUST)
    return [made, damaged, others, _others_over_http()]


def _others_over_http():
    made = Family("http/packed", "Encodings beyond gzip are held to the same rules, or are 415",
                  "RFC 9110 8.4; RFC 1950; RFC 8878", ROBUST, "C2 H19")
    run = lambda packed, name: lambda c: c.post_gzip(packed, encoding=name)
    for (name, form), packed in gzips.others_good(small()).items():
        made.add(f"{name}-{form}", f"{name}: {form}", run(packed, name), FULL | http(415))
    for (name, form), packed in gzips.others_bad(small()).items():
        made.add(f"{name}-bad-{form}", f"{name}: {form}", run(packed, name), http(400, 415))
    for name, make in (("deflate-bomb", lambda size: gzips.zlib.compress(bytes(size), 9)),
                       ("zstd-bomb", gzips.zstd_bomb),
                       ("zstd-bomb-untold", lambda size: gzips.zstd_bomb(size, False))):
        made.add(name, "zeros beyond the limit, in little", lambda c, m=make, n=name: run(
            m(c.limit + 1), n.split("-")[0])(c), http(413, 415))
    return made


def families():
    return [over_grpc(), damaged_over_grpc(), named_over_grpc(), others_over_grpc(), *over_http()]
