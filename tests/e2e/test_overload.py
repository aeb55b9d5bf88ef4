"""The overload drill: memory stays within its limit, everybody hears the truth, what was accepted is judged.

Measured is RssAnon of the daemon less what it was before the load: code, libraries and the compiled
suites are not in limits.memory. Instrumented builds hold memory of their own; there only the account
is looked at. OVERLOAD_SECONDS makes it longer.
"""
import os
import time
import unittest

from tests.e2e import harness, overload
from tests.e2e.harness import config

LIMIT = 64 * 2**20
RETRYABLE = {"http 503", "grpc 14"}
SUITE = {"name": "steps", "assertions": [
    {"name": "quick", "select": "span[name='step 1']", "assert": ["count >= 1", "duration < 50ms"]},
    {"name": "found", "select": "span[kind=server]", "assert": "http.response.status_code = 200"}]}


class OverloadTest(harness.TestCase):
    seconds = float(os.environ.get("OVERLOAD_SECONDS", "4"))
    least_factor = 1
    #: So long that the account fills on a slow machine, too.
    completion = {"quiet": "3s", "deadline": "6s", "grace": "500ms"}

    def test_ten_times_the_load_is_refused_within_the_limit_and_what_is_accepted_is_judged(self):
        daemon = self.daemon(config(
            suites=[SUITE], limits={"memory": "64MiB"}, campaign={"correlation": "off"},
            completion=self.completion))
        campaign = daemon.start_campaign("drill")
        drill = overload.Overload(daemon)
        drill.run(self.seconds)
        again = self.seconds_until_accepted(drill)
        held = self.greatest_held(daemon)
        report = campaign.finish()
        print(drill.account())
        print(f"accepted again after {again:.2f} s")
        spans = report["ledger"]["spans"]
        print(f"ledger: {spans}")
        self.assertEqual([], drill.failures)
        self.assertEqual(drill.offered, drill.accepted + sum(drill.answers[code] for code in RETRYABLE),
                         f"other codes: {drill.answers}")
        self.assertGreater(drill.offered, self.least_factor * drill.accepted, drill.account())
        for code in RETRYABLE & set(drill.answers):
            self.assertEqual(drill.answers[code], len(drill.hints[code]), f"{code} without a hint")
            self.assertTrue(all(0.1 <= hint <= 31 for hint in drill.hints[code]), code)
        self.assertEqual(drill.accepted * overload.SPANS_PER_REQUEST, spans["received"])
        self.assertEqual(spans["received"], spans["judged"], f"not judged: {spans}")
        self.assert_balanced(report)
        self.assertLessEqual(held, LIMIT)
        if not overload.is_instrumented():
            self.assertLessEqual(drill.greatest_bytes, LIMIT * 1.05)

    def seconds_until_accepted(self, drill):
        """How long after the load it takes a request in again; each is sent as its refusal says."""
        begin = time.monotonic()
        harness.wait_until(lambda: drill.send_one().code == "http 200", 30, "room again", 0.2)
        return time.monotonic() - begin

    def greatest_held(self, daemon):
        return daemon.metric("assertd_memory_held_bytes")


if __name__ == "__main__":
    unittest.main()
