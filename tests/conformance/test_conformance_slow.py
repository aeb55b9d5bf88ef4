"""The cases of the conformance suite that wait for the daemon's own time-outs, side by side."""
from tests.conformance import run
from tests.conformance.client import Client
from tests.conformance.test_conformance import failures
from tests.e2e import harness
from tests.e2e.harness import config


class Slow(harness.TestCase):
    def test_slow_peers_are_sent_away(self):
        daemon = self.daemon(config())
        results = run.run(run.chosen("^slow/"), Client(daemon.grpc, daemon.http, slow=60))
        self.assertEqual("", failures(results))


if __name__ == "__main__":
    harness.main()
