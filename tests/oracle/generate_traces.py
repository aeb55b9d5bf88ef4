"""Seeded random traces and records.

Keys and values come from small pools, so that matches, ties and misses are all frequent. Times of spans that share
an ID differ always (or their names do): the order of spans is then the same for everybody.
"""

import base64
import json

BASE = 1_700_000_000 * 10**9
MS = 10**6
CAMPAIGN = "nightly-run.7"

NAMES = ["op1", "op2", "op3", "send", "GET /cart", "Größe"]
SERVICES = ["front", "cart", "mail"]
KEYS = ["a", "b", "http.status", "db/op", "x-y", "_z"]
ODD_KEYS = ["odd key", "name", "service", "count", "duration", "naïve", "exists"]
RESOURCE_KEYS = ["a", "region", "b"]
SCOPE_KEYS = ["a", "kind"]
EVENT_NAMES = ["exception", "retry", "a"]

TEXTS = ["", "ok", "error", "200", "0200", "1.5", "1.50", "-0", "-1", "1e3", "true", "5", "0.1", "1500ms", "NaN", "abc",
         "server", "Größe", "it's", 'say "x"', "back\\slash", "two\nlines", "9007199254740993", "Infinity", "50%"]
INTS = [0, 1, 5, 200, -1, 55, 2**63 - 1, -2**63, 2**53, 2**53 + 1, -2**53 - 1]
DOUBLES = [0.0, -0.0, 1.0, 1.5, 200.0, -1.0, 0.1, 5e-8, 1e-7, 1e21, 1e20, 9007199254740992.0, 9007199254740994.0,
           9.223372036854775807e18, float("nan"), float("inf"), float("-inf"), 5e-324, 123456.789]


def some(rng, pool, **weights):
    """One of a weighted choice: some(rng, None, a=3, b=1)."""
    return rng.choices(list(weights), list(weights.values()))[0] if weights else rng.choice(pool)


# Values and attributes

def any_value(rng, depth=0):
    """A random AnyValue in OTLP's JSON shape."""
    kind = some(rng, None, text=8, int=6, double=5, bool=2, bytes=1, array=1.5 if depth < 2 else 0,
                kvlist=0.7 if depth < 2 else 0, empty=0.8)
    if kind == "text":
        return {"stringValue": rng.choice(TEXTS)}
    if kind == "int":
        value = rng.choice(INTS)
        return {"intValue": value if abs(value) < 2**53 and rng.random() < 0.3 else str(value)}
    if kind == "double":
        value = rng.choice(DOUBLES)
        return {"doubleValue": value if value == value and abs(value) != float("inf") else
                "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"}
    if kind == "bool":
        return {"boolValue": rng.random() < 0.5}
    if kind == "bytes":
        return {"bytesValue": base64.b64encode(rng.choice([b"", b"ok", b"\xff\x00"])).decode()}
    if kind == "array":
        return {"arrayValue": {"values": [any_value(rng, depth + 1) for _ in range(rng.randrange(4))]}}
    if kind == "kvlist":
        return {"kvlistValue": {"values": attributes(rng, KEYS, 2, depth + 1)}}
    return {}


def attributes(rng, keys, most, depth=0):
    """Random attributes, now and then with a key twice or a last one that is missing."""
    count = rng.randrange(most + 1)
    pairs = [{"key": rng.choice(keys), "value": any_value(rng, depth)} for _ in range(count)]
    if depth or rng.random() < 0.9:
        pairs = list({pair["key"]: pair for pair in pairs}.values())
    return pairs


# Traces

def _span_attributes(rng):
    pairs = attributes(rng, KEYS, 4)
    if rng.random() < 0.2:
        pairs += attributes(rng, ODD_KEYS, 2)
    if rng.random() < 0.2:
        pairs.append({"key": rng.choice(["db.system", "messaging.system", "http.route", "rpc.service", "exception.type"]),
                      "value": rng.choice([{"stringValue": "x"}, {"stringValue": "x"}, {}])})
    if rng.random() < 0.6:
        pairs = [pair for pair in pairs if pair["key"] != "n"]
        pairs.append({"key": "n", "value": rng.choice([
            {"intValue": str(rng.choice([1, 2, 3, 10, 250, -4]))}, {"doubleValue": rng.choice([0.5, 2.0, -3.25])},
            {"stringValue": "7"}])})
    return pairs


