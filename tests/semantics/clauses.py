"""What the issue of the language promises beyond SEMANTICS: a suite for each clause, and what comes of it."""

import sys

from tests.semantics.harness import span
from tests.semantics.table import Case, main

ALL = "span[]"
MS = 1_000_000


def counts(*pairs):
    return [("pass", f"count = {number}", selector) for selector, number in pairs]


def over(*pairs, select=ALL):
    return [(expected, condition, select) for expected, condition in pairs]


OLD = span(
    1, kind=3,
    attrs={"db.statement": "SELECT 1", "http.status_code": 200, "net.peer.name": "h",
           "messaging.destination": "q"}, name="old")
NEW = span(
    2, kind=3, parent=1, attrs={
        "db.query.text": "SELECT 1", "http.response.status_code": 200, "server.address": "h",
        "messaging.destination.name": "q"
    }, name="new")
ALIASES = [
    Case("2: either name with semconv_aliases", [OLD, NEW], [
        row for old, new, held in (("db.statement", "db.query.text", "'SELECT 1'"),
                                   ("http.status_code", "http.response.status_code", "200"),
                                   ("net.peer.name", "server.address", "h"),
                                   ("messaging.destination", "messaging.destination.name", "q"))
        for row in (("pass", f"{old} = {held}", ALL), ("pass", f"{new} = {held}", ALL),
                    ("pass", "count = 2", f"span[{new} = {held}]"))
    ], semconv_aliases=True),
    Case("2: not without it, but the reason points there", [OLD],
         [("fail", "db.query.text = 'SELECT 1'", ALL), ("fail", "count = 1", "span[db.query.text = 'SELECT 1']")],
         why={"db.query.text = 'SELECT 1'": "db.statement", "count = 1": "db.statement"}),
    Case("2: nearest miss points to it with count = 1 beside another filter", [OLD],
         [("fail", "name = old", "span[name=old db.query.text exists]")], why={"name = old": "db.statement"}),
]

SHOP = [
    span(
        1, 0, 100, name="POST /orders", kind=2, service="shop", attrs={
            "http.request.method": "POST", "n": -5, "order-id": "o-1", "a b": "x", "price": 2.5,
            "tags": ["new", "gift"], "text": "hello world"
        }, resource={"k8s.pod.name": "p1"}, scope={"name": "lib", "version": "2"},
        events=[("exception", {"exception.type": "Timeout"})], status=2),
    span(2, 10, 30, 1, name="INSERT", kind=3, service="shop", attrs={"db.system": "pg", "n": 7}),
    span(3, 30, 40, 1, name="publish", kind=4, service="shop", attrs={"messaging.system": "kafka", "n": 0}),
    span(4, 60, 90, 3, name="process", kind=5, service="worker", attrs={"messaging.system": "kafka"},
         links=[(1, 3, {})]),
    span(5, 65, 70, 4, name="SELECT", kind=3, service="worker", attrs={"db.system": "pg"}),
    span(6, 70, 72, 4, name="SELECT", kind=3, service="worker", attrs={"rpc.system": "grpc"}),
    span(7, 72, 74, 4, name="invoke", kind=3, service="worker", attrs={"faas.trigger": "http"}),
    span(8, 74, 75, 4, name="plain", service="worker"),
]
SELECTORS = [
    Case(
        "3: operators", SHOP,
        counts(("span[order-id = 'o-1']", 1), ("span[attr:`a b` = x]", 1), ("span[n != 7]", 2), ("span[n < 0]", 1),
               ("span[n <= 0]", 2), ("span[n > -6]", 3), ("span[n >= 7]", 1), ("span[n = -5]", 1),
               ("span[price = 2.5]", 1), ("span[name =~ '^POST']", 1), ("span[name !~ '^POST']", 7),
               ("span[name in (INSERT, SELECT)]", 3), ("span[name not in (INSERT, SELECT)]", 5),
               ("span[n in (7, -5)]", 2), ("span[n not in (7)]", 2), ("span[db.system exists]", 2),
               ("span[db.system missing]", 6), ("span[name starts-with 'POST ']", 1), ("span[name ends-with CT]", 2),
               ("span[not (db.system exists)]", 6), ("span[name contains E]", 3), ("span[tags contains gift]", 1),
               ("span[tags not contains gift]", 0), ("span[text contains 'lo wo']", 1),
               ("span[kind=client], span[db.system exists], span[service=worker]", 6))),
    Case(
        "3: relations", SHOP,
        counts(("span[kind=server] > span[kind=client]", 1), ("span[kind=server] span[kind=client]", 4),
               ("span[kind=client] < span[]", 2), ("span[name=SELECT] << span[]", 3),
               ("span[name=INSERT] ~ span[]", 1), ("span[name=SELECT] ~ span[name=SELECT]", 2),
               ("span[]:has(> span[db.system exists])", 2), ("span[]:has(span[db.system exists])", 3),
               ("span[kind=producer] -> span[kind=consumer]", 1), ("span[kind=producer] -> span[]", 1),
               ("span[kind=consumer] -> span[]", 0))),
    Case(
        "3: scopes of keys", SHOP,
        counts(("span[resource:k8s.pod.name = p1]", 1), ("span[scope:name = lib scope:version = '2']", 1),
               ("span[event:name = exception event:exception.type = Timeout]", 1), ("span[link:span_id exists]", 1),
               ("span[span:kind = client]", 4), ("span[span:name = plain]", 1))),
    Case("3: picks by start", SHOP, [("pass", "name = 'POST /orders'", "span[]:first"),
                                     ("pass", "name = plain", "span[]:last"),
                                     ("pass", "name = SELECT", "span[service=worker]:nth_child(2)")]),
    Case(
        "3: types", SHOP,
        counts(("span[span:type = http]", 1), ("span[span:type = database]", 2), ("span[span:type = messaging]", 2),
               ("span[span:type = rpc]", 1), ("span[span:type = faas]", 1), ("span[span:type = general]", 1))),
]

