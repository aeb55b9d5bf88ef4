"""The running daemon against the plain evaluator: many small batches of traces and suites, each with arrivals of its own."""

import os
import unittest
from concurrent.futures import ThreadPoolExecutor

from tests.e2e import harness
from tests.oracle import breaches, live

#: 120 pairs each.
SEEDS = range(26)


@unittest.skipUnless(os.environ.get("ASSERTD_BINARY"), "ASSERTD_BINARY names no program")
class Agreement(unittest.TestCase):
    """Over OTLP, in random requests, with copies, half of the runs with spans that revise."""

    def test_what_is_final_is_what_the_evaluator_says_of_all_spans(self):
        """Ten daemons at once: mostly they wait."""
        with ThreadPoolExecutor(10) as pool:
            runs = list(pool.map(lambda seed: live.compare(seed, 12, 10), SEEDS))
        for seed, (_, _, found) in zip(SEEDS, runs):
            with self.subTest(seed=seed):
                self.assertEqual([], list(map(str, found[:5])))
        self.assertGreater(sum(revised for _, revised, _ in runs), 100)

    def test_a_great_batch(self):
        """1,000 pairs in one daemon."""
        _, revised, found = live.compare(2)
        self.assertEqual([], list(map(str, found[:5])))
        self.assertGreater(revised, 0)

    def test_breaches_are_there_where_a_beginning_of_the_traces_fails(self):
        """Two daemons, 12 traces one after another, 31 thresholds."""
        with ThreadPoolExecutor(2) as pool:
            for rows, decided, found in pool.map(breaches.compare, (1, 2)):
                self.assertEqual([], found[:5])
                self.assertGreater(rows, 10)
                self.assertGreater(decided, 0)

    def test_a_campaign_is_aborted_where_the_first_beginning_fails(self):
        """Three daemons, one threshold each."""
        with ThreadPoolExecutor(3) as pool:
            for first, found in pool.map(breaches.compare_abort, (1, 2, 3)):
                self.assertEqual([], found)
                self.assertGreater(first, 1)


if __name__ == "__main__":
    harness.main()
