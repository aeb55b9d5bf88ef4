"""Every case of cases/*.json: by the plain evaluator, and by assertd where ASSERTD_BINARY names it."""

import os
import unittest

from tests.oracle import checks


class Cases(unittest.TestCase):
    """The golden cases."""

    def _all(self, judge):
        number = 0
        for name, one in checks.load():
            with self.subTest(file=name, case=one["name"]):
                self.assertEqual([], checks.problems(one, *judge(one)))
            number += 1
        self.assertGreater(number, 500)

    def test_the_plain_evaluator_gives_the_expected_answers(self):
        """Worked out by hand, held against the evaluator."""
        self._all(checks.by_oracle)

    @unittest.skipUnless(os.environ.get("ASSERTD_BINARY"), "ASSERTD_BINARY names no program")
    def test_assertd_gives_the_expected_answers(self):
        """The same against the program."""
        binary = os.environ["ASSERTD_BINARY"]
        self._all(lambda one: checks.by_binary(binary, one))


if __name__ == "__main__":
    unittest.main()