VALUES = [
    span(
        1, 0, 50, name="POST /x", kind=2, attrs={
            "i": 5, "d": 2.5, "b": True, "t": "abc", "y": b"xyz", "arr": [1, 2, 3], "kv": {"a": {"b": 7}},
            "json": '{"user": {"id": 7, "tags": ["x", "y"]}, "n": [1, 2]}', "code": "200", "max": 2**63 - 1
        })
]
EXPRESSIONS = [
    Case(
        "4: precedence, parentheses, types, overflow", VALUES,
        over(("pass", "1 + 2 * 3 = 7"), ("pass", "(1 + 2) * 3 = 9"), ("pass", "i + 2 * i = 15"),
             ("pass", "(i + 2) * i = 35"), ("pass", "10 - 4 - 3 = 3"), ("pass", "i % 3 = 2"), ("pass", "i / 2 = 2.5"),
             ("pass", "d * 2 = 5"), ("error", "attr:max + 1 = 0"), ("error", "attr:max * 2 > 0"),
             ("error", "i / 0 = 1"), ("pass", "duration * 2 = 100ms"), ("pass", "duration + 10ms = 60ms"),
             ("pass", "duration / 25ms = 2"), ("pass", "end - start = 50ms"), ("pass", "- i = -5"),
             ("error", "t + 1 = 2"), ("pass", "length(attr:y) = 3"), ("pass", "length(attr:kv) = 1"),
             ("pass", "b = true"), ("error", "b + 1 = 2"), ("pass", "start + 50ms = span:end"),
             ("fail", "attr:zz + 1 = 2"))),
    Case(
        "4: functions", VALUES,
        over(("pass", "upper(t) = ABC"), ("pass", "lower(name) = 'post /x'"), ("pass", "length(t) = 3"),
             ("pass", "substring(t, 1) = bc"), ("pass", "replace(t, 'b', '-') = 'a-c'"), ("pass", "trim(' a ') = a"),
             ("pass", "concat(t, i) = abc5"), ("pass", "f'${attr:t}-${attr:i}' = 'abc-5'"),
             ("pass", "name = f'POST /${lower('X')}'"), ("pass", "json | json_path '$.user.id' = 7"),
             ("pass", "json | json_path '$.user.tags[1]' = y"),
             ("pass", "json | json_path '$.user.tags' | length = 2"), ("pass", "regex(name, '[A-Z]+') = POST"),
             ("pass", "regex_group(name, '([A-Z]+) /(.)', 2) = x"), ("pass", "get_index(attr:arr, 1) = 2"),
             ("pass", "attr:arr | get_index 'last' = 3"), ("pass", "length(attr:arr) = 3"),
             ("pass", "type(attr:i) = int"), ("pass", "type(attr:d) = double"), ("pass", "type(attr:b) = bool"),
             ("pass", "type(attr:t) = 'text'"), ("pass", "type(attr:y) = 'bytes'"),
             ("pass", "type(attr:arr) = 'array'"), ("pass", "type(attr:kv) = 'map'"), ("pass", "type(attr:kv) = map"),
             ("pass", "type(duration) = 'duration'"), ("pass", "type(start) = 'time'"),
             ("pass", "json_path(attr:kv, '$.a.b') = 7"), ("pass", "int(code) + 1 = 201"),
             ("pass", "number('1.5') = attr:d - 1"), ("pass", "round(d) = 3"), ("pass", "floor(d) = 2"),
             ("pass", "ceil(d) = 3"), ("pass", "abs(-3) = 3"), ("pass", "min(i, d) = 2.5"), ("pass", "max(i, d) = 5"),
             ("pass", "coalesce(attr:zz, i) = 5"), ("pass", "split(name, '/') | length = 2"),
             ("pass", "duration('50ms') = span:duration"))),
    Case(
        "4: JSON subset, arrays, membership", VALUES,
        over(("pass", "json json-contains '{\"user\": {\"id\": 7}}'"),
             ("fail", "json json-contains '{\"user\": {\"id\": 8}}'"), ("pass", "json json-contains '{\"n\": [2]}'"),
             ("pass", "json json-contains '{\"n\": [2, 1]}'"), ("fail", "json json-contains '{\"n\": [3]}'"),
             ("pass", "json not json-contains '{\"q\": 1}'"), ("pass", "attr:arr contains 2"),
             ("fail", "attr:arr contains 4"), ("pass", "attr:arr not contains 4"), ("pass", "i in (attr:d * 2, 9)"),
             ("pass", "i not in (1, 2)"), ("pass", "attr:kv json-contains '{\"a\": {\"b\": 7}}'"),
             ("error", "t json-contains '{}'"))),
    Case(
        "4: and, or, not", VALUES,
        over(("pass", "(i = 5) and (d > 2)"), ("pass", "(i = 6) or (d > 2)"), ("fail", "(i = 6) or (d > 3)"),
             ("pass", "not ((i = 6) or (d > 3))"), ("pass", "((i = 5) and (d > 2)) or (b = false)"),
             ("pass", "(attr:zz = 1) or (i = 5)"), ("fail", "(attr:zz = 1) or (i = 6)"))),
    Case(
        "4: variables of configuration and environment", VALUES,
        over(("pass", "duration <= var:slow"), ("fail", "duration < var:slow"), ("pass", "i = var:five"),
             ("pass", "name = f'${var:verb} /x'"),
             ("pass", "length(env:PATH) > 0")) + [("pass", "count = 1", "span[name starts-with var:verb]")],
        variables={"slow": "50ms", "five": "5", "verb": "POST"}),
    Case(
        "4: outputs", [span(1, 0, 10, name="a", trace=t, attrs={"order": f"o{t}", "n": t}) for t in (1, 2)] +
        [span(2, 20 * t, 20 * t + 5, 1, name="b", trace=t, attrs={"order": f"o{t}"})
         for t in (1, 2)], [({"pass": 2}, "$b.order = output:order", None), ({"pass": 2}, "output:wait < 40ms", None),
                            ({"pass": 2}, "order = output:order", "span[name=b]"),
                            ({"pass": 2}, "output:next = $a.n + 1", None),
                            ({"pass": 1, "skipped": 1}, "count = 2", ALL, {"when": "output:n = 1"})],
        spans={"a": "span[name=a]", "b": "span[name=b]"},
        outputs={"order": "$a.order", "n": "$a.n", "next": "output:n + 1",
                 "wait": "$b.start - $a.end"}, thresholds=[({"result": "pass", "value": 30 * MS,
                                                             "samples": 2}, "max(output:wait) <= 30ms"),
                                                           ({"result": "pass", "samples": 2}, "unique(output:order)"),
                                                           ({"result": "pass",
                                                             "value": 1.5}, "avg(output:n) = 1.5")]),
]

