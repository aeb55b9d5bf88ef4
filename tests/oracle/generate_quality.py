"""Seeded random campaigns about the analyzer's rules."""

from .generate_focus import Plain, Simple
from .generate_traces import some
from .quality import RULES

GOOD = {"http.request.method": "GET", "url.full": "https://shop/a", "server.address": "shop", "server.port": 443, "url.path": "/a", "url.scheme": "https",
        "db.system.name": "mysql", "rpc.system.name": "grpc", "messaging.system": "kafka", "messaging.operation.type": "send", "order.id": "o-1",
        "faas.trigger": "http", "faas.invoked_name": "f", "faas.invoked_provider": "aws", "graphql.operation.name": "q"}
OLD = {"http.method": "GET", "http.url": "https://shop/a", "net.peer.name": "shop", "http.target": "/a", "http.scheme": "https", "net.host.name": "shop", "http.host": "shop:80"}
FAMILIES = [["http.request.method", "url.full", "server.address", "server.port", "url.path", "url.scheme"], ["db.system.name"], ["rpc.system.name", "server.address"],
            ["messaging.system", "messaging.operation.type"], ["order.id"], ["faas.trigger"],
            ["faas.invoked_name", "faas.invoked_provider"], ["graphql.operation.name"]]
# What names are made of, by the beginning of a family.
NAMING = {"http": {"http.request.method": ["GET", "_OTHER", ""], "http.method": ["GET"], "http.route": ["/a/:id", "/a"], "url.template": ["/a/{id}"], "url.path": ["/a", "/a/7"],
                   "http.target": ["/a"]},
          "db": {"db.operation.name": ["SELECT", "order", "get"], "db.operation": ["SELECT"], "db.query.text": ["SELECT 1", "mysql"], "db.query.summary": ["SELECT orders"],
                 "db.collection.name": ["orders", ""], "db.sql.table": ["orders"], "db.mongodb.collection": ["orders"], "db.namespace": ["shop"], "db.name": ["shop"],
                 "db.system": ["redis"], "server.address": ["db1"]},
          "rpc": {"rpc.service": ["pkg.Cart", ""], "rpc.method": ["Add", "pkg.Cart/Add"]},
          "messaging": {"messaging.operation.name": ["publish", ""], "messaging.operation": ["send"], "messaging.destination.name": ["orders"], "messaging.destination": ["orders"],
                        "messaging.destination.template": ["orders.*"], "server.address": ["db1"]}}
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
        words = NAMING.get(next(iter(family)).split(".")[0], {})
        for key in rng.sample(list(words), rng.randrange(min(5, len(words)) + 1)):
            made[key] = rng.choice(words[key]) if rng.random() < 0.95 else rng.choice([7, None, []])
        if words and rng.random() < 0.85:
            span["name"] = self.name(made, rng.choice([" ", " ", " ", "/", ".", ""]))
        span["attributes"] = [{"key": key, "value": _value(value)} for key, value in made.items()]
        resource["attributes"] = [pair for pair in resource["attributes"] if pair["key"] == "service.name"]
        if rng.random() < 0.05:
            resource["attributes"].append({"key": "region.a", "value": {"stringValue": rng.choice(["", "eu"])}})
        for event in span.get("events", []):
            event["attributes"] = [{"key": "exception.type", "value": {"stringValue": "E"}}] if rng.random() < 0.8 else []
        for link in span.get("links", []):
            link["attributes"] = []

    def name(self, attributes, between):
        """Of values that the span has, or could have."""
        rng = self.rng
        texts = [value for value in attributes.values() if isinstance(value, str)] + ["HTTP", "(temporary)", "db1:3306", "shop.orders", "GET"]
        parts = [rng.choice(texts) for _ in range(rng.choice([0, 1, 1, 2, 2, 2, 2, 2]))]
        pairs = [("http.request.method", "http.route"), ("http.request.method", "url.template"), ("http.request.method", "url.path"), ("db.operation.name", "db.collection.name"),
                 ("db.operation.name", "db.namespace"), ("rpc.service", "rpc.method"), ("messaging.operation.name", "messaging.destination.name"),
                 ("messaging.destination.name", "messaging.operation.type"), ("messaging.operation.type", "messaging.destination.template")]
        known = [pair for pair in pairs if all(isinstance(attributes.get(key), str) for key in pair)]
        if known and rng.random() < 0.5:
            parts = [attributes[key] for key in rng.choice(known)]
            between = "/" if parts[0].startswith("pkg") else between
        return between.join(parts)

    def name_values(self, made, words):
        rng = self.rng
        if rng.random() < 0.5:
            rules = [{"name": name, "level": rng.choice(["error", "warning", "disabled"])} for name in rng.sample(RULES, rng.randrange(4))]
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
