"""The program against the plain evaluator on random runs; ASSERTD_ORACLE_SEEDS says how many (1,000 pairs each)."""

import os
import unittest

from tests.oracle import compare, generate, generate_focus, refusals
from tests.oracle.constructs import CONSTRUCTS


@unittest.skipUnless(os.environ.get("ASSERTD_BINARY"), "ASSERTD_BINARY names no program")
class Agreement(unittest.TestCase):
    """Field by field."""

    binary = os.environ.get("ASSERTD_BINARY")
    seeds = int(os.environ.get("ASSERTD_ORACLE_SEEDS", "20"))

    def _agree(self, name, batch):
        with self.subTest(name):
            found, _ = compare.compare(self.binary, batch)
            self.assertEqual([], list(map(str, found[:5])))

    def test_on_pairs_of_odd_traces_and_suites(self):
        """40 traces and 25 suites each."""
        for seed in range(self.seeds):
            self._agree(f"seed {seed}", generate.batch(seed))

    def test_on_small_runs_of_every_status(self):
        """Statuses, findings, ledgers."""
        for seed in range(10 * self.seeds):
            self._agree(f"calm seed {seed}", generate.calm_batch(seed))

    def test_on_the_same_traces_in_the_formats_of_others(self):
        """Jaeger's and Zipkin's JSON; a fifth as many pairs each."""
        for form in ("jaeger", "zipkin"):
            for seed in range(max(1, self.seeds // 5)):
                self._agree(f"{form} seed {seed}", generate.in_form(form, seed))

    def test_on_runs_about_one_construct(self):
        """A twentieth as many of each."""
        generate_focus.set_environment()
        for construct in CONSTRUCTS:
            for seed in range(max(1, self.seeds // 20)):
                batch = generate_focus.focused(construct, seed)
                self._agree(f"{construct} seed {seed}", batch)

    def test_on_expressions_whose_types_may_not_fit(self):
        """400 expressions each: both refuse the same ones."""
        for seed in range(max(1, self.seeds // 4)):
            _, found = refusals.compare(self.binary, seed)
            self.assertEqual([], found[:5])

    def test_the_order_of_arrival_changes_no_byte(self):
        """Shuffled, split over files of both formats, with duplicates."""
        for seed in range(15):
            self.assertIsNone(compare.shuffled(self.binary, seed))


if __name__ == "__main__":
    unittest.main()
