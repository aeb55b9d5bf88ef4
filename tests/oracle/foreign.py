"""Jaeger's and Zipkin's JSON as spans, after docs/files.md, and OTLP spans as such JSON.

The reading is the plain evaluator's own; the writing is what makes random runs and end-to-end tests. Times are whole
microseconds in both formats: a span's nanoseconds are moved there so that different times stay different.
"""

import base64
import json
import random
import zlib

_KINDS = {"internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}
_FIELD_TAGS = ("otel.dropped_attributes_count", "otel.dropped_events_count", "otel.dropped_links_count", "w3c.tracestate")


# Reading

def form(document):
    """'otlp', 'jaeger' or 'zipkin'."""
    if isinstance(document, list):
        return "zipkin"
    for key in document:
        if key == "resourceSpans":
            return "otlp"
        if key in ("data", "spans", "processes", "traceID"):
            return "jaeger"
        if key in ("traceId", "localEndpoint"):
            return "zipkin"
    return "otlp"


def _ident(text, digits):
    """An ID zero-extended; None where it is none."""
    text = (text or "").lower()
    if not text or len(text) > digits or any(char not in "0123456789abcdef" for char in text):
        return None
    return text.zfill(digits)


def _usable(text, digits):
    ident = _ident(text, digits)
    return ident if ident and ident.strip("0") else None


def _meant(texts):
    """What the tags say of fields that the formats lack."""
    code = texts.get("otel.status_code", "").upper()
    found = {"status": {"OK": 1, "ERROR": 2}.get(code, 0), "tracestate": texts.get("w3c.tracestate", ""),
             "scope": (texts.get("otel.scope.name") or texts.get("otel.library.name", ""),
                       texts.get("otel.scope.version") or texts.get("otel.library.version", ""), {}),
             "status_message": texts.get("otel.status_description", "")}
    for name in ("attributes", "events", "links"):
        text = texts.get(f"otel.dropped_{name}_count", "0")
        found[f"dropped_{name}"] = int(text) if text.isdigit() else 0
    return found


def _jaeger_value(tag):
    value, kind = tag.get("value"), tag.get("type")
    if value is None:
        return None
    if kind == "bool" and isinstance(value, str):
        return value == "true"
    if kind == "int64":
        return int(value)
    if kind == "float64":
        return float(value)
    if kind == "binary":
        return base64.b64decode(value)
    return value


def _jaeger_tags(tags):
    return {tag.get("key") or "": _jaeger_value(tag) for tag in tags or []}


def _texts(tags):
    texts = {}
    for tag in tags or []:
        value = tag.get("value")
        if isinstance(value, bool):
            value = "true" if value else ""
        texts[tag.get("key") or ""] = "" if value is None else str(value)
    return texts


def _parent_reference(references, trace_id, parent_span_id):
    mine = [one for one in references if not one.get("traceID") or _ident(one["traceID"], 32) == trace_id]
    for one in mine:
        if one.get("refType") != "FOLLOWS_FROM":
            return one, one.get("spanID")
    if parent_span_id:
        return None, parent_span_id
    return (mine[0], mine[0].get("spanID")) if mine else (None, "")


def _jaeger_span(make, rejected, raw, resource):
    trace_id = _usable(raw.get("traceID"), 32)
    span_id = _usable(raw.get("spanID"), 16)
    references = raw.get("references") or []
    chosen, parent = _parent_reference(references, trace_id or "", raw.get("parentSpanID"))
    if trace_id is None or span_id is None or raw.get("startTime") is None or (parent and not _ident(parent, 16)):
        return rejected(trace_id or "")
    texts = _texts(raw.get("tags"))
    attributes = _jaeger_tags(raw.get("tags"))
    for key in _FIELD_TAGS:
        attributes.pop(key, None)
    if raw.get("warnings"):
        attributes["jaeger.warnings"] = list(raw["warnings"])
    meant = _meant(texts)
    if texts.get("error") == "true":
        meant["status"] = 2
    if not meant["status"]:
        meant["status_message"] = ""
    start = int(raw["startTime"]) * 1000
    return make(
        trace_id=trace_id, span_id=span_id, parent=_usable(parent, 16) or "", start=start,
        end=start + int(raw["duration"]) * 1000 if raw.get("duration") is not None else 0,
        name=raw.get("operationName") or "", kind=_KINDS.get(texts.get("span.kind", "").lower(), 0),
        attributes=attributes, resource=resource, flags=int(raw.get("flags") or 0) & 1,
        events=[(int(log.get("timestamp") or 0) * 1000, _event_name(log), _jaeger_tags(log.get("fields")))
                for log in raw.get("logs") or []],
        links=[(_ident(one.get("traceID") or trace_id, 32), _ident(one.get("spanID"), 16),
                {"opentracing.ref_type": "follows_from" if one.get("refType") == "FOLLOWS_FROM" else "child_of"})
               for one in references if one is not chosen or one.get("refType") == "FOLLOWS_FROM"], **meant)


def _event_name(log):
    names = [field.get("value") for field in log.get("fields") or [] if field.get("key") == "event"]
    return names[-1] if names and isinstance(names[-1], str) else ""


def jaeger_spans(document, make, rejected):
    """The spans of a Jaeger document, made by `make` (a Span) and `rejected` (of a trace ID)."""
    for trace in document.get("data") or [] if "data" in document else [document]:
        resources = {}
        for key, process in (trace.get("processes") or {}).items():
            resources[key] = _jaeger_tags(process.get("tags"))
            if process.get("serviceName"):
                resources[key]["service.name"] = process["serviceName"]
        for raw in trace.get("spans") or []:
            resource = dict(resources.get(raw.get("processID"), {}))
            if trace.get("warnings"):
                resource["jaeger.warnings"] = list(trace["warnings"])
            yield _jaeger_span(make, rejected, raw, resource)


def own_id(trace_id, span_id, service):
    """The ID of a server span that shared its client's: FNV-1a."""
    number = 0xCBF29CE484222325
    for byte in bytes.fromhex(trace_id) + bytes.fromhex(span_id) + service.encode():
        number = (number ^ byte) * 0x100000001B3 % 2**64
    return f"{number or 1:016x}"


def _zipkin_service(raw, side):
    return (raw.get(side) or {}).get("serviceName") or ""


def _zipkin_ids(raw):
    """(trace, id, parent) or None for one that is rejected."""
    trace_id, span_id = _usable(raw.get("traceId"), 32), _usable(raw.get("id"), 16)
    parent = raw.get("parentId") or ""
    if trace_id is None or span_id is None or not int(raw.get("timestamp") or 0) or (parent and _ident(parent, 16) is None):
        return None
    return trace_id, span_id, _usable(parent, 16) or ""


def zipkin_spans(raws, make, rejected):
    """The spans of all Zipkin documents together."""
    good = [(raw, _zipkin_ids(raw)) for raw in raws]
    clients = {ids[:2] for raw, ids in good if ids and (raw.get("kind") or "").upper() == "CLIENT"}
    halves = {}
    for raw, ids in good:
        if ids and (raw.get("kind") or "").upper() == "SERVER" and (raw.get("shared") or ids[:2] in clients):
            service = _zipkin_service(raw, "localEndpoint")
            halves[(*ids[:2], service)] = own_id(*ids[:2], service)
    for raw, ids in good:
        if ids is None:
            yield rejected(_usable(raw.get("traceId"), 32) or "")
            continue
        trace_id, span_id, parent = ids
        service = _zipkin_service(raw, "localEndpoint")
        half = halves.get((trace_id, span_id, service))
        if half and (raw.get("kind") or "").upper() == "SERVER":
            span_id, parent = half, span_id
        else:
            parent = halves.get((trace_id, parent, service), parent)
        yield _zipkin_span(make, raw, trace_id, span_id, parent, service)


def _zipkin_span(make, raw, trace_id, span_id, parent, service):
    tags = {key: _zipkin_text(value) for key, value in (raw.get("tags") or {}).items() if value is not None}
    meant = _meant(tags)
    if "error" in tags:
        meant["status"] = 2
        meant["status_message"] = tags["error"] or meant["status_message"]
    if not meant["status"]:
        meant["status_message"] = ""
    attributes = {key: value for key, value in tags.items() if key not in _FIELD_TAGS}
    if _zipkin_service(raw, "remoteEndpoint"):
        attributes["peer.service"] = _zipkin_service(raw, "remoteEndpoint")
    start = int(raw["timestamp"]) * 1000
    return make(
        trace_id=trace_id, span_id=span_id, parent=parent, start=start,
        end=start + int(raw["duration"]) * 1000 if raw.get("duration") is not None else 0, name=raw.get("name") or "",
        kind={"SERVER": 2, "CLIENT": 3, "PRODUCER": 4, "CONSUMER": 5}.get((raw.get("kind") or "").upper(), 0),
        attributes=attributes, resource={"service.name": service} if service else {},
        events=[(int(one.get("timestamp") or 0) * 1000, one.get("value") or "", {}) for one in raw.get("annotations") or []],
        **meant)


def _zipkin_text(value):
    return value if isinstance(value, str) else json.dumps(value)


# Writing

def _us(nanoseconds):
    nanoseconds = int(nanoseconds or 0)
    return nanoseconds // 1000 + 3 * (nanoseconds % 1000)


def _duration(span):
    start, end = _us(span.get("startTimeUnixNano")), _us(span.get("endTimeUnixNano"))
    return end - start if end >= start else None


def _rng(span):
    """The same for all copies of a span, which stay equal."""
    same = [span.get(key) for key in ("traceId", "spanId", "id", "name", "startTimeUnixNano", "timestamp", "duration")]
    return random.Random(zlib.crc32(json.dumps(same).encode()))


def _plain(value):
    """A JSON value of an AnyValue, for what the formats write as text."""
    if "arrayValue" in value:
        return [_plain(item) for item in value["arrayValue"].get("values") or []]
    if "kvlistValue" in value:
        return {pair["key"]: _plain(pair.get("value") or {}) for pair in value["kvlistValue"].get("values") or []}
    if "intValue" in value:
        return int(value["intValue"])
    return next(iter(value.values()), None)


def _jaeger_tag(key, value):
    for member, kind in (("stringValue", "string"), ("boolValue", "bool"), ("bytesValue", "binary")):
        if value.get(member) is not None:
            return {"key": key, "type": kind, "value": value[member]}
    if value.get("intValue") is not None:
        return {"key": key, "type": "int64", "value": int(value["intValue"])}
    if value.get("doubleValue") is not None:
        number = float(value["doubleValue"])
        special = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(str(number))
        return {"key": key, "type": "float64", "value": special or number}
    if not value:
        return {"key": key, "type": "string", "value": None}
    return {"key": key, "type": "string", "value": json.dumps(_plain(value))}


def _text_tag(key, text):
    return {"key": key, "type": "string", "value": text}


def _otel_texts(scope, span):
    """Tags that carry what has no field."""
    status = span.get("status") or {}
    texts = {}
    if scope.get("name"):
        texts["otel.scope.name" if len(scope["name"]) % 2 else "otel.library.name"] = scope["name"]
    if scope.get("version"):
        texts["otel.scope.version"] = scope["version"]
    if status.get("code") in (1, 2):
        texts["otel.status_code"] = ["OK", "ERROR"][status["code"] - 1]
        if status.get("message"):
            texts["otel.status_description"] = status["message"]
    for name in ("Attributes", "Events", "Links"):
        if span.get(f"dropped{name}Count"):
            texts[f"otel.dropped_{name.lower()}_count"] = str(span[f"dropped{name}Count"])
    if span.get("traceState"):
        texts["w3c.tracestate"] = span["traceState"]
    return texts


def _jaeger_raw(scope, span, process, rng):
    kind = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}.get(span.get("kind"))
    tags = [_jaeger_tag(pair["key"], pair.get("value") or {}) for pair in span.get("attributes") or []]
    tags += [_text_tag(key, text) for key, text in _otel_texts(scope, span).items()]
    if kind and (kind != "internal" or rng.random() < 0.5):
        tags.append(_text_tag("span.kind", kind))
    if (span.get("status") or {}).get("code") == 2:
        tags.append({"key": "error", "type": "bool", "value": True})
    parent = span.get("parentSpanId")
    raw = {"traceID": span.get("traceId"), "spanID": span.get("spanId"), "operationName": span.get("name") or "",
           "references": [], "startTime": _us(span.get("startTimeUnixNano")), "duration": _duration(span), "tags": tags,
           "logs": [{"timestamp": _us(event.get("timeUnixNano")), "fields": [_text_tag("event", event.get("name") or "")] + [
               _jaeger_tag(pair["key"], pair.get("value") or {}) for pair in event.get("attributes") or []]}
                    for event in span.get("events") or []],
           "processID": process, "warnings": ["clock skew adjusted"] if rng.random() < 0.1 else None}
    if rng.random() < 0.5:
        raw["flags"] = int(span.get("flags") or 0) & 1
    if rng.random() < 0.3 and raw["traceID"]:
        raw["traceID"], raw["spanID"] = raw["traceID"].lstrip("0"), raw["spanID"].lstrip("0")
    if parent and rng.random() < 0.2:
        raw["parentSpanID"] = parent
    elif parent:
        raw["references"].append({"refType": "CHILD_OF", "traceID": raw["traceID"], "spanID": parent})
    raw["references"] += [{"refType": "FOLLOWS_FROM", "traceID": link["traceId"], "spanID": link["spanId"]}
                          for link in span.get("links") or []]
    return raw


