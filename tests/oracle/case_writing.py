"""Writing golden cases shortly: spans in OTLP, a case, tables of rows of one kind."""

import base64

from . import libconf

BASE = 1_700_000_000 * 10**9
MS = 10**6
T1, T2, T3 = (f"{number:032x}" for number in (1, 2, 3))


def value(item):
    """An AnyValue; None is one without a value, a dict a key-value list."""
    if item is None:
        return {}
    if isinstance(item, bool):
        return {"boolValue": item}
    if isinstance(item, int):
        return {"intValue": str(item)}
    if isinstance(item, float):
        special = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(repr(item))
        return {"doubleValue": special or item}
    if isinstance(item, bytes):
        return {"bytesValue": base64.b64encode(item).decode()}
    if isinstance(item, list):
        return {"arrayValue": {"values": [value(inner) for inner in item]}}
    if isinstance(item, dict):
        return {"kvlistValue": {"values": pairs(item)}}
    return {"stringValue": item}


def pairs(attributes):
    """A list of KeyValue; a list of tuples may hold a key twice."""
    items = attributes.items() if isinstance(attributes, dict) else attributes
    return [{"key": key, "value": value(item)} for key, item in items]


def span(number, parent=None, name="op", trace=T1, start=0, length=50, service="front", **more):
    """(resource, scope, span); `number` and `parent` are short for 16 digits, times are milliseconds."""
    resource = {"attributes": pairs({"service.name": service, **more.pop("resource", {})} if service else
                                    more.pop("resource", {}))}
    scope = more.pop("scope", {"name": "lib", "version": "1.0", "attributes": []})
    made = {"traceId": trace, "spanId": f"{number:016x}", "name": name, "kind": more.pop("kind", 2),
            "startTimeUnixNano": str(BASE + int(start * MS)), "endTimeUnixNano": str(BASE + int((start + length) * MS)),
            "attributes": pairs(more.pop("attributes", {})), "flags": more.pop("flags", 1),
            "status": {"code": more.pop("status", 0)}}
    if parent is not None:
        made["parentSpanId"] = f"{parent:016x}"
    events = more.pop("events", [])
    if events:
        made["events"] = [{"timeUnixNano": "1", "name": event, "attributes": pairs(items)} for event, items in events]
    links = more.pop("links", [])
    if links:
        made["links"] = [{"traceId": "ab" * 16, "spanId": ident, "attributes": pairs(items)} for ident, items in links]
    return resource, scope, {**made, **more}


def document(spans):
    """Spans as an OTLP JSON document."""
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": scope, "spans": [one]}]}
                              for resource, scope, one in spans]}


def case(name, spans, expect, suite=None, injections=None, **config):
    """One case. `suite` is the only suite; more of the configuration comes by keyword."""
    if suite is not None:
        config["suites"] = [{"name": "s", **suite}]
    config.setdefault("report", {"max_failures": 100000})
    campaign = config.pop("campaign_argument", None)
    return {"name": name, "config": libconf.dump_file(config), "traces": document(spans), "injections": injections,
            "campaign": campaign, "expect": expect}


def results(name, spans, rows, suite=None, injections=None, **config):
    """A case with one assertion for each row (a dict of the assertion's settings, result)."""
    assertions, expected = [], {}
    for number, (settings, result) in enumerate(rows):
        title = f"{number}: {settings.get('select', '')} | {settings['assert']}"
        assertions.append({"name": title, **settings})
        expected[title] = result
    return case(name, spans, {"results": expected}, {**(suite or {}), "assertions": assertions}, injections, **config)


def on_all(*texts):
    """Rows for `select = "span[]"`: "CONDITION -> RESULT"."""
    return [({"select": "span[]", "assert": text.split(" -> ")[0]}, text.split(" -> ")[1]) for text in texts]


def on(select, *texts):
    """As on_all, for another selector."""
    return [({"select": select, "assert": text.split(" -> ")[0]}, text.split(" -> ")[1]) for text in texts]


def bare(*texts):
    """As on_all, without select."""
    return [({"assert": text.split(" -> ")[0]}, text.split(" -> ")[1]) for text in texts]


def entry(number=None, result="fail", **more):
    """An expected entry of `failures`."""
    made = {"result": result, **more}
    if number is not None:
        made["span_id"] = f"{number:016x}"
    return made
