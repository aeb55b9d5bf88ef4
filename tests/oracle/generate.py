"""Seeded random traces, suites and injection records.

Keys and values come from small pools, so that matches, ties and misses are all frequent. Times of spans that share
an ID differ always (or their names do): the order of spans is then the same for everybody.
"""

import argparse
import base64
import json
import os
import random
from dataclasses import dataclass, field

from . import foreign, libconf, otlp
from .language import ExpressionError, parse_condition, parse_rule, parse_selector, parse_when

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


@dataclass
class Batch:
    """One generated run. `spans` are (resource, scope, span) in OTLP's JSON shape; `injections` None or records."""
    config: dict
    spans: list
    injections: list | None
    campaign: str | None
    trace_ids: list = field(default_factory=list)
    protobuf: bool = False
    form: str = "otlp"


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


def _span(rng, trace_id, span_id, backwards):
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


def _envelope(rng, services):
    resource = {"attributes": attributes(rng, RESOURCE_KEYS, 2)}
    if rng.random() < 0.9:
        resource["attributes"].append({"key": "service.name", "value": {"stringValue": rng.choice(services)}})
    scope = {"name": rng.choice(["lib", "http", ""]), "version": rng.choice(["1.0", "2", ""]),
             "attributes": attributes(rng, SCOPE_KEYS, 1)}
    return resource, scope


def trace(rng, trace_id, remote, calm=False):
    """A random trace as (resource, scope, span) entries, in arrival order."""
    envelopes = [_envelope(rng, SERVICES) for _ in range(rng.randrange(1, 4))]
    shape = some(rng, None, tree=5, remote=4, forest=0 if calm else 1, odd=0 if calm else 2)
    ids = [f"{rng.randrange(1, 2**64):016x}" if rng.random() < 0.3 else f"{index + 1:016x}"
           for index in range(rng.choice([1, 2, 3, 4, 5, 6, 9]))]
    rng.shuffle(ids)
    backwards = 0 if calm or rng.random() < 0.7 else 0.25
    entries = []
    for span_id, parent in zip(ids, _parents(rng, shape, ids, remote)):
        span = _span(rng, trace_id, span_id, backwards)
        if parent:
            span["parentSpanId"] = parent
        entries.append((*rng.choice(envelopes), span))
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
        bad = _span(rng, trace_id, rng.choice(["", "0" * 16, "abcd"]), 0)
        entries.append((*envelopes[0], bad))


def _conflict(rng, entries, envelopes):
    first = rng.choice(entries)[2]
    other = _span(rng, first["traceId"], first["spanId"], 0)
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


# Expressions

