"""Small traces that the imported corpus is judged with: for each definition some that pass and some that fail.

A row is (verdict, spans, injection): the verdict that the trace must get, its spans as `s` makes them, and what the
record of its injection says besides the trace ID, or None for no record at all.
"""
from tests.e2e import otlp


def s(number, name, parent=None, *, service="shop", kind="internal", start=None, ms=1, status="unset", message="",
      events=(), **attrs):
    """(service, span). Attributes are written with __ for a point."""
    made = otlp.span(1, number, name, parent=parent, kind=kind, start_ms=number if start is None else start, ms=ms,
                     attrs={key.replace("__", "."): value for key, value in attrs.items()},
                     events=[{"name": event, "timeUnixNano": str(otlp.EPOCH_NS)} for event in events])
    made["status"]["message"] = message
    made["status"]["code"] = otlp.STATUSES[status]
    return service, made


def request(spans):
    """The spans as an OTLP request, grouped by service."""
    services = {}
    for service, span in spans:
        services.setdefault(service, []).append(span)
    return {"resourceSpans": [otlp.request(group, service)["resourceSpans"][0]
                              for service, group in services.items()]}


def order(number=1, name="POST /orders", parent=None, ms=20, **attrs):
    """The handler of an order."""
    return s(number, name, parent, kind="server", ms=ms, **attrs)


def some(name, count, **attrs):
    return [s(number, name, 1 if number > 1 else None, **attrs) for number in range(1, count + 1)]


GOOD, BAD = "pass", "fail"
PAYLOAD = '{"order": {"id": 17, "state": "paid", "lines": [{"sku": "A-1"}]}}'
LINES = '{"state": "paid", "lines": [{"sku": "A-1", "n": 1}, {"sku": "B-2", "n": 2}]}'