PATH = [
    span(1, 0, 10, name="pay", attrs={"order": "x", "amount": 10}),
    span(2, 20, 30, 1, name="ship", attrs={"order": "x", "amount": 10}),
    span(3, 25, 40, 1, name="mail", attrs={"order": "x", "amount": 11})
]
TWO = [span(1, 0, 5, name="root")] + [
    span(10 + k, 10 * k, 10 * k + 5, 1, name="a", attrs={"id": k}) for k in (1, 2, 3)
] + [span(20 + k, 10 * k + 7, 10 * k + 9, 1, name="b", attrs={"id": k}) for k in (1, 2, 3)]
SETS = {
    "pay": "span[name=pay]", "ship": "span[name=ship]", "mail": "span[name=mail]", "a": "span[name=a]",
    "b": "span[name=b]", "none": "span[name=none]", "root": "span[name=root]", "late": "span[name=a id=3]"
}


def names(*pairs):
    return [(expected, condition, None) for expected, condition in pairs]


ORDER = [span(1, 0, 1, name="r")] + [
    span(10 + k, 10 * k, 10 * k + 5, 1, name="s", attrs={"order": order, "status": status})
    for k, (order, status) in enumerate([("x", "created"), ("y", "created"), ("x", "paid"), ("x", "shipped"),
                                         ("y", "shipped")], 1)
]
ACROSS = [
    Case(
        "5: equality of attributes between spans", PATH,
        names(("pass", "$pay.amount = $ship.amount"), ("fail", "$pay.amount = $mail.amount"),
              ("pass", "same order in $pay, $ship, $mail"), ("fail", "same amount in $pay, $ship, $mail"),
              ("pass", "$mail.amount > $pay.amount")) + [("pass", "order = $pay.order", ALL),
                                                         ("fail", "amount = $pay.amount", ALL)], spans=SETS),
    Case(
        "5: before, after, within, overlaps, gap, concurrency", PATH,
        names(("pass", "$pay before $ship"), ("fail", "$ship before $pay"), ("fail", "$ship before $mail"),
              ("pass", "$ship starts before $mail"), ("pass", "$ship overlaps $mail"),
              ("fail", "$pay overlaps $ship"), ("pass", "$pay apart from $ship"), ("pass", "gap($pay, $ship) = 10ms"),
              ("fail", "gap($pay, $ship) < 10ms"), ("pass", "each $pay followed by $ship within 10ms"),
              ("fail", "each $pay followed by $ship within 9ms"), ("pass", "$ship.start - $pay.end <= 10ms")) + names(
                  ("pass", "concurrency($ship) = 1")), spans=SETS),
    Case("5: concurrency limit",
         [span(1, 0, 100),
          span(2, 0, 10, 1, name="a"),
          span(3, 5, 15, 1, name="a"),
          span(4, 10, 20, 1, name="a")],
         names(("pass", "concurrency($a) = 2"), ("fail", "concurrency($a) <= 1"),
               ("fail", "$a apart from $a")), spans=SETS),
    Case("5: exactly, at least, at most, a share", TWO, [("pass", "exactly 3: name = a", ALL),
                                                         ("fail", "exactly 2: name = a", ALL),
                                                         ("pass", "at least 3: name = a", ALL),
                                                         ("fail", "at least 4: name = a", ALL),
                                                         ("pass", "at most 3: name = b", ALL),
                                                         ("fail", "at most 2: name = b", ALL),
                                                         ("pass", "at least 40%: name = a", ALL),
                                                         ("fail", "at least 50%: name = a", ALL),
                                                         ("pass", "at most 43%: name = a", ALL),
                                                         ("fail", "at most 42%: name = a", ALL)]),
    Case(
        "5: each followed by one with the same key, once", TWO,
        names(("pass", "each $a followed by $b within 4ms by id exactly once"),
              ("fail", "each $a followed by $b within 1ms by id exactly once"),
              ("pass", "each $a has exactly one $b by id"), ("fail", "each $a followed by $b exactly once"),
              ("pass", "each $a followed by $b"), ("pass", "no $a within 1s after $b by id"),
              ("fail", "no $b within 2ms after $a by id"), ("pass", "no $b within 1ms after $a by id"),
              ("pass", "no $a after $late"), ("fail", "each $a followed by $none"), ("pass", "no $none after $a")),
        spans=SETS),
    Case(
        "5: one without a partner, one with two",
        TWO + [span(30, 31, 32, 1, name="a", attrs={"id": 9}),
               span(31, 18, 19, 1, name="b", attrs={"id": 1})],
        names(("fail", "each $a has a $b by id"), ("fail", "each $a has at most one $b by id"),
              ("pass", "each $b has exactly one $a by id")), spans=SETS),
    Case(
        "5: state machines", ORDER,
        names(("fail", "states attr:status by order in $s: created -> paid -> shipped"),
              ("pass", "states attr:status by order in $s: created -> paid -> shipped, created -> shipped"),
              ("fail", "states attr:status by order in $s: never created -> shipped"),
              ("pass", "states attr:status by order in $s: never shipped -> created"),
              ("fail", "states attr:status by order in $s: paid -> created -> paid")), spans={"s": "span[name=s]"}),
    Case(
        "5: lag through parentage, links, a key", SHOP,
        names(("pass", "lag($p, $c by parent) = 20ms"), ("pass", "lag($p, $c by link) = 20ms"),
              ("pass", "lag($p, $c by messaging.system) <= 20ms"), ("fail", "lag($p, $c by link) < 20ms"),
              ("pass", "lag($p, $c) = 20ms")), spans={"p": "span[kind=producer]", "c": "span[kind=consumer]"}),
]

