"""What a request does behind its answer, in pytest."""
import json
import urllib.request

import pytest

from find_spans import Trace, selector, validate
from shop import Shop


@pytest.fixture(scope="module")
def shop():
    shop = Shop()
    yield shop
    shop.close()


def order(shop, trace, **body):
    headers = {"Content-Type": "application/json", **trace.headers}
    urllib.request.urlopen(urllib.request.Request(shop.url, json.dumps(body).encode(), headers)).close()


def test_an_order_is_processed_behind_the_answer(shop):
    trace = Trace()
    order(shop, trace, id=7, items=["a"])
    processed = trace.find_spans("shop-worker", "process order", [{"key": "order.id", "value": 7}])

    def checkpoint(span):
        assert span.attributes["order.id"] == 7
        assert span.kind == "consumer"

    validate(processed, checkpoint)
    request, = trace.find_spans("shop-api")
    assert processed[0].parent_span_id == request.span_id
    assert request.attributes == {"http.response.status_code": 200}


def test_each_item_is_stored_once(shop):
    trace = Trace()
    order(shop, trace, id=8, items=["a", "b", "c"])
    stored = trace.find_spans("shop-worker", "INSERT items", {"key": "db.system.name", "value": "redis"},
                              expected_number_of_spans=3)
    assert sorted(span.attributes["item.name"] for span in stored) == ["a", "b", "c"]

    def is_b(span):
        assert span.attributes["item.name"] == "b"

    validate(stored, is_b)  # exactly one of the three
    with pytest.raises(AssertionError, match="1 of 3 spans are valid, 2 expected"):
        validate(stored, is_b, expected_number_of_spans=2)


def test_values_keep_their_types(shop):
    trace = Trace()
    order(shop, trace, id=9, items=["a"])
    stored, = trace.find_spans("shop-worker", "INSERT items", [{"key": "item.price", "value": 2.5},
                                                               {"key": "item.gift", "value": False}])
    assert {key: type(value) for key, value in stored.attributes.items()} == {
        "db.system.name": str, "item.name": str, "item.price": float, "item.gift": bool}


def test_any_selector_of_the_language_will_do(shop):
    trace = Trace()
    order(shop, trace, id=10, items=["a", "b"])
    below = trace.select("span[service='shop-api'] span[name =~ '^INSERT ']", expected_number_of_spans=2)
    assert len(below) == 2


def test_what_does_not_come_is_no_error_of_the_search(shop):
    trace = Trace()
    order(shop, trace, id=11, items=[])
    assert trace.find_spans("shop-worker", "process order")
    assert trace.find_spans("mailer", timeout=0.1) == []
    assert Trace().find_spans("shop-worker", timeout=0.1) == []
    with pytest.raises(AssertionError, match="no span was found"):
        validate([], lambda span: None)
    validate([], lambda span: None, expected_number_of_spans=0)
    validate(trace.find_spans("shop-worker", expected_number_of_spans=2, timeout=0.1), lambda span: None, 2)


def test_a_text_with_quotes_is_written_as_it_must_be():
    assert selector("it's", "a\\b\n", {"key": "k", "value": True}) == "span[service = 'it\\'s' name = 'a\\\\b\\n' attr:`k` = true]"
    with pytest.raises(ValueError):
        selector("s", span_selectors={"key": "a`b", "value": 1})
    with pytest.raises(RuntimeError, match="byte"):
        Trace().select("span[")