TRACES = {
    "selector-name": [
        (GOOD, [order(), s(2, "INSERT orders", 1, db__rows=1)], None),
        (BAD, [order(), s(2, "INSERT orders", 1, db__rows=1), s(3, "INSERT orders", 1, db__rows=1)], None),
        (BAD, [order(), s(2, "INSERT orders", 1, db__rows=2)], None),
        (BAD, [order()], None)],
    "selector-several-filters": [
        (GOOD, [s(1, "authorise", kind="client", payment__provider="acme"), s(2, "authorise", 1, kind="server")], None),
        (BAD, [s(1, "authorise", kind="client", payment__provider="other"), s(2, "authorise", 1, kind="server")], None)],
    "selector-kinds": [
        (GOOD, [s(n, k, kind=k, parent=None if n == 1 else 1) for n, k in
                enumerate(("server", "client", "producer", "consumer", "internal"), 1)], None),
        (BAD, [s(1, "server", kind="server")], None)],
    "selector-values": [
        (GOOD, [s(1, "a", http__status_code=200, cache__hit=True, cart__discount=1.5)], None),
        (GOOD, [s(1, "a", http__status_code="200", cache__hit=True, cart__discount=1.5)], None),
        (BAD, [s(1, "a", http__status_code=200, cache__hit=False, cart__discount=1.5)], None),
        (BAD, [s(1, "a", http__status_code=200, cache__hit=True, cart__discount=1.25)], None)],
    "selector-contains": [
        (GOOD, [s(1, "q", db__statement="SELECT * FROM orders")], None),
        (BAD, [s(1, "GET /", db__statement="SELECT * FROM orders")], None)],
    "selector-descendant": [
        (GOOD, [order(1), s(2, "work", 1), s(3, "INSERT orders", 2), s(4, "publish", 2),
                s(5, "send", 4, service="mail")], None),
        (BAD, [s(1, "INSERT orders"), order(2, parent=1), s(4, "publish", 2), s(5, "send", 4, service="mail")], None),
        (BAD, [order(1), s(2, "work", 1), s(3, "INSERT orders", 2), s(4, "publish", 2),
               s(5, "send", 2, service="mail")], None)],
    "selector-or": [
        (GOOD, [s(1, "GET cache")], None),
        (GOOD, [s(1, "x"), s(2, "SELECT", 1)], None),
        (BAD, [s(1, "GET cache"), s(2, "SELECT", 1)], None),
        (BAD, [s(1, "SELECT", ms=100)], None)],
    "selector-or-overlap": [
        (GOOD, [s(1, "GET cache", db__system="redis")], None),
        (BAD, [s(1, "GET cache"), s(2, "PING", 1, db__system="redis")], None)],
    "selector-first": [
        (GOOD, [s(1, "a"), s(2, "attempt", 1, http__status_code=503), s(3, "attempt", 1, http__status_code=200)], None),
        (BAD, [s(1, "a"), s(2, "attempt", 1, start=9, http__status_code=503),
               s(3, "attempt", 1, http__status_code=200)], None)],
    "selector-nth": [
        (GOOD, [s(1, "a"), s(2, "attempt", 1, retry__delay=0), s(3, "attempt", 1, retry__delay=100)], None),
        (BAD, [s(1, "attempt", retry__delay=100)], None)],
    "selector-pick-inside": [
        (GOOD, [s(1, "a"), s(2, "consume", 1), s(3, "INSERT", 2), s(4, "consume", 1), s(5, "INSERT", 4)], None),
        (BAD, [s(1, "a"), s(2, "consume", 1), s(4, "consume", 1), s(5, "INSERT", 4)], None)],
    "selector-empty": [
        (GOOD, some("a", 3), None),
        (BAD, some("a", 2), None),
        (BAD, some("a", 3) + [s(4, "b", 1, status="error")], None)],
    "selector-absent": [(GOOD, some("a", 1), None)],
    "selector-trigger-above": [
        (GOOD, [order()], None),
        (BAD, [s(1, "other")], None)],
    "selector-hyphen": [
        (GOOD, [s(1, "a", **{"http.request.header.x-request-id": "r-1"})], None),
        (BAD, [s(1, "a", **{"http.request.header.x-request-id": "r-2"})], None)],
    "selector-status": [
        (GOOD, [order()], None),
        (BAD, [order(status="error")], None)],
    "compare-equal": [
        (GOOD, [order(http__status_code=201, http__method="POST", http__target="/orders")], None),
        (GOOD, [order(http__status_code="201", http__method="POST", http__target="/orders")], None),
        (BAD, [order(http__status_code=200, http__method="POST", http__target="/orders")], None),
        (BAD, [order(http__status_code=201, http__method="POST")], None)],
    "compare-unequal": [
        (GOOD, [order(http__status_code=201, http__method="POST", user__id="u")], None),
        (BAD, [order(http__status_code=500, http__method="POST", user__id="u")], None),
        (BAD, [order(http__status_code=201, http__method="POST", user__id="")], None),
        (BAD, [order(http__status_code=201, http__method="POST")], None)],
    "compare-order": [
        (GOOD, [order(http__status_code=201, cart__items=10, cart__total=99.4)], None),
        (GOOD, [order(http__status_code="201", cart__items="10", cart__total="99.4")], None),
        (BAD, [order(http__status_code=201, cart__items=11, cart__total=99.4)], None),
        (BAD, [order(http__status_code=201, cart__items=10, cart__total=99.5)], None)],
    "compare-contains": [
        (GOOD, [s(1, "SELECT orders", db__statement="SELECT WHERE id = 1", http__url="http://x:8080/")], None),
        (BAD, [s(1, "SELECT orders", db__statement="DELETE WHERE id = 1", http__url="http://x:8080/")], None),
        (BAD, [s(1, "SELECT orders", db__statement="SELECT WHERE id = 1", http__url="http://x:8081/")], None)],
    "compare-text-number": [
        (GOOD, [order(http__status_code=201, http__request__header__retries="3", order__code="007")], None),
        (BAD, [order(http__status_code=201, http__request__header__retries="3", order__code="7")], None)],
    "compare-empty-text": [
        (GOOD, [order(order__note="", order__id="o")], None),
        (BAD, [order(order__id="o")], None),
        (BAD, [order(order__note="", order__id="")], None)],
    "compare-turned": [
        (GOOD, [order(http__status_code=201, http__method="POST")], None),
        (BAD, [order(http__status_code=201, http__method="POST", ms=51)], None)],
    "compare-service": [
        (GOOD, [order()], None),
        (BAD, [s(1, "POST /orders", service="shopping")], None)],
    "compare-bool": [
        (GOOD, [order(cache__hit=True, order__gift=False)], None),
        (GOOD, [order(cache__hit=True, order__gift="false")], None),
        (BAD, [order(cache__hit=False, order__gift=False)], None)],
    "duration-units": [
        (GOOD, [order(ms=200)], None),
        (BAD, [order(ms=200.001)], None),
        (BAD, [order(ms=0.1)], None)],
    "duration-equal": [
        (GOOD, [order(ms=20.4)], None),
        (GOOD, [order(ms=19.5)], None),
        (BAD, [order(ms=20.5)], None)],
    "duration-quoted": [
        (GOOD, [order(ms=50)], None),
        (BAD, [order(ms=51)], None)],
    "events": [
        (GOOD, [s(1, "charge", events=["retry"])], None),
        (BAD, [s(1, "charge", events=["done"])], None),
        (BAD, [s(1, "charge")], None)],
    "response-status": [
        (GOOD, [order()], {"status": 201, "duration_ns": "900000000"}),
        (BAD, [order()], {"status": 200, "duration_ns": "900000000"}),
        (BAD, [order()], {"status": 201, "duration_ns": "1000000000"}),
        (GOOD, [order()], {})],
    "old-definition": [
        (GOOD, [s(1, "GET /orders", http__status_code=200)], None),
        (BAD, [s(1, "GET /orders", http__status_code=200, ms=500)], None)],
    "old-selector": [
        (GOOD, [s(1, "GET /orders")], None),
        (BAD, [s(1, "PUT /orders")], None)],
    "anchors": [
        (GOOD, [s(1, "GET /a"), s(2, "GET /b", 1)], None),
        (BAD, [s(1, "GET /a"), s(2, "GET /b", 1, ms=60)], None)],
    "texts-of-all-forms": [
        (GOOD, [order(http__status_code=201, note='it\'s "fine"', path="C:\\dir\\new", http__method="POST")], None),
        (BAD, [order(http__status_code=201, note="it's fine", path="C:\\dir\\new", http__method="POST")], None),
        (BAD, [order(http__status_code=201, note='it\'s "fine"', path="C:\\dir\new", http__method="POST")], None)],
    "suite-old-names": [
        (GOOD, [s(1, "a")], {"scenario": "Old checkout", "step": "old-a"}),
        (BAD, [s(1, "b")], {"scenario": "Old checkout", "step": "old-a"}),
        (GOOD, [s(1, "b")], {"scenario": "Old checkout", "step": "old-b"})],
    "set-up": [
        (GOOD, [s(1, "orders")], None),
        (BAD, [s(1, "order")], None)],
    "names-that-are-ours": [
        (GOOD, [s(1, "a", status="unset", **{"duration": "long", "count": 3, "1st": "x", "service_": 1})], None)],
}
del TRACES["names-that-are-ours"]