def _times(rng, backwards):
    start = BASE + rng.choice([0, 0, 1, 5, 10, 50, 1500, 2000]) * MS + rng.choice([0, 0, 0, 1, 1000])
    length = rng.choice([0, 1, 5, 50, 50, 1500, 60000]) * MS + rng.choice([0, 0, 1])
    if rng.random() < backwards:
        return start + max(length, 1), start
    return start, start + length


def random_span(rng, trace_id, span_id, backwards):
    start, end = _times(rng, backwards)
    span = {"traceId": trace_id, "spanId": span_id, "name": rng.choice(NAMES),
            "kind": some(rng, [1, 2, 3, 4, 5, 2, 2, 3, 0, 99]), "startTimeUnixNano": str(start),
            "endTimeUnixNano": str(end), "attributes": _span_attributes(rng),
            "flags": some(rng, [1, 1, 1, 0x101, 0x100, 0, 0x301])}
    if rng.random() < 0.5:
        span["status"] = {"code": some(rng, [0, 1, 2, 2, 77]), "message": rng.choice(["", "boom"])}
    if rng.random() < 0.25:
        span["events"] = [{"timeUnixNano": str(start), "name": rng.choice(EVENT_NAMES),
                           "attributes": attributes(rng, ["a", "code", "name"], 2)} for _ in range(rng.randrange(1, 4))]
    if rng.random() < 0.15:
        span["links"] = [{"traceId": rng.choice(["ab" * 16, trace_id]),
                          "spanId": rng.choice(["00000000000000c1", "00000000000000c2"] + [f"{n:016x}" for n in (1, 2, 3)]),
                          "attributes": attributes(rng, ["a"], 1)} for _ in range(rng.randrange(1, 3))]
    return span


def _parents(rng, shape, ids, remote):
    """A parent ID ('' for none) for each span of a trace."""
    parents = []
    for index, own in enumerate(ids):
        earlier = ids[:index]
        if shape in ("tree", "remote"):
            root = remote if shape == "remote" else ""
            parents.append(rng.choice(earlier) if earlier else root)
        elif shape == "forest":
            parents.append(rng.choice(earlier + ["", remote]) if earlier else remote)
        else:
            parents.append(rng.choice(list(ids) + ["", remote, "00000000000000ee", own]))
    return parents


def random_envelope(rng, services):
    resource = {"attributes": attributes(rng, RESOURCE_KEYS, 2)}
    if rng.random() < 0.9:
        resource["attributes"].append({"key": "service.name", "value": {"stringValue": rng.choice(services)}})
    scope = {"name": rng.choice(["lib", "http", ""]), "version": rng.choice(["1.0", "2", ""]),
             "attributes": attributes(rng, SCOPE_KEYS, 1)}
    return resource, scope


def trace(rng, trace_id, remote, calm=False, dress=None):
    """A random trace as (resource, scope, span) entries, in arrival order; `dress(rng, span, resource)` may add to each span."""
    envelopes = [random_envelope(rng, SERVICES) for _ in range(rng.randrange(1, 4))]
    shape = some(rng, None, tree=5, remote=4, forest=0 if calm else 1, odd=0 if calm else 2)
    ids = [f"{rng.randrange(1, 2**64):016x}" if rng.random() < 0.3 else f"{index + 1:016x}"
           for index in range(rng.choice([1, 2, 3, 4, 5, 6, 9]))]
    rng.shuffle(ids)
    backwards = 0 if calm or rng.random() < 0.7 else 0.25
    entries = []
    for span_id, parent in zip(ids, _parents(rng, shape, ids, remote)):
        span = random_span(rng, trace_id, span_id, backwards)
        if parent:
            span["parentSpanId"] = parent
        entries.append((*rng.choice(envelopes), span))
        if dress:
            dress(rng, span, entries[-1][0])
    if not calm:
        _oddities(rng, entries, envelopes, trace_id)
    if rng.random() < 0.12:
        claim = rng.choice(["assertd=nightly%2Drun%2E7/pay/s1", "x=1, assertd=nightly-run%2e7", "assertd=other", "y=2"])
        rng.choice(entries)[2]["traceState"] = claim
    if rng.random() < 0.5:
        rng.shuffle(entries)
    return entries


