"""docs/wishes.md, rule by rule: its suite judges a trace of which all rules hold, and for each rule one of which it does not.

The base trace is one order: request, checkout, payment, storing, publishing, taking, mailing. A row below says what is changed
in it, so that its rule no longer passes; the other rules may fail with it.
"""
import copy
import json
import pathlib
import re

from tests.e2e import harness, otlp
from tests.e2e.harness import ROOT, run_command, suite_of

PAGE = (pathlib.Path(ROOT) / "docs" / "wishes.md").read_text()
SUITE, = re.findall(r"^```libconfig\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
NAMES = re.findall(r"^    { name = \"([^\"]+)\"", SUITE, re.MULTILINE)


class Order:
    """The spans of one order by name, to be changed."""

    def __init__(self, number=1):
        self.number, self.spans = number, {}
        self.injection = {"trace_id": otlp.trace_id(number), "scenario": "checkout", "step": "buy",
                          "time_unix_nano": str(otlp.EPOCH_NS - 10**6), "sampled": True}
        order = {"order.id": f"o-{number}"}
        http = {"http.request.method": "POST", "http.response.status_code": 200, "url.path": "/api/checkout",
                "url.scheme": "https", "http.route": "/api/checkout"}
        self.add("request", 1, None, "frontend", "POST /api/checkout", "server", 0, 200,
                 {**http, **order, "http.request.header.x-request-id": "r1",
                  "http.response.body": json.dumps({"order": {"id": order["order.id"], "state": "paid"}, "state": "paid", "total": 9.5})})
        self.add("call", 2, 1, "frontend", "POST", "client", 5, 100, {**http, "url.full": "https://checkout/", "server.address": "checkout",
                                                                     "server.port": 443, "http.request.resend_count": 0})
        self.add("checkout", 3, 2, "checkout", "POST /pay", "server", 10, 90, {**http, "http.route": "/pay"})
        self.add("charge", 4, 3, "checkout", "Pay/Charge", "client", 12, 40, {"rpc.system": "grpc", "rpc.system.name": "grpc",
                                                                           "rpc.service": "Pay", "rpc.method": "Charge", "server.address": "payment"})
        self.add("payment", 5, 4, "payment", "POST /Pay/Charge", "server", 14, 30, {"rpc.system": "grpc", "rpc.system.name": "grpc", "rpc.service": "Pay",
                                                                           "rpc.method": "Charge"})
        database = {"db.system.name": "postgresql", "db.collection.name": "orders", "db.response.returned_rows": 1}
        self.add("stored", 6, 3, "checkout", "INSERT orders", "client", 55, 10, {**database, "db.operation.name": "INSERT", "server.address": "db"})
        self.add("read", 7, 3, "checkout", "SELECT orders", "client", 70, 5, {**database, "db.operation.name": "SELECT", "server.address": "db"})
        queue = {"messaging.system": "kafka", "messaging.destination.name": "orders", **order}
        self.add("sent", 8, 3, "checkout", "send orders", "producer", 80, 2, {**queue, "messaging.operation.name": "send"})
        self.add("taken", 9, 8, "worker", "process orders", "consumer", 100, 50, {**queue, "messaging.operation.name": "process"},
                 links=[{"traceId": otlp.trace_id(number), "spanId": otlp.span_id(8)}])
        self.add("mail", 10, 9, "email", "send", "internal", 110, 20, {**order, "subject": f"Order o-{number}"})
        for place, state in enumerate(("created", "paid", "shipped")):
            self.add(f"step{place}", 11 + place, 9, "worker", "step", "internal", 111 + place, 1, {"order.state": state, **order})
        self.add("cached", 14, 3, "checkout", "cache.get", "internal", 68, 1, {"cache.hit": False})
        self.add("delayed", 15, 3, "checkout", "wait", "internal", 50, 1, {"retry.delay": 1.5, "retry.tags": ["first", "last"]})
        self.add("failing", 16, 3, "checkout", "parse", "internal", 51, 1, {}, events=[{"name": "exception", "timeUnixNano": str(otlp.EPOCH_NS)}],
                 links=[{"traceId": otlp.trace_id(99), "spanId": otlp.span_id(99)}])

    def add(self, key, number, parent, service, name, kind, start, ms, attrs, status="unset", **fields):
        self.spans[key] = dict(number=number, parent=parent, service=service, name=name, kind=kind, start_ms=start, ms=ms,
                               attrs=attrs, status=status, fields=fields)

    def move(self, by_ms):
        """All of it to another time."""
        self.injection["time_unix_nano"] = str(otlp.EPOCH_NS + (by_ms - 1) * 10**6)
        shift = by_ms - self.spans["request"]["start_ms"] if self.spans else 0
        for one in self.spans.values():
            one["start_ms"] += shift

    def requests(self):
        for one in self.spans.values():
            span = otlp.span(self.number, one["number"], one["name"], parent=one["parent"], kind=one["kind"],
                             start_ms=one["start_ms"], ms=one["ms"], status=one["status"], attrs=one["attrs"], **one["fields"])
            scope = {"scopeSpans": [{"scope": {"name": "io.shop"}, "spans": [span]}]}
            resource = otlp.attributes({"service.name": one["service"], "k8s.pod.name": one["service"] + "-1"})
            yield {"resourceSpans": [{"resource": {"attributes": resource}, **scope}]}


def change(key, /, attrs=None, **fields):
    """Changes a span of the order; attributes that are None go."""
    def apply(order):
        order.spans[key].update(fields)
        for name, value in (attrs or {}).items():
            order.spans[key]["attrs"].pop(name, None)
            if value is not None:
                order.spans[key]["attrs"][name] = value
    return apply


def drop(*keys):
    def apply(order):
        for key in keys:
            del order.spans[key]
    return apply


def copies(key, count, **fields):
    """So many more spans like one."""
    def apply(order):
        for number in range(count):
            order.spans[f"{key}+{number}"] = {**copy.deepcopy(order.spans[key]), "number": 100 + number, **fields}
    return apply


def later(by_ms):
    """What happens behind the queue happens later."""
    def apply(order):
        for key in ("taken", "mail", "step0", "step1", "step2"):
            order.spans[key]["start_ms"] += by_ms
    return apply


def both(*changes):
    def apply(order):
        for one in changes:
            one(order)
    return apply


BODY = {"order": {"id": "o-1"}, "state": "open", "total": 9.5}
NO_RPC = {"rpc.system": None, "rpc.system.name": None}

#: For each assertion what makes it fail.
ROWS = {
    "and, or, below": both(*(change(key, {"db.system.name": "mysql"}) for key in ("stored", "read")),
                           *(change(key, NO_RPC) for key in ("charge", "payment"))),
    "the slowest place": change("charge", ms=1500),
    "header with a hyphen": change("request", {"http.request.header.x-request-id": None}),
    "not a list": change("call", {"http.response.status_code": 500}),
    "child, sibling, has": copies("read", 5),
    "ancestor, not": change("charge", status="error"),
    "links": change("taken", fields={}),
    "scopes of keys": change("failing", status="ok"),
    "types of spans": change("read", ms=60),
    "typed values": change("delayed", {"retry.delay": 2.0}),
    "exact durations": change("call", ms=200.4),
    "arithmetic": change("call", ms=160),
    "inside JSON": change("request", {"http.response.body": json.dumps(BODY)}),
    "parts of texts": change("checkout", name="DELETE /pay"),
    "texts put together": change("mail", {"subject": "Order 7"}),
    "at least so many": change("read", status="error"),
    "sums and extremes": change("read", {"db.response.returned_rows": 1000}),
    "only where cached": drop("read"),
    "payload travels": change("taken", {"order.id": "o-x"}),
    "order in time": change("stored", start_ms=150),
    "since the request": later(2400),
    "each answered once": copies("taken", 1),
    "never after": change("stored", start_ms=900),
    "not too many at once": copies("read", 4),
    "queue lag": later(1400),
    "states": change("step2", {"order.state": "returned"}),
    "size": change("request", ms=11000),
    "N+1 queries": copies("read", 5),
    "critical path": change("mail", parent=1, start_ms=5, ms=190),
    "shares of the whole": both(change("read", status="error"), change("stored", status="error")),
    "edges": drop("payment"),
    "nothing matches": change("failing", name="legacy call"),
    "quick": change("call", ms=2500),
    "quicker elsewhere": both(drop("mail"), change("call", ms=600)),
}


#: Fails for certain only where all clocks are taken to agree.
ONE_CLOCK = {"critical path"}
SKEWED = 'clock_skew = "estimate"; max_clock_skew = "20ms"; '

#: What a campaign of a thousand orders is judged by, 20 a second; for each threshold what makes it fail.
RULES = {
    "k6": lambda orders: [change("request", ms=600)(order) for order in orders[::10]],
    "QALIPSIS": lambda orders: [change("request", ms=2600)(order) for order in orders[::20]],
    "any span": lambda orders: [change("stored", ms=80)(order) for order in orders[::20]],
    "too few samples": lambda orders: [change("request", ms=2600)(order) for order in orders[::100]],
    "lost requests": lambda orders: [order.spans.clear() for order in orders[:10]],
    "lost updates": lambda orders: change("request", {"order.id": "o-2"})(orders[0]),
    "rate": lambda orders: [order.move(number * 200) for number, order in enumerate(orders)],
    "backlog": lambda orders: [drop("taken")(order) for order in orders[10:]],
}


def campaign():
    """Small orders, one each 50 ms."""
    orders = [Order(number) for number in range(1, 1001)]
    for number, order in enumerate(orders):
        order.spans = {key: order.spans[key] for key in ("request", "stored", "sent", "taken")}
        for key in ("stored", "sent", "taken"):
            order.spans[key]["parent"] = 1
        order.move(number * 50)
    return orders


class Wishes(harness.TestCase):
    def check(self, orders, *arguments, suite=SUITE):
        """The suite's part of the report."""
        records = [order.injection for order in orders]
        requests = [request for order in orders for request in order.requests()]
        done = run_command("check", "--config", self.write("wishes.conf", suite), "--format", "json", "--injections",
                           self.write("records", records), *arguments, self.write("traces.json", requests))
        self.assertTrue(done.out, done.err)
        return suite_of(done.json(), "place order")

    def assertions(self, orders, suite):
        found = self.check(orders, "--set", "report.max_failures=10000", suite=suite)["assertions"]
        return {assertion["name"]: assertion for assertion in found if not assertion["name"].startswith("analyzer: ")}

    def test_each_assertion_holds_of_a_good_order_and_breaks_of_one_that_is_not(self):
        orders = {name: Order(number) for number, name in enumerate(("good", *ROWS), 1)}
        for name, apply in ROWS.items():
            apply(orders[name])
        found = self.assertions(orders.values(), SUITE)
        self.assertEqual([*ROWS], [*found])
        self.assertIn(SKEWED, SUITE)
        found.update({name: one for name, one in self.assertions(orders.values(), SUITE.replace(SKEWED, "")).items()
                      if name in ONE_CLOCK})
        for name in ROWS:
            with self.subTest(name):
                told = {failure["trace_id"]: failure["result"] for failure in found[name]["failures"]}
                self.assertNotIn(otlp.trace_id(orders["good"].number), told)
                self.assertEqual("fail", told.get(otlp.trace_id(orders[name].number)), found[name])

    def thresholds(self, orders):
        return {threshold["name"]: threshold for threshold in self.check(orders)["thresholds"]}

    def test_each_threshold_holds_of_a_good_campaign_and_breaks_of_one_that_is_not(self):
        good = self.thresholds(campaign())
        self.assertEqual([*RULES], [*good])
        for name, apply in RULES.items():
            with self.subTest(name):
                self.assertEqual("pass", good[name]["result"], good[name])
                orders = campaign()
                apply(orders)
                found = self.thresholds(orders)[name]
                self.assertEqual("fail", found["result"], found)

    def test_every_rule_of_the_page_has_a_row(self):
        self.assertEqual(NAMES, [*ROWS, *RULES])


if __name__ == "__main__":
    harness.main()
