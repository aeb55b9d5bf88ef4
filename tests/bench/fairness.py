"""Does one peer spoil it for others? A quiet client (requests of 64 spans, 100 a second, one at a time) alone, beside one
connection that sends 8,192-span requests as fast as it can, and beside 100,000 spans of one trace; for comparison beside
as many spans of ordinary traces. What it feels is how long its answers take.
"""
import hashlib
import http.client
import time

from tests.bench import bodies
from tests.bench.pipeline import CONFIG
from tests.bench.servers import Assertd, Load, ROOT
from tests.bench.table import Row, over_rounds

QUIET = {"body": "64.pb", "connections": 1, "rate": 6400}
COPIES = 196  # of 512 spans: 100,352
PER_REQUEST = 14  # copies: 7,168 spans
SETTINGS = ("limits.max_spans_per_trace=200000",)

TITLE = "fairness: how long a quiet client's answers take"
CASES = (("alone", "alone"), ("heavy", "beside a connection that sends all it can"),
         ("ordinary", "beside 100,352 spans of ordinary traces"), ("huge", "beside 100,352 spans of one trace"))
ROWS = tuple(row for name, what in CASES for row in (
    Row(f"{what}: p50", f"{name}_p50_ns", "", 1e6, 2, "ms"), Row("    p99", f"{name}_p99_ns", "", 1e6, 2, "ms"),
    Row("    greatest", f"{name}_max_ns", "", 1e6, 2, "ms"))) + (
    Row("the huge trace: sending it, until its last answer", "huge_taken_s", "", 1, 3, "s"),)


def places(data, needle):
    at = data.find(needle)
    while at >= 0:
        yield at
        at = data.find(needle, at + 1)


def many_spans(one_trace):
    """Requests of COPIES * 512 spans, span IDs all different; of one trace, or of traces of eight."""
    captured = bodies.read(ROOT, "grpc-512.bin")[5:]
    span_ids, trace_ids = {}, {}
    for old in bodies.trace_ids(captured):
        trace_ids[old] = list(places(captured, old))
    bodies.rewrite(captured, (1, 2, 2), lambda span: span_ids.setdefault(
        next(content for number, _, content in bodies.fields(span) if number == 2)))
    span_ids = {old: list(places(captured, old)) for old in span_ids}
    seed, copies = time.monotonic_ns().to_bytes(8, "big"), []
    for copy in range(COPIES):
        changed = bytearray(captured)
        for ids, length in ((trace_ids, 16), (span_ids, 8)):
            for old, offsets in ids.items():
                own = b"" if one_trace and length == 16 else old + copy.to_bytes(2, "big")
                fresh = hashlib.sha256(seed + own).digest()[:length]
                for at in offsets:
                    changed[at:at + length] = fresh
        copies.append(bytes(changed))
    return [b"".join(copies[at:at + PER_REQUEST]) for at in range(0, COPIES, PER_REQUEST)]


def post(server, requests):
    """Sends them one after the other; seconds taken."""
    connection = http.client.HTTPConnection("127.0.0.1", int(server.http), timeout=60)
    begun = time.monotonic()
    for request in requests:
        connection.request("POST", "/v1/traces", request, {"content-type": "application/x-protobuf"})
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"scripts/bench: a request of many spans was answered {answer.status}")
    connection.close()
    return time.monotonic() - begun


def beside(options, name):
    """The quiet client's answers over 6 s, with what is named going on beside it."""
    requests = many_spans(name == "huge") if name in ("ordinary", "huge") else []
    taken = heavy = None
    with Assertd(options.server_core, CONFIG, "receivers.otlp.http.endpoint=127.0.0.1:0", *SETTINGS) as server:
        if name == "heavy":
            heavy = Load(server, options.load_core, body="8192.pb", connections=1, in_flight=8, warm=1, seconds=8)
        quiet = Load(server, options.load_core, warm=2, seconds=6, **QUIET)
        if requests:
            time.sleep(3)
            taken = post(server, requests)
        answers = quiet.result()["answers"]
        if heavy:
            heavy.result()
    out = {f"{name}_{key}": answers[key] for key in ("p50_ns", "p99_ns", "max_ns")}
    return {**out, **({"huge_taken_s": taken} if name == "huge" else {})}


def measure(options):
    rounds = []
    for _ in options.rounds_of("fairness", 1):
        rounds.append({})
        for name, _ in CASES:
            rounds[-1].update(beside(options, name))
    return over_rounds(rounds)