def as_jaeger(entries):
    """(resource, scope, span) entries in OTLP's JSON shape as one Jaeger answer."""
    by_trace = {}
    for resource, scope, span in entries:
        trace = by_trace.setdefault(span.get("traceId"), {"traceID": span.get("traceId"), "spans": [], "processes": {}, "warnings": None})
        key = f"p{zlib.crc32(json.dumps(resource, sort_keys=True).encode())}"
        attributes = resource.get("attributes") or []
        services = [pair["value"].get("stringValue") for pair in attributes if pair["key"] == "service.name"]
        trace["processes"][key] = {"serviceName": services[-1] if services else "", "tags": [
            _jaeger_tag(pair["key"], pair.get("value") or {}) for pair in attributes if pair["key"] != "service.name"]}
        trace["spans"].append(_jaeger_raw(scope, span, key, _rng(span)))
    return {"data": list(by_trace.values()), "total": 0, "limit": 0, "offset": 0, "errors": None}


def _zipkin_tag(value):
    if value.get("stringValue") is not None:
        return value["stringValue"]
    plain = _plain(value)
    return "" if plain is None else json.dumps(plain)


def _zipkin_raw(resource, scope, span, rng):
    services = [pair["value"].get("stringValue") for pair in resource.get("attributes") or [] if pair["key"] == "service.name"]
    tags = {pair["key"]: _zipkin_tag(pair.get("value") or {}) for pair in span.get("attributes") or []}
    tags.update(_otel_texts(scope, span))
    if (span.get("status") or {}).get("code") == 2:
        tags["error"] = (span["status"].get("message") or "")
    raw = {"traceId": span.get("traceId"), "id": span.get("spanId"), "name": span.get("name"),
           "timestamp": _us(span.get("startTimeUnixNano")), "duration": _duration(span), "tags": tags,
           "annotations": [{"timestamp": _us(event.get("timeUnixNano")), "value": event.get("name") or ""}
                           for event in span.get("events") or []]}
    kind = {2: "SERVER", 3: "CLIENT", 4: "PRODUCER", 5: "CONSUMER"}.get(span.get("kind"))
    if kind:
        raw["kind"] = kind
    if span.get("parentSpanId"):
        raw["parentId"] = span["parentSpanId"]
    if services:
        raw["localEndpoint"] = {"serviceName": services[-1]}
    if rng.random() < 0.2:
        raw["remoteEndpoint"] = {"serviceName": rng.choice(["front", "cart", "db"])}
    if rng.random() < 0.03:
        del raw["timestamp"]
    return raw


def _join(raws):
    """Lets some servers share their client's ID, as Zipkin's instrumentation does."""
    for server in raws:
        rng = _rng(server)
        if server.get("kind") != "SERVER" or rng.random() < 0.1:
            continue
        clients = [raw for raw in raws if raw is not server and raw["id"] == server.get("parentId") and raw["traceId"] == server["traceId"]]
        if clients and rng.random() < 0.5:
            clients[0]["kind"] = "CLIENT"
        if not clients or clients[0].get("kind") != "CLIENT":
            continue
        old, new = server["id"], clients[0]["id"]
        if sum((raw["traceId"], raw["id"]) == (server["traceId"], old) for raw in raws) > 1:
            continue
        for raw in raws:
            if raw["traceId"] == server["traceId"] and raw.get("parentId") == old:
                raw["parentId"] = new
        server["id"] = new
        server.pop("parentId", None)
        if clients[0].get("parentId"):
            server["parentId"] = clients[0]["parentId"]
        if rng.random() < 0.6:
            server["shared"] = True


def as_zipkin(entries, share=True):
    """The same as a list of Zipkin's spans."""
    raws = [_zipkin_raw(resource, scope, span, _rng(span)) for resource, scope, span in entries]
    if share:
        _join(raws)
    return raws