class Expressions:
    """Random expressions over the pools; what does not compile is thrown away and made again."""

    def __init__(self, rng, names=()):
        self.rng, self.names = rng, list(names)

    def _valid(self, make, parse):
        while True:
            text = make()
            try:
                parse(text)
                return text
            except ExpressionError:
                pass

    def blank(self):
        """Blanks where they are allowed."""
        return self.rng.choice(["", "", "", " ", "  ", "\t"])

    def bare_or_quoted(self, name):
        """A key's text."""
        bare = name.isascii() and all(char.isalnum() or char in "_.-/" for char in name)
        return name if bare and self.rng.random() < 0.9 else f"`{name}`"

    def key(self):
        """A key of a span, with or without prefix."""
        rng = self.rng
        kind = some(rng, None, plain=6, own=6, attr=2, resource=1, scope=0.7, event=1.2, link=0.5, odd=0.7, span=2.5)
        if kind == "own":
            return some(rng, ["name", "kind", "status", "service", "duration", "start", "end", "name", "duration"])
        if kind == "plain":
            return self.bare_or_quoted(rng.choice(KEYS + ["region", "n"]))
        if kind == "span":
            return "span:" + rng.choice(["name", "kind", "status", "duration", "type", "type", "status_message", "id", "parent_id",
                                         "event_count", "link_count"])
        if kind == "odd":
            return rng.choice(["attr:", ""]) + f"`{rng.choice(ODD_KEYS)}`"
        pool = {"attr": KEYS + ODD_KEYS, "resource": RESOURCE_KEYS + ["service.name"], "scope": SCOPE_KEYS + ["name", "version"],
                "event": ["a", "code", "name"], "link": ["a", "trace_id", "span_id"]}[kind]
        return f"{kind}:" + self.bare_or_quoted(rng.choice(pool))

    def text(self, value):
        """A quoted literal."""
        mark = self.rng.choice("'\"")
        escaped = value.replace("\\", "\\\\").replace(mark, "\\" + mark).replace("\n", "\\n")
        return mark + escaped + mark

    def number(self):
        """A numeric literal."""
        return self.rng.choice(["0", "1", "5", "200", "-1", "1.5", "0.1", "200.0", "55", "1e3", "2e-1", "1e+21", "0.50",
                                "9007199254740993", "9007199254740992", "9223372036854775807", "-9223372036854775808",
                                "9007199254740993.0", "50%", "0.1%", "-0", "5e-8", "10"])

    def duration(self):
        """A duration literal."""
        return self.rng.choice(["0s", "1ms", "5ms", "50ms", "1500ms", "1.5s", "0.05s", "50000us", "1m", "-5ms", "1ns",
                                "2s", "50000001ns", "60s"])

    def literal(self, key, op):
        """A literal that often fits the key."""
        rng = self.rng
        key = key.removeprefix("span:")
        if key == "type":
            return rng.choice(["http", "database", "general", "rpc", "messaging"])
        if key in ("id", "parent_id"):
            return self.text(f"{rng.choice([1, 2, 3, 0xC1]):016x}")
        if key in ("event_count", "link_count"):
            return rng.choice(["0", "1", "2", "1.5", "'1'", "4000000001"])
        if op in ("=~", "!~"):
            return self.text(rng.choice(["a", "^o", "o$", "[0-9]+", "^$", "o|e", "^.{5}$", "\\d", "(?i)OK", "r.*r", "ö", "'"]))
        if key == "kind":
            return rng.choice(["server", "client", "internal", "'consumer'", "producer"])
        if key == "status":
            return rng.choice(["ok", "error", "unset", "'error'"])
        if key in ("duration", "$d"):
            return self.duration() if rng.random() < 0.9 else self.text(rng.choice(["50ms", "1500ms", "0s", "60s"]))
        if key in ("start", "end", "time"):
            return rng.choice(["1700000000s", "1700000000005ms", "1700000001500ms", "1700000060s", "0s"])
        if key == "name":
            return self.text(rng.choice(NAMES)) if rng.random() < 0.8 else rng.choice(["op1", "op2", "send"])
        if key in ("service", "resource:service.name"):
            return rng.choice(SERVICES + ["''"])
        if key in ("event:name", "scope:name"):
            return rng.choice(EVENT_NAMES + ["lib", "http"])
        if key == "link:span_id":
            return rng.choice(["00000000000000c1", "'00000000000000c2'"])
        kind = some(rng, None, text=5, bare=1, number=6, duration=0.7, bool=1)
        if kind == "text":
            return self.text(rng.choice(TEXTS))
        if kind == "bare":
            return rng.choice(["ok", "error", "abc", "true", "op1", "10.0.0.1", "a/b", "5x", "NaN", "Infinity"])
        return {"number": self.number, "duration": self.duration, "bool": lambda: rng.choice(["true", "false"])}[kind]()

    def test(self, key, bare=None):
        """KEY op LITERAL, exists, missing; `bare` is the key without `$x.`."""
        op = some(self.rng, ["=", "=", "=", "!=", "<", "<=", ">", ">=", "contains", "=~", "!~", "exists", "missing",
                             "not contains", "in", "in", "not in", "starts-with", "ends-with"])
        if op in ("exists", "missing"):
            return f"{key} {op}"
        if op in ("in", "not in"):
            literals = [self.literal(bare or key, "=") for _ in range(self.rng.randrange(1, 4))]
            return f"{key} {op}{self.blank()}({', '.join(literals)}{self.blank()})"
        literal = self.literal(bare or key, op)
        if op[0].isalpha():
            return f"{key} {op} {literal}"
        return f"{key}{self.blank()}{op}{self.blank()}{literal}"

    def filter(self):
        """A filter, now and then negated."""
        text = self.test(self.key())
        if self.rng.random() < 0.06:
            return f"({self.expression('span')}) and (name exists)"
        while self.rng.random() < 0.12:
            text = f"not{self.blank()}({self.blank()}{text}{self.blank()})"
        return text

    def filters(self):
        """Filters of a span[…] or a not(…), joined."""
        made = [self.filter() for _ in range(some(self.rng, [0, 0, 0, 1, 1, 1, 1, 2, 2, 3]))]
        if len(made) > 1 and self.rng.random() < 0.15:
            made = ["not (" + " ".join(made) + ")"]
        return self.rng.choice([" ", ", ", ","]).join(made)

    def relation(self):
        """What stands between two steps."""
        return self.rng.choice([" ", " ", " > ", ">", " < ", " << ", "<<", " ~ ", "~", " -> ", "->"])

    def place(self, depth):
        """Pseudo-filters behind a span[…]."""
        rng = self.rng
        if depth > 1 or rng.random() < 0.8:
            return ""
        if rng.random() < 0.5:
            return rng.choice([":root", ":leaf", ": leaf"])
        chains = []
        for _ in range(some(rng, [1, 1, 1, 2])):
            text = rng.choice(["", "", "> ", "<", "<< ", "~", "-> "]) + self.step(0, depth + 1)
            if rng.random() < 0.2:
                text += self.relation() + self.step(0, depth + 1)
            chains.append(text)
        return f":has({', '.join(chains)})"

    def step(self, pseudo, depth=0):
        """One span[…]."""
        rng = self.rng
        text = f"span[{self.blank()}{self.filters()}{self.blank()}]" + self.place(depth)
        if rng.random() < pseudo:
            text += rng.choice([":first", ":last", ":nth_child(1)", ":nth_child(2)", ": first", ":nth_child( 3 )"])
        return text

    def selector(self, pseudo=0.18):
        """A selector with relations and alternatives."""
        def make():
            rng, parts = self.rng, []
            for _ in range(some(rng, [1, 1, 1, 1, 2, 3])):
                text = self.step(pseudo)
                while rng.random() < 0.25:
                    text += self.relation() + self.step(pseudo)
                parts.append(text)
            return rng.choice([", ", " , ", ","]).join(parts)
        return self._valid(make, parse_selector)

    def binding(self):
        """A selector that often binds to exactly one span."""
        rng = self.rng
        return self._valid(lambda: rng.choice([
            f"span[name={self.text(rng.choice(NAMES))}]", f"span[name={self.text(rng.choice(NAMES))}]",
            f"span[service={rng.choice(SERVICES)} kind={rng.choice(['server', 'client'])}]",
            f"span[status=error name={self.text(rng.choice(NAMES))}]",
            f"span[name={self.text(rng.choice(NAMES))}]:first", "span[]:last", self.selector()]), parse_selector)

    def over_names(self):
        """A condition on a name, a difference, a count of a name or the injection."""
        rng = self.rng
        kind = some(rng, None, key=4 if self.names else 0, difference=4 if self.names else 0,
                    count=2 if self.names else 0, injection=2)
        if kind == "key":
            key = self.key()
            text = self.test(f"${rng.choice(self.names)}.{key}", key)
            return f"not ({text})" if rng.random() < 0.1 else text
        if kind == "difference":
            sides = [f"${name}.{rng.choice(['start', 'end'])}" for name in rng.choices(self.names, k=2)]
            if rng.random() < 0.2:
                sides[rng.randrange(2)] = "$injection.time"
            op = some(rng, ["<", "<=", ">", ">=", "=", "!="])
            return f"{sides[0]} - {sides[1]}{self.blank()}{op}{self.blank()}{self.duration()}"
        if kind == "count":
            return f"count(${rng.choice(self.names)}){self.count_limit()}"
        key = rng.choice(["status", "outcome", "scenario", "step", "zone", "minion", "iteration", "duration", "time",
                          "a", "b", "`odd key`", "`status`"])
        return self.test(f"$injection.{key}", key)

    def count_limit(self):
        """op and number for a count."""
        limit = some(self.rng, ["0", "1", "1", "2", "3", "10", "-1", "1.5", "'2'"])
        if self.rng.random() < 0.1:
            return f" {self.rng.choice(['in', 'not in'])} ({limit}, {self.rng.choice(['1', '3', '0.5'])})"
        return f"{self.blank()}{some(self.rng, ['=', '!=', '<', '<=', '>', '>='])}{self.blank()}{limit}"

    def whole_key(self):
        """A key of which each span has one value."""
        return self.rng.choice(["n", "n", "n", "attr:n", "name", "service", "a", "http.status", "resource:region", "span:type", "kind"])

    def measure(self, has_select):
        """Of a set, or over the whole trace."""
        rng = self.rng
        where = f" in ${rng.choice(self.names)}" if self.names and (not has_select or rng.random() < 0.4) else ""
        word = rng.choice(["sum", "avg", "min", "max", "p(50)", "p( 90 )", "distinct", "max", "sum"])
        op = some(rng, ["<", "<=", ">", ">=", "=", "!="])
        if rng.random() < 0.35 and word != "distinct":
            return f"{word}({rng.choice(['duration', 'duration', 'span:self_time'])}{where}) {op} {self.duration()}"
        key = self.whole_key() if word == "distinct" else rng.choice(["n", "n", "attr:n", "a", "http.status"])
        return f"{word}({key}{where}) {op} {rng.choice(['1', '2', '3', '10', '250', '0.5', '-1'])}"

    def over_trace(self):
        """A condition on the whole trace."""
        rng = self.rng
        kind = some(rng, None, number=6, duration=1.5, critical=1.5, edge=3)
        op = some(rng, ["<", "<=", ">", ">=", "=", "!="])
        if kind == "number":
            term = rng.choice(["spans", "errors", "services", "depth", "roots", "fan_out", "repeats", "retries"])
            return f"trace:{term} {op} {rng.choice(['0', '1', '2', '3', '10'])}"
        if kind == "duration":
            return f"trace:duration {op} {self.duration()}"
        if kind == "critical":
            return f"critical({rng.choice(SERVICES)}) {op} {rng.choice(['30%', '0.5', '1', '0', '99.9%'])}"
        arrows = [" -> ".join(rng.choices(SERVICES, k=rng.choice([2, 2, 3]))) for _ in range(rng.choice([1, 1, 3]))]
        return rng.choice([f"edge {arrows[0]}", f"no edge {arrows[0]}", f"edges only {', '.join(arrows)}"])

    def over_sets(self):
        """A condition over the spans of names."""
        rng = self.rng
        a, b = rng.choice(self.names), rng.choice(self.names)
        by = rng.choice(["", "", f" by {self.whole_key()}"])
        within = rng.choice(["", f" within {rng.choice(['0s', '5ms', '50ms', '2s', '1m'])}"])
        op = some(rng, ["<", "<=", ">", ">=", "=", "!="])
        kind = some(rng, None, values=3, order=4, measured=2, each=3, has=2, none=2, lag=2, states=2)
        if kind == "values":
            return f"{rng.choice(['same', 'unique'])} {self.whole_key()} in ${a}" + rng.choice(["", f", ${b}"])
        if kind == "order":
            return f"${a} {rng.choice(['before', 'starts before', 'overlaps', 'apart from'])} ${b}"
        if kind == "measured":
            return rng.choice([f"gap(${a}, ${b}) {op} {self.duration()}", f"concurrency(${a}) {op} {rng.choice(['0', '1', '2', '3'])}"])
        if kind == "each":
            times = rng.choice(["", " exactly once", " at least once", " at most once"])
            return f"each ${a} followed by ${b}{within}{by}{times}"
        if kind == "has":
            return f"each ${a} has {rng.choice(['a', 'exactly one', 'at least one', 'at most one'])} ${b} by {self.whole_key()}"
        if kind == "none":
            return f"no ${a}{within} after ${b}{by}"
        if kind == "lag":
            return f"lag(${a}, ${b}{rng.choice(['', ' by parent', ' by link', ' by ' + self.whole_key()])}) {op} {self.duration()}"
        items = rng.sample(["any start", "1 -> 2 -> 3", "ok -> error", "never 2 -> 1", "front -> cart -> front", "op1 -> op2", "10 -> 250"],
                           rng.choice([1, 2, 2, 3]))
        return f"states {self.whole_key()}{by} in ${a}: {', '.join(items)}"

    def whole(self, has_select):
        """A condition across spans or over the whole trace."""
        rng = self.rng
        kind = some(rng, None, trace=3, sets=6 if self.names else 0, measure=2 if has_select or self.names else 0,
                    many=2 if has_select else 0)
        if kind == "many":
            word = rng.choice(["exactly 1", "exactly 2", "at least 1", "at least 2", "at most 1", "at most 0", "at least 50%", "at most 33.3%"])
            return f"{word}: {rng.choice([self.filter, self.filter, lambda: 'span:self_time < ' + self.duration()])()}"
        return {"trace": self.over_trace, "sets": self.over_sets, "measure": lambda: self.measure(has_select)}[kind]()

    def number_value(self, where, depth=0):
        """An expression of a number; `where` gives a key's text."""
        rng = self.rng
        kind = some(rng, None, key=5, literal=2, binary=4 if depth < 2 else 0, call=2 if depth < 2 else 0)
        if kind == "key":
            return where(rng.choice(["attr:n", "attr:n", "attr:a", "attr:http.status", "resource:b"]))
        if kind == "literal":
            return rng.choice(["1", "2", "5", "200", "0", "1.5", "0.1", "9223372036854775807", "-1", "1e3"])
        if kind == "call":
            inner = self.number_value(where, depth + 1)
            return rng.choice([f"abs({inner})", f"min({inner}, 2)", f"max(1, {inner})", f"coalesce({inner}, 7)",
                               f"length({where('span:name')})", f"int({inner})", f"number(text({inner}))"])
        if rng.random() < 0.12:
            return f"({where(rng.choice(['attr:n', 'attr:a']))} % {rng.choice(['2', '3', '0', '-7'])})"
        left, right = self.number_value(where, depth + 1), self.number_value(where, depth + 1)
        if rng.random() < 0.3:
            left = f"({left})"
        return f"{left} {rng.choice('+-*/+*')} {right}"

    def duration_value(self, where, depth=0):
        """An expression of a duration."""
        rng = self.rng
        kind = some(rng, None, key=4, literal=2, binary=3 if depth < 2 else 0, scaled=2 if depth < 2 else 0)
        if kind == "key":
            return rng.choice([where("span:duration"), where("span:duration"), f"({where('span:end')} - {where('span:start')})"])
        if kind == "literal":
            return self.duration()
        if kind == "binary":
            return f"({self.duration_value(where, depth + 1)} {rng.choice('+-')} {self.duration_value(where, depth + 1)})"
        return f"{self.duration_value(where, depth + 1)} {rng.choice(['* 2', '/ 3', '* 0.5', '* 3'])}"

    def text_value(self, where):
        """An expression of a text."""
        rng = self.rng
        return rng.choice([where("span:name"), f"lower({where('span:service')})", f"concat({where('span:name')}, 1)", f"text({where('attr:n')})",
                           f"upper({where('span:name')})", f"type({where('attr:a')})", f"trim({where('span:name')})", where("attr:a")])

    def value_comparison(self, left, right):
        """Two expressions compared; `left` and `right` give the texts of keys."""
        rng = self.rng
        op = some(rng, ["<", "<=", ">", ">=", "=", "!="])
        kind = some(rng, None, number=5, duration=3, text=2, list=1, there=1)
        if kind == "duration":
            return f"{left('span:duration')} + {self.duration_value(left)} {op} {self.duration_value(right)}"
        if kind == "text":
            op = rng.choice(["=", "!=", "contains", "starts-with", "ends-with"])
            return f"{self.text_value(left)} {op} {self.text_value(right)}"
        if kind == "list":
            return f"{left('attr:n')} * 2 {rng.choice(['in', 'not in'])} ({self.number_value(right)}, 2, {self.number_value(right)})"
        if kind == "there":
            return f"{left('attr:n')} + 1 {rng.choice(['exists', 'missing'])}"
        return f"{left('attr:n')} {rng.choice('+-*')} {self.number_value(left)} {op} {self.number_value(right)}"

    def expression(self, place):
        """A condition with expressions: on one span, on names, or on both."""
        rng = self.rng

        def where(key):
            inner = place if place != "both" else rng.choice(["span", "names"])
            return key if inner == "span" else f"${rng.choice(self.names)}.{key}"
        text = self.value_comparison(where, where)
        if rng.random() < 0.3:
            other = self.value_comparison(where, where)
            if rng.random() < 0.3:
                other = f"not ({other})"
            text = f"({text}) {rng.choice(['and', 'or'])} ({other})"
        return text

    def condition(self, has_select):
        """Any condition."""
        def make():
            rng = self.rng
            if rng.random() < 0.15 and (has_select or self.names):
                places = ["span", "span"] * has_select + ["names"] * bool(self.names) + ["both"] * (has_select and bool(self.names))
                place = rng.choice(places)
                quantifier = some(rng, ["", "", "all: ", "any: ", "none: "]) if place == "span" else ""
                return quantifier + self.expression(place)
            if rng.random() < 0.2:
                return self.whole(has_select)
            if not has_select or rng.random() < 0.15:
                return self.over_names()
            if rng.random() < 0.25:
                return "count" + self.count_limit()
            quantifier = some(rng, ["", "", "", "all: ", "any: ", "any:", "none: ", "none: ", "none :"])
            return quantifier + self.filter()
        return self._valid(make, lambda text: parse_condition(text, self.names, has_select))

    def when(self):
        """A `when` of either kind."""
        if self.rng.random() < 0.5:
            return self.selector(pseudo=0.08)
        return self._valid(self.over_names, lambda text: parse_when(text, self.names))

    def rule(self):
        """A threshold's rule."""
        def make():
            rng = self.rng
            op = some(rng, ["<", "<=", ">", ">=", "<=", "!=", "="])
            if not self.names or rng.random() < 0.4:
                state = rng.choice(["missing", "unexpected", "late", "duplicate", "pass", "fail", "error", "inconclusive"])
                if rng.random() < 0.5:
                    return f"count({state}) {op} {rng.choice(['0', '1', '3', '10', '20'])}"
                return f"ratio({state}) {op} {rng.choice(['0%', '0.1%', '5%', '0.5', '1', '33.3%'])}"
            kind = some(rng, None, difference=4, duration=3, number=2)
            aggregate = some(rng, ["p(50)", "p(90)", "p(99)", "p(99.9)", "p(100)", "p(33.3)", "avg", "min", "max"])
            if kind == "number":
                key = rng.choice(["n", "n", "n", "attr:n", "resource:b", "`n`"])
                return f"{aggregate}(${rng.choice(self.names)}.{key}) {op} {rng.choice(['2', '5', '200.5', '-1', '0'])}"
            measured = f"${rng.choice(self.names)}.duration"
            if kind == "difference":
                sides = [f"${name}.{rng.choice(['start', 'end'])}" for name in rng.choices(self.names, k=2)]
                if rng.random() < 0.25:
                    sides[1] = "$injection.time"
                measured = f"{sides[0]} - {sides[1]}"
            return f"{aggregate}({measured}) {op} {self.duration()}"
        return self._valid(make, lambda text: parse_rule(text, self.names))