CALLS = [span(1, 0, 100, name="web", service="web")] + [
    span(2 + k, 10 * k, 10 * k + 8, 1, name="q", service="db", attrs={"db.query.text": f"SELECT {k}"})
    for k in range(4)
] + [
    span(10, 50, 60, 1, name="try", service="api", status=2),
    span(11, 61, 70, 1, name="try", service="api", status=2),
    span(12, 71, 90, 1, name="try", service="api")
]
WHOLE = [
    Case(
        "6: the whole trace", CALLS,
        names(("pass", "trace:duration = 100ms"), ("fail", "trace:duration < 100ms"), ("pass", "trace:spans = 8"),
              ("pass", "trace:errors = 2"), ("pass", "trace:services = 3"), ("pass", "trace:depth = 2"),
              ("pass", "trace:fan_out = 7"), ("pass", "trace:retries = 2"), ("pass", "trace:repeats = 4"),
              ("fail", "trace:repeats <= 3"), ("pass", "edge web -> db"), ("fail", "edge db -> web"),
              ("pass", "no edge api -> db"), ("fail", "no edge web -> db"),
              ("pass", "edges only web -> db, web -> api"), ("fail", "edges only web -> db"),
              ("pass", "critical(api) = 38%"), ("pass", "critical(db) = 32%"),
              ("pass", "critical(web) <= 30%")) + [("pass", "span:self_time = 30ms", "span[name=web]"),
                                                   ("pass", "span:self_time = 8ms", "span[name=q]"),
                                                   ("fail", "span:self_time < 8ms", "span[name=q]")]),
]

CASES = ALIASES + SELECTORS + EXPRESSIONS + ACROSS + WHOLE

if __name__ == "__main__":
    sys.exit(main(CASES))
