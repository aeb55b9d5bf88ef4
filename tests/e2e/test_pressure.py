"""The admin port under pressure: many answers pending at the end, campaigns without end, large bodies."""
import json
import signal
import socket
import unittest

from tests.e2e import harness
from tests.e2e.harness import SHOP_SUITE, config, shop_trace
from tests.peers.process import wait_until

CONNECTIONS, PIPELINED = 100, 50


class PressureTest(harness.TestCase):
    def test_reports_that_wait_when_the_daemon_ends_are_answered_or_cut_off_without_harm(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE]))
        daemon.start_campaign("pending")
        daemon.send(shop_trace(1))
        request = b"GET /api/campaigns/pending/report HTTP/1.1\r\nHost: x\r\n\r\n" * PIPELINED
        host, port = daemon.admin.rsplit(":", 1)
        connections = [socket.create_connection((host, int(port)), 30) for _ in range(CONNECTIONS)]
        for connection in connections:
            self.addCleanup(connection.close)
            connection.sendall(request)
        start = len(daemon.process.lines())
        daemon.process.signal(signal.SIGTERM)
        daemon.process.wait_for_line("draining", harness.DEADLINE, start)
        daemon.process.signal(signal.SIGTERM)
        self.assertEqual(0, daemon.process.wait(harness.DEADLINE), daemon.log())

    def test_reports_asked_for_at_once_are_all_answered(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE]))
        daemon.start_campaign("asked")
        request = b"GET /api/campaigns/asked/report HTTP/1.1\r\nHost: x\r\n\r\n" * PIPELINED
        host, port = daemon.admin.rsplit(":", 1)
        connections = [socket.create_connection((host, int(port)), 30) for _ in range(20)]
        for connection in connections:
            self.addCleanup(connection.close)
            connection.sendall(request)
        for connection in connections:
            answers = b""
            while answers.count(b"HTTP/1.1 200") < PIPELINED or not answers.rstrip().endswith(b"}"):
                piece = connection.recv(65536)
                self.assertTrue(piece, answers[-200:])
                answers += piece
            self.assertEqual(PIPELINED, answers.count(b"HTTP/1.1 200"))

    def test_one_can_ask_what_fills_the_memory(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE], limits={"memory": "5MiB"}))
        host, port = daemon.http.rsplit(":", 1)
        announced = b"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n"
        for number in range(500):
            connection = socket.create_connection((host, int(port)), 30)
            self.addCleanup(connection.close)
            if number < 6:
                connection.sendall(announced)  # room for its body is taken
        wait_until(lambda: daemon.metric("assertd_refused_total", cause="connection"), harness.DEADLINE, "a full account")
        self.assertLessEqual(daemon.metric("assertd_memory_bytes"), 5 << 20)
        for path in ("/readyz", "/metrics", "/api/campaigns"):
            self.assertEqual(200, daemon.call("GET", path).status, path)
        answer = daemon.call("POST", "/api/campaigns", b'{"key": "meanwhile"}')  # its body finds no room
        self.assertEqual(503, answer.status)
        self.assertIn(int(answer.headers["retry-after"]), range(1, 31))
        self.assertEqual("no memory for the body", json.loads(answer.body)["error"])

    def test_the_limit_is_told_at_the_start_and_too_small_a_one_is_refused(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE], limits={"memory": "0"}))
        line = daemon.process.wait_for_line(r" memory\b.* limit_bytes=(\d+) origin=(cgroup|machine)", harness.DEADLINE)
        self.assertEqual(int(line.group(1)), daemon.metric("assertd_memory_limit_bytes"))
        done = harness.run_command("validate", "--config", self.write(
            "small.conf", config(suites=[SHOP_SUITE], limits={"memory": "1MiB"})))
        self.assert_exit(harness.EXIT_CONFIG, done)
        self.assertIn("limits.memory", done.out + done.err)

    def test_campaigns_beyond_the_limit_are_told_so(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE], limits={"max_campaigns": 2}))
        first = daemon.start_campaign("first")
        daemon.start_campaign("second")
        start = json.dumps({"key": "third"}).encode()
        answer = daemon.call("POST", "/api/campaigns", start)
        self.assertEqual(429, answer.status, answer)
        self.assertIn(b"limits.max_campaigns", answer.body)
        first.finish()
        self.assertEqual(201, daemon.call("POST", "/api/campaigns", start).status)
        self.assertEqual(1, daemon.metric("assertd_refused_total", cause="campaign"))

    def test_bodies_of_the_admin_port_are_in_the_account_and_bounded_by_the_limit(self):
        daemon = self.daemon(config(suites=[SHOP_SUITE], limits={"memory": "16MiB"}))
        daemon.start_campaign("big")
        host, port = daemon.admin.rsplit(":", 1)
        head = (b"POST /api/campaigns/big/injections HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
                b"Content-Length: %d\r\n\r\n")
        with socket.create_connection((host, int(port)), 30) as connection:
            connection.sendall(head % (5 << 20))
            self.assertIn(b" 413 ", connection.recv(4096))
        waiting = []
        for _ in range(8):
            connection = socket.create_connection((host, int(port)), 30)
            self.addCleanup(connection.close)
            connection.sendall(head % (3 << 20) + b"x")
            waiting.append(connection)
        harness.wait_until(
            lambda: daemon.metric("assertd_memory_held_bytes", owner="admin") >= 9 << 20, 30, "bodies in the account")
        waiting[-1].settimeout(30)
        self.assertIn(b" 503 ", waiting[-1].recv(4096))
        self.assertLess(daemon.metric("assertd_memory_held_bytes"), 16 << 20)


if __name__ == "__main__":
    unittest.main()