# Suites

def _assertion(rng, expressions, number):
    has_select = rng.random() < 0.8
    assertion = {"name": f"assertion {number}"}
    if has_select:
        assertion["select"] = expressions.selector()
    conditions = [expressions.condition(has_select) for _ in range(some(rng, [1, 1, 1, 2, 3]))]
    assertion["assert"] = conditions[0] if len(conditions) == 1 and rng.random() < 0.5 else conditions
    if rng.random() < 0.25:
        assertion["when"] = expressions.when()
    if has_select and rng.random() < 0.2:
        assertion["optional"] = rng.random() < 0.8
    if rng.random() < 0.25:
        assertion["severity"] = rng.choice(["warning", "warning", "error"])
    if rng.random() < 0.3:
        assertion["tolerance"] = rng.choice([0.0, 0.1, 0.25, 0.3, 0.5, 1.0])
    return assertion


def _threshold(rng, expressions, number):
    threshold = {"name": f"threshold {number}", "rule": expressions.rule()}
    if rng.random() < 0.6:
        threshold["min_samples"] = rng.choice([1, 1, 2, 5, 30])
    if rng.random() < 0.3:
        threshold["severity"] = rng.choice(["warning", "error"])
    return threshold


def suite(rng, number, assertions=4, thresholds=3):
    """A random suite as a configuration's group."""
    names = rng.sample(["x", "y", "z", "long_name9"], rng.randrange(4))
    made = {"name": f"suite {number}"}
    if rng.random() < 0.4:
        made["traces"] = Expressions(rng).selector(pseudo=0.05)
    if rng.random() < 0.15:
        made["labels"] = rng.choice([{"scenario": "pay"}, {"step": "s1"}, {"scenario": "pay", "zone": "eu"}, {"iteration": "3"}])
    if rng.random() < 0.25:
        made["evidence"] = rng.choice(["lenient", "lenient", "strict"])
    if rng.random() < 0.15:
        made["optional"] = True
    expressions = Expressions(rng, names)
    if names:
        made["spans"] = {name: expressions.binding() for name in names}
    made["assertions"] = [_assertion(rng, expressions, index) for index in range(rng.randrange(1, assertions + 1))]
    if rng.random() < 0.7:
        made["thresholds"] = [_threshold(rng, expressions, index) for index in range(rng.randrange(1, thresholds + 1))]
    return made


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


