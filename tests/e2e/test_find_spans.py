"""GET /api/traces/{id}/spans: waits for spans, and lets nobody wait for ever."""
import json
import signal
import socket
import threading
from urllib.parse import quote, urlencode

from tests.e2e import harness, otlp
from tests.e2e.harness import SHOP_SUITE, config, shop_trace
from tests.peers.process import wait_until


class Find(harness.TestCase):
    def setUp(self):
        super().setUp()
        self.assertd = self.daemon(config(suites=[SHOP_SUITE], completion={"quiet": "3s", "deadline": "20s"}))
        self.campaign = self.assertd.start_campaign("find")

    def path(self, trace, **query):
        trace = otlp.trace_id(trace) if isinstance(trace, int) else trace
        return f"/api/traces/{trace}/spans?{urlencode(query)}"

    def find(self, trace, **query):
        answer = self.assertd.call("GET", self.path(trace, **query))
        self.assertEqual(200, answer.status, answer)
        return json.loads(answer.body)

    def begin(self, trace, **query):
        """A request that is left waiting: its connection."""
        host, port = self.assertd.admin.rsplit(":", 1)
        peer = socket.create_connection((host, int(port)), timeout=harness.DEADLINE)
        self.addCleanup(peer.close)
        peer.sendall(f"GET {self.path(trace, **query)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return peer

    def read(self, peer):
        """The answer on a connection: status, JSON."""
        file = peer.makefile("rb")
        status = int(file.readline().split()[1])
        headers = {}
        while (line := file.readline()) not in (b"\r\n", b""):
            name, value = line.decode().split(":", 1)
            headers[name.lower()] = value.strip()
        return status, json.loads(file.read(int(headers["content-length"])))

    def background(self, *arguments, **query):
        """A search in a thread; the function that waits for its answer."""
        found = []
        thread = threading.Thread(target=lambda: found.append(self.assertd.call("GET", self.path(*arguments, **query))))
        thread.start()

        def result():
            thread.join(harness.DEADLINE)
            return found[0]
        return result

    # --- what is kept ---

    def test_what_no_suite_reads_is_not_looked_for_where_it_is_not_kept(self):
        suite = dict(SHOP_SUITE, traces="span[is.read missing]")
        self.assertd = self.daemon(config(suites=[suite], evidence={"keep": "read"}))
        self.assertd.start_campaign("find")
        spans = shop_trace(1)["resourceSpans"][0]["scopeSpans"][0]["spans"]
        spans[0]["attributes"] += otlp.attributes({"is.read": 1, "is.not": 1})
        self.assertd.send(otlp.request(spans))
        answer = self.assertd.call("GET", self.path(1, select="span[is.not = 1]"))
        self.assertEqual(409, answer.status)
        found = self.find(1, select="span[is.read = 1]")
        self.assertEqual((1, 1), (found["matched"], found["spans"][0]["attributes"]["is.read"]))
        self.assertNotIn("is.not", found["spans"][0]["attributes"])

    # --- answers ---

    def test_what_is_there_is_answered_at_once_in_order_and_typed(self):
        spans = shop_trace(1, stored=2)["resourceSpans"][0]["scopeSpans"][0]["spans"]
        spans[0]["events"] = [{"name": "queued", "timeUnixNano": "5", "attributes": otlp.attributes({"depth": 3})}]
        spans[0]["links"] = [{"traceId": otlp.trace_id(9), "spanId": otlp.span_id(9)}]
        spans[0]["attributes"] += otlp.attributes({"d": 2.0, "t": "x", "b": True, "l": [1, 2.5], "m": {"k": "v"}})
        self.assertd.send(otlp.request(list(reversed(spans)), zone="a"))
        found = self.find(1, select="span[]", expect=3)
        self.assertEqual((otlp.trace_id(1), "open", True, 3, 3, 0), tuple(
            found[name] for name in ("trace_id", "state", "complete", "expected", "matched", "omitted")))
        self.assertEqual([otlp.span_id(number) for number in (1, 2, 3)], [span["span_id"] for span in found["spans"]])
        first, second = found["spans"][:2]
        self.assertEqual({"http.response.status_code": 200, "d": 2.0, "t": "x", "b": True, "l": [1, 2.5], "m": {"k": "v"}},
                         first["attributes"])
        self.assertIs(float, type(first["attributes"]["d"]))
        self.assertEqual([{"name": "queued", "time_unix_nano": "5", "attributes": {"depth": 3}}], first["events"])
        self.assertEqual(otlp.trace_id(9), first["links"][0]["trace_id"])
        self.assertEqual({"attributes": {"service.name": "shop", "zone": "a"}}, first["resource"])
        self.assertEqual("test", first["scope"]["name"])
        self.assertEqual((None, "POST /orders", "shop", "server", "unset", str(otlp.EPOCH_NS)), tuple(
            first[name] for name in ("parent_span_id", "name", "service", "kind", "status", "start_time_unix_nano")))
        self.assertEqual((otlp.span_id(1), "client"), (second["parent_span_id"], second["kind"]))

    def test_a_trace_that_has_not_begun_is_waited_for(self):
        result = self.background(2, select="span[name='store']", expect=2)
        self.assertd.send(shop_trace(2, stored=1))
        self.assertd.send(otlp.request([otlp.span(2, 9, "store", parent=1)]), "grpc")
        answer = result()
        self.assertEqual(200, answer.status)
        found = json.loads(answer.body)
        self.assertEqual((True, 2), (found["complete"], found["matched"]))

    def test_any_selector_of_the_language_will_do(self):
        self.assertd.send(shop_trace(3, stored=2))
        for selector, matched in (("span[kind=server] > span[name='store']", 2),
                                  ("span[name='store']:last, span[status = error]", 1),
                                  ("span[attr:`db.operation.name` =~ '^INS']", 2),
                                  ("span[not (service = 'shop')]", 0)):
            with self.subTest(selector=selector):
                self.assertEqual(matched, self.find(3, select=selector, expect=matched, timeout="5s")["matched"])
        path = f"/api/traces/{otlp.trace_id(3)}/spans?timeout=5s&expect=1&select=" + quote("span[name='POST /orders']")
        self.assertEqual(1, json.loads(self.assertd.call("GET", path).body)["matched"])

    def test_the_timeout_answers_with_what_there_is(self):
        self.assertd.send(shop_trace(4, stored=1))
        found = self.find(4, select="span[name='store']", expect=5, timeout="50ms")
        self.assertEqual((False, 5, 1, 1), (found["complete"], found["expected"], found["matched"], len(found["spans"])))
        self.assertEqual(404, self.assertd.call("GET", self.path(5, timeout="50ms")).status)
        self.assertEqual(404, self.assertd.call("GET", self.path(5, timeout="0s")).status)
        self.assertEqual(200, self.assertd.call("GET", self.path(4, timeout="0s", expect=9)).status)

    def test_the_end_of_the_trace_answers(self):
        kept, gone = self.background(6, expect=50, timeout="600s"), self.background(7, expect=50, timeout="600s")
        self.assertd.send(shop_trace(6, stored=2))  # fails: its evidence is kept
        self.assertd.send(shop_trace(7))
        wait_until(lambda: self.assertd.call("GET", self.path(7, timeout="0s")).status == 200, harness.DEADLINE, "trace 7")
        self.campaign.finish()
        for result, matched in ((kept, 3), (gone, 2)):
            found = json.loads(result().body)
            self.assertEqual((False, "final", matched), (found["complete"], found["state"], found["matched"]))
        self.assertEqual(3, self.find(6, expect=3)["matched"])
        self.assertEqual(404, self.assertd.call("GET", self.path(7)).status)

    def test_a_trace_that_passed_is_found_later_where_it_is_kept(self):
        self.assertd = self.daemon(config(suites=[SHOP_SUITE], evidence={"passed": "60s"},
                                          completion={"quiet": "3s", "deadline": "20s"}))
        campaign = self.assertd.start_campaign("find")
        self.assertd.send(shop_trace(7))
        wait_until(lambda: self.assertd.call("GET", self.path(7, timeout="0s")).status == 200, harness.DEADLINE, "trace 7")
        campaign.finish()
        found = self.find(7, select="span[name = 'store']", expect=1)
        self.assertEqual((True, "final", 1), (found["complete"], found["state"], found["matched"]))
        self.assertEqual((False, "final", 2), tuple(self.find(7, expect=3)[name] for name in ("complete", "state", "matched")))
        trace = self.assertd.call("GET", f"/api/traces/{otlp.trace_id(7)}")
        self.assertEqual(["pass"], [verdict["result"] for verdict in json.loads(trace.body)["verdicts"]])

    # --- hostile ---

    def test_a_bad_request_is_refused_with_what_is_wrong(self):
        for query, byte in (({"select": "span["}, 5), ({"select": "span[kind = sever]"}, 13), ({"select": ""}, 1)):
            answer = self.assertd.call("GET", self.path(1, **query))
            self.assertEqual((400, byte), (answer.status, json.loads(answer.body).get("byte")), answer)
        for query in ("select=%", "select=%zz", "select=%ff", "select=span%5B%00%5D", "expect=x", "expect=-1", "expect=1e3",
                      "expect=1000001", "expect=99999999999999999999999", "timeout=5", "timeout=-1s", "timeout=601s", "timeout="):
            with self.subTest(query=query):
                answer = self.assertd.call("GET", f"/api/traces/{otlp.trace_id(1)}/spans?{query}")
                self.assertEqual(400, answer.status, answer)
        self.assertEqual(404, self.assertd.call("GET", self.path("xyz")).status)
        self.assertEqual(404, self.assertd.call("GET", self.path("0" * 32)).status)
        self.assertEqual(405, self.assertd.call("POST", self.path(1), b"").status)
        self.assertIn(self.assertd.call("GET", self.path(1, select="span[name='" + "x" * 7000 + "']", timeout="0s")).status, (404, 414))
        self.assertEqual(414, self.assertd.call("GET", self.path(1, select="x" * 40000)).status)

    def test_only_so_many_wait_and_who_leaves_makes_room(self):
        refused = self.assertd.metric("assertd_refused_total", cause="admin") or 0
        peers = [self.begin(100 + number, timeout="600s") for number in range(256)]
        wait_until(lambda: self.assertd.call("GET", self.path(1, timeout="0s")).status == 503, harness.DEADLINE, "no place", 0.05)
        answer = self.assertd.call("GET", self.path(1, timeout="0s"))
        self.assertEqual((503, "1"), (answer.status, answer.headers["retry-after"]))
        self.assertGreater(self.assertd.metric("assertd_refused_total", cause="admin"), refused)
        for peer in peers[:8]:
            peer.close()
        wait_until(lambda: self.assertd.call("GET", self.path(1, timeout="0s")).status == 404, harness.DEADLINE, "room again", 0.05)
        self.assertd.send(shop_trace(255, stored=0))
        status, found = self.read(peers[155])
        self.assertEqual((200, 1), (status, found["matched"]))

    def test_a_peer_that_ends_its_side_is_answered(self):
        self.assertd.send(shop_trace(8, stored=0))
        peer = self.begin(8, expect=9, timeout="600s")
        peer.shutdown(socket.SHUT_WR)
        status, found = self.read(peer)
        self.assertEqual((200, False, 1), (status, found["complete"], found["matched"]))

    def test_a_large_answer_says_what_was_left_out_even_to_a_slow_reader(self):
        spans = [otlp.span(9, number, "x", attrs={"text": "x" * 50000}) for number in range(1, 61)]
        self.assertd.send(otlp.request(spans))
        peer = self.begin(9, expect=60, timeout="10s")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        self.assertEqual(200, self.assertd.call("GET", "/livez").status)
        _, found = self.read(peer)
        self.assertEqual(60, found["matched"])
        self.assertEqual(60, len(found["spans"]) + found["omitted"])
        self.assertGreater(found["omitted"], 0)
        self.assertEqual([otlp.span_id(number) for number in range(1, 1 + len(found["spans"]))],
                         [span["span_id"] for span in found["spans"]])

    def test_what_waiting_takes_is_given_back(self):
        held = lambda: self.assertd.metric("assertd_memory_held_bytes", owner="admin")
        before = held()
        for number in range(20):
            self.find(self.sent(300 + number), select="span[] > span[]", expect=1)
        wait_until(lambda: held() <= before + 65536, harness.DEADLINE, f"memory back to {before}", 0.05)

    def sent(self, trace):
        self.assertd.send(shop_trace(trace))
        return trace

    # --- the end ---

    def test_a_stop_answers_all(self):
        self.assertd.send(shop_trace(10, stored=0))
        peers = [self.begin(10, expect=9, timeout="600s"), self.begin(11, timeout="600s")]
        wait_until(lambda: self.assertd.call("GET", self.path(10, timeout="0s")).status == 200, harness.DEADLINE, "the trace")
        self.assertd.process.signal(signal.SIGTERM)
        status, found = self.read(peers[0])
        self.assertEqual((200, False, 1), (status, found["complete"], found["matched"]))
        self.assertEqual(404, self.read(peers[1])[0])
        self.assertTrue(self.assertd.process.is_running())  # the open trace is still waited for
        answer = self.assertd.call("GET", self.path(10, expect=9, timeout="600s"))
        self.assertEqual((200, False), (answer.status, json.loads(answer.body)["complete"]))


if __name__ == "__main__":
    harness.main()
