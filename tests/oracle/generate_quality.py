"""Seeded random campaigns about the analyzer's rules."""

from .generate_focus import Plain, Simple
from .generate_traces import some
from .quality import RULES

GOOD = {"http.request.method": "GET", "url.full": "https://shop/a", "server.address": "shop", "server.port": 443, "url.path": "/a", "url.scheme": "https",
        "db.system.name": "mysql", "rpc.system.name": "grpc", "messaging.system": "kafka", "messaging.operation.type": "send", "order.id": "o-1"}
OLD = {"http.method": "GET", "http.url": "https://shop/a", "net.peer.name": "shop", "http.target": "/a", "http.scheme": "https", "net.host.name": "shop", "http.host": "shop:80"}
FAMILIES = [["http.request.method", "url.full", "server.address", "server.port", "url.path", "url.scheme"], ["db.system.name"], ["rpc.system.name", "server.address"],
            ["messaging.system", "messaging.operation.type"], ["order.id"]]
BAD = [("a", 1), ("Order.id", "x"), ("order.id.hash", "x"), ("order", "x"), ("note.text", ""), ("note.list", []), ("server.address", "10.0.0.1"), ("server.address", "::1"),
       ("url.full", "http://shop/a"), ("url.full", "https://10.0.0.1:8443/a"), ("url.scheme", "http"), ("http.request.header.authorization", ["Bearer abc"]),
       ("http.request.header.authorization", "****"), ("http.response.header.x-api-key", "[REDACTED]"), ("http.request.header.X-Odd", "v"),
       ("http.request.header.api-key", "k1"), ("http.url", "http://10.0.0.1/"), ("db.operation.name", "SELECT"), ("note.none", None)]


def _value(value):
    if value is None:
        return {}
    if isinstance(value, list):
        return {"arrayValue": {"values": [_value(one) for one in value]}}
    return {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}


class _Quality(Simple):
    def condition(self, has_select):
        rng = self.rng
        key = f"defect:{rng.choice(RULES)}"
        if has_select and rng.random() < 0.8:
            return some(rng, ["", "all: ", "any: ", "none: ", "at most 1: ", "at least 50%: "]) + f"{key} {rng.choice(['missing', 'missing', 'exists'])}"
        return f"${rng.choice(self.names)}.{key} {rng.choice(['missing', 'exists'])}"

    def filter(self):
        return f"defect:{self.rng.choice(RULES)} {self.rng.choice(['missing', 'exists'])}" if self.rng.random() < 0.5 else super().filter()


class Quality(Plain):
    """defect:RULE, and groups `analyzer`"""
    expressions = _Quality

    def dress(self, rng, span, resource):
        family = list(rng.choice(FAMILIES))
        pool = GOOD
        if family[0].startswith("http") and rng.random() < 0.4:
            pool, family = OLD, list(OLD)
        made = {key: pool[key] for key in family if rng.random() < 0.9}
        for _ in range(rng.choice([0, 0, 0, 1, 2])):
            key, value = rng.choice(BAD)
            if pool is GOOD or not key.startswith(("server.", "url.")):
                made[key] = value
        span["attributes"] = [{"key": key, "value": _value(value)} for key, value in made.items()]
        resource["attributes"] = [pair for pair in resource["attributes"] if pair["key"] == "service.name"]
        if rng.random() < 0.05:
            resource["attributes"].append({"key": "region.a", "value": {"stringValue": rng.choice(["", "eu"])}})
        for event in span.get("events", []):
            event["attributes"] = [{"key": "exception.type", "value": {"stringValue": "E"}}] if rng.random() < 0.8 else []
        for link in span.get("links", []):
            link["attributes"] = []

    def name_values(self, made, words):
        rng = self.rng
        if rng.random() < 0.5:
            rules = [{"name": "span-naming", "level": "disabled"}]
            rules += [{"name": name, "level": rng.choice(["error", "warning", "disabled"])} for name in rng.sample(RULES, rng.randrange(4))]
            rules += [{"name": f"own {number}", "level": rng.choice(["error", "warning"]), "weight": 3,
                       "select": rng.choice(["span[kind=server]", "span[n exists]", "span[http.request.method exists]"]),
                       "assert": rng.choice(["duration < 1s", "attr:url.scheme = https", "defect:prefer-dns missing"])} for number in range(rng.randrange(3))]
            rng.shuffle(rules)
            made["analyzer"] = {"minimum_score": 50, "rules": rules}

    def trace(self, trace_id, remote):
        entries = super().trace(trace_id, remote)
        for _, scope, _ in entries:
            scope["attributes"] = []
        return entries