def _injections(rng, traces, calm):
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


# Batches

def batch(seed, traces=40, suites=25):
    """A run that reaches everything; nearly always FAILED."""
    rng = random.Random(seed)
    with_injections = rng.random() < 0.75
    correlation = "auto" if not with_injections else some(rng, ["auto", "auto", "required", "off"])
    spans, made = [], []
    for _ in range(traces):
        trace_id, remote = f"{rng.randrange(1, 2**128):032x}", "00000000000000dd"
        made.append((trace_id, remote))
        spans += trace(rng, trace_id, remote)
    if rng.random() < 0.1:
        spans.append((*_envelope(rng, SERVICES), _span(rng, rng.choice(["", "0" * 32, "12"]), "00000000000000f1", 0)))
    config = {"campaign": {"correlation": correlation, "key": rng.choice([CAMPAIGN, "other-key"])},
              "report": {"max_failures": 100000}, "suites": [suite(rng, index) for index in range(suites)]}
    return Batch(config, spans, _injections(rng, made, False) if with_injections else None,
                 rng.choice([CAMPAIGN, None]), [trace_id for trace_id, _ in made], protobuf=seed % 3 == 2)


def in_form(form, seed):
    """A batch whose spans are written in another format."""
    made = batch(seed)
    made.form, made.protobuf = form, False
    return made


