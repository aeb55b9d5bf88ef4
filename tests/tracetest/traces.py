"""Small traces that the imported corpus is judged with: for each definition some that pass and some that fail.

A row is (verdict, spans, injection): the verdict that the trace must get, its spans as `s` makes them, and what the
record of its injection says besides the trace ID, or None for no record at all.
"""
from tests.e2e import otlp


def s(number, name, parent=None, *, service="shop", kind="internal", start=None, ms=1, status="unset", message="",
      events=(), raw=None, **attrs):
    """(service, span). Attributes are written with __ for a point, or as they are in `raw`."""
    made = otlp.span(1, number, name, parent=parent, kind=kind, start_ms=number if start is None else start, ms=ms,
                     attrs={**{key.replace("__", "."): value for key, value in attrs.items()}, **(raw or {})},
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

OURS = {"status": "open", "duration": "long", "count": 3, "1st": "x", "service": "s", "end": 5}

TRACES = {
    "variables-bare": [
        (GOOD, some("POST /orders", 2, order__shop="shop", order__label="of shop"), None),
        (BAD, some("POST /orders", 3, order__shop="shop", order__label="of shop"), None),
        (BAD, some("POST /orders", 2, order__shop="other", order__label="of shop"), None),
        (BAD, some("POST /orders", 2, order__shop="shop", order__label="of other"), None),
        (BAD, some("POST /orders", 2, order__shop="shop", order__label="of shop", ms=60), None)],
    "analyzer": [
        (GOOD, [order(order__id=7)], None),
        (GOOD, [order(order__note="", server__address="10.0.0.1")], None),
        (BAD, [order(orderid=7)], None),
        (BAD, [order(raw={"http.request.header.authorization": "Basic abc"})], None),
        (BAD, [order(name="GET /orders")], None)],
    "analyzer-old-names": [
        (GOOD, [order()], None),
        (BAD, [order(orderid=7)], None),
        (BAD, [order(server__address="10.0.0.1")], None)],
    "analyzer-off": [
        (GOOD, [order(name="GET /orders", orderid=7)], None)],
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
        (GOOD, [s(1, "a", raw={"http.request.header.x-request-id": "r-1"})], None),
        (BAD, [s(1, "a", raw={"http.request.header.x-request-id": "r-2"})], None)],
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
        (GOOD, [s(1, "charge", events=["retry", "done"])], None),
        (BAD, [s(1, "charge", events=["retry", "declined"])], None),
        (BAD, [s(1, "charge", events=["retry", "order abandoned"])], None),
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
        (GOOD, [s(1, "a", raw=OURS)], None),
        (BAD, [s(1, "a", raw={**OURS, "count": 2})], None),
        (BAD, [s(1, "a", raw={**OURS, "1st": "y"})], None)],
    "selector-type-http": [
        (GOOD, [s(1, "a", http__method="GET"), s(2, "b", 1, http__request__method="GET"), s(3, "c", 1)], None),
        (BAD, [s(1, "a", http__method="GET"), s(2, "b", 1, db__system="redis")], None)],
    "selector-type-database": [
        (GOOD, [s(1, "a", db__system="redis"), s(2, "b", 1, db__system__name="mysql"), s(3, "c", 1)], None),
        (BAD, [s(1, "a", db__system="redis")], None)],
    "selector-type-rpc": [
        (GOOD, [s(1, "a", rpc__system="grpc"), s(2, "b", 1, rpc__system="grpc"), s(3, "c", 1)], None),
        (BAD, [s(1, "a", rpc__system="grpc")], None)],
    "selector-type-messaging": [
        (GOOD, [s(1, "a", messaging__system="kafka"), s(2, "b", 1, messaging__system="kafka"), s(3, "c", 1)], None),
        (BAD, [s(1, "a", messaging__system="kafka")], None)],
    "selector-type-faas": [
        (GOOD, [s(1, "a", faas__trigger="timer"), s(2, "b", 1, faas__trigger="timer"), s(3, "c", 1)], None),
        (BAD, [s(1, "a", faas__trigger="timer")], None)],
    "selector-type-general": [
        (GOOD, [s(1, "a", http__method="GET"), s(2, "b", 1), s(3, "c", 1)], None),
        (BAD, [s(1, "a"), s(2, "b", 1), s(3, "c", 1)], None)],
    "selector-type-and-name": [
        (GOOD, [s(1, "POST /payments", http__method="POST", http__status_code=201),
                s(2, "INSERT orders", 1, db__system="postgresql")], None),
        (GOOD, [s(1, "POST /payments", http__request__method="POST", http__response__status_code=201),
                s(2, "INSERT orders", 1, db__system__name="postgresql")], None),
        (BAD, [s(1, "POST /payments", http__method="PUT", http__status_code=201),
               s(2, "INSERT orders", 1, db__system="postgresql")], None)],
    "statuses": [
        (GOOD, [s(1, "a"), s(2, "charge", 1, status="ok", message="taken", http__method="GET")], None),
        (BAD, [s(1, "a"), s(2, "charge", 1, status="unset", message="taken", http__method="GET")], None),
        (BAD, [s(1, "a"), s(2, "charge", 1, status="ok", message="declined", http__method="GET")], None),
        (BAD, [s(1, "a"), s(2, "charge", 1, status="ok")], None)],
    "duration-attribute": [
        (GOOD, [order(queue__waited="150ms")], None),
        (GOOD, [order(queue__waited="150.4ms")], None),
        (BAD, [order(queue__waited="151ms")], None),
        (BAD, [order()], None)],
    "duration-sum": [
        (GOOD, [order(queue__waited="500ms")], None),
        (BAD, [order(queue__waited="980ms")], None),
        (BAD, [order(queue__waited="500ms", ms=40)], None)],
    "duration-times": [
        (GOOD, [order(ms=99)], None),
        (BAD, [order(ms=100)], None)],
    "duration-unequal": [
        (GOOD, [order(ms=900)], None),
        (BAD, [order(ms=1040)], None),
        (GOOD, [order(ms=1050)], None)],
    "arithmetic-sum": [
        (GOOD, [s(1, "price", price__net=100, price__tax=19, price__gross=119)], None),
        (BAD, [s(1, "price", price__net=100, price__tax=20, price__gross=119)], None)],
    "arithmetic-left-to-right": [
        (GOOD, [s(1, "price", price__one=1, price__two=2)], None),
        (BAD, [s(1, "price", price__one=2, price__two=2)], None)],
    "arithmetic-quotient": [
        (GOOD, [s(1, "price", items__total=7)], None),
        (BAD, [s(1, "price", items__total=6)], None)],
    "arithmetic-text": [
        (GOOD, [s(1, "price", http__request__header__retries="3")], None),
        (BAD, [s(1, "price", http__request__header__retries="4")], None)],
    "arithmetic-filter": [
        (GOOD, [s(1, "price", price__one=1)], None),
        (BAD, [s(1, "price", price__one=0)], None)],
    "filter-json-path": [
        (GOOD, [s(1, "consume", messaging__payload=PAYLOAD)], None),
        (BAD, [s(1, "consume", messaging__payload=PAYLOAD.replace("17", "16"))], None),
        (BAD, [s(1, "consume", messaging__payload=PAYLOAD.replace("A-1", "A-2"))], None),
        (BAD, [s(1, "consume", messaging__payload="{}")], None)],
    "filter-json-path-all": [
        (GOOD, [s(1, "consume", messaging__payload=LINES)], None),
        (BAD, [s(1, "consume", messaging__payload=LINES.replace("B-2", "B-3"))], None)],
    "filter-json-path-filter": [
        (GOOD, [s(1, "consume", messaging__payload=LINES)], None),
        (BAD, [s(1, "consume", messaging__payload=LINES.replace('"n": 2', '"n": 3'))], None)],
    "filter-regex": [
        (GOOD, [order(http__target="/v1/orders/42")], None),
        (BAD, [order(http__target="/v2/orders/42")], None)],
    "filter-regex-group": [
        (GOOD, [order(http__target="/v1/orders/42")], None),
        (BAD, [order(http__target="/v1/orders/43")], None)],
    "filter-get-index": [
        (GOOD, [s(1, "consume", messaging__payload=LINES)], None),
        (BAD, [s(1, "consume", messaging__payload=LINES.replace("A-1", "A-3"))], None)],
    "filter-length": [
        (GOOD, [order(order__id="o-123")], None),
        (BAD, [order(order__id="o-1234")], None)],
    "filter-type": [
        (GOOD, [order(cart__items=3, order__id="o")], None),
        (GOOD, [order(cart__items=3.5, order__id="o")], None),
        (BAD, [order(cart__items=3, order__id=[1])], None)],
    "json-contains": [
        (GOOD, [s(1, "consume", messaging__payload=LINES)], None),
        (BAD, [s(1, "consume", messaging__payload=LINES.replace("paid", "cancelled"))], None)],
    "json-contains-array": [
        (GOOD, [s(1, "consume", messaging__payload='[{"sku": "A-1"}, {"n": 2, "sku": "B-2"}]')], None),
        (BAD, [s(1, "consume", messaging__payload='[{"sku": "A-1"}]')], None)],
    "list-member": [
        (GOOD, [order(http__status_code=202, region="us")], None),
        (BAD, [order(http__status_code=204, region="us")], None),
        (BAD, [order(http__status_code=202, region="test")], None)],
    "list-equal": [
        (GOOD, [s(1, "consume", messaging__payload=LINES)], None),
        (BAD, [s(1, "consume", messaging__payload=LINES.replace("}]}", "}, {\"sku\": \"C\"}]}"))], None)],
    "text-interpolated": [
        (GOOD, [order(raw={"message": "order 5 of ann"}, order__id=5, user__id="ann", order__copy=5, payload='{"user": "ann"}')],
         None),
        (BAD, [order(raw={"message": "order 5 of bob"}, order__id=5, user__id="ann", order__copy=5, payload='{"user": "ann"}')],
         None)],
    "compare-attributes": [
        (GOOD, [order(order__id="o", order__copy="o", cart__items=3, cart__limit=3, payload='{"id": "o"}')], None),
        (BAD, [order(order__id="o", order__copy="p", cart__items=3, cart__limit=3, payload='{"id": "o"}')], None),
        (BAD, [order(order__id="o", order__copy="o", cart__items=4, cart__limit=3, payload='{"id": "o"}')], None)],
    "variables": [
        (GOOD, [order(user__id="ada l.", cart__items=3, greeting="hello ada l.")], None),
        (BAD, [order(user__id="ada l.", cart__items=4, greeting="hello ada l.")], None),
        (BAD, [order(user__id="ada l.", cart__items=3, greeting="hello ada l.", ms=60)], None)],
    "variables-secret": [
        (GOOD, [order(region="eu")], None),
        (BAD, [order(region="us")], None)],
    "variables-environment": [
        (GOOD, [order(tenant="acme")], None),
        (BAD, [order(tenant="other")], None)],
    "variables-unknown": [
        (GOOD, [order(user__id="u", order__id="o")], {"attributes": {"USER_ID": "u", "ORDER_ID": "o"}}),
        (BAD, [order(user__id="u", order__id="o")], {"attributes": {"USER_ID": "v", "ORDER_ID": "o"}}),
        (BAD, [order(user__id="u", order__id="o")], {})],
    "payload-with-variable": [
        (verdict, [order(name="POST /pokemon/import"),
                   s(2, "queue.synchronizePokemon publish", 1, kind="producer", messaging__system="rabbitmq", messaging__payload=payload,
                     messaging__destination="queue.synchronizePokemon", messaging__operation="publish"),
                   s(3, "pg insert", 2, kind="client", db__system="postgres", db__statement="insert into pokemon", db__result=result)],
         {"attributes": {"POKEMON_ID": "25"}})
        for verdict, payload, result in ((GOOD, '{"id":25}', '[{"name": "mew", "id": 1}, {"name": "pikachu", "id": 25}]'),
                                         (BAD, '{"id":26}', '[{"name": "pikachu", "id": 25}]'),
                                         (BAD, '{"id":25}', '[{"name": "pikachu", "id": 26}]'))],
    "response-headers-filter": [
        (verdict, [order(name="GET", http__route="/orders/{id}/lines", http__response__status_code=202,
                         raw={"http.request.header.x-request-id": "ab12"}), *(s(n, "x", 1) for n in range(2, spans))],
         {"status": 202, "attributes": {"response.body": '{"items": [1, 2]}', "response.headers": headers}})
        for verdict, spans, headers in (
            (GOOD, 3, '[{"Key": "Date", "Value": "now"}, {"Key": "Content-Type", "Value": "application/json; q=1"}]'),
            (BAD, 3, '[{"Key": "Content-Type", "Value": "text/html"}]'),
            (BAD, 9, '[{"Key": "Content-Type", "Value": "application/json"}]'))],
    "outputs": [
        (GOOD, [order(http__status_code=201, order__id="o"),
                s(2, "consume", 1, order__id="o", messaging__payload=LINES)], None),
        (BAD, [order(http__status_code=201, order__id="o"),
               s(2, "consume", 1, order__id="p", messaging__payload=LINES)], None)],
    "response-body": [
        (GOOD, [order()], {"attributes": {"response.body": '{"id": 17, "state": "new"}',
                                          "response.headers": "content-type: application/json"}}),
        (BAD, [order()], {"attributes": {"response.body": '{"id": 18, "state": "new"}',
                                         "response.headers": "content-type: application/json"}}),
        (BAD, [order()], {"attributes": {"response.headers": "content-type: text/html"}}),
        (GOOD, [order()], {})],
    "response-mixed": [
        (GOOD, [order(), s(2, "INSERT orders", 1, db__rows=1, order__id=17)],
         {"attributes": {"response.body": '{"id": 17}'}}),
        (BAD, [order(), s(2, "INSERT orders", 1, db__rows=1, order__id=18)],
         {"attributes": {"response.body": '{"id": 17}'}}),
        (GOOD, [order(), s(2, "INSERT orders", 1, db__rows=1, order__id=18)], {})],
}
