"""The analyzer's rules (docs/analyzer.md): whether a span breaks one, by `exists` and `missing` alone."""

import ipaddress
import re

RULES = ("span-naming", "required-attributes", "attribute-naming", "no-empty-attributes", "prefer-dns", "secure-https-protocol", "no-api-key-leak")
_SECRET = re.compile(r"http\.(request|response)\.header\.(authorization|proxy-authorization|x-api-key|api-key|x-auth-token)\Z")
_FOREIGN = re.compile(r"(http\.(request|response)\.header|rpc\.(request|response)\.metadata)\.")


def _sets(span):
    """Every set of attributes: of the span, its resource, scope, events, links."""
    yield span.attributes
    yield span.resource
    yield span.scope[2]
    for _, _, attributes in list(span.events) + list(span.links):
        yield attributes


def _is_address(text):
    try:
        ipaddress.ip_address(text.strip("[]"))
        return True
    except ValueError:
        return False


def _host(text):
    found = re.match(r"(?:[a-z]+://)?(?:[^/@]*@)?(\[[^\]]*\]|[^:/?#]*)", text)
    return found.group(1)


def _dns(attributes):
    for key in ("server.address", "net.peer.name", "net.host.name"):
        if isinstance(attributes.get(key), str) and _is_address(attributes[key]):
            return True
    return any(isinstance(attributes.get(key), str) and _is_address(_host(attributes[key])) for key in ("http.host", "url.full", "http.url"))


def _insecure(attributes):
    return any(attributes.get(key) == "http" for key in ("url.scheme", "http.scheme")) or any(
        isinstance(attributes.get(key), str) and attributes[key].startswith("http://") for key in ("url.full", "http.url"))


def _bare(value):
    texts = value if isinstance(value, list) else [value]
    return any(isinstance(text, str) and text and not re.fullmatch(r"\*+", text) and "REDACTED" not in text for text in texts)


def _badly_named(attributes):
    keys = set(attributes)
    return any(not _FOREIGN.match(key) and not re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", key) for key in keys) or any(
        other.startswith(key + ".") for key in keys for other in keys)


def _has_bare_exception(span):
    """An event called exception that says nothing of it."""
    return any(name == "exception" and not ({"exception.type", "exception.message"} & {key for key, value in attributes.items() if value is not None})
               for _, name, attributes in span.events)


def _required(span, kind, of_type):
    """Whether something required is missing."""
    there = {key for key, value in span.attributes.items() if value is not None}

    def one(*names):
        return bool(there & set(names))
    old = of_type == "http" and one("http.method") and not one("http.request.method") or of_type == "http" and not one("http.request.method") and one("http.url", "http.target", "http.scheme")
    if kind == "internal":
        return False
    if of_type == "http":
        needed = [one("http.method" if old else "http.request.method")]
        if kind == "client":
            needed += [one("http.url"), one("net.peer.name")] if old else [one("url.full"), one("server.address"), one("server.port")]
        if kind == "server":
            needed += [one("http.target"), one("http.scheme"), one("net.host.name", "http.host")] if old else [one("url.path"), one("url.scheme")]
        return not all(needed)
    if of_type == "database":
        return not one("db.system.name", "db.system")
    if of_type == "rpc":
        return not one("rpc.system.name", "rpc.system") or kind == "client" and not one("server.address", "net.peer.name")
    if of_type == "faas" and kind == "client":
        return not (one("faas.invoked_name") and one("faas.invoked_provider"))
    if of_type == "faas":
        return kind in ("server", "consumer") and not one("faas.trigger")
    if of_type == "messaging":
        return not one("messaging.system") or not one("messaging.operation.name", "messaging.operation.type", "messaging.operation")
    return False


# Names

def _first(span, *keys):
    """The text of the first attribute that has a value; empty: it has none, or is no text."""
    value = next((span.attributes[key] for key in keys if span.attributes.get(key) is not None), "")
    return value if isinstance(value, str) else ""


def _http_name(span, kind):
    method = _first(span, "http.request.method", "http.method")
    method = "HTTP" if method == "_OTHER" else method
    if not method or span.name in (method, f"HTTP {method}"):
        return True
    if not span.name.startswith(method + " "):
        return False
    rest = span.name[len(method) + 1:]
    route = _first(span, "url.template", "http.route") if kind == "client" else _first(span, "http.route")
    path = _first(span, "url.path", "http.target")
    return rest == route if route else not path or rest != path


def _database_name(span):
    summary, operation = _first(span, "db.query.summary"), _first(span, "db.operation.name", "db.operation")
    query, system = _first(span, "db.query.text", "db.statement"), _first(span, "db.system.name", "db.system")
    if summary:
        return span.name == summary
    if not operation:
        return not query or span.name != query or query == system
    space, server = _first(span, "db.namespace", "db.name"), _first(span, "server.address", "net.peer.name")
    table = _first(span, "db.collection.name", "db.sql.table") or _first(span, "db.mongodb.collection", "db.cassandra.table")

    def is_target(text):
        whole = f"{space}.{table}" if space and table else ""
        if not (space or table or server):
            return text != ""
        return text != "" and text in (table, space, whole) or server != "" and text.startswith(server)
    behind = span.name[len(operation) + 1:] if span.name.startswith(operation + " ") else ""
    return span.name == operation or system != "" and span.name == system or is_target(span.name) or is_target(behind)


def _messaging_name(span):
    operations = [one for one in (_first(span, "messaging.operation.name", "messaging.operation"), _first(span, "messaging.operation.type", "messaging.operation")) if one]
    template, name = _first(span, "messaging.destination.template", "messaging.destination"), _first(span, "messaging.destination.name", "messaging.destination")
    targets = [one for one in (template, name, "(temporary)", "(anonymous)", _first(span, "server.address", "net.peer.name")) if one]
    if not operations or not template and not name and span.name in operations:
        return True
    return any(span.name in (f"{operation} {target}", f"{target} {operation}") for operation in operations for target in targets)


def _well_named(span, kind, of_type):
    if kind == "internal":
        return True
    if of_type == "http":
        return _http_name(span, kind)
    if of_type == "database":
        return _database_name(span)
    if of_type == "rpc":
        method, service = _first(span, "rpc.method"), _first(span, "rpc.service")
        return not method or span.name == method or service != "" and span.name == f"{service}/{method}"
    return of_type != "messaging" or _messaging_name(span)


def breaks(rule, node, of_type):
    """Whether a span breaks a rule: True, False, or None where it dropped what could."""
    span = node.span
    if rule == "span-naming":
        return None if node.dropped_attributes else not _well_named(span, node.kind, of_type)
    if rule == "required-attributes":
        if _has_bare_exception(span):
            return True
        broken = _required(span, node.kind, of_type)
        return None if node.dropped_attributes or node.dropped_events and not broken else broken
    if rule == "attribute-naming":
        broken = any(map(_badly_named, _sets(span)))
    elif rule == "no-empty-attributes":
        broken = any(value is None or value == "" or isinstance(value, (bytes, list, dict)) and len(value) == 0 for one in _sets(span) for value in one.values())
    elif rule == "no-api-key-leak":
        broken = any(_SECRET.match(key) and _bare(value) for one in _sets(span) for key, value in one.items())
    else:
        broken = (_dns if rule == "prefer-dns" else _insecure)(span.attributes)
        return True if broken else None if node.dropped_attributes else False
    return True if broken else None if node.dropped_attributes or node.dropped_events else False