def _calm_suite(rng, number):
    expressions = Expressions(rng, ["x"])
    conditions = ["count >= 0", "count >= 1", "status != error", "duration < 1m", "duration <= 50ms", "none: status = error",
                  "any: kind = server", "count <= 9", "n > 0", "none: a exists"]
    assertions = [{"name": f"assertion {index}", "select": "span[]", "assert": rng.choice(conditions),
                   "severity": rng.choice(["error", "warning"]), "tolerance": rng.choice([0.0, 0.3, 0.5, 0.7, 1.0])}
                  for index in range(rng.randrange(1, 3))]
    made = {"name": f"suite {number}", "spans": {"x": "span[]:first"}, "assertions": assertions}
    if rng.random() < 0.3:
        made["traces"] = rng.choice(["span[service=mail]", "span[name=op1]", "span[service=nobody]"])
    if rng.random() < 0.4:
        made["thresholds"] = [_threshold(rng, expressions, 0)]
    if rng.random() < 0.3:
        made["optional"] = True
    if rng.random() < 0.3:
        made["evidence"] = "lenient"
    if rng.random() < 0.4:
        made["max_inconclusive"] = rng.choice([0.1, 0.25, 0.5, 1.0])
    return made


def calm_batch(seed):
    """A small, regular run that reaches each status of a campaign."""
    rng = random.Random(seed)
    made, spans = [], []
    for _ in range(some(rng, [0, 1, 2, 5, 10])):
        trace_id, remote = f"{rng.randrange(1, 2**128):032x}", "00000000000000dd"
        made.append((trace_id, remote))
        spans += trace(rng, trace_id, remote, calm=True)
    campaign = {"correlation": rng.choice(["auto", "auto", "required", "off"])}
    if rng.random() < 0.5:
        campaign["missing"] = rng.choice(["fail", "inconclusive", "ignore"])
    if rng.random() < 0.5:
        campaign["unjudged"] = rng.choice(["warn", "ignore", "fail"])
    config = {"campaign": campaign, "report": {"max_failures": rng.choice([0, 2, 100000])},
              "suites": [_calm_suite(rng, index) for index in range(rng.randrange(1, 3))]}
    with_injections = campaign["correlation"] == "required" or rng.random() < 0.6
    return Batch(config, spans, _injections(rng, made, True) if with_injections else None, CAMPAIGN,
                 [trace_id for trace_id, _ in made])


