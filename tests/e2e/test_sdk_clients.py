"""What the SDK clients send, seen by a server that is not ours: every one of them sends the same."""
import unittest

from tests.e2e import sdk_clients
from tests.peers.otlp_dump import OtlpDump

SEED = "5eed0000000000000000000000000100"
ROOT_ATTRIBUTES = {
    "http.request.method": "POST", "http.response.status_code": 200, "order.index": 3,
    "order.total": 12.5, "order.express": True, "order.gift": False, "order.balance": -42,
    "order.large": 9007199254740991, "order.tiny": 5.5e-8, "order.huge": 1500000000000000.5,
    "order.tags": ["a", "b"], "order.quantities": [1, 2, 3], "order.weights": [0.5, 1.5],
    "order.flags": [True, False], "order.none": [], "text.unicode": "grün ✓ 😀", "text.empty": "",
    "text.quotes": "a \"b\" 'c' \\ \t\n"}


def comparable(span):
    """The span without what tells the SDKs apart."""
    return {**{name: value for name, value in span.items() if name != "flags"},
            "attributes": sorted((k, type(v).__name__, repr(v))
                                 for k, v in span["attributes"].items()),
            "resource": span["resource"]["service.name"]}


class SdkClients(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        sdk_clients.prepare()
        cls.sent = {}
        with OtlpDump() as dump:
            for client in sdk_clients.CLIENTS:
                dump.clear()
                endpoint = dump.grpc_endpoint if client[1] == "grpc" else dump.http_endpoint
                sdk_clients.run(client, endpoint, SEED)
                cls.sent[client] = (dump.requests(), dump.spans())

    def test_all_clients_send_equal_spans(self):
        def ordered(client):
            return sorted(map(comparable, self.sent[client][1]),
                          key=lambda span: (span["trace_id"], span["span_id"]))
        wanted = ordered(sdk_clients.CLIENTS[0])
        self.assertEqual(8 * sdk_clients.SPANS_PER_TRACE, len(wanted))
        self.assertEqual(sdk_clients.trace_ids(SEED),
                         sorted({span["trace_id"] for span in wanted}))
        for client in sdk_clients.CLIENTS[1:]:
            with self.subTest(client=client):
                self.assertEqual(wanted, ordered(client))

    def test_the_fourth_trace_is_as_described(self):
        for client in sdk_clients.CLIENTS:
            with self.subTest(client=client):
                spans = {span["name"]: span for span in self.sent[client][1]
                         if span["trace_id"] == sdk_clients.trace_ids(SEED)[3]}
                base = 1767225603 * 10**9
                root, process = spans["POST /orders"], spans["process orders"]
                self.assertEqual(ROOT_ATTRIBUTES, root["attributes"])
                self.assertEqual(("", base + 10**7, base + 11 * 10**6),
                                 (root["parent_span_id"], root["start"], root["end"]))
                self.assertEqual([(base + 10**7 + 500000, "order.accepted",
                                   {"queue.depth": 3, "note": "ok"})], root["events"])
                self.assertEqual((2, "boom"), process["status"])
                self.assertEqual("exception", process["events"][0][1])
                self.assertEqual(spans["send orders"]["span_id"], process["parent_span_id"])
                self.assertEqual([(root["trace_id"], root["span_id"], {"why": "batch"})],
                                 process["links"])
                self.assertEqual(
                    {"POST /orders": 2, "validate": 1, "INSERT orders": 3, "send orders": 4,
                     "process orders": 5}, {name: span["kind"] for name, span in spans.items()})

    def test_requests_use_the_transport_and_compression_asked_for(self):
        for client in sdk_clients.CLIENTS:
            _, protocol, compression = client
            with self.subTest(client=client):
                requests = self.sent[client][0]
                self.assertEqual({protocol}, {request.transport for request in requests})
                if protocol != "grpc":
                    self.assertEqual({"gzip" if compression == "gzip" else None},
                                     {request.headers.get("content-encoding")
                                      for request in requests})


if __name__ == "__main__":
    unittest.main()
