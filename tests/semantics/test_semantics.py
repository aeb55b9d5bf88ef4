"""Holds the program against the tables of this folder."""

import unittest

from tests.semantics import campaign, clauses, conditions, evidence, files, refusals, rules, selections, spans, values


class Semantics(unittest.TestCase):

    def hold(self, cases):
        for case in cases:
            with self.subTest(case=case.title):
                self.assertEqual([], list(case.differences()))

    def test_spans(self):
        self.hold(spans.CASES)

    def test_formats_of_files(self):
        self.hold(files.CASES)
        self.assertEqual([], list(files.unreadable()))

    def test_values(self):
        self.hold(values.CASES)

    def test_what_is_refused_at_load(self):
        self.assertEqual([], list(refusals.differences()))

    def test_selectors(self):
        self.hold(selections.CASES)

    def test_conditions(self):
        self.hold(conditions.CASES)

    def test_short_evidence(self):
        self.hold(evidence.CASES)

    def test_campaigns(self):
        self.hold(campaign.CASES)

    def test_clauses_of_the_language(self):
        self.hold(clauses.CASES)

    def test_rules_and_truth(self):
        self.hold(rules.CASES)


if __name__ == "__main__":
    unittest.main()