# Files

def document(entries):
    """Spans as one OTLP JSON document; neighbours with one resource and scope share an envelope."""
    resources = []
    for resource, scope, span in entries:
        if not resources or resources[-1]["resource"] is not resource:
            resources.append({"resource": resource, "scopeSpans": []})
        scopes = resources[-1]["scopeSpans"]
        if not scopes or scopes[-1]["scope"] is not scope:
            scopes.append({"scope": scope, "spans": []})
        scopes[-1]["spans"].append(span)
    return {"resourceSpans": resources}


def files(entries, protobuf, documents=1):
    """Spans as the bytes of a file; several documents become JSON lines."""
    if protobuf:
        return otlp.encode(document(entries))
    size = max(1, -(-len(entries) // documents))
    lines = [json.dumps(document(entries[at:at + size])) for at in range(0, max(1, len(entries)), size)]
    return "".join(line + "\n" for line in lines).encode()


def content(made):
    """A batch's spans as the bytes of a file, in its form."""
    if made.form == "jaeger":
        return json.dumps(foreign.as_jaeger(made.spans)).encode()
    if made.form == "zipkin":
        return json.dumps(foreign.as_zipkin(made.spans)).encode()
    return files(made.spans, made.protobuf, documents=1 + len(made.spans) % 4)


def write(made, folder):
    """Writes a batch; gives (config, [traces], injections or None) as paths."""
    paths = [os.path.join(folder, name) for name in ("config.cfg", "traces.bin" if made.protobuf else "traces.json", "injections.ndjson")]
    with open(paths[0], "w", encoding="utf-8") as target:
        target.write(libconf.dump_file(made.config))
    with open(paths[1], "wb") as target:
        target.write(content(made))
    if made.injections is None:
        return paths[0], [paths[1]], None
    with open(paths[2], "w", encoding="utf-8") as target:
        target.writelines(json.dumps(record) + "\n" for record in made.injections)
    return paths[0], [paths[1]], paths[2]


def main():
    """python3 -m tests.oracle.generate SEED FOLDER: writes one batch."""
    parser = argparse.ArgumentParser(prog="tests.oracle.generate")
    parser.add_argument("seed", type=int)
    parser.add_argument("folder")
    parser.add_argument("--traces", type=int, default=40)
    parser.add_argument("--suites", type=int, default=25)
    parser.add_argument("--calm", action="store_true")
    arguments = parser.parse_args()
    os.makedirs(arguments.folder, exist_ok=True)
    made = calm_batch(arguments.seed) if arguments.calm else batch(arguments.seed, arguments.traces, arguments.suites)
    print(*write(made, arguments.folder))


if __name__ == "__main__":
    main()
