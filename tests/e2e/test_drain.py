"""The end under load: whatever was answered with success is judged, and nobody is answered wrongly meanwhile."""
import re
import signal
import threading

import grpc

from tests.e2e import harness, otlp
from tests.e2e.harness import SHOP_SUITE, config, shop_trace
from tests.peers.process import wait_until

SPANS = 2  # of a shop_trace
ENOUGH = 400  # spans, before the end begins


class Sender(threading.Thread):
    """Sends one trace after the other until it is refused, and knows how that was said."""

    def __init__(self, number, send):
        super().__init__()
        self._number, self._send = number, send
        self.accepted, self.end = 0, None

    def run(self):
        number = self._number
        while self.end is None:
            self.end = self._send(shop_trace(number))
            self.accepted += SPANS if self.end is None else 0
            number += 100


def over_grpc(address):
    """What a call came to: None, or the code."""
    client = otlp.GrpcClient(address)
    call = client.method()

    def send(message):
        try:
            call(otlp.as_protobuf(message), timeout=harness.DEADLINE)
        except grpc.RpcError as error:
            return error.code().name
        return None
    return client, send


def over_http(address, encoding):
    def send(message):
        try:
            status = otlp.send_http(address, message, encoding).status
        except OSError:
            return "closed"  # a new connection finds nobody listening
        return None if status == 200 else status
    return send


class DrainTest(harness.TestCase):
    def drain_under_load(self, workers, hurry):
        daemon = self.daemon(config(suites=[SHOP_SUITE], service={"workers": workers}))
        daemon.start_campaign("load")
        clients = [over_grpc(daemon.grpc) for _ in range(2)]
        for client, _ in clients:
            self.addCleanup(client.close)
        sends = [send for _, send in clients] + [over_http(daemon.http, encoding)
                                                 for encoding in ("protobuf", "json")]
        senders = [Sender(number, send) for number, send in enumerate(sends)]
        for sender in senders:
            sender.start()
        try:
            wait_until(lambda: sum(sender.accepted for sender in senders) >= ENOUGH, harness.DEADLINE, "a load", 0.05)
        finally:
            start = len(daemon.process.lines())
            daemon.process.signal(signal.SIGHUP)
            daemon.process.signal(signal.SIGTERM)
            if hurry:
                daemon.process.wait_for_line("draining", harness.DEADLINE, start)
                daemon.process.signal(signal.SIGTERM)
            code = daemon.process.wait(harness.DEADLINE)
            for sender in senders:
                sender.join()
        self.assertEqual(0, code, daemon.log())
        self.assertLessEqual({sender.end for sender in senders}, {"UNAVAILABLE", "closed", 503})
        balance = re.search(r"balance campaign=load .*balanced=yes .*\bspans=(\d+) judged_spans=(\d+)", daemon.log())
        self.assertIsNotNone(balance, daemon.log())
        came, judged = map(int, balance.groups())
        accepted = sum(sender.accepted for sender in senders)
        # The answer to a last request may be lost with its connection.
        self.assertIn(came, range(accepted, accepted + SPANS * len(senders) + 1))
        if not hurry:
            self.assertEqual(came, judged)

    def test_what_was_accepted_is_judged_when_the_end_comes_under_load(self):
        for workers in (1, 2):
            with self.subTest(workers=workers):
                self.drain_under_load(workers, hurry=False)

    def test_what_was_accepted_is_accounted_for_when_it_is_hurried(self):
        self.drain_under_load(2, hurry=True)


if __name__ == "__main__":
    harness.main()