def _oddities(rng, entries, envelopes, trace_id):
    for _, _, span in entries:
        for member in ("droppedAttributesCount", "droppedEventsCount", "droppedLinksCount"):
            if rng.random() < 0.05:
                span[member] = rng.choice([1, 4000000000])
    if rng.random() < 0.12:
        _conflict(rng, entries, envelopes)
    if rng.random() < 0.2:
        _copies(rng, entries)
    if rng.random() < 0.03:
        rng.choice(entries)[2]["flags"] = rng.choice([2, 0x102])
    if rng.random() < 0.06:
        bad = random_span(rng, trace_id, rng.choice(["", "0" * 16, "abcd"]), 0)
        entries.append((*envelopes[0], bad))


def _conflict(rng, entries, envelopes):
    first = rng.choice(entries)[2]
    other = random_span(rng, first["traceId"], first["spanId"], 0)
    taken = {(span["startTimeUnixNano"], span["endTimeUnixNano"], span["name"])
             for _, _, span in entries if span["spanId"] == first["spanId"]}
    while (other["startTimeUnixNano"], other["endTimeUnixNano"], other["name"]) in taken:
        other["startTimeUnixNano"], other["endTimeUnixNano"] = map(str, _times(rng, 0))
    if rng.random() < 0.7 and "parentSpanId" in first:
        other["parentSpanId"] = first["parentSpanId"]
    entries.append((*rng.choice(envelopes), other))


def _copies(rng, entries):
    for _ in range(rng.randrange(1, 4)):
        resource, scope, span = rng.choice(entries)
        copy = json.loads(json.dumps(span))
        keys = [pair["key"] for pair in copy["attributes"]]
        if len(set(keys)) == len(keys):
            rng.shuffle(copy["attributes"])
        copy["flags"] = rng.choice([0, 1, 0x101, 0x100, 3])
        if rng.random() < 0.2:
            copy["droppedAttributesCount"] = 1
        if rng.random() < 0.1:
            copy["droppedEventsCount"] = 1
        if rng.random() < 0.03:
            copy["flags"] = 2
        entries.insert(rng.randrange(len(entries) + 1), (resource, scope, copy))


# Injections

def _json_value(rng):
    return rng.choice([0, 1, 5, 200, -1, 1.5, 0.1, True, False, "ok", "200", "", "Größe", ["ok", 5], {"k": 1}, None,
                       2**53 + 1])


def injection(rng, trace_id, remote, calm=False):
    """A random record."""
    record = {"trace_id": trace_id.upper() if rng.random() < 0.1 else trace_id}
    for name, pool in (("scenario", ["pay", "cart"]), ("step", ["s1", "s2"]), ("zone", ["eu", "us"]), ("minion", ["m1"]),
                       ("iteration", [3, 4]), ("outcome", ["ok", "ok", "error"]), ("status", [200, 500, "200"])):
        if rng.random() < 0.6:
            record[name] = rng.choice(pool)
    if rng.random() < 0.6:
        record["time_unix_nano"] = rng.choice([str, str, int])(BASE + rng.choice([-5, 0, 5]) * MS)
    if rng.random() < 0.4:
        record["duration_ns"] = rng.choice([str(50 * MS), 5 * MS])
    if rng.random() < 0.5:
        record["span_id"] = remote
    if rng.random() < 0.4:
        record["attributes"] = {key: _json_value(rng) for key in rng.sample(["a", "b", "odd key", "status"], 2)}
    if rng.random() < (0.02 if calm else 0.06):
        record["sampled"] = False
    elif rng.random() < (0.02 if calm else 0.06):
        record["outcome"] = "not_sent"
    return record


def random_injections(rng, traces, calm):
    records = []
    for trace_id, remote in traces:
        if rng.random() < (0.97 if calm else 0.85):
            records.append(injection(rng, trace_id, remote, calm))
    for _ in range(rng.choice([0, 0, 0, 1]) if calm else rng.randrange(4)):
        records.append(injection(rng, f"{rng.randrange(1, 2**128):032x}", "00000000000000dd", calm))
    if records and rng.random() < 0.5:
        records.append(injection(rng, rng.choice(records)["trace_id"], "00000000000000dd"))
    rng.shuffle(records)
    return records
